//! Which records a grant covers.

use super::tables::{Category, Content, LeftOut, Sensitivity, Set};
use super::words::FhirDate;
use crate::{Error, Result, encoding};
use serde::Serialize;

/// Which records. Each part narrows; a part that is not there does not. What was really given is fixed by the entries'
/// root; this says what the patient chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The categories; none: all.
    pub categories: Option<Set<Category>>,
    /// Only records with one of these codes, at most [`Scope::MAX_CODES`]; empty: any code.
    pub codes: Vec<Code>,
    /// Only records of this date or later; [lasting](Scope::LASTING) ones however old they are.
    pub since: Option<FhirDate>,
    /// Only records of this date or earlier.
    pub until: Option<FhirDate>,
    /// Records named one by one by their identity, at most [`Scope::MAX_PINNED`], included whatever the rest says.
    #[serde(serialize_with = "encoding::serialize_list")]
    pub pinned: Vec<[u8; 32]>,
    /// The rule by which sensitive records are left out: labels that were not ticked. It is the rule, written whether
    /// or not such a record exists, and never what the rule caught: that would itself tell.
    pub leaves_out: Set<Sensitivity>,
    /// Whether the reader is told that something was left out, as the patient chose.
    pub left_out: LeftOut,
    /// Whether later changes are included.
    pub content: Content,
}

/// A code in its system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The system's URI, at most 200 bytes.
    pub system: String,
    /// The code, at most 64 bytes.
    pub code: String,
}

impl Scope {
    /// The most codes.
    pub const MAX_CODES: usize = 32;
    /// Categories of which records are given however old they are: an allergy of long ago is one today.
    pub const LASTING: [Category; 4] =
        [Category::Allergy, Category::Problem, Category::Medicine, Category::Immunization];
    /// The most pinned records.
    pub const MAX_PINNED: usize = 64;

    /// All categories as they are now, leaving out every sensitive label, and not saying whether that caught anything.
    pub fn all_but_sensitive() -> Self {
        Self {
            categories: None,
            codes: Vec::new(),
            since: None,
            until: None,
            pinned: Vec::new(),
            leaves_out: Set::all(),
            left_out: LeftOut::NotStated,
            content: Content::Snapshot,
        }
    }

    /// The date that every record given bears or comes after; none where lasting ones may be among them.
    pub fn earliest(&self) -> Option<&FhirDate> {
        let lasting =
            self.categories.is_none_or(|categories| Self::LASTING.iter().any(|lasting| categories.contains(*lasting)));
        self.since.as_ref().filter(|_| !lasting)
    }

    /// Whether it covers all records, and does not say that some are missing.
    pub fn is_whole(&self) -> bool {
        let narrowed =
            self.categories.is_some() || !self.codes.is_empty() || self.since.is_some() || self.until.is_some();
        // Records named one by one are added to the rest, and here the rest is everything.
        !narrowed && self.leaves_out.is_empty() && self.left_out != LeftOut::Something
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.categories.is_some_and(|categories| categories.is_empty()) {
            return Err(Error::Invalid("choice of categories"));
        }
        if self.codes.len() > Self::MAX_CODES {
            return Err(Error::TooLarge { what: "list of codes", limit: Self::MAX_CODES as u64 });
        }
        if self.pinned.len() > Self::MAX_PINNED {
            return Err(Error::TooLarge { what: "list of pinned records", limit: Self::MAX_PINNED as u64 });
        }
        self.codes.iter().try_for_each(Code::check)
    }
}

impl Code {
    /// Checks the lengths, and that neither part has control characters or outer spaces.
    pub(crate) fn check(&self) -> Result<()> {
        let fits = |text: &str, max: usize| {
            (1..=max).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
        };
        if fits(&self.system, 200) && fits(&self.code, 64) { Ok(()) } else { Err(Error::Invalid("code")) }
    }
}
