//! The lists that others publish, in their forms.

use serde_json::Value;

use super::{
    Added, DocumentList, Error, MAX_DOCUMENT_KEYS, MAX_ISSUERS, MAX_LISTS, TrustStore, set_keys, set_revocations,
};
use crate::card;
use crate::hcert::{self, DocumentKey, Kind};

/// The longest name of an issuer that is kept, in characters.
const MAX_NAME: usize = 200;

pub(super) fn add_directory(store: &mut TrustStore, source: &str, json: &[u8], as_of: i64) -> Result<Added, Error> {
    let list: Value = serde_json::from_slice(json).map_err(|_| Error::UnknownForm)?;
    let issuers = list.get("participating_issuers").and_then(Value::as_array).ok_or(Error::UnknownForm)?;
    let items = issuers.iter().map(|issuer| (issuer, None)).collect();
    add_issuers(store, source, items, as_of)
}

pub(super) fn add_snapshot(store: &mut TrustStore, source: &str, json: &[u8], as_of: i64) -> Result<Added, Error> {
    let list: Value = serde_json::from_slice(json).map_err(|_| Error::UnknownForm)?;
    let infos = list.as_array().or_else(|| list.get("issuerInfo")?.as_array()).ok_or(Error::UnknownForm)?;
    let items = infos.iter().filter_map(|info| Some((info.get("issuer")?, Some(info)))).collect();
    add_issuers(store, source, items, as_of)
}

fn add_issuers(
    store: &mut TrustStore,
    source: &str,
    items: Vec<(&Value, Option<&Value>)>,
    as_of: i64,
) -> Result<Added, Error> {
    let good = |url: &&str| card::check_issuer(url).is_none();
    let url_of = |issuer: &Value| issuer.get("iss").and_then(Value::as_str).filter(good).map(str::to_owned);
    let named: Vec<_> = items.iter().filter_map(|(issuer, info)| Some((url_of(issuer)?, *issuer, *info))).collect();
    if named.is_empty() {
        return Err(Error::Empty);
    }
    let new = named.iter().filter(|(url, ..)| !store.issuers.contains_key(url)).count();
    if store.issuers.len().saturating_add(new) > MAX_ISSUERS {
        return Err(Error::TooLong { limit: MAX_ISSUERS });
    }
    for entry in store.issuers.values_mut() {
        entry.lists.remove(source);
    }
    for (url, issuer, info) in &named {
        let entry = store.entry(url)?;
        entry.lists.insert(source.to_owned());
        entry.issuer.name = text(issuer, "name").or(entry.issuer.name.take());
        entry.canonical = issuer
            .get("canonical_iss")
            .and_then(Value::as_str)
            .filter(good)
            .map(str::to_owned)
            .or(entry.canonical.take());
        if let Some(jwks) = info.and_then(|info| info.get("keys")).and_then(Value::as_array) {
            let (keys, _) = card::check_keys(jwks, Some(url), None);
            // An issuer whose keys could not be had when the snapshot was taken keeps those that are known.
            if !keys.is_empty() {
                set_keys(entry, keys, as_of);
            }
        }
        for crl in info.and_then(|info| info.get("crls")).and_then(Value::as_array).into_iter().flatten() {
            if let (Some(list), _) = card::check_revocation_value(crl, None, None) {
                set_revocations(&mut entry.issuer, list);
            }
        }
    }
    for entry in store.issuers.values_mut() {
        entry.issuer.listed = !entry.lists.is_empty();
    }
    store.directories.insert(source.to_owned(), as_of);
    Ok(Added { taken: named.len(), passed_over: items.len() - named.len() })
}

fn text(value: &Value, member: &str) -> Option<String> {
    let text = value.get(member)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect())
}

pub(super) fn add_document_keys(store: &mut TrustStore, source: &str, json: &[u8], as_of: i64) -> Result<Added, Error> {
    if !store.documents.contains_key(source) && store.documents.len() >= MAX_LISTS {
        return Err(Error::TooLong { limit: MAX_LISTS });
    }
    // Germany's list has its signature in a line before the JSON.
    let start = json.iter().take(1024).position(|byte| matches!(byte, b'{' | b'[')).ok_or(Error::UnknownForm)?;
    let list: Value = serde_json::from_slice(json.get(start..).unwrap_or_default()).map_err(|_| Error::UnknownForm)?;
    let found = document_keys(&list).ok_or(Error::UnknownForm)?;
    let total = found.len();
    if total > MAX_DOCUMENT_KEYS {
        return Err(Error::TooLong { limit: MAX_DOCUMENT_KEYS });
    }
    let mut documents = DocumentList { as_of, ..DocumentList::default() };
    let mut taken = 0;
    for key in found.into_iter().flatten() {
        taken += 1;
        let known = documents.keys.entry(key.kid).or_default();
        // The same key may be on a list for each of several purposes.
        if !known.contains(&key) {
            known.push(key);
        }
    }
    if taken == 0 {
        return Err(Error::Empty);
    }
    store.documents.insert(source.to_owned(), documents);
    Ok(Added { taken, passed_over: total - taken })
}

/// The keys of a list, None for what is one and cannot be used; none at all if the form is not known.
fn document_keys(list: &Value) -> Option<Vec<Option<DocumentKey>>> {
    if let Some(methods) = list.get("verificationMethod").and_then(Value::as_array) {
        return Some(methods.iter().filter(|method| is_document_signer(method)).map(of_method).collect());
    }
    if let Some(items) = list.as_array().or_else(|| list.get("certificates")?.as_array()) {
        return Some(items.iter().filter(|item| is_signer_certificate(item)).map(of_gateway).collect());
    }
    if let Some(keys) = list.get("eu_keys").and_then(Value::as_object) {
        let each = keys
            .iter()
            .flat_map(|(kid, items)| items.as_array().into_iter().flatten().map(move |item| of_subject_key(kid, item)));
        return Some(each.collect());
    }
    if let Some(countries) = list.get("dsc_trust_list").and_then(Value::as_object) {
        let each = countries.iter().flat_map(|(country, list)| {
            let keys = list.get("keys").and_then(Value::as_array).into_iter().flatten();
            keys.map(move |jwk| with_country(DocumentKey::from_jwk(jwk)?, Some(country)))
        });
        return Some(each.collect());
    }
    let keys = list.get("keys").and_then(Value::as_array)?;
    Some(keys.iter().map(DocumentKey::from_jwk).collect())
}

/// WHO: the usage is a part of the method's name, `did:web:…:trustlist:DDCC:AUT:DSC#kid`.
fn is_document_signer(method: &Value) -> bool {
    let id = method.get("id").and_then(Value::as_str).unwrap_or_default();
    let name = id.split('#').next().unwrap_or_default();
    name.split([':', '/']).any(|part| part == "DSC")
}

/// The key's identifier is the fragment of the method's name, where the JWK does not have it.
fn of_method(method: &Value) -> Option<DocumentKey> {
    let mut jwk = method.get("publicKeyJwk")?.clone();
    if jwk.get("kid").is_none()
        && let Some((_, kid)) = method.get("id").and_then(Value::as_str).and_then(|id| id.split_once('#'))
    {
        jwk.as_object_mut()?.insert("kid".into(), kid.replace("%3D", "=").into());
    }
    DocumentKey::from_jwk(&jwk)
}

fn is_signer_certificate(item: &Value) -> bool {
    item.get("certificateType").and_then(Value::as_str).is_none_or(|kind| kind == "DSC")
}

fn of_gateway(item: &Value) -> Option<DocumentKey> {
    let certificate = ["rawData", "certificate", "publicKey"].iter().find_map(|name| item.get(name)?.as_str())?;
    let mut key = DocumentKey::from_certificate(&hcert::base64(certificate)?)?;
    if let Some(kid) = item.get("kid").and_then(Value::as_str).and_then(hcert::base64) {
        key.kid = kid.try_into().ok()?;
    }
    with_country(key, item.get("country").and_then(Value::as_str))
}

fn of_subject_key(kid: &str, item: &Value) -> Option<DocumentKey> {
    let kid = hcert::base64(kid)?.try_into().ok()?;
    let mut key = DocumentKey::from_spki(kid, &hcert::base64(item.get("subjectPk")?.as_str()?)?)?;
    for usage in item.get("keyUsage").and_then(Value::as_array).into_iter().flatten() {
        key.kinds.extend(match usage.as_str() {
            Some("v") => Some(Kind::Vaccination),
            Some("t") => Some(Kind::Test),
            Some("r") => Some(Kind::Recovery),
            _ => None,
        });
    }
    Some(key)
}

fn with_country(mut key: DocumentKey, country: Option<&str>) -> Option<DocumentKey> {
    if let Some(country) =
        country.filter(|country| country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic()))
    {
        key.country = Some(country.to_ascii_uppercase());
    }
    Some(key)
}
