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
    assert_eq!(format, Format::Dstu2 { xml: false });
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
    assert!(notes.len() == 2 && notes[0].contains("in FHIR DSTU2") && notes[1].contains("DSTU2 or STU3"), "{notes:?}");
}

#[test]
fn lines_in_dstu2_are_read_as_r4_and_name_their_line() {
    let lines: Vec<String> = of_a_hospital().iter().map(Value::to_string).collect();
    let (format, found) = told(lines.join("\n").as_bytes()).unwrap();
    assert_eq!(format, Format::Dstu2 { xml: false });
    let expected =
        ["Patient/p @ line 1", "MedicationRequest/m @ line 2", "Observation/o @ line 3", "DiagnosticOrder/d @ line 4"];
    assert!(found[0].contains("in FHIR DSTU2"), "{found:?}");
    assert_eq!(found[1..5], expected);
}

#[test]
fn a_file_in_stu3_is_read_as_r4() {
    let patient = json!({"resourceType": "Patient", "id": "p", "meta": {"profile": ["http://nl.example"]}, "name": [{"family": "Jansen"}]});
    let condition = json!({"resourceType": "Condition", "id": "c", "clinicalStatus": "active", "subject": {"reference": "Patient/p"}});
    let request = json!({"resourceType": "ProcedureRequest", "id": "r", "status": "active", "intent": "order", "subject": {"reference": "Patient/p"}});
    let claim = json!({"resourceType": "Claim", "id": "k", "patient": {"reference": "Patient/p"}});
    let (format, found, notes) = records(&bundle(&[patient.clone(), condition, request, claim.clone()]));
    assert_eq!(format, Format::Stu3 { xml: false });
    let shown: Vec<&str> = found.iter().map(|(_, url)| url.as_str()).collect();
    assert_eq!(shown, ["/Patient/p", "/Condition/c", "/ServiceRequest/r", "/Claim/k"]);
    assert_eq!(found[1].0["clinicalStatus"]["coding"][0]["code"], "active");
    assert_eq!([&found[0].0, &found[3].0], [&patient, &claim], "what is the same in R4, and what R4 cannot say");
    assert!(matches!(notes.as_slice(), [note] if note.contains("FHIR STU3")), "{notes:?}");
}

#[test]
fn a_file_in_r4_stays_byte_by_byte() {
    let r4 = json!({"resourceType": "Observation", "id": "o", "status": "final", "category": [{"text": "Vitals"}],
        "code": {"text": "Weight"}, "subject": {"reference": "MedicationOrder/1"}});
    let condition = json!({"resourceType": "Condition", "id": "c", "clinicalStatus": {"text": "active"}, "subject": {"reference": "Patient/p"}});
    // Left behind by a program that moved on.
    let shot = json!({"resourceType": "Immunization", "id": "i", "status": "completed", "occurrenceDateTime": "2017", "notGiven": false});
    let allergy = json!({"resourceType": "AllergyIntolerance", "id": "a", "clinicalStatus": "active"});
    let (format, found, notes) = records(&bundle(&[r4.clone(), condition.clone(), shot.clone()]));
    assert!(matches!(format, Format::Bundle { .. }));
    assert_eq!([&found[0].0, &found[1].0, &found[2].0], [&r4, &condition, &shot]);
    assert_eq!(notes, [] as [String; 0]);
    let (format, _, notes) = records(&bundle(&[allergy, r4, condition, shot]));
    assert!(matches!(format, Format::Bundle { .. }));
    assert!(matches!(notes.as_slice(), [note] if note.contains("kept whole")), "{notes:?}");
}

#[test]
fn xml_in_an_older_version_is_read_by_its_own_elements() {
    let stu3 = r#"<Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/>
      <entry><fullUrl value="https://hospital.example/dstu2/Immunization/i"/><resource><Immunization><id value="i"/>
        <status value="completed"/><notGiven value="true"/><vaccineCode><coding><code value="207"/></coding></vaccineCode>
        <patient><reference value="Patient/p"/></patient><primarySource value="true"/>
        <practitioner><role><coding><code value="AP"/></coding></role><actor><reference value="Practitioner/d"/></actor></practitioner>
      </Immunization></resource></entry>
      <entry><resource><MedicationStatement><id value="m"/><status value="active"><extension url="x"><valueCode value="y"/></extension></status>
        <medicationCodeableConcept><text value="Aspirin"/></medicationCodeableConcept><subject><reference value="Patient/p"/></subject>
        <taken value="y"/><dosage><doseQuantity><value value="1.50"/></doseQuantity></dosage>
      </MedicationStatement></resource></entry>
      <entry><resource><AllergyIntolerance><id value="a"/><clinicalStatus value="active"/><verificationStatus value="confirmed"/>
        <patient><reference value="Patient/p"/></patient></AllergyIntolerance></resource></entry></Bundle>"#;
    let (format, found, notes) = records(stu3.as_bytes());
    assert_eq!(format, Format::Stu3 { xml: true });
    assert!(matches!(notes.as_slice(), [note] if note.contains("STU3 in XML")), "{notes:?}");
    let coded = |code: &str| json!({"coding": [{"code": code}]});
    let expected = json!({
        "resourceType": "Immunization", "id": "i", "status": "not-done", "vaccineCode": coded("207"),
        "patient": {"reference": "Patient/p"}, "primarySource": true,
        "performer": [{"function": coded("AP"), "actor": {"reference": "Practitioner/d"}}],
        "_occurrenceDateTime": found[0].0["_occurrenceDateTime"],
    });
    assert_eq!(found[0], (expected, "/Immunization/i".to_owned()));
    assert_eq!(found[1].0["_status"]["extension"][0]["valueCode"], "y");
    assert_eq!(found[1].0["dosage"][0]["doseAndRate"][0]["doseQuantity"]["value"].to_string(), "1.50");
    assert_eq!(found[2].0["clinicalStatus"]["coding"][0]["code"], "active");

    let dstu2 = r#"<Condition xmlns="http://hl7.org/fhir"><id value="c"/><patient><reference value="Patient/p"/></patient>
        <code><text value="Asthma"/></code><category><text value="diagnosis"/></category><verificationStatus value="confirmed"/>
        <abatementBoolean value="true"/></Condition>"#;
    let (format, found, _) = records(dstu2.as_bytes());
    assert_eq!(format, Format::Dstu2 { xml: true });
    assert_eq!(found[0].0["clinicalStatus"]["coding"][0]["code"], "inactive");
    assert_eq!(found[0].0["category"], json!([{"text": "diagnosis"}]));
}
