//! The reading end: age, gzip and tar on a thread of their own, each file checked against the list at the end.

use super::wire::FileLine;
use super::{MANIFEST, MAX_PART, Part};
use crate::error::{BackupFault, Error, Result};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use tokio::sync::mpsc::Sender;

/// The most files that are read out of a backup: four million records in parts of one.
const MAX_PARTS: usize = 8_000_000;

/// A backup whose header fits the recovery words.
pub(super) struct Opened(Box<dyn Read + Send>);

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
pub(super) fn read_parts(opened: Opened, to: &Sender<Part>) -> Result<()> {
    let mut tar = tar::Archive::new(GzDecoder::new(opened.0));
    let mut seen = Vec::new();
    let mut manifest: Option<Vec<FileLine>> = None;
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path_bytes();
        let name = std::str::from_utf8(&name).map_err(|_| fault(BackupFault::Inconsistent))?.to_owned();
        if manifest.is_some() || seen.len() >= MAX_PARTS || entry.size() > MAX_PART {
            return Err(fault(BackupFault::Inconsistent));
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
        if to.blocking_send(Part { name, bytes }).is_err() {
            // The other end gave up and knows why.
            return Err(fault(BackupFault::Inconsistent));
        }
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

fn fault(fault: BackupFault) -> Error {
    Error::Backup(fault)
}

fn damaged(_: io::Error) -> Error {
    fault(BackupFault::Damaged)
}
