//! Receipts: what a relay writes down of each opening, for the patient alone.
//!
//! A receipt is a map in deterministic CBOR. The relay commits to its SHA-256 in log A with a fresh nonce `r`, durably,
//! before it serves anything; then it keeps receipt and nonce encrypted to the link's age recipient.

#[cfg(feature = "age")]
mod sealed;

#[cfg(feature = "age")]
pub use sealed::{Envelope, MAX_SEALED_BYTES, decrypt};

use crate::cbor::{self, Map, Members, Value};
use crate::{Error, Result, encoding, time};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The version of the table below.
pub const VERSION: u8 = 1;
/// The most bytes of a receipt.
pub const MAX_BYTES: usize = 4 * 1024;
/// The most bytes that are kept of what a reader calls itself.
pub const MAX_RECIPIENT_BYTES: usize = 1024;
/// The most files in a receipt.
pub const MAX_FILES: usize = crate::control::MAX_FILES;

// Keys of the map; a refusal has 7 and no 6.
const KEY_VERSION: i64 = 1;
const KEY_AT: i64 = 2;
const KEY_RECIPIENT: i64 = 3;
const KEY_OPENING: i64 = 4;
const KEY_RELAY: i64 = 5;
const KEY_FILES: i64 = 6;
const KEY_REFUSED: i64 = 7;
const KEY_TAG: i64 = 8;

/// One opening, or an attempt.
///
/// | key | value |
/// | --- | --- |
/// | 1 | version, 1 |
/// | 2 | when, Unix seconds |
/// | 3 | text: what the reader called itself |
/// | 4 | which opening of the link it was, from 1; for a refusal, how many there had been |
/// | 5 | text: the relay's name |
/// | 6 | served: SHA-256 of each file's JWE, `[32 bytes, …]` |
/// | 7 | refused: number of [`RefusalReason`], 1 to 255 |
/// | 8 | the link's withdrawal tag, 32 bytes |
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The version of the table.
    pub version: u8,
    /// When, Unix seconds by the relay's clock.
    pub at: i64,
    /// What the reader called itself, cut to [`MAX_RECIPIENT_BYTES`] by [`Receipt::new`]. Nobody has checked it.
    pub recipient: String,
    /// What happened.
    pub outcome: Outcome,
    /// Which opening of the link it was, from 1; for a refusal, how many there had been.
    pub opening: u32,
    /// The relay's name (its ledger's name).
    pub relay: String,
    /// The link's withdrawal tag, which ties the receipt to its grant.
    #[serde(with = "encoding::bytes")]
    pub tag: [u8; 32],
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The records were given out.
    Served {
        /// SHA-256 of each file's compact JWE.
        #[serde(serialize_with = "encoding::serialize_list")]
        files: Vec<[u8; 32]>,
    },
    /// Nothing was given out.
    Refused {
        /// Why.
        reason: RefusalReason,
    },
}

/// Why nothing was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalReason {
    /// 1: the passcode was wrong.
    WrongPasscode,
    /// 2: the last passcode attempt was used up; the link is dead.
    PasscodeAttemptsUsedUp,
    /// 3: it was opened as often as allowed.
    Exhausted,
    /// 4: it was paused.
    Paused,
    /// 5: it was over or not begun.
    OutOfTime,
    /// 6: it was withdrawn.
    Withdrawn,
    /// 7: it was asked without a passcode, which took no try, and was told that one is needed. Some readers begin so. Only
    /// for wallets that ask for [all reasons](crate::control::paths::receipts).
    PasscodeMissing,
    /// A reason that came later than this code: its number. It is read, so that the receipt counts and can be checked.
    Other(u8),
}

impl RefusalReason {
    /// All reasons that are known here.
    pub const ALL: [Self; 7] = [
        Self::WrongPasscode,
        Self::PasscodeAttemptsUsedUp,
        Self::Exhausted,
        Self::Paused,
        Self::OutOfTime,
        Self::Withdrawn,
        Self::PasscodeMissing,
    ];

    /// Its number in a receipt.
    pub fn number(self) -> u8 {
        match self {
            Self::WrongPasscode => 1,
            Self::PasscodeAttemptsUsedUp => 2,
            Self::Exhausted => 3,
            Self::Paused => 4,
            Self::OutOfTime => 5,
            Self::Withdrawn => 6,
            Self::PasscodeMissing => 7,
            Self::Other(number) => number,
        }
    }

    /// The reason with this number.
    pub fn from_number(number: u8) -> Self {
        Self::ALL.into_iter().find(|reason| reason.number() == number).unwrap_or(Self::Other(number))
    }

    /// Whether wallets of every age can read it. The first ones refuse a receipt with any other reason, and with it all that
    /// come after.
    pub fn is_for_every_wallet(self) -> bool {
        (1..=6).contains(&self.number())
    }
}

impl Receipt {
    /// A receipt of the current version; the reader's name is cut to the limit at a character's end.
    pub fn new(at: i64, recipient: &str, outcome: Outcome, opening: u32, relay: &str, tag: [u8; 32]) -> Self {
        let cut = recipient.floor_char_boundary(MAX_RECIPIENT_BYTES);
        let recipient = recipient.get(..cut).unwrap_or_default().to_owned();
        Self { version: VERSION, at, recipient, outcome, opening, relay: relay.to_owned(), tag }
    }

    /// The receipt in deterministic CBOR.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::TooLarge`] if a value is beyond its limit.
    pub fn to_cbor(&self) -> Result<Vec<u8>> {
        self.check()?;
        let map = Map::new()
            .put(KEY_VERSION, self.version)
            .put(KEY_AT, self.at)
            .put(KEY_RECIPIENT, self.recipient.as_str())
            .put(KEY_OPENING, self.opening)
            .put(KEY_RELAY, self.relay.as_str())
            .put(KEY_TAG, cbor::bytes(&self.tag));
        let map = match &self.outcome {
            Outcome::Served { files } => {
                map.put(KEY_FILES, Value::Array(files.iter().map(|file| cbor::bytes(file)).collect()))
            }
            Outcome::Refused { reason } => map.put(KEY_REFUSED, reason.number()),
        };
        cbor::encode(&map.into_value())
    }

    /// Reads what [`Receipt::to_cbor`] writes, and nothing else.
    ///
    /// # Errors
    /// The reason it was refused.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self> {
        let mut map = Members::new(cbor::decode(bytes, "receipt", MAX_BYTES)?)?;
        let version = cbor::integer(&map.need(KEY_VERSION, "version")?, "version of the receipt")?;
        if version != VERSION {
            return Err(Error::UnknownClaim);
        }
        let outcome = match (map.take(KEY_FILES), map.take(KEY_REFUSED)) {
            (Some(Value::Array(files)), None) if files.len() <= MAX_FILES => Outcome::Served {
                files: files.iter().map(|file| cbor::array(file, "file of a receipt")).collect::<Result<_>>()?,
            },
            (None, Some(number)) => {
                let reason = RefusalReason::from_number(cbor::integer(&number, "reason of a refusal")?);
                Outcome::Refused { reason }
            }
            _ => return Err(Error::Invalid("outcome of a receipt")),
        };
        let receipt = Self {
            version,
            at: cbor::integer(&map.need(KEY_AT, "time")?, "time of the receipt")?,
            recipient: cbor::text(&map.need(KEY_RECIPIENT, "recipient")?, "recipient of the receipt")?.to_owned(),
            outcome,
            opening: cbor::integer(&map.need(KEY_OPENING, "number")?, "number of the opening")?,
            relay: cbor::text(&map.need(KEY_RELAY, "relay")?, "relay of the receipt")?.to_owned(),
            tag: cbor::array(&map.need(KEY_TAG, "tag")?, "tag of the receipt")?,
        };
        map.finish()?;
        receipt.check()?;
        Ok(receipt)
    }

    /// SHA-256 of [`Receipt::to_cbor`]: what the ledger's commitment covers, as
    /// [`ObjectType::Receipt`](crate::anchor::ObjectType::Receipt).
    ///
    /// # Errors
    /// As [`Receipt::to_cbor`].
    pub fn sha256(&self) -> Result<[u8; 32]> {
        Ok(Sha256::digest(self.to_cbor()?).into())
    }

    fn check(&self) -> Result<()> {
        time::check(self.at, "time of the receipt")?;
        if self.version != VERSION {
            return Err(Error::Invalid("version of the receipt"));
        }
        if self.recipient.len() > MAX_RECIPIENT_BYTES {
            return Err(Error::TooLarge { what: "recipient of the receipt", limit: MAX_RECIPIENT_BYTES as u64 });
        }
        if self.relay.is_empty() || self.relay.len() > 255 {
            return Err(Error::Invalid("relay of the receipt"));
        }
        match &self.outcome {
            Outcome::Served { files } if files.is_empty() || files.len() > MAX_FILES => {
                Err(Error::Invalid("files of the receipt"))
            }
            // One number is one reason.
            Outcome::Refused { reason }
                if reason.number() == 0 || RefusalReason::from_number(reason.number()) != *reason =>
            {
                Err(Error::Invalid("reason of a refusal"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
