//! Storing records: many rows in one statement, whoever brings them (an import, a restored backup, a rebuilt index).

use crate::error::Result;
use carnet_records::index::IndexEntry;
use carnet_records::sensitivity::Sensitivity;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A row of `versions`.
pub(crate) struct VersionRow {
    pub(crate) id: i64,
    pub(crate) record: i64,
    pub(crate) version: i64,
    pub(crate) profile: u16,
    pub(crate) identity: [u8; 32],
    pub(crate) sha256: [u8; 32],
    pub(crate) import: i64,
    pub(crate) full_url: Option<String>,
    pub(crate) place: Option<String>,
    /// JSON.
    pub(crate) signed: Option<String>,
    /// The bytes as they came, or their slim form.
    pub(crate) original: Vec<u8>,
    /// Whether it is the slim form.
    pub(crate) detached: bool,
    /// When its source last changed it, Unix seconds.
    pub(crate) updated: Option<i64>,
    /// Where that is not known: the newest date of the documents and files that told it, in milliseconds since 1970; what a
    /// file says of a record after something else counts as a millisecond later.
    pub(crate) as_of: Option<i64>,
}

/// A row of `record_index` and what the full text search knows of it.
pub(crate) struct IndexRow {
    pub(crate) record: i64,
    pub(crate) current: i64,
    pub(crate) profile: u16,
    pub(crate) entry: IndexEntry,
}

/// Adds versions.
pub(crate) async fn insert_versions(connection: &mut SqliteConnection, rows: Vec<VersionRow>) -> Result<()> {
    insert(connection, VERSION, rows, |query, row| {
        query
            .bind(row.id)
            .bind(row.record)
            .bind(row.version)
            .bind(row.profile)
            .bind(row.identity.to_vec())
            .bind(row.sha256.to_vec())
            .bind(row.import)
            .bind(row.full_url)
            .bind(row.place)
            .bind(row.signed)
            .bind(row.original)
            .bind(row.detached)
            .bind(row.updated)
            .bind(row.as_of)
    })
    .await
}

/// Adds a version to the history of a record that has newer ones, which make room for it.
pub(crate) async fn insert_former(connection: &mut SqliteConnection, row: VersionRow) -> Result<()> {
    // In two steps, for no two versions of a record may have one number at any time.
    for sql in [
        "UPDATE versions SET version = -version - 1 WHERE profile = ? AND identity = ? AND version >= ?",
        "UPDATE versions SET version = -version WHERE profile = ? AND identity = ? AND version < 0 AND ? > 0",
    ] {
        let update = sqlx::query(sql).bind(row.profile).bind(row.identity.to_vec()).bind(row.version);
        update.execute(&mut *connection).await?;
    }
    insert_versions(connection, vec![row]).await
}

/// Moves a version on in its record's history; those between its former and its new number make room.
pub(crate) async fn move_version(
    connection: &mut SqliteConnection,
    profile: u16,
    identity: &[u8; 32],
    id: i64,
    numbers: RangeInclusive<usize>,
) -> Result<()> {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (from, to) = (number(*numbers.start()), number(*numbers.end()));
    // In two steps, for no two versions of a record may have one number at any time.
    let aside = sqlx::query(
        "UPDATE versions SET version = -version WHERE profile = ? AND identity = ? AND version BETWEEN ? AND ?",
    );
    aside.bind(profile).bind(identity.to_vec()).bind(from).bind(to).execute(&mut *connection).await?;
    let back = sqlx::query(
        "UPDATE versions SET version = CASE id WHEN ? THEN ? ELSE -version - 1 END \
         WHERE profile = ? AND identity = ? AND version < 0",
    );
    back.bind(id).bind(to).bind(profile).bind(identity.to_vec()).execute(connection).await?;
    Ok(())
}

/// Adds records to the index, and to the search once their [`Texts`] are in; they must not be there.
pub(crate) async fn insert_index(
    connection: &mut SqliteConnection,
    mut rows: Vec<IndexRow>,
    texts: &mut Texts,
) -> Result<()> {
    for row in &mut rows {
        texts.push(row.record, search_text(&mut row.entry));
    }
    insert(connection, INDEX, rows, bind_index).await?;
    if texts.are_many() { texts.insert(connection).await } else { Ok(()) }
}

/// Takes a record out of the index and the search.
pub(crate) async fn remove_index(connection: &mut SqliteConnection, record: i64) -> Result<()> {
    sqlx::query("DELETE FROM search WHERE rowid = ?").bind(record).execute(&mut *connection).await?;
    sqlx::query("DELETE FROM record_index WHERE record = ?").bind(record).execute(connection).await?;
    Ok(())
}

/// Remembers that imports brought versions that were there already: pairs of version and import.
pub(crate) async fn insert_sightings(connection: &mut SqliteConnection, rows: Vec<(i64, i64)>) -> Result<()> {
    insert(connection, SIGHTING, rows, |query, (version, import)| query.bind(version).bind(import)).await
}

/// Texts on their way into the search, which knows nothing of them before [`Texts::insert`].
///
/// Thousands go in by one statement. Before a statement of several rows FTS5 writes out all it holds in memory, because the
/// statement could be undone by itself, and small segments pile up to be merged; with a statement for each row the answers
/// of the database's thread take a seventh of an import.
#[derive(Default)]
pub(crate) struct Texts {
    /// By record, ascending: a row that comes before the last one makes FTS5 write out what it holds, too.
    by_record: BTreeMap<i64, String>,
    bytes: usize,
}

impl Texts {
    /// How many texts, or bytes of them, are many. SQLite takes two parameters for each of so many.
    const MANY: usize = 2_048;
    const MANY_BYTES: usize = 4 << 20;

    /// Adds a text, in the place of a former one of the same record.
    fn push(&mut self, record: i64, text: String) {
        self.bytes += text.len();
        self.bytes -= self.by_record.insert(record, text).map_or(0, |former| former.len());
    }

    fn are_many(&self) -> bool {
        self.by_record.len() >= Self::MANY || self.bytes >= Self::MANY_BYTES
    }

    /// Adds them to the search.
    pub(crate) async fn insert(&mut self, connection: &mut SqliteConnection) -> Result<()> {
        let Self { by_record, .. } = std::mem::take(self);
        if by_record.is_empty() {
            return Ok(());
        }
        let rows = vec!["(?,?)"; by_record.len()].join(",");
        let insert = sqlx::query(AssertSqlSafe(format!("INSERT INTO search (rowid, text) VALUES {rows}")));
        let insert = by_record.into_iter().fold(insert, |query, (record, text)| query.bind(record).bind(text));
        insert.persistent(false).execute(connection).await?;
        Ok(())
    }
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// One kind of row: the statement up to its values, and the placeholders of one row.
///
/// A statement that could be undone by itself makes FTS5 write out what it holds in memory, even one on another table.
/// `OR FAIL` needs no such undoing; the whole transaction is given up at a failure anyway.
#[derive(Clone, Copy)]
struct Insert {
    head: &'static str,
    row: &'static str,
}

const VERSION: Insert = Insert {
    head: "INSERT OR FAIL INTO versions (id, record, version, profile, identity, sha256, import, full_url, place, signed, original, detached, updated, as_of) VALUES ",
    row: "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
};
const INDEX: Insert = Insert {
    head: "INSERT OR FAIL INTO record_index (record, current, profile, category, sort_key, resource_type, code_system, code, \
           code_display, title, date, status, sensitivity, patient_ref, fact_key) VALUES ",
    row: "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
};
const SIGHTING: Insert = Insert { head: "INSERT OR IGNORE INTO sightings (version, import) VALUES ", row: "(?,?)" };

/// Rows that go to the database together. A few fixed sizes, so that the statements are prepared once and found again.
const ROWS: [usize; 3] = [128, 16, 1];

async fn insert<T>(
    connection: &mut SqliteConnection,
    insert: Insert,
    rows: Vec<T>,
    bind: impl for<'q> Fn(Query<'q>, T) -> Query<'q>,
) -> Result<()> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    for size in ROWS {
        if left < size {
            continue;
        }
        let values = vec![insert.row; size].join(",");
        let sql = format!("{}{values}", insert.head);
        while left >= size {
            let query = rows.by_ref().take(size).fold(sqlx::query(AssertSqlSafe(sql.clone())), &bind);
            query.execute(&mut *connection).await?;
            left -= size;
        }
    }
    Ok(())
}

fn bind_index(query: Query<'_>, row: IndexRow) -> Query<'_> {
    let IndexRow { record, current, profile, entry } = row;
    let sensitivity = labels_json(&entry.sensitivity);
    let (system, code, display) = match entry.code {
        Some(coding) => (Some(coding.system), Some(coding.code), Some(coding.display)),
        None => (None, None, None),
    };
    query
        .bind(record)
        .bind(current)
        .bind(profile)
        .bind(entry.category.as_str())
        .bind(entry.sort_key)
        .bind(entry.resource_type)
        .bind(system)
        .bind(code)
        .bind(display)
        .bind(entry.title)
        .bind(entry.date)
        .bind(entry.status)
        .bind(sensitivity)
        .bind(entry.patient_ref)
        .bind(entry.fact_key.map(|key| key.0.to_vec()))
}

/// Labels of sensitivity as their column has them.
pub(crate) fn labels_json(labels: &[Sensitivity]) -> Option<String> {
    if labels.is_empty() { None } else { serde_json::to_string(labels).ok() }
}

/// What full text search knows of a record: its title can always be found.
fn search_text(entry: &mut IndexEntry) -> String {
    let text = std::mem::take(&mut entry.text);
    if text.contains(&entry.title) { text } else { format!("{} {text}", entry.title) }
}
