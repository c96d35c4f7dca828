//! The settings, and the names under which the vault keeps them.

use crate::clock::now;
use crate::{Error, Result, Wallet};
use carnet_bridge::Settings;
use carnet_vault::{Batch, Vault};

pub(crate) const RELAY: &str = "relay";
pub(crate) const LOCK_AFTER: &str = "lock_after_minutes";
pub(crate) const WORDS_CONFIRMED: &str = "recovery_words_confirmed";
pub(crate) const LAST_BACKUP: &str = "last_backup";
pub(crate) const EXAMPLE: &str = "example";
pub(crate) const INDEX_FORM: &str = "index_form";

/// Minutes without use until the vault locks itself, unless set.
const DEFAULT_LOCK_AFTER: u32 = 15;
const MAX_LOCK_AFTER: u32 = 24 * 60;

impl Wallet {
    /// The settings.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn settings(&self) -> Result<Settings> {
        let vault = self.inner.vault().await?;
        read(&vault).await
    }

    /// Changes the settings and gives them as they now are.
    ///
    /// # Errors
    /// [`Error::Setting`] if one cannot be used, [`Error::Locked`]; those of the vault. Then none was changed.
    pub async fn change_settings(&self, settings: Settings) -> Result<Settings> {
        let relay = settings.relay.trim().trim_end_matches('/').to_owned();
        if !relay.is_empty() {
            carnet_sync::RelayClient::new(&relay).map_err(|_| Error::Setting("the relay's address is not one"))?;
        }
        if !(1..=MAX_LOCK_AFTER).contains(&settings.lock_after_minutes) {
            return Err(Error::Setting("the time until the vault locks must be 1 to 1,440 minutes"));
        }
        let vault = self.inner.vault().await?;
        let name = settings.name.trim();
        let profile = profile(&vault).await?;
        if profile.name != name {
            vault.rename_profile(profile.id, name, now()).await?;
        }
        let mut batch = Batch::new(now());
        batch
            .set_setting(RELAY, (!relay.is_empty()).then_some(relay.as_str()))
            .set_setting(LOCK_AFTER, Some(&settings.lock_after_minutes.to_string()));
        vault.apply(batch).await?;
        read(&vault).await
    }
}

/// The person whose wallet it is: the first profile.
pub(crate) async fn profile(vault: &Vault) -> Result<carnet_vault::Profile> {
    vault.profiles().await?.into_iter().next().ok_or(Error::Internal("the vault has no person"))
}

pub(crate) async fn read(vault: &Vault) -> Result<Settings> {
    let minutes = vault.setting(LOCK_AFTER).await?.and_then(|text| text.parse().ok());
    Ok(Settings {
        relay: vault.setting(RELAY).await?.unwrap_or_default(),
        lock_after_minutes: minutes.unwrap_or(DEFAULT_LOCK_AFTER),
        name: profile(vault).await?.name,
    })
}
