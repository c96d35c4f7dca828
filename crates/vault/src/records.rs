//! Reading records: lists, search, one record with its versions and sources, and originals for a share.

mod query;

use crate::error::{Error, Result};
use crate::grants::fixed;
use crate::profiles::ProfileId;
use crate::vault::Vault;
use carnet_records::index::{Category, Coding3, IndexEntry};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Which records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuery {
    /// Whose.
    pub profile: ProfileId,
    /// Only this category.
    pub category: Option<Category>,
    /// Only records with words that begin like each of these words (any case, with or without accents).
    pub text: Option<String>,
    /// Only these.
    pub ids: Option<Vec<i64>>,
    /// Only what comes after this place in the list: the key of the last row of the page before.
    pub after: Option<PageKey>,
    /// At most so many.
    pub limit: u32,
}

/// A place in the list, which is ordered newest first; undated records come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageKey {
    /// [`IndexEntry::sort_key`] of the row.
    pub sort_key: i64,
    /// [`RecordRow::id`] of the row.
    pub id: i64,
}

/// A record in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Its number; stays the same when it is corrected.
    pub id: i64,
    /// What the importer recognised it by.
    pub identity: [u8; 32],
    /// SHA-256 of its current version.
    pub sha256: [u8; 32],
    /// What the index knows; the search text is left out and empty.
    pub index: IndexEntry,
    /// The entry's `fullUrl`, if it came with one.
    pub full_url: Option<String>,
    /// When the current version came, Unix seconds.
    pub imported_at: i64,
    /// The name of the file that brought it.
    pub source: String,
}

/// A record with its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// As in the list.
    pub row: RecordRow,
    /// The current version's bytes, exactly as they came.
    pub original: Vec<u8>,
}

/// Everything about one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDetail {
    /// As in the list.
    pub row: RecordRow,
    /// The current version's bytes, exactly as they came.
    pub original: Vec<u8>,
    /// Every version, oldest first.
    pub versions: Vec<RecordVersion>,
}

/// One version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVersion {
    /// From 1.
    pub version: u32,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// When it came, Unix seconds.
    pub imported_at: i64,
    /// The files that brought it, first one first.
    pub sources: Vec<String>,
}

impl RecordQuery {
    /// Everything of one person.
    pub fn new(profile: ProfileId) -> Self {
        Self { profile, category: None, text: None, ids: None, after: None, limit: u32::MAX }
    }
}

impl RecordRow {
    /// Where the next page starts after this row.
    pub fn page_key(&self) -> PageKey {
        PageKey { sort_key: self.index.sort_key, id: self.id }
    }
}

impl Vault {
    /// A page of records, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn records(&self, query: &RecordQuery) -> Result<Vec<RecordRow>> {
        query::run(&mut *self.db.lock().await?, query, false).await?.iter().map(row).collect()
    }

    /// The same with the exact bytes of each: for a share, an export.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn originals(&self, query: &RecordQuery) -> Result<Vec<StoredRecord>> {
        let rows = query::run(&mut *self.db.lock().await?, query, true).await?;
        rows.iter().map(|r| Ok(StoredRecord { row: row(r)?, original: r.get(ORIGINAL) })).collect()
    }

    /// Everything about one record.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if it is not there; those of the database.
    pub async fn record(&self, id: i64) -> Result<RecordDetail> {
        let mut db = self.db.lock().await?;
        let found = query::by_id(&mut db, id).await?.ok_or(Error::NoSuch("record"))?;
        let versions = sqlx::query(
            "SELECT v.version, v.sha256, i.at, v.id FROM versions v JOIN imports i ON i.id = v.import \
             WHERE v.profile = (SELECT profile FROM versions WHERE id = ?1) \
               AND v.identity = (SELECT identity FROM versions WHERE id = ?1) ORDER BY v.version",
        )
        .bind(id)
        .fetch_all(&mut *db)
        .await?;
        let mut detail = RecordDetail { row: row(&found)?, original: found.get(ORIGINAL), versions: Vec::new() };
        for version in &versions {
            let sources = sqlx::query_scalar(
                "SELECT file_name FROM imports WHERE id = (SELECT import FROM versions WHERE id = ?1) \
                   OR id IN (SELECT import FROM sightings WHERE version = ?1) ORDER BY id",
            )
            .bind(version.get::<i64, _>(3));
            detail.versions.push(RecordVersion {
                version: version.get(0),
                sha256: fixed(version, 1)?,
                imported_at: version.get(2),
                sources: sources.fetch_all(&mut *db).await?,
            });
        }
        Ok(detail)
    }

    /// How many records of each category a person has; categories without any are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn counts(&self, profile: ProfileId) -> Result<Vec<(Category, u64)>> {
        let rows = sqlx::query("SELECT category, count(*) FROM record_index WHERE profile = ? GROUP BY category")
            .bind(profile.0)
            .fetch_all(&mut *self.db.lock().await?)
            .await?;
        let mut counts = Vec::with_capacity(rows.len());
        for category in Category::all() {
            if let Some(row) = rows.iter().find(|row| row.get::<&str, _>(0) == category.as_str()) {
                counts.push((*category, row.get::<i64, _>(1).unsigned_abs()));
            }
        }
        Ok(counts)
    }
}

/// Columns of a listed record, as [`row`] reads them; the exact bytes come after them where asked for.
pub(crate) const COLUMNS: &str = "r.record, v.identity, v.sha256, r.resource_type, r.category, r.code_system, r.code, r.code_display, \
    r.title, r.date, r.sort_key, r.status, r.sensitivity, r.patient_ref, v.full_url, i.at, i.file_name";
pub(crate) const ORIGINAL: usize = 17;

pub(crate) fn row(row: &SqliteRow) -> Result<RecordRow> {
    let code = row.get::<Option<String>, _>(6);
    let code = code.map(|code| Coding3 { system: row.get(5), code, display: row.get(7) });
    let sensitivity = match row.get::<Option<&str>, _>(12) {
        Some(labels) => serde_json::from_str(labels).map_err(|_| Error::NewerFormat)?,
        None => Vec::new(),
    };
    Ok(RecordRow {
        id: row.get(0),
        identity: fixed(row, 1)?,
        sha256: fixed(row, 2)?,
        index: IndexEntry {
            resource_type: row.get(3),
            category: Category::from_name(row.get(4)).ok_or(Error::NewerFormat)?,
            code,
            title: row.get(8),
            date: row.get(9),
            sort_key: row.get(10),
            status: row.get(11),
            sensitivity,
            patient_ref: row.get(13),
            text: String::new(),
            fact_key: None,
        },
        full_url: row.get(14),
        imported_at: row.get(15),
        source: row.get(16),
    })
}
