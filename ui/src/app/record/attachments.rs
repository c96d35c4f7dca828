//! Documents and pictures of a record: shown where that is safe, saved where the person says.

use crate::app::session::Session;
use crate::app::urgent::Failed;
use crate::app::wallet;
use crate::format;
use crate::kit::{Icon, IconView};
use crate::platform;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carnet_bridge::{AttachmentLine, FailureCode};
use dioxus::prelude::*;

/// The list.
#[component]
pub fn Attachments(record: String, attachments: Vec<AttachmentLine>) -> Element {
    if attachments.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "card", "aria-labelledby": "attachments",
            h2 { id: "attachments", {t!("attachments-title")} }
            ul { class: "attachments",
                for attachment in attachments {
                    li { key: "{attachment.id}", Attachment { record: record.clone(), attachment } }
                }
            }
            p { class: "soft small point", IconView { icon: Icon::Unlock } span { {t!("attachments-unlocked")} } }
        }
    }
}

#[component]
fn Attachment(record: String, attachment: AttachmentLine) -> Element {
    let session = try_consume_context::<Session>();
    let mut picture = use_signal(|| None::<String>);
    // The bytes are let go with the page.
    use_drop(move || {
        if let Some(url) = picture.peek().as_deref() {
            platform::release_url(url);
        }
    });
    let title = if attachment.title.is_empty() { t!("attachment-untitled") } else { attachment.title.clone() };
    let (of, name) = (record.clone(), attachment.id.clone());
    let save = move |open: bool| {
        let (of, name) = (of.clone(), name.clone());
        if let Some(session) = session {
            session.trying();
        }
        spawn(async move {
            let saved = wallet::save_attachment(of, name, open).await;
            let Some(session) = session else { return };
            match saved {
                Ok(()) => session.say(t!("toast-saved")),
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => session.fail(&failure),
            }
        });
    };
    let save_open = save.clone();
    let (of, name) = (record, attachment.id.clone());
    let show = move |_| {
        let (of, name) = (of.clone(), name.clone());
        spawn(async move {
            match wallet::attachment(of, name).await {
                // Only kinds that a page may show; whatever the wallet says, nothing else becomes a picture here.
                Ok(bytes) => {
                    let allowed = AttachmentLine {
                        id: String::new(),
                        title: String::new(),
                        media_type: bytes.media_type.clone(),
                        bytes: 0,
                    };
                    let url = STANDARD
                        .decode(bytes.base64)
                        .ok()
                        .filter(|_| allowed.can_preview())
                        .and_then(|decoded| platform::blob_url(&decoded, &bytes.media_type));
                    match (url, session) {
                        (Some(url), _) => picture.set(Some(url)),
                        (None, Some(mut session)) => {
                            let (title, text) = (t!("failure-title"), t!("attachment-not-shown"));
                            session.failed.set(Some(Failed { title, text, damaged: false }));
                        }
                        (None, None) => {}
                    }
                }
                Err(failure) => {
                    if let Some(session) = session {
                        session.fail(&failure);
                    }
                }
            }
        });
    };
    rsx! {
        div { class: "attachment",
            p { class: "point",
                IconView { icon: Icon::Document }
                span { class: "grow",
                    bdi { class: "strong attachment-title", "{title}" }
                    span { class: "soft small attachment-kind", {kind(&attachment.media_type)} " · " {format::size(attachment.bytes)} }
                }
            }
            if let Some(url) = picture() {
                img { class: "attachment-picture", src: "{url}", alt: "{title}" }
            }
            div { class: "row",
                if attachment.can_preview() && picture().is_none() {
                    button { class: "button", r#type: "button", onclick: show, IconView { icon: Icon::Eye } {t!("attachment-show")} }
                }
                button { class: "button", r#type: "button", onclick: move |_| save(false), IconView { icon: Icon::Download } {t!("attachment-save")} }
                button { class: "button button-quiet", r#type: "button", onclick: move |_| save_open(true), {t!("attachment-save-open")} }
            }
        }
    }
}

/// What kind of file it is, in a word.
fn kind(media_type: &str) -> String {
    match media_type {
        "application/pdf" => t!("kind-pdf"),
        "text/plain" => t!("kind-text"),
        "application/dicom" => t!("kind-dicom"),
        other if other.starts_with("image/") => t!("kind-picture"),
        other => t!("kind-other", media_type = other),
    }
}
