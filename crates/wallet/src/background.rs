//! What the wallet does by itself while it is open: send what waits, ask for openings, lock after a time without use.
//!
//! It lives here and not in a window, so that closing one or moving to another page stops nothing.

use crate::wallet::{Inner, lock};
use crate::{Wallet, settings};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often the time without use is looked at.
const IDLE_CHECK: Duration = Duration::from_secs(5);

impl Wallet {
    /// Starts the work that runs while the vault is open, in place of one that may still be ending.
    pub(crate) fn start_background(&self) {
        let task = tokio::spawn(run(Arc::downgrade(&self.inner)));
        if let Some(former) = lock(&self.inner.background).replace(task) {
            former.abort();
        }
    }

    pub(crate) fn stop_background(&self) {
        if let Some(task) = lock(&self.inner.background).take() {
            task.abort();
        }
    }
}

/// Ends when the wallet is gone or locked.
async fn run(wallet: Weak<Inner>) {
    if let Some(inner) = wallet.upgrade().filter(|inner| inner.options.sync_every.is_some()) {
        // So that the first search does not wait for it; a wallet that is open for one command may need no list at all.
        // What goes wrong here is told to whoever asks for one.
        let _ = inner.read_index().await;
    }
    let mut next_exchange = tokio::time::Instant::now();
    loop {
        let Some(inner) = wallet.upgrade() else { return };
        let Ok(vault) = inner.vault().await else { return };
        let minutes = settings::read(&vault).await.map(|settings| settings.lock_after_minutes);
        drop(vault);
        if minutes.is_ok_and(|minutes| inner.idle() >= Duration::from_secs(60 * u64::from(minutes))) {
            // The vault says itself what went wrong the next time it is opened.
            let _ = Wallet { inner }.lock().await;
            return;
        }
        let every = inner.options.sync_every;
        if let Some(every) = every
            && tokio::time::Instant::now() >= next_exchange
        {
            // Whatever failed waits in the outbox and is tried again.
            let _ = inner.exchange(false).await;
            next_exchange = tokio::time::Instant::now() + every;
        }
        let pause = every.map_or(IDLE_CHECK, |_| {
            next_exchange.saturating_duration_since(tokio::time::Instant::now()).min(IDLE_CHECK)
        });
        let woken = tokio::time::timeout(pause.max(Duration::from_millis(50)), inner.wake.notified()).await.is_ok();
        if woken {
            next_exchange = tokio::time::Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WalletOptions;
    use carnet_bridge::{Passphrase, Settings, VaultState};
    use std::time::Instant;

    #[tokio::test]
    async fn a_wallet_nobody_uses_locks_itself() {
        let folder = tempfile::tempdir().unwrap();
        let options = WalletOptions {
            scrypt_log_n: Some(2),
            sync_every: Some(Duration::from_millis(50)),
            ..WalletOptions::default()
        };
        let wallet = Wallet::new(folder.path(), options);
        wallet.create(&Passphrase::new("correct horse".into()), "").await.unwrap();
        let settings = wallet.settings().await.unwrap();
        wallet.change_settings(Settings { lock_after_minutes: 1, ..settings }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(wallet.state().await, VaultState::Open, "a minute has not gone by");
        *lock(&wallet.inner.used) = Instant::now().checked_sub(Duration::from_secs(61)).unwrap();
        for _ in 0..100 {
            if wallet.state().await == VaultState::Locked {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it did not lock itself");
    }
}
