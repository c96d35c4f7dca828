//! Tests of asking and answering: nothing wider goes unseen.

use super::*;
use crate::grant::{Access, Category, Content, Format, Sensitivity};
use crate::testkit::{self, NOW};
use proptest::prelude::*;

fn request() -> Request {
    let draft = testkit::draft();
    Request {
        by: Name::new("Example Hospital").unwrap(),
        class: RecipientClass::Organization,
        purpose: draft.purpose,
        what: draft.what,
        how: draft.how,
        seconds: 86_400,
        max_openings: Some(3),
        obligations: draft.obligations,
        asked_at: NOW,
        nonce: [7; 16],
    }
}

#[test]
fn it_is_read_as_it_was_written_signed_or_not() {
    let key = GrantKey::from_seed([4; 32]);
    for signer in [None, Some(&key)] {
        let bytes = request().write(signer).unwrap();
        let received = Request::read(&bytes).unwrap();
        assert_eq!(received.request, request());
        assert_eq!(received.signed_by, signer.map(GrantKey::public));
        assert_eq!(received.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
    }
    let signed = request().write(Some(&key)).unwrap();
    for position in 0..signed.len() {
        let mut altered = signed.clone();
        altered[position] ^= 1;
        assert!(Request::read(&altered).is_err(), "byte {position}");
    }
    // A request is no grant and a grant is no request.
    assert!(crate::grant::SignedGrant::verify(&signed).is_err());
    let grant = crate::grant::sign(&testkit::grant(), &testkit::key()).unwrap();
    assert!(Request::read(grant.as_bytes()).is_err());
}

#[test]
fn what_was_asked_can_be_given_and_less() {
    assert_eq!(request().compare(&testkit::draft()), []);
    let mut less = testkit::draft();
    less.expires -= 60;
    less.max_openings = Some(1);
    less.what.categories = Some([Category::Allergy].into_iter().collect());
    less.how.access = [Access::View].into_iter().collect();
    less.obligations = Set::all();
    let narrower = |part| Change { part, direction: Direction::Narrower };
    let parts = [Part::Time, Part::Openings, Part::Categories, Part::Access, Part::Obligations];
    assert_eq!(request().compare(&less), parts.map(narrower));
    let given = request().answer([8; 32], less.clone(), false).unwrap();
    assert_eq!(given.request.as_ref().unwrap().sha256, [8; 32]);
    assert_eq!(GrantDraft { request: None, ..given }, less);
}

#[test]
fn more_is_told_and_refused_unless_it_was_seen() {
    type Edit = fn(&mut GrantDraft);
    let edits: [(Part, Edit); 8] = [
        (Part::Purpose, |draft| draft.purpose = Purpose::Research),
        (Part::Time, |draft| draft.expires += 1),
        (Part::Openings, |draft| draft.max_openings = None),
        (Part::Pinned, |draft| draft.what.pinned = vec![[1; 32]]),
        (Part::Sensitive, |draft| draft.what.leaves_out = [Sensitivity::Hiv].into_iter().collect()),
        (Part::Content, |draft| draft.what.content = Content::Live),
        (Part::Formats, |draft| draft.how.formats = [Format::Pdf].into_iter().collect()),
        (Part::Obligations, |draft| draft.obligations = Set::new()),
    ];
    for (part, edit) in edits {
        let mut draft = testkit::draft();
        edit(&mut draft);
        assert_eq!(request().compare(&draft), [Change { part, direction: Direction::Wider }]);
        assert_eq!(request().answer([8; 32], draft.clone(), false), Err(Error::Wider));
        assert!(request().answer([8; 32], draft, true).is_ok());
    }
}

#[test]
fn what_nobody_can_mean_is_not_asked() {
    for change in [
        (|request: &mut Request| request.seconds = 0) as fn(&mut Request),
        |request| request.seconds = MAX_SECONDS + 1,
        |request| request.max_openings = Some(0),
        |request| request.class = RecipientClass::Anyone,
        |request| request.how.access = Set::new(),
        |request| request.asked_at = -1,
    ] {
        let mut bad = request();
        change(&mut bad);
        assert!(matches!(bad.write(None), Err(Error::Invalid(_))));
        assert!(Request::read(&bad.to_bytes().unwrap()).is_err());
    }
}

proptest! {
    /// No part is called wider exactly if the whole is within what was asked.
    #[test]
    fn wider_means_not_within(
        seconds in 1_i64..200_000, openings in proptest::option::of(1_u32..6), categories in proptest::option::of(1_u32..1 << 16),
        leaves_out in 0_u32..1 << 10, access in 1_u32..4, obligations in 0_u32..4, live in any::<[bool; 2]>(),
    ) {
        let content = live.map(|live| if live { Content::Live } else { Content::Snapshot });
        let mut request = request();
        request.what.content = content[0];
        let mut draft = testkit::draft();
        draft.expires = draft.not_before + seconds;
        draft.max_openings = openings;
        draft.what.categories = categories.map(|bits| Set::from_bits(bits).unwrap());
        draft.what.leaves_out = Set::from_bits(leaves_out).unwrap();
        draft.how.access = Set::from_bits(access).unwrap();
        draft.obligations = Set::from_bits(obligations).unwrap();
        draft.what.content = content[1];
        let given = terms(&draft.what, draft.how, seconds).with(openings, draft.obligations);
        let changes = request.compare(&draft);
        let wider = changes.iter().any(|change| change.direction == Direction::Wider);
        prop_assert_eq!(!wider, given.is_within(&request.terms()));
        // What follows the records is more than what does not, whatever else is asked.
        let direction = match live {
            [false, true] => Some(Direction::Wider),
            [true, false] => Some(Direction::Narrower),
            _ => None,
        };
        let told = changes.iter().find(|change| change.part == Part::Content).map(|change| change.direction);
        prop_assert_eq!(told, direction);
    }

    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Request::read(&bytes);
    }
}
