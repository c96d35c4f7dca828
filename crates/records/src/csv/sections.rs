//! The parts of a file that each have a header of their own: each row is given with the columns that it was written under.
//! A row of one part is never read with the columns of another: a weight would become a glucose.

use csv::StringRecord;

use super::{
    Mapping, Template,
    header::{self, Beside, Column},
    lines::{Lines, is_date},
    measures::Measure,
    scan, values,
};

/// Files with more kinds of parts than this are none that people export.
const SECTIONS: usize = 64;
/// So many cells of words are looked at for names of columns.
const CELLS_TRIED: usize = 400_000;

/// Goes over the rows of a file.
pub(super) struct Sections<'t, 'm> {
    lines: Lines<'t>,
    mapping: &'m Mapping,
    /// The mapping was chosen and not guessed: what stands under other headers is left out.
    chosen: bool,
    found: Vec<Section>,
    place: Place,
    /// A row was seen.
    begun: bool,
    gap: bool,
    /// Cells that were looked at for names of columns.
    tried: usize,
}

/// A part of a file.
pub(super) struct Section {
    /// The line of its header.
    pub(super) line: u64,
    pub(super) mapping: Mapping,
    pub(super) beside: Beside,
}

impl Section {
    fn new(line: u64, mapping: Mapping) -> Section {
        Section { line, beside: Beside::of(&mapping.header), mapping }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    In(usize),
    /// Under names that are not known, or that were not chosen.
    Other,
}

/// What a line of the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A row of this part.
    Row(usize),
    /// The names of a part's columns.
    Header,
    /// A row of values before any header.
    Before,
    /// A row under names that are not known or not chosen, or such names.
    Other,
    /// A row with a quotation that does not end.
    OpenQuote,
}

enum Kind {
    Data,
    Header(Vec<Column>),
    NotUnderstood,
}

impl<'t, 'm> Sections<'t, 'm> {
    pub(super) fn new(text: &'t str, mapping: &'m Mapping, chosen: bool) -> Sections<'t, 'm> {
        let lines = Lines::new(text, mapping.delimiter);
        let mut sections = Sections {
            lines,
            mapping,
            chosen,
            found: Vec::new(),
            place: Place::Before,
            begun: false,
            gap: false,
            tried: 0,
        };
        if mapping.header.is_empty() {
            sections.found.push(Section::new(0, mapping.clone()));
            sections.go(Place::In(0));
        }
        sections
    }

    /// The next line that is not empty and no heading; `None` at the end.
    pub(super) fn next(&mut self, row: &mut StringRecord) -> Option<(u64, Step)> {
        loop {
            let line = self.lines.next(row)?;
            if line.damaged {
                return Some((line.number, Step::OpenQuote));
            }
            let gap = std::mem::take(&mut self.gap) || line.after_gap;
            if row.iter().all(str::is_empty) {
                self.gap = true;
                continue;
            }
            if let Some(step) = self.step(row, line.number, gap) {
                return Some((line.number, step));
            }
        }
    }

    /// The parts so far, in the order of their first headers.
    pub(super) fn found(&self) -> &[Section] {
        &self.found
    }

    pub(super) fn into_found(self) -> Vec<Section> {
        self.found
    }

    fn step(&mut self, row: &StringRecord, line: u64, gap: bool) -> Option<Step> {
        let first = !std::mem::replace(&mut self.begun, true);
        if !self.mapping.header.is_empty() && self.mapping.is_header(row) {
            self.enter(row, line, None);
            return Some(Step::Header);
        }
        // Who says what the columns of a table without a header are has seen its first row.
        let kind = if first && self.mapping.header.is_empty() { Kind::Data } else { self.kind(row, gap) };
        match kind {
            Kind::Header(columns) if !self.chosen => {
                self.enter(row, line, Some(columns));
                Some(Step::Header)
            }
            Kind::Header(_) | Kind::NotUnderstood => {
                self.go(Place::Other);
                Some(Step::Other)
            }
            Kind::Data => match self.place {
                Place::In(section) => Some(Step::Row(section)),
                Place::Other => Some(Step::Other),
                Place::Before => self.is_lost(row).then_some(Step::Before),
            },
        }
    }

    /// Begins a part, or goes on with one of the same header. `None` stands for the columns of the mapping.
    fn enter(&mut self, row: &StringRecord, line: u64, columns: Option<Vec<Column>>) {
        let known = self.found.iter().position(|section| section.mapping.is_header(row));
        if known.is_none() && self.found.len() >= SECTIONS {
            return self.go(Place::Other);
        }
        let at = known.unwrap_or_else(|| {
            let mut mapping = self.mapping.clone();
            if let Some(columns) = columns {
                mapping.header = row.iter().map(header::normal).collect();
                mapping.columns = columns;
                mapping.template = scan::template(&mapping);
            }
            self.found.push(Section::new(line, mapping));
            self.found.len() - 1
        });
        self.go(Place::In(at));
    }

    fn go(&mut self, place: Place) {
        self.place = place;
        let section = if let Place::In(at) = place { self.found.get(at) } else { None };
        self.lines.expect(section.map(|section| section.mapping.columns.as_slice()));
    }

    fn kind(&mut self, row: &StringRecord, gap: bool) -> Kind {
        let columns: &[Column] = match self.place {
            Place::In(at) => self.found.get(at).map(|section| section.mapping.columns.as_slice()).unwrap_or_default(),
            _ => &[],
        };
        let date = columns
            .iter()
            .position(|column| matches!(column, Column::Date | Column::DateTime))
            .and_then(|at| row.get(at))
            .unwrap_or_default();
        // The names of columns are no numbers, and there is no date among them.
        if is_date(date) || row.len() > scan::COLUMNS || row.iter().any(values::is_number) {
            return Kind::Data;
        }
        if self.tried >= CELLS_TRIED {
            return if self.place == Place::Before { Kind::Data } else { Kind::NotUnderstood };
        }
        self.tried += row.len();
        let names = header::columns(row.iter());
        if header::score(&names).is_some() {
            return Kind::Header(names);
        }
        let cells = || row.iter().filter(|cell| !cell.is_empty());
        let understood = match cells().count() {
            _ if !matches!(self.place, Place::In(_)) => true,
            // A title over the next part: "Weight".
            1 => cells().filter_map(Measure::from_words).all(|measure| measures(columns, measure)),
            _ => {
                let dated = names.iter().any(|name| matches!(name, Column::Date | Column::DateTime | Column::Time));
                let words = cells().all(|cell| !cell.starts_with(|first: char| first.is_ascii_digit()));
                date.is_empty() || !words || !(dated || gap)
            }
        };
        if understood { Kind::Data } else { Kind::NotUnderstood }
    }

    /// Whether a line before the header is more than a title: it has a date and a number. LibreView writes when the file was
    /// made there.
    fn is_lost(&self, row: &StringRecord) -> bool {
        self.mapping.template != Template::LibreView && row.iter().any(is_date) && row.iter().any(values::is_number)
    }
}

/// Whether a measure is among the columns, or each row says what it measures.
fn measures(columns: &[Column], wanted: Measure) -> bool {
    columns.iter().any(|column| match column {
        Column::Measure { measure, .. } => *measure == wanted,
        Column::Value => true,
        _ => false,
    })
}
