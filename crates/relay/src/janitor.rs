//! Deletes what has had its time: ciphertext of expired, withdrawn, deleted and replaced links, old receipts, and files
//! whose publication was never finished.

use crate::Result;
use crate::config::Limits;
use crate::files::Files;
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
            let sweep = swept.is_none_or(|at| at.elapsed() >= SWEEP);
            if let Err(error) = self.round(sweep).await {
                tracing::error!(%error, "not everything that has expired was deleted; it is tried again");
            } else if sweep {
                swept = Some(Instant::now());
            }
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                () = litter.notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn round(&self, sweep: bool) -> Result<()> {
        let now = crate::now();
        let receipts_before = now.saturating_sub(i64::from(self.limits.receipts_days) * 86_400);
        while self.store.expire(now, receipts_before, now).await? > 0 {}
        loop {
            let names = self.store.discarded(now).await?;
            if names.is_empty() {
                break;
            }
            self.files.remove(names.clone()).await?;
            self.store.forget(names).await?;
        }
        if sweep {
            for name in self.files.older_than(UNFINISHED).await? {
                if !self.store.is_referred(name.clone()).await? {
                    self.files.remove(vec![name]).await?;
                }
            }
        }
        Ok(())
    }
}
