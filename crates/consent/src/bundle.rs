//! A grant inside the document it is about: sealing, opening and reading such a document.
//!
//! The document is an IPS Bundle. Sealing adds a FHIR `Consent` in the shape of IHE Privacy Consent on FHIR, which any
//! FHIR reader understands, and a `Provenance` whose signature holds the signed grant as a COSE message. The grant
//! names the Merkle root over every entry but that Provenance, the Consent included; the Provenance can be built again
//! from the rest, so altering it shows as well.

mod consent;
mod json;
mod provenance;

pub use crate::grant::GrantDraft;
pub use crate::verify::verify;
pub use json::parse;
pub use provenance::is_signature_entry;

use crate::anchor::{Commitment, ObjectType, commit};
use crate::grant::{Grant, GrantKey, Member, SignedGrant, sign};
use crate::{Error, GrantId, Result, canonical, time};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The most bytes of a document that [`parse`] is asked to read by default: 32 MiB.
pub const DEFAULT_MAX_BYTES: usize = 32 * 1024 * 1024;

/// What is sealed, and with what.
#[derive(Debug)]
pub struct SealRequest<'a> {
    /// The document Bundle, its Composition first, not sealed yet.
    pub bundle: Value,
    /// What the patient chose.
    pub grant: GrantDraft,
    /// The grant's own key.
    pub key: &'a GrantKey,
    /// 32 random bytes for the ledger's commitment, used for nothing else.
    pub commitment_r: [u8; 32],
    /// Now, Unix seconds.
    pub now: i64,
}

/// A sealed document and everything that goes with it.
#[derive(Debug)]
pub struct Sealed {
    /// The document with Consent and Provenance.
    pub bundle: Value,
    /// The signed grant, as it stands in the Provenance.
    pub signed: SignedGrant,
    /// What it says.
    pub grant: Grant,
    /// The entry for log A.
    pub commitment: Commitment,
}

/// A grant found in a document. Its signature and form are checked, its time and the entries are not: see [`verify`].
#[derive(Debug, Clone)]
pub struct OpenedGrant {
    /// The signed grant.
    pub signed: SignedGrant,
    /// What it says.
    pub grant: Grant,
    /// The nonce of its commitment in the ledger, if the document gives it.
    pub commitment_r: Option<[u8; 32]>,
}

/// Seals a document: adds the Consent, hashes the entries, signs the grant, adds the Provenance. The result is a valid
/// FHIR R4 document Bundle, and an IPS if it was one.
///
/// # Errors
/// [`Error::NotADocument`] if there is no Composition with a subject in front, [`Error::AlreadySealed`], and what
/// [`sign`] and [`canonical::entries_root`] refuse.
pub fn seal(request: SealRequest<'_>) -> Result<Sealed> {
    let SealRequest { mut bundle, grant: draft, key, commitment_r, now } = request;
    let parts = Parts::of(&bundle, &draft.id)?;
    if entries(&bundle)?.iter().any(|entry| is_signature_entry(entry) || url(entry) == Some(&parts.consent)) {
        return Err(Error::AlreadySealed);
    }
    time::check(now, "time of signing")?;
    label(&mut bundle, &draft)?;
    refer_to_consent(&mut bundle, &parts)?;
    push(&mut bundle, consent::entry(&draft, now, &parts))?;
    let root = canonical::entries_root(&bundle)?;
    let grant = draft.into_grant(key.public(), now, root);
    let signed = sign(&grant, key)?;
    push(&mut bundle, provenance::entry(&signed, &grant, Some(&commitment_r), &parts))?;
    let commitment = commit(&commitment_r, ObjectType::Grant, &signed.sha256());
    Ok(Sealed { bundle, signed, grant, commitment })
}

/// Finds the grant in a document and checks its signature, and that the Provenance around it is as it was made.
///
/// # Errors
/// [`Error::NoGrant`], [`Error::SeveralGrants`], [`Error::SealAltered`], and what [`SignedGrant::verify`] refuses.
pub fn open(bundle: &Value) -> Result<OpenedGrant> {
    let entry = provenance::find(entries(bundle)?)?;
    let (bytes, commitment_r) = provenance::read(entry)?;
    let (signed, grant) = SignedGrant::open(bytes)?;
    let parts = Parts::of(bundle, &grant.id)?;
    if provenance::entry(&signed, &grant, commitment_r.as_ref(), &parts) != *entry {
        return Err(Error::SealAltered);
    }
    Ok(OpenedGrant { signed, grant, commitment_r })
}

/// Whether the document holds exactly one Consent of this grant and it says the same: active, the same end and the
/// same purpose. Both are signed by one key, so this catches a wrong document, not an altered one.
pub(crate) fn consent_agrees(bundle: &Value, grant: &Grant) -> bool {
    match (Parts::of(bundle, &grant.id), entries(bundle)) {
        (Ok(parts), Ok(entries)) => {
            let mut found = entries.iter().filter(|entry| url(entry) == Some(&parts.consent));
            found.next().is_some_and(|entry| consent::agrees(entry, grant)) && found.next().is_none()
        }
        _ => false,
    }
}

/// The places in a document that Consent and Provenance refer to.
struct Parts {
    /// `fullUrl` of the Composition.
    composition: String,
    /// Its subject's reference.
    patient: String,
    /// `fullUrl` of the Consent.
    consent: String,
    /// `fullUrl` of the Provenance.
    provenance: String,
}

impl Parts {
    fn of(bundle: &Value, id: &GrantId) -> Result<Self> {
        if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle")
            || bundle.get("type").and_then(Value::as_str) != Some("document")
        {
            return Err(Error::NotADocument("a Bundle of type document"));
        }
        let first = entries(bundle)?.first().ok_or(Error::NotADocument("the Composition"))?;
        let composition = first.get("resource").ok_or(Error::NotADocument("the Composition"))?;
        if composition.get("resourceType").and_then(Value::as_str) != Some("Composition") {
            return Err(Error::NotADocument("the Composition"));
        }
        let composition_url = url(first).ok_or(Error::NotADocument("the Composition's fullUrl"))?;
        let patient = composition.pointer("/subject/reference").and_then(Value::as_str);
        let patient = patient.ok_or(Error::NotADocument("the Composition's subject"))?;
        Ok(Self {
            composition: composition_url.to_owned(),
            patient: absolute(patient, composition_url, entries(bundle)?),
            consent: derived_url("carnet/bundle/consent\0", id),
            provenance: derived_url("carnet/bundle/provenance\0", id),
        })
    }
}

/// A reference as it must be written in an entry with a `urn:uuid`. There a relative one (`Patient/1`) leads nowhere: it
/// counts from the RESTful base of the entry it stands in (R4 section 2.36.4.1). So it becomes the `fullUrl` that it
/// has in the Composition, if the document holds that entry, and stays as it is otherwise.
fn absolute(reference: &str, composition_url: &str, entries: &[Value]) -> String {
    let base = composition_url.rfind("Composition/").and_then(|end| composition_url.get(..end));
    let resolved = base.map(|base| format!("{base}{reference}"));
    match resolved {
        Some(resolved) if entries.iter().any(|entry| url(entry) == Some(&resolved)) => resolved,
        _ => reference.to_owned(),
    }
}

/// A `urn:uuid` that follows from the grant's id: version 8 (RFC 9562 section 5.8), from SHA-256.
fn derived_url(label: &str, id: &GrantId) -> String {
    let hash = Sha256::new().chain_update(label).chain_update(id.as_bytes()).finalize();
    let mut bytes = [0_u8; 16];
    for (byte, from) in bytes.iter_mut().zip(hash) {
        *byte = from;
    }
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = *version & 0x0f | 0x80;
    *variant = *variant & 0x3f | 0x80;
    let hex = crate::encoding::to_hex(&bytes);
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("urn:uuid:{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

fn entries(bundle: &Value) -> Result<&Vec<Value>> {
    bundle.get("entry").and_then(Value::as_array).ok_or(Error::NotADocument("its list of entries"))
}

fn url(entry: &Value) -> Option<&str> {
    entry.get("fullUrl").and_then(Value::as_str)
}

/// The part of a `urn:uuid` that is a FHIR id.
fn id_of(url: &str) -> &str {
    url.strip_prefix("urn:uuid:").unwrap_or(url)
}

fn push(bundle: &mut Value, entry: Value) -> Result<()> {
    let entries = bundle.get_mut("entry").and_then(Value::as_array_mut);
    entries.ok_or(Error::NotADocument("its list of entries"))?.push(entry);
    Ok(())
}

/// Puts the obligations where receivers look for them: among the Bundle's security labels.
fn label(bundle: &mut Value, draft: &GrantDraft) -> Result<()> {
    let labels = consent::security_labels(draft.obligations);
    if labels.is_empty() {
        return Ok(());
    }
    let meta = member(bundle, "meta", || json!({}))?;
    let security = member(meta, "security", || json!([]))?;
    security.as_array_mut().ok_or(Error::NotADocument("a list of security labels"))?.extend(labels);
    Ok(())
}

/// Names the Consent in the Composition, so that it is part of the document and not a stray entry: consenting is one of
/// the acts that it documents.
fn refer_to_consent(bundle: &mut Value, parts: &Parts) -> Result<()> {
    let composition = bundle.pointer_mut("/entry/0/resource").ok_or(Error::NotADocument("the Composition"))?;
    let events = member(composition, "event", || json!([]))?;
    events.as_array_mut().ok_or(Error::NotADocument("a list of events"))?.push(json!({
        "code": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActClass", "code": "CONS", "display": "consent"
        }]}],
        "detail": [{"reference": parts.consent}]
    }));
    Ok(())
}

fn member<'v>(value: &'v mut Value, name: &str, make: impl FnOnce() -> Value) -> Result<&'v mut Value> {
    let object = value.as_object_mut().ok_or(Error::NotADocument("an object"))?;
    Ok(object.entry(name).or_insert_with(make))
}

/// Sets a member of an object that was made here.
fn set(object: &mut Value, name: &str, member: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}

/// A word of a closed table as a coding.
fn coding(system: &str, code: impl Member, display: &str) -> Value {
    json!({"system": system, "code": code.as_str(), "display": display})
}

#[cfg(test)]
mod tests;
