//! Files in versions of FHIR before R4.

use serde_json::{Value, json};

use super::*;

const BASE: &str = "https://hospital.example/dstu2";

fn bundle(resources: &[Value]) -> Vec<u8> {
    let entry = |resource: &Value| {
        let (kind, id) = (resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        json!({"fullUrl": format!("{BASE}/{kind}/{id}"), "resource": resource})
    };
    let entries: Vec<Value> = resources.iter().map(entry).collect();
    json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}).to_string().into_bytes()
}

fn of_a_hospital() -> Vec<Value> {
    vec![
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": ["Lovelace"], "given": ["Ada"]}]}),
        json!({"resourceType": "MedicationOrder", "id": "m", "status": "active", "patient": {"reference": "Patient/p"},
            "medicationCodeableConcept": {"text": "Aspirin"}}),
        json!({"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "Weight"},
            "valueQuantity": {"value": 72, "unit": "kg"}}),
        json!({"resourceType": "DiagnosticOrder", "id": "d", "subject": {"reference": "Patient/p"}}),
    ]
}

/// The resources and full URLs of the records, and what was said of the file.
fn records(bytes: &[u8]) -> (Format, Vec<(Value, String)>, Vec<String>) {
    let limits = Limits::default();
    let source = convert::Source { name: "file", sha256: [0; 32], now: 1_780_000_000, limits: &limits };
    let (mut records, mut notes) = (Vec::new(), Vec::new());
    let format = read_file(&mut Cursor::new(bytes), &source, &mut |event| {
        match event {
            Event::Entry(Entry::Record(record)) => records.push((
                serde_json::from_slice(record.original).unwrap(),
                record.full_url.map(|url| url.replace(BASE, "")).unwrap_or_default(),
            )),
            Event::Entry(entry) => panic!("{entry:?}"),
            Event::Note { text, .. } => notes.push(text),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    (format.unwrap(), records, notes)
}

#[test]
fn a_file_in_dstu2_is_read_as_r4() {
    let (format, found, notes) = records(&bundle(&of_a_hospital()));
    assert_eq!(format, Format::Dstu2);
    let shown: Vec<(&str, &str)> =
        found.iter().map(|(resource, url)| (resource["resourceType"].as_str().unwrap(), url.as_str())).collect();
    let expected = [
        ("Patient", "/Patient/p"),
        ("MedicationRequest", "/MedicationRequest/m"),
        ("Observation", "/Observation/o"),
        ("DiagnosticOrder", "/DiagnosticOrder/d"),
    ];
    assert_eq!(shown, expected);
    assert_eq!(found[0].0["name"], json!([{"family": "Lovelace", "given": ["Ada"]}]));
    assert_eq!(found[1].0["subject"], json!({"reference": "Patient/p"}));
    assert_eq!(found[3].0, of_a_hospital()[3], "what R4 cannot say stays as it was");
    assert!(notes.len() == 2 && notes[0].contains("DSTU2 or STU3") && notes[1].contains("as R4"), "{notes:?}");
}

#[test]
fn lines_in_dstu2_are_read_as_r4_and_name_their_line() {
    let lines: Vec<String> = of_a_hospital().iter().map(Value::to_string).collect();
    let (format, found) = told(lines.join("\n").as_bytes()).unwrap();
    assert_eq!(format, Format::Dstu2);
    let expected =
        ["Patient/p @ line 1", "MedicationRequest/m @ line 2", "Observation/o @ line 3", "DiagnosticOrder/d @ line 4"];
    assert_eq!(found[..4], expected);
}

#[test]
fn a_file_in_r4_or_stu3_stays_byte_by_byte() {
    let r4 = json!({"resourceType": "Observation", "id": "o", "status": "final", "category": [{"text": "Vitals"}],
        "code": {"text": "Weight"}, "subject": {"reference": "MedicationOrder/1"}});
    let stu3 = json!({"resourceType": "Condition", "id": "c", "clinicalStatus": "active", "subject": {"reference": "Patient/p"}});
    let (format, found, notes) = records(&bundle(&[r4.clone(), stu3.clone()]));
    assert!(matches!(format, Format::Bundle { .. }));
    assert_eq!([&found[0].0, &found[1].0], [&r4, &stu3]);
    assert!(matches!(notes.as_slice(), [note] if note.contains("kept whole")), "{notes:?}");
}
