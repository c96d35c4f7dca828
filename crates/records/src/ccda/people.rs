//! Those who wrote, did and vouched: participations to Practitioner, PractitionerRole, Organization, Device and
//! RelatedPerson ("C-CDA on FHIR", CF-participations).

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    Resource,
    contact::{addresses, name_line, names, telecoms},
    datatypes::{attribute, codeable, first_id, identifiers, put, put_list},
    text::Texts,
};
use crate::{convert::derive_id, xml::Node};

/// What kind of resource a person or thing became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhoKind {
    Practitioner,
    Organization,
    Device,
    RelatedPerson,
    Patient,
}

/// A reference to somebody.
#[derive(Debug, Clone)]
pub(super) struct Who {
    /// What it refers to.
    pub(super) kind: WhoKind,
    /// The Reference.
    pub(super) reference: Value,
}

/// Everybody whom a document names, each once.
#[derive(Debug, Default)]
pub(super) struct People<'d> {
    /// The resources and where each was named first.
    pub(super) resources: Vec<(Resource, Node<'d>)>,
    by_id: HashMap<String, usize>,
    /// For an id that is given without a name: who has that id and a name, elsewhere in the document.
    named: HashMap<(String, String), Node<'d>>,
}

const PEOPLE: [&str; 4] = ["assignedEntity", "assignedAuthor", "associatedEntity", "participantRole"];
const PERSONS: [&str; 5] =
    ["assignedPerson", "associatedPerson", "relatedPerson", "playingEntity", "informationRecipient"];

impl<'d> People<'d> {
    /// Looks through the document for who is named.
    pub(super) fn of(root: Node<'d>) -> People<'d> {
        let mut named = HashMap::new();
        for node in root.descendants().filter(|node| PEOPLE.contains(&node.name())) {
            if let Some(id) = first_id(node)
                && person(node).and_then(name_line).is_some()
            {
                named.entry(id).or_insert(node);
            }
        }
        People { resources: Vec::new(), by_id: HashMap::new(), named }
    }

    /// Who stands in an `assignedAuthor`, `assignedEntity`, `associatedEntity` or the like; `None` where nobody is told.
    pub(super) fn who(
        &mut self,
        entity: Node<'d>,
        patient: Option<&(String, String, Value)>,
        texts: &Texts<'d>,
    ) -> Option<Who> {
        if let (Some((root, extension, reference)), Some(id)) = (patient, first_id(entity))
            && (&id.0, &id.1) == (root, extension)
            && !extension.is_empty()
        {
            return Some(Who { kind: WhoKind::Patient, reference: reference.clone() });
        }
        if let Some(device) = entity.child("assignedAuthoringDevice") {
            return self.device(entity, device, texts);
        }
        let own_name = person(entity).and_then(name_line);
        let described = match (&own_name, first_id(entity)) {
            (None, Some(id)) if !is_placeholder(&id) => self.named.get(&id).copied().unwrap_or(entity),
            _ => entity,
        };
        let organization = ["representedOrganization", "receivedOrganization", "scopingOrganization"]
            .iter()
            .find_map(|name| entity.child(name));
        let organization = organization.and_then(|organization| self.organization(organization, texts));
        let name = person(described).and_then(name_line);
        if name.is_none() && (organization.is_some() || first_id(entity).is_none()) {
            return organization;
        }
        let id = match (first_id(entity), &name) {
            (Some(id), _) if id.0 == NPI && !is_placeholder(&id) => derive_id(&["C-CDA", "Practitioner", NPI, &id.1]),
            (Some((root, extension)), name) => derive_id(&[
                "C-CDA",
                "Practitioner",
                &root,
                &extension,
                &name.clone().unwrap_or_default().to_lowercase(),
            ]),
            (None, Some(name)) => {
                derive_id(&["C-CDA", "Practitioner", "", &name.to_lowercase(), &organization_name(entity)])
            }
            (None, None) => return None,
        };
        if !self.by_id.contains_key(&id) {
            let mut out = start("Practitioner", &id);
            put_list(&mut out, "identifier", identifiers(described));
            put_list(&mut out, "name", person(described).map(names).unwrap_or_default());
            put_list(&mut out, "telecom", telecoms(described));
            put_list(&mut out, "address", addresses(described));
            self.keep(id.clone(), out, entity);
        }
        self.role(&id, entity, organization.as_ref(), texts);
        let mut reference = json!({"reference": format!("urn:uuid:{id}")});
        set_display(&mut reference, name);
        Some(Who { kind: WhoKind::Practitioner, reference })
    }

    /// An Organization; `None` where it has neither a name nor an id.
    pub(super) fn organization(&mut self, node: Node<'d>, texts: &Texts<'d>) -> Option<Who> {
        let name = name_line(node);
        let key = first_id(node);
        if name.is_none() && key.is_none() {
            return None;
        }
        let (root, extension) = key.unwrap_or_default();
        let id =
            derive_id(&["C-CDA", "Organization", &root, &extension, &name.clone().unwrap_or_default().to_lowercase()]);
        if !self.by_id.contains_key(&id) {
            let mut out = start("Organization", &id);
            put_list(&mut out, "identifier", identifiers(node));
            if let Some(kind) = node.child("standardIndustryClassCode").and_then(|code| codeable(code, texts)) {
                out.insert("type".to_owned(), json!([kind]));
            }
            put(&mut out, "name", name.clone().map(Value::String));
            put_list(&mut out, "telecom", telecoms(node).into_iter().map(not_at_home).collect());
            put_list(&mut out, "address", addresses(node).into_iter().map(not_at_home).collect());
            self.keep(id.clone(), out, node);
        }
        let mut reference = json!({"reference": format!("urn:uuid:{id}")});
        set_display(&mut reference, name);
        Some(Who { kind: WhoKind::Organization, reference })
    }

    /// A relative or other person who gave information.
    pub(super) fn related(&mut self, entity: Node<'d>, patient: &Value, texts: &Texts<'d>) -> Option<Who> {
        let name = person(entity).and_then(name_line)?;
        let id = derive_id(&["C-CDA", "RelatedPerson", &patient.to_string(), &name.to_lowercase()]);
        if !self.by_id.contains_key(&id) {
            let mut out = start("RelatedPerson", &id);
            put_list(&mut out, "identifier", identifiers(entity));
            out.insert("patient".to_owned(), patient.clone());
            if let Some(code) = entity.child("code").and_then(|code| codeable(code, texts)) {
                out.insert("relationship".to_owned(), json!([code]));
            }
            put_list(&mut out, "name", person(entity).map(names).unwrap_or_default());
            put_list(&mut out, "telecom", telecoms(entity));
            put_list(&mut out, "address", addresses(entity));
            self.keep(id.clone(), out, entity);
        }
        let reference = json!({"reference": format!("urn:uuid:{id}"), "display": name});
        Some(Who { kind: WhoKind::RelatedPerson, reference })
    }

    fn device(&mut self, entity: Node<'d>, device: Node<'d>, texts: &Texts<'d>) -> Option<Who> {
        let said =
            |name: &str| device.child(name).map(|node| super::text::plain(node, 256)).filter(|text| !text.is_empty());
        let name = said("softwareName").or_else(|| said("manufacturerModelName"));
        let (root, extension) = first_id(entity).unwrap_or_default();
        if name.is_none() && root.is_empty() {
            return None;
        }
        let id = derive_id(&["C-CDA", "Device", &root, &extension, &name.clone().unwrap_or_default().to_lowercase()]);
        if !self.by_id.contains_key(&id) {
            let mut out = start("Device", &id);
            put_list(&mut out, "identifier", identifiers(entity));
            if let Some(name) = &name {
                out.insert("deviceName".to_owned(), json!([{"name": name, "type": "user-friendly-name"}]));
            }
            put(&mut out, "modelNumber", said("manufacturerModelName").map(Value::String));
            put(&mut out, "type", device.child("code").and_then(|code| codeable(code, texts)));
            self.keep(id.clone(), out, entity);
        }
        let mut reference = json!({"reference": format!("urn:uuid:{id}")});
        set_display(&mut reference, name);
        Some(Who { kind: WhoKind::Device, reference })
    }

    /// Where a practitioner is said to work, and as what.
    fn role(&mut self, practitioner: &str, entity: Node<'d>, organization: Option<&Who>, texts: &Texts<'d>) {
        let code = entity.child("code").and_then(|code| codeable(code, texts));
        if code.is_none() && organization.is_none() {
            return;
        }
        let organization = organization.map(|who| who.reference.clone());
        let [code_text, organization_text] =
            [code.clone(), organization.clone()].map(|part| part.unwrap_or_default().to_string());
        let id = derive_id(&["C-CDA", "PractitionerRole", practitioner, &code_text, &organization_text]);
        if self.by_id.contains_key(&id) {
            return;
        }
        let mut out = start("PractitionerRole", &id);
        out.insert("practitioner".to_owned(), json!({"reference": format!("urn:uuid:{practitioner}")}));
        put(&mut out, "organization", organization);
        if let Some(code) = code {
            // A provider's taxonomy code is a specialty; other codes are roles.
            let key = match attribute(entity.child("code").unwrap_or(entity), "codeSystem") {
                Some("2.16.840.1.113883.6.101") => "specialty",
                _ => "code",
            };
            out.insert(key.to_owned(), json!([code]));
        }
        self.keep(id, out, entity);
    }

    fn keep(&mut self, id: String, resource: Resource, node: Node<'d>) {
        self.by_id.insert(id, self.resources.len());
        self.resources.push((resource, node));
    }
}

const NPI: &str = "2.16.840.1.113883.4.6";

/// Whether an NPI is one that stands for a number nobody knew: a digit ten times.
fn is_placeholder((root, extension): &(String, String)) -> bool {
    let mut digits = extension.bytes();
    let first = digits.next();
    root == NPI && first.is_none_or(|first| digits.all(|digit| digit == first))
}

fn person<'d>(entity: Node<'d>) -> Option<Node<'d>> {
    PERSONS.iter().find_map(|name| entity.child(name))
}

fn organization_name(entity: Node<'_>) -> String {
    entity.child("representedOrganization").and_then(name_line).unwrap_or_default().to_lowercase()
}

/// FHIR allows an organisation no home (org-2, org-3).
fn not_at_home(mut place: Value) -> Value {
    if let Value::Object(members) = &mut place
        && members.get("use").and_then(Value::as_str) == Some("home")
    {
        members.remove("use");
    }
    place
}

fn start(kind: &str, id: &str) -> Resource {
    let mut out = Resource::new();
    out.insert("resourceType".to_owned(), json!(kind));
    out.insert("id".to_owned(), json!(id));
    out
}

fn set_display(reference: &mut Value, display: Option<String>) {
    if let (Value::Object(members), Some(display)) = (reference, display) {
        members.insert("display".to_owned(), Value::String(display));
    }
}
