//! Days, nights and blood pressures as FHIR observations.
//!
//! A day's figures have the day as `effectiveDateTime`, say by `method` which statistic their value is, and by a note of
//! how many samples and which sources they are made.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    aggregate::{DayFigures, Interval, seconds_by_stage, source_bit},
    names::Ranks,
    out::{Frame, Given, Out, Person},
    samples::{Samples, Series},
    single,
    tables::{self, APPLE, Rule, Stage},
    time,
};
use crate::{
    build::{self, coding, decimal, loinc, put, quantity, statistic},
    convert::Resource,
    terminology::ABSENT_REASON,
};

/// The most different values of a category that are listed for one day.
const VALUES: usize = 20;

/// Where samples stand in the file.
pub(super) fn place(identifier: &str, when: &str) -> String {
    format!("/HealthData/Record[@type='{identifier}'] of {when}")
}

/// The frame of an observation of this series.
pub(super) fn frame<'f>(series: &'f Series, id: String, when: &'f str) -> Frame<'f> {
    let words = series.kind.map_or("", |kind| kind.name);
    Frame {
        id,
        category: series.kind.map_or("activity", |kind| kind.category),
        loinc: series.kind.and_then(|kind| kind.loinc),
        apple: (&series.identifier, words),
        when,
    }
}

/// The app or device a measurement came from.
pub(super) fn put_device(resource: &mut Resource, name: &str) {
    put(resource, "device", build::text(name, 200).map(|name| json!({"display": name})));
}

/// Hands over everything that samples came to.
pub(super) fn all(samples: &mut Samples, person: &Person, out: &mut Out<'_, '_>) {
    let ranks = samples.sources.ranks();
    single::all(samples, &ranks, person, out);
    readings(samples, person, out);
    for (number, day, sum) in samples.sums.take_sorted() {
        if *out.stopped {
            return;
        }
        let Some(series) = samples.series.get(usize::from(number)) else { continue };
        let doses = series.rule == Some(Rule::Doses);
        let total = if doses { sum.all_doses() } else { sum.total(&|source| ranks.of(source)) };
        let mut resource = day_frame(series, day, person);
        let (label, ucum) = &series.unit;
        put(&mut resource, "valueQuantity", quantity(&decimal(total.value), label, ucum));
        let overlaps = if doses { Overlaps::Added } else { Overlaps::Preferred };
        put_made_of(&mut resource, samples, &ranks, total.count, total.sources, "sum", overlaps);
        let mut components = Vec::new();
        // Where a dose was copied, the parts would be more than the whole.
        let told = samples.insulin.get(&(number, day)).filter(|told| told.basal + told.bolus <= total.value * 1.001);
        for (words, part) in
            told.into_iter().flat_map(|told| [("Basal insulin", told.basal), ("Bolus insulin", told.bolus)])
        {
            let part = quantity(&decimal(part), label, ucum).filter(|_| part > 0.0);
            components.extend(part.map(|value| json!({"code": {"text": words}, "valueQuantity": value})));
        }
        components.push(count(total.count));
        resource.insert("component".to_owned(), components.into());
        out.resource(resource, place(&series.identifier, &time::date(day)));
    }
    for (series, day, figures) in samples.figures.take_sorted() {
        if *out.stopped {
            return;
        }
        let Some(series) = samples.series.get(usize::from(series)) else { continue };
        // A day with one single measurement is that measurement, if it was handed over.
        if series.rule != Some(Rule::EachAndDay) || figures.count > 1 || Some(day) <= samples.figures_alone_until {
            day_figures(samples, series, day, &figures, &ranks, person, out);
        }
    }
    for (series, day, intervals) in samples.categories.take_sorted() {
        if *out.stopped {
            return;
        }
        let Some(series) = samples.series.get(usize::from(series)) else { continue };
        if series.identifier == "HKCategoryTypeIdentifierSleepAnalysis" {
            night(samples, series, day, &intervals, &ranks, person, out);
        } else {
            day_of_category(samples, series, day, &intervals, &ranks, person, out);
        }
    }
}

fn day_frame(series: &Series, day: i32, person: &Person) -> Resource {
    let date = time::date(day);
    let id = person.id(&["day", &series.identifier, &series.unit_in_id, &date]);
    let words;
    let mut frame = frame(series, id, &date);
    // What a laboratory's code stands for is one reading, and no figure of a day.
    if frame.category == "laboratory" {
        (frame.loinc, frame.category) = (None, "activity");
        frame.apple.1 = "Blood glucose, figures of the day";
    }
    if frame.apple.1.is_empty() {
        words = tables::words(&series.identifier);
        frame.apple.1 = &words;
    }
    frame.observation(person)
}

/// `method` and a note of what it was made.
fn put_made_of(
    resource: &mut Resource,
    samples: &Samples,
    ranks: &Ranks,
    count: u64,
    sources: u64,
    method: &str,
    overlaps: Overlaps,
) {
    resource.insert("method".to_owned(), statistic(method));
    let note = note(samples, ranks, count, sources, overlaps);
    resource.insert("note".to_owned(), json!([{"text": note}]));
}

/// What becomes of samples of several sources at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overlaps {
    /// Only the preferred source's count.
    Preferred,
    /// All count, but for copies.
    Added,
    /// They do not matter.
    Allowed,
}

fn note(samples: &Samples, ranks: &Ranks, count: u64, sources: u64, overlaps: Overlaps) -> String {
    let names = samples.sources.list(sources, ranks);
    let several = sources.count_ones() > 1;
    let samples = if count == 1 { "sample" } else { "samples" };
    let rule = match overlaps {
        Overlaps::Preferred if several => " Where they overlap in time, the one named first counts.",
        Overlaps::Added if several => " All are added; what two of them tell alike counts once.",
        _ => "",
    };
    format!("Made of {count} {samples} in Apple Health from: {names}.{rule}")
}

fn count(count: u64) -> Value {
    json!({"code": statistic("count"), "valueInteger": count.min(i32::MAX as u64)})
}

fn day_figures(
    samples: &Samples,
    series: &Series,
    day: i32,
    figures: &DayFigures,
    ranks: &Ranks,
    person: &Person,
    out: &mut Out<'_, '_>,
) {
    let mut resource = day_frame(series, day, person);
    let (label, ucum) = &series.unit;
    let value = |value: f64| quantity(&decimal(value), label, ucum);
    put(&mut resource, "valueQuantity", value(figures.average()));
    put_made_of(&mut resource, samples, ranks, figures.count.into(), figures.sources, "average", Overlaps::Allowed);
    let mut components = Vec::new();
    let mut component = |name: &str, value: Option<Value>| {
        components.extend(value.map(|value| json!({"code": statistic(name), "valueQuantity": value})));
    };
    component("minimum", value(figures.least));
    component("maximum", value(figures.most));
    // Whether an unknown type may be added up is not known; from several sources it would be counted twice.
    if series.rule == Some(Rule::Unknown) && figures.sources.count_ones() == 1 {
        component("sum", value(figures.sum));
    }
    components.push(count(figures.count.into()));
    resource.insert("component".to_owned(), components.into());
    out.resource(resource, place(&series.identifier, &time::date(day)));
}

fn night(
    samples: &Samples,
    series: &Series,
    day: i32,
    intervals: &[Interval<u16>],
    ranks: &Ranks,
    person: &Person,
    out: &mut Out<'_, '_>,
) {
    let rank = |source| ranks.of(source);
    let staged = |in_bed: bool| -> Vec<Interval<Stage>> {
        let stage = |interval: &Interval<u16>| {
            let stage = Stage::from_value(samples.values.text(interval.stage))?;
            let Interval { start, end, source, .. } = *interval;
            ((stage == Stage::InBed) == in_bed).then_some(Interval { start, end, source, stage })
        };
        intervals.iter().filter_map(stage).collect()
    };
    // The phone says when one lay in bed and the watch how one slept there: two questions, each answered once.
    let mut seconds = seconds_by_stage(&staged(false), &rank);
    seconds.extend(seconds_by_stage(&staged(true), &rank));
    let known: usize = staged(true).len() + staged(false).len();
    if known < intervals.len() {
        // A stage that Apple added later.
        let unknown: Vec<Interval<u16>> = intervals
            .iter()
            .filter(|one| Stage::from_value(samples.values.text(one.stage)).is_none())
            .copied()
            .collect();
        day_of_category(samples, series, day, &unknown, ranks, person, out);
        if known == 0 {
            return;
        }
    }
    let date = time::date(day);
    let id = person.id(&["night", &date]);
    let asleep: i64 = seconds
        .iter()
        .filter(|(stage, _)| !matches!(stage, Stage::Awake | Stage::InBed))
        .map(|(_, seconds)| seconds)
        .sum();
    let apple = (series.identifier.as_str(), "Sleep");
    let mut resource =
        Frame { id, category: "activity", loinc: Some(("93832-4", "Sleep duration")), apple, when: &date }
            .observation(person);
    let slept = seconds.iter().any(|(stage, _)| *stage != Stage::InBed);
    if slept {
        put(&mut resource, "valueQuantity", minutes(asleep));
    } else {
        // Only the time in bed is known: that is not sleep.
        resource.insert("dataAbsentReason".to_owned(), json!({"text": "Only the time in bed was recorded."}));
    }
    let sources = intervals.iter().fold(0, |bits, interval| bits | source_bit(interval.source));
    let note = note(samples, ranks, known as u64, sources, Overlaps::Preferred);
    resource.insert("note".to_owned(), json!([{"text": note}]));
    let component = |stage: Stage| {
        let (_, seconds) = seconds.iter().find(|(known, _)| *known == stage)?;
        let (words, code) = stage.names();
        let mut concept = json!({"text": words});
        if let Some((code, display)) = code {
            concept = json!({"coding": [loinc(code, display)], "text": words});
        }
        Some(json!({"code": concept, "valueQuantity": minutes(*seconds)?}))
    };
    let components: Vec<Value> = Stage::ALL.into_iter().filter_map(component).collect();
    resource.insert("component".to_owned(), components.into());
    out.resource(resource, place(&series.identifier, &date));
}

fn minutes(seconds: i64) -> Option<Value> {
    quantity(&decimal((seconds as f64 / 6.0).round() / 10.0), "min", "min")
}

fn day_of_category(
    samples: &Samples,
    series: &Series,
    day: i32,
    intervals: &[Interval<u16>],
    ranks: &Ranks,
    person: &Person,
    out: &mut Out<'_, '_>,
) {
    let mut resource = day_frame(series, day, person);
    let seconds = seconds_by_stage(intervals, &|source| ranks.of(source));
    let mut counts: Vec<(u16, u64)> = Vec::new();
    for interval in intervals {
        if let Some((_, count)) = counts.iter_mut().find(|(value, _)| *value == interval.stage) {
            *count += 1;
        } else if counts.len() < VALUES {
            counts.push((interval.stage, 1));
        }
    }
    counts.sort_by(|one, other| samples.values.text(one.0).cmp(samples.values.text(other.0)));
    let lasting = |value: u16| {
        let (_, seconds) = seconds.iter().find(|(known, seconds)| *known == value && *seconds > 1)?;
        minutes(*seconds)
    };
    let value_concept = |value: u16| {
        let raw = build::text(samples.values.text(value), 200)?;
        let words = tables::words(&raw);
        Some(json!({"coding": [coding(APPLE, &raw, &words)], "text": words}))
    };
    let says_nothing = |value: u16| matches!(samples.values.text(value), "" | "HKCategoryValueNotApplicable" | "0");
    match counts.as_slice() {
        [(only, times)] if says_nothing(*only) => match lasting(*only) {
            Some(minutes) => {
                resource.insert("valueQuantity".to_owned(), minutes);
            }
            None => {
                resource.insert("valueInteger".to_owned(), (*times).into());
            }
        },
        [(only, _)] => {
            put(&mut resource, "valueCodeableConcept", value_concept(*only));
            if let Some(minutes) = lasting(*only) {
                resource
                    .insert("component".to_owned(), json!([{"code": {"text": "Duration"}, "valueQuantity": minutes}]));
            }
        }
        several => {
            let mut components = Vec::new();
            for (value, times) in several {
                let concept = value_concept(*value).unwrap_or_else(|| json!({"text": "Without a value"}));
                let duration =
                    lasting(*value).map(|minutes| json!({"code": concept.clone(), "valueQuantity": minutes}));
                components.push(duration.unwrap_or_else(|| json!({"code": concept, "valueInteger": times})));
            }
            resource.insert("component".to_owned(), components.into());
        }
    }
    let sources = intervals.iter().fold(0, |bits, interval| bits | source_bit(interval.source));
    let note = note(samples, ranks, intervals.len() as u64, sources, Overlaps::Preferred);
    resource.insert("note".to_owned(), json!([{"text": note}]));
    out.resource(resource, place(&series.identifier, &time::date(day)));
}

/// Blood pressures: a panel for each reading, and the day's figures where there are several.
fn readings(samples: &mut Samples, person: &Person, out: &mut Out<'_, '_>) {
    let readings = std::mem::take(&mut samples.readings);
    let mut days: BTreeMap<(bool, i32), DayFigures> = BTreeMap::new();
    let mut given = Given::default();
    for ((instant, source, _), reading) in &readings {
        if *out.stopped {
            return;
        }
        let (systolic, diastolic) = (reading.systolic.as_deref(), reading.diastolic.as_deref());
        let when_at = instant.to_string();
        let parts = ["blood-pressure", &when_at, systolic.unwrap_or_default(), diastolic.unwrap_or_default()];
        let id = person.id(&parts);
        // An app that copies a reading does not make a second one.
        if !given.first(&id) {
            samples.repeated += 1;
            continue;
        }
        for (upper, text) in [(true, systolic), (false, diastolic)] {
            if let Some(value) = text.and_then(|text| text.parse::<f64>().ok()) {
                days.entry((upper, reading.at.day)).or_default().add(*source, value);
            }
        }
        let when = reading.at.date_time();
        let apple = ("HKCorrelationTypeIdentifierBloodPressure", "Blood pressure");
        let panel = Some(("85354-9", "Blood pressure panel with all children optional"));
        let mut resource = Frame { id, category: "vital-signs", loinc: panel, apple, when: &when }.observation(person);
        let component = |code: &str, words: &str, text: Option<&str>| {
            let code = json!({"coding": [loinc(code, words)], "text": words});
            match text.and_then(|text| quantity(text, "mmHg", "mm[Hg]")) {
                Some(value) => json!({"code": code, "valueQuantity": value}),
                None => json!({"code": code, "dataAbsentReason": {"coding": [coding(
                    ABSENT_REASON, "unknown", "Unknown")]}}),
            }
        };
        let components = json!([
            component("8480-6", "Systolic blood pressure", systolic),
            component("8462-4", "Diastolic blood pressure", diastolic),
        ]);
        resource.insert("component".to_owned(), components);
        put_device(&mut resource, samples.sources.name(*source));
        out.resource(resource, format!("/HealthData/Correlation of {when}"));
    }
    let ranks = samples.sources.ranks();
    for ((upper, day), figures) in days.iter().filter(|(_, figures)| figures.count > 1) {
        let ending = if *upper { "BloodPressureSystolic" } else { "BloodPressureDiastolic" };
        if let Some(series) = samples.series.iter().find(|series| series.identifier.ends_with(ending)) {
            day_figures(samples, series, *day, figures, &ranks, person, out);
        }
    }
}
