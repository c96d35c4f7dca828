//! What the wallet does by itself while it is open: send what waits, ask for openings, lock after a time without use.
//!
//! It lives here and not in a window, so that closing one or moving to another page stops nothing.

use crate::wallet::{Inner, lock};
use crate::{Wallet, settings};
use carnet_bridge::Event;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often the time without use is looked at.
const IDLE_CHECK: Duration = Duration::from_secs(5);
/// So long before it locks itself the wallet says so: time enough to keep it open (WCAG 2.2, 2.2.1 asks for 20 seconds).
const NOTICE: Duration = Duration::from_secs(30);
/// The shortest time between two looks.
const LEAST_PAUSE: Duration = Duration::from_millis(50);

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
    // Side by side: a relay that does not answer holds up neither the lock nor the word before it.
    tokio::join!(exchange(&wallet), watch(&wallet));
}

/// Sends what waits and asks for openings.
async fn exchange(wallet: &Weak<Inner>) {
    let Some(every) = wallet.upgrade().and_then(|inner| inner.options.sync_every) else { return };
    if let Some(inner) = wallet.upgrade() {
        // So that the first search does not wait for it; a wallet that is open for one command may need no list at all.
        // What goes wrong here is told to whoever asks for one.
        let _ = inner.read_index().await;
    }
    loop {
        let Some(inner) = wallet.upgrade() else { return };
        if !inner.is_open().await {
            return;
        }
        // Whatever failed waits in the outbox and is tried again.
        let _ = inner.exchange(false).await;
        let next = tokio::time::Instant::now() + every.max(LEAST_PAUSE);
        // In steps, so that a wallet that is locked meanwhile is let go of.
        while tokio::time::Instant::now() < next && inner.is_open().await {
            let step = next.saturating_duration_since(tokio::time::Instant::now()).min(IDLE_CHECK);
            if tokio::time::timeout(step, inner.wake.notified()).await.is_ok() {
                break;
            }
        }
    }
}

/// Locks the vault after a time without use, and says so half a minute before.
async fn watch(wallet: &Weak<Inner>) {
    let mut soon = false;
    loop {
        let Some(inner) = wallet.upgrade() else { return };
        let Ok(vault) = inner.vault().await else { return };
        let minutes = settings::read(&vault).await.map(|settings| settings.lock_after_minutes);
        drop(vault);
        let mut pause = IDLE_CHECK;
        if let Ok(minutes) = minutes {
            let left = Duration::from_secs(60 * u64::from(minutes)).saturating_sub(inner.idle());
            if left.is_zero() {
                // The vault says itself what went wrong the next time it is opened.
                let _ = Wallet { inner }.lock().await;
                return;
            }
            if soon != (left <= NOTICE) {
                soon = !soon;
                inner.emit(&Event::LocksSoon(soon));
            }
            pause = pause.min(if soon { left } else { left.saturating_sub(NOTICE) });
        }
        drop(inner);
        tokio::time::sleep(pause.max(LEAST_PAUSE)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Host, Quiet, WalletOptions};
    use carnet_bridge::{Passphrase, Request, Settings, VaultState};
    use std::path::Path;
    use std::sync::Mutex;
    use std::time::Instant;

    /// A host that keeps what it hears.
    #[derive(Default)]
    struct Heard(Mutex<Vec<Event>>);

    impl Host for Heard {
        fn emit(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }
    }

    /// An open wallet that locks itself after a minute.
    async fn open(folder: &Path) -> Wallet {
        let options = WalletOptions {
            scrypt_log_n: Some(2),
            sync_every: Some(Duration::from_millis(50)),
            ..WalletOptions::default()
        };
        let wallet = Wallet::new(folder, options);
        wallet.create(&Passphrase::new("correct horse".into()), "").await.unwrap();
        let settings = wallet.settings().await.unwrap();
        wallet.change_settings(Settings { lock_after_minutes: 1, ..settings }).await.unwrap();
        wallet
    }

    fn unused_for(wallet: &Wallet, seconds: u64) {
        *lock(&wallet.inner.used) = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
    }

    #[tokio::test]
    async fn a_wallet_says_half_a_minute_before_that_it_will_lock_itself_and_stays_open_if_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let wallet = open(folder.path()).await;
        let heard = Arc::new(Heard::default());
        wallet.attach(heard.clone());
        unused_for(&wallet, 31);
        for expected in [true, false] {
            let said = || heard.0.lock().unwrap().contains(&Event::LocksSoon(expected));
            for _ in 0..100 {
                if said() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            assert!(said(), "{expected}");
            assert_eq!(wallet.state().await, VaultState::Open);
            wallet.handle(Request::Used, &Quiet).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_wallet_nobody_uses_locks_itself() {
        let folder = tempfile::tempdir().unwrap();
        let wallet = open(folder.path()).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(wallet.state().await, VaultState::Open, "a minute has not gone by");
        unused_for(&wallet, 61);
        for _ in 0..100 {
            if wallet.state().await == VaultState::Locked {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it did not lock itself");
    }
}
