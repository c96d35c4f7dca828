//! Any text as a signed note, a checkpoint and a proof file: never a panic, nothing believed, written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{
    checkpoint::Checkpoint,
    leaf_hash,
    note::{Algorithm, SignedNote, SignerKey},
    policy::Policy,
    proof::TlogProof,
};

fuzz_target!(|text: &str| {
    // No seed is signed with this key, though those of the log and of the witness are known to this policy by name.
    let key = |name, algorithm| SignerKey::from_seed(name, algorithm, &[9; 32]).expect("a key");
    let (log, witness) = (key("a.example/log", Algorithm::Ed25519), key("w.example", Algorithm::CosignatureV1));
    let policy = format!("log {}\nwitness w {}\nquorum w\n", log.verifier(), witness.verifier());
    let policy: Policy = policy.parse().expect("a policy");
    if let Ok(note) = text.parse::<SignedNote>() {
        assert_eq!(note.to_string(), text);
        assert!(note.verify([log.verifier(), witness.verifier()]).is_err());
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_text(), text);
    }
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(TlogProof::parse(&proof.to_string()).as_ref(), Ok(&proof));
        assert!(proof.verify(&policy, &leaf_hash(b"entry")).is_err());
    }
});
