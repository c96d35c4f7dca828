//! What an import would bring, without a vault: the files are only read.

use super::file::{Found, Item, Known, Origin, Reading};
use super::folder::{self, Named};
use super::found::Links;
use super::{chunks, empty_account, refused};
use crate::clock::now;
use crate::{Error, Result};
use carnet_bridge::ImportReport;
use carnet_records::cards::chunks_of;
use carnet_records::import::Limits;
use carnet_records::index::Category;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Reads files (and folders of files) and gives the report of each, as an import of it into an empty vault would; parts of
/// health cards find those in the files before, as they would there. Nothing is stored, no vault is opened and none is
/// needed.
///
/// # Errors
/// [`Error::Internal`] if the reading ended early. A file that is no use is an account with an error.
pub async fn dry_run(paths: &[PathBuf], limits: &Limits) -> Result<Vec<ImportReport>> {
    let (paths, limits) = (paths.to_vec(), limits.clone());
    let read = tokio::task::spawn_blocking(move || {
        let mut known = Known::default();
        folder::files(&paths).into_iter().map(|named| report(named, &limits, &mut known)).collect()
    });
    read.await.map_err(|_| Error::Internal("reading the files"))
}

/// The report of one file; what it has for the files after it comes to what is known.
fn report(named: Named, limits: &Limits, known: &mut Known) -> ImportReport {
    let Named { path, name, beside, error } = named;
    let mut links = Links::default();
    let read = match error {
        Some(error) => Err(error),
        None => read(&Origin::new(path, beside), &name, limits, known, &mut links),
    };
    ImportReport { links: links.told(), ..read.unwrap_or_else(|error| refused(&name, &error).into()) }
}

fn read(origin: &Origin, name: &str, limits: &Limits, known: &mut Known, links: &mut Links) -> Result<ImportReport> {
    let never = AtomicBool::new(false);
    let reading = Reading { name: super::plain_name(name), now: now(), limits, known, cancelled: &never };
    let mut chunks = Vec::new();
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
                            if record.index.category == Category::Document {
                                chunks.extend(chunks_of(&record.original));
                            }
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
            Found::Link(link) => links.push(link),
            Found::Attachment { .. } | Found::Read(_) => {}
            Found::End => ended = true,
        }
        ControlFlow::Continue(())
    })?;
    notes.extend(links.note());
    let report = ImportReport { notes, ..account.into() };
    if !ended {
        return Err(Error::Internal("reading the file"));
    }
    chunks::add(&mut known.chunks, chunks);
    Ok(report)
}
