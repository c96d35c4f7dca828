//! Writing a request, for whoever asks for records.

use super::asked::{read_request, request_text};
use super::show::modules;
use super::terms::obligations_of;
use crate::clock::{now, random};
use crate::settings::profile;
use crate::{Error, Result, Wallet};
use carnet_bridge::{RequestDraft, RequestField, RequestProblem, WrittenRequest};
use carnet_consent::grant::{
    Category, Content, FhirDate, GrantKey, LeftOut, Member, Modes, Name, Purpose, RecipientClass, Scope, Set,
};
use carnet_consent::request::Request;
use carnet_records::datetime_is_readable;
use smart_health::QrCode;

impl Wallet {
    /// Writes a request for somebody's records, signed with the key of the person in this wallet. The key is derived from
    /// the recovery words, so that requests of a wallet that was restored are signed by the same one; it signs nothing
    /// else, and no grant has anything in common with it.
    ///
    /// # Errors
    /// Those of [`write_request`]; [`Error::Locked`]; those of the vault.
    pub async fn write_request(&self, draft: &RequestDraft) -> Result<WrittenRequest> {
        let vault = self.inner.vault().await?;
        let key = vault.keys().derive_profile(profile(&vault).await?.id)?;
        let text = write_request(draft, Some(*key))?;
        Ok(WrittenRequest { qr: modules(&QrCode::encode(&text)?), asked: read_request(&text)?, text })
    }
}

/// A request as text, signed with a key (32 bytes, the seed of an Ed25519 key) or not. Needs no vault.
///
/// # Errors
/// [`Error::Asking`] for a field that is not as it must be, [`Error::NoSuchCategory`], [`Error::NoSuch`] for a purpose that
/// is not one.
pub fn write_request(draft: &RequestDraft, key: Option<[u8; 32]>) -> Result<String> {
    if let Some((field, problem)) = draft.problems().first() {
        return Err(Error::Asking { field: *field, problem: *problem });
    }
    let wrong = |field, problem| Error::Asking { field, problem };
    let category = |name: &String| Category::from_word(name).ok_or(Error::NoSuchCategory);
    let categories = draft.categories.as_ref().map(|names| names.iter().map(category).collect::<Result<Set<_>>>());
    let date = |date: &Option<String>, field| match date {
        Some(date) if !datetime_is_readable(date) => Err(wrong(field, RequestProblem::NoDate)),
        Some(date) => FhirDate::new(date).map(Some).map_err(|_| wrong(field, RequestProblem::NoDate)),
        None => Ok(None),
    };
    let request = Request {
        by: Name::new(draft.by.trim()).map_err(|_| wrong(RequestField::By, RequestProblem::NotText))?,
        class: if draft.organization { RecipientClass::Organization } else { RecipientClass::Person },
        purpose: Purpose::from_word(&draft.purpose.to_ascii_uppercase()).ok_or(Error::NoSuch("purpose"))?,
        what: Scope {
            categories: categories.transpose()?,
            since: date(&draft.since, RequestField::Since)?,
            until: date(&draft.until, RequestField::Until)?,
            left_out: LeftOut::NotStated,
            content: if draft.live { Content::Live } else { Content::Snapshot },
            // What is sensitive is the patient's to offer.
            ..Scope::all_but_sensitive()
        },
        how: Modes { access: Set::all(), formats: Set::all() },
        seconds: u32::try_from(draft.seconds).map_err(|_| wrong(RequestField::Seconds, RequestProblem::OutOfRange))?,
        max_openings: draft.max_openings,
        obligations: obligations_of(&draft.obligations),
        asked_at: now(),
        nonce: random()?,
    };
    Ok(request_text(&request.write(key.map(GrantKey::from_seed).as_ref())?))
}

/// A new key for signing requests.
///
/// # Errors
/// [`Error::Internal`] if the system gives no random numbers.
pub fn new_request_key() -> Result<[u8; 32]> {
    random()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::differences;
    use crate::share::terms::SECONDS;
    use carnet_bridge::{ASKED_SECONDS, NAME_MOST, ShareObligation};

    fn request() -> RequestDraft {
        RequestDraft {
            categories: Some(vec!["allergy".to_owned(), "medicine".to_owned()]),
            since: Some("2020".to_owned()),
            max_openings: Some(3),
            obligations: vec![ShareObligation::DeleteAfterUse],
            ..RequestDraft::new("Dr Example, Harbour Clinic")
        }
    }

    #[test]
    fn what_was_asked_is_read_and_a_draft_gives_it() {
        for key in [None, Some([7; 32])] {
            let text = write_request(&request(), key).unwrap();
            // As a mail program may break it.
            let broken: String =
                text.as_bytes().chunks(60).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect();
            let asked = read_request(&broken).unwrap();
            assert_eq!(
                (asked.by.as_str(), asked.signed, asked.seconds),
                ("Dr Example, Harbour Clinic", key.is_some(), 86_400)
            );
            assert_eq!(asked.categories, request().categories);
            assert_eq!((asked.since.as_deref(), asked.until), (Some("2020"), None));
            let draft = &asked.draft;
            assert_eq!((draft.max_openings, &draft.obligations), (Some(3), &request().obligations));
            assert!(draft.choice.sensitive.is_empty());
            let changes = differences(draft).unwrap();
            use carnet_consent::request::Direction;
            assert!(changes.iter().all(|change| change.direction == Direction::Narrower), "{changes:?}");
        }
    }

    #[test]
    fn giving_more_is_told() {
        use carnet_bridge::ShareDraft;
        use carnet_consent::request::{Change, Direction, Part};
        let draft = read_request(&write_request(&request(), None).unwrap()).unwrap().draft;
        let longer = ShareDraft { seconds: 2 * 86_400, ..draft.clone() };
        assert!(differences(&longer).unwrap().contains(&Change { part: Part::Time, direction: Direction::Wider }));
        let mut more = draft;
        more.choice.categories = None;
        assert!(differences(&more).unwrap().contains(&Change { part: Part::Categories, direction: Direction::Wider }));
        // What follows the records is more than what was asked, and what does not is less.
        for (asked, given, direction) in [(false, true, Direction::Wider), (true, false, Direction::Narrower)] {
            let request = RequestDraft { live: asked, ..request() };
            let draft = read_request(&write_request(&request, None).unwrap()).unwrap().draft;
            let draft = ShareDraft { live: given, ..draft };
            assert!(differences(&draft).unwrap().contains(&Change { part: Part::Content, direction }), "{direction:?}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in ["", "shlink:/abc", "carnet-request:", "carnet-request:!!", &"A".repeat(100_000)] {
            assert!(matches!(read_request(text), Err(Error::Asked | Error::Consent(_))), "{text:.20}");
        }
        let mut altered = write_request(&request(), Some([7; 32])).unwrap();
        altered.replace_range(60..61, if &altered[60..61] == "A" { "B" } else { "A" });
        assert!(read_request(&altered).is_err());
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_its_field() {
        let refused = |draft: RequestDraft| write_request(&draft, None).unwrap_err();
        let purpose = refused(RequestDraft { purpose: "FUN".to_owned(), ..request() });
        assert!(matches!(purpose, Error::NoSuch("purpose")), "{purpose}");
        let category = refused(RequestDraft { categories: Some(vec!["dreams".to_owned()]), ..request() });
        assert!(matches!(category, Error::NoSuchCategory), "{category}");
        for (draft, field) in [
            (RequestDraft { by: " ".to_owned(), ..request() }, RequestField::By),
            (RequestDraft { categories: Some(vec![]), ..request() }, RequestField::Categories),
            (RequestDraft { since: Some("yesterday".to_owned()), ..request() }, RequestField::Since),
            (RequestDraft { until: Some("2019".to_owned()), ..request() }, RequestField::Until),
            (RequestDraft { seconds: 1, ..request() }, RequestField::Seconds),
            (RequestDraft { max_openings: Some(0), ..request() }, RequestField::Openings),
        ] {
            let error = refused(draft);
            assert!(matches!(error, Error::Asking { field: found, .. } if found == field), "{field:?}: {error}");
            assert!(error.to_string().contains("Nothing was made"), "{error}");
        }
    }

    #[test]
    fn both_sides_have_the_same_limits_and_the_longest_request_has_a_code() {
        assert_eq!((ASKED_SECONDS, NAME_MOST), (SECONDS, Name::MAX_CHARS));
        // Four bytes a character, and every field filled.
        let longest = RequestDraft {
            by: "𝄞".repeat(NAME_MOST),
            until: Some("2026-05-03".to_owned()),
            obligations: vec![ShareObligation::NoRedisclosure, ShareObligation::DeleteAfterUse],
            live: true,
            seconds: *SECONDS.end(),
            max_openings: Some(u32::MAX),
            ..request()
        };
        let text = write_request(&longest, Some([7; 32])).unwrap();
        assert!(QrCode::encode(&text).is_ok(), "{} bytes", text.len());
        assert_eq!(read_request(&text).unwrap().by, longest.by);
    }
}
