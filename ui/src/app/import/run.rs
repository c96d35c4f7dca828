//! A running import: each file with its own state, and the way to stop.

use crate::app::session::Session;
use crate::app::wallet;
use crate::format;
use crate::kit::{Icon, IconView};
use carnet_bridge::{CountUnit, FileProgress, FileState, ImportFile};
use dioxus::prelude::dioxus_core::spawn_forever;
use dioxus::prelude::*;

/// How many files are listed around the one that is read; a folder may have thousands.
const AROUND: usize = 6;

/// The files of the run and how far each is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The files, in their order.
    pub files: Vec<(ImportFile, FileState)>,
    /// The one that moved on last.
    pub current: usize,
    /// The person asked to stop and the wallet is undoing the file at hand.
    pub stopping: bool,
}

impl Running {
    /// All files wait.
    pub fn new(files: Vec<ImportFile>) -> Self {
        let files = files.into_iter().map(|file| (file, FileState::Waiting)).collect();
        Self { files, current: 0, stopping: false }
    }

    /// Takes in what the wallet tells.
    pub fn hear(&mut self, progress: FileProgress) {
        let number = usize::try_from(progress.number).unwrap_or(usize::MAX);
        let state = match progress.state {
            // The list shows counts only; the whole account comes when the run ends.
            FileState::Ended(mut report) => {
                report.account.skipped = Vec::new();
                report.as_text = Vec::new();
                FileState::Ended(report)
            }
            state => state,
        };
        if let Some(file) = self.files.get_mut(number) {
            file.1 = state;
            self.current = number;
        }
    }

    /// How many files have ended or wait for an answer.
    pub fn done(&self) -> usize {
        self.files.iter().filter(|(_, state)| matches!(state, FileState::Ended(_) | FileState::Asks(_))).count()
    }

    /// How many records are new so far.
    pub fn imported(&self) -> u64 {
        self.files
            .iter()
            .map(|(_, state)| match state {
                FileState::Ended(report) => report.account.imported,
                _ => 0,
            })
            .sum()
    }
}

/// The run as a whole: how many files, how many records, and the file at hand.
#[component]
pub fn RunSummary(running: Running, children: Element) -> Element {
    let (done, files) = (running.done(), running.files.len());
    let current = running.files.get(running.current).cloned();
    let title = match (&current, running.stopping) {
        (_, true) => t!("import-stopping"),
        (Some((file, _)), false) if files == 1 => t!("import-running", file = &file.name),
        _ => t!("import-running-many", number = (running.current + 1).min(files), files = files),
    };
    rsx! {
        p { class: "strong", dir: "auto", "{title}" }
        // Files where there are several; the one file itself where it is alone.
        if files > 1 {
            progress { max: "{files}", value: "{done}", "aria-label": t!("import-progress-files") }
        } else if let Some((_, FileState::Reading { done, total, .. })) = &current {
            if *total > 0 {
                progress { max: "{total}", value: "{done}", "aria-label": t!("import-progress") }
            } else {
                progress { "aria-label": t!("import-progress") }
            }
        }
        p { class: "small figures",
            if files == 1 {
                if let Some((_, state)) = &current { {state_words(state)} }
            } else {
                {t!("import-so-far", count = running.imported())}
            }
        }
        div { class: "row",
            button { class: "button", r#type: "button", id: "stop-import", disabled: running.stopping, onclick: move |_| stop(), {t!("import-stop")} }
            {children}
        }
    }
}

/// The run with each of its files.
#[component]
pub fn RunView(running: Running) -> Element {
    let total = running.files.len();
    // What is in view: from a little before the file at hand on.
    let from = running.current.saturating_sub(2).min(total.saturating_sub(AROUND));
    let shown: Vec<_> =
        running.files.iter().enumerate().skip(from).take(AROUND).map(|(at, file)| (at, file.clone())).collect();
    let after = total.saturating_sub(from + shown.len());
    rsx! {
        section { class: "card", id: "importing", "aria-label": t!("import-now"),
            RunSummary { running: running.clone() }
            p { class: "soft small", {t!("import-stop-means")} }
            if total > 1 {
                ul { class: "files",
                    if from > 0 {
                        li { class: "soft small", {t!("import-files-before", count = from)} }
                    }
                    for (at, (file, state)) in shown {
                        li { key: "{at}", class: "file",
                            IconView { icon: state_icon(&state), class: state_class(&state) }
                            div { class: "grow",
                                FileName { name: file.name.clone(), folder: file.folder.clone() }
                                p { class: "soft small figures", {state_words(&state)} }
                                if let FileState::Reading { done, total, .. } = &state {
                                    if *total > 0 {
                                        progress { max: "{total}", value: "{done}", "aria-hidden": "true" }
                                    }
                                }
                            }
                            if file.bytes > 0 {
                                span { class: "line-end", {format::size(file.bytes)} }
                            }
                        }
                    }
                    if after > 0 {
                        li { class: "soft small", {t!("import-files-after", count = after)} }
                    }
                }
            }
        }
    }
}

/// A file's name, and its folder where there is one.
#[component]
pub fn FileName(name: String, folder: String) -> Element {
    rsx! {
        p { class: "file-name",
            bdi { class: "strong", "{name}" }
            if !folder.is_empty() {
                bdi { class: "soft small file-folder", "{folder}" }
            }
        }
    }
}

/// How far a file is, in words.
fn state_words(state: &FileState) -> String {
    match state {
        FileState::Waiting => t!("file-waiting"),
        FileState::Reading { done, total: 0, unit: CountUnit::Entries } => t!("file-reading-entries", done = *done),
        FileState::Reading { done, total, unit: CountUnit::Entries } => {
            t!("import-count", done = *done, total = *total)
        }
        FileState::Reading { done, total: 0, unit: CountUnit::Bytes } => {
            t!("file-reading-bytes", done = format::size(*done))
        }
        FileState::Reading { done, total, unit: CountUnit::Bytes } => {
            t!("file-bytes", done = format::size(*done), total = format::size(*total))
        }
        FileState::Asks(_) => t!("file-asks"),
        FileState::Ended(report) if report.stopped => t!("file-stopped"),
        FileState::Ended(report) if report.account.error.is_some() => t!("file-refused"),
        FileState::Ended(report) => t!("file-done", count = report.account.imported),
    }
}

fn state_icon(state: &FileState) -> Icon {
    match state {
        FileState::Waiting => Icon::Clock,
        FileState::Reading { .. } => Icon::Import,
        FileState::Asks(_) => Icon::Unknown,
        FileState::Ended(report) if report.stopped => Icon::Hand,
        FileState::Ended(report) if report.account.error.is_some() => Icon::Stop,
        FileState::Ended(_) => Icon::Ok,
    }
}

fn state_class(state: &FileState) -> &'static str {
    match state {
        FileState::Waiting => "tone-soft",
        FileState::Reading { .. } => "tone-accent",
        FileState::Asks(_) => "tone-warn",
        FileState::Ended(report) if report.stopped => "tone-warn",
        FileState::Ended(report) if report.account.error.is_some() => "tone-stop",
        FileState::Ended(_) => "tone-ok",
    }
}

/// Asks the wallet to stop; its answer comes as the run's end.
fn stop() {
    let Some(mut session) = try_consume_context::<Session>() else { return };
    if let Some(running) = session.running.write().as_mut() {
        running.stopping = true;
    }
    spawn_forever(async move {
        if let Err(failure) = wallet::cancel_import().await {
            if let Some(running) = session.running.write().as_mut() {
                running.stopping = false;
            }
            session.fail(&failure);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_of_this_run_changes_nothing() {
        let mut running = Running::new(vec![ImportFile::default()]);
        running.hear(FileProgress { number: 7, state: FileState::Waiting });
        assert_eq!((running.done(), running.current, running.files.len()), (0, 0, 1));
    }
}
