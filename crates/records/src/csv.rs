//! Tables of measurements: CGM exports (Dexcom Clarity, FreeStyle LibreView, Glooko), blood pressure, weight, glucose
//! and temperature as meters and apps write them, and `date, type, value, unit`.
//!
//! [`Mapping::guess`] looks at the whole table and says what its columns hold, and what cannot be told for certain (the
//! order of day and month, the decimal, a unit) and must be asked; the answer is a [`Mapping`] that is kept for the next
//! file with the same header ([`Mapping::fits`]). [`read`] makes Observations of it, row by row.
//!
//! **A unit is never guessed.** It is in the header, in the row, in the mapping, or the only one that fits every value of
//! the column (a glucose of 110 is not in mmol/L), which the record then says. Else the row is a skip.
//!
//! **Parts.** A file may hold several tables, each with a header of its own. Each is read with what its own header says; where
//! that is not understood, or another header was chosen, its rows are skips.
//!
//! **Identity** is what is measured, the moment on the table's clock, the device, and [`Mapping::person`]: a table that is
//! read again, whole or in parts, makes the same records. Where a table has several values of one moment, the value is part of
//! it, so that the order of the rows does not matter.
//!
//! FHIR wants a zone beside a time and tables have none. Unless the row or the mapping names one, the time stands there as
//! UTC, with a note that it is the device's clock.

mod dates;
mod header;
mod lines;
mod measures;
mod names;
mod reason;
mod rows;
mod scan;
mod sections;
mod text;
mod values;
mod words;

pub use dates::DateOrder;
pub use header::Column;
pub use measures::Measure;
pub use reason::TableReason;
pub use values::Decimal;

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use ::csv::StringRecord;
use serde::{Deserialize, Serialize};

use sections::{Sections, Step};

use crate::{
    Error, Result,
    convert::{Converted, Found, Sink, Source, derive_id},
    import::{Skip, SkipReason},
};

/// What a table's columns hold and how its cells are written; kept for the next table with the same header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// `,`, `;`, tab or `|`.
    pub delimiter: char,
    /// The sign before the fraction.
    pub decimal: Decimal,
    /// Of dates that are made of numbers.
    pub date_order: DateOrder,
    /// The names of the columns, in lower case; empty for a table without a header.
    pub header: Vec<String>,
    /// What each column holds.
    pub columns: Vec<Column>,
    /// Whose table it is like.
    pub template: Template,
    /// Whose measurements these are, as the wallet names the person: part of the ids, so that two people's meters never
    /// meet. Not written into the records.
    #[serde(default)]
    pub person: Option<String>,
    /// Minutes that the table's clock is ahead of UTC, if it is known.
    #[serde(default)]
    pub utc_offset_minutes: Option<i16>,
}

/// Whose tables are like this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Template {
    /// Dexcom Clarity.
    DexcomClarity,
    /// FreeStyle LibreView.
    LibreView,
    /// `date, type, value, unit`: what is measured stands in each row.
    Long,
    /// A column for each measure.
    Generic,
}

/// What was found out of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// What it seems to be.
    pub mapping: Mapping,
    /// Its first rows, to show beside the columns.
    pub preview: Vec<Vec<String>>,
    /// How many rows of values it has; of more than a million that many.
    pub rows: u64,
    /// What must be answered by changing the mapping; empty where all is certain.
    pub questions: Vec<Question>,
}

/// What a table does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Question {
    /// Which column holds what: no header was understood.
    Columns,
    /// Whether `01/06/2024` is in January or in June.
    DateOrder,
    /// Whether `1,234` is a little more than one or more than a thousand.
    Decimal,
    /// In which unit the values of this column are. Its values are left out until it is answered.
    Unit {
        /// From 0.
        column: usize,
    },
}

impl Mapping {
    /// Looks at the whole table.
    ///
    /// # Errors
    /// The file is empty, or no table (binary data, JSON, XML).
    pub fn guess(bytes: &[u8]) -> Result<Guess> {
        Ok(scan::guess(&table_text(bytes)?))
    }

    /// The same with a row of the table as its header: the one that was taken for data because nothing in it was
    /// understood.
    pub fn with_header(mut self, row: &[String]) -> Mapping {
        self.header = row.iter().map(|cell| header::normal(cell)).collect();
        self
    }

    /// Whether a table has this mapping's header.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        let Ok(text) = table_text(bytes) else { return false };
        let mut lines = lines::Lines::new(&text, self.delimiter);
        let mut row = StringRecord::new();
        !self.header.is_empty()
            && (0..40)
                .map_while(|_| lines.next(&mut row).map(|line| !line.damaged && self.is_header(&row)))
                .any(|is| is)
    }

    fn is_header(&self, row: &StringRecord) -> bool {
        row.len() == self.header.len() && row.iter().zip(&self.header).all(|(cell, name)| header::normal(cell) == *name)
    }
}

/// Whether a line holds the names of columns, of a date and of something that is measured here, and the next one a row with a
/// date. A letter that speaks of such things has commas too.
pub(crate) fn begins_table(names: &str, row: &str, delimiter: char) -> bool {
    const WORDS: usize = 5;
    let cells = |line: &str| {
        let mut cells = StringRecord::new();
        let read = lines::Lines::new(line, delimiter).next(&mut cells);
        read.filter(|line| !line.damaged).map(|_| cells)
    };
    let (Some(names), Some(row)) = (cells(names), cells(row)) else { return false };
    names.iter().all(|name| name.split_whitespace().count() <= WORDS)
        && header::score(&header::columns(names.iter())).is_some()
        && row.iter().any(lines::is_date)
}

/// Reads a table with what is known of it; without a mapping, with what [`Mapping::guess`] finds.
///
/// # Errors
/// [`Error::Empty`]; [`Error::NotRecognised`] for what is no table, or has not the header of the mapping;
/// [`Error::TableUnclear`] where there is no mapping and the table leaves questions other than about units (values whose
/// unit is not told are skips).
pub fn read(bytes: &[u8], source: &Source<'_>, mapping: Option<&Mapping>, sink: &mut Sink<'_>) -> Result<()> {
    let text = table_text(bytes)?;
    let guessed;
    let chosen = mapping.is_some();
    let mapping = match mapping {
        Some(mapping) => mapping,
        None => {
            guessed = scan::guess(&text);
            if guessed.questions.iter().any(|question| !matches!(question, Question::Unit { .. })) {
                return Err(Error::TableUnclear);
            }
            &guessed.mapping
        }
    };
    let by_size = scan::units_by_size(&text, mapping, chosen);
    let mut sections = Sections::new(&text, mapping, chosen);
    let mut row = StringRecord::new();
    let mut said =
        Said { ambiguous: ambiguous(&text, mapping, chosen, &by_size, source.limits.entries), ..Said::default() };
    let mut rows = 0;
    // By part of the file and column.
    let mut untold: Vec<Vec<(usize, bool)>> = Vec::new();
    while let Some((line, step)) = sections.next(&mut row) {
        if step == Step::Header {
            continue;
        }
        rows += 1;
        let place = format!("line {line}");
        if rows > source.limits.entries {
            let reason = TableReason::TooMany { limit: source.limits.entries };
            let _ = sink(skip(place, reason));
            return Ok(());
        }
        let refused = match step {
            Step::Row(at) => sections.found().get(at).map(|section| (at, section)).ok_or(TableReason::Malformed),
            Step::Before => Err(TableReason::BeforeHeader),
            Step::Header | Step::Other => Err(TableReason::OtherHeader),
            Step::OpenQuote => Err(TableReason::OpenQuote),
        };
        let under = refused.and_then(|(at, section)| {
            let columns = section.mapping.columns.len();
            let beyond = row.iter().skip(columns).any(|cell| !cell.is_empty());
            if row.len() > columns.max(1) && beyond { Err(TableReason::Malformed) } else { Ok((at, section)) }
        });
        let (at, section) = match under {
            Ok(under) => under,
            Err(reason) => {
                if sink(skip(place, reason)) == ControlFlow::Break(()) {
                    return Ok(());
                }
                continue;
            }
        };
        let read = rows::read(&row, section, by_size.get(at).map(|units| units.units.as_slice()).unwrap_or_default());
        while untold.len() <= at {
            let columns = sections.found().get(untold.len()).map(|section| &section.mapping);
            let columns = columns.into_iter().flat_map(|mapping| header::untold(&mapping.header, &mapping.columns));
            untold.push(columns.map(|(column, _)| (column, false)).collect());
        }
        // A row that is a skip as a whole is told of already.
        let whole = |reason: &TableReason| {
            matches!(reason, TableReason::NotAMeasurement | TableReason::NoDate | TableReason::UnknownKind)
        };
        if !read.is_empty() || read.skips.iter().any(|(_, reason)| !whole(reason)) {
            for (column, has_values) in untold.get_mut(at).into_iter().flatten() {
                *has_values |= row.get(*column).is_some_and(|cell| !rows::is_nothing(cell));
            }
        }
        for made in read.made() {
            let found = match said.named(&made) {
                Some(resource) => Found::Resource(Box::new(Converted::new(resource, place.clone()))),
                None => skip(place.clone(), TableReason::Repeated),
            };
            if sink(found) == ControlFlow::Break(()) {
                return Ok(());
            }
        }
        for (column, reason) in read.skips {
            let place = column.map_or_else(|| place.clone(), |at| format!("{place}, column {}", at + 1));
            if sink(skip(place, reason)) == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }
    for (at, (section, columns)) in sections.found().iter().zip(untold).enumerate() {
        for (column, _) in columns.into_iter().filter(|(_, has_values)| *has_values) {
            let name = section.mapping.header.get(column).cloned().unwrap_or_default();
            // The columns of the first part are those of the table; others are told by their header's line.
            let place = match at {
                0 => format!("column {}", column + 1),
                _ => format!("line {}, column {}", section.line, column + 1),
            };
            if sink(skip(place, TableReason::ColumnNotTaken { name })) == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }
    let past = sections.found().iter().any(|section| section.mapping.header == mapping.header);
    if past { Ok(()) } else { Err(Error::NotRecognised { what: "a table with the columns that were chosen for it" }) }
}

fn skip<'f>(path: String, reason: TableReason) -> Found<'f> {
    Found::Skipped(Skip { path, reason: SkipReason::Table(reason) })
}

/// What the table has said so far.
#[derive(Default)]
struct Said {
    /// What was said under each id.
    known: HashMap<u128, u64>,
    /// The ids under which it says more than one thing.
    ambiguous: HashSet<u128>,
}

impl Said {
    /// Gives the resource its id; `None` if the table has said the same already.
    fn named(&mut self, made: &rows::Made<'_, '_>) -> Option<crate::convert::Resource> {
        let (mut id, said) = (made.id.clone(), hash(&made.said));
        if self.ambiguous.contains(&number(&id)) {
            id = derive_id(&["table", "also", &id, &made.said]);
        }
        if self.known.insert(number(&id), said).is_some() {
            return None;
        }
        let mut resource = made.resource();
        resource.insert("id".to_owned(), id.into());
        Some(resource)
    }
}

/// The ids under which rows of the table say different things: that of a moment which comes again with another value.
fn ambiguous(text: &str, mapping: &Mapping, chosen: bool, by_size: &[scan::Units], most: usize) -> HashSet<u128> {
    let mut sections = Sections::new(text, mapping, chosen);
    let mut row = StringRecord::new();
    let mut said: HashMap<u128, u64> = HashMap::new();
    let mut ambiguous = HashSet::new();
    let mut rows = 0;
    while rows < most
        && let Some((_, step)) = sections.next(&mut row)
    {
        rows += usize::from(step != Step::Header);
        let Step::Row(at) = step else { continue };
        let Some(section) = sections.found().get(at) else { continue };
        let units = by_size.get(at).map(|units| units.units.as_slice()).unwrap_or_default();
        for made in rows::read(&row, section, units).made() {
            let (id, hash) = (number(&made.id), hash(&made.said));
            if *said.entry(id).or_insert(hash) != hash {
                ambiguous.insert(id);
            }
        }
    }
    ambiguous
}

fn number(id: &str) -> u128 {
    uuid::Uuid::try_parse(id).map_or(0, |id| id.as_u128())
}

fn hash(said: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    said.hash(&mut hasher);
    hasher.finish()
}

/// The text of a table; what is plainly something else is refused.
fn table_text(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>> {
    let text = text::decode(bytes);
    let start = text.trim_start();
    let no_table = Error::NotRecognised { what: "a table of measurements (CSV)" };
    match start.as_bytes() {
        [] => Err(Error::Empty),
        [b'{' | b'[' | b'<' | b'%', ..] | [b'P', b'K', 3 | 5, ..] => Err(no_table),
        _ if start.get(..start.len().min(1000)).unwrap_or(start).contains('\0') => Err(no_table),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests;
