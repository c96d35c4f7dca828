//! First start: try with example data, start one's own, or bring records back from a backup.

use super::passphrase::{NewPassphrase, Pair};
use super::recover::{Recover, Way};
use super::session::{Session, failure_text};
use super::wallet;
use crate::kit::{Icon, IconView, TextField};
use crate::platform;
use carnet_bridge::FailureCode;
use dioxus::prelude::*;

/// What the person chose to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Making {
    Example,
    Own,
    Restored,
}

/// The first screen of all.
#[component]
pub fn Start() -> Element {
    let mut making = use_signal(|| None);
    rsx! {
        main { class: "cover",
            Mark { class: "cover-mark" }
            match making() {
                None => rsx! { Welcome { making } },
                Some(Making::Restored) => rsx! { Recover { way: Way::Backup, back: move |()| making.set(None) } },
                Some(what) => rsx! { Create { what, making } },
            }
        }
    }
}

#[component]
fn Welcome(making: Signal<Option<Making>>) -> Element {
    use_effect(|| platform::set_title(&t!("product")));
    rsx! {
        h1 { {t!("start-title")} }
        p { class: "cover-lead", {t!("start-lead")} }
        div { class: "stack-tight",
            button { class: "button button-primary button-wide", id: "start-own", onclick: move |_| making.set(Some(Making::Own)),
                {t!("start-own")}
            }
            button { class: "button button-wide", id: "start-example", onclick: move |_| making.set(Some(Making::Example)),
                {t!("start-example")}
            }
            button { class: "button button-quiet button-wide", id: "start-backup", onclick: move |_| making.set(Some(Making::Restored)),
                {t!("start-backup")}
            }
        }
        p { class: "cover-lead small", {t!("start-example-hint")} }
    }
}

#[component]
fn Create(what: Making, making: Signal<Option<Making>>) -> Element {
    let mut session = use_context::<Session>();
    let name = use_signal(String::new);
    let pair = Pair::make();
    let mut busy = use_signal(|| false);
    let example = what == Making::Example;
    use_effect(move || platform::focus(if example { "passphrase" } else { "name" }));

    let submit = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        if let Some(field) = pair.look() {
            platform::focus(field);
            return;
        }
        busy.set(true);
        spawn(async move {
            let made = wallet::create(pair.given(), name(), example).await;
            busy.set(false);
            match made {
                Ok(state) => {
                    pair.forget();
                    platform::replace("#/");
                    session.route.set(super::route::Route::Home);
                    session.vault.set(Some(state));
                }
                Err(failure) => {
                    if failure.code == FailureCode::VaultExists {
                        session.vault.set(Some(carnet_bridge::VaultState::Locked));
                    }
                    pair.refuse(failure_text(&failure));
                    platform::focus("passphrase");
                }
            }
        });
    };

    rsx! {
        h1 { {if example { t!("create-example-title") } else { t!("create-title") }} }
        p { class: "cover-lead", {if example { t!("create-example-lead") } else { t!("create-lead") }} }
        form { onsubmit: submit, novalidate: true,
            if !example {
                TextField { id: "name", label: t!("create-name"), hint: t!("create-name-hint"), autocomplete: "name", maximum: 120, value: name }
            }
            NewPassphrase { label: t!("passphrase"), pair }
            div { class: "stack-tight",
                button { class: "button button-primary button-wide", id: "create", r#type: "submit", "aria-disabled": busy().then_some("true"),
                    {if busy() { t!("create-busy") } else { t!("create-go") }}
                }
                button { class: "button button-quiet button-wide", r#type: "button", onclick: move |_| making.set(None),
                    IconView { icon: Icon::Back }
                    {t!("back")}
                }
            }
            div { class: "spoken", role: "status", {if busy() { t!("create-busy") } else { String::new() }} }
        }
    }
}

/// The booklet, Carnet's mark.
#[component]
pub fn Mark(class: &'static str) -> Element {
    rsx! {
        span { class, "aria-hidden": "true", dangerous_inner_html: include_str!("../../../icons/carnet.svg") }
    }
}
