//! The withdrawal card of a share, to be looked at and printed for somebody who may stop it.

use crate::app::route::Route;
use crate::app::session::{Session, loaded};
use crate::app::wallet;
use crate::kit::{Icon, IconView, Notice, QrView, Tone, use_now};
use crate::{format, platform};
use carnet_bridge::WithdrawalCard;
use dioxus::prelude::*;

/// Asks the wallet and shows the card.
#[component]
pub fn CardPage(id: String) -> Element {
    let (wanted, back) = (id.clone(), Route::ShareDetail(id.clone()).fragment());
    let asked = use_resource(move || wallet::withdrawal_card(wanted.clone()));
    rsx! {
        a { class: "back on-screen", href: back, IconView { icon: Icon::Back } {t!("card-back")} }
        {loaded(asked, move |card| rsx! {
            if card.only_here {
                OnlyHere { id: id.clone(), relay: card.relay.clone() }
            } else {
                CardView { card: (**card).clone() }
            }
        })}
    }
}

/// Instead of a card that would lead nobody anywhere: why, and what does help.
#[component]
pub fn OnlyHere(id: String, relay: Option<String>) -> Element {
    let session = try_consume_context::<Session>();
    let mut busy = use_signal(|| false);
    let share = Route::ShareDetail(id.clone()).fragment();
    let go = move |_| {
        let (Some(session), false) = (session, busy()) else { return };
        busy.set(true);
        session.trying();
        let id = id.clone();
        spawn(async move {
            match wallet::move_share(id).await {
                Ok(moved) => {
                    session.say(t!("toast-moved"));
                    session.touch();
                    platform::replace(&Route::Shares.fragment());
                    platform::go(&Route::ShareDetail(moved.line.id.clone()).fragment());
                }
                Err(failure) => session.fail(&failure),
            }
            busy.set(false);
        });
    };
    rsx! {
        header { class: "page-head",
            h1 { {t!("card-title")} }
        }
        div { class: "stack", id: "only-here",
            Notice { tone: Tone::Warn, icon: Icon::Device, title: t!("card-only-here"),
                p { {t!("card-only-here-text")} }
            }
            h2 { {t!("card-helps")} }
            if let Some(relay) = relay {
                p { dir: "auto", {t!("card-move-text", relay = relay)} }
                button { class: "button button-primary", r#type: "button", id: "move-share", "aria-disabled": busy().then_some("true"), onclick: go,
                    IconView { icon: Icon::Share }
                    {t!("card-move")}
                }
            } else {
                p { {t!("card-relay-text")} }
                a { class: "button button-primary", id: "choose-relay", href: Route::Settings.fragment(),
                    IconView { icon: Icon::Settings }
                    {t!("card-relay")}
                }
            }
            p { {t!("card-stop-here-text")} }
            a { class: "button", href: share, IconView { icon: Icon::Hand } {t!("card-stop-here")} }
        }
    }
}

/// The card itself: all of it goes on paper but the button.
#[component]
pub fn CardView(card: WithdrawalCard) -> Element {
    let now = use_now();
    let who = if card.recipient.is_empty() { t!("share-anyone") } else { card.recipient.clone() };
    // What is typed by hand is the page and the code, each by itself.
    let page = card.link.split('#').next().unwrap_or_default().to_owned();
    rsx! {
        header { class: "page-head centred",
            h1 { {t!("card-title")} }
            p { class: "soft", {t!("card-lead")} }
        }
        div { class: "stack",
            QrView { rows: card.qr.clone(), label: t!("card-qr") }
            ul { class: "card stack-tight",
                li { class: "point", IconView { icon: Icon::People } span { class: "grow", dir: "auto", {t!("card-for", name = &who)} } }
                li { class: "point", IconView { icon: Icon::Clock } span { class: "grow", {t!("card-until", when = format::moment(card.expires, now()))} } }
                li { class: "point", IconView { icon: Icon::Hand } span { class: "grow", {t!("card-how")} } }
            }
            section { class: "section stack-tight", "aria-labelledby": "card-typed",
                h2 { id: "card-typed", {t!("card-code")} }
                p { class: "original", dir: "ltr", "{page}" }
                pre { class: "original card-code", id: "card-code", dir: "ltr", tabindex: "0", "{card.code}" }
            }
            p { class: "soft on-screen", {t!("card-care")} }
            button { class: "button on-screen", r#type: "button", id: "print-card", onclick: move |_| platform::print(),
                IconView { icon: Icon::Print }
                {t!("card-print")}
            }
        }
    }
}
