//! What a person types in by hand, and what must hold of it before it becomes a record.

use serde::{Deserialize, Serialize};

/// The kinds of things to type in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// An AllergyIntolerance.
    Allergy,
    /// A Condition.
    Condition,
    /// A MedicationStatement.
    Medicine,
    /// An Immunization.
    Vaccination,
    /// An Observation of the category `vital-signs` or `laboratory`.
    Measurement,
    /// A DocumentReference that holds plain text.
    #[default]
    Note,
}

impl EntryKind {
    /// Every kind, in the order a person chooses from.
    pub const ALL: [EntryKind; 6] =
        [Self::Allergy, Self::Condition, Self::Medicine, Self::Vaccination, Self::Measurement, Self::Note];

    /// Its name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allergy => "allergy",
            Self::Condition => "condition",
            Self::Medicine => "medicine",
            Self::Vaccination => "vaccination",
            Self::Measurement => "measurement",
            Self::Note => "note",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a person typed. Texts are trimmed by the wallet; empty means "not said".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEntry {
    /// The record that this corrects, as in [`RecordLine::id`](crate::RecordLine::id); none: a new one. The former
    /// version stays in the vault.
    pub corrects: Option<String>,
    /// What it is.
    pub kind: EntryKind,
    /// What a person calls it: the substance, the condition, the medicine, the vaccine, what was measured; a note's
    /// title.
    pub title: String,
    /// The code that came with a suggestion, while its title was left as suggested.
    pub code: Option<EntryCode>,
    /// When it began, was given, was measured, was written: `2026`, `2026-05` or `2026-05-03`.
    pub date: String,
    /// When it ended (condition, medicine), in the same form.
    pub end: String,
    /// What was measured: a number with a point or a comma, or a word without digits ("negative"). Two numbers with a
    /// slash, the upper first, for blood pressure ([`OwnEntry::is_blood_pressure`]).
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// Whether it is over (allergy, condition, medicine); something with an `end` is over whatever this says.
    pub over: bool,
    /// What happens (allergy).
    pub reaction: String,
    /// Whether it could threaten life (allergy); none: not said.
    pub dangerous: Option<bool>,
    /// How bad it is (allergy, condition).
    pub severity: Option<EntrySeverity>,
    /// How it is taken (medicine); which dose it was (vaccination).
    pub dose: String,
    /// The lot number (vaccination).
    pub lot: String,
    /// Anything else; the text of a note.
    pub note: String,
}

/// A code of a terminology.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCode {
    /// The code system's URI.
    pub system: String,
    /// The code.
    pub code: String,
}

/// How bad an allergic reaction is (FHIR `AllergyIntolerance.reaction.severity`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntrySeverity {
    /// Mild.
    Mild,
    /// Moderate.
    Moderate,
    /// Severe.
    Severe,
}

/// Something to offer while a person types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What would be written.
    pub title: String,
    /// The unit that goes with it (measurement); may be empty.
    pub unit: String,
    /// Its code.
    pub code: Option<EntryCode>,
}

/// A field of an [`OwnEntry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryField {
    /// [`OwnEntry::title`]
    Title,
    /// [`OwnEntry::date`]
    Date,
    /// [`OwnEntry::end`]
    End,
    /// [`OwnEntry::value`]
    Value,
    /// [`OwnEntry::note`]
    Note,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryProblem {
    /// It must not be empty.
    Missing,
    /// It has more than [`TEXT_MOST`] characters ([`NOTE_MOST`] for a note).
    TooLong,
    /// It is no date, or one that does not exist.
    NoDate,
    /// It is a date that has not come yet.
    InFuture,
    /// It ended before it began.
    EndsFirst,
    /// It has digits and is no number, or is not the two of a blood pressure.
    NoNumber,
}

/// The most characters of a short text.
pub const TEXT_MOST: usize = 200;
/// The most characters of a note.
pub const NOTE_MOST: usize = 10_000;

impl OwnEntry {
    /// Whether it is a blood pressure (LOINC 85354-9), the one measurement of two numbers.
    pub fn is_blood_pressure(&self) -> bool {
        let loinc = |code: &EntryCode| code.system == "http://loinc.org" && code.code == "85354-9";
        self.kind == EntryKind::Measurement && self.code.as_ref().is_some_and(loinc)
    }

    /// Everything that keeps it from becoming a record, in the order of the fields. `today` is a full date
    /// (`2026-05-03`) in the person's zone. The wallet refuses what this refuses.
    pub fn problems(&self, today: &str) -> Vec<(EntryField, EntryProblem)> {
        use EntryField::{Date, End, Note, Title, Value};
        let mut found = Vec::new();
        match self.title.trim() {
            "" => found.push((Title, EntryProblem::Missing)),
            title if title.chars().count() > TEXT_MOST => found.push((Title, EntryProblem::TooLong)),
            _ => {}
        }
        if self.kind == EntryKind::Measurement {
            match self.value.trim() {
                "" => found.push((Value, EntryProblem::Missing)),
                value if !is_value(value, self.is_blood_pressure()) => found.push((Value, EntryProblem::NoNumber)),
                _ => {}
            }
        }
        let needs_date = matches!(self.kind, EntryKind::Measurement | EntryKind::Vaccination);
        match date_problem(self.date.trim(), today) {
            None if needs_date && self.date.trim().is_empty() => found.push((Date, EntryProblem::Missing)),
            problem => found.extend(problem.map(|problem| (Date, problem))),
        }
        let ends_first = || {
            let (begun, ended) = (self.date.trim(), self.end.trim());
            // Only as far as both are said: "2026" and "2026-03" may go together.
            let common = begun.len().min(ended.len());
            common > 0 && ended.get(..common) < begun.get(..common)
        };
        match date_problem(self.end.trim(), today) {
            None if ends_first() => found.push((End, EntryProblem::EndsFirst)),
            problem => found.extend(problem.map(|problem| (End, problem))),
        }
        match self.note.trim() {
            "" if self.kind == EntryKind::Note => found.push((Note, EntryProblem::Missing)),
            note if note.chars().count() > NOTE_MOST => found.push((Note, EntryProblem::TooLong)),
            _ => {}
        }
        found
    }
}

/// One decimal number, or the two of a blood pressure with a slash between, or words without digits.
fn is_value(text: &str, blood_pressure: bool) -> bool {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return !blood_pressure;
    }
    let mut parts = text.split('/');
    let number = |part: &str| {
        let part = part.trim();
        let digits = part.strip_prefix('-').unwrap_or(part);
        digits.starts_with(|first: char| first.is_ascii_digit())
            && digits.ends_with(|last: char| last.is_ascii_digit())
            && digits.len() <= 20
            && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
            && digits.bytes().filter(|byte| matches!(byte, b'.' | b',')).count() <= 1
    };
    let upper = parts.next().is_some_and(number);
    let lower = parts.next();
    upper && lower.is_some() == blood_pressure && lower.is_none_or(number) && parts.next().is_none()
}

/// What is wrong with a date of the form `2026`, `2026-05` or `2026-05-03`; an empty one is in order.
fn date_problem(text: &str, today: &str) -> Option<EntryProblem> {
    if text.is_empty() {
        return None;
    }
    if !is_date(text) {
        return Some(EntryProblem::NoDate);
    }
    (text > today.get(..text.len()).unwrap_or(today)).then_some(EntryProblem::InFuture)
}

/// Whether a text is a date of the form `2026`, `2026-05` or `2026-05-03` that there is, from 1850 on.
pub(crate) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |digits: usize| match parts.next() {
        None => Some(None),
        Some(part) if part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()) => {
            part.parse::<u16>().ok().map(Some)
        }
        Some(_) => None,
    };
    let (Some(Some(year)), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        None => return year >= 1850 && parts.next().is_none(),
        Some(1 | 3 | 5 | 7 | 8 | 10 | 12) => 31,
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) => 28 + u16::from(leap),
        Some(_) => return false,
    };
    year >= 1850 && parts.next().is_none() && day.is_none_or(|day| (1..=days).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-05-03";

    fn entry(kind: EntryKind) -> OwnEntry {
        OwnEntry { kind, title: "Something".to_owned(), ..OwnEntry::default() }
    }

    #[test]
    fn dates_have_three_precisions_and_must_exist() {
        for good in ["2026", "2026-05", "2026-05-03", "2024-02-29", "1999-12-31", "1850", "2000-02-29"] {
            assert_eq!(date_problem(good, TODAY), None, "{good}");
        }
        for bad in [
            "26",
            "2026-5",
            "2026-13",
            "2025-02-29",
            "1900-02-29",
            "2026-05-03-01",
            "2026-",
            "-2026",
            "1849",
            "٢٠٢٦",
            "x",
        ] {
            assert_eq!(date_problem(bad, TODAY), Some(EntryProblem::NoDate), "{bad}");
        }
        for late in ["2027", "2026-06", "2026-05-04"] {
            assert_eq!(date_problem(late, TODAY), Some(EntryProblem::InFuture), "{late}");
        }
    }

    #[test]
    fn numbers_have_a_point_or_a_comma_and_blood_pressure_has_two() {
        for good in ["5", "5.40", "5,40", "-1.5", "negative", "not found"] {
            assert!(is_value(good, false), "{good}");
        }
        for bad in ["5.", ".5", "1.2.3", "1,234.5", "1/2/3", "/80", "120/80", "1e5", "--1", "about 5"] {
            assert!(!is_value(bad, false), "{bad}");
        }
        assert!(is_value("120/80", true) && is_value("120 / 80", true));
        for bad in ["120", "120/", "/80", "high", "120/80/60"] {
            assert!(!is_value(bad, true), "{bad}");
        }
    }

    #[test]
    fn each_kind_says_what_it_misses() {
        use EntryField::*;
        let missing = |entry: OwnEntry| entry.problems(TODAY);
        assert_eq!(missing(OwnEntry::default()), [(Title, EntryProblem::Missing), (Note, EntryProblem::Missing)]);
        assert_eq!(
            missing(OwnEntry { kind: EntryKind::Allergy, ..OwnEntry::default() }),
            [(Title, EntryProblem::Missing)]
        );
        assert_eq!(
            missing(entry(EntryKind::Measurement)),
            [(Value, EntryProblem::Missing), (Date, EntryProblem::Missing)]
        );
        assert_eq!(missing(entry(EntryKind::Vaccination)), [(Date, EntryProblem::Missing)]);
        assert_eq!(missing(entry(EntryKind::Condition)), []);
    }

    #[test]
    fn nothing_ends_before_it_begins_as_far_as_both_are_said() {
        let with = |date: &str, end: &str| {
            let dates = OwnEntry { date: date.to_owned(), end: end.to_owned(), ..entry(EntryKind::Medicine) };
            dates.problems(TODAY)
        };
        assert_eq!(with("2025-06", "2025-05-30"), [(EntryField::End, EntryProblem::EndsFirst)]);
        assert_eq!(with("2025-06", "2025"), []);
        assert_eq!(with("", "2025"), []);
    }

    #[test]
    fn texts_are_bounded() {
        let long =
            OwnEntry { title: "x".repeat(TEXT_MOST + 1), note: "x".repeat(NOTE_MOST + 1), ..OwnEntry::default() };
        assert_eq!(
            long.problems(TODAY),
            [(EntryField::Title, EntryProblem::TooLong), (EntryField::Note, EntryProblem::TooLong)]
        );
    }
}
