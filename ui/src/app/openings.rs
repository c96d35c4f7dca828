//! Who looked: every opening and every refused try, what is new among them, and whether the public ledger agrees.

use super::route::Route;
use super::session::{Session, loaded};
use super::wallet;
use crate::format;
use crate::kit::{Empty, Icon, IconView, Notice, Tone, use_now};
use carnet_bridge::{Failure, Opening, RelayFault, ShareLine};
use dioxus::prelude::*;

/// Asks the wallet (and it the relays) and shows who looked; what was shown is seen.
#[component]
pub fn OpeningsPage() -> Element {
    let session = use_context::<Session>();
    let now = use_now();
    let asked = use_resource(move || async move {
        (session.changed)();
        // The openings first: they ask the relays, and the shares then say what was wrong with the answers.
        let openings = wallet::openings().await?;
        Ok::<_, Failure>((openings, wallet::shares().await?))
    });
    let mut unseen = session.unseen;
    use_effect(move || {
        let new = matches!(&*asked.read(), Some(Ok((openings, _))) if openings.iter().any(|opening| !opening.seen));
        if new {
            // The marks stay on this page until it is left: the list is not asked for anew.
            spawn(async move {
                match wallet::mark_openings_seen().await {
                    Ok(()) => unseen.set(0),
                    Err(failure) => session.fail(&failure),
                }
            });
        }
    });
    rsx! {
        a { class: "back", href: Route::Home.fragment(), IconView { icon: Icon::Back } {t!("nav-home")} }
        header { class: "page-head",
            h1 { {t!("openings-title")} }
            p { class: "soft", {t!("openings-lead")} }
        }
        {loaded(asked, |(openings, shares)| {
            rsx! { OpeningsView { openings: openings.clone(), shares: shares.clone(), now: now() } }
        })}
    }
}

/// The list itself, what is new and what is wrong said above it. `shares`: those whose openings they are.
#[component]
pub fn OpeningsView(openings: Vec<Opening>, #[props(default)] shares: Vec<ShareLine>, now: i64) -> Element {
    let new = openings.iter().filter(|opening| !opening.seen).count();
    let contradicted = openings.iter().any(|opening| opening.contradicted);
    rsx! {
        // There from the start, so that a screen reader hears when it fills.
        p { class: "tag opening-news", role: "status", id: "new-openings",
            if new > 0 {
                IconView { icon: Icon::Eye }
                {t!("openings-unseen", count = new)}
            }
        }
        if contradicted {
            Notice { tone: Tone::Stop, title: t!("opening-contradicted-title"),
                p { {t!("opening-contradicted-text")} }
                p { class: "strong", {t!("opening-contradicted-next")} }
            }
        }
        for share in shares {
            if let Some(fault) = share.fault {
                FaultNotice { key: "{share.id}", fault, recipient: share.recipient }
            }
        }
        if openings.is_empty() {
            Empty { icon: Icon::Eye, title: t!("openings-empty-title"), text: t!("openings-empty-text") }
        } else {
            ul { class: "list", id: "openings",
                for (at, opening) in openings.into_iter().enumerate() {
                    li { key: "{at}", OpeningLine { opening, now, evidence: true } }
                }
            }
        }
    }
}

/// What is wrong with what the relay of a share says of who looked at it.
#[component]
fn FaultNotice(fault: RelayFault, recipient: String) -> Element {
    let share = if recipient.is_empty() { t!("share-anyone") } else { recipient };
    match fault {
        RelayFault::False(what) => rsx! {
            Notice { tone: Tone::Stop, title: t!("fault-false-title"),
                p { {t!("fault-false-text", share = share)} }
                p { dir: "auto", {t!("fault-what", what = what)} }
                p { class: "strong", {t!("opening-contradicted-next")} }
            }
        },
        RelayFault::Untold(why) => rsx! {
            Notice { tone: Tone::Warn, title: t!("fault-untold-title"),
                p { {t!("fault-untold-text", share = share)} }
                p { dir: "auto", {t!("fault-what", what = why)} }
            }
        },
    }
}

/// One opening or refused try. `evidence`: with what the public ledger says of it; a contradiction is always said.
#[component]
pub fn OpeningLine(opening: Opening, now: i64, #[props(default)] evidence: bool) -> Element {
    let who = if opening.recipient.is_empty() { t!("opening-nobody") } else { opening.recipient.clone() };
    let shared_with = if opening.shared_with.is_empty() { t!("share-anyone") } else { opening.shared_with.clone() };
    let (icon, what) = if opening.served {
        (Icon::Eye, t!("opening-served", share = &shared_with))
    } else if only_asked(&opening) {
        (Icon::Key, t!("opening-asked", share = &shared_with))
    } else {
        (Icon::Hand, t!("opening-refused", share = &shared_with))
    };
    rsx! {
        a { class: if opening.seen { "line opening" } else { "line opening line-new" }, href: "#/shares/{opening.id}",
            IconView { icon }
            span { class: "grow",
                span { class: "line-title", dir: "auto", "{who}" }
                span { class: "line-detail",
                    {what}
                }
                if !opening.served {
                    span { class: "line-detail", {t!(refusal_key(opening.reason.as_deref()))} }
                }
                if opening.contradicted {
                    span { class: "tag tag-stop", IconView { icon: Icon::Stop } {t!("opening-contradicted")} }
                } else if evidence && opening.proven {
                    span { class: "tag tag-ok", IconView { icon: Icon::Seal } {t!("opening-proven")} }
                } else if evidence {
                    span { class: "tag", IconView { icon: Icon::Unchecked } {t!("opening-unproven")} }
                }
            }
            span { class: "line-end",
                if !opening.seen {
                    span { class: "new", {t!("opening-new")} }
                }
                span { {format::moment(opening.at, now)} }
            }
        }
    }
}

/// An opening as one short sentence, for the moment it happens.
pub fn in_a_word(opening: &Opening) -> String {
    let who = if opening.recipient.is_empty() { t!("opening-nobody") } else { opening.recipient.clone() };
    if opening.served {
        t!("toast-opened", name = who)
    } else if only_asked(opening) {
        t!("toast-asked", name = who)
    } else {
        t!("toast-refused", name = who)
    }
}

/// Whether it gave no passcode, as some readers do first: nobody was turned away yet.
fn only_asked(opening: &Opening) -> bool {
    opening.reason.as_deref() == Some("passcode_missing")
}

/// Why a try was refused, in plain words.
pub fn refusal_key(reason: Option<&str>) -> &'static str {
    match reason {
        Some("passcode") => "refused-passcode",
        Some("passcode_used_up") => "refused-attempts",
        Some("exhausted") => "refused-exhausted",
        Some("paused") => "refused-paused",
        Some("time") => "refused-time",
        Some("withdrawn") => "refused-withdrawn",
        Some("passcode_missing") => "refused-passcode-missing",
        _ => "refused-other",
    }
}
