//! The writing end: tar, gzip and age on a thread of their own, into a temporary file that is renamed at the end.

use super::{MANIFEST, Part, put_in_place, wire::FileLine};
use crate::attachments::{self, AttachmentRow, Store};
use crate::error::{Error, Result};
use crate::files;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use tokio::sync::mpsc::Receiver;

/// What the writer is told.
pub(super) enum Message {
    Part(Part),
    Attachment(AttachmentRow),
    Finish,
}

/// What was written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) attachments: u64,
    pub(super) attachments_lost: u64,
    pub(super) bytes: u64,
}

/// Writes the parts as they come. Without [`Message::Finish`] nothing is put in place.
pub(super) fn write_file(
    path: &Path,
    recipient: &age::x25519::Recipient,
    store: &Store,
    parts: Receiver<Message>,
) -> Result<Option<Written>> {
    let temporary = files::temporary_name(path);
    let written = write(&temporary, recipient, store, parts);
    let placed = match written {
        Ok(Some(written)) => put_in_place(&temporary, path).map(|()| Some(written)),
        other => other,
    };
    if !matches!(placed, Ok(Some(_))) {
        // An unfinished backup is of no use; the reason is what the caller must hear.
        let _ = std::fs::remove_file(&temporary);
    }
    placed.map_err(Error::io("Writing the backup"))
}

fn write(
    path: &Path,
    recipient: &age::x25519::Recipient,
    store: &Store,
    mut parts: Receiver<Message>,
) -> io::Result<Option<Written>> {
    let file = files::private().truncate(true).open(path)?;
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient as &dyn age::Recipient))
        .map_err(|error| io::Error::other(error.to_string()))?;
    let gzip = GzEncoder::new(encryptor.wrap_output(io::BufWriter::new(file))?, Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    let mut files = Vec::new();
    let mut written = Written::default();
    while let Some(message) = parts.blocking_recv() {
        match message {
            Message::Part(part) => {
                append(&mut tar, &part.name, &part.bytes)?;
                let sha256 = Sha256::digest(&part.bytes).into();
                files.push(FileLine { name: part.name, bytes: part.bytes.len() as u64, sha256 });
            }
            Message::Attachment(row) => match append_attachment(&mut tar, store, &row)? {
                Some(line) => {
                    files.push(line);
                    written.attachments += 1;
                }
                None => written.attachments_lost += 1,
            },
            Message::Finish => {
                let manifest = serde_json::to_vec_pretty(&files)?;
                append(&mut tar, MANIFEST, &manifest)?;
                let file = tar.into_inner()?.finish()?.finish()?.into_inner()?;
                file.sync_all()?;
                written.bytes = file.metadata()?.len();
                return Ok(Some(written));
            }
        }
    }
    Ok(None)
}

/// One attachment as a file of the archive; none if its bytes are lost, which must not keep all others out of the backup.
fn append_attachment(
    tar: &mut tar::Builder<impl Write>,
    store: &Store,
    row: &AttachmentRow,
) -> io::Result<Option<FileLine>> {
    // What is in the archive cannot be taken back, so it is looked at before.
    match attachments::copy_out(store, row, &mut io::sink()) {
        Err(Error::Attachment(_)) => return Ok(None),
        Err(Error::Io { source, .. }) => return Err(source),
        Err(other) => return Err(io::Error::other(other)),
        Ok(()) => {}
    }
    let Some(reader) = row.name.as_deref().map(|name| store.read(name)) else { return Ok(None) };
    let name = attachment_name(row);
    let mut header = header(row.size);
    tar.append_data(&mut header, &name, reader.map_err(io::Error::other)?)?;
    Ok(Some(FileLine { name, bytes: row.size, sha256: row.sha256 }))
}

/// `attachments/<sha256>`, with an ending by which the commonest programs know what it is.
fn attachment_name(row: &AttachmentRow) -> String {
    const ENDINGS: [(&str, &str); 12] = [
        ("application/pdf", ".pdf"),
        ("application/zip", ".zip"),
        ("application/xml", ".xml"),
        ("text/xml", ".xml"),
        ("application/dicom", ".dcm"),
        ("application/json", ".json"),
        ("application/fhir+json", ".json"),
        ("image/jpeg", ".jpg"),
        ("image/png", ".png"),
        ("image/svg+xml", ".svg"),
        ("text/csv", ".csv"),
        ("text/plain", ".txt"),
    ];
    let mut name = String::from("attachments/");
    for byte in row.sha256 {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    let known = ENDINGS.iter().find(|(media_type, _)| *media_type == row.media_type);
    name.push_str(known.map_or("", |(_, ending)| ending));
    name
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    tar.append_data(&mut header(bytes.len() as u64), name, bytes)
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(0);
    header
}
