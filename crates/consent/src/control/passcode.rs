//! Against what a relay checks a passcode that it must not know.

use crate::{Error, Result, encoding};
use pbkdf2::pbkdf2_hmac_array;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;

/// PBKDF2-HMAC-SHA-256 (RFC 8018) of a passcode's UTF-8 bytes. A short passcode can be tried out by whoever has this;
/// it keeps the passcode out of the relay's tables and logs, and the attempts' limit keeps strangers out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasscodeVerifier {
    /// 16 to 64 random bytes.
    #[serde(with = "encoding::blob")]
    pub salt: Vec<u8>,
    /// How many rounds, within [`PasscodeVerifier::MIN_ITERATIONS`] and [`PasscodeVerifier::MAX_ITERATIONS`].
    pub iterations: u32,
    /// The derived 32 bytes.
    #[serde(with = "encoding::bytes")]
    pub hash: [u8; 32],
}

impl PasscodeVerifier {
    /// The fewest rounds that are accepted.
    pub const MIN_ITERATIONS: u32 = 10_000;
    /// The most rounds: a relay must not be made to work for long by one request.
    pub const MAX_ITERATIONS: u32 = 1_000_000;
    /// The most bytes of a passcode.
    pub const MAX_PASSCODE_BYTES: usize = 256;

    /// Makes one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or overlong passcode, a salt or a number of rounds out of range.
    pub fn new(passcode: &str, salt: Vec<u8>, iterations: u32) -> Result<Self> {
        let verifier = Self { hash: [0; 32], salt, iterations };
        verifier.check()?;
        if passcode.is_empty() || passcode.len() > Self::MAX_PASSCODE_BYTES {
            return Err(Error::Invalid("passcode"));
        }
        Ok(Self { hash: verifier.derive(passcode), ..verifier })
    }

    /// Whether this is the passcode, in a time that does not depend on where it differs.
    pub fn matches(&self, passcode: &str) -> bool {
        self.check().is_ok()
            && passcode.len() <= Self::MAX_PASSCODE_BYTES
            && bool::from(self.derive(passcode).ct_eq(&self.hash))
    }

    /// Checks the salt's length and the number of rounds.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn check(&self) -> Result<()> {
        let rounds = Self::MIN_ITERATIONS..=Self::MAX_ITERATIONS;
        if (16..=64).contains(&self.salt.len()) && rounds.contains(&self.iterations) {
            Ok(())
        } else {
            Err(Error::Invalid("passcode's salt or number of rounds"))
        }
    }

    fn derive(&self, passcode: &str) -> [u8; 32] {
        pbkdf2_hmac_array::<Sha256, 32>(passcode.as_bytes(), &self.salt, self.iterations)
    }
}

impl fmt::Debug for PasscodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasscodeVerifier({} rounds)", self.iterations)
    }
}
