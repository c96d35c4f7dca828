//! Checking a passcode: PBKDF2 with HMAC-SHA-256 (RFC 8018), away from the tasks that serve, one try a link at a time.

use crate::store::LinkKey;
use crate::{Error, Result};
use carnet_consent::control::PasscodeVerifier;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, Semaphore};
use zeroize::Zeroizing;

/// Checks passcodes, as many at once as there are cores.
pub(crate) struct Passcodes {
    cores: Arc<Semaphore>,
    turns: Mutex<HashMap<LinkKey, Weak<Turn<()>>>>,
}

impl Passcodes {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { cores: Arc::new(Semaphore::new(cores)), turns: Mutex::default() }
    }

    /// Waits until no other try at this link is being checked. The budget in the database holds without this; it is for
    /// the reader with the right passcode, whom a try of another's in flight must not find without one.
    pub(crate) async fn turn(&self, link: LinkKey) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            if turns.len() > 1_024 {
                turns.retain(|_, turn| turn.strong_count() > 0);
            }
            match turns.get(&link).and_then(Weak::upgrade) {
                Some(turn) => turn,
                None => {
                    let turn = Arc::new(Turn::new(()));
                    turns.insert(link, Arc::downgrade(&turn));
                    turn
                }
            }
        };
        turn.lock_owned().await
    }

    /// Whether a passcode meets a verifier.
    pub(crate) async fn check(&self, passcode: Zeroizing<String>, verifier: &PasscodeVerifier) -> Result<bool> {
        let verifier = verifier.clone();
        let permit = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| Error::Unavailable)?;
        tokio::task::spawn_blocking(move || {
            let met = verifier.matches(&passcode);
            drop(permit);
            met
        })
        .await
        .map_err(|_| Error::Unavailable)
    }
}
