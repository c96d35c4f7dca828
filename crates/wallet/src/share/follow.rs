//! Live shares: whatever changes in the records goes out through the same link, and never more than was chosen.
//!
//! Which shares are to be looked at again is not kept anywhere: each one keeps a hash of what its document says, and is
//! compared with what the same choice gives now. So a wallet that was killed between an import and this, or that was
//! closed for days, finds out as soon as it is open.

use super::choose;
use super::details::Details;
use super::document::assemble;
use super::make::{holds_back, left_out};
use super::pause::set_paused;
use super::preview::tells;
use super::renew::{Change, is_going_on, renew};
use super::terms::Terms;
use crate::clock::now;
use crate::output::Material;
use crate::wallet::Inner;
use crate::{Error, Result};
use carnet_bridge::{CategoryCount, Event};
use carnet_consent::GrantId;
use carnet_records::outgoing::Readable;
use carnet_vault::{Batch, GrantStatus, Profile, ProfileId, Vault};
use serde_json::Value;

/// What a choice gives now.
pub(super) struct Gathered {
    /// The document, neither sealed nor with its pages yet.
    pub(super) bundle: Value,
    /// The same in words.
    pub(super) readable: Readable,
    /// How many records of each category are in it.
    pub(super) holds: Vec<CategoryCount>,
    /// What it says, as [`Material::content`].
    pub(super) content: [u8; 32],
    /// Whether the choice, or the form, holds anything back: a record, or a whole file inside one.
    pub(super) held_back: bool,
}

impl Gathered {
    /// What is new about a share that follows the choice.
    pub(super) fn change(self, expires: i64, details: Details, tell_left_out: bool) -> Change {
        let details = Details {
            records: self.holds.iter().map(|category| category.count).sum(),
            categories: self.holds,
            content: self.content,
            ..details
        };
        let left_out = Some(left_out(tell_left_out, self.held_back));
        Change { expires, document: (self.bundle, Some(self.readable)), left_out, details }
    }
}

/// What came of looking at a live share.
pub(super) enum Followed {
    /// Its document is what its choice gives now.
    Filled { changed: bool },
    /// Nothing can be made of its choice now, and nobody can open it.
    Empty { changed: bool },
}

/// Puts together what a choice gives now, on a thread that may take its time.
///
/// # Errors
/// [`Error::NothingSelected`], [`Error::NobodyNamed`]; those of the records and the vault.
pub(super) async fn gather(inner: &Inner, vault: &Vault, profile: &Profile, terms: &Terms) -> Result<Gathered> {
    let choice = choose(inner.index(vault, profile).await?, &terms.selection, &terms.codes);
    let material = Material::gather(vault, profile, &choice, &terms.language).await?;
    let format = terms.format;
    let making = tokio::task::spawn_blocking(move || Ok::<_, Error>((assemble(&material, format)?, material)));
    let (assembled, material) = making.await.map_err(|_| Error::Internal("making a share"))??;
    let no_place = material.left_out(&assembled).any(|(reason, _)| tells(reason).is_some());
    Ok(Gathered {
        holds: material.holds(&assembled),
        content: material.content(&assembled),
        held_back: no_place || material.leaves_files() || holds_back(&choice, &material.all_in(&assembled)),
        bundle: assembled.bundle,
        readable: assembled.readable,
    })
}

/// The person of a profile.
pub(crate) async fn profile_of(vault: &Vault, id: ProfileId) -> Result<Profile> {
    let found = vault.profiles().await?.into_iter().find(|profile| profile.id == id);
    found.ok_or(Error::Internal("the person of a share"))
}

impl Inner {
    /// Signs the live shares anew whose records changed, and queues the messages that publish them. Gives whether there
    /// were any. Nothing is looked at twice while nothing changed.
    pub(crate) async fn follow_records(&self) -> Result<bool> {
        let mut followed = self.followed.lock().await;
        let heads: u64 = self.vault().await?.journal_heads().await?.iter().map(|head| head.seq).sum();
        if *followed == Some(heads) {
            return Ok(false);
        }
        let mut changed = false;
        let grants = self.vault().await?.grants().await?;
        for grant in grants.iter().filter(|grant| is_going_on(grant)) {
            if Details::read(grant)?.is_live() && self.follow(&grant.id).await? {
                self.emit(&Event::ShareChanged { id: grant.id.to_string() });
                changed = true;
            }
        }
        // Read before: what was written meanwhile is looked at the next time.
        *followed = Some(heads);
        Ok(changed)
    }

    /// Looks at one live share; gives whether it changed.
    async fn follow(&self, id: &GrantId) -> Result<bool> {
        let _changing = self.changing.lock().await;
        Ok(matches!(
            Box::pin(self.follow_held(id)).await?,
            Followed::Filled { changed: true } | Followed::Empty { changed: true }
        ))
    }

    /// The same for a caller that holds the lock on changes of shares.
    pub(super) async fn follow_held(&self, id: &GrantId) -> Result<Followed> {
        let vault = self.vault().await?;
        let grant = vault.grant(id).await?;
        let details = Details::read(&grant)?;
        // What another device put there may be newer: only the person puts ours in its place.
        if !is_going_on(&grant) || !details.is_live() || details.changed_elsewhere {
            return Ok(Followed::Filled { changed: false });
        }
        let terms = details.terms()?;
        let profile = profile_of(&vault, grant.profile).await?;
        let gathered = match Box::pin(gather(self, &vault, &profile, terms)).await {
            Ok(gathered) => gathered,
            Err(error @ (Error::Locked | Error::Vault(_))) => return Err(error),
            // Nothing is left of what was chosen, or nothing can be made of it.
            Err(_) => return Ok(Followed::Empty { changed: self.hold_back(&vault, id).await? }),
        };
        if gathered.content == details.content {
            return Ok(Followed::Filled { changed: self.fill_again(&vault, id).await? });
        }
        drop(vault);
        let tell_left_out = terms.tell_left_out;
        let change = gathered.change(grant.expires, details, tell_left_out);
        match Box::pin(renew(self, &grant, change)).await {
            Ok(()) => {}
            Err(error @ (Error::Locked | Error::Vault(_))) => return Err(error),
            // It is larger than any relay takes, for one.
            Err(_) => return Ok(Followed::Empty { changed: self.hold_back(&*self.vault().await?, id).await? }),
        }
        self.fill_again(&*self.vault().await?, id).await?;
        Ok(Followed::Filled { changed: true })
    }

    /// Pauses a share of which nothing new can be made: what it was may hold what was just taken out of it, so nobody gets
    /// anything until something can be made of it again.
    async fn hold_back(&self, vault: &Vault, id: &GrantId) -> Result<bool> {
        let grant = vault.grant(id).await?;
        if grant.status == GrantStatus::Paused {
            return Ok(false);
        }
        let mut batch = Batch::new(now());
        let mut details = Details { emptied: true, ..Details::read(&grant)? };
        set_paused(vault, &grant, &mut details, true, &mut batch).await?;
        batch.set_grant_details(id, details.to_json()?);
        vault.apply(batch).await?;
        Ok(true)
    }

    /// Resumes a share that was paused because nothing could be made of it.
    async fn fill_again(&self, vault: &Vault, id: &GrantId) -> Result<bool> {
        let grant = vault.grant(id).await?;
        let mut details = Details::read(&grant)?;
        if !details.emptied {
            return Ok(false);
        }
        details.emptied = false;
        let mut batch = Batch::new(now());
        set_paused(vault, &grant, &mut details, false, &mut batch).await?;
        batch.set_grant_details(id, details.to_json()?);
        vault.apply(batch).await?;
        Ok(true)
    }

    /// After the records changed: signs live shares anew and sees to it that their relays hear of it soon. What fails is
    /// tried again with the next exchange; the change itself is done and stays.
    pub(crate) async fn records_changed(self: &std::sync::Arc<Self>) {
        if !self.follow_records().await.unwrap_or(true) {
            return;
        }
        if self.options.sync_every.is_some() {
            self.wake.notify_one();
        } else {
            let _ = tokio::time::timeout(super::PATIENCE, self.send_queued(true)).await;
        }
    }
}
