//! Where ciphertext lies: a folder. Another storage needs another module with these four functions, and nothing else.

use crate::error::random;
use crate::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How many characters a name has: hexadecimal of 32 bytes.
const NAME: usize = 64;

/// The ciphertext of all links, each file under a name made by [`name`].
#[derive(Debug, Clone)]
pub(crate) struct Files {
    folder: PathBuf,
}

/// A new random name. Names are never used twice, so that removing a file can never hit one that is wanted again.
pub(crate) fn name() -> Result<String> {
    let bytes: [u8; NAME / 2] = random()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Files {
    /// In this folder, created if missing.
    pub(crate) fn open(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder).map_err(|e| Error::io("the folder for ciphertext", &folder, e))?;
        Ok(Self { folder })
    }

    /// Stores a file; durable when this returns.
    pub(crate) async fn put(&self, name: String, bytes: Vec<u8>) -> Result<()> {
        let path = self.path(&name);
        blocking(move || write_durably(&path, &bytes).map_err(|e| Error::io("a file of ciphertext", &path, e))).await
    }

    /// Reads a file; nothing if it is not there (any more).
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.path(name);
        blocking(move || match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io("a file of ciphertext", path, e)),
        })
        .await
    }

    /// Removes files, those that are gone already too.
    pub(crate) async fn remove(&self, names: Vec<String>) -> Result<()> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        blocking(move || {
            for path in paths {
                match std::fs::remove_file(&path) {
                    Ok(()) => {}
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                    Err(e) => return Err(Error::io("a file of ciphertext", path, e)),
                }
            }
            Ok(())
        })
        .await
    }

    /// Names of files older than this. Among them are those whose publication was never finished.
    pub(crate) async fn older_than(&self, age: Duration) -> Result<Vec<String>> {
        let folder = self.folder.clone();
        blocking(move || list(&folder, age).map_err(|e| Error::io("the folder for ciphertext", &folder, e))).await
    }

    fn path(&self, name: &str) -> PathBuf {
        // 256 folders keep each of them short. Names come from `name` alone, never from a request.
        self.folder.join(name.get(..2).unwrap_or("00")).join(name)
    }
}

/// Writes to a temporary name, syncs, renames, syncs the folder: afterwards the file is there whole, or as it was before.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
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

fn list(folder: &Path, age: Duration) -> std::io::Result<Vec<String>> {
    let now = SystemTime::now();
    let mut names = Vec::new();
    for part in std::fs::read_dir(folder)? {
        let part = part?;
        if !part.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(part.path())? {
            let file = file?;
            let old = now.duration_since(file.metadata()?.modified()?).is_ok_and(|since| since > age);
            if let (true, Some(name)) = (old, file.file_name().to_str()) {
                // A temporary file that old was left by a crash; it counts under its own name.
                if name.len() == NAME || name.ends_with(".tmp") {
                    names.push(name.to_owned());
                }
            }
        }
    }
    Ok(names)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Unavailable)?
}
