//! A request for somebody's records as a person puts it together, what must hold of it, and what it is once it is written.

use crate::entry::is_date;
use crate::{AskedShare, ShareObligation};
use serde::{Deserialize, Serialize};

/// What somebody asks for. Texts are trimmed by the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDraft {
    /// Who asks, in their own words: 1 to [`NAME_MOST`] characters.
    pub by: String,
    /// Whether that is an organisation, and not a person.
    pub organization: bool,
    /// What for (HL7 v3 ActReason).
    pub purpose: String,
    /// Which categories; none: all.
    pub categories: Option<Vec<String>>,
    /// Only records of this date (`YYYY[-MM[-DD]]`) or later.
    pub since: Option<String>,
    /// Only records of this date or earlier.
    pub until: Option<String>,
    /// For how long, in seconds: within [`ASKED_SECONDS`].
    pub seconds: i64,
    /// How often; none: no limit.
    pub max_openings: Option<u32>,
    /// What they bind themselves to.
    pub obligations: Vec<ShareObligation>,
    /// Whether later changes are asked for as well.
    pub live: bool,
}

/// The most characters of the name of whoever asks.
pub const NAME_MOST: usize = 120;
/// For how long can be asked, in seconds: a minute to 365 days, as long as a share can last.
pub const ASKED_SECONDS: std::ops::RangeInclusive<i64> = 60..=365 * 86_400;

/// A field of a [`RequestDraft`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestField {
    /// [`RequestDraft::by`]
    By,
    /// [`RequestDraft::categories`]
    Categories,
    /// [`RequestDraft::since`]
    Since,
    /// [`RequestDraft::until`]
    Until,
    /// [`RequestDraft::seconds`]
    Seconds,
    /// [`RequestDraft::max_openings`]
    Openings,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestProblem {
    /// It must not be empty.
    Missing,
    /// It has more than [`NAME_MOST`] characters.
    TooLong,
    /// It holds characters that cannot be shown, or that turn the direction of what stands around them.
    NotText,
    /// It is no date, or one that does not exist.
    NoDate,
    /// It ends before it begins.
    EndsFirst,
    /// It is not within its limits.
    OutOfRange,
}

impl RequestDraft {
    /// A request by somebody as it is begun with: all records, for treatment, for a day.
    pub fn new(by: impl Into<String>) -> Self {
        Self {
            by: by.into(),
            organization: false,
            purpose: "TREAT".to_owned(),
            categories: None,
            since: None,
            until: None,
            seconds: 86_400,
            max_openings: None,
            obligations: Vec::new(),
            live: false,
        }
    }

    /// Everything that keeps it from being written, in the order of the fields. The wallet refuses what this refuses, and
    /// also what it alone can know: a category or a purpose that is none.
    pub fn problems(&self) -> Vec<(RequestField, RequestProblem)> {
        use RequestField::{By, Categories, Openings, Seconds, Since, Until};
        let mut found = Vec::new();
        match self.by.trim() {
            "" => found.push((By, RequestProblem::Missing)),
            by if by.chars().count() > NAME_MOST => found.push((By, RequestProblem::TooLong)),
            by if by.chars().any(is_unshown) => found.push((By, RequestProblem::NotText)),
            _ => {}
        }
        if self.categories.as_ref().is_some_and(Vec::is_empty) {
            found.push((Categories, RequestProblem::Missing));
        }
        let (since, until) = (self.since.as_deref(), self.until.as_deref());
        if since.is_some_and(|since| !is_date(since)) {
            found.push((Since, RequestProblem::NoDate));
        }
        // Only as far as both are said: "2026-03" and "2026" may go together.
        let ends_first = |until: &str| {
            let since = since.unwrap_or_default();
            let common = since.len().min(until.len());
            until.get(..common) < since.get(..common)
        };
        match until {
            Some(until) if !is_date(until) => found.push((Until, RequestProblem::NoDate)),
            Some(until) if ends_first(until) => found.push((Until, RequestProblem::EndsFirst)),
            _ => {}
        }
        if !ASKED_SECONDS.contains(&self.seconds) {
            found.push((Seconds, RequestProblem::OutOfRange));
        }
        if self.max_openings == Some(0) {
            found.push((Openings, RequestProblem::OutOfRange));
        }
        found
    }
}

/// What a name in a grant must not hold: controls, other ends of a line, and what turns the direction of text.
fn is_unshown(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// A request that was written, to be handed to whom it asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenRequest {
    /// The request as text: what its code says, what can be sent, what goes into a file.
    pub text: String,
    /// The same as a QR, rows of modules, `true` is dark, without the quiet zone.
    pub qr: Vec<Vec<bool>>,
    /// What whoever gets it reads in it.
    pub asked: AskedShare,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> RequestDraft {
        RequestDraft::new("Harbour Clinic")
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        use RequestField::*;
        use RequestProblem::*;
        assert_eq!(draft().problems(), []);
        let wrong = RequestDraft {
            by: "  ".to_owned(),
            categories: Some(vec![]),
            since: Some("2026-02-30".to_owned()),
            until: Some("soon".to_owned()),
            seconds: 59,
            max_openings: Some(0),
            ..draft()
        };
        let expected = [
            (By, Missing),
            (Categories, Missing),
            (Since, NoDate),
            (Until, NoDate),
            (Seconds, OutOfRange),
            (Openings, OutOfRange),
        ];
        assert_eq!(wrong.problems(), expected);
        let longest = 365 * 86_400;
        assert_eq!(RequestDraft { seconds: longest, ..draft() }.problems(), []);
        assert_eq!(RequestDraft { seconds: longest + 1, ..draft() }.problems(), [(Seconds, OutOfRange)]);
    }

    #[test]
    fn a_name_is_counted_in_characters_and_cannot_turn_what_stands_around_it() {
        let named = |by: &str| RequestDraft { by: by.to_owned(), ..draft() }.problems();
        assert_eq!(named(&"é".repeat(NAME_MOST)), []);
        assert_eq!(named(&"é".repeat(NAME_MOST + 1)), [(RequestField::By, RequestProblem::TooLong)]);
        assert_eq!(named(" Zoë 李, ليلى "), []);
        for odd in ["Dr\nExample", "Dr \u{202e}elpmaxE", "Dr\u{7}"] {
            assert_eq!(named(odd), [(RequestField::By, RequestProblem::NotText)], "{odd:?}");
        }
    }

    #[test]
    fn no_time_ends_before_it_begins_as_far_as_both_are_said() {
        let between = |since: &str, until: &str| {
            RequestDraft { since: Some(since.to_owned()), until: Some(until.to_owned()), ..draft() }.problems()
        };
        for good in [("2020", "2020"), ("2020-05", "2020"), ("2020", "2020-01-01"), ("2019-12-31", "2020")] {
            assert_eq!(between(good.0, good.1), [], "{good:?}");
        }
        for bad in [("2021", "2020"), ("2020-05", "2020-04-30"), ("2020-05-03", "2020-05-02")] {
            assert_eq!(between(bad.0, bad.1), [(RequestField::Until, RequestProblem::EndsFirst)], "{bad:?}");
        }
    }
}
