//! Starting again: the tree is computed from the entries, held against what was signed, and the tiles against the tree.

use super::{CHUNK, Log, blocking, checkpoint_path, tile_path, write_tiles};
use crate::files::Files;
use crate::store::{Head, LogId, Store};
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use tlog::checkpoint::Checkpoint;
use tlog::note::{SignedNote, SignerKey};
use tlog::tile::{BundleIndex, TileIndex, TilePath};
use tlog::tree::Edge;

/// How much is looked at before signing goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Every entry and every tile: at the start of a relay.
    Whole,
    /// The tree's edge, from the newest tiles: when the lead passes from one running relay to another. If that does not
    /// give the head that was signed, everything is looked at.
    Edge,
}

/// Brings a log to the newest head that was signed. Tiles that are missing, cut or wrong are written again from the
/// entries.
///
/// # Errors
/// [`Error::Ledger`] if a head that was signed does not follow from the entries: they are fewer, or other ones.
pub(super) async fn recover(
    id: LogId,
    signer: Arc<SignerKey>,
    store: &Store,
    files: &Files,
    care: Care,
) -> Result<Log> {
    let wrong = |what| Error::Ledger { log: id.as_str(), what };
    let noted = store.head(id).await?;
    let published = published(id, files, &signer).await?;
    if noted.is_none() && published.is_some() {
        return Err(wrong(
            "a checkpoint is published, but the database has signed none; it is not the newest database",
        ));
    }
    if care == Care::Edge
        && let Some(head) = noted
        && published.is_none_or(|published| published == head || published.size < head.size)
        && let Some(edge) = edge_of(id, files, head).await?
    {
        return Ok(Log { id, signer, edge, signed: noted, published: None });
    }
    let mut heads: Vec<Head> = noted.into_iter().chain(published).collect();
    heads.sort_unstable_by_key(|head| head.size);
    let size = heads.last().map_or(0, |head| head.size);
    let mut edge = Edge::empty();
    for head in heads {
        while edge.size() < head.size {
            let limit = u32::try_from(head.size - edge.size()).unwrap_or(CHUNK).min(CHUNK);
            let entries = store.entries(id, edge.size(), limit).await?;
            if entries.is_empty() {
                return Err(wrong("more entries were signed than the database has; it is not the newest database"));
            }
            let before = edge;
            let appended = blocking(move || before.append(&entries)).await?;
            edge = appended.edge;
            let wanted = appended.files.into_iter().filter(|(path, _)| is_in_tree(path, size)).collect();
            repair(id, files, wanted).await?;
        }
        if edge.root().0 != head.root {
            return Err(wrong("the database's entries are not those that were signed"));
        }
    }
    Ok(Log { id, signer, edge, signed: noted, published: None })
}

/// Writes those of these tiles that are not there as they should be.
async fn repair(id: LogId, files: &Files, wanted: Vec<(String, Vec<u8>)>) -> Result<()> {
    let mut missing = Vec::new();
    for (path, bytes) in wanted {
        if files.get(&tile_path(id, &path)).await?.as_deref() != Some(bytes.as_slice()) {
            missing.push((path, bytes));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    tracing::warn!(log = id.as_str(), tiles = missing.len(), "tiles were missing or damaged and are written again");
    write_tiles(id, files, missing).await
}

/// The edge of the tree with this head, if the newest tiles give it.
async fn edge_of(id: LogId, files: &Files, head: Head) -> Result<Option<Edge>> {
    let mut tiles: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    loop {
        let mut missing = None;
        let edge = Edge::from_tiles(head.size, &mut |path: &TilePath| {
            let path = path.to_string();
            let tile = tiles.get(&path).cloned();
            tile.ok_or_else(|| {
                missing = Some(path);
                Error::Unavailable
            })
        });
        let Some(path) = missing else {
            return Ok(edge.ok().filter(|edge| edge.root().0 == head.root));
        };
        let Some(tile) = files.get(&tile_path(id, &path)).await? else { return Ok(None) };
        tiles.insert(path, tile.into());
    }
}

/// The head in the checkpoint beside the tiles, if there is one. It must be this log's own.
async fn published(id: LogId, files: &Files, signer: &SignerKey) -> Result<Option<Head>> {
    let wrong = |what| Error::Ledger { log: id.as_str(), what };
    let Some(note) = files.get(&checkpoint_path(id)).await? else { return Ok(None) };
    let unreadable = || wrong("the published checkpoint is damaged or signed by another key");
    let note = std::str::from_utf8(&note).map_err(|_| unreadable())?;
    let note: SignedNote = note.parse().map_err(|_| unreadable())?;
    note.verify([signer.verifier()]).map_err(|_| unreadable())?;
    let Checkpoint { origin, size, root } = Checkpoint::parse(note.text()).map_err(|_| unreadable())?;
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
