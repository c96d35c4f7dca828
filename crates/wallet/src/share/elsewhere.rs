//! What became of a share without this vault: its relay may know more than a backup that was restored, or than a device whose
//! share was stopped with the withdrawal card.
//!
//! Messages that change a link are numbered ([`carnet_consent::control::Revision`]), and the relay says the highest number
//! it has seen. Where that is higher than any of ours, readers see what another device shared last. Then the wallet takes
//! over what the relay says (the number, whether it is paused, when it ends), says so to the person, and puts nothing in
//! its place by itself, for that may be older. What the person does from then on counts again.

use super::details::{Details, grant_id};
use super::follow::{gather, profile_of};
use super::renew::{Change, is_going_on, queued, renew};
use crate::clock::now;
use crate::wallet::{Inner, lock};
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, ShareDetail};
use carnet_consent::GrantId;
use carnet_consent::control::{ControlToken, LinkState};
use carnet_sync::Job;
use carnet_vault::{Batch, GrantRow, GrantStatus, Vault};
use secrecy::{ExposeSecret, SecretString};
use smart_health::SmartHealthLink;

impl Wallet {
    /// Puts what this device has in the place of what readers of a share see, which another device changed meanwhile. A
    /// share that follows the records is filled from them anew, any other is as it was here.
    ///
    /// # Errors
    /// [`Error::Over`]; [`Error::NothingSelected`] if nothing is left of what it shared;
    /// [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn update_share(&self, id: &str) -> Result<ShareDetail> {
        let id = grant_id(id)?;
        {
            let _changing = self.inner.changing.lock().await;
            let grant = self.inner.vault().await?.grant(&id).await?;
            if !is_going_on(&grant) {
                return Err(Error::Over);
            }
            Box::pin(self.inner.put_in_place(&grant)).await?;
        }
        self.inner.emit(&Event::ShareChanged { id: id.to_string() });
        self.send_soon().await?;
        self.share_detail(&id.to_string()).await
    }
}

impl Inner {
    /// Signs anew what this vault has of a share. The caller holds the lock on changes of shares.
    pub(super) async fn put_in_place(&self, grant: &GrantRow) -> Result<()> {
        let details = Details::read(grant)?;
        let terms = details.terms()?;
        let vault = self.vault().await?;
        let change = if terms.live {
            let profile = profile_of(&vault, grant.profile).await?;
            let gathered = Box::pin(gather(self, &vault, &profile, terms)).await?;
            let tell_left_out = terms.tell_left_out;
            gathered.change(grant.expires, details, tell_left_out)
        } else {
            let unsealed = vault.unsealed(&grant.id).await?;
            let unsealed = unsealed.ok_or(Error::Change("it was made by an earlier version; make a new one"))?;
            let unsealed = serde_json::from_slice(&unsealed).map_err(|_| Error::Internal("the document of a share"))?;
            Change { expires: grant.expires, document: (unsealed, None), left_out: None, details }
        };
        drop(vault);
        Box::pin(renew(self, grant, change)).await
    }

    /// Asks the relay how a share stands, once for each time the vault is opened, and always where `again` says so; gives
    /// whether it knew more. A relay that is away or does not have the share leaves everything as it is.
    pub(crate) async fn catch_up(&self, id: &GrantId, again: bool) -> Result<bool> {
        if !again && lock(&self.caught_up).contains(id) {
            return Ok(false);
        }
        let (grant, token) = {
            let vault = self.vault().await?;
            let grant = match vault.grant(id).await {
                Err(carnet_vault::Error::NoSuch(_)) => return Ok(false),
                grant => grant?,
            };
            let secrets = vault.keys().derive_grant(id)?;
            (grant, ControlToken::from_bytes(*secrets.expose_control_token()))
        };
        if !may_change(&grant) {
            return Ok(false);
        }
        let client = self.client(&grant.relay_url).await?;
        let knew_more = match client.state(&grant.link_id.parse()?, &token).await {
            Ok(state) => self.take_over(id, &state).await?,
            // Asked again the next time.
            Err(error) if error.is_away() => return Ok(false),
            // It does not have the share: what waits to be sent is sent as it is.
            Err(_) => false,
        };
        self.caught_up_with(id);
        Ok(knew_more)
    }

    /// Notes that no relay can know more of a share than this vault, as of one that was just made.
    pub(crate) fn caught_up_with(&self, id: &GrantId) {
        lock(&self.caught_up).insert(*id);
    }

    /// Takes over what a relay says of a share; gives whether it knew more.
    async fn take_over(&self, id: &GrantId, state: &LinkState) -> Result<bool> {
        let changed = {
            let _changing = self.changing.lock().await;
            let vault = self.vault().await?;
            let mut batch = Batch::new(now());
            let changed = take_over(&vault, id, state, None, &mut batch).await?;
            if changed {
                vault.apply(batch).await?;
            }
            changed
        };
        if changed {
            self.emit(&Event::ShareChanged { id: id.to_string() });
        }
        Ok(changed)
    }
}

/// Takes over what a relay says of a share; gives whether it knew more. `overtaken` is the number of a publication that it
/// did not carry out: was that our newest, another device has given out the same number. The caller holds the lock on
/// changes of shares and stores the batch.
pub(crate) async fn take_over(
    vault: &Vault,
    id: &GrantId,
    state: &LinkState,
    overtaken: Option<u64>,
    batch: &mut Batch,
) -> Result<bool> {
    let grant = vault.grant(id).await?;
    let details = Details::read(&grant)?;
    let newer = state.revision > details.revision || overtaken == Some(details.revision);
    if !may_change(&grant) || !(state.withdrawn || newer) {
        return Ok(false);
    }
    // What was to be said before others said more is said no more.
    for former in queued(vault, id, |job| !matches!(job, Job::Withdraw { .. })).await? {
        batch.queue_done(former);
    }
    if state.withdrawn {
        let details = Details { stopped_at: Some(now()), stopped_elsewhere: true, known_passcode: None, ..details };
        batch.set_grant_status(id, GrantStatus::Stopped).set_unsealed(id, None);
        batch.set_grant_details(id, details.to_json()?);
        return Ok(true);
    }
    let details = Details {
        revision: state.revision.max(details.revision),
        changed_elsewhere: true,
        known_to_relay: true,
        emptied: false,
        refused: None,
        ..details
    };
    if state.expires != grant.expires {
        let mut link = SmartHealthLink::parse(grant.link.expose_secret())?;
        link.exp = Some(state.expires);
        batch.set_grant_end(id, state.expires, SecretString::from(link.to_uri()));
    }
    batch.set_grant_status(id, if state.paused { GrantStatus::Paused } else { GrantStatus::Live });
    batch.set_grant_details(id, details.to_json()?);
    Ok(true)
}

/// Whether anything can still become of a share.
fn may_change(grant: &GrantRow) -> bool {
    matches!(grant.status, GrantStatus::Waiting | GrantStatus::Live | GrantStatus::Paused)
}
