//! The database, behind one task that owns its one connection and commits many requests at once.
//!
//! Requests wait in a queue; the task takes all that are waiting, carries them out in one transaction, commits with one
//! sync of the disk, and only then answers. So an answer always means "durable", parallel tries cannot overtake one
//! another's counters, and the cost of a sync is shared by all who waited for it.
//!
//! A file of SQLite belongs to one relay: one connection is what SQLite 3.50's write-ahead log asks for, and the exclusive
//! lock keeps a second relay out. A PostgreSQL may be shared by several, each with one such task; `db` says what keeps
//! them apart. Nothing that counts is kept in the memory of a relay.

mod clean;
mod db;
mod identity;
mod link_row;
mod links;
mod log;
#[cfg(feature = "server")]
mod moving;
mod opening;
mod publishing;
mod recipients;
mod writer;

pub(crate) use db::Place;
pub(crate) use links::{Control, Owner, Receipt, State};
pub(crate) use log::{Head, LogId};
#[cfg(feature = "server")]
pub use moving::move_database;
pub(crate) use opening::{Attempt, Kind, Opened, Opening, Served, ServedFile};
pub(crate) use publishing::{NewFile, NewLink, PublishOutcome};

use crate::limits::Pace;
use crate::metrics::Metrics;
use crate::{Error, Result};
use carnet_consent::control::LinkId;
use db::Db;
use recipients::Recipients;
use sha2::{Digest, Sha256};
use std::sync::Arc;
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
}

/// The relay's memory. Cheap to clone; the task behind it ends when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Store {
    queue: mpsc::Sender<Command>,
    recipients: Recipients,
    metrics: Arc<Metrics>,
}

/// What the task needs to know of the relay.
pub(crate) struct StoreOptions {
    /// Named in receipts.
    pub(crate) relay: Arc<str>,
    pub(crate) total_bytes: u64,
    /// How many refused openings of one link leave a receipt.
    pub(crate) refusals_per_link: u32,
    /// How long receipts are kept after a link's end.
    pub(crate) receipts_days: u32,
    /// How fast one link may be opened.
    pub(crate) pace: Pace,
    pub(crate) metrics: Arc<Metrics>,
    /// Woken when a log has grown.
    pub(crate) grown: Arc<Notify>,
}

/// A database that is open and of this version, before anybody may ask it anything.
pub(crate) struct Database {
    place: Place,
    db: Db,
}

/// Opens or creates the database.
///
/// # Errors
/// [`Error::InUse`] if another relay has the file, [`Error::Moved`], [`Error::Database`], [`Error::Migration`].
pub(crate) async fn open(place: Place) -> Result<Database> {
    let mut db = Db::connect(&place).await?;
    db.migrate().await?;
    if matches!(place, Place::File(_)) && db.row(db::sql("SELECT 1 FROM moved LIMIT 1")).await?.is_some() {
        return Err(Error::Moved);
    }
    Ok(Database { place, db })
}

impl Database {
    /// Starts the task. The handle ends when the last [`Store`] is gone and the database is closed.
    pub(crate) fn start(self, options: StoreOptions) -> (Store, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (metrics, recipients) = (Arc::clone(&options.metrics), Recipients::default());
        let task = tokio::spawn(Writer::new(self.place, self.db, options, recipients.clone()).run(waiting));
        (Store { queue, recipients, metrics }, task)
    }
}

impl Store {
    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(command(answer)).await.map_err(|_| Error::Unavailable)?;
        answered.await.map_err(|_| Error::Unavailable)
    }
}

fn damaged(what: &'static str) -> Error {
    Error::Database(sqlx::Error::Decode(what.into()))
}

/// A count as it is stored.
fn stored(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
