//! The keys of document signers (DSC): from their certificates, as the trust lists give them.
//!
//! Specification: WHO SMART Trust HCERT 1.1.1, EU eHealth Network HCERT 1.0.5: `kid` is the first 8 bytes of the SHA-256
//! of the certificate; extended key usages restrict what a key may sign.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use p256::ecdsa::signature::Verifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Algorithm, Kind};
use crate::certificate::{self, Certificate};
use crate::es256;

/// RSA keys that are used, in bits.
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=4096;

/// The purposes that restrict a key to tests, vaccinations or recoveries; the second form of each is an early mistake
/// that is still in use.
const PURPOSES: [(&str, Kind); 6] = [
    ("1.3.6.1.4.1.1847.2021.1.1", Kind::Test),
    ("1.3.6.1.4.1.0.1847.2021.1.1", Kind::Test),
    ("1.3.6.1.4.1.1847.2021.1.2", Kind::Vaccination),
    ("1.3.6.1.4.1.0.1847.2021.1.2", Kind::Vaccination),
    ("1.3.6.1.4.1.1847.2021.1.3", Kind::Recovery),
    ("1.3.6.1.4.1.0.1847.2021.1.3", Kind::Recovery),
];

/// A key that certificates may be signed with.
#[derive(Clone, PartialEq)]
pub struct DocumentKey {
    /// Its identifier.
    pub kid: [u8; 8],
    /// The country that it belongs to, two letters in capitals, if that is known.
    pub country: Option<String>,
    /// What it may sign; empty: everything.
    pub kinds: Vec<Kind>,
    /// From when and until when it is valid, Unix seconds, if its certificate is known.
    pub validity: Option<(i64, i64)>,
    /// Its `SubjectPublicKeyInfo`, DER: what a store keeps.
    spki: Vec<u8>,
    key: Key,
}

#[derive(Clone, PartialEq)]
enum Key {
    P256(es256::PublicKey),
    Rsa(Box<rsa::PublicKey>),
}

impl std::fmt::Debug for DocumentKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "DocumentKey({:02x?}, {:?})", self.kid, self.country)
    }
}

impl DocumentKey {
    /// From an X.509 certificate, DER. None if it cannot be read or its key is of no kind that is used.
    pub fn from_certificate(der: &[u8]) -> Option<Self> {
        let certificate = Certificate::from_der(der)?;
        let spki = certificate.spki()?;
        let digest = Sha256::digest(der);
        let mut key = Self::from_spki(digest.first_chunk().copied()?, &spki)?;
        key.country = certificate.country();
        key.validity = Some(certificate.validity());
        key.kinds = kinds(&certificate.purposes().unwrap_or_default());
        Some(key)
    }

    /// From a `SubjectPublicKeyInfo`, DER, where a list gives no more than that.
    pub fn from_spki(kid: [u8; 8], spki: &[u8]) -> Option<Self> {
        let key = match certificate::key(spki)? {
            certificate::Key::P256(point) => Key::P256(es256::PublicKey::from_sec1(&point)?),
            certificate::Key::Rsa(pkcs1) => {
                let key = rsa::PublicKey::from_pkcs1_der(&pkcs1).ok()?;
                if !RSA_BITS.contains(&key.n().bit_width()) {
                    return None;
                }
                Key::Rsa(Box::new(key))
            }
        };
        Some(Self { kid, country: None, kinds: Vec::new(), validity: None, spki: spki.to_vec(), key })
    }

    /// From a JWK: by its certificate (`x5c`) where it has one, else by its numbers.
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let kid = text("kid").and_then(base64).and_then(|kid| <[u8; 8]>::try_from(kid).ok());
        let leaf = jwk.get("x5c").and_then(|chain| chain.get(0).or(Some(chain))).and_then(Value::as_str);
        let of_certificate = leaf.and_then(base64).and_then(|der| Self::from_certificate(&der));
        if let Some(mut key) = of_certificate {
            key.kid = kid.unwrap_or(key.kid);
            return Some(key);
        }
        let spki = match text("kty")? {
            "EC" if text("crv")? == "P-256" => {
                let (x, y) = (base64(text("x")?)?, base64(text("y")?)?);
                p256_spki(&es256::PublicKey::from_coordinates(&x, &y)?.to_sec1())
            }
            _ => return None,
        };
        Self::from_spki(kid?, &spki)
    }

    /// The key as `SubjectPublicKeyInfo`, DER.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            Key::P256(_) => Algorithm::Es256,
            Key::Rsa(_) => Algorithm::Ps256,
        }
    }

    /// Whether it may sign a statement of that kind.
    pub fn may_sign(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::P256(key) => signature.try_into().is_ok_and(|signature| key.verify(message, signature)),
            Key::Rsa(key) => {
                let key = rsa::pss::VerifyingKey::<Sha256>::new(key.as_ref().clone());
                rsa::pss::Signature::try_from(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        }
    }
}

/// The DER of a `SubjectPublicKeyInfo` of P-256 up to its 65 bytes of an uncompressed point (RFC 5480).
const P256_SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE,
    0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A P-256 key's `SubjectPublicKeyInfo` for its uncompressed point.
pub(super) fn p256_spki(point: &[u8]) -> Vec<u8> {
    [P256_SPKI, point].concat()
}

fn kinds(purposes: &[String]) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (oid, kind) in PURPOSES {
        if purposes.iter().any(|purpose| purpose == oid) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// Base64 of either alphabet, padded or not.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    const FORGIVING: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    if text.len() > 64 * 1024 {
        return None;
    }
    FORGIVING.decode(text.replace('-', "+").replace('_', "/")).ok()
}
