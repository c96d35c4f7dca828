//! The list of records with everything that narrows it: one line a fact, however many sources say it.

use crate::{CategoryCount, LabFlag, RecordLine};
use serde::{Deserialize, Serialize};

/// Which facts to list. All that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineFilter {
    /// Words that all must occur, the last one as typed so far; empty: any.
    pub text: String,
    /// One category, as in [`RecordLine::category`]; none: all.
    pub category: Option<String>,
    /// The first year; records without a date never fit a filter by years.
    pub from_year: Option<u16>,
    /// The last year.
    pub to_year: Option<u16>,
    /// One source, as in [`SourceCount::id`]: a fact fits where one of its records came from there.
    pub source: Option<String>,
    /// Only what is held back from shares.
    pub held_back: bool,
    /// Only what somebody signed and whose signature was checked.
    pub signed: bool,
    /// Only what sources disagree on.
    pub disagree: bool,
    /// How many to leave out from the front.
    pub offset: u64,
    /// How many at the most, up to 500; 0: the wallet's own page size of 50.
    pub limit: u32,
}

impl TimelineFilter {
    /// Whether anything but the words and the category narrows the list.
    pub fn is_narrow(&self) -> bool {
        self.from_year.is_some()
            || self.to_year.is_some()
            || self.source.is_some()
            || self.held_back
            || self.signed
            || self.disagree
    }
}

/// A page of the list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// The facts, newest first, the undated last.
    pub entries: Vec<TimelineEntry>,
    /// How many fit the filter.
    pub total: u64,
    /// How many there are without any filter.
    pub all: u64,
    /// How many each category has, under the rest of the filter but not its category, in the order a person meets them.
    pub categories: Vec<CategoryCount>,
    /// How many each year has, under the whole filter, in the order of the list. They come to `total`.
    pub years: Vec<YearCount>,
    /// Where records came from, over the whole vault, most first.
    pub sources: Vec<SourceCount>,
}

/// One fact in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// The record that stands for it. [`Request::Sheet`](crate::Request::Sheet) of its id shows the others beside it.
    pub line: RecordLine,
    /// How many sources say the same; 1 for most. Files of one name are one source.
    pub sources: u32,
    /// Whether they disagree on something a person should know (a dose, a value, whether it is over).
    pub disagree: bool,
    /// Whether it was signed by somebody, and the signature was checked.
    pub signed: bool,
    /// Whether the person typed it.
    pub typed: bool,
    /// The last values of the same measurement, oldest first, this one included; at most 12, empty where there are
    /// fewer than two or the units differ.
    pub run: Vec<RunPoint>,
}

/// A value in a run of values, for a picture of the size of a word.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RunPoint {
    /// The value, in the unit of the whole run.
    pub value: f64,
    /// How it stands to the range it was reported with.
    pub flag: LabFlag,
}

/// A year and how many facts it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearCount {
    /// The year; none: no date.
    pub year: Option<u16>,
    /// How many.
    pub count: u64,
}

/// A source and how many records came from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCount {
    /// The source.
    pub id: String,
    /// What to call it: a file's name, an organisation, "typed by hand"; hostile text.
    pub name: String,
    /// How many.
    pub count: u64,
}

impl From<RecordLine> for TimelineEntry {
    fn from(line: RecordLine) -> Self {
        Self { line, sources: 1, disagree: false, signed: false, typed: false, run: Vec::new() }
    }
}
