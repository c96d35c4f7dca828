//! The reading end: age, gzip and tar on a thread of their own, each file checked against the list at the end.

use super::wire::FileLine;
use super::{ATTACHMENTS, MANIFEST, MAX_PART, Part};
use crate::attachments::{Store, Written};
use crate::error::{AttachmentFault, BackupFault, Error, Result};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;
use tokio::sync::mpsc::Sender;

/// The most files that are read out of a backup: four million records in parts of one.
const MAX_PARTS: usize = 8_000_000;

/// A backup whose header fits the recovery words.
pub(super) struct Opened(Box<dyn io::Read + Send>);

/// What was read.
pub(super) enum Read {
    /// A part, in memory.
    Part(Part),
    /// An attachment by the name it has in the archive, which is in the new vault's store already.
    Attachment(String, Written),
}

/// Opens a backup; cheap, nothing of its content is read yet.
pub(super) fn open(path: &Path, identity: &age::x25519::Identity) -> Result<Opened> {
    let file = File::open(path).map_err(Error::io("Opening the backup"))?;
    let decryptor = age::Decryptor::new_buffered(BufReader::new(file)).map_err(|_| fault(BackupFault::NotABackup))?;
    let plain = decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)).map_err(|error| match error {
        age::DecryptError::NoMatchingKeys => Error::WrongPhrase,
        age::DecryptError::InvalidMac => fault(BackupFault::Damaged),
        _ => fault(BackupFault::NotABackup),
    })?;
    Ok(Opened(Box::new(plain)))
}

/// Sends every part in order. Success means that the file was read to its end and agrees with its own list of contents;
/// until then nothing that was sent may be relied on.
pub(super) fn read_parts(opened: Opened, store: &Store, to: &Sender<Read>) -> Result<()> {
    let mut tar = tar::Archive::new(GzDecoder::new(opened.0));
    let mut seen = Vec::new();
    let mut manifest: Option<Vec<FileLine>> = None;
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path_bytes();
        let name = std::str::from_utf8(&name).map_err(|_| fault(BackupFault::Inconsistent))?.to_owned();
        let attached = name.starts_with(ATTACHMENTS);
        if manifest.is_some() || seen.len() >= MAX_PARTS || (entry.size() > MAX_PART && !attached) {
            return Err(fault(BackupFault::Inconsistent));
        }
        if attached {
            let written = store.write(&mut entry).map_err(|error| match error {
                Error::Attachment(AttachmentFault::Unreadable) => fault(BackupFault::Damaged),
                other => other,
            })?;
            seen.push(FileLine { name: name.clone(), bytes: written.size, sha256: written.sha256 });
            send(to, Read::Attachment(name, written))?;
            continue;
        }
        // Grows with what is really there, not with what a header promises.
        let mut bytes = Vec::new();
        (&mut entry).take(MAX_PART).read_to_end(&mut bytes).map_err(damaged)?;
        if name == MANIFEST {
            manifest = Some(serde_json::from_slice(&bytes).map_err(|_| fault(BackupFault::Inconsistent))?);
            continue;
        }
        let sha256 = Sha256::digest(&bytes).into();
        seen.push(FileLine { name: name.clone(), bytes: bytes.len() as u64, sha256 });
        send(to, Read::Part(Part { name, bytes }))?;
    }
    // tar stops at its end mark; gzip and age tell of missing or changed bytes only at their very ends.
    let mut gzip = tar.into_inner();
    io::copy(&mut gzip, &mut io::sink()).map_err(damaged)?;
    io::copy(&mut gzip.into_inner(), &mut io::sink()).map_err(damaged)?;
    match manifest {
        Some(manifest) if manifest == seen => Ok(()),
        Some(_) => Err(fault(BackupFault::Inconsistent)),
        None => Err(fault(BackupFault::Damaged)),
    }
}

/// An error means that the other end gave up and knows why.
fn send(to: &Sender<Read>, read: Read) -> Result<()> {
    to.blocking_send(read).map_err(|_| fault(BackupFault::Inconsistent))
}

fn fault(fault: BackupFault) -> Error {
    Error::Backup(fault)
}

fn damaged(_: io::Error) -> Error {
    fault(BackupFault::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::{Cursor, Write};

    fn read(bytes: Vec<u8>) -> Result<()> {
        let (sender, _receiver) = tokio::sync::mpsc::channel(4096);
        let folder = tempfile::tempdir().unwrap();
        read_parts(Opened(Box::new(Cursor::new(bytes))), &Store::for_tests(folder.path()), &sender)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_panic(bytes: Vec<u8>) {
            prop_assert!(read(gzip(&bytes)).is_err());
            prop_assert!(read(bytes).is_err());
        }

        #[test]
        fn any_change_of_an_archive_is_refused_or_harmless(at in 0_usize..3072, value: u8) {
            let mut tar = tar::Builder::new(Vec::new());
            let manifest = [FileLine { name: "a".into(), bytes: 3, sha256: Sha256::digest(b"abc").into() }];
            for (name, bytes) in [("a", b"abc".to_vec()), (MANIFEST, serde_json::to_vec(&manifest).unwrap())] {
                let mut header = tar::Header::new_ustar();
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
            }
            let mut bytes = tar.into_inner().unwrap();
            read(gzip(&bytes)).unwrap();
            bytes[at] = value;
            let _ = read(gzip(&bytes));
        }
    }

    #[test]
    fn a_file_that_claims_to_be_huge_costs_nothing() {
        let mut header = tar::Header::new_ustar();
        header.set_path("carnet/backup.json").unwrap();
        header.set_size(u64::MAX / 2);
        header.set_cksum();
        assert!(matches!(read(gzip(header.as_bytes())), Err(Error::Backup(_))));
    }
}
