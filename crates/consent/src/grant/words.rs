//! The few texts that a grant holds, each checked at the door.

use crate::{Error, Result};
use serde::Serialize;
use std::fmt;

/// A name for people to read: 1 to 120 characters, no outer spaces, no control characters, nothing that turns the
/// reading direction (a name must not be able to rewrite the sentence it stands in).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// The most characters.
    pub const MAX_CHARS: usize = 120;

    /// Checks a name.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::TooLarge`] (in characters).
    pub fn new(text: &str) -> Result<Self> {
        // Cheap bound first: no character takes more than four bytes.
        if text.len() > Self::MAX_CHARS * 4 || text.chars().count() > Self::MAX_CHARS {
            return Err(Error::TooLarge { what: "name", limit: Self::MAX_CHARS as u64 });
        }
        if text.is_empty() || text.trim() != text || text.chars().any(is_forbidden) {
            return Err(Error::Invalid("name"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Control characters, line and paragraph separators, and the bidirectional controls of Unicode Annex 9.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// A language tag (BCP 47): 2 to 35 letters, digits and hyphens, e.g. `en` or `pt-BR`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Language(String);

impl Language {
    /// Checks a tag's form.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn new(tag: &str) -> Result<Self> {
        let mut parts = tag.split('-');
        let first = parts
            .next()
            .is_some_and(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let rest =
            parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if tag.len() <= 35 && first && rest { Ok(Self(tag.to_owned())) } else { Err(Error::Invalid("language")) }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A FHIR date of any precision: `2026`, `2026-05` or `2026-05-03`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct FhirDate(String);

impl FhirDate {
    /// Checks a date's form and ranges.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn new(text: &str) -> Result<Self> {
        let mut parts = text.split('-');
        let mut part = |digits: usize, low: u16, high: u16| -> Option<bool> {
            let part = parts.next()?;
            let value = part.parse::<u16>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
            Some(part.len() == digits && value.is_some_and(|value| (low..=high).contains(&value)))
        };
        let year = part(4, 1, 9999) == Some(true);
        let month = part(2, 1, 12);
        let day = part(2, 1, 31);
        if year && month != Some(false) && day != Some(false) && parts.next().is_none() {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::Invalid("date"))
        }
    }

    /// The date.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The date made whole by its first day, which makes two dates comparable as starts.
    pub(crate) fn first_day(&self) -> String {
        format!("{}{}", self.0, "-01-01".get(self.0.len() - 4..).unwrap_or(""))
    }

    /// The date made whole by a day past its last one, which makes two dates comparable as ends.
    pub(crate) fn last_day(&self) -> String {
        format!("{}{}", self.0, "-12-31".get(self.0.len() - 4..).unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["Dr Example", "医院", "O'Brien & Söhne", &"é".repeat(120)] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
        for bad in ["", " x", "x ", "a\nb", "a\u{202e}b", "a\u{0}", &"x".repeat(121), &"x".repeat(10_000)] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn languages() {
        for good in ["en", "pt-BR", "zh-Hans-CN", "de-CH-1996"] {
            assert!(Language::new(good).is_ok(), "{good}");
        }
        for bad in ["", "e", "en-", "-en", "en_GB", "en--x", "ü1", "1a", &"en-".repeat(20)] {
            assert!(Language::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates() {
        for good in ["2026", "2026-05", "2026-05-31"] {
            assert!(FhirDate::new(good).is_ok(), "{good}");
        }
        for bad in
            ["", "26", "2026-13", "2026-00", "2026-05-32", "2026-5", "2026-05-03T", "+026", "2026-05-03-01", "0000"]
        {
            assert!(FhirDate::new(bad).is_err(), "{bad}");
        }
        assert_eq!(FhirDate::new("2026").unwrap().first_day(), "2026-01-01");
        assert_eq!(FhirDate::new("2026").unwrap().last_day(), "2026-12-31");
        assert_eq!(FhirDate::new("2026-05").unwrap().last_day(), "2026-05-31");
        assert_eq!(FhirDate::new("2026-05-03").unwrap().last_day(), "2026-05-03");
    }
}
