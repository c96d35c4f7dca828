//! The first reading of a table: its delimiter, its header, and what all of its rows say about dates, decimals and units.

use csv::StringRecord;

use super::{
    Guess, Mapping, Question, Template,
    dates::OrderEvidence,
    header::{self, Column},
    lines::{Lines, is_date},
    measures::Measure,
    sections::{Section, Sections, Step},
    values::{self, Decimal, DecimalEvidence},
};

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// The header is among so many first rows.
const HEAD_ROWS: usize = 40;
/// Rows that are shown.
const PREVIEW_ROWS: usize = 8;
/// More columns than this is no table of measurements.
pub(super) const COLUMNS: usize = 500;
/// Rows after which dates and decimals are known, or never will be.
const ROWS_LOOKED_AT: usize = 1_000_000;

/// What the table is, and what must be asked.
pub(super) fn guess(text: &str) -> Guess {
    let found = DELIMITERS.iter().filter_map(|delimiter| find_header(text, *delimiter)).max_by_key(|found| found.score);
    let Some(found) = found else { return nothing_found(text) };
    let mut mapping = Mapping {
        delimiter: found.delimiter,
        decimal: Decimal::Point,
        date_order: Default::default(),
        header: found.header,
        columns: found.columns,
        template: Template::Generic,
        person: None,
        utc_offset_minutes: None,
    };
    mapping.template = template(&mapping);
    let mut questions = Vec::new();
    let mut dates = OrderEvidence::default();
    let mut decimals = DecimalEvidence::default();
    let mut rows = 0;
    each_row(text, &mapping, false, |row, _, columns| {
        rows += 1;
        for (cell, column) in row.iter().zip(columns) {
            match column {
                Column::Date | Column::DateTime => dates.see(cell),
                Column::Measure { .. } | Column::Value => decimals.see(cell),
                _ => {}
            }
        }
    });
    mapping.date_order = dates.decide().unwrap_or_else(|likelier| {
        questions.push(Question::DateOrder);
        likelier
    });
    mapping.decimal = decimals.decide().unwrap_or_else(|likelier| {
        questions.push(Question::Decimal);
        likelier
    });
    let by_size = units_by_size(text, &mapping, false);
    let by_size = by_size.into_iter().find(|section| section.header == mapping.header);
    let by_size = by_size.into_iter().flat_map(|section| section.units.into_iter().zip(section.own));
    for (at, (unit, own)) in by_size.enumerate() {
        let per_row = mapping.columns.contains(&Column::Unit) || header::unit_beside(&mapping.header, at).is_some();
        if let Some(Column::Measure { measure, unit: None }) = mapping.columns.get(at)
            && !per_row
            && !own
            && unit.is_none()
            && measure.units().len() > 1
        {
            questions.push(Question::Unit { column: at });
        }
    }
    Guess { preview: preview(text, &mapping), mapping, rows, questions }
}

struct Found {
    delimiter: char,
    header: Vec<String>,
    columns: Vec<Column>,
    score: usize,
}

fn find_header(text: &str, delimiter: char) -> Option<Found> {
    let mut lines = Lines::new(text, delimiter);
    let mut row = StringRecord::new();
    let mut best: Option<Found> = None;
    for _ in 0..HEAD_ROWS {
        let Some(line) = lines.next(&mut row) else { break };
        if line.damaged {
            continue;
        }
        if row.len() > COLUMNS {
            return None;
        }
        let columns = header::columns(row.iter());
        if let Some(score) = header::score(&columns)
            && best.as_ref().is_none_or(|best| best.score < score)
        {
            best = Some(Found { delimiter, header: row.iter().map(header::normal).collect(), columns, score });
        }
    }
    best
}

/// No header that is understood: the columns are shown, and all of them must be named.
fn nothing_found(text: &str) -> Guess {
    let delimiter = DELIMITERS.into_iter().max_by_key(|delimiter| {
        let mut lines = Lines::new(text, *delimiter);
        let mut row = StringRecord::new();
        let widths: Vec<usize> = (0..HEAD_ROWS).map_while(|_| lines.next(&mut row).map(|_| row.len())).collect();
        let last = widths.last().copied().unwrap_or_default();
        // A true delimiter gives all rows one width.
        if last > 1 { widths.iter().filter(|width| **width == last).count() * last.min(20) } else { 0 }
    });
    let mut mapping = Mapping {
        delimiter: delimiter.unwrap_or(','),
        decimal: Decimal::Point,
        date_order: Default::default(),
        header: Vec::new(),
        columns: Vec::new(),
        template: Template::Generic,
        person: None,
        utc_offset_minutes: None,
    };
    let mut questions = vec![Question::Columns];
    // Nobody knows yet which columns hold numbers and dates: whatever is one tells how they are written.
    let (mut decimals, mut dates) = (DecimalEvidence::default(), OrderEvidence::default());
    let mut rows = 0;
    let mut lines = Lines::new(text, mapping.delimiter);
    let mut row = StringRecord::new();
    for _ in 0..ROWS_LOOKED_AT {
        if lines.next(&mut row).is_none() {
            break;
        }
        rows += u64::from(!row.iter().all(str::is_empty));
        for cell in &row {
            if values::is_number(cell) {
                decimals.see(cell);
            } else if is_date(cell) {
                dates.see(cell);
            }
        }
    }
    mapping.decimal = decimals.decide().unwrap_or_else(|likelier| likelier);
    mapping.date_order = dates.decide().unwrap_or_else(|likelier| {
        questions.push(Question::DateOrder);
        likelier
    });
    let preview = preview(text, &mapping);
    let width = preview.iter().map(Vec::len).max().unwrap_or_default().min(COLUMNS);
    mapping.columns = vec![Column::Ignored; width];
    Guess { mapping, preview, rows, questions }
}

fn preview(text: &str, mapping: &Mapping) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let cell = |cell: &str| crate::index::clip(cell, 80).to_owned();
    let mut lines = Lines::new(text, mapping.delimiter);
    let mut row = StringRecord::new();
    let mut past = mapping.header.is_empty();
    while out.len() < PREVIEW_ROWS
        && let Some(line) = lines.next(&mut row)
    {
        if line.damaged {
            continue;
        }
        if past {
            out.push(row.iter().take(COLUMNS).map(cell).collect());
        } else {
            past = mapping.is_header(&row);
        }
    }
    out
}

/// Goes over the rows behind each header, with the part of the file and its columns.
fn each_row<'t, 'm>(
    text: &'t str,
    mapping: &'m Mapping,
    chosen: bool,
    mut each: impl FnMut(&StringRecord, usize, &[Column]),
) -> Sections<'t, 'm> {
    let mut sections = Sections::new(text, mapping, chosen);
    let mut row = StringRecord::new();
    for _ in 0..ROWS_LOOKED_AT {
        let Some((_, step)) = sections.next(&mut row) else { break };
        if let Step::Row(at) = step
            && let Some(section) = sections.found().get(at)
        {
            each(&row, at, &section.mapping.columns);
        }
    }
    sections
}

/// For each column of a measure whose unit is not said: the unit that alone fits all its values. A column fits a unit if
/// every value lies in what a person can have; kilograms and pounds cannot be told apart, and are not.
pub(super) fn units_by_size(text: &str, mapping: &Mapping, chosen: bool) -> Vec<Units> {
    let mut seen: Vec<Vec<Seen>> = Vec::new();
    let sections = each_row(text, mapping, chosen, |row, section, columns| {
        if seen.len() <= section {
            seen.resize(section + 1, Vec::new());
        }
        let Some(seen) = seen.get_mut(section) else { return };
        seen.resize(columns.len(), Seen::default());
        for ((cell, column), seen) in row.iter().zip(columns).zip(seen) {
            let Column::Measure { measure, unit: None } = column else { continue };
            let (cell, unit) = match (measure, cell.split_once('/')) {
                (Measure::BloodPressure, Some((upper, lower))) => (upper, values::split_unit(lower).1),
                _ => (cell, values::split_unit(cell).1),
            };
            if !unit.is_empty() {
                // It says its own unit, and nothing of that of the others.
                seen.own = true;
            } else if let Some(value) = values::parse(cell, mapping.decimal).and_then(|value| value.number()) {
                let (low, high) = seen.range.unwrap_or((value, value));
                seen.range = Some((low.min(value), high.max(value)));
            }
        }
    });
    seen.resize(sections.found().len(), Vec::new());
    let unit = |(column, seen): (&Column, Seen)| {
        let only = match column {
            Column::Measure { measure, unit: None } => seen.range.and_then(|range| by_size(*measure, range)),
            _ => None,
        };
        (only, seen.own && seen.range.is_none())
    };
    let units = |(section, seen): (Section, Vec<Seen>)| {
        let seen = seen.into_iter().chain(std::iter::repeat(Seen::default()));
        let (units, own) = section.mapping.columns.iter().zip(seen).map(unit).unzip();
        Units { header: section.mapping.header, units, own }
    };
    sections.into_found().into_iter().zip(seen).map(units).collect()
}

/// The values of a column.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// From the least to the most of those that say no unit.
    range: Option<(f64, f64)>,
    /// There are values that say their unit.
    own: bool,
}

/// What the values of a part of the file say of its columns' units.
pub(super) struct Units {
    header: Vec<String>,
    /// For each column the only unit that fits.
    pub(super) units: Vec<Option<&'static str>>,
    /// For each column whether all of its values say their unit themselves.
    own: Vec<bool>,
}

fn by_size(measure: Measure, (low, high): (f64, f64)) -> Option<&'static str> {
    let mut fitting = measure.units().iter().filter(|unit| unit.possible.0 <= low && high <= unit.possible.1);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only.ucum),
        _ => None,
    }
}

pub(super) fn template(mapping: &Mapping) -> Template {
    let named = |wanted: &str| mapping.header.iter().any(|name| name.contains(wanted));
    let measures = |wanted: Measure| {
        mapping.columns.iter().any(|column| matches!(column, Column::Measure { measure, .. } if *measure == wanted))
    };
    if mapping.columns.contains(&Column::Event) && (measures(Measure::Glucose) || measures(Measure::SensorGlucose)) {
        Template::DexcomClarity
    } else if measures(Measure::SensorGlucose)
        && (named("record type") || named("aufzeichnungstyp") || measures(Measure::Ketone))
    {
        Template::LibreView
    } else if mapping.columns.contains(&Column::Kind) {
        Template::Long
    } else {
        Template::Generic
    }
}
