//! Who looked: receipts collected from the relays, opened, checked against the ledger, kept and shown.

use crate::clock::now;
use crate::share::{Details, was_published};
use crate::wallet::Inner;
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, FailureCode, Opening, RelayFault};
use carnet_consent::GrantId;
use carnet_consent::anchor::{self, Commitment, ObjectType};
use carnet_consent::control::ControlToken;
use carnet_consent::grant::SignedGrant;
use carnet_consent::receipt::{self, Outcome, Receipt, RefusalReason};
use carnet_vault::{Batch, GrantRow, GrantStatus, ReceiptOutcome, ReceiptRow, Vault};
use std::collections::HashMap;
use std::sync::Arc;
use tlog::policy::Policy;

/// So long after its end a share's receipts are asked for at most, in seconds: 400 days, as long as relays keep them.
const ASK_AFTER_END: i64 = 400 * 86_400;
/// Stands for the grant itself where receipts stand by their numbers, which begin at 1.
const GRANT: u64 = 0;
/// The most proofs asked of a relay in one exchange, for each share.
const PROOFS: usize = 16;

impl Wallet {
    /// Who looked, newest first; asks the relays first where they can be reached.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn openings(&self) -> Result<Vec<Opening>> {
        self.inner.exchange(true).await?;
        let vault = self.inner.vault().await?;
        self.stored_openings(&vault, None).await
    }

    /// Who looked at one share, or at any, as far as the vault knows; newest first.
    pub(crate) async fn stored_openings(&self, vault: &Vault, of: Option<&GrantId>) -> Result<Vec<Opening>> {
        let mut shares: HashMap<GrantId, (String, Details)> = HashMap::new();
        for grant in grants(vault, of).await? {
            let details = Details::read(&grant)?;
            shares.insert(grant.id, (grant.recipient, details));
        }
        let rows = vault.receipts(of).await?;
        let mut openings = Vec::with_capacity(rows.len());
        for row in &rows {
            let Some((shared_with, details)) = shares.get(&row.grant) else { continue };
            openings.push(opening(row.grant, row.seq, &Receipt::from_cbor(&row.receipt)?, shared_with, details));
        }
        openings.sort_by_key(|opening| std::cmp::Reverse(opening.at));
        Ok(openings)
    }
}

impl Wallet {
    /// Remembers that the person saw all openings that are known now.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn mark_openings_seen(&self) -> Result<()> {
        let _changing = self.inner.changing.lock().await;
        let vault = self.inner.vault().await?;
        let mut batch = Batch::new(now());
        let mut changed = false;
        for grant in vault.grants().await? {
            let mut details = Details::read(&grant)?;
            let newest = vault.last_receipt(&grant.id).await?.unwrap_or(0);
            if newest > details.seen {
                details.seen = newest;
                batch.set_grant_details(&grant.id, details.to_json()?);
                changed = true;
            }
        }
        if changed {
            vault.apply(batch).await?;
        }
        Ok(())
    }
}

impl Inner {
    /// Asks the relays of one share, or of all, for receipts and proofs; gives how many openings are new. A relay that cannot
    /// be reached, or contradicts itself, does not keep the others from being asked.
    pub(crate) async fn collect(self: &Arc<Self>, of: Option<&GrantId>) -> Result<u64> {
        let _alone = self.syncing.lock().await;
        let grants = self.published(of, now()).await?;
        let mut away = std::collections::HashSet::new();
        let mut new = 0;
        for grant in grants {
            if away.contains(&grant.relay_url) {
                continue;
            }
            match self.collect_one(&grant).await {
                Ok(learnt) => {
                    new += learnt;
                    if Details::read(&grant)?.untold.is_some() {
                        self.note(&grant.id, None).await?;
                    }
                }
                Err(error) if error.code() == FailureCode::RelayAway => {
                    away.insert(grant.relay_url.clone());
                }
                // The others need not suffer from it; the person is told.
                Err(error) => match fault_in(&error) {
                    Some(fault) => self.note(&grant.id, Some(fault)).await?,
                    None => return Err(error),
                },
            }
        }
        Ok(new)
    }

    /// Keeps what was wrong with a relay's answer about a share, or that nothing was.
    async fn note(&self, id: &GrantId, fault: Option<RelayFault>) -> Result<()> {
        {
            let _changing = self.changing.lock().await;
            let vault = self.vault().await?;
            let mut details = Details::read(&vault.grant(id).await?)?;
            let (false_answer, untold) = (details.false_answer.clone(), details.untold.clone());
            match fault {
                Some(RelayFault::False(what)) => details.false_answer = details.false_answer.or(Some(what)),
                Some(RelayFault::Untold(why)) => details.untold = Some(why),
                None => details.untold = None,
            }
            if (&false_answer, &untold) == (&details.false_answer, &details.untold) {
                return Ok(());
            }
            let mut batch = Batch::new(now());
            batch.set_grant_details(id, details.to_json()?);
            vault.apply(batch).await?;
        }
        self.emit(&Event::ShareChanged { id: id.to_string() });
        Ok(())
    }

    /// The shares that a relay has or had, of which there may be something to learn; of one, or of all.
    async fn published(&self, of: Option<&GrantId>, now: i64) -> Result<Vec<GrantRow>> {
        let vault = self.vault().await?;
        let mut published = Vec::new();
        for grant in grants(&vault, of).await? {
            let told_all = Details::read(&grant)?.told_all;
            let due = grant.status != GrantStatus::Waiting && may_tell_more(grant.expires, told_all, now);
            if due && was_published(&vault, &grant).await? {
                published.push(grant);
            }
        }
        Ok(published)
    }

    async fn collect_one(self: &Arc<Self>, grant: &GrantRow) -> Result<u64> {
        let (token, identity, after) = {
            let vault = self.vault().await?;
            let secrets = vault.keys().derive_grant(&grant.id)?;
            let token = ControlToken::from_bytes(*secrets.expose_control_token());
            (token, secrets.receipt_identity()?, vault.last_receipt(&grant.id).await?.unwrap_or(0))
        };
        let client = self.client(&grant.relay_url).await?;
        let tag = SignedGrant::verify(&grant.signed)?.withdrawal_tag;
        let link = grant.link_id.parse()?;
        // What is asked for at the end or after it is the last.
        let ended = now() >= grant.expires;
        let sealed = client.all_receipts(&link, &token, after).await?.receipts;
        let (mut new, mut wrong) = (Vec::new(), None);
        for stored in sealed {
            match receipt::decrypt(&identity, &stored.sealed) {
                Ok((receipt, r)) if receipt.tag == tag => new.push((stored, receipt, r)),
                Ok(_) => wrong = Some(Error::RelayWrong("a receipt belongs to another share")),
                Err(error) => wrong = Some(error.into()),
            }
        }
        // One that is wrong does not keep the others from being seen.
        let learnt = self.keep(grant, new).await?;
        if let Some(fault) = wrong.as_ref().and_then(fault_in) {
            self.note(&grant.id, Some(fault)).await?;
        }
        self.prove(grant).await?;
        // It may have been stopped with the withdrawal card, or changed from another device.
        self.catch_up(&grant.id, true).await?;
        if ended {
            self.told_all(&grant.id).await?;
        }
        Ok(learnt)
    }

    /// Remembers that there is nothing more to ask about a share that ended, once the ledger has all of it.
    async fn told_all(&self, id: &GrantId) -> Result<()> {
        let _changing = self.changing.lock().await;
        let vault = self.vault().await?;
        let grant = vault.grant(id).await?;
        let details = Details::read(&grant)?;
        // It may run longer by now.
        if details.unproven.is_empty() && now() >= grant.expires {
            let mut batch = Batch::new(now());
            batch.set_grant_details(id, Details { told_all: true, ..details }.to_json()?);
            vault.apply(batch).await?;
        }
        Ok(())
    }

    /// Keeps receipts, all in one transaction, and tells of them.
    async fn keep(
        &self,
        grant: &GrantRow,
        new: Vec<(carnet_consent::control::StoredReceipt, Receipt, [u8; 32])>,
    ) -> Result<u64> {
        if new.is_empty() {
            return Ok(0);
        }
        let _changing = self.changing.lock().await;
        let vault = self.vault().await?;
        let mut details = Details::read(&vault.grant(&grant.id).await?)?;
        let mut batch = Batch::new(now());
        for (stored, receipt, r) in &new {
            details.unproven.push(stored.seq);
            batch.put_receipt(ReceiptRow {
                grant: grant.id,
                seq: stored.seq,
                receipt: receipt.to_cbor()?,
                commitment_r: *r,
                commitment_index: stored.index,
                learnt_at: now(),
            });
        }
        batch.set_grant_details(&grant.id, details.to_json()?);
        let applied = vault.apply(batch).await?;
        drop(vault);
        let mut learnt = 0;
        for ((stored, receipt, _), outcome) in new.iter().zip(applied.receipts) {
            if outcome == ReceiptOutcome::Stored {
                learnt += 1;
                self.emit(&Event::Opened(opening(grant.id, stored.seq, receipt, &grant.recipient, &details)));
            }
        }
        Ok(learnt)
    }

    /// Checks against the public ledger that the grant and its receipts stand where the relay says, as far as that was
    /// not done yet. What the ledger has not signed yet is checked the next time.
    async fn prove(&self, grant: &GrantRow) -> Result<()> {
        let (details, receipts, settled) = {
            let vault = self.vault().await?;
            let details = Details::read(&vault.grant(&grant.id).await?)?;
            let settled = details.proof.is_some() || details.contradicted.contains(&GRANT);
            if settled && details.unproven.is_empty() {
                return Ok(());
            }
            (details, vault.receipts(Some(&grant.id)).await?, settled)
        };
        let client = self.client(&grant.relay_url).await?;
        let policy = self.policy(&grant.relay_url).await?.text;
        if !Policy::parse(&policy)?.logs().iter().any(|log| log.key.name() == details.log) {
            // The relay inside the wallet was begun anew, after a restored backup: its former ledger is gone.
            return Ok(());
        }
        let (mut proof, mut contradicted) = (None, Vec::new());
        if let Some(index) = grant.commitment_index.filter(|_| !settled) {
            match client.prove(&policy, index, &commitment_of(grant)?).await {
                Ok(found) => proof = Some(found),
                Err(carnet_sync::Error::LedgerFalse { .. }) => contradicted.push(GRANT),
                Err(error) if error.is_away() => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        let mut proven = Vec::new();
        for row in receipts.iter().filter(|row| details.unproven.contains(&row.seq)).take(PROOFS) {
            let sha256 = Receipt::from_cbor(&row.receipt)?.sha256()?;
            let entry = anchor::commit(&row.commitment_r, ObjectType::Receipt, &sha256);
            match client.prove(&policy, row.commitment_index, &entry).await {
                Ok(_) => proven.push(row.seq),
                Err(carnet_sync::Error::LedgerFalse { .. }) => contradicted.push(row.seq),
                Err(error) if error.is_away() => break,
                Err(error) => return Err(error.into()),
            }
        }
        let _changing = self.changing.lock().await;
        let vault = self.vault().await?;
        let stored = vault.grant(&grant.id).await?;
        let mut details = Details::read(&stored)?;
        details.unproven.retain(|seq| !proven.contains(seq) && !contradicted.contains(seq));
        details.contradicted.extend(contradicted);
        // It may have been signed anew meanwhile: that one has a place of its own.
        if let Some(proof) = proof.filter(|_| stored.signed == grant.signed) {
            details.proof = Some(proof.to_string());
        }
        let mut batch = Batch::new(now());
        batch.set_grant_details(&grant.id, details.to_json()?);
        vault.apply(batch).await?;
        drop(vault);
        self.emit(&Event::ShareChanged { id: grant.id.to_string() });
        Ok(())
    }
}

/// One share, or all.
async fn grants(vault: &Vault, of: Option<&GrantId>) -> Result<Vec<GrantRow>> {
    Ok(match of {
        Some(id) => vec![vault.grant(id).await?],
        None => vault.grants().await?,
    })
}

/// What an answer of a relay that was no use says of the relay; none: it is not the relay's fault.
fn fault_in(error: &Error) -> Option<RelayFault> {
    use carnet_sync::Error as S;
    match error {
        Error::RelayWrong(_)
        | Error::Consent(_)
        | Error::Ledger(_)
        | Error::Sync(S::LedgerFalse { .. } | S::Ledger(_)) => Some(RelayFault::False(error.to_string())),
        Error::Sync(_) => Some(RelayFault::Untold(error.to_string())),
        _ => None,
    }
}

/// What is wrong with what the relay of a share says of who looked.
pub(crate) fn fault(details: &Details) -> Option<RelayFault> {
    if let Some(what) = &details.false_answer {
        return Some(RelayFault::False(what.clone()));
    }
    if details.contradicted.contains(&GRANT) {
        return Some(RelayFault::False("the public ledger does not hold this share where the relay says".to_owned()));
    }
    details.untold.clone().map(RelayFault::Untold)
}

/// Whether a relay may have something new to tell of a share: after its end there is nothing once all was told, however long
/// nobody asked.
fn may_tell_more(expires: i64, told_all: bool, now: i64) -> bool {
    now < expires || (!told_all && now < expires.saturating_add(ASK_AFTER_END))
}

/// The grant's entry in the ledger.
pub(crate) fn commitment_of(grant: &GrantRow) -> Result<Commitment> {
    let signed = SignedGrant::from_bytes(grant.signed.clone())?;
    Ok(anchor::commit(&grant.commitment_r, ObjectType::Grant, &signed.sha256()))
}

fn opening(grant: GrantId, seq: u64, receipt: &Receipt, shared_with: &str, details: &Details) -> Opening {
    let contradicted = details.contradicted.contains(&seq);
    let reason = match receipt.outcome {
        Outcome::Served { .. } => None,
        Outcome::Refused { reason } => refused_for(reason).map(str::to_owned),
    };
    Opening {
        id: grant.to_string(),
        shared_with: shared_with.to_owned(),
        recipient: receipt.recipient.clone(),
        at: receipt.at,
        served: matches!(receipt.outcome, Outcome::Served { .. }),
        seen: seq <= details.seen,
        proven: !contradicted && !details.unproven.contains(&seq),
        contradicted,
        reason,
    }
}

/// The bridge's word for why nothing was given out.
fn refused_for(reason: RefusalReason) -> Option<&'static str> {
    Some(match reason {
        RefusalReason::WrongPasscode => "passcode",
        RefusalReason::PasscodeAttemptsUsedUp => "passcode_used_up",
        RefusalReason::Exhausted => "exhausted",
        RefusalReason::Paused => "paused",
        RefusalReason::OutOfTime => "time",
        RefusalReason::Withdrawn => "withdrawn",
        RefusalReason::PasscodeMissing => "passcode_missing",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_share_is_asked_about_until_all_was_told() {
        let day = 86_400;
        assert!(may_tell_more(day, false, 0) && may_tell_more(day, true, 0), "it runs");
        assert!(may_tell_more(0, false, 31 * day) && may_tell_more(0, false, 399 * day), "nobody asked since");
        assert!(!may_tell_more(0, true, day) && !may_tell_more(0, false, 400 * day));
    }
}
