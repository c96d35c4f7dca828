//! Public sample files, where they are at hand: `CARNET_SHARED_DATA`, else `../shared/data` beside the workspace.

use std::path::{Path, PathBuf};

/// A folder or file of them; without it the test says so and passes.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CARNET_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no shared data at {}", path.display());
    None
}

/// All files of a folder and of the folders in it, sorted.
#[allow(dead_code, reason = "some look at one folder alone")]
pub(crate) fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}
