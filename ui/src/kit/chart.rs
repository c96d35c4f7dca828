//! A measurement over time: each value at its time, with the range it was reported with, by keyboard and in words too.
//!
//! Places are per cent of the picture and sizes are the text's, so that it fits any width and grows with the text. The
//! shape of a mark says how a value stands to its range; colour only helps. The marks are a list to choose from (`listbox`), for
//! only there does a screen reader leave the arrow keys to the page.

mod scale;

use super::range_words;
use crate::{format, i18n, platform};
use carnet_bridge::{LabFlag, LabLimit, LabPoint, LabSeries};
use dioxus::prelude::*;
use scale::Scale;

/// Draws one series. `current` is the record whose page it is: its mark is ringed and chosen first. `id` is unique on the
/// page. Nothing is drawn of a series without two numbers; the table beside it has all.
#[component]
pub fn LabChart(id: String, series: LabSeries, current: String) -> Element {
    let drawn: Vec<LabPoint> = series.points.iter().filter(|point| scale::is_drawn(point)).cloned().collect();
    let start = drawn.iter().position(|point| point.record == current).unwrap_or(drawn.len().saturating_sub(1));
    let mut chosen = use_signal(|| start);
    let count = drawn.len();
    let Some(scale) = Scale::new(&drawn, i18n::right_to_left()).filter(|_| count > 1) else { return rsx! {} };
    let at = chosen().min(count - 1);
    let move_to = {
        let id = id.clone();
        move |event: KeyboardEvent| {
            let step = if i18n::right_to_left() { -1 } else { 1 };
            let to = match event.key() {
                Key::ArrowRight => at.checked_add_signed(step),
                Key::ArrowLeft => at.checked_add_signed(-step),
                Key::Home => Some(0),
                Key::End => Some(count - 1),
                _ => return,
            };
            event.prevent_default();
            if let Some(to) = to.filter(|&to| to < count) {
                chosen.set(to);
                platform::focus(&format!("{id}-{to}"));
            }
        }
    };
    let missing = series.points.len() - count;
    rsx! {
        figure { class: "chart", role: "group", "aria-labelledby": "{id}-title", "aria-describedby": "{id}-about",
            figcaption { id: "{id}-title", class: "chart-title", {title(&series)} }
            p { class: "spoken", id: "{id}-about", {about(&drawn, &series.unit)} " " {t!("chart-keys")} }
            div { class: "chart-grid",
                svg { class: "chart-y", "aria-hidden": "true",
                    for (at, tick) in scale.levels.iter().enumerate() {
                        text { key: "{at}", x: scale.label_edge(), y: pc(tick.place), "text-anchor": scale.label_anchor(), "dominant-baseline": "central", "{tick.text}" }
                    }
                }
                svg { class: "chart-plot", role: "listbox", "aria-labelledby": "{id}-title", onkeydown: move_to,
                    for (at, tick) in scale.levels.iter().enumerate() {
                        line { key: "l{at}", class: "chart-level", x1: "0%", x2: "100%", y1: pc(tick.place), y2: pc(tick.place) }
                    }
                    for (at, band) in scale.bands.iter().enumerate() {
                        rect { key: "b{at}", class: "chart-band", x: pc(band.x), width: pc(band.width), y: pc(band.y), height: pc(band.height) }
                        if let Some(y) = band.top {
                            line { key: "t{at}", class: "chart-end", x1: pc(band.x), x2: pc(band.x + band.width), y1: pc(y), y2: pc(y) }
                        }
                        if let Some(y) = band.bottom {
                            line { key: "u{at}", class: "chart-end", x1: pc(band.x), x2: pc(band.x + band.width), y1: pc(y), y2: pc(y) }
                        }
                    }
                    for (at, pair) in scale.places.windows(2).enumerate() {
                        if let [from, to] = pair {
                            line { key: "s{at}", class: "chart-line", x1: pc(from.0), y1: pc(from.1), x2: pc(to.0), y2: pc(to.1) }
                        }
                    }
                    for (number, (point, place)) in drawn.iter().zip(&scale.places).enumerate() {
                        svg { key: "p{number}", class: "chart-point", x: pc(place.0), y: pc(place.1), overflow: "visible", role: "presentation",
                            g { class: mark_class(point.flag, number == at), role: "option", id: "{id}-{number}", "aria-selected": if number == at { "true" } else { "false" },
                                tabindex: if number == at { "0" } else { "-1" },
                                "aria-label": words(point),
                                onfocus: move |_| chosen.set(number),
                                onclick: move |_| chosen.set(number),
                                circle { class: "chart-touch", r: "16" }
                                if number == at {
                                    circle { class: "chart-ring", r: "12" }
                                }
                                path { class: if point.limit == LabLimit::None { "" } else { "mark-limit" }, d: limit_shape(point.limit).unwrap_or(shape(point.flag)) }
                            }
                        }
                    }
                }
                svg { class: "chart-x", "aria-hidden": "true",
                    for (at, tick) in scale.times.iter().enumerate() {
                        text { key: "{at}", x: pc(tick.place), y: "50%", "text-anchor": tick.anchor, "dominant-baseline": "central", "{tick.text}" }
                    }
                }
            }
            if let Some(point) = drawn.get(at) {
                p { class: "chart-said", "aria-hidden": "true", {words(point)} }
            }
            ul { class: "chart-legend", "aria-hidden": "true",
                for flag in flags(&drawn) {
                    li { key: "{flag:?}",
                        svg { class: "chart-key", view_box: "-10 -10 20 20",
                            g { class: mark_class(flag, false), path { d: shape(flag) } }
                        }
                        {t!(flag_key(flag))}
                    }
                }
                if drawn.iter().any(|point| point.limit != LabLimit::None) {
                    li {
                        svg { class: "chart-key", view_box: "-10 -10 20 20", path { class: "mark-limit", d: limit_shape(LabLimit::Below) } }
                        {t!("chart-limit")}
                    }
                }
                if !scale.bands.is_empty() {
                    li { span { class: "chart-key chart-key-band" } {t!("chart-band")} }
                }
            }
            if missing > 0 {
                p { class: "soft small", {t!("chart-missing", count = missing)} }
            }
            if series.converted {
                p { class: "soft small", {t!("chart-converted", unit = &series.unit)} }
            }
        }
    }
}

/// The key of how a value stands to its range.
pub fn flag_key(flag: LabFlag) -> &'static str {
    match flag {
        LabFlag::Unknown => "flag-unknown",
        LabFlag::Within => "flag-within",
        LabFlag::Low => "flag-low",
        LabFlag::High => "flag-high",
        LabFlag::Abnormal => "flag-abnormal",
    }
}

/// A value with its unit, exactly as reported.
pub fn value_text(point: &LabPoint) -> String {
    if point.unit.is_empty() { point.value.clone() } else { format!("{} {}", point.value, point.unit) }
}

/// The range a value was reported with: in the source's words, else put together from its ends.
pub fn range_text(point: &LabPoint) -> String {
    if !point.range.is_empty() {
        return point.range.clone();
    }
    let (low, high) = (point.low.map(|low| low.to_string()), point.high.map(|high| high.to_string()));
    range_words(low.as_deref(), high.as_deref())
}

/// What stands above the picture.
fn title(series: &LabSeries) -> String {
    if series.unit.is_empty() {
        series.title.clone()
    } else {
        t!("chart-title", what = &series.title, unit = &series.unit)
    }
}

/// The picture in one sentence.
fn about(drawn: &[LabPoint], unit: &str) -> String {
    let of = |pick: fn(f64, f64) -> f64| {
        let exact = drawn.iter().filter(|point| point.limit == LabLimit::None);
        exact.filter_map(|point| point.number).reduce(pick)
    };
    match (drawn.first(), drawn.last(), of(f64::min), of(f64::max)) {
        (Some(first), Some(last), Some(low), Some(high)) => t!(
            "chart-about",
            count = drawn.len(),
            from = format::date(&first.date),
            to = format::date(&last.date),
            low = low.to_string(),
            high = high.to_string(),
            unit = unit
        ),
        _ => String::new(),
    }
}

/// A value in words: when, how much, how it stands, from where.
fn words(point: &LabPoint) -> String {
    let range = range_text(point);
    let stands = match (point.flag, range.is_empty()) {
        (LabFlag::Unknown, _) => t!("chart-no-range"),
        (flag, true) => t!(flag_key(flag)),
        (flag, false) => t!("chart-stands", how = t!(flag_key(flag)), range = range),
    };
    let mut words = t!("chart-point", date = format::date(&point.date), value = value_text(point), stands = stands);
    if !point.source.is_empty() {
        words.push_str(" · ");
        words.push_str(&point.source);
    }
    words
}

fn mark_class(flag: LabFlag, chosen: bool) -> &'static str {
    match (flag, chosen) {
        (LabFlag::Within, false) => "mark mark-within",
        (LabFlag::Within, true) => "mark mark-within mark-chosen",
        (LabFlag::Unknown, false) => "mark mark-unknown",
        (LabFlag::Unknown, true) => "mark mark-unknown mark-chosen",
        (_, false) => "mark mark-out",
        (_, true) => "mark mark-out mark-chosen",
    }
}

/// A circle within, a triangle that points to where the value lies outside, a square for what is only called abnormal,
/// a ring where nothing is known.
fn shape(flag: LabFlag) -> &'static str {
    match flag {
        LabFlag::Within => "M0-5.5a5.5 5.5 0 1 0 .01 0z",
        LabFlag::High => "M0-8L7.5 5.5H-7.5z",
        LabFlag::Low => "M0 8L7.5-5.5H-7.5z",
        LabFlag::Abnormal => "M-5.5-5.5H5.5V5.5H-5.5z",
        LabFlag::Unknown => "M0-5a5 5 0 1 0 .01 0z",
    }
}

/// An arrow from where the limit lies to where the value lies.
fn limit_shape(limit: LabLimit) -> Option<&'static str> {
    match limit {
        LabLimit::None => None,
        LabLimit::Below => Some("M-7 0H7M0 0V11M-4 7L0 11L4 7"),
        LabLimit::Above => Some("M-7 0H7M0 0V-11M-4-7L0-11L4-7"),
    }
}

/// The shapes that occur, for the legend.
fn flags(drawn: &[LabPoint]) -> Vec<LabFlag> {
    [LabFlag::Within, LabFlag::High, LabFlag::Low, LabFlag::Abnormal, LabFlag::Unknown]
        .into_iter()
        .filter(|flag| drawn.iter().any(|point| point.flag == *flag && point.limit == LabLimit::None))
        .collect()
}

fn pc(place: f64) -> String {
    format!("{place:.2}%")
}
