//! What goes into the ledger: commitments that hide what they commit to.
//!
//! An entry is `0x01 ‖ HMAC-SHA-256(r, "carnet/anchor/v1\0" ‖ type ‖ SHA-256(object))`, 33 bytes, with `r` 32 random
//! bytes for this entry alone. Without `r` it is noise, so deleting `r` erases it without rewriting the log.

use crate::encoding;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The label that separates these hashes from all others.
const LABEL: &[u8] = b"carnet/anchor/v1\0";

/// How the name (origin) of every log A ends, so that it cannot be passed off as a log R.
pub const COMMITMENTS_ORIGIN_SUFFIX: &str = "/commitments";

/// How the name (origin) of every log R ends, so that a log A cannot be passed off as the list of withdrawals.
pub const WITHDRAWALS_ORIGIN_SUFFIX: &str = "/withdrawals";

/// The first byte of every entry.
pub(crate) const ENTRY_VERSION: u8 = 0x01;

/// What kind of thing is committed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ObjectType {
    /// A signed grant.
    Grant = 1,
    /// A receipt.
    Receipt = 2,
    /// The head of a wallet's journal.
    JournalHead = 3,
    /// A data set.
    Dataset = 4,
    /// Nothing: padding.
    Cover = 5,
}

/// An entry of log A: 33 bytes, base64url in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(#[serde(with = "encoding::bytes")] pub [u8; 33]);

impl Commitment {
    /// Whether it has the form of an entry: the right first byte. Nothing else about it can be seen.
    pub fn is_well_formed(&self) -> bool {
        self.0.first() == Some(&ENTRY_VERSION)
    }
}

/// Commits to an object by its SHA-256. `r` must be random and used once.
pub fn commit(r: &[u8; 32], ty: ObjectType, object_sha256: &[u8; 32]) -> Commitment {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length; this one is 32 bytes by its type")]
    let mut mac = Hmac::<Sha256>::new_from_slice(r).expect("HMAC takes keys of any length");
    mac.update(LABEL);
    mac.update(&[ty as u8]);
    mac.update(object_sha256);
    entry(&mac.finalize().into_bytes().into())
}

/// 32 bytes as an entry.
pub(crate) fn entry(bytes: &[u8; 32]) -> Commitment {
    let mut entry = [ENTRY_VERSION; 33];
    let (_, rest) = entry.split_at_mut(1);
    rest.copy_from_slice(bytes);
    Commitment(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_nonces_separate() {
        let object = [7; 32];
        let one = commit(&[1; 32], ObjectType::Grant, &object);
        assert!(one.is_well_formed());
        assert_eq!(one, commit(&[1; 32], ObjectType::Grant, &object));
        assert_ne!(one, commit(&[1; 32], ObjectType::Receipt, &object));
        assert_ne!(one, commit(&[2; 32], ObjectType::Grant, &object));
        assert_ne!(one, commit(&[1; 32], ObjectType::Grant, &[8; 32]));
    }

    #[test]
    fn json_is_base64url_of_33_bytes() {
        let json = serde_json::to_string(&Commitment([1; 33])).unwrap();
        assert_eq!(json.len(), 44 + 2);
        assert_eq!(serde_json::from_str::<Commitment>(&json).unwrap(), Commitment([1; 33]));
        assert!(serde_json::from_str::<Commitment>("\"AQEB\"").is_err());
    }
}
