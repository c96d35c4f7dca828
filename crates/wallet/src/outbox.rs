//! What waits for a network: the vault as the store of the outbox, and one exchange with the relays.

use crate::clock::now;
use crate::journal;
use crate::relay::EMBEDDED;
use crate::share::{Details, PREPARED, seal_waiting};
use crate::wallet::Inner;
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, SyncState};
use carnet_consent::GrantId;
use carnet_consent::control::ControlToken;
use carnet_sync::{Job, Outbox, OutboxStore, Outcome, Queued};
use carnet_vault::{Batch, GrantStatus};
use std::sync::Arc;

impl Wallet {
    /// Sends what waits for a network and fetches what is new. A relay that is away is no error: what waits goes on
    /// waiting.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn sync(&self) -> Result<SyncState> {
        let state = self.inner.exchange(true).await?;
        self.refresh_links().await?;
        Ok(state)
    }
}

impl Inner {
    /// One exchange with the relays: first what waits (only what is due, or `all`), then openings and proofs.
    pub(crate) async fn exchange(self: &Arc<Self>, all: bool) -> Result<SyncState> {
        let sent = self.send_queued(all).await?;
        let new_openings = self.collect().await?;
        let waiting = self.vault().await?.queue_len().await?;
        Ok(SyncState { sent, waiting, new_openings })
    }

    /// Sends what waits; gives how many messages went out.
    pub(crate) async fn send_queued(self: &Arc<Self>, all: bool) -> Result<u64> {
        let _alone = self.syncing.lock().await;
        if self.vault().await?.queue_len().await? == 0 {
            return Ok(0);
        }
        seal_waiting(self, all).await?;
        let outbox = Outbox::new(VaultOutbox { inner: Arc::clone(self), all });
        let sent = outbox.run(now()).await?.sent;
        if sent > 0 {
            let relay = self.chosen_relay(&*self.vault().await?).await?;
            journal::anchor(self, &relay).await?;
        }
        Ok(sent)
    }
}

/// The vault as the store of the outbox. The vault is held for each step only, never across the network, so that it
/// can be locked at any time; what was under way is then tried again after the next unlock.
struct VaultOutbox {
    inner: Arc<Inner>,
    all: bool,
}

impl OutboxStore for VaultOutbox {
    type Error = Error;

    async fn due(&self, now: i64) -> Result<Vec<Queued>> {
        let jobs = self.inner.vault().await?.queue_due(if self.all { i64::MAX } else { now }).await?;
        let mut due = Vec::with_capacity(jobs.len());
        for stored in jobs.into_iter().filter(|job| job.kind != PREPARED) {
            // What a newer version queued stays where it is and keeps nothing else waiting.
            let Ok(mut job) = Job::from_bytes(&stored.body) else { continue };
            if let Job::Publish { relay, .. } | Job::Withdraw { relay, .. } | Job::Commit { relay, .. } = &mut job
                && relay == EMBEDDED
            {
                *relay = self.inner.address(EMBEDDED).await?;
            }
            due.push(Queued { id: stored.id, attempts: stored.attempts, job });
        }
        Ok(due)
    }

    async fn control_token(&self, grant: &GrantId) -> Result<Option<ControlToken>> {
        let vault = self.inner.vault().await?;
        let stored = match vault.grant(grant).await {
            Err(carnet_vault::Error::NoSuch(_)) => return Ok(None),
            other => other?,
        };
        if !matches!(stored.status, GrantStatus::Waiting | GrantStatus::Live) {
            return Ok(None);
        }
        let secrets = vault.keys().derive_grant(grant)?;
        Ok(Some(ControlToken::from_bytes(*secrets.expose_control_token())))
    }

    async fn done(&self, queued: &Queued, outcome: &Outcome) -> Result<()> {
        self.finish(queued, outcome, None).await
    }

    async fn retry(&self, queued: &Queued, next_at: i64, _why: &carnet_sync::Error) -> Result<()> {
        Ok(self.inner.vault().await?.queue_retry(queued.id, next_at).await?)
    }

    async fn refused(&self, queued: &Queued, why: &carnet_sync::Error) -> Result<()> {
        self.finish(queued, &Outcome::Obsolete, Some(why.to_string())).await
    }
}

impl VaultOutbox {
    /// Takes a job out of the outbox together with what came of it.
    async fn finish(&self, queued: &Queued, outcome: &Outcome, refusal: Option<String>) -> Result<()> {
        // Stopping a share changes its state too; neither may overwrite what the other just wrote.
        let _changing = self.inner.changing.lock().await;
        let vault = self.inner.vault().await?;
        let mut batch = Batch::new(now());
        batch.queue_done(queued.id);
        let mut changed = None;
        if let Some(id) = queued.job.grant() {
            let grant = vault.grant(id).await?;
            let waiting = grant.status == GrantStatus::Waiting;
            match outcome {
                Outcome::Published(published) => {
                    batch.set_grant_index(id, published.commitment_index);
                    if waiting {
                        batch.set_grant_status(id, GrantStatus::Live);
                    }
                }
                Outcome::Withdrawn(_) => {
                    batch.set_grant_status(id, GrantStatus::Stopped);
                }
                _ if waiting && refusal.is_some() => {
                    let details = Details { refused: refusal, ..Details::read(&grant)? };
                    batch.set_grant_details(id, details.to_json()?).set_grant_status(id, GrantStatus::Stopped);
                }
                _ => {}
            }
            changed = Some(*id);
        }
        vault.apply(batch).await?;
        drop(vault);
        if let Some(id) = changed {
            self.inner.emit(&Event::ShareChanged { id: id.to_string() });
        }
        Ok(())
    }
}
