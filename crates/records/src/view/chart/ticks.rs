//! Round numbers and beginnings of years, months, days and hours.

use serde::{Deserialize, Serialize};

use super::{TimeAxis, ValueTick};
use crate::datetime;

/// What a time axis is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeStep {
    /// So many years.
    Years,
    /// So many months.
    Months,
    /// So many days.
    Days,
    /// So many hours.
    Hours,
    /// So many minutes.
    Minutes,
}

/// A moment on the time axis with what its label needs; all in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeTick {
    /// Seconds since 1970.
    pub at: i64,
    /// FHIR date text with no more than the step tells: `2020`, `2020-03`, `2020-03-01`, `2020-03-01T08:00:00Z`.
    pub date: String,
}

/// At most so many ticks stand on an axis.
const MOST_TICKS: i64 = 7;

/// The axis of a value range: ends on round numbers, about five steps of 1, 2 or 5 times a power of ten.
pub(super) fn value_ticks(low: f64, high: f64) -> Option<(f64, f64, Vec<ValueTick>)> {
    let span = high - low;
    // One value alone, or values that differ by nothing but rounding, get room around them.
    let (low, high) = if span <= high.abs().max(low.abs()) * 1e-9 {
        let room = if high == 0.0 { 1.0 } else { high.abs() * 0.1 };
        (low - room, high + room)
    } else {
        (low, high)
    };
    let raw = (high - low) / 4.0;
    if !raw.is_finite() || raw < f64::MIN_POSITIVE {
        return None;
    }
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= raw * 0.999_999)?;
    let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
    let count = last - first;
    if !step.is_finite() || !(1.0..=20.0).contains(&count) {
        return None;
    }
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    let ticks: Vec<ValueTick> = (0..=count as u32)
        .map(|at| {
            // From a whole number of steps, so that 0.1 + 0.2 does not become 0.30000000000000004.
            let value = (first + f64::from(at)) * step;
            let text = format!("{value:.decimals$}");
            let text = if text.trim_start_matches('-').bytes().all(|b| matches!(b, b'0' | b'.')) {
                text.replace('-', "")
            } else {
                text
            };
            ValueTick { value, text }
        })
        .collect();
    let (from, to) = (ticks.first()?.value, ticks.last()?.value);
    (from.is_finite() && to.is_finite()).then_some((from, to, ticks))
}

/// The axis of a span of time.
pub(super) fn time_axis(first: Option<i64>, last: Option<i64>) -> Option<TimeAxis> {
    const DAY: i64 = 86_400;
    let (first, last) = (first?, last?);
    let span = last.checked_sub(first)?;
    // One moment alone stands in the middle of two days; otherwise a little air on both sides.
    let air = if span == 0 { DAY } else { span / 25 };
    let (from, to) = (first.checked_sub(air)?, last.checked_add(air.max(1))?);
    let seconds = to - from;
    let (step, count) = match () {
        () if seconds >= 2 * 366 * DAY => {
            (TimeStep::Years, nice(seconds / (365 * DAY), &[1, 2, 5, 10, 20, 25, 50, 100, 500, 1000]))
        }
        () if seconds >= 62 * DAY => (TimeStep::Months, nice(seconds / (30 * DAY), &[1, 2, 3, 6])),
        () if seconds >= 2 * DAY => (TimeStep::Days, nice(seconds / DAY, &[1, 2, 5, 7, 10, 14])),
        () if seconds >= 2 * 3600 => (TimeStep::Hours, nice(seconds / 3600, &[1, 2, 3, 6, 12])),
        () => (TimeStep::Minutes, nice(seconds / 60, &[1, 2, 5, 10, 15, 30])),
    };
    Some(TimeAxis { from, to, step, ticks: time_ticks(from, to, step, count) })
}

fn nice(units: i64, steps: &[i64]) -> i64 {
    steps.iter().copied().find(|step| units / step < MOST_TICKS).or(steps.last().copied()).unwrap_or(1)
}

fn time_ticks(from: i64, to: i64, step: TimeStep, count: i64) -> Vec<TimeTick> {
    let mut out = Vec::new();
    match step {
        TimeStep::Years | TimeStep::Months => {
            let (year, month, _) = datetime::civil_from_days(from.div_euclid(86_400));
            let months = if step == TimeStep::Years { 12 * count } else { count };
            // Months since year 0, on a multiple of the step.
            let start = (year * 12 + month - 1).div_euclid(months) * months;
            for at in (0..=2 * MOST_TICKS + 2).map(|k| start + k * months) {
                let (year, month) = (at.div_euclid(12), at.rem_euclid(12) + 1);
                let date = if step == TimeStep::Years { format!("{year:04}") } else { format!("{year:04}-{month:02}") };
                push(&mut out, from, to, datetime::days_from_civil(year, month, 1) * 86_400, date);
            }
        }
        TimeStep::Days | TimeStep::Hours | TimeStep::Minutes => {
            let width = count
                * match step {
                    TimeStep::Days => 86_400,
                    TimeStep::Hours => 3600,
                    _ => 60,
                };
            let start = from.div_euclid(width) * width;
            for at in (0..=2 * MOST_TICKS + 2).map(|k| start + k * width) {
                let text = datetime::instant(at).unwrap_or_default();
                let date = if step == TimeStep::Days { text.get(..10).unwrap_or_default().to_owned() } else { text };
                push(&mut out, from, to, at, date);
            }
        }
    }
    out
}

fn push(out: &mut Vec<TimeTick>, from: i64, to: i64, at: i64, date: String) {
    if (from..=to).contains(&at) && !date.is_empty() {
        out.push(TimeTick { at, date });
    }
}
