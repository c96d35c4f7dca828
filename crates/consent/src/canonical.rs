//! JSON in its one canonical form (RFC 8785), and the Merkle root over a Bundle's entries.

mod write;

use crate::{Error, Result};
use serde_json::{Map, Value};
use tlog::{Hash, empty_root, leaf_hash, node_hash};

pub use write::MAX_DEPTH;

/// The most entries that a root is computed over.
pub const MAX_ENTRIES: usize = 65_536;

/// JSON as RFC 8785 (JSON Canonicalization Scheme) writes it: no white space, members sorted by UTF-16 code units,
/// numbers as ECMAScript prints the nearest double.
///
/// Numbers here carry their text, and this form loses it: `72.50` becomes `72.5`. What is signed is [`leaf`], which
/// keeps it.
///
/// # Errors
/// [`Error::Number`] for a number beyond the range of a double, [`Error::Depth`] beyond [`MAX_DEPTH`] levels.
pub fn to_canonical_json(value: &Value) -> Result<Vec<u8>> {
    Ok(write::canonical(value)?.0)
}

/// The bytes of one leaf: the canonical JSON, and the text of the numbers where that says more.
///
/// In FHIR `72.50` and `72.5` are different statements (the precision is part of the value, R4 section 2.24.0.1), but
/// RFC 8785 writes both as `72.5`. So if every number in `value` is written as RFC 8785 would write it, the leaf is the
/// canonical JSON and nothing else. Otherwise the texts of *all* its numbers follow, in the order in which they stand
/// in the canonical JSON, each with a zero byte before it. A zero byte cannot occur in JSON, so both forms are
/// unambiguous, and a verifier with nothing but an RFC 8785 library can check every entry of the first form.
///
/// # Errors
/// As [`to_canonical_json`].
pub fn leaf(value: &Value) -> Result<Vec<u8>> {
    let (mut bytes, numbers) = write::canonical(value)?;
    if let Some(numbers) = numbers {
        bytes.extend_from_slice(&numbers);
    }
    Ok(bytes)
}

/// The Merkle root (RFC 6962 section 2.1) over a Bundle, and how many entries it covers.
///
/// Leaf 0 is the Bundle without its `entry`; then each entry whole (with `fullUrl`) in its order, without the
/// Provenance that carries the grant's signature ([`crate::bundle::is_signature_entry`]): that one is made from the
/// root and is checked by building it again.
///
/// # Errors
/// [`Error::NotADocument`] if there is no list of entries, [`Error::TooLarge`] beyond [`MAX_ENTRIES`], and as [`leaf`].
pub fn entries_root(bundle: &Value) -> Result<([u8; 32], u32)> {
    let object = bundle.as_object().ok_or(Error::NotADocument("the Bundle"))?;
    let entries = object.get("entry").and_then(Value::as_array).ok_or(Error::NotADocument("its list of entries"))?;
    if entries.len() > MAX_ENTRIES {
        return Err(Error::TooLarge { what: "list of entries", limit: MAX_ENTRIES as u64 });
    }
    let envelope: Map<String, Value> =
        object.iter().filter(|(name, _)| *name != "entry").map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut tree = Root::default();
    tree.push(leaf_hash(&leaf(&Value::Object(envelope))?));
    let mut count = 0;
    for entry in entries.iter().filter(|entry| !crate::bundle::is_signature_entry(entry)) {
        tree.push(leaf_hash(&leaf(entry)?));
        count += 1;
    }
    Ok((tree.root().0, count))
}

/// A Merkle root being computed leaf by leaf, with one hash kept for each level.
#[derive(Default)]
pub(crate) struct Root {
    /// Roots of full subtrees, largest first, each with its level.
    peaks: Vec<(u32, Hash)>,
}

impl Root {
    pub(crate) fn push(&mut self, leaf: Hash) {
        let (mut level, mut hash) = (0, leaf);
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == level) {
            hash = node_hash(&left, &hash);
            level += 1;
        }
        self.peaks.push((level, hash));
    }

    pub(crate) fn root(self) -> Hash {
        self.peaks
            .into_iter()
            .map(|(_, hash)| hash)
            .rev()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }
}

#[cfg(test)]
mod tests;
