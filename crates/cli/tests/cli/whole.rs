//! A document that holds something sensitive is held back as a whole, wherever its bytes or its words would go out.

use crate::carnet::{Carnet, DONE};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// Stands in what is sensitive, and nowhere else.
const PLANTED: &str = "Melancholia-4711";

fn ccda(icd10: &str) -> String {
    let section = |code: &str, title: &str, text: &str, entry: &str| {
        format!(
            "<component><section><code code=\"{code}\" codeSystem=\"2.16.840.1.113883.6.1\"/><title>{title}</title><text>{text}</text>{entry}</section></component>"
        )
    };
    let problem = format!(
        r#"<entry><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.3"/><statusCode code="active"/>
        <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/>
        <id root="1.2.3" extension="low"/><code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
        <value xsi:type="CD" code="{icd10}" codeSystem="2.16.840.1.113883.6.90" displayName="{PLANTED}"/></observation></entryRelationship></act></entry>"#
    );
    let allergy = r#"<entry><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.30"/><statusCode code="active"/>
        <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.7"/>
        <id root="1.2.3" extension="nut"/><code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/><statusCode code="completed"/>
        <value xsi:type="CD" code="419199007" codeSystem="2.16.840.1.113883.6.96"/><participant typeCode="CSM"><participantRole classCode="MANU">
        <playingEntity classCode="MMAT"><code code="256349002" codeSystem="2.16.840.1.113883.6.96" displayName="Peanut"/></playingEntity></participantRole></participant>
        </observation></entryRelationship></act></entry>"#;
    format!(
        r#"<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <templateId root="2.16.840.1.113883.10.20.22.1.2"/><id root="1.2.3.4" extension="doc"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/>
        <title>Summary of the visit</title><effectiveTime value="20240301"/>
        <recordTarget><patientRole><id root="1.2.3" extension="ana"/><patient><name><given>Ana</given><family>Example</family></name>
        <administrativeGenderCode code="F"/><birthTime value="19700101"/></patient></patientRole></recordTarget>
        <component><structuredBody>{}{}{}</structuredBody></component></ClinicalDocument>"#,
        section("48765-2", "Allergies", "Peanut", allergy),
        section("11450-4", "Problems", &format!("{PLANTED}, moderate"), &problem),
        section("29299-5", "Reason for visit", "A knee that aches", ""),
    )
}

/// A FHIR document whose narrative says what its parts say.
fn fhir_document() -> String {
    let section = |title: &str, text: &str, reference: &str| json!({"title": title, "text": {"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>")}, "entry": [{"reference": reference}]});
    json!({"resourceType": "Bundle", "type": "document", "timestamp": "2024-03-01T00:00:00Z", "entry": [
        {"fullUrl": "urn:uuid:0c2b9d5e-0000-4000-8000-000000000001", "resource": {"resourceType": "Composition", "status": "final",
            "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5"}]}, "date": "2024-03-01", "title": "Summary of the year",
            "author": [{"display": "Clinic"}], "text": {"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{PLANTED}</div>")},
            "section": [section("Problems", PLANTED, "urn:uuid:0c2b9d5e-0000-4000-8000-000000000002"), section("Allergies", "Latex", "urn:uuid:0c2b9d5e-0000-4000-8000-000000000003")]}},
        {"fullUrl": "urn:uuid:0c2b9d5e-0000-4000-8000-000000000002", "resource": {"resourceType": "Condition",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "F32.1"}], "text": PLANTED}, "subject": {"display": "Ana"}}},
        {"fullUrl": "urn:uuid:0c2b9d5e-0000-4000-8000-000000000003", "resource": {"resourceType": "AllergyIntolerance",
            "code": {"text": "Latex"}, "patient": {"display": "Ana"}}},
    ]})
    .to_string()
}

/// All that a reader of a file can see, what is packed in base64 included.
fn seen(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
            if let Ok(bytes) = STANDARD.decode(text) {
                out.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| seen(item, out)),
        Value::Object(members) => members.values().for_each(|member| seen(member, out)),
        _ => {}
    }
}

fn exported(carnet: &Carnet, format: &str, more: &[&str]) -> String {
    let file = carnet.text_path("out");
    let types = "document,allergy,problem,report,visit,other,person";
    carnet.run(&[&["export", format, &file, "--types", types], more].concat()).expect(DONE);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut out = String::new();
    let mut lines = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    lines.by_ref().for_each(|line| seen(&line.unwrap(), &mut out));
    out
}

#[test]
fn no_document_takes_along_what_is_held_back() {
    let carnet = Carnet::new();
    std::fs::write(carnet.path("visit.xml"), ccda("F32.1")).unwrap();
    std::fs::write(carnet.path("year.json"), fhir_document()).unwrap();
    let imported = carnet.run(&["import", &carnet.text_path("visit.xml"), &carnet.text_path("year.json")]);
    assert_eq!(imported.expect(DONE).json()["skipped"], json!([]));
    for format in ["ndjson", "ips", "ktc"] {
        let plain = exported(&carnet, format, &[]);
        assert!(!plain.contains(PLANTED), "{format}: {plain}");
        assert!(plain.contains("Peanut") && plain.contains("Latex"), "{format}");
        let all = exported(&carnet, format, &["--sensitive", "MH"]);
        assert!(all.contains(PLANTED), "{format}");
    }
    let plain = exported(&carnet, "ndjson", &[]);
    assert!(plain.contains("A knee that aches"), "what is not sensitive goes out by itself");
    assert!(!plain.contains("Summary of the visit") && plain.contains("Summary of the year"), "{plain}");
    let all = exported(&carnet, "ndjson", &["--sensitive", "MH"]);
    assert!(all.contains("<ClinicalDocument"), "the whole goes out once its parts may");

    let documents = carnet.run(&["records", "--category", "document"]).expect(DONE).json();
    let whole = documents["records"].as_array().unwrap().iter().filter(|line| line["title"] == "Summary of the visit");
    for line in whole {
        assert_eq!(line["sensitive"], true);
        let labels = carnet.run(&["label", line["id"].as_str().unwrap()]).expect(DONE).json();
        assert!(labels["labels"][0]["because"].as_str().unwrap().starts_with("a part of it"), "{labels}");
    }
}

#[test]
fn what_a_person_holds_back_does_not_go_out_in_the_file_it_was_made_from() {
    let carnet = Carnet::new();
    std::fs::write(carnet.path("visit.xml"), ccda("J45.9")).unwrap();
    carnet.run(&["import", &carnet.text_path("visit.xml")]).expect(DONE);
    let before = exported(&carnet, "ndjson", &[]);
    assert!(before.contains(PLANTED) && before.contains("<ClinicalDocument"), "nothing in it is in the tables");
    let found = carnet.run(&["records", "--category", "problem"]).expect(DONE).json();
    let problem = found["records"][0]["id"].as_str().unwrap();
    carnet.run(&["label", problem, "--add", "SDV"]).expect(DONE);
    let after = exported(&carnet, "ndjson", &[]);
    assert!(!after.contains(PLANTED) && after.contains("Peanut"), "{after}");
    assert!(exported(&carnet, "ndjson", &["--sensitive", "SDV"]).contains("<ClinicalDocument"));
}
