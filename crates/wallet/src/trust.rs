//! Whose signatures on cards and certificates are believed: the lists, kept in the vault and brought up to date on request.

use crate::clock::now;
use crate::{Error, Result, Wallet};
use carnet_vault::{Batch, Vault};
use smart_health::trust::{Sources, TrustStore};

/// Where the vault keeps them.
const TRUST: &str = "trust_lists";

/// What is known of issuers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustState {
    /// Issuers of SMART Health Cards.
    pub issuers: usize,
    /// Keys of signers of health certificates.
    pub document_keys: usize,
    /// The lists that were read, and when, in Unix seconds.
    pub lists: Vec<(String, i64)>,
    /// What could not be had just now, each a sentence.
    pub problems: Vec<String>,
}

impl Wallet {
    /// What is known of issuers.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault.
    pub async fn trust(&self) -> Result<TrustState> {
        let vault = self.inner.vault().await?;
        Ok(state(&stored(&vault).await?, Vec::new()))
    }

    /// Fetches the lists of issuers anew and keeps them. What cannot be had leaves what is known as it is. Only whole lists
    /// are asked for, so that nobody learns which cards the person has.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault. A list that cannot be had is no error.
    pub async fn update_trust(&self) -> Result<TrustState> {
        self.update_trust_from(&Sources::default()).await
    }

    /// [`Wallet::update_trust`] from other places: a ministry's own list, a mirror. What was had from elsewhere stays.
    ///
    /// # Errors
    /// See [`Wallet::update_trust`].
    pub async fn update_trust_from(&self, sources: &Sources) -> Result<TrustState> {
        let before = stored(&*self.inner.vault().await?).await?;
        let (store, problems) = carnet_sync::update_trust(before, sources, now()).await;
        let problems = problems.iter().map(ToString::to_string).collect();
        self.keep_trust(&store).await?;
        Ok(state(&store, problems))
    }

    /// Reads a list of issuers from a file that was had some other way: a snapshot of the VCI directory, a WHO trust list
    /// (`did.json`), or a list of document signers' keys.
    ///
    /// # Errors
    /// [`Error::TrustList`] if it is none of them; [`Error::Locked`]; those of the vault. Then what is known stays as it was.
    pub async fn add_trust_list(&self, name: &str, json: &[u8]) -> Result<TrustState> {
        let vault = self.inner.vault().await?;
        let mut store = stored(&vault).await?;
        drop(vault);
        let added = store.add_snapshot(name, json, now()).or_else(|_| store.add_document_keys(name, json, now()));
        added.map_err(|_| Error::TrustList)?;
        self.keep_trust(&store).await?;
        Ok(state(&store, Vec::new()))
    }

    async fn keep_trust(&self, store: &TrustStore) -> Result<()> {
        let mut batch = Batch::new(now());
        batch.set_setting(TRUST, Some(&store.to_json()));
        self.inner.vault().await?.apply(batch).await?;
        Ok(())
    }
}

/// The lists that the vault keeps; none yet: nobody is believed.
pub(crate) async fn stored(vault: &Vault) -> Result<TrustStore> {
    let Some(json) = vault.setting(TRUST).await? else { return Ok(TrustStore::default()) };
    TrustStore::from_json(&json).map_err(|_| Error::Internal("the lists of issuers"))
}

fn state(store: &TrustStore, problems: Vec<String>) -> TrustState {
    TrustState {
        issuers: store.issuer_count(),
        document_keys: store.document_key_count(),
        lists: store.lists().map(|(name, at)| (name.to_owned(), at)).collect(),
        problems,
    }
}
