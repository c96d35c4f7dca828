//! Tests of the pages, read back by our own reader of PDF.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    documents::pdf_text,
    generator::{PatientSpec, patient_bytes},
    import::{self, Entry, Limits},
    ktc,
    outgoing::{OutRecord, OutRequest},
};

fn readable(patient: &Value, records: &[Value], language: &str) -> Readable {
    let patient = patient.to_string().into_bytes();
    let originals: Vec<Vec<u8>> = records.iter().map(|record| record.to_string().into_bytes()).collect();
    let records: Vec<OutRecord<'_>> = originals.iter().map(|original| OutRecord { full_url: None, original }).collect();
    let request = OutRequest {
        patient: &patient,
        records: &records,
        withheld: &[],
        documents: false,
        now: 1_780_000_000,
        bundle_id: [1; 16],
        language,
    };
    ktc::assemble(&request).unwrap().readable
}

fn patient(name: &str) -> Value {
    json!({"resourceType": "Patient", "name": [{"text": name}], "birthDate": "1970-01-01"})
}

#[test]
fn the_first_page_has_what_is_asked_first() {
    let records = [
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}, "criticality": "high"}),
        json!({"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}, "valueQuantity": {"value": 72.5, "unit": "kg"}}),
        json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "reasonCode": [{"text": "Cough"}]}),
    ];
    let rendered = render(&readable(&patient("Ada Example"), &records, "en"), &Fonts::bundled()).unwrap();
    assert_eq!(rendered.missing, 0);
    assert!(rendered.pdf.starts_with(b"%PDF-"));
    let text = pdf_text(&rendered.pdf);
    for wanted in [
        "Ada Example",
        "Penicillin",
        "Weight",
        "72.5 kg",
        "Cough",
        "Medicines",
        "No information on this is included.",
        "1970-01-01",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
}

#[test]
fn names_in_every_bundled_script_are_set_without_a_box() {
    for name in [
        "Ana Müller",
        "Ελένη Παπαδοπούλου",
        "Иван Петров",
        "محمد الأحمد",
        "דוד כהן",
        "अनिल शर्मा",
        "অনিল দাস",
        "அனில்",
        "అనిల్",
        "สมชาย",
        "Արամ",
        "გიორგი",
        "ተስፋዬ",
    ] {
        let rendered = render(&readable(&patient(name), &[], "en"), &Fonts::bundled()).unwrap();
        assert_eq!(rendered.missing, 0, "{name}");
    }
}

#[test]
fn what_no_font_has_is_a_box_and_is_told() {
    let rendered = render(&readable(&patient("李小龙"), &[], "en"), &Fonts::bundled()).unwrap();
    assert!(rendered.missing >= 3);
    assert!(pdf_text(&rendered.pdf).contains("Some characters could not be printed"));
    let rendered = render(&readable(&patient("Ada"), &[], "en"), &Fonts::bundled().with(b"no font".to_vec())).unwrap();
    assert_eq!(rendered.missing, 0);
}

#[test]
fn a_long_record_fills_many_pages() {
    let file = patient_bytes(&PatientSpec { resources: 60, ..PatientSpec::default() });
    let mut import = import::import(&file, &Limits::default()).unwrap();
    let mut records = Vec::new();
    while let Some(Entry::Record(record)) = import.next_entry() {
        records.push(record);
    }
    let out: Vec<OutRecord<'_>> = records
        .iter()
        .map(|record| OutRecord { full_url: record.full_url.as_deref(), original: record.original })
        .collect();
    let request = OutRequest {
        patient: records[0].original,
        records: &out,
        withheld: &[],
        documents: false,
        now: 1_780_000_000,
        bundle_id: [1; 16],
        language: "de",
    };
    let assembled = ktc::assemble(&request).unwrap();
    let rendered = render(&assembled.readable, &Fonts::bundled()).unwrap();
    let text: String = pdf_text(&rendered.pdf).split_whitespace().collect();
    // A complete rendering: every resource's title is there.
    for section in &assembled.readable.sections {
        for record in &section.records {
            let title: String = record.title.split_whitespace().collect();
            assert!(text.contains(&title), "{}", record.title);
        }
    }
    if let Some(out) = std::env::var_os("CARNET_WRITE_PDF") {
        std::fs::write(out, rendered.pdf).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_breaks_the_page(name in "\\PC{0,60}", title in any::<String>(), note in ".{0,300}") {
        let records = [json!({"resourceType": "Condition", "code": {"text": title}, "note": [{"text": note}]})];
        prop_assert!(render(&readable(&patient(&name), &records, "fr"), &Fonts::bundled()).is_ok());
    }
}
