//! Starting again: the tree is computed from the entries, held against what was signed, and the tiles against the tree.

use super::{CHUNK, Log, blocking, write_files};
use crate::store::{Head, LogId, Store};
use crate::{Error, Result};
use std::path::{Path, PathBuf};
use tlog::checkpoint::Checkpoint;
use tlog::note::{SignedNote, SignerKey};
use tlog::tile::{BundleIndex, TileIndex, TilePath};
use tlog::tree::Edge;

/// Brings a log to the newest head that it signed. Tiles that are missing, cut or wrong are written again from the
/// entries.
///
/// # Errors
/// [`Error::Ledger`] if a head that was signed does not follow from the entries: they are fewer, or other ones.
pub(super) async fn recover(id: LogId, folder: PathBuf, signer: SignerKey, store: &Store) -> Result<Log> {
    let wrong = |what| Error::Ledger { log: id.as_str(), what };
    let noted = store.head(id).await?;
    let published = published(&folder.join("checkpoint"), &signer, wrong)?;
    if noted.is_none() && published.is_some() {
        return Err(wrong(
            "a checkpoint is published, but the database has signed none; it is not the newest database",
        ));
    }
    let mut heads: Vec<Head> = noted.into_iter().chain(published).collect();
    heads.sort_unstable_by_key(|head| head.size);
    let signed = heads.last().copied();
    let size = signed.map_or(0, |head| head.size);
    let mut edge = Edge::empty();
    for head in heads {
        while edge.size() < head.size {
            let limit = u32::try_from(head.size - edge.size()).unwrap_or(CHUNK).min(CHUNK);
            let entries = store.entries(id, edge.size(), limit).await?;
            if entries.is_empty() {
                return Err(wrong("more entries were signed than the database has; it is not the newest database"));
            }
            let folder = folder.clone();
            edge = blocking(move || {
                let appended = edge.append(&entries)?;
                let missing = appended.files.into_iter().filter(|(path, bytes)| {
                    is_in_tree(path, size) && std::fs::read(folder.join(path)).ok().as_ref() != Some(bytes)
                });
                let missing: Vec<_> = missing.collect();
                if !missing.is_empty() {
                    tracing::warn!(
                        log = id.as_str(),
                        tiles = missing.len(),
                        "tiles were missing or damaged and are written again"
                    );
                    write_files(&folder, &missing)?;
                }
                Ok(appended.edge)
            })
            .await?;
        }
        if edge.root().0 != head.root {
            return Err(wrong("the database's entries are not those that were signed"));
        }
    }
    Ok(Log { id, folder, signer, edge, signed, published: None })
}

/// The head in the published checkpoint, if there is one. It must be this log's own.
fn published(path: &Path, signer: &SignerKey, wrong: impl Fn(&'static str) -> Error) -> Result<Option<Head>> {
    let note = match std::fs::read_to_string(path) {
        Ok(note) => note,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("the ledger's checkpoint", path, e)),
    };
    let unreadable = |_| wrong("the published checkpoint is damaged or signed by another key");
    let note: SignedNote = note.parse().map_err(unreadable)?;
    note.verify([signer.verifier()]).map_err(unreadable)?;
    let Checkpoint { origin, size, root } = Checkpoint::parse(note.text()).map_err(unreadable)?;
    if origin != signer.verifier().name() {
        return Err(wrong("the published checkpoint is of another log"));
    }
    Ok(Some(Head { size, root: root.0 }))
}

/// Whether a tree of this size has the file. Appending in chunks makes partial tiles on the way that it does not have.
fn is_in_tree(path: &str, size: u64) -> bool {
    match path.parse() {
        Ok(TilePath::Hashes(tile)) => TileIndex::in_tree(tile.level, tile.index, size) == Some(tile),
        Ok(TilePath::Entries(bundle)) => BundleIndex::in_tree(bundle.index, size) == Some(bundle),
        Err(_) => false,
    }
}
