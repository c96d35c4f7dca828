//! The viewer's files: from a folder, or built in. All are read at the start, so no path of a request reaches the disk.

use crate::{Error, Result};
use axum::body::Bytes;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The most that a viewer's folder may hold, in bytes.
const LARGEST: u64 = 64 << 20;

mod built_in {
    //! `FILES`, as the build script found them.
    include!(concat!(env!("OUT_DIR"), "/viewer_files.rs"));
}

/// The files by their path below `/view/`.
#[derive(Debug, Default)]
pub(crate) struct Viewer(BTreeMap<String, Asset>);

/// One file.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) bytes: Bytes,
    /// The same, compressed, if the folder has it.
    pub(crate) gzip: Option<Bytes>,
    pub(crate) media_type: &'static str,
    /// An entity tag.
    pub(crate) tag: String,
}

impl Viewer {
    /// The files of a folder, or those built in.
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self> {
        let mut files = BTreeMap::new();
        match folder {
            Some(folder) => {
                let mut left = LARGEST;
                read(folder, "", &mut files, &mut left)?;
            }
            None => {
                files.extend(
                    built_in::FILES.iter().map(|(path, bytes)| ((*path).to_owned(), Bytes::from_static(bytes))),
                );
            }
        }
        Ok(Self::of(files))
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Asset> {
        self.0.get(path)
    }

    /// How many files there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn of(mut files: BTreeMap<String, Bytes>) -> Self {
        let paths: Vec<String> = files.keys().filter(|path| !path.ends_with(".gz")).cloned().collect();
        let assets = paths.into_iter().filter_map(|path| {
            let bytes = files.remove(&path)?;
            let gzip = files.remove(&format!("{path}.gz"));
            let hash = Sha256::digest(&bytes);
            let tag = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
            let asset = Asset { bytes, gzip, media_type: media_type(&path), tag: format!("\"{tag}\"") };
            Some((path, asset))
        });
        Self(assets.collect())
    }
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Bytes>, left: &mut u64) -> Result<()> {
    let error = |e| Error::io("the viewer's folder", folder, e);
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let kind = entry.file_type().map_err(error)?;
        if kind.is_dir() {
            read(&entry.path(), &format!("{prefix}{name}/"), files, left)?;
        } else if kind.is_file() {
            let size = entry.metadata().map_err(error)?.len();
            *left = left
                .checked_sub(size)
                .ok_or_else(|| Error::Config("`viewer_dir` holds more than 64 MiB".to_owned()))?;
            files.insert(format!("{prefix}{name}"), std::fs::read(entry.path()).map_err(error)?.into());
        }
    }
    Ok(())
}

/// By the end of the name, as far as a viewer needs.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_served_with_its_compressed_twins() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("css")).unwrap();
        for (name, bytes) in [
            ("index.html", "<!doctype html>"),
            ("viewer.wasm", "w"),
            ("viewer.wasm.gz", "z"),
            ("css/a.css", "c"),
            (".git", "x"),
        ] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let viewer = Viewer::load(Some(folder.path())).unwrap();
        assert_eq!(viewer.len(), 3);
        let wasm = viewer.get("viewer.wasm").unwrap();
        assert_eq!((wasm.media_type, wasm.gzip.as_deref()), ("application/wasm", Some(&b"z"[..])));
        assert_eq!(viewer.get("css/a.css").unwrap().media_type, "text/css; charset=utf-8");
        assert!(viewer.get("../index.html").is_none() && viewer.get("viewer.wasm.gz").is_none());
    }
}
