//! Stopping a share: at once in the wallet, first in line for every relay that has it.

use crate::clock::now;
use crate::share::{Details, family, grant_id, prepared_detail, queued, waiting};
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, ShareDetail, ShareStatus};
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_sync::Job;
use carnet_vault::{Batch, GrantRow, GrantStatus, Vault};

impl Wallet {
    /// Stops a share, and with it those that it took the place of, or that took its, at other relays. The relays are told
    /// at once if they can be reached, and as soon as they can otherwise; until then the share is `Stopping`. Stopping
    /// it twice does no harm. A share that was not signed yet is given up altogether and is in the list no more.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn stop_sharing(&self, id: &str) -> Result<ShareDetail> {
        let id = grant_id(id)?;
        let mut given_up = None;
        let family = {
            let _changing = self.inner.changing.lock().await;
            let vault = self.inner.vault().await?;
            let family = family(&vault, id).await?;
            let mut batch = Batch::new(now());
            for (job, prepared) in waiting(&vault).await?.into_iter().filter(|(_, one)| family.contains(&one.id)) {
                // It was never signed: nobody could open it, and nothing has to be told to anybody.
                batch.queue_done(job);
                if prepared.id == id {
                    let mut detail = prepared_detail(&vault, &prepared, self.inner.is_only_here(&prepared.relay))?;
                    (detail.line.status, detail.line.why) = (ShareStatus::Stopped, None);
                    given_up = Some(detail);
                }
            }
            let grants = vault.grants().await?;
            if given_up.is_none() && !grants.iter().any(|grant| grant.id == id) {
                return Err(Error::NoSuch("share"));
            }
            for grant in grants.iter().filter(|grant| family.contains(&grant.id)) {
                end(&vault, grant, &mut batch).await?;
            }
            vault.apply(batch).await?;
            family
        };
        for one in family {
            self.inner.emit(&Event::ShareChanged { id: one.to_string() });
        }
        self.send_soon().await?;
        match given_up {
            Some(detail) => Ok(detail),
            None => self.share_detail(&id.to_string()).await,
        }
    }
}

/// Ends a share and queues the message that says so to its relay; nothing if it was ended before. The caller holds the
/// lock on changes of shares and stores the batch.
pub(crate) async fn end(vault: &Vault, grant: &GrantRow, batch: &mut Batch) -> Result<()> {
    if matches!(grant.status, GrantStatus::Stopping | GrantStatus::Stopped) {
        return Ok(());
    }
    // Nothing else is to be said of it any more.
    for former in queued(vault, &grant.id, |job| !matches!(job, Job::Withdraw { .. })).await? {
        batch.queue_done(former);
    }
    let secret = WithdrawalSecret::from_bytes(*vault.keys().derive_grant(&grant.id)?.expose_withdrawal_secret());
    let job = Job::Withdraw { grant: grant.id, relay: grant.relay_url.clone(), p: secret.preimage() };
    let details = Details { stopped_at: Some(now()), known_passcode: None, ..Details::read(grant)? };
    batch
        .set_grant_details(&grant.id, details.to_json()?)
        .set_grant_status(&grant.id, GrantStatus::Stopping)
        .queue_put(job.kind(), job.to_bytes());
    Ok(())
}
