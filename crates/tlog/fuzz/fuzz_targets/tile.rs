//! Any bytes as a tile, a bundle of entries and a proof: never a panic, never more than was asked for, written as read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{
    Hash, leaf_hash,
    proof::{verify_consistency, verify_inclusion},
    tile::{BundleIndex, TileIndex, decode_entries, decode_hashes, encode_entries, encode_hashes},
};

fuzz_target!(|input: (u8, u64, u64, &[u8])| {
    let (width, index, size, bytes) = input;
    let width = u16::from(width) + 1;
    if let Ok(hashes) = decode_hashes(&TileIndex { level: 0, index, width }, bytes) {
        assert_eq!(hashes.len(), usize::from(width));
        assert!(bytes.starts_with(&encode_hashes(&hashes)));
    }
    if let Ok(entries) = decode_entries(&BundleIndex { index, width }, bytes) {
        assert_eq!(entries.len(), usize::from(width));
        assert!(bytes.starts_with(&encode_entries(&entries).expect("they were read")));
    }
    let (hashes, _) = bytes.as_chunks();
    let hashes: Vec<Hash> = hashes.iter().copied().map(Hash).collect();
    let root = leaf_hash(b"root");
    assert!(verify_inclusion(&leaf_hash(bytes), index, size, &hashes, &root).is_err());
    let _ = verify_consistency(index, size, &root, &leaf_hash(bytes), &hashes);
});
