//! What waits for a network: the vault as the store of the outbox, and one exchange with the relays.

use crate::clock::now;
use crate::relay::EMBEDDED;
use crate::share::{self, Details, PREPARED, queue_pause, seal_waiting, set_paused, was_published};
use crate::stop::end;
use crate::wallet::Inner;
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, SyncState};
use carnet_consent::GrantId;
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::control::{ControlToken, LinkState, Publish};
use carnet_sync::{Job, Outbox, OutboxStore, Outcome, Queued};
use carnet_vault::{Batch, GrantRow, GrantStatus, Vault};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
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
        let new_openings = self.collect(None).await?;
        let waiting = share::unsent(&*self.vault().await?).await?;
        Ok(SyncState { sent, waiting, new_openings })
    }

    /// Compares live shares with the records. What is wrong with one of them keeps nothing else from being sent, least of
    /// all a withdrawal; it is looked at again the next time.
    async fn follow_before_sending(&self) -> Result<()> {
        match self.follow_records().await {
            Err(error @ (Error::Locked | Error::Vault(_))) => Err(error),
            _ => Ok(()),
        }
    }

    /// Sends what waits; gives how many messages went out.
    pub(crate) async fn send_queued(self: &Arc<Self>, all: bool) -> Result<u64> {
        let _alone = self.syncing.lock().await;
        self.follow_before_sending().await?;
        if self.vault().await?.queue_len().await? == 0 {
            return Ok(0);
        }
        seal_waiting(self, all).await?;
        self.follow_before_sending().await?;
        let outbox = Outbox::new(VaultOutbox { inner: Arc::clone(self), all });
        let sent = outbox.run(now()).await?.sent;
        if sent > 0 {
            let relay = self.chosen_relay(&*self.vault().await?).await?;
            self.anchor_soon(relay);
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
        let (jobs, held) = {
            let vault = self.inner.vault().await?;
            (vault.queue_due(i64::MAX).await?, held_back(&vault).await?)
        };
        let (mut due, mut behind) = (Vec::with_capacity(jobs.len()), HashSet::new());
        for stored in jobs.into_iter().filter(|job| job.kind != PREPARED) {
            // What a newer version queued stays where it is and keeps nothing else waiting.
            let Ok(job) = Job::from_bytes(&stored.body) else { continue };
            let waits = !self.all && stored.next_at > now;
            if !matches!(job, Job::Withdraw { .. })
                && let Some(grant) = job.grant()
            {
                // What is said of one share is said in its order: behind a job that is not due yet the others wait.
                if held.contains(grant) || behind.contains(grant) {
                    continue;
                }
                if waits {
                    behind.insert(*grant);
                }
            }
            if waits {
                continue;
            }
            let job = if job.relay() == EMBEDDED { job.at(self.inner.address(EMBEDDED).await?) } else { job };
            due.push(Queued { id: stored.id, attempts: stored.attempts, job });
        }
        let mut whole = Vec::with_capacity(due.len());
        for queued in due {
            let vault = self.inner.vault().await?;
            match self.inner.whole(&vault, queued.job).await {
                Ok(job) => whole.push(Queued { job, ..queued }),
                Err(error @ (Error::Locked | Error::Vault(_))) => return Err(error),
                // One whose document cannot be had keeps nothing else waiting, least of all a withdrawal.
                Err(_) => {}
            }
        }
        Ok(whole)
    }

    async fn control_token(&self, grant: &GrantId) -> Result<Option<ControlToken>> {
        // Before anything is said of a share, its relay is asked whether it knows more of it.
        if self.inner.catch_up(grant, false).await? {
            return Ok(None);
        }
        let vault = self.inner.vault().await?;
        let stored = match vault.grant(grant).await {
            Err(carnet_vault::Error::NoSuch(_)) => return Ok(None),
            other => other?,
        };
        if !matches!(stored.status, GrantStatus::Waiting | GrantStatus::Live | GrantStatus::Paused) {
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
                    published_at(&vault, &grant, &queued.job, published.commitment_index, &mut batch).await?;
                    if waiting {
                        batch.set_grant_status(id, GrantStatus::Live);
                    }
                    end_former(&vault, &grant, &mut batch).await?;
                    // It was paused while this was on its way, and could not be said before the relay knew the share.
                    if grant.status == GrantStatus::Paused && !was_published(&vault, &grant).await? {
                        let mut details = Details::read(&grant)?;
                        queue_pause(&grant, &mut details, true, &mut batch)?;
                        batch.set_grant_details(id, details.to_json()?);
                    }
                }
                Outcome::Overtaken(state) => {
                    let number = match &queued.job {
                        Job::Publish { body, .. } => Some(body.revision),
                        _ => None,
                    };
                    share::take_over(&vault, id, state, number, &mut batch).await?;
                }
                Outcome::Paused(state) => say_again(&grant, &queued.job, state, &mut batch)?,
                Outcome::Withdrawn(_) => {
                    // Others may have to hear of it, too.
                    let left = share::queued(&vault, id, |job| matches!(job, Job::Withdraw { .. })).await?;
                    if left.iter().all(|job| *job == queued.id) {
                        batch.set_grant_status(id, GrantStatus::Stopped).set_unsealed(id, None);
                    }
                }
                _ if refusal.is_some() => {
                    refused(&vault, &grant, &queued.job, refusal, &mut batch).await?;
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

/// The shares that were paused before their relay ever had them: they are not published until they are resumed.
async fn held_back(vault: &Vault) -> Result<HashSet<GrantId>> {
    let mut held = HashSet::new();
    for grant in vault.grants().await?.iter().filter(|grant| grant.status == GrantStatus::Paused) {
        if !was_published(vault, grant).await? {
            held.insert(grant.id);
        }
    }
    Ok(held)
}

/// Says again, under a higher number, that a share is to be paused or resumed, where the relay had seen a higher one than
/// any of ours: another device shares from a copy of this vault. What a later message of ours overtook stays as it is.
fn say_again(grant: &GrantRow, job: &Job, state: &LinkState, batch: &mut Batch) -> Result<()> {
    let Job::Pause { grant: id, relay, link, paused, revision } = job.clone() else { return Ok(()) };
    let mut details = Details::read(grant)?;
    let over = state.withdrawn || state.expires <= now();
    if state.paused == paused || over || revision != details.revision || state.revision < revision {
        return Ok(());
    }
    details.revision = state.revision + 1;
    let again = Job::Pause { grant: id, relay, link, paused, revision: details.revision }.at(grant.relay_url.clone());
    batch.set_grant_details(&grant.id, details.to_json()?).queue_put(again.kind(), again.to_bytes());
    Ok(())
}

/// Ends the share whose place this one takes, now that its relay has it.
async fn end_former(vault: &Vault, grant: &GrantRow, batch: &mut Batch) -> Result<()> {
    match Details::read(grant)?.takes_over {
        Some(old) => end(vault, &vault.grant(&old).await?, batch).await,
        None => Ok(()),
    }
}

/// Remembers where a relay put the commitment of what it published: that of the share as it is, or, if it was signed anew
/// meanwhile, of what it was.
async fn published_at(vault: &Vault, grant: &GrantRow, job: &Job, index: u64, batch: &mut Batch) -> Result<()> {
    let Job::Publish { body, .. } = job else { return Ok(()) };
    if is_of(body, &grant.signed, &grant.commitment_r) {
        batch.set_grant_index(&grant.id, index);
        return Ok(());
    }
    let former = vault.former_grants(&grant.id).await?;
    if let Some(former) = former.iter().find(|former| is_of(body, &former.signed, &former.commitment_r)) {
        batch.set_former_index(&grant.id, Sha256::digest(&former.signed).into(), index);
    }
    Ok(())
}

/// Whether a publication is that of this signed grant.
fn is_of(body: &Publish, signed: &[u8], r: &[u8; 32]) -> bool {
    commit(r, ObjectType::Grant, &Sha256::digest(signed).into()) == body.commitment
}

/// What a refusal comes to. A share that its relay never had is not made. One whose new state is refused must not go on
/// serving what the person may just have taken out: it is paused. One that is not resumed stays paused.
async fn refused(vault: &Vault, grant: &GrantRow, job: &Job, refusal: Option<String>, batch: &mut Batch) -> Result<()> {
    let mut details = Details { refused: refusal, ..Details::read(grant)? };
    match (job, grant.status) {
        // Something newer waits already, and has its own chance.
        (Job::Publish { body, .. }, _) if !is_of(body, &grant.signed, &grant.commitment_r) => return Ok(()),
        (Job::Publish { .. }, GrantStatus::Waiting) => {
            batch.set_grant_status(&grant.id, GrantStatus::Stopped);
        }
        (Job::Publish { .. }, GrantStatus::Live) => set_paused(vault, grant, &mut details, true, batch).await?,
        (Job::Pause { paused: false, .. }, GrantStatus::Live) => {
            batch.set_grant_status(&grant.id, GrantStatus::Paused);
        }
        // A share that its relay does not know is not served.
        _ => return Ok(()),
    }
    batch.set_grant_details(&grant.id, details.to_json()?);
    Ok(())
}
