//! The journal's head in the public ledger: the person's proof that the history on this device was not edited later.
//!
//! Whenever something went out to a relay, the head of the journal is committed as well, blinded by fresh randomness, so
//! that nobody can tell it from any other entry. What it takes to show it, one day, stays in the vault.

use crate::clock::{now, random};
use crate::share::PATIENCE;
use crate::wallet::{Inner, lock};
use crate::{Error, Result};
use carnet_consent::anchor::{ObjectType, commit};
use carnet_vault::{Batch, JournalHead, Vault};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The setting that holds the newest [`Anchor`] on its way; former ones that arrived stand under this and their number.
const NEWEST: &str = "journal_anchor";

/// A head of the journal and its place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Anchor {
    /// The entry's number in the journal.
    pub(crate) seq: u64,
    /// SHA-256 of that entry.
    pub(crate) hash: [u8; 32],
    /// What blinds the commitment.
    pub(crate) r: [u8; 32],
    /// The relay whose ledger it is in.
    pub(crate) relay: String,
    /// Its place in log A, once the relay said it.
    pub(crate) index: Option<u64>,
}

impl Inner {
    /// Commits the journal's head by itself: nobody who shares or stops something has to wait for it.
    pub(crate) fn anchor_soon(self: &Arc<Self>, relay: String) {
        let inner = Arc::clone(self);
        let mut newest = lock(&self.anchoring);
        let before = newest.take();
        *newest = Some(tokio::spawn(async move {
            if let Some(before) = before {
                // Whatever came of it, the head as it is now is committed next.
                let _ = before.await;
            }
            // What fails leaves the head as the one to be committed the next time.
            let _ = anchor(&inner, &relay).await;
        }));
    }

    /// Waits until what [`Inner::anchor_soon`] began is done, but not for a slow relay.
    pub(crate) async fn anchored(&self) {
        let newest = lock(&self.anchoring).take();
        if let Some(newest) = newest {
            let _ = tokio::time::timeout(PATIENCE, newest).await;
        }
    }
}

/// Commits the journal's head to a relay's ledger, unless it is there. A relay that is away, busy or unwilling is no
/// error, for what the person asked for was done by then: the head stays the one to be committed the next time.
pub(crate) async fn anchor(inner: &Inner, relay: &str) -> Result<()> {
    let Some(mut anchor) = next(&*inner.vault().await?, relay).await? else { return Ok(()) };
    // The same entry is sent again if the answer was lost, and the relay knows it again.
    let entry = commit(&anchor.r, ObjectType::JournalHead, &anchor.hash);
    let Ok(committed) = inner.client(&anchor.relay).await?.commit(&entry).await else { return Ok(()) };
    anchor.index = Some(committed.index);
    let text = to_text(&anchor)?;
    let mut batch = Batch::new(now());
    batch.set_setting(NEWEST, Some(&text)).set_setting(format!("{NEWEST}/{}", anchor.seq), Some(&text));
    inner.vault().await?.apply(batch).await?;
    Ok(())
}

/// The newest head that was committed or is on its way.
pub(crate) async fn newest(vault: &Vault) -> Result<Option<Anchor>> {
    let text = vault.setting(NEWEST).await?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| Error::Internal("reading the journal's place"))).transpose()
}

/// The head to commit now, stored before it is sent so that a lost answer does no harm.
async fn next(vault: &Vault, relay: &str) -> Result<Option<Anchor>> {
    let former = newest(vault).await?;
    if let Some(under_way) = former.as_ref().filter(|anchor| anchor.index.is_none() && anchor.relay == relay) {
        return Ok(Some(under_way.clone()));
    }
    let heads = vault.journal_heads().await?;
    let Some(JournalHead { seq, hash, .. }) = heads.into_iter().max_by_key(|head| head.seq) else { return Ok(None) };
    if former.is_some_and(|anchor| anchor.index.is_some() && anchor.hash == hash && anchor.relay == relay) {
        return Ok(None);
    }
    let anchor = Anchor { seq, hash, r: random()?, relay: relay.to_owned(), index: None };
    let mut batch = Batch::new(now());
    batch.set_setting(NEWEST, Some(&to_text(&anchor)?));
    vault.apply(batch).await?;
    Ok(Some(anchor))
}

fn to_text(anchor: &Anchor) -> Result<String> {
    serde_json::to_string(anchor).map_err(|_| Error::Internal("keeping the journal's place"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::EMBEDDED;
    use crate::{Wallet, WalletOptions};
    use carnet_bridge::Passphrase;

    #[tokio::test]
    async fn the_head_is_committed_once_and_again_when_it_moved_on() {
        let folder = tempfile::tempdir().unwrap();
        let options = WalletOptions { scrypt_log_n: Some(2), sync_every: None, ..WalletOptions::default() };
        let wallet = Wallet::new(folder.path(), options);
        wallet.create(&Passphrase::new("correct horse".into()), "").await.unwrap();
        let inner = &wallet.inner;

        anchor(inner, EMBEDDED).await.unwrap();
        let first = newest(&inner.vault().await.unwrap()).await.unwrap().unwrap();
        let head = inner.vault().await.unwrap().journal_heads().await.unwrap().remove(0);
        assert_eq!((first.seq, first.hash, first.index), (head.seq, head.hash, Some(0)));

        anchor(inner, EMBEDDED).await.unwrap();
        assert_eq!(newest(&inner.vault().await.unwrap()).await.unwrap().unwrap(), first, "nothing happened meanwhile");

        wallet
            .change_settings(crate::bridge::Settings { name: "Ada".into(), ..wallet.settings().await.unwrap() })
            .await
            .unwrap();
        inner.vault().await.unwrap().add_profile("Child", now()).await.unwrap();
        anchor(inner, EMBEDDED).await.unwrap();
        let second = newest(&inner.vault().await.unwrap()).await.unwrap().unwrap();
        let head = inner.vault().await.unwrap().journal_heads().await.unwrap().remove(0);
        assert!(second.seq > first.seq && second.r != first.r);
        assert_eq!((second.hash, second.index), (head.hash, Some(1)));

        // What is kept is enough to show that the entry is in the ledger.
        let policy = inner.policy(EMBEDDED).await.unwrap().text;
        let entry = commit(&second.r, ObjectType::JournalHead, &second.hash);
        let client = inner.client(EMBEDDED).await.unwrap();
        for _ in 0..100 {
            if client.prove(&policy, 1, &entry).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("no proof within ten seconds");
    }
}
