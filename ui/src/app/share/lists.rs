//! What goes in and what stays: the records themselves, grouped, each with its own tick.

use super::draft::{Draft, Picked, count_of};
use crate::format;
use crate::kit::{Fold, Icon, IconView, category_icon, category_key, sensitivity_key};
use carnet_bridge::{HeldBack, SharePreview, ShareRecord};
use dioxus::prelude::*;

/// The most records that can be taken in one by one, as a grant has it.
const MOST_SINGLE: usize = carnet_consent::grant::Scope::MAX_PINNED;

/// One name for a group of records that are held back, on this page only.
pub fn group_key(held: &HeldBack) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    format!("{}-{}{}", held.reason, part(&held.label), part(&held.category))
}

/// What goes in, by kind. A record that was unticked stays in its place, without its tick.
#[component]
pub fn GoesIn(preview: SharePreview, draft: Signal<Draft>) -> Element {
    let unticked: Vec<ShareRecord> =
        preview.held_back.iter().filter(|held| held.reason == "unticked").flat_map(|held| held.lines.clone()).collect();
    let mut kinds: Vec<String> = preview.categories.iter().map(|count| count.category.clone()).collect();
    for record in preview.lines.iter().chain(&unticked) {
        if !kinds.contains(&record.category) {
            kinds.push(record.category.clone());
        }
    }
    rsx! {
        div { class: "folds",
            for kind in kinds {
                Fold {
                    key: "{kind}",
                    id: "in-{kind}",
                    icon: category_icon(&kind),
                    title: t!(category_key(&kind)),
                    count: crate::i18n::grouped(count_of(&preview.categories, &kind) as i64),
                    Ticks {
                        records: of_kind(&preview.lines, &unticked, &kind),
                        ticked: preview.lines.iter().map(|record| record.id.clone()).collect::<Vec<_>>(),
                        change: move |(record, on): (ShareRecord, bool)| draft.write().leave_out(&record.id, !on),
                    }
                }
            }
        }
        if preview.more > 0 {
            p { class: "soft", {t!("share-more-in", count = preview.more)} }
        }
    }
}

/// The records of one kind, the unticked ones among them, newest first.
fn of_kind(lines: &[ShareRecord], unticked: &[ShareRecord], kind: &str) -> Vec<ShareRecord> {
    let mut records: Vec<_> = lines.iter().chain(unticked).filter(|record| record.category == kind).cloned().collect();
    records.sort_by(|a, b| b.date.cmp(&a.date));
    records
}

/// Sensitive subjects: each can be ticked by itself, and so can each record below it.
#[component]
pub fn Sensitive(preview: SharePreview, draft: Signal<Draft>) -> Element {
    let groups: Vec<HeldBack> = preview.held_back.into_iter().filter(|held| held.reason == "sensitive").collect();
    let mut labels: Vec<String> = groups.iter().filter_map(|held| held.label.clone()).collect();
    let ticked = draft.read().share.choice.sensitive.clone();
    labels.extend(ticked.iter().filter(|label| !groups.iter().any(|held| held.label.as_ref() == Some(label))).cloned());
    // Whatever is ticked, the subjects keep their places.
    labels.sort();
    labels.dedup();
    if labels.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "section", "aria-labelledby": "sensitive-title",
            h2 { class: "part", id: "sensitive-title", {t!("share-held-title")} }
            p { class: "point kept-text", IconView { icon: Icon::EyeOff } span { class: "grow", {t!("share-held-text")} } }
            ul { class: "card subjects",
                for label in labels {
                    Subject {
                        key: "{label}",
                        held: groups.iter().find(|held| held.label.as_ref() == Some(&label)).cloned(),
                        on: ticked.contains(&label),
                        label,
                        draft,
                    }
                }
            }
        }
    }
}

/// One sensitive subject.
#[component]
fn Subject(label: String, held: Option<HeldBack>, on: bool, draft: Signal<Draft>) -> Element {
    let detail = match (&held, on) {
        (None, _) => t!("share-held-goes"),
        // Ticked, and some of it is held back still: it has another subject as well.
        (Some(held), true) => t!("share-held-other", count = held.count),
        (Some(held), false) => t!("share-held-stays", count = held.count),
    };
    let name = t!(sensitivity_key(&label));
    rsx! {
        li {
            label { class: "tick tick-large",
                input { r#type: "checkbox", id: "sensitive-{label}", checked: on,
                    onchange: { let label = label.clone(); move |event: FormEvent| draft.write().tick_sensitive(&label, event.checked()) } }
                span { class: "grow",
                    span { class: "strong block", "{name}" }
                    span { class: "soft block small", "{detail}" }
                }
            }
            if let Some(held) = held {
                Fold { id: "one-by-one-{label}", title: t!("share-one-by-one"),
                    HeldRecords { held, draft }
                }
            }
        }
    }
}

/// Everything else that stays, by reason, folded away.
#[component]
pub fn Stays(preview: SharePreview, draft: Signal<Draft>) -> Element {
    let apart = |held: &HeldBack| matches!(held.reason.as_str(), "sensitive" | "unticked");
    let groups: Vec<HeldBack> = preview.held_back.into_iter().filter(|held| !apart(held)).collect();
    let all: u64 = groups.iter().map(|held| held.count).sum();
    // A group of which everything was ticked is gone from the wallet's answer; its records are among those that go in.
    if groups.is_empty() {
        return rsx! {};
    }
    rsx! {
        Fold { id: "stays", icon: Icon::Lock, title: t!("share-stays"), detail: t!("share-stays-text"), count: crate::i18n::grouped(all as i64),
            div { class: "folds",
                for held in groups {
                    Fold {
                        key: "{group_key(&held)}",
                        id: "held-{group_key(&held)}",
                        icon: category_icon(held.category.as_deref().unwrap_or_default()),
                        title: t!(category_key(held.category.as_deref().unwrap_or_default())),
                        detail: t!(reason_key(&held.reason)),
                        count: crate::i18n::grouped(held.count as i64),
                        HeldRecords { held, draft }
                    }
                }
            }
        }
    }
}

/// The records of one group that is held back, with those that the person ticked in it.
#[component]
fn HeldRecords(held: HeldBack, draft: Signal<Draft>) -> Element {
    let group = group_key(&held);
    let here = |picked: &Picked| picked.group == group && !held.lines.iter().any(|line| line.id == picked.record.id);
    let picked: Vec<ShareRecord> =
        draft.read().picked.iter().filter(|picked| here(picked)).map(|picked| picked.record.clone()).collect();
    let mut records = held.lines.clone();
    records.extend(picked);
    records.sort_by(|a, b| b.date.cmp(&a.date));
    let ticked = records.iter().filter(|record| draft.read().takes_in(&record.id)).map(|one| one.id.clone());
    // What the form has no place for, or is somebody else's, cannot be ticked into it, and only so many can be named one by
    // one.
    let full = draft.read().share.choice.with.len() >= MOST_SINGLE;
    let fixed = matches!(held.reason.as_str(), "no_place" | "another_person");
    let beyond = held.count.saturating_sub(held.lines.len() as u64);
    rsx! {
        Ticks {
            records: records.clone(),
            ticked: ticked.collect::<Vec<_>>(),
            closed: full || fixed,
            change: move |(record, on): (ShareRecord, bool)| {
                if on {
                    draft.write().take_in(&record, &group);
                } else {
                    draft.write().put_back(&record.id);
                }
            },
        }
        if full {
            p { class: "soft", role: "status", {t!("share-single-full", count = MOST_SINGLE)} }
        }
        if beyond > 0 {
            p { class: "soft", {t!("share-more-held", count = beyond)} }
        }
    }
}

/// Records to tick, one a line. `closed`: no more can be ticked.
#[component]
fn Ticks(
    records: Vec<ShareRecord>,
    ticked: Vec<String>,
    #[props(default)] closed: bool,
    change: EventHandler<(ShareRecord, bool)>,
) -> Element {
    rsx! {
        ul { class: "tick-list",
            for record in records {
                li { key: "{record.id}",
                    label { class: "tick",
                        input { r#type: "checkbox", checked: ticked.contains(&record.id), disabled: closed && !ticked.contains(&record.id),
                            onchange: { let record = record.clone(); move |event: FormEvent| change.call((record.clone(), event.checked())) } }
                        span { class: "grow tick-title", dir: "auto",
                            {if record.title.is_empty() { t!("record-untitled") } else { record.title.clone() }}
                        }
                        span { class: "tick-date figures", {record.date.as_deref().map(format::date).unwrap_or_default()} }
                    }
                }
            }
        }
    }
}

/// Why records stay, in a few words.
pub fn reason_key(reason: &str) -> &'static str {
    match reason {
        "category" => "held-category",
        "document" => "held-document",
        "unticked" => "held-unticked",
        "older" => "held-older",
        "newer" => "held-newer",
        "newer_values" => "held-newer-values",
        "not_current" => "held-not-current",
        "error" => "held-error",
        "no_place" => "held-no-place",
        "not_done" => "held-not-done",
        "another_person" => "held-another-person",
        "sensitive" => "held-sensitive",
        _ => "held-other",
    }
}
