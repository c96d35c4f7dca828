//! Something typed in by hand: new, or corrected.

pub mod form;

use super::session::loaded;
use super::wallet;
use crate::kit::{Icon, IconView, Notice, Tone};
use carnet_bridge::{EntryKind, OwnEntry};
use dioxus::prelude::*;
pub use form::EntryForm;

/// A new entry of one kind.
#[component]
pub fn TypePage(kind: EntryKind) -> Element {
    rsx! {
        a { class: "back", href: "#/add", IconView { icon: Icon::Back } {t!("add-title")} }
        header { class: "page-head",
            p { class: "kicker", {t!("type-title")} }
            h1 { {t!(kind_key(kind))} }
        }
        EntryForm { entry: OwnEntry { kind, ..OwnEntry::default() } }
    }
}

/// Correcting an entry.
#[component]
pub fn EditPage(id: String) -> Element {
    let back = format!("#/records/{id}");
    let record = id.clone();
    let asked = use_resource(move || {
        let id = id.clone();
        // Asked once: what was typed must not be replaced under the person's hands.
        async move { wallet::sheet(id).await }
    });
    rsx! {
        a { class: "back", href: "{back}", IconView { icon: Icon::Back } {t!("back")} }
        header { class: "page-head",
            h1 { {t!("type-edit-title")} }
            p { class: "soft", {t!("type-edit-lead")} }
        }
        {loaded(asked, move |sheet| match &sheet.own {
            Some(own) => rsx! { EntryForm { entry: OwnEntry { corrects: Some(record.clone()), ..own.clone() } } },
            None => rsx! { Notice { tone: Tone::Warn, title: t!("type-edit-not-own"), p { {t!("type-edit-not-own-text")} } } },
        })}
    }
}

/// The key of a kind's name.
pub fn kind_key(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Allergy => "kind-allergy",
        EntryKind::Condition => "kind-condition",
        EntryKind::Medicine => "kind-medicine",
        EntryKind::Vaccination => "kind-vaccination",
        EntryKind::Measurement => "kind-measurement",
        EntryKind::Note => "kind-note",
    }
}

/// Its icon.
pub fn kind_icon(kind: EntryKind) -> Icon {
    match kind {
        EntryKind::Allergy => Icon::Allergy,
        EntryKind::Condition => Icon::Problem,
        EntryKind::Medicine => Icon::Medicine,
        EntryKind::Vaccination => Icon::Immunization,
        EntryKind::Measurement => Icon::Vital,
        EntryKind::Note => Icon::Document,
    }
}
