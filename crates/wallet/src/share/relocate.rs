//! Moving a share to another relay: under a new link, for a link names its relay.
//!
//! The new share names the grant that it takes the place of, and holds what that held. The old one can be opened until
//! the new one is at its relay; then it is stopped. To the person both are one: whichever is stopped, both are.

use super::details::{Details, grant_id};
use super::make::{Prepared, keep};
use super::renew::{is_going_on, openings_left};
use crate::clock::{now, random};
use crate::{Error, Result, Wallet};
use carnet_bridge::{Event, ShareDetail, ShareDraft};
use carnet_consent::GrantId;
use carnet_consent::control::LinkId;
use carnet_consent::grant::{LeftOut, SignedGrant};
use carnet_vault::Vault;
use std::collections::HashSet;

impl Wallet {
    /// Moves a share to the relay that shares go to now. Gives the new share; the old one is stopped as soon as the new
    /// relay has it, whenever that is.
    ///
    /// # Errors
    /// [`Error::Over`]; [`Error::Change`] if it is at that relay already, was moved before, or is used up; [`Error::RelayWrong`] and what else a
    /// relay that answers can do wrong; [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn move_share(&self, id: &str) -> Result<ShareDetail> {
        let id = grant_id(id)?;
        self.inner.count_openings(&id).await?;
        let (prepared, relay) = {
            let vault = self.inner.vault().await?;
            let relay = self.inner.chosen_relay(&vault).await?;
            let grant = vault.grant(&id).await?;
            if !is_going_on(&grant) {
                return Err(Error::Over);
            }
            if grant.relay_url == relay {
                return Err(Error::Change("it is at that relay already; choose another in the settings"));
            }
            if successor(&vault, &id).await?.is_some() {
                return Err(Error::Change("it was moved already"));
            }
            let (signed, given) = SignedGrant::open(grant.signed.clone())?;
            let unsealed = vault.unsealed(&id).await?;
            let details = Details::read(&grant)?;
            // The new relay knows nothing of those who looked before.
            let max_openings = openings_left(&vault, &id, &details).await?;
            let (Some(unsealed), Some(draft)) = (unsealed, details.draft.clone()) else {
                return Err(Error::Change("it was made by an earlier version; make a new one"));
            };
            let draft = ShareDraft { max_openings, ..draft };
            let details = Details {
                draft: Some(draft.clone()),
                max_openings,
                log: String::new(),
                proof: None,
                unproven: Vec::new(),
                contradicted: Vec::new(),
                false_answer: None,
                untold: None,
                seen: 0,
                refused: None,
                revision: 0,
                known_to_relay: false,
                changed_elsewhere: false,
                takes_over: Some(id),
                ..details
            };
            let prepared = Prepared {
                id: GrantId::from_bytes(random()?),
                link_id: LinkId::from_bytes(random()?),
                relay: relay.clone(),
                profile: grant.profile,
                draft,
                created_at: now(),
                expires: grant.expires,
                held_back: given.what.left_out == LeftOut::Something,
                supersedes: Some(signed.sha256()),
                details,
                bundle: serde_json::from_slice(&unsealed).map_err(|_| Error::Internal("the document of a share"))?,
                readable: None,
                verifying: None,
            };
            (prepared, relay)
        };
        let new = prepared.id.to_string();
        let policy = self.inner.policy(&relay).await;
        keep(&self.inner, prepared, policy).await?;
        self.send_soon().await?;
        // The end of the old one was queued when the new one had arrived.
        self.send_soon().await?;
        self.inner.emit(&Event::ShareChanged { id: id.to_string() });
        self.inner.emit(&Event::ShareChanged { id: new.clone() });
        self.share_detail(&new).await
    }
}

/// The share that takes the place of this one at another relay.
pub(crate) async fn successor(vault: &Vault, id: &GrantId) -> Result<Option<GrantId>> {
    let links = links(vault).await?;
    Ok(links.into_iter().find(|(_, old)| old == id).map(|(new, _)| new))
}

/// This share and those that it took the place of, or that took its, at other relays.
pub(crate) async fn family(vault: &Vault, id: GrantId) -> Result<HashSet<GrantId>> {
    let links = links(vault).await?;
    let mut family = HashSet::from([id]);
    loop {
        let before = family.len();
        for (new, old) in &links {
            if family.contains(new) || family.contains(old) {
                family.extend([*new, *old]);
            }
        }
        if family.len() == before {
            return Ok(family);
        }
    }
}

/// Each share that took another's place, and that other.
async fn links(vault: &Vault) -> Result<Vec<(GrantId, GrantId)>> {
    let mut links = Vec::new();
    for grant in vault.grants().await? {
        links.extend(Details::read(&grant)?.takes_over.map(|old| (grant.id, old)));
    }
    for (_, prepared) in super::waiting(vault).await? {
        links.extend(prepared.details.takes_over.map(|old| (prepared.id, old)));
    }
    Ok(links)
}
