//! The content tree of a structured report (PS3.3, C.17.3) as lines of text.

use super::{charset::Charset, dataset::DataSet, tags};
use crate::documents::limits::TEXT_BYTES;

/// The content, a line for each item, indented by its depth. The data set's own bounds end the recursion.
pub(super) fn text(data: &DataSet<'_>, charset: &Charset) -> String {
    let mut out = String::new();
    item(data, charset, 0, &mut out);
    out.truncate(crate::index::clip(&out, TEXT_BYTES).len());
    out
}

fn item(data: &DataSet<'_>, charset: &Charset, depth: usize, out: &mut String) {
    if out.len() >= TEXT_BYTES {
        return;
    }
    let name = meaning(data, charset, tags::CONCEPT_NAME);
    let value = value(data, charset);
    let line = match (name.is_empty(), value.is_empty()) {
        (true, true) => String::new(),
        (false, true) => name,
        (true, false) => value,
        (false, false) => format!("{name}: {value}"),
    };
    if !line.is_empty() {
        out.push_str(&"  ".repeat(depth.min(16)));
        out.push_str(&line);
        out.push('\n');
    }
    for inner in data.items(tags::CONTENT) {
        item(inner, charset, depth + 1, out);
    }
}

fn value(data: &DataSet<'_>, charset: &Charset) -> String {
    match data.string(tags::VALUE_TYPE).as_str() {
        "TEXT" => charset.text(data, tags::TEXT_VALUE),
        "CODE" => meaning(data, charset, tags::CONCEPT_CODE),
        "PNAME" => charset.name(data, tags::PERSON_NAME),
        "DATE" => data.string(tags::DATE),
        "TIME" => data.string(tags::TIME),
        "DATETIME" => data.string(tags::DATE_TIME),
        "NUM" => {
            let Some(measured) = data.items(tags::MEASURED_VALUE).first() else { return String::new() };
            let number = measured.string(tags::NUMERIC_VALUE);
            let unit = meaning(measured, charset, tags::MEASUREMENT_UNITS);
            format!("{number} {unit}").trim().to_owned()
        }
        _ => String::new(),
    }
}

fn meaning(data: &DataSet<'_>, charset: &Charset, sequence: u32) -> String {
    data.items(sequence).first().map(|code| charset.text(code, tags::CODE_MEANING)).unwrap_or_default()
}
