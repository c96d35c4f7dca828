//! Pieces that readers of other formats put resources together from.

use serde_json::{Map, Number, Value, json};

use crate::{
    convert::Resource,
    terminology::{LOINC, OBSERVATION_CATEGORY, UCUM},
};

/// What a statistic is: `average`, `minimum`, … (<https://hl7.org/fhir/R4/codesystem-observation-statistics.html>).
const STATISTICS: &str = "http://terminology.hl7.org/CodeSystem/observation-statistics";

/// The most characters of a number that are kept; no instrument writes more.
const NUMBER_CHARS: usize = 32;

/// A coding with a display.
pub(crate) fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({"system": system, "code": code, "display": display})
}

/// A LOINC coding.
pub(crate) fn loinc(code: &str, display: &str) -> Value {
    coding(LOINC, code, display)
}

/// An observation's category.
pub(crate) fn category(code: &str) -> Value {
    let display = match code {
        "vital-signs" => "Vital Signs",
        "laboratory" => "Laboratory",
        "activity" => "Activity",
        "procedure" => "Procedure",
        _ => "Exam",
    };
    json!([{"coding": [coding(OBSERVATION_CATEGORY, code, display)]}])
}

/// A statistic, for `Observation.method` and the codes of components.
pub(crate) fn statistic(code: &str) -> Value {
    let display = match code {
        "average" => "Average",
        "minimum" => "Minimum",
        "maximum" => "Maximum",
        "count" => "Count",
        _ => "Sum",
    };
    json!({"coding": [coding(STATISTICS, code, display)], "text": display})
}

/// A quantity in a UCUM unit; the number keeps its text. `None` if the text is no JSON number.
pub(crate) fn quantity(value: &str, label: &str, ucum: &str) -> Option<Value> {
    let mut out = Map::new();
    out.insert("value".to_owned(), Value::Number(number(value)?));
    if !label.is_empty() {
        out.insert("unit".to_owned(), label.into());
    }
    if !ucum.is_empty() {
        out.insert("system".to_owned(), UCUM.into());
        out.insert("code".to_owned(), ucum.into());
    }
    Some(Value::Object(out))
}

/// A number that keeps its text, where it is one that FHIR can write and that is not absurdly long.
pub(crate) fn number(text: &str) -> Option<Number> {
    if text.len() > NUMBER_CHARS {
        // A long fraction of a conversion ("0.4971749504535062…") is a number all the same.
        return text.parse::<f64>().ok().filter(|value| value.is_finite()).and_then(|value| number(&decimal(value)));
    }
    serde_json::from_str(text).ok()
}

/// A calculated number with at most seven digits that count, which is more than any instrument has.
pub(crate) fn decimal(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if magnitude > 15 {
        return format!("{value:e}");
    }
    let places = usize::try_from((6 - magnitude).clamp(0, 12)).unwrap_or_default();
    let text = format!("{value:.places$}");
    if !text.contains('.') {
        return text;
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() { "0".to_owned() } else { text.to_owned() }
}

/// The members of an object literal.
pub(crate) fn object(value: Value) -> Resource {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Adds a member where there is a value.
pub(crate) fn put(resource: &mut Resource, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        resource.insert(name.to_owned(), value);
    }
}

/// Text without control characters and surplus space, as FHIR strings must be; `None` when nothing is left.
pub(crate) fn text(raw: &str, bytes: usize) -> Option<String> {
    let clean: String = raw.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let clean = crate::index::clip(clean.trim(), bytes).trim().to_owned();
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calculated_numbers_are_short_and_read_by_json() {
        for (value, text) in [
            (0.0, "0"),
            (72.0, "72"),
            (0.1 + 0.2, "0.3"),
            (12_345_678.0, "12345678"),
            (1_234.567_89, "1234.568"),
            (-0.5, "-0.5"),
            (1e300, "1e300"),
            (1e-30, "0"),
        ] {
            assert_eq!(decimal(value), text);
            assert!(number(text).is_some(), "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        assert_eq!(quantity("72.50", "kg", "kg").unwrap()["value"].to_string(), "72.50");
        for wrong in ["", "NaN", "+5", "1,5", "0x1", ".5", "5."] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        assert_eq!(number("0.49717495045350621234567890123456789").unwrap().to_string(), "0.497175");
    }
}
