//! How far an import is: one line on the terminal, written over as it goes on, and gone at the end.

use crate::out::clean;
use carnet_wallet::bridge::{Event, ImportProgress};
use carnet_wallet::{BoxFuture, Host, Quiet};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Takes the cursor to the line's start and empties the line.
const EMPTY_LINE: &str = "\r\x1b[K";
/// The most letters of a file's name in the line.
const NAME: usize = 40;

/// A terminal that is told of progress.
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    /// Shows it where standard error is a terminal and a person reads it.
    pub(crate) fn new(json: bool) -> Self {
        Self { shown: !json && std::io::stderr().is_terminal() }
    }
}

impl Host for Progress {
    fn emit(&self, event: Event) {
        let line = match event {
            _ if !self.shown => return,
            Event::Import(progress) => line(&progress),
            Event::ImportedFile(_) => String::new(),
            _ => return,
        };
        let mut stderr = std::io::stderr().lock();
        // A terminal that is gone is told nothing; the import goes on.
        let _ = write!(stderr, "{EMPTY_LINE}{line}").and_then(|()| stderr.flush());
    }

    fn pick_files(&self) -> BoxFuture<'_, Option<Vec<PathBuf>>> {
        Quiet.pick_files()
    }

    fn pick_folder(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Quiet.pick_folder()
    }

    fn pick_save_path(&self, suggested: &str) -> BoxFuture<'_, Option<PathBuf>> {
        Quiet.pick_save_path(suggested)
    }

    fn copy(&self, text: &str) -> Result<(), String> {
        Quiet.copy(text)
    }
}

fn line(progress: &ImportProgress) -> String {
    let ImportProgress { file, file_number, files, done, total } = progress;
    let name: String = clean(file).chars().take(NAME).collect();
    let share = done.saturating_mul(100).checked_div(*total).unwrap_or_default().min(100);
    format!("{file_number} of {files}: {name} {share} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_short_and_obeys_no_file() {
        let progress =
            |file: &str, done, total| ImportProgress { file: file.into(), file_number: 2, files: 3, done, total };
        assert_eq!(line(&progress("a.json", 1, 4)), "2 of 3: a.json 25 %");
        assert_eq!(line(&progress("a.json", 9, 0)), "2 of 3: a.json 0 %");
        let hostile = line(&progress(&format!("\x1b[2J{}", "x".repeat(900)), u64::MAX, 1));
        assert!(!hostile.contains('\x1b') && hostile.len() < 80, "{hostile}");
    }
}
