//! The first reading of a table: its delimiter, its header, and what all of its rows say about dates, decimals and units.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{
    Guess, Mapping, Question, Template,
    dates::OrderEvidence,
    header::{self, Column},
    measures::Measure,
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

/// The rows of a text.
pub(super) fn rows(text: &str, delimiter: char) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
}

/// Reads the next row; `None` at the end. The text is UTF-8 and any number of fields will do, so nothing else can fail.
pub(super) fn next(reader: &mut csv::Reader<&[u8]>, row: &mut StringRecord) -> Option<u64> {
    match reader.read_record(row) {
        Ok(true) => Some(row.position().map_or(0, csv::Position::line)),
        _ => None,
    }
}

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
    each_row(text, &mapping, |row, _| {
        for (cell, column) in row.iter().zip(&mapping.columns) {
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
    for (at, unit) in units_by_size(text, &mapping).into_iter().enumerate() {
        let per_row = mapping.columns.contains(&Column::Unit);
        if let Some(Column::Measure { measure, unit: None }) = mapping.columns.get(at)
            && !per_row
            && unit.is_none()
            && measure.units().len() > 1
        {
            questions.push(Question::Unit { column: at });
        }
    }
    Guess { preview: preview(text, &mapping), mapping, questions }
}

struct Found {
    delimiter: char,
    header: Vec<String>,
    columns: Vec<Column>,
    score: usize,
}

fn find_header(text: &str, delimiter: char) -> Option<Found> {
    let mut reader = rows(text, delimiter);
    let mut row = StringRecord::new();
    let mut best: Option<Found> = None;
    for _ in 0..HEAD_ROWS {
        if next(&mut reader, &mut row).is_none() {
            break;
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
        let mut reader = rows(text, *delimiter);
        let mut row = StringRecord::new();
        let widths: Vec<usize> = (0..HEAD_ROWS).map_while(|_| next(&mut reader, &mut row).map(|_| row.len())).collect();
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
    let preview = preview(text, &mapping);
    let width = preview.iter().map(Vec::len).max().unwrap_or_default().min(COLUMNS);
    mapping.columns = vec![Column::Ignored; width];
    Guess { mapping, preview, questions: vec![Question::Columns] }
}

fn preview(text: &str, mapping: &Mapping) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    let cell = |cell: &str| crate::index::clip(cell, 80).to_owned();
    let mut reader = rows(text, mapping.delimiter);
    let mut row = StringRecord::new();
    let mut past = mapping.header.is_empty();
    while out.len() < PREVIEW_ROWS && next(&mut reader, &mut row).is_some() {
        if past {
            out.push(row.iter().take(COLUMNS).map(cell).collect());
        } else {
            past = mapping.is_header(&row);
        }
    }
    out
}

/// Goes over the rows behind the header.
fn each_row(text: &str, mapping: &Mapping, mut each: impl FnMut(&StringRecord, u64)) {
    let mut reader = rows(text, mapping.delimiter);
    let mut row = StringRecord::new();
    let mut past = mapping.header.is_empty();
    for _ in 0..ROWS_LOOKED_AT {
        let Some(line) = next(&mut reader, &mut row) else { break };
        if past {
            each(&row, line);
        } else {
            past = mapping.is_header(&row);
        }
    }
}

/// For each column of a measure whose unit is not said: the unit that alone fits all its values. A column fits a unit if
/// every value lies in what a person can have; kilograms and pounds cannot be told apart, and are not.
pub(super) fn units_by_size(text: &str, mapping: &Mapping) -> Vec<Option<&'static str>> {
    let wanted = |column: &Column| matches!(column, Column::Measure { unit: None, .. });
    let mut ranges: Vec<Option<(f64, f64)>> = vec![None; mapping.columns.len()];
    if mapping.columns.iter().any(wanted) {
        each_row(text, mapping, |row, _| {
            for ((cell, column), range) in row.iter().zip(&mapping.columns).zip(&mut ranges) {
                let Column::Measure { measure, unit: None } = column else { continue };
                let cell = match measure {
                    Measure::BloodPressure => cell.split('/').next().unwrap_or_default(),
                    _ => cell,
                };
                if let Some(value) = values::parse(cell, mapping.decimal).and_then(|value| value.number()) {
                    let (low, high) = range.unwrap_or((value, value));
                    *range = Some((low.min(value), high.max(value)));
                }
            }
        });
    }
    let unit = |(column, range): (&Column, Option<(f64, f64)>)| {
        let Column::Measure { measure, unit: None } = column else { return None };
        by_size(*measure, range?)
    };
    mapping.columns.iter().zip(ranges).map(unit).collect()
}

fn by_size(measure: Measure, (low, high): (f64, f64)) -> Option<&'static str> {
    let mut fitting = measure.units().iter().filter(|unit| unit.possible.0 <= low && high <= unit.possible.1);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only.ucum),
        _ => None,
    }
}

fn template(mapping: &Mapping) -> Template {
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
