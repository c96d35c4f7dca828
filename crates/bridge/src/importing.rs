//! Importing as the interface sees it: many files in one run, what each became, and what the wallet must ask first.
//!
//! A run never waits for the person. A file that needs an answer ends with a [`ImportQuestion`] and nothing of it is in
//! the vault (but a link that was found beside records is only asked about once they are); the answer starts a new run of
//! that file alone. So there is no half-open state on either side: locking
//! the vault forgets the questions, and the files are as they were.

use crate::{CategoryCount, ImportAccount, Passphrase, SkippedEntry};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What to import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportSource {
    /// Files that the person picks with the system's own dialog, several at once.
    PickFiles,
    /// A folder that the person picks with the system's own dialog; everything in it and below it is read.
    PickFolder,
    /// Absolute paths of files and folders, dropped on the window.
    Paths(Vec<String>),
    /// A code that was scanned elsewhere and pasted: `shc:/…`, `HC1:…`, `shlink:/…` (a viewer's address before it is
    /// allowed), several of them on a line each (`HC1:` may hold spaces).
    Pasted(Pasted),
}

/// Pasted text on its way into the wallet: hidden from `Debug`, because it may hold records or a key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pasted(pub String);

impl fmt::Debug for Pasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pasted({} bytes)", self.0.len())
    }
}

/// The most bytes of pasted text that the wallet reads; more is refused before anything is looked at.
pub const PASTED_BYTES: usize = 256 << 10;

/// A file of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFile {
    /// Its name, without its folder. What kind of code it was where a code was pasted, e.g. `SMART Health Card`.
    pub name: String,
    /// The folder below the one that was chosen, with `/` between its parts; empty where there is none.
    pub folder: String,
    /// Its size on the disk.
    pub bytes: u64,
}

/// A file of the running import moved on. Sent at most ten times a second for one file, and always when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProgress {
    /// Which, as a place in the list of [`Event::ImportStarted`](crate::Event::ImportStarted), from 0.
    pub number: u32,
    /// How far it is.
    pub state: FileState,
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Its turn has not come.
    Waiting,
    /// It is being read.
    Reading {
        /// How much of it is done.
        done: u64,
        /// How much there is; 0 where that is not known yet.
        total: u64,
        /// What is counted.
        unit: CountUnit,
    },
    /// It ended: taken, refused as a whole ([`ImportAccount::error`]) or stopped ([`ImportReport::stopped`]).
    Ended(Box<ImportReport>),
    /// It needs an answer; nothing of it is in the vault.
    Asks(Box<ImportQuestion>),
}

/// What a progress counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountUnit {
    /// Entries of the file.
    Entries,
    /// Bytes of the file, where its entries cannot be counted beforehand.
    Bytes,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The import in the vault's journal; empty where nothing was written there.
    pub id: String,
    /// The folder below the one that was chosen; may be empty.
    pub folder: String,
    /// What became of each entry. `format` says in plain words what the file was ("Apple Health export").
    pub account: ImportAccount,
    /// What the new records are, by category. The counts come to [`ImportAccount::imported`].
    pub categories: Vec<CategoryCount>,
    /// Documents and pictures that were kept beside the records.
    pub attachments: u64,
    /// The entries of which only the text could be kept, each with the reason; as many as
    /// [`ImportAccount::narrative_only`], or the first 1000.
    pub as_text: Vec<SkippedEntry>,
    /// What else a person should know, as whole sentences ("Where 3 pictures were taken was left out.").
    pub notes: Vec<String>,
    /// Links to records elsewhere that are in the file. None was opened; the links themselves are in no report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<FoundLink>,
    /// The person stopped it; nothing of this file is in the vault.
    pub stopped: bool,
}

/// What a link in a file is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A SMART Health Link, to more records.
    #[default]
    Records,
    /// A withdrawal card: it stops a share. It is used by [`Request::UseFoundCard`](crate::Request::UseFoundCard).
    Card,
}

/// A link in a file: where it leads, and not the link, which is a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLink {
    /// The question whether to open it ([`QuestionAbout::FoundLink`]). Empty where it is not asked, or was forgotten with
    /// the run: reading the file again asks again.
    #[serde(default)]
    pub question: String,
    /// What it is.
    #[serde(default)]
    pub kind: FoundKind,
    /// Which file of an archive it is in; empty where it is in the file itself.
    pub path: String,
    /// What whoever made it calls it; hostile text, may be empty.
    pub label: String,
    /// The computer that it leads to, e.g. `health.example.org`; empty for a card that does not say.
    pub host: String,
}

impl From<ImportAccount> for ImportReport {
    fn from(account: ImportAccount) -> Self {
        Self {
            id: String::new(),
            folder: String::new(),
            account,
            categories: Vec::new(),
            attachments: 0,
            as_text: Vec::new(),
            notes: Vec::new(),
            links: Vec::new(),
            stopped: false,
        }
    }
}

/// What became of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRun {
    /// Each file that ended, in the order of the run.
    pub reports: Vec<ImportReport>,
    /// What must be answered before the other files can be read.
    pub questions: Vec<ImportQuestion>,
    /// The person stopped it: what is in `reports` without [`ImportReport::stopped`] stays.
    pub stopped: bool,
    /// Files whose turn had not come when it was stopped.
    pub not_begun: u32,
    /// How many of the new records are somebody else's than the person's, or nobody knows whose ([`RecordLine::another`](crate::RecordLine::another)).
    #[serde(default)]
    pub others: u64,
}

/// Something the wallet must know before it can read a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportQuestion {
    /// The question; good until it is answered or the vault is locked.
    pub id: String,
    /// The file.
    pub file: ImportFile,
    /// What is asked.
    pub about: QuestionAbout,
}

/// What is asked about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionAbout {
    /// What the columns of a table mean.
    Table(TableQuestion),
    /// The passcode of a SMART Health Link.
    Link(LinkQuestion),
    /// A picture says where it was taken: keep that or leave it out?
    Location,
    /// A file holds a link: open it and import what it leads to? What else the file held is in the vault already.
    FoundLink(FoundLink),
}

/// A table whose columns nobody has explained yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableQuestion {
    /// The columns, with what they seem to be.
    pub columns: Vec<TableColumn>,
    /// The first rows as text, at most 8; each has as many cells as there are columns, each cell at most 200 bytes.
    pub rows: Vec<Vec<String>>,
    /// Rows below the heading.
    pub total: u64,
    /// The order in which its dates seem to be written.
    pub dates: DateOrder,
    /// Whether the rows prove that order (a day above 12, a year first); if not, the person is asked.
    pub dates_certain: bool,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableColumn {
    /// Its heading, as written; may be empty.
    pub title: String,
    /// What it seems to be.
    pub role: ColumnRole,
}

/// What a column of a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// Nothing that is taken.
    Ignore,
    /// When, with or without a time.
    Date,
    /// The time of day, beside a date.
    Time,
    /// The measured value.
    Value,
    /// The value's unit.
    Unit,
    /// What was measured.
    Kind,
    /// A remark.
    Note,
}

impl ColumnRole {
    /// Every role, in the order a person chooses from.
    pub const ALL: [ColumnRole; 7] =
        [Self::Ignore, Self::Date, Self::Time, Self::Value, Self::Unit, Self::Kind, Self::Note];
}

/// The order in which a table writes its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-05-03
    YearMonthDay,
    /// 03.05.2026
    DayMonthYear,
    /// 05/03/2026
    MonthDayYear,
}

/// A link that opens only with a passcode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkQuestion {
    /// What whoever made it calls it; hostile text, may be empty.
    pub label: String,
    /// The computer that it leads to, e.g. `health.example.org`.
    pub host: String,
    /// Whether a passcode was tried and was wrong.
    pub wrong: bool,
    /// How many tries are left, where the other side says so.
    pub tries_left: Option<u32>,
}

/// An answer to an [`ImportQuestion`].
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportAnswer {
    /// Which question.
    pub question: String,
    /// What the person chose.
    pub answer: Answer,
}

/// What the person chose.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What the columns mean.
    Table(TableAnswer),
    /// The passcode.
    Passcode(Passphrase),
    /// Open the link; one that wants a passcode asks for it ([`QuestionAbout::Link`]).
    OpenLink,
    /// Take the picture without the place where it was taken. The picture itself stays as it is.
    LeaveOutLocation,
    /// Take the picture as it is.
    KeepLocation,
    /// Do not take the file at all, or do not open the link; the question is forgotten.
    Dismiss,
}

/// What the columns of a table mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableAnswer {
    /// What each column holds, in their order. Exactly one [`Date`](ColumnRole::Date) and one
    /// [`Value`](ColumnRole::Value); the others at most once, but [`Ignore`](ColumnRole::Ignore).
    pub roles: Vec<ColumnRole>,
    /// How its dates are written.
    pub dates: DateOrder,
    /// The unit of all rows, where no column says it; empty: the values are kept without a unit, and that is shown.
    pub unit: String,
    /// What was measured in all rows, where no column says it.
    pub kind: String,
    /// Whether the next file with these headings is read in the same way without asking.
    pub remember: bool,
}

/// What is wrong with a [`TableAnswer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableProblem {
    /// No column is the date.
    NoDate,
    /// No column is the value.
    NoValue,
    /// Two columns are said to be the same thing.
    Twice(ColumnRole),
    /// Neither a column nor the person says what was measured.
    NoKind,
}

impl TableAnswer {
    /// The first thing that keeps it from being used. The wallet refuses what this refuses.
    pub fn problem(&self) -> Option<TableProblem> {
        let count = |role| self.roles.iter().filter(|&&other| other == role).count();
        let twice = ColumnRole::ALL.into_iter().find(|&role| role != ColumnRole::Ignore && count(role) > 1);
        match twice {
            Some(role) => Some(TableProblem::Twice(role)),
            None if count(ColumnRole::Date) == 0 => Some(TableProblem::NoDate),
            None if count(ColumnRole::Value) == 0 => Some(TableProblem::NoValue),
            None if count(ColumnRole::Kind) == 0 && self.kind.trim().is_empty() => Some(TableProblem::NoKind),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_text_and_passcodes_never_show_in_debug_output() {
        let source = ImportSource::Pasted(Pasted("shlink:/secret".to_owned()));
        assert!(!format!("{source:?}").contains("secret"));
        let answer = Answer::Passcode(Passphrase::new("4711".to_owned()));
        assert!(!format!("{answer:?}").contains("4711"));
    }

    #[test]
    fn a_table_needs_a_date_a_value_and_what_was_measured() {
        use ColumnRole::*;
        let mut answer = TableAnswer {
            roles: vec![Ignore, Ignore],
            dates: DateOrder::DayMonthYear,
            unit: String::new(),
            kind: String::new(),
            remember: false,
        };
        assert_eq!(answer.problem(), Some(TableProblem::NoDate));
        answer.roles = vec![Date, Ignore];
        assert_eq!(answer.problem(), Some(TableProblem::NoValue));
        answer.roles = vec![Date, Value];
        assert_eq!(answer.problem(), Some(TableProblem::NoKind));
        answer.kind = "Glucose".to_owned();
        assert_eq!(answer.problem(), None);
        answer.roles = vec![Date, Value, Value];
        assert_eq!(answer.problem(), Some(TableProblem::Twice(Value)));
    }

    #[test]
    fn a_state_survives_json() -> Result<(), serde_json::Error> {
        let state = FileState::Reading { done: 7, total: 0, unit: CountUnit::Bytes };
        let progress = FileProgress { number: 3, state };
        assert_eq!(serde_json::from_str::<FileProgress>(&serde_json::to_string(&progress)?)?, progress);
        Ok(())
    }
}
