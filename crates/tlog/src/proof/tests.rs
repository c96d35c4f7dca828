//! Tests of inclusion and consistency proofs, against another implementation too.

use super::*;
use crate::checkpoint::{Checkpoint, cosign, sign_checkpoint};
use crate::hash::tests::{CT_ENTRIES, CT_ROOTS, hex};
use crate::leaf_hash;
use crate::note::{Algorithm, SignerKey};
use crate::policy::Policy;
use crate::tree::Edge;
use ct_merkle::digest::array::Array;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use sha2::Sha256;
use std::collections::HashMap;

/// A log as the files that its writer leaves behind, at one size.
struct Log {
    files: HashMap<String, Vec<u8>>,
    size: u64,
    root: Hash,
}

impl Log {
    fn of<T: AsRef<[u8]>>(entries: &[T]) -> Self {
        let appended = Edge::empty().append(entries).unwrap();
        let (size, root) = (appended.edge.size(), appended.edge.root());
        Self { files: appended.files.into_iter().collect(), size, root }
    }

    fn numbers(size: u64) -> Self {
        Self::of(&(0..size).map(u64::to_be_bytes).collect::<Vec<_>>())
    }

    fn read(&self, tile: &TileIndex) -> Result<Vec<u8>> {
        self.files.get(&tile.path()).cloned().ok_or_else(|| Error::Read(tile.path()))
    }

    fn inclusion(&self, index: u64) -> Vec<Hash> {
        inclusion(self.size, index, &mut |tile: &TileIndex| self.read(tile)).unwrap()
    }

    fn consistency(&self, old: u64) -> Vec<Hash> {
        consistency(old, self.size, &mut |tile: &TileIndex| self.read(tile)).unwrap()
    }
}

const H0: &str = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
const H1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const H01: &str = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
const H23: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const H03: &str = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
const H4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const H45: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const H67: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const H47: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

/// Proofs of Certificate Transparency's reference tests (`merkletree/merkle_tree_test.cc`): index, size, hashes.
const CT_PATHS: [(u64, u64, &[&str]); 5] =
    [(0, 1, &[]), (0, 8, &[H1, H23, H47]), (5, 8, &[H4, H67, H03]), (2, 3, &[H01]), (1, 5, &[H0, H23, H4])];
/// The same for consistency: old size, new size, hashes.
const CT_CONSISTENCY: [(u64, u64, &[&str]); 4] =
    [(1, 1, &[]), (1, 8, &[H1, H23, H47]), (6, 8, &[H45, H67, H03]), (2, 5, &[H23, H4])];

#[test]
fn proofs_match_the_reference_tests_of_certificate_transparency() {
    let log = |size: u64| Log::of(&CT_ENTRIES[..usize::try_from(size).unwrap()]);
    for (index, size, hashes) in CT_PATHS {
        let proof = log(size).inclusion(index);
        assert_eq!(proof.iter().map(hex).collect::<Vec<_>>(), hashes, "{index} of {size}");
    }
    for (old, new, hashes) in CT_CONSISTENCY {
        let proof = log(new).consistency(old);
        assert_eq!(proof.iter().map(hex).collect::<Vec<_>>(), hashes, "{old} to {new}");
    }
    assert_eq!(hex(&log(8).root), CT_ROOTS[7]);
}

#[test]
fn thousands_of_leaves_prove_from_their_tiles_alone() {
    let log = Log::numbers(70_000);
    assert_eq!(root(log.size, &mut |tile: &TileIndex| log.read(tile)), Ok(log.root));
    for index in [0, 1, 255, 256, 23_333, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let tiles = tiles_for_inclusion(index, log.size);
        assert!(tiles.len() <= 5, "{} tiles", tiles.len());
        // Only the tiles that were announced may be read, as a browser fetches them beforehand.
        let fetched: HashMap<_, _> = tiles.iter().map(|tile| (*tile, log.read(tile).unwrap())).collect();
        let read = &mut |tile: &TileIndex| fetched.get(tile).cloned().ok_or(Error::OutOfRange);
        let proof = inclusion(log.size, index, read).unwrap();
        let leaf = leaf_hash(&index.to_be_bytes());
        assert_eq!(verify_inclusion(&leaf, index, log.size, &proof, &log.root), Ok(()));
        assert!(verify_inclusion(&leaf, index ^ 1, log.size, &proof, &log.root).is_err());
    }
    for old in [0, 1, 255, 256, 257, 42_000, 65_536, 69_999, 70_000] {
        let fetched: HashMap<_, _> =
            tiles_for_consistency(old, log.size).iter().map(|tile| (*tile, log.read(tile).unwrap())).collect();
        let read = &mut |tile: &TileIndex| fetched.get(tile).cloned().ok_or(Error::OutOfRange);
        let proof = consistency(old, log.size, read).unwrap();
        assert_eq!(verify_consistency(old, log.size, &Log::numbers(old).root, &log.root, &proof), Ok(()), "{old}");
    }
}

#[test]
fn every_pair_of_small_sizes_proves() {
    let roots: Vec<Hash> = (0..=40).map(|size| Log::numbers(size).root).collect();
    for (new, new_root) in (0u64..).zip(&roots) {
        let log = Log::numbers(new);
        for (old, old_root) in (0..=new).zip(&roots) {
            let proof = log.consistency(old);
            assert_eq!(verify_consistency(old, new, old_root, new_root, &proof), Ok(()), "{old} to {new}");
            if old > 0 && old < new {
                let other = Hash([1; 32]);
                assert!(verify_consistency(old, new, &other, new_root, &proof).is_err());
                assert!(verify_consistency(old, new, old_root, &other, &proof).is_err());
                assert!(verify_consistency(old, new, old_root, new_root, &proof[1..]).is_err());
                assert!(verify_consistency(old, new, old_root, new_root, &[&proof[..], &[other]].concat()).is_err());
            }
        }
        for index in 0..new {
            let (leaf, proof) = (leaf_hash(&index.to_be_bytes()), log.inclusion(index));
            assert_eq!(verify_inclusion(&leaf, index, new, &proof, new_root), Ok(()));
            for other in (0..new).filter(|other| *other != index) {
                assert!(verify_inclusion(&leaf, other, new, &proof, new_root).is_err(), "{index} as {other} of {new}");
            }
        }
    }
}

#[test]
fn what_lies_outside_the_tree_is_refused() {
    let log = Log::numbers(5);
    let read = &mut |tile: &TileIndex| log.read(tile);
    assert_eq!(inclusion(5, 5, read), Err(Error::OutOfRange));
    assert_eq!(inclusion(0, 0, read), Err(Error::OutOfRange));
    assert_eq!(consistency(6, 5, read), Err(Error::OutOfRange));
    assert!(tiles_for_inclusion(5, 5).is_empty());
    assert_eq!(verify_inclusion(&log.root, 5, 5, &[], &log.root), Err(Error::OutOfRange));
    assert_eq!(verify_consistency(6, 5, &log.root, &log.root, &[]), Err(Error::OutOfRange));
    assert_eq!(verify_consistency(0, 5, &log.root, &log.root, &[]), Err(Error::FalseProof));
    assert_eq!(verify_consistency(5, 5, &log.root, &log.root, &[log.root]), Err(Error::FalseProof));
}

#[test]
fn a_damaged_tile_gives_a_proof_that_does_not_verify() {
    let mut log = Log::numbers(600);
    log.files.get_mut("tile/0/000").unwrap()[77] ^= 1;
    let proof = log.inclusion(3);
    assert_eq!(verify_inclusion(&leaf_hash(&3u64.to_be_bytes()), 3, 600, &proof, &log.root), Err(Error::FalseProof));
    log.files.get_mut("tile/0/000").unwrap().pop();
    assert!(matches!(inclusion(600, 3, &mut |tile: &TileIndex| log.read(tile)), Err(Error::Tile(_))));
}

fn proof_file() -> (TlogProof, Policy) {
    let log = Log::numbers(1000);
    let log_key = SignerKey::from_seed("example.com/log", Algorithm::Ed25519, &[4; 32]).unwrap();
    let witness = SignerKey::from_seed("w.example", Algorithm::CosignatureV1, &[5; 32]).unwrap();
    let head = Checkpoint { origin: "example.com/log".into(), size: log.size, root: log.root };
    let mut checkpoint = sign_checkpoint(&head, &log_key).unwrap();
    checkpoint += &cosign(&checkpoint, &witness, 1_790_000_000).unwrap();
    let policy = format!("log {}\nwitness w {}\nquorum w\n", log_key.verifier(), witness.verifier());
    let proof = TlogProof { extra: Some(vec![1, 2, 3]), index: 700, hashes: log.inclusion(700), checkpoint };
    (proof, policy.parse().unwrap())
}

#[test]
fn a_proof_file_reads_back_and_verifies() {
    let (proof, policy) = proof_file();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra AQID\nindex 700\n"));
    assert_eq!(TlogProof::parse(&text).unwrap(), proof);
    let verified = proof.verify(&policy, &leaf_hash(&700u64.to_be_bytes())).unwrap();
    assert_eq!((verified.index, verified.size, verified.time), (700, 1000, Some(1_790_000_000)));
    assert_eq!(proof.verify(&policy, &leaf_hash(b"another")), Err(Error::FalseProof));
    let elsewhere = TlogProof { index: 701, ..proof.clone() };
    assert_eq!(elsewhere.verify(&policy, &leaf_hash(&700u64.to_be_bytes())), Err(Error::FalseProof));
    let without = TlogProof { extra: None, hashes: vec![], ..proof };
    assert_eq!(TlogProof::parse(&without.to_string()).unwrap(), without);
}

#[test]
fn hostile_proof_files_are_refused() {
    let text = proof_file().0.to_string();
    let hash = format!("{}\n", Hash([0; 32]));
    let cases = [
        ("empty", String::new()),
        ("another version", text.replacen("@v1", "@v2", 1)),
        ("no blank line", text.replace("\n\n", "\n")),
        ("no index", text.replacen("index 700\n", "", 1)),
        ("an index with a leading zero", text.replacen("index 700", "index 0700", 1)),
        ("a negative index", text.replacen("index 700", "index -1", 1)),
        ("the index before the extra data", text.replacen("extra AQID\nindex 700", "index 700\nextra AQID", 1)),
        ("extra data twice", text.replacen("extra AQID\n", "extra AQID\nextra AQID\n", 1)),
        ("extra data that is not Base 64", text.replacen("AQID", "AQI!", 1)),
        ("extra data that is too long", text.replacen("AQID", &"AAAA".repeat(MAX_EXTRA_BYTES / 3 + 1), 1)),
        ("a short hash", text.replacen("index 700\n", "index 700\nAAAA\n", 1)),
        ("too many hashes", text.replacen("index 700\n", &format!("index 700\n{}", hash.repeat(MAX_PROOF_HASHES)), 1)),
        ("carriage returns", text.replace('\n', "\r\n")),
        ("an unsigned checkpoint", text.split('—').next().unwrap().to_owned()),
        ("no checkpoint", format!("{}\n\n", text.split("\n\n").next().unwrap())),
        ("a note that is no checkpoint", text.replacen("\n1000\n", "\nmany\n", 1)),
        ("too long", format!("{text}{}", "x".repeat(1 << 20))),
    ];
    for (what, text) in cases {
        assert!(TlogProof::parse(&text).is_err(), "{what}");
    }
}

/// A tree of the crate `ct-merkle`, an independent implementation.
fn reference(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|number| tree.push(number.to_be_bytes().to_vec()));
    tree
}

fn bytes(proof: &[Hash]) -> Vec<u8> {
    crate::tile::encode_hashes(proof)
}

fn reference_root(size: u64, root: &Hash) -> RootHash<Sha256> {
    RootHash::new(Array::from(root.0), size)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn inclusion_agrees_with_ct_merkle((size, index) in (1u64..3000).prop_flat_map(|size| (Just(size), 0..size))) {
        let (log, tree) = (Log::numbers(size), reference(size));
        let root = tree.root();
        prop_assert_eq!(&root.as_bytes()[..], &log.root.0[..]);
        let ours = log.inclusion(index);
        let theirs = tree.prove_inclusion(usize::try_from(index).unwrap());
        prop_assert_eq!(theirs.as_bytes(), bytes(&ours));
        let (leaf, value) = (leaf_hash(&index.to_be_bytes()), index.to_be_bytes().to_vec());
        prop_assert!(verify_inclusion(&leaf, index, size, &ours, &log.root).is_ok());
        let proof = InclusionProof::<Sha256>::try_from_bytes(bytes(&ours)).unwrap();
        prop_assert!(reference_root(size, &log.root).verify_inclusion(&value, index, &proof).is_ok());
    }

    #[test]
    fn consistency_agrees_with_ct_merkle((new, old) in (1u64..3000).prop_flat_map(|new| (Just(new), 1..=new))) {
        let (log, tree) = (Log::numbers(new), reference(new));
        let ours = log.consistency(old);
        let theirs = tree.prove_consistency(usize::try_from(new - old).unwrap());
        prop_assert_eq!(theirs.as_bytes(), bytes(&ours));
        let old_root = Log::numbers(old).root;
        prop_assert!(verify_consistency(old, new, &old_root, &log.root, &ours).is_ok());
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&ours)).unwrap();
        prop_assert!(reference_root(new, &log.root).verify_consistency(&reference_root(old, &old_root), &proof).is_ok());
    }

    #[test]
    fn a_changed_proof_never_verifies(
        (size, index) in (2u64..2000).prop_flat_map(|size| (Just(size), 0..size)), at: prop::sample::Index, flip in 1u8..,
    ) {
        let log = Log::numbers(size);
        let leaf = leaf_hash(&index.to_be_bytes());
        let mut proof = log.inclusion(index);
        let byte = at.index(proof.len() * 32);
        proof[byte / 32].0[byte % 32] ^= flip;
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &log.root), Err(Error::FalseProof));
    }

    #[test]
    fn verifying_never_panics(a: u64, b: u64, length in 0usize..80) {
        let (hash, proof) = (Hash([1; 32]), vec![Hash([2; 32]); length]);
        prop_assert!(verify_inclusion(&hash, a, b, &proof, &hash).is_err() || (b == 1 && length == 0));
        let same = a == b && a > 0 && length == 0;
        prop_assert!(verify_consistency(a, b, &hash, &hash, &proof).is_err() || same);
    }

    #[test]
    fn tiles_are_found_for_any_tree(size: u64, at: u64) {
        let tiles = tiles_for_inclusion(at % size.max(1), size);
        prop_assert!(tiles.len() <= 16, "{}", tiles.len());
        prop_assert!(tiles_for_consistency(at % size.max(1), size).len() <= 24);
    }

    #[test]
    fn reading_never_panics(text in "(c2sp.org/tlog-proof@v1\n)?(extra [A-Za-z+/=]{0,9}\n)?(index [0-9]{0,22}\n)?\\PC{0,60}\n\n\\PC{0,60}") {
        let _ = TlogProof::parse(&text);
    }
}
