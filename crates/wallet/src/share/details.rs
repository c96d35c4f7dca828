//! What the wallet keeps about a share beside the grant itself.

use super::passcode::Passcode;
use super::terms::Terms;
use crate::{Error, Result};
use carnet_bridge::{CategoryCount, ShareDraft, SharePreset};
use carnet_consent::GrantId;
use carnet_consent::control::PasscodeVerifier;
use carnet_vault::GrantRow;
use serde::{Deserialize, Serialize};

/// Kept as JSON in the vault.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// The occasion.
    pub(crate) preset: SharePreset,
    /// Whether a passcode is asked for.
    pub(crate) passcode: bool,
    /// That passcode, for the person to look up. None for a share of an earlier version, and of one that was stopped.
    pub(crate) known_passcode: Option<Passcode>,
    /// How many records it holds.
    pub(crate) records: u64,
    /// How many of each category.
    pub(crate) categories: Vec<CategoryCount>,
    /// How often it can be opened.
    pub(crate) max_openings: Option<u32>,
    /// When it begins, Unix seconds.
    pub(crate) starts: i64,
    /// The number of the newest message that changes it at its relay, counted from 1.
    pub(crate) revision: u64,
    /// What the person chose, without the passcode; none for a share of an earlier version.
    pub(crate) draft: Option<ShareDraft>,
    /// The share whose place it takes at another relay.
    pub(crate) takes_over: Option<GrantId>,
    /// What stays the same when it is signed anew; none for a share of an earlier version, which cannot be.
    pub(crate) terms: Option<Terms>,
    /// Against what its passcode is checked, to be published again with what takes its place.
    pub(crate) verifier: Option<PasscodeVerifier>,
    /// What its document says, as [`crate::output::Material::content`].
    pub(crate) content: [u8; 32],
    /// Whether it is paused because nothing can be made of what was chosen, as when nothing is left of it.
    pub(crate) emptied: bool,
    /// The name of the log that its commitment goes into.
    pub(crate) log: String,
    /// The checked proof that the commitment is there (`.tlog-proof`).
    pub(crate) proof: Option<String>,
    /// Receipts (their numbers) whose place in the log was not checked yet.
    pub(crate) unproven: Vec<u64>,
    /// Receipts (their numbers; 0 for the grant itself) that the log contradicts: evidence against the relay.
    pub(crate) contradicted: Vec<u64>,
    /// What its relay said of who looked that cannot be, the first time: evidence against it, which stays.
    pub(crate) false_answer: Option<String>,
    /// Why its relay did not tell who looked, the last time it was asked.
    pub(crate) untold: Option<String>,
    /// The newest receipt (its number) that the person saw.
    pub(crate) seen: u64,
    /// Whether its relay was asked after its end, so that nothing new can come.
    pub(crate) told_all: bool,
    /// When the person stopped it, Unix seconds.
    pub(crate) stopped_at: Option<i64>,
    /// Whether its relay has it, though this vault never had the answer that says where its commitment is.
    pub(crate) known_to_relay: bool,
    /// Whether readers see what another device shared after this vault's copy was made.
    pub(crate) changed_elsewhere: bool,
    /// Whether it was stopped by another device, or with the withdrawal card.
    pub(crate) stopped_elsewhere: bool,
    /// Why the relay refused to publish it, or to let it go on.
    pub(crate) refused: Option<String>,
}

impl Details {
    pub(crate) fn read(grant: &GrantRow) -> Result<Self> {
        serde_json::from_str(&grant.details).map_err(|_| Error::Internal("what is kept about a share"))
    }

    /// What stays the same when it is signed anew.
    pub(crate) fn terms(&self) -> Result<&Terms> {
        self.terms.as_ref().ok_or(Error::Change("it was made by an earlier version; make a new one"))
    }

    /// Whether it follows the records.
    pub(crate) fn is_live(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.live)
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| Error::Internal("what is kept about a share"))
    }
}

/// Reads the name of a share.
pub(crate) fn grant_id(text: &str) -> Result<GrantId> {
    text.parse().map_err(|_| Error::NoSuch("share"))
}
