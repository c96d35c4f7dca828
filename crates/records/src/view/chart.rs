//! A chart as data: axes, marks, bands and the table beside it, without a pixel. The interface draws it and puts it in words.

mod ticks;

pub use ticks::{TimeStep, TimeTick};

use serde::{Deserialize, Serialize};

use super::series::{Comparator, Place, Point, Series};

/// A series to be drawn. Everything that is drawn is also in [`rows`](Self::rows).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The vertical axis; always linear. `None` where there is no number with a date: then there is only the table.
    pub values: Option<ValueAxis>,
    /// The horizontal axis.
    pub times: Option<TimeAxis>,
    /// The values, oldest first.
    pub marks: Vec<Mark>,
    /// Where each value's own range holds: from half-way to the one before to half-way to the next.
    pub bands: Vec<Band>,
    /// The table: every value, the newest first, also those that cannot be drawn.
    pub rows: Vec<Row>,
    /// What a sentence about the chart says.
    pub summary: Summary,
}

/// The vertical axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueAxis {
    /// Its lower end, a tick.
    pub from: f64,
    /// Its upper end, a tick.
    pub to: f64,
    /// Round numbers in between and at both ends.
    pub ticks: Vec<ValueTick>,
    /// The unit, as it is shown; may be empty.
    pub unit: String,
}

/// A round number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueTick {
    /// Where.
    pub value: f64,
    /// With a decimal point and as many decimals as the steps need.
    pub text: String,
}

/// The horizontal axis, in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeAxis {
    /// Its beginning.
    pub from: i64,
    /// Its end; later than the beginning.
    pub to: i64,
    /// What the ticks are.
    pub step: TimeStep,
    /// Beginnings of years, months, days or hours (UTC).
    pub ticks: Vec<TimeTick>,
}

/// A value on the chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// When, seconds since 1970.
    pub at: i64,
    /// The number in the chart's unit.
    pub value: f64,
    /// Set where the value is a limit; drawn as an arrow, not as a point.
    pub comparator: Option<Comparator>,
    /// Where it lies in its range: told by shape as well as by colour.
    pub place: Place,
    /// Its position in [`Series::points`].
    pub point: usize,
}

/// A piece of the range band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// From, seconds since 1970.
    pub from: i64,
    /// To.
    pub to: i64,
    /// The lower end; none: open to below.
    pub low: Option<f64>,
    /// The upper end; none: open to above.
    pub high: Option<f64>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// When, as recorded.
    pub time: Option<String>,
    /// The value as recorded.
    pub text: String,
    /// In the chart's unit, where it was converted.
    pub converted: Option<String>,
    /// Its range as the source wrote it.
    pub range: Option<String>,
    /// How the source judged it.
    pub interpretation: Option<String>,
    /// Where it lies in its range.
    pub place: Place,
    /// How many records report it.
    pub sources: usize,
    /// Whether it is also on the chart.
    pub is_drawn: bool,
    /// Its position in [`Series::points`].
    pub point: usize,
}

/// Parts of a sentence: "12 values from 3 May 2020 to 1 June 2026, the last 5.4 mmol/L, the lowest …, 2 outside their range".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many values.
    pub count: usize,
    /// How many of them have a range that decides.
    pub with_range: usize,
    /// How many of these lie outside of it.
    pub outside: usize,
    /// How many were converted.
    pub converted: usize,
    /// The first dated value, position in [`Series::points`].
    pub first: Option<usize>,
    /// The last.
    pub last: Option<usize>,
    /// The lowest number (limits do not count).
    pub lowest: Option<usize>,
    /// The highest.
    pub highest: Option<usize>,
}

/// The chart of a series.
pub fn chart(series: &Series) -> Chart {
    let marks: Vec<Mark> = series.points.iter().enumerate().filter_map(|(at, point)| mark(at, point)).collect();
    let times = ticks::time_axis(marks.first().map(|mark| mark.at), marks.last().map(|mark| mark.at));
    let bands = times.as_ref().map(|axis| bands(series, &marks, axis)).unwrap_or_default();
    let rows = series.points.iter().enumerate().rev().map(|(at, point)| row(at, point, &marks)).collect();
    Chart {
        values: value_axis(&marks, &bands, &series.unit),
        times,
        bands,
        rows,
        summary: summary(series, &marks),
        marks,
    }
}

fn mark(at: usize, point: &Point) -> Option<Mark> {
    let value = point.number.filter(|value| value.is_finite())?;
    // Only the years 1 to 9999 have a place on a calendar.
    crate::datetime::instant(point.sort_key)?;
    Some(Mark { at: point.sort_key, value, comparator: point.comparator, place: point.place, point: at })
}

fn bands(series: &Series, marks: &[Mark], axis: &TimeAxis) -> Vec<Band> {
    let mut out: Vec<Band> = Vec::new();
    for (position, mark) in marks.iter().enumerate() {
        let before = position.checked_sub(1).and_then(|before| marks.get(before));
        let after = marks.get(position + 1);
        let from = before.map_or(axis.from, |before| before.at.midpoint(mark.at));
        let to = after.map_or(axis.to, |after| mark.at.midpoint(after.at));
        let Some(range) = series.points.get(mark.point).and_then(|point| point.range.as_ref()) else { continue };
        let (low, high) = (range.low.as_ref().map(|end| end.value), range.high.as_ref().map(|end| end.value));
        if (low.is_none() && high.is_none()) || from >= to {
            continue;
        }
        match out.last_mut() {
            // One piece as long as the range stays the same.
            Some(last) if last.to == from && last.low == low && last.high == high => last.to = to,
            _ => out.push(Band { from, to, low, high }),
        }
    }
    out
}

fn value_axis(marks: &[Mark], bands: &[Band], unit: &str) -> Option<ValueAxis> {
    let lowest = marks.iter().map(|mark| mark.value).reduce(f64::min)?;
    let highest = marks.iter().map(|mark| mark.value).reduce(f64::max)?;
    let (mut from, mut to) = (lowest, highest);
    for end in bands.iter().flat_map(|band| [band.low, band.high]).flatten() {
        // A range far from all values would press them flat against the edge.
        let room = 4.0 * (highest - lowest).max(0.25 * highest.abs().max(lowest.abs()));
        if end >= lowest - room && end <= highest + room {
            (from, to) = (from.min(end), to.max(end));
        }
    }
    let (from, to, ticks) = ticks::value_ticks(from, to)?;
    Some(ValueAxis { from, to, ticks, unit: unit.to_owned() })
}

fn row(at: usize, point: &Point, marks: &[Mark]) -> Row {
    Row {
        time: point.time.clone(),
        text: point.text.clone(),
        converted: point.converted.as_ref().map(|converted| converted.text.clone()),
        range: point.range.as_ref().map(|range| range.text.clone()),
        interpretation: point.interpretation.clone(),
        place: point.place,
        sources: point.records.len(),
        is_drawn: marks.binary_search_by_key(&at, |mark| mark.point).is_ok(),
        point: at,
    }
}

fn summary(series: &Series, marks: &[Mark]) -> Summary {
    let points = &series.points;
    let exact = || marks.iter().filter(|mark| mark.comparator.is_none());
    let dated = |point: &Point| point.sort_key != i64::MIN;
    Summary {
        count: points.len(),
        with_range: points.iter().filter(|point| point.place != Place::Untold).count(),
        outside: points.iter().filter(|point| !matches!(point.place, Place::Untold | Place::Within)).count(),
        converted: points.iter().filter(|point| point.converted.is_some()).count(),
        first: points.iter().position(dated),
        last: points.iter().rposition(dated),
        lowest: exact().min_by(|one, other| one.value.total_cmp(&other.value)).map(|mark| mark.point),
        highest: exact().max_by(|one, other| one.value.total_cmp(&other.value)).map(|mark| mark.point),
    }
}

#[cfg(test)]
mod tests;
