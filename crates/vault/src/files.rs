//! Small files that are either wholly old or wholly new, whatever happens in between, and the lock on the folder.

use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces a file: temporary name, sync, rename, sync of the folder.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary_name(path);
    let written = private().truncate(true).open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&temporary, path)) {
        // The old file stands; what is left of the new one is of no use to anybody.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Options for a file that only its owner may read.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder (and its parents) that only its owner may look into.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes renames inside a folder last. Windows has no such call and does not need it.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// The name a file has until it is complete: beside the target, so that the rename stays on one disk.
pub(crate) fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    path.with_file_name(name)
}

/// Held as long as a vault is open: one program at a time. The system lets go of it even after a crash.
#[derive(Debug)]
pub(crate) struct FolderLock {
    file: File,
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Not by closing alone: a process that is being started at this moment has a copy of the open file until its
        // program begins, and would hold the lock with it. If this fails, closing lets go of it.
        let _ = self.file.unlock();
    }
}

impl FolderLock {
    /// Takes the lock or says that someone has it.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        let file =
            private().truncate(false).open(folder.join("LOCK")).map_err(Error::io("Locking the vault's folder"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse),
            Err(TryLockError::Error(error)) => Err(Error::io("Locking the vault's folder")(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_files_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn keeps_the_old_file_when_the_new_one_cannot_be_put_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::create_dir_all(path.join("not empty")).unwrap();
        assert!(replace(&path, b"two").is_err());
        assert!(path.join("not empty").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::take(folder.path()).unwrap();
        assert!(matches!(FolderLock::take(folder.path()), Err(Error::InUse)));
        drop(held);
        FolderLock::take(folder.path()).unwrap();
    }
}
