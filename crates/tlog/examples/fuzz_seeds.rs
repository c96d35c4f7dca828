//! Writes small made-up inputs for the fuzz targets to begin with, each into the folder of its target:
//! `cargo run -p tlog --example fuzz_seeds -- FOLDER`. `cargo xtask fuzz` does so before it runs a target.
//!
//! What is signed is signed with keys that the targets do not believe: a target that finds a good signature has failed.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use tlog::{
    checkpoint::{Checkpoint, cosign, sign_checkpoint},
    leaf_hash,
    note::{Algorithm, SignerKey},
    proof::TlogProof,
    tile::{BundleIndex, TileIndex, TilePath},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: fuzz_seeds FOLDER")?);
    let log = SignerKey::from_seed("a.example/log", Algorithm::Ed25519, &[8; 32])?;
    let witness = SignerKey::from_seed("w.example", Algorithm::CosignatureV1, &[8; 32])?;
    let checkpoint = Checkpoint { origin: "a.example/log".into(), size: 2, root: leaf_hash(b"root") };
    let note = sign_checkpoint(&checkpoint, &log)?;
    let note = format!("{note}{}", cosign(&note, &witness, 1_800_000_000)?);
    let extra = Some(b"extra".to_vec());
    let proof = TlogProof { extra, index: 1, hashes: vec![leaf_hash(b"entry")], checkpoint: note.clone() };
    put(&folder, "note", "note", &note)?;
    put(&folder, "note", "checkpoint", &checkpoint.to_text())?;
    put(&folder, "note", "proof", &proof.to_string())?;

    let (log, witness) = (log.verifier(), witness.verifier());
    let policy = format!("log {log} https://a.example/log\nwitness w {witness}\ngroup all all w\nquorum all\n");
    put(&folder, "policy", "policy", &policy)?;
    put(&folder, "policy", "key", &log.to_string())?;
    let tile = TilePath::Hashes(TileIndex { level: 1, index: 1_234_067, width: 8 });
    put(&folder, "policy", "tile", &tile.to_string())?;
    put(&folder, "policy", "entries", &TilePath::Entries(BundleIndex { index: 0, width: 256 }).to_string())
}

fn put(folder: &Path, target: &str, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(format!("seed-{name}")), text)?)
}
