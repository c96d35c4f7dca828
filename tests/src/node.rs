//! Programs on Node: readers that others wrote, called by a few lines of ours.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::package;

/// Whether kill-the-clipboard was answered 404: it calls that by one name for a manifest and by another for a file.
pub fn is_gone(answer: &Value) -> bool {
    let refused = &answer["refused"];
    match refused["name"].as_str() {
        Some("SHLManifestNotFoundError") => true,
        Some("SHLNetworkError") => {
            refused["message"].as_str().is_some_and(|message| message.starts_with("File not found at URL"))
        }
        _ => false,
    }
}

/// Runs `tests/npm/<script>` with JSON on its input and gives the JSON it printed.
///
/// # Panics
/// Where Node is missing, the packages are not installed (`cargo xtask setup`), or the script itself fails.
pub fn run(script: &str, input: &Value) -> Value {
    let folder = package().join("npm");
    assert!(folder.join("node_modules").is_dir(), "the npm packages are missing; run `cargo xtask setup`");
    let mut child = Command::new("node")
        .arg(Path::new(script))
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node is missing: the tests need version 20 or newer");
    serde_json::to_writer(child.stdin.take().unwrap(), input).unwrap();
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} ended with {}:\n{out}\n{err}", output.status);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{script} printed no JSON ({error}):\n{out}\n{err}"))
}
