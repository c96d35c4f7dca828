//! Sharing: from a choice of records to a signed grant, a link and its QR.
//!
//! The grant and the message that publishes it are stored in one transaction. From then on the share exists: killed the
//! next instant, the wallet sends it after the next unlock; without a network it waits.

mod asked;
mod asking;
mod card;
mod choice;
mod details;
mod document;
mod elsewhere;
mod follow;
mod lean;
mod make;
mod passcode;
mod pause;
mod preview;
mod receipt;
mod relocate;
mod renew;
mod seal;
mod show;
mod terms;

pub use asked::{REQUEST_PREFIX, differences, read_request, request_text};
pub use asking::{new_request_key, write_request};
pub use card::withdraw_with_card;
pub(crate) use choice::{Choice, choose};
pub(crate) use details::{Details, grant_id};
pub(crate) use elsewhere::take_over;
pub(crate) use make::{PREPARED, seal_waiting, unsent, waiting};
pub use passcode::new_passcode;
pub(crate) use pause::{queue_pause, set_paused, was_published};
pub(crate) use preview::Preview;
pub(crate) use relocate::family;
pub(crate) use renew::queued;
pub use show::ProofFiles;
pub(crate) use show::prepared_detail;
pub(crate) use terms::selection;

use crate::{Result, Wallet};
use carnet_bridge::{Event, ShareDetail, ShareDraft};
use std::time::Duration;

/// The language in which a person reads the notice, whatever that of their documents: the interface has the words of its
/// versions in English only (`assets/i18n/<language>/notice.ftl`), and a grant names what was really shown.
const NOTICE_LANGUAGE: &str = "en";

/// So long a person waits for a relay to take a share before it becomes one that waits.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

impl Wallet {
    /// Makes a share and sends it to its relay. If the relay is away the share is `Waiting` and is sent later.
    ///
    /// # Errors
    /// [`crate::Error::NothingSelected`], [`crate::Error::NobodyNamed`], [`crate::Error::Draft`], [`crate::Error::Date`],
    /// [`crate::Error::Asked`], [`crate::Error::NoSuch`];
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
