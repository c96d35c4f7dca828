//! What was found and done: allergies, conditions, results, vaccinations, procedures.

use serde_json::{Value, json};

use super::{
    super::{
        Element::{self, Changed, Same},
        To::{Age, Code, Kept, List, Named, Note, Own, OwnCode, Single, WithinList},
        extension, keep, put,
        shared::{self, coded, is_denied, one_of, put_code, text},
    },
    EXTENSION,
};
use crate::{
    convert::Resource,
    outgoing::absent,
    terminology::{ALLERGY_CLINICAL, ALLERGY_VERIFICATION},
};

pub(super) const ALLERGY: &[Element] = &[
    Same("identifier recordedDate recorder patient type lastOccurrence"),
    Changed("onset", Named("onsetDateTime")),
    Changed("reporter", Named("asserter")),
    Changed("substance", Named("code")),
    Changed("status", Own),
    Changed("criticality", Code("criticality", &[("CRITL", "low"), ("CRITH", "high"), ("CRITU", "unable-to-assess")])),
    Changed("category", Own),
    // DSTU2 spells it with one r.
    Changed("lastOccurence", Named("lastOccurrence")),
    Changed("note", List("note")),
    Changed("reaction", WithinList("reaction", REACTION)),
];
const REACTION: &[Element] = &[
    Same("substance manifestation description onset severity exposureRoute"),
    Changed("certainty", Kept("valueCode")),
    Changed("note", List("note")),
];

/// One status became two in R4: whether the allergy is there now, and whether it is sure.
pub(super) fn allergy(from: &Resource, out: &mut Resource) -> Option<()> {
    let (clinical, verification) = match text(from, "status") {
        Some(code @ ("active" | "inactive" | "resolved")) => (Some(code), None),
        Some(code @ ("unconfirmed" | "confirmed")) => (Some("active"), Some(code)),
        // One that was ruled out is not there; R4 demands to say so (ait-1).
        Some(code @ "refuted") => (Some("inactive"), Some(code)),
        Some(code @ "entered-in-error") => (None, Some(code)),
        Some(_) => return None,
        None if from.contains_key("status") => return None,
        None => {
            put(out, "clinicalStatus", absent())?;
            (None, None)
        }
    };
    if let Some(code) = clinical {
        put(out, "clinicalStatus", coded(ALLERGY_CLINICAL, code))?;
    }
    if let Some(code) = verification {
        put(out, "verificationStatus", coded(ALLERGY_VERIFICATION, code))?;
    }
    match from.get("category") {
        None => {}
        Some(Value::String(code)) if matches!(code.as_str(), "food" | "medication" | "environment") => {
            put(out, "category", json!([code]))?;
        }
        Some(code) => {
            keep(out, vec![extension(&format!("{EXTENSION}AllergyIntolerance.category"), "valueCode", code)])?
        }
    }
    out.contains_key("patient").then_some(())
}

pub(super) const CONDITION: &[Element] = &[
    Same(
        "identifier encounter asserter code severity onsetDateTime onsetPeriod onsetRange onsetString \
            abatementDateTime abatementPeriod abatementRange abatementString bodySite",
    ),
    Changed("patient", Named("subject")),
    Changed("dateRecorded", Named("recordedDate")),
    Changed("category", List("category")),
    Changed("clinicalStatus", OwnCode),
    Changed("verificationStatus", OwnCode),
    Changed("onsetQuantity", Age("onsetAge")),
    Changed("abatementQuantity", Age("abatementAge")),
    Changed("abatementBoolean", Kept("valueBoolean")),
    Changed("stage", WithinList("stage", &[Same("summary assessment")])),
    Changed("evidence", WithinList("evidence", &[Same("detail"), Changed("code", List("code"))])),
    Changed("notes", Note("note")),
];

pub(super) fn condition(from: &Resource, out: &mut Resource) -> Option<()> {
    let url = format!("{EXTENSION}Condition.clinicalStatus");
    shared::condition(from, out, &["active", "relapse", "remission", "resolved"], &url)
}

pub(super) const REPORT: &[Element] = &[
    Same(
        "identifier status code subject encounter effectiveDateTime effectivePeriod issued specimen result \
            imagingStudy conclusion presentedForm",
    ),
    Changed("category", List("category")),
    Changed("performer", List("performer")),
    Changed("request", Named("basedOn")),
    Changed("image", WithinList("media", &[Same("comment link")])),
    Changed("codedDiagnosis", Named("conclusionCode")),
];

pub(super) const IMMUNIZATION: &[Element] = &[
    Same(
        "identifier vaccineCode patient encounter manufacturer location lotNumber expirationDate site route \
            doseQuantity",
    ),
    Changed("status", OwnCode),
    Changed("date", Named("occurrenceDateTime")),
    Changed("wasNotGiven", Own),
    Changed("reported", Own),
    Changed("performer", Own),
    Changed("requester", Own),
    Changed("note", List("note")),
    Changed("explanation", Own),
    Changed("reaction", WithinList("reaction", &[Same("date detail reported")])),
    Changed("vaccinationProtocol", Own),
];
pub(super) fn immunization(from: &Resource, out: &mut Resource) -> Option<()> {
    match from.get("reported") {
        Some(Value::Bool(reported)) => put(out, "primarySource", (!reported).into())?,
        Some(_) => return None,
        None => {}
    }
    let mut performers = Vec::new();
    for (name, code) in [("performer", "AP"), ("requester", "OP")] {
        if let Some(actor) = from.get(name) {
            let function = coded("http://terminology.hl7.org/CodeSystem/v2-0443", code);
            performers.push(json!({ "function": function, "actor": actor }));
        }
    }
    if !performers.is_empty() {
        put(out, "performer", Value::Array(performers))?;
    }
    shared::immunization(from, out, "wasNotGiven", &format!("{EXTENSION}Immunization"))
}

pub(super) const OBSERVATION: &[Element] = &[
    Same(
        "identifier status code subject encounter effectiveDateTime effectivePeriod issued performer \
            valueQuantity valueCodeableConcept valueString valueRange valueRatio valueSampledData valueTime \
            valueDateTime valuePeriod dataAbsentReason bodySite method specimen device",
    ),
    Changed("category", List("category")),
    Changed("valueAttachment", Kept("valueAttachment")),
    Changed("interpretation", List("interpretation")),
    Changed("comments", Note("note")),
    Changed("referenceRange", WithinList("referenceRange", RANGE)),
    Changed("related", Own),
    Changed("component", WithinList("component", COMPONENT)),
];
const COMPONENT: &[Element] = &[
    Same(
        "code valueQuantity valueCodeableConcept valueString valueRange valueRatio valueSampledData valueTime \
            valueDateTime valuePeriod dataAbsentReason",
    ),
    Changed("valueAttachment", Kept("valueAttachment")),
    Changed("referenceRange", WithinList("referenceRange", RANGE)),
];
const RANGE: &[Element] = &[Same("low high age text"), Changed("meaning", Named("type"))];

pub(super) fn observation(from: &Resource, out: &mut Resource) -> Option<()> {
    shared::related(from, out, &format!("{EXTENSION}Observation.related"))
}

pub(super) const PROCEDURE: &[Element] = &[
    Same(
        "identifier subject code bodySite performedDateTime performedPeriod encounter location outcome report \
            complication followUp",
    ),
    Changed("status", OwnCode),
    Changed("category", Single("category")),
    Changed("notPerformed", Own),
    Changed("reasonNotPerformed", Single("statusReason")),
    Changed("reasonCodeableConcept", List("reasonCode")),
    Changed("reasonReference", List("reasonReference")),
    Changed("performer", WithinList("performer", &[Same("actor"), Changed("role", Named("function"))])),
    Changed("request", List("basedOn")),
    Changed("notes", List("note")),
    Changed("focalDevice", WithinList("focalDevice", &[Same("action manipulated")])),
    Changed("used", Named("usedReference")),
];

pub(super) fn procedure(from: &Resource, out: &mut Resource) -> Option<()> {
    let done = match text(from, "status")? {
        code if is_denied(from, "notPerformed", code)? => "not-done",
        "aborted" => "stopped",
        code => one_of(code, &["in-progress", "completed", "entered-in-error"])?,
    };
    put_code(from, "status", out, "status", done)?;
    out.contains_key("subject").then_some(())
}
