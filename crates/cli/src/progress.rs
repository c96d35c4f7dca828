//! How far an import is: one line on the terminal, written over as it goes on, and gone at the end.

use crate::out::clean;
use carnet_wallet::Host;
use carnet_wallet::bridge::{Event, FileState, ImportFile};
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// Takes the cursor to the line's start and empties the line.
const EMPTY_LINE: &str = "\r\x1b[K";
/// The most letters of a file's name in the line.
const NAME: usize = 40;

/// A terminal that is told of progress.
pub(crate) struct Progress {
    shown: bool,
    /// The files of the run, in their order.
    files: Mutex<Vec<ImportFile>>,
}

impl Progress {
    /// Shows it where standard error is a terminal and a person reads it.
    pub(crate) fn new(json: bool) -> Self {
        Self { shown: !json && std::io::stderr().is_terminal(), files: Mutex::default() }
    }
}

impl Host for Progress {
    fn emit(&self, event: Event) {
        let line = match event {
            _ if !self.shown => return,
            Event::ImportStarted { files } => {
                *self.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
                return;
            }
            Event::ImportFile(progress) => match progress.state {
                FileState::Reading { done: 1.., .. } => {
                    let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
                    line(&files, progress.number, &progress.state)
                }
                FileState::Ended(_) => String::new(),
                _ => return,
            },
            Event::ImportEnded(_) => String::new(),
            _ => return,
        };
        let mut stderr = std::io::stderr().lock();
        // A terminal that is gone is told nothing; the import goes on.
        let _ = write!(stderr, "{EMPTY_LINE}{line}").and_then(|()| stderr.flush());
    }
}

/// How far a file of the run is.
fn line(files: &[ImportFile], number: u32, state: &FileState) -> String {
    let file = usize::try_from(number).ok().and_then(|number| files.get(number));
    let (FileState::Reading { done, total, .. }, Some(file)) = (state, file) else { return String::new() };
    let folder = if file.folder.is_empty() { String::new() } else { format!("{}/", file.folder) };
    let name: String = clean(&format!("{folder}{}", file.name)).chars().take(NAME).collect();
    let share = done.saturating_mul(100).checked_div(*total).unwrap_or_default().min(100);
    format!("{} of {}: {name} {share} %", u64::from(number) + 1, files.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use carnet_wallet::bridge::CountUnit;

    #[test]
    fn the_line_is_short_and_obeys_no_file() {
        let at = |file: &str, done, total| {
            let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
            let named = ImportFile { name: name.to_owned(), folder: folder.to_owned(), bytes: 0 };
            let files = [ImportFile::default(), named, ImportFile::default()];
            line(&files, 1, &FileState::Reading { done, total, unit: CountUnit::Entries })
        };
        assert_eq!(at("a.json", 1, 4), "2 of 3: a.json 25 %");
        assert_eq!(at("letters/a.json", 9, 0), "2 of 3: letters/a.json 0 %");
        let hostile = at(&format!("\x1b[2J{}", "x".repeat(900)), u64::MAX, 1);
        assert!(!hostile.contains('\x1b') && hostile.len() < 80, "{hostile}");
        assert_eq!(line(&[], 1, &FileState::Waiting), "");
    }
}
