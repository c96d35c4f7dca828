//! Where things stand in a chart, in per cent of its width and height.

use crate::format;
use carnet_bridge::LabPoint;

/// Left free at both sides and above and below, so that marks stay whole.
const EDGE: f64 = 5.0;
/// Numbers beyond this are drawn by nobody.
const LARGEST: f64 = 1e12;
/// The years 1 to 9999; nothing else has a date.
const CALENDAR: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;
/// The most years named below the picture: three fit 320 px at double text size.
const YEARS: i64 = 3;

/// A number or a time beside the picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) place: f64,
    pub(super) text: String,
    pub(super) anchor: &'static str,
}

/// The range of one value, from halfway to its neighbours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Band {
    pub(super) x: f64,
    pub(super) width: f64,
    pub(super) y: f64,
    pub(super) height: f64,
    /// Where its upper end is drawn, if it has one.
    pub(super) top: Option<f64>,
    /// Where its lower end is drawn, if it has one.
    pub(super) bottom: Option<f64>,
}

/// All places of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) places: Vec<(f64, f64)>,
    pub(super) bands: Vec<Band>,
    pub(super) levels: Vec<Tick>,
    pub(super) times: Vec<Tick>,
    mirrored: bool,
}

/// Whether a value has a place in a picture.
pub(super) fn is_drawn(point: &LabPoint) -> bool {
    usable(point.number).is_some() && !point.date.is_empty() && CALENDAR.contains(&point.at)
}

impl Scale {
    /// `None` where there is nothing to draw. Only points that [`is_drawn`] may be given.
    pub(super) fn new(points: &[LabPoint], mirrored: bool) -> Option<Self> {
        let numbers = points.iter().flat_map(|point| [point.number, point.low, point.high]).filter_map(usable);
        let (least, most) =
            numbers.fold((f64::MAX, f64::MIN), |(low, high), number| (low.min(number), high.max(number)));
        let (first, last) = (points.iter().map(|point| point.at).min()?, points.iter().map(|point| point.at).max()?);
        let step = step(least, most);
        let (from, to) = ((least / step).floor() * step, (most / step).ceil() * step);
        let to = if to > from { to } else { from + step };
        let y = move |number: f64| 100.0 - EDGE - (number - from) / (to - from) * (100.0 - 2.0 * EDGE);
        let x = move |at: i64| {
            let along = if last > first { (at as f64 - first as f64) / (last as f64 - first as f64) } else { 0.5 };
            let place = EDGE + along.clamp(0.0, 1.0) * (100.0 - 2.0 * EDGE);
            if mirrored { 100.0 - place } else { place }
        };
        let places: Vec<(f64, f64)> =
            points.iter().filter_map(|point| Some((x(point.at), y(usable(point.number)?)))).collect();
        let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        let levels = (0..=8)
            .map(|at| from + step * f64::from(at))
            .take_while(|level| *level <= to + step / 2.0)
            .map(|level| Tick { place: y(level), text: format!("{level:.decimals$}"), anchor: "end" })
            .collect();
        Some(Self { bands: bands(points, &places, y), times: times(points, x, mirrored), places, levels, mirrored })
    }

    /// Where the numbers at the side are aligned: towards the picture.
    pub(super) fn label_edge(&self) -> &'static str {
        if self.mirrored { "0%" } else { "100%" }
    }

    /// And which end of them.
    pub(super) fn label_anchor(&self) -> &'static str {
        if self.mirrored { "start" } else { "end" }
    }
}

fn bands(points: &[LabPoint], places: &[(f64, f64)], y: impl Fn(f64) -> f64) -> Vec<Band> {
    let mut out: Vec<Band> = Vec::new();
    for (at, (point, place)) in points.iter().zip(places).enumerate() {
        let (low, high) = (usable(point.low), usable(point.high));
        if low.is_none() && high.is_none() {
            continue;
        }
        // Halfway to the neighbours; the first and the last reach the edge. Times may run either way.
        let rising = places.first().is_none_or(|first| places.last().is_none_or(|last| first.0 <= last.0));
        let (begin, end) = if rising { (0.0, 100.0) } else { (100.0, 0.0) };
        let before = at.checked_sub(1).and_then(|at| places.get(at)).map_or(begin, |other| (other.0 + place.0) / 2.0);
        let after = places.get(at + 1).map_or(end, |other| (other.0 + place.0) / 2.0);
        let (top, bottom) = (high.map(&y), low.map(&y));
        let (upper, lower) = (top.unwrap_or(0.0), bottom.unwrap_or(100.0));
        let (left, right) = (before.min(after), before.max(after));
        match out.last_mut() {
            // One piece as long as the range stays the same.
            Some(last) if last.top == top && last.bottom == bottom && touch(last, left, right) => {
                let end = right.max(last.x + last.width);
                last.x = left.min(last.x);
                last.width = end - last.x;
            }
            _ => out.push(Band {
                x: left,
                width: right - left,
                y: upper.min(lower),
                height: (lower - upper).abs(),
                top,
                bottom,
            }),
        }
    }
    out
}

/// Whether a piece goes on where another ended, to either side.
fn touch(band: &Band, left: f64, right: f64) -> bool {
    (band.x + band.width - left).abs() < 1e-9 || (band.x - right).abs() < 1e-9
}

/// Years where the values span some, else the first and the last date.
fn times(points: &[LabPoint], x: impl Fn(i64) -> f64, mirrored: bool) -> Vec<Tick> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let year = |point: &LabPoint| format::year(&point.date).and_then(|year| year.parse::<i64>().ok());
    if let (Some(from), Some(to)) = (year(first), year(last))
        && to - from >= 2
    {
        // The first of January of the years after the first, thinned out.
        let step = (to - from + YEARS - 1) / YEARS;
        return (from + 1..=to)
            .rev()
            .step_by(usize::try_from(step).unwrap_or(1))
            .map(|year| Tick { place: x(new_year(year)), text: year.to_string(), anchor: "middle" })
            .filter(|tick| (EDGE..=100.0 - EDGE).contains(&tick.place))
            .collect();
    }
    let (near, far) = if mirrored { ("end", "start") } else { ("start", "end") };
    let ends = [(first, if mirrored { 100.0 } else { 0.0 }, near), (last, if mirrored { 0.0 } else { 100.0 }, far)];
    let ticks = ends.map(|(point, place, anchor)| Tick { place, text: format::date(&point.date), anchor });
    if first.date == last.date { ticks.into_iter().take(1).collect() } else { ticks.into() }
}

/// The first second of a year, UTC.
fn new_year(year: i64) -> i64 {
    let before = year - 1;
    let days = before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162;
    days * 86_400
}

/// A round distance between levels: 1, 2 or 5 times a power of ten, at most six of them.
fn step(least: f64, most: f64) -> f64 {
    let spread = if most > least { most - least } else { most.abs().max(1.0) };
    let rough = spread / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|round| round * power).find(|round| *round >= rough).unwrap_or(power * 10.0)
}

fn usable(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite() && number.abs() < LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use carnet_bridge::LabFlag;

    fn point(date: &str, at: i64, number: f64, low: Option<f64>, high: Option<f64>) -> LabPoint {
        LabPoint {
            record: date.to_owned(),
            date: date.to_owned(),
            at,
            value: number.to_string(),
            unit: String::new(),
            number: Some(number),
            limit: carnet_bridge::LabLimit::None,
            low,
            high,
            range: String::new(),
            flag: LabFlag::Unknown,
            flag_from_source: false,
            converted: false,
            source: String::new(),
        }
    }

    #[test]
    fn every_mark_and_band_is_inside_the_picture() {
        let hostile = [
            vec![point("2026", 0, 5.0, None, None), point("2026", 0, 5.0, None, None)],
            vec![point("x", i64::MIN, -1e11, Some(1.0), None), point("y", i64::MAX, 1e11, None, Some(2.0))],
            vec![
                point("2020", 5, 0.0, Some(f64::NAN), Some(f64::INFINITY)),
                point("2026", 1, 0.0, Some(9.0), Some(3.0)),
            ],
            vec![point("2026", 1, 1e-9, None, None), point("2026", 2, 2e-9, None, None)],
        ];
        for points in hostile {
            for mirrored in [false, true] {
                let scale = Scale::new(&points, mirrored).unwrap();
                assert_eq!(scale.places.len(), points.len());
                for (x, y) in &scale.places {
                    assert!((0.0..=100.0).contains(x) && (0.0..=100.0).contains(y), "{points:?}: {x} {y}");
                }
                for band in &scale.bands {
                    assert!(band.x >= 0.0 && band.x + band.width <= 100.001, "{band:?}");
                    assert!(band.y >= -0.001 && band.y + band.height <= 100.001, "{band:?}");
                }
                assert!(!scale.levels.is_empty() && scale.levels.len() <= 9);
            }
        }
    }

    #[test]
    fn levels_are_round_numbers() {
        let scale =
            Scale::new(&[point("2024", 0, 3.9, Some(3.5), Some(5.1)), point("2026", 9, 5.4, Some(3.6), None)], false);
        let texts: Vec<_> = scale.unwrap().levels.into_iter().map(|tick| tick.text).collect();
        assert_eq!(texts, ["3.5", "4.0", "4.5", "5.0", "5.5"]);
    }

    #[test]
    fn each_band_is_its_own_values_range() {
        let points = [
            point("2024", 0, 4.0, Some(3.5), Some(5.0)),
            point("2025", 50, 4.0, None, None),
            point("2026", 100, 4.0, None, Some(4.5)),
        ];
        let scale = Scale::new(&points, false).unwrap();
        let [first, last] = scale.bands.as_slice() else { panic!("{:?}", scale.bands) };
        assert!(first.x == 0.0 && first.x + first.width < last.x + 0.001);
        assert!(first.top.is_some() && first.bottom.is_some() && last.bottom.is_none());
        assert!((last.x + last.width - 100.0).abs() < 1e-6 && (last.y + last.height - 100.0).abs() < 1e-6);
    }

    #[test]
    fn time_runs_the_other_way_where_the_language_does() {
        let points = [point("2020-01-01", 0, 1.0, None, None), point("2020-03-01", 10, 2.0, None, None)];
        let (left, right) = (Scale::new(&points, false).unwrap(), Scale::new(&points, true).unwrap());
        assert!(left.places[0].0 < left.places[1].0 && right.places[0].0 > right.places[1].0);
    }

    #[test]
    fn years_are_named_at_their_beginning_and_thinned_out() {
        assert_eq!(new_year(1970), 0);
        assert_eq!(new_year(2024), 1_704_067_200);
        let at = |year: i64| new_year(year) + 86_400 * 40;
        let points: Vec<_> = (2001..=2026).map(|year| point(&year.to_string(), at(year), 1.0, None, None)).collect();
        let scale = Scale::new(&points, false).unwrap();
        assert!((2..=3).contains(&scale.times.len()), "{:?}", scale.times);
        assert_eq!(scale.times[0].text, "2026");
    }
}
