//! One resource made fit for the output: no claims that no longer hold, nothing required left unsaid.

use serde_json::{Map, Value, json};

use super::{
    files,
    references::{self, Blank, Destination},
    replaced,
};
use crate::{
    display,
    index::{self, kind_of},
    json::Json,
    sections::{Heading, Section},
    sensitivity::Sensitivity,
    summary_text as narrative,
    terminology::{self, ABSENT_REASON, OBSERVATION_CATEGORY},
};

/// FHIR's extension that says why an element is not there.
pub(crate) const DATA_ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// Members that do not travel: what says how and where the source kept the record, and what only weighs.
const LEFT_BEHIND: [&str; 8] =
    ["resourceType", "id", "meta", "text", "photo", "implicitRules", "_implicitRules", "_id"];

/// How a record is to be made fit.
pub(super) struct Cleaning<'c> {
    /// Its new id.
    pub(super) id: &'c str,
    /// Where the output's patient is.
    pub(super) patient_url: &'c str,
    /// Its labels of sensitivity.
    pub(super) labels: &'c [Sensitivity],
    /// Where it stands.
    pub(super) heading: Option<Heading>,
    /// Whether the files in it travel.
    pub(super) files: bool,
}

/// A record as it stands in the output, under a new id, about the output's patient.
pub(super) fn clean(resource: Value, how: &Cleaning<'_>, lead: &dyn Fn(&str) -> Destination) -> Value {
    let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default().to_owned();
    let kind = kind_of(&resource_type);
    let security = security(&resource, how.labels);
    let narrative = resource.text_at(&["text", "div"]).filter(|_| !index::has_subject_matter(kind, &resource));
    let narrative =
        narrative.map(|div| display::narrative_text(div, display::NARRATIVE_BYTES)).filter(|text| !text.is_empty());

    let mut out = Map::new();
    out.insert("resourceType".to_owned(), Value::String(resource_type.clone()));
    out.insert("id".to_owned(), Value::String(how.id.to_owned()));
    if !security.is_empty() {
        out.insert("meta".to_owned(), json!({"security": security}));
    }
    if let Some(text) = narrative {
        let language = narrative::Language::of(resource.text_at(&["language"]).unwrap_or_default());
        out.insert("text".to_owned(), json!({"status": "additional", "div": narrative::paragraph(&text, language)}));
    }
    if let Value::Object(mut members) = resource {
        if !how.files {
            files::take_out(&mut members);
        }
        for (name, mut value) in members {
            if !LEFT_BEHIND.contains(&name.as_str()) && prune(&mut value) {
                out.insert(name, value);
            }
        }
    }
    out.iter_mut().for_each(|(_, value)| replaced::replace(value));
    references::rewrite(&mut out, lead);
    if resource_type == "Composition" {
        strip_sections(&mut out);
    }
    mask(&mut out);
    references::fill_blanks(&mut out);
    strip_contained_narratives(&mut out);
    complete(&resource_type, how, &mut out);
    Value::Object(out)
}

/// Takes out what FHIR does not have: `null` outside arrays of primitives, empty arrays, empty objects. `false` if
/// nothing is left.
fn prune(value: &mut Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => {
            // A null in an array of primitives keeps the place of what its extension says.
            items.iter_mut().for_each(|item| {
                if !item.is_null() && !prune(item) {
                    *item = Value::Null;
                }
            });
            if items.iter().any(|item| item.is_object()) {
                items.retain(|item| !item.is_null());
            }
            items.iter().any(|item| !item.is_null())
        }
        Value::Object(members) => {
            members.retain(|_, member| prune(member));
            !members.is_empty()
        }
        _ => true,
    }
}

/// Of what a required reference leads to, and what is held back, only that it is.
fn mask(out: &mut Map<String, Value>) {
    if out.get("medicationReference").and_then(references::blank) == Some(Blank::Withheld) {
        out.shift_remove("medicationReference");
        let coding = json!({"system": ABSENT_REASON, "code": "masked", "display": "Masked"});
        out.insert("medicationCodeableConcept".to_owned(), json!({"coding": [coding]}));
    }
}

/// A contained resource is part of its record, but its narrative was not made for this reader.
fn strip_contained_narratives(out: &mut Map<String, Value>) {
    if let Some(Value::Array(contained)) = out.get_mut("contained") {
        contained.iter_mut().filter_map(Value::as_object_mut).for_each(|inner| drop(inner.shift_remove("text")));
    }
}

/// The narrative of a section says what its entries say, those that are held back or were not chosen as well. A section of
/// which no entry is there goes with it, for its title would tell.
fn strip_sections(holder: &mut Map<String, Value>) {
    let Some(Value::Array(sections)) = holder.get_mut("section") else { return };
    sections.retain_mut(|section| {
        let Some(section) = section.as_object_mut() else { return false };
        section.shift_remove("text");
        strip_sections(section);
        if let Some(Value::Array(entries)) = section.get_mut("entry") {
            entries.retain(|entry| references::blank(entry).is_none());
            if entries.is_empty() {
                section.shift_remove("entry");
            }
        }
        section.contains_key("entry") || section.contains_key("section")
    });
    if sections.is_empty() {
        holder.shift_remove("section");
    }
}

/// The Patient as the output shows it.
pub(super) fn clean_patient(patient: Value, id: &str, lead: &dyn Fn(&str) -> Destination) -> Value {
    let mut out = Map::new();
    out.insert("resourceType".to_owned(), json!("Patient"));
    out.insert("id".to_owned(), json!(id));
    if let Value::Object(members) = patient {
        for (name, mut value) in members {
            match name.as_str() {
                "identifier" => keep_items(&mut value, |identifier| !is_risky(identifier)),
                "name" => keep_items(&mut value, |name| {
                    ["family", "given", "text"].iter().any(|part| name.member(part).is_some())
                }),
                "active"
                | "telecom"
                | "gender"
                | "birthDate"
                | "deceasedBoolean"
                | "deceasedDateTime"
                | "address"
                | "communication"
                | "generalPractitioner" => {}
                _ => continue,
            }
            strip_extensions(&mut value);
            if prune(&mut value) {
                out.insert(name, value);
            }
        }
    }
    references::rewrite(&mut out, lead);
    references::fill_blanks(&mut out);
    if !out.contains_key("name") {
        out.insert("name".to_owned(), json!([{"_family": absent()}]));
    }
    if !out.contains_key("birthDate") {
        out.insert("_birthDate".to_owned(), absent());
    }
    Value::Object(out)
}

/// Takes the extensions out of what is said of the Patient (where exactly a house stands, for one), but for those that say
/// why something is not there.
fn strip_extensions(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip_extensions),
        Value::Object(members) => {
            members.shift_remove("modifierExtension");
            if let Some(extensions) = members.get_mut("extension") {
                keep_items(extensions, |extension| extension.text_at(&["url"]) == Some(DATA_ABSENT_REASON));
            }
            members
                .iter_mut()
                .filter(|(name, _)| *name != "extension")
                .for_each(|(_, member)| strip_extensions(member));
        }
        _ => {}
    }
}

/// Security labels of the source in HL7's own code systems, and ours where they are not among them.
fn security(resource: &Value, labels: &[Sensitivity]) -> Vec<Value> {
    let source = resource.member("meta").into_iter().flat_map(|meta| meta.each("security"));
    let mut out: Vec<Value> = source
        .filter_map(|label| {
            let (system, code) = (label.text_at(&["system"])?, label.text_at(&["code"])?);
            matches!(system, terminology::V3_ACT_CODE | terminology::V3_CONFIDENTIALITY)
                .then(|| json!({"system": system, "code": code}))
        })
        .collect();
    for label in labels {
        let label = json!({"system": label.system(), "code": label.code()});
        if !out.contains(&label) {
            out.push(label);
        }
    }
    out
}

/// Fills in what base R4 or IPS require and the source did not say: whom it is about, what it is called, and that a
/// value, a date or who did it is not known.
fn complete(resource_type: &str, how: &Cleaning<'_>, out: &mut Map<String, Value>) {
    if let Some(about) = about(resource_type) {
        out.insert(about.to_owned(), json!({"reference": how.patient_url}));
    }
    let named = match resource_type {
        "AllergyIntolerance" | "Condition" | "Procedure" | "Observation" | "DiagnosticReport" | "Flag"
        | "Medication" => Some("code"),
        "Immunization" => Some("vaccineCode"),
        "Specimen" => Some("type"),
        "MedicationStatement" | "MedicationRequest" | "MedicationAdministration" | "MedicationDispense"
            if !out.contains_key("medicationReference") =>
        {
            Some("medicationCodeableConcept")
        }
        _ => None,
    };
    if let Some(named) = named
        && !out.contains_key(named)
    {
        let title = index::title(kind_of(resource_type), &Value::Object(out.clone()));
        out.insert(named.to_owned(), json!({"text": title}));
    }
    let dated = match resource_type {
        "Procedure" => Some("performed"),
        "Immunization" => Some("occurrence"),
        "MedicationStatement" | "MedicationAdministration" | "DiagnosticReport" | "Observation" => Some("effective"),
        "DeviceUseStatement" => Some("timing"),
        _ => None,
    };
    if let Some(stem) = dated
        && !has_choice(out, stem)
    {
        out.insert(format!("_{stem}DateTime"), absent());
    }
    match resource_type {
        "Observation" => complete_observation(how, out),
        // It must have one unless it was entered in error, and such records do not go out (ait-1).
        "AllergyIntolerance" if !out.contains_key("clinicalStatus") => {
            out.insert("clinicalStatus".to_owned(), absent());
        }
        "Organization" | "Practitioner" if !out.contains_key("name") => {
            let name = if resource_type == "Organization" { ("_name", absent()) } else { ("name", json!([absent()])) };
            out.insert(name.0.to_owned(), name.1);
        }
        "Appointment" => {
            let people = out.get_mut("participant").and_then(Value::as_array_mut).into_iter().flatten();
            for participant in people.filter_map(Value::as_object_mut) {
                if !participant.contains_key("status") {
                    participant.insert("_status".to_owned(), absent());
                }
            }
        }
        _ => {}
    }
    complete_contained(how, out);
}

/// What lies in a record is about the same person, where it must say about whom it is.
fn complete_contained(how: &Cleaning<'_>, out: &mut Map<String, Value>) {
    let contained = out.get_mut("contained").and_then(Value::as_array_mut).into_iter().flatten();
    for resource in contained.filter_map(Value::as_object_mut) {
        let resource_type = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        // Base R4 lets a specimen go without it.
        if let Some(about) = about(resource_type).filter(|_| resource_type != "Specimen")
            && !resource.contains_key(about)
        {
            resource.insert(about.to_owned(), json!({"reference": how.patient_url}));
        }
    }
}

/// The member that says whose a record is, where it must say so.
fn about(resource_type: &str) -> Option<&'static str> {
    Some(match resource_type {
        "AllergyIntolerance"
        | "Immunization"
        | "ImmunizationRecommendation"
        | "Consent"
        | "Claim"
        | "ExplanationOfBenefit"
        | "FamilyMemberHistory" => "patient",
        "Condition"
        | "MedicationStatement"
        | "MedicationRequest"
        | "MedicationAdministration"
        | "MedicationDispense"
        | "Procedure"
        | "DiagnosticReport"
        | "Observation"
        | "DeviceUseStatement"
        | "CarePlan"
        | "CareTeam"
        | "ClinicalImpression"
        | "DocumentReference"
        | "Encounter"
        | "Goal"
        | "ImagingStudy"
        | "ServiceRequest"
        | "Specimen"
        | "Flag" => "subject",
        "Coverage" => "beneficiary",
        _ => return None,
    })
}

/// What the guide's profiles of results and vital signs require: a value, the category, and who is responsible.
fn complete_observation(how: &Cleaning<'_>, out: &mut Map<String, Value>) {
    say_why_without_value(out, &["hasMember", "component"]);
    if let Some(Value::Array(components)) = out.get_mut("component") {
        components
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(|component| say_why_without_value(component, &[]));
    }
    let category = match how.heading {
        Some(Heading::Section(Section::Results)) => ("laboratory", "Laboratory"),
        Some(Heading::Section(Section::VitalSigns)) => ("vital-signs", "Vital Signs"),
        _ => return,
    };
    if !out.contains_key("category") {
        out.insert(
            "category".to_owned(),
            json!([{"coding": [{
                "system": OBSERVATION_CATEGORY,
                "code": category.0,
                "display": category.1,
            }]}]),
        );
    }
    if category.0 != "vital-signs" && !out.contains_key("performer") {
        out.insert("performer".to_owned(), json!([absent()]));
    }
}

/// IPS rules ips-2 and ips-3.
fn say_why_without_value(holder: &mut Map<String, Value>, instead: &[&str]) {
    let said = has_choice(holder, "value") || holder.contains_key("dataAbsentReason");
    if !said && !instead.iter().any(|name| holder.contains_key(*name)) {
        let coding = json!({"system": ABSENT_REASON, "code": "unknown", "display": "Unknown"});
        holder.insert("dataAbsentReason".to_owned(), json!({"coding": [coding]}));
    }
}

/// Whether any type of the choice element `stem[x]` is there.
fn has_choice(object: &Map<String, Value>, stem: &str) -> bool {
    object.keys().any(|name| {
        let name = name.strip_prefix('_').unwrap_or(name);
        name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
    })
}

/// What stands for a value that FHIR demands and nobody knows.
pub(crate) fn absent() -> Value {
    json!({"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]})
}

/// Numbers by which a person could be impersonated (HL7 v2 table 0203): social security, driver's licence, passport.
fn is_risky(identifier: &Value) -> bool {
    let system = identifier.text_at(&["system"]).unwrap_or_default();
    let mut codings = identifier.member("type").into_iter().flat_map(|kind| kind.each("coding"));
    let is_risky = |coding: &Value| {
        matches!(coding.text_at(&["code"]), Some("SS" | "DL" | "PPN" | "SB"))
            || coding.text_at(&["display"]).is_some_and(names_risk)
    };
    matches!(
        system,
        "http://hl7.org/fhir/sid/us-ssn" | "urn:oid:2.16.840.1.113883.4.1" | "urn:oid:2.16.840.1.113883.4.3.25"
    ) || codings.any(is_risky)
        || identifier.text_at(&["type", "text"]).is_some_and(names_risk)
}

/// The same by the words of who entered it, where it has no code.
fn names_risk(kind: &str) -> bool {
    const WORDS: [&str; 12] = [
        "social security",
        "ssn",
        "passport",
        "driver",
        "driving",
        "sozialversicherung",
        "reisepass",
        "führerschein",
        "seguridad social",
        "pasaporte",
        "passeport",
        "permis de conduire",
    ];
    let kind = kind.to_lowercase();
    WORDS.iter().any(|word| kind.contains(word))
}

fn keep_items(value: &mut Value, keep: impl Fn(&Value) -> bool) {
    if let Value::Array(items) = value {
        items.retain(keep);
    }
}
