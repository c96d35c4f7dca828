//! Importing: the veil while files hover, the strip while a run goes on, and the page that accounts for every entry.

pub mod questions;
pub mod report;
pub mod run;
pub mod table;
pub mod text;

use super::session::{Session, loaded};
use super::wallet;
use crate::kit::{Empty, Icon, IconView, Notice, Tone};
use carnet_bridge::{FailureCode, FoundKind, ImportQuestion, ImportReport, ImportRun, QuestionAbout, VaultState};
use dioxus::prelude::dioxus_core::spawn_forever;
use dioxus::prelude::*;
use questions::Questions;
use report::{ReportView, Sums};
use run::{RunView, Running};

/// How many accounts are shown at first, and how many more at a time.
const PAGE: usize = 20;

/// Covers the window while files are held over it.
#[component]
pub fn DropVeil() -> Element {
    let session = use_context::<Session>();
    let open = (session.vault)() == Some(VaultState::Open);
    rsx! {
        if (session.dragging)() {
            div { class: "drop", role: "status",
                IconView { icon: Icon::Folder }
                p { {if open { t!("drop-here") } else { t!("drop-locked") }} }
            }
        }
    }
}

/// The running import, or the finished one until it was looked at; on all pages but the imports' own.
#[component]
pub fn ImportStrip() -> Element {
    let session = use_context::<Session>();
    if matches!((session.route)(), super::route::Route::Imports) {
        return rsx! {};
    }
    let mut finished = session.finished;
    let is_link = |question: &&ImportQuestion| matches!(&question.about, QuestionAbout::FoundLink(link) if link.kind == FoundKind::Records);
    let links = session.questions.read().iter().filter(is_link).count();
    let questions = session.questions.read().len() - links;
    match ((session.running)(), finished()) {
        (Some(running), _) => rsx! {
            div { class: "import-strip", id: "importing",
                run::RunSummary { running,
                    a { class: "button", href: "#/imports", {t!("import-details")} }
                }
            }
        },
        (None, Some(run)) => {
            let imported: u64 = run.reports.iter().map(|report| report.account.imported).sum();
            rsx! {
                div { class: "import-strip", role: "status", id: "imported",
                    p { class: "strong", {t!("import-done", count = imported)} }
                    if questions > 0 {
                        p { {t!("import-asks", count = questions)} }
                    }
                    if links > 0 {
                        p { {t!("import-links", count = links)} }
                    }
                    div { class: "row",
                        a { class: "button", href: "#/imports", {t!("import-see")} }
                        button { class: "button button-quiet", onclick: move |_| finished.set(None), {t!("close")} }
                    }
                }
            }
        }
        (None, None) => rsx! {},
    }
}

/// What runs, what is asked, what the last files became, and all former imports.
#[component]
pub fn ImportsPage() -> Element {
    let session = use_context::<Session>();
    let mut finished = session.finished;
    use_drop(move || finished.set(None));
    let asked = use_resource(move || async move {
        (session.changed)();
        wallet::import_reports().await
    });
    rsx! {
        a { class: "back", href: "#/records", IconView { icon: Icon::Back } {t!("records-title")} }
        header { class: "page-head row-between",
            h1 { {t!("imports-title")} }
            a { class: "button", href: "#/add", IconView { icon: Icon::Plus } {t!("add-go")} }
        }
        div { class: "stack",
            Now { running: (session.running)(), questions: (session.questions)(), finished: finished() }
            {loaded(asked, move |reports| {
                let shown: Vec<String> = finished().map(|run| run.reports.into_iter().map(|report| report.id).collect()).unwrap_or_default();
                let former: Vec<_> = reports.iter().filter(|report| report.id.is_empty() || !shown.contains(&report.id)).cloned().collect();
                let busy = finished().is_some() || (session.running)().is_some() || !(session.questions)().is_empty();
                rsx! { Former { reports: former, alone: !busy } }
            })}
        }
    }
}

/// What is going on: the run, the open questions, the last files.
#[component]
pub fn Now(running: Option<Running>, questions: Vec<ImportQuestion>, finished: Option<ImportRun>) -> Element {
    // A link is asked about beside the account of its file, as long as that is shown.
    let beside = |question: &ImportQuestion| {
        let links = finished.iter().flat_map(|run| &run.reports).flat_map(|report| &report.links);
        matches!(question.about, QuestionAbout::FoundLink(_))
            && links.into_iter().any(|link| link.question == question.id)
    };
    let questions: Vec<_> = questions.into_iter().filter(|question| !beside(question)).collect();
    rsx! {
        if let Some(running) = running {
            RunView { running }
        }
        if !questions.is_empty() {
            Questions { questions }
        }
        if let Some(run) = finished {
            Finished { run }
        }
    }
}

/// What the last run became: what stays if it was stopped, the sums, and each file.
#[component]
pub fn Finished(run: ImportRun) -> Element {
    let stays = run.reports.iter().filter(|report| report::stays(report)).count();
    let undone = run.reports.iter().find(|report| report.stopped).map(|report| report.account.file.clone());
    let many = run.reports.len() > 1;
    // What needs a look comes first.
    let mut sorted = run.reports.clone();
    sorted.sort_by_key(|report| {
        (report.account.error.is_none(), !report.stopped, report.links.is_empty(), report.account.skipped.is_empty())
    });
    rsx! {
        section { class: "stack", "aria-labelledby": "just-now", id: "just-now-files",
            h2 { id: "just-now", {t!("imports-now")} }
            if run.stopped {
                Notice { tone: Tone::Warn, icon: Icon::Hand, title: t!("import-stopped-title"),
                    p { {t!("import-stopped-stays", count = stays)} }
                    if let Some(file) = undone {
                        p { {t!("import-stopped-undone", file = file)} }
                    }
                    if run.not_begun > 0 {
                        p { {t!("import-stopped-not-begun", count = run.not_begun)} }
                    }
                }
            }
            if run.others > 0 {
                Notice { tone: Tone::Warn, icon: Icon::People, title: t!("import-others-title", count = run.others), p { {t!("import-others-text")} } }
            }
            if many {
                Sums { reports: run.reports.clone() }
            }
            Reports { reports: sorted, open: !many }
            if !run.reports.is_empty() {
                SaveAccount { reports: run.reports.clone() }
            }
        }
    }
}

/// The accounts of former imports, newest first, a page at a time.
#[component]
pub fn Former(reports: Vec<ImportReport>, alone: bool) -> Element {
    if reports.is_empty() {
        return rsx! {
            if alone {
                Empty { icon: Icon::Import, title: t!("imports-empty-title"), text: t!("imports-empty-text"),
                    a { class: "button button-primary", href: "#/add", IconView { icon: Icon::Plus } {t!("add-go")} }
                }
            }
        };
    }
    rsx! {
        section { class: "stack", "aria-labelledby": "former", id: "former-files",
            h2 { id: "former", {t!("imports-former")} }
            Reports { reports: reports.clone(), open: false }
            SaveAccount { reports }
        }
    }
}

/// Accounts, a page at a time.
#[component]
fn Reports(reports: Vec<ImportReport>, open: bool) -> Element {
    let mut shown = use_signal(|| PAGE);
    let more = reports.len().saturating_sub(shown());
    rsx! {
        for (at, report) in reports.into_iter().take(shown()).enumerate() {
            ReportView { key: "{at}", report, open }
        }
        if more > 0 {
            div { class: "actions",
                button { class: "button", r#type: "button", onclick: move |_| shown += PAGE, {t!("records-more", count = more)} }
            }
        }
    }
}

/// Saves accounts as a file, for people or for programs.
#[component]
fn SaveAccount(reports: Vec<ImportReport>) -> Element {
    let session = try_consume_context::<Session>();
    let reports = use_memo(use_reactive!(|reports| reports));
    let save = move |name: &'static str, text: String| {
        spawn_forever(async move {
            let Some(session) = session else { return };
            session.trying();
            let saved = wallet::save_text(name.to_owned(), text).await;
            match saved {
                Ok(()) => session.say(t!("toast-saved")),
                Err(failure) if failure.code == FailureCode::Cancelled => {}
                Err(failure) => session.fail(&failure),
            }
        });
    };
    rsx! {
        div { class: "actions",
            button { class: "button", r#type: "button", onclick: move |_| save("carnet-import.txt", text::plain(&reports.read())),
                IconView { icon: Icon::Download } {t!("account-save")}
            }
            button { class: "button button-quiet", r#type: "button", onclick: move |_| save("carnet-import.json", text::json(&reports.read())),
                {t!("account-save-json")}
            }
        }
    }
}
