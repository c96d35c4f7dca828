//! Issuing cards: for tests, demonstrations, and whoever is an issuer.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Issuer Generates Results", "Encoding QRs".

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::{Compression, write::DeflateEncoder};
use p256::ecdsa::{Signature, signature::Signer};
use serde_json::Value;

use super::{IssuerKey, Reason, numeric};
use crate::es256::PublicKey;

/// A private key that signs cards. Kept out of `Debug`; wiped when dropped.
pub struct SigningKey(p256::ecdsa::SigningKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// From the 32 bytes of the private number; none if it is zero or too large.
    pub fn from_bytes(bytes: [u8; 32]) -> Option<Self> {
        p256::ecdsa::SigningKey::from_slice(&bytes).ok().map(Self)
    }

    /// The public key to publish.
    pub fn public(&self) -> IssuerKey {
        #[allow(clippy::expect_used)] // The point of a key is a point.
        let key = PublicKey::from_sec1(self.0.verifying_key().to_sec1_point(false).as_bytes()).expect("a point");
        IssuerKey::from_public(key)
    }

    /// Signs a card's content (`iss`, `nbf`, `vc`). The signature is deterministic (RFC 6979).
    pub fn sign(&self, payload: &Value) -> String {
        self.sign_bytes(payload.to_string().as_bytes())
    }

    /// Signs the bytes as the content, whatever they are.
    pub fn sign_bytes(&self, payload: &[u8]) -> String {
        let header = serde_json::json!({ "zip": "DEF", "alg": "ES256", "kid": self.public().kid() });
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        // Writing into memory cannot fail.
        let _ = packed.write_all(payload);
        let packed = packed.finish().unwrap_or_default();
        self.sign_parts(&header.to_string(), &packed)
    }

    /// Signs a header and a payload as they are: for making bad cards in tests.
    pub fn sign_parts(&self, header: &str, payload: &[u8]) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// The file of cards: `.smart-health-card`, media type `application/smart-health-card`.
pub fn to_file(cards: &[&str]) -> String {
    serde_json::json!({ "verifiableCredential": cards }).to_string()
}

/// The two segments of a card's QR code: text in byte mode and digits in numeric mode.
///
/// # Errors
/// [`Reason::JwsTooLong`] beyond a single code (parts are not written any more), [`Reason::NotBase64Url`].
pub fn to_segments(jws: &str) -> Result<(&'static str, String), Reason> {
    if jws.len() > numeric::MAX_SINGLE {
        return Err(Reason::JwsTooLong { length: jws.len() });
    }
    Ok((numeric::SCHEME, numeric::to_digits(jws)?))
}
