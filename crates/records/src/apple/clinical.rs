//! Clinical records that Apple fetched from hospitals: FHIR JSON files beside the export, and what the export says of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    AppleReason,
    out::{Out, Person},
};
use crate::{
    build::{self, coding, object, put},
    convert::{Attachment, Resource, binary_reference, derive_id},
    import::NarrativeReason,
    older::{self, Version},
    sensitivity::Parts,
};

/// The most bytes of one file.
pub(super) const FILE_BYTES: usize = 4 << 20;
/// The most bytes of all files, packed, that wait for the export to tell what they are.
const WAITING_BYTES: usize = 48 << 20;

/// The most records that an export tells of.
const TOLD: usize = 50_000;

/// What an export's `ClinicalRecord` says of a file.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) fhir_version: String,
    pub(super) url: String,
    pub(super) source: String,
    pub(super) kind: String,
}

/// Files and what is told of them, which come in any order.
#[derive(Debug, Default)]
pub(super) struct Clinical {
    /// By the file's name without folders.
    told: BTreeMap<String, Told>,
    files: BTreeMap<String, Vec<u8>>,
    waiting: usize,
    beyond: u64,
}

/// A file's name without its folders: `/clinical-records/Condition-1.json` in the export is
/// `apple_health_export/clinical-records/Condition-1.json` in the archive.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

impl Clinical {
    pub(super) fn tell(&mut self, path: &str, told: Told) {
        if self.told.len() < TOLD && path.len() <= 500 {
            self.told.insert(base_name(path).to_owned(), told);
        } else {
            self.beyond += 1;
        }
    }

    /// Keeps a file until the export is read.
    pub(super) fn keep(&mut self, name: &str, bytes: &[u8]) {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
        let packed = packer.write_all(bytes).ok().and_then(|()| packer.finish().ok());
        match packed {
            Some(packed) if self.waiting + packed.len() <= WAITING_BYTES => {
                self.waiting += packed.len();
                self.files.insert(name.to_owned(), packed);
            }
            _ => self.beyond += 1,
        }
    }

    /// Hands over every file as what it is.
    pub(super) fn finish(self, person: &Person, out: &mut Out<'_, '_>) {
        let mut ids = BTreeMap::new();
        for (name, packed) in &self.files {
            if let (Some(told), Some((_, resource))) = (self.told.get(base_name(name)), unpack(packed))
                && let (Some(kind), Some(id)) = (text(&resource, "resourceType"), text(&resource, "id"))
                && let key = (told.source.clone(), format!("{kind}/{id}"))
                && r4(told, resource).is_some()
            {
                ids.insert(key, record_id(told, base_name(name)));
            }
        }
        for (name, packed) in &self.files {
            if *out.stopped {
                return;
            }
            let Some((bytes, resource)) = unpack(packed) else {
                out.skip(name, AppleReason::NotFhir);
                continue;
            };
            let told = self.told.get(base_name(name));
            let made = told.and_then(|told| {
                let mut linked = resource.clone();
                linked.values_mut().for_each(|value| link(value, &told.source, &ids, 0));
                Some((told, r4(told, linked)?))
            });
            match made {
                Some((told, mut resource)) => {
                    let id = record_id(told, base_name(name));
                    resource.insert("id".to_owned(), id.into());
                    if !told.url.is_empty() {
                        let meta = resource.entry("meta").or_insert_with(|| json!({}));
                        if let Some(meta) = meta.as_object_mut() {
                            meta.entry("source").or_insert_with(|| told.url.as_str().into());
                        }
                    }
                    out.resource(resource, name.clone());
                }
                None => kept_whole(name, &bytes, &resource, told, person, out),
            }
        }
        let there: BTreeSet<&str> = self.files.keys().map(|file| base_name(file)).collect();
        for name in self.told.keys() {
            if !there.contains(name.as_str()) && !*out.stopped {
                out.skip(&format!("clinical-records/{name}"), AppleReason::FileMissing);
            }
        }
        if self.beyond > 0 {
            out.skip("clinical-records", AppleReason::TooMany { count: self.beyond, limit: TOLD });
        }
    }
}

/// A record in R4, if it is in that or can be said in it.
fn r4(told: &Told, resource: Resource) -> Option<Resource> {
    match told.fhir_version.as_str() {
        version if version.starts_with("4.") => Some(resource),
        version => older::to_r4(Version::of_number(version)?, resource),
    }
}

/// The same for every export: where the record came from, else its file.
fn record_id(told: &Told, file: &str) -> String {
    let origin = if told.url.is_empty() { file } else { &told.url };
    derive_id(&["apple-health", "clinical-record", &told.source, origin])
}

fn text<'r>(resource: &'r Resource, name: &str) -> Option<&'r str> {
    resource.get(name).and_then(Value::as_str)
}

/// The file and the resource in it; `None` if there is none.
fn unpack(packed: &[u8]) -> Option<(Vec<u8>, Resource)> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed).take(FILE_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    let Ok(Value::Object(resource)) = serde_json::from_slice(&bytes) else { return None };
    text(&resource, "resourceType").filter(|kind| kind.chars().all(|letter| letter.is_ascii_alphabetic()))?;
    Some((bytes, resource))
}

/// Points references at the records of the same source that are in this export; others stay as they are.
fn link(value: &mut Value, source: &str, ids: &BTreeMap<(String, String), String>, depth: usize) {
    if depth > crate::import::MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| link(item, source, ids, depth + 1)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(reference) if name == "reference" => {
                        if let Some(id) = ids.get(&(source.to_owned(), reference.clone())) {
                            *reference = format!("urn:uuid:{id}");
                        }
                    }
                    _ => link(member, source, ids, depth + 1),
                }
            }
        }
        _ => {}
    }
}

/// A record of a version that nobody told, or that R4 cannot say: kept whole, as a document with its narrative.
fn kept_whole(
    name: &str,
    bytes: &[u8],
    resource: &Resource,
    told: Option<&Told>,
    person: &Person,
    out: &mut Out<'_, '_>,
) {
    let sha256: [u8; 32] = Sha256::digest(bytes).into();
    let kind = told.map(|told| told.kind.as_str()).filter(|kind| !kind.is_empty());
    let kind = kind.or_else(|| text(resource, "resourceType")).unwrap_or("Clinical record");
    let kind = super::tables::words(kind);
    let id = match told {
        Some(told) => record_id(told, base_name(name)),
        None => derive_id(&["apple-health", "clinical-file", &binary_reference(&sha256)]),
    };
    let mut document = object(json!({
        "resourceType": "DocumentReference",
        "id": id,
        "status": "current",
        "type": {"text": kind},
    }));
    put(&mut document, "subject", person.reference());
    let said = resource
        .get("text")
        .and_then(|text| text.get("div"))
        .and_then(Value::as_str)
        .map(|div| crate::display::narrative_text(div, 2000));
    put(&mut document, "description", said.and_then(|said| build::text(&said, 2000)).map(Value::from));
    let version = told.map_or("not stated", |told| told.fhir_version.as_str());
    document.insert(
        "content".to_owned(),
        json!([{
            "attachment": {
                "contentType": "application/fhir+json",
                "url": binary_reference(&sha256),
                "title": build::text(&format!("{kind} (FHIR version {version})"), 200),
            },
            "format": coding("http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
                "urn:ihe:iti:xds:2017:mimeTypeSufficient", "mimeType Sufficient"),
        }]),
    );
    let mut parts = Parts::default();
    parts.add(&mut resource.clone());
    parts.label(&mut document);
    out.attachment(Attachment { sha256, media_type: "application/fhir+json", bytes });
    out.document(document, name.to_owned(), NarrativeReason::OlderFhir);
}
