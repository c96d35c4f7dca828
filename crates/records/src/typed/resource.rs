//! From an entry to a FHIR R4 resource that says the patient reported it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Number, Value, json};

use super::{TypedEntry, TypedKind, TypedSeverity, TypedStatus, fields, tables};
use crate::{
    convert::Resource,
    display::escape_xhtml,
    outgoing::absent,
    terminology::{OBSERVATION_CATEGORY, UCUM},
};

/// The system of the tag on `meta` that says an entry was typed here; its code is the kind ([`TypedKind::as_str`]).
pub const TYPED_TAG_SYSTEM: &str = "urn:carnet:typed";
/// HL7 v3 ObservationValue's code for what a patient reported; the second tag, for everybody else.
pub const PATIENT_REPORTED: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "PATRPT");

/// What stands in place of the date of a vaccination that nobody remembers.
pub(super) const UNKNOWN: &str = "unknown";
pub(super) const SYSTOLIC: (&str, &str) = ("8480-6", "Systolic blood pressure");
pub(super) const DIASTOLIC: (&str, &str) = ("8462-4", "Diastolic blood pressure");
pub(super) const TEXT_PLAIN: &str = "text/plain; charset=utf-8";

/// The resource of an entry: valid FHIR R4 where [`TypedEntry::problems`] finds nothing. `patient` is the reference to
/// whose it is, `id` the resource's id (at most 64 letters, digits, `-` and `.`). The same entry gives the same bytes.
pub fn to_resource(entry: &TypedEntry, patient: &str, id: &str) -> Resource {
    let entry = entry.clone().tidied();
    let patient = json!({ "reference": patient });
    let mut out = Map::new();
    out.insert("resourceType".to_owned(), json!(resource_type(entry.kind)));
    out.insert("id".to_owned(), json!(id));
    out.insert(
        "meta".to_owned(),
        json!({ "tag": [
            { "system": TYPED_TAG_SYSTEM, "code": entry.kind.as_str() },
            { "system": PATIENT_REPORTED.0, "code": PATIENT_REPORTED.1, "display": "patient reported" },
        ]}),
    );
    match entry.kind {
        TypedKind::Allergy => allergy(&entry, patient, &mut out),
        TypedKind::Condition => condition(&entry, patient, &mut out),
        TypedKind::Medicine => medicine(&entry, patient, &mut out),
        TypedKind::Vaccination => vaccination(&entry, patient, &mut out),
        TypedKind::Measurement => measurement(&entry, patient, &mut out),
        TypedKind::Note => note(&entry, patient, &mut out),
    }
    if entry.kind != TypedKind::Note
        && let Some(comment) = &entry.comment
    {
        out.insert("note".to_owned(), json!([{ "text": comment }]));
    }
    out
}

pub(super) fn resource_type(kind: TypedKind) -> &'static str {
    match kind {
        TypedKind::Allergy => "AllergyIntolerance",
        TypedKind::Condition => "Condition",
        TypedKind::Medicine => "MedicationStatement",
        TypedKind::Vaccination => "Immunization",
        TypedKind::Measurement => "Observation",
        TypedKind::Note => "DocumentReference",
    }
}

fn allergy(entry: &TypedEntry, patient: Value, out: &mut Resource) {
    status(entry, "allergyintolerance", out);
    if let Some(dangerous) = entry.dangerous {
        out.insert("criticality".to_owned(), json!(if dangerous { "high" } else { "low" }));
    }
    out.insert("code".to_owned(), concept(entry));
    out.insert("patient".to_owned(), patient.clone());
    date(entry, "onsetDateTime", out);
    out.insert("recorder".to_owned(), patient.clone());
    out.insert("asserter".to_owned(), patient);
    if entry.reaction.is_some() || entry.severity.is_some() {
        // A reaction must say what it is; where only its severity is known, FHIR's own way of saying so.
        let manifestation = entry.reaction.as_ref().map_or_else(absent, |text| json!({ "text": text }));
        let mut reaction = Map::new();
        reaction.insert("manifestation".to_owned(), json!([manifestation]));
        if let Some(severity) = entry.severity {
            reaction.insert("severity".to_owned(), json!(severity_code(severity)));
        }
        out.insert("reaction".to_owned(), json!([reaction]));
    }
}

fn condition(entry: &TypedEntry, patient: Value, out: &mut Resource) {
    status(entry, "condition", out);
    out.insert(
        "category".to_owned(),
        json!([coded(
            "http://terminology.hl7.org/CodeSystem/condition-category",
            "problem-list-item",
            "Problem List Item"
        )]),
    );
    if let Some(severity) = entry.severity {
        // The three codes of FHIR R4's own condition-severity value set.
        let (code, display) = match severity {
            TypedSeverity::Mild => ("255604002", "Mild"),
            TypedSeverity::Moderate => ("6736007", "Moderate"),
            TypedSeverity::Severe => ("24484000", "Severe"),
        };
        out.insert("severity".to_owned(), coded(crate::terminology::SNOMED, code, display));
    }
    out.insert("code".to_owned(), concept(entry));
    out.insert("subject".to_owned(), patient.clone());
    date(entry, "onsetDateTime", out);
    if let Some(until) = &entry.until {
        out.insert("abatementDateTime".to_owned(), json!(until));
    }
    out.insert("recorder".to_owned(), patient.clone());
    out.insert("asserter".to_owned(), patient);
}

fn medicine(entry: &TypedEntry, patient: Value, out: &mut Resource) {
    let status = match entry.status {
        TypedStatus::Active => "active",
        TypedStatus::Resolved => "completed",
    };
    out.insert("status".to_owned(), json!(status));
    out.insert(
        "category".to_owned(),
        coded(
            "http://terminology.hl7.org/CodeSystem/medication-statement-category",
            "patientspecified",
            "Patient Specified",
        ),
    );
    out.insert("medicationCodeableConcept".to_owned(), concept(entry));
    out.insert("subject".to_owned(), patient.clone());
    if entry.since.is_some() || entry.until.is_some() {
        let mut period = Map::new();
        for (name, date) in [("start", &entry.since), ("end", &entry.until)] {
            if let Some(date) = date {
                period.insert(name.to_owned(), json!(date));
            }
        }
        out.insert("effectivePeriod".to_owned(), Value::Object(period));
    }
    out.insert("informationSource".to_owned(), patient);
    if let Some(dose) = &entry.dose {
        out.insert("dosage".to_owned(), json!([{ "text": dose }]));
    }
}

fn vaccination(entry: &TypedEntry, patient: Value, out: &mut Resource) {
    out.insert("status".to_owned(), json!("completed"));
    out.insert("vaccineCode".to_owned(), concept(entry));
    out.insert("patient".to_owned(), patient);
    match &entry.since {
        Some(since) => out.insert("occurrenceDateTime".to_owned(), json!(since)),
        None => out.insert("occurrenceString".to_owned(), json!(UNKNOWN)),
    };
    out.insert("primarySource".to_owned(), json!(false));
    out.insert(
        "reportOrigin".to_owned(),
        coded("http://terminology.hl7.org/CodeSystem/immunization-origin", "recall", "Parent/Guardian/Patient Recall"),
    );
    if let Some(lot) = &entry.lot {
        out.insert("lotNumber".to_owned(), json!(lot));
    }
    if let Some(dose) = &entry.dose {
        out.insert("protocolApplied".to_owned(), json!([{ "doseNumberString": dose }]));
    }
}

fn measurement(entry: &TypedEntry, patient: Value, out: &mut Resource) {
    let row =
        entry.coding.as_ref().and_then(|coding| tables::row(TypedKind::Measurement, &coding.system, &coding.code));
    let category = match row.map(|row| row.category) {
        Some("vital-signs") => Some(("vital-signs", "Vital Signs")),
        Some("laboratory") => Some(("laboratory", "Laboratory")),
        Some("survey") => Some(("survey", "Survey")),
        _ => None,
    };
    out.insert("status".to_owned(), json!("final"));
    if let Some((code, display)) = category {
        out.insert("category".to_owned(), json!([coded(OBSERVATION_CATEGORY, code, display)]));
    }
    out.insert("code".to_owned(), concept(entry));
    out.insert("subject".to_owned(), patient.clone());
    date(entry, "effectiveDateTime", out);
    out.insert("performer".to_owned(), json!([patient]));
    if entry.is_blood_pressure() {
        let parts = [(SYSTOLIC, &entry.value), (DIASTOLIC, &entry.lower_value)];
        let parts: Vec<Value> = parts
            .into_iter()
            .filter_map(|((code, display), value)| {
                let mut part = Map::new();
                part.insert("code".to_owned(), coded(crate::terminology::LOINC, code, display));
                put_value(value.as_deref()?, entry.unit.as_deref(), &mut part);
                Some(Value::Object(part))
            })
            .collect();
        if !parts.is_empty() {
            out.insert("component".to_owned(), Value::Array(parts));
        }
    } else if let Some(value) = &entry.value {
        put_value(value, entry.unit.as_deref(), out);
    }
}

fn put_value(value: &str, unit: Option<&str>, out: &mut Resource) {
    let number = fields::number(value).and_then(|text| text.parse::<Number>().ok());
    let Some(number) = number else {
        // Words ("negative"), and whatever was typed as their unit with them.
        let text = unit.map_or_else(|| value.to_owned(), |unit| format!("{value} {unit}"));
        out.insert("valueString".to_owned(), json!(text));
        return;
    };
    let mut quantity = Map::new();
    quantity.insert("value".to_owned(), Value::Number(number));
    if let Some(unit) = unit {
        quantity.insert("unit".to_owned(), json!(unit));
        if let Some(code) = tables::ucum(unit) {
            quantity.insert("system".to_owned(), json!(UCUM));
            quantity.insert("code".to_owned(), json!(code));
        }
    }
    out.insert("valueQuantity".to_owned(), Value::Object(quantity));
}

fn note(entry: &TypedEntry, patient: Value, out: &mut Resource) {
    let text = entry.comment.as_deref().unwrap_or_default();
    let mut div = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    for line in text.lines() {
        div.push_str("<p>");
        escape_xhtml(line, &mut div);
        div.push_str("</p>");
    }
    if text.is_empty() {
        div.push_str("<p>");
        escape_xhtml(&entry.what, &mut div);
        div.push_str("</p>");
    }
    div.push_str("</div>");
    out.insert("text".to_owned(), json!({ "status": "generated", "div": div }));
    out.insert("status".to_owned(), json!("current"));
    let kind =
        json!({ "coding": [{ "system": crate::terminology::LOINC, "code": "51855-5", "display": "Patient Note" }] });
    out.insert("type".to_owned(), kind);
    out.insert("subject".to_owned(), patient.clone());
    out.insert("author".to_owned(), json!([patient]));
    out.insert("description".to_owned(), json!(entry.what));
    let mut attachment = Map::new();
    attachment.insert("contentType".to_owned(), json!(TEXT_PLAIN));
    attachment.insert("data".to_owned(), json!(STANDARD.encode(text)));
    attachment.insert("title".to_owned(), json!(entry.what));
    date(entry, "creation", &mut attachment);
    out.insert("content".to_owned(), json!([{ "attachment": attachment }]));
}

/// The clinical and verification status of an allergy or condition: what a patient says is not yet confirmed.
fn status(entry: &TypedEntry, stem: &str, out: &mut Resource) {
    let (code, display) = match entry.status {
        TypedStatus::Active => ("active", "Active"),
        TypedStatus::Resolved => ("resolved", "Resolved"),
    };
    let kind = if stem == "condition" { "condition-clinical" } else { "allergyintolerance-clinical" };
    out.insert(
        "clinicalStatus".to_owned(),
        coded(&format!("http://terminology.hl7.org/CodeSystem/{kind}"), code, display),
    );
    let kind = if stem == "condition" { "condition-ver-status" } else { "allergyintolerance-verification" };
    out.insert(
        "verificationStatus".to_owned(),
        coded(&format!("http://terminology.hl7.org/CodeSystem/{kind}"), "unconfirmed", "Unconfirmed"),
    );
}

fn date(entry: &TypedEntry, name: &str, out: &mut Resource) {
    if let Some(since) = &entry.since {
        out.insert(name.to_owned(), json!(since));
    }
}

/// The person's words, and the code they picked.
fn concept(entry: &TypedEntry) -> Value {
    let mut out = Map::new();
    if let Some(coding) = &entry.coding {
        let mut picked = Map::new();
        for (name, text) in [("system", &coding.system), ("code", &coding.code), ("display", &coding.display)] {
            if !text.is_empty() {
                picked.insert(name.to_owned(), json!(text));
            }
        }
        out.insert("coding".to_owned(), json!([picked]));
    }
    out.insert("text".to_owned(), json!(entry.what));
    Value::Object(out)
}

fn coded(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": display }] })
}

pub(super) fn severity_code(severity: TypedSeverity) -> &'static str {
    match severity {
        TypedSeverity::Mild => "mild",
        TypedSeverity::Moderate => "moderate",
        TypedSeverity::Severe => "severe",
    }
}
