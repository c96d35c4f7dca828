//! The page that a withdrawal card leads to: one question, and the share is stopped. Nothing is sent before it is answered.

use super::fetch::{self, Response};
use crate::kit::{Icon, IconView, Notice, Tone};
use crate::platform;
use carnet_consent::control::{Withdraw, Withdrawn, paths};
use carnet_consent::withdrawal::WithdrawalCard;
use dioxus::prelude::*;

/// The most bytes of the relay's answer.
const MAX_ANSWER: usize = 4096;

/// A card handed to a component.
#[derive(Clone, PartialEq)]
pub struct Card(pub WithdrawalCard);

/// How it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Going {
    /// It was not decided yet.
    Asking,
    /// The relay is being told.
    Sending,
    /// The share is stopped.
    Stopped,
    /// The relay has no share with this code.
    Unknown,
    /// The relay could not be told.
    Failed,
}

impl Going {
    /// What the relay's answer means.
    pub fn of(answer: Option<&Response>) -> Self {
        let Some(Response { status: 200, body, .. }) = answer else { return Self::Failed };
        match serde_json::from_slice::<Withdrawn>(body) {
            Ok(Withdrawn { ended: Some(false), .. }) => Self::Unknown,
            Ok(_) => Self::Stopped,
            Err(_) => Self::Failed,
        }
    }
}

/// The page.
#[component]
pub fn StopPage(card: Card) -> Element {
    let mut going = use_signal(|| Going::Asking);
    let stop = move |_| {
        if going() == Going::Sending {
            return;
        }
        going.set(Going::Sending);
        let body = serde_json::to_string(&Withdraw::new(card.0.preimage().clone()));
        spawn(async move {
            // To the relay that this page is of, which the card names: by its address beside this page's.
            let path = paths::WITHDRAWALS.trim_start_matches('/');
            let answer = match body {
                Ok(body) => fetch::post_json(path, &body, MAX_ANSWER).await.ok(),
                Err(_) => None,
            };
            let came = Going::of(answer.as_ref());
            if came != Going::Failed {
                platform::forget_fragment();
            }
            going.set(came);
            platform::focus("stop-outcome");
        });
    };
    rsx! { StopView { going: going(), onstop: stop } }
}

/// What it shows.
#[component]
pub fn StopView(going: Going, onstop: EventHandler<()>) -> Element {
    let outcome = match going {
        Going::Asking | Going::Sending => None,
        Going::Stopped => Some((Tone::Ok, Icon::Hand, t!("stop-done"), t!("stop-done-text"))),
        Going::Unknown => Some((Tone::Warn, Icon::Info, t!("stop-unknown"), t!("stop-unknown-text"))),
        Going::Failed => Some((Tone::Warn, Icon::Offline, t!("stop-failed"), t!("stop-failed-text"))),
    };
    rsx! {
        main { class: "sheet narrow", id: "page",
            header { class: "page-head",
                h1 { {t!("stop-title")} }
                p { class: "soft", {t!("stop-lead")} }
            }
            div { class: "stack", id: "stop-outcome", tabindex: "-1", role: "status",
                if let Some((tone, icon, title, text)) = outcome {
                    Notice { tone, icon, title, p { "{text}" } }
                }
            }
            if matches!(going, Going::Asking | Going::Sending | Going::Failed) {
                p { {t!("stop-text")} }
                button { class: "button button-stop button-wide", r#type: "button", id: "stop", "aria-disabled": (going == Going::Sending).then_some("true"),
                    onclick: move |_| onstop.call(()),
                    IconView { icon: Icon::Hand }
                    {if going == Going::Sending { t!("stop-sending") } else { t!("stop-go") }}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_means_what_it_says() {
        let said = |status, body: &str| Going::of(Some(&Response { status, body: body.into(), ..Response::default() }));
        assert_eq!(said(200, r#"{"index":3,"ended":true}"#), Going::Stopped);
        assert_eq!(said(200, r#"{"index":3}"#), Going::Stopped, "a relay that does not say");
        assert_eq!(said(200, r#"{"index":3,"ended":false}"#), Going::Unknown);
        for (status, body) in [(200, "<html>"), (429, "{}"), (503, "{}"), (404, "")] {
            assert_eq!(said(status, body), Going::Failed);
        }
        assert_eq!(Going::of(None), Going::Failed);
    }
}
