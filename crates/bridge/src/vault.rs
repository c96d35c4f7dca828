//! The vault, its settings and the first screen, as the interface sees them.

use crate::{Opening, RecordLine, ShareLine};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// A passphrase, or recovery words that take its place, on the way into the wallet: hidden from `Debug`, wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over the text a person typed.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the key derivation only.
    pub fn expose_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// Whether there is a vault and whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// None yet: first start.
    None,
    /// There is one and it is locked.
    Locked,
    /// It is open.
    Open,
}

/// What words come to that a person typed as their recovery words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "words", content = "with", rename_all = "snake_case")]
pub enum WordsCheck {
    /// 24 words that belong together. Whose they are shows when they are used.
    Right,
    /// Not 24 words.
    Count {
        /// How many.
        words: u64,
    },
    /// A word that is none of the 2,048; the first one.
    Unknown {
        /// Which, counted from 1.
        position: u64,
    },
    /// Each word is known, but one is wrong or two are swapped.
    Order,
}

/// What the first screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The person whose records these are, as the records or the wallet name them; empty if nobody said.
    pub name: String,
    /// Whether the people in this wallet are made up.
    pub example: bool,
    /// What needs the person's attention, most pressing first.
    pub attention: Vec<Attention>,
    /// Shares that can be opened now. Those too that were stopped or paused while their relay has not heard of it: they may
    /// still open.
    pub open_shares: Vec<ShareLine>,
    /// How many other shares can be opened later: they are paused, begin later, or wait for a network.
    pub resting_shares: u64,
    /// Who looked lately, newest first, at most five.
    pub openings: Vec<Opening>,
    /// How many openings, refused ones among them, the person has not seen yet.
    pub unseen_openings: u64,
    /// The newest records, at most eight.
    pub latest: Vec<RecordLine>,
    /// How many records there are.
    pub records: u64,
}

/// Something that needs the person's attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", content = "with", rename_all = "snake_case")]
pub enum Attention {
    /// The journal was found changed when the vault was opened: entries are missing or were edited.
    Journal {
        /// The first thing that is wrong with it, in English, for whoever helps.
        fault: String,
    },
    /// The recovery words were not written down and confirmed.
    RecoveryWords,
    /// No backup was made since records were added.
    Backup,
    /// So many messages wait for a network.
    Waiting {
        /// How many.
        count: u64,
    },
    /// A share ends within the hour.
    ShareEnds {
        /// Which.
        id: String,
        /// When.
        expires: i64,
    },
}

/// What the person may set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The address of the relay that carries shares; empty: the one inside this wallet, which only this device reaches unless the
    /// program around it says otherwise.
    pub relay: String,
    /// Minutes without use until the vault locks itself.
    pub lock_after_minutes: u32,
    /// The person's name in shares where the records name nobody.
    pub name: String,
}
