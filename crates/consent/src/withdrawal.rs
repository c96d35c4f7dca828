//! Withdrawal: a grant carries `tag`, and publishing its preimage `p` ends it.
//!
//! `p = SHA-256("carnet/withdraw/pre\0" ‖ s)`, `tag = SHA-256("carnet/withdraw/tag\0" ‖ p)`. Only who holds the secret
//! `s` (or `p`, which can be printed as a [card](WithdrawalCard) for a guardian) can withdraw, nothing links `p` to a person, and whoever holds the
//! grant checks one hash. The entry in log R is `0x01 ‖ p`.

mod card;

pub use card::WithdrawalCard;

use crate::anchor;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

const PREIMAGE_LABEL: &[u8] = b"carnet/withdraw/pre\0";
const TAG_LABEL: &[u8] = b"carnet/withdraw/tag\0";

/// The secret `s` of one grant, wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct WithdrawalSecret([u8; 32]);

impl WithdrawalSecret {
    /// The secret with these bytes, from the wallet's derivation or random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What must be published to withdraw. Keep it as close as the secret until then.
    pub fn preimage(&self) -> Preimage {
        Preimage(hash(PREIMAGE_LABEL, &self.0))
    }

    /// What the grant carries.
    pub fn tag(&self) -> [u8; 32] {
        self.preimage().tag()
    }
}

impl fmt::Debug for WithdrawalSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithdrawalSecret(..)")
    }
}

/// The preimage `p`: whoever has it can end the grant, and nothing else. Public once published.
#[derive(Clone, PartialEq, Eq)]
pub struct Preimage([u8; 32]);

impl Preimage {
    /// The preimage with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The tag that a grant carries which this ends.
    pub fn tag(&self) -> [u8; 32] {
        hash(TAG_LABEL, &self.0)
    }

    /// The entry of log R: `0x01 ‖ p`.
    pub fn log_entry(&self) -> [u8; 33] {
        anchor::entry(&self.0).0
    }

    /// The preimage in an entry of log R; none if the entry has another form.
    pub fn from_log_entry(entry: &[u8; 33]) -> Option<Self> {
        let (version, preimage) = entry.split_first()?;
        (*version == anchor::ENTRY_VERSION).then(|| preimage.try_into().ok().map(Self))?
    }

    /// Its bytes, for publishing or printing.
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Preimage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Preimage(..)")
    }
}

fn hash(label: &[u8], bytes: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(label).chain_update(bytes).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_runs_one_way_and_survives_its_entry() {
        let secret = WithdrawalSecret::from_bytes([3; 32]);
        let preimage = secret.preimage();
        assert_eq!(secret.tag(), preimage.tag());
        assert_ne!(&secret.tag(), preimage.expose_bytes());
        assert_eq!(Preimage::from_log_entry(&preimage.log_entry()), Some(preimage.clone()));
        let mut other = preimage.log_entry();
        other[0] = 2;
        assert_eq!(Preimage::from_log_entry(&other), None);
    }

    #[test]
    fn nothing_secret_in_debug() {
        let secret = WithdrawalSecret::from_bytes([3; 32]);
        assert_eq!(format!("{secret:?} {:?}", secret.preimage()), "WithdrawalSecret(..) Preimage(..)");
    }
}
