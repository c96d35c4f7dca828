//! The ledger writer: turns entries that are durable in the database into tiles in the file storage and signed
//! checkpoints in the database.
//!
//! The order is what makes it safe. Entries are in the database before anybody is told their index, without gaps. Tiles
//! are durable before the head over them is signed. A checkpoint is published by the very transaction that notes its head,
//! and only if the head noted before is the one it extends. So after a crash at any point the tree can be computed again
//! from the entries, and it can only be an extension of what was signed; if it is not, the relay stops rather than sign a
//! second history.
//!
//! Of several relays on one PostgreSQL one leads, for as long as its connection holds the lock; the others look each
//! second whether they must take over. Even two that believe to lead, for the moment that one has not noticed its loss,
//! write the same tiles, because they compute them from the same entries, and only one of their checkpoints is published.

mod keys;
mod recovery;

pub(crate) use keys::Keys;

use crate::files::Files;
use crate::metrics::Metrics;
use crate::store::{Head, LogId, Store};
use crate::{Error, Result};
use recovery::Care;
use std::sync::Arc;
use std::time::Duration;
use tlog::Hash;
use tlog::checkpoint::{Checkpoint, cosign, sign_checkpoint};
use tlog::note::SignerKey;
use tlog::policy::Policy;
use tlog::tree::Edge;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// How many entries are turned into tiles at once: 256 full bundles.
const CHUNK: u32 = 65_536;

/// How often it is seen whether a heartbeat is due, or the lead to be taken.
const LOOK: Duration = Duration::from_secs(1);

const LOGS: [LogId; 2] = [LogId::A, LogId::R];

/// Both logs.
pub(crate) struct Ledger {
    keys: [Arc<SignerKey>; 2],
    cosigner: SignerKey,
    policy: Policy,
    store: Store,
    files: Files,
    metrics: Arc<Metrics>,
    /// While this relay leads.
    logs: Option<[Log; 2]>,
}

/// One log, as the relay that signs it knows it.
struct Log {
    id: LogId,
    signer: Arc<SignerKey>,
    edge: Edge,
    /// The newest head that was signed.
    signed: Option<Head>,
    published: Option<Instant>,
}

/// How often heads are signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rhythm {
    /// After a change.
    pub(crate) change: Duration,
    /// Without one.
    pub(crate) heartbeat: Duration,
}

impl Ledger {
    /// Takes the lead if nobody has it: recovers both logs and publishes a fresh checkpoint of each.
    pub(crate) async fn open(keys: Keys, store: Store, files: Files, metrics: Arc<Metrics>) -> Result<Self> {
        let policy = keys.policy().parse()?;
        let Keys { log_a, log_r, cosigner, .. } = keys;
        let keys = [log_a, log_r].map(Arc::new);
        let mut ledger = Self { keys, cosigner, policy, store, files, metrics, logs: None };
        ledger.tick(Duration::ZERO, Care::Whole).await?;
        Ok(ledger)
    }

    /// Signs until told to stop, and then once more, so that nothing waits for the next start.
    pub(crate) async fn run(mut self, rhythm: Rhythm, grown: Arc<Notify>, mut stop: watch::Receiver<bool>) {
        let mut last = Instant::now();
        loop {
            let stopping = tokio::select! {
                () = grown.notified() => false,
                () = tokio::time::sleep(LOOK) => false,
                _ = stop.wait_for(|stop| *stop) => true,
            };
            if !stopping {
                // Changes that come together share a checkpoint; the first after a rest does not wait.
                let wait = tokio::time::sleep_until(last + rhythm.change);
                tokio::select! { () = wait => {}, _ = stop.wait_for(|stop| *stop) => {} }
            }
            last = Instant::now();
            match self.tick(rhythm.heartbeat, Care::Edge).await {
                Ok(()) => {}
                Err(Error::Superseded) => {
                    tracing::warn!("another relay has signed the ledger; this one follows");
                    self.logs = None;
                }
                Err(error @ Error::Ledger { .. }) => {
                    tracing::error!(%error, "no checkpoint is signed any more");
                    self.metrics.server_errors.add(1);
                    self.metrics.ledger_stopped.set(1);
                    return;
                }
                // The database is away, which was said when it went.
                Err(Error::Unavailable) => {
                    grown.notify_one();
                    tokio::time::sleep(rhythm.change).await;
                }
                Err(error) => {
                    // The disk or the bucket may be full: what was written is written again, the same.
                    tracing::error!(%error, "no checkpoint was signed; it is tried again");
                    self.metrics.server_errors.add(1);
                    grown.notify_one();
                    tokio::time::sleep(rhythm.change).await;
                }
            }
            if stopping || *stop.borrow() {
                return;
            }
        }
    }

    async fn tick(&mut self, heartbeat: Duration, care: Care) -> Result<()> {
        let leads = self.store.lead().await?;
        self.metrics.leads.set(leads.into());
        if !leads {
            self.logs = None;
            return self.follow().await;
        }
        let logs = match &mut self.logs {
            Some(logs) => logs,
            None => {
                let [a, r] = self.keys.clone();
                let a = recovery::recover(LogId::A, a, &self.store, &self.files, care).await?;
                let r = recovery::recover(LogId::R, r, &self.store, &self.files, care).await?;
                tracing::info!(entries = a.edge.size(), withdrawals = r.edge.size(), "this relay signs the ledger");
                self.logs.insert([a, r])
            }
        };
        for (log, (size, time)) in
            logs.iter_mut().zip(self.metrics.log_sizes.iter().zip(&self.metrics.checkpoint_times))
        {
            let changed = log.integrate(&self.store, &self.files).await?;
            if changed || log.published.is_none_or(|at| at.elapsed() >= heartbeat) {
                let now = crate::now();
                log.publish(&self.cosigner, now, &self.store, &self.files).await?;
                size.set(log.edge.size());
                time.set(now.try_into().unwrap_or(0));
            }
        }
        Ok(())
    }

    /// Learns from the published checkpoints what the leader has signed, and when.
    async fn follow(&self) -> Result<()> {
        let numbers = self.metrics.log_sizes.iter().zip(&self.metrics.checkpoint_times);
        for (id, (size, time)) in LOGS.iter().zip(numbers) {
            let Some(note) = self.store.checkpoint(*id).await? else { continue };
            let verified = self.policy.verify(&note).map_err(|_| Error::Ledger {
                log: id.as_str(),
                what: "the published checkpoint is damaged or signed by another key",
            })?;
            size.set(verified.checkpoint.size);
            time.set(verified.time().unwrap_or(0));
        }
        Ok(())
    }
}

impl Log {
    /// Takes in what the database has beyond the tree; whether there was anything.
    async fn integrate(&mut self, store: &Store, files: &Files) -> Result<bool> {
        let mut changed = self.signed.is_none_or(|head| head.size != self.edge.size());
        loop {
            let entries = store.entries(self.id, self.edge.size(), CHUNK).await?;
            if entries.is_empty() {
                return Ok(changed);
            }
            let more = entries.len() == CHUNK as usize;
            let edge = self.edge.clone();
            let appended = blocking(move || edge.append(&entries)).await?;
            write_tiles(self.id, files, appended.files).await?;
            self.edge = appended.edge;
            changed = true;
            if !more {
                return Ok(changed);
            }
        }
    }

    /// Signs the head of the tree and publishes it. All its tiles are durable by now.
    async fn publish(&mut self, cosigner: &SignerKey, now: i64, store: &Store, files: &Files) -> Result<()> {
        let head = Head { size: self.edge.size(), root: self.edge.root().0 };
        if self.signed.is_some_and(|signed| head.size < signed.size || (head.size == signed.size && head != signed)) {
            return Err(self.contradiction("the tree is not an extension of the one signed last"));
        }
        let origin = self.signer.verifier().name().to_owned();
        let checkpoint = Checkpoint { origin, size: head.size, root: Hash(head.root) };
        let mut note = sign_checkpoint(&checkpoint, &self.signer)?;
        note.push_str(&cosign(&note, cosigner, now.try_into().unwrap_or(0))?);
        if !store.publicise(self.id, self.signed, head, note.clone()).await? {
            return Err(Error::Superseded);
        }
        self.signed = Some(head);
        self.published = Some(Instant::now());
        // Beside the tiles, where it tells an older database from the newest one.
        files.put(checkpoint_path(self.id), note.into_bytes()).await
    }

    fn contradiction(&self, what: &'static str) -> Error {
        Error::Ledger { log: self.id.as_str(), what }
    }
}

/// Where a tile of a log lies.
pub(crate) fn tile_path(log: LogId, tile: &str) -> String {
    format!("ledger/{}/{tile}", log.as_str())
}

fn checkpoint_path(log: LogId) -> String {
    tile_path(log, "checkpoint")
}

/// Writes tiles and bundles so that all are durable; of a tile that has become full the partial ones are removed.
async fn write_tiles(log: LogId, files: &Files, tiles: Vec<(String, Vec<u8>)>) -> Result<()> {
    let full: Vec<String> =
        tiles.iter().filter(|(name, _)| !name.contains(".p/")).map(|(name, _)| format!("{name}.p")).collect();
    files.put_all(tiles.into_iter().map(|(name, bytes)| (tile_path(log, &name), bytes)).collect()).await?;
    for partial in full {
        files.remove_below(&tile_path(log, &partial)).await?;
    }
    Ok(())
}

async fn blocking<T: Send + 'static, E: Into<Error> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Unavailable)?.map_err(Into::into)
}

#[cfg(test)]
mod tests;
