//! What an import would bring, without a vault: the files are only read.

use super::file::{Found, Item, Known, Origin, Reading};
use super::folder::{self, Named};
use super::{empty_account, refused};
use crate::clock::now;
use crate::{Error, Result};
use carnet_bridge::ImportReport;
use carnet_records::import::Limits;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Reads files (and folders of files) and gives the report of each, as an import of it into an empty vault would. Nothing
/// is stored, no vault is opened and none is needed.
///
/// # Errors
/// [`Error::Internal`] if the reading ended early. A file that is no use is an account with an error.
pub async fn dry_run(paths: &[PathBuf], limits: &Limits) -> Result<Vec<ImportReport>> {
    let (paths, limits) = (paths.to_vec(), limits.clone());
    let read = tokio::task::spawn_blocking(move || {
        folder::files(&paths).into_iter().map(|named| report(named, &limits)).collect()
    });
    read.await.map_err(|_| Error::Internal("reading the files"))
}

fn report(named: Named, limits: &Limits) -> ImportReport {
    let Named { path, name, error } = named;
    let read = match error {
        Some(error) => Err(error),
        None => read(&Origin::Path(path), &name, limits),
    };
    read.unwrap_or_else(|error| refused(&name, &error).into())
}

fn read(origin: &Origin, name: &str, limits: &Limits) -> Result<ImportReport> {
    let never = AtomicBool::new(false);
    let known = Known::default();
    let reading = Reading { name: super::plain_name(name), now: now(), limits, known: &known, cancelled: &never };
    let mut account = empty_account(name, String::new());
    let mut notes = Vec::new();
    let mut ended = false;
    // What the same file says twice, byte for byte, would be there already the second time.
    let mut seen = HashSet::new();
    reading.read(origin, &mut |found| {
        match found {
            Found::Start(start) => account.format = start.format,
            Found::Items(items) => {
                for item in items {
                    account.entries += 1;
                    match item {
                        Item::Record { record, as_text } => {
                            let sha256: [u8; 32] = Sha256::digest(&record.original).into();
                            if !seen.insert((record.identity, sha256)) {
                                account.already_present += 1;
                            } else if as_text.is_some() {
                                account.narrative_only += 1;
                            } else {
                                account.imported += 1;
                            }
                        }
                        Item::Skipped(skipped) => account.skipped.push(skipped),
                    }
                }
            }
            Found::Note(note) => notes.push(note),
            Found::Attachment { .. } | Found::Read(_) => {}
            Found::End => ended = true,
        }
        ControlFlow::Continue(())
    })?;
    let report = ImportReport { notes, ..account.into() };
    if ended { Ok(report) } else { Err(Error::Internal("reading the file")) }
}
