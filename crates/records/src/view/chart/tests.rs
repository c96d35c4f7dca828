//! Tests of the chart model.

use proptest::prelude::*;

use super::*;
use crate::datetime;
use crate::view::{Bound, FactKey, ReferenceRange};

fn point(sort_key: i64, number: Option<f64>, range: Option<(f64, f64)>) -> Point {
    Point {
        time: datetime::instant(sort_key),
        sort_key,
        text: number.map_or_else(|| "trace".to_owned(), |value| value.to_string()),
        number,
        comparator: None,
        converted: None,
        range: range.map(|(low, high)| ReferenceRange {
            low: Some(Bound { value: low, inclusive: true }),
            high: Some(Bound { value: high, inclusive: true }),
            expected: None,
            text: format!("{low} – {high}"),
            converted: false,
        }),
        interpretation: None,
        interpretation_code: None,
        place: range
            .zip(number)
            .map_or(Place::Untold, |((low, _), value)| if value < low { Place::Below } else { Place::Within }),
        records: vec![[0; 32]],
    }
}

fn series(points: Vec<Point>) -> Series {
    Series {
        key: FactKey([0; 16]),
        code: None,
        title: "x".to_owned(),
        specimen: None,
        unit: "mg/dL".to_owned(),
        ucum: "mg/dL".to_owned(),
        is_numeric: true,
        points,
    }
}

const YEAR: i64 = 31_557_600;

#[test]
fn a_chart_has_round_ticks_and_a_band_for_each_range() {
    let chart = chart(&series(vec![
        point(50 * YEAR, Some(62.0), Some((70.0, 99.0))),
        point(51 * YEAR, Some(95.0), Some((70.0, 99.0))),
        point(53 * YEAR, None, None),
        point(54 * YEAR, Some(101.0), Some((60.0, 110.0))),
        point(55 * YEAR, Some(90.0), None),
    ]));
    let values = chart.values.unwrap();
    assert_eq!(values.ticks.iter().map(|tick| tick.text.as_str()).collect::<Vec<_>>(), ["60", "80", "100", "120"]);
    let times = chart.times.unwrap();
    assert_eq!(times.step, TimeStep::Years);
    assert_eq!(
        times.ticks.iter().map(|tick| tick.date.as_str()).collect::<Vec<_>>(),
        ["2020", "2021", "2022", "2023", "2024", "2025"]
    );
    assert_eq!(chart.marks.len(), 4);
    assert_eq!(chart.bands.len(), 2);
    assert_eq!(chart.bands[0].to, chart.bands[1].from);
    assert_eq!(chart.rows.len(), 5);
    assert_eq!((chart.rows[0].point, chart.rows[2].is_drawn), (4, false));
    assert_eq!(
        chart.summary,
        Summary {
            count: 5,
            with_range: 3,
            outside: 1,
            first: Some(0),
            last: Some(4),
            lowest: Some(0),
            highest: Some(3),
            ..Summary::default()
        }
    );
}

#[test]
fn one_value_stands_in_the_middle_and_none_is_a_table() {
    let one = chart(&series(vec![point(0, Some(5.0), None)]));
    let (values, times) = (one.values.unwrap(), one.times.unwrap());
    assert!(values.from < 5.0 && values.to > 5.0 && times.from < 0 && times.to > 0);
    let none = chart(&series(vec![point(i64::MIN, Some(5.0), None), point(0, None, None)]));
    assert_eq!((none.values, none.times, none.rows.len()), (None, None, 2));
}

#[test]
fn a_range_far_away_does_not_press_the_values_flat() {
    let far = chart(&series(vec![point(0, Some(5.0), Some((1.0, 1e9))), point(YEAR, Some(6.0), None)]));
    assert!(far.values.unwrap().to < 20.0);
}

proptest! {
    #[test]
    fn every_mark_lies_on_the_axes(points in prop::collection::vec(
        (any::<i64>(), prop::option::of(any::<f64>()), prop::option::of((any::<f64>(), any::<f64>()))), 0..20)) {
        let mut points: Vec<Point> = points.into_iter().map(|(at, number, range)| point(at, number, range)).collect();
        points.sort_by_key(|point| (point.sort_key == i64::MIN, point.sort_key));
        let chart = chart(&series(points.clone()));
        prop_assert_eq!(chart.rows.len(), points.len());
        if let Some(axis) = &chart.values {
            prop_assert!(chart.marks.iter().all(|mark| mark.value >= axis.from - axis.from.abs() * 1e-9 && mark.value <= axis.to + axis.to.abs() * 1e-9));
            prop_assert!((2..=21).contains(&axis.ticks.len()));
        }
        if let Some(axis) = &chart.times {
            prop_assert!(chart.marks.iter().all(|mark| (axis.from..=axis.to).contains(&mark.at)));
            prop_assert!(axis.ticks.len() < 20);
        }
    }

    #[test]
    fn ordinary_values_always_have_axes(values in prop::collection::vec((0_i64..4_000_000_000, -1e6_f64..1e6), 1..20)) {
        let mut points: Vec<Point> = values.into_iter().map(|(at, value)| point(at, Some(value), None)).collect();
        points.sort_by_key(|point| point.sort_key);
        let chart = chart(&series(points));
        prop_assert!(chart.values.is_some());
        let times = chart.times.unwrap();
        prop_assert!(times.ticks.len() <= 16, "{:?}", times);
    }
}
