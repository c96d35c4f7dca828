//! A share as a visa: who, what, until when, with a visible countdown.

use super::{Icon, IconView};
use crate::format;
use carnet_bridge::{Elsewhere, ShareLine, ShareStatus};
use dioxus::prelude::*;

/// One share, linking to its page. `now` is handed in so that a list of visas shares one clock.
#[component]
pub fn Visa(share: ShareLine, now: i64) -> Element {
    let left = share.expires - now;
    let live = share.status == ShareStatus::Live && left > 0;
    let (class, icon) = match share.status {
        ShareStatus::Live if live => ("visa", Icon::Stamp),
        ShareStatus::NotYet if left > 0 => ("visa visa-waiting", Icon::Clock),
        ShareStatus::Paused if left > 0 && share.waiting => ("visa visa-waiting", Icon::Offline),
        ShareStatus::Paused if left > 0 => ("visa visa-waiting", Icon::Pause),
        ShareStatus::Waiting => ("visa visa-waiting", Icon::Offline),
        ShareStatus::Stopping => ("visa visa-waiting visa-ended", Icon::Hand),
        ShareStatus::Stopped => ("visa visa-ended", Icon::Hand),
        _ => ("visa visa-ended", Icon::Clock),
    };
    let who = if share.recipient.is_empty() { t!("share-anyone") } else { share.recipient.clone() };
    rsx! {
        a { class, href: "#/shares/{share.id}",
            span { class: "visa-stub",
                IconView { icon }
                span { class: "visa-stub-word", {status_word(share.status, share.waiting, left)} }
            }
            span { class: "visa-body stack-tight",
                span { class: "visa-who", {t!("visa-for", name = who)} }
                if live {
                    span { class: "visa-left", "aria-hidden": "true", {format::left(left)} }
                    span { class: "spoken", {format::left_spoken(left)} }
                }
                span { class: "visa-facts",
                    span { {t!("count-records", count = share.records)} }
                    span { {t!("count-openings", count = share.openings)} }
                    span { {ends(&share, now)} }
                    if share.live {
                        span { {t!("visa-live")} }
                    }
                    if share.passcode {
                        span { {t!("visa-passcode")} }
                    }
                    if share.elsewhere == Some(Elsewhere::Stopped) {
                        span { {t!("visa-stopped-elsewhere")} }
                    }
                }
                if share.waiting && left > 0 && matches!(share.status, ShareStatus::Live | ShareStatus::NotYet | ShareStatus::Paused | ShareStatus::Stopping) {
                    span { span { class: "tag tag-warn", IconView { icon: Icon::Offline } {t!("visa-unheard")} } }
                }
                // Only while it can be opened: of one that is over nobody has to decide anything.
                if share.elsewhere == Some(Elsewhere::Changed) && left > 0 {
                    span { span { class: "tag tag-warn", IconView { icon: Icon::Again } {t!("visa-changed")} } }
                }
            }
        }
    }
}

/// The word on the stamp.
fn status_word(status: ShareStatus, waiting: bool, left: i64) -> String {
    match status {
        ShareStatus::Live if left > 0 => t!("status-live"),
        ShareStatus::NotYet if left > 0 => t!("status-not-yet"),
        ShareStatus::Paused if left > 0 && waiting => t!("status-pausing"),
        ShareStatus::Paused if left > 0 => t!("status-paused"),
        ShareStatus::Live | ShareStatus::NotYet | ShareStatus::Paused | ShareStatus::Expired => t!("status-expired"),
        ShareStatus::Waiting => t!("status-waiting"),
        ShareStatus::Stopped => t!("status-stopped"),
        ShareStatus::Stopping => t!("status-stopping"),
        ShareStatus::Exhausted => t!("status-exhausted"),
    }
}

fn ends(share: &ShareLine, now: i64) -> String {
    let when = format::moment(share.expires, now);
    if share.expires > now { t!("visa-until", when = when) } else { t!("visa-ended", when = when) }
}
