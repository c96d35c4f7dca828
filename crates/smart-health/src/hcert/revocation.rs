//! Revocation of certificates by lists of hashes.
//!
//! Specification: EU DCC Revocation, Commission Implementing Decision (EU) 2022/483, annex: the first 128 bits of the
//! SHA-256 of the certificate's identifier, of its country and identifier, or of its signature (of an ECDSA signature the
//! first half).

use sha2::{Digest, Sha256};

use super::Algorithm;

/// Under what a certificate may be on a list of revoked ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationHashes {
    /// Of the identifier (`ci`).
    pub identifier: Option<[u8; 16]>,
    /// Of the country and the identifier.
    pub country_and_identifier: Option<[u8; 16]>,
    /// Of the signature.
    pub signature: [u8; 16],
}

impl RevocationHashes {
    /// For a certificate with this identifier and issuer (`iss`, or `co` of the statement).
    pub fn new(identifier: Option<&str>, country: Option<&str>, algorithm: Algorithm, signature: &[u8]) -> Self {
        let signed = match algorithm {
            Algorithm::Es256 => signature.get(..signature.len() / 2).unwrap_or_default(),
            Algorithm::Ps256 => signature,
        };
        Self {
            identifier: identifier.map(|identifier| hash(&[identifier.as_bytes()])),
            country_and_identifier: identifier
                .zip(country)
                .map(|(identifier, country)| hash(&[country.as_bytes(), identifier.as_bytes()])),
            signature: hash(&[signed]),
        }
    }

    /// Whether one of them is in a set.
    pub fn any(&self, mut contains: impl FnMut(&[u8; 16]) -> bool) -> bool {
        [self.identifier.as_ref(), self.country_and_identifier.as_ref(), Some(&self.signature)]
            .into_iter()
            .flatten()
            .any(&mut contains)
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}
