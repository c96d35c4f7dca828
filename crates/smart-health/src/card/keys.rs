//! An issuer's published keys: a JWK set (RFC 7517) with what health cards ask of each key.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Determining keys associated with an issuer", "Certificates"; RFC
//! 7638 (thumbprint).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::revocation::read_counter;
use super::{Finding, Reason, Severity};
use crate::certificate::{Certificate, Key};
use crate::es256::PublicKey;

/// The most keys of an issuer.
pub const MAX_KEYS: usize = 200;

/// The most certificates of a key.
const MAX_CERTIFICATES: usize = 10;

/// A key that cards may be signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuerKey {
    kid: String,
    pub(super) key: PublicKey,
    crl_version: Option<u64>,
}

impl std::fmt::Debug for IssuerKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "IssuerKey({})", self.kid)
    }
}

impl IssuerKey {
    /// Its name: the base64url SHA-256 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Up to which version (`ctr`) of the list of revoked cards it was published.
    pub fn crl_version(&self) -> Option<u64> {
        self.crl_version
    }

    /// The key as a JWK.
    pub fn to_jwk(&self) -> Value {
        let point = self.key.to_sec1();
        let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
        let mut jwk = serde_json::json!({
            "kty": "EC", "kid": self.kid, "use": "sig", "alg": "ES256", "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        });
        if let (Some(jwk), Some(version)) = (jwk.as_object_mut(), self.crl_version) {
            jwk.insert("crlVersion".into(), version.into());
        }
        jwk
    }

    pub(super) fn from_public(key: PublicKey) -> Self {
        let point = key.to_sec1();
        let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
        Self { kid: thumbprint(&URL_SAFE_NO_PAD.encode(x), &URL_SAFE_NO_PAD.encode(y)), key, crl_version: None }
    }
}

/// Checks a JWK set and gives the keys that may be used. `issuer` is the address that publishes it, if certificates are
/// to be held against it; `now` (Unix seconds) is for their validity. A bad key does not fail the others, and a bad certificate
/// does not fail its key (see [`spares_key`]).
pub fn check_key_set(json: &[u8], issuer: Option<&str>, now: Option<i64>) -> (Vec<IssuerKey>, Vec<Finding>) {
    let Ok(Value::Object(set)) = serde_json::from_slice(json) else {
        return (Vec::new(), vec![Finding::refused("keys", Reason::KeySetNotJson)]);
    };
    let Some(jwks) = set.get("keys").and_then(Value::as_array) else {
        return (Vec::new(), vec![Finding::refused("keys", Reason::KeySetNotJson)]);
    };
    check_keys(jwks, issuer, now)
}

/// The same for the array of keys.
pub(crate) fn check_keys(jwks: &[Value], issuer: Option<&str>, now: Option<i64>) -> (Vec<IssuerKey>, Vec<Finding>) {
    let mut keys: Vec<IssuerKey> = Vec::new();
    let mut findings = Vec::new();
    if jwks.len() > MAX_KEYS {
        findings.push(Finding::refused("keys", Reason::TooManyKeys { limit: MAX_KEYS }));
    }
    for (at, jwk) in jwks.iter().take(MAX_KEYS).enumerate() {
        let mut of_key = Vec::new();
        let key = match jwk.as_object() {
            Some(jwk) => check_key(jwk, &format!("keys[{at}]"), issuer, now, &mut of_key),
            None => {
                of_key.push(Finding::refused(format!("keys[{at}]"), Reason::KeySetNotJson));
                None
            }
        };
        let is_good =
            !of_key.iter().any(|finding| finding.severity == Severity::Refused && !spares_key(&finding.reason));
        if let Some(key) = key.filter(|_| is_good) {
            // The same key stands there once for each of its certificates.
            match keys.iter_mut().find(|known| known.kid == key.kid) {
                Some(known) => known.crl_version = known.crl_version.max(key.crl_version),
                None => keys.push(key),
            }
        }
        findings.append(&mut of_key);
    }
    (keys, findings)
}

/// Whether a finding refuses a key's certificate and not the key: who the issuer is, and which keys are its own, is said by
/// the address that publishes them. Only a certificate for another key leaves open which of the two is meant. Listed issuers
/// publish certificates that name another address, or none.
pub(crate) fn spares_key(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::CertificateUnreadable
            | Reason::CertificateWithoutSan
            | Reason::CertificateSanKind
            | Reason::CertificateSanMismatch
            | Reason::CertificateChain
    )
}

fn check_key(
    jwk: &Map<String, Value>,
    path: &str,
    issuer: Option<&str>,
    now: Option<i64>,
    findings: &mut Vec<Finding>,
) -> Option<IssuerKey> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let mut refuse = |name: &str, reason| findings.push(Finding::refused(format!("{path}.{name}"), reason));
    for (name, value, reason) in [
        ("kty", "EC", Reason::KeyType),
        ("use", "sig", Reason::KeyUse),
        ("alg", "ES256", Reason::KeyAlg),
        ("crv", "P-256", Reason::KeyCurve),
    ] {
        if member(name) != Some(value) {
            refuse(name, reason);
        }
    }
    if jwk.contains_key("d") {
        refuse("d", Reason::KeyPrivate);
    }
    let (Some(x), Some(y)) = (member("x"), member("y")) else {
        refuse("x", Reason::KeyPoint);
        return None;
    };
    let kid = member("kid").unwrap_or_default();
    // Each curve has its own thumbprint; a key on another curve is named rightly too.
    let name = |x: &str, y: &str| thumbprint_of(member("kty").unwrap_or("EC"), member("crv").unwrap_or("P-256"), x, y);
    let decode = |text: &str| if text.len() > 64 { None } else { URL_SAFE_NO_PAD.decode(text).ok() };
    let numbers = decode(x).zip(decode(y));
    // The thumbprint is over the numbers as they were written, which are kept in full.
    let bare = numbers.as_ref().map(|(x, y)| (encode(without_zeros(x)), encode(without_zeros(y))));
    if kid != name(x, y) && bare.is_none_or(|(x, y)| kid != name(&x, &y)) {
        refuse("kid", Reason::KeyThumbprint);
    }
    let point = numbers.and_then(|(x, y)| {
        let (x, y) = (in_full(&x)?, in_full(&y)?);
        PublicKey::from_coordinates(&x, &y).map(|point| (point, x, y))
    });
    if let Some((_, full_x, full_y)) = &point
        && (encode(full_x) != x || encode(full_y) != y)
    {
        findings.push(Finding::noted(format!("{path}.x"), Reason::KeyShort));
    }
    let point = point.map(|(point, ..)| point);
    if let Some(chain) = jwk.get("x5c") {
        check_certificates(chain, &format!("{path}.x5c"), point.as_ref(), issuer, now, findings);
    }
    let Some(key) = point else {
        findings.push(Finding::refused(format!("{path}.x"), Reason::KeyPoint));
        return None;
    };
    Some(IssuerKey { kid: kid.to_owned(), key, crl_version: jwk.get("crlVersion").and_then(read_counter) })
}

fn check_certificates(
    chain: &Value,
    path: &str,
    key: Option<&PublicKey>,
    issuer: Option<&str>,
    now: Option<i64>,
    findings: &mut Vec<Finding>,
) {
    let mut refuse = |reason| findings.push(Finding::refused(path, reason));
    let read = |value: &Value| {
        let text = value.as_str().filter(|text| text.len() <= 64 * 1024)?;
        Certificate::from_der(&STANDARD.decode(text).ok()?)
    };
    let chain: Option<Vec<Certificate>> = chain
        .as_array()
        .filter(|chain| chain.len() <= MAX_CERTIFICATES)
        .and_then(|chain| chain.iter().map(read).collect());
    let Some(chain) = chain else { return refuse(Reason::CertificateUnreadable) };
    let Some(leaf) = chain.first() else { return refuse(Reason::CertificateUnreadable) };
    let Some(Key::P256(point)) = leaf.key() else { return refuse(Reason::CertificateKey) };
    if PublicKey::from_sec1(&point).as_ref() != key {
        refuse(Reason::CertificateKey);
    }
    match leaf.alternative_names() {
        None => refuse(Reason::CertificateWithoutSan),
        Some((uris, others)) if uris.is_empty() => {
            refuse(if others { Reason::CertificateSanKind } else { Reason::CertificateWithoutSan });
        }
        Some((uris, _)) => {
            if issuer.is_some_and(|issuer| !uris.iter().any(|uri| uri == issuer)) {
                refuse(Reason::CertificateSanMismatch);
            }
        }
    }
    if !chain.windows(2).all(|pair| matches!(pair, [below, above] if below.issued_by(above))) {
        refuse(Reason::CertificateChain);
    }
    if let Some(now) = now {
        let (from, until) = leaf.validity();
        if now < from || now > until {
            // Cards that it signed stay as good as the list of keys says.
            findings.push(Finding::noted(path, Reason::CertificateExpired));
        }
    }
}

fn encode(number: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(number)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    number.iter().position(|byte| *byte != 0).and_then(|at| number.get(at..)).unwrap_or_default()
}

/// A number as the 32 bytes that it has (RFC 7518 section 6.2.1.2); some writers leave zeros out at its start.
fn in_full(number: &[u8]) -> Option<[u8; 32]> {
    let mut full = [0; 32];
    let room = full.len().checked_sub(number.len())?;
    full.get_mut(room..)?.copy_from_slice(number);
    Some(full)
}

fn thumbprint(x: &str, y: &str) -> String {
    thumbprint_of("EC", "P-256", x, y)
}

/// RFC 7638: the required members in order, without white space. Values with characters that JSON would have to escape
/// are none of a key; they give some other thumbprint.
fn thumbprint_of(kty: &str, crv: &str, x: &str, y: &str) -> String {
    let members = serde_json::json!({ "crv": crv, "kty": kty, "x": x, "y": y });
    URL_SAFE_NO_PAD.encode(Sha256::digest(members.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_set(change: impl FnOnce(&mut Map<String, Value>)) -> (Vec<IssuerKey>, Vec<&'static str>) {
        let mut jwk = super::super::SigningKey::from_bytes([7; 32]).unwrap().public().to_jwk();
        change(jwk.as_object_mut().unwrap());
        let json = serde_json::json!({ "keys": [jwk] }).to_string();
        let (keys, findings) = check_key_set(json.as_bytes(), None, None);
        (keys, findings.iter().map(|finding| finding.reason.code()).collect())
    }

    #[test]
    fn a_key_is_used_only_if_all_is_right() {
        let (keys, findings) = key_set(|_| {});
        assert_eq!((keys.len(), findings.as_slice()), (1, [].as_slice()));
        for (name, value, code) in [
            ("kty", "RSA", "key_type"),
            ("use", "enc", "key_use"),
            ("alg", "ES384", "key_alg"),
            ("crv", "P-384", "key_curve"),
            ("kid", "AAAA", "key_thumbprint"),
            ("d", "AAAA", "key_private"),
            ("x", "AAAA", "key_point"),
        ] {
            let (keys, findings) = key_set(|jwk| {
                jwk.insert(name.into(), value.into());
            });
            assert!(keys.is_empty(), "{name}");
            assert!(findings.contains(&code), "{name}: {findings:?}");
        }
        assert!(check_key_set(b"This is no key set!", None, None).0.is_empty());
        assert!(check_key_set(b"{\"keys\":[7]}", None, None).0.is_empty());
        // A certificate that says nothing about the key.
        let (keys, findings) = key_set(|jwk| {
            jwk.insert("x5c".into(), "AAAA".into());
        });
        assert_eq!((keys.len(), findings.as_slice()), (1, ["x5c_unreadable"].as_slice()));
        let (keys, _) = key_set(|jwk| {
            jwk.insert("crlVersion".into(), "3".into());
        });
        assert_eq!(keys[0].crl_version(), Some(3));
    }

    #[test]
    fn a_number_without_its_leading_zero_is_the_same_number() {
        let starts_with_zero = |key: &IssuerKey| key.key.to_sec1().get(1) == Some(&0);
        let key = (1..=u16::MAX)
            .filter_map(|seed| {
                let mut bytes = [7; 32];
                bytes[..2].copy_from_slice(&seed.to_be_bytes());
                Some(super::super::SigningKey::from_bytes(bytes)?.public())
            })
            .find(starts_with_zero)
            .unwrap();
        let full = key.to_jwk();
        let mut jwk = full.clone();
        let x = URL_SAFE_NO_PAD.decode(full["x"].as_str().unwrap()).unwrap();
        jwk["x"] = encode(&x[1..]).into();
        jwk["kid"] = thumbprint(jwk["x"].as_str().unwrap(), full["y"].as_str().unwrap()).into();
        let (keys, findings) = check_keys(&[jwk.clone()], None, None);
        assert_eq!(findings.iter().map(|finding| finding.reason.code()).collect::<Vec<_>>(), ["key_short"]);
        assert!(keys[0].key == key.key);
        assert_eq!(keys[0].kid(), jwk["kid"].as_str().unwrap());
        // As a store keeps it.
        assert_eq!(check_keys(&[keys[0].to_jwk()], None, None), (keys, Vec::new()));
        assert_eq!(check_keys(&[full], None, None).1, []);
        let long = [[0].as_slice(), &x].concat();
        jwk["x"] = encode(&long).into();
        assert!(check_keys(&[jwk], None, None).0.is_empty());
    }
}
