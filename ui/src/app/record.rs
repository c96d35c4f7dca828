//! The page of one record: what it says, its value over time, where it comes from, what else says so, what belongs to it.

pub mod attachments;
pub mod labels;
pub mod measured;
pub mod sources;

use super::route::Route;
use super::session::{FailureView, Session};
use super::wallet;
use crate::format;
use crate::kit::{Icon, IconView, Notice, Skeleton, Sure, Tone, category_icon, category_key, fact_label, status_text};
use crate::platform;
use attachments::Attachments;
use carnet_bridge::{Failure, LinkedRecord, RecordSheet};
use dioxus::prelude::*;
use labels::Labels;
use measured::Measured;
use sources::{Agreement, Provenance, SealLine};

/// Asks the wallet and shows one record.
#[component]
pub fn RecordPage(id: String) -> Element {
    let session = use_context::<Session>();
    let left = id.clone();
    use_hook(move || {
        let mut place = session.place;
        if let Some(place) = place.write().as_mut() {
            place.opened = left;
        }
    });
    // Back to the list that it was opened from, which may be of one category.
    let list = use_hook(|| {
        let category = session.place.peek().as_ref().and_then(|place| place.category.clone());
        Route::Records(category).fragment()
    });
    let mut sheet = use_signal(|| None::<Result<RecordSheet, Failure>>);
    let mut asked = use_resource(move || {
        let id = id.clone();
        async move {
            (session.changed)();
            sheet.set(Some(wallet::sheet(id).await.map(|sheet| *sheet)));
        }
    });
    rsx! {
        a { class: "back", href: list, IconView { icon: Icon::Back } {t!("records-title")} }
        match sheet() {
            None => rsx! { Skeleton {} },
            Some(Err(failure)) => rsx! { FailureView { failure, again: move |()| asked.restart() } },
            Some(Ok(shown)) => rsx! { RecordView { sheet: shown, changed: move |to| sheet.set(Some(Ok(to))) } },
        }
    }
}

/// The record itself. `changed` is told what the wallet answered to a change.
#[component]
pub fn RecordView(sheet: RecordSheet, changed: EventHandler<RecordSheet>) -> Element {
    let record = &sheet.detail;
    let line = &record.line;
    let title = if line.title.is_empty() { t!("record-untitled") } else { line.title.clone() };
    rsx! {
        header { class: "page-head",
            p { class: "kicker", IconView { icon: category_icon(&line.category) } " " {t!(category_key(&line.category))} }
            h1 { dir: "auto", "{title}" }
            p { class: "row soft",
                span { {line.date.as_deref().map_or_else(|| t!("record-undated"), format::date)} }
                if let Some(status) = &line.status {
                    span { "· " {status_text(status)} }
                }
                if line.sensitive {
                    span { class: "tag", IconView { icon: Icon::EyeOff } {t!("record-sensitive")} }
                }
            }
            SealLine { signature: sheet.signature.clone() }
        }
        div { class: "stack",
            if line.another {
                Notice { tone: Tone::Warn, icon: Icon::People, title: t!("record-another-title"), p { {t!("record-another-text")} } }
            }
            Agreement { disagreements: sheet.disagreements.clone(), current: line.id.clone() }
            Measured { value: record.measurement.clone(), trend: sheet.trend.clone(), current: line.id.clone() }
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
            Attachments { record: line.id.clone(), attachments: sheet.attachments.clone() }
            Linked { linked: sheet.linked.clone() }
            if sheet.own.is_some() {
                Own { id: line.id.clone() }
            }
            Labels { record: line.id.clone(), labels: sheet.labels.clone(), changed }
            Provenance { sheet: sheet.clone() }
        }
    }
}

/// What it refers to and what refers to it.
#[component]
fn Linked(linked: Vec<LinkedRecord>) -> Element {
    if linked.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { "aria-labelledby": "linked",
            h2 { id: "linked", class: "part", {t!("record-linked")} }
            ul { class: "list",
                for (at, link) in linked.into_iter().enumerate() {
                    li { key: "{at}",
                        if let Some(line) = link.line {
                            a { class: "line", href: "#/records/{line.id}",
                                IconView { icon: category_icon(&line.category) }
                                span { class: "grow",
                                    span { class: "line-detail", {relation(&link.relation)} }
                                    span { class: "line-title", dir: "auto", {if line.title.is_empty() { t!("record-untitled") } else { line.title.clone() }} }
                                }
                                span { class: "line-end", {line.date.as_deref().map(format::date).unwrap_or_default()} }
                            }
                        } else {
                            div { class: "line",
                                IconView { icon: Icon::Unknown, class: "tone-soft" }
                                span { class: "grow",
                                    span { class: "line-detail", {relation(&link.relation)} }
                                    span { class: "line-title", dir: "auto", "{link.named}" }
                                    span { class: "line-detail", {t!("record-not-here")} }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn relation(label: &str) -> String {
    if label == "mentions" { t!("record-mentioned") } else { fact_label(label) }
}

/// What can be done with what the person typed in.
#[component]
fn Own(id: String) -> Element {
    let session = try_consume_context::<Session>();
    let mut sure = use_signal(|| false);
    let mut busy = use_signal(|| false);
    // Who keeps it is back at the button that asked.
    let mut kept = use_signal(|| false);
    use_effect(move || {
        if kept() {
            kept.set(false);
            platform::focus("delete");
        }
    });
    let edit = format!("#/edit/{id}");
    let delete = move |()| {
        let id = id.clone();
        let (Some(session), false) = (session, busy()) else { return };
        session.trying();
        busy.set(true);
        spawn(async move {
            match wallet::delete_entry(id).await {
                Ok(()) => {
                    session.say(t!("toast-deleted"));
                    session.touch();
                    platform::go("#/records");
                }
                Err(failure) => session.fail(&failure),
            }
            busy.set(false);
        });
    };
    rsx! {
        section { class: "card", "aria-labelledby": "own",
            h2 { id: "own", {t!("own-title")} }
            p { class: "soft", {t!("own-text")} }
            if sure() {
                SureDelete { busy: busy(), onyes: delete, onno: move |()| { sure.set(false); kept.set(true); } }
            } else {
                div { class: "row",
                    a { class: "button", id: "edit", href: "{edit}", {t!("own-edit")} }
                    button { class: "button button-stop", r#type: "button", id: "delete", onclick: move |_| sure.set(true), {t!("own-delete")} }
                }
            }
        }
    }
}

/// The question before a typed record goes.
#[component]
pub fn SureDelete(busy: bool, onyes: EventHandler<()>, onno: EventHandler<()>) -> Element {
    rsx! {
        Sure {
            id: "sure-delete",
            title: t!("own-delete-sure"),
            text: t!("own-delete-text"),
            yes: t!("own-delete"),
            no: t!("own-keep"),
            busy,
            onyes,
            onno,
        }
    }
}
