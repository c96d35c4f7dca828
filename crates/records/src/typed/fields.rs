//! Which fields an entry has, and what is wrong with each, in words for the person who typed them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{TypedEntry, TypedKind};
use crate::datetime;

/// The most characters of a short text.
const SHORT: usize = 200;
/// The most characters of a comment.
const LONG: usize = 10_000;

/// A field of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypedField {
    /// `what`
    What,
    /// `since`
    Since,
    /// `until`
    Until,
    /// `severity`
    Severity,
    /// `reaction`
    Reaction,
    /// `dangerous`
    Dangerous,
    /// `dose`
    Dose,
    /// `lot`
    Lot,
    /// `value`
    Value,
    /// `lower_value`
    LowerValue,
    /// `unit`
    Unit,
    /// `comment`
    Comment,
}

/// Why a field cannot stay as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FieldReason {
    /// Nothing was typed.
    Missing,
    /// More characters than the limit.
    TooLong,
    /// Control characters, which no keyboard types.
    NotText,
    /// Not a date.
    NotADate,
    /// In the future.
    InTheFuture,
    /// Before anybody alive was born.
    TooLongAgo,
    /// The end is before the beginning.
    EndsBeforeItBegins,
    /// An end, but said to be still so.
    StillActive,
    /// Not a number.
    NotANumber,
    /// This kind of entry has no such field.
    DoesNotApply,
}

impl FieldReason {
    /// A stable name for it, and its translation key.
    pub fn code(self) -> &'static str {
        match self {
            FieldReason::Missing => "missing",
            FieldReason::TooLong => "too_long",
            FieldReason::NotText => "not_text",
            FieldReason::NotADate => "not_a_date",
            FieldReason::InTheFuture => "in_the_future",
            FieldReason::TooLongAgo => "too_long_ago",
            FieldReason::EndsBeforeItBegins => "ends_before_it_begins",
            FieldReason::StillActive => "still_active",
            FieldReason::NotANumber => "not_a_number",
            FieldReason::DoesNotApply => "does_not_apply",
        }
    }
}

impl fmt::Display for FieldReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            FieldReason::Missing => "Please fill this in.",
            FieldReason::TooLong => "This is too long; please shorten it.",
            FieldReason::NotText => "This holds characters that cannot be shown; please type it again.",
            FieldReason::NotADate => "This is not a date. A year, a month and year, or a full date will do.",
            FieldReason::InTheFuture => "This date is in the future.",
            FieldReason::TooLongAgo => "This date is too long ago; please check the year.",
            FieldReason::EndsBeforeItBegins => "This is before the beginning; please check both dates.",
            FieldReason::StillActive => "This has an end date, but is marked as still so; please change one of them.",
            FieldReason::NotANumber => "This is not a number.",
            FieldReason::DoesNotApply => "This does not belong to this kind of entry; please leave it empty.",
        })
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field.
    pub field: TypedField,
    /// What is wrong with it.
    pub reason: FieldReason,
}

impl TypedEntry {
    /// What stands in the way of keeping the entry, field by field; empty where nothing does. `now` in Unix seconds; a
    /// day ahead counts as today, because the sun is elsewhere for others.
    pub fn problems(&self, now: i64) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut problem = |field, reason| found.push(FieldProblem { field, reason });
        if self.what.trim().is_empty() {
            problem(TypedField::What, FieldReason::Missing);
        }
        for (field, text) in self.texts() {
            let limit = if field == TypedField::Comment { LONG } else { SHORT };
            if text.chars().count() > limit {
                problem(field, FieldReason::TooLong);
            }
            if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r')) {
                problem(field, FieldReason::NotText);
            }
            if !applies(self.kind, field) && !text.trim().is_empty() {
                problem(field, FieldReason::DoesNotApply);
            }
        }
        for (field, set) in
            [(TypedField::Severity, self.severity.is_some()), (TypedField::Dangerous, self.dangerous.is_some())]
        {
            if set && !applies(self.kind, field) {
                problem(field, FieldReason::DoesNotApply);
            }
        }
        for (field, date) in [(TypedField::Since, &self.since), (TypedField::Until, &self.until)] {
            let Some(date) = date.as_deref().map(str::trim).filter(|date| !date.is_empty()) else { continue };
            match date_seconds(date) {
                None => problem(field, FieldReason::NotADate),
                Some(seconds) if seconds > now.saturating_add(86_400) => problem(field, FieldReason::InTheFuture),
                Some(_) if date < "1850" => problem(field, FieldReason::TooLongAgo),
                Some(_) => {}
            }
        }
        if let (Some(since), Some(until)) = (&self.since, &self.until)
            && date_seconds(since).is_some()
            && date_seconds(until).is_some()
            && ends_before(since.trim(), until.trim())
        {
            problem(TypedField::Until, FieldReason::EndsBeforeItBegins);
        }
        if self.until.is_some() && self.kind == TypedKind::Condition && self.status == super::TypedStatus::Active {
            problem(TypedField::Until, FieldReason::StillActive);
        }
        if self.kind == TypedKind::Measurement {
            self.measured(&mut problem);
        }
        if self.kind == TypedKind::Note && is_blank(self.comment.as_deref()) {
            problem(TypedField::Comment, FieldReason::Missing);
        }
        found
    }

    fn measured(&self, problem: &mut impl FnMut(TypedField, FieldReason)) {
        if is_blank(self.value.as_deref()) {
            problem(TypedField::Value, FieldReason::Missing);
        }
        if !self.is_blood_pressure() {
            if !is_blank(self.lower_value.as_deref()) {
                problem(TypedField::LowerValue, FieldReason::DoesNotApply);
            }
            return;
        }
        for (field, value) in [(TypedField::Value, &self.value), (TypedField::LowerValue, &self.lower_value)] {
            match value.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) if number(text).is_none() => problem(field, FieldReason::NotANumber),
                None if field == TypedField::LowerValue => problem(field, FieldReason::Missing),
                _ => {}
            }
        }
    }

    fn texts(&self) -> impl Iterator<Item = (TypedField, &str)> {
        let optional = [
            (TypedField::Since, &self.since),
            (TypedField::Until, &self.until),
            (TypedField::Reaction, &self.reaction),
            (TypedField::Dose, &self.dose),
            (TypedField::Lot, &self.lot),
            (TypedField::Value, &self.value),
            (TypedField::LowerValue, &self.lower_value),
            (TypedField::Unit, &self.unit),
            (TypedField::Comment, &self.comment),
        ];
        let optional = optional.into_iter().filter_map(|(field, text)| Some((field, text.as_deref()?)));
        std::iter::once((TypedField::What, self.what.as_str())).chain(optional)
    }

    pub(super) fn texts_mut(&mut self) -> [(TypedField, &mut Option<String>); 9] {
        [
            (TypedField::Since, &mut self.since),
            (TypedField::Until, &mut self.until),
            (TypedField::Reaction, &mut self.reaction),
            (TypedField::Dose, &mut self.dose),
            (TypedField::Lot, &mut self.lot),
            (TypedField::Value, &mut self.value),
            (TypedField::LowerValue, &mut self.lower_value),
            (TypedField::Unit, &mut self.unit),
            (TypedField::Comment, &mut self.comment),
        ]
    }
}

/// Whether an entry of that kind has that field.
pub(super) fn applies(kind: TypedKind, field: TypedField) -> bool {
    match field {
        TypedField::What | TypedField::Since | TypedField::Comment => true,
        TypedField::Until => matches!(kind, TypedKind::Condition | TypedKind::Medicine),
        TypedField::Severity => matches!(kind, TypedKind::Allergy | TypedKind::Condition),
        TypedField::Reaction | TypedField::Dangerous => kind == TypedKind::Allergy,
        TypedField::Dose => matches!(kind, TypedKind::Medicine | TypedKind::Vaccination),
        TypedField::Lot => kind == TypedKind::Vaccination,
        TypedField::Value | TypedField::LowerValue | TypedField::Unit => kind == TypedKind::Measurement,
    }
}

/// The text of a number as JSON and FHIR write it, from what a person types: a decimal comma becomes a point, a leading
/// plus goes; at most 18 digits. Its zeros stay (`72.50`).
pub(super) fn number(text: &str) -> Option<String> {
    let text = text.trim().replacen(',', ".", 1);
    let text = text.strip_prefix('+').unwrap_or(&text);
    let (sign, digits) = text.strip_prefix(['-', '\u{2212}']).map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || digits.len() > 19 || fraction.is_some_and(|part| !all_digits(part)) {
        return None;
    }
    let trimmed = whole.trim_start_matches('0');
    let whole = if trimmed.is_empty() { "0" } else { trimmed };
    Some(fraction.map_or_else(|| format!("{sign}{whole}"), |part| format!("{sign}{whole}.{part}")))
}

/// Seconds of the earliest moment that a year, month or day can mean; `None` for anything else.
fn date_seconds(date: &str) -> Option<i64> {
    let date = date.trim();
    if !matches!(date.len(), 4 | 7 | 10) {
        return None;
    }
    datetime::unix_seconds(date)
}

/// Whether the end is surely before the beginning: compared at the coarser of the two.
fn ends_before(since: &str, until: &str) -> bool {
    let common = since.len().min(until.len());
    match (since.get(..common), until.get(..common)) {
        (Some(since), Some(until)) => until < since,
        _ => false,
    }
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}
