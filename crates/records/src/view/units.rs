//! Units: what sources write, as UCUM; which units measure the same thing; and conversion between them.
//!
//! A conversion is made only where it is sound: within one dimension of UCUM (feature `ucum`), or between mass and amount
//! of substance for an analyte whose molar mass stands in a table. Percent and mmol/mol have no dimension in UCUM, and
//! `mL/min/{1.73_m2}` has that of `mL/min`; they are different things all the same and are never converted.

mod analytes;
mod spellings;

use std::borrow::Cow;

pub(super) use analytes::{Analyte, analyte, is_enzyme, is_monovalent};

/// Units longer than this are kept as they are and never understood.
pub const UNIT_BYTES: usize = 64;

/// LOINC's two terms for one substance, by its mass and by its amount, where `loinc` is one of them and its molar mass is
/// known: their values stand in one series.
pub fn analyte_terms(loinc: &str) -> Option<[&'static str; 2]> {
    analyte(loinc).map(|analyte| [analyte.mass, analyte.moles])
}

/// The UCUM code for a unit as sources write it: `mg/dl`, `mcg`, `IU/L`, `mmHg`, `/HPF`, `x10E3/uL`, `bpm`, `°C`, `lb`. What
/// is not known is returned unaltered, so it is UCUM only where the source wrote UCUM.
pub fn ucum_of(unit: &str) -> Cow<'_, str> {
    unit_form(unit)
}

pub(super) fn unit_form(unit: &str) -> Cow<'_, str> {
    let unit = unit.trim();
    if unit.is_empty() || unit.len() > UNIT_BYTES || spellings::is_common(unit) {
        return Cow::Borrowed(unit);
    }
    let plain: String = unit.chars().filter_map(spellings::plain_letter).collect();
    if let Some(ucum) = spellings::whole(&plain) {
        return Cow::Borrowed(ucum);
    }
    let mut out = String::with_capacity(plain.len());
    for (at, part) in split_terms(&plain).enumerate() {
        if at > 0 {
            out.push('/');
        }
        out.push_str(spellings::part(part).unwrap_or(part));
    }
    if out == unit { Cow::Borrowed(unit) } else { Cow::Owned(out) }
}

/// The terms between the solidi that stand outside braces, brackets and parentheses.
fn split_terms(unit: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    unit.split(move |letter: char| {
        match letter {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            _ => {}
        }
        letter == '/' && depth == 0
    })
}

/// What a unit measures: equal for two units whose values can be converted into each other, or are the same unit.
pub(super) fn dimension(ucum: &str) -> String {
    let annotations = annotations(ucum);
    let dimension = if matches!(ucum, "%" | "L/L") {
        // A volume fraction: a hematocrit of 45 % is 0.45 L/L. (One analyte is never in both by another meaning.)
        Some("volume fraction".to_owned())
    } else if ucum.is_empty() || ucum.len() > UNIT_BYTES {
        None
    } else {
        canonical(ucum)
    };
    match dimension {
        // Without a dimension UCUM would turn 48 mmol/mol of HbA1c into 4.8 %: only the same unit is the same.
        None => format!("={ucum}"),
        Some(canonical) if canonical == "1" => format!("={ucum}"),
        Some(canonical) => format!("{canonical}{}{annotations}", counted(ucum)),
    }
}

/// In UCUM a mole, an equivalent and an osmole are mere numbers, and so a mmol/L would be so many cells per litre.
fn counted(ucum: &str) -> &'static str {
    let words = ucum.split(|letter: char| !letter.is_ascii_alphabetic());
    let unit = |ends: &str| words.clone().any(|word| word.ends_with(ends));
    match () {
        () if unit("mol") => " mol",
        () if unit("eq") => " eq",
        () if unit("osm") => " osm",
        () => "",
    }
}

/// The annotations that change what is measured, as `{1.73_m2}` does; not those that name what is counted.
fn annotations(ucum: &str) -> String {
    const COUNTED: [&str; 12] = [
        "beats",
        "breaths",
        "heartbeats",
        "cells",
        "copies",
        "#",
        "counts",
        "rbc",
        "wbc",
        "score",
        "count",
        "heart_beats",
    ];
    let mut out = String::new();
    for part in ucum.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !COUNTED.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            out.push(' ');
            out.push_str(name);
        }
    }
    out
}

#[cfg(feature = "ucum")]
fn canonical(ucum: &str) -> Option<String> {
    octofhir_ucum::get_canonical_units(ucum).ok().map(|canonical| canonical.unit)
}

/// Without UCUM only the same unit is the same.
#[cfg(not(feature = "ucum"))]
fn canonical(_ucum: &str) -> Option<String> {
    None
}

/// A value in another unit of the same dimension.
#[cfg(feature = "ucum")]
pub(super) fn convert(value: f64, from: &str, to: &str) -> Option<f64> {
    if from.len() > UNIT_BYTES || to.len() > UNIT_BYTES {
        return None;
    }
    octofhir_ucum::convert(value, from, to).ok().filter(|value| value.is_finite())
}

/// A value in another unit of the same dimension: none, without UCUM.
#[cfg(not(feature = "ucum"))]
pub(super) fn convert(_value: f64, _from: &str, _to: &str) -> Option<f64> {
    None
}

/// A value of an analyte in amount of substance where it was told in mass, or the other way round.
pub(super) fn convert_by_molar_mass(value: f64, from: &str, to: &str, grams_per_mole: f64) -> Option<f64> {
    if let (Some(grams), Some(factor)) = (convert(value, from, "g/L"), convert(1.0, "mol/L", to)) {
        return Some(grams / grams_per_mole * factor);
    }
    let moles = convert(value, from, "mol/L")?;
    Some(moles * grams_per_mole * convert(1.0, "g/L", to)?)
}

#[cfg(test)]
mod tests;
