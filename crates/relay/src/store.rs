//! The database, behind one task that owns its one connection and commits many requests at once.
//!
//! Requests wait in a queue; the task takes all that are waiting, carries them out in one transaction, commits with one
//! sync of the disk, and only then answers. So an answer always means "durable", parallel tries cannot overtake one
//! another's counters, and the cost of a sync is shared by all who waited for it. One connection is also what SQLite
//! 3.50's write-ahead log asks for, and the exclusive lock keeps a second relay out of the same folder.
//!
//! The statements are plain SQL with numbered parameters, so that another database needs its own migrations only.

mod clean;
mod links;
mod log;
mod opening;
mod publishing;
mod writer;

pub(crate) use links::{Attempt, Control, Receipt, State};
pub(crate) use log::{Head, LogId};
pub(crate) use opening::{Kind, Opened, Opening, Served, ServedFile};
pub(crate) use publishing::{NewFile, NewLink, PublishOutcome};

use crate::limits::Pace;
use crate::metrics::Metrics;
use crate::{Error, Result};
use carnet_consent::control::LinkId;
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use writer::{Command, Writer};

/// How many requests may wait before those who ask wait as well.
const QUEUE: usize = 4_096;

/// By what a link is known inside: a hash of its identifier, so that a stolen database opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LinkKey([u8; 32]);

impl LinkKey {
    /// Of the identifier in a link's address.
    pub(crate) fn of(id: &LinkId) -> Self {
        Self(Sha256::new().chain_update(b"carnet/relay/link\0").chain_update(id.as_bytes()).finalize().into())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_row(bytes: Vec<u8>) -> Result<Self> {
        Ok(Self(array(bytes)?))
    }
}

/// The relay's memory. Cheap to clone; the task behind it ends when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Store {
    queue: mpsc::Sender<Command>,
}

/// What the writer needs to know of the relay.
pub(crate) struct StoreOptions {
    /// Named in receipts.
    pub(crate) relay: String,
    pub(crate) total_bytes: u64,
    /// How fast one link may be opened.
    pub(crate) pace: Pace,
    pub(crate) metrics: Arc<Metrics>,
    /// Woken when a log has grown.
    pub(crate) grown: Arc<Notify>,
}

impl Store {
    /// Opens or creates the database file and starts the task. The handle ends when the last [`Store`] is gone and the
    /// database is closed.
    pub(crate) async fn open(path: &Path, options: StoreOptions) -> Result<(Self, tokio::task::JoinHandle<()>)> {
        let connection = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .locking_mode(SqliteLockingMode::Exclusive)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_millis(500))
            .disable_statement_logging();
        let mut connection = SqliteConnection::connect_with(&connection).await.map_err(in_use)?;
        // Pages of the log before it is folded into the file, and KiB of cache.
        for pragma in ["PRAGMA wal_autocheckpoint = 4000", "PRAGMA cache_size = -32768"] {
            sqlx::query(pragma).execute(&mut connection).await.map_err(in_use)?;
        }
        // `run` takes any connection, and the compiler then cannot tell that this future can change threads.
        let migrated = sqlx::migrate!("./migrations").run_direct(None, &mut connection, false).await;
        migrated.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => in_use(error),
            error => Error::Migration(error),
        })?;
        let writer = Writer::new(connection, options).await?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(writer.run(waiting));
        Ok((Self { queue }, task))
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(command(answer)).await.map_err(|_| Error::Unavailable)?;
        answered.await.map_err(|_| Error::Unavailable)
    }
}

/// SQLite says "locked" when another process holds the exclusive lock.
fn in_use(error: sqlx::Error) -> Error {
    let locked = error.as_database_error().is_some_and(|e| e.code().is_some_and(|code| code == "5" || code == "261"));
    if locked { Error::InUse } else { Error::Database(error) }
}

/// Stored bytes of a fixed length; anything else means a damaged database.
fn array<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| damaged("a value has the wrong length"))
}

fn damaged(what: &'static str) -> Error {
    Error::Database(sqlx::Error::Decode(what.into()))
}

/// A count as it is stored.
fn stored(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// A stored count; negative ones mean a damaged database.
fn count<T: TryFrom<i64>>(stored: i64) -> Result<T> {
    T::try_from(stored).map_err(|_| damaged("a count is out of range"))
}

#[cfg(test)]
mod tests;
