//! Tests of the summary: the rules of the specification, and nothing in it that was not selected.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    generator::{PatientSpec, patient_bytes},
    import::{self, Entry, Limits},
    json::Json,
    ktc,
    outgoing::{Assembled, LeftOutReason, OutRecord},
    sensitivity,
};

const NOW: i64 = 1_780_000_000;

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn summarise(patient: &Value, records: &[Value]) -> Assembled {
    made(patient, records, &assemble)
}

fn made(patient: &Value, records: &[Value], form: &dyn Fn(&OutRequest<'_>) -> Result<Assembled>) -> Assembled {
    let patient = bytes(patient);
    let records: Vec<_> = records.iter().map(|record| (bytes(record), sensitivity::classify(record))).collect();
    let records: Vec<OutRecord<'_>> = records
        .iter()
        .map(|(original, labels)| OutRecord { full_url: None, original, labels, ..OutRecord::default() })
        .collect();
    form(&OutRequest {
        patient: &patient,
        records: &records,
        now: NOW,
        documents: false,
        withheld: &[],
        bundle_id: [9; 16],
        language: "en",
    })
    .unwrap()
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Doe"}], "birthDate": "1970-01-01"})
}

fn section<'v>(bundle: &'v Value, code: &str) -> Option<&'v Value> {
    let sections = bundle.at(&["entry", "resource"])?.member("section")?.items();
    sections.iter().find(|section| section.text_at(&["code", "coding", "code"]) == Some(code))
}

fn resources<'v>(bundle: &'v Value, resource_type: &str) -> Vec<&'v Value> {
    let all = bundle.member("entry").unwrap().items().iter().filter_map(|entry| entry.member("resource"));
    all.filter(|resource| resource.text_at(&["resourceType"]) == Some(resource_type)).collect()
}

#[test]
fn an_empty_summary_says_it_has_nothing_and_not_that_there_is_nothing() {
    let bundle = summarise(&json!({"resourceType": "Patient"}), &[]).bundle;
    assert_eq!(check(&bundle), []);
    for code in ["48765-2", "11450-4", "10160-0"] {
        let section = section(&bundle, code).unwrap();
        assert_eq!(section.text_at(&["emptyReason", "coding", "code"]), Some("unavailable"));
        assert!(section.member("entry").is_none());
    }
    let patient = resources(&bundle, "Patient")[0];
    assert_eq!(patient.text_at(&["_birthDate", "extension", "valueCode"]), Some("unknown"));
    assert_eq!(bundle.text_at(&["timestamp"]), Some("2026-05-28T20:26:40Z"));
}

#[test]
fn records_go_to_their_sections() {
    let coded = |kind: &str, extra: Value| {
        let mut record = json!({"resourceType": kind, "subject": {"reference": "Patient/p"}, "code": {"text": kind}, "status": "final"});
        record.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        record
    };
    let clinical = |code: &str| {
        let system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
        json!({"clinicalStatus": {"coding": [{"system": system, "code": code}]}})
    };
    let category = |code: &str| {
        let system = "http://terminology.hl7.org/CodeSystem/observation-category";
        json!({"category": [{"coding": [{"system": system, "code": code}]}]})
    };
    let records = [
        coded("Condition", clinical("active")),
        coded("Condition", clinical("resolved")),
        coded("Condition", json!({"abatementDateTime": "2020"})),
        coded("Observation", category("vital-signs")),
        coded("Observation", category("social-history")),
        coded("Observation", json!({"code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]}})),
        coded("DiagnosticReport", json!({})),
        coded("Procedure", json!({})),
        json!({"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Td"}}),
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Nuts"}, "patient": {"reference": "Patient/p"}}),
        json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Aspirin"}}),
        json!({"resourceType": "Claim"}),
        coded("Observation", json!({"subject": {"reference": "Location/1"}})),
        coded("Condition", json!({"verificationStatus": {"coding": [{"code": "entered-in-error"}]}})),
        json!({"resourceType": "Practitioner", "name": [{"text": "Dr Who"}]}),
        patient(),
    ];
    let assembled = summarise(&patient(), &records);
    let bundle = &assembled.bundle;
    assert_eq!(check(bundle), []);
    let count = |code: &str| {
        section(bundle, code).map_or(0, |section| section.member("entry").map_or(0, |entry| entry.items().len()))
    };
    let counts: Vec<usize> =
        ["11450-4", "11348-0", "8716-3", "29762-2", "10162-6", "30954-2", "47519-4", "11369-6", "48765-2", "10160-0"]
            .map(count)
            .to_vec();
    assert_eq!(counts, [1, 2, 1, 1, 1, 1, 1, 1, 1, 1]);
    let reasons: Vec<(usize, LeftOutReason)> =
        assembled.left_out.iter().map(|left| (left.position, left.reason)).collect();
    assert_eq!(
        reasons,
        [
            (11, LeftOutReason::NoPlace),
            (12, LeftOutReason::NotAboutAPerson),
            (13, LeftOutReason::Error),
            (14, LeftOutReason::NotReferredTo),
            (15, LeftOutReason::Patient)
        ]
    );
    assert_eq!(assembled.included.len() + assembled.left_out.len(), records.len());
}

#[test]
fn references_resolve_or_become_words_and_medicines_get_their_names() {
    let records = [
        json!({
            "resourceType": "MedicationRequest", "id": "1", "status": "active", "intent": "order",
            "medicationReference": {"reference": "Medication/m"}, "subject": {"reference": "Patient/p"},
            "requester": {"reference": "Practitioner/gone", "display": "Dr Who"}, "encounter": {"reference": "Encounter/gone"},
        }),
        json!({"resourceType": "Medication", "id": "m", "code": {"text": "Insulin"}, "manufacturer": {"reference": "Organization/o"}}),
        json!({"resourceType": "Organization", "id": "o", "name": "Maker"}),
        json!({"resourceType": "Organization", "id": "unused", "name": "Other"}),
    ];
    let bundle = summarise(&patient(), &records).bundle;
    assert_eq!(check(&bundle), []);
    let request = resources(&bundle, "MedicationRequest")[0];
    assert_eq!(request.text_at(&["medicationReference", "display"]), Some("Insulin"));
    assert_eq!(request.member("requester"), Some(&json!({"display": "Dr Who"})));
    assert!(request.member("encounter").is_none());
    let organizations = resources(&bundle, "Organization");
    assert_eq!(organizations.len(), 1, "taken in through the medicine");
    assert!(section(&bundle, "10160-0").unwrap().text_at(&["text", "div"]).unwrap().contains("Insulin"));
}

#[test]
fn numbers_keep_their_text_and_extensions_stay() {
    let observation: Value = serde_json::from_str(
        r#"{"resourceType":"Observation","status":"final","code":{"text":"Weight"},"valueQuantity":{"value":72.50,"unit":"kg"},
            "extension":[{"url":"http://a.example/x","valueDecimal":1.000}],"meta":{"profile":["http://us"],"versionId":"3"},
            "text":{"status":"generated","div":"<div>old</div>"}}"#,
    )
    .unwrap();
    let text = summarise(&patient(), &[observation]).bundle.to_string();
    assert!(text.contains("72.50") && text.contains("1.000"));
    assert!(!text.contains("http://us") && !text.contains("versionId") && !text.contains("old"));
}

#[test]
fn what_is_missing_is_said_to_be() {
    let records = [
        json!({"resourceType": "Observation", "status": "final", "code": {"text": "a"}}),
        json!({"resourceType": "Observation", "status": "final", "code": {"text": "b"}, "component": [{"code": {"text": "c"}}]}),
        json!({"resourceType": "Procedure", "status": "completed", "code": {"text": "d"}}),
        json!({"resourceType": "Condition", "text": {"div": "<div><script>x</script>Sore <b>throat</b></div>"}}),
    ];
    let bundle = summarise(&patient(), &records).bundle;
    assert_eq!(check(&bundle), []);
    let observations = resources(&bundle, "Observation");
    assert!(observations.iter().any(|resource| resource.member("dataAbsentReason").is_some()));
    assert!(observations.iter().any(|resource| resource.at(&["component", "dataAbsentReason"]).is_some()));
    assert!(resources(&bundle, "Procedure")[0].member("_performedDateTime").is_some());
    let condition = resources(&bundle, "Condition")[0];
    assert_eq!(condition.text_at(&["code", "text"]), Some("Sore throat"));
    assert!(condition.text_at(&["text", "div"]).unwrap().ends_with("<p>Sore throat</p></div>"));
}

#[test]
fn the_narrative_is_escaped() {
    let evil = "<script>alert(\"&'\")</script>\u{1}";
    let records = [json!({"resourceType": "AllergyIntolerance", "code": {"text": evil}})];
    let patient = json!({"resourceType": "Patient", "name": [{"text": evil}]});
    let bundle = summarise(&patient, &records).bundle;
    let composition = &resources(&bundle, "Composition")[0];
    for div in [
        composition.text_at(&["text", "div"]).unwrap(),
        section(&bundle, "48765-2").unwrap().text_at(&["text", "div"]).unwrap(),
    ] {
        assert!(div.contains("&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;"), "{div}");
        assert!(!div.contains("<script") && !div.contains('\u{1}'));
    }
}

#[test]
fn what_a_source_left_out_is_there_in_what_lies_within_too() {
    let report = json!({
        "resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Blood count"},
        "basedOn": [{"reference": "#order"}], "specimen": [{"reference": "#blood"}],
        "contained": [
            {"resourceType": "ServiceRequest", "id": "order", "status": "completed", "intent": "order"},
            {"resourceType": "Specimen", "id": "blood"},
        ],
    });
    let bundle = summarise(&patient(), &[report]).bundle;
    let report = resources(&bundle, "DiagnosticReport")[0];
    let about = report.text_at(&["subject", "reference"]).unwrap();
    assert!(about.starts_with("urn:uuid:"));
    assert_eq!(report["contained"][0]["subject"]["reference"], about);
    assert!(report["contained"][1].get("subject").is_none());

    let visit = json!({"resourceType": "Appointment", "status": "booked", "participant": [
        {"actor": {"reference": "Patient/p"}}, {"actor": {"display": "Dr Example"}, "status": "accepted"},
    ]});
    let bundle = made(&patient(), &[visit], &ktc::assemble).bundle;
    let people = &resources(&bundle, "Appointment")[0]["participant"];
    assert_eq!(people[0].text_at(&["_status", "extension", "valueCode"]), Some("unknown"));
    assert!(people[1].get("_status").is_none());
}

#[test]
fn confidentiality_is_that_of_the_most_confidential_record() {
    let confidentiality = |records: &[Value]| {
        let bundle = summarise(&patient(), records).bundle;
        bundle.text_at(&["meta", "security", "code"]).unwrap().to_owned()
    };
    let plain = json!({"resourceType": "Condition", "code": {"text": "Cold"}});
    let hiv = json!({"resourceType": "Condition", "code": {"coding": [{"system": "http://snomed.info/sct", "code": "86406008"}]}});
    let very = json!({"resourceType": "Condition", "code": {"text": "x"}, "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}]}});
    assert_eq!(confidentiality(std::slice::from_ref(&plain)), "N");
    assert_eq!(confidentiality(&[plain.clone(), hiv.clone()]), "R");
    assert_eq!(confidentiality(&[plain, hiv.clone(), very]), "V");
    let bundle = summarise(&patient(), &[hiv]).bundle;
    assert_eq!(resources(&bundle, "Condition")[0].text_at(&["meta", "security", "code"]), Some("HIV"));
}

#[test]
fn the_patient_travels_without_what_others_could_misuse() {
    let source = json!({
        "resourceType": "Patient", "id": "p", "birthDate": "1970-01-01", "gender": "female",
        "name": [{"family": "Doe"}, {"use": "old"}],
        "identifier": [
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-11-2222"},
            {"type": {"coding": [{"code": "PPN"}]}, "system": "http://p.example", "value": "X123"},
            {"system": "http://hospital.example", "value": "MR7"}
        ],
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Smith"}],
        "photo": [{"data": "AAAA"}], "contact": [{"name": {"text": "Mum"}}], "link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}],
    });
    let bundle = summarise(&source, &[]).bundle;
    let text = resources(&bundle, "Patient")[0].to_string();
    for secret in ["999-11", "X123", "Smith", "AAAA", "Mum", "seealso"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("MR7"));
    assert_eq!(check(&bundle), []);
}

#[test]
fn two_summaries_share_no_identifier_of_ours() {
    let record = bytes(&json!({"resourceType": "Condition", "id": "c", "code": {"text": "Cold"}}));
    let patient = bytes(&patient());
    let make = |bundle_id: [u8; 16], language| {
        let records = [OutRecord {
            full_url: Some("https://a.example/Condition/c"),
            original: &record,
            labels: &[],
            ..OutRecord::default()
        }];
        build(&OutRequest {
            patient: &patient,
            records: &records,
            now: NOW,
            documents: false,
            withheld: &[],
            bundle_id,
            language,
        })
        .unwrap()
    };
    let urls = |bundle: &Value| -> Vec<String> {
        let entries = bundle.member("entry").unwrap().items();
        entries.iter().map(|entry| entry.text_at(&["fullUrl"]).unwrap().to_owned()).collect()
    };
    let (one, two) = (make([1; 16], "en"), make([2; 16], "de"));
    assert!(urls(&one).iter().all(|url| !urls(&two).contains(url)));
    assert_eq!(one, make([1; 16], "en"), "the same request makes the same document");
    assert_eq!(two.text_at(&["language"]), Some("de"));
    assert!(!one.to_string().contains("a.example"));
}

#[test]
fn requests_of_no_use() {
    let ask = |patient: &[u8], original: &[u8], now| {
        build(&OutRequest {
            patient,
            records: &[OutRecord { full_url: None, original, labels: &[], ..OutRecord::default() }],
            now,
            documents: false,
            withheld: &[],
            bundle_id: [0; 16],
            language: "xx",
        })
    };
    let good = bytes(&patient());
    assert!(matches!(ask(b"{}", b"{}", NOW), Err(crate::Error::NotAPatient)));
    assert!(matches!(ask(b"x", b"{}", NOW), Err(crate::Error::NotAPatient)));
    assert!(matches!(ask(&good, b"{\"a\":", NOW), Err(crate::Error::DamagedRecord { position: 0 })));
    assert!(matches!(ask(&good, b"{}", i64::MAX), Err(crate::Error::Clock)));
    assert_eq!(check(&ask(&good, b"{}", NOW).unwrap()), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_made_up_patient_and_any_part_of_it_makes_a_summary(seed in any::<u64>(), resources in 1_usize..300, keep in 1_usize..5) {
        let file = patient_bytes(&PatientSpec { seed, resources, ..PatientSpec::default() });
        let mut import = import::import(&file, &Limits::default()).unwrap();
        let mut records = Vec::new();
        while let Some(Entry::Record(record)) = import.next_entry() {
            records.push(record);
        }
        let patient = records[0].original;
        let part: Vec<OutRecord<'_>> = records.iter().step_by(keep)
            .map(OutRecord::from).collect();
        let bundle = build(&OutRequest { patient, records: &part, now: NOW, documents: false, withheld: &[], bundle_id: [3; 16], language: "fr" }).unwrap();
        prop_assert_eq!(check(&bundle), vec![]);
    }
}
