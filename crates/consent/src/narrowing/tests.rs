//! Tests of passing a grant on: it never gives more than it got.

use super::*;
use crate::grant::{Member, sign};
use crate::testkit::{self, NOW};
use proptest::prelude::*;

fn holder(n: u8) -> GrantKey {
    GrantKey::from_seed([n; 32])
}

/// The full test grant: its holder is key 9.
fn chain() -> Chain {
    Chain::new(sign(&testkit::full(), &testkit::key()).unwrap())
}

fn to(n: u8) -> Narrowing {
    Narrowing { holder: Some(holder(n).public()), ..Narrowing::default() }
}

#[test]
fn a_step_takes_away() {
    let step = Narrowing {
        recipient: Some(Name::new("Dr Next").unwrap()),
        expires: Some(NOW + 60),
        max_openings: Some(1),
        categories: Some([Category::Allergy, Category::Problem].into_iter().collect()),
        since: Some(FhirDate::new("2025-06").unwrap()),
        pinned: Some(vec![[8; 32], [1; 32]]),
        leaves_out: [Sensitivity::Genetic].into_iter().collect(),
        access: Some([Access::View].into_iter().collect()),
        obligations: [Obligation::DeleteAfterUse].into_iter().collect(),
        ..to(10)
    };
    let longer = chain().narrow(&step, &holder(9)).unwrap();
    let effective = longer.verify().unwrap();
    assert_eq!(effective.holder, Some(holder(10).public()));
    assert_eq!(effective.recipient, step.recipient);
    let terms = effective.terms;
    assert_eq!((terms.expires, terms.max_openings), (NOW + 60, Some(1)));
    assert_eq!(terms.categories.unwrap().iter().collect::<Vec<_>>(), [Category::Allergy]);
    assert_eq!(terms.since, step.since);
    assert_eq!(terms.pinned, [[8; 32]]);
    assert_eq!(terms.leaves_out.iter().count(), 2);
    assert!(!terms.access.contains(Access::Download));
    assert_eq!(terms.obligations, Set::all());
    assert_eq!(Chain::from_cbor(&longer.to_cbor().unwrap()).unwrap(), longer);
}

#[test]
fn a_step_cannot_give_more() {
    let step = Narrowing {
        not_before: Some(0),
        expires: Some(NOW + 10 * 86_400),
        max_openings: Some(1_000),
        categories: Some(Set::all()),
        since: Some(FhirDate::new("1990").unwrap()),
        until: Some(FhirDate::new("2030").unwrap()),
        pinned: Some(vec![[7; 32], [8; 32], [1; 32]]),
        access: Some(Set::all()),
        formats: Some(Set::all()),
        ..to(10)
    };
    let terms = chain().narrow(&step, &holder(9)).unwrap().verify().unwrap().terms;
    assert_eq!(terms, Terms::of(&testkit::full()));
}

#[test]
fn only_the_named_holder_passes_on() {
    assert_eq!(chain().narrow(&to(10), &holder(8)), Err(Error::BrokenChain));
    let two = chain().narrow(&to(10), &holder(9)).unwrap();
    assert_eq!(two.narrow(&to(11), &holder(9)), Err(Error::BrokenChain));
    let ended = two.narrow(&Narrowing::default(), &holder(10)).unwrap();
    assert_eq!(ended.verify().unwrap().holder, None);
    assert_eq!(ended.narrow(&to(11), &holder(10)), Err(Error::BrokenChain));
    // A grant without a holder cannot be passed on.
    let plain = Chain::new(sign(&testkit::grant(), &testkit::key()).unwrap());
    assert_eq!(plain.narrow(&to(10), &holder(9)), Err(Error::BrokenChain));
    // A step forged by somebody else for just this place.
    let mut forged = chain();
    let aad = Sha256::digest(forged.last());
    forged.steps.push(cose::sign(claims::to_bytes(&to(10)).unwrap(), &aad, &holder(8)).unwrap());
    assert_eq!(forged.verify(), Err(Error::BrokenChain));
}

#[test]
fn steps_cannot_be_moved_removed_or_taken_elsewhere() {
    let long = chain()
        .narrow(&Narrowing { expires: Some(NOW + 60), ..to(9) }, &holder(9))
        .and_then(|chain| chain.narrow(&Narrowing { max_openings: Some(1), ..to(9) }, &holder(9)))
        .unwrap();
    let mut swapped = long.clone();
    swapped.steps.swap(0, 1);
    assert_eq!(swapped.verify(), Err(Error::Signature));
    let mut shorter = long.clone();
    shorter.steps.remove(0);
    assert_eq!(shorter.verify(), Err(Error::Signature));
    let mut grant = testkit::full();
    grant.max_openings = None;
    let elsewhere = Chain { grant: sign(&grant, &testkit::key()).unwrap(), ..long.clone() };
    assert_eq!(elsewhere.verify(), Err(Error::Signature));
    // A step is no grant and a grant is no step.
    assert!(SignedGrant::verify(&long.steps[0]).is_err());
    let mut nested = long.clone();
    nested.steps[1] = long.grant.as_bytes().to_vec();
    assert!(nested.verify().is_err());
}

#[test]
fn limits() {
    let mut longest = chain();
    for _ in 0..MAX_STEPS {
        longest = longest.narrow(&to(9), &holder(9)).unwrap();
    }
    assert!(matches!(longest.narrow(&to(9), &holder(9)), Err(Error::TooLarge { .. })));
    let mut longer = longest.clone();
    longer.steps.push(longest.steps[0].clone());
    assert!(matches!(Chain::from_cbor(&longer.to_cbor().unwrap()), Err(Error::TooLarge { .. })));
    for empty in [
        Narrowing { categories: Some(Set::new()), ..to(9) },
        Narrowing { pinned: Some(vec![]), ..to(9) },
        Narrowing { max_openings: Some(0), ..to(9) },
        Narrowing { expires: Some(-1), ..to(9) },
    ] {
        assert!(chain().narrow(&empty, &holder(9)).is_err());
    }
}

#[test]
fn an_altered_step_is_refused() {
    let chain = chain().narrow(&Narrowing { expires: Some(NOW + 60), ..to(10) }, &holder(9)).unwrap();
    let bytes = chain.to_cbor().unwrap();
    for position in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[position] ^= 1;
        assert!(Chain::from_cbor(&altered).is_err(), "byte {position}");
    }
}

fn some_set<T: Member>() -> impl Strategy<Value = Set<T>> {
    (1_u32..1 << T::ALL.len()).prop_map(|bits| Set::from_bits(bits).unwrap())
}

fn some_date() -> impl Strategy<Value = FhirDate> {
    (1990_u16..2030, 1_u8..=12, 1_u8..=28, 0_u8..3).prop_map(|(year, month, day, precision)| {
        let text = [format!("{year}"), format!("{year}-{month:02}"), format!("{year}-{month:02}-{day:02}")];
        FhirDate::new(&text[usize::from(precision)]).unwrap()
    })
}

fn any_step() -> impl Strategy<Value = Narrowing> {
    use proptest::option::of;
    let code = (0_u8..4).prop_map(|n| Code { system: "http://loinc.org".into(), code: n.to_string() });
    (
        (of(0_i64..4_000_000_000), of(0_i64..4_000_000_000), of(1_u32..10)),
        (of(some_set::<Category>()), of(some_set::<Access>()), of(some_set::<Format>())),
        (of(some_date()), of(some_date()), proptest::collection::vec(code, 0..3)),
        (of(proptest::collection::vec((6_u8..10).prop_map(|n| [n; 32]), 1..3)), 0_u32..1 << 9, 0_u32..1 << 2),
    )
        .prop_map(|(limits, sets, dates, (pinned, leaves_out, obligations))| Narrowing {
            recipient: None,
            holder: Some(holder(9).public()),
            not_before: limits.0,
            expires: limits.1,
            max_openings: limits.2,
            categories: sets.0,
            access: sets.1,
            formats: sets.2,
            since: dates.0,
            until: dates.1,
            codes: dates.2,
            pinned,
            leaves_out: Set::from_bits(leaves_out).unwrap(),
            obligations: Set::from_bits(obligations).unwrap(),
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No chain allows more than any shorter one before it, and steps survive being written.
    #[test]
    fn a_chain_never_widens(steps in proptest::collection::vec(any_step(), 1..5)) {
        let mut chain = chain();
        let mut before = vec![chain.verify().unwrap().terms];
        for step in &steps {
            prop_assert_eq!(&claims::from_bytes(&claims::to_bytes(step).unwrap()).unwrap(), step);
            chain = chain.narrow(step, &holder(9)).unwrap();
            let terms = chain.verify().unwrap().terms;
            for earlier in &before {
                prop_assert!(terms.is_within(earlier), "{:?} is not within {:?}", terms, earlier);
            }
            before.push(terms);
        }
    }

    /// The order by which that is judged means what it says: if terms are within others, whatever record, moment and
    /// use the first allow, the second allow too.
    #[test]
    fn within_means_allows_no_more(
        one in any_step(), two in any_step(), at in 0_i64..4_000_000_000,
        category in proptest::sample::select(Category::ALL), date in some_date(), code in 0_u8..4, id in 6_u8..10,
        access in proptest::sample::select(Access::ALL), label in proptest::sample::select(Sensitivity::ALL),
    ) {
        let allows = |terms: &Terms| {
            let chosen = terms.categories.is_none_or(|set| set.contains(category))
                && terms.codes.as_ref().is_none_or(|codes| codes.iter().any(|c| c.code == code.to_string()))
                && terms.since.as_ref().is_none_or(|since| date.first_day() >= since.first_day())
                && terms.until.as_ref().is_none_or(|until| date.last_day() <= until.last_day())
                && !terms.leaves_out.contains(label);
            at >= terms.not_before && at < terms.expires && terms.access.contains(access)
                && (chosen || terms.pinned.contains(&[id; 32]))
        };
        let mut first = Terms::of(&testkit::full());
        first.narrow(&one);
        let mut second = Terms::of(&testkit::full());
        second.narrow(&two);
        if first.is_within(&second) && allows(&first) {
            prop_assert!(allows(&second));
        }
        let mut both = first.clone();
        both.narrow(&two);
        prop_assert!(both.is_within(&first) && both.is_within(&second));
        prop_assert!(!allows(&both) || (allows(&first) && allows(&second)));
    }

    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Chain::from_cbor(&bytes);
        let _ = claims::from_bytes(&bytes);
    }
}
