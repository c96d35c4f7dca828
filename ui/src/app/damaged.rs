//! A damaged booklet: what is safe, the recovery words first, then a backup in its place; and where the damaged one is kept.

use super::session::Session;
use super::wallet;
use crate::kit::{Icon, IconView, Notice, Tone};
use crate::platform;
use dioxus::prelude::*;

/// On the page of the locked booklet: what happened, and the two ways on.
#[component]
pub fn Damaged(words: EventHandler<()>, restore: EventHandler<()>) -> Element {
    use_effect(|| platform::focus("damaged"));
    rsx! {
        div { id: "damaged", tabindex: "-1",
            Notice { tone: Tone::Stop, title: t!("failure-title-damaged"),
                p { {t!("damaged-text")} }
                p { {t!("damaged-words")} }
                button { class: "button button-wide", r#type: "button", id: "damaged-words", onclick: move |_| words.call(()),
                    IconView { icon: Icon::Key }
                    {t!("damaged-words-go")}
                }
                p { {t!("damaged-backup")} }
                button { class: "button button-wide", r#type: "button", id: "restore-over", onclick: move |_| restore.call(()),
                    IconView { icon: Icon::Archive }
                    {t!("damaged-backup-go")}
                }
            }
        }
    }
}

/// Beside a failure in an open booklet: locks it, and the page that follows offers the ways on.
#[component]
pub fn LockDamaged() -> Element {
    let session = try_consume_context::<Session>();
    let lock = move |_| {
        let Some(mut session) = session else { return };
        // Before it is locked: this button goes with the page then.
        session.damaged.set(true);
        spawn(async move {
            // It is locked in any case. What could not be written is what is damaged, and that is told already.
            let _ = wallet::lock().await;
            session.locked();
        });
    };
    rsx! {
        button { class: "button", r#type: "button", id: "lock-damaged", onclick: lock,
            IconView { icon: Icon::Lock }
            {t!("damaged-lock")}
        }
    }
}

/// After a backup took the place of the damaged booklet: where that is kept.
#[component]
pub fn SetAside(folder: String, on: EventHandler<()>) -> Element {
    use_effect(|| {
        platform::set_title(&t!("title-page", page = t!("set-aside-title")));
        platform::focus("set-aside");
    });
    rsx! {
        div { class: "stack", id: "set-aside", tabindex: "-1",
            h1 { {t!("set-aside-title")} }
            p { class: "cover-lead", {t!("set-aside-text")} }
            Notice { tone: Tone::Plain, icon: Icon::Folder, title: t!("set-aside-kept"),
                p { {t!("set-aside-where")} }
                pre { class: "original", id: "aside", dir: "ltr", tabindex: "0", "{folder}" }
                p { {t!("set-aside-keep")} }
            }
            button { class: "button button-primary button-wide", r#type: "button", id: "set-aside-on", onclick: move |_| on.call(()), {t!("set-aside-on")} }
        }
    }
}
