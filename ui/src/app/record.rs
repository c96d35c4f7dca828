//! The page of one record: its facts, its value on a number line, where it came from, and the original.

use super::session::{Session, loaded};
use super::wallet;
use crate::format;
use crate::kit::{Icon, IconView, RangeView, Trend, category_icon, category_key, fact_label, status_text};
use carnet_bridge::{MeasuredValue, RecordDetail};
use dioxus::prelude::*;

/// A table of more rows than this is folded at first.
const ROWS: usize = 10;

/// Asks the wallet and shows one record.
#[component]
pub fn RecordPage(id: String) -> Element {
    let session = use_context::<Session>();
    let asked = use_resource(move || {
        let id = id.clone();
        async move {
            (session.changed)();
            wallet::record(id).await
        }
    });
    rsx! {
        a { class: "back", href: "#/records", IconView { icon: Icon::Back } {t!("records-title")} }
        {loaded(asked, |record| rsx! { RecordView { record: (**record).clone() } })}
    }
}

/// The record itself.
#[component]
pub fn RecordView(record: RecordDetail) -> Element {
    let line = &record.line;
    let title = if line.title.is_empty() { t!("record-untitled") } else { line.title.clone() };
    rsx! {
        header { class: "page-head",
            p { class: "kicker", IconView { icon: category_icon(&line.category) } " " {t!(category_key(&line.category))} }
            h1 { "{title}" }
            p { class: "row soft",
                span { {line.date.as_deref().map_or_else(|| t!("record-undated"), format::date)} }
                if let Some(status) = &line.status {
                    span { "· " {status_text(status)} }
                }
                if line.sensitive {
                    span { class: "tag", IconView { icon: Icon::EyeOff } {t!("record-sensitive")} }
                }
            }
        }
        div { class: "stack",
            if let Some(measured) = record.measurement.clone() {
                Measured { measured }
            }
            if !record.facts.is_empty() {
                section { class: "card", "aria-label": t!("record-facts"),
                    dl { class: "facts",
                        for (at, fact) in record.facts.iter().enumerate() {
                            div { key: "{at}",
                                dt { {fact_label(&fact.label)} }
                                dd { dir: "auto", "{fact.value}" }
                            }
                        }
                    }
                }
            }
            if let Some(text) = &record.narrative {
                section { class: "card", "aria-labelledby": "text",
                    h2 { id: "text", {t!("record-text")} }
                    for (at, paragraph) in text.split('\n').filter(|line| !line.trim().is_empty()).enumerate() {
                        p { key: "{at}", dir: "auto", "{paragraph}" }
                    }
                }
            }
            section { class: "card", "aria-labelledby": "source",
                h2 { id: "source", {t!("record-source")} }
                dl { class: "facts",
                    div { dt { {t!("record-source-file")} } dd { dir: "auto", "{record.source}" } }
                    div { dt { {t!("record-source-when")} } dd { {format::full_moment(record.imported_at)} } }
                    div { dt { {t!("record-source-kind")} } dd { "{record.resource_type}" } }
                    if record.versions > 1 {
                        div { dt { {t!("record-source-versions")} } dd { "{record.versions}" } }
                    }
                }
                details {
                    summary { IconView { icon: Icon::Forward, class: "icon-fold" } {t!("record-original")} }
                    pre { class: "original", dir: "ltr", tabindex: "0", "{record.original}" }
                }
            }
        }
    }
}

/// A measured value: large, on its line, over time, and as a table.
#[component]
fn Measured(measured: MeasuredValue) -> Element {
    let MeasuredValue { value, unit, low, high, series } = measured;
    let many = series.len() > 1;
    rsx! {
        section { class: "card", "aria-label": t!("record-value"),
            p { class: "measure", "{value} " span { class: "measure-unit", "{unit}" } }
            if low.is_some() || high.is_some() {
                p { class: "soft", {t!("record-range", range = crate::kit::range_words(low.as_deref(), high.as_deref()), unit = &unit)} }
            }
            RangeView { value, unit: unit.clone(), low, high }
        }
        if many {
            section { class: "card", "aria-labelledby": "trend",
                h2 { id: "trend", {t!("record-trend")} }
                Trend { series: series.clone(), unit: unit.clone() }
                details { open: series.len() <= ROWS,
                    summary { IconView { icon: Icon::Forward, class: "icon-fold" } {t!("record-table", count = series.len())} }
                    div { class: "scroll",
                        table {
                            thead { tr { th { scope: "col", {t!("table-date")} } th { scope: "col", {t!("table-value")} } } }
                            tbody {
                                for (at, (date, value)) in series.iter().rev().enumerate() {
                                    tr { key: "{at}", td { {format::date(date)} } td { "{value} {unit}" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
