//! Measurements that are kept one by one: weights, glucose, heights.
//!
//! **Identity** is the person, the type and the instant. Not the value, for a phone that is set to other units writes other
//! numbers for the same measurement, and not the source, for apps copy from each other. Where a moment has several values, the
//! one of the preferred source has this id and each other one has its value in the type's own unit in it as well.

use serde_json::json;

use super::{
    emit,
    names::Ranks,
    out::{Out, Person},
    samples::{Route, Samples},
    tables::Rule,
    time::Stamp,
    units,
};
use crate::build;

/// Two numbers that differ by less than this part are one, written in two units or rounded by who copied it.
const SAME: f64 = 0.0005;
/// Milligrams of glucose in a decilitre that are a millimole in a litre.
const GLUCOSE: f64 = 18.015_588;

/// A sample that is kept by itself.
#[derive(Debug)]
pub(super) struct Single {
    /// Its type and unit.
    pub(super) route: Route,
    pub(super) at: Stamp,
    pub(super) source: u8,
    /// As written.
    pub(super) value: Box<str>,
    /// In the unit of the type's days.
    pub(super) converted: f64,
    pub(super) told: Told,
}

/// What the file tells of a sample beside its value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) by_hand: bool,
    pub(super) meal: Option<Meal>,
}

/// HealthKit's `HKBloodGlucoseMealTime`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Meal {
    Before,
    After,
}

impl Told {
    fn notes(self) -> Vec<serde_json::Value> {
        let meal = self.meal.map(|meal| match meal {
            Meal::Before => "Before a meal.",
            Meal::After => "After a meal.",
        });
        let by_hand = self.by_hand.then_some("Entered by hand.");
        meal.into_iter().chain(by_hand).map(|text| json!({"text": text})).collect()
    }
}

/// Hands over each once, and adds what has figures of its day to those.
pub(super) fn all(samples: &mut Samples, ranks: &Ranks, person: &Person, out: &mut Out<'_, '_>) {
    // Glucose in either of its units is one type.
    let types: Vec<usize> = samples
        .series
        .iter()
        .map(|series| samples.series.iter().position(|first| first.identifier == series.identifier).unwrap_or_default())
        .collect();
    let kind = |single: &Single| types.get(usize::from(single.route.series)).copied().unwrap_or_default();
    let mut singles = std::mem::take(&mut samples.singles);
    singles.sort_by(|one, other| {
        let key = |single: &Single| (kind(single), single.at.unix(), ranks.of(single.source));
        key(one).cmp(&key(other)).then(one.converted.total_cmp(&other.converted))
    });
    for moment in singles.chunk_by(|one, other| (kind(one), one.at.unix()) == (kind(other), other.at.unix())) {
        let mut values: Vec<f64> = Vec::new();
        for single in moment {
            if *out.stopped {
                return;
            }
            let value = canonical(samples, single);
            if values.iter().any(|known| (known - value).abs() <= SAME * known.abs().max(value.abs())) {
                samples.repeated += 1;
                continue;
            }
            if hand_over(samples, single, (!values.is_empty()).then_some(value), person, out) {
                values.push(value);
            } else {
                samples.bad += 1;
            }
        }
    }
}

/// The value in one unit, whatever the phone is set to.
fn canonical(samples: &Samples, single: &Single) -> f64 {
    let series = samples.series.get(usize::from(single.route.series));
    let is_molar = series.is_some_and(|series| series.unit_in_id == "mmol/L");
    if is_molar { single.converted * GLUCOSE } else { single.converted }
}

fn hand_over(
    samples: &mut Samples,
    single: &Single,
    further: Option<f64>,
    person: &Person,
    out: &mut Out<'_, '_>,
) -> bool {
    let route = single.route;
    let Some(series) = samples.series.get(usize::from(route.series)) else { return false };
    let (label, ucum) = match (route.unit, series.kind) {
        (Some(unit), Some(kind)) if unit.hk == "count" => kind.unit().map_or(("", "1"), |own| (own.label, own.ucum)),
        (Some(unit), _) => (unit.label, unit.ucum),
        (None, _) => (series.unit.0.as_str(), ""),
    };
    let value = if route.percent {
        build::decimal(units::percent(single.value.parse().unwrap_or_default()))
    } else {
        single.value.to_string()
    };
    let Some(quantity) = build::quantity(&value, label, ucum) else { return false };
    let instant = single.at.unix().to_string();
    let rounded = further.map(|value| format!("{value:.2e}"));
    let mut parts = vec!["sample", series.identifier.as_str(), instant.as_str()];
    parts.extend(rounded.as_deref());
    let when = single.at.date_time();
    let mut resource = emit::frame(series, person.id(&parts), &when).observation(person);
    resource.insert("valueQuantity".to_owned(), quantity);
    emit::put_device(&mut resource, samples.sources.name(single.source));
    let notes = single.told.notes();
    if !notes.is_empty() {
        resource.insert("note".to_owned(), notes.into());
    }
    out.resource(resource, emit::place(&series.identifier, &when));
    if series.rule == Some(Rule::EachAndDay) {
        samples.add_to_day(route.series, single.at.day, single.source, single.converted);
    }
    true
}
