//! What can go wrong in a vault, said so that a person knows what happened, what was not lost and what to do.

use crate::phrase::PhraseFault;
use std::io;

/// Anything that went wrong. No message holds a secret, a name or a link.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder holds no vault.
    #[error(
        "There is no vault in this folder. Nothing was changed. Choose the folder that holds it, or make a new one."
    )]
    NotFound,
    /// A vault would be made where one is.
    #[error("There is a vault in this folder already. It was left as it is. Open it, or choose another folder.")]
    Exists,
    /// A vault would be made among other files.
    #[error("This folder holds other files. Nothing was changed. Choose an empty folder for the vault.")]
    FolderNotEmpty,
    /// Another program (or another window of this one) has the vault open.
    #[error("The vault is open in another program. Nothing was changed. Close it there, then try again.")]
    InUse,
    /// The passphrase does not open this vault.
    #[error("This passphrase does not open the vault. Nothing was lost. Try again, or use the 24 recovery words.")]
    WrongPassphrase {
        /// Refused tries since the last unlock, this one included; none if they could not be counted on this disk.
        refused: Option<u32>,
    },
    /// No passphrase was given.
    #[error("The passphrase is empty. Nothing was changed. Choose one that you will remember and others cannot guess.")]
    EmptyPassphrase,
    /// The recovery words are well formed but belong to another vault or backup.
    #[error("These recovery words belong to another vault. Nothing was lost. Look for the words of this one.")]
    WrongPhrase,
    /// The text is no recovery phrase.
    #[error("{0} Nothing was lost. Compare the words with what you wrote down.")]
    Phrase(#[from] PhraseFault),
    /// A key file is damaged or missing.
    #[error(
        "The key file {slot} is {fault}. The records are still there. Open the vault the other way (passphrase or recovery words), or restore a backup."
    )]
    Slot {
        /// The file's name inside the folder `keys`.
        slot: &'static str,
        /// What is wrong with it.
        fault: SlotFault,
    },
    /// The database is damaged.
    #[error(
        "The vault's file is damaged and was not changed. Keep a copy of the folder and restore the newest backup."
    )]
    Damaged,
    /// A newer program made or changed this vault or backup.
    #[error("A newer version of Carnet wrote this. Nothing was changed. Update Carnet, then try again.")]
    NewerFormat,
    /// The backup cannot be used.
    #[error("This backup {0}. Nothing was restored and no vault was changed. Try an older backup.")]
    Backup(BackupFault),
    /// An attachment cannot be read or kept.
    #[error("An attachment {0}. The records are still there. Import its file again, or restore a backup.")]
    Attachment(AttachmentFault),
    /// What was asked for is not in the vault.
    #[error("There is no such {0} in the vault. It may have been removed. Nothing was changed.")]
    NoSuch(&'static str),
    /// A value does not fit into the vault.
    #[error("A {what} is larger than the {limit} bytes a vault accepts. It was not stored; nothing else changed.")]
    TooLarge {
        /// What was too large.
        what: &'static str,
        /// The most it may have.
        limit: usize,
    },
    /// The system's random source failed.
    #[error("The system gave no random numbers. Nothing was changed. Restart the device and try again.")]
    Random,
    /// The system's clock stands still, by which the cost of a passphrase is measured.
    #[error(
        "The system's clock stands still, and without it a passphrase could take all memory. Nothing was changed. Set the clock going, then try again."
    )]
    ClockStandsStill,
    /// Reading or writing files failed.
    #[error(
        "{doing} failed: {source}. What was stored before is unchanged. Check the disk's space and rights, then try again."
    )]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The database refused something.
    #[error(
        "The vault's database refused: {0}. The change was undone as a whole. Try again; if it stays, restore a backup."
    )]
    Database(sqlx::Error),
    /// Something that this program wrote itself could not be read again, or a task ended early.
    #[error("The vault could not finish ({0}). The change was undone as a whole. Please report this.")]
    Internal(&'static str),
}

/// What is wrong with a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotFault {
    /// The file is not there.
    Missing,
    /// Its bytes were changed, or it belongs elsewhere.
    Damaged,
    /// It asks for more memory than this program will spend (age's scrypt work factor over 20, one gibibyte).
    TooCostly,
}

impl std::fmt::Display for SlotFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::TooCostly => "asking for too much memory",
        })
    }
}

/// What is wrong with an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttachmentFault {
    /// Its file is not there.
    Missing,
    /// Its file was changed or ends early.
    Damaged,
    /// What was to be stored could not be read to its end. It was not stored.
    Unreadable,
    /// What was to be stored is not what it was said to be. It was not stored.
    Different,
}

impl std::fmt::Display for AttachmentFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing from the vault's folder",
            Self::Damaged => "is damaged",
            Self::Unreadable => "could not be read to its end and was not stored",
            Self::Different => "changed while it was read and was not stored",
        })
    }
}

/// Why a backup cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackupFault {
    /// It is no age file holding what Carnet writes.
    NotABackup,
    /// It ends early or its bytes were changed.
    Damaged,
    /// Its parts do not agree with its own list of contents.
    Inconsistent,
}

impl std::fmt::Display for BackupFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotABackup => "was not written by Carnet",
            Self::Damaged => "is damaged or incomplete",
            Self::Inconsistent => "does not agree with its own list of contents",
        })
    }
}

/// What this crate's functions give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Turns an input/output error into ours, saying what was being done.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let message = error.as_database_error().map(|database| database.message());
        match sqlite_code(&error).map(|code| code & 0xff) {
            // SQLITE_CORRUPT, SQLITE_NOTADB: the slot's key was authenticated before, so the file is what is wrong.
            Some(11 | 26) => Self::Damaged,
            // SQLITE_ERROR without words of its own is how SQLCipher tells of a page whose authentication fails.
            Some(1) if message == Some("SQL logic error") => Self::Damaged,
            // SQLITE_BUSY, SQLITE_LOCKED
            Some(5 | 6) => Self::InUse,
            _ => Self::Database(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError as M;
        match error {
            M::VersionMissing(_) | M::VersionMismatch(_) | M::VersionTooNew(..) => Self::NewerFormat,
            M::Execute(e) | M::ExecuteMigration(e, _) => e.into(),
            other => Self::Database(sqlx::Error::Migrate(Box::new(other))),
        }
    }
}

fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
