//! The page that a withdrawal card leads to: one question, and the share is stopped. Nothing is sent before it is answered.

use super::fetch::{self, Response};
use crate::kit::{Going, StopForm};
use crate::platform;
use carnet_consent::control::{Withdraw, Withdrawn, paths};
use carnet_consent::withdrawal::WithdrawalCard;
use dioxus::prelude::*;

/// The most bytes of the relay's answer.
const MAX_ANSWER: usize = 4096;

/// A card handed to a component.
#[derive(Clone, PartialEq)]
pub struct Card(pub WithdrawalCard);

/// What the relay's answer means.
pub fn came(answer: Option<&Response>) -> Going {
    let Some(Response { status: 200, body, .. }) = answer else { return Going::Failed };
    match serde_json::from_slice::<Withdrawn>(body) {
        Ok(Withdrawn { ended: Some(false), .. }) => Going::Unknown,
        Ok(_) => Going::Stopped,
        Err(_) => Going::Failed,
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
            let came = came(answer.as_ref());
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
    rsx! {
        main { class: "sheet narrow", id: "page", tabindex: "-1",
            header { class: "page-head",
                h1 { {t!("stop-title")} }
                p { class: "soft", {t!("stop-lead")} }
            }
            StopForm { going, onstop }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_means_what_it_says() {
        let said = |status, body: &str| came(Some(&Response { status, body: body.into(), ..Response::default() }));
        assert_eq!(said(200, r#"{"index":3,"ended":true}"#), Going::Stopped);
        assert_eq!(said(200, r#"{"index":3}"#), Going::Stopped, "a relay that does not say");
        assert_eq!(said(200, r#"{"index":3,"ended":false}"#), Going::Unknown);
        for (status, body) in [(200, "<html>"), (429, "{}"), (503, "{}"), (404, "")] {
            assert_eq!(said(status, body), Going::Failed);
        }
        assert_eq!(came(None), Going::Failed);
    }
}
