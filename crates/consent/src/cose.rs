//! COSE_Sign1 (RFC 9052) with EdDSA, in the one shape that grants and narrowing steps use.
//!
//! Tagged (18); the protected header holds exactly `alg` EdDSA, `kid` = the 32 bytes of the Ed25519 public key and
//! `typ` = 61, the CoAP content format of `application/cwt` (RFC 9596); the unprotected header is empty.

use crate::cbor;
use crate::grant::GrantKey;
use crate::{Error, Result};
use coset::{
    CoseSign1, CoseSign1Builder, Header, HeaderBuilder, RegisteredLabelWithPrivate, TaggedCborSerializable, iana,
};
use ed25519_dalek::{Signature, VerifyingKey};

/// Header parameter `typ` (RFC 9596) and the content format `application/cwt`.
const TYP: i64 = 16;
const APPLICATION_CWT: u16 = 61;

/// A message whose signature fits the key that it names itself.
pub(crate) struct Verified {
    /// The key of the protected header.
    pub(crate) key: [u8; 32],
    /// The payload, not yet read.
    pub(crate) payload: Vec<u8>,
}

/// Signs a payload. `aad` binds the signature to something outside (RFC 9052 section 4.3); empty for a grant.
pub(crate) fn sign(payload: Vec<u8>, aad: &[u8], key: &GrantKey) -> Result<Vec<u8>> {
    CoseSign1Builder::new()
        .protected(header(&key.public()))
        .payload(payload)
        .create_signature(aad, |message| key.sign_raw(message).to_vec())
        .build()
        .to_tagged_vec()
        .map_err(|_| Error::Cbor)
}

/// Reads a message of at most `max` bytes and checks its signature strictly: no other shape, no key of small order,
/// no signature that can be altered and still fit.
pub(crate) fn verify(bytes: &[u8], aad: &[u8], what: &'static str, max: usize) -> Result<Verified> {
    cbor::decode(bytes, what, max)?;
    let message = CoseSign1::from_tagged_slice(bytes).map_err(|_| Error::Cbor)?;
    if message.protected.header.alg != Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::EdDSA)) {
        return Err(Error::Algorithm);
    }
    let key: [u8; 32] =
        message.protected.header.key_id.as_slice().try_into().map_err(|_| Error::MissingClaim("key"))?;
    // The header is a closed set too: rebuilt from what it may say, it must be the very bytes that were signed.
    let expected = coset::CborSerializable::to_vec(header(&key)).map_err(|_| Error::Cbor)?;
    if message.protected.original_data.as_deref() != Some(expected.as_slice()) || !message.unprotected.is_empty() {
        return Err(Error::UnknownClaim);
    }
    let verifier = verifying_key(&key)?;
    message.verify_signature(aad, |signature, message| {
        let signature = Signature::from_slice(signature).map_err(|_| Error::Signature)?;
        verifier.verify_strict(message, &signature).map_err(|_| Error::Signature)
    })?;
    Ok(Verified { key, payload: message.payload.ok_or(Error::MissingClaim("content"))? })
}

/// A public key that can be relied on: a point of the curve, not of small order.
pub(crate) fn verifying_key(bytes: &[u8; 32]) -> Result<VerifyingKey> {
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| Error::WeakKey)?;
    if key.is_weak() { Err(Error::WeakKey) } else { Ok(key) }
}

fn header(key: &[u8; 32]) -> Header {
    HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .key_id(key.to_vec())
        .value(TYP, coset::cbor::Value::from(APPLICATION_CWT))
        .build()
}
