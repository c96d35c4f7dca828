//! The reader held against a document that was written for it, and against what breaks readers.

use std::{collections::BTreeMap, ops::ControlFlow};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    convert::{binary_reference, provenance},
    import::{Entry, Limits, NarrativeReason, import},
};

mod accounted;
mod europe;
mod fields;
mod states;
mod subject;
mod whole;
mod written_anew;

const SAMPLE: &str = include_str!("../../tests/samples/summary.xml");

#[derive(Debug, Default, PartialEq)]
struct Read {
    resources: Vec<Converted>,
    skips: Vec<Skip>,
    attachments: Vec<(String, Vec<u8>)>,
}

fn read_all(bytes: &[u8]) -> Result<Read> {
    let limits = Limits::default();
    let source = Source { name: "a.xml", sha256: [7; 32], now: 0, limits: &limits };
    let mut out = Read::default();
    read(bytes, &source, &mut |found| {
        match found {
            Found::Resource(converted) => out.resources.push(*converted),
            Found::Skipped(skip) => out.skips.push(skip),
            Found::Attachment(file) => out.attachments.push((file.media_type.to_owned(), file.bytes.to_owned())),
        }
        ControlFlow::Continue(())
    })?;
    Ok(out)
}

fn sample() -> Read {
    read_all(SAMPLE.as_bytes()).unwrap()
}

impl Read {
    fn of(&self, kind: &str) -> Vec<Value> {
        let all = self.resources.iter().filter(|converted| converted.resource["resourceType"] == kind);
        all.map(|converted| Value::Object(converted.resource.clone())).collect()
    }

    /// The one resource whose main code is this.
    fn coded(&self, code: &str) -> Value {
        let keys = ["code", "vaccineCode", "medicationCodeableConcept", "type", "description"];
        let found: Vec<&Converted> = self
            .resources
            .iter()
            .filter(|converted| {
                keys.iter().filter_map(|key| converted.resource.get(*key)).any(|value| {
                    let value = value.get(0).unwrap_or(value);
                    value["coding"][0]["code"] == code || value["text"] == code
                })
            })
            .collect();
        assert_eq!(found.len(), 1, "{code}");
        Value::Object(found[0].resource.clone())
    }
}

/// One section with one entry, in a document without a header.
fn entry(kind: &str, act: &str) -> Read {
    read_all(format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><component><structuredBody><component><section><code code='{kind}'/><text>T</text><entry>{act}</entry></section></component></structuredBody></component></ClinicalDocument>"
    ).as_bytes())
    .unwrap()
}

#[test]
fn every_kind_of_entry_becomes_its_kind_of_resource() {
    let mut counts = BTreeMap::new();
    for converted in sample().resources {
        *counts.entry(converted.resource["resourceType"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    let expected = [
        ("AllergyIntolerance", 2),
        ("Composition", 1),
        ("Condition", 5),
        ("Coverage", 1),
        ("Device", 2),
        ("DeviceUseStatement", 1),
        ("DiagnosticReport", 1),
        ("DocumentReference", 5),
        ("Encounter", 2),
        ("FamilyMemberHistory", 1),
        ("Goal", 1),
        ("Immunization", 2),
        ("Location", 1),
        ("MedicationAdministration", 1),
        ("MedicationDispense", 1),
        ("MedicationRequest", 1),
        ("MedicationStatement", 2),
        ("Observation", 11),
        ("Organization", 3),
        ("Patient", 1),
        ("Practitioner", 1),
        ("PractitionerRole", 1),
        ("Procedure", 2),
        ("ServiceRequest", 1),
    ];
    assert_eq!(counts, expected.map(|(kind, count)| (kind.to_owned(), count)).into());
}

#[test]
fn what_is_skipped_has_a_reason_and_a_place() {
    let skips = sample().skips;
    let shown: Vec<(&str, &str)> = skips.iter().map(|skip| (skip.reason.code(), skip.path.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("ccda_no_information", "/ClinicalDocument/component/structuredBody/component[1]/section/entry[3]/act"),
            ("ccda_repeated", "/ClinicalDocument/component/structuredBody/component[9]/section/entry/encounter"),
            ("ccda_only_a_reference", "/ClinicalDocument/component/structuredBody/component[15]/section/entry/act"),
        ]
    );
}

#[test]
fn an_allergy_with_reaction_severity_and_criticality() {
    let allergy = sample().coded("7980");
    assert_eq!(allergy["code"]["text"], "Penicillin G", "the words of the narrative");
    assert_eq!(allergy["criticality"], "high");
    assert_eq!(allergy["category"], json!(["medication"]));
    assert_eq!(allergy["onsetDateTime"], "2019-05");
    assert_eq!(allergy["recordedDate"], "2020-01-02");
    assert_eq!(allergy["recorder"]["display"], "Dr Ann Author", "named elsewhere in the document by the same id");
    assert_eq!(allergy["reaction"][0]["severity"], "severe");
    assert_eq!(allergy["reaction"][0]["manifestation"][0]["text"], "Hives");
    let div = allergy["text"]["div"].as_str().unwrap();
    assert!(div.contains("<th>To</th>") && div.contains("<td>Penicillin G</td>"), "{div}");
}

#[test]
fn what_is_denied_says_so() {
    let read = sample();
    assert_eq!(
        read.coded("429625007")["verificationStatus"]["coding"][0]["code"],
        "confirmed",
        "no known food allergy"
    );
    assert_eq!(read.coded("160245001")["code"]["text"], "No current problems or disability");
    assert_eq!(read.coded("44054006")["verificationStatus"]["coding"][0]["code"], "refuted");
    assert_eq!(read.coded("787481004")["status"], "active", "no known medications");
    assert_eq!(read.coded("43")["status"], "not-done");
    assert_eq!(read.coded("43")["statusReason"]["coding"][0]["code"], "PATOBJ");
    let cultures = read.coded("600-7");
    assert_eq!(cultures["valueString"], "Not: E. coli");
    assert!(cultures.get("valueCodeableConcept").is_none());
    let procedures = read.of("Procedure");
    assert_eq!(procedures[1]["status"], "not-done");
    assert_eq!(read.of("FamilyMemberHistory")[0]["note"][0]["text"], "Not: Asthma");
    assert_eq!(read.of("FamilyMemberHistory")[0]["condition"].as_array().unwrap().len(), 1);
}

#[test]
fn times_keep_their_precision_and_what_fhir_cannot_say() {
    let asthma = sample().coded("195967001");
    assert_eq!(asthma["onsetDateTime"], "2010-03-01", "a time without a zone is left out");
    assert_eq!(asthma["_onsetDateTime"]["extension"][0]["valueString"], "20100301120000");
    assert_eq!(asthma["clinicalStatus"]["coding"][0]["code"], "recurrence");
    assert_eq!(asthma["note"][0]["text"], "Worse in spring");
    assert_eq!(asthma["code"]["coding"][1]["system"], "http://hl7.org/fhir/sid/icd-10-cm");
    assert_eq!(asthma["code"]["coding"][2]["system"], "urn:oid:2.999.99");
    let ankle = sample().coded("Sprained ankle");
    assert_eq!(ankle["clinicalStatus"]["coding"][0]["code"], "resolved");
    assert_eq!(ankle["_abatementDateTime"]["extension"][0]["valueCode"], "unknown");
    let patient = &sample().of("Patient")[0];
    assert_eq!(patient["birthDate"], "1970-01-02");
    assert_eq!(patient["_birthDate"]["extension"][0]["valueDateTime"], "1970-01-02T15:30:00+01:00");
    assert_eq!(patient["identifier"][1]["_value"]["extension"][0]["valueCode"], "masked");
    assert_eq!(patient["managingOrganization"]["display"], "Example Clinic");
}

#[test]
fn medicines_with_their_dosage() {
    let read = sample();
    let given = read.coded("7052");
    assert_eq!(given["resourceType"], "MedicationAdministration");
    assert_eq!(given["effectiveDateTime"], "2024-03-05T09:30:00+01:00");
    let statement = &read.of("MedicationStatement")[0];
    assert_eq!(statement["status"], "active", "completed, but its end is after the document");
    let dosage = &statement["dosage"][0];
    assert_eq!(dosage["text"], "one puff twice a day");
    assert_eq!(dosage["timing"]["repeat"]["frequency"], 2);
    assert_eq!(dosage["timing"]["repeat"]["periodUnit"], "d");
    assert_eq!(dosage["doseAndRate"][0]["doseQuantity"]["value"].to_string(), "1.50");
    assert_eq!(dosage["maxDosePerPeriod"]["denominator"]["code"], "d");
    assert_eq!(dosage["asNeededCodeableConcept"]["text"], "Wheezing");
    assert_eq!(statement["reasonCode"][0]["text"], "Asthma");
    let request = &read.of("MedicationRequest")[0];
    assert_eq!(request["intent"], "order");
    assert_eq!(request["contained"][0]["batch"]["lotNumber"], "L1");
    assert_eq!(request["dispenseRequest"]["numberOfRepeatsAllowed"], 2);
    let repeat = &request["dosageInstruction"][0]["timing"]["repeat"];
    assert_eq!((repeat["period"].to_string(), repeat["periodMax"].to_string()), ("4".to_owned(), "6".to_owned()));
    assert_eq!((&repeat["when"][0], &repeat["offset"]), (&json!("AC"), &json!(60)));
    assert_eq!(read.of("MedicationDispense")[0]["whenHandedOver"], "2023-01-02");
}

#[test]
fn values_of_every_type() {
    let read = sample();
    let hemoglobin = read.coded("718-7");
    assert_eq!(hemoglobin["valueQuantity"]["value"].to_string(), "13.20", "decimals keep their digits");
    assert_eq!(hemoglobin["referenceRange"][0]["high"]["value"].to_string(), "15.50");
    assert_eq!(hemoglobin["interpretation"][0]["coding"][0]["code"], "N");
    assert_eq!(hemoglobin["category"][0]["coding"][0]["code"], "laboratory", "the section is known by its template");
    assert_eq!(read.coded("30313-1")["valueQuantity"]["comparator"], "<");
    assert_eq!(read.coded("30313-1")["referenceRange"][0]["text"], "below 5");
    assert_eq!(read.coded("5778-6")["dataAbsentReason"]["coding"][0]["code"], "not-asked");
    assert_eq!(read.coded("6690-2")["valueString"], "not legible");
    assert_eq!(read.coded("5196-1")["valueRatio"]["denominator"]["value"].to_string(), "128");
    assert_eq!(read.coded("82810-3")["component"][0]["valueDateTime"], "2024-09-01");
    let report = &read.of("DiagnosticReport")[0];
    assert_eq!(report["result"].as_array().unwrap().len(), 6);
    assert_eq!(report["effectiveDateTime"], "2024-03-01", "the time of its results");
}

#[test]
fn the_visit_of_the_header_and_of_its_section_is_one() {
    let read = sample();
    let visit = &read.of("Encounter")[0];
    assert_eq!(visit["class"]["code"], "AMB");
    assert_eq!(visit["status"], "finished");
    assert_eq!(visit["type"][0]["coding"][0]["code"], "99213");
    assert_eq!(visit["type"][0]["coding"].as_array().unwrap().len(), 1, "its class is not its type");
    assert_eq!(visit["location"][0]["location"]["display"], "Room 5");
    let fever = read.coded("386661006");
    assert_eq!(fever["category"][0]["coding"][0]["code"], "encounter-diagnosis");
    assert_eq!(
        visit["diagnosis"][0]["condition"]["reference"],
        json!(format!("urn:uuid:{}", fever["id"].as_str().unwrap()))
    );
}

#[test]
fn devices_insurance_goals_and_notes() {
    let read = sample();
    let hip = read.coded("304120007");
    assert_eq!(hip["udiCarrier"][0]["deviceIdentifier"], "00643169007222");
    assert_eq!(
        read.of("Procedure")[0]["usedReference"][0]["reference"],
        json!(format!("urn:uuid:{}", hip["id"].as_str().unwrap()))
    );
    let coverage = &read.of("Coverage")[0];
    assert_eq!(coverage["payor"][0]["display"], "Good Insurance");
    assert_eq!(coverage["subscriberId"], "MEMBER-1");
    assert_eq!(read.of("Goal")[0]["target"][0]["detailQuantity"]["value"].to_string(), "70");
    assert_eq!(read.of("ServiceRequest")[0]["intent"], "order");
    let note = read.coded("11506-3");
    assert_eq!(note["content"][0]["attachment"]["contentType"], "application/xhtml+xml");
    assert_eq!(read.attachments, [("image/png".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec())]);
}

#[test]
fn nothing_of_the_narrative_is_lost_and_nothing_in_it_runs() {
    let read = sample();
    let composition = &read.of("Composition")[0];
    let all = composition.to_string();
    for words in [
        "Penicillin G",
        "one puff twice a day",
        "She fell off a bicycle &lt;yesterday&gt;.",
        "No information",
        "below 5",
    ] {
        assert!(all.contains(words), "{words}");
    }
    for converted in &read.resources {
        let text = Value::Object(converted.resource.clone()).to_string();
        assert!(!text.contains("<script") && !text.contains("alert("));
    }
    assert_eq!(composition["section"].as_array().unwrap().len(), 18);
    assert_eq!(composition["section"][0]["entry"].as_array().unwrap().len(), 2);
    let points = composition["section"][14]["entry"][0]["reference"].clone();
    assert_eq!(
        points,
        json!(format!("urn:uuid:{}", read.coded("195967001")["id"].as_str().unwrap())),
        "a concern points to its problem"
    );
    let only: Vec<&Converted> = read.resources.iter().filter(|converted| converted.narrative_only.is_some()).collect();
    assert_eq!(only.len(), 2);
    assert_eq!(only[0].narrative_only, Some(NarrativeReason::SectionText));
    assert!(only[0].resource["text"]["div"].as_str().unwrap().contains("bicycle"));
}

#[test]
fn the_document_itself_is_a_record() {
    let read = sample();
    let document = read.of("DocumentReference").pop().unwrap();
    assert_eq!(document["masterIdentifier"]["value"], "DOC-1");
    assert_eq!(document["content"][0]["attachment"]["url"], binary_reference(&[7; 32]));
    assert_eq!(document["content"][0]["format"]["code"], "urn:hl7-org:sdwg:ccda-structuredBody:2.1");
    assert_eq!(document["relatesTo"][0]["code"], "replaces");
    assert_eq!(document["relatesTo"][0]["target"]["identifier"]["value"], "DOC-0");
}

#[test]
fn references_resolve_and_ids_are_unique() {
    let read = sample();
    let ids: Vec<&str> = read.resources.iter().map(|converted| converted.resource["id"].as_str().unwrap()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    for converted in &read.resources {
        let text = Value::Object(converted.resource.clone()).to_string();
        for reference in text.split("\"urn:uuid:").skip(1) {
            let id = reference.split('"').next().unwrap();
            // Identifiers that are UUIDs have the same shape as references.
            assert!(
                ids.contains(&id) || text.contains(&format!("\"value\":\"urn:uuid:{id}\"")),
                "{id} in {}",
                converted.place
            );
        }
        assert!(converted.place.starts_with("/ClinicalDocument"), "{}", converted.place);
        assert!(uuid::Uuid::try_parse(converted.resource["id"].as_str().unwrap()).is_ok());
    }
}

#[test]
fn the_import_reads_every_resource_and_can_name_it() {
    for converted in sample().resources {
        let bytes = Value::Object(converted.resource.clone()).to_string();
        let mut file = import(bytes.as_bytes(), &Limits::default()).unwrap();
        match file.next_entry() {
            Some(Entry::Record(record)) => assert!(!record.index.title.is_empty()),
            other => panic!("{other:?}"),
        }
        let limits = Limits::default();
        let source = Source { name: "a.xml", sha256: [7; 32], now: 1_780_000_000, limits: &limits };
        assert!(provenance(&converted, &source).is_some());
    }
}

#[test]
fn the_same_act_in_the_next_document_is_the_same_record() {
    let first = sample();
    assert_eq!(first, sample(), "read twice");
    let next = SAMPLE.replace("\"DOC-1\"", "\"DOC-2\"").replace("20240305101500+0100", "20250101000000+0100");
    let next = read_all(next.as_bytes()).unwrap();
    for kind in [
        "Patient",
        "AllergyIntolerance",
        "Condition",
        "Observation",
        "Procedure",
        "Practitioner",
        "Encounter",
        "Device",
    ] {
        assert_eq!(first.of(kind), next.of(kind), "{kind}");
    }
    assert_ne!(first.of("Composition")[0]["id"], next.of("Composition")[0]["id"]);
    let other = SAMPLE.replace("extension=\"P-7\"", "extension=\"P-8\"");
    let other = read_all(other.as_bytes()).unwrap();
    for (one, two) in first.of("Condition").iter().zip(other.of("Condition")) {
        assert_ne!(one["id"], two["id"], "another patient's problem, for sample ids are used by many");
    }
}

#[test]
fn one_id_for_two_things_makes_two_records() {
    let vitals: Vec<Value> =
        sample().of("Observation").into_iter().filter(|one| one["identifier"][0]["value"] == "V-1-1").collect();
    assert_eq!(vitals.len(), 2);
    assert_ne!(vitals[0]["id"], vitals[1]["id"]);
}

#[test]
fn no_implants_are_no_device() {
    let read = entry(
        "46264-8",
        "<procedure classCode='PROC' moodCode='EVN' negationInd='true'><code code='71388002'/><statusCode code='completed'/><participant typeCode='DEV'><participantRole classCode='MANU'><templateId root='2.16.840.1.113883.10.20.22.4.37'/><playingDevice><code code='40388003' displayName='Implant'/></playingDevice></participantRole></participant></procedure>",
    );
    assert_eq!(read.of("Device").len(), 0);
    assert_eq!(read.of("Procedure")[0]["status"], "not-done");
    assert_eq!(read.of("Procedure")[0]["usedCode"][0]["text"], "Implant");
}

#[test]
fn a_file_in_place_of_a_body() {
    let document = "<ClinicalDocument xmlns='urn:hl7-org:v3'><title>Scan</title><component><nonXMLBody><text mediaType='application/pdf' representation='B64'>JVBE\nRi0x</text></nonXMLBody></component></ClinicalDocument>";
    let read = read_all(document.as_bytes()).unwrap();
    assert_eq!(read.attachments, [("application/pdf".to_owned(), b"%PDF-1".to_vec())]);
    let reference = &read.of("DocumentReference")[0];
    assert_eq!(reference["content"][0]["attachment"]["contentType"], "application/pdf");
    assert_eq!(reference["content"][1]["attachment"]["contentType"], "text/xml");
    let damaged = document.replace("JVBE\nRi0x", "JVBE!");
    let read = read_all(damaged.as_bytes()).unwrap();
    assert_eq!(read.skips[0].reason.code(), "ccda_damaged_attachment");
    assert_eq!(read.of("DocumentReference").len(), 1);
}

#[test]
fn sections_and_entries_alone_are_read() {
    let observation = "<observation classCode='OBS' moodCode='EVN'><code code='8310-5' codeSystem='2.16.840.1.113883.6.1'/><value xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='PQ' value='37.0' unit='Cel'/></observation>";
    for text in [
        observation.to_owned(),
        format!("<!-- a -->\n<entry xmlns='urn:hl7-org:v3'>{observation}</entry>"),
        format!("<section><code code='8716-3'/><entry>{observation}</entry></section>"),
        format!("<component><section><code code='8716-3'/><entry>{observation}</entry></section></component>"),
    ] {
        assert!(looks_like(text.as_bytes()));
        let read = read_all(text.as_bytes()).unwrap();
        assert_eq!(read.of("Observation").len(), 1, "{text}");
        assert_eq!(read.coded("8310-5")["valueQuantity"]["value"].to_string(), "37.0");
        assert_eq!(read.coded("8310-5")["subject"]["extension"][0]["valueCode"], "unknown");
    }
}

#[test]
fn what_is_no_clinical_document_is_refused() {
    for text in [
        "",
        "{}",
        "<html><body>ClinicalDocument</body></html>",
        "<Bundle xmlns='http://hl7.org/fhir'/>",
        "<section>x</section>",
        "<entry/>",
    ] {
        assert!(!looks_like(text.as_bytes()), "{text}");
        assert!(matches!(read_all(text.as_bytes()), Err(Error::NotCda)), "{text}");
    }
    assert!(looks_like(SAMPLE.as_bytes()));
    let limits = Limits { inflated_bytes: 10, ..Limits::default() };
    let source = Source { name: "", sha256: [0; 32], now: 0, limits: &limits };
    let refused = read(SAMPLE.as_bytes(), &source, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}

#[test]
fn a_document_cut_short_gives_what_came_before() {
    let whole = sample();
    let cut = SAMPLE.find("<title>Vital signs</title>").unwrap();
    let read = read_all(&SAMPLE.as_bytes()[..cut]).unwrap();
    assert_eq!(read.of("AllergyIntolerance"), whole.of("AllergyIntolerance"));
    assert_eq!(read.of("Immunization"), whole.of("Immunization"));
    assert!(read.skips.iter().any(|skip| skip.reason.code() == "ccda_cut_short"));
}

#[test]
fn two_documents_in_one_file_are_both_read() {
    let second = SAMPLE.split_once("?>").unwrap().1.replace("\"DOC-1\"", "\"DOC-2\"");
    let read = read_all(format!("{SAMPLE}\n{second}").as_bytes()).unwrap();
    assert_eq!(read.of("Composition").len(), 2);
}

#[test]
fn a_sink_that_breaks_stops_the_reading() {
    let limits = Limits::default();
    let source = Source { name: "", sha256: [0; 32], now: 0, limits: &limits };
    let mut count = 0;
    read(SAMPLE.as_bytes(), &source, &mut |_| {
        count += 1;
        if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(count, 3);
}

#[test]
fn hostile_documents_end_and_cost_little() {
    let start = std::time::Instant::now();
    let entities = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><ClinicalDocument xmlns='urn:hl7-org:v3'><title>&b;</title></ClinicalDocument>";
    assert_eq!(read_all(entities.as_bytes()).unwrap().of("DocumentReference")[0]["description"], "&b;");
    let deep = "<entryRelationship><observation classCode='OBS' moodCode='EVN'><code code='1'/>".repeat(50_000);
    let read =
        entry("30954-2", &format!("<observation classCode='OBS' moodCode='EVN'><code code='1'/>{deep}</observation>"));
    assert!(read.skips.iter().any(|skip| skip.reason.code() == "ccda_too_deep"));
    // Many entries that point to one long text.
    let long = format!("<content ID='t'>{}</content>", "<br/>word".repeat(20_000));
    let many = "<entry><observation classCode='OBS' moodCode='EVN'><code code='1'><originalText><reference value='#t'/></originalText></code><text><reference value='#t'/></text></observation></entry>".repeat(3000);
    let text = format!("<section xmlns='urn:hl7-org:v3'><code code='30954-2'/><text>{long}</text>{many}</section>");
    let read = read_all(text.as_bytes()).unwrap();
    assert_eq!(read.of("Observation").len(), 1, "the same statement, 3000 times");
    assert_eq!(read.skips.len(), 2999);
    // Many that share an id and differ.
    let many: String = (0..5000)
        .map(|at| format!("<entry><observation classCode='OBS' moodCode='EVN'><id root='2.999'/><code code='1'/><value xsi:type='INT' value='{at}'/></observation></entry>"))
        .collect();
    let text = format!("<section xmlns='urn:hl7-org:v3'><code code='30954-2'/>{many}</section>");
    assert_eq!(read_all(text.as_bytes()).unwrap().of("Observation").len(), 5000);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn an_entry_limit_is_kept() {
    let limits = Limits { entries: 5, ..Limits::default() };
    let source = Source { name: "", sha256: [0; 32], now: 0, limits: &limits };
    let (mut resources, mut full) = (0, false);
    read(SAMPLE.as_bytes(), &source, &mut |found| {
        match found {
            Found::Resource(_) => resources += 1,
            Found::Skipped(skip) => full |= skip.reason.code() == "ccda_too_large",
            Found::Attachment(_) => {}
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(full && resources < 20, "{resources}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_all(&bytes);
        let _ = looks_like(&bytes);
    }

    #[test]
    fn never_panics_on_an_altered_document(
        edits in proptest::collection::vec((0..SAMPLE.len(), any::<u8>()), 1..12),
        cut in 0..SAMPLE.len(),
        from in 0..SAMPLE.len(),
        length in 0usize..400,
    ) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        // Tags go missing, too.
        bytes.drain(from..(from + length).min(SAMPLE.len()));
        bytes.truncate(cut.max(SAMPLE.len() / 2));
        if let (Ok(one), Ok(two)) = (read_all(&bytes), read_all(&bytes)) {
            prop_assert_eq!(one, two);
        }
    }

    #[test]
    fn never_panics_on_an_act(act in "<(observation|act|supply|encounter|organizer|substanceAdministration|procedure) moodCode='(EVN|INT|GOL)'>(<(code|value|effectiveTime|low|participant|text) (code|value|nullFlavor)='[0-9A-Z.<]{0,9}'(/>|>)){0,9}") {
        for kind in ["48765-2", "11450-4", "10160-0", "11369-6", "10157-6", "48768-6"] {
            let _ = entry(kind, &act);
        }
    }
}
