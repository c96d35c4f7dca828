//! From a [`RecordQuery`] to SQL.

use super::{COLUMNS, NOT_DELETED, RecordQuery};
use crate::error::{Error, Result};
use crate::import::TYPED_FORMAT;
use sqlx::QueryBuilder;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use unicode_normalization::char::is_combining_mark;

/// The most words of a search that are looked at, and the most bytes.
const MAX_WORDS: usize = 12;
const MAX_TEXT: usize = 400;

pub(super) async fn run(db: &mut SqliteConnection, query: &RecordQuery, with_original: bool) -> Result<Vec<SqliteRow>> {
    let mut sql = QueryBuilder::new("SELECT ");
    sql.push(COLUMNS);
    if with_original {
        sql.push(", v.original, v.detached");
    }
    sql.push(" FROM record_index r JOIN versions v ON v.id = r.current JOIN imports i ON i.id = v.import WHERE ");
    if query.limit == u32::MAX && query.offset == 0 {
        conditions(&mut sql, query);
        sql.push(ORDER);
    } else {
        // The page is found in the index alone; only its own rows are fetched whole.
        sql.push("r.record IN (SELECT record FROM (SELECT r.record FROM record_index r");
        sql.push(index(query)).push(" WHERE ");
        conditions(&mut sql, query);
        sql.push(ORDER).push(" LIMIT ").push_bind(i64::from(query.limit));
        sql.push(" OFFSET ").push_bind(i64::from(query.offset)).push("))").push(ORDER);
    }
    match sql.build().fetch_all(db).await {
        Err(error) if nothing_has_this_word(&error) => Ok(Vec::new()),
        rows => Ok(rows?),
    }
}

/// The records that have all words of a text; none if it has no words.
pub(super) async fn found(db: &mut SqliteConnection, text: &str) -> Result<Option<Vec<i64>>> {
    let Some(words) = prefix_search(text) else { return Ok(None) };
    // One row of one text: a row for each of thousands of records would take longer than the search itself.
    let found = sqlx::query_scalar("SELECT json_group_array(rowid) FROM search WHERE search MATCH ?").bind(words);
    let found: String = match found.fetch_one(db).await {
        Err(error) if nothing_has_this_word(&error) => return Ok(Some(Vec::new())),
        found => found?,
    };
    serde_json::from_str(&found).map(Some).map_err(|_| Error::Internal("search"))
}

const ORDER: &str = " ORDER BY r.sort_key DESC, r.record DESC";

/// What a search finds is looked up on the way through the list in its own order, which ends where the page is full. By
/// itself SQLite would sort all that is found, which is thousands of records after the first letter.
fn index(query: &RecordQuery) -> &'static str {
    match (&query.ids, query.category) {
        (Some(_), _) => "",
        (None, Some(_)) => " INDEXED BY record_index_by_category",
        (None, None) => " INDEXED BY record_index_by_time",
    }
}

/// A word with a character that SQLite's tables do not know as part of words falls apart into several, in an order that
/// the search does not keep. No record was stored under such a word.
fn nothing_has_this_word(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|e| e.message().contains("phrase queries"))
}

fn conditions(sql: &mut QueryBuilder<sqlx::Sqlite>, query: &RecordQuery) {
    sql.push("r.profile = ").push_bind(query.profile.0);
    let (before, after) = NOT_DELETED.split_once('?').unwrap_or_default();
    sql.push(before).push_bind(TYPED_FORMAT).push(after);
    if let Some(category) = query.category {
        sql.push(" AND r.category = ").push_bind(category.as_str());
    }
    if let Some(import) = query.import {
        sql.push(" AND (r.current IN (SELECT id FROM versions WHERE import = ").push_bind(import.0);
        sql.push(") OR r.current IN (SELECT version FROM sightings WHERE import = ").push_bind(import.0).push("))");
    }
    if let Some(sensitive) = query.sensitive {
        sql.push(
            " AND coalesce((SELECT o.labels FROM sensitivity_overrides o WHERE o.record = r.record), r.sensitivity, '[]') ",
        );
        sql.push(if sensitive { "<> '[]'" } else { "= '[]'" });
    }
    if let Some(signed) = query.signed {
        sql.push(" AND (SELECT w.signed FROM versions w WHERE w.id = r.current) IS ");
        sql.push(if signed { "NOT NULL" } else { "NULL" });
    }
    if let Some(status) = &query.status {
        sql.push(" AND r.status = ").push_bind(status.clone());
    }
    if let Some(since) = query.since {
        sql.push(" AND r.sort_key >= ").push_bind(since);
    }
    if let Some(until) = query.until {
        sql.push(" AND r.sort_key < ").push_bind(until);
    }
    if query.since.or(query.until).is_some() {
        sql.push(" AND r.sort_key <> ").push_bind(i64::MIN);
    }
    if let Some(after) = query.after {
        sql.push(" AND (r.sort_key, r.record) < (").push_bind(after.sort_key).push(", ").push_bind(after.id).push(")");
    }
    if let Some(ids) = &query.ids {
        // One parameter however many: the number of parameters is limited, the length of a text hardly.
        let list = serde_json::to_string(ids).unwrap_or_else(|_| "[]".into());
        sql.push(" AND r.record IN (SELECT value FROM json_each(").push_bind(list).push("))");
    }
    if let Some(text) = &query.text {
        // Nothing but blanks and punctuation: no restriction.
        if let Some(words) = prefix_search(text) {
            sql.push(" AND r.record IN (SELECT rowid FROM search WHERE search MATCH ").push_bind(words).push(")");
        }
    }
}

pub(super) async fn by_id(db: &mut SqliteConnection, id: i64) -> Result<Option<SqliteRow>> {
    let mut sql = QueryBuilder::new("SELECT ");
    sql.push(COLUMNS).push(
        ", v.original, v.detached FROM record_index r JOIN versions v ON v.id = r.current JOIN imports i ON i.id = v.import \
         WHERE r.record = ",
    );
    sql.push_bind(id);
    Ok(sql.build().fetch_optional(db).await?)
}

/// What a person typed, as an FTS5 query: every word is the beginning of a word. Quoted, so nothing in it is an operator.
fn prefix_search(typed: &str) -> Option<String> {
    let end = typed.floor_char_boundary(MAX_TEXT);
    let words: Vec<String> = typed
        .get(..end)?
        .split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_what_is_typed_into_prefixes() {
        assert_eq!(prefix_search(" Blood-pres ").as_deref(), Some("\"Blood\"* \"pres\"*"));
        assert_eq!(prefix_search("\" OR * (NEAR").as_deref(), Some("\"OR\"* \"NEAR\"*"));
        assert_eq!(prefix_search(" \"*()"), None);
        assert!(prefix_search(&"é".repeat(10_000)).unwrap().len() < MAX_TEXT + 10);
    }
}
