//! Sharing in four steps: who for, what, how long, and one sentence to read before it happens.

pub mod asked;
pub mod asking;
pub mod choosing;
pub mod draft;
pub mod lists;
pub mod long;
pub mod review;
pub mod what;
pub mod who;

pub use draft::Draft;

use super::route::{Route, Step};
use crate::kit::{Icon, IconView, Notice, Switch, Tone};
use crate::platform;
use carnet_bridge::{ShareFormat, ShareObligation, SharePreset};
use dioxus::prelude::*;

/// The screen of one step.
#[component]
pub fn SharePage(step: Step) -> Element {
    let (number, title) = match step {
        Step::Who => (1, t!("share-who-title")),
        Step::What => (2, t!("share-what-title")),
        Step::Long => (3, t!("share-long-title")),
        Step::Review => (4, t!("share-review-title")),
    };
    rsx! {
        if step > Step::Who {
            button { class: "back button-quiet button", r#type: "button", onclick: move |_| platform::back(), IconView { icon: Icon::Back } {t!("back")} }
        }
        header { class: "page-head",
            ol { class: "steps", "aria-hidden": "true",
                for at in 1..=4 {
                    li { key: "{at}", class: if at <= number { "step-done" } }
                }
            }
            p { class: "kicker", {t!("share-step", number = number as i64)} }
            h1 { "{title}" }
        }
        match step {
            Step::Who => rsx! { who::Who {} },
            Step::What => rsx! { what::What {} },
            Step::Long => rsx! { long::Long {} },
            Step::Review => rsx! { review::Review {} },
        }
    }
}

#[component]
fn Next(#[props(default)] blocked: bool) -> Element {
    rsx! {
        div { class: "actions",
            button { class: "button button-primary", id: "next", r#type: "submit", "aria-disabled": blocked.then_some("true"),
                {t!("next")}
                IconView { icon: Icon::Forward }
            }
        }
    }
}

/// Of a code that leads nobody else anywhere: why, and what helps.
#[component]
pub fn OnlyHere() -> Element {
    rsx! {
        Notice { tone: Tone::Warn, icon: Icon::Device, title: t!("only-here"),
            p { {t!("only-here-text")} }
            div { class: "row",
                a { class: "button", id: "choose-server", href: Route::Settings.fragment(), {t!("only-here-choose")} }
                a { class: "button", id: "save-instead", href: Route::Export.fragment(), {t!("export-title")} }
            }
        }
    }
}

/// The name of an occasion and the sentence about it.
pub fn preset_keys(preset: SharePreset) -> (&'static str, &'static str) {
    match preset {
        SharePreset::Desk => ("preset-desk", "preset-desk-text"),
        SharePreset::Visit => ("preset-visit", "preset-visit-text"),
        SharePreset::Travel => ("preset-travel", "preset-travel-text"),
        SharePreset::Emergency => ("preset-emergency", "preset-emergency-text"),
        SharePreset::Custom => ("preset-custom", "preset-custom-text"),
    }
}

pub(super) fn preset_icon(preset: SharePreset) -> Icon {
    match preset {
        SharePreset::Desk => Icon::Qr,
        SharePreset::Visit => Icon::Visit,
        SharePreset::Travel => Icon::Travel,
        SharePreset::Emergency => Icon::Vital,
        SharePreset::Custom => Icon::Adjust,
    }
}

/// What a recipient is to hold to, each with its switch. `onchange` gets all that are on.
#[component]
fn Obligations(held: Vec<ShareObligation>, onchange: EventHandler<Vec<ShareObligation>>) -> Element {
    rsx! {
        for one in [ShareObligation::NoRedisclosure, ShareObligation::DeleteAfterUse] {
            Switch {
                key: "{one:?}",
                id: obligation_key(one),
                label: t!(obligation_key(one)),
                on: held.contains(&one),
                onchange: {
                    let others: Vec<_> = held.iter().copied().filter(|other| *other != one).collect();
                    move |on: bool| onchange.call(others.iter().copied().chain(on.then_some(one)).collect())
                },
            }
        }
    }
}

/// What a recipient is asked to hold to, as the person reads it.
pub fn obligation_key(obligation: ShareObligation) -> &'static str {
    match obligation {
        ShareObligation::NoRedisclosure => "obligation-no-redisclosure",
        ShareObligation::DeleteAfterUse => "obligation-delete-after-use",
    }
}

/// The same as a sentence about them.
pub fn binds_key(obligation: ShareObligation) -> &'static str {
    match obligation {
        ShareObligation::NoRedisclosure => "binds-no-redisclosure",
        ShareObligation::DeleteAfterUse => "binds-delete-after-use",
    }
}

/// The form of what is shared, in a word.
pub fn format_key(format: ShareFormat) -> &'static str {
    match format {
        ShareFormat::Ips => "share-format-ips",
        ShareFormat::Ktc => "share-format-ktc",
    }
}

/// What records can be asked for (HL7 v3 ActReason), as whoever asks reads it.
pub fn wanted_key(code: &str) -> &'static str {
    match code {
        "TREAT" => "wanted-treat",
        "ETREAT" => "wanted-etreat",
        "COC" => "wanted-coc",
        "PATRQT" => "wanted-patrqt",
        "FAMRQT" => "wanted-famrqt",
        "HRESCH" => "wanted-hresch",
        "HPAYMT" => "wanted-hpaymt",
        "HOPERAT" => "wanted-hoperat",
        "PUBHLTH" => "wanted-pubhlth",
        _ => "purpose-other",
    }
}

/// What records are wanted for (HL7 v3 ActReason), in plain words; an unknown code is said to be unknown.
pub fn purpose_key(code: &str) -> &'static str {
    match code {
        "TREAT" => "purpose-treat",
        "ETREAT" => "purpose-etreat",
        "BTG" => "purpose-btg",
        "COC" => "purpose-coc",
        "PATRQT" => "purpose-patrqt",
        "FAMRQT" => "purpose-famrqt",
        "HRESCH" => "purpose-hresch",
        "HPAYMT" => "purpose-hpaymt",
        "HOPERAT" => "purpose-hoperat",
        "PUBHLTH" => "purpose-pubhlth",
        _ => "purpose-other",
    }
}
