//! Plain text onto the system's clipboard.

/// Puts `text` there, from whatever thread.
///
/// # Errors
/// Where the system has no clipboard or refuses; the text is in no message.
#[cfg(target_os = "linux")]
pub(crate) fn put(app: &tauri::AppHandle, text: &str) -> Result<(), String> {
    let text = text.to_owned();
    // GTK is spoken to on the main thread only.
    app.run_on_main_thread(move || {
        let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
        clipboard.set_text(&text);
        // So that it can still be pasted once the wallet is closed, where the desktop keeps such things.
        clipboard.store();
    })
    .map_err(|error| error.to_string())
}

/// Puts `text` there.
///
/// # Errors
/// Where the system has no clipboard or refuses; the text is in no message.
#[cfg(any(target_os = "macos", windows))]
pub(crate) fn put(_app: &tauri::AppHandle, text: &str) -> Result<(), String> {
    arboard::Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text)).map_err(|error| error.to_string())
}

/// Phones have no clipboard here yet: the pages offer the link as text instead.
///
/// # Errors
/// Always.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(crate) fn put(_app: &tauri::AppHandle, _text: &str) -> Result<(), String> {
    Err("this device's clipboard cannot be reached".to_owned())
}
