//! Records as lines of FHIR JSON, and as the `.sphr` container of HL7's Personal Health Record format.
//!
//! NDJSON as in Bulk Data (<https://hl7.org/fhir/uv/bulkdata/>): one resource a line, references relative
//! (`Patient/…`). A `.phr` file is the same with a Composition as its cover and a DocumentManifest as its contents in
//! front; a `.sphr` is that in a zip archive, deflated (HL7 `hl7.fhir.uv.phr` 1.0.0-ballot2, "Data Storage").

use serde_json::{Value, json};

use crate::{
    Error, Result, datetime,
    index::Category,
    json::Json,
    outgoing::{Assembled, Gathered, OutRequest, Readable, Ready},
    sections::{self, Further, Heading},
    summary_text::{self, Language},
    terminology::{self, LOINC},
};

/// Gathers the selected records and what they refer to, of any kind, as a `collection` Bundle with relative references.
///
/// # Errors
/// The patient is not a Patient, a record is not JSON, or the time is not in the years 1 to 9999.
pub fn assemble(request: &OutRequest<'_>) -> Result<Assembled> {
    let timestamp = datetime::instant(request.now).ok_or(Error::Clock)?;
    let mut ready = Gathered::new(request, &place, &|_| true)?.ready(request.bundle_id);
    let readable = Readable::of(&ready, Language::of(request.language), &timestamp);
    let bundle = bundle(&mut ready, &timestamp);
    Ok(Assembled { bundle, included: ready.included, left_out: ready.left_out, readable })
}

/// The lines of what [`assemble`] made: the Patient first, each line one resource, each ended by a line feed.
pub fn lines(assembled: &Assembled) -> Vec<u8> {
    let resources = assembled.bundle.each("entry").iter().filter_map(|entry| entry.member("resource"));
    resources.flat_map(|resource| format!("{resource}\n").into_bytes()).collect()
}

/// The `.phr` file of what [`assemble`] made: its cover, its contents, then the lines.
pub fn phr(assembled: &Assembled, bundle_id: [u8; 16]) -> Vec<u8> {
    let resources: Vec<&Value> =
        assembled.bundle.each("entry").iter().filter_map(|entry| entry.member("resource")).collect();
    let reference = |resource: &&Value| {
        let (kind, id) = (resource.text_at(&["resourceType"])?, resource.text_at(&["id"])?);
        Some(json!({"reference": format!("{kind}/{id}")}))
    };
    let all: Vec<Value> = resources.iter().filter_map(reference).collect();
    let patient = all.first().cloned().unwrap_or_else(|| json!({}));
    let ids = crate::outgoing::Ids::new(bundle_id, &[]);
    let (language, made) = (assembled.readable.language, &assembled.readable.made);
    let summary = json!({"coding": [{"system": LOINC, "code": "60591-5", "display": "Patient summary Document"}]});
    let cover = json!({
        "resourceType": "Composition",
        "id": ids.own("composition"),
        "language": language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", ids.bundle)},
        "status": "final",
        "type": summary,
        "subject": patient,
        "date": made,
        "author": [patient],
        "title": assembled.readable.title,
        "confidentiality": confidentiality(&assembled.bundle),
        "section": [{
            "title": assembled.readable.title,
            "text": {"status": "generated", "div": summary_text::paragraph(&assembled.readable.title, Language::of(language))},
            "entry": all,
        }],
    });
    let manifest = json!({
        "resourceType": "DocumentManifest",
        "id": ids.own("manifest"),
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{}", ids.bundle)}],
        "status": "current",
        "type": summary,
        "subject": patient,
        "created": made,
        "author": [patient],
        "source": "urn:carnet",
        "description": assembled.readable.title,
        "content": all,
    });
    let mut out = format!("{cover}\n{manifest}\n").into_bytes();
    out.extend(lines(assembled));
    out
}

/// The `.sphr` container: a zip archive with the `.phr` file in it, deflated. It is not encrypted: the draft leaves that to
/// the tools of whoever stores it.
///
/// # Errors
/// The archive could not be written in memory.
#[cfg(feature = "formats")]
pub fn sphr(assembled: &Assembled, bundle_id: [u8; 16]) -> Result<Vec<u8>> {
    use std::io::{Cursor, Write};

    use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

    let wrong = |error: zip::result::ZipError| Error::Io(std::io::Error::other(error));
    // The archive says nothing of this device's clock.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("records.phr", options).map_err(wrong)?;
    archive.write_all(&phr(assembled, bundle_id))?;
    Ok(archive.finish().map_err(wrong)?.into_inner())
}

fn confidentiality(bundle: &Value) -> &str {
    let labels = bundle.at(&["meta"]).into_iter().flat_map(|meta| meta.each("security"));
    let mut codes = labels.filter(|label| label.text_at(&["system"]) == Some(terminology::V3_CONFIDENTIALITY));
    codes.find_map(|label| label.text_at(&["code"])).unwrap_or("N")
}

fn place(resource: &Value, category: Category, documents: bool) -> Option<Heading> {
    match resource.text_at(&["resourceType"])? {
        // Frames and protocols, which lose their meaning outside; and files without the document that explains them.
        "Bundle" | "Binary" | "AuditEvent" | "MessageHeader" | "OperationOutcome" | "Parameters" | "Provenance"
        | "Person" => return None,
        "DocumentReference" | "DocumentManifest" | "Composition" | "Media" if !documents => return None,
        _ => {}
    }
    if let Some(section) = sections::section_of(resource, category) {
        return Some(Heading::Section(section));
    }
    Some(Heading::Category(match category {
        Category::Visit => Further::Visits,
        Category::Report => Further::Reports,
        Category::Document => Further::Documents,
        Category::Insurance => Further::Insurance,
        _ => Further::Other,
    }))
}

fn bundle(ready: &mut Ready, timestamp: &str) -> Value {
    let mut resources = vec![std::mem::take(&mut ready.patient)];
    resources.extend(ready.all.iter().filter_map(|position| ready.resources.remove(position)));
    let kinds: std::collections::HashMap<String, String> = resources
        .iter()
        .filter_map(|resource| {
            let (kind, id) = (resource.text_at(&["resourceType"])?, resource.text_at(&["id"])?);
            Some((crate::outgoing::urn(id), format!("{kind}/{id}")))
        })
        .collect();
    resources.iter_mut().for_each(|resource| relative(resource, &kinds));
    let entries: Vec<Value> = resources.into_iter().map(|resource| json!({"resource": resource})).collect();
    json!({
        "resourceType": "Bundle",
        "id": ready.ids.bundle,
        "meta": {"security": [ready.confidentiality.coding()]},
        "type": "collection",
        "timestamp": timestamp,
        "entry": entries,
    })
}

fn relative(value: &mut Value, kinds: &std::collections::HashMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| relative(item, kinds)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" => {
                        if let Some(address) = kinds.get(text) {
                            text.clone_from(address);
                        }
                    }
                    _ => relative(member, kinds),
                }
            }
        }
        _ => {}
    }
}
