//! The list of records: search first, filters, categories with counts, a timeline by year.

pub mod filters;
pub mod row;

use super::session::{FailureView, Session};
use super::wallet;
use crate::format;
use crate::kit::{Empty, Icon, IconView, Skeleton, category_key};
use crate::platform;
use carnet_bridge::{CategoryCount, Failure, Timeline, TimelineEntry, TimelineFilter, YearCount};
use dioxus::prelude::*;
use filters::{Filters, Found};
pub use row::{EntryRow, RecordRow};

const PAGE: u32 = 50;
/// The most that is loaded at once on the way back to a long list.
const BACK: u32 = 500;

/// Where the list was left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// What it showed.
    pub category: Option<String>,
    filter: TimelineFilter,
    /// Where it began.
    start: u64,
    /// How many facts were loaded.
    loaded: u32,
    /// The record that was opened from it; empty if none was.
    pub opened: String,
}

/// Search, filters, categories and the list they choose.
#[component]
pub fn RecordsPage(category: Option<String>) -> Element {
    let session = use_context::<Session>();
    let mut filter = session.filter;
    let mut place = session.place;
    // On the way back from a record the list is as it was left, and at that record.
    let back = use_hook(|| {
        let left = place.peek().clone();
        left.filter(|left| left.category == category && left.filter == *filter.peek() && !left.opened.is_empty())
    });
    // Where the list begins: 0, or the first of a year that was jumped to.
    let mut start = use_signal(|| back.as_ref().map_or(0, |back| back.start));
    let mut limit = use_signal(|| back.as_ref().map_or(PAGE, |back| back.loaded.clamp(PAGE, BACK)));
    // What was loaded after the first page, and what went wrong with that.
    let mut more = use_signal(Vec::<TimelineEntry>::new);
    let mut more_failed = use_signal(|| None::<Failure>);
    let mut loading = use_signal(|| false);
    let wanted = category.clone();
    let ask = move |offset: u64, limit: u32| TimelineFilter { category: wanted.clone(), offset, limit, ..filter() };
    let first = ask.clone();
    let mut asked = use_resource(move || {
        let request = first(start(), limit());
        (session.changed)();
        more.set(Vec::new());
        more_failed.set(None);
        async move { wallet::timeline(request).await }
    });
    let shown = category.clone();
    use_effect(move || {
        let Some(Ok(first)) = asked.read().as_ref().map(|page| page.as_ref().map(|page| page.entries.len())) else {
            return;
        };
        let loaded = u32::try_from(first + more.read().len()).unwrap_or(u32::MAX);
        let opened = String::new();
        place.set(Some(Place { category: shown.clone(), filter: filter(), start: start(), loaded, opened }));
    });
    let mut returning = use_signal(|| back.map(|back| back.opened));
    use_effect(move || {
        if asked.read().is_some()
            && let Some(opened) = returning.take()
        {
            platform::focus(&format!("record-{opened}"));
        }
    });
    let load = move |()| {
        let Some(Ok(page)) = asked.read().as_ref().map(|page| page.as_ref().map(|page| page.entries.len())) else {
            return;
        };
        if loading() {
            return;
        }
        let begun = start();
        let request = ask(begun + (page + more.read().len()) as u64, PAGE);
        loading.set(true);
        spawn(async move {
            let answer = wallet::timeline(request.clone()).await;
            loading.set(false);
            match answer {
                // Only if the list is still the one that was asked for.
                Ok(next)
                    if *start.peek() == begun
                        && *filter.peek() == (TimelineFilter { category: None, offset: 0, limit: 0, ..request }) =>
                {
                    more.write().extend(next.entries);
                    more_failed.set(None);
                }
                Ok(_) => {}
                Err(failure) => more_failed.set(Some(failure)),
            }
        });
    };
    rsx! {
        header { class: "page-head row-between",
            h1 { {t!("records-title")} }
            a { class: "button", id: "add", href: "#/add",
                IconView { icon: Icon::Plus }
                {t!("add-go")}
            }
        }
        div { class: "stack",
            div { class: "search", role: "search",
                label { class: "spoken", r#for: "search", {t!("records-search")} }
                IconView { icon: Icon::Search }
                input {
                    class: "input", id: "search", r#type: "search", autocomplete: "off", spellcheck: "false",
                    placeholder: t!("records-search"),
                    value: "{filter.read().text}",
                    oninput: move |event| { start.set(0); limit.set(PAGE); filter.write().text = event.value(); },
                }
            }
            match &*asked.read() {
                None => rsx! { Skeleton { lines: 7 } },
                Some(Err(failure)) => rsx! { FailureView { failure: failure.clone(), again: move |()| asked.restart() } },
                Some(Ok(page)) => {
                    let mut page = page.clone();
                    page.entries.extend(more().into_iter());
                    rsx! {
                        TimelineView {
                            page, category: category.clone(), filter: filter(), start: start(), loading: loading(),
                            change: move |to| { start.set(0); limit.set(PAGE); filter.set(to); },
                            jump: move |to| { start.set(to); limit.set(PAGE); platform::focus("found"); },
                            more: load,
                        }
                        if let Some(failure) = more_failed() {
                            FailureView { failure }
                        }
                    }
                }
            }
        }
    }
}

/// Filters, categories and timeline. `start`: how many facts stand before the first that is shown.
#[component]
pub fn TimelineView(
    page: Timeline,
    category: Option<String>,
    filter: TimelineFilter,
    start: u64,
    #[props(default)] loading: bool,
    change: EventHandler<TimelineFilter>,
    jump: EventHandler<u64>,
    more: EventHandler<()>,
) -> Element {
    if page.all == 0 {
        return rsx! {
            Empty { icon: Icon::Records, title: t!("records-empty-title"), text: t!("records-empty-text"),
                a { class: "button button-primary", href: "#/add",
                    IconView { icon: Icon::Plus }
                    {t!("add-go")}
                }
            }
        };
    }
    let left = page.total.saturating_sub(start + page.entries.len() as u64);
    rsx! {
        Filters { filter: filter.clone(), sources: page.sources.clone(), change }
        Categories { counts: page.categories.clone(), chosen: category.clone() }
        Found { total: page.total, all: page.all, filter: filter.clone(), category: category.clone(), change }
        if page.total == 0 {
            Empty { icon: Icon::Search, title: t!("records-none-title"),
                text: if filter.text.is_empty() { t!("records-none-here") } else { t!("records-none-text", text = &filter.text) }
            }
        }
        if page.years.len() > 2 {
            Years { years: page.years.clone(), jump }
        }
        if start > 0 {
            div { class: "actions",
                button { class: "button", r#type: "button", onclick: move |_| jump.call(0), {t!("records-newest")} }
            }
        }
        for (year, entries) in by_year(&page.entries) {
            section { key: "{year}", class: "year-group", "aria-label": "{year}",
                h2 { class: "year", "{year}" }
                ul { class: "list",
                    for entry in entries {
                        li { key: "{entry.line.id}", EntryRow { entry } }
                    }
                }
            }
        }
        if left > 0 {
            div { class: "actions",
                button { class: "button", r#type: "button", id: "more", "aria-disabled": loading.then_some("true"), onclick: move |_| more.call(()),
                    {if loading { t!("loading") } else { t!("records-more", count = left) }}
                }
            }
        }
    }
}

#[component]
fn Categories(counts: Vec<CategoryCount>, chosen: Option<String>) -> Element {
    // The one that is chosen stays to be let go, also where nothing of it is left.
    let shown = counts
        .into_iter()
        .filter(|count| count.count > 0 || chosen.as_ref() == Some(&count.category))
        .collect::<Vec<_>>();
    rsx! {
        div { class: "chips", role: "group", "aria-label": t!("records-categories"),
            button { class: "chip", "aria-pressed": if chosen.is_none() { "true" } else { "false" }, onclick: move |_| platform::go("#/records"),
                {t!("category-all")}
            }
            for count in shown {
                button {
                    key: "{count.category}",
                    class: "chip",
                    "aria-pressed": if chosen.as_ref() == Some(&count.category) { "true" } else { "false" },
                    onclick: { let to = format!("#/records/in/{}", count.category); move |_| platform::go(&to) },
                    {t!(category_key(&count.category))}
                    span { class: "chip-count", {crate::i18n::grouped(i64::try_from(count.count).unwrap_or(i64::MAX))} }
                }
            }
        }
    }
}

/// The years there are, to jump to.
#[component]
fn Years(years: Vec<YearCount>, jump: EventHandler<u64>) -> Element {
    let mut before = 0u64;
    let places: Vec<(YearCount, u64)> = years
        .into_iter()
        .map(|year| {
            let place = before;
            before = before.saturating_add(year.count);
            (year, place)
        })
        .collect();
    rsx! {
        nav { class: "years", "aria-label": t!("records-years"),
            for (year, place) in places {
                button { key: "{year.year:?}", class: "year-jump", r#type: "button", onclick: move |_| jump.call(place),
                    {year_name(year.year)}
                    span { class: "spoken", " " {t!("count-records", count = year.count)} }
                }
            }
        }
    }
}

fn year_name(year: Option<u16>) -> String {
    year.map_or_else(|| t!("record-undated"), |year| year.to_string())
}

/// The entries in their order, cut where the year changes.
fn by_year(entries: &[TimelineEntry]) -> Vec<(String, Vec<TimelineEntry>)> {
    let year = |entry: &TimelineEntry| entry.line.date.as_deref().and_then(format::year).map(str::to_owned);
    entries
        .chunk_by(|a, b| year(a) == year(b))
        .map(|chunk| {
            let heading = chunk.first().and_then(year).unwrap_or_else(|| t!("record-undated"));
            (heading, chunk.to_vec())
        })
        .collect()
}
