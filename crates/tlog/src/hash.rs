//! The hashes of a Merkle tree (RFC 6962, section 2.1) over SHA-256.

use crate::encoding::{from_base64, to_base64};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The length of a hash in bytes.
pub const HASH_BYTES: usize = 32;

/// The hash of a leaf, of a node or of a whole tree. Shown as standard Base 64, as in checkpoints.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; HASH_BYTES]);

impl Hash {
    /// Reads 44 characters of canonical standard Base 64.
    pub fn from_base64(text: &str) -> Option<Self> {
        from_base64(text)?.try_into().ok().map(Self)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The hash of an entry as a leaf: `SHA-256(0x00 ‖ entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0x00]).chain_update(entry).finalize().into())
}

/// The hash of a node over its two children: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update([0x01]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of the tree without entries: the SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// The root over neighbouring hashes of one level, the first of which stands at a multiple of the largest power of two
/// within their number: Merkle Tree Hash of RFC 6962 with these hashes as leaves. None over nothing.
pub(crate) fn root_over(hashes: &[Hash]) -> Option<Hash> {
    root_before(hashes, None)
}

/// As [`root_over`], with a shorter tree of lower levels to the right of the hashes.
pub(crate) fn root_before(hashes: &[Hash], right: Option<Hash>) -> Option<Hash> {
    // Perfect subtrees, left to right, each with its height: like adding one in binary.
    let mut stack: Vec<(u32, Hash)> = Vec::with_capacity(16);
    for hash in hashes {
        let mut top = (0, *hash);
        while let Some((height, left)) = stack.pop_if(|(height, _)| *height == top.0) {
            top = (height + 1, node_hash(&left, &top.1));
        }
        stack.push(top);
    }
    stack.iter().rev().fold(right, |right, (_, left)| Some(right.map_or(*left, |right| node_hash(left, &right))))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The eight entries and roots of Certificate Transparency's reference tests
    /// (github.com/google/certificate-transparency, `merkletree/merkle_tree_test.cc`).
    pub(crate) const CT_ENTRIES: [&[u8]; 8] = [
        b"",
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];

    /// Roots of the trees over the first 1, 2, … 8 of [`CT_ENTRIES`].
    pub(crate) const CT_ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    pub(crate) fn hex(hash: &Hash) -> String {
        hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_empty_tree_and_the_empty_leaf() {
        assert_eq!(hex(&empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(&leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }

    #[test]
    fn roots_match_the_reference_tests_of_certificate_transparency() {
        let leaves: Vec<Hash> = CT_ENTRIES.iter().map(|entry| leaf_hash(entry)).collect();
        for (size, root) in (1..).zip(CT_ROOTS) {
            assert_eq!(hex(&root_over(&leaves[..size]).unwrap()), root, "size {size}");
        }
        assert_eq!(root_over(&[]), None);
    }

    #[test]
    fn a_hash_reads_back_from_its_text() {
        let root = empty_root();
        assert_eq!(Hash::from_base64(&root.to_string()), Some(root));
        assert_eq!(Hash::from_base64("AAAA"), None);
    }
}
