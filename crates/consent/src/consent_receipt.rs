//! The consent receipt of a grant: ISO/IEC TS 27560:2023 in JSON-LD with terms of the Data Privacy Vocabulary (DPV).
//!
//! What each field is and which term says it is taken from DPV's guide *Consent Records and Receipts as per ISO/IEC TS
//! 27560:2023 using DPV* (final report, 15 February 2026, <https://w3id.org/dpv/guides/consent-27560>), whose section is
//! named beside each field in [`ConsentReceipt::to_json_ld`]. The profile is `dpv-27560#receipt`: the receipt holds the one
//! record of the grant, with every field that a record must have.
//!
//! A receipt is made by the patient's own software, which the guide allows (section 6.3, "Can only Controllers maintain
//! Consent Records"). It knows of the recipient what the patient knows: a name, perhaps no address; and nobody has told
//! it where the recipient keeps data. Where the guide asks for what is not known, the receipt says so and does not make
//! it up. The signed grant is inside, so everything else can be checked: [`ConsentReceipt::read`] makes the receipt again
//! from it and takes no other.

mod json_ld;
mod terms;
mod words;

pub use words::{Line, Section, Words};

use crate::grant::{Grant, Name, SignedGrant};
use crate::withdrawal::Preimage;
use crate::{Error, Result, time};

/// What is written where the guide asks for what the patient was not told.
const NOT_STATED: &str = "Not stated to the patient";
/// What a recipient is called that the grant does not name.
const WHOEVER: &str = "Whoever holds the link";
/// The most bytes of a relay's address or a log's name.
const MAX_ADDRESS_BYTES: usize = 200;

/// A signed grant and what is known beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentReceipt {
    signed: SignedGrant,
    grant: Grant,
    known: Known,
    created: i64,
}

/// What a receipt says beside what the grant says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Whose records these are; none: not named, the grant's key stands for the person.
    pub subject: Option<Name>,
    /// Who answers for what is done with the records; none: the one who asked for them, or else the recipient.
    pub controller: Option<Party>,
    /// The address of the relay that keeps what was shared, encrypted, and where the grant can be withdrawn: `https://…`
    /// or `http://…`, at most 200 bytes.
    pub relay: String,
    /// Where the grant is committed to.
    pub ledger: Option<LedgerPlace>,
    /// When the patient decided to withdraw it, where that is not published yet, Unix seconds.
    pub stopping: Option<i64>,
    /// That it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
    /// The country whose law applies, by its two capital letters (ISO 3166-1 alpha-2); none: not determined.
    pub jurisdiction: Option<[u8; 2]>,
}

/// Somebody, as far as the patient knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The name.
    pub name: Name,
    /// How to reach them: a mail address, a telephone number.
    pub contact: Option<Name>,
    /// Where they are.
    pub address: Option<Name>,
}

/// An entry of log A.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPlace {
    /// The log's name (origin), at most 200 bytes.
    pub log: String,
    /// The entry's index.
    pub index: u64,
    /// The nonce that the commitment was made with, by which the entry can be checked.
    pub nonce: [u8; 32],
}

/// The end of a grant by the patient's will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// When, Unix seconds.
    pub at: i64,
    /// What was published; it hashes to the grant's tag.
    pub preimage: Preimage,
}

/// How the consent stands when a receipt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Given, and neither over nor withdrawn. It may not have begun.
    Given,
    /// Its time is over.
    Expired,
    /// The patient decided to withdraw it, and nobody else has heard of it.
    Stopping,
    /// The patient withdrew it.
    Withdrawn,
}

impl ConsentReceipt {
    /// The receipt of a signed grant, made at `created` (Unix seconds).
    ///
    /// # Errors
    /// What [`SignedGrant::verify`] refuses; [`Error::Invalid`] for a time, an address or a country in another form than is
    /// documented, a withdrawal that is not of this grant, or a receipt made before the grant.
    pub fn new(signed: SignedGrant, mut known: Known, created: i64) -> Result<Self> {
        let grant = SignedGrant::verify(signed.as_bytes())?;
        time::check(created, "time of the receipt")?;
        if created < grant.issued_at {
            return Err(Error::Invalid("time of the receipt"));
        }
        let is_url = ["https://", "http://"].iter().any(|scheme| known.relay.starts_with(scheme));
        if !is_url || !is_address(&known.relay) {
            return Err(Error::Invalid("address of the relay"));
        }
        if known.ledger.as_ref().is_some_and(|place| !is_address(&place.log)) {
            return Err(Error::Invalid("name of the log"));
        }
        if let Some(withdrawal) = &known.withdrawn {
            time::check(withdrawal.at, "time of the withdrawal")?;
            if withdrawal.preimage.tag() != grant.withdrawal_tag || withdrawal.at > created {
                return Err(Error::Invalid("withdrawal"));
            }
        }
        if let Some(at) = known.stopping {
            time::check(at, "time of the withdrawal")?;
            if known.withdrawn.is_some() || at > created {
                return Err(Error::Invalid("withdrawal"));
            }
        }
        if known.jurisdiction.is_some_and(|letters| !letters.iter().all(u8::is_ascii_uppercase)) {
            return Err(Error::Invalid("country"));
        }
        // One way to say one thing, so that it is read as it was made.
        if let Some(controller) = &mut known.controller {
            for stated in [&mut controller.contact, &mut controller.address] {
                stated.take_if(|stated| stated.as_str() == NOT_STATED);
            }
            let Party { name, contact, address } = controller;
            if name.as_str() == controller_in(&grant) && contact.is_none() && address.is_none() {
                known.controller = None;
            }
        }
        Ok(Self { signed, grant, known, created })
    }

    /// What the grant says.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// What is known beside it.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// When the receipt was made, Unix seconds.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// How the consent stood then.
    pub fn standing(&self) -> Standing {
        match &self.known.withdrawn {
            Some(_) => Standing::Withdrawn,
            None if self.created >= self.grant.expires => Standing::Expired,
            None if self.known.stopping.is_some() => Standing::Stopping,
            None => Standing::Given,
        }
    }

    /// The name of who answers for what is done with the records.
    fn controller(&self) -> &str {
        self.known.controller.as_ref().map_or_else(|| controller_in(&self.grant), |controller| controller.name.as_str())
    }
}

/// The same of a grant alone.
fn controller_in(grant: &Grant) -> &str {
    let asked = grant.request.as_ref().map(|request| &request.by);
    asked.or(grant.recipient.name.as_ref()).map_or(WHOEVER, Name::as_str)
}

/// Visible ASCII without what would need escaping.
fn is_address(text: &str) -> bool {
    (1..=MAX_ADDRESS_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'<' | b'>'))
}

#[cfg(test)]
mod tests;
