//! Proofs that an entry is in a tree and that a tree extends another (RFC 6962, section 2.1; verified as in RFC 9162,
//! sections 2.1.3.2 and 2.1.4.2).
//!
//! Proofs are computed from tiles, which the caller reads: [`tiles_for_inclusion`] and [`tiles_for_consistency`] say
//! which, for a caller who must fetch them first. A proof from untrusted tiles is as good as any: what counts is
//! whether it verifies against a trusted root.

mod file;

pub use file::{MAX_EXTRA_BYTES, TlogProof, Verified};

use crate::hash::root_over;
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, TileIndex, decode_hashes};
use crate::{Error, Hash, Result, empty_root, node_hash};
use std::collections::{BTreeMap, BTreeSet};

/// The most hashes a proof of either kind can have.
pub const MAX_PROOF_HASHES: usize = 64;

/// Reads one tile for a proof: at least [`TileIndex::width`] hashes, see [`decode_hashes`].
pub type ReadTile<'r, E> = dyn FnMut(&TileIndex) -> std::result::Result<Vec<u8>, E> + 'r;

/// Computes the proof that the entry `index` is in the tree of `size` entries, from the leaf's sibling up.
///
/// # Errors
/// [`Error::OutOfRange`] unless `index < size`; [`Error::Tile`] for a malformed tile; those of `read`.
pub fn inclusion<E: From<Error>>(
    size: u64,
    index: u64,
    read: &mut ReadTile<'_, E>,
) -> std::result::Result<Vec<Hash>, E> {
    let ranges = inclusion_ranges(size, index).ok_or(Error::OutOfRange)?;
    hash_ranges(size, &ranges, read)
}

/// Computes the proof that the tree of `new_size` entries begins with the tree of `old_size` entries.
///
/// # Errors
/// [`Error::OutOfRange`] unless `old_size <= new_size`; [`Error::Tile`] for a malformed tile; those of `read`.
pub fn consistency<E: From<Error>>(
    old_size: u64,
    new_size: u64,
    read: &mut ReadTile<'_, E>,
) -> std::result::Result<Vec<Hash>, E> {
    let ranges = consistency_ranges(old_size, new_size).ok_or(Error::OutOfRange)?;
    hash_ranges(new_size, &ranges, read)
}

/// Computes the root of the tree of `size` entries.
///
/// # Errors
/// [`Error::Tile`] for a malformed tile; those of `read`.
pub fn root<E: From<Error>>(size: u64, read: &mut ReadTile<'_, E>) -> std::result::Result<Hash, E> {
    match hash_ranges(size, &[(0, size)], read)?.first() {
        Some(root) if size > 0 => Ok(*root),
        _ => Ok(empty_root()),
    }
}

/// The tiles that [`inclusion`] will read, each once; none if the index lies outside the tree.
pub fn tiles_for_inclusion(index: u64, size: u64) -> Vec<TileIndex> {
    tiles(size, &inclusion_ranges(size, index).unwrap_or_default())
}

/// The tiles that [`consistency`] will read, each once; none if the sizes are out of order.
pub fn tiles_for_consistency(old_size: u64, new_size: u64) -> Vec<TileIndex> {
    tiles(new_size, &consistency_ranges(old_size, new_size).unwrap_or_default())
}

/// Verifies that the leaf stands at `index` in the tree of `size` entries with this root (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// [`Error::OutOfRange`] unless `index < size`; [`Error::FalseProof`].
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<()> {
    if index >= size {
        return Err(Error::OutOfRange);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for step in proof {
        if last == 0 {
            return Err(Error::FalseProof);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(step, &hash);
            if node & 1 == 0 {
                let up = node.trailing_zeros().min(63);
                (node, last) = (node >> up, last >> up);
            }
        } else {
            hash = node_hash(&hash, step);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(Error::FalseProof) }
}

/// Verifies that the tree of `new_size` entries with `new_root` begins with the tree of `old_size` entries with
/// `old_root` (RFC 9162, section 2.1.4.2). Every tree begins with the empty one; the proof of that is empty.
///
/// # Errors
/// [`Error::OutOfRange`] unless `old_size <= new_size`; [`Error::FalseProof`].
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<()> {
    if old_size > new_size {
        return Err(Error::OutOfRange);
    }
    if old_size == new_size || old_size == 0 {
        let same = if old_size == 0 { *old_root == empty_root() } else { old_root == new_root };
        let empty = new_size > 0 || *new_root == empty_root();
        return if same && empty && proof.is_empty() { Ok(()) } else { Err(Error::FalseProof) };
    }
    // A tree that is a power of two is itself the first step; the proof leaves it out.
    let (mut old_hash, mut steps) = match proof {
        steps if old_size.is_power_of_two() => (*old_root, steps),
        [first, steps @ ..] => (*first, steps),
        [] => return Err(Error::FalseProof),
    };
    let mut new_hash = old_hash;
    let up = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> up, (new_size - 1) >> up);
    while let [step, rest @ ..] = steps {
        steps = rest;
        if last == 0 {
            return Err(Error::FalseProof);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(step, &old_hash);
            new_hash = node_hash(step, &new_hash);
            if node & 1 == 0 {
                let up = node.trailing_zeros().min(63);
                (node, last) = (node >> up, last >> up);
            }
        } else {
            new_hash = node_hash(&new_hash, step);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 && old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(Error::FalseProof) }
}

/// A range of leaves, half open, whose Merkle Tree Hash is one hash of a proof.
type Range = (u64, u64);

/// `PATH(m, D[n])` of RFC 6962, section 2.1.1, as ranges.
fn inclusion_ranges(size: u64, index: u64) -> Option<Vec<Range>> {
    if index >= size {
        return None;
    }
    let (mut low, mut high, mut ranges) = (0, size, Vec::new());
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            ranges.push((middle, high));
            high = middle;
        } else {
            ranges.push((low, middle));
            low = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// `PROOF(m, D[n])` of RFC 6962, section 2.1.2, as ranges; empty for the empty tree.
fn consistency_ranges(old_size: u64, new_size: u64) -> Option<Vec<Range>> {
    if old_size > new_size {
        return None;
    }
    let (mut low, mut high, mut known, mut ranges) = (0, new_size, true, Vec::new());
    if old_size == 0 {
        return Some(ranges);
    }
    while old_size != high {
        let middle = low + split(high - low);
        if old_size <= middle {
            ranges.push((middle, high));
            high = middle;
        } else {
            ranges.push((low, middle));
            low = middle;
            known = false;
        }
    }
    if !known {
        ranges.push((low, high));
    }
    ranges.reverse();
    Some(ranges)
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (63 - (length - 1).leading_zeros().min(63))
}

/// The perfect subtrees of a range, left to right, as first leaf and height. The range begins where its largest fits.
fn subtrees((mut low, high): Range) -> impl Iterator<Item = (u64, u32)> {
    std::iter::from_fn(move || {
        let height = (high - low).checked_ilog2()?;
        let subtree = (low, height);
        low += 1 << height;
        Some(subtree)
    })
}

/// The tile in a tree of `size` whose hashes span a perfect subtree, and the first of them and their number.
fn tile_of(size: u64, (first, height): (u64, u32)) -> Option<(TileIndex, usize, usize)> {
    let level = height / TILE_HEIGHT;
    let hash = first.checked_shr(level * TILE_HEIGHT)?;
    let tile = TileIndex::in_tree(u8::try_from(level).ok()?, hash / u64::from(TILE_WIDTH), size)?;
    Some((tile, usize::try_from(hash % u64::from(TILE_WIDTH)).ok()?, 1 << (height % TILE_HEIGHT)))
}

fn tiles(size: u64, ranges: &[Range]) -> Vec<TileIndex> {
    let subtrees = ranges.iter().copied().flat_map(subtrees);
    let tiles: BTreeSet<_> = subtrees.filter_map(|subtree| tile_of(size, subtree)).map(|(tile, ..)| tile).collect();
    tiles.into_iter().collect()
}

fn hash_ranges<E: From<Error>>(
    size: u64,
    ranges: &[Range],
    read: &mut ReadTile<'_, E>,
) -> std::result::Result<Vec<Hash>, E> {
    let mut tiles: BTreeMap<TileIndex, Vec<Hash>> = BTreeMap::new();
    let mut proof = Vec::with_capacity(ranges.len());
    for range in ranges {
        let mut roots = Vec::new();
        for subtree in subtrees(*range) {
            let (tile, first, count) = tile_of(size, subtree).ok_or(Error::OutOfRange)?;
            let hashes = match tiles.entry(tile) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => {
                    let bytes = read(&tile)?;
                    place.insert(decode_hashes(&tile, &bytes)?)
                }
            };
            let span = hashes.get(first..first + count).and_then(root_over);
            roots.push(span.ok_or(Error::Tile("it holds fewer hashes than its width"))?);
        }
        proof.extend(roots.into_iter().rev().reduce(|right, left| node_hash(&left, &right)));
    }
    Ok(proof)
}

#[cfg(test)]
mod tests;
