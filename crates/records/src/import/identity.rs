//! What makes two entries the same record: a name that stays when its content is corrected and that no other record has.

use sha2::{Digest, Sha256};

use crate::{
    json::{Json, Node},
    references::without_version,
};

/// SHA-256 over the kind of resource and the first of these that there is:
/// 1. an absolute `fullUrl` without its version, or a UUID that stands in its place as `id`;
/// 2. `id` with what tells apart the two servers that both have an `Observation/1`: whose record it is, and its first
///    business identifier (of a person without one the date of birth) where it is nobody's. Two servers also both have a
///    `Patient/1`, so a short id stands with what the record is of and on which day: a potassium of May and a sodium of June
///    are no versions of one another. Who the patient is says another entry of the file, or of another file, and is no part of it;
/// 3. the content itself.
pub(super) fn identity(resource: &Node<'_>, full_url: Option<&str>, original: &[u8]) -> [u8; 32] {
    let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default();
    let id = resource.text_at(&["id"]);
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(b"carnet/record/v1");
    part(resource_type.as_bytes());
    let absolute = full_url.map(without_version).filter(|url| is_absolute(url));
    if let Some(uuid) = absolute.map_or(id, |url| url.strip_prefix("urn:uuid:")).and_then(as_uuid) {
        part(b"url");
        part(b"urn:uuid:");
        part(uuid.as_bytes());
    } else if let Some(url) = absolute {
        part(b"url");
        part(url.as_bytes());
    } else if let Some(id) = id {
        part(b"id");
        part(id.as_bytes());
        if id.len() < LONG_ID {
            for told in
                [subject_matter(resource), day(resource_type, resource).map(str::to_owned)].into_iter().flatten()
            {
                part(told.as_bytes());
            }
        }
        let owner =
            ["subject", "patient", "beneficiary"].iter().find_map(|name| resource.text_at(&[name, "reference"]));
        match owner {
            Some(owner) => part(owner.as_bytes()),
            None => {
                part(resource.text_at(&["identifier", "system"]).unwrap_or_default().as_bytes());
                let value = resource.text_at(&["identifier", "value"]);
                let born = || resource.text_at(&["birthDate"]).filter(|_| id.len() < LONG_ID);
                part(value.or_else(born).unwrap_or_default().as_bytes());
            }
        }
    } else {
        part(b"content");
        part(original);
    }
    hash.finalize().into()
}

/// Ids of so many letters are not given twice by chance.
const LONG_ID: usize = 16;

/// The code, or the words, of what a record is of: it stays when a value is corrected.
fn subject_matter(resource: &Node<'_>) -> Option<String> {
    let concept = ["code", "vaccineCode", "medicationCodeableConcept", "medication"]
        .iter()
        .find_map(|name| resource.member(name))?;
    let code = concept.text_at(&["coding", "code"]).or_else(|| concept.text_at(&["text"]));
    code.map(|code| code.trim().to_lowercase())
}

/// The day of what happened once. Since when something lasts is corrected later, and when it was written down changes.
fn day<'r>(resource_type: &str, resource: &'r Node<'_>) -> Option<&'r str> {
    let paths: &[&[&str]] = match resource_type {
        "Observation" | "DiagnosticReport" => &[&["effectiveDateTime"], &["effectivePeriod", "start"]],
        "Procedure" => &[&["performedDateTime"], &["performedPeriod", "start"]],
        "Immunization" => &[&["occurrenceDateTime"]],
        "MedicationRequest" | "ServiceRequest" => &[&["authoredOn"]],
        "MedicationAdministration" => &[&["effectiveDateTime"], &["effectivePeriod", "start"]],
        "MedicationDispense" => &[&["whenHandedOver"], &["whenPrepared"]],
        "Encounter" => &[&["period", "start"]],
        _ => &[],
    };
    let date = paths.iter().find_map(|path| resource.text_at(path))?;
    Some(date.get(..10).unwrap_or(date))
}

fn is_absolute(url: &str) -> bool {
    ["urn:uuid:", "urn:oid:", "https://", "http://"].iter().any(|scheme| url.starts_with(scheme))
}

/// A UUID in its canonical lower-case form.
fn as_uuid(text: &str) -> Option<String> {
    (text.len() == 36).then(|| uuid::Uuid::try_parse(text).ok()).flatten().map(|uuid| uuid.to_string())
}
