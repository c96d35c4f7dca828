//! Issuing certificates: for tests and demonstrations.

use std::io::Write;

use ciborium::value::Value as Cbor;
use flate2::{Compression, write::ZlibEncoder};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::Value;

use super::{DocumentKey, PREFIX, base45, cose};

/// Signs the claims with an ES256 key (its 32 bytes); none if they are no key. The key's certificate is only known to
/// others by its `kid`. The signature is deterministic (RFC 6979).
pub fn issue(
    private: [u8; 32],
    kid: [u8; 8],
    issuer: &str,
    issued: i64,
    expires: i64,
    content: &Value,
) -> Option<String> {
    let key = SigningKey::from_slice(&private).ok()?;
    let number = |number: i64| Cbor::Integer(number.into());
    let protected = to_bytes(&Cbor::Map(vec![(number(1), number(-7)), (number(4), Cbor::Bytes(kid.to_vec()))]));
    let payload = to_bytes(&Cbor::Map(vec![
        (number(1), Cbor::Text(issuer.into())),
        (number(4), number(expires)),
        (number(6), number(issued)),
        (number(-260), Cbor::Map(vec![(number(1), to_cbor(content))])),
    ]));
    let signature: Signature = key.sign(&cose::sig_structure(&protected, &payload));
    let message = Cbor::Tag(
        18,
        Box::new(Cbor::Array(vec![
            Cbor::Bytes(protected),
            Cbor::Map(Vec::new()),
            Cbor::Bytes(payload),
            Cbor::Bytes(signature.to_bytes().to_vec()),
        ])),
    );
    Some(wrap(&to_bytes(&message)))
}

/// The public key to [`issue`], as a list of keys would give it.
pub fn public_key(private: [u8; 32], kid: [u8; 8]) -> Option<DocumentKey> {
    let key = SigningKey::from_slice(&private).ok()?;
    let point = key.verifying_key().to_sec1_point(false);
    DocumentKey::from_spki(kid, &super::keys::p256_spki(point.as_bytes()))
}

/// Packs a signed message into the text of a QR code.
pub fn wrap(message: &[u8]) -> String {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing into memory cannot fail.
    let _ = packed.write_all(message);
    format!("{PREFIX}{}", base45::encode(&packed.finish().unwrap_or_default()))
}

fn to_bytes(value: &Cbor) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = ciborium::into_writer(value, &mut out);
    out
}

fn to_cbor(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Cbor::Integer(number.into()),
            None => Cbor::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(to_cbor).collect()),
        Value::Object(object) => {
            Cbor::Map(object.iter().map(|(name, value)| (Cbor::Text(name.clone()), to_cbor(value))).collect())
        }
    }
}
