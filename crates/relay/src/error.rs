//! What can go wrong while a relay starts or runs.

use std::path::PathBuf;

/// Shorthand for what this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a relay did not start, or could not do what it was asked. No message holds a secret, a link or a name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration cannot be used; the text says which value and why.
    #[error("the configuration cannot be used: {0}. Nothing was started; correct the file and start again")]
    Config(String),
    /// A file or folder of the relay cannot be used.
    #[error("{what} at {} cannot be used ({source}). Nothing was changed; check that it exists and is writable", path.display())]
    Io {
        /// What it is for.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address to listen on is not to be had.
    #[error("cannot listen on the configured address ({0}). Choose another `listen` or stop what uses it")]
    Listen(std::io::Error),
    /// The system gives no threads to run on.
    #[error("the operating system gives no threads ({0}). Nothing was started; raise its limit and start again")]
    Threads(std::io::Error),
    /// Another relay has this data folder open.
    #[error("another relay is using this data folder. Stop it first: two writers would break the ledger")]
    InUse,
    /// The database was moved to another one.
    #[error(
        "what this database held was moved to PostgreSQL. Nothing was started: two relays that go on from one ledger would contradict one another. Set `database` to where it was moved"
    )]
    Moved,
    /// The database to move into holds something.
    #[error(
        "the database to move into is not empty: its table {table} has rows. Nothing was moved. If it was moved before, it is done; otherwise make an empty database"
    )]
    NotEmpty {
        /// Where there is something.
        table: &'static str,
    },
    /// What was written is not what was read.
    #[error("what was written to the table {table} is not what was read. Nothing was moved; check both disks")]
    Differs {
        /// Which table.
        table: &'static str,
    },
    /// The database failed. What was confirmed before is safe; what was being asked was not done.
    #[error(
        "the database failed ({0}). What was confirmed before is safe, this request was not carried out; check the disk"
    )]
    Database(#[from] sqlx::Error),
    /// The database was written by a newer relay or is damaged.
    #[error("the database cannot be brought to this version ({0}). It was left as it was; use the relay that wrote it")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The writer has stopped, or the batch this request was in was rolled back.
    #[error(
        "the request was not carried out because the database failed or the relay is stopping. Nothing was stored or served; try again"
    )]
    Unavailable,
    /// The database did not answer in time.
    #[error(
        "the database did not answer in time. What was confirmed before is safe, this request was not carried out; check its load and its network"
    )]
    Slow,
    /// The bucket failed.
    #[error(
        "the file storage failed ({0}). What was confirmed before is safe, this request was not carried out; check the bucket, its keys and its network"
    )]
    Files(Box<dyn std::error::Error + Send + Sync>),
    /// Another relay has signed the ledger in the meantime. Not a fault: this one follows from now on.
    #[error("another relay signs the ledger now; this one follows")]
    Superseded,
    /// The log on disk contradicts its entries. Nothing is signed any more.
    #[error(
        "log {log} is not what this relay signed before: {what}. Nothing was signed; restore the data folder from its newest backup, and see the operator's guide"
    )]
    Ledger {
        /// Which log, `a` or `r`.
        log: &'static str,
        /// What does not fit.
        what: &'static str,
    },
    /// A key file of the ledger cannot be used.
    #[error(
        "the ledger's key file cannot be used: {0}. Nothing was signed; restore it from a backup, a new key would be a new log"
    )]
    Key(&'static str),
    /// The log library refused.
    #[error("the ledger: {0}")]
    Tlog(#[from] tlog::Error),
    /// A receipt could not be sealed, so nothing was served.
    #[error("a receipt could not be sealed to the patient, so nothing was served")]
    Receipt,
    /// The system gives no randomness.
    #[error("the operating system gives no randomness; nothing was stored or served")]
    Randomness,
}

impl Error {
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { what, path: path.into(), source }
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
    Ok(bytes)
}
