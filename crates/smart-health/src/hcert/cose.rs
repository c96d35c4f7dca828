//! The envelope: CBOR (RFC 8949), COSE_Sign1 (RFC 9052), and the claims of the CWT (RFC 8392).

use ciborium::value::{Integer, Value as Cbor};
use serde_json::{Map, Value};

use super::{Finding, Reason};

/// The deepest nesting of CBOR that is read.
const MAX_DEPTH: usize = 32;

/// COSE tags that may stand around the message: COSE_Sign1 and CWT.
const TAGS: [u64; 2] = [18, 61];

/// How a certificate is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
}

/// A signed message, taken apart and not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// How it is signed.
    pub algorithm: Option<Algorithm>,
    /// The key's identifier; the protected one where there is one.
    pub kid: Option<Vec<u8>>,
    /// The bytes that are signed (`Sig_structure`).
    pub message: Vec<u8>,
    /// The claims, as CBOR.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Reads a COSE_Sign1, tagged or not; the tag of a CWT may stand around it.
///
/// # Errors
/// [`Reason::Cbor`], [`Reason::Cose`]. What is odd in the headers is added to `findings`.
pub(super) fn read(bytes: &[u8], findings: &mut Vec<Finding>) -> Result<Signed, Reason> {
    let mut value = read_cbor(bytes)?;
    for _ in 0..TAGS.len() {
        value = match value {
            Cbor::Tag(tag, inner) if TAGS.contains(&tag) => *inner,
            other => other,
        };
    }
    let Cbor::Array(parts) = value else { return Err(Reason::Cose) };
    let Ok([protected, unprotected, payload, signature]) = <[Cbor; 4]>::try_from(parts) else {
        return Err(Reason::Cose);
    };
    let (Cbor::Bytes(protected), Cbor::Map(unprotected), Cbor::Bytes(payload), Cbor::Bytes(signature)) =
        (protected, unprotected, payload, signature)
    else {
        return Err(Reason::Cose);
    };
    let inside = if protected.is_empty() {
        Vec::new()
    } else {
        match read_cbor(&protected)? {
            Cbor::Map(map) => map,
            _ => return Err(Reason::Cose),
        }
    };
    if find(&inside, 2).is_some() {
        findings.push(Finding::refused("header.crit", Reason::Critical));
    }
    let algorithm = algorithm(&inside, &unprotected, findings);
    let kid = find(&inside, 4).or_else(|| find(&unprotected, 4)).and_then(|kid| key_id(kid, findings));
    if kid.is_none() && findings.iter().all(|finding| finding.path != "header.kid") {
        findings.push(Finding::refused("header.kid", Reason::KeyIdMissing));
    }
    Ok(Signed { algorithm, kid, message: sig_structure(&protected, &payload), payload, signature })
}

/// `["Signature1", protected, external_aad, payload]` (RFC 9052 section 4.4).
pub(super) fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let structure = Cbor::Array(vec![
        Cbor::Text("Signature1".into()),
        Cbor::Bytes(protected.to_vec()),
        Cbor::Bytes(Vec::new()),
        Cbor::Bytes(payload.to_vec()),
    ]);
    let mut out = Vec::new();
    // Writing plain values into memory cannot fail.
    let _ = ciborium::into_writer(&structure, &mut out);
    out
}

fn algorithm(inside: &[(Cbor, Cbor)], outside: &[(Cbor, Cbor)], findings: &mut Vec<Finding>) -> Option<Algorithm> {
    let value = match (find(inside, 1), find(outside, 1)) {
        (Some(value), _) => value,
        (None, Some(value)) => {
            findings.push(Finding::noted("header.alg", Reason::AlgorithmUnprotected));
            value
        }
        (None, None) => {
            findings.push(Finding::refused("header.alg", Reason::AlgorithmMissing));
            return None;
        }
    };
    match value.as_integer().and_then(|number| i64::try_from(number).ok()) {
        Some(-7) => Some(Algorithm::Es256),
        Some(-37) => Some(Algorithm::Ps256),
        _ => {
            findings.push(Finding::refused("header.alg", Reason::AlgorithmUnknown));
            None
        }
    }
}

/// Eight bytes. Some write them as base64 text.
fn key_id(value: &Cbor, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let kid = match value {
        Cbor::Bytes(bytes) => Some(bytes.clone()),
        Cbor::Text(text) => {
            findings.push(Finding::noted("header.kid", Reason::KeyIdText));
            super::keys::base64(text)
        }
        _ => None,
    };
    match kid {
        Some(kid) if kid.len() == 8 => Some(kid),
        _ => {
            findings.push(Finding::refused("header.kid", Reason::KeyIdLength));
            None
        }
    }
}

fn find(map: &[(Cbor, Cbor)], label: i64) -> Option<&Cbor> {
    map.iter().find(|(key, _)| *key == Cbor::Integer(Integer::from(label))).map(|(_, value)| value)
}

fn read_cbor(bytes: &[u8]) -> Result<Cbor, Reason> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH).map_err(|_| Reason::Cbor)?;
    if rest.is_empty() { Ok(value) } else { Err(Reason::Cbor) }
}

/// What a certificate claims.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claims {
    /// `iss`: the issuer, two letters of a country.
    pub issuer: Option<String>,
    /// `iat`: when it was issued, Unix seconds.
    pub issued: Option<i64>,
    /// `exp`: until when the signature is good, Unix seconds.
    pub expires: Option<i64>,
    /// The EU Digital COVID Certificate, as JSON (hcert claim 1).
    pub certificate: Option<Value>,
    /// Addresses of SMART Health Links and Verifiable Health Links (hcert claim 5), as written.
    pub links: Vec<String>,
    /// Other contents, by their number: 3 and 4 are WHO DDCC, negative ones are trials.
    pub others: Vec<(i64, Value)>,
}

/// Reads the claims. Their keys may be numbers or the same as text, as some write them.
///
/// # Errors
/// [`Reason::Cbor`], [`Reason::Claims`], [`Reason::ClaimKeys`], [`Reason::ContentMissing`].
pub(super) fn read_claims(payload: &[u8], findings: &mut Vec<Finding>) -> Result<Claims, Reason> {
    let mut value = read_cbor(payload)?;
    if let Cbor::Tag(61, inner) = value {
        value = *inner;
    }
    let Cbor::Map(map) = value else { return Err(Reason::Claims) };
    let mut claims = Claims::default();
    let mut content = None;
    for (label, value) in numbered(map)? {
        match label {
            1 => claims.issuer = value.into_text().ok().map(|text| text.chars().take(64).collect()),
            4 => claims.expires = Some(seconds(&value, "claims.exp", findings).ok_or(Reason::Claims)?),
            6 => claims.issued = Some(seconds(&value, "claims.iat", findings).ok_or(Reason::Claims)?),
            -260 => content = Some(value),
            _ => {}
        }
    }
    let Some(Cbor::Map(content)) = content else { return Err(Reason::ContentMissing) };
    for (label, value) in numbered(content)? {
        match label {
            1 => claims.certificate = Some(to_json(value).ok_or(Reason::Claims)?),
            5 => claims.links = links(&to_json(value).ok_or(Reason::Claims)?),
            _ => claims.others.push((label, to_json(value).ok_or(Reason::Claims)?)),
        }
    }
    Ok(claims)
}

/// The members with their numbers, none of them twice.
fn numbered(map: Vec<(Cbor, Cbor)>) -> Result<Vec<(i64, Cbor)>, Reason> {
    let mut out: Vec<(i64, Cbor)> = Vec::with_capacity(map.len().min(64));
    for (key, value) in map {
        let label = match &key {
            Cbor::Integer(number) => i64::try_from(*number).ok(),
            Cbor::Text(text) if text.len() <= 20 => match text.parse() {
                Ok(label) => Some(label),
                // Claims with names are nobody's business here.
                Err(_) => continue,
            },
            Cbor::Text(_) => continue,
            _ => None,
        };
        let label = label.ok_or(Reason::ClaimKeys)?;
        // A certificate has a handful of claims; beyond that a search of them all would be slow.
        if out.len() >= 64 || out.iter().any(|(known, _)| *known == label) {
            return Err(Reason::ClaimKeys);
        }
        out.push((label, value));
    }
    Ok(out)
}

/// Seconds, from what is written in their place: a fraction, milliseconds, a tagged time.
fn seconds(value: &Cbor, path: &str, findings: &mut Vec<Finding>) -> Option<i64> {
    const MAX_SECONDS: i64 = 100_000_000_000;
    let (seconds, exact) = match value {
        Cbor::Integer(number) => (i64::try_from(*number).ok()?, true),
        Cbor::Float(number) if number.is_finite() && number.abs() < 1e16 => (*number as i64, false),
        Cbor::Tag(1, inner) => return seconds(inner, path, findings),
        _ => return None,
    };
    if !exact || seconds >= MAX_SECONDS {
        findings.push(Finding::noted(path, Reason::TimeNotSeconds));
    }
    Some(if seconds >= MAX_SECONDS { seconds / 1000 } else { seconds })
}

/// Links as they are found: a text, an object with `u`, or an array of these.
fn links(value: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().or_else(|| value.get("u").and_then(Value::as_str)).map(str::to_owned);
    match value {
        Value::Array(items) => items.iter().take(20).filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    }
}

/// CBOR as JSON: bytes and what JSON has no number for make it unreadable; tags are passed over.
fn to_json(value: Cbor) -> Option<Value> {
    Some(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(value) => Value::Bool(value),
        Cbor::Integer(number) => match i64::try_from(number) {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(u64::try_from(number).ok()?),
        },
        Cbor::Float(number) => Value::Number(serde_json::Number::from_f64(number)?),
        Cbor::Text(text) => Value::String(text),
        Cbor::Tag(_, inner) => to_json(*inner)?,
        Cbor::Array(items) => Value::Array(items.into_iter().map(to_json).collect::<Option<_>>()?),
        Cbor::Map(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                let key = match key {
                    Cbor::Text(text) => text,
                    Cbor::Integer(number) => i128::from(number).to_string(),
                    _ => return None,
                };
                if out.insert(key, to_json(value)?).is_some() {
                    return None;
                }
            }
            Value::Object(out)
        }
        _ => return None,
    })
}
