//! The header of a document: whose it is, who wrote it, what visit it is of (CF-patient, CF-participations).

use serde_json::{Value, json};

use super::{
    Resource, codes,
    contact::{addresses, name_line, names, telecoms},
    datatypes::{
        attribute, boolean, codeable, concept, first_id, identifiers, mapped_code, null_flavor, put, put_list,
    },
    reader::{Item, Reader},
    skip::CcdaSkip,
    text::plain,
    time,
};
use crate::{
    convert::{Converted, derive_id},
    xml::Node,
};

const RACE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race";
const ETHNICITY: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity";
/// The categories of race and ethnicity that the US government counts (OMB).
const OMB: [&str; 7] = ["1002-5", "2028-9", "2054-5", "2076-8", "2106-3", "2135-2", "2186-5"];

const CONTACT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/v2-0131";
const ROLE_CLASS: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleClass";
/// The classes of those near to a patient: class, and what FHIR calls it.
const NEAR: [(&str, &str, &str, &str); 5] = [
    ("ECON", CONTACT_ROLE, "C", "Emergency Contact"),
    ("NOK", CONTACT_ROLE, "N", "Next-of-Kin"),
    ("CAREGIVER", ROLE_CLASS, "CAREGIVER", "caregiver"),
    ("PRS", ROLE_CLASS, "PRS", "personal relationship"),
    ("GUAR", ROLE_CLASS, "GUAR", "guarantor"),
];
/// The most people of a header who become contacts.
const MOST_CONTACTS: usize = 100;

/// Those near to the patient in a header: taking part, or having told what is in the document.
fn near_ones<'d>(header: Node<'d>) -> impl Iterator<Item = Node<'d>> {
    let roles = header.children().filter_map(|child| match child.name() {
        "participant" => child.child("associatedEntity"),
        "informant" => child.child("relatedEntity"),
        _ => None,
    });
    roles.filter(|role| attribute(*role, "classCode").is_some_and(|class| NEAR.iter().any(|(near, ..)| *near == class)))
}

impl<'d> Reader<'d> {
    /// Reads whose document it is, from its `recordTarget`s, and whom to call, from the people of its header.
    pub(super) fn patient(&mut self, targets: impl Iterator<Item = Node<'d>>, header: Option<Node<'d>>) {
        let mut roles = targets.filter_map(|target| target.child("patientRole"));
        let Some(role) = roles.next() else { return };
        let more: Vec<Node<'d>> = roles.collect();
        let person = role.child("patient");
        let (root, extension) = first_id(role).unwrap_or_default();
        let name = person.and_then(name_line).unwrap_or_default().to_lowercase();
        let birth = person.and_then(|person| person.child("birthTime")).and_then(time::start_of).unwrap_or_default();
        // An id that identifies nobody (a sample's, a root alone) is told apart by name and birth.
        let id = if extension.is_empty() {
            derive_id(&["C-CDA", "Patient", &root, "", &name, birth])
        } else {
            derive_id(&["C-CDA", "Patient", &root, &extension])
        };
        self.patient_key.clone_from(&id);
        let mut reference = json!({"reference": format!("urn:uuid:{id}")});
        if let (Value::Object(members), Some(name)) = (&mut reference, person.and_then(name_line)) {
            members.insert("display".to_owned(), json!(name));
        }
        self.subject = reference.clone();
        self.patient = Some((root, extension, reference));
        let mut out = self.person(role, person, id);
        let mut contacts: Vec<Value> = person
            .into_iter()
            .flat_map(|person| person.all("guardian"))
            .filter_map(|guardian| self.guardian(guardian))
            .collect();
        for contact in
            header.into_iter().flat_map(near_ones).filter_map(|entity| self.near_one(entity)).take(MOST_CONTACTS)
        {
            if !contacts.contains(&contact) {
                contacts.push(contact);
            }
        }
        put_list(&mut out, "contact", contacts);
        let place = role.path();
        self.items.push(Item::Resource(Converted::new(out, place)));
        for other in more {
            self.skip(other, CcdaSkip::SecondPatient);
        }
    }

    fn person(&mut self, role: Node<'d>, person: Option<Node<'d>>, id: String) -> Resource {
        let mut out = Resource::new();
        out.insert("resourceType".to_owned(), json!("Patient"));
        out.insert("id".to_owned(), json!(id));
        let mut extensions = Vec::new();
        if let Some(person) = person {
            extensions.extend(categories(person, "raceCode", RACE));
            extensions.extend(categories(person, "ethnicGroupCode", ETHNICITY));
            if let Some(code) = person.child("religiousAffiliationCode").and_then(|code| codeable(code, &self.texts)) {
                extensions.push(json!({
                    "url": "http://hl7.org/fhir/StructureDefinition/patient-religion",
                    "valueCodeableConcept": code
                }));
            }
            let born_at = person.child("birthplace").or_else(|| person.child("birthPlace"));
            if let Some(place) =
                born_at.and_then(|born| born.child("place")).and_then(|place| addresses(place).into_iter().next())
            {
                extensions.push(json!({
                    "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
                    "valueAddress": place
                }));
            }
        }
        put_list(&mut out, "extension", extensions);
        put_list(&mut out, "identifier", identifiers(role));
        put_list(&mut out, "name", person.map(names).unwrap_or_default());
        put_list(&mut out, "telecom", telecoms(role));
        if let Some(person) = person {
            let gender = person.child("administrativeGenderCode");
            let mapped = gender.and_then(|code| mapped_code(code, codes::GENDER));
            let absent = gender.and_then(null_flavor).map(|_| "unknown");
            put(&mut out, "gender", mapped.or(absent).map(Value::from));
            if let Some(birth) = person.child("birthTime") {
                time::put_date(&mut out, "birthDate", birth);
                if let Some(point) = time::start_of(birth).and_then(time::point).filter(|point| point.text.len() > 10) {
                    out.insert(
                        "_birthDate".to_owned(),
                        json!({"extension": [{
                            "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                            "valueDateTime": point.text
                        }]}),
                    );
                }
            }
            let died = person.child("deceasedTime").filter(|time| time::start_of(*time).is_some());
            match died {
                Some(time) => {
                    time::put_point(&mut out, "deceasedDateTime", time);
                }
                None => {
                    put(&mut out, "deceasedBoolean", person.child("deceasedInd").and_then(boolean).map(Value::Bool))
                }
            }
        }
        put_list(&mut out, "address", addresses(role));
        if let Some(person) = person {
            put(
                &mut out,
                "maritalStatus",
                person.child("maritalStatusCode").and_then(|code| codeable(code, &self.texts)),
            );
            put_list(&mut out, "communication", person.all("languageCommunication").filter_map(language).collect());
        }
        let organization =
            role.child("providerOrganization").and_then(|node| self.people.organization(node, &self.texts));
        put(&mut out, "managingOrganization", organization.map(|who| who.reference));
        out
    }

    /// A contact of somebody near to the patient whom the header names.
    fn near_one(&self, entity: Node<'d>) -> Option<Value> {
        let person = entity.child("associatedPerson").or_else(|| entity.child("relatedPerson"));
        let mut out = Resource::new();
        let class = attribute(entity, "classCode").and_then(|class| NEAR.iter().find(|(code, ..)| *code == class));
        let mut relationship: Vec<Value> =
            class.map(|(_, system, code, display)| concept(system, code, display)).into_iter().collect();
        relationship.extend(entity.child("code").and_then(|code| codeable(code, &self.texts)));
        put_list(&mut out, "relationship", relationship);
        let said = out.len();
        put(&mut out, "name", person.map(names).unwrap_or_default().into_iter().next());
        put_list(&mut out, "telecom", telecoms(entity));
        put(&mut out, "address", addresses(entity).into_iter().next());
        let organization = entity.child("scopingOrganization").and_then(name_line);
        put(&mut out, "organization", organization.map(|name| json!({"display": name})));
        (out.len() > said).then_some(Value::Object(out))
    }

    fn guardian(&self, guardian: Node<'d>) -> Option<Value> {
        let person = guardian.child("guardianPerson");
        let mut out = Resource::new();
        let mut relationship = vec![json!({
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "GUARD", "display": "guardian"}]
        })];
        relationship.extend(guardian.child("code").and_then(|code| codeable(code, &self.texts)));
        put_list(&mut out, "relationship", relationship);
        put(&mut out, "name", person.map(names).unwrap_or_default().into_iter().next());
        put_list(&mut out, "telecom", telecoms(guardian));
        put(&mut out, "address", addresses(guardian).into_iter().next());
        let organization =
            guardian.child("guardianOrganization").and_then(name_line).map(|name| json!({"display": name}));
        put(&mut out, "organization", organization);
        // pat-1: a contact has a name, a telecom, an address or an organisation.
        (out.len() > 1).then_some(Value::Object(out))
    }
}

/// The US Core extension for race or ethnicity: OMB categories, details, and the words.
fn categories(person: Node<'_>, name: &str, url: &str) -> Option<Value> {
    let mut parts = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut categories = 0;
    for code in person.all(name) {
        let Some(value) = attribute(code, "code") else { continue };
        let display = attribute(code, "displayName");
        let is_category = OMB.contains(&value) && (url == RACE || categories == 0) && categories < 5;
        categories += usize::from(is_category);
        let mut coding = Resource::new();
        put(&mut coding, "system", attribute(code, "codeSystem").and_then(codes::system_uri).map(|uri| json!(uri)));
        coding.insert("code".to_owned(), json!(value));
        put(&mut coding, "display", display.map(Value::from));
        parts.push(json!({"url": if is_category { "ombCategory" } else { "detailed" }, "valueCoding": coding}));
        let said = code.child("originalText").map(|text| plain(text, 256)).filter(|text| !text.is_empty());
        let said = said.or_else(|| display.map(str::to_owned)).unwrap_or_else(|| value.to_owned());
        if !words.contains(&said) {
            words.push(said);
        }
    }
    if words.is_empty() {
        return None;
    }
    parts.push(json!({"url": "text", "valueString": words.join(", ")}));
    Some(json!({"url": url, "extension": parts}))
}

fn language(communication: Node<'_>) -> Option<Value> {
    let code = attribute(communication.child("languageCode")?, "code")?;
    let mut out = Resource::new();
    out.insert("language".to_owned(), json!({"coding": [{"system": "urn:ietf:bcp:47", "code": code}]}));
    put(&mut out, "preferred", communication.child("preferenceInd").and_then(boolean).map(Value::Bool));
    Some(Value::Object(out))
}
