//! The open document: banner, seal, then the records in a clinician's order.

use super::document::{ALWAYS, Document, Item, Live, ORDER, PAST};
use super::files::{Bytes, FileLine, KeepFile};
use super::seal::seal;
use super::signers::{Attested, Cards};
use crate::format;
use crate::kit::{
    Icon, IconView, Notice, RangeView, Tone, category_icon, category_key, fact_label, range_words, status_text, use_now,
};
use crate::platform;
use carnet_consent::grant::{Access, LeftOut, Obligation};
use carnet_consent::verify::Verification;
use carnet_records::display::Description;
use dioxus::prelude::*;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A document handed to components; two handles are equal if they are of the same document.
#[derive(Clone)]
pub struct Shared(pub Rc<Document>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What was checked so far; compared by outcome, which is all that is shown of it.
#[derive(Clone)]
pub struct Checked(pub Option<Verification>);

impl PartialEq for Checked {
    fn eq(&self, other: &Self) -> bool {
        let outcomes = |checked: &Self| {
            checked.0.as_ref().map(|checked| {
                [
                    checked.signature,
                    checked.entries_unaltered,
                    checked.in_time,
                    checked.in_ledger,
                    checked.not_withdrawn,
                ]
            })
        };
        outcomes(self) == outcomes(other)
    }
}

/// The whole page of an open document.
#[component]
pub fn SummaryView(
    document: Shared,
    verification: Checked,
    checking: bool,
    #[props(default)] attested: Option<Attested>,
    who: String,
    #[props(default)] again: Option<EventHandler<()>>,
) -> Element {
    let now = use_now();
    let held = &document.0;
    let checked = verification.0.as_ref();
    let grant = checked.and_then(|checked| checked.grant.as_ref());
    let expires = grant.map(|grant| grant.expires).or(held.link_expires);
    let left_out = grant.map(|grant| grant.what.left_out);
    let may_keep = grant.is_none_or(|grant| grant.how.access.contains(Access::Download));
    let unfolded = use_signal(BTreeSet::new);
    let folds = foldable(held);
    rsx! {
        main { class: "sheet", id: "page", tabindex: "-1", "aria-labelledby": "patient",
            Banner { document: document.clone(), expires, now: now() }
            NotPrinted { folds: folds.clone(), unfolded }
            {seal(checked, checking, attested.as_ref(), &who, now())}
            if !held.cards.is_empty() {
                Cards { cards: held.cards.clone() }
            }
            if let Some(live) = held.live.clone() {
                Follows { live, now: now(), again }
            }
            if let Some(grant) = grant {
                Asks { obligations: grant.obligations.iter().map(asks_key).collect::<Vec<_>>(), erase_by: grant.erase_by, now: now() }
            }
            if left_out == Some(LeftOut::Something) {
                Notice { tone: Tone::Warn, icon: Icon::EyeOff, title: t!("left-out-title"), p { {t!("left-out-text")} } }
            }
            for (at, category) in ORDER.into_iter().enumerate() {
                if let Some(items) = held.sections.get(category) {
                    if at < ALWAYS {
                        Section { key: "{category}", category, items: items.clone() }
                    } else {
                        FoldedSection { key: "{category}", category, items: items.clone(), unfolded }
                    }
                } else if at < ALWAYS && !held.sections.is_empty() {
                    section { key: "{category}", class: "group",
                        h2 { IconView { icon: icon(category) } {title(category)} }
                        p { class: "soft",
                            {if category == "problem" && held.sections.contains_key(PAST) { t!("problems-past-only") } else { t!("nothing-here") }}
                        }
                    }
                }
            }
            if held.not_shown > 0 {
                Notice { tone: Tone::Warn, title: t!("not-shown", count = held.not_shown), p { {t!("not-shown-text")} } }
            }
            if !held.attachments.is_empty() {
                section { class: "group",
                    h2 { IconView { icon: Icon::Document } {t!("files-title")} }
                    ul { class: "list",
                        for (at, attachment) in held.attachments.iter().cloned().enumerate() {
                            li { key: "{at}", FileLine { attachment, may_keep } }
                        }
                    }
                }
            }
            div { class: "actions no-print",
                PrintWays { folds, unfolded }
                if may_keep {
                    for (at, file) in held.files.iter().cloned().enumerate() {
                        KeepFile { key: "{at}", bytes: Bytes(file) }
                    }
                }
            }
            p { class: "print-only small", {t!("printed", when = format::full_moment(now()), who = &who)} }
        }
    }
}

/// A document that can change: since when it is as it is, and the way to look again.
#[component]
fn Follows(live: Live, now: i64, again: Option<EventHandler<()>>) -> Element {
    let title = if live.finished { t!("live-finished") } else { t!("live-title") };
    rsx! {
        Notice { tone: Tone::Plain, icon: Icon::Again, title,
            p { id: "updated",
                {live.updated.map_or_else(|| t!("live-updated-unknown"), |at| t!("live-updated", when = format::moment(at, now)))}
            }
            if let Some(again) = again.filter(|_| !live.finished) {
                p { class: "soft small no-print", {t!("live-again-text")} }
                button { class: "button no-print", r#type: "button", id: "look-again", onclick: move |_| again.call(()), IconView { icon: Icon::Again } {t!("live-again")} }
            }
        }
    }
}

/// What the patient asks the reader to hold to. Nothing is shown where nothing is asked.
#[component]
fn Asks(obligations: Vec<&'static str>, erase_by: Option<i64>, now: i64) -> Element {
    if obligations.is_empty() && erase_by.is_none() {
        return rsx! {};
    }
    rsx! {
        div { class: "notice", role: "note", id: "asks",
            IconView { icon: Icon::Hand }
            div { class: "notice-body",
                p { class: "notice-title", {t!("asks-title")} }
                ul { class: "asked stack-tight",
                    for key in obligations {
                        li { key: "{key}", {t!(key)} }
                    }
                    if let Some(at) = erase_by {
                        li { {t!("asks-erase", when = format::moment(at, now))} }
                    }
                }
            }
        }
    }
}

fn asks_key(obligation: Obligation) -> &'static str {
    match obligation {
        Obligation::NoRedisclosure => "asks-no-redisclosure",
        Obligation::DeleteAfterUse => "asks-delete-after-use",
        _ => "asks-other",
    }
}

/// Who the patient is, and until when this can be seen.
#[component]
fn Banner(document: Shared, expires: Option<i64>, now: i64) -> Element {
    let patient = document.0.patient.clone().unwrap_or_default();
    let name = if patient.name.is_empty() { t!("patient-unnamed") } else { patient.name };
    let sex = match patient.sex.as_deref() {
        Some("male") => t!("sex-male"),
        Some("female") => t!("sex-female"),
        Some("other") => t!("sex-other"),
        _ => t!("sex-unknown"),
    };
    rsx! {
        header { class: "banner", id: "banner",
            h1 { id: "patient", dir: "auto", "{name}" }
            p { class: "banner-facts",
                span { {patient.birth_date.as_deref().map_or_else(|| t!("born-unknown"), |date| t!("born", date = format::date(date)))} }
                span { "{sex}" }
                span { {t!("count-records", count = document.0.records())} }
            }
            p { class: "banner-shared",
                IconView { icon: Icon::Hand }
                {match expires {
                    Some(expires) if expires > now => t!("shared-until", when = format::moment(expires, now)),
                    Some(expires) => t!("shared-ended", when = format::moment(expires, now)),
                    None => t!("shared"),
                }}
            }
        }
    }
}

/// The categories that begin folded, in their order, with how many records each has.
fn foldable(document: &Document) -> Vec<(&'static str, usize)> {
    let folded = ORDER.into_iter().skip(ALWAYS);
    folded.filter_map(|category| Some((category, document.sections.get(category)?.len()))).collect()
}

/// On paper: what is left out of it because it is folded, so that nobody takes the pages for the whole.
#[component]
fn NotPrinted(folds: Vec<(&'static str, usize)>, unfolded: Signal<BTreeSet<&'static str>>) -> Element {
    let unfolded = unfolded.read();
    let folded = folds.into_iter().filter(|(category, _)| !unfolded.contains(category));
    let named: Vec<_> =
        folded.map(|(category, count)| t!("named-count", name = title(category), count = count)).collect();
    if named.is_empty() {
        return rsx! {};
    }
    rsx! { p { class: "print-only strong", id: "not-printed", {t!("not-printed", what = named.join(", "))} } }
}

/// The ways to put it on paper: all of it, or what is unfolded.
#[component]
fn PrintWays(folds: Vec<(&'static str, usize)>, unfolded: Signal<BTreeSet<&'static str>>) -> Element {
    let mut printing = use_signal(|| false);
    // An effect comes after the page was drawn, so that what was just unfolded is on the paper.
    use_effect(move || {
        if printing() {
            printing.set(false);
            // The button that unfolded everything is gone by now, and the focus with it.
            platform::focus("print");
            platform::print();
        }
    });
    let all: BTreeSet<_> = folds.into_iter().map(|(category, _)| category).collect();
    let folded = !all.is_subset(&unfolded.read());
    let print_all = move |_| {
        unfolded.set(all.clone());
        printing.set(true);
    };
    rsx! {
        if folded {
            button { class: "button", r#type: "button", id: "print-all", onclick: print_all, IconView { icon: Icon::Print } {t!("print-all")} }
        }
        button { class: "button", r#type: "button", id: "print", onclick: move |_| printing.set(true), IconView { icon: Icon::Print }
            {if folded { t!("print-unfolded") } else { t!("print") }}
        }
    }
}

/// One category that is always open.
#[component]
fn Section(category: &'static str, items: Vec<Item>) -> Element {
    let count = items.len();
    rsx! {
        section { class: "group group-first", id: "group-{category}",
            h2 { IconView { icon: icon(category) } {title(category)} span { class: "group-count", "{count}" } }
            Items { items }
        }
    }
}

/// One category, folded with its count until it is touched.
#[component]
fn FoldedSection(category: &'static str, items: Vec<Item>, unfolded: Signal<BTreeSet<&'static str>>) -> Element {
    let count = items.len();
    let open = use_memo(move || unfolded.read().contains(category));
    let turn = move |_| {
        let mut unfolded = unfolded.write();
        if !unfolded.remove(category) {
            unfolded.insert(category);
        }
    };
    rsx! {
        section { class: "group", id: "group-{category}",
            h2 {
                button { class: "group-fold", r#type: "button", "aria-expanded": "{open}", onclick: turn,
                    IconView { icon: icon(category) }
                    span { class: "grow", {title(category)} span { class: "group-count", "{count}" } }
                    IconView { icon: Icon::Forward, class: "icon-fold" }
                }
            }
            if open() {
                Items { items }
            }
        }
    }
}

#[component]
fn Items(items: Vec<Item>) -> Element {
    rsx! {
        ul { class: "items",
            for (at, item) in items.into_iter().enumerate() {
                li { key: "{at}", ItemView { description: item.description } }
            }
        }
    }
}

/// One record: a line with what matters, unfolding to its facts.
#[component]
fn ItemView(description: Description) -> Element {
    let mut unfolded = use_signal(|| false);
    let title = if description.title.is_empty() { t!("record-untitled") } else { description.title.clone() };
    let mut beside = description.detail();
    if let Some(measured) = &description.measurement
        && (measured.low.is_some() || measured.high.is_some())
    {
        let range = range_words(measured.low.as_deref(), measured.high.as_deref());
        beside = t!("value-with-range", value = beside, range = range);
    }
    let date = description.date.as_deref().map(format::date).unwrap_or_default();
    let status = description
        .status
        .as_deref()
        .filter(|status| !matches!(*status, "final" | "completed" | "finished"))
        .map(status_text);
    let more =
        !description.facts.is_empty() || description.measurement.is_some() || description.narrative_text.is_some();
    rsx! {
        button { class: "item", disabled: !more, "aria-expanded": more.then(|| unfolded().to_string()), onclick: move |_| unfolded.toggle(),
            span { class: "item-main",
                span { class: "item-title", dir: "auto", "{title}" }
                if !beside.is_empty() {
                    span { class: "item-detail", dir: "auto", "{beside}" }
                }
                if description.is_high_danger() {
                    span { class: "tag tag-warn", IconView { icon: Icon::Warn } {t!("high-danger")} }
                }
            }
            span { class: "item-end",
                if let Some(status) = status {
                    span { class: "item-status", "{status}" }
                }
                span { class: "figures", "{date}" }
            }
            if more {
                IconView { icon: Icon::Forward, class: "icon-fold no-print" }
            }
        }
        if unfolded() {
            div { class: "item-more",
                if let Some(measured) = description.measurement.clone() {
                    RangeView { value: measured.value, unit: measured.unit, low: measured.low, high: measured.high }
                }
                dl { class: "facts",
                    for (at, fact) in description.facts.iter().enumerate() {
                        div { key: "{at}", dt { {fact_label(fact.label.key())} } dd { dir: "auto", "{fact.value}" } }
                    }
                }
                if let Some(text) = &description.narrative_text {
                    details {
                        summary { IconView { icon: Icon::Forward, class: "icon-fold" } {t!("narrative")} }
                        p { class: "soft item-text", dir: "auto", "{text}" }
                    }
                }
            }
        }
    }
}

fn title(category: &str) -> String {
    match category {
        "alert" => t!("category-alert"),
        PAST => t!("category-past-problem"),
        other => t!(category_key(other)),
    }
}

fn icon(category: &str) -> Icon {
    match category {
        "alert" => Icon::Warn,
        PAST => category_icon("problem"),
        other => category_icon(other),
    }
}
