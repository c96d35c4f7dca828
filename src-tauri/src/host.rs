//! What only the shell can do for the wallet: reach the pages, show the system's dialogs, use the clipboard.

use std::path::{Path, PathBuf};

use carnet_bridge::Event;
use carnet_wallet::{BoxFuture, Host};
use tauri::{AppHandle, Emitter};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

use crate::{clipboard, opener};

/// The name under which the pages hear the wallet's events.
const EVENT: &str = "carnet";

/// The shell, as the wallet sees it.
pub(crate) struct Shell {
    app: AppHandle,
}

impl Shell {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app }
    }

    /// One file, chosen in the system's dialog.
    async fn pick_file(&self) -> Option<PathBuf> {
        let (chosen, choice) = oneshot::channel();
        self.app.dialog().file().pick_file(move |file| {
            let _ = chosen.send(file);
        });
        choice.await.ok().flatten().and_then(local)
    }
}

impl Host for Shell {
    fn emit(&self, event: Event) {
        // It can only fail where the window is already gone, and then nobody is listening.
        let _ = self.app.emit(EVENT, event);
    }

    fn pick_files(&self) -> BoxFuture<'_, Option<Vec<PathBuf>>> {
        Box::pin(async move {
            let (chosen, choice) = oneshot::channel();
            self.app.dialog().file().pick_files(move |files| {
                let _ = chosen.send(files);
            });
            // A closed dialog and a dialog that could not be shown are both "nothing chosen".
            let files = choice.await.ok().flatten()?;
            files.into_iter().map(local).collect()
        })
    }

    fn pick_folder(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(async move {
            let (chosen, choice) = oneshot::channel();
            self.app.dialog().file().pick_folder(move |folder| {
                let _ = chosen.send(folder);
            });
            choice.await.ok().flatten().and_then(local)
        })
    }

    fn pick_backup(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(self.pick_file())
    }

    fn pick_document(&self) -> BoxFuture<'_, Option<PathBuf>> {
        Box::pin(self.pick_file())
    }

    fn pick_save_path(&self, suggested: &str) -> BoxFuture<'_, Option<PathBuf>> {
        let suggested = suggested.to_owned();
        Box::pin(async move {
            let (chosen, choice) = oneshot::channel();
            self.app.dialog().file().set_file_name(suggested).save_file(move |file| {
                let _ = chosen.send(file);
            });
            choice.await.ok().flatten().and_then(local)
        })
    }

    fn open_path(&self, path: &Path) -> Result<(), String> {
        opener::open(path)
    }

    fn copy(&self, text: &str) -> Result<(), String> {
        clipboard::put(&self.app, text)
    }
}

/// The dialog's answer as a path of this machine's file system.
fn local(file: FilePath) -> Option<PathBuf> {
    file.into_path().ok()
}
