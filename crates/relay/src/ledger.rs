//! The ledger writer: turns entries that are durable in the database into tiles and signed checkpoints on disk.
//!
//! The order is what makes it safe. Entries are in the database before anybody is told their index. Tiles are durable
//! before the head over them is signed. The head is noted in the database before it is published. So after a crash at
//! any point the tree can be computed again from the entries, and it can only be an extension of what was signed; if it
//! is not, the relay stops rather than sign a second history.

mod keys;
mod recovery;

pub(crate) use keys::Keys;

use crate::files::{sync_folder, write_durably};
use crate::metrics::Metrics;
use crate::store::{Head, LogId, Store};
use crate::{Error, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tlog::Hash;
use tlog::checkpoint::{Checkpoint, cosign, sign_checkpoint};
use tlog::note::SignerKey;
use tlog::tree::Edge;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// How many entries are turned into tiles at once: 256 full bundles.
const CHUNK: u32 = 65_536;

/// How often it is seen whether a heartbeat is due.
const LOOK: Duration = Duration::from_secs(1);

/// Both logs.
pub(crate) struct Ledger {
    logs: [Log; 2],
    cosigner: SignerKey,
    store: Store,
    metrics: Arc<Metrics>,
}

/// One log on disk.
struct Log {
    id: LogId,
    folder: PathBuf,
    signer: SignerKey,
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
    /// Recovers both logs below `folder` and publishes a fresh checkpoint of each.
    pub(crate) async fn open(folder: &Path, keys: Keys, store: Store, metrics: Arc<Metrics>) -> Result<Self> {
        let Keys { log_a, log_r, cosigner, .. } = keys;
        let a = recovery::recover(LogId::A, folder.join("a"), log_a, &store).await?;
        let r = recovery::recover(LogId::R, folder.join("r"), log_r, &store).await?;
        let mut ledger = Self { logs: [a, r], cosigner, store, metrics };
        ledger.tick(Duration::ZERO).await?;
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
            if let Err(error) = self.tick(rhythm.heartbeat).await {
                tracing::error!(%error, "no checkpoint was signed");
                self.metrics.server_errors.add(1);
                if matches!(error, Error::Ledger { .. }) {
                    self.metrics.ledger_stopped.set(1);
                    return;
                }
                // The disk may be full or the database busy: what was written is written again, the same.
                grown.notify_one();
                tokio::time::sleep(rhythm.change).await;
            }
            if stopping || *stop.borrow() {
                return;
            }
        }
    }

    async fn tick(&mut self, heartbeat: Duration) -> Result<()> {
        for (log, (size, time)) in
            self.logs.iter_mut().zip(self.metrics.log_sizes.iter().zip(&self.metrics.checkpoint_times))
        {
            let changed = log.integrate(&self.store).await?;
            if changed || log.published.is_none_or(|at| at.elapsed() >= heartbeat) {
                let now = crate::now();
                log.publish(&self.cosigner, now, &self.store).await?;
                size.set(log.edge.size());
                time.set(now.try_into().unwrap_or(0));
            }
        }
        Ok(())
    }
}

impl Log {
    /// Takes in what the database has beyond the tree; whether there was anything.
    async fn integrate(&mut self, store: &Store) -> Result<bool> {
        let mut changed = self.signed.is_none_or(|head| head.size != self.edge.size());
        loop {
            let entries = store.entries(self.id, self.edge.size(), CHUNK).await?;
            if entries.is_empty() {
                return Ok(changed);
            }
            let more = entries.len() == CHUNK as usize;
            let (edge, folder) = (self.edge.clone(), self.folder.clone());
            self.edge = blocking(move || {
                let appended = edge.append(&entries)?;
                write_files(&folder, &appended.files)?;
                Ok(appended.edge)
            })
            .await?;
            changed = true;
            if !more {
                return Ok(changed);
            }
        }
    }

    /// Signs the head of the tree and publishes it. All its tiles are durable by now.
    async fn publish(&mut self, cosigner: &SignerKey, now: i64, store: &Store) -> Result<()> {
        let head = Head { size: self.edge.size(), root: self.edge.root().0 };
        if self.signed.is_some_and(|signed| head.size < signed.size || (head.size == signed.size && head != signed)) {
            return Err(self.contradiction("the tree is not an extension of the one signed last"));
        }
        store.set_head(self.id, head).await?;
        self.signed = Some(head);
        let origin = self.signer.verifier().name().to_owned();
        let checkpoint = Checkpoint { origin, size: head.size, root: Hash(head.root) };
        let mut note = sign_checkpoint(&checkpoint, &self.signer)?;
        note.push_str(&cosign(&note, cosigner, now.try_into().unwrap_or(0))?);
        let path = self.folder.join("checkpoint");
        blocking(move || {
            write_durably(&path, note.as_bytes()).map_err(|e| Error::io("the ledger's checkpoint", &path, e))
        })
        .await?;
        self.published = Some(Instant::now());
        Ok(())
    }

    fn contradiction(&self, what: &'static str) -> Error {
        Error::Ledger { log: self.id.as_str(), what }
    }
}

/// Writes tiles and bundles so that all are durable; of a tile that has become full the partial ones are removed.
fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    let error = |path: &Path, e| Error::io("a tile of the ledger", path, e);
    let mut folders = BTreeSet::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let new = path.parent().is_some_and(|parent| !parent.exists());
        write_durably(&path, bytes).map_err(|e| error(&path, e))?;
        if new {
            // The names of new folders must last as well.
            folders.extend(path.ancestors().skip(2).take_while(|above| above.starts_with(folder)).map(Path::to_owned));
        }
    }
    for folder in folders {
        sync_folder(&folder).map_err(|e| error(&folder, e))?;
    }
    for (name, _) in files.iter().filter(|(name, _)| !name.contains(".p/")) {
        let partial = folder.join(format!("{name}.p"));
        match std::fs::remove_dir_all(&partial) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(error(&partial, e)),
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Unavailable)?
}

#[cfg(test)]
mod tests;
