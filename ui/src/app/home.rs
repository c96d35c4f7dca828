//! The first screen: who, what needs attention, live shares, who looked, the latest records.

use super::me::BackUpButton;
use super::openings::OpeningLine;
use super::records::RecordRow;
use super::session::{Session, loaded};
use super::wallet;
use crate::format;
use crate::kit::{Empty, Icon, IconView, Notice, Tone, Visa, use_now};
use carnet_bridge::{Attention, Home};
use dioxus::prelude::dioxus_core::spawn_forever;
use dioxus::prelude::*;

/// Asks the wallet and shows the first screen.
#[component]
pub fn HomePage() -> Element {
    let session = use_context::<Session>();
    let asked = use_resource(move || async move {
        (session.changed)();
        wallet::home().await
    });
    let mut unseen = session.unseen;
    use_effect(move || {
        if let Some(Ok(home)) = &*asked.read() {
            unseen.set(home.unseen_openings);
        }
    });
    loaded(asked, |home| rsx! { HomeView { home: home.clone() } })
}

/// The first screen itself.
#[component]
pub fn HomeView(home: Home) -> Element {
    let now = use_now();
    let title = if home.name.is_empty() { t!("home-title") } else { t!("home-hello", name = &home.name) };
    rsx! {
        header { class: "page-head",
            h1 { id: "who", "{title}" }
            if home.example {
                p { span { class: "example-flag", IconView { icon: Icon::Info } {t!("home-example")} } }
            }
        }
        if !home.attention.is_empty() || home.unseen_openings > 0 {
            div { class: "notices", "aria-label": t!("home-attention"), role: "region",
                if home.unseen_openings > 0 {
                    Notice { tone: Tone::Plain, icon: Icon::Eye, title: t!("openings-unseen", count = home.unseen_openings),
                        a { id: "see-unseen", href: "#/looked", {t!("openings-unseen-go")} }
                    }
                }
                for (at, about) in home.attention.iter().enumerate() {
                    AttentionView { key: "{at}", about: about.clone(), now: now() }
                }
            }
        }
        if home.records == 0 {
            div { class: "section",
                Empty { icon: Icon::Records, title: t!("home-empty-title"), text: t!("home-empty-text"),
                    a { class: "button button-primary", id: "add", href: "#/add",
                        IconView { icon: Icon::Plus }
                        {t!("add-title")}
                    }
                }
            }
        } else {
            section { class: "section", "aria-labelledby": "live",
                div { class: "row-between",
                    h2 { id: "live", {t!("home-shares")} }
                    a { href: "#/shares", {t!("home-all-shares")} }
                }
                if home.open_shares.is_empty() {
                    div { class: "card",
                        p { id: "nobody",
                            {if home.resting_shares > 0 { t!("home-resting-shares", count = home.resting_shares) } else { t!("home-no-shares") }}
                        }
                        a { class: "button button-primary", href: "#/share", IconView { icon: Icon::Share } {t!("share-start")} }
                    }
                } else {
                    div { class: "visa-list",
                        for share in home.open_shares.iter().cloned() {
                            Visa { key: "{share.id}", share, now: now() }
                        }
                    }
                }
            }
            section { class: "section", "aria-labelledby": "looked",
                div { class: "row-between",
                    h2 { id: "looked", {t!("home-looked")} }
                    a { href: "#/looked", {t!("home-all-looked")} }
                }
                if home.openings.is_empty() {
                    p { class: "soft", {t!("home-nobody-looked")} }
                } else {
                    ul { class: "list",
                        for (at, opening) in home.openings.iter().cloned().enumerate() {
                            li { key: "{at}", OpeningLine { opening, now: now() } }
                        }
                    }
                }
            }
            section { class: "section", "aria-labelledby": "latest",
                div { class: "row-between",
                    h2 { id: "latest", {t!("home-latest")} }
                    a { href: "#/records", {t!("home-all-records", count = home.records)} }
                }
                ul { class: "list",
                    for line in home.latest.iter().cloned() {
                        li { key: "{line.id}", RecordRow { line } }
                    }
                }
            }
        }
    }
}

/// Something that needs attention, with the way to settle it.
#[component]
fn AttentionView(about: Attention, now: i64) -> Element {
    let session = try_consume_context::<Session>();
    let sending = session.is_some_and(|session| (session.sending)());
    match about {
        Attention::Journal { .. } => rsx! {
            Notice { tone: Tone::Warn, icon: Icon::Unchecked, title: t!("attention-journal-title"),
                p { {t!("attention-journal-text")} }
            }
        },
        Attention::RecoveryWords => rsx! {
            Notice { tone: Tone::Warn, icon: Icon::Key, title: t!("attention-words-title"),
                p { {t!("attention-words-text")} }
                a { class: "button", href: "#/me/words", {t!("attention-words-go")} }
            }
        },
        Attention::Backup => rsx! {
            Notice { tone: Tone::Plain, icon: Icon::Archive, title: t!("attention-backup-title"),
                p { {t!("attention-backup-text")} }
                BackUpButton {}
            }
        },
        Attention::Waiting { count } => rsx! {
            Notice { tone: Tone::Warn, icon: Icon::Offline, title: t!("attention-waiting-title"),
                p { {t!("attention-waiting-text", count = count)} }
                button { class: "button", r#type: "button", id: "try-now", "aria-disabled": sending.then_some("true"),
                    onclick: move |_| if let Some(session) = session { sync(session) },
                    IconView { icon: Icon::Again }
                    {if sending { t!("attention-waiting-busy") } else { t!("attention-waiting-go") }}
                }
            }
        },
        Attention::ShareEnds { id, expires } => rsx! {
            Notice { tone: Tone::Plain, icon: Icon::Clock, title: t!("attention-ends-title", when = format::moment(expires, now)),
                a { href: "#/shares/{id}", {t!("attention-ends-go")} }
            }
        },
    }
}

fn sync(mut session: Session) {
    if *session.sending.peek() {
        return;
    }
    session.sending.set(true);
    session.trying();
    spawn_forever(async move {
        match wallet::sync().await {
            Ok(state) if state.waiting == 0 => session.say(t!("toast-synced")),
            Ok(state) => session.say(t!("toast-still-waiting", count = state.waiting)),
            Err(failure) => session.fail(&failure),
        }
        session.sending.set(false);
        session.touch();
    });
}
