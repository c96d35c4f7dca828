//! Attachments: bytes that records refer to by their SHA-256 (a PDF, a picture, the file that records were made from).
//! Each is stored once, whoever brings it, and is checked against its hash whenever it is read.

mod store;

pub(crate) use store::{Store, Written};

use crate::error::{AttachmentFault, Error, Result};
use crate::grants::fixed;
use crate::import::ImportId;
use crate::journal::{self, Bytes, Event};
use crate::vault::Vault;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};
use std::io::Write;

/// The most bytes of a media type that are kept (RFC 6838 allows 127 on either side of the slash).
const MAX_MEDIA_TYPE: usize = 255;

/// An attachment, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// SHA-256 of its bytes: what records refer to it by.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub size: u64,
    /// What it is, e.g. `application/pdf`.
    pub media_type: String,
    /// The import that brought it first.
    pub import: ImportId,
    /// Its file in the store; none if its bytes are lost.
    pub(crate) name: Option<String>,
}

/// What became of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentOutcome {
    /// It was not there before.
    Stored,
    /// The same bytes were there already.
    AlreadyPresent,
}

impl Vault {
    /// An attachment's bytes, all of them in memory.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if there is none with this hash, [`Error::Attachment`] if its file is missing or was changed.
    pub async fn attachment(&self, sha256: &[u8; 32]) -> Result<Vec<u8>> {
        let row = self.attachment_row(sha256).await?;
        let store = self.attachments.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            copy_out(&store, &row, &mut bytes).map(|()| bytes)
        });
        read.await.map_err(|_| Error::Internal("attachment"))?
    }

    /// Writes an attachment's bytes somewhere, a piece at a time. After an error, what was written is of no use: that it
    /// is whole and unchanged is known only at its end. Gives its size.
    ///
    /// # Errors
    /// As [`Vault::attachment`]; those of writing.
    pub async fn copy_attachment(&self, sha256: &[u8; 32], mut to: impl Write + Send + 'static) -> Result<u64> {
        let row = self.attachment_row(sha256).await?;
        let (store, size) = (self.attachments.clone(), row.size);
        let copied = tokio::task::spawn_blocking(move || {
            copy_out(&store, &row, &mut to)?;
            to.flush().map_err(Error::io("Writing an attachment"))
        });
        copied.await.map_err(|_| Error::Internal("attachment"))?.map(|()| size)
    }

    /// Everything about an attachment but its bytes.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if there is none with this hash; those of the database.
    pub async fn attachment_row(&self, sha256: &[u8; 32]) -> Result<AttachmentRow> {
        find(&mut *self.db.lock().await?, sha256).await?.ok_or(Error::NoSuch("attachment"))
    }

    /// All attachments, without their bytes.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn attachments(&self) -> Result<Vec<AttachmentRow>> {
        all(&mut *self.db.lock().await?).await
    }

    /// Removes an attachment, which goes into the journal. Records that refer to it stay and say that it is gone.
    ///
    /// # Errors
    /// [`Error::NoSuch`] if there is none with this hash; those of the database.
    pub async fn remove_attachment(&self, sha256: &[u8; 32], now: i64) -> Result<()> {
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        let row = find(&mut tx, sha256).await?.ok_or(Error::NoSuch("attachment"))?;
        sqlx::query("DELETE FROM attachments WHERE sha256 = ?").bind(sha256.to_vec()).execute(&mut *tx).await?;
        let event = Event::AttachmentRemoved { attachment: Bytes(*sha256) };
        journal::append(&mut tx, &self.device, now, None, event, None).await?;
        tx.commit().await?;
        // Without its row the file is swept at the next unlock, should this fail.
        row.name.map_or(Ok(()), |name| self.attachments.remove(&name)).map_err(Error::io("Removing an attachment"))
    }

    /// The attachments whose bytes are missing or were changed.
    pub(crate) async fn damaged_attachments(&self) -> Result<Vec<[u8; 32]>> {
        let (rows, store) = (self.attachments().await?, self.attachments.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let damaged = |row: &AttachmentRow| match copy_out(&store, row, &mut std::io::sink()) {
                Ok(()) => Ok(None),
                Err(Error::Attachment(_)) => Ok(Some(row.sha256)),
                Err(other) => Err(other),
            };
            rows.iter().filter_map(|row| damaged(row).transpose()).collect()
        });
        checked.await.map_err(|_| Error::Internal("attachment"))?
    }
}

/// All of them, in the order of their hashes.
pub(crate) async fn all(connection: &mut SqliteConnection) -> Result<Vec<AttachmentRow>> {
    let rows = sqlx::query("SELECT sha256, size, media_type, import, name FROM attachments ORDER BY sha256");
    rows.fetch_all(connection).await?.iter().map(row).collect()
}

/// One of them.
pub(crate) async fn find(connection: &mut SqliteConnection, sha256: &[u8; 32]) -> Result<Option<AttachmentRow>> {
    let found = sqlx::query("SELECT sha256, size, media_type, import, name FROM attachments WHERE sha256 = ?")
        .bind(sha256.to_vec());
    found.fetch_optional(connection).await?.as_ref().map(row).transpose()
}

/// Adds the row of a file that was written, or gives a row its file again.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    written: &Written,
    media_type: &str,
    import: i64,
) -> Result<()> {
    let media_type = if media_type.is_empty() || media_type.len() > MAX_MEDIA_TYPE {
        "application/octet-stream"
    } else {
        media_type
    };
    sqlx::query(
        "INSERT INTO attachments (sha256, size, media_type, import, name) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (sha256) DO UPDATE SET name = ?5",
    )
    .bind(written.sha256.to_vec())
    .bind(i64::try_from(written.size).map_err(|_| Error::Internal("attachment"))?)
    .bind(media_type.to_owned())
    .bind(import)
    .bind(written.name.clone())
    .execute(connection)
    .await?;
    Ok(())
}

/// Decrypts the bytes of a row to somewhere.
pub(crate) fn copy_out(store: &Store, row: &AttachmentRow, to: &mut dyn Write) -> Result<()> {
    let name = row.name.as_deref().ok_or(Error::Attachment(AttachmentFault::Missing))?;
    store.copy_out(name, &row.sha256, row.size, to)
}

fn row(row: &SqliteRow) -> Result<AttachmentRow> {
    Ok(AttachmentRow {
        sha256: fixed(row, 0)?,
        size: row.get::<i64, _>(1).unsigned_abs(),
        media_type: row.get(2),
        import: ImportId(row.get(3)),
        name: row.get(4),
    })
}
