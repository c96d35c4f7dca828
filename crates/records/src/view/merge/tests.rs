//! Tests of merging: what is one fact, what is not, what is told to differ.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{display::FactLabel, view::ConflictField};

const SNOMED: &str = "http://snomed.info/sct";
const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";

fn merged(records: &[(&str, Value)]) -> Vec<Fact> {
    let merging: Vec<Merging<'_, Value>> = records
        .iter()
        .enumerate()
        .map(|(at, (source, resource))| Merging { identity: [u8::try_from(at).unwrap(); 32], source, resource })
        .collect();
    merge(&merging)
}

fn sources(facts: &[Fact]) -> Vec<usize> {
    let mut counts: Vec<usize> = facts.iter().map(|fact| fact.sources.len()).collect();
    counts.sort_unstable();
    counts
}

fn problem(codes: &[(&str, &str)], onset: &str, status: &str) -> Value {
    let coding: Vec<Value> = codes.iter().map(|(system, code)| json!({"system": system, "code": code})).collect();
    let mut record = json!({"resourceType": "Condition", "code": {"coding": coding},
        "clinicalStatus": {"coding": [{"code": status}]}});
    if !onset.is_empty() {
        record["onsetDateTime"] = json!(onset);
    }
    record
}

#[test]
fn a_problem_from_two_hospitals_is_one_with_its_contradiction() {
    let mut older = problem(&[(SNOMED, "38341003")], "2010", "active");
    older["recordedDate"] = json!("2012-01-01");
    let mut newer = problem(&[(ICD, "I10"), (SNOMED, "38341003")], "2010-05-01", "resolved");
    newer["recordedDate"] = json!("2020-01-01");
    let facts = merged(&[("a", older), ("b", newer)]);
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].sources[0].source, "b");
    let conflict = &facts[0].conflicts[0];
    assert_eq!(conflict.field, ConflictField::Status);
    assert_eq!((conflict.values[0].text.as_str(), conflict.values[0].shown), ("resolved", true));
    assert_eq!((conflict.values[1].text.as_str(), conflict.values[1].records.len()), ("active", 1));
    assert_eq!(facts[0].conflicts.len(), 1);
}

#[test]
fn onsets_that_differ_between_sources_are_told_and_within_one_are_episodes() {
    let of = |onset: &str| problem(&[(SNOMED, "1")], onset, "active");
    let facts = merged(&[("a", of("2010-05-01")), ("b", of("2012-05-01"))]);
    assert_eq!(sources(&facts), [2]);
    assert_eq!(facts[0].conflicts[0].field, ConflictField::Date);
    let facts = merged(&[("a", of("2010-05-01")), ("a", of("2012-05-01")), ("b", of("2012-05"))]);
    assert_eq!(sources(&facts), [1, 2]);
}

#[test]
fn the_two_knees_stay_two() {
    let knee = |text: &str| {
        json!({"resourceType": "Procedure", "performedDateTime": "2020-01-01", "status": "completed",
            "code": {"coding": [{"system": SNOMED, "code": "609588000"}]}, "bodySite": [{"text": text}]})
    };
    assert_eq!(
        sources(&merged(&[("a", knee("Left knee")), ("b", knee("Right knee")), ("c", knee("left knee"))])),
        [1, 2]
    );
}

#[test]
fn another_dose_is_another_fact_and_no_dose_is_the_only_one() {
    let take = |dose: Option<u8>, status: &str| {
        let mut record = json!({"resourceType": "MedicationStatement", "status": status, "effectiveDateTime": "2020-01-01",
            "medicationCodeableConcept": {"text": "Metformin"}});
        if let Some(dose) = dose {
            record["dosage"] = json!([{"doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg"}}]}]);
        }
        record
    };
    let facts = merged(&[("a", take(Some(5), "active")), ("b", take(None, "stopped"))]);
    assert_eq!(sources(&facts), [2]);
    assert_eq!(facts[0].conflicts[0].field, ConflictField::Status);
    let facts = merged(&[("a", take(Some(5), "active")), ("b", take(None, "active")), ("c", take(Some(10), "active"))]);
    assert_eq!(sources(&facts), [1, 1, 1]);
}

#[test]
fn a_medicine_begins_where_its_dosage_says_and_courses_stay_apart() {
    let course = |start: &str| {
        json!({"resourceType": "MedicationRequest", "status": "completed", "medicationCodeableConcept": {"text": "Ibuprofen"},
            "dosageInstruction": [{"text": "as needed", "timing": {"repeat": {"boundsPeriod": {"start": start}}}}]})
    };
    let ordered = json!({"resourceType": "MedicationRequest", "status": "stopped", "authoredOn": "2012-01-10",
        "medicationCodeableConcept": {"text": "Ibuprofen"}, "dosageInstruction": [{"text": "as needed"}]});
    let facts = merged(&[("a", course("2012-01-10")), ("a", course("2018-06-03")), ("b", ordered)]);
    assert_eq!(sources(&facts), [1, 2]);
}

#[test]
fn a_visit_without_its_class_joins_the_one_that_began_then() {
    let visit = |start: &str, class: Option<&str>| {
        let mut record = json!({"resourceType": "Encounter", "status": "finished", "period": {"start": start}});
        if let Some(class) = class {
            record["class"] = json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": class});
        }
        record
    };
    let at = "2012-01-10T10:18:00Z";
    assert_eq!(sources(&merged(&[("a", visit(at, Some("AMB"))), ("b", visit(at, None))])), [2]);
    assert_eq!(
        sources(&merged(&[("a", visit(at, Some("AMB"))), ("b", visit(at, Some("IMP"))), ("c", visit(at, None))])),
        [1, 1, 1]
    );
    // On a bare day one can be seen twice.
    assert_eq!(sources(&merged(&[("a", visit("2012-01-10", None)), ("b", visit("2012-01-10", None))])), [1, 1]);
}

#[test]
fn measurements_need_time_and_value() {
    let weight = |time: &str, value: &str| {
        let value: Value = serde_json::from_str(value).unwrap();
        json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": time,
            "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
            "valueQuantity": {"value": value, "unit": "kg"}})
    };
    let facts = merged(&[
        ("a", weight("2020-01-01T08:00:00Z", "72.50")),
        ("b", weight("2020-01-01", "72.5")),
        ("c", weight("2020-01-01T09:00:00+01:00", "72.5")),
        ("d", weight("2020-01-01T08:00:00Z", "72.6")),
    ]);
    assert_eq!(sources(&facts), [1, 3]);
    let mut undated = weight("2020", "1");
    undated.as_object_mut().unwrap().remove("effectiveDateTime");
    assert_eq!(sources(&merged(&[("a", undated.clone()), ("b", undated)])), [1, 1]);
}

#[test]
fn lots_of_one_vaccination_are_told_apart_in_words() {
    let shot = |lot: &str| {
        json!({"resourceType": "Immunization", "status": "completed", "occurrenceDateTime": "2021-04-03", "lotNumber": lot,
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}]}})
    };
    let facts = merged(&[("a", shot("EL1")), ("b", shot("EL2"))]);
    assert_eq!(facts[0].conflicts[0].field, ConflictField::Fact(FactLabel::LotNumber));
}

#[test]
fn people_and_documents_are_never_merged() {
    let patient = json!({"resourceType": "Patient", "name": [{"text": "Ada"}]});
    assert_eq!(sources(&merged(&[("a", patient.clone()), ("b", patient)])), [1, 1]);
}

/// Records made to be nearly alike.
fn record() -> impl Strategy<Value = (usize, Value)> {
    let kind = prop::sample::select(vec![
        "Condition",
        "AllergyIntolerance",
        "Procedure",
        "Observation",
        "MedicationStatement",
    ]);
    let codes = prop::collection::vec((prop::sample::select(vec![SNOMED, ICD, "x"]), 0_u8..3), 0..3);
    let date =
        prop::sample::select(vec!["", "2020", "2020-03", "2020-03-01", "2020-03-01T08:00:00Z", "2020-03-02", "2021"]);
    (kind, codes, date, 0_u8..3, 0_usize..3, 0_u8..3).prop_map(|(kind, codes, date, value, source, dose)| {
        let coding: Vec<Value> =
            codes.iter().map(|(system, code)| json!({"system": system, "code": code.to_string()})).collect();
        let mut code = json!({"text": format!("text {value}")});
        if !coding.is_empty() {
            code["coding"] = json!(coding);
        }
        let mut record =
            json!({"resourceType": kind, "status": (["active", "stopped", "completed"][usize::from(value)])});
        record[if kind == "MedicationStatement" { "medicationCodeableConcept" } else { "code" }] = code;
        if kind == "Observation" {
            record["valueInteger"] = json!(value);
        }
        if dose > 0 {
            record["dosage"] = json!([{"text": dose.to_string()}]);
        }
        let member = match kind {
            "Condition" => "onsetDateTime",
            "Procedure" => "performedDateTime",
            "AllergyIntolerance" => "recordedDate",
            _ => "effectiveDateTime",
        };
        if !date.is_empty() {
            record[member] = json!(date);
        }
        (source, record)
    })
}

proptest! {
    #[test]
    fn the_order_does_not_matter_and_nothing_is_lost(
        records in prop::collection::vec(record(), 0..40),
        shuffle in prop::collection::vec(any::<u32>(), 40),
    ) {
        let merging: Vec<Merging<'_, Value>> = records.iter().enumerate().map(|(at, (source, resource))| Merging {
            identity: [u8::try_from(at).unwrap(); 32], source: ["a", "b", "c"][*source], resource,
        }).collect();
        let facts = merge(&merging);
        // Each record stands under exactly one fact.
        let mut all: Vec<[u8; 32]> = facts.iter().flat_map(|fact| &fact.sources).map(|source| source.identity).collect();
        all.sort_unstable();
        prop_assert_eq!(all, merging.iter().map(|record| record.identity).collect::<Vec<_>>());
        // In any order, and given twice.
        let mut order: Vec<usize> = (0..merging.len()).collect();
        order.sort_by_key(|at| shuffle.get(*at).copied());
        let shuffled: Vec<Merging<'_, Value>> = order.iter().chain(&order).map(|at| merging[*at]).collect();
        prop_assert_eq!(&merge(&shuffled), &facts);
        // What must be equal is equal within a fact, and its dates are no contradiction (but for a problem's onset).
        for fact in facts.iter().filter(|fact| fact.sources.len() > 1) {
            let own: Vec<Features<'_>> = merging.iter()
                .filter(|record| fact.sources.iter().any(|source| source.identity == record.identity))
                .map(|record| features(record.resource, None).unwrap()).collect();
            let finest = own.iter().map(|features| features.when).max().unwrap();
            for features in &own {
                prop_assert_eq!((features.kind, &features.exact), (own[0].kind, &own[0].exact));
                prop_assert!(features.kind == FactKind::Problem || features.when.agrees(finest));
            }
            let doses: BTreeSet<&str> = own.iter().map(|features| features.loose.as_str()).filter(|dose| !dose.is_empty()).collect();
            prop_assert!(doses.len() <= 1);
        }
        // Records of one key are never apart.
        let mut of_key = HashMap::new();
        for (at, fact) in facts.iter().enumerate() {
            for source in &fact.sources {
                let record = merging.iter().find(|record| record.identity == source.identity).unwrap();
                if let Some(key) = crate::view::fact_key(record.resource) {
                    prop_assert_eq!(*of_key.entry(key).or_insert(at), at);
                }
            }
        }
    }
}
