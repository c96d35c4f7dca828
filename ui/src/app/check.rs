//! Holding a file against the rules of its format: whose file, which rules, and which of them it does not keep.

use super::route::Route;
use super::session::{FailureView, Session};
use super::share::format_key;
use super::wallet;
use crate::kit::{Icon, IconView, Notice, Tone};
use crate::platform;
use carnet_bridge::{Failure, FailureCode, FileCheck, RuleBroken, RuleLevel, ShareFormat};
use dioxus::prelude::*;

/// Asks which rules, lets the person choose a file, and shows what was found.
#[component]
pub fn CheckPage() -> Element {
    let session = try_consume_context::<Session>();
    let mut format = use_signal(|| None::<ShareFormat>);
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let mut found = use_signal(|| None::<FileCheck>);
    let pick = move |_| {
        if busy() {
            return;
        }
        busy.set(true);
        if let Some(session) = session {
            session.trying();
        }
        spawn(async move {
            match wallet::check_file(*format.peek()).await {
                Ok(check) => {
                    failed.set(None);
                    found.set(Some(check));
                    platform::focus("checked");
                }
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => {
                    found.set(None);
                    failed.set(Some(failure));
                }
            }
            busy.set(false);
        });
    };
    rsx! {
        a { class: "back", href: Route::Me.fragment(), IconView { icon: Icon::Back } {t!("nav-me")} }
        header { class: "page-head",
            h1 { {t!("check-title")} }
            p { class: "soft", {t!("check-lead")} }
        }
        div { class: "stack",
            Rules { format: format(), choose: move |one| format.set(one) }
            div { class: "actions",
                button { class: "button button-primary", r#type: "button", id: "pick-document", "aria-disabled": busy().then_some("true"), onclick: pick,
                    IconView { icon: Icon::Document }
                    {if busy() { t!("check-busy") } else { t!("check-go") }}
                }
            }
            if let Some(failure) = failed() {
                CheckFailed { failure }
            }
            if let Some(check) = found() {
                CheckView { check }
            }
        }
    }
}

/// Which rules.
#[component]
pub fn Rules(format: Option<ShareFormat>, choose: EventHandler<Option<ShareFormat>>) -> Element {
    rsx! {
        fieldset {
            legend { class: "field-legend", {t!("check-rules")} }
            div { class: "choices",
                for (one, id, title, text) in [
                    (None, "rules-found", t!("check-found"), t!("check-found-text")),
                    (Some(ShareFormat::Ips), "rules-ips", t!(format_key(ShareFormat::Ips)), t!("check-ips-text")),
                    (Some(ShareFormat::Ktc), "rules-ktc", t!(format_key(ShareFormat::Ktc)), t!("check-ktc-text")),
                ] {
                    label { key: "{id}", class: "choice",
                        input { r#type: "radio", name: "rules", id, checked: format == one, onchange: move |_| choose.call(one) }
                        span { class: "grow",
                            span { class: "choice-title", "{title}" }
                            span { class: "choice-text", "{text}" }
                        }
                    }
                }
            }
        }
    }
}

/// Why a file could not be checked.
#[component]
pub fn CheckFailed(failure: Failure) -> Element {
    match failure.code {
        FailureCode::Invalid => {
            rsx! { Notice { tone: Tone::Warn, title: t!("check-which"), p { {t!("check-which-text")} } } }
        }
        _ => rsx! { FailureView { failure } },
    }
}

/// What was found.
#[component]
pub fn CheckView(check: FileCheck) -> Element {
    let (tone, icon, title) = match (check.errors, check.warnings) {
        (0, 0) => (Tone::Ok, Icon::Check, t!("check-keeps")),
        (0, _) => (Tone::Ok, Icon::Check, t!("check-keeps-warned")),
        _ => (Tone::Warn, Icon::Warn, t!("check-breaks")),
    };
    let more = (check.errors + check.warnings).saturating_sub(check.broken.len() as u64);
    rsx! {
        section { class: "stack", id: "checked", tabindex: "-1", "aria-label": t!("check-result"),
            Notice { tone, icon, title,
                p { dir: "auto", {t!("check-file", name = &check.name, rules = t!(format_key(check.format)))} }
                if check.errors > 0 {
                    p { {t!("check-errors", count = check.errors)} }
                }
                if check.warnings > 0 {
                    p { {t!("check-warnings", count = check.warnings)} }
                }
            }
            if !check.broken.is_empty() {
                p { class: "soft", {t!("check-for-makers")} }
                ol { class: "stack-tight",
                    for (at, broken) in check.broken.iter().enumerate() {
                        li { key: "{at}", class: "card stack-tight", Broken { broken: broken.clone() } }
                    }
                }
            }
            if more > 0 {
                p { class: "soft", id: "more-broken", {t!("check-more", count = more)} }
            }
        }
    }
}

/// A rule that is broken. Its sentence is the specification's matter and in English.
#[component]
fn Broken(broken: RuleBroken) -> Element {
    let (class, icon, weighs) = match broken.level {
        RuleLevel::Error => ("tag tag-stop", Icon::Stop, t!("check-error")),
        RuleLevel::Warning => ("tag tag-warn", Icon::Warn, t!("check-warning")),
    };
    rsx! {
        p { class, IconView { icon } span { "{weighs}: " span { dir: "ltr", "{broken.rule}" } } }
        p { lang: "en", dir: "ltr", "{broken.says}" }
        p { class: "soft small tick-title", {t!("check-place")} " " bdi { dir: "ltr", "{broken.path}" } }
        p { class: "soft small tick-title", {t!("check-spec")} " " bdi { dir: "ltr", "{broken.spec}" } }
    }
}
