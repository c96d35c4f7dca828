//! The withdrawal card of a share: made here, printed, and used by whoever has it, without this wallet.

use super::details::grant_id;
use super::show::modules;
use crate::relay::EMBEDDED;
use crate::{Error, Result, Wallet};
use carnet_bridge::{CardOutcome, ShareStatus, WithdrawalCard};
use carnet_consent::withdrawal::{self, WithdrawalSecret};
use carnet_sync::RelayClient;
use carnet_vault::GrantStatus;
use smart_health::QrCode;

impl Wallet {
    /// The withdrawal card of a share: with it a parent, a guardian or a companion can stop the share from any browser, and
    /// do nothing else. It stays good when the share is extended; one that moves to another relay needs a new card.
    ///
    /// # Errors
    /// [`Error::Change`] if the share is stopped; [`Error::NoSuch`], also for a share that is not signed yet;
    /// [`Error::Locked`]; those of the vault.
    pub async fn withdrawal_card(&self, id: &str) -> Result<WithdrawalCard> {
        let id = grant_id(id)?;
        let grant = self.inner.vault().await?.grant(&id).await?;
        if matches!(grant.status, GrantStatus::Stopping | GrantStatus::Stopped) {
            return Err(Error::Change("it is stopped, so there is nothing left to withdraw"));
        }
        let relay = self.inner.address(&grant.relay_url).await?;
        let vault = self.inner.vault().await?;
        let chosen = self.inner.chosen_relay(&vault).await?;
        let only_here = grant.relay_url == EMBEDDED && self.inner.is_only_here(EMBEDDED);
        let secret = WithdrawalSecret::from_bytes(*vault.keys().derive_grant(&id)?.expose_withdrawal_secret());
        let card = withdrawal::WithdrawalCard::new(secret.preimage(), relay);
        let link = card.expose_link();
        Ok(WithdrawalCard {
            qr: modules(&QrCode::encode(&link)?),
            link,
            code: card.expose_code(),
            recipient: grant.recipient,
            expires: grant.expires,
            only_here,
            relay: (chosen != EMBEDDED && chosen != grant.relay_url).then_some(chosen),
        })
    }

    /// Stops what a withdrawal card is for: a share of this wallet as [`Wallet::stop_sharing`] does, without a network too;
    /// anybody else's at its relay. A code alone is taken to be of the relay that shares go to.
    ///
    /// # Errors
    /// [`Error::NotACard`] if it is none, or a character of it is wrong; [`Error::Sync`] if the relay cannot be reached or
    /// refuses; [`Error::Locked`]; those of the vault.
    pub async fn use_card(&self, card: &str) -> Result<CardOutcome> {
        let card: withdrawal::WithdrawalCard = card.parse().map_err(|_| Error::NotACard)?;
        let (own, relay) = {
            let vault = self.inner.vault().await?;
            let mut own = None;
            for grant in vault.grants().await? {
                let secret = *vault.keys().derive_grant(&grant.id)?.expose_withdrawal_secret();
                if WithdrawalSecret::from_bytes(secret).preimage() == *card.preimage() {
                    own = Some(grant.id);
                }
            }
            (own, self.inner.chosen_relay(&vault).await?)
        };
        if let Some(id) = own {
            let stopped = self.stop_sharing(&id.to_string()).await?;
            return Ok(match stopped.line.status {
                ShareStatus::Stopping => CardOutcome::Stopping,
                _ => CardOutcome::Stopped,
            });
        }
        let relay = match card.relay() {
            Some(relay) => relay.to_owned(),
            None => self.inner.address(&relay).await?,
        };
        Ok(match RelayClient::new(&relay)?.withdraw(card.preimage()).await?.ended {
            Some(false) => CardOutcome::Unknown,
            Some(true) | None => CardOutcome::Stopped,
        })
    }
}

/// Stops what a withdrawal card is for, without a vault. `card` is its link, or its code with the relay's address. Gives
/// whether the relay knew of something to stop; `None`: it does not say. Doing so twice does no harm.
///
/// # Errors
/// [`Error::NotACard`] if it is none, or a character of it is wrong; [`Error::NoRelayNamed`] for a code alone;
/// [`Error::Sync`] if the relay cannot be reached or refuses.
pub async fn withdraw_with_card(card: &str, relay: Option<&str>) -> Result<Option<bool>> {
    let card: withdrawal::WithdrawalCard = card.parse().map_err(|_| Error::NotACard)?;
    let relay = relay.or(card.relay()).ok_or(Error::NoRelayNamed)?;
    Ok(RelayClient::new(relay)?.withdraw(card.preimage()).await?.ended)
}
