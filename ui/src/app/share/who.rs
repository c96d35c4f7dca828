//! The first step: the occasion, and whom it is for.

use super::{Draft, Next, preset_icon, preset_keys};
use crate::app::route::{Route, Step};
use crate::app::session::Session;
use crate::kit::{Icon, IconView, Notice, TextField, Tone};
use crate::platform;
use carnet_bridge::SharePreset;
use dioxus::prelude::*;

/// The step.
#[component]
pub fn Who() -> Element {
    let session = use_context::<Session>();
    let mut draft = session.draft;
    let recipient = use_signal(|| draft.peek().share.recipient.clone());
    let asked_by = draft.read().asked.as_ref().map(|asked| asked.by.clone());
    rsx! {
        form {
            class: "stack",
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                draft.write().share.recipient = recipient();
                platform::go(&Route::Share(Step::What).fragment());
            },
            if let Some(by) = asked_by {
                Notice { tone: Tone::Plain, icon: Icon::People, title: t!("share-answering", name = by),
                    p { {t!("share-answering-text")} }
                    button { class: "button", r#type: "button", id: "own-share", onclick: move |_| draft.set(Draft::default()), {t!("share-answering-stop")} }
                }
            }
            Occasions { preset: draft.read().share.preset, choose: move |preset| draft.write().choose(preset) }
            TextField { id: "recipient", label: t!("share-recipient"), hint: t!("share-recipient-hint"), maximum: 80, value: recipient }
            Next {}
        }
        Ways {}
    }
}

/// What else there is about sharing.
#[component]
pub fn Ways() -> Element {
    rsx! {
        div { class: "ways section",
            a { class: "way", id: "my-shares", href: Route::Shares.fragment(),
                IconView { icon: Icon::Stamp }
                span { class: "grow", span { class: "way-title", {t!("shares-mine")} } span { class: "way-text", {t!("shares-way")} } }
                IconView { icon: Icon::Forward }
            }
            a { class: "way", id: "asked", href: Route::Asked.fragment(),
                IconView { icon: Icon::People }
                span { class: "grow", span { class: "way-title", {t!("asked-title")} } span { class: "way-text", {t!("asked-way")} } }
                IconView { icon: Icon::Forward }
            }
            a { class: "way", id: "ask", href: Route::Asking.fragment(),
                IconView { icon: Icon::Visit }
                span { class: "grow", span { class: "way-title", {t!("asking-title")} } span { class: "way-text", {t!("asking-way")} } }
                IconView { icon: Icon::Forward }
            }
            a { class: "way", id: "export", href: Route::Export.fragment(),
                IconView { icon: Icon::Print }
                span { class: "grow", span { class: "way-title", {t!("export-title")} } span { class: "way-text", {t!("export-way")} } }
                IconView { icon: Icon::Forward }
            }
        }
    }
}

/// The five occasions, each with the sentence about it.
#[component]
pub fn Occasions(preset: SharePreset, choose: EventHandler<SharePreset>) -> Element {
    rsx! {
        fieldset {
            legend { class: "spoken", {t!("share-who-title")} }
            div { class: "choices",
                for one in SharePreset::ALL {
                    label { key: "{one.as_str()}", class: "choice",
                        input { r#type: "radio", name: "preset", id: "preset-{one.as_str()}", checked: one == preset, onchange: move |_| choose.call(one) }
                        span { class: "grow",
                            span { class: "choice-title", {t!(preset_keys(one).0)} }
                            span { class: "choice-text", {t!(preset_keys(one).1)} }
                        }
                        IconView { icon: preset_icon(one) }
                    }
                }
            }
        }
    }
}
