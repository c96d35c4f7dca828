//! Sharing: from a choice of records to a signed grant, a link and its QR.
//!
//! The grant and the message that publishes it are stored in one transaction. From then on the share exists: killed the
//! next instant, the wallet sends it after the next unlock; without a network it waits.

mod choice;
mod details;
mod make;
mod show;

pub(crate) use choice::{choose, patient};
pub(crate) use details::{Details, grant_id};
pub(crate) use make::{PREPARED, inline_files, originals, patient_of, seal_waiting, waiting, withheld};
pub use show::ProofFiles;
pub(crate) use show::prepared_detail;

use crate::clock::now;
use crate::{Result, Wallet};
use carnet_bridge::{CategoryCount, Event, ShareDetail, ShareDraft, SharePreview};
use std::collections::BTreeMap;
use std::time::Duration;

/// So long a person waits for a relay to take a share before it becomes one that waits.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

impl Wallet {
    /// What a share would hold, before it is made.
    ///
    /// # Errors
    /// [`crate::Error::NoSuch`] for an unknown category, [`crate::Error::NobodyNamed`], [`crate::Error::Locked`]; those
    /// of the vault.
    pub async fn preview_share(&self, draft: &ShareDraft) -> Result<SharePreview> {
        let vault = self.inner.vault().await?;
        let profile = crate::settings::profile(&vault).await?;
        let choice = choose(&vault, profile.id, &choice::selection(draft)?).await?;
        let categories = if choice.selected.is_empty() {
            Vec::new()
        } else {
            let language = self.inner.options.language.clone();
            make::document(&vault, &profile, &choice, now(), language).await?.holds
        };
        let mut held_back = BTreeMap::new();
        for label in choice.held_back.iter().flatten() {
            *held_back.entry(label.code()).or_insert(0) += 1;
        }
        Ok(SharePreview {
            records: categories.iter().map(|category| category.count).sum(),
            categories,
            available: choice::by_category(choice.rows.iter().filter(|row| choice.is_own(row))),
            held_back: held_back
                .into_iter()
                .map(|(label, count)| CategoryCount { category: label.to_owned(), count })
                .collect(),
        })
    }

    /// Makes a share and sends it to its relay. If the relay is away the share is `Waiting` and is sent later.
    ///
    /// # Errors
    /// [`crate::Error::NothingSelected`], [`crate::Error::NobodyNamed`], [`crate::Error::Draft`];
    /// [`crate::Error::RelayRefused`], [`crate::Error::RelayWrong`] and what else a relay that answers can do wrong;
    /// [`crate::Error::Locked`]; those of the vault.
    pub async fn share(&self, draft: &ShareDraft) -> Result<ShareDetail> {
        let id = make::make(&self.inner, draft).await?;
        self.send_soon().await?;
        let refused = {
            let vault = self.inner.vault().await?;
            match vault.grant(&id).await {
                Ok(grant) => Details::read(&grant)?.refused,
                // Not signed yet: it waits for its relay to be reached for the first time.
                Err(carnet_vault::Error::NoSuch(_)) => None,
                Err(error) => return Err(error.into()),
            }
        };
        if let Some(reason) = refused {
            return Err(crate::Error::RelayRefused(reason));
        }
        self.inner.emit(&Event::ShareChanged { id: id.to_string() });
        self.share_detail(&id.to_string()).await
    }

    /// Sends what waits, but does not let a person wait for a slow relay. What was under way then is tried again.
    pub(crate) async fn send_soon(&self) -> Result<()> {
        match tokio::time::timeout(PATIENCE, self.inner.send_queued(true)).await {
            Ok(sent) => sent.map(drop),
            Err(_) => Ok(()),
        }
    }
}
