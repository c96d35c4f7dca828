//! A document as a whole is as sensitive as its parts.

use super::*;
use crate::sensitivity::Sensitivity;

#[test]
fn a_document_is_as_sensitive_as_its_parts_and_its_sections_keep_to_themselves() {
    let problem = |code: &str| {
        format!(
            "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.3'/><entryRelationship typeCode='SUBJ'>\
             <observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.4'/><statusCode code='completed'/>\
             <value xsi:type='CD' code='{code}' codeSystem='2.16.840.1.113883.6.90'/></observation></entryRelationship></act>"
        )
    };
    let document = |code: &str, confidentiality: &str| {
        read_all(
            format!(
                "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><title>All</title>\
                 <confidentialityCode code='{confidentiality}'/><component><structuredBody>\
                 <component><section><code code='11450-4'/><text>Problems</text><entry>{}</entry></section></component>\
                 <component><section><code code='29299-5'/><title>Why</title><text>A knee</text></section></component>\
                 </structuredBody></component></ClinicalDocument>",
                problem(code)
            )
            .as_bytes(),
        )
        .unwrap()
    };
    let labels = |resource: &Value| crate::sensitivity::classify(resource);
    let whole = binary_reference(&[7; 32]);
    let points = |resource: &Value| resource["content"][0]["attachment"]["url"] == whole;

    let plain = document("J45.9", "N");
    let documents = plain.of("DocumentReference");
    assert!(documents.iter().all(|resource| labels(resource).is_empty() && points(resource)));

    let mental = document("F32.1", "N");
    let documents = mental.of("DocumentReference");
    assert_eq!(labels(&mental.of("Composition")[0]), [Sensitivity::MentalHealth]);
    let (wholes, sections): (Vec<&Value>, Vec<&Value>) = documents.iter().partition(|resource| points(resource));
    assert_eq!((wholes.len(), sections.len()), (1, 1));
    assert_eq!((labels(wholes[0]), labels(sections[0])), (vec![Sensitivity::MentalHealth], vec![]));
    assert_eq!(sections[0]["content"][0]["attachment"]["data"], "QSBrbmVl", "its own words: A knee");
    // Ids do not depend on it.
    let ids =
        |read: &Read| read.of("DocumentReference").iter().map(|resource| resource["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&plain)[0], ids(&mental)[0]);

    // What its author restricts is restricted in all its parts.
    let restricted = document("J45.9", "R");
    for kind in ["Condition", "Composition", "DocumentReference"] {
        assert!(
            restricted.of(kind).iter().all(|resource| labels(resource).contains(&Sensitivity::Restricted)),
            "{kind}"
        );
    }
}
