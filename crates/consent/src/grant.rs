//! The grant: what a patient allows, to whom, for what, how and until when; signed as a CWT in COSE_Sign1.
//!
//! The claims and their integer keys are in [`SignedGrant`]'s documentation. A grant is *evidence*: what is served is
//! decided by the relay, never by what a reader makes of these fields.

pub(crate) mod claims;
mod draft;
mod scope;
mod sign;
mod tables;
mod words;

pub use draft::GrantDraft;
pub use scope::{Code, Scope};
pub use sign::{GrantKey, SignedGrant, sign};
pub use tables::{
    Access, Category, Content, Format, Granter, IdentifiedBy, LeftOut, Member, Obligation, Purpose, RecipientClass,
    Sensitivity, Set,
};
pub use words::{FhirDate, Language, Name};

pub(crate) use sign::MAX_SIGNED_BYTES;

use crate::{Error, GrantId, Result, encoding, time};
use serde::Serialize;

/// How old a "not withdrawn" may be before it counts no more, unless the grant says otherwise: 24 hours, in seconds.
pub const DEFAULT_MAX_STALE: u32 = 86_400;

/// Everything a grant says, read from a signed one or about to be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Its name.
    pub id: GrantId,
    /// The Ed25519 public key of this grant alone, so that two grants cannot be linked by key.
    #[serde(with = "encoding::bytes")]
    pub key: [u8; 32],
    /// Who gives it. Whose records they are is the subject of the document that the grant is sealed into.
    pub granter: Granter,
    /// To whom.
    pub recipient: Recipient,
    /// The request it answers, if one was made.
    pub request: Option<RequestRef>,
    /// What for.
    pub purpose: Purpose,
    /// Which records.
    pub what: Scope,
    /// In which ways.
    pub how: Modes,
    /// When it was signed, Unix seconds.
    pub issued_at: i64,
    /// From when it may be used, Unix seconds.
    pub not_before: i64,
    /// Until when it may be used, Unix seconds; from this second on it is over.
    pub expires: i64,
    /// How often it may be opened; none: no limit.
    pub max_openings: Option<u32>,
    /// By when the recipient must have erased what it kept, Unix seconds.
    pub erase_by: Option<i64>,
    /// What the recipient is bound to.
    pub obligations: Set<Obligation>,
    /// The notice that the patient saw when giving it.
    pub notice: Notice,
    /// What a published withdrawal must hash to; see [`crate::withdrawal`].
    #[serde(with = "encoding::bytes")]
    pub withdrawal_tag: [u8; 32],
    /// The ledger that it and its withdrawal are committed to.
    pub ledger: LedgerRef,
    /// How old a "not withdrawn" may be, in seconds.
    pub max_stale: u32,
    /// The Merkle root over the document's entries; see [`crate::canonical::entries_root`].
    #[serde(with = "encoding::bytes")]
    pub entries_root: [u8; 32],
    /// How many entries the root covers.
    pub entries: u32,
    /// SHA-256 of the signed grant that this one takes the place of, as one that runs longer does; none: of no other.
    #[serde(serialize_with = "serialize_key", skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<[u8; 32]>,
}

/// To whom a grant is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipient {
    /// The kind of recipient.
    pub class: RecipientClass,
    /// Its name in the patient's words; none only for [`RecipientClass::Anyone`].
    pub name: Option<Name>,
    /// How the patient knows it is them.
    pub identified_by: IdentifiedBy,
    /// The Ed25519 key that may pass the grant on, narrowed; none: it cannot be passed on. See [`crate::narrowing`].
    #[serde(serialize_with = "serialize_key")]
    pub key: Option<[u8; 32]>,
}

/// The request that a grant answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestRef {
    /// Who asked.
    pub by: Name,
    /// SHA-256 of the request as it came.
    #[serde(with = "encoding::bytes")]
    pub sha256: [u8; 32],
}

/// In which ways the records may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Modes {
    /// What the reader may do with them.
    pub access: Set<Access>,
    /// The forms in which they are given.
    pub formats: Set<Format>,
}

/// Which notice the patient saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Its language.
    pub language: Language,
    /// Its version.
    pub version: u32,
}

impl Notice {
    /// The version of the notice that is shown now. Its words are the Fluent texts `notice-v1-…`
    /// (`assets/i18n/<language>/notice.ftl`); those of a version never change.
    pub const VERSION: u32 = 1;
}

/// The ledger of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LedgerRef {
    /// SHA-256 of the `tlog-policy` file that names the logs and who must have cosigned them.
    #[serde(with = "encoding::bytes")]
    pub policy_sha256: [u8; 32],
}

/// Where a moment lies against a grant's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Before `not_before`.
    NotYet,
    /// Within.
    Within,
    /// At or after `expires`.
    Over,
}

impl Grant {
    /// Where `now` (Unix seconds) lies.
    pub fn timing(&self, now: i64) -> Timing {
        if now < self.not_before {
            Timing::NotYet
        } else if now < self.expires {
            Timing::Within
        } else {
            Timing::Over
        }
    }

    /// What must hold between the fields, before signing and after reading.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field that does not fit the others.
    pub fn check(&self) -> Result<()> {
        time::check(self.issued_at, "time of signing")?;
        time::check(self.not_before, "start of the grant")?;
        time::check(self.expires, "end of the grant")?;
        if self.expires <= self.not_before {
            return Err(Error::Invalid("end of the grant"));
        }
        if let Some(erase_by) = self.erase_by {
            time::check(erase_by, "time of erasure")?;
        }
        if self.max_openings == Some(0) {
            return Err(Error::Invalid("number of openings"));
        }
        if (self.recipient.class == RecipientClass::Anyone) != self.recipient.name.is_none() {
            return Err(Error::Invalid("name of the recipient"));
        }
        if let Some(key) = &self.recipient.key {
            crate::cose::verifying_key(key)?;
        }
        if self.how.access.is_empty() || self.how.formats.is_empty() {
            return Err(Error::Invalid("way of sharing"));
        }
        if self.entries == 0 {
            return Err(Error::Invalid("number of entries"));
        }
        self.what.check()
    }
}

fn serialize_key<S: serde::Serializer>(key: &Option<[u8; 32]>, s: S) -> std::result::Result<S::Ok, S::Error> {
    match key {
        Some(key) => s.serialize_some(&encoding::to_base64url(key)),
        None => s.serialize_none(),
    }
}

#[cfg(test)]
mod tests;
