//! The Provenance that carries the signed grant.

use super::parts::{Content, Parts};
use super::{id_of, set};
use crate::grant::{Grant, Granter, MAX_SIGNED_BYTES, SignedGrant};
use crate::{Error, Result, encoding, time};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The format of the signature's data (RFC 9052 section 10.2).
const SIG_FORMAT: &str = "application/cose";
/// The extension that carries the nonce `r` of the grant's commitment in the ledger, base64url.
const NONCE_URL: &str = "urn:carnet:commitment-nonce";

/// Whether an entry is a Provenance with a COSE signature. Such an entry is not under the entries' root; there must be
/// exactly one, and it must be what sealing makes.
pub fn is_signature_entry(entry: &Value) -> bool {
    let Some(resource) = entry.get("resource") else { return false };
    resource.get("resourceType").and_then(Value::as_str) == Some("Provenance")
        && resource.get("signature").and_then(Value::as_array).is_some_and(|signatures| {
            signatures.iter().any(|signature| signature.get("sigFormat").and_then(Value::as_str) == Some(SIG_FORMAT))
        })
}

/// The one signature entry.
pub(super) fn find(entries: &[Value]) -> Result<&Value> {
    let mut found = entries.iter().filter(|entry| is_signature_entry(entry));
    let entry = found.next().ok_or(Error::NoGrant)?;
    if found.next().is_some() { Err(Error::SeveralGrants) } else { Ok(entry) }
}

/// The signed grant's bytes and the nonce, neither of them checked.
pub(super) fn read(entry: &Value) -> Result<(Vec<u8>, Option<[u8; 32]>)> {
    let signature = entry.pointer("/resource/signature/0").ok_or(Error::SealAltered)?;
    let data = signature.get("data").and_then(Value::as_str).ok_or(Error::SealAltered)?;
    if data.len() > MAX_SIGNED_BYTES.div_ceil(3) * 4 {
        return Err(Error::TooLarge { what: "grant", limit: MAX_SIGNED_BYTES as u64 });
    }
    let bytes = STANDARD.decode(data).map_err(|_| Error::SealAltered)?;
    let nonce = match signature.pointer("/extension/0/valueString").and_then(Value::as_str) {
        None => None,
        Some(text) => Some(encoding::array_from_base64url(text).ok_or(Error::SealAltered)?),
    };
    Ok((bytes, nonce))
}

/// The entry for a signed grant: nothing in it but what follows from the grant, the nonce and the document.
pub(super) fn entry(signed: &SignedGrant, grant: &Grant, nonce: Option<&[u8; 32]>, parts: &Parts) -> Value {
    let recorded = time::instant(grant.issued_at);
    let who = match grant.granter {
        Granter::Patient => json!({"reference": parts.patient}),
        other => json!({"display": super::consent::granter_display(other)}),
    };
    let mut agent = json!({
        "type": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "author",
            "display": "Author"
        }]},
        "who": who
    });
    if grant.granter != Granter::Patient {
        set(&mut agent, "onBehalfOf", json!({"reference": parts.patient}));
    }
    let mut signature = json!({
        "type": [{
            "system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.7", "display": "Consent Signature"
        }],
        "when": recorded,
        "who": who,
        "targetFormat": "application/fhir+json",
        "sigFormat": SIG_FORMAT,
        "data": STANDARD.encode(signed.as_bytes())
    });
    if let Some(nonce) = nonce {
        let nonce = json!({"url": NONCE_URL, "valueString": encoding::to_base64url(nonce)});
        set(&mut signature, "extension", json!([nonce]));
    }
    let mut target = vec![json!({"reference": parts.consent})];
    if let Content::Document { composition } = &parts.content {
        target.push(json!({"reference": composition}));
    }
    json!({
        "fullUrl": parts.provenance,
        "resource": {
            "resourceType": "Provenance",
            "id": id_of(&parts.provenance),
            "target": target,
            "recorded": recorded,
            "agent": [agent],
            "signature": [signature]
        }
    })
}
