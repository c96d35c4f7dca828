//! How records point to one another: what a record refers to, and by which names it is referred to itself.
//!
//! Both are plain strings that are equal where one record means the other. Whoever keeps records enters each under its
//! [`names`] and looks up what its page refers to ([`references`]), name by name, best first. A name that two records
//! answer to means neither; a reference whose names nobody answers to stays visible by its words.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{index::clip, json::Json};

/// The most references that are told of one record.
pub const MOST_REFERENCES: usize = 1000;
/// The most names of one record.
pub const MOST_NAMES: usize = 24;
/// The most bytes of a name.
const NAME_BYTES: usize = 512;

/// One reference in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Where it stands, FHIRPath-like: `encounter`, `result[3]`.
    pub path: String,
    /// As it is written; empty where there is only an identifier or words.
    pub written: String,
    /// The names by which what it means may be known, best first; empty where it leads to a contained resource or
    /// nowhere.
    pub names: Vec<String>,
    /// The id of the contained resource that it leads to.
    pub contained: Option<String>,
    /// The source's own words for it.
    pub display: Option<String>,
}

/// The names by which other records may refer to a record: its address without a version, its UUID, its type and id, and
/// its business identifiers in the form of conditional references (<https://hl7.org/fhir/R4/http.html#trules>).
pub fn names<J: Json>(resource: &J, full_url: Option<&str>) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |name: String| {
        if out.len() < MOST_NAMES && name.len() <= NAME_BYTES && !out.contains(&name) {
            out.push(name);
        }
    };
    if let Some(url) = full_url.map(without_version).filter(|url| url.contains(':')) {
        add(url.to_owned());
    }
    let Some(resource_type) = resource.text_at(&["resourceType"]) else { return out };
    if let Some(id) = resource.text_at(&["id"]) {
        if is_uuid(id) {
            add(format!("urn:uuid:{}", id.to_ascii_lowercase()));
        }
        add(format!("{resource_type}/{id}"));
    }
    for identifier in resource.each("identifier") {
        if let Some(value) = identifier.text_at(&["value"]) {
            add(conditional(resource_type, identifier.text_at(&["system"]).unwrap_or_default(), value));
        }
    }
    out
}

/// What a record refers to, in its own order. `full_url` is where it came from itself: relative references are looked
/// for there first (<https://hl7.org/fhir/R4/bundle.html#references>). Empty where the record is not JSON.
pub fn references(original: &[u8], full_url: Option<&str>) -> Vec<Reference> {
    let mut out = Vec::new();
    if let Ok(Value::Object(members)) = serde_json::from_slice(original) {
        for (name, value) in &members {
            walk(value, name, full_url.and_then(base_of), &mut out);
        }
    }
    out
}

/// Recursion is bounded by `serde_json`, which parses 128 levels at most.
fn walk(value: &Value, path: &str, base: Option<&str>, out: &mut Vec<Reference>) {
    match value {
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[{position}]"), base, out);
            }
        }
        Value::Object(members) => {
            if out.len() == MOST_REFERENCES {
                return;
            }
            if let Some(reference) = reference(value, path, base) {
                out.push(reference);
            }
            for (name, member) in members {
                if member.is_object() || member.is_array() {
                    walk(member, &format!("{path}.{name}"), base, out);
                }
            }
        }
        _ => {}
    }
}

/// A Reference by its shape: it has a `reference`, or an identifier and no more than a Reference has.
fn reference(value: &Value, path: &str, base: Option<&str>) -> Option<Reference> {
    let written = value.text_at(&["reference"]).unwrap_or_default();
    let known = ["id", "extension", "reference", "type", "identifier", "display"];
    let shaped = || value.as_object().is_some_and(|members| members.keys().all(|name| known.contains(&name.as_str())));
    let identified = value.get("identifier").is_some_and(Value::is_object) && shaped();
    if written.is_empty() && !identified {
        return None;
    }
    let mut names = Vec::new();
    let contained = written.strip_prefix('#').map(|id| clip(id, 64).to_owned());
    if contained.is_none() && !written.is_empty() && written.len() <= NAME_BYTES {
        names = names_of(written, base);
    }
    let resource_type = value.text_at(&["type"]).or_else(|| named_type(written));
    if let (Some(resource_type), Some(number)) = (resource_type, value.text_at(&["identifier", "value"])) {
        names.push(conditional(resource_type, value.text_at(&["identifier", "system"]).unwrap_or_default(), number));
    }
    Some(Reference {
        path: path.to_owned(),
        written: clip(written, NAME_BYTES).to_owned(),
        names,
        contained,
        display: value.text_at(&["display"]).map(|text| clip(text, NAME_BYTES).to_owned()),
    })
}

/// The names that a reference may mean, best first.
pub(crate) fn names_of(written: &str, base: Option<&str>) -> Vec<String> {
    let reference = without_version(written);
    if let Some(uuid) = reference.strip_prefix("urn:uuid:") {
        return vec![format!("urn:uuid:{}", uuid.to_ascii_lowercase())];
    }
    if reference.contains('?') || reference.starts_with("urn:") {
        return vec![reference.to_owned()];
    }
    let mut names = Vec::new();
    let absolute = reference.contains("://");
    if let (Some(base), false) = (base, absolute) {
        names.push(format!("{base}{reference}"));
    }
    names.push(reference.to_owned());
    let mut parts = reference.rsplit('/');
    if let (Some(id), Some(resource_type)) = (parts.next(), parts.next()) {
        if is_uuid(id) {
            names.push(format!("urn:uuid:{}", id.to_ascii_lowercase()));
        }
        // Records of that server may have come without their addresses.
        if absolute {
            names.push(format!("{resource_type}/{id}"));
        }
    }
    names
}

/// How a resource is referred to by a business identifier.
pub(crate) fn conditional(resource_type: &str, system: &str, value: &str) -> String {
    format!("{resource_type}?identifier={system}|{value}")
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// The kind of resource a reference names by its own text, if it does.
pub(crate) fn named_type(reference: &str) -> Option<&str> {
    let path = without_version(reference);
    let path = path.split('?').next().unwrap_or(path);
    let name = match path.rsplit_once('/') {
        Some((rest, _)) => rest.rsplit('/').next()?,
        None if reference.contains('?') => path,
        None => return None,
    };
    name.starts_with(|letter: char| letter.is_ascii_uppercase()).then_some(name)
}

/// Whether a reference may mean a Patient with a record of its own: what lies in the record itself is told by it, and what
/// names another kind is no person.
pub(crate) fn may_name_a_patient(reference: &str) -> bool {
    !reference.starts_with('#') && named_type(reference).is_none_or(|kind| kind == "Patient")
}

/// `https://server/fhir/` of `https://server/fhir/Observation/1`.
pub(crate) fn base_of(full_url: &str) -> Option<&str> {
    let url = without_version(full_url);
    if !url.starts_with("http") {
        return None;
    }
    let before_id = url.rfind('/')?;
    let before_type = url.get(..before_id)?.rfind('/')?;
    url.get(..=before_type)
}

/// `…/Observation/1/_history/3` names a version of `…/Observation/1`.
pub(crate) fn without_version(url: &str) -> &str {
    url.split("/_history/").next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Whether a reference, written in a record from `from`, means a resource known as `full_url`.
    fn means(reference: Value, from: Option<&str>, resource: &Value, full_url: Option<&str>) -> bool {
        let record = json!({"resourceType": "Observation", "subject": reference}).to_string();
        let found = references(record.as_bytes(), from);
        let names = names(resource, full_url);
        found.len() == 1 && found[0].names.iter().any(|name| names.contains(name))
    }

    #[test]
    fn every_way_of_referring_finds_its_record() {
        let uuid = "4b86befa-fa7e-9285-615f-e081dab3f93c";
        let by_uuid = json!({"resourceType": "Patient", "id": uuid});
        let numbered = json!({"resourceType": "Patient", "id": "1", "identifier": [{"system": "urn:s", "value": "9"}]});
        let at = |url: &str| json!({"reference": url});
        let here = Some("https://a/fhir/Patient/1");
        assert!(means(at(&format!("urn:uuid:{}", uuid.to_uppercase())), None, &by_uuid, None));
        assert!(means(at(&format!("Patient/{uuid}")), None, &by_uuid, Some(&format!("urn:uuid:{uuid}"))));
        assert!(means(at("Patient/1"), None, &numbered, None));
        assert!(means(at("Patient/1/_history/4"), None, &numbered, None));
        assert!(means(at("Patient/1"), Some("https://a/fhir/Observation/7"), &numbered, here));
        assert!(means(at("https://a/fhir/Patient/1/_history/2"), None, &numbered, here));
        assert!(means(at("https://a/fhir/Patient/1"), None, &numbered, None));
        assert!(means(at("Patient?identifier=urn:s|9"), None, &numbered, None));
        assert!(means(
            json!({"type": "Patient", "identifier": {"system": "urn:s", "value": "9"}}),
            None,
            &numbered,
            None
        ));
        assert!(!means(at("Patient/2"), None, &numbered, here));
        assert!(!means(at("Group/1"), None, &numbered, here));
        assert!(!means(json!({"display": "Ada"}), None, &numbered, here));
    }

    #[test]
    fn what_leads_elsewhere_stays_visible() {
        let record = json!({
            "resourceType": "DiagnosticReport",
            "identifier": [{"system": "urn:s", "value": "1", "assigner": {"display": "Clinic"}}],
            "result": [{"reference": "#r1"}, {"reference": "urn:oid:1.2.3", "display": "Glucose"}],
            "contained": [{"resourceType": "Observation", "id": "r1", "subject": {"reference": "Patient/1"}}],
        });
        let found = references(record.to_string().as_bytes(), None);
        let told: Vec<(&str, &str, Option<&str>)> =
            found.iter().map(|one| (one.path.as_str(), one.written.as_str(), one.contained.as_deref())).collect();
        assert_eq!(
            told,
            [
                ("result[0]", "#r1", Some("r1")),
                ("result[1]", "urn:oid:1.2.3", None),
                ("contained[0].subject", "Patient/1", None),
            ]
        );
        assert_eq!(
            (found[1].display.as_deref(), found[1].names.as_slice()),
            (Some("Glucose"), ["urn:oid:1.2.3".to_owned()].as_slice())
        );
        assert!(references(b"not json", None).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_as_a_reference_is_told_once(text in "\\PC{1,40}", from in prop::option::of("\\PC{0,30}")) {
            let record = json!({"resourceType": "Basic", "subject": {"reference": text}}).to_string();
            let found = references(record.as_bytes(), from.as_deref());
            prop_assert_eq!(found.len(), usize::from(!text.trim().is_empty()));
        }
    }
}
