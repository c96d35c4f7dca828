//! References: from how each source wrote them to entries of the Bundle, or to words.

use std::collections::HashMap;

use serde_json::{Map, Value};

pub(super) use crate::references::named_type;
use crate::references::{base_of, without_version};

/// All names by which the records of a request are referred to.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    names: HashMap<String, Option<usize>>,
}

impl Addresses {
    /// Enters a record: its `fullUrl`, its `Type/id`, and its UUID where the id is one.
    pub(super) fn add(&mut self, position: usize, full_url: Option<&str>, resource_type: &str, id: Option<&str>) {
        if let Some(url) = full_url {
            self.name(without_version(url).to_owned(), position);
        }
        if let Some(id) = id {
            self.name(format!("{resource_type}/{id}"), position);
            if id.len() == 36 && uuid::Uuid::try_parse(id).is_ok() {
                self.name(format!("urn:uuid:{id}"), position);
            }
        }
    }

    /// A name that two records answer to means neither: better a reference in words than to the wrong thing.
    fn name(&mut self, name: String, position: usize) {
        self.names
            .entry(name)
            .and_modify(|known| *known = known.filter(|known| *known == position))
            .or_insert(Some(position));
    }

    /// The record a reference means, as its source (with that `fullUrl`) wrote it. Relative references are looked for
    /// at the source's own base first (<https://hl7.org/fhir/R4/bundle.html#references>).
    pub(super) fn resolve(&self, reference: &str, source: Option<&str>) -> Option<usize> {
        let reference = without_version(reference);
        let find = |name: &str| self.names.get(name).copied().flatten();
        if let Some(base) = source.and_then(base_of)
            && !reference.contains(':')
            && let Some(position) = find(&format!("{base}{reference}"))
        {
            return Some(position);
        }
        if let Some(position) = find(reference) {
            return Some(position);
        }
        // An absolute reference into a server whose records came without their addresses (NDJSON).
        let absolute = reference.starts_with("http://") || reference.starts_with("https://");
        let mut parts = reference.rsplit('/');
        let (id, resource_type) = (parts.next()?, parts.next()?);
        if absolute { find(&format!("{resource_type}/{id}")) } else { None }
    }
}

/// Where a reference leads.
pub(super) enum Destination {
    /// To an entry of the Bundle: its `fullUrl`, and words for it where the source has none.
    Entry {
        /// `urn:uuid:…`
        full_url: String,
        /// What a person calls the entry.
        display: Option<String>,
    },
    /// Nowhere in the Bundle.
    Nowhere,
}

/// Rewrites every reference in a resource. `lead` says where one leads; references to contained resources stay.
pub(super) fn rewrite(resource: &mut Map<String, Value>, lead: &dyn Fn(&str) -> Destination) {
    resource.retain(|name, value| {
        walk(value, lead);
        // A resource's own references may go when they lead nowhere and say nothing. Those that FHIR requires stay.
        !(is_blank_reference(value) && name != "medicationReference" && name != "device")
    });
    for (_, value) in resource.iter_mut() {
        fill_blanks(value);
    }
}

fn walk(value: &mut Value, lead: &dyn Fn(&str) -> Destination) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, lead)),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("reference") {
                let reference = reference.clone();
                redirect(members, &reference, lead);
            }
            members.iter_mut().for_each(|(_, member)| walk(member, lead));
        }
        _ => {}
    }
}

fn redirect(members: &mut Map<String, Value>, reference: &str, lead: &dyn Fn(&str) -> Destination) {
    if reference.starts_with('#') {
        return;
    }
    match lead(reference) {
        Destination::Entry { full_url, display } => {
            members.insert("reference".to_owned(), Value::String(full_url));
            if let Some(display) = display
                && !members.contains_key("display")
            {
                members.insert("display".to_owned(), Value::String(display));
            }
        }
        Destination::Nowhere => {
            members.shift_remove("reference");
            members.shift_remove("_reference");
            // `Practitioner?identifier=system|value` is an identifier, and says so better in its own place.
            if let Some((resource_type, query)) = reference.split_once("?identifier=")
                && let Some((system, value)) = query.split_once('|')
                && !members.contains_key("identifier")
                && system.contains(':')
                && !value.is_empty()
            {
                members.entry("type").or_insert_with(|| Value::String(resource_type.to_owned()));
                members.insert("identifier".to_owned(), serde_json::json!({"system": system, "value": value}));
            }
            if members.is_empty() {
                let words =
                    named_type(reference).map_or("Not included".to_owned(), |name| format!("{name} (not included)"));
                members.insert("display".to_owned(), Value::String(words));
                members.insert(BLANK.to_owned(), Value::Bool(true));
            }
        }
    }
}

/// Marks, while rewriting, a reference that had nothing but its address.
const BLANK: &str = "\u{0}blank";

fn is_blank_reference(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_blank_reference),
        Value::Object(members) => members.contains_key(BLANK),
        _ => false,
    }
}

fn fill_blanks(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(fill_blanks),
        Value::Object(members) => {
            members.shift_remove(BLANK);
            members.iter_mut().for_each(|(_, member)| fill_blanks(member));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_of_referring_resolves() {
        let mut addresses = Addresses::default();
        let uuid = "4b86befa-fa7e-9285-615f-e081dab3f93c";
        addresses.add(0, Some(&format!("urn:uuid:{uuid}")), "Patient", Some(uuid));
        addresses.add(1, Some("https://a.example/fhir/Practitioner/1/_history/2"), "Practitioner", Some("1"));
        addresses.add(2, Some("https://b.example/fhir/Practitioner/1"), "Practitioner", Some("1"));
        addresses.add(3, None, "Organization", Some("x"));
        let resolve = |reference: &str, source: Option<&str>| addresses.resolve(reference, source);
        assert_eq!(resolve(&format!("urn:uuid:{uuid}"), None), Some(0));
        assert_eq!(resolve(&format!("Patient/{uuid}"), None), Some(0));
        assert_eq!(resolve("https://a.example/fhir/Practitioner/1", None), Some(1));
        assert_eq!(resolve("Practitioner/1", Some("https://b.example/fhir/Observation/9")), Some(2));
        assert_eq!(resolve("Practitioner/1", None), None, "two answer to it");
        assert_eq!(resolve("Organization/x/_history/1", Some("urn:uuid:1")), Some(3));
        assert_eq!(resolve("https://c.example/Organization/x", None), Some(3));
        assert_eq!(resolve("Practitioner?identifier=a|b", None), None);
        assert_eq!(resolve("", None), None);
    }

    #[test]
    fn what_leads_nowhere_becomes_words() {
        let mut resource = json!({
            "encounter": {"reference": "Encounter/1"},
            "recorder": {"reference": "Practitioner/2", "display": "Dr Who"},
            "performer": [{"actor": {"reference": "Practitioner/3"}}, {"actor": {"reference": "Practitioner?identifier=http://npi|9"}}],
            "medicationReference": {"reference": "#m"},
        });
        rewrite(resource.as_object_mut().unwrap(), &|_| Destination::Nowhere);
        assert_eq!(
            resource,
            json!({
                "recorder": {"display": "Dr Who"},
                "performer": [
                    {"actor": {"display": "Practitioner (not included)"}},
                    {"actor": {"type": "Practitioner", "identifier": {"system": "http://npi", "value": "9"}}}
                ],
                "medicationReference": {"reference": "#m"},
            })
        );
    }
}
