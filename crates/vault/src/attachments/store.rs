//! The files of attachments: `blobs/<32 hexadecimal digits>.age`, each encrypted to a key that only the database holds.
//!
//! A file is written under a temporary name, synced and renamed; whether it belongs to the vault is decided by its row in
//! the database alone. What has no row is swept away at unlock.

use crate::error::{AttachmentFault, Error, Result};
use crate::secret::{fill_random, random_bytes};
use crate::{files, keys};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How much is read at a time: an age chunk.
const CHUNK: usize = 64 * 1024;

/// Where attachments lie, and the key to them.
#[derive(Clone)]
pub(crate) struct Store {
    folder: PathBuf,
    identity: Arc<age::x25519::Identity>,
}

/// A file that was just written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) size: u64,
}

impl Store {
    /// The store of the vault in this folder. Its key is made when it is asked for first.
    pub(crate) async fn open(connection: &mut SqliteConnection, vault: &Path) -> Result<Self> {
        let found: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT secret FROM attachment_key").fetch_optional(&mut *connection).await?;
        let mut secret = Zeroizing::new([0; 32]);
        match found.map(Zeroizing::new) {
            Some(found) => *secret = found.as_slice().try_into().map_err(|_| Error::Damaged)?,
            None => {
                fill_random(secret.as_mut())?;
                sqlx::query("INSERT INTO attachment_key (only_row, secret) VALUES (1, ?)")
                    .bind(secret.as_slice())
                    .execute(connection)
                    .await?;
            }
        }
        Ok(Self { folder: vault.join("blobs"), identity: Arc::new(keys::identity(&secret)?) })
    }

    /// A store with a key of its own.
    #[cfg(test)]
    pub(crate) fn for_tests(vault: &Path) -> Self {
        Self { folder: vault.join("blobs"), identity: Arc::new(age::x25519::Identity::generate()) }
    }

    /// Encrypts everything that the reader gives into a new file, which is on the disk when this returns.
    pub(crate) fn write(&self, reader: &mut dyn Read) -> Result<Written> {
        let doing = "Storing an attachment";
        files::make_private_folder(&self.folder).map_err(Error::io(doing))?;
        let name = new_name()?;
        let path = self.folder.join(&name);
        let temporary = files::temporary_name(&path);
        let mut source = Source { inner: reader, hash: Sha256::new(), size: 0, failed: false };
        let written = self.encrypt(&temporary, &mut source).and_then(|()| fs::rename(&temporary, &path));
        if let Err(error) = written {
            // Swept at the next unlock if it cannot be removed now.
            let _ = fs::remove_file(&temporary);
            return Err(match source.failed {
                true => Error::Attachment(AttachmentFault::Unreadable),
                false => Error::io(doing)(error),
            });
        }
        Ok(Written { name, sha256: source.hash.finalize().into(), size: source.size })
    }

    fn encrypt(&self, path: &Path, source: &mut Source<'_>) -> io::Result<()> {
        let recipient = self.identity.to_public();
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            .map_err(|error| io::Error::other(error.to_string()))?;
        let file = files::private().truncate(true).open(path)?;
        let mut out = encryptor.wrap_output(BufWriter::new(file))?;
        copy(source, &mut out)?;
        let file = out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    }

    /// Makes what was renamed last.
    pub(crate) fn sync(&self) -> Result<()> {
        files::sync_folder(&self.folder).map_err(Error::io("Storing an attachment"))
    }

    /// Decrypts a file. The reader tells of a changed file when it comes to the changed place; that the end was reached
    /// is known at the end only.
    pub(crate) fn read(&self, name: &str) -> Result<impl Read + use<>> {
        let file = match File::open(self.folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Attachment(AttachmentFault::Missing));
            }
            file => file.map_err(Error::io("Reading an attachment"))?,
        };
        let damaged = || Error::Attachment(AttachmentFault::Damaged);
        let decryptor = age::Decryptor::new_buffered(BufReader::new(file)).map_err(|_| damaged())?;
        decryptor.decrypt(std::iter::once(&*self.identity as &dyn age::Identity)).map_err(|_| damaged())
    }

    /// Decrypts a file to somewhere and checks that it is what it was. After an error, what was written is of no use.
    pub(crate) fn copy_out(&self, name: &str, sha256: &[u8; 32], size: u64, to: &mut dyn Write) -> Result<()> {
        let mut reader = self.read(name)?;
        let mut source = Source { inner: &mut reader, hash: Sha256::new(), size: 0, failed: false };
        if let Err(error) = copy(&mut source, to) {
            return Err(match source.failed {
                true => Error::Attachment(AttachmentFault::Damaged),
                false => Error::io("Writing an attachment")(error),
            });
        }
        if (source.hash.finalize().as_slice(), source.size) == (sha256.as_slice(), size) {
            Ok(())
        } else {
            Err(Error::Attachment(AttachmentFault::Damaged))
        }
    }

    /// Whether the file is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Removes a file that no row names any more.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes what a crash left behind: files of this store's own making that no row names.
    pub(crate) fn sweep(&self, keep: &HashSet<String>) -> io::Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let ours = name.to_str().is_some_and(|name| is_ours(name) && !keep.contains(name));
            if ours && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// A random name, which tells nothing.
fn new_name() -> Result<String> {
    let mut name = String::with_capacity(36);
    for byte in random_bytes::<16>()? {
        name.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')));
    }
    name.push_str(".age");
    Ok(name)
}

fn is_ours(name: &str) -> bool {
    let name = name.strip_suffix(".new").unwrap_or(name);
    let digits = name.strip_suffix(".age").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn copy(source: &mut Source<'_>, to: &mut dyn Write) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let got = match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(buffer.get(..got).unwrap_or_default())?;
    }
}

/// Hashes and counts what is read, and remembers whether it was the reading that failed.
struct Source<'r> {
    inner: &'r mut dyn Read,
    hash: Sha256,
    size: u64,
    failed: bool,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(got) => {
                self.hash.update(buffer.get(..got).unwrap_or_default());
                self.size += got as u64;
                Ok(got)
            }
            Err(error) => {
                self.failed = error.kind() != io::ErrorKind::Interrupted;
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_a_changed_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::for_tests(folder.path());
        let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).collect();
        let written = store.write(&mut bytes.as_slice()).unwrap();
        assert_eq!(written.size, bytes.len() as u64);
        let (name, sha256, size) = (&written.name, &written.sha256, written.size);
        let mut out = Vec::new();
        store.copy_out(name, sha256, size, &mut out).unwrap();
        assert!(out == bytes);
        let path = folder.path().join("blobs").join(name);
        let good = fs::read(&path).unwrap();
        let position = |part: usize| good.len() / 8 * part;
        for at in (0..8).map(position) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            let read = store.copy_out(name, sha256, size, &mut io::sink());
            assert!(matches!(read, Err(Error::Attachment(AttachmentFault::Damaged))), "byte {at}: {read:?}");
            fs::write(&path, &good[..at]).unwrap();
            assert!(store.copy_out(name, sha256, size, &mut io::sink()).is_err(), "cut at {at}");
        }
        fs::write(&path, &good).unwrap();
        assert!(store.copy_out(name, &[0; 32], size, &mut io::sink()).is_err());
        store.remove(name).unwrap();
        store.remove(name).unwrap();
        let gone = store.copy_out(name, sha256, size, &mut io::sink());
        assert!(matches!(gone, Err(Error::Attachment(AttachmentFault::Missing))));
    }

    #[test]
    fn a_reader_that_fails_leaves_nothing() {
        struct Failing(usize);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::TimedOut)?;
                Ok(buffer.len())
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let store = Store::for_tests(folder.path());
        let failed = store.write(&mut Failing(3));
        assert!(matches!(failed, Err(Error::Attachment(AttachmentFault::Unreadable))));
        assert_eq!(fs::read_dir(folder.path().join("blobs")).unwrap().count(), 0);
    }

    #[test]
    fn sweeps_what_is_its_own_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::for_tests(folder.path());
        store.sweep(&HashSet::new()).unwrap();
        let kept = store.write(&mut b"kept".as_slice()).unwrap().name;
        let orphan = store.write(&mut b"orphan".as_slice()).unwrap().name;
        let blobs = folder.path().join("blobs");
        let half = format!("{}.new", new_name().unwrap());
        for name in [half.as_str(), "notes.txt", "0123.age"] {
            fs::write(blobs.join(name), b"x").unwrap();
        }
        store.sweep(&HashSet::from([kept.clone()])).unwrap();
        let left: HashSet<String> =
            fs::read_dir(&blobs).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(left, HashSet::from([kept, "notes.txt".to_owned(), "0123.age".to_owned()]));
        assert!(!left.contains(&orphan) && !left.contains(&half));
    }
}
