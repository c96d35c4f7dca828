//! Who looked: every opening and every refused try.

use super::session::{Session, loaded};
use super::wallet;
use crate::format;
use crate::kit::{Empty, Icon, IconView, use_now};
use carnet_bridge::Opening;
use dioxus::prelude::*;

/// Asks the wallet (and it the relays) and shows who looked.
#[component]
pub fn OpeningsPage() -> Element {
    let session = use_context::<Session>();
    let now = use_now();
    let asked = use_resource(move || async move {
        (session.changed)();
        wallet::openings().await
    });
    rsx! {
        header { class: "page-head",
            h1 { {t!("openings-title")} }
            p { class: "soft", {t!("openings-lead")} }
        }
        {loaded(asked, |openings| rsx! { OpeningsView { openings: openings.clone(), now: now() } })}
    }
}

/// The list itself.
#[component]
pub fn OpeningsView(openings: Vec<Opening>, now: i64) -> Element {
    if openings.is_empty() {
        return rsx! { Empty { icon: Icon::Eye, title: t!("openings-empty-title"), text: t!("openings-empty-text") } };
    }
    rsx! {
        ul { class: "list", id: "openings",
            for (at, opening) in openings.into_iter().enumerate() {
                li { key: "{at}", OpeningLine { opening, now } }
            }
        }
    }
}

/// One opening or refused try.
#[component]
pub fn OpeningLine(opening: Opening, now: i64) -> Element {
    let who = if opening.recipient.is_empty() { t!("opening-nobody") } else { opening.recipient.clone() };
    let shared_with = if opening.shared_with.is_empty() { t!("share-anyone") } else { opening.shared_with.clone() };
    rsx! {
        a { class: "line", href: "#/shares/{opening.id}",
            IconView { icon: if opening.served { Icon::Eye } else { Icon::Warn } }
            span { class: "grow",
                span { class: "line-title", "{who}" }
                span { class: "line-detail",
                    {if opening.served { t!("opening-served", share = &shared_with) } else { t!("opening-refused", share = &shared_with) }}
                }
            }
            span { class: "line-end", {format::moment(opening.at, now)} }
        }
    }
}
