//! What must not be missed on whatever page: something went wrong, or the booklet is about to lock itself.

use super::damaged::LockDamaged;
use super::session::Session;
use crate::kit::{Icon, Notice, Tone};
use dioxus::prelude::*;

/// What went wrong, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// What did not happen.
    pub title: String,
    /// What happened, what is safe, what to do.
    pub text: String,
    /// The booklet is damaged.
    pub damaged: bool,
}

/// At the top of every page, and in sight wherever it is scrolled to.
#[component]
pub fn Urgent() -> Element {
    let session = use_context::<Session>();
    let mut failed = session.failed;
    rsx! {
        div { class: "urgent",
            // Always there, so that what comes into it is read out.
            div { "aria-live": "assertive",
                if (session.locks_soon)() {
                    LocksSoon { stay: move |()| session.used() }
                }
            }
            if let Some(what) = failed() {
                FailedNotice { failed: what, close: move |()| failed.set(None) }
            }
        }
    }
}

/// Half a minute before the booklet locks itself, with the way to keep it open.
#[component]
pub fn LocksSoon(stay: EventHandler<()>) -> Element {
    rsx! {
        Notice { tone: Tone::Warn, icon: Icon::Lock, title: t!("locks-soon"),
            button { class: "button", r#type: "button", id: "stay-open", onclick: move |_| stay.call(()), {t!("locks-soon-stay")} }
        }
    }
}

/// What went wrong, until it is closed.
#[component]
pub fn FailedNotice(failed: Failed, close: EventHandler<()>) -> Element {
    rsx! {
        Notice { tone: Tone::Stop, title: failed.title,
            p { id: "went-wrong", {failed.text} }
            if failed.damaged {
                LockDamaged {}
            }
            button { class: "button", r#type: "button", id: "close-failed", onclick: move |_| close.call(()), {t!("close")} }
        }
    }
}
