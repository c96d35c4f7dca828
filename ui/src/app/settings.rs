//! The settings: name, relay, when to lock, and the way to another passphrase.

use super::session::{FailureView, Session, loaded};
use super::wallet;
use crate::kit::{Icon, IconView, TextField};
use carnet_bridge::{Failure, Settings};
use dioxus::prelude::*;

/// The minutes to choose from.
const MINUTES: [u32; 4] = [1, 5, 15, 60];

/// Asks the wallet and shows the settings.
#[component]
pub fn SettingsPage() -> Element {
    let asked = use_resource(wallet::settings);
    rsx! {
        a { class: "back", href: "#/me", IconView { icon: Icon::Back } {t!("nav-me")} }
        header { class: "page-head", h1 { {t!("settings-title")} } }
        {loaded(asked, |settings| rsx! { SettingsForm { settings: settings.clone() } })}
        section { class: "section card", "aria-labelledby": "passphrase-title",
            h2 { id: "passphrase-title", {t!("passphrase")} }
            p { {t!("change-text")} }
            a { class: "button", id: "change-passphrase", href: "#/me/passphrase", IconView { icon: Icon::Key } {t!("change-title")} }
        }
    }
}

/// The form itself.
#[component]
pub fn SettingsForm(settings: Settings) -> Element {
    let session = try_consume_context::<Session>();
    let name = use_signal(|| settings.name.clone());
    let relay = use_signal(|| settings.relay.clone());
    let mut minutes = use_signal(|| settings.lock_after_minutes);
    let mut failed = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    let mut choices = MINUTES.to_vec();
    if !choices.contains(&settings.lock_after_minutes) {
        choices.push(settings.lock_after_minutes);
        choices.sort_unstable();
    }
    let save = move |event: FormEvent| {
        event.prevent_default();
        if busy() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            let wanted = Settings {
                relay: relay().trim().to_owned(),
                lock_after_minutes: minutes(),
                name: name().trim().to_owned(),
            };
            let saved = wallet::change_settings(wanted).await;
            busy.set(false);
            match (saved, session) {
                (Ok(_), Some(session)) => {
                    session.say(t!("toast-saved"));
                    session.touch();
                }
                (Ok(_), None) => {}
                (Err(failure), _) => failed.set(Some(failure)),
            }
        });
    };
    rsx! {
        form { class: "stack", onsubmit: save, novalidate: true,
            TextField { id: "settings-name", label: t!("create-name"), hint: t!("create-name-hint"), autocomplete: "name", maximum: 120, value: name }
            fieldset {
                legend { class: "field-legend", {t!("settings-lock")} }
                div { class: "choices pair",
                    for choice in choices {
                        label { key: "{choice}", class: "choice choice-line",
                            input { r#type: "radio", name: "minutes", checked: minutes() == choice, onchange: move |_| minutes.set(choice) }
                            span { {t!("span-minutes", count = choice)} }
                        }
                    }
                }
            }
            TextField { id: "settings-relay", label: t!("settings-relay"), hint: t!("settings-relay-hint"), kind: "url", maximum: 512, value: relay }
            if let Some(failure) = failed() {
                FailureView { failure }
            }
            div { class: "actions",
                button { class: "button button-primary", id: "save-settings", r#type: "submit", "aria-disabled": busy().then_some("true"),
                    IconView { icon: Icon::Check }
                    {t!("settings-save")}
                }
            }
        }
    }
}
