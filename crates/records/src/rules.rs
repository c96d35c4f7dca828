//! The rules of profiles as data, and the one engine that holds a Bundle against them.
//!
//! A rule is a line of a table: its name, the sentence that says it, the page of the specification, where it applies
//! and what is tested there. Validators of base FHIR know none of these; what base FHIR itself demands (types, unknown
//! elements, codes) they check better, so that is left to them.

mod bundle;
mod engine;
mod path;

pub mod ips;
pub mod ktc;

use serde::{Deserialize, Serialize};

/// How much a broken rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The document does not conform.
    Error,
    /// It conforms, but a resource in it is not what the guide's profile for its kind asks for (and does not claim to
    /// be), or it does what the specification says one should not.
    Warning,
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name: the specification's own key (`ips-comp-1`, `bdl-9`), else the element and what it is about.
    pub id: &'static str,
    /// What it says, as a sentence.
    pub says: &'static str,
    /// Where it is written.
    pub spec: &'static str,
}

/// A rule that a Bundle breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenRule {
    /// The rule's name.
    pub rule: &'static str,
    /// How much it weighs here.
    pub level: Level,
    /// Where, FHIRPath-like.
    pub path: String,
    /// What the rule says.
    pub message: &'static str,
    /// Where it is written.
    pub spec: &'static str,
}

#[cfg(test)]
mod tests;
