//! Making a vault from a backup: all of it in one transaction of a vault that becomes visible only when it is complete.

use super::read::Read;
use super::wire::{About, TableLine, Value, VersionLine, from_line, to_line};
use super::{ABOUT, ATTACHMENTS, FORMAT, FORMER_FORMATS, Part, read, table::TABLES};
use crate::attachments::{self, Written};
use crate::error::{BackupFault, Error, Result};
use crate::journal::{self, Bytes, Event};
use crate::phrase::RecoveryPhrase;
use crate::rebuild;
use crate::rows::{self, IndexRow, Texts, VersionRow};
use crate::secret::Passphrase;
use crate::vault::{CreateOptions, Former, NewVault, Vault};
use carnet_records::import::attachments::detach;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::path::Path;
use tokio::sync::mpsc;

/// Versions that go into the database together.
const ROWS: usize = 128;

const INCONSISTENT: Error = Error::Backup(BackupFault::Inconsistent);

impl Vault {
    /// Makes a new vault in a folder that is empty or not there yet, from a backup, the recovery words it was made under
    /// and a new passphrase. Every record is checked against its hash. The vault appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::WrongPhrase`], [`Error::Backup`], [`Error::NewerFormat`], [`Error::Exists`], [`Error::FolderNotEmpty`];
    /// those of files and database.
    pub async fn restore(
        backup: &Path,
        folder: &Path,
        phrase: &RecoveryPhrase,
        passphrase: &Passphrase,
        options: &CreateOptions,
    ) -> Result<Self> {
        restore(backup, folder, None, phrase, passphrase, options).await
    }

    /// The same in the place of a vault that is there and can no longer be read. Once the new one is complete, the former
    /// folder is renamed to `aside`, where nothing may be yet, on the same disk; it is never removed. Killed at any instant,
    /// the former vault is whole, in its place or aside, and the new one is whole or absent.
    ///
    /// # Errors
    /// [`Error::NotFound`] if no vault is there, [`Error::InUse`]; [`Error::FolderNotEmpty`] if something is at `aside`; those
    /// of [`Vault::restore`]. The former vault is then in its place.
    pub async fn restore_over(
        backup: &Path,
        folder: &Path,
        aside: &Path,
        phrase: &RecoveryPhrase,
        passphrase: &Passphrase,
        options: &CreateOptions,
    ) -> Result<Self> {
        let lock = Self::lock(folder)?;
        // A link that leads nowhere is something, too.
        if aside.symlink_metadata().is_ok() {
            return Err(Error::FolderNotEmpty);
        }
        let former = Former { aside: aside.to_owned(), lock };
        restore(backup, folder, Some(former), phrase, passphrase, options).await
    }
}

async fn restore(
    backup: &Path,
    folder: &Path,
    former: Option<Former>,
    phrase: &RecoveryPhrase,
    passphrase: &Passphrase,
    options: &CreateOptions,
) -> Result<Vault> {
    let identity = phrase.keys().recovery_identity()?;
    let opened = read::open(backup, &identity)?;
    let new = NewVault::begin(folder, former, passphrase, options, phrase).await?;
    let (sender, receiver) = mpsc::channel(2);
    let store = new.attachments.clone();
    let reader = tokio::task::spawn_blocking(move || read::read_parts(opened, &store, &sender));
    let filled = fill(&new, options.now, receiver, reader).await;
    match filled {
        Ok(()) => new.finish().await,
        Err(error) => Err(new.abandon(error).await),
    }
}

async fn fill(
    new: &NewVault,
    now: i64,
    mut parts: mpsc::Receiver<Read>,
    reader: tokio::task::JoinHandle<Result<()>>,
) -> Result<()> {
    let mut db = new.db.lock().await?;
    let mut tx = db.begin().await?;
    // Rows refer to each other across parts; all references are checked when the transaction ends.
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *tx).await?;
    let mut filling = Filling::default();
    let mut filled = Ok(());
    while let Some(read) = parts.recv().await {
        filled = match read {
            Read::Part(part) => filling.take(&mut tx, part).await,
            Read::Attachment(name, written) => filling.attach(&mut tx, &name, written).await,
        };
        if filled.is_err() {
            break;
        }
    }
    drop(parts);
    let read = reader.await.map_err(|_| Error::Internal("restore"))?;
    // What the reader found wrong with the file explains what did not fit here, unless it only saw us stop.
    match (read, filled) {
        (Ok(()), filled) => filled?,
        (Err(_), Err(filled)) => return Err(filled),
        (Err(read), Ok(())) => return Err(read),
    }
    if !filling.seen_about || filling.notes.is_some() {
        return Err(INCONSISTENT);
    }
    if filling.attached {
        new.attachments.sync()?;
    }
    filling.texts.insert(&mut tx).await?;
    slim_down(&mut tx, filling.detached).await?;
    rebuild::rebuild(&mut tx, &new.attachments).await?;
    let heads = journal::heads(&mut tx).await?.iter().map(|head| Bytes(head.hash)).collect();
    let event = Event::Restored { vault: Bytes(new.content.vault_id), heads };
    journal::append(&mut tx, &new.device, now, None, event, None).await?;
    tx.commit().await?;
    Ok(())
}

#[derive(Default)]
struct Filling {
    seen_about: bool,
    /// Name and content of the notes whose lines of resources come next.
    notes: Option<(String, Vec<u8>)>,
    /// There are attachments.
    attached: bool,
    /// Ids of the versions that are to be kept in their slim form.
    detached: Vec<i64>,
    /// Of records that the index has, not yet in the search.
    texts: Texts,
}

impl Filling {
    async fn take(&mut self, connection: &mut SqliteConnection, part: Part) -> Result<()> {
        let Part { name, bytes } = part;
        if let Some((of, notes)) = self.notes.take() {
            if of != name {
                return Err(INCONSISTENT);
            }
            return self.store_versions(connection, &bytes, &notes).await;
        }
        match name.strip_prefix("carnet/") {
            _ if name == ABOUT => {
                let about: About = parse(&bytes)?;
                if about.format != FORMAT && !FORMER_FORMATS.contains(&about.format.as_str()) {
                    return Err(Error::NewerFormat);
                }
                self.seen_about = true;
                Ok(())
            }
            // Before the form is known, nothing is understood.
            Some(_) if !self.seen_about => Err(INCONSISTENT),
            Some(of) if of.starts_with("fhir/") || of.starts_with("former/") => {
                self.notes = Some((of.to_owned(), bytes));
                Ok(())
            }
            Some(of) => {
                let table = of.split('.').next().unwrap_or_default();
                let table = TABLES.iter().find(|(name, _)| *name == table).ok_or(Error::NewerFormat)?;
                store_table(connection, table.0, table.1, &bytes).await
            }
            None if name == "README.txt" => Ok(()),
            None => Err(INCONSISTENT),
        }
    }

    /// Gives the row of an attachment its file.
    async fn attach(&mut self, connection: &mut SqliteConnection, name: &str, written: Written) -> Result<()> {
        let hash = name.strip_prefix(ATTACHMENTS).and_then(|name| name.split('.').next()).unwrap_or_default();
        let told = written.sha256.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        if self.notes.is_some() || hash != told {
            return Err(INCONSISTENT);
        }
        let size = i64::try_from(written.size).map_err(|_| INCONSISTENT)?;
        let update = sqlx::query("UPDATE attachments SET name = ? WHERE sha256 = ? AND size = ? AND name IS NULL")
            .bind(written.name)
            .bind(written.sha256.to_vec())
            .bind(size);
        self.attached = true;
        if update.execute(connection).await?.rows_affected() == 1 { Ok(()) } else { Err(INCONSISTENT) }
    }

    async fn store_versions(&mut self, connection: &mut SqliteConnection, lines: &[u8], notes: &[u8]) -> Result<()> {
        let (lines, notes) = (split(lines)?, split(notes)?);
        if lines.len() != notes.len() {
            return Err(INCONSISTENT);
        }
        let (mut versions, mut index) = (Vec::with_capacity(ROWS), Vec::new());
        for (line, note) in lines.into_iter().zip(notes) {
            let note: VersionLine = parse(note)?;
            let original = from_line(line, note.exact).ok_or(INCONSISTENT)?;
            let is_whole = <[u8; 32]>::from(Sha256::digest(&original)) == note.sha256;
            if !(is_whole || note.detached) || to_line(&original).0 != line {
                return Err(INCONSISTENT);
            }
            if is_whole && note.detached {
                self.detached.push(note.id);
            }
            if let Some(entry) = note.index {
                index.push(IndexRow { record: note.record, current: note.id, profile: note.profile, entry });
            }
            versions.push(VersionRow {
                id: note.id,
                record: note.record,
                version: note.version,
                profile: note.profile,
                identity: note.identity,
                sha256: note.sha256,
                import: note.import,
                full_url: note.full_url,
                place: note.place,
                signed: note.signed,
                original,
                detached: !is_whole,
                updated: note.updated,
                as_of: note.as_of,
            });
            if versions.len() == ROWS {
                self.store(connection, std::mem::take(&mut versions), std::mem::take(&mut index)).await?;
            }
        }
        self.store(connection, versions, index).await
    }

    async fn store(
        &mut self,
        connection: &mut SqliteConnection,
        versions: Vec<VersionRow>,
        index: Vec<IndexRow>,
    ) -> Result<()> {
        let constraint = |error| match error {
            Error::Database(error) => refused(error),
            other => other,
        };
        rows::insert_versions(connection, versions).await.map_err(constraint)?;
        rows::insert_index(connection, index, &mut self.texts).await.map_err(constraint)
    }
}

async fn store_table(connection: &mut SqliteConnection, table: &str, columns: &str, lines: &[u8]) -> Result<()> {
    let count = columns.split(',').count();
    let marks = vec!["?"; count].join(",");
    // The new device stands in `devices` already; anything else that is there twice is refused.
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({marks})");
    for line in split(lines)? {
        let row: TableLine = parse(line)?;
        if row.len() != count {
            return Err(INCONSISTENT);
        }
        let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
        for value in row {
            query = match value {
                Value::Null(()) => query.bind(None::<i64>),
                Value::Integer(integer) => query.bind(integer),
                Value::Text(text) => query.bind(text),
                Value::Bytes { b } => query.bind(b),
            };
        }
        query.execute(&mut *connection).await.map_err(refused)?;
    }
    Ok(())
}

/// Leaves out of records what came as attachments as well. Where one did not, the record stays whole.
async fn slim_down(connection: &mut SqliteConnection, versions: Vec<i64>) -> Result<()> {
    for id in versions {
        let original: Vec<u8> = sqlx::query_scalar("SELECT original FROM versions WHERE id = ?")
            .bind(id)
            .fetch_one(&mut *connection)
            .await?;
        let detached = detach(&original);
        let mut all = !detached.parts.is_empty();
        for part in &detached.parts {
            all &= attachments::find(connection, &part.sha256).await?.is_some_and(|row| row.name.is_some());
        }
        if all {
            sqlx::query("UPDATE versions SET original = ?, detached = 1 WHERE id = ?")
                .bind(detached.slim)
                .bind(id)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// A row that the tables do not take is the backup's fault.
fn refused(error: sqlx::Error) -> Error {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() || database.is_foreign_key_violation() => INCONSISTENT,
        Some(database) if database.is_check_violation() => INCONSISTENT,
        _ => error.into(),
    }
}

/// The lines of a part; each ends with a line break.
fn split(part: &[u8]) -> Result<Vec<&[u8]>> {
    let Some(part) = part.strip_suffix(b"\n") else {
        return if part.is_empty() { Ok(Vec::new()) } else { Err(INCONSISTENT) };
    };
    Ok(part.split(|byte| *byte == b'\n').collect())
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|_| INCONSISTENT)
}
