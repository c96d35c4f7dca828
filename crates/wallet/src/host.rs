//! What the wallet cannot do itself and asks of the program around it.

use carnet_bridge::Event;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

/// A future that may be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The program around the wallet: a desktop shell, a terminal, a test. What it does not say is that of a host without
/// windows: every dialog is closed at once, nothing opens, and there is no clipboard.
pub trait Host: Send + Sync {
    /// Hands an event to whoever shows it. Must not block.
    fn emit(&self, event: Event);

    /// Lets the person choose files to import; none if they closed the dialog.
    fn pick_files(&self) -> BoxFuture<'_, Option<Vec<PathBuf>>> {
        Box::pin(std::future::ready(None))
    }

    /// Lets the person choose a folder to import; none if they closed the dialog.
    fn pick_folder(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }

    /// Lets the person choose the backup to restore; none if they closed the dialog, or if there is none to show.
    fn pick_backup(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }

    /// Lets the person choose a file to be held against the rules of its format; none if they closed the dialog, or if there is
    /// none to show.
    fn pick_document(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }

    /// Lets the person choose where to write a file; none if they closed the dialog.
    fn pick_save_path(&self, suggested: &str) -> BoxFuture<'_, Option<PathBuf>> {
        let _ = suggested;
        Box::pin(std::future::ready(None))
    }

    /// Opens a file with the system's program for its kind. The wallet asks only for kinds that nothing runs.
    ///
    /// # Errors
    /// What the system said, without the path.
    fn open_path(&self, path: &Path) -> Result<(), String> {
        let _ = path;
        Err("there is nothing here to open files with".to_owned())
    }

    /// Puts plain text on the clipboard.
    ///
    /// # Errors
    /// What the system said, without the text.
    fn copy(&self, text: &str) -> Result<(), String> {
        let _ = text;
        Err("there is no clipboard".to_owned())
    }
}

/// A host without windows, which shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Host for Quiet {
    fn emit(&self, _event: Event) {}
}
