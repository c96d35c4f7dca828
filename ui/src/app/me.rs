//! Me: the recovery words, the backup, the settings, and the lock.

use super::session::Session;
use super::wallet;
use crate::kit::{Icon, IconView};
use carnet_bridge::FailureCode;
use dioxus::prelude::dioxus_core::spawn_forever;
use dioxus::prelude::*;

/// The list of what can be done about the wallet itself.
#[component]
pub fn MePage() -> Element {
    let mut session = use_context::<Session>();
    let lock = move |_| {
        spawn(async move {
            match wallet::lock().await {
                Ok(state) => {
                    session.locked();
                    session.vault.set(Some(state));
                }
                Err(failure) => session.fail(&failure),
            }
        });
    };
    rsx! {
        header { class: "page-head", h1 { {t!("me-title")} } }
        ul { class: "list",
            li { Place { href: "#/me/words", icon: Icon::Key, title: t!("words-title"), text: t!("me-words-text") } }
            li { Place { href: "#/me/settings", icon: Icon::Settings, title: t!("settings-title"), text: t!("me-settings-text") } }
            li { Place { href: "#/imports", icon: Icon::Import, title: t!("imports-title"), text: t!("me-imports-text") } }
            li { Place { href: "#/export", icon: Icon::Print, title: t!("export-title"), text: t!("export-way") } }
            li { Place { href: "#/me/check", icon: Icon::Seal, title: t!("check-title"), text: t!("check-way") } }
            li { Place { href: "#/share/ask", icon: Icon::People, title: t!("asking-title"), text: t!("asking-way") } }
            li { Place { href: "#/looked", icon: Icon::Eye, title: t!("openings-title"), text: t!("openings-lead") } }
        }
        section { class: "section card", "aria-labelledby": "backup-title",
            h2 { id: "backup-title", {t!("backup-title")} }
            p { {t!("backup-text")} }
            BackUpButton {}
        }
        div { class: "actions",
            button { class: "button button-wide", id: "lock", onclick: lock, IconView { icon: Icon::Lock } {t!("lock-now")} }
        }
    }
}

#[component]
fn Place(href: &'static str, icon: Icon, title: String, text: String) -> Element {
    rsx! {
        a { class: "line", href,
            IconView { icon }
            span { class: "grow",
                span { class: "line-title", "{title}" }
                span { class: "line-detail", "{text}" }
            }
            IconView { icon: Icon::Forward }
        }
    }
}

/// The button that makes a backup.
#[component]
pub fn BackUpButton() -> Element {
    let session = try_consume_context::<Session>();
    let busy = session.is_some_and(|session| (session.backing_up)());
    rsx! {
        button { class: "button", r#type: "button", id: "back-up", "aria-disabled": busy.then_some("true"),
            onclick: move |_| if let Some(session) = session { back_up(session) },
            IconView { icon: Icon::Archive }
            {if busy { t!("backup-busy") } else { t!("backup-go") }}
        }
    }
}

/// Makes a backup with the system's dialog and says how it went, whatever page is shown by then.
fn back_up(mut session: Session) {
    if *session.backing_up.peek() {
        return;
    }
    session.backing_up.set(true);
    session.trying();
    spawn_forever(async move {
        match wallet::back_up().await {
            Ok(()) => session.say(t!("toast-backed-up")),
            Err(failure) if failure.code == FailureCode::Cancelled => {}
            Err(failure) => session.fail(&failure),
        }
        session.backing_up.set(false);
        session.touch();
    });
}
