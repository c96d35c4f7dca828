//! Records and imports, as the interface sees them.

use serde::{Deserialize, Serialize};

/// Which records to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFilter {
    /// Words that all must occur, the last one as typed so far; empty: any.
    pub text: String,
    /// One category, as in [`RecordLine::category`]; none: all.
    pub category: Option<String>,
    /// How many to leave out from the front.
    pub offset: u64,
    /// How many at the most; 0: the wallet's own page size of 50.
    pub limit: u32,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPage {
    /// The records, newest first.
    pub lines: Vec<RecordLine>,
    /// How many fit the filter in all.
    pub total: u64,
    /// How many records each category has, over the whole vault.
    pub categories: Vec<CategoryCount>,
}

/// A category and how many records it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryCount {
    /// `allergy`, `problem`, `medicine`, `immunization`, `result`, `vital`, `procedure`, `report`, `visit`, `document`,
    /// `care_plan`, `device`, `social`, `insurance`, `person` or `other`.
    pub category: String,
    /// How many.
    pub count: u64,
}

/// One record in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLine {
    /// The record.
    pub id: String,
    /// As in [`CategoryCount::category`].
    pub category: String,
    /// What a person calls it.
    pub title: String,
    /// A value or detail that belongs beside the title ("72.50 kg"); may be empty.
    pub detail: String,
    /// Its date as recorded: `2026`, `2026-05`, `2026-05-03` or a FHIR instant.
    pub date: Option<String>,
    /// Its status as recorded (`active`, `final`, …).
    pub status: Option<String>,
    /// Whether it is held back from shares until the person ticks it.
    pub sensitive: bool,
    /// Whether it is somebody else's who came in the same files, or nobody knows whose: it never goes out.
    #[serde(default)]
    pub another: bool,
}

/// Everything about one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordDetail {
    /// As in the list.
    pub line: RecordLine,
    /// Labelled facts, in reading order.
    pub facts: Vec<RecordFact>,
    /// A measured value with its range, where there is one.
    pub measurement: Option<MeasuredValue>,
    /// The text that came with the record, without its markup.
    pub narrative: Option<String>,
    /// The file it came from.
    pub source: String,
    /// When it was imported.
    pub imported_at: i64,
    /// The kind of record in FHIR's words.
    pub resource_type: String,
    /// How many versions of it the vault holds.
    pub versions: u32,
    /// The record exactly as it came.
    pub original: String,
}

/// One labelled fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFact {
    /// The key of the label in the interface's translations.
    pub label: String,
    /// What it says, as recorded.
    pub value: String,
}

/// A measured value and the range it was reported with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredValue {
    /// The value's text.
    pub value: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// The range's lower end, as text.
    pub low: Option<String>,
    /// The range's upper end, as text.
    pub high: Option<String>,
    /// Earlier and later values of the same thing in the same unit, oldest first: date and value text.
    pub series: Vec<(String, String)>,
}

/// What became of each entry of a file. `imported + already_present + narrative_only + skipped.len() == entries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportAccount {
    /// The file's name, without its folder.
    pub file: String,
    /// What it was, e.g. `FHIR R4 Bundle (transaction)`.
    pub format: String,
    /// Entries in the file.
    pub entries: u64,
    /// Entries that are now in the vault and were not before.
    pub imported: u64,
    /// Entries that were there already, the same to the byte.
    pub already_present: u64,
    /// Entries of which only the text could be kept.
    pub narrative_only: u64,
    /// Entries that were not taken, each with the reason.
    pub skipped: Vec<SkippedEntry>,
    /// Why the file as a whole was refused; the vault is then as it was before.
    pub error: Option<String>,
    /// When.
    pub at: i64,
}

/// An entry that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedEntry {
    /// Where in the file, e.g. `Bundle.entry[17].resource`.
    pub path: String,
    /// Why, as a sentence.
    pub reason: String,
}
