//! Reading records: lists, search, one record with its versions and sources, and originals for a share.

mod query;

use crate::error::{Error, Result};
use crate::grants::fixed;
use crate::import::{ImportId, TYPED_FORMAT};
use crate::original;
use crate::profiles::ProfileId;
use crate::vault::Vault;
use carnet_records::convert::Signed;
use carnet_records::index::{Category, Coding3, IndexEntry};
use carnet_records::sensitivity::Sensitivity;
use carnet_records::view::FactKey;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};

/// Which records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuery {
    /// Whose.
    pub profile: ProfileId,
    /// Only this category.
    pub category: Option<Category>,
    /// Only records with words that begin like each of these words (any case, with or without accents).
    pub text: Option<String>,
    /// Only what this import brought, as a new record or version or as something that was there already.
    pub import: Option<ImportId>,
    /// Only what is held back from shares (or only what is not).
    pub sensitive: Option<bool>,
    /// Only what an issuer signed (or only what nobody did).
    pub signed: Option<bool>,
    /// Only records with exactly this status.
    pub status: Option<String>,
    /// Only records of this moment or later, in Unix seconds as [`IndexEntry::sort_key`]. Undated ones are left out.
    pub since: Option<i64>,
    /// Only records from before this moment. Undated ones are left out.
    pub until: Option<i64>,
    /// Only these.
    pub ids: Option<Vec<i64>>,
    /// Only what comes after this place in the list: the key of the last row of the page before.
    pub after: Option<PageKey>,
    /// Leaves out so many from the front. For pages one after another, [`RecordQuery::after`] costs less.
    pub offset: u32,
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
    /// What the index knows; the search text is left out and empty. Where the patient chose the labels of sensitivity
    /// ([`Vault::set_sensitivity`]), they stand here.
    pub index: IndexEntry,
    /// Whether the patient chose them.
    pub sensitivity_chosen: bool,
    /// Those that were found in it and in what belongs to it, whatever the patient chose.
    pub sensitivity_found: Vec<Sensitivity>,
    /// The entry's `fullUrl`, if it came with one.
    pub full_url: Option<String>,
    /// When the current version came, Unix seconds.
    pub imported_at: i64,
    /// The import that brought it.
    pub import: ImportId,
    /// The name of the file that brought it.
    pub source: String,
    /// What that file was recognised as; [`TYPED_FORMAT`] for what the person typed.
    pub format: String,
    /// Where in that file it was made from; none for an entry of a FHIR JSON file.
    pub place: Option<String>,
    /// The issuer's signature that was checked when it was imported.
    pub signed: Option<Signed>,
}

/// A record with its exact bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// As in the list.
    pub row: RecordRow,
    /// The current version's bytes, exactly as they came; their slim form from [`Vault::slim`].
    pub original: Vec<u8>,
}

/// Everything about one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDetail {
    /// As in the list.
    pub row: RecordRow,
    /// The current version in its slim form, as from [`Vault::slim`].
    pub slim: Vec<u8>,
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
    /// As of when it is told, Unix seconds, which is its place in the history: when its source last changed it; where the
    /// source does not say, the newest date of the documents and files that told it.
    pub as_of: i64,
    /// Where in the file that brought it first it was made from; none for an entry of a FHIR JSON file.
    pub place: Option<String>,
    /// The issuer's signature that was checked when it was imported.
    pub signed: Option<Signed>,
    /// The files that brought it, first one first.
    pub sources: Vec<RecordSource>,
}

/// A file that brought a version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSource {
    /// Its import.
    pub import: ImportId,
    /// Its name.
    pub file_name: String,
    /// What it was recognised as.
    pub format: String,
    /// When it was imported, Unix seconds.
    pub at: i64,
}

impl RecordQuery {
    /// Everything of one person.
    pub fn new(profile: ProfileId) -> Self {
        Self {
            profile,
            category: None,
            text: None,
            import: None,
            sensitive: None,
            signed: None,
            status: None,
            since: None,
            until: None,
            ids: None,
            after: None,
            offset: 0,
            limit: u32::MAX,
        }
    }
}

impl RecordRow {
    /// Where the next page starts after this row.
    pub fn page_key(&self) -> PageKey {
        PageKey { sort_key: self.index.sort_key, id: self.id }
    }
}

impl Vault {
    /// A page of records, newest first. What the person typed and then deleted is not among them ([`TYPED_FORMAT`]).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn records(&self, query: &RecordQuery) -> Result<Vec<RecordRow>> {
        query::run(&mut *self.db.lock().await?, query, false).await?.iter().map(row).collect()
    }

    /// The same with the exact bytes of each: for a share, an export.
    ///
    /// # Errors
    /// [`Error::Attachment`] if bytes of one of them are missing or damaged; those of the database.
    pub async fn originals(&self, query: &RecordQuery) -> Result<Vec<StoredRecord>> {
        let mut db = self.db.lock().await?;
        let mut stored = Vec::new();
        for found in query::run(&mut db, query, true).await? {
            let (slim, detached) = (found.get(ORIGINAL), found.get(DETACHED));
            let original = original::whole(&mut db, &self.attachments, slim, detached).await?;
            stored.push(StoredRecord { row: row(&found)?, original });
        }
        Ok(stored)
    }

    /// The same in their slim form, as the vault keeps them: where large inline data lie in the attachment store, a mark
    /// stands in their place ([`carnet_records::import::attachments`]). All that lists and pages need.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slim(&self, query: &RecordQuery) -> Result<Vec<StoredRecord>> {
        let rows = query::run(&mut *self.db.lock().await?, query, true).await?;
        rows.iter().map(|r| Ok(StoredRecord { row: row(r)?, original: r.get(ORIGINAL) })).collect()
    }

    /// The exact bytes of a record's current version.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if it is not there; [`Error::Attachment`] if bytes of it are missing or damaged; those of the
    /// database.
    pub async fn original(&self, id: i64) -> Result<Vec<u8>> {
        let mut db = self.db.lock().await?;
        let found = query::by_id(&mut db, id).await?.ok_or(Error::NoSuch("record"))?;
        original::whole(&mut db, &self.attachments, found.get(ORIGINAL), found.get(DETACHED)).await
    }

    /// The records that have these words, as [`RecordQuery::text`] finds them, of all people and in no order. None if the
    /// text has no words in it. For those who keep the list of records and only ask which of them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn found(&self, text: &str) -> Result<Option<Vec<i64>>> {
        query::found(&mut *self.db.lock().await?, text).await
    }

    /// Everything about one record.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if it is not there; those of the database.
    pub async fn record(&self, id: i64) -> Result<RecordDetail> {
        let mut db = self.db.lock().await?;
        let found = query::by_id(&mut db, id).await?.ok_or(Error::NoSuch("record"))?;
        let versions = sqlx::query(
            "SELECT v.version, v.sha256, i.at, v.id, v.place, v.signed, coalesce(v.updated, v.as_of / 1000, i.at) \
             FROM versions v JOIN imports i ON i.id = v.import \
             WHERE v.profile = (SELECT profile FROM versions WHERE id = ?1) \
               AND v.identity = (SELECT identity FROM versions WHERE id = ?1) ORDER BY v.version",
        )
        .bind(id)
        .fetch_all(&mut *db)
        .await?;
        let mut detail = RecordDetail { row: row(&found)?, slim: found.get(ORIGINAL), versions: Vec::new() };
        for version in &versions {
            let sources = sqlx::query(
                "SELECT id, file_name, format, at FROM imports WHERE id = (SELECT import FROM versions WHERE id = ?1) \
                   OR id IN (SELECT import FROM sightings WHERE version = ?1) ORDER BY id",
            )
            .bind(version.get::<i64, _>(3));
            detail.versions.push(RecordVersion {
                version: version.get(0),
                sha256: fixed(version, 1)?,
                imported_at: version.get(2),
                place: version.get(4),
                signed: signed(version.get(5))?,
                as_of: version.get(6),
                sources: sources.fetch_all(&mut *db).await?.iter().map(source).collect(),
            });
        }
        Ok(detail)
    }

    /// The newest versions of a record in their slim form, newest first, with their numbers; at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn slim_versions(&self, record: i64, limit: u32) -> Result<Vec<(u32, Vec<u8>)>> {
        let rows = sqlx::query(
            "SELECT v.version, v.original FROM versions v JOIN versions f ON f.profile = v.profile \
             AND f.identity = v.identity WHERE f.id = ?1 AND f.record = ?1 ORDER BY v.version DESC LIMIT ?2",
        )
        .bind(record)
        .bind(limit)
        .fetch_all(&mut *self.db.lock().await?)
        .await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// Files that brought the current version of a record once more, as it was: pairs of the record and the file's name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sightings(&self, profile: ProfileId) -> Result<Vec<(i64, String)>> {
        let rows = sqlx::query(
            "SELECT r.record, i.file_name FROM sightings s JOIN record_index r ON r.current = s.version \
             JOIN imports i ON i.id = s.import WHERE r.profile = ? ORDER BY r.record, i.id",
        )
        .bind(profile.0)
        .fetch_all(&mut *self.db.lock().await?)
        .await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// How many records of each category a person has; categories without any are left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn counts(&self, profile: ProfileId) -> Result<Vec<(Category, u64)>> {
        let sql = format!(
            "SELECT r.category, count(*) FROM record_index r WHERE r.profile = ?{NOT_DELETED} GROUP BY r.category"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(profile.0)
            .bind(TYPED_FORMAT)
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

/// What the person typed and then deleted is in its history alone. One parameter: [`TYPED_FORMAT`].
const NOT_DELETED: &str = " AND r.record NOT IN (SELECT x.record FROM imports t JOIN versions d ON d.import = t.id \
    JOIN record_index x ON x.record = d.record AND x.current = d.id WHERE t.format = ? AND x.status = 'entered-in-error')";

/// Columns of a listed record, as [`row`] reads them; the exact bytes come after them where asked for.
pub(crate) const COLUMNS: &str = "r.record, v.identity, v.sha256, r.resource_type, r.category, r.code_system, r.code, r.code_display, \
    r.title, r.date, r.sort_key, r.status, r.sensitivity, r.patient_ref, v.full_url, i.at, i.file_name, v.import, v.place, \
    v.signed, (SELECT o.labels FROM sensitivity_overrides o WHERE o.record = r.record), r.fact_key, i.format, v.updated";
pub(crate) const ORIGINAL: usize = 24;
/// Whether those are the slim form.
pub(crate) const DETACHED: usize = ORIGINAL + 1;
/// Where they have the labels that were found.
pub(crate) const FOUND_LABELS: usize = 12;

pub(crate) fn row(row: &SqliteRow) -> Result<RecordRow> {
    let code = row.get::<Option<String>, _>(6);
    let code = code.map(|code| Coding3 { system: row.get(5), code, display: row.get(7) });
    let chosen: Option<&str> = row.get(20);
    let fact_key: Option<&[u8]> = row.get(21);
    let fact_key = fact_key.map(|key| key.try_into().map_err(|_| Error::NewerFormat)).transpose()?;
    let found = labels(row.get(FOUND_LABELS))?;
    let sensitivity = if chosen.is_some() { labels(chosen)? } else { found.clone() };
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
            fact_key: fact_key.map(FactKey),
            updated: row.get(23),
        },
        sensitivity_chosen: chosen.is_some(),
        sensitivity_found: found,
        full_url: row.get(14),
        imported_at: row.get(15),
        source: row.get(16),
        format: row.get(22),
        import: ImportId(row.get(17)),
        place: row.get(18),
        signed: signed(row.get(19))?,
    })
}

/// Labels of sensitivity from their column.
pub(crate) fn labels(json: Option<&str>) -> Result<Vec<Sensitivity>> {
    json.map_or(Ok(Vec::new()), |json| serde_json::from_str(json).map_err(|_| Error::NewerFormat))
}

fn signed(json: Option<&str>) -> Result<Option<Signed>> {
    json.map(|json| serde_json::from_str(json).map_err(|_| Error::NewerFormat)).transpose()
}

fn source(row: &SqliteRow) -> RecordSource {
    RecordSource { import: ImportId(row.get(0)), file_name: row.get(1), format: row.get(2), at: row.get(3) }
}
