//! Suggestions while a person types: known names that begin so, whatever the accents and the case.

use serde::{Deserialize, Serialize};

use super::{
    TypedKind,
    tables::{self, Name, Row},
};
use crate::index::Coding3;

/// The most suggestions made at once.
pub const MOST_SUGGESTIONS: usize = 8;
/// Bytes of the typed text that are looked at.
const LOOKED_AT: usize = 200;

/// Something a person may mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What to call it, in the language asked for where it is known.
    pub text: String,
    /// Its code, where the tables have one.
    pub coding: Option<Coding3>,
    /// Its usual units, the most usual first (measurements).
    pub units: Vec<String>,
}

/// What the typed text may mean, best first, at most [`MOST_SUGGESTIONS`]. Nothing for a note, or for no text.
/// `language` is a BCP 47 tag; names in other languages are found too, after those in it.
pub fn suggest(kind: TypedKind, typed: &str, language: &str) -> Vec<Suggestion> {
    let query = tables::fold(crate::index::clip(typed, LOOKED_AT));
    let language = language.get(..2).unwrap_or("en").to_ascii_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    let rows = tables::table(kind).iter().enumerate();
    let mut found: Vec<(Rank, usize, &Row)> =
        rows.filter_map(|(at, row)| Some((rank(row, &query, &language)?, at, row))).collect();
    found.sort_by_key(|(rank, at, _)| (*rank, *at));
    found.into_iter().take(MOST_SUGGESTIONS).map(|(_, _, row)| suggestion(row, &language)).collect()
}

/// How well a name fits: how it matches, whether in the language asked for, how much longer it is. Lower is better.
type Rank = (u8, u8, usize);

fn rank(row: &Row, query: &str, language: &str) -> Option<Rank> {
    row.names
        .iter()
        .filter_map(|name| Some((fit(name, query)?, u8::from(name.language != language), name.folded.len())))
        .min()
}

fn fit(name: &Name, query: &str) -> Option<u8> {
    if name.folded == query {
        return Some(0);
    }
    if name.folded.starts_with(query) {
        return Some(1);
    }
    let words = || name.folded.split(' ');
    if words().any(|word| word.starts_with(query)) {
        return Some(2);
    }
    // Each typed word begins some word of the name, in any order.
    query.split(' ').all(|typed| words().any(|word| word.starts_with(typed))).then_some(3)
}

fn suggestion(row: &Row, language: &str) -> Suggestion {
    let own = row.names.iter().find(|name| name.language == language);
    let name = own.or_else(|| row.names.iter().find(|name| name.language == "en")).or(row.names.first());
    let coding = (!row.code.is_empty()).then(|| Coding3 {
        system: row.system.to_owned(),
        code: row.code.to_owned(),
        display: row.display.to_owned(),
    });
    Suggestion {
        text: name.map_or(row.display, |name| name.text).to_owned(),
        coding,
        units: row.units.iter().map(|unit| (*unit).to_owned()).collect(),
    }
}
