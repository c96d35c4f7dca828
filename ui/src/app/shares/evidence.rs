//! What a share holds, what was agreed, and what can be kept as proof of it.

use crate::app::session::{Session, loaded};
use crate::app::share::{binds_key, format_key, purpose_key};
use crate::app::wallet;
use crate::kit::{Fold, Icon, IconView, category_icon, category_key};
use crate::{format, i18n};
use carnet_bridge::{FailureCode, ReceiptForm, ReceiptWords, ShareDetail};
use dioxus::prelude::*;

/// What was agreed: what for, how often, and what the recipient is asked to hold to.
#[component]
pub fn Terms(share: ShareDetail, now: i64) -> Element {
    let mut points: Vec<(Icon, String)> = Vec::new();
    if let Some(by) = &share.asked_by {
        points.push((Icon::People, t!("share-asked-by", name = by)));
    }
    points.push((Icon::Info, t!("asked-purpose", what = t!(purpose_key(&share.purpose)))));
    if let Some(most) = share.max_openings {
        points.push((Icon::Eye, t!("share-review-openings", count = most)));
    }
    if share.line.live {
        points.push((Icon::Again, t!("share-review-live")));
    }
    for obligation in &share.obligations {
        points.push((Icon::Hand, t!(binds_key(*obligation))));
    }
    if let Some(at) = share.erase_by {
        points.push((Icon::Clock, t!("share-review-erase", when = format::moment(at, now))));
    }
    points.push((Icon::Document, t!(format_key(share.format))));
    rsx! {
        section { class: "section", "aria-labelledby": "terms",
            h2 { id: "terms", {t!("share-terms")} }
            ul { class: "card stack-tight",
                for (at, (icon, words)) in points.into_iter().enumerate() {
                    li { key: "{at}", class: "point", IconView { icon } span { class: "grow", "{words}" } }
                }
            }
        }
    }
}

/// How many records of each kind it holds.
#[component]
pub fn Holds(share: ShareDetail) -> Element {
    rsx! {
        section { class: "section", "aria-labelledby": "holds",
            h2 { id: "holds", {t!("share-holds")} }
            ul { class: "card stack-tight",
                for count in share.categories {
                    li { key: "{count.category}", class: "row",
                        IconView { icon: category_icon(&count.category) }
                        span { class: "grow", {t!(category_key(&count.category))} }
                        span { class: "figures", {i18n::grouped(count.count as i64)} }
                    }
                }
            }
        }
    }
}

/// Asks the wallet for the receipt and shows it.
#[component]
fn ReceiptPage(id: String) -> Element {
    let asked = use_resource(move || wallet::read_receipt(id.clone()));
    loaded(asked, |words| rsx! { ReceiptView { words: words.clone() } })
}

/// What a receipt says, in the language it is written in.
#[component]
pub fn ReceiptView(words: ReceiptWords) -> Element {
    rsx! {
        div { class: "stack", lang: "{words.language}",
            for part in words.parts {
                section { key: "{part.title}", class: "stack-tight",
                    h3 { class: "strong", "{part.title}" }
                    dl { class: "facts",
                        for (at, (label, value)) in part.lines.into_iter().enumerate() {
                            div { key: "{at}", dt { "{label}" } dd { dir: "auto", "{value}" } }
                        }
                    }
                }
            }
        }
    }
}

/// Its place in the public ledger, and the receipt to keep.
#[component]
pub fn Evidence(share: ShareDetail) -> Element {
    let session = try_consume_context::<Session>();
    let id = share.line.id.clone();
    let save = move |form: ReceiptForm| {
        let Some(session) = session else { return };
        session.trying();
        let id = id.clone();
        spawn(async move {
            match wallet::save_receipt(id, form).await {
                Ok(()) => session.say(t!("toast-receipt")),
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => session.fail(&failure),
            }
        });
    };
    let (pdf, json) = (save.clone(), save);
    rsx! {
        section { class: "section stack-tight", "aria-labelledby": "evidence",
            h2 { id: "evidence", {t!("share-ledger")} }
            match &share.ledger {
                Some(place) => rsx! {
                    p { class: if place.proven { "tag tag-ok" } else { "tag" },
                        IconView { icon: if place.proven { Icon::Seal } else { Icon::Unchecked } }
                        {if place.proven { t!("ledger-proven") } else { t!("ledger-named") }}
                    }
                    p { class: "soft", {t!("ledger-place", log = &place.log, index = place.index)} }
                },
                None => rsx! { p { class: "soft", {t!("ledger-none")} } },
            }
            p { class: "soft", {t!("share-made", when = format::full_moment(share.line.created))} }
        }
        section { class: "section stack-tight", "aria-labelledby": "receipt",
            h2 { id: "receipt", {t!("receipt-title")} }
            p { class: "soft", {t!("receipt-text")} }
            Fold { id: "read-receipt", icon: Icon::Eye, title: t!("receipt-see"),
                ReceiptPage { id: share.line.id.clone() }
            }
            div { class: "row",
                button { class: "button", r#type: "button", id: "receipt-pdf", onclick: move |_| pdf(ReceiptForm::Pdf), IconView { icon: Icon::Document } {t!("receipt-pdf")} }
                button { class: "button", r#type: "button", id: "receipt-json", onclick: move |_| json(ReceiptForm::Json), IconView { icon: Icon::Download } {t!("receipt-json")} }
            }
        }
    }
}
