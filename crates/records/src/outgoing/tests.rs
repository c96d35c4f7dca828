//! Tests of what leaves: whose records, which files, and what stands in for what is not there.

use serde_json::{Value, json};

use super::{Assembled, LeftOutReason, OutRecord, OutRequest};
use crate::{Result, ips, ktc, ndjson, rules::Level};

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Doe"}], "birthDate": "1970-01-01",
        "identifier": [{"system": "urn:mrn", "value": "7"},
            {"system": "urn:oid:1.2.3", "value": "SECRET", "type": {"text": "Social Security Number"}}],
        "address": [{"city": "Town", "_line": [{"extension": [{"url": "http://a.example/door", "valueString": "SECRET"}]}],
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/geolocation", "valueString": "SECRET"}]}]})
}

type Form = fn(&OutRequest<'_>) -> Result<Assembled>;

fn made(form: Form, records: &[(Value, OutRecord<'_>)]) -> Assembled {
    let patient = patient().to_string().into_bytes();
    let originals: Vec<Vec<u8>> = records.iter().map(|(record, _)| record.to_string().into_bytes()).collect();
    let records: Vec<OutRecord<'_>> =
        originals.iter().zip(records).map(|(original, (_, how))| OutRecord { original, ..*how }).collect();
    let request = OutRequest {
        patient: &patient,
        records: &records,
        withheld: &[],
        documents: false,
        now: 1_780_000_000,
        bundle_id: [9; 16],
        language: "en",
    };
    form(&request).unwrap()
}

fn plain(records: &[Value]) -> Vec<(Value, OutRecord<'static>)> {
    records.iter().map(|record| (record.clone(), OutRecord::default())).collect()
}

fn condition(words: &str, subject: Value) -> Value {
    json!({"resourceType": "Condition", "code": {"text": words}, "subject": subject})
}

#[test]
fn what_names_another_person_never_goes_out_under_the_patients_name() {
    let records = plain(&[
        condition("MINE", json!({"reference": "Patient/p"})),
        condition("MINE", json!({"reference": "https://a.example/fhir/Patient/p/_history/2"})),
        condition("MINE", json!({"type": "Patient", "identifier": {"system": "urn:mrn", "value": "7"}})),
        condition("MINE", json!({"display": "the patient"})),
        condition("OTHER", json!({"reference": "Patient/child"})),
        condition("OTHER", json!({"reference": "Patient/child/_history/2"})),
        condition("OTHER", json!({"type": "Patient", "identifier": {"system": "urn:mrn", "value": "8"}})),
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "OTHER"}, "patient": {"reference": "urn:uuid:x"}}),
    ]);
    for form in [ips::assemble as Form, ktc::assemble, ndjson::assemble] {
        let out = made(form, &records);
        assert_eq!(out.included.len(), 4);
        let reasons: Vec<LeftOutReason> = out.left_out.iter().map(|left| left.reason).collect();
        assert_eq!(reasons, [LeftOutReason::AnotherPerson; 4]);
        let text = out.bundle.to_string();
        assert!(text.contains("MINE") && !text.contains("OTHER"), "{text}");
    }
    // What is known to be the patient's is, whomever it names: another hospital's number, what was typed.
    let (record, how) = records[4].clone();
    let out = made(ips::assemble, &[(record, OutRecord { own: true, ..how })]);
    assert_eq!(out.included, [0]);
    assert_eq!(ips::check(&out.bundle).iter().filter(|broken| broken.level == Level::Error).count(), 0);
}

#[test]
fn a_patients_own_numbers_and_places_stay_behind() {
    let out = made(ktc::assemble, &plain(&[condition("x", json!({"reference": "Patient/p"}))]));
    let text = out.bundle.to_string();
    assert!(text.contains("Town") && text.contains("urn:mrn") && !text.contains("SECRET"), "{text}");
}

#[test]
fn files_go_with_the_record_that_was_named_and_with_no_other() {
    let report = |file: &str| {
        json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "CBC"},
            "subject": {"reference": "Patient/p"}, "presentedForm": [{"contentType": "text/plain", "data": file}],
            "contained": [{"resourceType": "Media", "id": "m", "status": "completed", "content": {"data": file}}]})
    };
    let named = OutRecord { files: true, ..OutRecord::default() };
    let out = made(ktc::assemble, &[(report("TkFNRUQ="), named), (report("T1RIRVI="), OutRecord::default())]);
    let text = out.bundle.to_string();
    assert_eq!((text.matches("TkFNRUQ=").count(), text.matches("T1RIRVI=").count()), (2, 0));
}

#[test]
fn an_implant_is_told_though_no_statement_speaks_of_it() {
    let device = json!({"resourceType": "Device", "id": "d", "status": "active", "type": {"text": "Pacemaker"},
        "patient": {"reference": "Patient/p"}});
    for form in [ips::assemble as Form, ktc::assemble, ndjson::assemble] {
        let out = made(form, &plain(std::slice::from_ref(&device)));
        assert_eq!((out.included.as_slice(), out.left_out.as_slice()), ([0].as_slice(), [].as_slice()));
        let text = out.bundle.to_string();
        assert!(text.contains("\"DeviceUseStatement\"") && text.contains("_timingDateTime"), "{text}");
    }
    let errors = |bundle: &Value| {
        ips::check(bundle).into_iter().filter(|broken| broken.level == Level::Error).collect::<Vec<_>>()
    };
    assert_eq!(errors(&made(ips::assemble, &plain(std::slice::from_ref(&device))).bundle), []);
    // One that only may go along gets none, nor does one that is spoken of.
    let support = OutRecord { support: true, ..OutRecord::default() };
    let out = made(ips::assemble, &[(device.clone(), support)]);
    assert_eq!(out.left_out[0].reason, LeftOutReason::NoPlace);
    let used = json!({"resourceType": "DeviceUseStatement", "status": "active", "device": {"reference": "Device/d"},
        "subject": {"reference": "Patient/p"}, "timingDateTime": "2020"});
    let out = made(ips::assemble, &plain(&[device, used]));
    assert_eq!(out.bundle.to_string().matches("\"resourceType\":\"DeviceUseStatement\"").count(), 1);
}

#[test]
fn what_is_chosen_and_nothing_refers_to_has_no_place() {
    let subject = json!({"reference": "Patient/p"});
    let out = made(
        ktc::assemble,
        &plain(&[
            json!({"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "Walk"}, "subject": subject}),
            json!({"resourceType": "Specimen", "type": {"text": "Blood"}, "subject": subject}),
            json!({"resourceType": "Medication", "code": {"text": "Metformin"}}),
        ]),
    );
    let reasons: Vec<LeftOutReason> = out.left_out.iter().map(|left| left.reason).collect();
    assert_eq!(reasons, [LeftOutReason::NoPlace, LeftOutReason::NoPlace, LeftOutReason::NotReferredTo]);
}

#[test]
fn a_summary_tells_of_smoking_once_and_the_newest() {
    let smoking = |date: &str| {
        json!({"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/p"},
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "social-history"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "72166-2"}]}, "effectiveDateTime": date,
            "valueCodeableConcept": {"text": date}})
    };
    let records = plain(&[smoking("2023"), smoking("2025"), smoking("2024")]);
    let out = made(ips::assemble, &records);
    assert_eq!(out.included, [1]);
    assert!(out.left_out.iter().all(|left| left.reason == LeftOutReason::NoPlace) && out.left_out.len() == 2);
    assert_eq!(made(ktc::assemble, &records).included.len(), 3);
    // Two are against the guide.
    let mut bundle = out.bundle;
    let sections = bundle["entry"][0]["resource"]["section"].as_array_mut().unwrap();
    let social = sections.iter_mut().find(|section| section["code"]["coding"][0]["code"] == "29762-2").unwrap();
    let again = social["entry"][0].clone();
    social["entry"].as_array_mut().unwrap().push(again);
    let broken: Vec<&str> = ips::check(&bundle).iter().map(|broken| broken.rule).collect();
    assert!(broken.contains(&"sectionSocialHistory-once"), "{broken:?}");
}
