//! Stopping a share: at once in the wallet, first in line for the relay.

use crate::clock::now;
use crate::share::{Details, queued};
use crate::{Result, Wallet};
use carnet_bridge::{Event, ShareDetail, ShareStatus};
use carnet_consent::withdrawal::WithdrawalSecret;
use carnet_sync::Job;
use carnet_vault::{Batch, GrantStatus};

impl Wallet {
    /// Stops a share. The relay is told at once if it can be reached, and as soon as it can otherwise; until then the
    /// share is `Stopping`. Stopping it twice does no harm. A share that was not signed yet is given up altogether and is
    /// in the list no more.
    ///
    /// # Errors
    /// [`crate::Error::NoSuch`], [`crate::Error::Locked`]; those of the vault.
    pub async fn stop_sharing(&self, id: &str) -> Result<ShareDetail> {
        let id = crate::share::grant_id(id)?;
        {
            let _changing = self.inner.changing.lock().await;
            let vault = self.inner.vault().await?;
            if let Some((job, prepared)) = crate::share::waiting(&vault).await?.into_iter().find(|(_, p)| p.id == id) {
                // It was never signed: nobody could open it, and nothing has to be told to anybody.
                vault.queue_done(job).await?;
                let address = prepared.relay.clone();
                let mut detail = crate::share::prepared_detail(&vault, &prepared, &address)?;
                detail.line.status = ShareStatus::Stopped;
                self.inner.emit(&Event::ShareChanged { id: id.to_string() });
                return Ok(detail);
            }
            let grant = vault.grant(&id).await?;
            if !matches!(grant.status, GrantStatus::Stopping | GrantStatus::Stopped) {
                let secret = WithdrawalSecret::from_bytes(*vault.keys().derive_grant(&id)?.expose_withdrawal_secret());
                let job = Job::Withdraw { grant: id, relay: grant.relay_url.clone(), p: secret.preimage() };
                let mut batch = Batch::new(now());
                // Nothing else is to be said of it any more.
                for former in queued(&vault, &id, |job| !matches!(job, Job::Withdraw { .. })).await? {
                    batch.queue_done(former);
                }
                let details = Details { stopped_at: Some(now()), ..Details::read(&grant)? };
                batch
                    .set_grant_details(&id, details.to_json()?)
                    .set_grant_status(&id, GrantStatus::Stopping)
                    .queue_put(job.kind(), job.to_bytes());
                vault.apply(batch).await?;
            }
        }
        self.inner.emit(&Event::ShareChanged { id: id.to_string() });
        self.send_soon().await?;
        self.share_detail(&id.to_string()).await
    }
}
