//! The records of a SMART Health Card: its Bundle's resources, with ids and references of their own.

use std::collections::HashMap;

use serde_json::Value;
use smart_health::card::Payload;

use crate::{
    convert::{Resource, derive_id},
    import::{Limits, SkipReason},
};

/// An entry of the card.
pub(super) struct FoundEntry {
    /// `fhirBundle.entry[1]`.
    pub(super) place: String,
    /// Its record.
    pub(super) resource: Result<Resource, SkipReason>,
}

/// All entries of a card, in order.
pub(super) fn resources(payload: &Payload, kid: &str, limits: &Limits) -> Vec<FoundEntry> {
    let entries = payload.bundle.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let ids = ids(entries, &payload.issuer, kid);
    let targets = targets(entries, &ids);
    entries
        .iter()
        .zip(&ids)
        .enumerate()
        .map(|(at, (entry, id))| FoundEntry {
            place: format!("fhirBundle.entry[{at}]"),
            resource: resource(entry, id, &targets, limits),
        })
        .collect()
}

/// An id for each entry, from the issuer, the key, the patient and the content: a card that is issued again with one
/// record more leaves the others what they were.
fn ids(entries: &[Value], issuer: &str, kid: &str) -> Vec<String> {
    let text = |entry: &Value| entry.get("resource").map(Value::to_string).unwrap_or_default();
    let is_patient = |entry: &&Value| entry.pointer("/resource/resourceType").is_some_and(|kind| kind == "Patient");
    let patient = entries.iter().find(is_patient).map(text).unwrap_or_default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    entries
        .iter()
        .map(|entry| {
            let text = text(entry);
            let id = derive_id(&["SMART Health Card", issuer, kid, &patient, &text]);
            let times = seen.entry(id.clone()).and_modify(|times| *times += 1).or_insert(1);
            // The same content twice in a card is two records.
            if *times == 1 {
                return id;
            }
            derive_id(&["SMART Health Card", issuer, kid, &patient, &text, &times.to_string()])
        })
        .collect()
}

/// What references to an entry look like in the card, and its id.
fn targets(entries: &[Value], ids: &[String]) -> HashMap<String, String> {
    let mut targets = HashMap::new();
    for (entry, id) in entries.iter().zip(ids) {
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
        if let Some(url) = text("/fullUrl") {
            targets.insert(url.to_owned(), id.clone());
        }
        if let (Some(kind), Some(own)) = (text("/resource/resourceType"), text("/resource/id")) {
            targets.entry(format!("{kind}/{own}")).or_insert_with(|| id.clone());
        }
    }
    targets
}

fn resource(
    entry: &Value,
    id: &str,
    targets: &HashMap<String, String>,
    limits: &Limits,
) -> Result<Resource, SkipReason> {
    let resource = entry.get("resource").and_then(Value::as_object).ok_or(SkipReason::NoResource)?;
    let kind = resource.get("resourceType").cloned().ok_or(SkipReason::NoResourceType)?;
    if kind == "OperationOutcome" {
        return Err(SkipReason::ServerMessage);
    }
    if depth(entry) > limits.depth {
        return Err(SkipReason::TooDeep { limit: limits.depth });
    }
    let mut out = Resource::new();
    out.insert("resourceType".into(), kind);
    out.insert("id".into(), id.into());
    for (name, value) in resource {
        if name != "resourceType" && name != "id" {
            let mut value = value.clone();
            rewrite(&mut value, targets);
            out.insert(name.clone(), value);
        }
    }
    Ok(out)
}

/// Lets references point to the new ids. JSON that was read is nested 128 deep at the most.
fn rewrite(value: &mut Value, targets: &HashMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, targets)),
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(reference) if name == "reference" => {
                        if let Some(id) = targets.get(reference.as_str()) {
                            *reference = format!("urn:uuid:{id}");
                        }
                    }
                    other => rewrite(other, targets),
                }
            }
        }
        _ => {}
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
