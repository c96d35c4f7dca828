//! What is linked to an entry becomes a record, a part of one, or a line in the account.

use super::*;

fn link(kind: &str, inner: &str) -> String {
    format!("<entryRelationship typeCode='{kind}'>{inner}</entryRelationship>")
}

fn observation(inner: &str) -> String {
    format!("<observation classCode='OBS' moodCode='EVN'>{inner}</observation>")
}

fn medicine(element: &str, mood: &str, inner: &str) -> String {
    let (holder, id) = if element == "supply" { ("product", "<id root='1.2.77'/>") } else { ("consumable", "") };
    format!(
        "<{element} classCode='SBADM' moodCode='{mood}'>{id}<{holder}><manufacturedProduct><manufacturedMaterial><code code='197361' \
         codeSystem='2.16.840.1.113883.6.88' displayName='Amlodipine'/></manufacturedMaterial></manufacturedProduct></{holder}>{inner}</{element}>"
    )
}

fn reasons(read: &Read) -> Vec<&str> {
    read.skips.iter().map(|skip| skip.reason.code()).collect()
}

const PROCEDURE: &str = "<procedure classCode='PROC' moodCode='EVN'><code code='1' displayName='Biopsy'/></procedure>";

#[test]
fn a_reason_that_says_nothing_or_is_no_observation_is_accounted_for() {
    let visit = |inner: &str| {
        format!(
            "<encounter classCode='ENC' moodCode='EVN'><id root='1.2.8'/><code code='99213' displayName='Visit'/>{inner}</encounter>"
        )
    };
    for section in ["10160-0", "11369-6", "46240-8"] {
        let holder = |inner: &str| match section {
            "46240-8" => visit(inner),
            _ => medicine("substanceAdministration", "EVN", inner),
        };
        let empty = entry(section, &holder(&link("RSON", &observation("<code code='ASSERTION'/>"))));
        assert_eq!(reasons(&empty), ["ccda_empty"], "{section}");
        let unknown = entry(section, &holder(&link("RSON", &observation("<value xsi:type='CD' nullFlavor='UNK'/>"))));
        assert_eq!(reasons(&unknown), ["ccda_no_information"], "{section}");
        let done = entry(section, &holder(&link("RSON", PROCEDURE)));
        assert_eq!(done.of("Procedure").len(), 1, "{section}");
        let said =
            entry(section, &holder(&link("RSON", &observation("<value xsi:type='CD' code='2' displayName='Cough'/>"))));
        assert!(said.skips.is_empty() && said.of("Observation").is_empty(), "{section}");
        // What moved the doctor was the mother's illness: her history, and no reason of the patient's own.
        let hers = "<subject><relatedSubject classCode='PRS'><code code='MTH'/></relatedSubject></subject>\
                    <value xsi:type='CD' code='3' displayName='Stroke'/>";
        let read = entry(section, &holder(&link("RSON", &observation(hers))));
        assert_eq!((read.of("FamilyMemberHistory").len(), read.of("Condition").len()), (1, 0), "{section}");
        assert!(read.resources.iter().all(|one| !one.resource.contains_key("reasonCode")), "{section}");
    }
}

#[test]
fn the_second_order_in_a_request_is_an_order_too() {
    let order = |count: u8| medicine("supply", "INT", &format!("<repeatNumber value='{count}'/>"));
    let two = format!("{}{}", link("REFR", &order(3)), link("REFR", &order(5).replace("1.2.77", "1.2.78")));
    let requests = entry("10160-0", &medicine("substanceAdministration", "INT", &two)).of("MedicationRequest");
    let repeats: Vec<&Value> = requests.iter().map(|one| &one["dispenseRequest"]["numberOfRepeatsAllowed"]).collect();
    assert_eq!(repeats, [&json!(2), &json!(4)]);
}

#[test]
fn what_is_linked_to_a_note_a_device_a_care_team_or_a_reaction_is_read() {
    let note = format!(
        "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.202'/><code code='34109-9'/><text>Words</text>{}</act>",
        link("COMP", PROCEDURE)
    );
    let team = format!(
        "<organizer classCode='CLUSTER' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.500'/><code code='1' displayName='Team'/>{}\
         </organizer>",
        link("REFR", PROCEDURE)
    );
    let device = format!(
        "<supply classCode='SPLY' moodCode='EVN'><participant typeCode='PRD'><participantRole classCode='MANU'>\
         <templateId root='2.16.840.1.113883.10.20.22.4.37'/><playingDevice><manufacturerModelName>M1</manufacturerModelName></playingDevice>\
         </participantRole></participant>{}</supply>",
        link("COMP", PROCEDURE)
    );
    let allergy = |inner: &str| {
        observation(&format!(
            "<templateId root='2.16.840.1.113883.10.20.22.4.7'/><value xsi:type='CD' code='91936005' displayName='Penicillin'/>{}",
            link("MFST", inner)
        ))
    };
    for (section, act) in [("x", note), ("x", team), ("46264-8", device), ("48765-2", allergy(PROCEDURE))] {
        assert_eq!(entry(section, &act).of("Procedure").len(), 1, "{act}");
    }
    let empty = entry("48765-2", &allergy(&observation("<templateId root='2.16.840.1.113883.10.20.22.4.9'/>")));
    assert_eq!(reasons(&empty), ["ccda_empty"]);
}
