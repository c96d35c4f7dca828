//! Signing a grant and reading a signed one.

use super::{Grant, claims};
use crate::{Error, Result, cose};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use std::fmt;

/// The most bytes of a signed grant; a usual one has 300 to 350, a full one with all lists at their limits about 12,000.
pub(crate) const MAX_SIGNED_BYTES: usize = 16 * 1024;

/// The Ed25519 key of one grant (or of a holder who passes one on), wiped when dropped.
pub struct GrantKey(SigningKey);

impl GrantKey {
    /// The key with this seed (RFC 8032), from the wallet's derivation or 32 random bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&zeroize::Zeroizing::new(seed)))
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub(crate) fn sign_raw(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for GrantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GrantKey(..)")
    }
}

/// A signed grant: the bytes of a tagged COSE_Sign1 message (RFC 9052) over a CWT claims set (RFC 8392).
///
/// Protected header: `1` (alg) -8 EdDSA; `4` (kid) the grant's public key, 32 bytes; `16` (typ, RFC 9596) 61, which is
/// `application/cwt`. Unprotected header: empty. External data: none. All CBOR is deterministic (RFC 8949 section
/// 4.2.1) and refused otherwise; both tables are closed.
///
/// | key | claim | value |
/// | --- | --- | --- |
/// | 3 | `aud` | text: the recipient's name; not there for anyone with the link |
/// | 4, 5, 6 | `exp`, `nbf`, `iat` | integers, Unix seconds |
/// | 7 | `cti` | 16 bytes: the grant's id |
/// | 8 | `cnf` | `{1: {1: 1, -1: 6, -2: 32 bytes}}`: the holder's Ed25519 key; optional |
/// | -65537 | terms | the map below |
///
/// | key | term | value |
/// | --- | --- | --- |
/// | 1 | version | 1 |
/// | 2 | granter | number of [`Granter`](super::Granter) |
/// | 3 | kind of recipient | number of [`RecipientClass`](super::RecipientClass) |
/// | 4 | how identified | number of [`IdentifiedBy`](super::IdentifiedBy) |
/// | 5 | request | `[text by, 32 bytes SHA-256]`; optional |
/// | 6 | purpose | number of [`Purpose`](super::Purpose) |
/// | 7 | what | map: 1 categories (set; optional), 2 codes (`[[system, code], …]`; optional), 3 since, 4 until (FHIR dates; optional), 5 pinned (`[32 bytes, …]`; optional), 6 labels left out (set; optional), 7 number of [`LeftOut`](super::LeftOut), 8 number of [`Content`](super::Content) |
/// | 8, 9 | access, formats | sets of [`Access`](super::Access), [`Format`](super::Format) |
/// | 10 | most openings | integer; optional |
/// | 11 | erase by | Unix seconds; optional |
/// | 12 | obligations | set of [`Obligation`](super::Obligation); optional |
/// | 13 | notice | `[text language, integer version]` |
/// | 14 | withdrawal tag | 32 bytes |
/// | 15 | ledger | 32 bytes: SHA-256 of the `tlog-policy` file |
/// | 16 | longest age of a "not withdrawn" | seconds; not there for 86400 |
/// | 17, 18 | entries' root, entries | 32 bytes, integer |
/// | 19 | earlier grant that this one takes the place of | 32 bytes: SHA-256 of it, signed; optional |
///
/// A set is an integer whose bit *n* - 1 stands for the word with number *n*; an empty one is left out where optional.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedGrant(Vec<u8>);

/// Signs a grant with the key that it names.
///
/// # Errors
/// [`Error::KeyMismatch`] if `grant.key` is not this key's; [`Error::Invalid`] or [`Error::TooLarge`] if the fields do
/// not fit together.
pub fn sign(grant: &Grant, key: &GrantKey) -> Result<SignedGrant> {
    if grant.key != key.public() {
        return Err(Error::KeyMismatch);
    }
    grant.check()?;
    let bytes = cose::sign(claims::to_bytes(grant)?, &[], key)?;
    if bytes.len() > MAX_SIGNED_BYTES {
        return Err(Error::TooLarge { what: "grant", limit: MAX_SIGNED_BYTES as u64 });
    }
    Ok(SignedGrant(bytes))
}

impl SignedGrant {
    /// Reads a signed grant and checks its signature and form, but not its time: see [`Grant::timing`].
    ///
    /// The key is the grant's own, named inside: this shows that nothing was altered since that key signed, not whose
    /// key it is.
    ///
    /// # Errors
    /// Every other form than the documented one is refused with the reason.
    pub fn verify(bytes: &[u8]) -> Result<Grant> {
        let verified = cose::verify(bytes, &[], "grant", MAX_SIGNED_BYTES)?;
        claims::from_bytes(&verified.payload, verified.key)
    }

    /// Takes bytes that are a signed grant, checked as by [`SignedGrant::verify`].
    ///
    /// # Errors
    /// As [`SignedGrant::verify`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        Self::open(bytes).map(|(signed, _)| signed)
    }

    /// Takes bytes that are a signed grant and gives what it says, too.
    ///
    /// # Errors
    /// As [`SignedGrant::verify`].
    pub fn open(bytes: Vec<u8>) -> Result<(Self, Grant)> {
        let grant = Self::verify(&bytes)?;
        Ok((Self(bytes), grant))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// SHA-256 of the bytes: what a link may name (`_g`), what the ledger's commitment covers.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl fmt::Debug for SignedGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedGrant({} bytes)", self.0.len())
    }
}
