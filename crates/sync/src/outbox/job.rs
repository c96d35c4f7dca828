//! One thing to be sent, and its durable form.

use crate::{Error, Result};
use carnet_consent::GrantId;
use carnet_consent::anchor::Commitment;
use carnet_consent::control::{LinkId, Publish, Withdraw};
use carnet_consent::withdrawal::Preimage;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something a relay must hear of. Holds no key and no token; where a token is needed the store is asked for it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Job {
    /// Publish a share, or replace what it serves.
    Publish {
        /// The share's grant.
        grant: GrantId,
        /// The relay's address.
        relay: String,
        /// The link's id there.
        link: LinkId,
        /// What to publish.
        body: Box<Publish>,
    },
    /// Hold a share back, or serve it again.
    Pause {
        /// The share's grant.
        grant: GrantId,
        /// The relay's address.
        relay: String,
        /// The link's id there.
        link: LinkId,
        /// Whether it is held back.
        paused: bool,
        /// The number of this message among those that change the link.
        revision: u64,
    },
    /// End a share.
    Withdraw {
        /// The share's grant.
        grant: GrantId,
        /// The relay's address.
        relay: String,
        /// What ends it, once published.
        p: Preimage,
    },
    /// Append a commitment to the ledger, for instance that of the journal's head.
    Commit {
        /// The relay's address.
        relay: String,
        /// The entry.
        entry: Commitment,
        /// What it commits to, in the wallet's own words; not sent.
        about: String,
    },
}

impl Job {
    /// The kind's stable name, to be stored beside [`Job::to_bytes`].
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Publish { .. } => "publish",
            Self::Pause { .. } => "pause",
            Self::Withdraw { .. } => "withdraw",
            Self::Commit { .. } => "commit",
        }
    }

    /// The relay's address.
    pub fn relay(&self) -> &str {
        match self {
            Self::Publish { relay, .. }
            | Self::Pause { relay, .. }
            | Self::Withdraw { relay, .. }
            | Self::Commit { relay, .. } => relay,
        }
    }

    /// The same for a relay that is now reached at another address.
    pub fn at(mut self, address: String) -> Self {
        match &mut self {
            Self::Publish { relay, .. }
            | Self::Pause { relay, .. }
            | Self::Withdraw { relay, .. }
            | Self::Commit { relay, .. } => *relay = address,
        }
        self
    }

    /// The grant it is about.
    pub fn grant(&self) -> Option<&GrantId> {
        match self {
            Self::Publish { grant, .. } | Self::Pause { grant, .. } | Self::Withdraw { grant, .. } => Some(grant),
            Self::Commit { .. } => None,
        }
    }

    /// The durable form. Holds ciphertext and, for a withdrawal, what ends the share: keep it in the vault.
    pub fn to_bytes(&self) -> Vec<u8> {
        let stored = match self.clone() {
            Self::Publish { grant, relay, link, body } => Stored::Publish { grant, relay, link, body },
            Self::Pause { grant, relay, link, paused, revision } => {
                Stored::Pause { grant, relay, link, paused, revision }
            }
            Self::Withdraw { grant, relay, p } => Stored::Withdraw { grant, relay, body: Withdraw::new(p) },
            Self::Commit { relay, entry, about } => Stored::Commit { relay, entry, about },
        };
        #[allow(clippy::expect_used)] // Structures of text, numbers and lists.
        serde_json::to_vec(&stored).expect("jobs serialise")
    }

    /// Reads what [`Job::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::BadJob`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(match serde_json::from_slice(bytes).map_err(|_| Error::BadJob)? {
            Stored::Publish { grant, relay, link, body } => Self::Publish { grant, relay, link, body },
            Stored::Pause { grant, relay, link, paused, revision } => {
                Self::Pause { grant, relay, link, paused, revision }
            }
            Stored::Withdraw { grant, relay, body } => Self::Withdraw { grant, relay, p: body.p },
            Stored::Commit { relay, entry, about } => Self::Commit { relay, entry, about },
        })
    }

    pub(super) fn is_withdrawal(&self) -> bool {
        matches!(self, Self::Withdraw { .. })
    }

    /// Withdrawals before all else, what is said of shares before entries nobody waits for.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Withdraw { .. } => 0,
            Self::Publish { .. } | Self::Pause { .. } => 1,
            Self::Commit { .. } => 2,
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.kind())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Stored {
    Publish { grant: GrantId, relay: String, link: LinkId, body: Box<Publish> },
    Pause { grant: GrantId, relay: String, link: LinkId, paused: bool, revision: u64 },
    Withdraw { grant: GrantId, relay: String, body: Withdraw },
    Commit { relay: String, entry: Commitment, about: String },
}
