//! Pausing a share and resuming it.

use super::details::{Details, grant_id};
use super::follow::Followed;
use super::renew::{is_going_on, queued};
use crate::clock::now;
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, ShareDetail};
use carnet_sync::Job;
use carnet_vault::{Batch, GrantRow, GrantStatus, Vault};

impl Wallet {
    /// Pauses a share, so that nobody can open it, or resumes it. The relay is told at once if it can be reached, and as
    /// soon as it can otherwise. Doing so twice does no harm.
    ///
    /// # Errors
    /// [`Error::Over`]; [`Error::Change`] if it was not signed yet; [`Error::NothingSelected`] if it follows the records and none
    /// of what it shared is left; [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn pause_share(&self, id: &str, paused: bool) -> Result<ShareDetail> {
        let id = grant_id(id)?;
        {
            let _changing = self.inner.changing.lock().await;
            let vault = self.inner.vault().await?;
            if super::waiting(&vault).await?.iter().any(|(_, prepared)| prepared.id == id) {
                return Err(Error::Change(
                    "its relay was never reached, so nobody can open it; stop it if you do not want it",
                ));
            }
            if !is_going_on(&vault.grant(&id).await?) {
                return Err(Error::Over);
            }
            let grant = vault.grant(&id).await?;
            if !paused && Details::read(&grant)?.changed_elsewhere {
                // What another device shared is not what the person sees here and lets go on.
                Box::pin(self.inner.put_in_place(&grant)).await?;
            } else if !paused && matches!(Box::pin(self.inner.follow_held(&id)).await?, Followed::Empty { .. }) {
                // What was taken out of a live share while it was paused must not come back with it.
                return Err(Error::NothingSelected);
            }
            let grant = vault.grant(&id).await?;
            let mut batch = Batch::new(now());
            // A person's word stands above what the wallet did by itself.
            let mut details = Details { emptied: false, refused: None, ..Details::read(&grant)? };
            set_paused(&vault, &grant, &mut details, paused, &mut batch).await?;
            batch.set_grant_details(&id, details.to_json()?);
            vault.apply(batch).await?;
        }
        self.inner.emit(&Event::ShareChanged { id: id.to_string() });
        self.send_soon().await?;
        self.share_detail(&id.to_string()).await
    }
}

/// Pauses or resumes a share, and queues the message to its relay in place of one that said otherwise. A share that its
/// relay does not have yet is held back in the outbox, and nothing has to be said. The caller stores the details.
pub(crate) async fn set_paused(
    vault: &Vault,
    grant: &GrantRow,
    details: &mut Details,
    paused: bool,
    batch: &mut Batch,
) -> Result<()> {
    if (grant.status == GrantStatus::Paused) == paused {
        return Ok(());
    }
    for former in queued(vault, &grant.id, |job| matches!(job, Job::Pause { .. })).await? {
        batch.queue_done(former);
    }
    let published = was_published(vault, grant).await?;
    let status = match (paused, published) {
        (true, _) => GrantStatus::Paused,
        (false, true) => GrantStatus::Live,
        (false, false) => GrantStatus::Waiting,
    };
    batch.set_grant_status(&grant.id, status);
    if published {
        queue_pause(grant, details, paused, batch)?;
    }
    Ok(())
}

/// Queues the message that pauses or resumes a share. The caller stores the details.
pub(crate) fn queue_pause(grant: &GrantRow, details: &mut Details, paused: bool, batch: &mut Batch) -> Result<()> {
    details.revision += 1;
    let job = Job::Pause {
        grant: grant.id,
        relay: grant.relay_url.clone(),
        link: grant.link_id.parse()?,
        paused,
        revision: details.revision,
    };
    batch.queue_put(job.kind(), job.to_bytes());
    Ok(())
}

/// Whether the relay ever had it, in its present state or a former one.
pub(crate) async fn was_published(vault: &Vault, grant: &GrantRow) -> Result<bool> {
    Ok(grant.commitment_index.is_some()
        || Details::read(grant)?.known_to_relay
        || vault.former_grants(&grant.id).await?.iter().any(|former| former.commitment_index.is_some()))
}
