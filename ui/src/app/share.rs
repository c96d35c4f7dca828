//! Sharing in four steps: who for, what, how long, and one sentence to read before it happens.

use super::route::{Route, Step};
use super::session::{FailureView, Session, loaded};
use super::wallet;
use crate::format;
use crate::kit::{Empty, Icon, IconView, Notice, TextField, Tone, category_icon, category_key, sensitivity_key};
use crate::platform;
use carnet_bridge::{Failure, ShareChoice, ShareDraft, SharePreset, SharePreview};
use dioxus::prelude::*;

/// The share being put together, as the four screens fill it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    preset: SharePreset,
    recipient: String,
    categories: Option<Vec<String>>,
    include_sensitive: bool,
    seconds: i64,
    passcode: String,
    max_openings: Option<u32>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            preset: SharePreset::Desk,
            recipient: String::new(),
            categories: None,
            include_sensitive: false,
            seconds: SharePreset::Desk.spans()[0],
            passcode: String::new(),
            max_openings: None,
        }
    }
}

impl Draft {
    fn choose(&mut self, preset: SharePreset) {
        self.preset = preset;
        self.categories = None;
        self.include_sensitive = false;
        self.seconds = preset.spans()[0];
        self.max_openings = None;
        self.passcode = if preset == SharePreset::Visit { platform::random_digits(6) } else { String::new() };
    }

    fn for_wallet(&self) -> ShareDraft {
        let labels = ["SUD", "MH", "HIV", "STD", "SEX", "SDV", "GDIS", "R"];
        let sensitive = if self.include_sensitive { labels.map(str::to_owned).to_vec() } else { Vec::new() };
        ShareDraft {
            recipient: self.recipient.trim().to_owned(),
            choice: ShareChoice { categories: self.categories.clone(), sensitive, ..ShareChoice::default() },
            seconds: self.seconds,
            passcode: Some(self.passcode.trim().to_owned()).filter(|passcode| !passcode.is_empty()),
            max_openings: self.max_openings,
            ..ShareDraft::new(self.preset)
        }
    }
}

/// The screen of one step.
#[component]
pub fn SharePage(step: Step) -> Element {
    let (number, title) = match step {
        Step::Who => (1, t!("share-who-title")),
        Step::What => (2, t!("share-what-title")),
        Step::Long => (3, t!("share-long-title")),
        Step::Review => (4, t!("share-review-title")),
    };
    rsx! {
        if step > Step::Who {
            button { class: "back button-quiet button", r#type: "button", onclick: move |_| platform::back(), IconView { icon: Icon::Back } {t!("back")} }
        }
        header { class: "page-head",
            ol { class: "steps", "aria-hidden": "true",
                for at in 1..=4 {
                    li { key: "{at}", class: if at <= number { "step-done" } }
                }
            }
            p { class: "kicker", {t!("share-step", number = number as i64)} }
            h1 { "{title}" }
        }
        match step {
            Step::Who => rsx! { Who {} },
            Step::What => rsx! { What {} },
            Step::Long => rsx! { Long {} },
            Step::Review => rsx! { Review {} },
        }
    }
}

#[component]
fn Who() -> Element {
    let session = use_context::<Session>();
    let mut draft = session.draft;
    let recipient = use_signal(|| draft.peek().recipient.clone());
    rsx! {
        form {
            class: "stack",
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                draft.write().recipient = recipient();
                platform::go(&Route::Share(Step::What).fragment());
            },
            fieldset {
                legend { class: "spoken", {t!("share-who-title")} }
                div { class: "choices",
                    for (preset, icon, id, title, text) in [
                        (SharePreset::Desk, Icon::Qr, "preset-desk", t!("preset-desk"), t!("preset-desk-text")),
                        (SharePreset::Visit, Icon::Visit, "preset-visit", t!("preset-visit"), t!("preset-visit-text")),
                    ] {
                        label { key: "{id}", class: "choice",
                            input { r#type: "radio", name: "preset", id, checked: draft.read().preset == preset, onchange: move |_| draft.write().choose(preset) }
                            span { class: "grow",
                                span { class: "choice-title", "{title}" }
                                span { class: "soft", "{text}" }
                            }
                            IconView { icon }
                        }
                    }
                }
            }
            TextField { id: "recipient", label: t!("share-recipient"), hint: t!("share-recipient-hint"), maximum: 80, value: recipient }
            Next {}
        }
    }
}

#[component]
fn What() -> Element {
    let session = use_context::<Session>();
    let draft = session.draft;
    let asked = use_resource(move || async move { wallet::preview_share(draft.read().for_wallet()).await });
    loaded(asked, |preview| rsx! { WhatView { preview: preview.clone(), draft } })
}

/// The choice of categories, with what is held back named.
#[component]
pub fn WhatView(preview: SharePreview, draft: Signal<Draft>) -> Element {
    let chosen: Vec<String> = draft
        .read()
        .categories
        .clone()
        .unwrap_or_else(|| preview.categories.iter().map(|count| count.category.clone()).collect());
    let nothing = preview.records == 0;
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
    rsx! {
        form {
            class: "stack",
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                if !nothing {
                    platform::go(&Route::Share(Step::Long).fragment());
                }
            },
            fieldset {
                legend { class: "spoken", {t!("share-what-title")} }
                div { class: "choices",
                    for count in preview.available.clone() {
                        label { key: "{count.category}", class: "choice choice-line",
                            input {
                                r#type: "checkbox",
                                checked: chosen.contains(&count.category),
                                onchange: {
                                    let (category, chosen) = (count.category.clone(), chosen.clone());
                                    move |event: FormEvent| {
                                        let mut now: Vec<String> = chosen.iter().filter(|one| **one != category).cloned().collect();
                                        if event.checked() {
                                            now.push(category.clone());
                                        }
                                        draft.write().categories = Some(now);
                                    }
                                },
                            }
                            IconView { icon: category_icon(&count.category) }
                            span { class: "grow", {t!(category_key(&count.category))} }
                            span { class: "choice-count", {crate::i18n::grouped(count.count as i64)} }
                        }
                    }
                }
            }
            if preview.held_back.iter().any(|held| held.label.is_some()) || draft.read().include_sensitive {
                Notice { tone: Tone::Warn, icon: Icon::EyeOff, title: if draft.read().include_sensitive { t!("share-held-included") } else { t!("share-held-title") },
                    ul {
                        for (label, count) in preview.held_back.iter().filter_map(|held| Some((held.label.clone()?, held.count))) {
                            li { key: "{label}", {t!("share-held-line", what = t!(sensitivity_key(&label)), count = count)} }
                        }
                    }
                    label { class: "choice choice-line",
                        input { r#type: "checkbox", id: "include-sensitive", checked: draft.read().include_sensitive, onchange: move |event: FormEvent| draft.write().include_sensitive = event.checked() }
                        span { {t!("share-held-include")} }
                    }
                }
            }
            p { class: "strong", role: "status", id: "share-count",
                {if nothing { t!("share-nothing") } else { t!("share-what-count", count = preview.records) }}
            }
            Next { blocked: nothing }
        }
    }
}

#[component]
fn Long() -> Element {
    let session = use_context::<Session>();
    let mut draft = session.draft;
    let preset = draft.read().preset;
    let passcode = use_signal(|| draft.peek().passcode.clone());
    rsx! {
        form {
            class: "stack",
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                draft.write().passcode = passcode();
                platform::go(&Route::Share(Step::Review).fragment());
            },
            fieldset {
                legend { class: "spoken", {t!("share-long-title")} }
                div { class: "choices",
                    for seconds in preset.spans().iter().copied() {
                        label { key: "{seconds}", class: "choice choice-line",
                            input { r#type: "radio", name: "span", checked: draft.read().seconds == seconds, onchange: move |_| draft.write().seconds = seconds }
                            span { class: "choice-title", {format::span(seconds)} }
                        }
                    }
                }
            }
            fieldset {
                legend { class: "field-legend", {t!("share-openings-title")} }
                div { class: "choices",
                    for (key, most, label) in [
                        ("any", None, t!("share-openings-any")),
                        ("one", Some(1), t!("share-openings", count = 1u32)),
                        ("five", Some(5), t!("share-openings", count = 5u32)),
                    ] {
                        label { key: "{key}", class: "choice choice-line",
                            input { r#type: "radio", name: "openings", checked: draft.read().max_openings == most, onchange: move |_| draft.write().max_openings = most }
                            span { "{label}" }
                        }
                    }
                }
            }
            if preset == SharePreset::Visit {
                TextField { id: "passcode", label: t!("share-passcode"), hint: t!("share-passcode-hint"), maximum: 64, value: passcode }
            }
            Next {}
        }
    }
}

#[component]
fn Review() -> Element {
    let session = use_context::<Session>();
    let draft = session.draft;
    let asked = use_resource(move || async move { wallet::preview_share(draft.read().for_wallet()).await });
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let mut make = move |()| {
        if busy() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let made = wallet::share(draft.peek().for_wallet()).await;
            busy.set(false);
            match made {
                Ok(share) => {
                    let mut draft = draft;
                    draft.set(Draft::default());
                    session.touch();
                    // The four steps are over: Back leads to where sharing began, not into a share made already.
                    platform::replace(&Route::Shares.fragment());
                    platform::go(&Route::ShareDetail(share.line.id.clone()).fragment());
                }
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    rsx! {
        {loaded(asked, |preview| rsx! { ReviewView { draft: draft.read().clone(), preview: preview.clone(), now: platform::now() } })}
        if let Some(failure) = failed() {
            div { class: "section", FailureView { failure } }
        }
        div { class: "actions",
            button { class: "button button-primary", id: "make-share", "aria-disabled": busy().then_some("true"), onclick: move |_| make(()),
                IconView { icon: Icon::Qr }
                {if busy() { t!("share-busy") } else { t!("share-make") }}
            }
        }
    }
}

/// The sentence that says what is about to happen.
#[component]
pub fn ReviewView(draft: Draft, preview: SharePreview, now: i64) -> Element {
    let who = if draft.recipient.trim().is_empty() { t!("share-whoever") } else { draft.recipient.trim().to_owned() };
    let held: u64 = preview.held_back.iter().filter(|held| held.label.is_some()).map(|held| held.count).sum();
    rsx! {
        div { class: "stack",
            p { class: "sentence", id: "sentence",
                {t!("share-sentence", name = who, count = preview.records, until = format::moment(now + draft.seconds, now))}
            }
            ul { class: "card",
                for count in preview.categories {
                    li { key: "{count.category}", class: "row",
                        IconView { icon: category_icon(&count.category) }
                        span { class: "grow", {t!(category_key(&count.category))} }
                        span { class: "figures", {crate::i18n::grouped(count.count as i64)} }
                    }
                }
            }
            ul { class: "stack-tight",
                if !draft.passcode.trim().is_empty() {
                    li { class: "point", IconView { icon: Icon::Key } span { class: "grow", {t!("share-review-passcode", passcode = draft.passcode.trim())} } }
                }
                if let Some(most) = draft.max_openings {
                    li { class: "point", IconView { icon: Icon::Eye } span { class: "grow", {t!("share-review-openings", count = most)} } }
                }
                if held > 0 && !draft.include_sensitive {
                    li { class: "point", IconView { icon: Icon::EyeOff } span { class: "grow", {t!("share-review-held", count = held)} } }
                }
                li { class: "point", IconView { icon: Icon::Qr } span { class: "grow", {t!("share-review-photo")} } }
            }
        }
    }
}

#[component]
fn Next(#[props(default)] blocked: bool) -> Element {
    rsx! {
        div { class: "actions",
            button { class: "button button-primary", id: "next", r#type: "submit", "aria-disabled": blocked.then_some("true"),
                {t!("next")}
                IconView { icon: Icon::Forward }
            }
        }
    }
}
