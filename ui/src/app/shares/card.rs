//! The withdrawal card of a share, to be looked at and printed for somebody who may stop it.

use crate::app::route::Route;
use crate::app::session::loaded;
use crate::app::wallet;
use crate::kit::{Icon, IconView, QrView, use_now};
use crate::{format, platform};
use carnet_bridge::WithdrawalCard;
use dioxus::prelude::*;

/// Asks the wallet and shows the card.
#[component]
pub fn CardPage(id: String) -> Element {
    let wanted = id.clone();
    let asked = use_resource(move || wallet::withdrawal_card(wanted.clone()));
    rsx! {
        a { class: "back on-screen", href: Route::ShareDetail(id).fragment(), IconView { icon: Icon::Back } {t!("shares-title")} }
        {loaded(asked, |card| rsx! { CardView { card: (**card).clone() } })}
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
                pre { class: "original", id: "card-code", dir: "ltr", tabindex: "0", "{card.code}" }
            }
            p { class: "soft on-screen", {t!("card-care")} }
            button { class: "button on-screen", r#type: "button", id: "print-card", onclick: move |_| platform::print(),
                IconView { icon: Icon::Print }
                {t!("card-print")}
            }
        }
    }
}
