//! What European documents say in ways of their own: epSOS and eHDSI, IHE, France.

use super::*;

fn only(read: &Read, kind: &str) -> Value {
    let mut all = read.of(kind);
    assert_eq!(all.len(), 1, "{kind}: {:?} {:?}", read.resources, read.skips);
    all.remove(0)
}

#[test]
fn what_a_medicine_is_made_of_its_form_and_its_class_are_kept() {
    let medicine = |material: &str| {
        let read = entry(
            "10160-0",
            &format!(
                "<substanceAdministration classCode='SBADM' moodCode='INT'><id root='1.2.9'/><statusCode code='active'/><consumable>\
                 <manufacturedProduct><manufacturedMaterial>{material}</manufacturedMaterial></manufacturedProduct></consumable>\
                 </substanceAdministration>"
            ),
        );
        only(&read, "MedicationRequest")["contained"][0].clone()
    };
    let inner = "<quantity><numerator xsi:type='PQ' value='500' unit='mg'/><denominator xsi:type='PQ' value='1' unit='1'/></quantity>";
    let amoxicillin = "<code code='J01CA04' codeSystem='2.16.840.1.113883.6.73' displayName='amoxicillin'/>";
    let class = "<asSpecializedKind classCode='GRIC'><generalizedMedicineClass><code code='J01CR02' codeSystem='2.16.840.1.113883.6.73' \
        displayName='amoxicillin and enzyme inhibitor'/></generalizedMedicineClass></asSpecializedKind>";
    let form = "<formCode code='10219000' codeSystem='0.4.0.127.0.16.1.1.2.1' displayName='Tablet'/>";
    for substance in [
        format!("<ingredient>{amoxicillin}</ingredient>"),
        format!("<ingredientSubstance>{amoxicillin}</ingredientSubstance>"),
    ] {
        let made = medicine(&format!(
            "<name>Augmentin</name>{form}<ingredient classCode='ACTI'>{inner}{substance}</ingredient>{class}"
        ));
        assert_eq!(made["code"]["text"], "Augmentin");
        assert_eq!(made["code"]["coding"][0]["code"], "J01CR02");
        assert_eq!(made["form"]["coding"][0]["system"], "http://standardterms.edqm.eu");
        let ingredient = &made["ingredient"][0];
        assert_eq!(ingredient["itemCodeableConcept"]["coding"][0]["code"], "J01CA04");
        assert_eq!(ingredient["strength"]["numerator"]["value"], json!(500));
        assert_eq!(ingredient["isActive"], json!(true));
    }
    let nameless =
        medicine(&format!("<ingredient classCode='ACTI'><ingredient>{amoxicillin}</ingredient></ingredient>"));
    assert_eq!(nameless["code"]["text"], "amoxicillin");
}

#[test]
fn a_reason_that_refers_to_an_entry_is_a_reason() {
    let reference = |code: &str| {
        format!(
            "<entryRelationship typeCode='RSON'><act classCode='ACT' moodCode='EVN'>\
             <templateId root='1.3.6.1.4.1.19376.1.5.3.1.4.4.1'/><id root='1.2.5'/>{code}</act></entryRelationship>"
        )
    };
    let coded = reference("<code code='I21.1' codeSystem='2.16.840.1.113883.6.3' displayName='Infarct'/>");
    let procedure = |inner: &str| {
        format!(
            "<procedure classCode='PROC' moodCode='EVN'><id root='1.2.6'/><code code='1' displayName='Stent'/>{inner}</procedure>"
        )
    };
    let medicine = |inner: &str| {
        format!(
            "<substanceAdministration classCode='SBADM' moodCode='EVN'><id root='1.2.7'/><consumable><manufacturedProduct>\
             <manufacturedMaterial><code code='2' displayName='Aspirin'/></manufacturedMaterial></manufacturedProduct></consumable>{inner}\
             </substanceAdministration>"
        )
    };
    let read = entry("47519-4", &procedure(&coded));
    assert_eq!(only(&read, "Procedure")["reasonCode"][0]["text"], "Infarct");
    let read = entry("10160-0", &medicine(&coded));
    assert_eq!(only(&read, "MedicationStatement")["reasonCode"][0]["text"], "Infarct");
    assert!(read.skips.is_empty() && read.of("Procedure").is_empty());
    let visit = format!(
        "<encounter classCode='ENC' moodCode='EVN'><id root='1.2.8'/><code code='1' displayName='Visit'/>{coded}</encounter>"
    );
    assert_eq!(only(&entry("46240-8", &visit), "Encounter")["reasonCode"][0]["text"], "Infarct");
    // Where the entry is known, its record is the reason.
    let known = format!(
        "<observation classCode='OBS' moodCode='EVN'><id root='1.2.5'/><value xsi:type='CD' code='22298006' displayName='Infarct'/>\
         </observation></entry><entry>{}",
        procedure(&coded)
    );
    let read = entry("11450-4", &known);
    let condition = only(&read, "Condition")["id"].as_str().unwrap().to_owned();
    let procedure_made = only(&read, "Procedure");
    assert_eq!(procedure_made["reasonReference"][0]["reference"], format!("urn:uuid:{condition}"));
    assert!(procedure_made.get("reasonCode").is_none());
    for lost in [entry("47519-4", &procedure(&reference(""))), entry("10160-0", &medicine(&reference("")))] {
        assert_eq!(lost.skips.iter().map(|skip| skip.reason.code()).collect::<Vec<_>>(), ["ccda_only_a_reference"]);
    }
}

#[test]
fn laboratory_acts_are_reports() {
    let glucose = "<observation classCode='OBS' moodCode='EVN'><templateId root='1.3.6.1.4.1.19376.1.3.1.6'/><code code='40193-5' \
        codeSystem='2.16.840.1.113883.6.1' displayName='Glucose'/><statusCode code='completed'/><value xsi:type='PQ' value='4.89' unit='mmol/L'/>\
        </observation>";
    let act = |inner: &str| {
        format!(
            "<act classCode='ACT' moodCode='EVN'><code code='18719-5' codeSystem='2.16.840.1.113883.6.1' displayName='Biochimie'/>\
             <statusCode code='completed'/><entryRelationship typeCode='COMP'>{inner}</entryRelationship></act>"
        )
    };
    let read = entry("18719-5", &act(glucose));
    let report = only(&read, "DiagnosticReport");
    assert_eq!(
        (report["code"]["text"].as_str(), report["result"].as_array().map(Vec::len)),
        (Some("Biochimie"), Some(1))
    );
    assert_eq!(only(&read, "Observation")["category"][0]["coding"][0]["code"], "laboratory");
    assert!(read.of("Procedure").is_empty());
    let battery = format!(
        "<organizer classCode='BATTERY' moodCode='EVN'><templateId root='1.3.6.1.4.1.19376.1.3.1.4'/><code code='24323-8' \
         displayName='Panel'/><component>{glucose}</component></organizer>"
    );
    let read = entry("18719-5", &act(&battery));
    assert_eq!(only(&read, "DiagnosticReport")["code"]["text"], "Panel");
    // Radiology's code is among those of laboratories, and what radiology did is a procedure.
    assert_eq!(entry("18726-0", &act(glucose)).of("Procedure").len(), 1);
}

#[test]
fn a_document_that_brings_its_style_sheet_is_a_document_and_a_style_sheet_is_none() {
    let document = "<c:ClinicalDocument xmlns:c='urn:hl7-org:v3'><c:title>Labor</c:title></c:ClinicalDocument>";
    let sheet = |inner: &str| {
        format!(
            "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>{inner}</xsl:stylesheet>"
        )
    };
    let shown = sheet(&format!("<data:d xmlns:data='urn:x'>{document}</data:d><xsl:template match='/'/>"));
    assert!(looks_like(shown.as_bytes()));
    assert_eq!(read_all(shown.as_bytes()).unwrap().of("DocumentReference").len(), 1);
    assert!(!looks_like(sheet(&format!("<xsl:template match='/'>{document}</xsl:template>")).as_bytes()));
}
