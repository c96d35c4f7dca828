//! Adding something: files, a folder, a code, or by hand.

use super::entry::kind_key;
use super::import::questions::came;
use super::session::Session;
use super::wallet;
use crate::kit::{Going, Icon, IconView, Notice, StopForm, TextArea, Tone};
use crate::platform;
use carnet_bridge::{EntryKind, Failure, FailureCode, ImportSource, PASTED_BYTES, Pasted};
use carnet_consent::withdrawal::WithdrawalCard;
use dioxus::prelude::*;

/// The ways.
#[component]
pub fn AddPage() -> Element {
    let session = try_consume_context::<Session>();
    let import = move |source: ImportSource| {
        if let Some(session) = session {
            session.import(source);
        }
    };
    rsx! {
        a { class: "back", href: "#/records", IconView { icon: Icon::Back } {t!("records-title")} }
        header { class: "page-head",
            h1 { {t!("add-title")} }
            p { class: "soft", {t!("add-lead")} }
        }
        div { class: "stack",
            section { class: "stack", "aria-labelledby": "add-have",
                h2 { id: "add-have", {t!("add-have")} }
                div { class: "ways",
                    button { class: "way", r#type: "button", id: "import", onclick: move |_| import(ImportSource::PickFiles),
                        IconView { icon: Icon::Import }
                        span { span { class: "way-title", {t!("add-files")} } span { class: "way-text", {t!("add-files-text")} } }
                    }
                    button { class: "way", r#type: "button", id: "import-folder", onclick: move |_| import(ImportSource::PickFolder),
                        IconView { icon: Icon::Folder }
                        span { span { class: "way-title", {t!("add-folder")} } span { class: "way-text", {t!("add-folder-text")} } }
                    }
                    a { class: "way", href: "#/add/code",
                        IconView { icon: Icon::Qr }
                        span { span { class: "way-title", {t!("code-title")} } span { class: "way-text", {t!("add-code-text")} } }
                    }
                }
                details {
                    summary { IconView { icon: Icon::Forward, class: "icon-fold icon-turns" } {t!("add-formats")} }
                    ul { class: "stack-tight",
                        for key in ["format-fhir", "format-ccda", "format-apple", "format-cards", "format-documents", "format-table", "format-archive"] {
                            li { key: "{key}", class: "point", IconView { icon: Icon::Check } span { {t!(key)} } }
                        }
                    }
                }
            }
            section { class: "stack", "aria-labelledby": "add-self",
                h2 { id: "add-self", {t!("type-title")} }
                ul { class: "list",
                    for kind in EntryKind::ALL {
                        li { key: "{kind:?}",
                            a { class: "line", href: "#/add/{kind.as_str()}",
                                IconView { icon: super::entry::kind_icon(kind) }
                                span { class: "grow line-title", {t!(kind_key(kind))} }
                                IconView { icon: Icon::Forward }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A code that was scanned elsewhere, pasted as text.
#[component]
pub fn CodePage() -> Element {
    let session = try_consume_context::<Session>();
    let mut text = use_signal(String::new);
    let mut error = use_signal(String::new);
    let mut card = use_signal(|| None::<Card>);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let typed = text.peek().clone();
        match pasted(&typed) {
            _ if WithdrawalCard::is_meant(&typed) => match typed.parse() {
                Ok(found) => {
                    error.set(String::new());
                    text.set(String::new());
                    card.set(Some(Card(found)));
                }
                Err(_) => error.set(t!("code-card-wrong")),
            },
            Ok(pasted) => {
                error.set(String::new());
                text.set(String::new());
                if let Some(session) = session {
                    session.import(ImportSource::Pasted(pasted));
                }
            }
            Err(why) => error.set(t!(why)),
        }
    };
    if let Some(card) = card() {
        return rsx! { UseCard { card } };
    }
    rsx! {
        a { class: "back", href: "#/add", IconView { icon: Icon::Back } {t!("add-title")} }
        header { class: "page-head",
            h1 { {t!("code-title")} }
            p { class: "soft", {t!("code-lead")} }
        }
        form { class: "stack", onsubmit: submit, novalidate: true,
            TextArea { id: "code", label: t!("code-field"), hint: t!("code-hint"), error: error(), rows: 6, verbatim: true, value: text }
            Notice { tone: Tone::Plain, icon: Icon::Shield, title: t!("code-safe-title"), p { {t!("code-safe")} } }
            div { class: "actions",
                button { class: "button button-primary", r#type: "submit", id: "add-code", {t!("code-go")} }
            }
        }
    }
}

/// A card handed to a component.
#[derive(Clone, PartialEq)]
struct Card(WithdrawalCard);

/// A withdrawal card instead of a code: whoever has it may stop a share, somebody else's mostly. Nothing is sent before the
/// person says so.
#[component]
fn UseCard(card: Card) -> Element {
    let session = try_consume_context::<Session>();
    let mut going = use_signal(|| Going::Asking);
    let host = card.0.relay().map(|relay| relay.split("://").nth(1).unwrap_or(relay).to_owned());
    let stop = move |()| {
        if going() == Going::Sending {
            return;
        }
        going.set(Going::Sending);
        let text = card.0.expose_link();
        spawn(async move {
            let answer = wallet::use_card(text).await;
            if let (Err(Failure { code: FailureCode::Locked, .. }), Some(session)) = (&answer, session) {
                session.locked();
            }
            going.set(came(answer));
            platform::focus("stop-outcome");
            if let Some(session) = session {
                session.touch();
            }
        });
    };
    rsx! {
        a { class: "back", href: "#/add", IconView { icon: Icon::Back } {t!("add-title")} }
        header { class: "page-head",
            h1 { {t!("use-card-title")} }
            p { class: "soft", {t!("use-card-lead")} }
            if let Some(host) = host {
                p { class: "soft", dir: "auto", {t!("use-card-host", host = host)} }
            }
        }
        div { class: "stack",
            StopForm { going: going(), onstop: stop }
        }
    }
}

/// The text, if it looks like a code that the wallet reads; else the key of what is wrong with it.
pub fn pasted(text: &str) -> Result<Pasted, &'static str> {
    let text = text.trim();
    // A link may stand behind the address of a viewer.
    let known = |part: &str| {
        let lower = part.to_ascii_lowercase();
        ["shc:/", "hc1:", "shlink:/"].iter().any(|start| lower.starts_with(start)) || lower.contains("#shlink:/")
    };
    if text.is_empty() {
        Err("code-missing")
    } else if text.len() > PASTED_BYTES {
        Err("code-too-long")
    } else if text.split_whitespace().next().is_some_and(known) {
        Ok(Pasted(text.to_owned()))
    } else {
        Err("code-unknown")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_by_how_they_begin() {
        for good in [
            " shc:/5676290952432060346029",
            "HC1:6BF+70790T9WJWG.FKY",
            "shlink:/eyJ1cmwi",
            "https://view.example/v#shlink:/eyJ1",
            "SHC:/5",
        ] {
            assert!(pasted(good).is_ok(), "{good}");
        }
        assert_eq!(pasted("  ").unwrap_err(), "code-missing");
        assert_eq!(pasted("https://example.org").unwrap_err(), "code-unknown");
        assert_eq!(pasted(&format!("shc:/{}", "5".repeat(PASTED_BYTES))).unwrap_err(), "code-too-long");
    }
}
