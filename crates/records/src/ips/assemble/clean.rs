//! One resource made fit for the document: no claims that no longer hold, nothing required left unsaid.

use serde_json::{Map, Value, json};

use crate::{
    display,
    index::{self, kind_of},
    ips::{
        narrative::{self, DATA_ABSENT_REASON},
        references::{self, Destination},
        sections::Language,
    },
    json::Json,
    sensitivity::Sensitivity,
    terminology,
};

/// Members that do not travel: what says how and where the source kept the record, and what only weighs.
const LEFT_BEHIND: [&str; 8] =
    ["resourceType", "id", "meta", "text", "photo", "implicitRules", "_implicitRules", "_id"];

/// A record as it stands in the document, under a new id, about the document's patient.
pub(super) fn clean(
    resource: Value,
    id: &str,
    patient_url: &str,
    labels: &[Sensitivity],
    lead: &dyn Fn(&str) -> Destination,
) -> Value {
    let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default().to_owned();
    let kind = kind_of(&resource_type);
    let security = security(&resource, labels);
    let title = index::title(kind, &resource);
    let narrative = resource.text_at(&["text", "div"]).filter(|_| !index::has_subject_matter(kind, &resource));
    let narrative =
        narrative.map(|div| display::narrative_text(div, display::NARRATIVE_BYTES)).filter(|text| !text.is_empty());

    let mut out = Map::new();
    out.insert("resourceType".to_owned(), Value::String(resource_type.clone()));
    out.insert("id".to_owned(), Value::String(id.to_owned()));
    if !security.is_empty() {
        out.insert("meta".to_owned(), json!({"security": security}));
    }
    if let Some(text) = narrative {
        let div = narrative::paragraph(&text, Language::of(resource.text_at(&["language"]).unwrap_or_default()));
        out.insert("text".to_owned(), json!({"status": "additional", "div": div}));
    }
    if let Value::Object(members) = resource {
        for (name, value) in members {
            if !LEFT_BEHIND.contains(&name.as_str()) && !is_empty(&value) {
                out.insert(name, value);
            }
        }
    }
    references::rewrite(&mut out, lead);
    complete(&resource_type, &title, patient_url, &mut out);
    Value::Object(out)
}

/// The Patient as the document shows it.
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
            if !is_empty(&value) {
                out.insert(name, value);
            }
        }
    }
    references::rewrite(&mut out, lead);
    if !out.contains_key("name") {
        out.insert("name".to_owned(), json!([{"_family": absent()}]));
    }
    if !out.contains_key("birthDate") {
        out.insert("_birthDate".to_owned(), absent());
    }
    Value::Object(out)
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
/// value or a date is not known.
fn complete(resource_type: &str, title: &str, patient_url: &str, out: &mut Map<String, Value>) {
    let about = match resource_type {
        "AllergyIntolerance" | "Immunization" | "ImmunizationRecommendation" => Some("patient"),
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
        | "Flag" => Some("subject"),
        _ => None,
    };
    if let Some(about) = about {
        out.insert(about.to_owned(), json!({"reference": patient_url}));
    }
    let named = match resource_type {
        "AllergyIntolerance" | "Condition" | "Procedure" | "Observation" | "DiagnosticReport" | "Flag" => Some("code"),
        "Immunization" => Some("vaccineCode"),
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
    if resource_type == "Observation" {
        say_why_without_value(out, &["hasMember", "component"]);
        if let Some(Value::Array(components)) = out.get_mut("component") {
            components
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .for_each(|component| say_why_without_value(component, &[]));
        }
    }
}

/// IPS rules ips-2 and ips-3.
fn say_why_without_value(holder: &mut Map<String, Value>, instead: &[&str]) {
    let said = has_choice(holder, "value") || holder.contains_key("dataAbsentReason");
    if !said && !instead.iter().any(|name| holder.contains_key(*name)) {
        let coding = json!({"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown", "display": "Unknown"});
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

fn absent() -> Value {
    json!({"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]})
}

/// Numbers by which a person could be impersonated (HL7 v2 table 0203): social security, driver's licence, passport.
fn is_risky(identifier: &Value) -> bool {
    let system = identifier.text_at(&["system"]).unwrap_or_default();
    let coded = identifier.member("type").into_iter().flat_map(|kind| kind.each("coding"));
    matches!(
        system,
        "http://hl7.org/fhir/sid/us-ssn" | "urn:oid:2.16.840.1.113883.4.1" | "urn:oid:2.16.840.1.113883.4.3.25"
    ) || coded.filter_map(|coding| coding.text_at(&["code"])).any(|code| matches!(code, "SS" | "DL" | "PPN" | "SB"))
}

fn keep_items(value: &mut Value, keep: impl Fn(&Value) -> bool) {
    if let Value::Array(items) = value {
        items.retain(keep);
    }
}

/// FHIR has no `null`, no empty array and no empty object.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
