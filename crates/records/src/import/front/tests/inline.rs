//! Documents and cards that a record of FHIR carries as base64.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::*;
use crate::sensitivity::Sensitivity;

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
    let (last, inside) = found.split_last().unwrap();
    assert_eq!(last, "DocumentReference/d");
    assert_eq!(kinds(inside), kinds(&alone));
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
    assert_eq!(kinds(&found[..found.len() - 1]), kinds(&alone));
    // In FHIR XML.
    let xml = format!(
        r#"<Binary xmlns="http://hl7.org/fhir"><contentType value="text/xml"/><data value="{}"/></Binary>"#,
        STANDARD.encode(PROBLEMS)
    );
    let found = entries(xml.as_bytes());
    assert_eq!(kinds(&found[..found.len() - 1]), kinds(&alone));
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
    assert_eq!(kinds(&found), ["Basic", "Basic", "DocumentReference"]);
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
    let cut_short = "DocumentReference (2): Bundle.entry[1]: cut_short";
    assert_eq!(found, ["Basic/ä @ DocumentReference (2): Bundle.entry[0].resource", cut_short, "DocumentReference/d"]);
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
    assert_eq!(kinds(&found), ["application", "Basic", "Basic", "cut.json:", "DocumentReference"], "{found:?}");
    assert_eq!(found[1], "Basic/ä @ summary.json: Bundle.entry[0].resource");
    assert_eq!(found[3], "cut.json: cut_short");
    let found = entries(pdf(&[("cda.xml", PROBLEMS)]).as_bytes());
    assert!(kinds(&found).contains(&"Condition"), "{found:?}");
}

/// The labels of the records in a file, by the kind of resource.
fn labels(file: &[u8]) -> Vec<(String, Vec<Sensitivity>, Vec<u8>)> {
    let limits = Limits::default();
    let source = convert::Source { name: "file", sha256: [7; 32], now: 0, limits: &limits };
    let mut found = Vec::new();
    read_file(&mut Cursor::new(file), &source, &mut |event| {
        if let Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) = event {
            let index = record.index;
            found.push((index.resource_type, index.sensitivity, record.original.to_vec()));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

#[test]
fn a_record_is_as_sensitive_as_the_document_in_it() {
    let hiv = PROBLEMS.replace("38341003", "86406008");
    let in_a_record = |document: &[u8]| reference("text/xml", document);
    let carriers = |file: &Value| {
        let all = labels(file.to_string().as_bytes());
        let carriers = all.into_iter().filter(|(kind, ..)| kind == "DocumentReference" || kind == "Binary");
        carriers
            .map(|(kind, labels, original)| {
                let stored = index_with_contents(&original).unwrap();
                assert_eq!(stored.sensitivity, labels, "{kind}: as the index made anew from what is stored");
                (labels, original)
            })
            .collect::<Vec<_>>()
    };
    let alone = in_a_record(hiv.as_bytes());
    // The document that the conversion makes is the other.
    let labelled = carriers(&alone);
    assert!(labelled.iter().all(|(labels, _)| labels == &[Sensitivity::Hiv]), "{labelled:?}");
    assert!(
        labelled.iter().any(|(_, original)| original == alone.to_string().as_bytes()),
        "its bytes are as they came"
    );
    assert!(carriers(&in_a_record(PROBLEMS.as_bytes())).iter().all(|(labels, _)| labels.is_empty()));
    // Two levels down, and beside one that is not sensitive.
    let deeper = in_a_record(alone.to_string().as_bytes());
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
        { "resource": deeper }, { "resource": in_a_record(PROBLEMS.as_bytes()) },
    ] });
    let found = carriers(&bundle);
    let of = |carrier: &Value| {
        let bytes = serde_json::to_vec(carrier).unwrap();
        found.iter().find(|(_, original)| *original == bytes).map(|(labels, _)| labels.clone())
    };
    assert_eq!(of(&deeper), Some(vec![Sensitivity::Hiv]));
    assert_eq!(of(&in_a_record(PROBLEMS.as_bytes())), Some(Vec::new()));
}
