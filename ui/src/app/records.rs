//! The list of records: search first, categories with counts, a timeline by year.

use super::session::{FailureView, Session};
use super::wallet;
use crate::format;
use crate::kit::{Empty, Icon, IconView, Skeleton, category_icon, category_key, status_text};
use crate::platform;
use carnet_bridge::{CategoryCount, RecordFilter, RecordLine, RecordPage};
use dioxus::prelude::*;

const PAGE: u32 = 50;

/// Search, categories and the list they choose.
#[component]
pub fn RecordsPage(category: Option<String>) -> Element {
    let session = use_context::<Session>();
    let mut text = session.search;
    let mut pages = use_signal(|| 1u32);
    let wanted = category.clone();
    let mut asked = use_resource(move || {
        let category = wanted.clone();
        async move {
            (session.changed)();
            wallet::records(RecordFilter { text: text(), category, offset: 0, limit: pages() * PAGE }).await
        }
    });
    rsx! {
        header { class: "page-head row-between",
            h1 { {t!("records-title")} }
            button { class: "button", id: "import", onclick: move |_| session.pick_and_import(),
                IconView { icon: Icon::Import }
                {t!("import-go")}
            }
        }
        div { class: "stack",
            div { class: "search", role: "search",
                label { class: "spoken", r#for: "search", {t!("records-search")} }
                IconView { icon: Icon::Search }
                input {
                    class: "input", id: "search", r#type: "search", autocomplete: "off", spellcheck: "false",
                    placeholder: t!("records-search"),
                    value: "{text}",
                    oninput: move |event| { pages.set(1); text.set(event.value()); },
                }
            }
            match &*asked.read() {
                None => rsx! { Skeleton { lines: 7 } },
                Some(Err(failure)) => rsx! { FailureView { failure: failure.clone(), again: move |()| asked.restart() } },
                Some(Ok(page)) => rsx! {
                    RecordsView { page: page.clone(), category: category.clone(), searched: text(), more: move |()| pages += 1 }
                },
            }
        }
    }
}

/// Categories and timeline.
#[component]
pub fn RecordsView(page: RecordPage, category: Option<String>, searched: String, more: EventHandler<()>) -> Element {
    let session = try_consume_context::<Session>();
    let all: u64 = page.categories.iter().map(|count| count.count).sum();
    if all == 0 {
        return rsx! {
            Empty { icon: Icon::Records, title: t!("records-empty-title"), text: t!("records-empty-text"),
                button { class: "button button-primary", onclick: move |_| if let Some(session) = session { session.pick_and_import() },
                    IconView { icon: Icon::Import }
                    {t!("import-go")}
                }
            }
        };
    }
    let shown = page.lines.len() as u64;
    rsx! {
        Categories { counts: page.categories.clone(), chosen: category.clone() }
        p { class: "soft", role: "status", id: "found", {t!("records-found", count = page.total)} }
        if page.lines.is_empty() {
            Empty { icon: Icon::Search, title: t!("records-none-title"),
                text: if searched.is_empty() { t!("records-none-here") } else { t!("records-none-text", text = searched) }
            }
        }
        for (year, lines) in by_year(&page.lines) {
            section { key: "{year}", "aria-label": "{year}",
                h2 { class: "year", "{year}" }
                ul { class: "list",
                    for line in lines {
                        li { key: "{line.id}", RecordRow { line } }
                    }
                }
            }
        }
        if shown < page.total {
            div { class: "actions",
                button { class: "button", onclick: move |_| more.call(()), {t!("records-more", count = page.total - shown)} }
            }
        }
    }
}

#[component]
fn Categories(counts: Vec<CategoryCount>, chosen: Option<String>) -> Element {
    rsx! {
        div { class: "chips", role: "group", "aria-label": t!("records-categories"),
            button { class: "chip", "aria-pressed": if chosen.is_none() { "true" } else { "false" }, onclick: move |_| platform::go("#/records"),
                {t!("category-all")}
            }
            for count in counts.into_iter().filter(|count| count.count > 0) {
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

/// One record in a list.
#[component]
pub fn RecordRow(line: RecordLine) -> Element {
    let title = if line.title.is_empty() { t!("record-untitled") } else { line.title.clone() };
    let detail = [
        Some(line.detail.clone()).filter(|detail| !detail.is_empty()),
        line.status
            .as_deref()
            .filter(|status| !matches!(*status, "final" | "completed" | "finished" | "active"))
            .map(status_text),
    ];
    let detail = detail.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    rsx! {
        a { class: "line", href: "#/records/{line.id}",
            IconView { icon: category_icon(&line.category) }
            span { class: "grow",
                span { class: "spoken", {t!(category_key(&line.category))} }
                span { class: "line-title", "{title}" }
                if !detail.is_empty() {
                    span { class: "line-detail", "{detail}" }
                }
                if line.sensitive {
                    span { class: "tag", IconView { icon: Icon::EyeOff } {t!("record-sensitive")} }
                }
            }
            span { class: "line-end", {line.date.as_deref().map(format::date).unwrap_or_default()} }
        }
    }
}

/// The lines in their order, cut where the year changes.
fn by_year(lines: &[RecordLine]) -> Vec<(String, Vec<RecordLine>)> {
    let year = |line: &RecordLine| line.date.as_deref().and_then(format::year).map(str::to_owned);
    lines
        .chunk_by(|a, b| year(a) == year(b))
        .map(|chunk| {
            let heading = chunk.first().and_then(year).unwrap_or_else(|| t!("record-undated"));
            (heading, chunk.to_vec())
        })
        .collect()
}
