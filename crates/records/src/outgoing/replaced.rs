//! Codes that the guide once defined and no longer recommends: read, and written as what took their place.

use serde_json::{Value, json};

use crate::{json::Json, terminology::SNOMED};

/// The code system of "absent or unknown" codes of IPS 1.x, removed in 2.0.0.
pub(crate) const ABSENT_UNKNOWN: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

/// The SNOMED CT concept that says the same (IPS 2.0.1, "Empty Sections & Missing Data").
fn successor(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "no-allergy-info"
        | "no-device-info"
        | "no-immunization-info"
        | "no-medication-info"
        | "no-problem-info"
        | "no-procedure-info" => ("1287211007", "No information available"),
        "no-known-allergies" => ("716186003", "No known allergy"),
        "no-known-medication-allergies" => ("409137002", "No known drug allergy"),
        "no-known-environmental-allergies" => ("428607008", "No known environmental allergy"),
        "no-known-food-allergies" => ("429625007", "No known food allergy"),
        "no-known-devices" => ("787483001", "No known device use"),
        "no-known-immunizations" => ("787482006", "No known immunizations"),
        "no-known-medications" => ("787481004", "No known medications"),
        "no-known-problems" => ("160245001", "No current problems or disability"),
        "no-known-procedures" => ("787480003", "No known procedures"),
        _ => return None,
    })
}

/// Whether a coding is one of those.
pub(crate) fn is_replaced(coding: &Value) -> bool {
    coding.text_at(&["system"]) == Some(ABSENT_UNKNOWN)
}

/// Puts today's codes in the place of those, wherever in a resource they stand. The text beside them stays.
pub(crate) fn replace(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(replace),
        Value::Object(_) if is_replaced(value) => {
            if let Some((code, display)) = value.text_at(&["code"]).and_then(successor) {
                *value = json!({"system": SNOMED, "code": code, "display": display});
            }
        }
        Value::Object(members) => members.iter_mut().for_each(|(_, member)| replace(member)),
        _ => {}
    }
}
