//! A measured value with the range it was reported with.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::VALUE_BYTES;
use crate::{
    index::{clip, words},
    json::Json,
};

/// A value as measured. All texts are as recorded; the range is the laboratory's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// The value's text with its comparator (`72.50`, `<5`, `120/80`).
    pub value: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// The range's lower end.
    pub low: Option<String>,
    /// The range's upper end.
    pub high: Option<String>,
    /// How the source judged it (`High`, `N`), never our own judgement.
    pub interpretation: Option<String>,
}

impl fmt::Display for Measurement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.value)?;
        match self.unit.as_str() {
            "" => Ok(()),
            "%" => out.write_str(" %"),
            unit => write!(out, " {unit}"),
        }
    }
}

/// The measurement of an Observation: its quantity, or both pressures of a blood pressure panel.
pub(super) fn measurement<J: Json>(resource: &J) -> Option<Measurement> {
    let interpretation = resource.first("interpretation").and_then(words);
    let (value, unit) = match resource.member("valueQuantity") {
        Some(quantity) => (amount(quantity)?, unit(quantity)),
        None => match resource.member("valueInteger").and_then(Json::number) {
            Some(number) => (number.into_owned(), String::new()),
            None => blood_pressure(resource)?,
        },
    };
    let (low, high) = range(resource);
    Some(Measurement { value: clip(&value, 100).to_owned(), unit, low, high, interpretation })
}

/// Systolic (LOINC 8480-6) over diastolic (8462-4), where both are there in one unit.
fn blood_pressure<J: Json>(resource: &J) -> Option<(String, String)> {
    let part = |code: &str| {
        let component = resource.each("component").iter().find(|part| {
            part.member("code")
                .is_some_and(|concept| concept.each("coding").iter().any(|c| c.text_at(&["code"]) == Some(code)))
        })?;
        let quantity = component.member("valueQuantity")?;
        Some((amount(quantity)?, unit(quantity)))
    };
    let (systolic, unit) = part("8480-6")?;
    let (diastolic, other) = part("8462-4")?;
    (unit == other).then(|| (format!("{systolic}/{diastolic}"), unit))
}

/// The range to show: the first that applies to everybody normally, as numbers or read from its text.
fn range<J: Json>(resource: &J) -> (Option<String>, Option<String>) {
    let Some(range) = resource.first("referenceRange") else { return (None, None) };
    let end = |name: &str| {
        range.member(name).and_then(|quantity| quantity.member("value")?.number()).map(|text| text.into_owned())
    };
    match (end("low"), end("high")) {
        (None, None) => range.text_at(&["text"]).map_or((None, None), text_range),
        ends => ends,
    }
}

/// The ends of a range written as text: `<150`, `<= 5.0 mg/L`, `>40`, `70-99`, `3.5 – 5.1`; nothing for other texts.
pub(super) fn text_range(text: &str) -> (Option<String>, Option<String>) {
    let text = text.trim().trim_start_matches(['(', '[']);
    for (sign, upper) in [("<=", true), ("≤", true), ("<", true), (">=", false), ("≥", false), (">", false)] {
        if let Some(rest) = text.strip_prefix(sign) {
            let number = leading_number(rest).map(|(number, _)| number.to_owned());
            return if upper { (None, number) } else { (number, None) };
        }
    }
    let Some((low, rest)) = leading_number(text) else { return (None, None) };
    let rest = rest.trim_start();
    let rest = ["-", "–", "—", "to ", "bis "].iter().find_map(|between| rest.strip_prefix(between));
    match rest.and_then(leading_number) {
        Some((high, _)) => (Some(low.to_owned()), Some(high.to_owned())),
        None => (None, None),
    }
}

fn leading_number(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let length =
        digits.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | ','))).unwrap_or(digits.len());
    let length = length + (text.len() - digits.len());
    let (number, rest) = text.split_at_checked(length)?;
    // "5.-" and a sentence's comma are not part of a number.
    let number = number.trim_end_matches(['.', ',']);
    number.ends_with(|letter: char| letter.is_ascii_digit()).then_some((number, rest))
}

fn amount<J: Json>(quantity: &J) -> Option<String> {
    let number = quantity.member("value")?.number()?;
    let comparator = quantity.text_at(&["comparator"]).unwrap_or_default();
    Some(format!("{}{number}", clip(comparator, 8)))
}

/// The unit to print: its human form, else its UCUM code without annotation.
fn unit<J: Json>(quantity: &J) -> String {
    let unit = quantity.text_at(&["unit"]).or_else(|| quantity.text_at(&["code"])).unwrap_or_default();
    let annotation = unit.starts_with('{') && unit.ends_with('}');
    let unit = if annotation { unit.trim_matches(['{', '}']) } else { unit };
    if unit == "1" { String::new() } else { clip(unit, 60).to_owned() }
}

/// A Quantity, or simple Age, Duration, Money and the like, as one writes it: `72.50 kg`.
pub(crate) fn quantity<J: Json>(value: &J) -> Option<String> {
    let number = amount(value)?;
    let unit = value.text_at(&["currency"]).map_or_else(|| unit(value), str::to_owned);
    Some(if unit.is_empty() { number } else { format!("{number} {unit}") })
}

/// Any `value[x]` of an Observation or its component, as one writes it.
pub(crate) fn value_text<J: Json>(holder: &J) -> Option<String> {
    let text = if let Some(value) = holder.member("valueQuantity") {
        quantity(value)
    } else if let Some(value) = holder.member("valueCodeableConcept") {
        words(value)
    } else if let Some(text) =
        ["valueString", "valueDateTime", "valueTime"].iter().find_map(|name| holder.text_at(&[name]))
    {
        Some(text.to_owned())
    } else if let Some(value) = holder.member("valueInteger").and_then(Json::number) {
        Some(value.into_owned())
    } else if let Some(value) = holder.member("valueBoolean").and_then(Json::boolean) {
        Some(value.to_string())
    } else if let Some(value) = holder.member("valueRange") {
        join(value.member("low").and_then(quantity), " – ", value.member("high").and_then(quantity))
    } else if let Some(value) = holder.member("valueRatio") {
        join(value.member("numerator").and_then(quantity), " : ", value.member("denominator").and_then(quantity))
    } else if let Some(value) = holder.member("valuePeriod") {
        join(value.text_at(&["start"]).map(str::to_owned), " – ", value.text_at(&["end"]).map(str::to_owned))
    } else {
        holder.member("dataAbsentReason").and_then(words).map(|reason| format!("({reason})"))
    };
    text.map(|text| clip(&text, VALUE_BYTES).to_owned())
}

fn join(left: Option<String>, between: &str, right: Option<String>) -> Option<String> {
    match (left, right) {
        (None, None) => None,
        (left, right) => {
            Some(format!("{}{between}{}", left.unwrap_or_default(), right.unwrap_or_default()).trim().to_owned())
        }
    }
}
