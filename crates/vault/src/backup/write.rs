//! The writing end: tar, gzip and age on a thread of their own, into a temporary file that is renamed at the end.

use super::{MANIFEST, Part, put_in_place, wire::FileLine};
use crate::error::{Error, Result};
use crate::files;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::Path;
use tokio::sync::mpsc::Receiver;

/// What the writer is told.
pub(super) enum Message {
    Part(Part),
    Finish,
}

/// Writes the parts as they come; gives the file's size. Without [`Message::Finish`] nothing is put in place.
pub(super) fn write_file(
    path: &Path,
    recipient: &age::x25519::Recipient,
    parts: Receiver<Message>,
) -> Result<Option<u64>> {
    let temporary = files::temporary_name(path);
    let written = write(&temporary, recipient, parts);
    let placed = match written {
        Ok(Some(size)) => put_in_place(&temporary, path).map(|()| Some(size)),
        other => other,
    };
    if !matches!(placed, Ok(Some(_))) {
        // An unfinished backup is of no use; the reason is what the caller must hear.
        let _ = std::fs::remove_file(&temporary);
    }
    placed.map_err(Error::io("Writing the backup"))
}

fn write(path: &Path, recipient: &age::x25519::Recipient, mut parts: Receiver<Message>) -> io::Result<Option<u64>> {
    let file = files::private().truncate(true).open(path)?;
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient as &dyn age::Recipient))
        .map_err(|error| io::Error::other(error.to_string()))?;
    let gzip = GzEncoder::new(encryptor.wrap_output(io::BufWriter::new(file))?, Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    let mut files = Vec::new();
    while let Some(message) = parts.blocking_recv() {
        match message {
            Message::Part(part) => {
                append(&mut tar, &part.name, &part.bytes)?;
                let sha256 = Sha256::digest(&part.bytes).into();
                files.push(FileLine { name: part.name, bytes: part.bytes.len() as u64, sha256 });
            }
            Message::Finish => {
                let manifest = serde_json::to_vec_pretty(&files)?;
                append(&mut tar, MANIFEST, &manifest)?;
                let file = tar.into_inner()?.finish()?.finish()?.into_inner()?;
                file.sync_all()?;
                return Ok(Some(file.metadata()?.len()));
            }
        }
    }
    Ok(None)
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    header.set_mtime(0);
    tar.append_data(&mut header, name, bytes)
}
