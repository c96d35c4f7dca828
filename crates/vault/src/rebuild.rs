//! Rebuilding the index from the original bytes: after a better program learnt to read more out of them.

use crate::attachments::Store;
use crate::error::Result;
use crate::medicines;
use crate::original;
use crate::profiles::ProfileId;
use crate::rows::{self, IndexRow, Texts};
use crate::vault::Vault;
use carnet_records::import::index_with_contents;
use carnet_records::index::{Category, IndexEntry};
use sqlx::{Connection, Row, SqliteConnection};

/// Records in memory at a time.
const PAGE: i64 = 256;

impl Vault {
    /// Makes the index and the search anew from the original bytes, in one transaction. Gives the number of records. What
    /// is known of an original that is no FHIR resource stays as its importer told it.
    ///
    /// # Errors
    /// Those of the database; then the former index stands.
    pub async fn rebuild_index(&self) -> Result<u64> {
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        let count = rebuild(&mut tx, &self.attachments).await?;
        tx.commit().await?;
        Ok(count)
    }
}

/// The same inside the caller's transaction.
pub(crate) async fn rebuild(connection: &mut SqliteConnection, store: &Store) -> Result<u64> {
    let (mut count, mut after, mut texts) = (0, 0_i64, Texts::default());
    loop {
        let found = sqlx::query(
            "SELECT v.record, v.id, v.profile, v.original, i.format, r.record IS NOT NULL, v.detached, v.updated \
             FROM versions v JOIN imports i ON i.id = v.import LEFT JOIN record_index r ON r.record = v.record \
             WHERE v.id > ?1 AND NOT EXISTS (SELECT 1 FROM versions n WHERE n.profile = v.profile AND n.identity = v.identity \
               AND n.version > v.version) ORDER BY v.id LIMIT ?2",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = found.last() else { break };
        after = last.get(1);
        count += found.len() as u64;
        let mut index = Vec::with_capacity(found.len());
        for row in &found {
            let (record, indexed) = (row.get(0), row.get(5));
            let original = original::whole_or_slim(connection, store, row.get(3), row.get(6)).await?;
            let entry = match index_with_contents(&original) {
                Some(entry) => entry,
                None if indexed => continue,
                None => unreadable(row.get(4)),
            };
            if entry.updated != row.get(7) {
                // Nobody looked for it when the version came.
                let update = sqlx::query("UPDATE versions SET updated = ? WHERE id = ?");
                update.bind(entry.updated).bind(row.get::<i64, _>(1)).execute(&mut *connection).await?;
            }
            if indexed {
                rows::remove_index(connection, record).await?;
            }
            index.push(IndexRow { record, current: row.get(1), profile: row.get(2), entry });
        }
        rows::insert_index(connection, index, &mut texts).await?;
    }
    texts.insert(connection).await?;
    let people: Vec<u16> = sqlx::query_scalar("SELECT id FROM profiles").fetch_all(&mut *connection).await?;
    for person in people {
        medicines::name_all(connection, ProfileId(person)).await?;
    }
    Ok(count)
}

/// All that can be said of a record that nobody could read.
fn unreadable(format: String) -> IndexEntry {
    IndexEntry {
        resource_type: String::new(),
        category: Category::Other,
        code: None,
        title: format,
        date: None,
        sort_key: i64::MIN,
        status: None,
        sensitivity: Vec::new(),
        patient_ref: None,
        text: String::new(),
        fact_key: None,
        updated: None,
    }
}
