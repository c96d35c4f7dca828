//! Files inside a document: pages and pictures that can be opened, and everything that can be kept.

use super::document::{Attachment, FileKind};
use crate::format;
use crate::kit::{Icon, IconView};
use crate::platform;
use dioxus::prelude::*;
use std::rc::Rc;

/// Bytes handed to a component.
#[derive(Clone)]
pub struct Bytes(pub Rc<Vec<u8>>);

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A file inside. Only kinds that cannot run anything are opened, and what a file is its own bytes say, not its sender;
/// it is kept under a name of ours, so that no name of a stranger's reaches the reader's disk.
#[component]
pub fn FileLine(attachment: Attachment, may_keep: bool) -> Element {
    let kind = attachment.kind;
    let bytes = attachment.bytes.clone();
    let url = use_hook(|| platform::blob_url(&bytes, kind.media_type())).unwrap_or_default();
    let title = match (attachment.rendered, attachment.title.is_empty()) {
        (true, _) => t!("file-rendered"),
        (false, true) => t!("file-unnamed"),
        (false, false) => attachment.title.clone(),
    };
    let size = format::size(attachment.bytes.len() as u64);
    let shown = kind != FileKind::Other;
    rsx! {
        div { class: "file-line",
            IconView { icon: Icon::Document }
            span { class: "grow",
                span { class: "line-title", dir: "auto", "{title}" }
                span { class: "line-detail", {t!("file-detail", kind = kind_text(&attachment), size = size)} }
            }
            span { class: "file-ways no-print",
                if shown {
                    a { class: "button", href: url.clone(), target: "_blank", rel: "noopener", IconView { icon: Icon::Eye } {t!("file-open")} span { class: "spoken", " {title}" } }
                }
                if may_keep {
                    a { class: "button", href: url, download: name(&attachment), IconView { icon: Icon::Download } {t!("file-keep")} span { class: "spoken", " {title}" } }
                }
            }
        }
    }
}

/// The FHIR file itself, for the clinician's own system.
#[component]
pub fn KeepFile(bytes: Bytes) -> Element {
    let url = use_hook(|| platform::blob_url(&bytes.0, "application/fhir+json")).unwrap_or_default();
    rsx! {
        a { class: "button", href: url, download: "patient-summary.fhir.json", IconView { icon: Icon::Download } {t!("keep")} }
    }
}

fn name(attachment: &Attachment) -> &'static str {
    match attachment.kind {
        FileKind::Pdf if attachment.rendered => "shared-records.pdf",
        FileKind::Pdf => "document.pdf",
        FileKind::Png => "picture.png",
        FileKind::Jpeg => "picture.jpg",
        FileKind::Other => "document",
    }
}

/// What it is, for reading: what the bytes say, else what the sender says.
fn kind_text(attachment: &Attachment) -> String {
    match attachment.kind {
        FileKind::Pdf => "PDF".to_owned(),
        FileKind::Png => "PNG".to_owned(),
        FileKind::Jpeg => "JPEG".to_owned(),
        FileKind::Other if attachment.content_type.is_empty() => t!("file-unknown"),
        FileKind::Other => attachment.content_type.clone(),
    }
}
