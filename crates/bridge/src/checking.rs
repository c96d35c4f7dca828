//! Holding a file against the rules of its format, as the interface sees it.

use crate::ShareFormat;
use serde::{Deserialize, Serialize};

/// What a check of a file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCheck {
    /// The file's name, without its folder.
    pub name: String,
    /// The rules that it was held against.
    pub format: ShareFormat,
    /// How many rules are broken, counted once for each place, so that the file does not conform.
    pub errors: u64,
    /// How many others: it conforms all the same.
    pub warnings: u64,
    /// The broken rules, errors first, at most [`BROKEN_MOST`].
    pub broken: Vec<RuleBroken>,
}

/// The most broken rules that a [`FileCheck`] lists.
pub const BROKEN_MOST: usize = 200;

/// A rule that a file breaks. All but the path is the wallet's own text, in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleBroken {
    /// The rule's name, as the specification has it.
    pub rule: String,
    /// How much it weighs.
    pub level: RuleLevel,
    /// What the rule says, as a sentence.
    pub says: String,
    /// Where it is broken, FHIRPath-like; made of the file, so hostile.
    pub path: String,
    /// The address at which the rule is written.
    pub spec: String,
}

/// How much a broken rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// The file does not conform.
    Error,
    /// It conforms, but does what one should not.
    Warning,
}
