//! What narrows the list: years, source, held back, signed, disagreements; how much is left; and the way back.

use crate::kit::{Icon, IconView, Select};
use crate::platform;
use carnet_bridge::{SourceCount, TimelineFilter};
use dioxus::prelude::*;

/// The filters, folded away; open while one of them is on.
#[component]
pub fn Filters(filter: TimelineFilter, sources: Vec<SourceCount>, change: EventHandler<TimelineFilter>) -> Element {
    // Whoever came with a filter sees it; after that the person folds it as they like.
    let open = use_hook(|| filter.is_narrow());
    let mut from = use_signal(|| year_text(filter.from_year));
    let mut to = use_signal(|| year_text(filter.to_year));
    // Cleared elsewhere, the fields are cleared too; a year that is still being typed stays.
    let set = (filter.from_year, filter.to_year);
    use_effect(use_reactive!(|(set,)| {
        if set.0.is_none() && typed_year(&from.peek()).is_some() {
            from.set(String::new());
        }
        if set.1.is_none() && typed_year(&to.peek()).is_some() {
            to.set(String::new());
        }
    }));
    let options =
        std::iter::once((String::new(), t!("filter-any-source")))
            .chain(sources.iter().map(|source| {
                (source.id.clone(), t!("filter-source-count", name = &source.name, count = source.count))
            }))
            .collect::<Vec<_>>();
    let count = filter_count(&filter);
    let set_year = {
        let filter = filter.clone();
        move |text: &str, of: fn(&mut TimelineFilter) -> &mut Option<u16>| {
            let year = typed_year(text);
            let mut next = filter.clone();
            if *of(&mut next) != year {
                *of(&mut next) = year;
                change.call(next);
            }
        }
    };
    let (set_from, set_to) = (set_year.clone(), set_year);
    let tick = |of: fn(&mut TimelineFilter) -> &mut bool| {
        let filter = filter.clone();
        move |event: FormEvent| {
            let mut next = filter.clone();
            *of(&mut next) = event.checked();
            change.call(next);
        }
    };
    rsx! {
        details { class: "filters", open,
            summary { IconView { icon: Icon::Forward, class: "icon-fold icon-turns" }
                {if count == 0 { t!("filter-title") } else { t!("filter-title-on", count = count) }}
            }
            div { class: "filter-grid",
                fieldset { class: "field",
                    legend { class: "field-legend", {t!("filter-years")} }
                    div { class: "date",
                        div { class: "date-part",
                            label { r#for: "from-year", {t!("filter-from")} }
                            input { class: "input", id: "from-year", inputmode: "numeric", maxlength: "4", autocomplete: "off", value: "{from}",
                                oninput: move |event| { from.set(event.value()); set_from(&event.value(), |filter| &mut filter.from_year); } }
                        }
                        div { class: "date-part",
                            label { r#for: "to-year", {t!("filter-to")} }
                            input { class: "input", id: "to-year", inputmode: "numeric", maxlength: "4", autocomplete: "off", value: "{to}",
                                oninput: move |event| { to.set(event.value()); set_to(&event.value(), |filter| &mut filter.to_year); } }
                        }
                    }
                }
                if sources.len() > 1 || filter.source.is_some() {
                    Select { id: "filter-source", label: t!("filter-source"), options, value: filter.source.clone().unwrap_or_default(),
                        onchange: { let filter = filter.clone(); move |to: String| change.call(TimelineFilter { source: (!to.is_empty()).then_some(to), ..filter.clone() }) } }
                }
                fieldset { class: "field ticks",
                    legend { class: "field-legend", {t!("filter-only")} }
                    label { class: "tick",
                        input { r#type: "checkbox", id: "filter-held", checked: filter.held_back, onchange: tick(|filter| &mut filter.held_back) }
                        IconView { icon: Icon::EyeOff } {t!("record-sensitive")}
                    }
                    label { class: "tick",
                        input { r#type: "checkbox", id: "filter-signed", checked: filter.signed, onchange: tick(|filter| &mut filter.signed) }
                        IconView { icon: Icon::Seal } {t!("record-signed")}
                    }
                    label { class: "tick",
                        input { r#type: "checkbox", id: "filter-disagree", checked: filter.disagree, onchange: tick(|filter| &mut filter.disagree) }
                        IconView { icon: Icon::Warn } {t!("record-disagree")}
                    }
                }
            }
        }
    }
}

/// How many are left of how many, and the way back to all.
#[component]
pub fn Found(
    total: u64,
    all: u64,
    filter: TimelineFilter,
    category: Option<String>,
    change: EventHandler<TimelineFilter>,
) -> Element {
    let narrowed = filter.is_narrow() || !filter.text.is_empty() || category.is_some();
    rsx! {
        div { class: "row-between",
            p { class: "soft", role: "status", id: "found", tabindex: "-1",
                {if narrowed { t!("records-found-of", count = total, all = all) } else { t!("records-found", count = total) }}
            }
            if narrowed {
                button { class: "button button-quiet", r#type: "button", id: "clear",
                    onclick: move |_| {
                        change.call(TimelineFilter::default());
                        platform::go("#/records");
                        platform::focus("search");
                    },
                    IconView { icon: Icon::Close }
                    {t!("filter-clear")}
                }
            }
        }
    }
}

fn filter_count(filter: &TimelineFilter) -> usize {
    let set = [
        filter.from_year.is_some() || filter.to_year.is_some(),
        filter.source.is_some(),
        filter.held_back,
        filter.signed,
        filter.disagree,
    ];
    set.into_iter().filter(|set| *set).count()
}

/// A whole year; while it is being typed it narrows nothing.
fn typed_year(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|year| (1000..=9999).contains(year))
}

fn year_text(year: Option<u16>) -> String {
    year.map(|year| year.to_string()).unwrap_or_default()
}
