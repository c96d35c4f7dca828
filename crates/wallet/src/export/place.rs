//! Where a file of the person's own goes.

use crate::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a file beside its place, syncs it and moves it there: after a power cut there is all of it, or what was there
/// before.
pub(crate) async fn write(path: PathBuf, bytes: Vec<u8>) -> Result<()> {
    let writing =
        tokio::task::spawn_blocking(move || write_file(&path, &bytes).map_err(Error::file("Writing the file")));
    writing.await.map_err(|_| Error::Internal("writing a file"))?
}

/// Writes a file whole or not at all: beside its place, synced, and then moved there. What stood there before is replaced
/// by all of it or stays. A pipe or a device has no beside and is written to as it is.
///
/// # Errors
/// Those of the system; nothing half is left.
pub fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let mut part = path.to_owned().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let placed = std::fs::File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    });
    if placed.is_err() {
        // Half a file is of no use; the first error is the one to tell.
        let _ = std::fs::remove_file(&part);
        return placed;
    }
    sync_folder(path)
}

/// The move itself is only safe once the folder is.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        return std::fs::File::open(folder)?.sync_all();
    }
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        write_file(&path, b"first").unwrap();
        write_file(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        // The place cannot be written: what stands in its way stays, and nothing half is left beside it.
        let blocked = folder.path().join("folder");
        std::fs::create_dir_all(blocked.join("inside")).unwrap();
        assert!(write_file(&blocked, b"third").is_err());
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_stays_one() {
        write_file(Path::new("/dev/null"), b"nothing").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }
}
