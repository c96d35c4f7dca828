//! What can be said of something that is typed in by hand, and of a record's sensitivity labels.

use clap::ValueEnum;
use std::path::PathBuf;

/// Something new.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// What it is.
    pub(crate) kind: Kind,
    /// What you call it: the substance, the condition, the medicine, the vaccine, what was measured; a note's title.
    pub(crate) title: String,
    #[command(flatten)]
    pub(crate) said: Said,
    /// Show what could be meant, with codes, and keep nothing.
    #[arg(long)]
    pub(crate) suggest: bool,
}

/// A correction.
#[derive(Debug, clap::Args)]
pub(crate) struct Correct {
    /// Which, as `records` and `search` name it.
    pub(crate) id: String,
    /// What you call it. A code that went with the former title goes unless --code names one.
    #[arg(long)]
    pub(crate) title: Option<String>,
    #[command(flatten)]
    pub(crate) said: Said,
}

/// What is said of it; of each kind, what it has a use for. In a correction an empty text takes back what was said.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Said {
    /// The code of a suggestion (see --suggest), or SYSTEM|CODE; "none" for no code.
    #[arg(long)]
    pub(crate) code: Option<String>,
    /// When it began, was given, was measured, was written: 2026, 2026-05 or 2026-05-03.
    #[arg(long, visible_alias = "since", value_name = "DATE")]
    pub(crate) date: Option<String>,
    /// When it ended (condition, medicine).
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Whether it is over (allergy, condition, medicine).
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes")]
    pub(crate) over: Option<YesNo>,
    /// The value (measurement): a number, a word such as negative, or the two of a blood pressure: 120/80.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) value: Option<String>,
    /// Its unit (measurement).
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// What happens (allergy).
    #[arg(long)]
    pub(crate) reaction: Option<String>,
    /// Whether it could threaten life (allergy).
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes")]
    pub(crate) dangerous: Option<YesNo>,
    /// How bad it is (allergy, condition).
    #[arg(long)]
    pub(crate) severity: Option<Severity>,
    /// How it is taken (medicine); which dose it was (vaccination).
    #[arg(long)]
    pub(crate) dose: Option<String>,
    /// The lot number (vaccination).
    #[arg(long)]
    pub(crate) lot: Option<String>,
    /// Anything else; the text of a note.
    #[arg(long, conflicts_with = "note_file")]
    pub(crate) note: Option<String>,
    /// The same, from a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) note_file: Option<PathBuf>,
}

/// What can be typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// An allergy or intolerance.
    Allergy,
    /// An illness or complaint.
    Condition,
    /// A medicine that is or was taken.
    Medicine,
    /// A vaccination that was given.
    Vaccination,
    /// Something measured.
    Measurement,
    /// A text.
    Note,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    /// Mild.
    Mild,
    /// Moderate.
    Moderate,
    /// Severe.
    Severe,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    /// It is so.
    Yes,
    /// It is not so.
    No,
}

/// A record's labels.
#[derive(Debug, clap::Args)]
pub(crate) struct Label {
    /// Which record, as `records` and `search` name it.
    pub(crate) id: String,
    /// Hold it back under this label: SUD, MH, HIV, STD, SEX, SDV, GDIS, R; may be repeated.
    #[arg(long, value_name = "LABEL")]
    pub(crate) add: Vec<String>,
    /// Do not hold it back under this label; may be repeated.
    #[arg(long, value_name = "LABEL")]
    pub(crate) remove: Vec<String>,
    /// Take back what you decided about this label: what was found counts again; may be repeated.
    #[arg(long, value_name = "LABEL")]
    pub(crate) undo: Vec<String>,
}
