//! Fields of clinical meaning, each said in the smallest document that says it: nothing of it may be lost.

use super::*;

/// What a section of that LOINC code with these entries gives.
fn section(code: &str, entries: &str) -> Read {
    let document = format!(
        r#"<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><id root="1.2.3"/><component>
        <structuredBody><component><section><code code="{code}" codeSystem="2.16.840.1.113883.6.1"/>{entries}</section></component>
        </structuredBody></component></ClinicalDocument>"#
    );
    read_all(document.as_bytes()).unwrap()
}

fn only(read: &Read, kind: &str) -> Value {
    let mut all = read.of(kind);
    assert_eq!(all.len(), 1, "{kind}: {:?} {:?}", read.resources, read.skips);
    all.remove(0)
}

fn medicine(mood: &str, inner: &str) -> String {
    format!(
        r#"<entry><substanceAdministration classCode="SBADM" moodCode="{mood}"><templateId root="2.16.840.1.113883.10.20.22.4.16"/>
        <id root="1.2.9"/><statusCode code="active"/>{inner}<consumable><manufacturedProduct><manufacturedMaterial>
        <code code="197361" codeSystem="2.16.840.1.113883.6.88" displayName="Amlodipine 5 MG"/></manufacturedMaterial></manufacturedProduct>
        </consumable></substanceAdministration></entry>"#
    )
}

const MEDICINES: &str = "10160-0";

fn dosage(inner: &str) -> Value {
    let read = section(MEDICINES, &medicine("EVN", inner));
    only(&read, "MedicationStatement")["dosage"][0].clone()
}

#[test]
fn doses_keep_their_bounds_and_their_words() {
    let amount = |dose: &str| dosage(dose)["doseAndRate"][0].clone();
    assert_eq!(amount("<doseQuantity value='2' unit='mg'/>")["doseQuantity"]["value"], json!(2));
    let up_to = amount("<doseQuantity><high value='2' unit='mg'/></doseQuantity>");
    assert_eq!((&up_to["doseRange"]["high"]["value"], &up_to["doseRange"]["low"]), (&json!(2), &Value::Null));
    assert!(up_to["doseRange"]["high"].get("comparator").is_none(), "a SimpleQuantity has none");
    let from = amount("<doseQuantity><low value='1' unit='mg'/></doseQuantity>");
    assert_eq!(from["doseRange"]["low"]["value"], json!(1));
    let both = amount("<doseQuantity><low value='1' unit='mg'/><high value='2' unit='mg'/></doseQuantity>");
    assert_eq!((&both["doseRange"]["low"]["value"], &both["doseRange"]["high"]["value"]), (&json!(1), &json!(2)));
    assert_eq!(dosage("<doseQuantity value='1-2' unit='{tbl}'/>")["text"], "Dose: 1-2 {tbl}");
    assert_eq!(dosage("<rateQuantity value='slow'/>")["text"], "Rate: slow");
}

#[test]
fn times_that_fhir_does_not_know_keep_their_words() {
    let timing = |time: &str| dosage(time)["timing"].clone();
    let every =
        |period: &str| timing(&format!("<effectiveTime xsi:type='PIVL_TS' operator='A'>{period}</effectiveTime>"));
    assert_eq!(every("<period value='8' unit='h'/>")["repeat"]["periodUnit"], "h");
    assert_eq!(every("<period value='8' unit='hours'/>")["repeat"]["periodUnit"], "h");
    assert_eq!(every("<period value='2' unit='fortnights'/>")["code"]["text"], "every 2 fortnights");
    assert_eq!(every("<period value='4 to 6' unit='h'/>")["code"]["text"], "every 4 to 6 h");
    let twice = "<effectiveTime xsi:type='PIVL_TS' operator='A'><period value='8' unit='h'/></effectiveTime>\
                 <effectiveTime xsi:type='PIVL_TS' operator='A'><period value='2' unit='d'/></effectiveTime>";
    assert_eq!(timing(twice)["code"]["text"], "every 2 d", "a second frequency has no place but the words");
    let event = timing(
        "<effectiveTime xsi:type='EIVL_TS' operator='A'><event code='ICM' displayName='between meals'/></effectiveTime>",
    );
    assert_eq!(event["code"]["text"], "between meals");
}

#[test]
fn what_was_given_keeps_its_way_also_without_an_amount() {
    let given =
        |inner: &str| only(&section("29549-3", &medicine("EVN", inner)), "MedicationAdministration")["dosage"].clone();
    let route = "<routeCode code='C38288' codeSystem='2.16.840.1.113883.3.26.1.1' displayName='ORAL'/>";
    let way = given(route);
    assert_eq!(way["route"]["text"], "ORAL");
    assert!(way["dose"]["extension"][0]["valueCode"].is_string(), "mad-1 asks for an amount");
    let span = given("<doseQuantity><low value='1' unit='mg'/><high value='2' unit='mg'/></doseQuantity>");
    assert_eq!(span["text"], "Dose: 1 mg to 2 mg");
    assert_eq!(given("<doseQuantity value='5' unit='mg'/>")["dose"]["value"], json!(5));
}

#[test]
fn orders_and_handing_out_keep_supply_remarks_and_instructions() {
    let comment = r#"<entryRelationship typeCode="SUBJ"><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.64"/>
        <code code="48767-8" codeSystem="2.16.840.1.113883.6.1"/><text>generic given</text></act></entryRelationship>"#;
    let instruction = r#"<entryRelationship typeCode="SUBJ"><act classCode="ACT" moodCode="INT"><templateId root="2.16.840.1.113883.10.20.22.4.20"/>
        <text>with food</text></act></entryRelationship>"#;
    let days = r#"<entryRelationship typeCode="COMP"><supply classCode="SPLY" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.37.3.10"/>
        <quantity value="30" unit="d"/></supply></entryRelationship>"#;
    let dispense = format!(
        r#"<entryRelationship typeCode="REFR"><supply classCode="SPLY" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.18"/>
        <id root="1.2.8"/><statusCode code="completed"/>{comment}{days}</supply></entryRelationship>"#
    );
    let read = section(MEDICINES, &medicine("EVN", &dispense));
    let handed = only(&read, "MedicationDispense");
    assert_eq!((&handed["note"][0]["text"], &handed["daysSupply"]["value"]), (&json!("generic given"), &json!(30)));
    let order = format!(
        r#"<entryRelationship typeCode="REFR"><supply classCode="SPLY" moodCode="INT"><templateId root="2.16.840.1.113883.10.20.22.4.17"/>
        <id root="1.2.7"/><statusCode code="active"/>{instruction}{days}</supply></entryRelationship>"#
    );
    let read = section(MEDICINES, &medicine("EVN", &order));
    let ordered = only(&read, "MedicationRequest");
    assert_eq!(ordered["dosageInstruction"][0]["patientInstruction"], "with food");
    assert_eq!(ordered["dispenseRequest"]["expectedSupplyDuration"]["value"], json!(30));
    assert!(read.skips.is_empty(), "{:?}", read.skips);
}

#[test]
fn the_side_of_the_body_is_said() {
    let site = r#"<targetSiteCode code="72696002" codeSystem="2.16.840.1.113883.6.96" displayName="Knee"><qualifier>
        <name code="272741003" codeSystem="2.16.840.1.113883.6.96"/><value code="7771000" codeSystem="2.16.840.1.113883.6.96" displayName="Left"/>
        </qualifier></targetSiteCode>"#;
    let entry = format!(
        r#"<entry><procedure classCode="PROC" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.14"/><id root="1.2.5"/>
        <code code="80146002" codeSystem="2.16.840.1.113883.6.96" displayName="Arthroscopy"/><statusCode code="completed"/>
        <methodCode code="129314006" codeSystem="2.16.840.1.113883.6.96" displayName="by endoscope"/>{site}</procedure></entry>"#
    );
    let done = only(&section("47519-4", &entry), "Procedure");
    assert_eq!(done["bodySite"][0]["text"], "Knee (Left)");
    assert_eq!(done["bodySite"][0]["coding"][0]["code"], "72696002");
    assert_eq!(done["extension"][0]["valueCodeableConcept"]["text"], "by endoscope");
    let said = entry.replace("displayName=\"Knee\"", "displayName=\"Left knee\"");
    assert_eq!(only(&section("47519-4", &said), "Procedure")["bodySite"][0]["text"], "Left knee");
}

#[test]
fn a_severity_in_other_words_and_what_was_done_about_a_reaction() {
    let entry = r#"<entry><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.7"/><id root="1.2.6"/>
        <value xsi:type="CD" code="419199007" codeSystem="2.16.840.1.113883.6.96"/><participant typeCode="CSM"><participantRole classCode="MANU">
        <playingEntity classCode="MMAT"><code code="7982" codeSystem="2.16.840.1.113883.6.88" displayName="Penicillin G"/></playingEntity>
        </participantRole></participant><entryRelationship typeCode="MFST" inversionInd="true"><observation classCode="OBS" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.9"/><value xsi:type="CD" code="247472004" codeSystem="2.16.840.1.113883.6.96" displayName="Hives"/>
        <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.8"/>
        <code code="SEV" codeSystem="2.16.840.1.113883.5.4"/><value xsi:type="CD" code="442452003" codeSystem="2.16.840.1.113883.6.96"
        displayName="Life threatening"/></observation></entryRelationship><entryRelationship typeCode="RSON"><procedure classCode="PROC" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.14"/><id root="1.2.61"/><code code="1" codeSystem="2.16.840.1.113883.6.96" displayName="Oxygen"/>
        </procedure></entryRelationship></observation></entryRelationship></observation></entry>"#;
    let read = section("48765-2", entry);
    let allergy = only(&read, "AllergyIntolerance");
    assert_eq!(allergy["reaction"][0]["note"][0]["text"], "Severity: Life threatening");
    assert_eq!(only(&read, "Procedure")["code"]["text"], "Oxygen");
}

#[test]
fn doubt_urgency_and_remarks_on_a_report() {
    let problem = r#"<entry><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="1.2.4"/>
        <uncertaintyCode code="U" codeSystem="2.16.840.1.113883.5.1053"/><value xsi:type="CD" code="38341003" codeSystem="2.16.840.1.113883.6.96"
        displayName="Hypertension"/></observation></entry>"#;
    let doubted = only(&section("11450-4", problem), "Condition");
    assert_eq!(doubted["verificationStatus"]["coding"][0]["code"], "unconfirmed");
    let planned = r#"<entry><procedure classCode="PROC" moodCode="RQO"><templateId root="2.16.840.1.113883.10.20.22.4.41"/><id root="1.2.41"/>
        <code code="80146002" codeSystem="2.16.840.1.113883.6.96" displayName="Arthroscopy"/><statusCode code="active"/>
        <priorityCode code="UR" codeSystem="2.16.840.1.113883.5.7"/></procedure></entry>"#;
    assert_eq!(only(&section("18776-5", planned), "ServiceRequest")["priority"], "urgent");
    let report = r#"<entry><organizer classCode="BATTERY" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.1"/><id root="1.2.10"/>
        <code code="58410-2" codeSystem="2.16.840.1.113883.6.1" displayName="CBC"/><statusCode code="completed"/><component><observation classCode="OBS"
        moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.2"/><id root="1.2.11"/><code code="718-7" codeSystem="2.16.840.1.113883.6.1"/>
        <statusCode code="completed"/><value xsi:type="PQ" value="13.5" unit="g/dL"/></observation></component><component><act classCode="ACT"
        moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.64"/><code code="48767-8" codeSystem="2.16.840.1.113883.6.1"/>
        <text>sample was haemolysed</text></act></component></organizer></entry>"#;
    assert_eq!(only(&section("30954-2", report), "DiagnosticReport")["conclusion"], "sample was haemolysed");
}

#[test]
fn a_section_that_is_restricted_restricts_what_is_in_it_and_nothing_else() {
    let problem = |id: &str| {
        format!(
            r#"<entry><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="{id}"/>
            <value xsi:type="CD" code="{id}" codeSystem="1.2.840.1" displayName="Something"/></observation></entry>"#
        )
    };
    let restricted = format!(
        r#"</section></component><component><section><code code="11348-0" codeSystem="2.16.840.1.113883.6.1"/>
        <confidentialityCode code="R" codeSystem="2.16.840.1.113883.5.25"/>{}"#,
        problem("1.7.8")
    );
    let read = section("11450-4", &format!("{}{restricted}", problem("1.7.7")));
    let labels: Vec<bool> = read.of("Condition").iter().map(|one| one["meta"]["security"].is_array()).collect();
    assert_eq!(labels, [false, true]);
}

#[test]
fn how_much_a_goal_matters_and_which_dose_it_was() {
    let goal = r#"<entry><observation classCode="OBS" moodCode="GOL"><templateId root="2.16.840.1.113883.10.20.22.4.121"/><id root="1.2.12"/>
        <code code="3141-9" codeSystem="2.16.840.1.113883.6.1" displayName="Weight"/><statusCode code="active"/><entryRelationship typeCode="REFR">
        <observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.143"/><code code="225773000"
        codeSystem="2.16.840.1.113883.6.96"/><value xsi:type="CD" code="394849002" codeSystem="2.16.840.1.113883.6.96" displayName="High priority"/>
        </observation></entryRelationship></observation></entry>"#;
    assert_eq!(only(&section("61146-7", goal), "Goal")["priority"]["text"], "High priority");
    let vaccination = r#"<entry><substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.1.24"/>
        <id root="1.2.13"/><consumable><manufacturedProduct><manufacturedMaterial><code code="207" codeSystem="2.16.840.1.113883.12.292"
        displayName="COVID-19"/></manufacturedMaterial></manufacturedProduct></consumable><entryRelationship typeCode="SUBJ"><observation
        classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.1.46"/><code code="30973-2" codeSystem="2.16.840.1.113883.6.1"/>
        <value xsi:type="INT" value="2"/></observation></entryRelationship></substanceAdministration></entry>"#;
    let read = section("11369-6", vaccination);
    assert_eq!(only(&read, "Immunization")["protocolApplied"][0]["doseNumberPositiveInt"], json!(2));
}

/// "None" is said of what the section is about, and of nothing else.
#[test]
fn that_none_were_given_or_planned_is_not_that_none_are_taken() {
    let none = |mood: &str| {
        format!(
            r#"<entry><substanceAdministration classCode="SBADM" moodCode="{mood}" negationInd="true">
            <templateId root="2.16.840.1.113883.10.20.22.4.16"/><text>None</text><consumable><manufacturedProduct><manufacturedMaterial>
            <code nullFlavor="UNK"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>"#
        )
    };
    let taken = section(MEDICINES, &none("EVN"));
    assert_eq!(only(&taken, "MedicationStatement")["medicationCodeableConcept"]["coding"][0]["code"], "787481004");
    for (code, mood) in [("29549-3", "EVN"), ("11369-6", "INT"), (MEDICINES, "INT")] {
        let read = section(code, &none(mood));
        assert!(
            !read
                .resources
                .iter()
                .any(|one| one.resource.values().any(|value| value.to_string().contains("787481004")))
        );
        assert_eq!(
            read.skips.iter().map(|skip| skip.reason.code()).collect::<Vec<_>>(),
            ["ccda_no_information"],
            "{code} {mood}"
        );
    }
}

#[test]
fn the_name_on_the_package_is_kept_beside_the_medicine() {
    let named = medicine("EVN", "").replace("</manufacturedMaterial>", "<name>Norvasc</name></manufacturedMaterial>");
    let read = section(MEDICINES, &named);
    assert_eq!(only(&read, "MedicationStatement")["medicationCodeableConcept"]["text"], "Amlodipine 5 MG (Norvasc)");
    let same = named.replace("Norvasc", "amlodipine");
    assert_eq!(
        only(&section(MEDICINES, &same), "MedicationStatement")["medicationCodeableConcept"]["text"],
        "Amlodipine 5 MG"
    );
}

#[test]
fn that_there_were_no_complications_is_not_that_there_are_no_problems() {
    let none = r#"<entry><observation classCode="OBS" moodCode="EVN" negationInd="true"><templateId root="2.16.840.1.113883.10.20.22.4.4"/>
        <id root="1.2.14"/><value xsi:type="CD" code="55607006" codeSystem="2.16.840.1.113883.6.96" displayName="Problem"/></observation></entry>"#;
    assert_eq!(only(&section("11450-4", none), "Condition")["code"]["coding"][0]["code"], "160245001");
    for code in ["55109-3", "11348-0"] {
        let read = section(code, none);
        assert!(read.of("Condition").is_empty() && read.skips.len() == 1, "{code}: {:?}", read.resources);
    }
}

#[test]
fn values_of_rare_types_keep_what_they_say() {
    let read = |value: &str| {
        let observation = format!(
            "<entry><observation classCode='OBS' moodCode='EVN'><code code='1-8' codeSystem='2.16.840.1.113883.6.1'/>{value}</observation></entry>"
        );
        only(&section("30954-2", &observation), "Observation")
    };
    for (value, key, expected) in [
        ("<value xsi:type='IVL_INT'><low value='10'/><high value='20'/></value>", "valueRange", "20"),
        ("<value xsi:type='IVL_REAL'><low value='1.5'/><high value='2.5'/></value>", "valueRange", "2.5"),
        ("<value xsi:type='RTO_INT_INT'><numerator value='1'/><denominator value='128'/></value>", "valueRatio", "128"),
        ("<value xsi:type='SXCM_PQ' value='3' unit='mg'/>", "valueQuantity", "mg"),
        ("<value xsi:type='CO' value='3'/>", "valueQuantity", "3"),
        ("<value xsi:type='MO' value='5' currency='USD'/>", "valueQuantity", "USD"),
        (
            "<value xsi:type='CO' value='3' code='LA6751-7' displayName='Moderate'/>",
            "valueCodeableConcept",
            "ordinalValue",
        ),
        ("<value xsi:type='PN'><given>A</given><family>B</family></value>", "valueString", "A B"),
        ("<value xsi:type='PIVL_TS'><period value='8' unit='h'/></value>", "valueString", "every 8 h"),
        (
            "<value xsi:type='SLIST_PQ'><scale value='2.5' unit='uV'/><digits>1 2 3</digits></value>",
            "valueString",
            "1 2 3; scale 2.5 uV",
        ),
        ("<value xsi:type='IVL_PQ'><low value='1' unit='mg'/><high value='x'/></value>", "valueString", "1 mg to x"),
        ("<value xsi:type='UVP_TS' value='often'/>", "valueString", "often"),
    ] {
        let made = read(value);
        assert!(made.get(key).is_some_and(|said| said.to_string().contains(expected)), "{value}: {made}");
    }
    let elsewhere = section(
        "30954-2",
        "<entry><observation classCode='OBS' moodCode='EVN'><code code='1-8'/><value xsi:type='ED'><reference value='http://x/y.pdf'/></value>\
         </observation></entry>",
    );
    assert!(only(&elsewhere, "Observation").get("derivedFrom").is_some());
    let urls = elsewhere.of("DocumentReference");
    assert!(urls.iter().any(|file| file["content"][0]["attachment"]["url"] == "http://x/y.pdf"));
    let denied = section(
        "30954-2",
        "<entry><observation classCode='OBS' moodCode='EVN' negationInd='true'><code code='1-8'/><value xsi:type='PQ' value='5' unit='mg'/>\
         </observation></entry>",
    );
    assert_eq!(only(&denied, "Observation")["valueString"], "Not: 5 mg");
}

#[test]
fn a_range_with_commas_keeps_its_words() {
    let range = |value: &str| {
        let observation = format!(
            "<entry><observation classCode='OBS' moodCode='EVN'><code code='1-8'/><value xsi:type='PQ' value='5' unit='mmol/L'/>\
             <referenceRange><observationRange><value xsi:type='IVL_PQ'>{value}</value></observationRange></referenceRange></observation></entry>"
        );
        only(&section("30954-2", &observation), "Observation")["referenceRange"][0].clone()
    };
    let odd = range("<low value='4,5' unit='mmol/L'/><high value='6.1' unit='mmol/L'/>");
    assert_eq!((&odd["text"], odd.get("high")), (&json!("4,5 mmol/L to 6.1 mmol/L"), None));
    let single = "<entry><observation classCode='OBS' moodCode='EVN'><code code='1-8'/><value xsi:type='PQ' value='5'/><referenceRange>\
        <observationRange><value xsi:type='PQ' value='5' unit='mg'/></observationRange></referenceRange></observation></entry>";
    assert_eq!(only(&section("30954-2", single), "Observation")["referenceRange"][0]["text"], "5 mg");
    let plain = range("<low value='4.5' unit='mmol/L'/><high value='6.1' unit='mmol/L'/>");
    assert_eq!((&plain["high"]["value"], plain.get("text")), (&json!(6.1), None));
}

#[test]
fn an_earlier_visit_has_its_own_diagnoses_and_remarks() {
    let visit = r#"<encounter classCode="ENC" moodCode="EVN"><id root="1.2.8" extension="OLD"/><code code="99213" displayName="Visit"/>
        <effectiveTime value="20100101"/><entryRelationship typeCode="COMP"><act classCode="ACT" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.80"/><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="1.2.9"/><value xsi:type="CD" code="233604007" displayName="Pneumonia"/>
        </observation></entryRelationship></act></entryRelationship><entryRelationship typeCode="SUBJ"><act classCode="ACT" moodCode="EVN">
        <templateId root="2.16.840.1.113883.10.20.22.4.64"/><code code="48767-8" codeSystem="2.16.840.1.113883.6.1"/>
        <text>Left against advice</text></act></entryRelationship></encounter>"#;
    let document = format!(
        r#"<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><componentOf><encompassingEncounter>
        <id root="1.2.8" extension="NEW"/><effectiveTime value="20240105"/></encompassingEncounter></componentOf><component><structuredBody>
        <component><section><code code="46240-8"/><entry>{visit}</entry></section></component></structuredBody></component></ClinicalDocument>"#
    );
    let read = read_all(document.as_bytes()).unwrap();
    let visits = read.of("Encounter");
    let old = visits.iter().find(|visit| visit["identifier"][0]["value"] == "OLD").unwrap();
    let old = format!("urn:uuid:{}", old["id"].as_str().unwrap());
    assert_eq!(only(&read, "Condition")["encounter"]["reference"], old);
    let notes = read.of("DocumentReference");
    let note = notes.iter().find(|note| note["context"]["encounter"][0]["reference"] == old).unwrap();
    assert_eq!(note["content"][0]["attachment"]["data"], "TGVmdCBhZ2FpbnN0IGFkdmljZQ==");
}

/// What a document with this in its header, and this person, gives.
fn header(participants: &str, person: &str) -> Value {
    let document = format!(
        r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1.2" extension="P"/><patient>{person}</patient>
        </patientRole></recordTarget>{participants}<component><structuredBody/></component></ClinicalDocument>"#
    );
    only(&read_all(document.as_bytes()).unwrap(), "Patient")
}

#[test]
fn those_to_call_are_contacts_of_the_patient() {
    let mother = r#"<participant typeCode="IND"><associatedEntity classCode="ECON"><code code="MTH" codeSystem="2.16.840.1.113883.5.111"
        displayName="mother"/><telecom use="MC" value="tel:555-9999"/><associatedPerson><name><given>Martha</given><family>Mum</family></name>
        </associatedPerson></associatedEntity></participant>"#;
    let told = r#"<informant><relatedEntity classCode="PRS"><relatedPerson><name><family>Friend</family></name></relatedPerson></relatedEntity></informant>"#;
    let payer = r#"<participant typeCode="HLD"><associatedEntity classCode="POLHOLD"><associatedPerson><name><family>Payer</family></name>
        </associatedPerson></associatedEntity></participant>"#;
    let patient = header(&format!("{mother}{mother}{told}{payer}"), "");
    let contacts = patient["contact"].as_array().unwrap();
    assert_eq!(contacts.len(), 2);
    assert_eq!(contacts[0]["relationship"][0]["coding"][0]["code"], "C");
    assert_eq!(contacts[0]["relationship"][1]["text"], "mother");
    assert_eq!(
        (&contacts[0]["name"]["family"], &contacts[0]["telecom"][0]["value"]),
        (&json!("Mum"), &json!("555-9999"))
    );
    assert_eq!(contacts[1]["name"]["family"], "Friend");
}

#[test]
fn a_name_at_birth_is_a_name_of_its_own() {
    let patient = header(
        "",
        "<name><given>Ann</given><family>Test</family><family qualifier='BR'>Maiden</family></name>\
         <name><given>Ann</given><family qualifier='BR'>Maiden</family></name>",
    );
    let names = patient["name"].as_array().unwrap();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0]["family"], "Test");
    assert_eq!(
        (&names[1]["use"], &names[1]["family"], &names[1]["given"][0]),
        (&json!("maiden"), &json!("Maiden"), &json!("Ann"))
    );
}

#[test]
fn a_number_nobody_has_makes_no_two_people_one() {
    let doctor = |number: &str, name: &str| {
        format!(
            "<entry><procedure classCode='PROC' moodCode='EVN'><code code='{name}'/><performer><assignedEntity><id root='2.16.840.1.113883.4.6' \
             extension='{number}'/><assignedPerson><name><family>{name}</family></name></assignedPerson></assignedEntity></performer></procedure></entry>"
        )
    };
    let two = |number: &str| {
        section("47519-4", &format!("{}{}", doctor(number, "One"), doctor(number, "Two"))).of("Practitioner").len()
    };
    assert_eq!((two("9999999999"), two("1234567893")), (2, 1));
}

#[test]
fn a_refusal_is_known_by_its_code_and_a_part_among_results_is_a_result() {
    let refused = r#"<entry><substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="true"><id root="1.2.12"/><consumable>
        <manufacturedProduct><manufacturedMaterial><code code="88" codeSystem="2.16.840.1.113883.12.292"/></manufacturedMaterial>
        </manufacturedProduct></consumable><entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN">
        <code code="PATOBJ" codeSystem="2.16.840.1.113883.5.8" displayName="Patient objection"/></observation></entryRelationship>
        </substanceAdministration></entry>"#;
    let read = section("11369-6", refused);
    assert_eq!(only(&read, "Immunization")["statusReason"]["coding"][0]["code"], "PATOBJ");
    assert!(read.skips.is_empty(), "{:?}", read.skips);
    let panel = r#"<entry><organizer classCode="CLUSTER" moodCode="EVN"><code code="d5" displayName="Self-care"/><component>
        <observation classCode="OBS" moodCode="EVN"><code code="11323-3" codeSystem="2.16.840.1.113883.6.1"/><value xsi:type="CD" code="81323004"
        displayName="Alive and well"/></observation></component></organizer></entry>"#;
    assert_eq!(section("47420-5", panel).of("Observation").len(), 2);
}

#[test]
fn files_that_are_packed_or_unmarked_are_files() {
    let file = |attributes: &str, data: &str| {
        let document = format!(
            r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><component><nonXMLBody><text mediaType="application/pdf" {attributes}>{data}</text>
            </nonXMLBody></component></ClinicalDocument>"#
        );
        let read = read_all(document.as_bytes()).unwrap();
        read.attachments.first().map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap())
    };
    assert_eq!(file("", "JVBERi0x"), Some("%PDF-1".to_owned()));
    assert_eq!(file(r#"representation="B64""#, "JVBERi0x"), Some("%PDF-1".to_owned()));
    let packed = |bytes: Vec<u8>| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut deflated, b"%PDF-1").unwrap();
    let deflated = packed(deflated.finish().unwrap());
    assert_eq!(file(r#"representation="B64" compression="DF""#, &deflated), Some("%PDF-1".to_owned()));
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut zipped, b"%PDF-1").unwrap();
    let zipped = packed(zipped.finish().unwrap());
    assert_eq!(file(r#"representation="B64" compression="GZ""#, &zipped), Some("%PDF-1".to_owned()));
    assert_eq!(file(r#"representation="B64" compression="Z""#, "JVBERi0x"), None);
}
