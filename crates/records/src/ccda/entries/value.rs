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
        text::{PHRASE, Texts, plain},
        time,
    },
    terminology::ABSENT_REASON,
    xml::Node,
};

/// The extension for the number of a code in an order.
const ORDINAL: &str = "http://hl7.org/fhir/StructureDefinition/ordinalValue";

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
            "PQ" | "IVL_PQ" | "REAL" | "IVL_REAL" | "IVL_INT" | "MO" | "PQR" | "SXCM_PQ" | "SXCM_REAL" | "SXCM_INT" => {
                match span(value) {
                    Some(Span::Quantity(quantity)) => Some(("valueQuantity", quantity)),
                    Some(Span::Range(range)) => Some(("valueRange", range)),
                    None => self.wordy_quantity(value).map(|words| ("valueString", json!(words))),
                }
            }
            "INT" => match attribute(value, "value").and_then(|text| text.parse::<i32>().ok()) {
                Some(number) => Some(("valueInteger", json!(number))),
                None => match span(value) {
                    Some(Span::Quantity(quantity)) => Some(("valueQuantity", quantity)),
                    Some(Span::Range(range)) => Some(("valueRange", range)),
                    None => self.wordy_quantity(value).map(|words| ("valueString", json!(words))),
                },
            },
            kind if kind.starts_with("RTO") => match ratio(value) {
                Some(ratio) => Some(("valueRatio", ratio)),
                None => ratio_words(value).map(|words| ("valueString", json!(words))),
            },
            "CO" if attribute(value, "value").is_some() => Some(ordinal(value, &self.texts)),
            "PIVL_TS" | "PIVL" | "EIVL_TS" | "EIVL" => {
                frequency_words(value).map(|words| ("valueString", json!(words)))
            }
            "SLIST_PQ" | "SLIST_TS" | "GLIST_PQ" | "GLIST_TS" => {
                list_words(value).map(|words| ("valueString", json!(words)))
            }
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
            "ED" if attribute(value, "representation") == Some("B64") || self.is_elsewhere(value) => {
                return match self.embedded(act, value) {
                    Some(reference) => Reading::Document(json!({"reference": reference})),
                    None => absent(),
                };
            }
            "ST" | "ED" | "SC" | "EN" | "PN" | "ON" | "TN" | "AD" | "TEL" => {
                let words = self.texts.words(value).or_else(|| attribute(value, "value").map(one_line));
                words.map(|words| ("valueString", json!(words)))
            }
            _ => match codeable(value, &self.texts) {
                Some(concept) => Some(("valueCodeableConcept", concept)),
                // Of a type that is not known, its words.
                None => {
                    let words = self.texts.words(value).or_else(|| attribute(value, "value").map(one_line));
                    words.map(|words| ("valueString", json!(words)))
                }
            },
        };
        match found {
            Some((key, value)) => Reading::Value(key, value),
            None => absent(),
        }
    }

    /// Whether an ED has nothing of its own and says where it is, outside the document.
    fn is_elsewhere(&self, value: Node<'d>) -> bool {
        let link = value.child("reference").and_then(|reference| attribute(reference, "value"));
        link.is_some_and(|link| !link.starts_with('#')) && self.texts.words(value).is_none()
    }

    /// A quantity that is no number: its words, or those of its translation.
    pub(super) fn wordy_quantity(&self, value: Node<'d>) -> Option<String> {
        if let Some(words) = ends_in_words(value) {
            return Some(words);
        }
        if let Some(words) = amount(value) {
            return Some(words);
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

/// A quantity as it is written, number or not, with its unit.
fn amount(value: Node<'_>) -> Option<String> {
    let unit = attribute(value, "unit").unwrap_or_default();
    Some(one_line(&format!("{} {unit}", attribute(value, "value")?)))
}

/// In words an interval of which an end is no number; `None` where it has no end.
fn ends_in_words(value: Node<'_>) -> Option<String> {
    let end = |name: &str| value.child(name).and_then(amount);
    match (end("low"), end("high")) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (Some(low), None) => Some(format!("at least {low}")),
        (None, Some(high)) => Some(format!("at most {high}")),
        (None, None) => None,
    }
}

/// In words a ratio of which a part is no number.
fn ratio_words(value: Node<'_>) -> Option<String> {
    let parts = ["numerator", "denominator"].iter().filter_map(|name| value.child(name).and_then(amount));
    let words = parts.collect::<Vec<_>>().join(" : ");
    (!words.is_empty()).then_some(words)
}

/// A place in an order: the code with its number, or the number alone.
fn ordinal(value: Node<'_>, texts: &Texts<'_>) -> (&'static str, Value) {
    let written = attribute(value, "value").unwrap_or_default();
    let place = number(written);
    match (codeable(value, texts), place) {
        (Some(mut concept), Some(place)) => {
            let coding = concept.get_mut("coding").and_then(|list| list.get_mut(0)).and_then(Value::as_object_mut);
            if let Some(coding) = coding {
                coding.insert("extension".to_owned(), json!([{"url": ORDINAL, "valueDecimal": place}]));
            }
            ("valueCodeableConcept", concept)
        }
        (Some(concept), None) => ("valueCodeableConcept", concept),
        (None, Some(place)) => ("valueQuantity", json!({"value": place})),
        (None, None) => ("valueString", json!(one_line(written))),
    }
}

/// How often, in words: FHIR has no timing among the values of an observation.
fn frequency_words(value: Node<'_>) -> Option<String> {
    let event = value
        .child("event")
        .and_then(|event| attribute(event, "displayName").or_else(|| attribute(event, "code")).map(one_line));
    let every = value.child("period").and_then(amount).map(|period| format!("every {period}"));
    every.or(event)
}

/// A row of samples in words: FHIR wants to know their distance in time, which such a list does not say.
fn list_words(value: Node<'_>) -> Option<String> {
    let named = ["origin", "scale", "head", "increment"];
    let named = named.iter().filter_map(|name| Some(format!("{name} {}", value.child(name).and_then(amount)?)));
    let digits = value.child("digits").map(|digits| plain(digits, PHRASE)).filter(|digits| !digits.is_empty());
    let words: Vec<String> = digits.into_iter().chain(named).collect();
    (!words.is_empty()).then(|| words.join("; "))
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
    json!({"coding": [{"system": ABSENT_REASON, "code": reason}]})
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
        // Where an end is no number ("4,5"), the words say both.
        let odd = value.filter(|value| {
            let ends = ["low", "high"].iter().filter_map(|name| value.child(name));
            ends.filter(|end| attribute(*end, "value").is_some()).any(|end| simple_quantity(end).is_none())
        });
        if let Some(value) = value.filter(|_| odd.is_none()) {
            for name in ["low", "high"] {
                let end = value.child(name).and_then(simple_quantity);
                put(&mut entry, name, end);
            }
        }
        let words = range.child("text").and_then(|text| reader.texts.words(text));
        let words = words.or_else(|| match value {
            Some(value) if entry.is_empty() => {
                let said = ends_in_words(value).or_else(|| reader.texts.words(value));
                said.or_else(|| attribute(value, "displayName").map(one_line)).or_else(|| amount(value))
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
