//! Backups: one age file to the recovery recipient, which any age tool opens, and making a vault from one again.
//!
//! Inside is a gzipped tar (`age -d -i identity.txt backup.age | tar xz`):
//!
//! ```text
//! README.txt                        what this is and how to read it
//! fhir/<n>/<Type>.<part>.ndjson     the current version of each record of person <n>, one resource a line
//! former/<n>/<Type>.<part>.ndjson   former versions
//! attachments/<sha256>.<ending>     what records refer to as `Binary/<sha256>`
//! carnet/…                          what Carnet needs to make the same vault again (JSON lines)
//! manifest.json                     name, size and SHA-256 of every file before it
//! ```
//!
//! Beside each file of resources lies `carnet/<its name>` with as many lines: which record each line is, and its exact
//! bytes where they differ from the line (which has no line breaks or indentation).

mod read;
mod restore;
mod table;
mod wire;
mod write;

use crate::error::{Error, Result};
use crate::files;
use crate::journal::{self, Event};
use crate::vault::Vault;
use sqlx::Connection;
use std::path::Path;
use tokio::sync::mpsc;

/// Names the form of a backup; a program refuses one it does not know.
const FORMAT: &str = "carnet-backup/3";
/// The forms before: without attachments, and without records that are kept in their slim form.
const FORMER_FORMATS: [&str; 2] = ["carnet-backup/1", "carnet-backup/2"];

/// A part is closed when it has so many bytes; the last line may go beyond. One part of each type of resource is held in
/// memory.
const PART_BYTES: usize = 1024 * 1024;

/// The largest file that is read back out of a backup: a part whose last line is the largest record, escaped.
const MAX_PART: u64 = PART_BYTES as u64 + 3 * crate::import::MAX_RECORD as u64;

const MANIFEST: &str = "manifest.json";
/// The folder of attachments.
const ATTACHMENTS: &str = "attachments/";
const ABOUT: &str = "carnet/backup.json";

/// One file inside a backup.
struct Part {
    name: String,
    bytes: Vec<u8>,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// Records, current versions only.
    pub records: u64,
    /// Former versions.
    pub former: u64,
    /// Attachments.
    pub attachments: u64,
    /// Attachments whose bytes are missing or damaged in the vault, and so in the backup.
    pub attachments_lost: u64,
    /// The size of the backup in bytes.
    pub bytes: u64,
}

impl Vault {
    /// Writes a backup to a file, which appears whole or not at all. An existing file of that name is replaced. That a
    /// backup was made goes into the journal.
    ///
    /// # Errors
    /// Those of files and database; then a former backup of that name stands.
    pub async fn backup(&self, path: &Path, now: i64) -> Result<BackupReport> {
        let recipient = self.keys().recovery_recipient()?;
        let (sender, receiver) = mpsc::channel(2);
        let (target, store) = (path.to_owned(), self.attachments.clone());
        let file = tokio::task::spawn_blocking(move || write::write_file(&target, &recipient, &store, receiver));
        // One read transaction: the backup is of one moment.
        let mut db = self.db.lock().await?;
        let mut tx = db.begin().await?;
        let told = table::tell_everything(&mut tx, &self.attachments, self.id, now, &sender).await;
        let counted = match told {
            Ok(counted) => {
                // Only now is the file complete; without this the writer gives it up.
                let finished = sender.send(write::Message::Finish).await;
                finished.map(|()| counted).map_err(|_| Error::Internal("backup"))
            }
            Err(error) => Err(error),
        };
        drop(sender);
        let bytes = file.await.map_err(|_| Error::Internal("backup"))?;
        // Where both ends failed, the writer's reason is the first cause.
        let (written, (records, former)) = match (bytes, counted) {
            (Ok(Some(written)), Ok(counted)) => (written, counted),
            (Err(error), _) | (_, Err(error)) => return Err(error),
            (Ok(None), Ok(_)) => return Err(Error::Internal("backup")),
        };
        journal::append(&mut tx, &self.device, now, None, Event::Exported { form: "backup".into() }, None).await?;
        tx.commit().await?;
        let write::Written { attachments, attachments_lost, bytes } = written;
        Ok(BackupReport { records, former, attachments, attachments_lost, bytes })
    }
}

/// Puts a finished file in its place.
fn put_in_place(temporary: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::rename(temporary, path)?;
    files::sync_folder(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}
