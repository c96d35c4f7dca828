//! The task that holds an import's transaction and stores its batches.

use super::PutRecord;
use crate::error::{Error, Result};
use crate::grants::fixed;
use crate::journal::{self, Bytes, Device, Event};
use crate::profiles::ProfileId;
use carnet_records::index::IndexEntry;
use sha2::{Digest, Sha256};
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, Transaction};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// What is known of a record that the vault holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The record's id: that of its first version.
    pub(super) record: i64,
    /// Id and hash of each version.
    pub(super) versions: Vec<(i64, [u8; 32])>,
}

/// What the writer is asked to do.
pub(super) enum Command {
    Store(Batch),
    LookUp { profile: ProfileId, identity: [u8; 32], answer: oneshot::Sender<Option<Known>> },
    LoadAll { profile: ProfileId, answer: oneshot::Sender<HashMap<[u8; 32], Known>> },
    Commit { account: String, answer: oneshot::Sender<()> },
}

/// Rows on their way into the database.
#[derive(Default)]
pub(super) struct Batch {
    versions: Vec<NewVersion>,
    index: Vec<IndexRow>,
    corrected: Vec<i64>,
    bytes: usize,
    pub(super) sightings: Vec<i64>,
}

/// A version and what the index will say of its record.
pub(super) struct NewVersion {
    id: i64,
    record: i64,
    version: i64,
    identity: [u8; 32],
    sha256: [u8; 32],
    full_url: Option<String>,
    original: Vec<u8>,
    index: IndexEntry,
}

struct IndexRow {
    record: i64,
    current: i64,
    entry: IndexEntry,
}

impl NewVersion {
    pub(super) fn first(id: i64, put: &PutRecord<'_>) -> Self {
        Self::new(id, id, 1, put)
    }

    pub(super) fn correction(id: i64, known: &Known, put: &PutRecord<'_>) -> Self {
        Self::new(id, known.record, i64::try_from(known.versions.len()).unwrap_or(i64::MAX), put)
    }

    fn new(id: i64, record: i64, version: i64, put: &PutRecord<'_>) -> Self {
        Self {
            id,
            record,
            version,
            identity: put.identity,
            sha256: put.sha256,
            full_url: put.full_url.map(str::to_owned),
            original: put.original.to_owned(),
            index: put.index.clone(),
        }
    }
}

impl Batch {
    pub(super) fn push(&mut self, mut new: NewVersion) {
        self.bytes += new.original.len();
        if new.version > 1 {
            // The record's former index row goes: out of this batch if it is here, else out of the database.
            self.index.retain(|row| row.record != new.record);
            self.corrected.push(new.record);
        }
        let text = std::mem::take(&mut new.index.text);
        let entry = IndexEntry { text, ..new.index.clone() };
        self.index.push(IndexRow { record: new.record, current: new.id, entry });
        self.versions.push(new);
    }

    pub(super) fn rows(&self) -> usize {
        self.versions.len() + self.sightings.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows() == 0
    }
}

/// The caller's end of the writer task.
pub(super) struct Writer {
    commands: mpsc::Sender<Command>,
    task: Option<JoinHandle<Result<()>>>,
}

impl Writer {
    pub(super) fn start(
        tx: Transaction<'static, Sqlite>,
        device: Arc<Device>,
        profile: ProfileId,
        import: i64,
        file: [u8; 32],
        now: i64,
    ) -> Self {
        // Two batches ahead: enough to keep both sides busy, little enough to hold in memory.
        let (commands, receiver) = mpsc::channel(2);
        let work = Work { tx, device, profile, import, file, now, list: Vec::new() };
        Self { commands, task: Some(tokio::spawn(work.run(receiver))) }
    }

    pub(super) async fn send(&mut self, command: Command) -> Result<()> {
        match self.commands.send(command).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.reason().await),
        }
    }

    pub(super) async fn ask<T>(&mut self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T> {
        let (sender, answer) = oneshot::channel();
        self.send(command(sender)).await?;
        match answer.await {
            Ok(answer) => Ok(answer),
            Err(_) => Err(self.reason().await),
        }
    }

    /// Why the writer stopped.
    async fn reason(&mut self) -> Error {
        match self.task.take() {
            Some(task) => match task.await {
                Ok(Err(error)) => error,
                Ok(Ok(())) | Err(_) => Error::Internal("import"),
            },
            None => Error::Internal("import"),
        }
    }
}

struct Work {
    tx: Transaction<'static, Sqlite>,
    device: Arc<Device>,
    profile: ProfileId,
    import: i64,
    file: [u8; 32],
    now: i64,
    /// Identity and hash of each version stored: what the journal entry names.
    list: Vec<u8>,
}

impl Work {
    /// Runs until the import is committed, or given up by its caller; then the transaction is dropped, which undoes it.
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) -> Result<()> {
        while let Some(command) = commands.recv().await {
            // An answer that nobody waits for any more is no fault: the caller gave up and the channel is about to close.
            match command {
                Command::Store(batch) => self.store(batch).await?,
                Command::LookUp { profile, identity, answer } => {
                    let _ = answer.send(look_up(&mut self.tx, profile, identity).await?);
                }
                Command::LoadAll { profile, answer } => {
                    let _ = answer.send(load_all(&mut self.tx, profile).await?);
                }
                Command::Commit { account, answer } => {
                    self.commit(account).await?;
                    let _ = answer.send(());
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn store(&mut self, batch: Batch) -> Result<()> {
        let (profile, import) = (self.profile, self.import);
        for record in batch.corrected {
            sqlx::query("DELETE FROM search WHERE rowid = ?").bind(record).execute(&mut *self.tx).await?;
            sqlx::query("DELETE FROM record_index WHERE record = ?").bind(record).execute(&mut *self.tx).await?;
        }
        for new in &batch.versions {
            self.list.extend_from_slice(&new.identity);
            self.list.extend_from_slice(&new.sha256);
        }
        insert(&mut self.tx, INSERT_VERSION, batch.versions, |query, new| {
            query
                .bind(new.id)
                .bind(new.record)
                .bind(new.version)
                .bind(profile.0)
                .bind(new.identity.to_vec())
                .bind(new.sha256.to_vec())
                .bind(import)
                .bind(new.full_url)
                .bind(new.original)
        })
        .await?;
        let texts = batch.index.iter().map(|row| (row.record, search_text(&row.entry))).collect();
        insert(&mut self.tx, INSERT_INDEX, batch.index, |query, row| bind_index(query, profile, row)).await?;
        insert(&mut self.tx, INSERT_SEARCH, texts, |query, (record, text)| query.bind(record).bind(text)).await?;
        insert(&mut self.tx, INSERT_SIGHTING, batch.sightings, |query, version| query.bind(version).bind(import)).await
    }

    async fn commit(mut self, account: String) -> Result<()> {
        sqlx::query("UPDATE imports SET account = ? WHERE id = ?")
            .bind(account)
            .bind(self.import)
            .execute(&mut *self.tx)
            .await?;
        let event = Event::Imported {
            file: Bytes(self.file),
            count: self.list.len() as u64 / 64,
            list: Bytes(Sha256::digest(&self.list).into()),
        };
        journal::append(&mut self.tx, &self.device, self.now, Some(self.profile), event, Some(self.list)).await?;
        Ok(self.tx.commit().await?)
    }
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// One kind of row: the statement up to its values, and the placeholders of one row.
#[derive(Clone, Copy)]
struct Insert {
    head: &'static str,
    row: &'static str,
}

const INSERT_VERSION: Insert = Insert {
    head: "INSERT INTO versions (id, record, version, profile, identity, sha256, import, full_url, original) VALUES ",
    row: "(?,?,?,?,?,?,?,?,?)",
};
const INSERT_INDEX: Insert = Insert {
    head: "INSERT INTO record_index (record, current, profile, category, sort_key, resource_type, code_system, code, \
           code_display, title, date, status, sensitivity, patient_ref) VALUES ",
    row: "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
};
const INSERT_SEARCH: Insert = Insert { head: "INSERT INTO search (rowid, text) VALUES ", row: "(?,?)" };
const INSERT_SIGHTING: Insert =
    Insert { head: "INSERT OR IGNORE INTO sightings (version, import) VALUES ", row: "(?,?)" };

/// Rows in one statement. A few fixed sizes, so that the statements are prepared once and found again.
const ROWS: [usize; 3] = [64, 8, 1];

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

fn bind_index<'q>(query: Query<'q>, profile: ProfileId, row: IndexRow) -> Query<'q> {
    let IndexRow { record, current, entry } = row;
    let sensitivity = match entry.sensitivity.as_slice() {
        [] => None,
        labels => serde_json::to_string(labels).ok(),
    };
    let (system, code, display) = match entry.code {
        Some(coding) => (Some(coding.system), Some(coding.code), Some(coding.display)),
        None => (None, None, None),
    };
    query
        .bind(record)
        .bind(current)
        .bind(profile.0)
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
}

/// What full text search knows of a record: its title can always be found.
fn search_text(entry: &IndexEntry) -> String {
    if entry.text.contains(&entry.title) { entry.text.clone() } else { format!("{} {}", entry.title, entry.text) }
}

async fn look_up(connection: &mut SqliteConnection, profile: ProfileId, identity: [u8; 32]) -> Result<Option<Known>> {
    let rows =
        sqlx::query("SELECT record, id, sha256 FROM versions WHERE profile = ? AND identity = ? ORDER BY version")
            .bind(profile.0)
            .bind(identity.to_vec())
            .fetch_all(connection)
            .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let versions = rows.iter().map(|row| Ok((row.get(1), fixed(row, 2)?))).collect::<Result<_>>()?;
    Ok(Some(Known { record: first.get(0), versions }))
}

async fn load_all(connection: &mut SqliteConnection, profile: ProfileId) -> Result<HashMap<[u8; 32], Known>> {
    let rows = sqlx::query("SELECT identity, record, id, sha256 FROM versions WHERE profile = ? ORDER BY id")
        .bind(profile.0)
        .fetch_all(connection)
        .await?;
    let mut all = HashMap::with_capacity(rows.len());
    for row in &rows {
        let known = all.entry(fixed(row, 0)?).or_insert_with(|| Known { record: row.get(1), versions: Vec::new() });
        known.versions.push((row.get(2), fixed(row, 3)?));
    }
    Ok(all)
}
