//! The document Bundle, put together: sections with their text, the Composition that names them, and the entries.

use serde_json::{Map, Value, json};

use crate::{
    Error, Result, datetime,
    display::{Banner, Description},
    outgoing::{Assembled, Gathered, OutRequest, Readable, Ready, urn},
    sections::{self, Heading, SECTIONS, SectionSpec},
    summary_text::{self, Language},
    terminology,
};

/// Makes the document Bundle and says what is in it.
///
/// Records' own narratives, profiles and version data are left out (the section's narrative is made afresh), and of the
/// Patient what a clinician does not need and another could misuse: photo, relatives, social security, passport and
/// licence numbers, extensions. Numbers keep their text.
///
/// # Errors
/// As [`build`](super::build).
pub fn assemble(request: &OutRequest<'_>) -> Result<Assembled> {
    let timestamp = datetime::instant(request.now).ok_or(Error::Clock)?;
    let language = Language::of(request.language);
    let place = |resource: &Value, category, _| sections::section_of(resource, category).map(Heading::Section);
    let mut gathered = Gathered::new(request, &place, &sections::has_section)?;
    gathered.keep_newest(&sections::stands_once);
    let mut ready = gathered.ready(request.bundle_id);

    let mut composition_sections = Vec::new();
    for spec in &SECTIONS {
        let positions = ready.under.iter().find(|(heading, _)| *heading == Heading::Section(spec.section));
        let positions = positions.map_or(&[][..], |(_, positions)| positions);
        if !positions.is_empty() || spec.required {
            let described = ready.described(positions);
            composition_sections.push(section_json(spec, language, positions, &described, &ready));
        }
    }
    let readable = Readable::of(&ready, language, &timestamp);
    let frame = Frame { language, timestamp: &timestamp, sections: composition_sections };
    let bundle = frame.bundle(&mut ready);
    Ok(Assembled { bundle, included: ready.included, left_out: ready.left_out, readable })
}

/// What stands around the records.
struct Frame<'f> {
    language: Language,
    timestamp: &'f str,
    sections: Vec<Value>,
}

impl Frame<'_> {
    fn bundle(self, ready: &mut Ready) -> Value {
        let (device, composition) = (ready.ids.own("device"), ready.ids.own("composition"));
        let (language, timestamp) = (self.language, self.timestamp);
        let mut entries = vec![
            json!({"fullUrl": urn(&composition), "resource": self.composition(&composition, &device, ready)}),
            json!({"fullUrl": urn(&ready.ids.patient), "resource": std::mem::take(&mut ready.patient)}),
            json!({"fullUrl": urn(&device), "resource": {
                "resourceType": "Device",
                "id": device,
                "manufacturer": "Carnet",
                "deviceName": [{"name": "Carnet", "type": "user-friendly-name"}],
            }}),
        ];
        for position in &ready.all {
            if let (Some(resource), Some(id)) = (ready.resources.remove(position), ready.ids.records.get(position)) {
                let mut entry = Map::new();
                entry.insert("fullUrl".to_owned(), Value::String(urn(id)));
                entry.insert("resource".to_owned(), resource);
                entries.push(Value::Object(entry));
            }
        }
        let bundle = json!({
            "resourceType": "Bundle",
            "id": ready.ids.bundle,
            "meta": {
                "profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"],
                "security": [ready.confidentiality.coding()],
            },
            "language": language.tag(),
            "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(&ready.ids.bundle)},
            "type": "document",
            "timestamp": timestamp,
        });
        with_member(bundle, "entry", Value::Array(entries))
    }

    /// A program put the summary together, so it is the author; the patient decided what is in it, and attests to that.
    fn composition(self, id: &str, device: &str, ready: &Ready) -> Value {
        let (language, patient) = (self.language, urn(&ready.ids.patient));
        json!({
            "resourceType": "Composition",
            "id": id,
            "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"]},
            "language": language.tag(),
            "text": {"status": "generated", "div": summary_text::paragraph(&heading(&ready.banner, language), language)},
            "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(id)},
            "status": "final",
            "type": {"coding": [{"system": terminology::LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
            "subject": {"reference": patient},
            "date": self.timestamp,
            "author": [{"reference": urn(device), "display": "Carnet"}],
            "title": summary_text::document_title(language),
            "confidentiality": ready.confidentiality.code(),
            "attester": [{"mode": "personal", "time": self.timestamp, "party": {"reference": patient}}],
            "section": self.sections,
        })
    }
}

fn section_json(
    spec: &SectionSpec,
    language: Language,
    positions: &[usize],
    described: &[Description],
    ready: &Ready,
) -> Value {
    let div = if described.is_empty() {
        summary_text::paragraph(summary_text::nothing_included(language), language)
    } else {
        summary_text::table(described, language)
    };
    let json = json!({
        "title": spec.title(language),
        "code": {"coding": [{"system": terminology::LOINC, "code": spec.code, "display": spec.display}]},
        "text": {"status": "generated", "div": div},
    });
    if described.is_empty() {
        // Never "nil known": that somebody did not share a thing says nothing about whether there is one.
        let reason = json!({"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/list-empty-reason",
            "code": "unavailable",
            "display": "Unavailable",
        }]});
        return with_member(json, "emptyReason", reason);
    }
    let entries =
        positions.iter().filter_map(|at| ready.ids.records.get(at)).map(|id| json!({"reference": urn(id)})).collect();
    with_member(json, "entry", Value::Array(entries))
}

fn heading(banner: &Banner, language: Language) -> String {
    let title = Some(summary_text::document_title(language));
    let parts = [title, Some(banner.name.as_str()), banner.birth_date.as_deref(), banner.sex.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn with_member(mut object: Value, name: &str, member: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
    object
}
