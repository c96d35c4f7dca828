//! Files and folders dropped on the window are imported.

use carnet_bridge::Event;
use carnet_wallet::{Host, Wallet};
use tauri::{AppHandle, DragDropEvent, Manager, WindowEvent};

use crate::host::Shell;

/// Tells the pages that files are held over the window, and imports those that are let go.
pub(crate) fn on_window_event(app: &AppHandle, event: &WindowEvent) {
    let WindowEvent::DragDrop(drag) = event else { return };
    let shell = Shell::new(app.clone());
    match drag {
        DragDropEvent::Enter { .. } => shell.emit(Event::DragOver(true)),
        DragDropEvent::Leave => shell.emit(Event::DragOver(false)),
        DragDropEvent::Drop { paths, .. } => {
            shell.emit(Event::DragOver(false));
            let paths = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                // Each file's account goes to the pages as an event; so does what keeps the files out.
                app.state::<Wallet>().import_dropped(paths, &shell).await;
            });
        }
        _ => {}
    }
}
