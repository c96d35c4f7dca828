//! Appending to a log: the right edge of its tree, and the files that each batch adds.
//!
//! The edge is a value. [`Edge::append`] gives a new one and the files to write; the writer makes the files durable,
//! then signs the new root, then lets go of the old edge. Killed at any point, the old checkpoint and the old files
//! still stand, and appending the same batch again writes the same files.

use crate::hash::{root_before, root_over};
use crate::tile::{
    BundleIndex, TILE_WIDTH, TileIndex, TilePath, decode_entries, decode_hashes, encode_hashes, push_entry,
};
use crate::{Error, Hash, Result, empty_root, leaf_hash};

/// What must be known of a tree to append to it: its size and whatever is not yet part of a full tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The entries of the partial bundle, encoded.
    bundle: Vec<u8>,
    /// For each level the hashes of its partial tile, 0 to 255 of them.
    levels: Vec<Vec<Hash>>,
}

/// A batch appended: the new edge, and the files that must be durable before a head over it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The edge after the batch.
    pub edge: Edge,
    /// Paths below the log's prefix, and contents. None of them ever changes again.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Edge {
    /// The edge of a log without entries.
    pub fn empty() -> Self {
        Self { size: 0, bundle: Vec::new(), levels: Vec::new() }
    }

    /// Rebuilds the edge of a tree of this size from its partial tiles and partial bundle, which `read` gives (a full
    /// one of the same place serves too). Compare [`Edge::root`] with the last checkpoint before appending.
    ///
    /// # Errors
    /// Those of `read`; [`Error::Tile`] if a file is malformed or the bundle does not hash to the tile above it.
    pub fn from_tiles<E: From<Error>>(
        size: u64,
        read: &mut dyn FnMut(&TilePath) -> std::result::Result<Vec<u8>, E>,
    ) -> std::result::Result<Self, E> {
        let mut edge = Self { size, ..Self::empty() };
        for level in 0..=u8::MAX {
            let Some(hashes) = size.checked_shr(u32::from(level) * 8).filter(|hashes| *hashes > 0) else { break };
            let full = hashes / u64::from(TILE_WIDTH);
            edge.levels.push(match TileIndex::in_tree(level, full, size) {
                Some(tile) => decode_hashes(&tile, &read(&TilePath::Hashes(tile))?)?,
                None => Vec::new(),
            });
        }
        if let Some(index) = BundleIndex::in_tree(size / u64::from(TILE_WIDTH), size) {
            let bytes = read(&TilePath::Entries(index))?;
            let entries = decode_entries(&index, &bytes)?;
            let leaves = edge.levels.first().map(Vec::as_slice).unwrap_or_default();
            if !entries.iter().map(|entry| leaf_hash(entry)).eq(leaves.iter().copied()) {
                return Err(Error::Tile("its entries do not hash to the tile above them").into());
            }
            for entry in entries {
                push_entry(&mut edge.bundle, entry)?;
            }
        }
        Ok(edge)
    }

    /// How many entries the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let root = self.levels.iter().fold(None, |right, hashes| root_before(hashes, right));
        root.unwrap_or_else(empty_root)
    }

    /// Appends entries, each at most 65,535 bytes, in order; the first gets the index [`Edge::size`].
    ///
    /// # Errors
    /// [`Error::EntryTooLong`] or [`Error::Full`]; nothing is appended then.
    pub fn append<T: AsRef<[u8]>>(&self, entries: &[T]) -> Result<Appended> {
        let mut edge = self.clone();
        let mut files = Vec::new();
        for entry in entries {
            edge.push(entry.as_ref(), &mut files)?;
        }
        edge.push_partial(self.size, &mut files);
        Ok(Appended { edge, files })
    }

    fn push(&mut self, entry: &[u8], files: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
        push_entry(&mut self.bundle, entry)?;
        let index = self.size / u64::from(TILE_WIDTH);
        self.size = self.size.checked_add(1).ok_or(Error::Full)?;
        if self.size.is_multiple_of(u64::from(TILE_WIDTH)) {
            let path = BundleIndex { index, width: TILE_WIDTH }.path();
            files.push((path, std::mem::take(&mut self.bundle)));
        }
        let mut hash = leaf_hash(entry);
        for level in 0..=u8::MAX {
            let hashes = match self.levels.get_mut(usize::from(level)) {
                Some(hashes) => hashes,
                None => self.levels.push_mut(Vec::new()),
            };
            hashes.push(hash);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            let full = std::mem::take(hashes);
            let index = self.size.checked_shr((u32::from(level) + 1) * 8).unwrap_or(0).saturating_sub(1);
            files.push((TileIndex { level, index, width: TILE_WIDTH }.path(), encode_hashes(&full)));
            let Some(root) = root_over(&full) else { break };
            hash = root;
        }
        Ok(())
    }

    /// Adds the partial files that differ from those of the tree of size `before`.
    fn push_partial(&self, before: u64, files: &mut Vec<(String, Vec<u8>)>) {
        if self.size == before {
            return;
        }
        if let Some(bundle) = BundleIndex::in_tree(self.size / u64::from(TILE_WIDTH), self.size) {
            files.push((bundle.path(), self.bundle.clone()));
        }
        for (level, hashes) in (0u8..).zip(&self.levels) {
            let count = |size: u64| size.checked_shr(u32::from(level) * 8).unwrap_or(0);
            let tile = TileIndex::in_tree(level, count(self.size) / u64::from(TILE_WIDTH), self.size);
            if let Some(tile) = tile.filter(|_| count(self.size) != count(before)) {
                files.push((tile.path(), encode_hashes(hashes)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
