//! The value of an observation: of any v3 type, to the FHIR type that says the same (CF-results).

use serde_json::{Value, json};

use crate::{
    ccda::{
        Resource, codes,
        datatypes::{
            Span, attribute, boolean, codeable, identifier, null_flavor, number, one_line, put, ratio, simple_quantity,
            span, xsi_type,
        },
        reader::Reader,
        text::{PHRASE, plain},
        time,
    },
    xml::Node,
};

/// What an observation's value became.
#[derive(Debug)]
pub(super) enum Reading {
    /// The name of the `value[x]` and what it holds.
    Value(&'static str, Value),
    /// A point in time or a period, with what could not be said of it.
    Time(Resource),
    /// The reference to a document that holds it.
    Document(Value),
    /// Nothing, and why.
    Absent(String),
}

impl<'d> Reader<'d> {
    /// Reads a `value`.
    pub(super) fn reading(&mut self, act: Node<'d>, value: Node<'d>) -> Reading {
        let absent = || Reading::Absent(null_flavor(value).unwrap_or("UNK").to_owned());
        let found = match kind_of(value) {
            "PQ" | "IVL_PQ" | "REAL" | "MO" | "PQR" => match span(value) {
                Some(Span::Quantity(quantity)) => Some(("valueQuantity", quantity)),
                Some(Span::Range(range)) => Some(("valueRange", range)),
                None => self.wordy_quantity(value).map(|words| ("valueString", json!(words))),
            },
            "INT" => match attribute(value, "value").and_then(|text| text.parse::<i32>().ok()) {
                Some(number) => Some(("valueInteger", json!(number))),
                None => match span(value) {
                    Some(Span::Quantity(quantity)) => Some(("valueQuantity", quantity)),
                    Some(Span::Range(range)) => Some(("valueRange", range)),
                    None => attribute(value, "value").map(|text| ("valueString", json!(one_line(text)))),
                },
            },
            "RTO" | "RTO_PQ_PQ" | "RTO_QTY_QTY" => ratio(value).map(|ratio| ("valueRatio", ratio)),
            "BL" | "BN" => boolean(value).map(|yes| ("valueBoolean", json!(yes))),
            "TS" | "IVL_TS" => {
                let mut out = Resource::new();
                time::put_moment(&mut out, "value", value);
                let said = out.keys().any(|key| !key.starts_with('_'));
                return if said { Reading::Time(out) } else { absent() };
            }
            "II" => identifier(value).and_then(|id| {
                let text = id.get("value").and_then(Value::as_str)?.to_owned();
                Some(("valueString", json!(text)))
            }),
            "ED" if attribute(value, "representation") == Some("B64") => {
                return match self.embedded(act, value) {
                    Some(reference) => Reading::Document(json!({"reference": reference})),
                    None => absent(),
                };
            }
            "ST" | "ED" | "SC" | "EN" | "AD" | "TEL" => {
                let words = self.texts.words(value).or_else(|| attribute(value, "value").map(one_line));
                words.map(|words| ("valueString", json!(words)))
            }
            _ => codeable(value, &self.texts).map(|concept| ("valueCodeableConcept", concept)),
        };
        match found {
            Some((key, value)) => Reading::Value(key, value),
            None => absent(),
        }
    }

    /// A quantity that is no number: its words, or those of its translation.
    pub(super) fn wordy_quantity(&self, value: Node<'d>) -> Option<String> {
        if let Some(text) = attribute(value, "value") {
            let unit = attribute(value, "unit").unwrap_or_default();
            return Some(one_line(&format!("{text} {unit}")));
        }
        let translation = value.child("translation");
        let number_of = translation.and_then(|inner| attribute(inner, "value"));
        let unit = translation.and_then(|inner| inner.child("originalText")).map(|text| plain(text, PHRASE));
        let words = match (number_of, unit.filter(|unit| !unit.is_empty())) {
            (Some(number), Some(unit)) => Some(format!("{number} {unit}")),
            (Some(number), None) => Some(number.to_owned()),
            (None, unit) => unit,
        };
        words.or_else(|| self.texts.words(value)).map(|words| one_line(&words))
    }
}

/// The value's type, told by its looks where `xsi:type` is missing.
fn kind_of<'d>(value: Node<'d>) -> &'d str {
    let kind = xsi_type(value);
    if !kind.is_empty() {
        return kind;
    }
    if attribute(value, "code").is_some() || value.child("translation").is_some() {
        return "CD";
    }
    match attribute(value, "value") {
        Some(text) if number(text).is_some() || attribute(value, "unit").is_some() => "PQ",
        Some(_) => "ST",
        None if value.child("low").or_else(|| value.child("high")).is_some() => "IVL_PQ",
        None if null_flavor(value).is_some() => "CD",
        None => "ST",
    }
}

/// The concept of a `dataAbsentReason`.
pub(super) fn absent_reason(null_flavor: &str) -> Value {
    let reason = codes::mapped(codes::NULL_FLAVOR, null_flavor).unwrap_or("unknown");
    json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": reason}]})
}

/// The reference ranges of an observation: those that say what is normal (CF-results).
pub(super) fn reference_ranges<'d>(reader: &Reader<'d>, act: Node<'d>) -> Vec<Value> {
    let mut out = Vec::new();
    let ranges: Vec<Node<'d>> = act.all("referenceRange").filter_map(|range| range.child("observationRange")).collect();
    let meaning =
        |range: Node<'_>| range.child("interpretationCode").and_then(|code| attribute(code, "code")).map(str::to_owned);
    let several = ranges.len() > 1 && ranges.iter().any(|range| meaning(*range).as_deref() == Some("N"));
    for range in ranges {
        if several && meaning(range).as_deref() != Some("N") {
            continue;
        }
        let mut entry = Resource::new();
        let value = range.child("value");
        if let Some(value) = value {
            for name in ["low", "high"] {
                let end = value.child(name).and_then(simple_quantity);
                put(&mut entry, name, end);
            }
        }
        let words = range.child("text").and_then(|text| reader.texts.words(text));
        let words = words.or_else(|| match value {
            Some(value) if entry.is_empty() => {
                let said = reader.texts.words(value);
                said.or_else(|| attribute(value, "displayName").or_else(|| attribute(value, "value")).map(one_line))
            }
            _ => None,
        });
        put(&mut entry, "text", words.map(Value::String));
        if !entry.is_empty() {
            out.push(Value::Object(entry));
        }
    }
    out
}
