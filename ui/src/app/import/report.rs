//! What became of each entry of a file, for anybody to read.

use super::questions::LinkOffer;
use super::run::FileName;
use crate::app::session::Session;
use crate::format;
use crate::i18n::grouped;
use crate::kit::{Icon, IconView, Notice, Tone, category_icon, category_key};
use carnet_bridge::{CategoryCount, ImportReport, SkippedEntry};
use dioxus::prelude::*;

/// How many entries are listed before the rest is only counted; the saved account has all.
const SHOWN: usize = 200;

/// What a file, or several together, became: one number and its words each. Only what is not nothing, but always the
/// new records.
pub fn sentences(reports: &[ImportReport]) -> Vec<String> {
    // What was undone or refused left nothing behind.
    let sum = |of: fn(&ImportReport) -> u64| reports.iter().filter(|report| stays(report)).map(of).sum::<u64>();
    let new = sum(|report| report.account.imported);
    let some = |count: u64, words: fn(u64) -> String| (count > 0).then(|| words(count));
    [
        Some(t!("report-in", count = new)),
        some(sum(|report| report.account.already_present), |count| t!("report-present", count = count)),
        some(sum(|report| report.account.narrative_only), |count| t!("report-text", count = count)),
        some(sum(|report| report.attachments), |count| t!("report-attachments", count = count)),
        some(sum(|report| report.account.skipped.len() as u64), |count| t!("report-skipped", count = count)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether a file left anything in the vault.
pub fn stays(report: &ImportReport) -> bool {
    !report.stopped && report.account.error.is_none()
}

/// The sentences, a line each.
#[component]
fn Sentences(reports: Vec<ImportReport>) -> Element {
    rsx! {
        ul { class: "sentences",
            for (at, sentence) in sentences(&reports).into_iter().enumerate() {
                li { key: "{at}", "{sentence}" }
            }
        }
    }
}

/// The account of one file.
#[component]
pub fn ReportView(report: ImportReport, open: bool) -> Element {
    let account = &report.account;
    let skipped = account.skipped.len();
    let texts = usize::try_from(account.narrative_only).unwrap_or(usize::MAX);
    let about = [account.format.clone(), format::full_moment(account.at)];
    let about = about.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    rsx! {
        article { class: "card report", "aria-label": "{account.file}",
            header {
                FileName { name: account.file.clone(), folder: report.folder.clone() }
                p { class: "soft small", "{about}" }
            }
            if let Some(error) = &account.error {
                Notice { tone: Tone::Stop, title: t!("account-refused"),
                    p { dir: "auto", "{error}" }
                    p { {t!("account-refused-safe")} }
                }
            } else if report.stopped {
                Notice { tone: Tone::Warn, icon: Icon::Hand, title: t!("file-stopped"), p { {t!("account-refused-safe")} } }
            } else {
                Sentences { reports: vec![report.clone()] }
                KindCounts { counts: report.categories.clone() }
                for (at, note) in report.notes.iter().enumerate() {
                    p { key: "{at}", class: "point soft", IconView { icon: Icon::Info } span { dir: "auto", "{note}" } }
                }
            }
            for link in report.links.iter().filter(|link| !is_answered(&link.question)) {
                LinkOffer { key: "{link.host}{link.label}{link.path}{link.question}", link: link.clone(), open: !link.question.is_empty() }
            }
            if skipped > 0 && !report.stopped {
                Entries { title: t!("account-why", count = skipped), entries: account.skipped.clone(), total: skipped, open }
            }
            if !report.as_text.is_empty() && !report.stopped {
                Entries { title: t!("account-texts", count = texts), entries: report.as_text.clone(), total: texts, open: false }
            }
        }
    }
}

/// Whether a question was asked and is open no more.
fn is_answered(question: &str) -> bool {
    let Some(session) = try_consume_context::<Session>() else { return false };
    !question.is_empty() && !session.questions.read().iter().any(|open| open.id == question)
}

/// The sums over all files of a run.
#[component]
pub fn Sums(reports: Vec<ImportReport>) -> Element {
    let refused = reports.iter().filter(|report| report.account.error.is_some()).count();
    let mut counts: Vec<CategoryCount> = Vec::new();
    for count in reports.iter().filter(|report| stays(report)).flat_map(|report| &report.categories) {
        match counts.iter_mut().find(|sum| sum.category == count.category) {
            Some(sum) => sum.count += count.count,
            None => counts.push(count.clone()),
        }
    }
    rsx! {
        div { class: "card sums", role: "status",
            p { class: "strong", {t!("report-files", count = reports.iter().filter(|report| !report.stopped).count())} }
            Sentences { reports: reports.clone() }
            if refused > 0 {
                p { class: "tag tag-stop", IconView { icon: Icon::Stop } {t!("report-refused", count = refused)} }
            }
            KindCounts { counts }
        }
    }
}

/// What the new records are.
#[component]
fn KindCounts(counts: Vec<CategoryCount>) -> Element {
    let counts: Vec<_> = counts.into_iter().filter(|count| count.count > 0).collect();
    rsx! {
        if !counts.is_empty() {
            ul { class: "kinds",
                for count in counts {
                    li { key: "{count.category}",
                        IconView { icon: category_icon(&count.category) }
                        {t!(category_key(&count.category))} " "
                        span { class: "strong figures", {grouped(i64::try_from(count.count).unwrap_or(i64::MAX))} }
                    }
                }
            }
        }
    }
}

/// Entries with their place in the file and the reason, folded away until asked for.
#[component]
fn Entries(title: String, entries: Vec<SkippedEntry>, total: usize, open: bool) -> Element {
    let more = total.saturating_sub(SHOWN.min(entries.len()));
    rsx! {
        details { open,
            summary { IconView { icon: Icon::Forward, class: "icon-fold icon-turns" } "{title}" }
            div { class: "scroll", tabindex: "0", role: "region", "aria-label": "{title}",
                table { class: "why",
                    thead { tr { th { scope: "col", {t!("account-reason")} } th { scope: "col", {t!("account-place")} } } }
                    tbody {
                        for (at, entry) in entries.iter().take(SHOWN).enumerate() {
                            tr { key: "{at}",
                                td { dir: "auto", "{entry.reason}" }
                                td { code { class: "soft", dir: "ltr", "{entry.path}" } }
                            }
                        }
                    }
                }
            }
            if more > 0 {
                p { class: "soft", {t!("account-more", count = more)} }
            }
        }
    }
}
