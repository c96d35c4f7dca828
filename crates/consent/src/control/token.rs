//! The two names of a link on its relay: its public id and the secret token of its owner.

use crate::{Error, Result, encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The id of a link on its relay: 32 random bytes chosen by the wallet, 43 characters of base64url. Whoever has it can
/// open the link (and read nothing without its key), so it is not shown in `Debug`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LinkId([u8; 32]);

impl LinkId {
    /// The id with these random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::to_base64url(&self.0))
    }
}

impl fmt::Debug for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkId(..)")
    }
}

impl FromStr for LinkId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        encoding::array_from_base64url(text).map(Self).ok_or(Error::Invalid("link"))
    }
}

impl Serialize for LinkId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LinkId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The secret of a link's owner, 32 bytes, sent as `Authorization: Bearer <base64url>`. The relay keeps its SHA-256.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ControlToken([u8; 32]);

impl ControlToken {
    /// The token with these secret bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is not `Bearer` and base64url of 32 bytes.
    pub fn from_header(value: &str) -> Result<Self> {
        let (scheme, token) = value.split_once(' ').ok_or(Error::Invalid("control token"))?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Error::Invalid("control token"));
        }
        encoding::array_from_base64url(token.trim()).map(Self).ok_or(Error::Invalid("control token"))
    }

    /// The value of the `Authorization` header.
    pub fn expose_header(&self) -> String {
        format!("Bearer {}", encoding::to_base64url(&self.0))
    }

    /// What the relay keeps. The token is random, so a plain hash does; comparing hashes tells nothing of the token.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ControlToken(..)")
    }
}
