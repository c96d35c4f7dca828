//! What only the shell can do for the wallet: reach the pages, show the system's dialogs, use the clipboard.

use std::path::PathBuf;

use carnet_bridge::Event;
use carnet_wallet::Host;
use tauri::{AppHandle, Emitter};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

use crate::clipboard;

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
}
