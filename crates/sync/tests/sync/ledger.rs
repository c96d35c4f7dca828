//! Reading a ledger: true ones are believed, and each way of cheating has its name.

use crate::canned::{Canned, given};
use carnet_consent::anchor::{self, Commitment, ObjectType};
use carnet_sync::{Error, Log, RelayClient, Withdrawals};
use tlog::checkpoint::{Checkpoint, cosign, sign_checkpoint};
use tlog::note::{Algorithm, SignerKey};
use tlog::policy::Policy;
use tlog::tree::Edge;
use tlog::{leaf_hash, proof::TlogProof};

/// One log on a canned server.
struct TestLog {
    path: &'static str,
    key: SignerKey,
    edge: Edge,
}

impl TestLog {
    fn new(path: &'static str, origin: &str, seed: u8) -> Self {
        Self { path, key: SignerKey::from_seed(origin, Algorithm::Ed25519, &[seed; 32]).unwrap(), edge: Edge::empty() }
    }

    fn append(&mut self, server: &Canned, entries: &[[u8; 33]]) {
        let appended = self.edge.append(entries).unwrap();
        for (path, bytes) in appended.files {
            server.put(&format!("GET /ledger/{}/{path}", self.path), given(200, bytes));
        }
        self.edge = appended.edge;
    }

    fn sign(&self, server: &Canned) -> String {
        let origin = self.key.verifier().name().to_owned();
        let head = Checkpoint { origin, size: self.edge.size(), root: self.edge.root() };
        let mut note = sign_checkpoint(&head, &self.key).unwrap();
        note += &cosign(&note, &witness(), 1_790_000_000).unwrap();
        server.put(&format!("GET /ledger/{}/checkpoint", self.path), given(200, note.clone()));
        note
    }
}

fn witness() -> SignerKey {
    SignerKey::from_seed("relay.example/cosigner", Algorithm::CosignatureV1, &[3; 32]).unwrap()
}

fn entry(n: u32) -> [u8; 33] {
    let mut object = [0; 32];
    object[..4].copy_from_slice(&n.to_be_bytes());
    anchor::commit(&[1; 32], ObjectType::Grant, &object).0
}

fn entries(range: std::ops::Range<u32>) -> Vec<[u8; 33]> {
    range.map(entry).collect()
}

struct Ledger {
    server: Canned,
    client: RelayClient,
    a: TestLog,
    r: TestLog,
    policy: String,
}

async fn ledger() -> Ledger {
    let server = Canned::start().await;
    let a = TestLog::new("a", "relay.example/commitments", 1);
    let r = TestLog::new("r", "relay.example/withdrawals", 2);
    let policy = format!(
        "log {}\nlog {}\nwitness relay {}\nquorum relay\n",
        a.key.verifier(),
        r.key.verifier(),
        witness().verifier()
    );
    server.put("GET /ledger/policy", given(200, policy.clone()));
    let client = RelayClient::new(server.url()).unwrap();
    Ledger { server, client, a, r, policy }
}

#[tokio::test]
async fn proofs_hold_at_every_size_and_verify_without_a_network() {
    let mut l = ledger().await;
    let policy = l.client.policy().await.unwrap();
    assert_eq!(policy, l.policy);
    let parsed = Policy::parse(&policy).unwrap();
    let mut size = 0;
    for more in [1, 2, 252, 1, 1, 300] {
        l.a.append(&l.server, &entries(size..size + more));
        l.a.sign(&l.server);
        size += more;
        for index in [0, size / 2, size - 1] {
            let proof = l.client.prove(&policy, index.into(), &Commitment(entry(index))).await.unwrap();
            let text = proof.to_string();
            let verified = TlogProof::parse(&text).unwrap().verify(&parsed, &leaf_hash(&entry(index))).unwrap();
            assert_eq!((verified.size, verified.time), (size.into(), Some(1_790_000_000)));
        }
    }
    // Tiles and heads only: nothing that names an entry.
    for line in l.server.asked_lines() {
        let whole = line.ends_with("/checkpoint") || line.ends_with("/policy") || line.contains("/a/tile/");
        assert!(whole && !line.contains('?'), "{line}");
    }
}

#[tokio::test]
async fn an_entry_that_is_not_there_yet_or_not_ours() {
    let mut l = ledger().await;
    l.a.append(&l.server, &entries(0..5));
    l.a.sign(&l.server);
    let not_yet = l.client.prove(&l.policy, 5, &Commitment(entry(5))).await.unwrap_err();
    assert!(matches!(not_yet, Error::NotYetInLedger) && not_yet.is_away());
    let other = l.client.prove(&l.policy, 4, &Commitment(entry(3))).await.unwrap_err();
    assert!(matches!(other, Error::LedgerFalse { .. }), "{other}");
}

#[tokio::test]
async fn a_partial_tile_that_was_replaced_is_read_from_the_full_one() {
    let mut l = ledger().await;
    l.a.append(&l.server, &entries(0..200));
    let note = l.a.sign(&l.server);
    l.a.append(&l.server, &entries(200..256));
    // The head is still the old one; of its tiles only the full ones are kept.
    l.server.put("GET /ledger/a/checkpoint", given(200, note));
    l.server.put("GET /ledger/a/tile/0/000.p/200", given(404, ""));
    l.client.prove(&l.policy, 100, &Commitment(entry(100))).await.unwrap();
}

#[tokio::test]
async fn the_whole_list_of_withdrawals_and_then_only_what_is_new() {
    let mut l = ledger().await;
    l.r.sign(&l.server);
    let empty = l.client.withdrawals(&l.policy, None).await.unwrap();
    assert!(empty.entries.is_empty());
    l.r.append(&l.server, &entries(0..600));
    l.r.sign(&l.server);
    let all = l.client.withdrawals(&l.policy, Some(empty)).await.unwrap();
    assert_eq!(all.entries, entries(0..600));
    let before = l.server.asked().len();
    l.r.append(&l.server, &entries(600..601));
    l.r.sign(&l.server);
    let more = l.client.withdrawals(&l.policy, Some(all)).await.unwrap();
    assert_eq!(more.entries, entries(0..601));
    assert_eq!(l.server.asked_lines()[before..], ["GET /ledger/r/checkpoint", "GET /ledger/r/tile/entries/002.p/89"]);
}

#[tokio::test]
async fn a_ledger_that_cheats_is_caught() {
    let mut l = ledger().await;
    l.r.append(&l.server, &entries(0..300));
    l.r.sign(&l.server);
    let what = |result: Result<Withdrawals, Error>| match result.unwrap_err() {
        Error::LedgerFalse { what } => what,
        other => panic!("{other}"),
    };
    // An entry changed after it was signed.
    let mut forged = entries(256..300);
    forged[7][5] ^= 1;
    let path = "GET /ledger/r/tile/entries/001.p/44";
    l.server.put(path, given(200, tlog::tile::encode_entries(&forged).unwrap()));
    assert_eq!(what(l.client.withdrawals(&l.policy, None).await), "its withdrawals are not those that were signed");
    // An entry of another length.
    let mut odd: Vec<Vec<u8>> = entries(256..300).iter().map(|entry| entry.to_vec()).collect();
    odd[0].pop();
    l.server.put(path, given(200, tlog::tile::encode_entries(&odd).unwrap()));
    assert_eq!(what(l.client.withdrawals(&l.policy, None).await), "an entry has the wrong length");
    // Fewer entries than the head says.
    l.server.put(path, given(200, tlog::tile::encode_entries(&entries(256..299)).unwrap()));
    assert!(matches!(l.client.withdrawals(&l.policy, None).await, Err(Error::Ledger(_))));
    // Shorter than it was.
    let known = Withdrawals { checkpoint: String::new(), entries: entries(0..301) };
    assert_eq!(what(l.client.withdrawals(&l.policy, Some(known)).await), "withdrawals that it published are gone");
    // Rewritten under what was known.
    l.server.put(path, given(200, tlog::tile::encode_entries(&entries(256..300)).unwrap()));
    let mut known = entries(0..256);
    known[0][9] ^= 1;
    let known = Withdrawals { checkpoint: String::new(), entries: known };
    assert_eq!(
        what(l.client.withdrawals(&l.policy, Some(known)).await),
        "its withdrawals are not those that were signed"
    );
    // The commitments, passed off as the withdrawals: nobody would seem to have withdrawn.
    l.a.append(&l.server, &entries(0..1));
    let note = l.a.sign(&l.server);
    l.server.put("GET /ledger/r/checkpoint", given(200, note));
    assert_eq!(what(l.client.withdrawals(&l.policy, None).await), "it passes one log off as the other");
    // Signed by nobody the policy knows.
    TestLog::new("r", "relay.example/withdrawals", 77).sign(&l.server);
    assert!(matches!(l.client.withdrawals(&l.policy, None).await, Err(Error::Ledger(_))));
    // No tlog-policy at all.
    l.server.put("GET /ledger/policy", given(200, "<html>"));
    assert!(matches!(l.client.policy().await, Err(Error::Ledger(_))));
}

#[tokio::test]
async fn a_head_must_extend_the_one_before() {
    let mut l = ledger().await;
    l.a.append(&l.server, &entries(0..300));
    let first = l.a.sign(&l.server);
    l.a.append(&l.server, &entries(300..520));
    let second = l.a.sign(&l.server);
    let newest = l.client.head(&l.policy, Log::Commitments, Some(&first)).await.unwrap();
    assert_eq!(newest, second);
    assert_eq!(l.client.head(&l.policy, Log::Commitments, Some(&second)).await.unwrap(), second);
    // Cut back to before what was seen.
    l.server.put("GET /ledger/a/checkpoint", given(200, first.clone()));
    let cut = l.client.head(&l.policy, Log::Commitments, Some(&second)).await.unwrap_err();
    assert!(matches!(cut, Error::LedgerFalse { .. }), "{cut}");
    // Another history, signed by the same key.
    let mut other = TestLog::new("a", "relay.example/commitments", 1);
    other.append(&l.server, &entries(1000..1600));
    other.sign(&l.server);
    let rewritten = l.client.head(&l.policy, Log::Commitments, Some(&first)).await.unwrap_err();
    assert!(matches!(rewritten, Error::LedgerFalse { .. }), "{rewritten}");
}
