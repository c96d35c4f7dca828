//! Patient-shared health documents for a front desk ("Kill the Clipboard"): a `collection` Bundle with its PDF.
//!
//! <https://ktc-spec.github.io/>. [`assemble`] makes the Bundle of the selected records, [`attach_rendered`] adds the
//! rendering of it for readers who cannot take the records in one by one, and [`check`] holds any such Bundle against
//! the profile.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

pub use crate::rules::ktc::check;
use crate::{
    Error, Result, datetime,
    index::Category,
    json::Json,
    outgoing::{Assembled, Gathered, OutRequest, Readable, Ready, urn},
    sections::{self, Further, Heading},
    summary_text::Language,
    terminology::LOINC,
};

/// LOINC, *Patient summary Document*: a PDF that shows every resource of the Bundle.
pub const RENDERED: &str = "60591-5";
/// LOINC, *Patient Note*: a PDF in the patient's own words.
pub const STORY: &str = "51855-5";
/// The category of what a patient shares.
pub const CATEGORY: (&str, &str) = ("https://cms.gov/fhir/CodeSystem/patient-shared-category", "patient-shared");
/// The label of what a patient asserts.
pub const PATIENT_ASSERTED: (&str, &str) = ("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "PATAST");
/// The extension in which an app attests that it took part.
pub const ATTESTATION: &str = "https://cms.gov/fhir/StructureDefinition/app-attestation";

/// Makes the Bundle and says what is in it: the Patient, the selected records of any kind that a chart files, and what
/// they refer to. Of documents only patients' stories in PDF have a place, and only where documents were asked for.
///
/// # Errors
/// The patient is not a Patient, a record is not JSON, or the time is not in the years 1 to 9999.
pub fn assemble(request: &OutRequest<'_>) -> Result<Assembled> {
    let timestamp = datetime::instant(request.now).ok_or(Error::Clock)?;
    let language = Language::of(request.language);
    let mut ready = Gathered::new(request, &place, &can_hold)?.ready(request.bundle_id);
    let readable = Readable::of(&ready, language, &timestamp);
    let bundle = bundle(&mut ready, &timestamp);
    Ok(Assembled { bundle, included: ready.included, left_out: ready.left_out, readable })
}

/// Adds the rendered PDF of a Bundle that [`assemble`] made, right after the Patient. It should show every resource of
/// the Bundle, as a page made from [`Assembled::readable`] does.
pub fn attach_rendered(assembled: &mut Assembled, pdf: &[u8], bundle_id: [u8; 16]) {
    let Some(entries) = assembled.bundle.get_mut("entry").and_then(Value::as_array_mut) else { return };
    let patient = entries.first().and_then(|entry| entry.text_at(&["fullUrl"])).unwrap_or_default().to_owned();
    let id = crate::outgoing::Ids::new(bundle_id, &[]).own("rendered");
    let mut document = Map::new();
    document.insert("resourceType".to_owned(), json!("DocumentReference"));
    document.insert("id".to_owned(), json!(id));
    shared_by(&mut document, &patient, &assembled.readable.made);
    document.insert(
        "type".to_owned(),
        json!({"coding": [{
            "system": LOINC, "code": RENDERED, "display": "Patient summary Document",
        }]}),
    );
    document.insert("description".to_owned(), json!(assembled.readable.title));
    document.insert(
        "content".to_owned(),
        json!([{"attachment": {
            "contentType": "application/pdf",
            "language": assembled.readable.language,
            "data": STANDARD.encode(pdf),
            "title": assembled.readable.title,
            "creation": assembled.readable.made,
        }}]),
    );
    entries.insert(1.min(entries.len()), json!({"fullUrl": urn(&id), "resource": document}));
}

/// What the profile fixes of any document.
fn shared_by(document: &mut Map<String, Value>, patient_url: &str, date: &str) {
    let (system, code) = PATIENT_ASSERTED;
    document.insert(
        "meta".to_owned(),
        json!({"security": [{"system": system, "code": code, "display": "patient asserted"}]}),
    );
    document.insert("status".to_owned(), json!("current"));
    let (system, code) = CATEGORY;
    document.insert(
        "category".to_owned(),
        json!([{"coding": [{"system": system, "code": code, "display": "Patient-Shared"}]}]),
    );
    document.insert("subject".to_owned(), json!({"reference": patient_url}));
    document.insert("author".to_owned(), json!([{"reference": patient_url}]));
    document.insert("date".to_owned(), json!(date));
}

/// Whether the Bundle may hold this kind of resource.
fn can_hold(resource_type: &str) -> bool {
    // Frames, files and protocols of other systems, which no chart files as something of the patient's.
    !matches!(
        resource_type,
        "Binary"
            | "Bundle"
            | "Composition"
            | "DocumentManifest"
            | "Media"
            | "Provenance"
            | "AuditEvent"
            | "List"
            | "MessageHeader"
            | "OperationOutcome"
            | "Parameters"
            | "Basic"
            | "Task"
            | "Person"
            | "Group"
    )
}

fn place(resource: &Value, category: Category, documents: bool) -> Option<Heading> {
    let resource_type = resource.text_at(&["resourceType"])?;
    if !can_hold(resource_type) {
        return None;
    }
    if resource_type == "DocumentReference" {
        return (documents && is_story(resource)).then_some(Heading::Category(Further::Documents));
    }
    if let Some(section) = sections::section_of(resource, category) {
        return Some(Heading::Section(section));
    }
    // What would be misread where there is no place to say so: "do not give", an alert that is over, consents to data.
    if matches!(resource_type, "MedicationRequest" | "Flag" | "Consent") {
        return None;
    }
    Some(Heading::Category(match category {
        Category::Visit => Further::Visits,
        Category::Report => Further::Reports,
        Category::Insurance => Further::Insurance,
        _ => Further::Other,
    }))
}

/// A patient's own words as a PDF inside the record.
fn is_story(document: &Value) -> bool {
    let codings = document.at(&["type"]).into_iter().flat_map(|concept| concept.each("coding"));
    let story = codings
        .into_iter()
        .any(|coding| coding.text_at(&["system"]) == Some(LOINC) && coding.text_at(&["code"]) == Some(STORY));
    let contents = document.each("content");
    let pdf = |content: &Value| {
        content.text_at(&["attachment", "contentType"]) == Some("application/pdf")
            && content.text_at(&["attachment", "data"]).is_some()
    };
    story && contents.len() == 1 && contents.iter().all(pdf)
}

fn bundle(ready: &mut Ready, timestamp: &str) -> Value {
    let patient = urn(&ready.ids.patient);
    let mut entries = vec![json!({"fullUrl": patient, "resource": std::mem::take(&mut ready.patient)})];
    for position in &ready.all {
        if let (Some(mut resource), Some(id)) = (ready.resources.remove(position), ready.ids.records.get(position)) {
            if resource.text_at(&["resourceType"]) == Some("DocumentReference")
                && let Some(document) = resource.as_object_mut()
            {
                let date = document.get("date").and_then(Value::as_str).unwrap_or(timestamp).to_owned();
                shared_by(document, &patient, &date);
            }
            entries.push(json!({"fullUrl": urn(id), "resource": resource}));
        }
    }
    json!({
        "resourceType": "Bundle",
        "id": ready.ids.bundle,
        "meta": {"security": [ready.confidentiality.coding()]},
        "type": "collection",
        "timestamp": timestamp,
        "entry": entries,
    })
}
