//! From the resource back to the entry, so that a person can correct what they typed.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    TypedEntry, TypedKind, TypedSeverity, TypedStatus,
    resource::{DIASTOLIC, SYSTOLIC, TYPED_TAG_SYSTEM, resource_type},
};
use crate::{index::Coding3, json::Json};

/// The entry that [`to_resource`](super::to_resource) made the resource of, tidied. `None` for a resource that was not
/// typed here: what others wrote is not a person's to correct.
pub fn from_resource<J: Json>(resource: &J) -> Option<TypedEntry> {
    let tags = resource.member("meta")?.each("tag");
    let kind = tags.iter().find(|tag| tag.text_at(&["system"]) == Some(TYPED_TAG_SYSTEM))?.text_at(&["code"])?;
    let kind = TypedKind::from_name(kind)?;
    if resource.text_at(&["resourceType"]) != Some(resource_type(kind)) {
        return None;
    }
    let text = |path: &[&str]| resource.text_at(path).map(str::to_owned);
    let concept = match kind {
        TypedKind::Medicine => "medicationCodeableConcept",
        TypedKind::Vaccination => "vaccineCode",
        TypedKind::Note => "",
        _ => "code",
    };
    let what = if kind == TypedKind::Note { text(&["description"]) } else { text(&[concept, "text"]) };
    let mut entry = TypedEntry::new(kind, &what.unwrap_or_default());
    entry.coding = resource.at(&[concept, "coding"]).and_then(|coding| {
        let part = |name: &str| coding.text_at(&[name]).unwrap_or_default().to_owned();
        let found = Coding3 { system: part("system"), code: part("code"), display: part("display") };
        (!found.code.is_empty()).then_some(found)
    });
    entry.comment = text(&["note", "text"]);
    match kind {
        TypedKind::Allergy => {
            entry.status = clinical_status(resource);
            entry.since = text(&["onsetDateTime"]);
            entry.dangerous = resource.text_at(&["criticality"]).map(|criticality| criticality == "high");
            entry.reaction = text(&["reaction", "manifestation", "text"]);
            entry.severity = resource.text_at(&["reaction", "severity"]).and_then(severity);
        }
        TypedKind::Condition => {
            entry.status = clinical_status(resource);
            entry.since = text(&["onsetDateTime"]);
            entry.until = text(&["abatementDateTime"]);
            entry.severity = resource.text_at(&["severity", "coding", "display"]).and_then(severity);
        }
        TypedKind::Medicine => {
            entry.status = match resource.text_at(&["status"]) {
                Some("completed") => TypedStatus::Resolved,
                _ => TypedStatus::Active,
            };
            entry.since = text(&["effectivePeriod", "start"]);
            entry.until = text(&["effectivePeriod", "end"]);
            entry.dose = text(&["dosage", "text"]);
        }
        TypedKind::Vaccination => {
            entry.since = text(&["occurrenceDateTime"]);
            entry.lot = text(&["lotNumber"]);
            entry.dose = text(&["protocolApplied", "doseNumberString"]);
        }
        TypedKind::Measurement => {
            entry.since = text(&["effectiveDateTime"]);
            (entry.value, entry.unit) = value(resource);
            for part in resource.each("component") {
                let (found, unit) = value(part);
                match part.text_at(&["code", "coding", "code"]) {
                    Some(code) if code == SYSTOLIC.0 => entry.value = found,
                    Some(code) if code == DIASTOLIC.0 => entry.lower_value = found,
                    _ => continue,
                }
                entry.unit = entry.unit.or(unit);
            }
        }
        TypedKind::Note => {
            entry.since = text(&["content", "attachment", "creation"]);
            let data = resource.text_at(&["content", "attachment", "data"]).unwrap_or_default();
            entry.comment = STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        }
    }
    Some(entry.tidied())
}

fn clinical_status<J: Json>(resource: &J) -> TypedStatus {
    match resource.text_at(&["clinicalStatus", "coding", "code"]) {
        Some("resolved") => TypedStatus::Resolved,
        _ => TypedStatus::Active,
    }
}

fn severity(text: &str) -> Option<TypedSeverity> {
    Some(match text.to_ascii_lowercase().as_str() {
        "mild" => TypedSeverity::Mild,
        "moderate" => TypedSeverity::Moderate,
        "severe" => TypedSeverity::Severe,
        _ => return None,
    })
}

fn value<J: Json>(holder: &J) -> (Option<String>, Option<String>) {
    let quantity = holder.member("valueQuantity");
    let number = quantity.and_then(|quantity| Some(quantity.member("value")?.number()?.into_owned()));
    let unit = quantity.and_then(|quantity| quantity.text_at(&["unit"])).map(str::to_owned);
    (number.or_else(|| holder.text_at(&["valueString"]).map(str::to_owned)), unit)
}
