//! A grant inside the document it is about: sealing, opening and reading such a document.
//!
//! The document is a Bundle: a `document` with its Composition (an IPS), or a `collection` about one Patient
//! (patient-shared health documents, <https://ktc-spec.github.io/>). Sealing adds a FHIR `Consent` in the shape of IHE
//! Privacy Consent on FHIR, which any FHIR reader understands, and a `Provenance` whose signature holds the signed grant
//! as a COSE message. The grant names the Merkle root over every entry but that Provenance, the Consent included; the
//! Provenance can be built again from the rest, so altering it shows as well.

mod consent;
mod json;
mod parts;
mod provenance;

pub use crate::grant::GrantDraft;
pub use crate::verify::verify;
pub use consent::in_words;
pub use json::parse;
pub use provenance::is_signature_entry;

use crate::anchor::{Commitment, ObjectType, commit};
use crate::grant::{Grant, GrantKey, Member, SignedGrant, sign};
use crate::{Error, Result, canonical, time};
use parts::{Content, Parts, entries, url};
use serde_json::{Value, json};

/// The most bytes of a document that [`parse`] is asked to read by default: 32 MiB.
pub const DEFAULT_MAX_BYTES: usize = 32 * 1024 * 1024;

/// What is sealed, and with what.
#[derive(Debug)]
pub struct SealRequest<'a> {
    /// The Bundle, not sealed yet: a document with its Composition first, or a collection with one Patient in which
    /// every entry has a `fullUrl`.
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
/// FHIR R4 Bundle of the same type, and an IPS or a PatientSharedBundle if it was one.
///
/// A PDF in a collection that claims to show all of its resources is made before the Consent is there: let it say what
/// [`in_words`] says, and it still does.
///
/// # Errors
/// [`Error::NotADocument`] if a document has no Composition with a subject in front, or a collection not exactly one
/// Patient or an entry without `fullUrl`; [`Error::AlreadySealed`], and what [`sign`] and [`canonical::entries_root`]
/// refuse.
pub fn seal(request: SealRequest<'_>) -> Result<Sealed> {
    let SealRequest { mut bundle, grant: draft, key, commitment_r, now } = request;
    let parts = Parts::of(&bundle, &draft.id)?;
    if entries(&bundle)?.iter().any(|entry| is_signature_entry(entry) || url(entry) == Some(&parts.consent)) {
        return Err(Error::AlreadySealed);
    }
    time::check(now, "time of signing")?;
    label(&mut bundle, &draft)?;
    if let Content::Document { .. } = parts.content {
        refer_to_consent(&mut bundle, &parts)?;
    }
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
    // It was sealed, and nothing without these parts can be.
    let parts = Parts::of(bundle, &grant.id).map_err(|_| Error::SealAltered)?;
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
