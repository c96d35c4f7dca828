//! Tests of the selection: what is included, what is held back.

use proptest::prelude::*;

use super::*;

fn candidate<'a>(number: u8, category: Category, sort_key: i64) -> Candidate<'a> {
    Candidate { identity: [number; 32], category, code: None, status: None, sort_key, sensitivity: &[], own: true }
}

fn held(selected: &Selected) -> Vec<(usize, &HeldBackReason)> {
    selected.held_back.iter().map(|held| (held.position, &held.reason)).collect()
}

#[test]
fn sensitive_records_wait_for_all_their_ticks() {
    let labels = [Sensitivity::Hiv, Sensitivity::MentalHealth];
    let secret = Candidate { sensitivity: &labels, ..candidate(1, Category::Problem, 0) };
    let some = |include: &[Sensitivity]| {
        select(&[secret], &Selection { include_sensitive: include.to_vec(), ..Selection::default() })
    };
    assert_eq!(held(&some(&[])), [(0, &HeldBackReason::Sensitive(labels.to_vec()))]);
    assert_eq!(held(&some(&[Sensitivity::Hiv])), [(0, &HeldBackReason::Sensitive(vec![Sensitivity::MentalHealth]))]);
    assert_eq!(some(&labels).included, [0]);
}

#[test]
fn what_is_pinned_goes_in() {
    let labels = [Sensitivity::Hiv];
    let secret = Candidate { sensitivity: &labels, ..candidate(1, Category::Insurance, 0) };
    let selection = Selection { pinned: vec![[1; 32]], ..Selection::summary() };
    assert_eq!(select(&[secret], &selection).included, [0]);
}

#[test]
fn lasting_things_do_not_age() {
    let day = 86_400;
    let candidates = [
        candidate(1, Category::Result, 10 * day),
        candidate(2, Category::Result, 30 * day),
        candidate(3, Category::Allergy, 10 * day),
        candidate(4, Category::Result, i64::MIN),
        candidate(5, Category::Insurance, 30 * day),
        candidate(6, Category::Person, i64::MIN),
    ];
    let categories = Some(vec![Category::Result, Category::Allergy]);
    let selected =
        select(&candidates, &Selection { categories, since: Some("1970-01-20".to_owned()), ..Selection::default() });
    assert_eq!(selected.included, [1, 2, 3, 5]);
    assert_eq!(held(&selected), [(0, &HeldBackReason::Older), (4, &HeldBackReason::Category)]);
}

#[test]
fn lasting_things_may_be_newer_than_asked_for() {
    let day = 86_400;
    let allergies = [10, 30].map(|at| candidate(at, Category::Allergy, i64::from(at) * day));
    let selected = select(&allergies, &Selection { until: Some("1970-01-20".to_owned()), ..Selection::default() });
    assert_eq!((selected.included.as_slice(), held(&selected)), ([0].as_slice(), vec![(1, &HeldBackReason::Newer)]));
}

#[test]
fn what_was_not_done_is_told_apart_from_errors() {
    let of = |number, status| Candidate { status: Some(status), ..candidate(number, Category::Medicine, 0) };
    let statuses = ["entered-in-error", "refuted", "not-taken", "not-done", "cancelled", "draft"];
    let candidates: Vec<Candidate<'_>> = (0..).zip(statuses).map(|(number, status)| of(number, status)).collect();
    let selected = select(&candidates, &Selection::default());
    let (error, not_done) = (&HeldBackReason::Error, &HeldBackReason::NotDone);
    let reasons: Vec<&HeldBackReason> = selected.held_back.iter().map(|held| &held.reason).collect();
    assert_eq!(reasons, [error, error, not_done, not_done, not_done, not_done]);
}

#[test]
fn what_is_somebody_elses_cannot_be_pinned() {
    let other = Candidate { own: false, ..candidate(1, Category::Allergy, 0) };
    let selection = Selection { pinned: vec![[1; 32]], ..Selection::default() };
    assert_eq!(held(&select(&[other], &selection)), [(0, &HeldBackReason::AnotherPerson)]);
}

#[test]
fn a_summary_has_the_newest_values_and_todays_medicines() {
    let measured = |system, number: u8, sort_key| Candidate {
        code: Some((system, "29463-7")),
        ..candidate(number, Category::Vital, sort_key)
    };
    let weight = |number, sort_key| measured("http://loinc.org", number, sort_key);
    let medicine = |number, status| Candidate { status: Some(status), ..candidate(number, Category::Medicine, 0) };
    let candidates = [
        weight(1, 50),
        weight(2, 10),
        weight(3, 40),
        weight(4, 30),
        candidate(5, Category::Vital, 1),
        medicine(6, "active"),
        medicine(7, "stopped"),
        medicine(8, "entered-in-error"),
        // Another laboratory's number for something else.
        measured("urn:oid:2.16.840.1.113883.3.1", 9, 5),
    ];
    let selected = select(&candidates, &Selection::summary());
    assert_eq!(selected.included, [0, 2, 3, 4, 5, 8]);
    assert_eq!(
        held(&selected),
        [(1, &HeldBackReason::NewerValues), (6, &HeldBackReason::NotCurrent), (7, &HeldBackReason::Error)]
    );
}

#[test]
fn documents_go_where_they_are_named() {
    let document = candidate(1, Category::Document, 0);
    let with =
        |selection: &Selection| held(&select(&[document], selection)).first().map(|(_, reason)| (*reason).clone());
    assert_eq!(with(&Selection::default()), Some(HeldBackReason::Document));
    for preset in Preset::ALL {
        assert_eq!(with(&preset.selection()), Some(HeldBackReason::Document), "{}", preset.as_str());
        assert!(preset.selection().include_sensitive.is_empty());
        assert_eq!(Preset::from_name(preset.as_str()), Some(preset));
    }
    assert_eq!(with(&Selection { categories: Some(vec![Category::Document]), ..Selection::default() }), None);
    assert_eq!(with(&Selection { pinned: vec![[1; 32]], ..Selection::default() }), None);
    let unticked = Selection { pinned: vec![[1; 32]], unticked: vec![[1; 32]], ..Selection::default() };
    assert_eq!(with(&unticked), Some(HeldBackReason::Unticked));
}

#[test]
fn a_range_has_two_ends() {
    let at = |date: &str| datetime::unix_seconds(date).unwrap();
    let candidates = [
        candidate(1, Category::Result, at("2019-12-31")),
        candidate(2, Category::Result, at("2020-02-29T23:59:59Z")),
        candidate(3, Category::Result, at("2020-03-01")),
        candidate(4, Category::Allergy, at("2010-01-01")),
    ];
    let range = |since: &str, until: &str| {
        let selection =
            Selection { since: Some(since.to_owned()), until: Some(until.to_owned()), ..Selection::default() };
        select(&candidates, &selection).included
    };
    assert_eq!(range("2020", "2020-02"), [1, 3]);
    assert_eq!(range("2020", "2020"), [1, 2, 3]);
    assert_eq!(range("2019-12-31", "2019-12"), [0, 3]);
}

#[test]
fn the_standing_tells_what_is_held_back_and_why() {
    let labels = [Sensitivity::Hiv];
    let secret = Candidate { sensitivity: &labels, ..candidate(1, Category::Problem, 0) };
    let candidates = [
        secret,
        candidate(2, Category::Problem, 0),
        candidate(3, Category::Document, 0),
        candidate(4, Category::Insurance, 0),
        candidate(5, Category::Insurance, 0),
        candidate(6, Category::Person, 0),
    ];
    let selected = select(&candidates, &Preset::Emergency.selection());
    let group =
        |reason: &str, category, label, count| HeldBackGroup { reason: reason.to_owned(), category, label, count };
    assert_eq!(
        standing(&candidates, &selected),
        Standing {
            included: vec![(Category::Problem, 1)],
            held_back: vec![
                group("sensitive", None, Some(Sensitivity::Hiv), 1),
                group("category", Some(Category::Insurance), None, 2),
                group("document", Some(Category::Document), None, 1),
            ],
        }
    );
}

proptest! {
    #[test]
    fn every_candidate_comes_out_once(
        parts in prop::collection::vec((0_u8..8, 0_usize..16, -5_i64..5, 0_usize..9, any::<bool>()), 0..40),
        latest in prop::option::of(0_usize..4),
        current_medicines in any::<bool>(),
        include in prop::collection::vec(prop::sample::select(Sensitivity::all()), 0..4),
    ) {
        let candidates: Vec<Candidate<'_>> = parts.iter().map(|(number, category, sort_key, label, coded)| Candidate {
            sensitivity: Sensitivity::all().get(*label..*label + 1).unwrap_or_default(),
            code: coded.then_some(("s", "x")),
            ..candidate(*number, Category::all()[*category], *sort_key)
        }).collect();
        let selection = Selection {
            latest_per_code: latest, current_medicines, include_sensitive: include.clone(), pinned: vec![[3; 32]], ..Selection::default()
        };
        let selected = select(&candidates, &selection);
        let mut all: Vec<usize> = selected.included.iter().copied().chain(selected.held_back.iter().map(|held| held.position)).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..candidates.len()).collect::<Vec<_>>());
        for position in selected.included {
            let candidate = candidates[position];
            prop_assert!(candidate.identity == [3; 32] || candidate.sensitivity.iter().all(|label| include.contains(label)));
        }
    }
}
