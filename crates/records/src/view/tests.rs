//! Hostile and odd records: whatever JSON comes, nothing panics and nothing is lost.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::{index::index_record, sensitivity};

/// JSON whose members have the names that are looked at, with values of any shape.
fn odd_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "resourceType",
        "code",
        "coding",
        "system",
        "text",
        "display",
        "valueQuantity",
        "value",
        "unit",
        "comparator",
        "component",
        "referenceRange",
        "low",
        "high",
        "appliesTo",
        "age",
        "type",
        "effectiveDateTime",
        "onsetDateTime",
        "status",
        "specimen",
        "reference",
        "contained",
        "id",
        "bodySite",
        "dosage",
        "doseAndRate",
        "doseQuantity",
        "timing",
        "repeat",
        "frequency",
        "medicationCodeableConcept",
        "medicationReference",
        "class",
        "period",
        "start",
        "conclusion",
        "valueString",
        "valueCodeableConcept",
        "interpretation",
        "meta",
        "security",
        "diagnosis",
        "ingredient",
        "strength",
    ]);
    let words = prop::sample::select(vec![
        "Observation",
        "Condition",
        "MedicationStatement",
        "Encounter",
        "DiagnosticReport",
        "http://loinc.org",
        "2345-7",
        "http://snomed.info/sct",
        "38341003",
        "2020-01-01",
        "2020-01-01T08:00:00Z",
        "2020",
        "#m",
        "m",
        "mg/dL",
        "mmol/L",
        "<",
        "<5",
        "70-99",
        "M: 1-2; F: 3-4",
        "HIV",
        "F10.2",
        "é",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

fn odd_record() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec![
        "Observation",
        "Condition",
        "MedicationRequest",
        "Encounter",
        "DiagnosticReport",
        "Claim",
    ]);
    (kinds, prop::collection::vec(odd_json(), 1..4)).prop_map(|(kind, parts)| {
        let mut record = Map::new();
        record.insert("resourceType".to_owned(), json!(kind));
        for part in parts {
            if let Value::Object(members) = part {
                members.into_iter().filter(|(name, _)| name != "resourceType").for_each(|(name, value)| {
                    record.insert(name, value);
                });
            }
        }
        Value::Object(record)
    })
}

proptest! {
    #[test]
    fn any_json_is_merged_and_drawn(records in prop::collection::vec(prop_oneof![odd_json(), odd_record()], 0..12)) {
        let merging: Vec<Merging<'_, Value>> = records.iter().enumerate()
            .map(|(at, resource)| Merging { identity: [u8::try_from(at).unwrap(); 32], source: ["a", "b"][at % 2], resource }).collect();
        let facts = merge(&merging);
        prop_assert_eq!(facts.iter().map(|fact| fact.sources.len()).sum::<usize>(), records.len());
        for series in series(&merging, &Reader { sex: Some(Sex::Female), birth_date: Some("1970") }) {
            prop_assert_eq!(chart::chart(&series).rows.len(), series.points.len());
        }
        for record in &records {
            let labels = sensitivity::classify(record);
            prop_assert!(sensitivity::reasons(record).iter().all(|reason| labels.contains(&reason.label)));
        }
    }

    #[test]
    fn import_makes_the_key_of_the_whole(record in odd_record()) {
        if let Some(index) = index_record(record.to_string().as_bytes()) {
            prop_assert_eq!(index.fact_key, fact_key(&record));
        }
    }
}

#[test]
fn two_long_reports_that_begin_alike_stay_two() {
    let report = |end: &str| {
        json!({"resourceType": "DiagnosticReport", "status": "final", "effectiveDateTime": "2020-01-01", "code": {"text": "CT"},
            "conclusion": format!("{}{end}", "Nothing of note. ".repeat(40))})
    };
    let (one, other) = (report("No tumour."), report("A tumour."));
    assert_ne!(fact_key(&one), fact_key(&other));
    assert!(fact_key(&one).is_some());
}

#[test]
fn an_index_entry_of_an_older_version_has_no_key() {
    let record = br#"{"resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}}"#;
    let entry = index_record(record).unwrap();
    let mut old = serde_json::to_value(&entry).unwrap();
    assert!(old["fact_key"].is_string());
    old.as_object_mut().unwrap().remove("fact_key");
    let read: crate::index::IndexEntry = serde_json::from_value(old).unwrap();
    assert_eq!(read.fact_key, None);
}
