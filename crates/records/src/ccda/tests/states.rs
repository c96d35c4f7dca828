//! Whether something is, was, may be or is not: as C-CDA says it, as its forerunners did, and as Europe does.

use super::*;

fn problem(outer: &str, attributes: &str, inner: &str) -> String {
    format!(
        "<act classCode='ACT' moodCode='EVN' {outer}><templateId root='2.16.840.1.113883.10.20.22.4.3'/><code code='CONC'/>\
         <statusCode code='active'/><entryRelationship typeCode='SUBJ'><observation classCode='OBS' moodCode='EVN' {attributes}>\
         <templateId root='2.16.840.1.113883.10.20.22.4.4'/><id root='1.2.9'/><code code='55607006' codeSystem='2.16.840.1.113883.6.96'/>\
         {inner}</observation></entryRelationship></act>"
    )
}

fn allergy(outer: &str, attributes: &str, inner: &str) -> String {
    format!(
        "<act classCode='ACT' moodCode='EVN' {outer}><templateId root='2.16.840.1.113883.10.20.22.4.30'/><code code='CONC'/>\
         <statusCode code='active'/><entryRelationship typeCode='SUBJ'><observation classCode='OBS' moodCode='EVN' {attributes}>\
         <templateId root='2.16.840.1.113883.10.20.22.4.7'/><id root='1.2.9'/>{inner}</observation></entryRelationship></act>"
    )
}

fn medicine(attributes: &str, code: &str, inner: &str) -> String {
    format!(
        "<substanceAdministration classCode='SBADM' {attributes}><templateId root='2.16.840.1.113883.10.20.22.4.16'/><id root='1.2.9'/>\
         {inner}<consumable><manufacturedProduct><manufacturedMaterial>{code}</manufacturedMaterial></manufacturedProduct></consumable>\
         </substanceAdministration>"
    )
}

/// An observation in another one, of that LOINC code and with that value.
fn said(code: &str, value: &str) -> String {
    format!(
        "<entryRelationship typeCode='REFR'><observation classCode='OBS' moodCode='EVN'><code code='{code}' \
         codeSystem='2.16.840.1.113883.6.1'/><statusCode code='completed'/>{value}</observation></entryRelationship>"
    )
}

/// A document of 5 January 2024 with one entry.
fn dated(section: &str, act: &str) -> Read {
    let document = format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><effectiveTime value='20240105'/>\
         <component><structuredBody><component><section><code code='{section}'/><text>T</text><entry>{act}</entry></section></component>\
         </structuredBody></component></ClinicalDocument>"
    );
    read_all(document.as_bytes()).unwrap()
}

fn only(read: &Read, kind: &str) -> Value {
    let mut all = read.of(kind);
    assert_eq!(all.len(), 1, "{kind}: {:?} {:?}", read.resources, read.skips);
    all.remove(0)
}

const ASTHMA: &str = "<value xsi:type='CD' code='195967001' codeSystem='2.16.840.1.113883.6.96' displayName='Asthma'/>";
const WARFARIN: &str = "<code code='11289' codeSystem='2.16.840.1.113883.6.88' displayName='Warfarin'/>";
const DRUG: &str = "<value xsi:type='CD' code='416098002' codeSystem='2.16.840.1.113883.6.96'/>";
const PENICILLIN: &str = "<participant typeCode='CSM'><participantRole><playingEntity><code code='7980' \
    codeSystem='2.16.840.1.113883.6.88' displayName='Penicillin'/></playingEntity></participantRole></participant>";

#[test]
fn a_medicines_own_status_counts_before_that_of_the_writing() {
    for (mood, written, value, expected) in [
        ("EVN", "completed", "code='55561003' displayName='Active'", "active"),
        ("EVN", "active", "code='73425007' displayName='No Longer Active'", "completed"),
        ("EVN", "completed", "code='421139008' displayName='No Longer Active'", "completed"),
        ("EVN", "completed", "code='421139008'", "on-hold"),
        ("EVN", "completed", "code='392521001'", "completed"),
        ("EVN", "nullified", "code='55561003'", "entered-in-error"),
        ("INT", "completed", "code='55561003'", "active"),
    ] {
        let status =
            format!("<statusCode code='{written}'/>{}", said("33999-4", &format!("<value xsi:type='CE' {value}/>")));
        let read = entry("10160-0", &medicine(&format!("moodCode='{mood}'"), WARFARIN, &status));
        let kind = if mood == "EVN" { "MedicationStatement" } else { "MedicationRequest" };
        assert_eq!(only(&read, kind)["status"], expected, "{written} {value}");
    }
    let ending = "<statusCode code='completed'/><effectiveTime xsi:type='IVL_TS'><low value='2024'/><high value='20240601'/></effectiveTime>";
    let ordered = dated("10160-0", &medicine("moodCode='INT'", WARFARIN, ending));
    assert_eq!(only(&ordered, "MedicationRequest")["status"], "active", "its end is to come");
}

#[test]
fn an_end_that_has_not_come_ends_nothing() {
    let times = |end: &str| format!("<effectiveTime><low value='2019'/><high value='{end}'/></effectiveTime>");
    for (end, status) in
        [("99991231", "active"), ("29991231", "active"), ("20250101", "active"), ("20230101", "resolved")]
    {
        let read = dated("11450-4", &problem("", "", &format!("{}{ASTHMA}", times(end))));
        let condition = only(&read, "Condition");
        assert_eq!(condition["clinicalStatus"]["coding"][0]["code"], status, "{end}");
        assert_eq!(condition.get("abatementDateTime").is_some(), status == "resolved", "{end}");
        let read = dated("48765-2", &allergy("", "", &format!("{}{DRUG}{PENICILLIN}", times(end))));
        let allergy = only(&read, "AllergyIntolerance");
        assert_eq!(allergy["clinicalStatus"]["coding"][0]["code"], status, "{end}");
        assert_eq!(allergy.get("extension").is_some(), end < "2200", "{end}");
    }
    let read = dated("11450-4", &problem("", "", &format!("{}{ASTHMA}", times("20250101"))));
    assert_eq!(only(&read, "Condition")["note"][0]["text"], "Expected end: 2025-01-01");
}

#[test]
fn a_problem_denied_in_words_is_denied_and_others_are_not() {
    let code = |value: &str| {
        let read = entry("11450-4", &problem("", "negationInd='true'", value));
        let condition = only(&read, "Condition");
        let status = condition["verificationStatus"]["coding"][0]["code"].as_str().unwrap().to_owned();
        (condition["code"]["text"].as_str().unwrap().to_owned(), status)
    };
    let asthma = ("Asthma".to_owned(), "refuted".to_owned());
    assert_eq!(code("<value xsi:type='CD' nullFlavor='OTH'><originalText>Asthma</originalText></value>"), asthma);
    let translated = "<value xsi:type='CD' nullFlavor='OTH'><translation code='J45.9' codeSystem='2.16.840.1.113883.6.3' \
                      displayName='Asthma'/></value>";
    assert_eq!(code(translated), asthma);
    for none in [
        "<value xsi:type='CD' code='55607006'/>",
        "<value xsi:type='CD' nullFlavor='NA'/>",
        "<value xsi:type='CD' nullFlavor='OTH'><originalText>No known problems</originalText></value>",
        "",
    ] {
        assert_eq!(code(none).0, "No current problems or disability", "{none}");
    }
    let read = entry("11450-4", &problem("negationInd='true'", "", ASTHMA));
    assert_eq!(only(&read, "Condition")["verificationStatus"]["coding"][0]["code"], "refuted", "by its concern");
}

#[test]
fn what_is_said_of_a_problem_is_no_problem() {
    for (value, status) in [
        ("code='refuted' codeSystem='2.16.840.1.113883.4.642.1.1075'", "refuted"),
        ("code='unconfirmed'", "unconfirmed"),
        ("code='410516002' codeSystem='2.16.840.1.113883.6.96'", "refuted"),
        ("code='x' displayName='Perhaps'", "confirmed"),
    ] {
        let certainty = said("66455-7", &format!("<value xsi:type='CD' {value}/>"));
        let read = entry("11450-4", &problem("", "", &format!("{ASTHMA}{certainty}")));
        let condition = only(&read, "Condition");
        assert_eq!(condition["verificationStatus"]["coding"][0]["code"], status, "{value}");
        assert_eq!(condition["code"]["text"], "Asthma");
        let note = condition["note"][0]["text"].as_str();
        assert_eq!(note, if value.contains("Perhaps") { Some("Certainty: Perhaps") } else { None });
    }
    let other = said("1-8", "<value xsi:type='CD' code='2' displayName='Peak flow low'/>");
    let read = entry("11450-4", &problem("", "", &format!("{ASTHMA}{other}")));
    assert_eq!((read.of("Condition").len(), read.of("Observation").len()), (1, 1));
}

#[test]
fn fhirs_own_words_are_statuses() {
    let status = |value: &str| said("33999-4", value);
    for (value, expected) in [
        ("<value xsi:type='CE' code='inactive' codeSystem='2.16.840.1.113883.4.642.4.1373'/>", "inactive"),
        ("<value xsi:type='CE' nullFlavor='OTH'><originalText>Resolved</originalText></value>", "resolved"),
    ] {
        let read = entry("48765-2", &allergy("", "", &format!("{DRUG}{PENICILLIN}{}", status(value))));
        assert_eq!(only(&read, "AllergyIntolerance")["clinicalStatus"]["coding"][0]["code"], expected);
        let read = entry("11450-4", &problem("", "", &format!("{ASTHMA}{}", status(value))));
        assert_eq!(only(&read, "Condition")["clinicalStatus"]["coding"][0]["code"], expected);
    }
}

#[test]
fn no_allergy_to_drugs_or_food_is_not_no_allergy_at_all() {
    let none = |outer: &str, attributes: &str, kind: &str| {
        let read = entry("48765-2", &allergy(outer, attributes, kind));
        only(&read, "AllergyIntolerance")["code"]["coding"][0]["code"].as_str().unwrap().to_owned()
    };
    for (kind, expected) in [
        ("419511003", "409137002"),
        ("59037007", "409137002"),
        ("418471000", "429625007"),
        ("235719002", "429625007"),
        ("419199007", "716186003"),
    ] {
        let value = format!("<value xsi:type='CD' code='{kind}' codeSystem='2.16.840.1.113883.6.96'/>");
        assert_eq!(none("", "negationInd='true'", &value), expected, "{kind}");
        let code = format!("<code code='{kind}' codeSystem='2.16.840.1.113883.6.96'/>");
        assert_eq!(none("", "negationInd='true'", &code), expected, "{kind} as a code, as epSOS has it");
    }
    assert_eq!(none("negationInd='true'", "", DRUG), "409137002", "denied by the concern");
    let kiwi = PENICILLIN.replace("Penicillin", "Kiwi");
    let read = entry("48765-2", &allergy("", "", &format!("<code code='414285001'/>{kiwi}")));
    assert_eq!(only(&read, "AllergyIntolerance")["category"], json!(["food"]));
}

#[test]
fn a_concern_denied_in_words_is_denied() {
    let status = |section: &str, kind: &str, words: &str| {
        let act = format!("<act classCode='ACT' moodCode='EVN' negationInd='true'><text>{words}</text></act>");
        let made = only(&entry(section, &act), kind);
        let status = made["verificationStatus"]["coding"][0]["code"].as_str().unwrap().to_owned();
        (made["code"]["text"].as_str().unwrap().to_owned(), status)
    };
    let said = |text: &str, status: &str| (text.to_owned(), status.to_owned());
    assert_eq!(status("48765-2", "AllergyIntolerance", "Penicillin allergy"), said("Penicillin allergy", "refuted"));
    assert_eq!(status("48765-2", "AllergyIntolerance", "No allergies"), said("No known allergy", "confirmed"));
    assert_eq!(status("11450-4", "Condition", "Asthma"), said("Asthma", "refuted"));
}

#[test]
fn a_device_that_is_denied_is_none() {
    let supply = "<supply classCode='SPLY' moodCode='EVN' negationInd='true'><participant typeCode='DEV'><participantRole>\
        <templateId root='2.16.840.1.113883.10.20.22.4.37'/><playingDevice><code code='14106009' displayName='Pacemaker'/></playingDevice>\
        </participantRole></participant></supply>";
    let read = entry("46264-8", supply);
    assert_eq!((read.of("Device").len(), read.of("DeviceUseStatement").len()), (0, 0));
    assert_eq!(read.skips.iter().map(|skip| skip.reason.code()).collect::<Vec<_>>(), ["ccda_denied"]);
}

#[test]
fn a_medicine_denied_in_words_is_not_all_medicines() {
    let denied = |code: &str, words: &str| {
        let text = format!("<text>{words}</text><statusCode code='active'/>");
        let read = entry("10160-0", &medicine("moodCode='EVN' negationInd='true'", code, &text));
        let statement = only(&read, "MedicationStatement");
        let what = statement["medicationCodeableConcept"]["text"].as_str().unwrap().to_owned();
        (what, statement["status"].as_str().unwrap().to_owned())
    };
    let warfarin = ("does not take warfarin".to_owned(), "not-taken".to_owned());
    assert_eq!(denied("<code nullFlavor='OTH'/>", "does not take warfarin"), warfarin);
    let none = ("No known medications".to_owned(), "active".to_owned());
    for (code, words) in [
        ("<code nullFlavor='NA'/>", "no medicines"),
        ("<code code='410942007'/>", "does not take any"),
        ("<code nullFlavor='UNK'/>", "No known medications"),
    ] {
        assert_eq!(denied(code, words), none, "{code}");
    }
}

#[test]
fn no_medicine_by_a_code_of_the_act_is_no_medicine() {
    let act = |code: &str| {
        let code = format!("<code {code}/><statusCode code='completed'/>");
        entry("10160-0", &medicine("moodCode='INT'", "", &code))
    };
    for code in
        ["code='no-known-medications' codeSystem='2.16.840.1.113883.5.1150.1'", "code='182849000'", "code='408350003'"]
    {
        let statement = only(&act(code), "MedicationStatement");
        assert_eq!(statement["medicationCodeableConcept"]["coding"][0]["code"], "787481004", "{code}");
        assert_eq!(statement["status"], "active");
    }
    let unknown = act("code='182904002'");
    assert_eq!(unknown.skips.first().map(|skip| skip.reason.code()), Some("ccda_no_information"));
}

#[test]
fn an_illness_of_the_past_is_not_active() {
    let observation = format!(
        "<observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.4'/>{ASTHMA}</observation>"
    );
    let status = |section: &str| {
        only(&entry(section, &observation), "Condition")["clinicalStatus"]["coding"][0]["code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!((status("11348-0"), status("11450-4")), ("inactive".to_owned(), "active".to_owned()));
}
