//! References: from how each source wrote them to entries of the Bundle, or to words.

use std::collections::HashMap;

use serde_json::{Map, Value};

pub(super) use crate::references::named_type;
use crate::{
    json::Json,
    references::{base_of, without_version},
};

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

    /// Enters the Patient, by every name: identifiers too.
    pub(super) fn add_patient(&mut self, position: usize, full_url: Option<&str>, patient: &Value) {
        for name in crate::references::names(patient, full_url) {
            self.name(name, position);
        }
        self.add(position, full_url, "Patient", patient.text_at(&["id"]));
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
    /// To a record that is held back: nothing is said of it.
    Withheld,
}

/// What a reference is, while rewriting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    /// It had nothing but its address, or words that stay behind.
    Empty,
    /// It led to a record that is held back.
    Withheld,
}

/// Rewrites every reference in a resource. `lead` says where one leads; references to contained resources stay.
///
/// Of a reference that leads nowhere the words stay where it means somebody, a place or a thing ("Dr Who"). Words for
/// another clinical record ("see HIV test of May") stay behind with that record: whether they may be read was not asked.
pub(super) fn rewrite(resource: &mut Map<String, Value>, lead: &dyn Fn(&str) -> Destination) {
    resource.retain(|name, value| {
        walk(name, value, lead);
        // A resource's own references may go when they lead nowhere and say nothing. Those that FHIR requires stay.
        blank(value).is_none() || matches!(name.as_str(), "medicationReference" | "device")
    });
}

/// Gives the references that FHIR requires, and that have become blank, words that say so.
pub(super) fn fill_blanks(resource: &mut Map<String, Value>) {
    resource.iter_mut().for_each(|(_, value)| fill(value));
}

fn walk(name: &str, value: &mut Value, lead: &dyn Fn(&str) -> Destination) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(name, item, lead)),
        Value::Object(members) => {
            if is_reference(name, members) {
                redirect(name, members, lead);
            }
            members.iter_mut().for_each(|(name, member)| walk(name, member, lead));
        }
        _ => {}
    }
}

/// A Reference by its shape: it has an address; or an identifier and no more than a Reference has; or stands, with words
/// alone, where anything but somebody, a place or a thing may be named.
fn is_reference(name: &str, members: &Map<String, Value>) -> bool {
    if members.get("reference").is_some_and(Value::is_string) {
        return true;
    }
    let shaped = members
        .keys()
        .all(|name| matches!(name.as_str(), "id" | "extension" | "reference" | "type" | "identifier" | "display"));
    let words = members.get("display").is_some_and(Value::is_string) && !is_coding(name);
    shaped && (members.get("identifier").is_some_and(Value::is_object) || (words && !names_a_thing(name)))
}

/// Members that are Codings, which may have words alone as well.
fn is_coding(name: &str) -> bool {
    name.ends_with("oding") || matches!(name, "class" | "security" | "securityLabel" | "tag")
}

/// Members that name people, places and things, in R4. Any other names another clinical record, or may.
fn names_a_thing(name: &str) -> bool {
    matches!(
        name,
        "actor"
            | "agent"
            | "assembler"
            | "assessor"
            | "assigner"
            | "assertedBy"
            | "asserter"
            | "attester"
            | "authenticator"
            | "author"
            | "authorReference"
            | "beneficiary"
            | "careManager"
            | "careTeam"
            | "caregiver"
            | "collector"
            | "consentingParty"
            | "contributor"
            | "custodian"
            | "destination"
            | "device"
            | "dispenser"
            | "endpoint"
            | "enterer"
            | "evaluator"
            | "expressedBy"
            | "facility"
            | "generalPractitioner"
            | "handler"
            | "healthcareService"
            | "individual"
            | "informant"
            | "informationSource"
            | "insurer"
            | "interpreter"
            | "itemReference"
            | "location"
            | "locationReference"
            | "managingOrganization"
            | "manipulated"
            | "manufacturer"
            | "medicationReference"
            | "member"
            | "onBehalfOf"
            | "operator"
            | "organization"
            | "origin"
            | "owner"
            | "participant"
            | "party"
            | "patient"
            | "payee"
            | "payor"
            | "performer"
            | "policyHolder"
            | "practitioner"
            | "provider"
            | "receiver"
            | "recipient"
            | "recorder"
            | "requester"
            | "requestor"
            | "responsibleParty"
            | "resultsInterpreter"
            | "sender"
            | "serviceProvider"
            | "source"
            | "specimen"
            | "subject"
            | "subscriber"
            | "substanceReference"
            | "supplier"
            | "team"
            | "usedReference"
            | "verifiedWith"
            | "who"
    )
}

/// Kinds of resource whose names are told by who refers to them, be they in the output or not: people, organisations,
/// places, things. Held back ones must be named in [`OutRequest::withheld`](super::OutRequest::withheld).
pub fn may_be_named(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "Practitioner"
            | "PractitionerRole"
            | "Organization"
            | "Location"
            | "HealthcareService"
            | "CareTeam"
            | "Patient"
            | "RelatedPerson"
            | "Person"
            | "Group"
            | "Device"
            | "DeviceDefinition"
            | "Medication"
            | "Substance"
            | "Specimen"
            | "Endpoint"
    )
}

fn redirect(name: &str, members: &mut Map<String, Value>, lead: &dyn Fn(&str) -> Destination) {
    let reference = members.get("reference").and_then(Value::as_str).unwrap_or_default().to_owned();
    if reference.starts_with('#') {
        return;
    }
    let destination = if reference.is_empty() { Destination::Nowhere } else { lead(&reference) };
    match destination {
        Destination::Entry { full_url, display } => {
            members.insert("reference".to_owned(), Value::String(full_url));
            if let Some(display) = display
                && !members.contains_key("display")
            {
                members.insert("display".to_owned(), Value::String(display));
            }
        }
        Destination::Withheld => {
            members.clear();
            members.insert(BLANK.to_owned(), Value::String(named_type(&reference).unwrap_or_default().to_owned()));
            members.insert(WITHHELD.to_owned(), Value::Bool(true));
        }
        Destination::Nowhere => {
            let said = members.get("type").and_then(Value::as_str).map(str::to_owned);
            let resource_type = named_type(&reference).map(str::to_owned).or(said);
            members.shift_remove("reference");
            members.shift_remove("_reference");
            if resource_type.as_deref().map_or_else(|| names_a_thing(name), may_be_named) {
                identify(members, &reference);
            } else {
                members.clear();
            }
            if members.is_empty() {
                members.insert(BLANK.to_owned(), Value::String(resource_type.unwrap_or_default()));
            }
        }
    }
}

/// `Practitioner?identifier=system|value` is an identifier, and says so better in its own place.
fn identify(members: &mut Map<String, Value>, reference: &str) {
    if let Some((resource_type, query)) = reference.split_once("?identifier=")
        && let Some((system, value)) = query.split_once('|')
        && !members.contains_key("identifier")
        && system.contains(':')
        && !value.is_empty()
    {
        members.entry("type").or_insert_with(|| Value::String(resource_type.to_owned()));
        members.insert("identifier".to_owned(), serde_json::json!({"system": system, "value": value}));
    }
}

/// Marks, while rewriting, a reference of which nothing is left; its value is the kind it led to.
const BLANK: &str = "\u{0}blank";
/// Marks one that led to what is held back.
const WITHHELD: &str = "\u{0}withheld";

/// Whether nothing is left of a reference, or of all of several.
pub(super) fn blank(value: &Value) -> Option<Blank> {
    match value {
        Value::Array(items) => {
            let all: Option<Vec<Blank>> = items.iter().map(blank).collect();
            all?.into_iter().next()
        }
        Value::Object(members) if members.contains_key(WITHHELD) => Some(Blank::Withheld),
        Value::Object(members) if members.contains_key(BLANK) => Some(Blank::Empty),
        _ => None,
    }
}

fn fill(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(fill),
        Value::Object(members) => {
            members.shift_remove(WITHHELD);
            if let Some(kind) = members.shift_remove(BLANK) {
                let kind = kind.as_str().unwrap_or_default();
                let words = if kind.is_empty() { "Not included".to_owned() } else { format!("{kind} (not included)") };
                members.insert("display".to_owned(), Value::String(words));
            }
            members.iter_mut().for_each(|(_, member)| fill(member));
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
        fill_blanks(resource.as_object_mut().unwrap());
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

    #[test]
    fn words_for_other_clinical_records_stay_behind() {
        let mut resource = json!({
            "reasonReference": [{"reference": "Condition/1", "display": "HIV"}, {"display": "HIV"}],
            "encounter": {"type": "Encounter", "identifier": {"value": "HIV-1"}, "display": "HIV clinic"},
            "basedOn": [{"reference": "urn:uuid:4b86befa-fa7e-9285-615f-e081dab3f93c", "display": "HIV test"}],
            "performer": [{"reference": "urn:uuid:4b86befa-fa7e-9285-615f-e081dab3f93d", "display": "Dr Who"}],
            "stage": [{"assessment": [{"reference": "Observation/1", "display": "HIV load"}]}, {"assessment": [{"display": "HIV load"}]}],
            "goal": [{"display": "HIV suppressed"}],
            "activity": [{"reference": {"display": "HIV test"}}],
            "diagnosis": [{"condition": {"display": "HIV"}, "use": {"coding": [{"display": "HIV words of a code"}]}}],
            "episodeOfCare": [{"display": "HIV programme"}],
            "class": {"display": "ambulatory"},
            "medicationReference": {"reference": "Medication/1", "display": "HIV medicine"},
        });
        let members = resource.as_object_mut().unwrap();
        let lead = |reference: &str| {
            if reference.starts_with("Medication/") { Destination::Withheld } else { Destination::Nowhere }
        };
        rewrite(members, &lead);
        assert!(blank(&members["medicationReference"]) == Some(Blank::Withheld));
        fill_blanks(members);
        assert_eq!(
            resource,
            json!({
                "performer": [{"display": "Dr Who"}],
                "stage": [
                    {"assessment": [{"display": "Observation (not included)"}]},
                    {"assessment": [{"display": "Not included"}]}
                ],
                "activity": [{"reference": {"display": "Not included"}}],
                "diagnosis": [
                    {"condition": {"display": "Not included"}, "use": {"coding": [{"display": "HIV words of a code"}]}}
                ],
                "class": {"display": "ambulatory"},
                "medicationReference": {"display": "Medication (not included)"},
            })
        );
    }
}
