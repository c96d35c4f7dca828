//! App attestations of patient-shared health documents: a known app took part in making a Bundle.
//!
//! Specification: CMS, [Patient-Shared Health Documents via SMART Health Links](https://ktc-spec.github.io/) 0.10.2, "App
//! Attestation (Optional)"; RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 section 3.4 (ES256).
//!
//! The attestation is a compact JWS in an extension of `Bundle.meta`. It signs neither the Bundle nor a hash of it, and has no
//! end: it says that an app took part, and nothing about what the Bundle holds. A receiver reads it ([`Attestation::parse`]),
//! fetches [`Attestation::key_set_url`], and holds the one against the other ([`Attestation::verify`]). Whether the app is
//! on a list of recognised ones is for whoever has such a list; the profile names none. One that is missing or fails must not
//! keep a Bundle from being read.
//!
//! A patient's own wallet writes none: a key that everybody has who has the program proves nothing.

use crate::es256::{self, PublicKey};
use crate::link::{PlainHttp, check_fetchable};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The `url` of the extension that holds it, a `valueString` in `Bundle.meta.extension`.
pub const EXTENSION: &str = "https://cms.gov/fhir/StructureDefinition/app-attestation";

/// The most bytes of an app's key set that are worth reading.
pub const MAX_KEY_SET: usize = 256 * 1024;

/// The most characters of an attestation; those in the field have some 350.
const MAX_JWS: usize = 8 * 1024;
/// The most keys of a set that are looked at.
const MAX_KEYS: usize = 200;

/// An attestation that was read, and not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// `iss`: the app's address, without a slash at its end.
    pub app: String,
    /// `iat`: when it was made, Unix seconds.
    pub issued: i64,
    /// `jti`: its own identifier, a UUID.
    pub id: String,
    /// `kid`: the name of the key, as the app chose it (it need not be a thumbprint).
    pub kid: String,
    signed: String,
    signature: [u8; 64],
}

/// Why an attestation says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Not a compact JWS, or longer than any.
    #[error("it is not a signed text")]
    NotAJws,
    /// `alg` is not ES256, `kid` is missing, or `crit` asks for something.
    #[error("it does not say which key signed it, or is signed in another way (ES256)")]
    Header,
    /// The claims are not exactly `iss`, `iat` and `jti`, each of its kind.
    #[error("its claims are not exactly the three that the profile has (iss, iat, jti)")]
    Claims,
    /// `iss` is not an `https` address.
    #[error("the app's address cannot be asked for its keys (iss)")]
    Address,
    /// It was made in the future.
    #[error("it was made in the future")]
    NotYet,
    /// What the app publishes is no set of keys.
    #[error("what the app publishes is not a set of keys")]
    KeySet,
    /// No key of this name is published.
    #[error("the app does not publish the key that it names")]
    KeyNotPublished,
    /// The key is not on the curve P-256, or no key.
    #[error("the key that it names is of a kind that does not sign attestations (EC, P-256)")]
    KeyUnusable,
    /// The signature does not fit.
    #[error("the signature does not fit the app's key")]
    SignatureInvalid,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::NotAJws,
        Self::Header,
        Self::Claims,
        Self::Address,
        Self::NotYet,
        Self::KeySet,
        Self::KeyNotPublished,
        Self::KeyUnusable,
        Self::SignatureInvalid,
    ];

    /// A stable name for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAJws => "not_a_jws",
            Self::Header => "header",
            Self::Claims => "claims",
            Self::Address => "address",
            Self::NotYet => "not_yet",
            Self::KeySet => "key_set",
            Self::KeyNotPublished => "key_not_published",
            Self::KeyUnusable => "key_unusable",
            Self::SignatureInvalid => "signature_invalid",
        }
    }
}

/// The attestation in a Bundle, as it stands there; none if it has none.
pub fn find(bundle: &Value) -> Option<&str> {
    let extensions = bundle.get("meta")?.get("extension")?.as_array()?;
    let found = extensions.iter().find(|extension| extension.get("url").and_then(Value::as_str) == Some(EXTENSION))?;
    // An attestation that is not text is one that cannot be read.
    Some(found.get("valueString").and_then(Value::as_str).unwrap_or_default())
}

impl Attestation {
    /// Reads an attestation made before `now` (Unix seconds; a clock may be five minutes behind). Nothing is checked of its
    /// signature.
    ///
    /// # Errors
    /// [`Reason::NotAJws`], [`Reason::Header`], [`Reason::Claims`], [`Reason::Address`], [`Reason::NotYet`].
    pub fn parse(jws: &str, now: i64) -> Result<Self, Reason> {
        if jws.len() > MAX_JWS {
            return Err(Reason::NotAJws);
        }
        let mut parts = jws.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Reason::NotAJws);
        };
        let signed = jws.get(..header.len() + 1 + claims.len()).ok_or(Reason::NotAJws)?.to_owned();
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Reason::NotAJws)?;
        let signature = es256::signature(&signature).map_err(|_| Reason::NotAJws)?;
        let header = object(header)?;
        let kid = header.get("kid").and_then(Value::as_str).filter(|kid| !kid.is_empty() && kid.len() <= 200);
        let (Some("ES256"), Some(kid), false) =
            (header.get("alg").and_then(Value::as_str), kid, header.contains_key("crit"))
        else {
            return Err(Reason::Header);
        };
        let claims = object(claims)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (Some(app), Some(issued), Some(id), 3) =
            (text("iss"), claims.get("iat").and_then(Value::as_i64), text("jti"), claims.len())
        else {
            return Err(Reason::Claims);
        };
        let app = app.trim_end_matches('/');
        // What is fetched begins with it: no query, no fragment, and nothing that a browser would read as something else.
        let plain = app.len() <= 500 && app.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\".contains(&byte));
        // Its keys are had with a GET that says nothing; an app that is made on this machine may be tried here.
        let allowed = PlainHttp { loopback: true, elsewhere: false };
        if !plain || check_fetchable(app, allowed).is_err() {
            return Err(Reason::Address);
        }
        if issued > now.saturating_add(300) {
            return Err(Reason::NotYet);
        }
        Ok(Self { app: app.to_owned(), issued, id: id.to_owned(), kid: kid.to_owned(), signed, signature })
    }

    /// Where the app publishes its keys: send `GET` without credentials, read no more than [`MAX_KEY_SET`] bytes. `https`, or
    /// `http` on this machine. Asking tells the app's maker that one of its Bundles is being read, and by which address.
    pub fn key_set_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.app)
    }

    /// Checks the signature against what [`key_set_url`](Self::key_set_url) gave.
    ///
    /// # Errors
    /// [`Reason::KeySet`], [`Reason::KeyNotPublished`], [`Reason::KeyUnusable`], [`Reason::SignatureInvalid`].
    pub fn verify(&self, key_set: &[u8]) -> Result<(), Reason> {
        if key_set.len() > MAX_KEY_SET {
            return Err(Reason::KeySet);
        }
        let set: Value = serde_json::from_slice(key_set).map_err(|_| Reason::KeySet)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(Reason::KeySet)?;
        let member = |key: &Value, name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
        let key = keys.iter().take(MAX_KEYS).find(|key| member(key, "kid").as_deref() == Some(&self.kid));
        let key = key.ok_or(Reason::KeyNotPublished)?;
        let is = |name: &str, value: &str| member(key, name).as_deref() == Some(value);
        // What it is for may be left out; where it is said, it must be this.
        let may_be = |name: &str, value: &str| key.get(name).is_none() || is(name, value);
        if !(is("kty", "EC") && is("crv", "P-256") && may_be("use", "sig") && may_be("alg", "ES256")) {
            return Err(Reason::KeyUnusable);
        }
        let coordinate = |name: &str| {
            member(key, name).filter(|text| text.len() <= 64).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        };
        let point = coordinate("x").zip(coordinate("y"));
        let key = point.and_then(|(x, y)| PublicKey::from_coordinates(&x, &y)).ok_or(Reason::KeyUnusable)?;
        if key.verify(self.signed.as_bytes(), &self.signature) { Ok(()) } else { Err(Reason::SignatureInvalid) }
    }
}

fn object(part: &str) -> Result<Map<String, Value>, Reason> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::NotAJws)?;
    serde_json::from_slice(&bytes).map_err(|_| Reason::NotAJws)
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Signer;
    use p256::ecdsa::{Signature, SigningKey};
    use proptest::prelude::*;
    use serde_json::json;

    /// The key of the profile's vectors b5 and b6, published for tests.
    const D: &str = "B4gN0v36C2ZfeXrnj3PJPI4nVb1JWljQeKrkwyKo6lk";
    const NOW: i64 = 1_780_000_000;

    fn key_set() -> Value {
        json!({"keys": [
            {"kty": "EC", "crv": "P-384", "kid": "other"},
            {"kty": "EC", "crv": "P-256", "kid": "ktc-test-2026", "alg": "ES256",
                "x": "yXEoEu9M_-vIa8OZV3p2_TfFBXCS5pVcKq24vD0TagQ", "y": "yQrUqADxg6Fh5zaQv5SqaPaIZSOZQtME4oatjdZZLfY"},
        ]})
    }

    fn header() -> Value {
        json!({"alg": "ES256", "kid": "ktc-test-2026"})
    }

    fn claims() -> Value {
        json!({"iss": "https://ktc-spec.github.io/vectors/attestation", "iat": 1_767_225_600,
            "jti": "6f1f47a3-0d0e-4b3a-9a44-1b2c3d4e5f60"})
    }

    fn jws(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let key = SigningKey::from_slice(&URL_SAFE_NO_PAD.decode(D).unwrap()).unwrap();
        let signature: Signature = key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    fn with(mut value: Value, name: &str, member: Value) -> Value {
        value[name] = member;
        value
    }

    #[test]
    fn vector_b5_is_verified_and_b6_is_not() {
        let b5 = jws(&header(), &claims());
        let bundle = json!({"resourceType": "Bundle", "meta": {"extension": [
            {"url": "https://example.org/other"}, {"url": EXTENSION, "valueString": b5}
        ]}});
        let read = Attestation::parse(find(&bundle).unwrap(), NOW).unwrap();
        assert_eq!((read.app.as_str(), read.issued), ("https://ktc-spec.github.io/vectors/attestation", 1_767_225_600));
        assert_eq!(read.key_set_url(), "https://ktc-spec.github.io/vectors/attestation/.well-known/jwks.json");
        assert_eq!(read.verify(key_set().to_string().as_bytes()), Ok(()));
        let end = if b5.ends_with("AAAA") { "BBBB" } else { "AAAA" };
        let b6 = format!("{}{end}", &b5[..b5.len() - 4]);
        let read = Attestation::parse(&b6, NOW).unwrap();
        assert_eq!(read.verify(key_set().to_string().as_bytes()), Err(Reason::SignatureInvalid));
        assert_eq!(find(&json!({"resourceType": "Bundle"})), None);
    }

    #[test]
    fn each_fault_has_its_reason() {
        let parse = |header: &Value, claims: &Value| Attestation::parse(&jws(header, claims), NOW).map(drop);
        for wrong in ["", "a.b", "a.b.c.d", "a.b.c", "!.!.!"] {
            assert_eq!(Attestation::parse(wrong, NOW), Err(Reason::NotAJws), "{wrong}");
        }
        assert_eq!(parse(&with(header(), "alg", "none".into()), &claims()), Err(Reason::Header));
        assert_eq!(parse(&json!({"alg": "ES256"}), &claims()), Err(Reason::Header));
        assert_eq!(parse(&with(header(), "crit", json!(["b64"])), &claims()), Err(Reason::Header));
        assert_eq!(parse(&header(), &with(claims(), "exp", 1.into())), Err(Reason::Claims));
        assert_eq!(parse(&header(), &with(claims(), "iat", "now".into())), Err(Reason::Claims));
        for address in ["http://app.example", "ftp://app.example", "app", "https://a.example/?x", "https://a@b.example"]
        {
            assert_eq!(parse(&header(), &with(claims(), "iss", address.into())), Err(Reason::Address), "{address}");
        }
        assert_eq!(parse(&header(), &with(claims(), "iat", (NOW + 900).into())), Err(Reason::NotYet));
        let read = Attestation::parse(&jws(&header(), &claims()), NOW).unwrap();
        let verify = |keys: Value| read.verify(keys.to_string().as_bytes());
        assert_eq!(read.verify(b"<html>"), Err(Reason::KeySet));
        assert_eq!(verify(json!({"keys": []})), Err(Reason::KeyNotPublished));
        for (name, value) in [("kty", "RSA"), ("crv", "P-384"), ("use", "enc"), ("alg", "ES384"), ("x", "AAAA")] {
            let key = with(key_set()["keys"][1].clone(), name, value.into());
            assert_eq!(verify(json!({"keys": [key]})), Err(Reason::KeyUnusable), "{name}");
        }
        let codes: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text: String, keys: Vec<u8>) {
            let _ = Attestation::parse(&text, NOW);
            let read = Attestation::parse(&jws(&header(), &claims()), NOW).unwrap();
            let _ = read.verify(&keys);
        }
    }
}
