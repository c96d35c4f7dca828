//! The places in a Bundle that its Consent and its Provenance refer to.

use super::is_signature_entry;
use crate::ids::derived_urn;
use crate::{Error, GrantId, Result};
use serde_json::Value;

/// What Consent and Provenance refer to, and where they stand.
pub(super) struct Parts {
    /// What is shared.
    pub(super) content: Content,
    /// The Patient's reference.
    pub(super) patient: String,
    /// `fullUrl` of the Consent.
    pub(super) consent: String,
    /// `fullUrl` of the Provenance.
    pub(super) provenance: String,
}

/// What is shared.
pub(super) enum Content {
    /// A document, by the `fullUrl` of its Composition.
    Document { composition: String },
    /// A collection, by the `fullUrl` of every entry, in order.
    Collection { entries: Vec<String> },
}

impl Parts {
    pub(super) fn of(bundle: &Value, id: &GrantId) -> Result<Self> {
        let text = |name: &str| bundle.get(name).and_then(Value::as_str);
        let (consent, provenance) = (
            derived_urn("carnet/bundle/consent\0", id.as_bytes()),
            derived_urn("carnet/bundle/provenance\0", id.as_bytes()),
        );
        let (content, patient) = match (text("resourceType"), text("type")) {
            (Some("Bundle"), Some("document")) => document(entries(bundle)?)?,
            (Some("Bundle"), Some("collection")) => collection(entries(bundle)?, &consent)?,
            _ => return Err(Error::NotADocument("a Bundle of type document or collection")),
        };
        Ok(Self { content, patient, consent, provenance })
    }
}

/// The Composition, which stands first, and its subject.
fn document(entries: &[Value]) -> Result<(Content, String)> {
    let first = entries.first().ok_or(Error::NotADocument("the Composition"))?;
    if resource_type(first) != Some("Composition") {
        return Err(Error::NotADocument("the Composition"));
    }
    let composition = url(first).ok_or(Error::NotADocument("the Composition's fullUrl"))?;
    let patient = first.pointer("/resource/subject/reference").and_then(Value::as_str);
    let patient = patient.ok_or(Error::NotADocument("the Composition's subject"))?;
    let patient = absolute(patient, composition, entries);
    Ok((Content::Document { composition: composition.to_owned() }, patient))
}

/// The one Patient, and all entries but those that sealing adds.
fn collection(entries: &[Value], consent: &str) -> Result<(Content, String)> {
    let mut patients = entries.iter().filter(|entry| resource_type(entry) == Some("Patient"));
    let (Some(patient), None) = (patients.next(), patients.next()) else {
        return Err(Error::NotADocument("the one Patient"));
    };
    let patient = url(patient).ok_or(Error::NotADocument("the Patient's fullUrl"))?;
    let content = entries.iter().filter(|entry| !is_signature_entry(entry) && url(entry) != Some(consent));
    let content: Option<Vec<String>> = content.map(|entry| url(entry).map(str::to_owned)).collect();
    let entries = content.ok_or(Error::NotADocument("the fullUrl of an entry"))?;
    Ok((Content::Collection { entries }, patient.to_owned()))
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

pub(super) fn entries(bundle: &Value) -> Result<&Vec<Value>> {
    bundle.get("entry").and_then(Value::as_array).ok_or(Error::NotADocument("its list of entries"))
}

pub(super) fn url(entry: &Value) -> Option<&str> {
    entry.get("fullUrl").and_then(Value::as_str)
}

fn resource_type(entry: &Value) -> Option<&str> {
    entry.pointer("/resource/resourceType").and_then(Value::as_str)
}
