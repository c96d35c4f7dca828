//! A measured value: large, on its line, over time, and as a table.

use crate::format;
use crate::kit::{Icon, IconView, LabChart, RangeView, flag_key, range_text, range_words, value_text};
use carnet_bridge::{LabFlag, LabPoint, LabSeries, MeasuredValue};
use dioxus::prelude::*;

/// A table of more rows than this is folded at first.
const ROWS: usize = 10;

/// The value, then each series of it: the picture and beside it the table.
#[component]
pub fn Measured(value: Option<MeasuredValue>, trend: Vec<LabSeries>, current: String) -> Element {
    let several = trend.iter().filter(|series| series.points.len() > 1).count() > 1;
    rsx! {
        if let Some(MeasuredValue { value, unit, low, high, .. }) = value {
            section { class: "card", "aria-label": t!("record-value"),
                p { class: "measure", "{value} " span { class: "measure-unit", "{unit}" } }
                if low.is_some() || high.is_some() {
                    p { class: "soft", {t!("record-range", range = range_words(low.as_deref(), high.as_deref()), unit = &unit)} }
                }
                RangeView { value, unit: unit.clone(), low, high }
            }
        }
        if trend.iter().any(|series| series.points.len() > 1) {
            section { class: "card", "aria-labelledby": "trend",
                h2 { id: "trend", {t!("record-trend")} }
                if several {
                    p { class: "soft point", IconView { icon: Icon::Info } span { {t!("trend-units")} } }
                }
                for (at, series) in trend.into_iter().filter(|series| series.points.len() > 1).enumerate() {
                    div { key: "{at}", class: "stack",
                        LabChart { id: "chart-{at}", series: series.clone(), current: current.clone() }
                        Table { series, current: current.clone() }
                    }
                }
            }
        }
    }
}

/// All values as a table, newest first.
#[component]
fn Table(series: LabSeries, current: String) -> Element {
    let LabSeries { title, points, .. } = series;
    let count = points.len();
    let ranges = points.iter().any(|point| !range_text(point).is_empty());
    let sources = points.iter().any(|point| !point.source.is_empty());
    rsx! {
        details { open: count <= ROWS,
            summary { IconView { icon: Icon::Forward, class: "icon-fold icon-turns" } {t!("record-table", count = count)} }
            div { class: "scroll", tabindex: "0", role: "region", "aria-label": "{title}",
                table { class: "values",
                    thead {
                        tr {
                            th { scope: "col", {t!("table-date")} }
                            th { scope: "col", {t!("table-value")} }
                            if ranges { th { scope: "col", {t!("fact-reference-range")} } }
                            if ranges { th { scope: "col", {t!("table-stands")} } }
                            if sources { th { scope: "col", {t!("record-source-from")} } }
                        }
                    }
                    tbody {
                        for (at, point) in points.into_iter().rev().enumerate() {
                            tr { key: "{at}", "aria-current": (point.record == current).then_some("true"),
                                th { scope: "row", class: "nowrap",
                                    if point.record == current || point.record.is_empty() {
                                        {date_text(&point.date)}
                                    } else {
                                        a { href: "#/records/{point.record}", {date_text(&point.date)} }
                                    }
                                }
                                td { dir: "auto", {value_text(&point)} }
                                if ranges { td { dir: "auto", {range_text(&point)} } }
                                if ranges { td { Standing { point: point.clone() } } }
                                if sources { td { dir: "auto", "{point.source}" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn date_text(date: &str) -> String {
    if date.is_empty() { t!("record-undated") } else { format::date(date) }
}

/// How a value stands, with an icon beside the word where it is outside.
#[component]
fn Standing(point: LabPoint) -> Element {
    let outside = matches!(point.flag, LabFlag::Low | LabFlag::High | LabFlag::Abnormal);
    rsx! {
        span { class: if outside { "tag tag-warn" } else { "tag" },
            if outside {
                IconView { icon: Icon::Warn }
            }
            {if point.flag == LabFlag::Unknown { t!("flag-none") } else { t!(flag_key(point.flag)) }}
        }
        if point.flag_from_source {
            span { class: "soft small", " " {t!("flag-source")} }
        }
    }
}
