//! The one question of a withdrawal card, and what became of it: the same in the wallet and on a relay's page.

use super::{Icon, IconView, Notice, Tone};
use dioxus::prelude::*;

/// How it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Going {
    /// It was not decided yet.
    Asking,
    /// The relay is being told.
    Sending,
    /// The share is stopped.
    Stopped,
    /// The relay will be told as soon as it can be reached.
    Stopping,
    /// The relay has no share with this code.
    Unknown,
    /// The relay could not be told.
    Failed,
}

/// What a card does, the button that does it, and what came of that. `id` is unique on the page.
#[component]
pub fn StopForm(#[props(default = "stop".to_owned())] id: String, going: Going, onstop: EventHandler<()>) -> Element {
    let outcome = match going {
        Going::Asking | Going::Sending => None,
        Going::Stopped => Some((Tone::Ok, Icon::Hand, t!("stop-done"), t!("stop-done-text"))),
        Going::Stopping => Some((Tone::Warn, Icon::Offline, t!("stop-waits"), t!("stop-waits-text"))),
        Going::Unknown => Some((Tone::Warn, Icon::Info, t!("stop-unknown"), t!("stop-unknown-text"))),
        Going::Failed => Some((Tone::Warn, Icon::Offline, t!("stop-failed"), t!("stop-failed-text"))),
    };
    rsx! {
        div { class: "stack", id: "{id}-outcome", tabindex: "-1", role: "status",
            if let Some((tone, icon, title, text)) = outcome {
                Notice { tone, icon, title, p { "{text}" } }
            }
        }
        if matches!(going, Going::Asking | Going::Sending | Going::Failed) {
            p { {t!("stop-text")} }
            button { class: "button button-stop button-wide", r#type: "button", id: "{id}", "aria-disabled": (going == Going::Sending).then_some("true"),
                onclick: move |_| onstop.call(()),
                IconView { icon: Icon::Hand }
                {if going == Going::Sending { t!("stop-sending") } else { t!("stop-go") }}
            }
        }
    }
}
