//! The one window, and what it will not do: leave the wallet's own pages or open others.

use tauri::{App, Url, WebviewWindowBuilder};

/// Opens the window that `tauri.conf.json` describes.
///
/// # Errors
/// Where the system's web view is missing or refuses.
pub(crate) fn open(app: &App) -> Result<(), Box<dyn std::error::Error>> {
    let config = app.config().app.windows.first().ok_or("tauri.conf.json describes no window")?;
    WebviewWindowBuilder::from_config(app, config)?
        .on_navigation(is_ours)
        .on_new_window(|_, _| tauri::webview::NewWindowResponse::Deny)
        .build()?;
    Ok(())
}

/// The wallet's own pages: Tauri's scheme, or its stand-in where the system's web view knows no schemes of its own.
fn is_ours(url: &Url) -> bool {
    url.scheme() == "tauri" || (matches!(url.scheme(), "http" | "https") && url.host_str() == Some("tauri.localhost"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_window_stays_at_home() {
        for home in ["tauri://localhost", "tauri://localhost/index.html", "http://tauri.localhost/index.html"] {
            assert!(is_ours(&home.parse().unwrap()), "{home}");
        }
        for away in
            ["https://example.org", "http://tauri.localhost.example.org", "file:///etc/passwd", "data:text/html,x"]
        {
            assert!(!is_ours(&away.parse().unwrap()), "{away}");
        }
    }
}
