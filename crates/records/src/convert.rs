//! What a reader of another format makes of a file: FHIR R4 resources, each with its place in the source.
//!
//! A reader hands over what it finds, in the file's own order, to a [`Sink`]; nothing is gathered, so a file of any size
//! is read in bounded memory. An identifier made here is derived from the source's own identifiers alone, so the same
//! thing read again, from another copy of the document too, is the same record.

mod provenance;

pub use provenance::{PLACE, provenance};

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::import::{Limits, NarrativeReason, Skip};

/// A FHIR resource under construction.
pub type Resource = Map<String, Value>;

/// A file that is being read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name as the person knows it, without its folder.
    pub name: &'a str,
    /// SHA-256 of its bytes. The file itself is kept under it: `Binary/<hex>` is how a resource refers to it.
    pub sha256: [u8; 32],
    /// The time, Unix seconds.
    pub now: i64,
    /// What reading it may cost.
    pub limits: &'a Limits,
}

/// One thing that was found in a file. Each [`Resource`](Found::Resource) and [`Skipped`](Found::Skipped) is an entry of
/// the account.
#[derive(Debug)]
pub enum Found<'a> {
    /// A resource.
    Resource(Box<Converted>),
    /// An entry that was not taken.
    Skipped(Skip),
    /// Bytes to be kept in the attachment store, to which a resource refers by [`binary_reference`].
    Attachment(Attachment<'a>),
}

/// Who takes what is found; breaks to stop the reading.
pub type Sink<'s> = dyn FnMut(Found<'_>) -> ControlFlow<()> + 's;

/// A resource made from something that is not FHIR JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// The FHIR R4 resource. Its `id` is a UUID in lower case, made by [`derive_id`]; references to other resources of the
    /// same file are `urn:uuid:<id>`.
    pub resource: Resource,
    /// Where in the source it was made from: an XPath in XML, a row of a table, a file in an archive.
    pub place: String,
    /// Set where only its text could be kept.
    pub narrative_only: Option<NarrativeReason>,
    /// Who signed it, where somebody did and the signature was checked.
    pub signed: Option<Signed>,
    /// As of when its document tells it; see [`Record::as_of`](crate::import::Record::as_of).
    pub as_of: Option<i64>,
}

impl Converted {
    /// A resource of which nothing more is known than where it was made from.
    pub fn new(resource: Resource, place: String) -> Self {
        Self { resource, place, narrative_only: None, signed: None, as_of: None }
    }
}

/// Bytes to be kept beside the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Their media type, e.g. `application/pdf`.
    pub media_type: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// An issuer's signature over a record, checked when it was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// How it was signed.
    pub form: SignedForm,
    /// The issuer as the signed document names it: an `https` address, or a country.
    pub issuer: String,
    /// The issuer's name as the trust list gives it.
    pub name: Option<String>,
    /// The key's identifier (`kid`), as written.
    pub key_id: String,
    /// Whether a trust list vouches for the issuer; if not, the signature only shows that nothing was altered since.
    pub listed: bool,
    /// When it was checked, Unix seconds.
    pub checked_at: i64,
}

/// The form of a signed health document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedForm {
    /// A SMART Health Card.
    HealthCard,
    /// An electronic health certificate (HCERT): EU DCC, WHO.
    Hcert,
}

/// A UUID (RFC 9562, version 8) from what identifies a thing in its source. Parts are kept apart: `["ab", "c"]` and
/// `["a", "bc"]` differ.
pub fn derive_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"carnet/converted/v1");
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// How a resource refers to bytes in the attachment store: a relative reference to a Binary whose id is the SHA-256 of
/// its content in hexadecimal (64 characters, the most that a FHIR id may have).
pub fn binary_reference(sha256: &[u8; 32]) -> String {
    let mut out = String::with_capacity(7 + 64);
    out.push_str("Binary/");
    for byte in sha256 {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_derived_for_ever_and_from_each_part() {
        // Written down once: a changed derivation would double every record that is imported again.
        assert_eq!(derive_id(&["ClinicalDocument", "2.16.840", "1"]), "e317ef74-ed14-8f01-845d-cd74c4c5fb01");
        assert_ne!(derive_id(&["ab", "c"]), derive_id(&["a", "bc"]));
    }

    #[test]
    fn bytes_are_referred_to_by_their_hash() {
        assert_eq!(binary_reference(&[0xA5; 32]), format!("Binary/{}", "a5".repeat(32)));
    }
}
