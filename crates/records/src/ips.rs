//! International Patient Summary 2.0.1 (HL7 FHIR R4): made from selected records, and checked.
//!
//! <https://hl7.org/fhir/uv/ips/>. [`build`] makes a document Bundle that stands on its own: every reference in it
//! resolves inside it, is contained, or is words only. [`check`] knows the rules of the guide that validators of base
//! FHIR do not.

mod assemble;

pub use crate::rules::ips::check;
pub use assemble::assemble;

use serde_json::Value;

use crate::{Result, outgoing::OutRequest};

/// Makes the document Bundle. See [`assemble`], which also tells what was left out and why.
///
/// # Errors
/// The patient is not a Patient, a record is not JSON, or the time is not in the years 1 to 9999.
pub fn build(request: &OutRequest<'_>) -> Result<Value> {
    assemble(request).map(|assembled| assembled.bundle)
}

#[cfg(test)]
mod tests;
