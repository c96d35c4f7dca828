//! Files in a folder.

use crate::{Error, Result};
use axum::body::Bytes;
use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A folder, and what lies below it.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// This folder, with those for ciphertext and the ledger created if missing.
    pub(super) fn open(folder: PathBuf) -> Result<Self> {
        for name in ["files", "ledger"] {
            let below = folder.join(name);
            std::fs::create_dir_all(&below).map_err(|e| error(&below, e))?;
        }
        Ok(Self(folder))
    }

    pub(super) async fn put(&self, path: String, bytes: Vec<u8>) -> Result<()> {
        let path = self.0.join(path);
        blocking(move || write_durably(&path, &bytes).map_err(|e| error(&path, e))).await
    }

    pub(super) async fn put_all(&self, files: Vec<(String, Vec<u8>)>) -> Result<()> {
        let root = self.0.clone();
        blocking(move || {
            let mut folders = BTreeSet::new();
            for (name, bytes) in files {
                let path = root.join(name);
                if path.parent().is_some_and(|parent| !parent.exists()) {
                    // The names of new folders must last as well.
                    folders.extend(
                        path.ancestors().skip(2).take_while(|above| above.starts_with(&root)).map(Path::to_owned),
                    );
                }
                write_durably(&path, &bytes).map_err(|e| error(&path, e))?;
            }
            folders.iter().try_for_each(|folder| sync_folder(folder).map_err(|e| error(folder, e)))
        })
        .await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Option<Bytes>> {
        let path = self.0.join(path);
        blocking(move || match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(e) => Err(error(&path, e)),
        })
        .await
    }

    pub(super) async fn remove(&self, paths: Vec<String>) -> Result<()> {
        let root = self.0.clone();
        blocking(move || {
            paths.iter().map(|path| root.join(path)).try_for_each(|path| gone(std::fs::remove_file(&path), &path))
        })
        .await
    }

    pub(super) async fn remove_below(&self, path: &str) -> Result<()> {
        let path = self.0.join(path);
        blocking(move || gone(std::fs::remove_dir_all(&path), &path)).await
    }

    pub(super) async fn older_than(&self, path: &str, age: Duration) -> Result<Vec<String>> {
        let folder = self.0.join(path);
        blocking(move || match list(&folder, age) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed.map_err(|e| error(&folder, e)),
        })
        .await
    }
}

fn error(path: &Path, source: std::io::Error) -> Error {
    Error::io("a file of the relay", path, source)
}

fn gone(removed: std::io::Result<()>, path: &Path) -> Result<()> {
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(error(path, e)),
        _ => Ok(()),
    }
}

/// Names of files older than this. A temporary one that old was left by a crash; it counts under its own name.
fn list(folder: &Path, age: Duration) -> std::io::Result<Vec<String>> {
    let now = SystemTime::now();
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        let old = now.duration_since(file.metadata()?.modified()?).is_ok_and(|since| since > age);
        if let (true, Some(name)) = (old, file.file_name().to_str()) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Writes to a temporary name, syncs, renames, syncs the folder: afterwards the file is there whole, or as it was before.
fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let mut file = std::fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    sync_folder(folder)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    // Only Unix lets a folder be synced; elsewhere the rename itself is what the system offers.
    if cfg!(unix) { std::fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Unavailable)?
}
