//! Saving or printing a summary: what goes in, in which form, and what a file is once it is outside.

use super::session::{Session, loaded};
use super::share::choosing::{Choosing, NothingYet, use_days};
use super::share::{Draft, preset_icon};
use super::wallet;
use crate::kit::{Fold, Icon, IconView, Notice, Tone};
use crate::platform;
use carnet_bridge::{ExportAccount, ExportDraft, ExportFormat, FailureCode, SharePreset, SharePreview};
use dioxus::prelude::*;

/// Asks the wallet what the file would hold and shows the choice.
#[component]
pub fn ExportPage() -> Element {
    let draft = use_signal(|| {
        let mut draft = Draft::default();
        draft.choose(SharePreset::Visit);
        draft
    });
    let format = use_signal(|| ExportFormat::Pdf);
    // Asked anew whenever something is ticked; until the answer is there the last one is shown.
    let asked = use_resource(move || async move { wallet::preview_export(wanted(&draft.read(), format())).await });
    rsx! {
        button { class: "back button-quiet button", r#type: "button", onclick: move |_| platform::back(), IconView { icon: Icon::Back } {t!("back")} }
        header { class: "page-head",
            h1 { {t!("export-title")} }
            p { class: "soft", {t!("export-lead")} }
        }
        {loaded(asked, |preview| rsx! { ExportView { preview: preview.clone(), draft, format } })}
    }
}

/// The choice, the form, and the buttons that write the file.
#[component]
pub fn ExportView(preview: SharePreview, draft: Signal<Draft>, format: Signal<ExportFormat>) -> Element {
    let session = try_consume_context::<Session>();
    let mut days = use_days(draft);
    let mut busy = use_signal(|| false);
    let mut saved = use_signal(|| None::<ExportAccount>);
    let seen = preview.clone();
    let save = use_callback(move |open: bool| {
        let (Some(session), false) = (session, busy()) else { return };
        if !days.let_on(&seen) {
            return;
        }
        busy.set(true);
        session.trying();
        saved.set(None);
        spawn(async move {
            let wanted = wanted(&draft.peek(), *format.peek());
            match wallet::export(wanted, open).await {
                Ok(account) => {
                    session.say(t!("toast-saved"));
                    saved.set(Some(account));
                }
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => session.fail(&failure),
            }
            busy.set(false);
        });
    });
    if preview.available.is_empty() {
        return rsx! { NothingYet {} };
    }
    let tally = if preview.records == 0 { t!("share-nothing") } else { t!("export-count", count = preview.records) };
    let blocked = (busy() || days.hold_up(&preview)).then_some("true");
    rsx! {
        form {
            class: "stack",
            novalidate: true,
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                save(false);
            },
            section { class: "section stack-tight", "aria-labelledby": "export-for",
                h2 { id: "export-for", {t!("export-for")} }
                Occasions { draft }
            }
            section { class: "section stack-tight", "aria-labelledby": "export-form",
                h2 { id: "export-form", {t!("share-format")} }
                Forms { format }
            }
            section { class: "section stack", "aria-labelledby": "export-what",
                h2 { id: "export-what", {t!("export-what")} }
                Choosing { preview: preview.clone(), draft, tally: tally.clone(), days }
            }
            section { class: "section stack-tight", "aria-labelledby": "export-before",
                h2 { id: "export-before", {t!("export-before")} }
                Before { preview, tally }
            }
            div { class: "actions",
                button { class: "button button-primary grow", r#type: "submit", id: "save-export", "aria-disabled": blocked,
                    IconView { icon: Icon::Download }
                    {if busy() { t!("export-busy") } else { t!("export-save") }}
                }
                if format() == ExportFormat::Pdf {
                    button { class: "button grow", r#type: "button", id: "print-export", "aria-disabled": blocked, onclick: move |_| save(true),
                        IconView { icon: Icon::Print }
                        {t!("export-print")}
                    }
                }
            }
            if let Some(account) = saved() {
                Saved { account }
            }
        }
    }
}

/// What the file is for: with what the choice begins.
#[component]
fn Occasions(draft: Signal<Draft>) -> Element {
    let preset = draft.read().share.preset;
    rsx! {
        fieldset {
            legend { class: "spoken", {t!("export-for")} }
            div { class: "choices",
                for one in [SharePreset::Visit, SharePreset::Travel, SharePreset::Emergency, SharePreset::Desk, SharePreset::Custom] {
                    label { key: "{one.as_str()}", class: "choice",
                        input { r#type: "radio", name: "preset", id: "preset-{one.as_str()}", checked: one == preset, onchange: move |_| draft.write().choose(one) }
                        span { class: "grow",
                            span { class: "choice-title", {t!(occasion_keys(one).0)} }
                            span { class: "choice-text", {t!(occasion_keys(one).1)} }
                        }
                        IconView { icon: preset_icon(one) }
                    }
                }
            }
        }
    }
}

/// In which form: two that most people want, and the others folded away.
#[component]
fn Forms(format: Signal<ExportFormat>) -> Element {
    const OTHERS: [ExportFormat; 3] = [ExportFormat::Ktc, ExportFormat::Ndjson, ExportFormat::Sphr];
    rsx! {
        fieldset {
            legend { class: "spoken", {t!("share-format")} }
            div { class: "choices",
                for one in [ExportFormat::Pdf, ExportFormat::Ips] {
                    Form { key: "{one.as_str()}", one, format }
                }
            }
            Fold { id: "other-forms", icon: Icon::Adjust, title: t!("export-others"), open: OTHERS.contains(&format.peek()),
                div { class: "choices",
                    for one in OTHERS {
                        Form { key: "{one.as_str()}", one, format }
                    }
                }
            }
        }
    }
}

#[component]
fn Form(one: ExportFormat, format: Signal<ExportFormat>) -> Element {
    rsx! {
        label { class: "choice",
            input { r#type: "radio", name: "format", id: "format-{one.as_str()}", checked: format() == one, onchange: move |_| format.set(one) }
            span { class: "grow",
                span { class: "choice-title", {t!(form_keys(one).0)} }
                span { class: "choice-text", {t!(form_keys(one).1)} }
            }
        }
    }
}

/// What is good to know before the file is written: what goes in, what stays out, and that nothing locks it.
#[component]
fn Before(preview: SharePreview, tally: String) -> Element {
    let held = |sensitive: bool| -> u64 {
        let of = preview.held_back.iter().filter(|held| (held.reason == "sensitive") == sensitive);
        of.map(|held| held.count).sum()
    };
    let (sensitive, others) = (held(true), held(false));
    rsx! {
        ul { class: "card stack-tight",
            li { class: "point", IconView { icon: Icon::Document } span { class: "grow", "{tally}" } }
            if sensitive > 0 {
                li { class: "point", IconView { icon: Icon::EyeOff } span { class: "grow", {t!("export-held", count = sensitive)} } }
            }
            if others > 0 {
                li { class: "point", IconView { icon: Icon::Lock } span { class: "grow", {t!("export-stays", count = others)} } }
            }
            li { class: "point", IconView { icon: Icon::Unlock } span { class: "grow", {t!("export-unlocked")} } }
        }
    }
}

/// What the file that was written holds.
#[component]
pub fn Saved(account: ExportAccount) -> Element {
    rsx! {
        div { role: "status", id: "exported",
            Notice { tone: Tone::Ok, icon: Icon::Check, title: t!("export-done", count = account.records),
                if account.left_out > 0 {
                    p { {t!("export-left-out", count = account.left_out)} }
                }
                if account.missing_characters > 0 {
                    p { {t!("export-boxes", count = account.missing_characters)} }
                }
                p { {t!("export-done-text")} }
            }
        }
    }
}

/// What the wallet is asked to write.
fn wanted(draft: &Draft, format: ExportFormat) -> ExportDraft {
    ExportDraft { format, preset: draft.share.preset, choice: draft.share.choice.clone() }
}

/// What a file is for, and what it then begins with.
fn occasion_keys(preset: SharePreset) -> (&'static str, &'static str) {
    match preset {
        SharePreset::Desk => ("preset-desk", "export-desk-text"),
        SharePreset::Visit => ("preset-visit", "export-visit-text"),
        SharePreset::Travel => ("preset-travel", "export-travel-text"),
        SharePreset::Emergency => ("preset-emergency", "export-emergency-text"),
        SharePreset::Custom => ("export-custom", "export-custom-text"),
    }
}

/// The name of a form and the sentence about it.
fn form_keys(format: ExportFormat) -> (&'static str, &'static str) {
    match format {
        ExportFormat::Pdf => ("export-pdf", "export-pdf-text"),
        ExportFormat::Ips => ("export-ips", "export-ips-text"),
        ExportFormat::Ktc => ("export-ktc", "export-ktc-text"),
        ExportFormat::Ndjson => ("export-ndjson", "export-ndjson-text"),
        ExportFormat::Sphr => ("export-sphr", "export-sphr-text"),
    }
}
