//! The small code tables that suggestions are made from. Each file says where it is from and under which terms.

use std::sync::OnceLock;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::TypedKind;

/// One line of a table.
#[derive(Debug)]
pub(super) struct Row {
    /// The code system's URI; empty where there is only a name.
    pub(super) system: &'static str,
    pub(super) code: &'static str,
    /// The code system's own words.
    pub(super) display: &'static str,
    /// An observation's category (measurements).
    pub(super) category: &'static str,
    /// Its usual units, the most usual first (measurements).
    pub(super) units: Vec<&'static str>,
    /// What people call it, the best name of each language first.
    pub(super) names: Vec<Name>,
}

/// One thing that people call it.
#[derive(Debug)]
pub(super) struct Name {
    /// Two letters.
    pub(super) language: &'static str,
    pub(super) text: &'static str,
    /// [`fold`]ed.
    pub(super) folded: String,
}

/// The table of one kind; a note has none.
pub(super) fn table(kind: TypedKind) -> &'static [Row] {
    static TABLES: OnceLock<[Vec<Row>; 5]> = OnceLock::new();
    let tables = TABLES.get_or_init(|| {
        [
            parse(include_str!("tables/allergies.tsv")),
            parse(include_str!("tables/conditions.tsv")),
            parse(include_str!("tables/medicines.tsv")),
            parse(include_str!("tables/vaccines.tsv")),
            parse(include_str!("tables/measurements.tsv")),
        ]
    });
    let [allergies, conditions, medicines, vaccines, measurements] = tables;
    match kind {
        TypedKind::Allergy => allergies,
        TypedKind::Condition => conditions,
        TypedKind::Medicine => medicines,
        TypedKind::Vaccination => vaccines,
        TypedKind::Measurement => measurements,
        TypedKind::Note => &[],
    }
}

/// The line of that code.
pub(super) fn row(kind: TypedKind, system: &str, code: &str) -> Option<&'static Row> {
    table(kind).iter().find(|row| row.system == system && row.code == code)
}

/// The UCUM code of a unit as people write it; `None` for one that is not known here.
pub(super) fn ucum(unit: &str) -> Option<&'static str> {
    static UNITS: OnceLock<Vec<(&'static str, &'static str)>> = OnceLock::new();
    let units = UNITS.get_or_init(|| {
        let lines = lines(include_str!("tables/units.tsv"));
        lines.filter_map(|line| line.split_once('\t')).collect()
    });
    let unit = unit.trim();
    units.iter().find(|(written, code)| *written == unit || *code == unit).map(|(_, code)| *code)
}

/// Lower case without accents, words parted by single blanks: what is compared. Idempotent.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            letter if letter.is_alphanumeric() => out.push(letter),
            // Lower case may itself decompose (İ).
            letter if is_combining_mark(letter) => {}
            _ if out.ends_with(' ') || out.is_empty() => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty())
}

/// Columns: system, code, display, names (`de:Erdnuss;peanut`: English unless said), category, units.
fn parse(table: &'static str) -> Vec<Row> {
    lines(table)
        .map(|line| {
            let mut columns = line.split('\t').map(str::trim);
            let mut column = || columns.next().unwrap_or_default();
            let system = match column() {
                "rxnorm" => "http://www.nlm.nih.gov/research/umls/rxnorm",
                "icd10cm" => "http://hl7.org/fhir/sid/icd-10-cm",
                "cvx" => "http://hl7.org/fhir/sid/cvx",
                "loinc" => crate::terminology::LOINC,
                _ => "",
            };
            let (code, display) = (column(), column());
            let names = column().split(';').map(str::trim).filter(|name| !name.is_empty()).map(|name| {
                let (language, text) = match name.split_once(':') {
                    Some((language, text)) if language.len() == 2 => (language, text),
                    _ => ("en", name),
                };
                Name { language, text, folded: fold(text) }
            });
            let names = names.collect();
            let category = column();
            let units = column().split(';').map(str::trim).filter(|unit| !unit.is_empty()).collect();
            Row { system, code, display, category, units, names }
        })
        .collect()
}
