//! The store as JSON: what a wallet keeps between updates.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DocumentList, Error, MAX_DOCUMENT_KEYS, MAX_ISSUERS, MAX_LISTS, MAX_REVOKED, TrustStore};
use crate::card;
use crate::hcert::{DocumentKey, Kind};

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Cache {
    version: u32,
    #[serde(default)]
    directories: Vec<Directory>,
    #[serde(default)]
    issuers: Vec<Issuer>,
    #[serde(default)]
    documents: Vec<Documents>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    /// Hashes of revoked certificates one after another, base64.
    #[serde(default)]
    revoked: String,
}

#[derive(Serialize, Deserialize)]
struct Directory {
    source: String,
    as_of: i64,
}

#[derive(Serialize, Deserialize)]
struct Issuer {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    canonical: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    lists: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys_as_of: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<Value>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    crls: Vec<Value>,
}

#[derive(Serialize, Deserialize)]
struct Documents {
    source: String,
    as_of: i64,
    keys: Vec<Key>,
}

#[derive(Serialize, Deserialize)]
struct Key {
    kid: String,
    spki: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// `v`, `t`, `r`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    kinds: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validity: Option<(i64, i64)>,
}

pub(super) fn write(store: &TrustStore) -> String {
    let cache = Cache {
        version: VERSION,
        directories: store
            .directories
            .iter()
            .map(|(source, as_of)| Directory { source: source.clone(), as_of: *as_of })
            .collect(),
        issuers: store
            .issuers
            .values()
            .map(|entry| Issuer {
                url: entry.issuer.url.clone(),
                name: entry.issuer.name.clone(),
                canonical: entry.canonical.clone(),
                lists: entry.lists.clone(),
                keys_as_of: entry.keys_as_of,
                keys: entry.issuer.keys.as_ref().map(|keys| keys.iter().map(card::IssuerKey::to_jwk).collect()),
                crls: entry.issuer.revocations.iter().map(card::RevocationList::to_json).collect(),
            })
            .collect(),
        documents: store
            .documents
            .iter()
            .map(|(source, list)| Documents {
                source: source.clone(),
                as_of: list.as_of,
                keys: list.keys.values().flatten().map(write_key).collect(),
            })
            .collect(),
        tags: store.tags.clone(),
        revoked: STANDARD.encode(store.revoked.iter().flatten().copied().collect::<Vec<u8>>()),
    };
    // Texts, numbers and JSON always serialise.
    serde_json::to_string(&cache).unwrap_or_default()
}

fn write_key(key: &DocumentKey) -> Key {
    let letter = |kind: &Kind| match kind {
        Kind::Vaccination => 'v',
        Kind::Test => 't',
        Kind::Recovery => 'r',
    };
    Key {
        kid: STANDARD.encode(key.kid),
        spki: STANDARD.encode(key.spki()),
        country: key.country.clone(),
        kinds: key.kinds.iter().map(letter).collect(),
        validity: key.validity,
    }
}

pub(super) fn read(json: &str) -> Result<TrustStore, Error> {
    let cache: Cache = serde_json::from_str(json).map_err(|_| Error::Cache)?;
    let keys: usize = cache.documents.iter().map(|list| list.keys.len()).max().unwrap_or(0);
    if cache.version != VERSION
        || cache.issuers.len() > MAX_ISSUERS
        || cache.documents.len() > MAX_LISTS
        || keys > MAX_DOCUMENT_KEYS
    {
        return Err(Error::Cache);
    }
    let mut store = TrustStore::default();
    store.directories.extend(cache.directories.into_iter().map(|directory| (directory.source, directory.as_of)));
    store.tags = cache.tags;
    for issuer in cache.issuers {
        let entry = store.entry(&issuer.url)?;
        entry.issuer.name = issuer.name;
        entry.issuer.listed = !issuer.lists.is_empty();
        entry.canonical = issuer.canonical;
        entry.lists = issuer.lists;
        entry.keys_as_of = issuer.keys_as_of;
        entry.issuer.keys = issuer.keys.map(|keys| card::check_keys(&keys, None, None).0);
        for crl in &issuer.crls {
            entry.issuer.revocations.extend(card::check_revocation_value(crl, None, None).0);
        }
    }
    for list in cache.documents {
        let mut documents = DocumentList { as_of: list.as_of, ..DocumentList::default() };
        for key in list.keys {
            let key = read_key(key).ok_or(Error::Cache)?;
            documents.keys.entry(key.kid).or_default().push(key);
        }
        store.documents.insert(list.source, documents);
    }
    let revoked = STANDARD.decode(cache.revoked).map_err(|_| Error::Cache)?;
    if revoked.len() / 16 > MAX_REVOKED || revoked.len() % 16 != 0 {
        return Err(Error::Cache);
    }
    store.revoked.extend(revoked.chunks_exact(16).filter_map(|hash| hash.first_chunk().copied()));
    Ok(store)
}

fn read_key(key: Key) -> Option<DocumentKey> {
    let kid = STANDARD.decode(key.kid).ok()?.try_into().ok()?;
    let mut out = DocumentKey::from_spki(kid, &STANDARD.decode(key.spki).ok()?)?;
    out.country = key.country;
    out.validity = key.validity;
    for letter in key.kinds.chars() {
        out.kinds.push(match letter {
            'v' => Kind::Vaccination,
            't' => Kind::Test,
            'r' => Kind::Recovery,
            _ => return None,
        });
    }
    Some(out)
}
