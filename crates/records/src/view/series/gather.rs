//! The single values of observations and their components.

use super::{Comparator, Reader};
use crate::{
    datetime,
    display::value_text,
    index::{Coding3, TITLE_BYTES, clinical_date, clip, kind_of, status, words},
    json::Json,
    view::{
        concept::Concept,
        dates::When,
        features::specimen_words,
        merge::Merging,
        range::{ReferenceRange, range_of},
        units::unit_form,
    },
};

/// One value with all that a course over time needs of it.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    pub(super) identity: [u8; 32],
    pub(super) concept: Concept<'a>,
    pub(super) code: Option<Coding3>,
    pub(super) title: String,
    pub(super) specimen: Option<String>,
    pub(super) time: Option<&'a str>,
    pub(super) when: When,
    pub(super) sort_key: i64,
    pub(super) text: String,
    pub(super) number: Option<f64>,
    /// Significant digits and decimals of the number as written.
    pub(super) digits: usize,
    pub(super) decimals: usize,
    pub(super) comparator: Option<Comparator>,
    /// As written.
    pub(super) unit: String,
    pub(super) ucum: String,
    /// In the value's own unit.
    pub(super) range: Option<ReferenceRange>,
    pub(super) interpretation: Option<String>,
    pub(super) interpretation_code: Option<String>,
}

/// More components than any panel has are not looked at.
const MOST_COMPONENTS: usize = 500;

pub(super) fn samples<'a, J: Json>(records: &[Merging<'a, J>], reader: &Reader<'_>) -> Vec<Sample<'a>> {
    let mut sorted: Vec<&Merging<'a, J>> = records
        .iter()
        .filter(|record| record.resource.text_at(&["resourceType"]) == Some("Observation"))
        .filter(|record| !matches!(status(record.resource), Some("entered-in-error" | "cancelled")))
        .collect();
    sorted.sort_by(|one, other| (one.identity, one.source).cmp(&(other.identity, other.source)));
    sorted.dedup_by(|one, other| one.identity == other.identity);
    let mut out = Vec::new();
    for record in sorted {
        let resource = record.resource;
        let holders = [resource].into_iter().chain(resource.each("component").iter().take(MOST_COMPONENTS));
        out.extend(holders.filter_map(|holder| sample(record.identity, resource, holder, reader)));
    }
    out
}

fn sample<'a, J: Json>(identity: [u8; 32], resource: &'a J, holder: &'a J, reader: &Reader<'_>) -> Option<Sample<'a>> {
    let code = holder.member("code")?;
    let concept = Concept::of(code)?;
    // What is missing is told in the record, not in its course.
    if ["valueQuantity", "valueCodeableConcept", "valueString", "valueInteger", "valueBoolean"]
        .iter()
        .all(|name| holder.member(name).is_none())
    {
        return None;
    }
    let text = value_text(holder)?;
    let time = clinical_date(kind_of("Observation"), resource);
    let sort_key = time.and_then(datetime::unix_seconds).unwrap_or(i64::MIN);
    let value = numeric(holder);
    let ucum = value.as_ref().map(|value| unit_form(&value.code).into_owned()).unwrap_or_default();
    let interpretation = holder.first("interpretation");
    Some(Sample {
        identity,
        code: coding_of(code, &concept),
        title: clip(&words(code).unwrap_or_else(|| concept.primary().1.to_owned()), TITLE_BYTES).to_owned(),
        concept,
        specimen: specimen_words(resource).map(|specimen| clip(&specimen, TITLE_BYTES).to_owned()),
        time,
        when: time.map_or(When::Undated, When::of),
        sort_key,
        text,
        number: value.as_ref().map(|value| value.number),
        digits: value.as_ref().map_or(0, |value| value.digits),
        decimals: value.as_ref().map_or(0, |value| value.decimals),
        comparator: value.as_ref().and_then(|value| value.comparator),
        unit: value.map(|value| value.unit).unwrap_or_default(),
        range: range_of(holder, &ucum, reader, sort_key),
        ucum,
        interpretation: interpretation.and_then(words).map(|text| clip(&text, TITLE_BYTES).to_owned()),
        interpretation_code: interpretation
            .and_then(|said| said.text_at(&["coding", "code"]))
            .map(|code| clip(code, 32).to_owned()),
    })
}

/// The coding that stands for the concept, with the words that came with it.
fn coding_of<J: Json>(code: &J, concept: &Concept<'_>) -> Option<Coding3> {
    if concept.codings().is_empty() {
        return None;
    }
    let (system, primary) = concept.primary();
    let display = code.each("coding").iter().find(|coding| coding.text_at(&["code"]) == Some(primary));
    let display = display.and_then(|coding| coding.text_at(&["display"])).or_else(|| code.text_at(&["text"]));
    Some(Coding3 {
        system: system.to_owned(),
        code: primary.to_owned(),
        display: clip(display.unwrap_or_default(), TITLE_BYTES).to_owned(),
    })
}

struct Numeric {
    number: f64,
    digits: usize,
    decimals: usize,
    comparator: Option<Comparator>,
    unit: String,
    /// The unit's code where there is one, else the unit.
    code: String,
}

fn numeric<J: Json>(holder: &J) -> Option<Numeric> {
    if let Some(quantity) = holder.member("valueQuantity") {
        let written = quantity.member("value")?.number()?;
        let comparator = quantity.text_at(&["comparator"]);
        // A comparator that is not known ("ad", "~") leaves the number unsure.
        let comparator = comparator.map(|sign| Comparator::from_text(sign).ok_or(())).transpose().ok()?;
        let unit = quantity.text_at(&["unit"]);
        let code = quantity.text_at(&["code"]);
        return of_text(&written, comparator, unit.or(code).unwrap_or_default(), code.or(unit).unwrap_or_default());
    }
    if let Some(written) = holder.member("valueInteger").and_then(Json::number) {
        return of_text(&written, None, "", "");
    }
    // "5.4" and "<0.01" as text, which many sources write; nothing that has more to say than that.
    let written = holder.text_at(&["valueString"])?;
    let digits = written.trim_start_matches(['<', '>', '=', '≤', '≥', ' ']);
    let sign = written.get(..written.len() - digits.len()).map(str::trim).filter(|sign| !sign.is_empty());
    let comparator = sign.map(|sign| Comparator::from_text(sign).ok_or(())).transpose().ok()?;
    digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then(|| of_text(digits, comparator, "", ""))?
}

fn of_text(written: &str, comparator: Option<Comparator>, unit: &str, code: &str) -> Option<Numeric> {
    let number: f64 = written.parse().ok().filter(|number: &f64| number.is_finite())?;
    let mantissa = written.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let (unit, code) = (clip(unit, 60).to_owned(), clip(code, 60).to_owned());
    Some(Numeric { number, digits, decimals, comparator, unit, code })
}
