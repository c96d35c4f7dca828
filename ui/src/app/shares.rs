//! All shares as visas, and the page of one: its QR, countdown, openings, and the way to stop it.

use super::openings::OpeningsView;
use super::session::{Session, loaded};
use super::wallet;
use crate::format;
use crate::kit::{Countdown, Empty, Icon, IconView, Notice, QrView, Tone, Visa, category_icon, category_key, use_now};
use carnet_bridge::{ShareDetail, ShareLine, ShareStatus};
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

/// Asks the wallet and shows one share.
#[component]
pub fn ShareDetailPage(id: String) -> Element {
    let session = use_context::<Session>();
    let mut stopping = use_signal(|| false);
    let wanted = id.clone();
    let asked = use_resource(move || {
        let id = wanted.clone();
        async move {
            (session.changed)();
            wallet::share_detail(id).await
        }
    });
    let stop = move |()| {
        if stopping() {
            return;
        }
        stopping.set(true);
        let id = id.clone();
        spawn(async move {
            match wallet::stop_sharing(id).await {
                Ok(share) if share.line.status == ShareStatus::Stopped => session.say(t!("toast-stopped")),
                Ok(_) => session.say(t!("toast-stopping")),
                Err(failure) => session.fail(&failure),
            }
            stopping.set(false);
            session.touch();
        });
    };
    rsx! {
        a { class: "back", href: "#/shares", IconView { icon: Icon::Back } {t!("shares-title")} }
        {loaded(asked, |share| rsx! { ShareView { share: (**share).clone(), stopping: stopping(), stop } })}
    }
}

/// The share itself.
#[component]
pub fn ShareView(share: ShareDetail, stopping: bool, stop: EventHandler<()>) -> Element {
    let session = try_consume_context::<Session>();
    let now = use_now();
    let line = &share.line;
    let who = if line.recipient.is_empty() { t!("share-anyone") } else { line.recipient.clone() };
    let in_time = line.expires > now();
    let live = line.status == ShareStatus::Live && in_time;
    let stoppable =
        matches!(line.status, ShareStatus::Live | ShareStatus::Waiting | ShareStatus::NotYet | ShareStatus::Paused)
            && in_time;
    let copy = move |text: String| {
        spawn(async move {
            let Some(session) = session else { return };
            match wallet::copy(text).await {
                Ok(()) => session.say(t!("toast-copied")),
                Err(failure) => session.fail(&failure),
            }
        });
    };
    rsx! {
        header { class: "page-head centred",
            h1 { {t!("visa-for", name = &who)} }
            p { class: "soft", {t!("count-records", count = line.records)} " · " span { id: "opened", {t!("count-openings", count = line.openings)} } }
        }
        div { class: "stack",
            StatusNotice { status: line.status, in_time }
            if live {
                QrView { rows: share.qr.clone(), label: t!("qr-label", name = &who) }
                Countdown { ends: line.expires }
                if share.passcode {
                    p { class: "centred soft", IconView { icon: Icon::Key } " " {t!("share-has-passcode")} }
                }
            }
            if stoppable {
                div { class: "actions",
                    button { class: "button button-stop grow", id: "stop-sharing", "aria-disabled": stopping.then_some("true"), onclick: move |_| stop.call(()),
                        IconView { icon: Icon::Hand }
                        {if stopping { t!("share-stopping") } else { t!("share-stop") }}
                    }
                    if live {
                        button { class: "button grow", id: "copy-link", onclick: { let link = share.link.clone(); move |_| copy(link.clone()) },
                            IconView { icon: Icon::Copy }
                            {t!("share-copy")}
                        }
                    }
                }
            }
            section { class: "section", "aria-labelledby": "opened-by",
                h2 { id: "opened-by", {t!("home-looked")} }
                OpeningsView { openings: share.openings.clone(), now: now() }
            }
            section { class: "section", "aria-labelledby": "holds",
                h2 { id: "holds", {t!("share-holds")} }
                ul { class: "card",
                    for count in share.categories.clone() {
                        li { key: "{count.category}", class: "row",
                            IconView { icon: category_icon(&count.category) }
                            span { class: "grow", {t!(category_key(&count.category))} }
                            span { class: "figures", {crate::i18n::grouped(count.count as i64)} }
                        }
                    }
                }
            }
            section { class: "section", "aria-labelledby": "evidence",
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
                p { class: "soft", {t!("share-made", when = format::full_moment(line.created))} }
                if live {
                    details {
                        summary { IconView { icon: Icon::Forward, class: "icon-fold" } {t!("share-other-ways")} }
                        p { class: "soft", {t!("share-shlink-text")} }
                        pre { class: "original", id: "shlink", dir: "ltr", tabindex: "0", "{share.shlink}" }
                        button { class: "button", onclick: { let link = share.shlink.clone(); move |_| copy(link.clone()) },
                            IconView { icon: Icon::Copy }
                            {t!("share-copy")}
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn StatusNotice(status: ShareStatus, in_time: bool) -> Element {
    match status {
        ShareStatus::Live if in_time => rsx! {},
        ShareStatus::NotYet | ShareStatus::Paused => rsx! {},
        ShareStatus::Live | ShareStatus::Expired => rsx! {
            Notice { tone: Tone::Plain, icon: Icon::Clock, title: t!("share-over"), p { {t!("share-over-text")} } }
        },
        ShareStatus::Waiting => rsx! {
            Notice { tone: Tone::Warn, icon: Icon::Offline, title: t!("share-waiting"), p { {t!("share-waiting-text")} } }
        },
        ShareStatus::Stopped => rsx! {
            Notice { tone: Tone::Ok, icon: Icon::Hand, title: t!("share-stopped"), p { {t!("share-stopped-text")} } }
        },
        ShareStatus::Stopping => rsx! {
            Notice { tone: Tone::Warn, icon: Icon::Offline, title: t!("share-stopping-title"), p { {t!("share-stopping-text")} } }
        },
        ShareStatus::Exhausted => rsx! {
            Notice { tone: Tone::Plain, icon: Icon::Eye, title: t!("share-exhausted"), p { {t!("share-exhausted-text")} } }
        },
    }
}
