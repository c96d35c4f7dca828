//! Signing a share anew under the same link: because it is to run longer, or because the records it follows changed.
//!
//! The new grant keeps the id, the key and the withdrawal tag, and names the one that it takes the place of: one link, and
//! one withdrawal ends all that was ever given out under it. What was signed before is kept. Grant, ledger entry and the
//! message that publishes it are stored in one transaction, and a message that was still waiting to be sent with what
//! the share was before is dropped in the same.

use super::details::{Details, grant_id};
use super::lean::lean;
use super::make::log_name;
use super::seal::Plan;
use super::terms::{SECONDS, labels_in};
use crate::clock::now;
use crate::wallet::Inner;
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, ShareDetail};
use carnet_consent::GrantId;
use carnet_consent::control::MAX_LIFETIME;
use carnet_consent::grant::{GrantDraft, LedgerRef, LeftOut, SignedGrant};
use carnet_consent::receipt::{Outcome, Receipt};
use carnet_records::outgoing::Readable;
use carnet_sync::Job;
use carnet_vault::{Batch, GrantRow, GrantStatus, NewState, Vault};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use smart_health::SmartHealthLink;
use std::sync::Arc;

/// What is new about a share.
pub(super) struct Change {
    /// When it ends.
    pub(super) expires: i64,
    /// Its document, not sealed, and the same in words if they are at hand.
    pub(super) document: (Value, Option<Readable>),
    /// What the reader is told of what was left out; none: as before.
    pub(super) left_out: Option<LeftOut>,
    /// What the wallet keeps about it.
    pub(super) details: Details,
}

impl Wallet {
    /// Lets a share run until `seconds` from now, under the same link. Its document stays as it is, or as the records it
    /// follows are. Works without a network: the relay hears of it as soon as there is one. Readers that look at the end
    /// named in an old code may need to be shown the new one.
    ///
    /// # Errors
    /// [`Error::Over`]; [`Error::Change`] if it ends later already, would run longer than a share may, or is used up; [`Error::NoSuch`],
    /// [`Error::Locked`]; those of the vault.
    pub async fn extend_share(&self, id: &str, seconds: i64) -> Result<ShareDetail> {
        let id = grant_id(id)?;
        if !SECONDS.contains(&seconds) {
            return Err(Error::Change("it must be open for a minute at least and 365 days at most"));
        }
        self.inner.count_openings(&id).await?;
        {
            let _changing = self.inner.changing.lock().await;
            let grant = self.inner.vault().await?.grant(&id).await?;
            let expires = now().saturating_add(seconds);
            if !is_going_on(&grant) {
                return Err(Error::Over);
            }
            if expires < grant.expires {
                return Err(Error::Change("it ends later than that already"));
            }
            // Asked for twice, it is done once.
            if expires > grant.expires {
                let details = Details::read(&grant)?;
                details.terms()?;
                openings_left(&*self.inner.vault().await?, &id, &details).await?;
                if expires.saturating_sub(now()) > MAX_LIFETIME || expires <= details.starts {
                    return Err(Error::Change("it must end within a year, and after it has begun"));
                }
                let unsealed = self.inner.vault().await?.unsealed(&id).await?;
                let unsealed = unsealed.ok_or(Error::Change("it was made by an earlier version; make a new one"))?;
                let unsealed =
                    serde_json::from_slice(&unsealed).map_err(|_| Error::Internal("the document of a share"))?;
                let change = Change { expires, document: (unsealed, None), left_out: None, details };
                Box::pin(renew(&self.inner, &grant, change)).await?;
            }
        }
        self.inner.emit(&Event::ShareChanged { id: id.to_string() });
        self.send_soon().await?;
        self.share_detail(&id.to_string()).await
    }
}

impl Inner {
    /// Asks who looked before a share is changed that opens so many times only: whether it is used up shows there. A relay
    /// that is away does not hold the change up.
    pub(super) async fn count_openings(self: &Arc<Self>, id: &GrantId) -> Result<()> {
        let grant = self.vault().await?.grant(id).await?;
        if Details::read(&grant)?.max_openings.is_some() {
            self.collect(Some(id)).await?;
        }
        Ok(())
    }
}

/// Whether a share can still be opened, or will be.
pub(crate) fn is_going_on(grant: &GrantRow) -> bool {
    now() < grant.expires && matches!(grant.status, GrantStatus::Waiting | GrantStatus::Live | GrantStatus::Paused)
}

/// How often a share can still be opened, as far as this wallet was told; none where it is as often as anyone likes.
///
/// # Errors
/// [`Error::Change`] if it is never: changed, it would open to nobody, or begin again to count. Those of the vault.
pub(super) async fn openings_left(vault: &Vault, id: &GrantId, details: &Details) -> Result<Option<u32>> {
    let Some(most) = details.max_openings else { return Ok(None) };
    let mut served = 0;
    for row in vault.receipts(Some(id)).await? {
        served += u32::from(matches!(Receipt::from_cbor(&row.receipt)?.outcome, Outcome::Served { .. }));
    }
    match most.saturating_sub(served) {
        0 => Err(Error::Change("it was opened as often as it may be; make a new one")),
        left => Ok(Some(left)),
    }
}

/// Signs and encrypts a share anew and stores it together with the message that publishes it. The caller holds the lock
/// on changes of shares.
pub(super) async fn renew(inner: &Inner, grant: &GrantRow, change: Change) -> Result<()> {
    let policy = inner.pinned_policy(&grant.relay_url).await?.ok_or(Error::RelayAway)?;
    let secrets = inner.vault().await?.keys().derive_grant(&grant.id)?;
    let (signed, given) = SignedGrant::open(grant.signed.clone())?;
    let mut draft = GrantDraft::extending(&signed, &given, given.id, given.withdrawal_tag, change.expires);
    draft.ledger = LedgerRef { policy_sha256: policy.sha256 };
    if let Some(left_out) = change.left_out {
        draft.what.left_out = left_out;
    }
    let terms = change.details.terms()?;
    // What is in it may have got labels since, or lost them.
    draft.what.leaves_out = terms.leaves_out(labels_in(&change.document.0));
    let made = Plan::new(draft, change.document, terms, &secrets)?.carry_out().await?;
    let details = Details {
        log: log_name(&policy)?,
        proof: None,
        // One that is paused because its relay refused stays paused for that.
        refused: change.details.refused.clone().filter(|_| grant.status == GrantStatus::Paused),
        changed_elsewhere: false,
        revision: change.details.revision + 1,
        ..change.details.clone()
    };
    let publish = made.publish(&details, terms, &secrets)?;
    let mut link = SmartHealthLink::parse(grant.link.expose_secret())?;
    link.exp = Some(change.expires);
    link.grant_hash = link.grant_hash.map(|_| made.sealed.signed.sha256());
    let publishing = Job::Publish {
        grant: grant.id,
        relay: grant.relay_url.clone(),
        link: grant.link_id.parse()?,
        body: Box::new(publish),
    };
    let publishing = lean(publishing);

    let vault = inner.vault().await?;
    let mut batch = Batch::new(now());
    for former in queued(&vault, &grant.id, |job| matches!(job, Job::Publish { .. })).await? {
        batch.queue_done(former);
    }
    let new = NewState {
        signed: made.sealed.signed.as_bytes().to_vec(),
        bundle: made.document,
        commitment_r: made.commitment_r,
        expires: change.expires,
        link: SecretString::from(link.to_uri()),
        details: details.to_json()?,
    };
    batch
        .replace_grant(&grant.id, new)
        .set_unsealed(&grant.id, Some(made.unsealed))
        .queue_put(publishing.kind(), publishing.to_bytes());
    vault.apply(batch).await?;
    Ok(())
}

/// The jobs of a share that wait in the outbox and are of a kind, by their numbers.
pub(crate) async fn queued(vault: &Vault, id: &GrantId, is: impl Fn(&Job) -> bool) -> Result<Vec<i64>> {
    if vault.queue_len().await? == 0 {
        return Ok(Vec::new());
    }
    let jobs = vault.queue_due(i64::MAX).await?;
    let of_it =
        jobs.iter().filter(|stored| Job::from_bytes(&stored.body).is_ok_and(|job| job.grant() == Some(id) && is(&job)));
    Ok(of_it.map(|stored| stored.id).collect())
}
