//! A relay's two logs, read and verified: policy, signed heads, proofs, and the whole set of withdrawals.
//!
//! Whole tiles are fetched, never one entry, so that the relay does not learn which one matters to whom
//! ([c2sp.org/tlog-tiles](https://c2sp.org/tlog-tiles)).

use crate::http::Http;
use crate::relay::succeed;
use crate::{Error, RelayClient, Result};
use carnet_consent::anchor::{COMMITMENTS_ORIGIN_SUFFIX, Commitment, WITHDRAWALS_ORIGIN_SUFFIX};
use carnet_consent::control::paths;
use tlog::policy::{MAX_POLICY_BYTES, Policy};
use tlog::proof::{self, TlogProof};
use tlog::tile::{BundleIndex, TILE_WIDTH, TileIndex, decode_entries};
use tlog::{checkpoint::Checkpoint, leaf_hash, tree};

/// The most bytes of a signed head.
const MAX_NOTE: usize = 64 * 1024;
/// The most bytes of a tile of hashes.
const MAX_TILE: usize = TILE_WIDTH as usize * 32;
/// The length of every entry in both logs.
const ENTRY: usize = 33;
/// The most bytes of a bundle of entries.
const MAX_BUNDLE: usize = TILE_WIDTH as usize * (2 + ENTRY);
/// The most withdrawals that are read: 138 MB of them.
const MAX_WITHDRAWALS: u64 = 1 << 22;

/// Which of a relay's logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Log {
    /// Log A: commitments.
    Commitments,
    /// Log R: withdrawals.
    Withdrawals,
}

impl Log {
    fn path(self) -> &'static str {
        match self {
            Self::Commitments => paths::LEDGER_A,
            Self::Withdrawals => paths::LEDGER_R,
        }
    }

    fn origin_suffix(self) -> &'static str {
        match self {
            Self::Commitments => COMMITMENTS_ORIGIN_SUFFIX,
            Self::Withdrawals => WITHDRAWALS_ORIGIN_SUFFIX,
        }
    }
}

/// The whole of log R under one signed head. Its entries were hashed to that head's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawals {
    /// The signed head.
    pub checkpoint: String,
    /// The entries in their order.
    pub entries: Vec<[u8; ENTRY]>,
}

impl RelayClient {
    /// The relay's `tlog-policy`: which logs and cosigners it says are its own. Pin it when first seen.
    ///
    /// # Errors
    /// As [`RelayClient::publish`]; [`Error::Ledger`] if it is malformed.
    pub async fn policy(&self) -> Result<String> {
        let client = self.clone();
        self.http
            .blocking(move |http| {
                let text = client.fetch_text(http, paths::POLICY, MAX_POLICY_BYTES)?;
                Policy::parse(&text)?;
                Ok(text)
            })
            .await
    }

    /// The newest head of a log, verified against `policy` and, if `previous` is an earlier head, proven to extend it.
    ///
    /// # Errors
    /// As [`RelayClient::publish`]; [`Error::Ledger`] if it does not verify; [`Error::LedgerFalse`] if the log was cut
    /// back or rewritten.
    pub async fn head(&self, policy: &str, log: Log, previous: Option<&str>) -> Result<String> {
        let (client, policy, previous) = (self.clone(), Policy::parse(policy)?, previous.map(str::to_owned));
        self.http
            .blocking(move |http| {
                let (note, head) = client.fetch_head(http, &policy, log)?;
                if let Some(previous) = previous {
                    client.check_extends(http, log, &policy.verify(&previous)?.checkpoint, &head)?;
                }
                Ok(note)
            })
            .await
    }

    /// A proof that `entry` stands at `index` of log A, verified against `policy`: a file anyone can check without a
    /// network.
    ///
    /// # Errors
    /// As [`RelayClient::publish`]; [`Error::NotYetInLedger`] if the signed head does not reach so far yet;
    /// [`Error::LedgerFalse`] if another entry stands there; [`Error::Ledger`].
    pub async fn prove(&self, policy: &str, index: u64, entry: &Commitment) -> Result<TlogProof> {
        let (client, policy, leaf) = (self.clone(), Policy::parse(policy)?, leaf_hash(&entry.0));
        self.http
            .blocking(move |http| {
                let (checkpoint, head) = client.fetch_head(http, &policy, Log::Commitments)?;
                if index >= head.size {
                    return Err(Error::NotYetInLedger);
                }
                let hashes = proof::inclusion(head.size, index, &mut |tile: &TileIndex| {
                    client.fetch_tile(http, Log::Commitments, tile)
                })?;
                let proof = TlogProof { extra: None, index, hashes, checkpoint };
                match proof.verify(&policy, &leaf) {
                    Ok(_) => Ok(proof),
                    Err(tlog::Error::FalseProof) => {
                        Err(Error::LedgerFalse { what: "the entry is not where it should be" })
                    }
                    Err(error) => Err(error.into()),
                }
            })
            .await
    }

    /// The whole of log R, verified against `policy`. With `known`, an earlier answer, only what came since is fetched,
    /// and the log is proven to extend it: its hashes are computed over both.
    ///
    /// # Errors
    /// As [`RelayClient::publish`]; [`Error::LedgerFalse`] if the entries are not those that were signed, or the log is
    /// shorter than before; [`Error::Ledger`].
    pub async fn withdrawals(&self, policy: &str, known: Option<Withdrawals>) -> Result<Withdrawals> {
        let (client, policy) = (self.clone(), Policy::parse(policy)?);
        self.http.blocking(move |http| client.fetch_withdrawals(http, &policy, known)).await
    }

    fn fetch_withdrawals(&self, http: &Http, policy: &Policy, known: Option<Withdrawals>) -> Result<Withdrawals> {
        let (checkpoint, head) = self.fetch_head(http, policy, Log::Withdrawals)?;
        if head.size > MAX_WITHDRAWALS {
            return Err(Error::TooLarge { limit: MAX_BUNDLE * usize::from(TILE_WIDTH) });
        }
        let mut entries = known.map(|known| known.entries).unwrap_or_default();
        let known_entries = entries.len() as u64;
        if known_entries > head.size {
            return Err(Error::LedgerFalse { what: "withdrawals that it published are gone" });
        }
        let first_bundle = known_entries / u64::from(TILE_WIDTH);
        for bundle in BundleIndex::all(head.size).filter(|bundle| bundle.index >= first_bundle) {
            let bytes = self.fetch_either(http, Log::Withdrawals, &bundle.path(), &bundle.full_path(), MAX_BUNDLE)?;
            // A bundle that was known in part: only its new entries, so that the root is over what was known.
            let start = bundle.index.saturating_mul(TILE_WIDTH.into());
            let have = usize::try_from(known_entries.saturating_sub(start)).unwrap_or(usize::MAX);
            for entry in decode_entries(&bundle, &bytes)?.into_iter().skip(have) {
                entries
                    .push(entry.try_into().map_err(|_| Error::LedgerFalse { what: "an entry has the wrong length" })?);
            }
        }
        let root = tree::Edge::empty().append(&entries)?.edge.root();
        if root != head.root {
            return Err(Error::LedgerFalse { what: "its withdrawals are not those that were signed" });
        }
        Ok(Withdrawals { checkpoint, entries })
    }

    /// The signed head of a log and what it says.
    fn fetch_head(&self, http: &Http, policy: &Policy, log: Log) -> Result<(String, Checkpoint)> {
        let note = self.fetch_text(http, &format!("{}/checkpoint", log.path()), MAX_NOTE)?;
        let head = policy.verify(&note)?.checkpoint;
        if head.origin.ends_with(log.origin_suffix()) {
            Ok((note, head))
        } else {
            Err(Error::LedgerFalse { what: "it passes one log off as the other" })
        }
    }

    fn check_extends(&self, http: &Http, log: Log, old: &Checkpoint, new: &Checkpoint) -> Result<()> {
        const REWRITTEN: Error = Error::LedgerFalse { what: "its history is not the one it signed before" };
        if old.origin != new.origin || old.size > new.size {
            return Err(REWRITTEN);
        }
        let proof = proof::consistency(old.size, new.size, &mut |tile: &TileIndex| self.fetch_tile(http, log, tile))?;
        proof::verify_consistency(old.size, new.size, &old.root, &new.root, &proof).map_err(|_| REWRITTEN)
    }

    fn fetch_tile(&self, http: &Http, log: Log, tile: &TileIndex) -> Result<Vec<u8>> {
        self.fetch_either(http, log, &tile.path(), &tile.full_path(), MAX_TILE)
    }

    /// A partial tile, or the full one that took its place meanwhile.
    fn fetch_either(&self, http: &Http, log: Log, path: &str, full: &str, limit: usize) -> Result<Vec<u8>> {
        match self.fetch(http, &format!("{}/{path}", log.path()), limit) {
            Err(Error::RelayRefused { status: 404 | 410, .. }) if path != full => {
                self.fetch(http, &format!("{}/{full}", log.path()), limit)
            }
            other => other,
        }
    }

    fn fetch(&self, http: &Http, path: &str, limit: usize) -> Result<Vec<u8>> {
        Ok(succeed(http.send_blocking(&self.call("GET", path, None, None, limit))?)?.body)
    }

    fn fetch_text(&self, http: &Http, path: &str, limit: usize) -> Result<String> {
        String::from_utf8(self.fetch(http, path, limit)?)
            .map_err(|_| Error::NotARelay { what: "its answer is not text" })
    }
}
