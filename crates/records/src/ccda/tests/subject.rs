//! What is said of somebody else is never the patient's, and what is in it is accounted for.

use super::*;

const MOTHER: &str = "<subject><relatedSubject classCode='PRS'><code code='MTH' codeSystem='2.16.840.1.113883.5.111' \
    displayName='mother'/></relatedSubject></subject>";
const ONESELF: &str = "<subject><relatedSubject classCode='PRS'><code code='ONESELF' codeSystem='2.16.840.1.113883.5.111'/></relatedSubject></subject>";
const FAMILY: &str = "10157-6";
const PROBLEMS: &str = "11450-4";
const RESULTS: &str = "30954-2";

fn with_code(code: &str, name: &str, inner: &str) -> String {
    format!(
        "<observation classCode='OBS' moodCode='EVN'>{inner}<id root='1.2.9' extension='{code}'/><code code='ASSERTION' \
         codeSystem='2.16.840.1.113883.5.4'/><statusCode code='completed'/><value xsi:type='CD' code='{code}' \
         codeSystem='2.16.840.1.113883.6.96' displayName='{name}'/></observation>"
    )
}

fn infarction(inner: &str) -> String {
    with_code("22298006", "Infarction", inner)
}

fn glucose(inner: &str) -> String {
    format!(
        "<observation classCode='OBS' moodCode='EVN'>{inner}<code code='2345-7' codeSystem='2.16.840.1.113883.6.1' \
         displayName='Glucose'/><statusCode code='completed'/><value xsi:type='PQ' value='5' unit='mg/dL'/></observation>"
    )
}

fn panel(inner: &str) -> String {
    format!(
        "<organizer classCode='BATTERY' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.1'/>\
         <code code='24323-8' codeSystem='2.16.840.1.113883.6.1' displayName='Panel'/>{inner}</organizer>"
    )
}

fn component(inner: &str) -> String {
    format!("<component>{inner}</component>")
}

fn reasons(read: &Read) -> Vec<&str> {
    read.skips.iter().map(|skip| skip.reason.code()).collect()
}

/// The kinds of the records that an entry became, without those of the document itself.
fn kinds(read: &Read) -> Vec<String> {
    let all = read.resources.iter().filter_map(|one| one.resource["resourceType"].as_str());
    all.filter(|kind| !matches!(*kind, "Composition" | "DocumentReference")).map(str::to_owned).collect()
}

fn conditions(history: &Value) -> Vec<&str> {
    history["condition"].as_array().into_iter().flatten().filter_map(|one| one["code"]["text"].as_str()).collect()
}

#[test]
fn an_illness_of_a_relative_is_the_familys_history_wherever_it_stands() {
    let concern = |inner: &str| {
        format!(
            "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.3'/><text>Her heart</text>\
             <code code='CONC'/><entryRelationship typeCode='SUBJ'>{inner}</entryRelationship></act>"
        )
    };
    let conducted = concern(&infarction("")).replace("<text>", &format!("{MOTHER}<text>"));
    for (section, act) in [
        (FAMILY, infarction(MOTHER)),
        (PROBLEMS, infarction(MOTHER)),
        (PROBLEMS, concern(&infarction(MOTHER))),
        (PROBLEMS, conducted),
        (RESULTS, panel(&component(&infarction(MOTHER)))),
        ("8716-3", infarction(MOTHER)),
    ] {
        let read = entry(section, &act);
        assert_eq!(kinds(&read), ["FamilyMemberHistory"], "{section} {act} {:?}", read.skips);
        let history = &read.of("FamilyMemberHistory")[0];
        assert_eq!(history["relationship"]["coding"][0]["code"], "MTH");
        assert_eq!(conditions(history), ["Infarction"], "{act}");
    }
}

#[test]
fn what_was_measured_or_done_with_a_relative_is_skipped_with_its_reason() {
    let procedure = format!(
        "<procedure classCode='PROC' moodCode='EVN'>{MOTHER}<code code='1' displayName='Section'/></procedure>"
    );
    let medicine = format!(
        "<substanceAdministration classCode='SBADM' moodCode='EVN'>{MOTHER}<consumable><manufacturedProduct><manufacturedMaterial>\
         <code code='1' codeSystem='2.16.840.1.113883.6.88'/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>"
    );
    let allergy = infarction(&format!("<templateId root='2.16.840.1.113883.10.20.22.4.7'/>{MOTHER}"));
    for (section, act) in [
        (RESULTS, panel(&component(&glucose(MOTHER)))),
        (RESULTS, panel(&format!("{MOTHER}{}", component(&glucose(""))))),
        (RESULTS, glucose(MOTHER)),
        ("47519-4", procedure),
        ("10160-0", medicine),
        ("48765-2", allergy),
    ] {
        let read = entry(section, &act);
        assert_eq!((kinds(&read), reasons(&read)), (vec![], vec!["ccda_about_somebody_else"]), "{act}");
        assert!(read.skips[0].reason.to_string().contains("about somebody else"));
        let text = read.of("Composition")[0]["section"][0]["text"]["div"].to_string();
        assert!(text.contains(">T<"), "the narrative stays: {text}");
    }
}

#[test]
fn a_subject_holds_for_what_is_below_it_until_another_one() {
    let document = |subject: &str, act: &str| {
        read_all(
            format!(
                "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><component><structuredBody>\
                 <component><section><code code='{RESULTS}'/>{subject}<text>T</text><entry>{act}</entry></section></component>\
                 </structuredBody></component></ClinicalDocument>"
            )
            .as_bytes(),
        )
        .unwrap()
    };
    let two = panel(&format!("{}{}", component(&glucose("")), component(&glucose(ONESELF).replace("'5'", "'6'"))));
    let read = document(MOTHER, &two);
    assert_eq!((kinds(&read), reasons(&read)), (vec!["Observation".to_owned()], vec!["ccda_about_somebody_else"]));
    assert_eq!(read.of("Observation")[0]["valueQuantity"]["value"], json!(6));
    let all = document("", &two);
    assert_eq!(kinds(&all), ["Observation", "Observation", "DiagnosticReport"]);
    // A subject that names nobody changes nothing.
    assert_eq!(kinds(&document("<subject nullFlavor='NA'><relatedSubject/></subject>", &two)), kinds(&all));
    // The same in a medicine of the mother's: an illness of the patient's own stays.
    let medicine = format!(
        "<substanceAdministration classCode='SBADM' moodCode='EVN'>{MOTHER}<consumable><manufacturedProduct><manufacturedMaterial>\
         <code code='1' displayName='X'/></manufacturedMaterial></manufacturedProduct></consumable><entryRelationship typeCode='CAUS'>{}\
         </entryRelationship></substanceAdministration>",
        glucose(ONESELF)
    );
    assert_eq!(kinds(&document("", &medicine)), ["Observation"]);
}

#[test]
fn a_lone_observation_in_the_familys_section_is_of_a_relative_unless_it_says_otherwise() {
    let read = entry(FAMILY, &infarction(""));
    assert_eq!(kinds(&read), ["FamilyMemberHistory"]);
    let history = &read.of("FamilyMemberHistory")[0];
    assert_eq!(history["relationship"]["coding"][0]["code"], "FAMMEMB");
    assert_eq!(history["relationship"]["text"], "family member");
    assert_eq!(conditions(history), ["Infarction"]);
    let problem = infarction("<templateId root='2.16.840.1.113883.10.20.22.4.4'/>");
    assert_eq!(kinds(&entry(FAMILY, &problem)), ["FamilyMemberHistory"]);
    let denied = infarction("").replace("moodCode", "negationInd='true' moodCode");
    let denied = &entry(FAMILY, &denied).of("FamilyMemberHistory")[0];
    assert_eq!((conditions(denied), &denied["note"][0]["text"]), (vec![], &json!("Not: Infarction")));
    assert_eq!(kinds(&entry(FAMILY, &infarction(ONESELF))), ["Observation"]);
    let measured = entry(FAMILY, &glucose(""));
    assert_eq!((kinds(&measured), reasons(&measured)), (vec![], vec!["ccda_about_somebody_else"]));
    let procedure = entry(
        FAMILY,
        "<procedure classCode='PROC' moodCode='EVN'><code code='1' displayName='Hysterectomy'/></procedure>",
    );
    assert_eq!((kinds(&procedure), reasons(&procedure)), (vec![], vec!["ccda_about_somebody_else"]));
    // Advice that the family's history gave rise to is the patient's.
    let advice = "<act classCode='ACT' moodCode='RQO'><code code='1' displayName='Genetic counselling'/></act>";
    assert_eq!(kinds(&entry(FAMILY, advice)), ["ServiceRequest"]);
}

#[test]
fn what_is_of_a_fetus_is_not_the_mothers() {
    let fetus = "<subject><relatedSubject classCode='PRS'><code code='83418008' codeSystem='2.16.840.1.113883.6.96' \
        displayName='Fetus'/></relatedSubject></subject>";
    let blood = "<specimen><specimenRole><specimenPlayingEntity><code code='1' displayName='Fetal blood'/></specimenPlayingEntity>\
        </specimenRole></specimen>";
    for inner in [fetus, blood] {
        for act in [glucose(inner), infarction(inner), panel(&format!("{inner}{}", component(&glucose(""))))] {
            let read = entry(RESULTS, &act);
            assert_eq!((kinds(&read), reasons(&read)), (vec![], vec!["ccda_about_somebody_else"]), "{act}");
        }
    }
    let child = "<subject><relatedSubject classCode='PRS'><code code='NCHILD' codeSystem='2.16.840.1.113883.5.111'/></relatedSubject></subject>";
    assert_eq!(kinds(&entry(PROBLEMS, &infarction(child))), ["FamilyMemberHistory"]);
    let own = "<specimen><specimenRole><specimenPlayingEntity><code code='1' displayName='Blood'/></specimenPlayingEntity></specimenRole></specimen>";
    assert!(kinds(&entry(RESULTS, &glucose(own))).contains(&"Observation".to_owned()));
}

#[test]
fn all_that_is_in_a_family_organizer_is_read_or_has_a_reason() {
    let cluster = |inner: &str| format!("<organizer classCode='CLUSTER' moodCode='EVN'>{inner}</organizer>");
    let organizer =
        |inner: &str| cluster(&format!("<templateId root='2.16.840.1.113883.10.20.22.4.45'/>{MOTHER}{inner}"));
    let appendectomy =
        "<procedure classCode='PROC' moodCode='EVN'><code code='80146002' displayName='Appendectomy'/></procedure>";
    let nested = cluster(&component(&with_code("363346000", "Cancer", "")));
    let read = entry(
        FAMILY,
        &organizer(&format!("{}{}{}", component(&infarction("")), component(&nested), component(appendectomy))),
    );
    assert_eq!(
        (kinds(&read), reasons(&read)),
        (vec!["FamilyMemberHistory".to_owned()], vec!["ccda_about_somebody_else"])
    );
    assert_eq!(conditions(&read.of("FamilyMemberHistory")[0]), ["Infarction", "Cancer"]);
    assert!(read.skips[0].path.contains("procedure"), "{:?}", read.skips);
    // Another one's illness among hers is not hers, and one's own is one's own.
    let father = MOTHER.replace("MTH", "FTH");
    let read = entry(
        FAMILY,
        &organizer(&format!(
            "{}{}{}",
            component(&infarction("")),
            component(&with_code("363346000", "Cancer", &father)),
            component(&with_code("1", "Own", ONESELF))
        )),
    );
    let histories = read.of("FamilyMemberHistory");
    let of = |code: &str| {
        histories
            .iter()
            .find(|one| one["relationship"]["coding"][0]["code"] == code)
            .map(conditions)
            .unwrap_or_default()
    };
    assert_eq!((of("MTH"), of("FTH")), (vec!["Infarction"], vec!["Cancer"]));
    assert_eq!(read.of("Observation").len(), 1);
    // What is linked to an observation of hers.
    let linked = infarction(&format!("<entryRelationship typeCode='REFR'>{appendectomy}</entryRelationship>"));
    assert_eq!(reasons(&entry(FAMILY, &organizer(&component(&linked)))), ["ccda_about_somebody_else"]);
}

#[test]
fn what_is_beside_the_policies_of_an_insurance_is_read_or_has_a_reason() {
    let policy = "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.61'/><code code='SELF'/>\
        <performer><assignedEntity><representedOrganization><name>Ins</name></representedOrganization></assignedEntity></performer>\
        <entryRelationship typeCode='REFR'><act classCode='ACT' moodCode='DEF'><id root='1.2.3'/><text>The plan</text></act></entryRelationship></act>";
    let read = entry(
        "48768-6",
        &format!(
            "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.60'/><entryRelationship typeCode='COMP'>\
             {policy}</entryRelationship><entryRelationship typeCode='COMP'><observation classCode='OBS' moodCode='EVN'><code code='76437-3' \
             displayName='Primary insurance'/><value xsi:type='ST'>Yes</value></observation></entryRelationship></act>"
        ),
    );
    assert_eq!((read.of("Coverage").len(), read.of("Observation").len()), (1, 1), "{:?}", read.skips);
    assert_eq!(reasons(&read), ["ccda_unknown_entry"], "the plan's description");
}
