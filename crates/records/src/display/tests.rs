//! Tests of what a person reads of a record.

use serde_json::json;

use super::*;

fn facts(description: &Description) -> Vec<(&str, &str)> {
    description.facts.iter().map(|fact| (fact.label.key(), fact.value.as_str())).collect()
}

#[test]
fn a_result_shows_its_number_as_written_with_its_range() {
    let resource = json!({
        "resourceType": "Observation", "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}]},
        "effectiveDateTime": "2024-05-03T08:00:00Z",
        "valueQuantity": serde_json::from_str::<serde_json::Value>(r#"{"value": 5.20, "unit": "mmol/L"}"#).unwrap(),
        "interpretation": [{"text": "High"}],
        "referenceRange": [{"text": "3.5 - 5.1 mmol/L"}],
    });
    let description = describe(&resource);
    let measurement = description.measurement.clone().unwrap();
    assert_eq!((measurement.value.as_str(), measurement.unit.as_str()), ("5.20", "mmol/L"));
    assert_eq!((measurement.low.as_deref(), measurement.high.as_deref()), (Some("3.5"), Some("5.1")));
    assert_eq!(measurement.interpretation.as_deref(), Some("High"));
    assert_eq!(description.detail(), "5.20 mmol/L");
    assert_eq!((description.category, description.title.as_str()), (Category::Result, "Potassium"));
    assert_eq!(
        facts(&description),
        [("reference-range", "3.5 - 5.1 mmol/L"), ("interpretation", "High"), ("code", "2823-3 (LOINC)")]
    );
}

#[test]
fn ranges_written_as_text() {
    let ends = |text: &str| {
        let (low, high) = measurement::text_range(text);
        (low.unwrap_or_default(), high.unwrap_or_default())
    };
    let pair = |low: &str, high: &str| (low.to_owned(), high.to_owned());
    assert_eq!(ends("<150"), pair("", "150"));
    assert_eq!(ends("<= 5.0 mg/L"), pair("", "5.0"));
    assert_eq!(ends("≥ 60"), pair("60", ""));
    assert_eq!(ends(">40 mg/dL"), pair("40", ""));
    assert_eq!(ends("70-99"), pair("70", "99"));
    assert_eq!(ends("(3,5 – 5,1)"), pair("3,5", "5,1"));
    assert_eq!(ends("-2 to 2"), pair("-2", "2"));
    for other in ["", "negative", "<", "70", "up to 5", "12.", "1-", "neg 1-2", "é"] {
        assert_eq!(ends(other), pair("", ""), "{other}");
    }
}

#[test]
fn blood_pressure_is_one_measurement() {
    let part = |code: &str, value: i64| json!({"code": {"coding": [{"code": code}], "text": code}, "valueQuantity": {"value": value, "unit": "mmHg"}});
    let resource = json!({
        "resourceType": "Observation", "code": {"text": "Blood pressure", "coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "component": [part("8462-4", 80), part("8480-6", 120)],
    });
    let description = describe(&resource);
    assert_eq!(description.category, Category::Vital, "by its code, where no category is given");
    assert_eq!(description.measurement.unwrap().to_string(), "120/80 mmHg");
}

#[test]
fn medicines_from_every_place() {
    let coded = describe(&json!({
        "resourceType": "MedicationRequest", "status": "active", "authoredOn": "2024",
        "medicationCodeableConcept": {"coding": [{"display": "Lisinopril 10 mg"}]},
        "dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}], "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}],
    }));
    assert_eq!((coded.title.as_str(), coded.detail().as_str()), ("Lisinopril 10 mg", "1 tablet · 2 per 1 d"));
    let contained = describe(&json!({
        "resourceType": "MedicationStatement", "medicationReference": {"reference": "#m"},
        "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Insulin"}, "form": {"text": "pen"}}],
    }));
    assert_eq!(contained.title, "Insulin");
    assert_eq!(facts(&contained), [("form", "pen")]);
    let named = describe(
        &json!({"resourceType": "MedicationStatement", "medicationReference": {"reference": "Medication/9", "display": "Aspirin"}}),
    );
    assert_eq!(named.title, "Aspirin");
    assert_eq!(describe(&json!({"resourceType": "MedicationRequest"})).title, "Prescription");
}

#[test]
fn an_allergy_says_what_it_does() {
    let description = describe(&json!({
        "resourceType": "AllergyIntolerance", "criticality": "high", "category": ["food"],
        "clinicalStatus": {"coding": [{"code": "active"}]}, "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"text": "Allergy to peanut (finding)"},
        "reaction": [{"manifestation": [{"text": "Hives"}, {"text": "Swelling"}], "severity": "severe"}],
    }));
    assert_eq!((description.title.as_str(), description.status.as_deref()), ("Allergy to peanut", Some("active")));
    assert_eq!(description.detail(), "Hives, Swelling (severe)");
    assert_eq!(
        facts(&description),
        [
            ("reaction", "Hives, Swelling (severe)"),
            ("criticality", "high"),
            ("category", "food"),
            ("verification", "confirmed")
        ]
    );
}

#[test]
fn a_danger_is_one_that_the_source_holds_to_be_high() {
    let danger = |criticality: &str, verification: &str| {
        let coded = json!({"coding": [{"code": verification}]});
        describe(
            &json!({"resourceType": "AllergyIntolerance", "criticality": criticality, "verificationStatus": coded}),
        )
        .is_high_danger()
    };
    assert!(danger("high", "confirmed") && danger("high", "unconfirmed"));
    assert!(!danger("low", "confirmed") && !danger("unable-to-assess", "confirmed"));
    assert!(!danger("high", "refuted") && !danger("high", "entered-in-error"));
}

#[test]
fn a_problem_is_past_where_it_says_so_or_ended_and_is_not_said_to_be_active() {
    let status = |code: &str| json!({"clinicalStatus": {"coding": [{"code": code}]}, "abatementDateTime": "2020"});
    for code in ["inactive", "remission", "resolved"] {
        assert!(is_past_problem(&status(code)), "{code}");
    }
    for code in ["active", "recurrence", "relapse"] {
        assert!(!is_past_problem(&status(code)), "{code}");
    }
    assert!(is_past_problem(&json!({"abatementString": "as a child"})) && !is_past_problem(&json!({})));
}

#[test]
fn refuted_or_mistaken_beats_active() {
    let status = |verification: &str| {
        describe(&json!({
            "resourceType": "Condition", "clinicalStatus": {"coding": [{"code": "active"}]},
            "verificationStatus": {"coding": [{"code": verification}]},
        }))
        .status
    };
    assert_eq!(status("confirmed").as_deref(), Some("active"));
    assert_eq!(status("entered-in-error").as_deref(), Some("entered-in-error"));
}

#[test]
fn answers_of_a_questionnaire_are_read_through_their_nesting() {
    let description = describe(&json!({
        "resourceType": "QuestionnaireResponse",
        "item": [{"text": "Group", "item": [{"text": "Do you smoke?", "answer": [{"valueBoolean": false, "item": [{"linkId": "2", "answer": [{"valueString": "never"}]}]}]}]}],
    }));
    assert_eq!(facts(&description), [("answer", "Do you smoke?: false"), ("answer", "2: never")]);
}

#[test]
fn the_banner_prefers_the_official_name() {
    let banner = patient_banner(&json!({
        "resourceType": "Patient", "birthDate": "1970-02-01", "gender": "female",
        "name": [{"use": "nickname", "given": ["Lu"]}, {"use": "official", "family": "García", "given": ["Lucía", "Inés"], "prefix": ["Dra."]}],
    }));
    assert_eq!(banner.name, "Dra. Lucía Inés García");
    assert_eq!((banner.birth_date.as_deref(), banner.sex.as_deref()), (Some("1970-02-01"), Some("female")));
    assert_eq!(patient_banner(&json!({"name": [{"use": "usual"}, {"text": "Kim"}]})).name, "Kim");
    assert_eq!(patient_banner(&json!(null)), Banner::default());
}

#[test]
fn every_label_has_its_own_key() {
    let keys: std::collections::HashSet<&str> = FactLabel::ALL.iter().map(|label| label.key()).collect();
    assert_eq!(keys.len(), FactLabel::ALL.len());
    for label in FactLabel::ALL {
        assert_eq!(serde_json::to_value(label).unwrap(), label.key());
        assert!(label.key().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
    }
}

#[test]
fn facts_are_bounded() {
    let many: Vec<serde_json::Value> =
        (0..1000).map(|number| json!({"text": format!("note {number} {}", "x".repeat(5000))})).collect();
    let description = describe(&json!({"resourceType": "Observation", "note": many}));
    assert_eq!(description.facts.len(), 200);
    assert!(description.facts.iter().all(|fact| fact.value.len() <= VALUE_BYTES));
}
