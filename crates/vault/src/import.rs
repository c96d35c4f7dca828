//! Importing a file: one transaction, rows in batches, its journal entry inside.
//!
//! A thread holds the transaction and stores one batch while the caller still parses the next. Dropping the [`ImportTx`]
//! before [`ImportTx::commit`] undoes all of it.

mod writer;

use crate::attachments::AttachmentOutcome;
use crate::error::{Error, Result};
use crate::profiles::ProfileId;
use crate::rows::VersionRow;
use crate::vault::Vault;
use carnet_records::convert::Signed;
use carnet_records::import::attachments::{Detached, Detachment, SMALLEST, detach};
use carnet_records::index::IndexEntry;
use sha2::{Digest, Sha256};
use sqlx::Row;
use std::collections::HashMap;
use std::fmt;
use std::io::{Cursor, Read};
use std::marker::PhantomData;
use std::sync::Arc;
use writer::{Batch, Command, Known, KnownVersion, Learnt, Start, Writer};

/// The most bytes one record may have: SQLite's own limit is a gigabyte, and memory is finite.
pub const MAX_RECORD: usize = 64 * 1024 * 1024;

/// [`ImportSource::format`] of what the person typed. A record of such an import whose status is `entered-in-error` was
/// deleted by the person: its versions stay, lists and searches leave it out.
pub const TYPED_FORMAT: &str = "typed by hand";

/// A batch goes to the writer when it has so many rows …
const BATCH_ROWS: usize = 128;
/// … or so many bytes.
const BATCH_BYTES: usize = 1024 * 1024;
/// Up to so many records are looked up one by one; a larger import loads all identities at once.
const SINGLE_LOOKUPS: u32 = 200;

/// Where records come from.
#[derive(Debug, Clone)]
pub struct ImportSource {
    /// The file's name as the person knows it, without its folder.
    pub file_name: String,
    /// What it was recognised as.
    pub format: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
    /// When the file was last changed, Unix seconds: as of then its records are told, where neither they nor their
    /// documents are dated.
    pub as_of: i64,
    /// The time, Unix seconds.
    pub now: i64,
}

/// One record to be stored.
#[derive(Debug, Clone)]
pub struct PutRecord {
    /// What stays the same when the record is corrected.
    pub identity: [u8; 32],
    /// The exact bytes.
    pub original: Vec<u8>,
    /// What lists and search know about it.
    pub index: IndexEntry,
    /// The entry's `fullUrl`, if it came with one.
    pub full_url: Option<String>,
    /// Where in its source document it was made from; none for an entry of a FHIR JSON file.
    pub place: Option<String>,
    /// The issuer's signature that was checked.
    pub signed: Option<Signed>,
    /// As of when the document it came in tells it, Unix seconds, where that is dated.
    pub as_of: Option<i64>,
}

impl PutRecord {
    /// A record that came alone, from no document, and signed by nobody.
    pub fn new(identity: [u8; 32], original: Vec<u8>, index: IndexEntry) -> Self {
        Self { identity, original, index, full_url: None, place: None, signed: None, as_of: None }
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutOutcome {
    /// It was not there before.
    Imported,
    /// The very same bytes were there already, as this or a former version.
    AlreadyPresent,
    /// It was there with other bytes; these are now the current version, the former stay.
    NewVersion,
    /// It was there with other bytes that its source changed later than these; these now stand among the former versions.
    FormerVersion,
}

/// The number of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImportId(pub i64);

/// A former import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Which.
    pub id: ImportId,
    /// Whose records.
    pub profile: ProfileId,
    /// The file's name.
    pub file_name: String,
    /// What it was recognised as.
    pub format: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
    /// When, Unix seconds.
    pub at: i64,
    /// What became of each entry (JSON, as it was given to [`ImportTx::commit`]).
    pub account: String,
}

/// An import in progress. While it lasts, other calls on the vault wait. Dropping it waits until the batch that is being
/// stored is done, and undoes all.
pub struct ImportTx<'v> {
    writer: Writer,
    profile: ProfileId,
    batch: Batch,
    known: HashMap<[u8; 32], Known>,
    all_known: bool,
    lookups: u32,
    first_version_id: i64,
    next_version_id: i64,
    import: i64,
    detached: u64,
    /// The very file was imported before: its records' sources are known.
    again: bool,
    /// As of when the file tells what is not dated.
    as_of: i64,
    now: i64,
    _vault: PhantomData<&'v Vault>,
}

impl Vault {
    /// Starts the import of one file.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if there is no such person; those of the database.
    pub async fn begin_import(&self, profile: ProfileId, source: ImportSource) -> Result<ImportTx<'_>> {
        let size = i64::try_from(source.size).map_err(|_| Error::TooLarge { what: "file", limit: usize::MAX })?;
        let connection = self.db.lock_owned().await?;
        let (device, store) = (Arc::clone(&self.device), self.attachments.clone());
        let (as_of, now) = (source.as_of, source.now);
        let start = Start { device, store, profile, source, size };
        let (writer, begun) = Writer::start(connection, start).await?;
        Ok(ImportTx {
            writer,
            profile,
            batch: Batch::default(),
            known: HashMap::new(),
            // In an empty vault there is nothing to look up.
            all_known: begun.last_version == 0,
            lookups: 0,
            first_version_id: begun.last_version + 1,
            next_version_id: begun.last_version + 1,
            import: begun.import,
            detached: 0,
            again: begun.again,
            as_of,
            now,
            _vault: PhantomData,
        })
    }

    /// Former imports, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn imports(&self, limit: u32) -> Result<Vec<ImportRow>> {
        let rows = sqlx::query(
            "SELECT id, profile, file_name, format, sha256, size, at, account FROM imports ORDER BY id DESC LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&mut *self.db.lock().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ImportRow {
                    id: ImportId(row.get(0)),
                    profile: ProfileId(row.get(1)),
                    file_name: row.get(2),
                    format: row.get(3),
                    sha256: crate::grants::fixed(row, 4)?,
                    size: row.get::<i64, _>(5).unsigned_abs(),
                    at: row.get(6),
                    account: row.get(7),
                })
            })
            .collect()
    }
}

impl fmt::Debug for ImportTx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportTx").field("import", &self.import).finish_non_exhaustive()
    }
}

fn signed_json(signed: &Signed) -> Result<String> {
    serde_json::to_string(signed).map_err(|_| Error::Internal("signature"))
}

impl KnownVersion {
    /// What a source that brings the version once more adds to it. The address that it keeps is the first in order of
    /// all that it came with, so that the order of the files does not matter.
    fn learn(&mut self, full_url: Option<&str>, signed: Option<&Signed>) -> Result<Option<Learnt>> {
        let full_url = full_url.filter(|url| self.full_url.as_deref().is_none_or(|known| *url < known));
        let signed = signed.filter(|signed| self.listed.is_none_or(|listed| signed.listed && !listed));
        if full_url.is_none() && signed.is_none() {
            return Ok(None);
        }
        if let Some(url) = full_url {
            self.full_url = Some(url.into());
        }
        if let Some(signed) = signed {
            self.listed = Some(signed.listed);
        }
        let signed = signed.map(signed_json).transpose()?;
        Ok(Some(Learnt { version: self.id, full_url: full_url.map(str::to_owned), signed }))
    }
}

impl ImportTx<'_> {
    /// Stores one record, or sees that it is there.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for this record alone, after which the import can go on. After any other error the import
    /// cannot be finished and nothing of it is stored.
    pub async fn put(&mut self, record: PutRecord) -> Result<PutOutcome> {
        if record.original.len() > MAX_RECORD {
            return Err(Error::TooLarge { what: "record", limit: MAX_RECORD });
        }
        let sha256: [u8; 32] = Sha256::digest(&record.original).into();
        self.look_up(&record.identity).await?;
        // Also of a record that is there: its files may have been lost since.
        let slim = self.detach(&record.original).await?;
        let id = self.next_version_id;
        let known = self.known.entry(record.identity).or_insert_with(|| Known::new(id));
        let dated = record.index.updated;
        let as_of = match dated {
            Some(updated) => updated.saturating_mul(1000),
            // A date that has not come yet must not keep out what will come.
            None => record.as_of.unwrap_or(self.as_of).min(self.now).saturating_mul(1000).saturating_add(known.told),
        };
        known.told += 1;
        if let Some((at, version)) = known.versions.iter_mut().enumerate().find(|(_, version)| version.sha256 == sha256)
        {
            // Only a version that another file brought gains a source by this one.
            if !self.again && version.id < self.first_version_id {
                self.batch.see(version.id, self.import);
            }
            if let Some(learnt) = version.learn(record.full_url.as_deref(), record.signed.as_ref())? {
                self.batch.learn(learnt);
            }
            if dated.is_none() && as_of > version.as_of {
                let renewed = known.renew(at, as_of, self.profile, record.identity, record.index);
                // Its history is changed where it lies.
                self.flush().await?;
                self.batch.renew(renewed);
                self.flush().await?;
            }
            return Ok(PutOutcome::AlreadyPresent);
        }
        let place = known.place(as_of, &sha256);
        let (count, record_id) = (known.versions.len(), known.record);
        known.versions.insert(
            place,
            KnownVersion {
                id,
                sha256,
                as_of,
                full_url: record.full_url.as_deref().map(Into::into),
                listed: record.signed.as_ref().map(|signed| signed.listed),
            },
        );
        let row = VersionRow {
            id,
            record: record_id,
            version: i64::try_from(place + 1).unwrap_or(i64::MAX),
            profile: self.profile.0,
            identity: record.identity,
            sha256,
            import: self.import,
            full_url: record.full_url,
            place: record.place,
            signed: record.signed.as_ref().map(signed_json).transpose()?,
            detached: slim.is_some(),
            updated: dated,
            as_of: if dated.is_none() { Some(as_of) } else { None },
            original: slim.unwrap_or(record.original),
        };
        self.next_version_id += 1;
        if place < count {
            // What comes after it in the record's history must be stored before it can make room, and has its number then.
            self.flush().await?;
            self.batch.push_former(row);
            self.flush().await?;
            return Ok(PutOutcome::FormerVersion);
        }
        self.batch.push(row, record.index);
        if self.batch.rows() >= BATCH_ROWS || self.batch.bytes() >= BATCH_BYTES {
            self.flush().await?;
        }
        Ok(if count == 0 { PutOutcome::Imported } else { PutOutcome::NewVersion })
    }

    /// Stores bytes that records refer to by their SHA-256, or sees that they are there. They are read to their end on the
    /// import's own thread, a piece at a time, and belong to the vault once the import is committed.
    ///
    /// # Errors
    /// [`Error::Attachment`] if the reader fails or gives other bytes than the hash says; [`Error::Io`] if they cannot be
    /// written. After these the import can go on without them; after any other error it cannot be finished.
    pub async fn put_attachment(
        &mut self,
        sha256: [u8; 32],
        media_type: &str,
        reader: impl Read + Send + 'static,
    ) -> Result<AttachmentOutcome> {
        let (media_type, reader) = (media_type.to_owned(), Box::new(reader));
        self.writer.ask(|answer| Command::Attach { sha256, media_type, reader, answer }).await?
    }

    /// Puts large inline data of a record into the attachment store and gives the record without them; none where it has
    /// none, or where they cannot be stored: then it is kept whole.
    async fn detach(&mut self, original: &[u8]) -> Result<Option<Vec<u8>>> {
        if original.len() < SMALLEST {
            return Ok(None);
        }
        let Detached { slim, parts } = detach(original);
        if parts.is_empty() {
            return Ok(None);
        }
        for Detachment { sha256, media_type, bytes } in parts {
            match self.put_attachment(sha256, &media_type, Cursor::new(bytes)).await {
                Ok(_) => self.detached += 1,
                Err(Error::Attachment(_) | Error::Io { .. }) => return Ok(None),
                Err(other) => return Err(other),
            }
        }
        Ok(Some(slim))
    }

    /// How many large inline data were found in records so far; each lies in the attachment store once.
    pub fn detached(&self) -> u64 {
        self.detached
    }

    /// Finishes: the records, the account (JSON: what became of each entry of the file) and the journal entry are stored
    /// together.
    ///
    /// # Errors
    /// Those of the database; then nothing of the import is stored.
    pub async fn commit(mut self, account: &str) -> Result<ImportId> {
        self.flush().await?;
        self.writer.ask(|answer| Command::Commit { account: account.to_owned(), answer }).await?;
        Ok(ImportId(self.import))
    }

    /// The number that this import will have.
    pub fn id(&self) -> ImportId {
        ImportId(self.import)
    }

    async fn flush(&mut self) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.writer.send(Command::Store(std::mem::take(&mut self.batch))).await
    }

    /// Makes sure that `known` tells whether and how a record is in the vault.
    async fn look_up(&mut self, identity: &[u8; 32]) -> Result<()> {
        if self.all_known || self.known.contains_key(identity) {
            return Ok(());
        }
        self.lookups += 1;
        if self.lookups > SINGLE_LOOKUPS {
            let all = self.writer.ask(|answer| Command::LoadAll { profile: self.profile, answer }).await?;
            for (identity, known) in all {
                // What this import brought itself is newer than what was stored when it began.
                self.known.entry(identity).or_insert(known);
            }
            self.all_known = true;
            return Ok(());
        }
        let identity = *identity;
        let found = self.writer.ask(|answer| Command::LookUp { profile: self.profile, identity, answer }).await?;
        if let Some(known) = found {
            self.known.insert(identity, known);
        }
        Ok(())
    }
}
