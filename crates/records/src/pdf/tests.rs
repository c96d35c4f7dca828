//! Tests of the pages, read back by our own reader of PDF.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    documents::pdf_text,
    generator::{PatientSpec, patient_bytes},
    import::{self, Entry, Limits},
    ktc,
    outgoing::{OutRecord, OutRequest, ReadableSection},
};

fn readable(patient: &Value, records: &[Value], language: &str) -> Readable {
    let patient = patient.to_string().into_bytes();
    let originals: Vec<Vec<u8>> = records.iter().map(|record| record.to_string().into_bytes()).collect();
    let records: Vec<OutRecord<'_>> = originals
        .iter()
        .map(|original| OutRecord { full_url: None, original, labels: &[], ..OutRecord::default() })
        .collect();
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
    let out: Vec<OutRecord<'_>> = records.iter().map(OutRecord::from).collect();
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

#[test]
fn a_sheet_has_every_line_and_breaks_over_pages() {
    let line = |n: usize| (format!("Label {n}"), format!("value <b>{n}</b> “Ana Exémple”"));
    let section =
        |title: &str, lines: usize| SheetSection { title: title.to_owned(), lines: (0..lines).map(line).collect() };
    let sheet = Sheet {
        title: "Consent receipt".to_owned(),
        lead: "Shared with Dr Example".to_owned(),
        language: "en".to_owned(),
        made: "2026-11-22T13:19:32Z".to_owned(),
        sections: vec![section("Consent", 3), section("Evidence", 120)],
    };
    let rendered = render_sheet(&sheet, &Fonts::bundled()).unwrap();
    assert_eq!(rendered.missing, 0);
    let text = pdf_text(&rendered.pdf);
    for wanted in ["Consent receipt", "Shared with Dr Example", "Evidence", "Label 119: value <b>119</b>", "/ 3"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    let empty = Sheet { sections: Vec::new(), lead: String::new(), ..sheet };
    assert!(render_sheet(&empty, &Fonts::bundled()).unwrap().pdf.starts_with(b"%PDF-"));
}

#[test]
fn words_of_one_s_own_can_stand_on_the_first_page() {
    let mut readable = readable(&patient("Ada Example"), &[], "en");
    let consent = ReadableSection {
        title: "Consent".to_owned(),
        first: true,
        empty: Some("Shared by the patient with Dr Example.".to_owned()),
        records: Vec::new(),
    };
    readable.sections.push(consent);
    let text = pdf_text(&render(&readable, &Fonts::bundled()).unwrap().pdf);
    assert!(text.contains("Shared by the patient with Dr Example."), "{text}");
}
