//! Documents of Carnet and of others, sorted.

use super::*;
use serde_json::json;
use smart_health::{Flags, OpenedFile};

fn opened(files: Vec<(&str, Vec<u8>)>) -> Opened {
    Opened {
        label: None,
        flags: Flags::default(),
        exp: None,
        grant_hash: None,
        status: None,
        poll_after: None,
        files: files
            .into_iter()
            .map(|(kind, bytes)| OpenedFile { content_type: kind.to_owned(), bytes, ..OpenedFile::default() })
            .collect(),
    }
}

fn bundle_of(resources: Vec<Value>) -> Vec<u8> {
    let entries: Vec<Value> = resources
        .into_iter()
        .enumerate()
        .map(|(at, resource)| json!({"fullUrl": format!("urn:uuid:{at}"), "resource": resource}))
        .collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries}).to_string().into_bytes()
}

#[test]
fn a_bundle_of_others_is_sorted_and_nothing_about_it_is_claimed() {
    let content = bundle_of(vec![
        json!({"resourceType": "Patient", "name": [{"family": "Example", "given": ["Ada"]}], "birthDate": "1990-02-03"}),
        json!({"resourceType": "Flag", "code": {"text": "Falls easily"}}),
        json!({"resourceType": "MedicationRequest", "medicationReference": {"reference": "urn:uuid:3"}}),
        json!({"resourceType": "Medication", "code": {"text": "Example tablet"}}),
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Peanut"}}),
    ]);
    let document =
        Document::new(opened(vec![("application/fhir+json;fhirVersion=4.0.1", content)]), Vec::new(), 0).unwrap();
    assert_eq!(document.patient.as_ref().unwrap().birth_date.as_deref(), Some("1990-02-03"));
    assert_eq!(document.records(), 3);
    assert_eq!(document.sections["alert"][0].description.title, "Falls easily");
    assert_eq!(document.sections["medicine"][0].description.title, "Example tablet");
    let checked = document.verification.unwrap();
    assert!(!checked.signature.is_checked() && !checked.signature.is_failed());
    assert!(checked.grant.is_none());
}

#[test]
fn a_patient_who_is_the_documents_author_is_still_shown_and_the_program_is_not() {
    let content = bundle_of(vec![
        json!({"resourceType": "Composition", "author": [{"reference": "urn:uuid:1"}, {"reference": "urn:uuid:2"}]}),
        json!({"resourceType": "Patient", "name": [{"text": "Ada Example"}]}),
        json!({"resourceType": "Device", "deviceName": [{"name": "A wallet"}]}),
        json!({"resourceType": "Device", "deviceName": [{"name": "A pacemaker"}]}),
    ]);
    let document = Document::new(opened(vec![("application/fhir+json", content)]), Vec::new(), 0).unwrap();
    assert_eq!(document.patient.as_ref().unwrap().name, "Ada Example");
    assert_eq!(document.records(), 1, "the patient's own device only");
}

#[test]
fn a_pdf_inside_a_document_reference_can_be_opened() {
    let content = json!({"resourceType": "DocumentReference", "status": "current", "description": "Summary",
        "content": [{"attachment": {"contentType": "application/pdf", "data": "JVBE\nRg=="}},
                    {"attachment": {"url": "https://elsewhere.example/x"}}, {"attachment": {"data": "%%%"}}]});
    let document =
        Document::new(opened(vec![("application/fhir+json", content.to_string().into_bytes())]), Vec::new(), 0)
            .unwrap();
    assert_eq!(document.attachments.len(), 1);
    assert_eq!(document.attachments[0].bytes.as_slice(), b"%PDF");
    assert_eq!(document.attachments[0].title, "Summary");
}

#[test]
fn a_file_that_is_not_fhir_is_offered_as_it_is() {
    let document = Document::new(opened(vec![("text/plain", b"{}".to_vec())]), Vec::new(), 0).unwrap();
    assert_eq!(document.attachments[0].content_type, "text/plain");
    assert!(document.verification.is_none());
}

#[test]
fn what_cannot_be_shown_is_no_document() {
    for bytes in [
        &b""[..],
        b"{",
        b"[]",
        b"null",
        b"{\"resourceType\":7}",
        b"{\"resourceType\":\"Bundle\",\"entry\":{}}",
        b"\xff\xfe",
    ] {
        assert!(Document::new(opened(vec![("application/fhir+json", bytes.to_vec())]), Vec::new(), 0).is_none());
    }
    assert!(Document::new(opened(vec![]), Vec::new(), 0).is_none());
}

/// A patient-shared collection as the consent crate's vector has it: sealed, no Composition, with its pages added here.
fn collection() -> Value {
    serde_json::from_str(include_str!("../../../../crates/consent/tests/vectors/sealed-collection.json")).unwrap()
}

#[test]
fn a_sealed_collection_without_a_composition_is_checked_and_sorted() {
    let content = collection().to_string().into_bytes();
    let document = Document::new(opened(vec![("application/fhir+json", content)]), Vec::new(), 0).unwrap();
    let checked = document.verification.as_ref().unwrap();
    assert!(checked.signature.is_checked() && checked.entries_unaltered.is_checked());
    assert_eq!(document.records(), 1, "the Consent and the Provenance are no records");
    assert!(document.live.is_none());
}

#[test]
fn the_pages_of_a_collection_are_offered_first_and_are_no_record() {
    let pages = |bytes: &str, code: &str| {
        json!({"resourceType": "DocumentReference", "status": "current",
            "type": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "content": [{"attachment": {"contentType": "application/pdf", "data": bytes, "title": "Pages"}}]})
    };
    let content = bundle_of(vec![
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Peanut"}}),
        pages("JVBERi0x", "51855-5"),
        pages("JVBERi0x", "60591-5"),
        // Says that it is the pages, and is none.
        pages("PGh0bWw+", "60591-5"),
    ]);
    let document = Document::new(opened(vec![("application/fhir+json", content)]), Vec::new(), 0).unwrap();
    let kinds: Vec<_> = document.attachments.iter().map(|file| (file.rendered, file.kind)).collect();
    assert_eq!(kinds, [(true, FileKind::Pdf), (false, FileKind::Pdf), (false, FileKind::Other)]);
    assert_eq!(document.records(), 3, "the allergy, the patient's own note, and what claimed to be pages");
}

#[test]
fn a_live_link_says_since_when_it_is_as_it_is() {
    let content = bundle_of(vec![json!({"resourceType": "Patient", "name": [{"text": "Ada"}]})]);
    let live = |long_term: bool, status: Option<Status>, updated: Option<&str>| {
        let mut opened = opened(vec![("application/fhir+json", content.clone())]);
        opened.flags = Flags { long_term, ..Flags::default() };
        opened.status = status;
        opened.files[0].last_updated = updated.map(str::to_owned);
        Document::new(opened, Vec::new(), 0).unwrap().live
    };
    assert_eq!(live(false, None, Some("2026-05-03T14:53:20Z")), None);
    let since = Live { updated: Some(1_777_820_000), finished: false };
    assert_eq!(live(true, None, Some("2026-05-03T14:53:20Z")), Some(since.clone()));
    assert_eq!(live(false, Some(Status::CanChange), Some("2026-05-03T14:53:20Z")), Some(since));
    assert_eq!(live(true, Some(Status::Finalized), None), Some(Live { updated: None, finished: true }));
}
