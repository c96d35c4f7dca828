//! The public ledger, read by the browser itself: whole tiles and the whole list of withdrawals, never one entry, so
//! that the relay does not learn what is looked for.

use super::fetch;
use crate::platform;
use carnet_consent::control::paths;
use carnet_consent::verify::{self, LedgerEvidence, MAX_WITHDRAWALS, Verification, WithdrawalSet};
use std::collections::BTreeMap;
use tlog::checkpoint::Checkpoint;
use tlog::note::SignedNote;
use tlog::policy::MAX_POLICY_BYTES;
use tlog::proof::{self, TlogProof};
use tlog::tile::{BundleIndex, TILE_WIDTH, TileIndex, decode_entries};

/// The most bytes of a signed head.
const MAX_NOTE: usize = 64 * 1024;
/// The length of every entry in both logs.
const ENTRY: usize = 33;
/// How often the head is asked for until it reaches the entry; heads come within 10 seconds.
const TRIES: u32 = 6;
/// The pause between them, in milliseconds.
const PAUSE: i32 = 2_500;

/// Fetches what the ledger says and checks the grant against it. What cannot be had stays unchecked.
pub async fn check(verification: &mut Verification, relay: &str, index: Option<u64>) {
    let Some(policy) = text(&format!("{relay}{}", paths::POLICY), MAX_POLICY_BYTES).await else { return };
    let proof = match index {
        Some(index) => inclusion(&format!("{relay}{}", paths::LEDGER_A), index).await,
        None => None,
    };
    let list = withdrawals(&format!("{relay}{}", paths::LEDGER_R)).await;
    let withdrawals = list.as_ref().map(|(checkpoint, entries)| WithdrawalSet { checkpoint, entries: entries.clone() });
    let evidence = LedgerEvidence { policy: &policy, proof_a: proof.as_ref(), withdrawals, now: platform::now() };
    verify::check_ledger(verification, &evidence);
}

/// The proof that something stands at `index`; whether it is the grant, the check finds out.
async fn inclusion(log: &str, index: u64) -> Option<TlogProof> {
    let mut tries = 0;
    let (checkpoint, size) = loop {
        let (checkpoint, head) = head(log).await?;
        if index < head.size {
            break (checkpoint, head.size);
        }
        tries += 1;
        if tries == TRIES {
            return None;
        }
        platform::sleep(PAUSE).await;
    };
    let mut tiles = BTreeMap::new();
    for tile in proof::tiles_for_inclusion(index, size) {
        let bytes = either(log, &tile.path(), &tile.full_path(), usize::from(TILE_WIDTH) * 32).await?;
        tiles.insert(tile, bytes);
    }
    let read = &mut |tile: &TileIndex| tiles.get(tile).cloned().ok_or(tlog::Error::OutOfRange);
    let hashes = proof::inclusion(size, index, read).ok()?;
    Some(TlogProof { extra: None, index, hashes, checkpoint })
}

/// The whole of log R and the head that signs it.
async fn withdrawals(log: &str) -> Option<(String, Vec<[u8; ENTRY]>)> {
    let (checkpoint, head) = head(log).await?;
    if head.size > MAX_WITHDRAWALS as u64 {
        return None;
    }
    let mut entries = Vec::new();
    for bundle in BundleIndex::all(head.size) {
        let limit = usize::from(TILE_WIDTH) * (2 + ENTRY);
        let bytes = either(log, &bundle.path(), &bundle.full_path(), limit).await?;
        for entry in decode_entries(&bundle, &bytes).ok()? {
            entries.push(entry.try_into().ok()?);
        }
    }
    Some((checkpoint, entries))
}

/// The newest head and its signed note; the signatures are checked with the policy later.
async fn head(log: &str) -> Option<(String, Checkpoint)> {
    let note = text(&format!("{log}/checkpoint"), MAX_NOTE).await?;
    let parsed: SignedNote = note.parse().ok()?;
    let head = Checkpoint::parse(parsed.text()).ok()?;
    Some((note, head))
}

/// A partial tile, or the full one that took its place meanwhile.
async fn either(log: &str, path: &str, full: &str, limit: usize) -> Option<Vec<u8>> {
    match bytes(&format!("{log}/{path}"), limit).await {
        None if path != full => bytes(&format!("{log}/{full}"), limit).await,
        found => found,
    }
}

async fn text(url: &str, limit: usize) -> Option<String> {
    String::from_utf8(bytes(url, limit).await?).ok()
}

async fn bytes(url: &str, limit: usize) -> Option<Vec<u8>> {
    let response = fetch::get(url, limit).await.ok()?;
    (response.status == 200 && response.body.len() <= limit).then_some(response.body)
}
