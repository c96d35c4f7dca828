//! The ledger, looked at by eyes that are not ours, and a grant's proof checked without a network.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use carnet_consent::anchor::{Commitment, ObjectType, commit};
use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::relay::Relay;
use carnet_system_tests::{data, package, wait_for};
use sha2::{Digest as _, Sha256};

/// A share with some neighbours in the ledger, and the files that prove it.
fn with_proof() -> (Carnet, Relay, String, PathBuf) {
    let relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    data::person(&file, 61, 60);
    carnet.json(["import", file.to_str().unwrap()]);
    let mut id = String::new();
    for name in ["Dr Before", "Dr Example", "Dr After"] {
        let share = carnet.json(["share", "--for", name, "--expires", "1h"]);
        if name == "Dr Example" {
            id = share["id"].as_str().unwrap().to_owned();
        }
    }
    let folder = carnet.home().join("proof");
    carnet.done(["proof", &id, "--out", folder.to_str().unwrap()]);
    (carnet, relay, id, folder)
}

#[test]
fn a_proof_is_checked_from_files_without_network_and_vault() {
    let (carnet, mut relay, id, folder) = with_proof();
    relay.stop();
    // Somebody else's machine: no vault, no relay, only the files.
    let stranger = Carnet::nobody();
    let checked = stranger.json(["verify", folder.to_str().unwrap()]);
    assert_eq!(checked["standing"], "good", "{checked}");
    for what in ["signature", "entries_unaltered", "in_ledger", "not_withdrawn", "in_time"] {
        assert_eq!(checked["verification"][what], "checked", "{checked}");
    }

    // One record altered: noticed, and not called good.
    let document = folder.join("bundle.json");
    let text = std::fs::read_to_string(&document).unwrap();
    std::fs::write(&document, text.replacen("\"final\"", "\"amended\"", 1)).unwrap();
    let altered = stranger.run(["verify", folder.to_str().unwrap(), "--json"]);
    assert_eq!(altered.code, 1, "{}", altered.out);
    assert!(altered.json()["verification"]["entries_unaltered"]["failed"].is_object(), "{}", altered.out);
    std::fs::write(&document, text).unwrap();

    // Withdrawn: a list of withdrawals from before still says "as of then"; one from after says so.
    relay.resume();
    carnet.done(["withdraw", &id]);
    let withdrawn = wait_for("a signed list with the withdrawal", Duration::from_secs(20), || {
        carnet.done(["proof", &id, "--out", folder.to_str().unwrap()]);
        let verified = stranger.run(["verify", folder.to_str().unwrap(), "--json"]);
        (verified.code != 0).then_some(verified)
    });
    assert_eq!(withdrawn.code, 1, "{}", withdrawn.out);
    assert!(withdrawn.json()["verification"]["not_withdrawn"]["failed"].is_object(), "{}", withdrawn.out);
}

#[test]
fn the_code_of_gos_checksum_database_accepts_our_proof_and_refuses_another() {
    let (carnet, _relay, _, folder) = with_proof();
    let verifier = carnet.home().join("verify");
    let built = go(&carnet).args(["build", "-o"]).arg(&verifier).arg("main.go").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let entry = commitment(&folder);
    let accepted = check(&verifier, &folder, &entry);
    let words = String::from_utf8_lossy(&accepted.stdout);
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    // Journal heads stand between the shares, so the place is the one that the proof names.
    let proof = std::fs::read_to_string(folder.join("grant.tlog-proof")).unwrap();
    let index = proof.lines().find_map(|line| line.strip_prefix("index ")).unwrap();
    assert!(words.contains(&format!("/commitments: entry {index} of")), "{words}");

    let mut other = entry;
    other.0[32] ^= 1;
    assert!(!check(&verifier, &folder, &other).status.success(), "another entry was accepted");
}

/// The entry that stands for the grant: from its signed bytes and the nonce that travels in the proof.
fn commitment(folder: &Path) -> Commitment {
    let proof = std::fs::read_to_string(folder.join("grant.tlog-proof")).unwrap();
    let extra = proof.lines().find_map(|line| line.strip_prefix("extra ")).unwrap();
    let nonce: [u8; 32] = BASE64.decode(extra).unwrap().try_into().unwrap();
    let grant = Sha256::digest(std::fs::read(folder.join("grant.cose")).unwrap());
    commit(&nonce, ObjectType::Grant, &grant.into())
}

fn check(verifier: &Path, folder: &Path, entry: &Commitment) -> Output {
    let digits: String = entry.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let files = [folder.join("policy"), folder.join("grant.tlog-proof")];
    Command::new(verifier).args(files).arg(digits).output().unwrap()
}

/// Debian's Go with Debian's golang.org/x/mod, and no network.
fn go(carnet: &Carnet) -> Command {
    let mut command = Command::new("go");
    command
        .current_dir(package().join("go"))
        .env("GOPATH", "/usr/share/gocode")
        .env("GO111MODULE", "off")
        .env("GOCACHE", carnet.home().join("go-cache"));
    command
}
