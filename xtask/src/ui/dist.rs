//! Lays out one folder of web pages: the bundled program, its page, the styles and fonts, and compressed copies.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Profile;
use crate::failure::Failure;
use crate::process;
use crate::workspace::Workspace;

/// What is worth compressing; fonts and pictures are already.
const COMPRESSIBLE: &[&str] = &["html", "css", "js", "json", "svg", "txt", "wasm"];

/// The most bytes of the viewer, as they are sent: a clinician waits for all of them, perhaps on a hospital's guest network.
const VIEWER_BUDGET: u64 = 900_000;

/// Makes the folder for `name` from its compiled program, unless nothing is newer than it.
pub(super) fn lay_out(workspace: &Workspace, name: &str, wasm: &Path, profile: Profile) -> Result<(), Failure> {
    let dist = workspace.dist(name);
    let bundler = workspace.program("debug", "carnet-bundle");
    let statics = [
        (workspace.root().join("assets").join(name), PathBuf::new()),
        (workspace.root().join("assets/css"), PathBuf::from("css")),
        (workspace.root().join("assets/fonts"), PathBuf::from("fonts")),
    ];
    // For what the wallet prints; no page loads them.
    let left_out = workspace.root().join("assets/fonts/pdf");

    let stamp = workspace.dist(&format!("{name}.{}.stamp", profile.name()));
    let mut newest = modified(wasm)?.max(modified(&bundler)?);
    for (folder, _) in &statics {
        for file in files_under(folder)? {
            // A folder's own time tells of files that were removed from it.
            newest = newest.max(modified(&file)?).max(modified(file.parent().unwrap_or(folder))?);
        }
    }
    if dist.is_dir() && fs::metadata(&stamp).and_then(|meta| meta.modified()).is_ok_and(|made| made > newest) {
        return Ok(());
    }

    // Built beside and put in place at the end, so that a half-made folder is never served or embedded.
    let fresh = workspace.dist(&format!("{name}.new"));
    remove(&fresh)?;
    for other in [Profile::Web, Profile::Dev] {
        remove(&workspace.dist(&format!("{name}.{}.stamp", other.name())))?;
    }
    fs::create_dir_all(&fresh).map_err(|error| Failure::file("make", &fresh, &error))?;
    for (folder, place) in &statics {
        copy_tree(folder, &fresh.join(place), &left_out)?;
    }
    let mut bundle = Command::new(bundler);
    bundle.arg(wasm).arg(&fresh).arg(name);
    if profile == Profile::Dev {
        bundle.arg("--debug");
    }
    process::run(&mut bundle)?;
    if name == "viewer" {
        // The relay sends these to browsers as they are; the shell compresses what it embeds by itself.
        compress_tree(&fresh)?;
        if profile == Profile::Web {
            within_budget(&fresh)?;
        }
    }
    remove(&dist)?;
    fs::rename(&fresh, &dist).map_err(|error| Failure::file("rename", &fresh, &error))?;
    fs::write(&stamp, b"").map_err(|error| Failure::file("write", &stamp, &error))
}

/// Every file below a folder; an absent folder has none.
fn files_under(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        let entries = fs::read_dir(&folder).map_err(|error| Failure::file("list", &folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| Failure::file("list", &folder, &error))?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies every file below a folder but those below another.
fn copy_tree(from: &Path, to: &Path, left_out: &Path) -> Result<(), Failure> {
    for file in files_under(from)?.into_iter().filter(|file| !file.starts_with(left_out)) {
        let place = to.join(file.strip_prefix(from).unwrap_or(&file));
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(|error| Failure::file("make", parent, &error))?;
        }
        fs::copy(&file, &place).map_err(|error| Failure::file("copy", &file, &error))?;
    }
    Ok(())
}

/// Puts `x.gz` beside each compressible `x`.
fn compress_tree(folder: &Path) -> Result<(), Failure> {
    for file in files_under(folder)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !COMPRESSIBLE.contains(&extension) {
            continue;
        }
        let bytes = fs::read(&file).map_err(|error| Failure::file("read", &file, &error))?;
        let mut name = file.clone().into_os_string();
        name.push(".gz");
        let path = PathBuf::from(name);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let compressed = encoder
            .write_all(&bytes)
            .and_then(|()| encoder.finish())
            .map_err(|error| Failure::file("compress", &file, &error))?;
        fs::write(&path, compressed).map_err(|error| Failure::file("write", &path, &error))?;
    }
    Ok(())
}

/// Refuses a viewer that has grown beyond its budget. Counted is what is sent: the compressed copy where there is one.
fn within_budget(folder: &Path) -> Result<(), Failure> {
    let mut sent = 0;
    for file in files_under(folder)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !COMPRESSIBLE.contains(&extension) {
            sent += fs::metadata(&file).map_err(|error| Failure::file("read", &file, &error))?.len();
        }
    }
    println!("xtask: the viewer is {} KB as it is sent, of at most {}", sent / 1000, VIEWER_BUDGET / 1000);
    if sent > VIEWER_BUDGET {
        return Err(Failure::new(format!(
            "the viewer has grown to {sent} bytes compressed, and may have {VIEWER_BUDGET}: leave out what a reader of a \
             share does not need"
        )));
    }
    Ok(())
}

fn modified(path: &Path) -> Result<SystemTime, Failure> {
    fs::metadata(path).and_then(|meta| meta.modified()).map_err(|error| Failure::file("read", path, &error))
}

fn remove(path: &Path) -> Result<(), Failure> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::file("remove", path, &error)),
        _ => Ok(()),
    }
}
