//! What the wallet keeps about a share beside the grant itself.

use crate::{Error, Result};
use carnet_bridge::CategoryCount;
use carnet_consent::GrantId;
use carnet_vault::GrantRow;
use serde::{Deserialize, Serialize};

/// Kept as JSON in the vault.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// Whether a passcode is asked for.
    pub(crate) passcode: bool,
    /// How many records it holds.
    pub(crate) records: u64,
    /// How many of each category.
    pub(crate) categories: Vec<CategoryCount>,
    /// How often it can be opened.
    pub(crate) max_openings: Option<u32>,
    /// The name of the log that its commitment goes into.
    pub(crate) log: String,
    /// The checked proof that the commitment is there (`.tlog-proof`).
    pub(crate) proof: Option<String>,
    /// Receipts (their numbers) whose place in the log was not checked yet.
    pub(crate) unproven: Vec<u64>,
    /// Receipts (their numbers; 0 for the grant itself) that the log contradicts: evidence against the relay.
    pub(crate) contradicted: Vec<u64>,
    /// Why the relay refused to publish it.
    pub(crate) refused: Option<String>,
}

impl Details {
    pub(crate) fn read(grant: &GrantRow) -> Result<Self> {
        serde_json::from_str(&grant.details).map_err(|_| Error::Internal("what is kept about a share"))
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|_| Error::Internal("what is kept about a share"))
    }
}

/// Reads the name of a share.
pub(crate) fn grant_id(text: &str) -> Result<GrantId> {
    text.parse().map_err(|_| Error::NoSuch("share"))
}
