//! Where a record comes from, who vouches for it, what other sources say, and what it said before.

use crate::format;
use crate::kit::{Icon, IconView, category_icon, fact_label};
use carnet_bridge::{Disagreement, RecordSheet, RecordVersion, Signature};
use dioxus::prelude::*;

/// Who vouches for it, in one line under the title.
#[component]
pub fn SealLine(signature: Signature) -> Element {
    let (class, icon, words) = match &signature {
        Signature::None => return rsx! {},
        Signature::Typed => ("tag", Icon::Person, t!("record-typed")),
        Signature::Signed { by, listed: true, .. } => ("tag tag-ok", Icon::Seal, t!("signed-by", by = by)),
        Signature::Signed { by, listed: false, .. } => ("tag", Icon::Unchecked, t!("signed-by-unlisted", by = by)),
        Signature::Refused { .. } => ("tag tag-stop", Icon::Stop, t!("signed-refused")),
    };
    rsx! { p { span { class, IconView { icon } span { "{words}" } } } }
}

/// What the sources disagree on, side by side.
#[component]
pub fn Agreement(disagreements: Vec<Disagreement>, current: String) -> Element {
    if disagreements.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "card disagree", "aria-labelledby": "disagree", id: "disagree-part",
            h2 { id: "disagree", IconView { icon: Icon::Warn, class: "tone-warn" } " " {t!("record-disagree")} }
            p { {t!("record-disagree-text")} }
            for (at, about) in disagreements.into_iter().enumerate() {
                div { key: "{at}", class: "stack-tight",
                    h3 { class: "disagree-about", {about_label(&about.label)} }
                    ul { class: "sides",
                        for (at, value) in about.values.into_iter().enumerate() {
                            li { key: "{at}", class: "side",
                                p { class: "strong", dir: "auto", {if value.value.is_empty() { t!("record-says-nothing") } else { value.value.clone() }} }
                                p { class: "soft small", dir: "auto",
                                    if value.record == current {
                                        {t!("record-this-one", source = &value.source)}
                                    } else {
                                        a { href: "#/records/{value.record}", "{value.source}" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The source, the signature, the versions, the other sources, and the original.
#[component]
pub fn Provenance(sheet: RecordSheet) -> Element {
    let record = &sheet.detail;
    let typed = sheet.signature == Signature::Typed;
    rsx! {
        section { class: "card", "aria-labelledby": "source",
            h2 { id: "source", {t!("record-source")} }
            dl { class: "facts",
                if !typed {
                    div { dt { {t!("record-source-file")} } dd { dir: "auto", "{record.source}" } }
                }
                div { dt { {t!("record-source-when")} } dd { {format::full_moment(record.imported_at)} } }
                div { dt { {t!("record-source-signed")} } dd { SignatureText { signature: sheet.signature.clone() } } }
                if sheet.versions.is_empty() && record.versions > 1 {
                    div { dt { {t!("record-source-versions")} } dd { "{record.versions}" } }
                }
            }
            if !sheet.others.is_empty() {
                h3 { id: "others", {t!("record-others", count = sheet.others.len())} }
                ul { class: "list list-flat", "aria-labelledby": "others",
                    for (at, other) in sheet.others.iter().enumerate() {
                        li { key: "{at}",
                            a { class: "line", href: "#/records/{other.line.id}",
                                IconView { icon: category_icon(&other.line.category) }
                                span { class: "grow",
                                    span { class: "line-title", dir: "auto", "{other.line.title}" }
                                    span { class: "line-detail", dir: "auto", "{other.line.detail}" }
                                    span { class: "line-detail small", {t!("record-other-from", source = &other.source, when = format::full_moment(other.imported_at))} }
                                }
                                IconView { icon: Icon::Forward }
                            }
                        }
                    }
                }
            }
            if sheet.versions.len() > 1 {
                Versions { versions: sheet.versions.clone() }
            }
            details { id: "original",
                summary { IconView { icon: Icon::Forward, class: "icon-fold icon-turns" } {t!("record-original")} }
                dl { class: "facts",
                    div { dt { {t!("record-source-kind")} } dd { "{record.resource_type}" } }
                    if !sheet.place.is_empty() {
                        div { dt { {t!("record-source-place")} } dd { code { dir: "ltr", "{sheet.place}" } } }
                    }
                }
                pre { class: "original", dir: "ltr", tabindex: "0", "{record.original}" }
            }
        }
    }
}

/// What the signature shows, and what not.
#[component]
fn SignatureText(signature: Signature) -> Element {
    match signature {
        Signature::None => rsx! { {t!("signature-none")} },
        Signature::Typed => rsx! { {t!("signature-typed")} },
        Signature::Signed { by, listed, checked_at } => {
            let when = format::full_moment(checked_at);
            let text = if listed {
                t!("signature-listed", by = by, when = when)
            } else {
                t!("signature-unlisted", by = by, when = when)
            };
            rsx! { "{text}" }
        }
        Signature::Refused { by, why } => rsx! {
            p { {if by.is_empty() { t!("signature-refused") } else { t!("signature-refused-by", by = by) }} }
            p { class: "soft", dir: "auto", "{why}" }
        },
    }
}

/// What it said before.
#[component]
fn Versions(versions: Vec<RecordVersion>) -> Element {
    rsx! {
        details { id: "versions",
            summary { IconView { icon: Icon::Forward, class: "icon-fold icon-turns" } {t!("record-versions", count = versions.len())} }
            ol { class: "versions",
                for (at, version) in versions.into_iter().enumerate() {
                    li { key: "{at}",
                        p { class: "strong",
                            {format::full_moment(version.at)}
                            if at == 0 {
                                span { class: "tag", " " IconView { icon: Icon::Check } {t!("version-now")} }
                            }
                        }
                        p { dir: "auto", "{version.says}" }
                        p { class: "soft small", dir: "auto", {if version.source.is_empty() { t!("record-typed") } else { version.source.clone() }} }
                    }
                }
            }
        }
    }
}

fn about_label(label: &str) -> String {
    match label {
        "status" => t!("about-status"),
        "date" => t!("table-date"),
        "title" => t!("about-title"),
        other => fact_label(other),
    }
}
