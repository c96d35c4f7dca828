//! A QR code as one SVG path: dark on white in both themes, with its four modules of quiet.

use dioxus::prelude::*;

/// Modules of white that belong around a QR code (ISO/IEC 18004).
const QUIET: usize = 4;

/// Draws rows of modules; `true` is dark.
#[component]
pub fn QrView(rows: Vec<Vec<bool>>, label: String) -> Element {
    let side = rows.len() + 2 * QUIET;
    rsx! {
        div { class: "qr",
            svg { view_box: "0 0 {side} {side}", role: "img", "aria-label": label,
                rect { width: "{side}", height: "{side}", fill: "#fff" }
                path { d: path(&rows), fill: "#000" }
            }
        }
    }
}

/// One run of dark modules is one rectangle of the path.
fn path(rows: &[Vec<bool>]) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&true) {
                // Writing to a String cannot fail.
                let _ = write!(out, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_become_rectangles_inside_the_quiet_zone() {
        let rows = vec![vec![true, true, false], vec![false, false, true]];
        assert_eq!(path(&rows), "M4 4h2v1h-2zM6 5h1v1h-1z");
    }
}
