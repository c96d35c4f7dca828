//! The second step: kinds of records, since when, and the list of what goes in and what stays.

use super::Next;
use super::draft::{Draft, count_of};
use super::lists::{GoesIn, Sensitive, Stays};
use crate::app::route::{Route, Step};
use crate::app::session::{Session, loaded};
use crate::app::wallet;
use crate::format;
use crate::kit::{DateField, Empty, Fold, Icon, IconView, category_icon, category_key};
use crate::platform;
use carnet_bridge::{FailureCode, ShareChoice, ShareDraft, SharePreview};
use dioxus::prelude::*;

/// The step.
#[component]
pub fn What() -> Element {
    let session = use_context::<Session>();
    let draft = session.draft;
    // Asked anew whenever something is ticked; until the answer is there the last one is shown.
    let asked = use_resource(move || async move {
        let wanted = draft.read().for_wallet();
        match wallet::preview_share(wanted.clone()).await {
            Err(failure) if failure.code == FailureCode::NothingSelected => {
                // Nothing is ticked, and the person still has to see what there is to tick.
                let choice = ShareChoice { sensitive: wanted.choice.sensitive.clone(), ..ShareChoice::default() };
                wallet::preview_share(ShareDraft { choice, ..wanted }).await.map(without_any)
            }
            answer => answer,
        }
    });
    loaded(asked, |preview| rsx! { WhatView { preview: preview.clone(), draft } })
}

/// The choice itself.
#[component]
pub fn WhatView(preview: SharePreview, draft: Signal<Draft>) -> Element {
    let since = use_signal(|| draft.peek().share.choice.since.clone().unwrap_or_default());
    // Half a year is no mistake while it is being typed.
    let mut tried = use_signal(|| false);
    let wrong_date = !since.read().is_empty() && format::parse_date(&since.read()).is_none();
    use_effect(move || {
        let typed = since();
        let wanted = Some(typed).filter(|typed| format::parse_date(typed).is_some());
        if draft.peek().share.choice.since != wanted {
            draft.write().share.choice.since = wanted;
        }
    });
    if preview.available.is_empty() {
        return rsx! {
            Empty { icon: Icon::Records, title: t!("records-empty-title"), text: t!("records-empty-text"),
                a { class: "button button-primary", id: "add", href: "#/add",
                    IconView { icon: Icon::Plus }
                    {t!("add-title")}
                }
            }
        };
    }
    let nothing = preview.records == 0;
    let chosen = draft.read().categories();
    let shown: Vec<String> = preview.available.iter().map(|count| count.category.clone()).collect();
    rsx! {
        form {
            class: "stack",
            novalidate: true,
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                if wrong_date {
                    tried.set(true);
                    platform::focus("since");
                } else if !nothing {
                    platform::go(&Route::Share(Step::Long).fragment());
                }
            },
            p { class: "tally", role: "status", id: "share-count",
                IconView { icon: if nothing { Icon::Info } else { Icon::Share } }
                span { class: "grow", {if nothing { t!("share-nothing") } else { t!("share-what-count", count = preview.records) }} }
            }
            fieldset {
                legend { class: "spoken", {t!("share-what-title")} }
                div { class: "choices choices-tight",
                    for count in preview.available.clone() {
                        label { key: "{count.category}", class: "choice choice-line",
                            input {
                                r#type: "checkbox",
                                id: "kind-{count.category}",
                                checked: chosen.contains(&count.category),
                                onchange: {
                                    let (category, shown) = (count.category.clone(), shown.clone());
                                    move |event: FormEvent| draft.write().tick_category(&category, event.checked(), &shown)
                                },
                            }
                            IconView { icon: category_icon(&count.category) }
                            span { class: "grow", {t!(category_key(&count.category))} }
                            span { class: "choice-count", {t!("share-count-of", count = count_of(&preview.categories, &count.category), all = count.count)} }
                        }
                    }
                }
            }
            Fold { id: "since-fold", icon: Icon::Clock, title: t!("share-since"), detail: since_detail(&draft.read()), open: !since.peek().is_empty(),
                DateField { id: "since", legend: t!("share-since-legend"), hint: t!("share-since-hint"), error: if wrong_date && tried() { t!("problem-no-date") } else { String::new() }, value: since }
            }
            Sensitive { preview: preview.clone(), draft }
            section { class: "section stack", "aria-labelledby": "list-title",
                h2 { class: "part", id: "list-title", {t!("share-list-title")} }
                p { class: "soft", {t!("share-list-text")} }
                GoesIn { preview: preview.clone(), draft }
                Stays { preview, draft }
            }
            Next { blocked: nothing || (wrong_date && tried()) }
        }
    }
}

/// What there is to choose from, with nothing chosen.
fn without_any(mut preview: SharePreview) -> SharePreview {
    (preview.records, preview.more) = (0, 0);
    preview.categories.clear();
    preview.lines.clear();
    preview.held_back.retain(|held| held.reason == "sensitive");
    preview
}

fn since_detail(draft: &Draft) -> String {
    match &draft.share.choice.since {
        Some(since) => t!("share-since-set", date = format::date(since)),
        None => t!("share-since-all"),
    }
}
