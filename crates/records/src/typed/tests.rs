//! Tests of the hand-typed entries.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{datetime, import, index::index_record};

const NOW: i64 = 1_780_000_000;
const PATIENT: &str = "urn:uuid:6f2a1c1e-0000-8000-8000-000000000001";

fn there_and_back(entry: &TypedEntry) -> (Value, TypedEntry) {
    let resource = to_resource(entry, PATIENT, "7d1b6c1e-0000-8000-8000-000000000002");
    let text = serde_json::to_string(&resource).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let back = from_resource(&value).unwrap();
    (value, back)
}

fn allergy() -> TypedEntry {
    let picked = suggest(TypedKind::Allergy, "erdn", "de").remove(0);
    TypedEntry {
        coding: picked.coding,
        since: Some("2003".to_owned()),
        severity: Some(TypedSeverity::Severe),
        reaction: Some("Atemnot, <Ausschlag> & mehr".to_owned()),
        dangerous: Some(true),
        comment: Some("seit der Kindheit".to_owned()),
        ..TypedEntry::new(TypedKind::Allergy, &picked.text)
    }
}

#[test]
fn an_allergy_is_what_was_typed_and_says_who_said_so() {
    let (value, back) = there_and_back(&allergy());
    assert_eq!(back, allergy());
    assert_eq!(value["code"]["text"], "Erdnuss");
    assert_eq!(value["code"]["coding"][0]["code"], "Z91.010");
    assert_eq!(value["asserter"]["reference"], PATIENT);
    assert_eq!(value["verificationStatus"]["coding"][0]["code"], "unconfirmed");
    assert_eq!(value["meta"]["tag"][1]["code"], "PATRPT");
    let index = index_record(value.to_string().as_bytes()).unwrap();
    assert_eq!((index.title.as_str(), index.date.as_deref()), ("Erdnuss", Some("2003")));
    assert_eq!(index.patient_ref.as_deref(), Some(PATIENT));
}

#[test]
fn a_measured_number_keeps_its_text() {
    let mut entry = TypedEntry::new(TypedKind::Measurement, "Gewicht");
    entry.coding = suggest(TypedKind::Measurement, "gewicht", "de").remove(0).coding;
    entry.value = Some(" 72,50 ".to_owned());
    entry.unit = Some("kg".to_owned());
    entry.since = Some("2026-05-01".to_owned());
    assert!(entry.problems(NOW).is_empty());
    let (value, back) = there_and_back(&entry);
    assert_eq!(value["valueQuantity"]["value"].to_string(), "72.50");
    assert_eq!(value["valueQuantity"]["code"], "kg");
    assert_eq!(value["category"][0]["coding"][0]["code"], "vital-signs");
    assert_eq!(back.value.as_deref(), Some("72.50"));
}

#[test]
fn a_blood_pressure_has_two_values() {
    let mut entry = TypedEntry::new(TypedKind::Measurement, "blood pressure");
    entry.coding = suggest(TypedKind::Measurement, "blood pr", "en").remove(0).coding;
    entry.value = Some("120".to_owned());
    entry.unit = Some("mmHg".to_owned());
    assert_eq!(entry.problems(NOW), [FieldProblem { field: TypedField::LowerValue, reason: FieldReason::Missing }]);
    entry.lower_value = Some("80".to_owned());
    assert!(entry.problems(NOW).is_empty());
    let (value, back) = there_and_back(&entry);
    assert_eq!(value["component"][1]["valueQuantity"]["code"], "mm[Hg]");
    assert_eq!(back, entry);
}

#[test]
fn what_is_wrong_is_said_field_by_field() {
    let mut entry = TypedEntry::new(TypedKind::Condition, "  ");
    entry.since = Some("2031".to_owned());
    entry.until = Some("32.1.2020".to_owned());
    entry.lot = Some("A1".to_owned());
    entry.comment = Some("a\u{0}b".to_owned());
    let found: Vec<_> = entry.problems(NOW).iter().map(|found| (found.field, found.reason.code())).collect();
    for expected in [
        (TypedField::What, "missing"),
        (TypedField::Since, "in_the_future"),
        (TypedField::Until, "not_a_date"),
        (TypedField::Until, "still_active"),
        (TypedField::Lot, "does_not_apply"),
        (TypedField::Comment, "not_text"),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    entry = TypedEntry::new(TypedKind::Medicine, "aspirin");
    (entry.since, entry.until) = (Some("2020-05".to_owned()), Some("2020-04-30".to_owned()));
    assert_eq!(entry.problems(NOW)[0].reason, FieldReason::EndsBeforeItBegins);
    entry.until = Some("2020".to_owned());
    assert!(entry.problems(NOW).is_empty(), "a year may hold what comes after its May");
}

#[test]
fn a_note_is_found_by_its_words() {
    let mut entry = TypedEntry::new(TypedKind::Note, "For the anaesthetist");
    assert_eq!(entry.problems(NOW)[0].field, TypedField::Comment);
    entry.comment = Some("Loose tooth, upper left.\nDifficult <intubation> in 2019".to_owned());
    let (value, back) = there_and_back(&entry);
    assert_eq!(back, entry);
    let index = index_record(value.to_string().as_bytes()).unwrap();
    assert_eq!(index.title, "For the anaesthetist");
    assert!(index.text.contains("Difficult <intubation> in 2019"), "{}", index.text);
}

#[test]
fn a_correction_keeps_its_identity() {
    let identity = |entry: &TypedEntry| {
        let bytes = serde_json::to_vec(&to_resource(entry, PATIENT, "7d1b6c1e-0000-8000-8000-000000000002")).unwrap();
        let mut import = import::import(&bytes, &import::Limits::default()).unwrap();
        let Some(import::Entry::Record(record)) = import.next_entry() else { panic!("not a record") };
        record.identity
    };
    let mut corrected = allergy();
    corrected.severity = Some(TypedSeverity::Mild);
    assert_eq!(identity(&allergy()), identity(&corrected));
}

#[test]
fn others_records_are_not_given_for_correction() {
    let (mut value, _) = there_and_back(&allergy());
    value["meta"]["tag"][0]["system"] = "urn:else".into();
    assert_eq!(from_resource(&value), None);
    assert_eq!(from_resource(&serde_json::json!({"resourceType": "Condition"})), None);
}

#[test]
fn suggestions_know_languages_accents_and_word_beginnings() {
    let first = |kind, typed, language| suggest(kind, typed, language).first().map(|found| found.text.clone());
    assert_eq!(first(TypedKind::Condition, "hypert", "en").as_deref(), Some("high blood pressure"));
    assert_eq!(first(TypedKind::Condition, "BLUTHOCH", "de").as_deref(), Some("Bluthochdruck"));
    assert_eq!(first(TypedKind::Condition, "schilddrusenunter", "de-AT").as_deref(), Some("Schilddrüsenunterfunktion"));
    assert_eq!(first(TypedKind::Condition, "tension", "es").as_deref(), Some("hipertensión"));
    assert_eq!(first(TypedKind::Medicine, "paracet", "en").as_deref(), Some("acetaminophen"));
    assert_eq!(first(TypedKind::Vaccination, "fsme", "de").as_deref(), Some("FSME"));
    assert_eq!(first(TypedKind::Measurement, "sugar finger", "en").as_deref(), Some("blood sugar, finger (mg/dL)"));
    assert!(suggest(TypedKind::Note, "anything", "en").is_empty());
    assert!(suggest(TypedKind::Allergy, " -- ", "en").is_empty());
    assert!(suggest(TypedKind::Condition, "qqqq", "en").is_empty());
    assert!(suggest(TypedKind::Vaccination, "covid", "en").len() <= MOST_SUGGESTIONS);
}

#[test]
fn the_tables_are_whole() {
    for kind in TypedKind::ALL {
        let table = tables::table(kind);
        for (at, row) in table.iter().enumerate() {
            assert!(!row.display.is_empty() && !row.names.is_empty(), "{kind:?} line {at}");
            assert_eq!(row.system.is_empty(), row.code.is_empty(), "{kind:?} line {at}");
            assert!(row.names.iter().all(|name| !name.folded.is_empty()), "{}", row.display);
            assert!(row.names.iter().any(|name| name.language == "en"), "{} has no English name", row.display);
            let twice = table
                .iter()
                .skip(at + 1)
                .any(|other| !row.code.is_empty() && other.code == row.code && other.system == row.system);
            assert!(!twice, "{} {} stands twice", row.system, row.code);
            for unit in &row.units {
                assert!(tables::ucum(unit).is_some(), "{unit} is no unit of units.tsv");
            }
        }
        assert!(kind == TypedKind::Note || table.len() >= 40, "{kind:?}: {}", table.len());
    }
}

fn text(most: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("[^\\x00-\\x1f\\x7f]{{1,{most}}}")).unwrap().prop_map(|text| {
        let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
        let text = text.trim().to_owned();
        if text.is_empty() { "x".to_owned() } else { text }
    })
}

fn date() -> impl Strategy<Value = String> {
    (1900..2026_u16, 1..=12_u8, 1..=28_u8, 0..3_u8).prop_map(|(year, month, day, precision)| match precision {
        0 => format!("{year}"),
        1 => format!("{year}-{month:02}"),
        _ => format!("{year}-{month:02}-{day:02}"),
    })
}

prop_compose! {
    fn any_entry()(
        kind in proptest::sample::select(&TypedKind::ALL[..]),
        what in text(40),
        coded in any::<bool>(),
        (since, until) in (proptest::option::of(date()), proptest::option::of(date())),
        resolved in any::<bool>(),
        severity in proptest::option::of(proptest::sample::select(&[TypedSeverity::Mild, TypedSeverity::Moderate, TypedSeverity::Severe][..])),
        (reaction, dose, lot, comment) in (proptest::option::of(text(40)), proptest::option::of(text(40)), proptest::option::of(text(20)), proptest::option::of(text(200))),
        dangerous in proptest::option::of(any::<bool>()),
        number in (0..100_000_u32, 0..4_usize),
        unit in proptest::option::of(text(8)),
    ) -> TypedEntry {
        let mut entry = TypedEntry::new(kind, &what);
        let applies = |field| fields::applies(kind, field);
        if coded && kind != TypedKind::Note {
            entry.coding = Some(Coding3 { system: "urn:a".to_owned(), code: "b".to_owned(), display: what });
        }
        let has_status = matches!(kind, TypedKind::Allergy | TypedKind::Condition | TypedKind::Medicine);
        entry.status = if resolved && has_status { TypedStatus::Resolved } else { TypedStatus::Active };
        entry.since = since;
        entry.until = until.filter(|until| applies(TypedField::Until) && (resolved || kind == TypedKind::Medicine)
            && entry.since.as_ref().is_none_or(|since| since < until));
        entry.severity = severity.filter(|_| applies(TypedField::Severity));
        entry.reaction = reaction.filter(|_| applies(TypedField::Reaction));
        entry.dangerous = dangerous.filter(|_| applies(TypedField::Dangerous));
        entry.dose = dose.filter(|_| applies(TypedField::Dose));
        entry.lot = lot.filter(|_| applies(TypedField::Lot));
        if kind == TypedKind::Measurement {
            entry.value = Some(format!("{:.*}", number.1, f64::from(number.0) / 100.0));
            entry.unit = unit;
        }
        entry.comment = if kind == TypedKind::Note { comment.or(Some("x".to_owned())) } else { comment };
        entry
    }
}

proptest! {
    #[test]
    fn what_was_typed_comes_back(entry in any_entry()) {
        prop_assert!(entry.problems(NOW).is_empty(), "{:?}", entry.problems(NOW));
        let (value, back) = there_and_back(&entry);
        prop_assert_eq!(&back, &entry);
        prop_assert_eq!(back.clone().tidied(), back.clone());
        let index = index_record(value.to_string().as_bytes()).unwrap();
        prop_assert!(!index.title.is_empty());
        prop_assert!(index.date.as_deref().is_none_or(|date| datetime::unix_seconds(date).is_some()));
    }

    #[test]
    fn suggestions_and_checks_never_panic(typed in "\\PC{0,60}", language in "\\PC{0,4}", number in "[-+0-9.,−]{0,24}") {
        for kind in TypedKind::ALL {
            prop_assert!(suggest(kind, &typed, &language).len() <= MOST_SUGGESTIONS);
            let mut entry = TypedEntry::new(kind, &typed);
            entry.value = Some(number.clone());
            entry.since = Some(typed.clone());
            let _ = entry.problems(NOW);
            let _ = from_resource(&Value::Object(to_resource(&entry, &typed, "a")));
        }
        if let Some(text) = fields::number(&number) {
            prop_assert!(text.parse::<serde_json::Number>().is_ok());
            prop_assert_eq!(fields::number(&text), Some(text.clone()));
        }
        let folded = tables::fold(&typed);
        prop_assert_eq!(tables::fold(&folded), folded);
    }
}
