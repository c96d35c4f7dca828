//! Shares: the list, and below it the page of one.

pub mod card;
pub mod detail;
pub mod evidence;
pub mod manage;

use super::route::{Route, Step};
use super::session::{Session, loaded};
use super::wallet;
use crate::kit::{Empty, Icon, IconView, Visa, use_now};
use carnet_bridge::{ShareLine, ShareStatus};
use dioxus::prelude::*;

/// Asks the wallet and lists all shares.
#[component]
pub fn SharesPage() -> Element {
    let session = use_context::<Session>();
    let now = use_now();
    let asked = use_resource(move || async move {
        (session.changed)();
        wallet::shares().await
    });
    rsx! {
        a { class: "back", href: Route::Share(Step::Who).fragment(), IconView { icon: Icon::Back } {t!("nav-share")} }
        header { class: "page-head row-between",
            h1 { {t!("shares-title")} }
            a { class: "button button-primary", href: "#/share", IconView { icon: Icon::Share } {t!("share-start")} }
        }
        {loaded(asked, |shares| rsx! { SharesView { shares: shares.clone(), now: now() } })}
    }
}

/// The list itself, live ones first.
#[component]
pub fn SharesView(shares: Vec<ShareLine>, now: i64) -> Element {
    if shares.is_empty() {
        return rsx! { Empty { icon: Icon::Stamp, title: t!("shares-empty-title"), text: t!("shares-empty-text") } };
    }
    let over = |share: &ShareLine| {
        matches!(share.status, ShareStatus::Expired | ShareStatus::Stopped | ShareStatus::Exhausted)
            || share.expires <= now
    };
    let (ended, open): (Vec<_>, Vec<_>) = shares.into_iter().partition(over);
    rsx! {
        if !open.is_empty() {
            div { class: "visa-list",
                for share in open {
                    Visa { key: "{share.id}", share, now }
                }
            }
        }
        if !ended.is_empty() {
            section { class: "section", "aria-labelledby": "ended",
                h2 { id: "ended", {t!("shares-ended")} }
                div { class: "visa-list",
                    for share in ended {
                        Visa { key: "{share.id}", share, now }
                    }
                }
            }
        }
    }
}
