//! A card's envelope: three parts, a header of exact words, DEFLATE, and the signature.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Health Cards are Compact"; RFC 7515 section 7.1; RFC 1951.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Finding, Reason};
use crate::es256::{self, Malformed};
use crate::inflate::{Broken, inflate};

/// The longest header looked at, in characters.
const MAX_HEADER: usize = 8 * 1024;

/// A card taken apart.
pub(super) struct Parts<'a> {
    /// What is signed: header, dot, payload, as they stand.
    pub(super) signed: &'a str,
    /// The key's name.
    pub(super) kid: Option<String>,
    /// The payload, unpacked.
    pub(super) payload: Option<Vec<u8>>,
    /// The signature.
    pub(super) signature: Option<[u8; 64]>,
}

/// Takes a card apart; what cannot be read is missing, and a finding says why.
pub(super) fn split<'a>(jws: &'a str, limit: usize, findings: &mut Vec<Finding>) -> Option<Parts<'a>> {
    let mut parts = jws.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        findings.push(Finding::refused("card", Reason::NotAJws));
        return None;
    };
    if header.is_empty() || payload.is_empty() || signature.is_empty() || header.len() > MAX_HEADER {
        findings.push(Finding::refused("card", Reason::NotAJws));
        return None;
    }
    let signed = jws.get(..header.len() + 1 + payload.len())?;
    let kid = read_header(header, findings);
    let payload = decode(payload, "payload", findings).and_then(|bytes| unpack(bytes, limit, findings));
    let signature = decode(signature, "signature", findings).and_then(|bytes| match es256::signature(&bytes) {
        Ok(signature) => Some(signature),
        Err(malformed) => {
            findings.push(Finding::refused("signature", signature_reason(malformed)));
            None
        }
    });
    Some(Parts { signed, kid, payload, signature })
}

fn signature_reason(malformed: Malformed) -> Reason {
    match malformed {
        Malformed::Der { negative: true } => Reason::SignatureDerNegative,
        Malformed::Der { negative: false } => Reason::SignatureDer,
        Malformed::Length(length) => Reason::SignatureLength { length },
    }
}

fn decode(part: &str, path: &str, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let decoded = URL_SAFE_NO_PAD.decode(part).ok();
    if decoded.is_none() {
        findings.push(Finding::refused(path, Reason::NotBase64Url));
    }
    decoded
}

fn read_header(header: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let bytes = decode(header, "header", findings)?;
    let Ok(header) = serde_json::from_slice::<Map<String, Value>>(&bytes) else {
        findings.push(Finding::refused("header", Reason::HeaderNotJson));
        return None;
    };
    let mut expect = |name: &str, value: &str, missing: Reason, other: Reason| {
        let reason = match header.get(name) {
            None => missing,
            Some(found) if found.as_str() != Some(value) => other,
            Some(_) => return,
        };
        findings.push(Finding::refused(format!("header.{name}"), reason));
    };
    expect("alg", "ES256", Reason::HeaderWithoutAlg, Reason::HeaderAlg);
    expect("zip", "DEF", Reason::HeaderWithoutZip, Reason::HeaderZip);
    if header.contains_key("crit") {
        findings.push(Finding::refused("header.crit", Reason::HeaderCritical));
    }
    let Some(kid) = header.get("kid") else {
        findings.push(Finding::refused("header.kid", Reason::HeaderWithoutKid));
        return None;
    };
    let is_thumbprint = |kid: &&str| URL_SAFE_NO_PAD.decode(kid).is_ok_and(|bytes| bytes.len() == 32);
    match kid.as_str().filter(is_thumbprint) {
        Some(kid) => Some(kid.to_owned()),
        None => {
            findings.push(Finding::refused("header.kid", Reason::HeaderKid));
            None
        }
    }
}

fn unpack(packed: Vec<u8>, limit: usize, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let reason = match inflate(&packed, false, limit) {
        Ok(bytes) => return Some(bytes),
        // What was not packed at all can still be looked into.
        Err(Broken::Failed) if packed.first() == Some(&b'{') => Reason::NotCompressed,
        Err(Broken::Failed) => Reason::InflateFailed,
        Err(Broken::Trailing) => Reason::InflateTrailing,
        Err(Broken::TooLarge) => Reason::TooLarge { limit },
    };
    let readable = reason == Reason::NotCompressed;
    findings.push(Finding::refused("payload", reason));
    readable.then_some(packed)
}

/// Whether there is white space in JSON outside its texts.
pub(super) fn has_white_space(json: &[u8]) -> bool {
    let (mut in_text, mut escaped) = (false, false);
    for byte in json {
        match (in_text, *byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b' ' | b'\t' | b'\n' | b'\r') => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_counts_outside_texts_only() {
        assert!(!has_white_space(br#"{"a b":"c \" d"}"#));
        assert!(has_white_space(br#"{"a": 1}"#));
    }
}
