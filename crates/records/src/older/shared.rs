//! What the kinds of both versions do alike.

use serde_json::{Map, Value, json};

use super::{
    Element::{self, Changed, Same},
    To::{self, Inside, Kept, KeptParts, List, Named, Single},
    extension, keep, list, moved, parted, put, put_all,
};
use crate::{
    convert::Resource,
    outgoing::absent,
    terminology::{CONDITION_CLINICAL, CONDITION_VERIFICATION},
};

pub(super) fn nothing(_: &Resource, _: &mut Resource) -> Option<()> {
    Some(())
}

/// What turns a statement into its opposite: whether it is said. `None` where it is neither true nor false.
pub(super) fn is_true(from: &Resource, name: &str) -> Option<bool> {
    from.get(name).map_or(Some(false), Value::as_bool)
}

/// Whether the element `name` says that something was not done. Of what was a mistake the status says that it was one.
/// `None` where it is neither true nor false.
pub(super) fn is_denied(from: &Resource, name: &str, status: &str) -> Option<bool> {
    Some(is_true(from, name)? && status != "entered-in-error")
}

pub(super) fn text<'r>(from: &'r Resource, name: &str) -> Option<&'r str> {
    from.get(name).and_then(Value::as_str)
}

/// A code among those that both versions have.
pub(super) fn one_of(code: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().copied().find(|known| *known == code)
}

/// The code of an element that may be missing. `None` for a code that R4 does not have.
pub(super) fn optional_code(from: &Resource, name: &str, known: &[&'static str]) -> Option<Option<&'static str>> {
    match from.get(name) {
        Some(code) => one_of(code.as_str()?, known).map(Some),
        None => Some(None),
    }
}

pub(super) fn coded(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

/// Puts a code there with what the element `name` said of itself, if it did.
pub(super) fn put_code(from: &Resource, name: &str, out: &mut Resource, to: &str, code: &str) -> Option<()> {
    if let Some(says) = from.get(&format!("_{name}")) {
        put(out, &format!("_{to}"), says.clone())?;
    }
    put(out, to, code.into())
}

/// Puts a concept there for a code, with what the element `name` said of itself; nothing where it said nothing.
pub(super) fn put_concept(
    from: &Resource,
    name: &str,
    out: &mut Resource,
    (to, system): (&str, &str),
    code: Option<&str>,
) -> Option<()> {
    let mut concept = match from.get(&format!("_{name}")) {
        Some(says) => says.as_object()?.clone(),
        None => Map::new(),
    };
    if let Some(code) = code {
        concept.insert("coding".to_owned(), json!([{ "system": system, "code": code }]));
    }
    if concept.is_empty() { Some(()) } else { put(out, to, Value::Object(concept)) }
}

/// The status of a Condition: codes became concepts; what is over cannot be active in R4 (con-4), and what was a mistake has no
/// clinical status (con-5). `url` is that of the extension for a clinical status that R4 forbids.
pub(super) fn condition(from: &Resource, out: &mut Resource, known: &[&'static str], url: &str) -> Option<()> {
    const VERIFICATION: &[&str] =
        &["provisional", "differential", "confirmed", "refuted", "entered-in-error", "unknown"];
    // R4 says that it is unknown by saying nothing.
    let verification = optional_code(from, "verificationStatus", VERIFICATION)?.filter(|code| *code != "unknown");
    let clinical = optional_code(from, "clinicalStatus", known)?;
    let is_mistake = verification == Some("entered-in-error");
    let is_over = is_true(from, "abatementBoolean")?
        || from.keys().any(|name| name.starts_with("abatement") && name != "abatementBoolean");
    let clinical = match clinical {
        Some(code) if is_mistake => {
            keep(out, vec![extension(url, "valueCode", &code.into())])?;
            None
        }
        // An end that is told and a state that is not one: which of them is right is not for us to say.
        Some("active" | "relapse" | "recurrence") if is_over => return None,
        None if is_over && !is_mistake => Some("inactive"),
        code => code,
    };
    put_concept(from, "verificationStatus", out, ("verificationStatus", CONDITION_VERIFICATION), verification)?;
    // The mistake's status may not be there in any form.
    if !is_mistake {
        put_concept(from, "clinicalStatus", out, ("clinicalStatus", CONDITION_CLINICAL), clinical)?;
    } else if from.contains_key("_clinicalStatus") {
        return None;
    }
    out.contains_key("subject").then_some(())
}

/// A patient of a vet.
pub(super) const ANIMAL: To = KeptParts(&[
    ("species", "valueCodeableConcept"),
    ("breed", "valueCodeableConcept"),
    ("genderStatus", "valueCodeableConcept"),
]);

/// Related observations have an element for each way of being related, of which R4 kept two. `url` is that of the extension for
/// the others.
pub(super) fn related(from: &Resource, out: &mut Resource, url: &str) -> Option<()> {
    const PARTS: &[(&str, &str)] = &[("type", "valueCode"), ("target", "valueReference")];
    for related in from.get("related").map(list).unwrap_or_default() {
        let parts = parted(&related, PARTS)?;
        let element = match related.get("type").and_then(Value::as_str) {
            Some("has-member") => "hasMember",
            Some("derived-from") => "derivedFrom",
            _ => {
                keep(out, vec![extension(url, "extension", &parts)])?;
                continue;
            }
        };
        let target = related.get("target")?.clone();
        out.entry(element).or_insert_with(|| json!([])).as_array_mut()?.push(target);
    }
    out.contains_key("code").then_some(())
}

/// Whether a vaccine was given (`not_given` is the element that says it was not), when, why and by which protocol. `url` is the
/// extension for an Immunization.
pub(super) fn immunization(from: &Resource, out: &mut Resource, not_given: &str, url: &str) -> Option<()> {
    const EXPLANATION: &[Element] =
        &[Changed("reason", List("reasonCode")), Changed("reasonNotGiven", Single("statusReason"))];
    const PROTOCOL: &[Element] = &[
        Same("authority series targetDisease"),
        Changed("doseSequence", Named("doseNumberPositiveInt")),
        Changed("description", Kept("valueString")),
        Changed("seriesDoses", Named("seriesDosesPositiveInt")),
        Changed("doseStatus", Kept("valueCodeableConcept")),
        Changed("doseStatusReason", Kept("valueCodeableConcept")),
    ];
    let status = match text(from, "status")? {
        code if is_denied(from, not_given, code)? => "not-done",
        code => one_of(code, &["completed", "entered-in-error"])?,
    };
    put_code(from, "status", out, "status", status)?;
    if !out.contains_key("occurrenceDateTime") && !out.contains_key("_occurrenceDateTime") {
        put(out, "_occurrenceDateTime", absent())?;
    }
    if let Some(explanation) = from.get("explanation") {
        put_all(out, moved(explanation.as_object()?, EXPLANATION, &format!("{url}.explanation"))?)?;
    }
    let mut protocols = Vec::new();
    for protocol in from.get("vaccinationProtocol").map(list).unwrap_or_default() {
        let mut protocol = moved(protocol.as_object()?, PROTOCOL, &format!("{url}.vaccinationProtocol"))?;
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

/// How much of a medicine, which R4 has in a list.
pub(super) const DOSE_QUANTITY: Element = Changed("doseQuantity", Inside("doseAndRate", "doseQuantity"));
pub(super) const DOSE_RANGE: Element = Changed("doseRange", Inside("doseAndRate", "doseRange"));
pub(super) const RATE_RATIO: Element = Changed("rateRatio", Inside("doseAndRate", "rateRatio"));
pub(super) const RATE_RANGE: Element = Changed("rateRange", Inside("doseAndRate", "rateRange"));

/// R4 demands a medicine and whose it is.
pub(super) fn has_medicine(out: &Resource) -> Option<()> {
    let medicine = out.contains_key("medicationCodeableConcept") || out.contains_key("medicationReference");
    (medicine && out.contains_key("subject")).then_some(())
}
