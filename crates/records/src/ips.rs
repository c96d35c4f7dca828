//! International Patient Summary 2.0.1 (HL7 FHIR R4): made from selected records, and checked.
//!
//! <https://hl7.org/fhir/uv/ips/>. [`build`] makes a document Bundle that stands on its own: every reference in it
//! resolves inside it, is contained, or is words only. [`check`] knows the rules of the guide that validators of base
//! FHIR do not.

mod assemble;
mod check;
mod narrative;
mod references;
mod sections;

pub use assemble::{Assembled, LeftOut, LeftOutReason, assemble};
pub use check::{BrokenRule, check};

use serde_json::Value;

use crate::Result;

/// A record that goes into a summary, or that one which does may refer to.
#[derive(Debug, Clone, Copy)]
pub struct IpsRecord<'a> {
    /// The `fullUrl` it was imported with, by which others refer to it.
    pub full_url: Option<&'a str>,
    /// Its original JSON.
    pub original: &'a [u8],
}

/// What to make a summary of.
#[derive(Debug, Clone, Copy)]
pub struct IpsRequest<'a> {
    /// The Patient's original JSON.
    pub patient: &'a [u8],
    /// The selected records, all of the one person, and no others: what is not here is not in the summary.
    /// Practitioners, organisations, medications and the like among them are taken in only where another record refers
    /// to them. Patients may be among them (each source has its own): references to them lead to the one above.
    pub records: &'a [IpsRecord<'a>],
    /// Now, in seconds since 1970.
    pub now: i64,
    /// 16 random bytes: the document's identifier, from which those of its entries are derived, so that two summaries
    /// of one person share no identifier of ours.
    pub bundle_id: [u8; 16],
    /// The language of titles and headings (BCP 47): `en`, `de`, `es`, `fr`, `pt`; another falls back to `en`.
    pub language: &'a str,
}

/// Makes the document Bundle. See [`assemble`], which also tells what was left out and why.
///
/// # Errors
/// The patient is not a Patient, a record is not JSON, or the time is not in the years 1 to 9999.
pub fn build(request: &IpsRequest<'_>) -> Result<Value> {
    assemble(request).map(|assembled| assembled.bundle)
}

#[cfg(test)]
mod tests;
