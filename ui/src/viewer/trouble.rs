//! When a link cannot be opened: what happened, and what to ask the patient for.

use super::opening::Trouble;
use crate::format;
use crate::kit::{Icon, Notice, Tone};
use crate::platform;
use dioxus::prelude::*;
use smart_health::Error;

/// What to say of a trouble, and what the button says where trying again can help.
struct Words {
    title: String,
    text: String,
    next: String,
    again: Option<String>,
}

/// The page of a link that does not open.
#[component]
pub fn TroubleView(trouble: Trouble, again: EventHandler<()>) -> Element {
    let Words { title, text, next, again: button } = words(&trouble);
    let heading = if trouble == Trouble::Card { t!("stop-title") } else { t!("trouble-title") };
    rsx! {
        header { class: "page-head", h1 { id: "trouble", "{heading}" } }
        Notice { tone: Tone::Stop, title,
            p { "{text}" }
            p { class: "strong", "{next}" }
            if let Some(button) = button {
                button { class: "button", id: "again", onclick: move |_| again.call(()), crate::kit::IconView { icon: Icon::Again } "{button}" }
            }
        }
    }
}

fn words(trouble: &Trouble) -> Words {
    let of = |title: String, text: String, next: String, again: bool| {
        let again = again.then(|| t!("try-again"));
        Words { title, text, next, again }
    };
    match trouble {
        Trouble::Network => of(t!("trouble-network"), t!("trouble-network-text"), t!("trouble-network-next"), true),
        Trouble::Content => of(t!("trouble-content"), t!("trouble-content-text"), t!("trouble-new-share"), false),
        Trouble::Card => of(t!("trouble-card"), t!("trouble-card-text"), t!("trouble-card-next"), false),
        Trouble::Link(error) => match error {
            Error::Inactive => {
                of(t!("trouble-inactive"), t!("trouble-inactive-text"), t!("trouble-inactive-next"), true)
            }
            Error::Expired { at } => Words {
                title: t!("trouble-expired"),
                text: t!("trouble-expired-text", when = format::moment(*at, platform::now())),
                next: t!("trouble-expired-next"),
                again: Some(t!("trouble-expired-again")),
            },
            Error::NoAttemptsLeft => {
                of(t!("trouble-attempts"), t!("trouble-attempts-text"), t!("trouble-attempts-next"), false)
            }
            Error::Busy { seconds } => {
                of(t!("trouble-busy"), t!("trouble-busy-text", seconds = *seconds), t!("trouble-busy-next"), true)
            }
            Error::ServerTrouble { .. } => {
                of(t!("trouble-server"), t!("trouble-server-text"), t!("trouble-busy-next"), true)
            }
            Error::NotALink | Error::LinkTooLong | Error::LinkDamaged | Error::LinkField { .. } => {
                of(t!("trouble-link"), t!("trouble-link-text"), t!("trouble-link-next"), false)
            }
            Error::UrlInsecure => {
                of(t!("trouble-insecure"), t!("trouble-insecure-text"), t!("trouble-new-share"), false)
            }
            Error::JweMalformed | Error::JweUnsupported | Error::WrongKey | Error::Unauthentic | Error::Inflate => {
                of(t!("trouble-damaged"), t!("trouble-damaged-text"), t!("trouble-new-share"), false)
            }
            Error::RecipientInvalid => of(t!("trouble-name"), t!("who-missing"), t!("trouble-name-next"), false),
            other => of(t!("trouble-other"), sentence(&other.to_string()), t!("trouble-new-share"), true),
        },
    }
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
}
