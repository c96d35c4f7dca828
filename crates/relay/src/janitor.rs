//! Deletes what is no longer needed: the ciphertext of links that have ended or changed, old receipts, and files whose
//! publication was never finished.
//!
//! Several relays may do this beside one another. Names of files are never used twice and a publication is given up long
//! before its files look forgotten, so a file that nothing refers to, and that is old, will never be referred to.

use crate::Result;
use crate::config::Limits;
use crate::files::{self, Files};
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// How often it looks, unless it is woken.
const ROUND: Duration = Duration::from_secs(60);
/// How often it looks for files that nothing refers to.
const SWEEP: Duration = Duration::from_secs(3_600);
/// How old such a file must be: longer than any publication can take.
const UNFINISHED: Duration = Duration::from_secs(2 * 3_600);
/// How many names are looked up at once.
const CHUNK: usize = 500;

pub(crate) struct Janitor {
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) limits: Limits,
}

impl Janitor {
    /// Works until told to stop.
    pub(crate) async fn run(self, litter: Arc<Notify>, mut stop: watch::Receiver<bool>) {
        let mut swept: Option<Instant> = None;
        loop {
            let due = swept.is_none_or(|at| at.elapsed() >= SWEEP);
            match self.round(due).await {
                Ok(true) => swept = Some(Instant::now()),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "not everything that has expired was deleted; it is tried again"),
            }
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                () = litter.notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Whether it has swept: the relay that signs the ledger does, since once is enough for all of them.
    async fn round(&self, sweep: bool) -> Result<bool> {
        let now = crate::now();
        let receipts_before = now.saturating_sub(i64::from(self.limits.receipts_days) * 86_400);
        while self.store.expire(now, receipts_before, now).await? > 0 {}
        loop {
            let names = self.store.discarded(now).await?;
            if names.is_empty() {
                break;
            }
            self.files.remove(names.iter().map(|name| files::path(name)).collect()).await?;
            self.store.forget(names).await?;
        }
        if !sweep || !self.store.lead().await? {
            return Ok(false);
        }
        for part in 0..files::PARTS {
            for names in self.files.older_than(part, UNFINISHED).await?.chunks(CHUNK) {
                let orphans = self.store.orphans(names.to_vec()).await?;
                self.files.remove(orphans.iter().map(|name| files::path(name)).collect()).await?;
            }
        }
        Ok(true)
    }
}
