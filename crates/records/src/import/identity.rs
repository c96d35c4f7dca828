//! What makes two entries the same record: a name that stays when its content is corrected and that no other record has.

use sha2::{Digest, Sha256};

use crate::{
    json::{Json, Node},
    references::without_version,
};

/// SHA-256 over the kind of resource and the first of these that there is:
/// 1. an absolute `fullUrl` without its version, or a UUID that stands in its place as `id`;
/// 2. `id` with what tells apart the two servers that both have an `Observation/1`: whose record it is, and its first
///    business identifier where it is nobody's;
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
        let owner =
            ["subject", "patient", "beneficiary"].iter().find_map(|name| resource.text_at(&[name, "reference"]));
        match owner {
            Some(owner) => part(owner.as_bytes()),
            None => {
                part(resource.text_at(&["identifier", "system"]).unwrap_or_default().as_bytes());
                part(resource.text_at(&["identifier", "value"]).unwrap_or_default().as_bytes());
            }
        }
    } else {
        part(b"content");
        part(original);
    }
    hash.finalize().into()
}

fn is_absolute(url: &str) -> bool {
    ["urn:uuid:", "urn:oid:", "https://", "http://"].iter().any(|scheme| url.starts_with(scheme))
}

/// A UUID in its canonical lower-case form.
fn as_uuid(text: &str) -> Option<String> {
    (text.len() == 36).then(|| uuid::Uuid::try_parse(text).ok()).flatten().map(|uuid| uuid.to_string())
}
