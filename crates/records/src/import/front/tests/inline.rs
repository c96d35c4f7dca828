//! Documents and cards that a record of FHIR carries as base64.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::*;

const PROBLEMS: &str = r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3"/><component><structuredBody><component><section>
    <code code="11450-4" codeSystem="2.16.840.1.113883.6.1"/><entry><observation classCode="OBS" moodCode="EVN">
    <templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="1.2.4"/><value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:type="CD" code="38341003" codeSystem="2.16.840.1.113883.6.96" displayName="Hypertension"/></observation></entry>
    </section></component></structuredBody></component></ClinicalDocument>"#;

fn kinds(lines: &[String]) -> Vec<&str> {
    lines.iter().map(|line| line.split(['/', ' ']).next().unwrap()).collect()
}

fn reference(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "resourceType": "DocumentReference", "id": "d", "content": [
        { "attachment": { "contentType": "text/plain", "data": STANDARD.encode("words and words ".repeat(9)) } },
        { "attachment": { "contentType": media_type, "data": STANDARD.encode(bytes) } },
    ] })
}

#[test]
fn a_clinical_document_in_a_record_is_read_and_the_record_kept() {
    let alone = entries(PROBLEMS.as_bytes());
    assert!(kinds(&alone).contains(&"Condition"), "{alone:?}");
    let carrier = reference("application/hl7-sdwg+xml", PROBLEMS.as_bytes());
    let found = entries(carrier.to_string().as_bytes());
    assert_eq!(found[0], "DocumentReference/d");
    assert_eq!(kinds(&found)[1..], kinds(&alone));
    let id = |lines: &[String]| {
        let line = lines.iter().find(|line| line.starts_with("Condition/")).unwrap();
        line.split(' ').next().unwrap().to_owned()
    };
    assert_eq!(id(&found), id(&alone), "it is the same record as out of the file itself");
    let line = found.iter().find(|line| line.starts_with("Condition/")).unwrap();
    assert!(line.contains("@ DocumentReference (2): /ClinicalDocument/component"), "{line}");
    // In lines, as some servers write base64, and in a Binary of a Bundle.
    let encoded = STANDARD.encode(PROBLEMS);
    let lines = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap().to_owned());
    let lines = lines.collect::<Vec<_>>().join("\r\n");
    let bundle = json!({ "resourceType": "Bundle", "entry": [{ "resource": { "resourceType": "Binary", "id": "b", "contentType": "text/xml", "data": lines } }] });
    let found = entries(bundle.to_string().as_bytes());
    assert_eq!(kinds(&found)[1..], kinds(&alone));
    // In FHIR XML.
    let xml = format!(
        r#"<Binary xmlns="http://hl7.org/fhir"><contentType value="text/xml"/><data value="{}"/></Binary>"#,
        STANDARD.encode(PROBLEMS)
    );
    assert_eq!(kinds(&entries(xml.as_bytes()))[1..], kinds(&alone));
}

#[test]
fn fhir_in_a_record_is_read_a_few_levels_down() {
    let mut file = TWO.as_bytes().to_vec();
    for _ in 0..4 {
        file = reference("application/fhir+json", &file).to_string().into_bytes();
    }
    let found = entries(&file);
    assert_eq!(kinds(&found), ["DocumentReference"; 3], "{found:?}");
    let found = entries(reference("application/fhir+json", TWO.as_bytes()).to_string().as_bytes());
    assert_eq!(kinds(&found), ["DocumentReference", "Basic", "Basic"]);
}

#[test]
fn what_is_nothing_to_read_stays_in_its_record_and_what_is_broken_is_told() {
    for bytes in [
        &b"{\"a\": 1, \"b\": \"of a program that is none of ours, and long enough\"}"[..],
        &[0xFF; 100],
        &b"<html><body>A letter of more than sixty-four letters, all told</body></html>"[..],
    ] {
        assert_eq!(
            entries(reference("application/octet-stream", bytes).to_string().as_bytes()),
            ["DocumentReference/d"]
        );
    }
    let cut = &TWO.as_bytes()[..TWO.len() - 3];
    let found = entries(reference("application/fhir+json", cut).to_string().as_bytes());
    assert_eq!(found, ["DocumentReference/d", "DocumentReference (2): cut_short"]);
}

#[test]
fn records_in_a_pdf_are_read_and_the_pdf_kept() {
    let pdf = |files: &[(&str, &str)]| {
        let mut names = String::new();
        let mut objects = String::new();
        for (at, (name, text)) in files.iter().enumerate() {
            let (spec, stream) = (10 + 2 * at, 11 + 2 * at);
            names.push_str(&format!("({name}) {spec} 0 R "));
            objects.push_str(&format!(
                "{spec} 0 obj<</Type/Filespec/F({name})/EF<</F {stream} 0 R>>>>endobj\n\
                 {stream} 0 obj<</Type/EmbeddedFile/Length {}>>stream\n{text}\nendstream endobj\n",
                text.len()
            ));
        }
        format!(
            "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[{names}]>>>>>>endobj\n\
             2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n{objects}trailer<</Root 1 0 R>>"
        )
    };
    let found =
        entries(pdf(&[("summary.json", TWO), ("notes.txt", "see you on Monday"), ("cut.json", &TWO[..90])]).as_bytes());
    assert_eq!(kinds(&found), ["application", "DocumentReference", "Basic", "Basic", "cut.json:"], "{found:?}");
    assert_eq!(found[2], "Basic/ä @ summary.json: Bundle.entry[0].resource");
    assert_eq!(found[4], "cut.json: cut_short");
    let found = entries(pdf(&[("cda.xml", PROBLEMS)]).as_bytes());
    assert!(kinds(&found).contains(&"Condition"), "{found:?}");
}
