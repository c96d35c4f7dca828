//! Secrets that a person types or that this crate makes: wiped when dropped, never printed.

use crate::error::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What unlocks a vault. Not empty; wiped when dropped; `Debug` shows nothing of it.
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Takes a passphrase as it was typed. How strong it must be is for the caller to say.
    ///
    /// # Errors
    /// [`Error::EmptyPassphrase`].
    pub fn new(typed: impl Into<SecretString>) -> Result<Self> {
        let secret = typed.into();
        if secret.expose_secret().is_empty() {
            return Err(Error::EmptyPassphrase);
        }
        Ok(Self(secret))
    }

    /// A second holder of the secret, for the key derivation that runs on its own thread.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn into_inner(self) -> SecretString {
        self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// The random 256-bit key of `vault.db`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct DbKey(Box<[u8; 32]>);

impl DbKey {
    pub(crate) fn random() -> Result<Self> {
        let mut key = Self(Box::new([0; 32]));
        fill_random(key.0.as_mut())?;
        Ok(key)
    }

    pub(crate) fn from_slice(bytes: &[u8; 32]) -> Self {
        Self(Box::new(*bytes))
    }

    pub(crate) fn expose_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for DbKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DbKey(..)")
    }
}

/// Fills a buffer from the system's random source.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| Error::Random)
}

/// A fixed number of random bytes that are not secret (identifiers).
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}
