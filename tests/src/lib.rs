//! The harness of the whole-system tests: starts the real programs, a real browser and a real window, and clears up.
//!
//! Everything a test starts gets a process group of its own that is ended with the value that stands for it, writes to
//! a file instead of a pipe, and keeps to a folder of its own: no test sees another's vault, and none the user's.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and its harness with it"
)]

pub mod browser;
pub mod camera;
pub mod carnet;
pub mod data;
pub mod group;
pub mod http;
pub mod look;
pub mod node;
pub mod pages;
pub mod published;
pub mod relay;
pub mod screen;
pub mod small;
pub mod window;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The folder of this package in the clone.
pub fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A program of the house, as `cargo xtask test` built it.
///
/// # Panics
/// Where it is not there: run `cargo xtask test`, which builds it first.
pub fn program(name: &str) -> PathBuf {
    let folder = match std::env::var_os("CARNET_PROGRAMS") {
        Some(folder) => PathBuf::from(folder),
        // A test runs from target/<profile>/deps; the programs lie one folder up.
        None => {
            let test = std::env::current_exe().unwrap();
            test.parent().unwrap().parent().unwrap().to_path_buf()
        }
    };
    let path = folder.join(name);
    assert!(path.is_file(), "{} is not built; `cargo xtask test` builds it", path.display());
    path
}

/// Asks again until there is an answer, for at most `patience`.
///
/// # Panics
/// With `what` when patience ends.
pub fn wait_for<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < patience, "{what}: nothing after {patience:?}");
        std::thread::sleep(Duration::from_millis(40));
    }
}
