//! Tiles and entry bundles: the files that a log consists of ([c2sp.org/tlog-tiles](https://c2sp.org/tlog-tiles)).

use crate::encoding::from_decimal;
use crate::{Error, HASH_BYTES, Hash, Result};
use std::fmt;
use std::str::FromStr;

/// How many hashes or entries a full tile or bundle has.
pub const TILE_WIDTH: u16 = 256;
/// How many levels of the tree one tile stands for.
pub(crate) const TILE_HEIGHT: u32 = 8;
/// The highest level that a path may name.
pub const MAX_LEVEL: u8 = 63;
/// The longest entry, in bytes.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;
/// The longest bundle that is read, in bytes: full, with the longest entries.
pub const MAX_BUNDLE_BYTES: usize = TILE_WIDTH as usize * (2 + MAX_ENTRY_BYTES);

/// Which tile of hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileIndex {
    /// 0 for the hashes of leaves; each level above holds the roots of full tiles below. At most [`MAX_LEVEL`].
    pub level: u8,
    /// Its place within the level.
    pub index: u64,
    /// How many hashes it has: 1 to 255 in a partial tile, 256 in a full one.
    pub width: u16,
}

impl TileIndex {
    /// Its path below the log's prefix: `tile/<L>/<N>` or, if partial, `tile/<L>/<N>.p/<W>`.
    pub fn path(&self) -> String {
        TilePath::Hashes(*self).to_string()
    }

    /// The path of the full tile that takes the place of this one, should this partial one be gone.
    pub fn full_path(&self) -> String {
        Self { width: TILE_WIDTH, ..*self }.path()
    }

    /// Where the tile or bundle `index` of `level` stands in a tree of this size: none if the tree has no such tile.
    pub fn in_tree(level: u8, index: u64, tree_size: u64) -> Option<Self> {
        let hashes = tree_size.checked_shr(u32::from(level) * TILE_HEIGHT).unwrap_or(0);
        let first = index.checked_mul(u64::from(TILE_WIDTH))?;
        let width = hashes.checked_sub(first)?.min(u64::from(TILE_WIDTH));
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { level, index, width })
    }
}

/// Which bundle of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BundleIndex {
    /// Its place: bundle `n` holds the entries from `256 n` on.
    pub index: u64,
    /// How many entries it has: 1 to 255 in a partial bundle, 256 in a full one.
    pub width: u16,
}

impl BundleIndex {
    /// Its path below the log's prefix: `tile/entries/<N>` or, if partial, `tile/entries/<N>.p/<W>`.
    pub fn path(&self) -> String {
        TilePath::Entries(*self).to_string()
    }

    /// The path of the full bundle that takes the place of this one, should this partial one be gone.
    pub fn full_path(&self) -> String {
        Self { width: TILE_WIDTH, ..*self }.path()
    }

    /// The bundle of this place in a tree of this size: none if the tree has no such bundle.
    pub fn in_tree(index: u64, tree_size: u64) -> Option<Self> {
        TileIndex::in_tree(0, index, tree_size).map(|tile| Self { index, width: tile.width })
    }

    /// Every bundle of a tree of this size, in order.
    pub fn all(tree_size: u64) -> impl Iterator<Item = Self> {
        (0..tree_size.div_ceil(u64::from(TILE_WIDTH))).filter_map(move |index| Self::in_tree(index, tree_size))
    }
}

/// What a path below a log's prefix names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TilePath {
    /// A tile of hashes.
    Hashes(TileIndex),
    /// A bundle of entries.
    Entries(BundleIndex),
}

/// Reads a path in its one valid spelling. Anything else is refused: no `..`, no doubled slash, no missing zero.
///
/// # Errors
/// [`Error::TilePath`].
pub fn parse_path(path: &str) -> Result<TilePath> {
    path.parse()
}

impl FromStr for TilePath {
    type Err = Error;

    fn from_str(path: &str) -> Result<Self> {
        // The longest valid path is `tile/63/` and seven elements of four characters and `.p/255`.
        if path.len() > 64 {
            return Err(Error::TilePath("it is too long"));
        }
        let rest = path.strip_prefix("tile/").ok_or(Error::TilePath("it does not begin with tile/"))?;
        let (level, rest) = rest.split_once('/').ok_or(Error::TilePath("it has no level"))?;
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((number, width)) => {
                let width = from_decimal(width).and_then(|width| u16::try_from(width).ok());
                let width = width.filter(|width| (1..TILE_WIDTH).contains(width));
                (number, width.ok_or(Error::TilePath("its width is not 1 to 255"))?)
            }
        };
        let index = parse_number(number).ok_or(Error::TilePath("its index is malformed"))?;
        if level == "entries" {
            return Ok(Self::Entries(BundleIndex { index, width }));
        }
        let level = from_decimal(level).and_then(|level| u8::try_from(level).ok()).filter(|level| *level <= MAX_LEVEL);
        let level = level.ok_or(Error::TilePath("its level is not 0 to 63"))?;
        Ok(Self::Hashes(TileIndex { level, index, width }))
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Hashes(tile) => {
                write!(f, "tile/{}/", tile.level)?;
                (tile.index, tile.width)
            }
            Self::Entries(bundle) => {
                f.write_str("tile/entries/")?;
                (bundle.index, bundle.width)
            }
        };
        let mut thousands = Vec::new();
        let mut rest = index / 1000;
        while rest > 0 {
            thousands.push(rest % 1000);
            rest /= 1000;
        }
        thousands.iter().rev().try_for_each(|part| write!(f, "x{part:03}/"))?;
        write!(f, "{:03}", index % 1000)?;
        if width < TILE_WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
    }
}

/// Reads `x001/x234/067` as 1234067.
fn parse_number(number: &str) -> Option<u64> {
    let mut index: u64 = 0;
    let mut elements = number.split('/').peekable();
    let mut first = true;
    while let Some(element) = elements.next() {
        let digits = if elements.peek().is_some() { element.strip_prefix('x')? } else { element };
        if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let part: u64 = digits.parse().ok()?;
        if first && part == 0 && elements.peek().is_some() {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(part)?;
        first = false;
    }
    Some(index)
}

/// The bytes of a tile: its hashes one after the other.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads the hashes of the tile `tile` from bytes that hold at least as many; a fuller tile of the same place serves too.
///
/// # Errors
/// [`Error::Tile`] if the bytes are fewer, more than a full tile, or no whole number of hashes.
pub fn decode_hashes(tile: &TileIndex, bytes: &[u8]) -> Result<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    if !rest.is_empty() || hashes.len() > usize::from(TILE_WIDTH) {
        return Err(Error::Tile("it is not 1 to 256 hashes long"));
    }
    let hashes = hashes.get(..usize::from(tile.width)).ok_or(Error::Tile("it holds fewer hashes than its width"))?;
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// The bytes of a bundle: each entry after its length as a big-endian `u16`.
///
/// # Errors
/// [`Error::EntryTooLong`].
pub fn encode_entries<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entries.iter().try_for_each(|entry| push_entry(&mut bytes, entry.as_ref()))?;
    Ok(bytes)
}

/// Reads the entries of the bundle `bundle` from bytes that hold at least as many; a fuller bundle of the same place
/// serves too. The entries are borrowed.
///
/// # Errors
/// [`Error::Tile`] if an entry is cut short, or there are fewer than the width or more than 256.
pub fn decode_entries<'b>(bundle: &BundleIndex, bytes: &'b [u8]) -> Result<Vec<&'b [u8]>> {
    let mut entries = Vec::with_capacity(usize::from(TILE_WIDTH));
    let mut rest = bytes;
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk::<2>().ok_or(Error::Tile("an entry is cut short"))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, tail) = tail.split_at_checked(length).ok_or(Error::Tile("an entry is cut short"))?;
        if entries.len() >= usize::from(TILE_WIDTH) {
            return Err(Error::Tile("it holds more than 256 entries"));
        }
        entries.push(entry);
        rest = tail;
    }
    if entries.len() < usize::from(bundle.width) {
        return Err(Error::Tile("it holds fewer entries than its width"));
    }
    entries.truncate(usize::from(bundle.width));
    Ok(entries)
}

pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<()> {
    let length = u16::try_from(entry.len()).map_err(|_| Error::EntryTooLong)?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

#[cfg(test)]
mod tests;
