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
    samples::Samples,
    tables::Rule,
    time::Stamp,
    units,
};
use crate::build::{self, put};

/// Two numbers that differ by less than this part are one, written in two units or rounded by who copied it.
const SAME: f64 = 0.0005;
/// Milligrams of glucose in a decilitre that are a millimole in a litre.
const GLUCOSE: f64 = 18.015_588;

/// A sample that is kept by itself.
#[derive(Debug)]
pub(super) struct Single {
    /// Its type and unit, by the number of their route.
    pub(super) route: u16,
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
    fold_oldest(samples, ranks);
    let singles = std::mem::take(&mut samples.singles);
    let types = Types::of(samples);
    let mut last = None;
    for single in &singles {
        if *out.stopped {
            return;
        }
        let moment = Some(types.moment(single));
        hand_over(samples, single, last == moment, person, out);
        last = moment;
    }
}

/// Puts them in order, each once. Where there are more than are handed over, the oldest of those that have figures of their day
/// are put into these alone, and of the rest the oldest are left out: a million weights are no one's.
///
/// What is read afterwards of a moment that is in its day already counts once more there.
pub(super) fn fold_oldest(samples: &mut Samples, ranks: &Ranks) {
    drop_copies(samples, ranks);
    let has_day = |samples: &Samples, single: &Single| {
        samples.of_single(single).is_some_and(|(_, series)| series.rule == Some(Rule::EachAndDay))
    };
    for single in take_oldest(samples, has_day) {
        samples.in_days += 1;
        samples.figures_alone_until = samples.figures_alone_until.max(Some(single.at.day));
        samples.add_single_to_day(&single);
    }
    samples.beyond += take_oldest(samples, |_, _| true).len() as u64;
}

/// By type and time, of one moment the preferred source first; what another one of the same moment says already is dropped.
fn drop_copies(samples: &mut Samples, ranks: &Ranks) {
    let types = Types::of(samples);
    let mut singles = std::mem::take(&mut samples.singles);
    singles.sort_by(|one, other| {
        let key = |single: &Single| (types.moment(single), ranks.of(single.source));
        key(one).cmp(&key(other)).then(one.converted.total_cmp(&other.converted))
    });
    let before = singles.len();
    let (mut last, mut values): (_, Vec<f64>) = (None, Vec::new());
    singles.retain(|single| {
        let moment = Some(types.moment(single));
        if last != moment {
            values.clear();
        }
        last = moment;
        let value = canonical(samples, single);
        let is_copy = values.iter().any(|known| (known - value).abs() <= SAME * known.abs().max(value.abs()));
        if !is_copy {
            values.push(value);
        }
        !is_copy
    });
    samples.repeated += (before - singles.len()) as u64;
    samples.singles = singles;
}

/// Takes out the oldest of those that may go, until no more are left than are handed over; a moment goes whole.
fn take_oldest(samples: &mut Samples, may_go: impl Fn(&Samples, &Single) -> bool) -> Vec<Single> {
    let mut singles = std::mem::take(&mut samples.singles);
    let excess = singles.len().saturating_sub(samples.most_singles);
    let mut moments: Vec<i64> =
        singles.iter().filter(|single| excess > 0 && may_go(samples, single)).map(|single| single.at.unix()).collect();
    let last = excess.min(moments.len()).checked_sub(1).map(|last| *moments.select_nth_unstable(last).1);
    let taken = match last {
        Some(last) => singles.extract_if(.., |single| single.at.unix() <= last && may_go(samples, single)).collect(),
        None => Vec::new(),
    };
    samples.singles = singles;
    taken
}

/// Which type each route is of; glucose in either of its units is one.
struct Types(Vec<usize>);

impl Types {
    fn of(samples: &Samples) -> Types {
        let first = |identifier: &str| samples.series.iter().position(|series| series.identifier == identifier);
        Types(samples.routed().map(|series| first(&series.identifier).unwrap_or_default()).collect())
    }

    fn moment(&self, single: &Single) -> (usize, i64) {
        (self.0.get(usize::from(single.route)).copied().unwrap_or_default(), single.at.unix())
    }
}

/// The value in one unit, whatever the phone is set to.
fn canonical(samples: &Samples, single: &Single) -> f64 {
    let is_molar = samples.of_single(single).is_some_and(|(_, series)| series.unit_in_id == "mmol/L");
    if is_molar { single.converted * GLUCOSE } else { single.converted }
}

fn hand_over(samples: &mut Samples, single: &Single, is_further: bool, person: &Person, out: &mut Out<'_, '_>) {
    let Some((route, series)) = samples.of_single(single) else { return };
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
    let quantity = build::quantity(&value, label, ucum);
    let instant = single.at.unix().to_string();
    let rounded = is_further.then(|| format!("{:.2e}", canonical(samples, single)));
    let mut parts = vec!["sample", series.identifier.as_str(), instant.as_str()];
    parts.extend(rounded.as_deref());
    let when = single.at.date_time();
    let mut resource = emit::frame(series, person.id(&parts), &when).observation(person);
    put(&mut resource, "valueQuantity", quantity);
    emit::put_device(&mut resource, samples.sources.name(single.source));
    let notes = single.told.notes();
    if !notes.is_empty() {
        resource.insert("note".to_owned(), notes.into());
    }
    out.resource(resource, emit::place(&series.identifier, &when));
    if series.rule == Some(Rule::EachAndDay) {
        samples.add_single_to_day(single);
    }
}
