//! Shares, openings and the network, as the interface sees them.

use crate::CategoryCount;
use serde::{Deserialize, Serialize};

/// A share that the person is putting together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareDraft {
    /// The occasion.
    pub preset: SharePreset,
    /// Whom it is for, in the person's words ("Dr Example").
    pub recipient: String,
    /// Categories to include; none: all that the occasion suggests.
    pub categories: Option<Vec<String>>,
    /// Include also what is held back as sensitive.
    pub include_sensitive: bool,
    /// How long it can be opened, in seconds.
    pub seconds: i64,
    /// A passcode the reader must type; none: no passcode.
    pub passcode: Option<String>,
    /// How many times it can be opened; none: no limit.
    pub max_openings: Option<u32>,
}

/// The occasions the wallet knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharePreset {
    /// At the desk: 15 minutes, no passcode, one file.
    Desk,
    /// A visit: 24 hours, with a passcode.
    Visit,
}

/// What a share would hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharePreview {
    /// How many records would be shared.
    pub records: u64,
    /// How many of each category would be shared.
    pub categories: Vec<CategoryCount>,
    /// How many of each category there are to choose from.
    pub available: Vec<CategoryCount>,
    /// What is held back: a sensitivity label (`SUD`, `PSY`, `HIV`, `STD`, `SEX`, `SDV`, `GDIS`) and how many records.
    pub held_back: Vec<CategoryCount>,
}

/// One share in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareLine {
    /// The share.
    pub id: String,
    /// Whom it is for.
    pub recipient: String,
    /// When it was made.
    pub created: i64,
    /// When it ends.
    pub expires: i64,
    /// Its state now.
    pub status: ShareStatus,
    /// How many times it was opened, as far as known.
    pub openings: u32,
    /// How many records it holds.
    pub records: u64,
}

/// The state of a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareStatus {
    /// Signed, and waiting for its relay to be reached; nobody can open it yet.
    Waiting,
    /// It can be opened.
    Live,
    /// Its time is over.
    Expired,
    /// The person stopped it, and the relay knows.
    Stopped,
    /// The person stopped it, and the relay could not be told yet.
    Stopping,
    /// It was opened as often as allowed.
    Exhausted,
}

/// One share with everything around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareDetail {
    /// As in the list.
    pub line: ShareLine,
    /// The link, viewer first: what the QR says and what can be sent.
    pub link: String,
    /// The same link for readers of their own: `shlink:/…`.
    pub shlink: String,
    /// The QR as rows of modules, `true` is dark, without the quiet zone.
    pub qr: Vec<Vec<bool>>,
    /// Whether a passcode is needed.
    pub passcode: bool,
    /// How many of each category it holds.
    pub categories: Vec<CategoryCount>,
    /// Who looked, newest first.
    pub openings: Vec<Opening>,
    /// Where the grant stands in the public ledger, once its relay answered.
    pub ledger: Option<LedgerPlace>,
}

/// Where a grant stands in the public ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerPlace {
    /// The log's name.
    pub log: String,
    /// The entry's place in it.
    pub index: u64,
    /// Whether this wallet checked a proof that it is there.
    pub proven: bool,
}

/// Somebody opened a share, or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The share.
    pub id: String,
    /// Whom the share is for.
    pub shared_with: String,
    /// Who the reader said they were.
    pub recipient: String,
    /// When.
    pub at: i64,
    /// Whether the records were given out; `false`: refused, e.g. for a wrong passcode.
    pub served: bool,
}

/// What went out and what still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    /// Messages sent now.
    pub sent: u64,
    /// Messages that wait for a network.
    pub waiting: u64,
    /// Openings learnt of now.
    pub new_openings: u64,
}
