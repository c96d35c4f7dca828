//! What was found and done: allergies, conditions, results, vaccinations, procedures.

use serde_json::{Value, json};

use super::super::{
    Element,
    To::{Age, Code, Kept, List, Named, Note, Own, Same, Single, WithinList},
    extension, keep, list, moved, put,
};
use super::{coded, is_true, one_of, text};
use crate::{
    convert::Resource,
    outgoing::absent,
    terminology::{ALLERGY_CLINICAL, ALLERGY_VERIFICATION, CONDITION_CLINICAL, CONDITION_VERIFICATION},
};

pub(super) const ALLERGY: &[Element] = &[
    Element("identifier", Same),
    Element("onset", Named("onsetDateTime")),
    Element("recordedDate", Same),
    Element("recorder", Same),
    Element("patient", Same),
    Element("reporter", Named("asserter")),
    Element("substance", Named("code")),
    Element("status", Own),
    Element("criticality", Code("criticality", &[("CRITL", "low"), ("CRITH", "high"), ("CRITU", "unable-to-assess")])),
    Element("type", Same),
    Element("category", Own),
    // DSTU2 spells it with one r.
    Element("lastOccurence", Named("lastOccurrence")),
    Element("lastOccurrence", Same),
    Element("note", List("note")),
    Element("reaction", WithinList("reaction", REACTION)),
];
const REACTION: &[Element] = &[
    Element("substance", Same),
    Element("certainty", Kept("valueCode")),
    Element("manifestation", Same),
    Element("description", Same),
    Element("onset", Same),
    Element("severity", Same),
    Element("exposureRoute", Same),
    Element("note", List("note")),
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
        Some(code) => keep(out, vec![extension("AllergyIntolerance.category", "valueCode", code)])?,
    }
    out.contains_key("patient").then_some(())
}

pub(super) const CONDITION: &[Element] = &[
    Element("identifier", Same),
    Element("patient", Named("subject")),
    Element("encounter", Same),
    Element("asserter", Same),
    Element("dateRecorded", Named("recordedDate")),
    Element("code", Same),
    Element("category", List("category")),
    Element("clinicalStatus", Own),
    Element("verificationStatus", Own),
    Element("severity", Same),
    Element("onsetDateTime", Same),
    Element("onsetQuantity", Age("onsetAge")),
    Element("onsetPeriod", Same),
    Element("onsetRange", Same),
    Element("onsetString", Same),
    Element("abatementDateTime", Same),
    Element("abatementQuantity", Age("abatementAge")),
    Element("abatementBoolean", Kept("valueBoolean")),
    Element("abatementPeriod", Same),
    Element("abatementRange", Same),
    Element("abatementString", Same),
    Element("stage", WithinList("stage", &[Element("summary", Same), Element("assessment", Same)])),
    Element("evidence", WithinList("evidence", &[Element("code", List("code")), Element("detail", Same)])),
    Element("bodySite", Same),
    Element("notes", Note("note")),
];

/// Codes became concepts; what is over cannot be active in R4 (con-4), and what was a mistake has no clinical status (con-5).
pub(super) fn condition(from: &Resource, out: &mut Resource) -> Option<()> {
    let verification = match from.get("verificationStatus") {
        None => None,
        Some(code) => Some(code.as_str()?),
    };
    let clinical = match from.get("clinicalStatus") {
        None => None,
        Some(code) => Some(one_of(code.as_str()?, &["active", "relapse", "remission", "resolved"])?),
    };
    match verification {
        // R4 says that by saying nothing.
        None | Some("unknown") => {}
        Some(code) => {
            let code = one_of(code, &["provisional", "differential", "confirmed", "refuted", "entered-in-error"])?;
            put(out, "verificationStatus", coded(CONDITION_VERIFICATION, code))?;
        }
    }
    let is_over = is_true(from, "abatementBoolean")?
        || from.keys().any(|name| name.starts_with("abatement") && name != "abatementBoolean");
    let clinical = match clinical {
        Some(code) if verification == Some("entered-in-error") => {
            keep(out, vec![extension("Condition.clinicalStatus", "valueCode", &code.into())])?;
            None
        }
        // An end that is told and a state that is not one: which of them is right is not for us to say.
        Some("active" | "relapse") if is_over => return None,
        None if is_over && verification != Some("entered-in-error") => Some("inactive"),
        code => code,
    };
    if let Some(code) = clinical {
        put(out, "clinicalStatus", coded(CONDITION_CLINICAL, code))?;
    }
    out.contains_key("subject").then_some(())
}

pub(super) const REPORT: &[Element] = &[
    Element("identifier", Same),
    Element("status", Same),
    Element("category", List("category")),
    Element("code", Same),
    Element("subject", Same),
    Element("encounter", Same),
    Element("effectiveDateTime", Same),
    Element("effectivePeriod", Same),
    Element("issued", Same),
    Element("performer", List("performer")),
    Element("request", Named("basedOn")),
    Element("specimen", Same),
    Element("result", Same),
    Element("imagingStudy", Same),
    Element("image", WithinList("media", &[Element("comment", Same), Element("link", Same)])),
    Element("conclusion", Same),
    Element("codedDiagnosis", Named("conclusionCode")),
    Element("presentedForm", Same),
];

pub(super) const IMMUNIZATION: &[Element] = &[
    Element("identifier", Same),
    Element("status", Own),
    Element("date", Named("occurrenceDateTime")),
    Element("vaccineCode", Same),
    Element("patient", Same),
    Element("wasNotGiven", Own),
    Element("reported", Own),
    Element("performer", Own),
    Element("requester", Own),
    Element("encounter", Same),
    Element("manufacturer", Same),
    Element("location", Same),
    Element("lotNumber", Same),
    Element("expirationDate", Same),
    Element("site", Same),
    Element("route", Same),
    Element("doseQuantity", Same),
    Element("note", List("note")),
    Element("explanation", Own),
    Element(
        "reaction",
        WithinList("reaction", &[Element("date", Same), Element("detail", Same), Element("reported", Same)]),
    ),
    Element("vaccinationProtocol", Own),
];
const PROTOCOL: &[Element] = &[
    Element("doseSequence", Named("doseNumberPositiveInt")),
    Element("description", Kept("valueString")),
    Element("authority", Same),
    Element("series", Same),
    Element("seriesDoses", Named("seriesDosesPositiveInt")),
    Element("targetDisease", Same),
    Element("doseStatus", Kept("valueCodeableConcept")),
    Element("doseStatusReason", Kept("valueCodeableConcept")),
];

pub(super) fn immunization(from: &Resource, out: &mut Resource) -> Option<()> {
    let given = match text(from, "status")? {
        code if is_true(from, "wasNotGiven")? && code != "entered-in-error" => "not-done",
        code => one_of(code, &["completed", "entered-in-error"])?,
    };
    put(out, "status", given.into())?;
    if !out.contains_key("occurrenceDateTime") {
        put(out, "_occurrenceDateTime", absent())?;
    }
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
    if let Some(explanation) = from.get("explanation") {
        const EXPLANATION: &[Element] =
            &[Element("reason", List("reasonCode")), Element("reasonNotGiven", Single("statusReason"))];
        out.extend(moved(explanation.as_object()?, EXPLANATION, "Immunization.explanation")?);
    }
    let mut protocols = Vec::new();
    for protocol in from.get("vaccinationProtocol").map(list).unwrap_or_default() {
        let mut protocol = moved(protocol.as_object()?, PROTOCOL, "Immunization.vaccinationProtocol")?;
        if !protocol.contains_key("doseNumberPositiveInt") {
            put(&mut protocol, "_doseNumberString", absent())?;
        }
        protocols.push(Value::Object(protocol));
    }
    if !protocols.is_empty() {
        put(out, "protocolApplied", Value::Array(protocols))?;
    }
    (out.contains_key("vaccineCode") && out.contains_key("patient")).then_some(())
}

pub(super) const OBSERVATION: &[Element] = &[
    Element("identifier", Same),
    Element("status", Same),
    Element("category", List("category")),
    Element("code", Same),
    Element("subject", Same),
    Element("encounter", Same),
    Element("effectiveDateTime", Same),
    Element("effectivePeriod", Same),
    Element("issued", Same),
    Element("performer", Same),
    Element("valueQuantity", Same),
    Element("valueCodeableConcept", Same),
    Element("valueString", Same),
    Element("valueRange", Same),
    Element("valueRatio", Same),
    Element("valueSampledData", Same),
    Element("valueAttachment", Kept("valueAttachment")),
    Element("valueTime", Same),
    Element("valueDateTime", Same),
    Element("valuePeriod", Same),
    Element("dataAbsentReason", Same),
    Element("interpretation", List("interpretation")),
    Element("comments", Note("note")),
    Element("bodySite", Same),
    Element("method", Same),
    Element("specimen", Same),
    Element("device", Same),
    Element("referenceRange", WithinList("referenceRange", RANGE)),
    Element("related", Own),
    Element("component", WithinList("component", COMPONENT)),
];
const COMPONENT: &[Element] = &[
    Element("code", Same),
    Element("valueQuantity", Same),
    Element("valueCodeableConcept", Same),
    Element("valueString", Same),
    Element("valueRange", Same),
    Element("valueRatio", Same),
    Element("valueSampledData", Same),
    Element("valueAttachment", Kept("valueAttachment")),
    Element("valueTime", Same),
    Element("valueDateTime", Same),
    Element("valuePeriod", Same),
    Element("dataAbsentReason", Same),
    Element("referenceRange", WithinList("referenceRange", RANGE)),
];
const RANGE: &[Element] = &[
    Element("low", Same),
    Element("high", Same),
    Element("meaning", Named("type")),
    Element("age", Same),
    Element("text", Same),
];

/// Related observations have an element for each way of being related, of which R4 kept two.
pub(super) fn observation(from: &Resource, out: &mut Resource) -> Option<()> {
    for related in from.get("related").map(list).unwrap_or_default() {
        let related = related.as_object()?;
        if related.keys().any(|name| name != "type" && name != "target") {
            return None;
        }
        let element = match text(related, "type")? {
            "has-member" => "hasMember",
            "derived-from" => "derivedFrom",
            _ => return None,
        };
        let target = related.get("target")?.clone();
        out.entry(element).or_insert_with(|| json!([])).as_array_mut()?.push(target);
    }
    out.contains_key("code").then_some(())
}

pub(super) const PROCEDURE: &[Element] = &[
    Element("identifier", Same),
    Element("subject", Same),
    Element("status", Own),
    Element("category", Single("category")),
    Element("code", Same),
    Element("notPerformed", Own),
    Element("reasonNotPerformed", Single("statusReason")),
    Element("bodySite", Same),
    Element("reasonCodeableConcept", List("reasonCode")),
    Element("reasonReference", List("reasonReference")),
    Element("performer", WithinList("performer", &[Element("actor", Same), Element("role", Named("function"))])),
    Element("performedDateTime", Same),
    Element("performedPeriod", Same),
    Element("encounter", Same),
    Element("location", Same),
    Element("outcome", Same),
    Element("report", Same),
    Element("complication", Same),
    Element("followUp", Same),
    Element("request", List("basedOn")),
    Element("notes", List("note")),
    Element("focalDevice", WithinList("focalDevice", &[Element("action", Same), Element("manipulated", Same)])),
    Element("used", Named("usedReference")),
];

pub(super) fn procedure(from: &Resource, out: &mut Resource) -> Option<()> {
    let done = match text(from, "status")? {
        code if is_true(from, "notPerformed")? && code != "entered-in-error" => "not-done",
        "aborted" => "stopped",
        code => one_of(code, &["in-progress", "completed", "entered-in-error"])?,
    };
    put(out, "status", done.into())?;
    out.contains_key("subject").then_some(())
}
