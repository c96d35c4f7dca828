//! A run of values the size of a word, beside a value that is also written out.

use carnet_bridge::{LabFlag, RunPoint};
use dioxus::prelude::*;

const WIDTH: f64 = 72.0;
const HEIGHT: f64 = 24.0;
const EDGE: f64 = 5.0;

/// Draws the run; nothing of fewer than two numbers. Hidden from screen readers, which get the value in words.
#[component]
pub fn Spark(run: Vec<RunPoint>) -> Element {
    let values: Vec<f64> = run.iter().map(|point| point.value).filter(|value| value.is_finite()).collect();
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &value| (low.min(value), high.max(value)));
    if values.len() < 2 || values.len() != run.len() || high - low > 1e12 {
        return rsx! {};
    }
    let spread = if high > low { high - low } else { 1.0 };
    let step = (WIDTH - 2.0 * EDGE) / (values.len() - 1) as f64;
    let place = |(at, value): (usize, &f64)| {
        (EDGE + step * at as f64, HEIGHT - EDGE - (value - low) / spread * (HEIGHT - 2.0 * EDGE))
    };
    let places: Vec<(f64, f64)> = values.iter().enumerate().map(place).collect();
    let line = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
    let out = run.last().is_some_and(|last| !matches!(last.flag, LabFlag::Within | LabFlag::Unknown));
    let (x, y) = places.last().copied().unwrap_or_default();
    rsx! {
        svg { class: if out { "spark spark-out" } else { "spark" }, view_box: "0 0 {WIDTH} {HEIGHT}", "aria-hidden": "true",
            polyline { points: line }
            circle { cx: "{x:.1}", cy: "{y:.1}", r: "3.5" }
        }
    }
}
