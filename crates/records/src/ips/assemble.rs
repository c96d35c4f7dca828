//! The document Bundle, put together: sort into sections, take in what is referred to, clean, rewrite, tell.

mod clean;

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    IpsRequest, narrative,
    references::{self, Addresses, Destination},
    sections::{self, Language, Section},
};
use crate::{
    Error, Result, datetime,
    display::{self, Description},
    index::{self, clip, kind_of},
    json::Json,
    sensitivity, terminology,
};
use clean::{clean, clean_patient};

/// A summary and what became of each record that was asked for.
#[derive(Debug, Clone)]
pub struct Assembled {
    /// The document Bundle.
    pub bundle: Value,
    /// Positions of the records that are in it, in a section or because one in a section refers to them.
    pub included: Vec<usize>,
    /// The others, each with the reason.
    pub left_out: Vec<LeftOut>,
}

/// A record that is not in the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its position in the request.
    pub position: usize,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why a record is not in the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftOutReason {
    /// The guide has no section for this kind of record (a claim, a visit).
    NoSection,
    /// Nothing in the summary refers to it (an organisation, a medication's description).
    NotReferredTo,
    /// It was entered in error.
    Error,
    /// It is about something other than a person (a location, a group).
    NotAboutAPerson,
    /// It is the Patient, who is in already.
    Patient,
}

/// Makes the document Bundle and says what is in it.
///
/// Records' own narratives, profiles and version data are left out (the section's narrative is made afresh), and of the
/// Patient what a clinician does not need and another could misuse: photo, relatives, social security, passport and
/// licence numbers, extensions. Numbers keep their text.
///
/// # Errors
/// As [`build`](super::build).
pub fn assemble(request: &IpsRequest<'_>) -> Result<Assembled> {
    let timestamp = datetime::instant(request.now).ok_or(Error::Clock)?;
    let patient: Value = serde_json::from_slice(request.patient).map_err(|_| Error::NotAPatient)?;
    if patient.text_at(&["resourceType"]) != Some("Patient") {
        return Err(Error::NotAPatient);
    }
    let language = Language::of(request.language);
    let mut work = Work::sort(request, &patient)?;
    work.take_in_supporting();
    let included = work.included();
    let sections: Vec<(Section, Vec<usize>)> =
        Section::ALL.into_iter().map(|section| (section, work.in_section(section))).collect();
    let left_out = work.left_out();
    let urls = Urls::new(request.bundle_id, &included);
    let links = Links { displays: work.displays(), addresses: work.addresses, urls: &urls };

    let mut confidentiality = Confidentiality::Normal;
    let mut resources: HashMap<usize, Value> = HashMap::with_capacity(included.len());
    for (position, record) in work.records.into_iter().enumerate() {
        if let (Some(record), Some(id)) = (record, urls.records.get(&position)) {
            let labels = sensitivity::classify(&record.resource);
            confidentiality = confidentiality.max(Confidentiality::of(&record.resource, !labels.is_empty()));
            let lead = |reference: &str| links.lead(reference, record.full_url);
            resources.insert(position, clean(record.resource, id, &urn(&urls.patient), &labels, &lead));
        }
    }

    let mut composition_sections = Vec::new();
    for (section, positions) in &sections {
        if !positions.is_empty() || section.required() {
            let described: Vec<Description> =
                positions.iter().filter_map(|at| resources.get(at)).map(display::describe).collect();
            composition_sections.push(section_json(*section, language, positions, &described, &urls));
        }
    }

    let heading = heading(&patient, language);
    let patient_entry = clean_patient(patient, &urls.patient, &|reference| links.lead(reference, None));
    let device = json!({
        "resourceType": "Device",
        "id": urls.device,
        "manufacturer": "Carnet",
        "deviceName": [{"name": "Carnet", "type": "user-friendly-name"}],
    });
    let composition = json!({
        "resourceType": "Composition",
        "id": urls.composition,
        "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"]},
        "language": language.tag(),
        "text": {
            "status": "generated",
            "div": narrative::paragraph(&heading, language),
        },
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(&urls.composition)},
        "status": "final",
        "type": {"coding": [{"system": terminology::LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": urn(&urls.patient)},
        "date": timestamp,
        "author": [{"reference": urn(&urls.device), "display": "Carnet"}, {"reference": urn(&urls.patient)}],
        "title": narrative::document_title(language),
        "confidentiality": confidentiality.code(),
        "section": composition_sections,
    });

    let mut entries = vec![
        json!({"fullUrl": urn(&urls.composition), "resource": composition}),
        json!({"fullUrl": urn(&urls.patient), "resource": patient_entry}),
        json!({"fullUrl": urn(&urls.device), "resource": device}),
    ];
    for position in &included {
        if let (Some(resource), Some(id)) = (resources.remove(position), urls.records.get(position)) {
            let mut entry = Map::new();
            entry.insert("fullUrl".to_owned(), Value::String(urn(id)));
            entry.insert("resource".to_owned(), resource);
            entries.push(Value::Object(entry));
        }
    }
    let bundle = json!({
        "resourceType": "Bundle",
        "id": urls.bundle,
        "meta": {
            "profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"],
            "security": [{
                "system": terminology::V3_CONFIDENTIALITY,
                "code": confidentiality.code(),
                "display": confidentiality.display(),
            }],
        },
        "language": language.tag(),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(&urls.bundle)},
        "type": "document",
        "timestamp": timestamp,
        "entry": Value::Null,
    });
    let bundle = with_member(bundle, "entry", Value::Array(entries));
    Ok(Assembled { bundle, included, left_out })
}

/// A record of the request, parsed.
struct Parsed<'a> {
    resource: Value,
    full_url: Option<&'a str>,
    section: Option<Section>,
    sort_key: i64,
    supporting: bool,
}

/// The request, sorted out.
struct Work<'a> {
    /// By position; `None` where left out.
    records: Vec<Option<Parsed<'a>>>,
    reasons: HashMap<usize, LeftOutReason>,
    addresses: Addresses,
}

impl<'a> Work<'a> {
    fn sort(request: &IpsRequest<'a>, patient: &Value) -> Result<Self> {
        let mut work = Work {
            records: Vec::with_capacity(request.records.len()),
            reasons: HashMap::new(),
            addresses: Addresses::default(),
        };
        work.addresses.add(PATIENT, None, "Patient", patient.text_at(&["id"]));
        for (position, record) in request.records.iter().enumerate() {
            let sorted = match index::peek_type(record.original) {
                Some(name) if !has_place(name) => Err(LeftOutReason::NoSection),
                _ => {
                    let resource: Value =
                        serde_json::from_slice(record.original).map_err(|_| Error::DamagedRecord { position })?;
                    work.place(position, record.full_url, resource)
                }
            };
            work.records.push(match sorted {
                Ok(parsed) => Some(parsed),
                Err(reason) => {
                    work.reasons.insert(position, reason);
                    None
                }
            });
        }
        Ok(work)
    }

    fn place(
        &mut self,
        position: usize,
        full_url: Option<&'a str>,
        resource: Value,
    ) -> Result<Parsed<'a>, LeftOutReason> {
        let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default();
        let id = resource.text_at(&["id"]);
        if resource_type == "Patient" {
            // Other sources' records of the same person: references to them lead to the one Patient.
            self.addresses.add(PATIENT, full_url, "Patient", id);
            return Err(LeftOutReason::Patient);
        }
        if matches!(index::status(&resource), Some("entered-in-error")) {
            return Err(LeftOutReason::Error);
        }
        let kind = kind_of(resource_type);
        let section = sections::section_of(&resource, index::category(kind, &resource));
        if section.is_none() && !is_supporting(resource_type) {
            return Err(LeftOutReason::NoSection);
        }
        let about = ["subject", "patient"].iter().find_map(|name| resource.text_at(&[name, "reference"]));
        if section.is_some() && about.and_then(references::named_type).is_some_and(|name| name != "Patient") {
            return Err(LeftOutReason::NotAboutAPerson);
        }
        self.addresses.add(position, full_url, resource_type, id);
        let sort_key = index::clinical_date(kind, &resource).and_then(datetime::unix_seconds).unwrap_or(i64::MIN);
        Ok(Parsed { resource, full_url, section, sort_key, supporting: false })
    }

    /// Marks what records in sections refer to, and what that refers to.
    fn take_in_supporting(&mut self) {
        let mut open: Vec<usize> = (0..self.records.len())
            .filter(|at| self.record(*at).is_some_and(|record| record.section.is_some()))
            .collect();
        while let Some(position) = open.pop() {
            let Some(record) = self.record(position) else { continue };
            let mut found = Vec::new();
            each_reference(&record.resource, &mut |reference| {
                found.extend(self.addresses.resolve(reference, record.full_url));
            });
            for target in found {
                if let Some(Some(record)) = self.records.get_mut(target)
                    && record.section.is_none()
                    && !record.supporting
                {
                    record.supporting = true;
                    open.push(target);
                }
            }
        }
    }

    fn record(&self, position: usize) -> Option<&Parsed<'a>> {
        self.records.get(position).and_then(Option::as_ref)
    }

    /// Positions in a section, newest first.
    fn in_section(&self, section: Section) -> Vec<usize> {
        let mut found: Vec<(i64, usize)> = Vec::new();
        for (position, record) in self.records.iter().enumerate() {
            if let Some(record) = record
                && record.section == Some(section)
            {
                found.push((record.sort_key, position));
            }
        }
        found.sort_by_key(|(key, position)| (std::cmp::Reverse(*key), *position));
        found.into_iter().map(|(_, position)| position).collect()
    }

    /// Positions that are in the Bundle: section by section, then what they refer to.
    fn included(&self) -> Vec<usize> {
        let mut all: Vec<usize> = Section::ALL.into_iter().flat_map(|section| self.in_section(section)).collect();
        all.extend((0..self.records.len()).filter(|at| self.record(*at).is_some_and(|record| record.supporting)));
        all
    }

    fn left_out(&self) -> Vec<LeftOut> {
        let mut all = Vec::new();
        for position in 0..self.records.len() {
            let reason = match self.record(position) {
                Some(record) if record.section.is_some() || record.supporting => continue,
                Some(_) => LeftOutReason::NotReferredTo,
                None => self.reasons.get(&position).copied().unwrap_or(LeftOutReason::NoSection),
            };
            all.push(LeftOut { position, reason });
        }
        all
    }

    /// Words for each record that others may refer to.
    fn displays(&self) -> HashMap<usize, String> {
        let supporting = self.records.iter().enumerate().filter_map(|(at, record)| Some((at, record.as_ref()?)));
        supporting
            .filter(|(_, record)| record.supporting)
            .map(|(position, record)| {
                let kind = kind_of(record.resource.text_at(&["resourceType"]).unwrap_or_default());
                (position, clip(&index::title(kind, &record.resource), 200).to_owned())
            })
            .collect()
    }
}

/// Where references lead.
struct Links<'u> {
    addresses: Addresses,
    displays: HashMap<usize, String>,
    urls: &'u Urls,
}

impl Links<'_> {
    fn lead(&self, reference: &str, source: Option<&str>) -> Destination {
        match self.addresses.resolve(reference, source) {
            Some(PATIENT) => Destination::Entry { full_url: urn(&self.urls.patient), display: None },
            Some(position) => match self.urls.records.get(&position) {
                Some(id) => Destination::Entry { full_url: urn(id), display: self.displays.get(&position).cloned() },
                None => Destination::Nowhere,
            },
            None => Destination::Nowhere,
        }
    }
}

/// The position that stands for the Patient.
const PATIENT: usize = usize::MAX;

/// Identifiers of the document and its entries, none of which says anything about another document's.
struct Urls {
    bundle: String,
    composition: String,
    patient: String,
    device: String,
    records: HashMap<usize, String>,
}

impl Urls {
    fn new(bundle_id: [u8; 16], included: &[usize]) -> Urls {
        let derive = |name: &str, number: u64| {
            let mut hash = Sha256::new();
            hash.update(b"carnet/ips/v1\0");
            hash.update(bundle_id);
            hash.update(name.as_bytes());
            hash.update(number.to_be_bytes());
            let digest: [u8; 32] = hash.finalize().into();
            let mut bytes = [0; 16];
            bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
            uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
        };
        Urls {
            bundle: uuid::Builder::from_random_bytes(bundle_id).into_uuid().to_string(),
            composition: derive("composition", 0),
            patient: derive("patient", 0),
            device: derive("device", 0),
            records: included.iter().map(|position| (*position, derive("record", *position as u64))).collect(),
        }
    }
}

fn urn(uuid: &str) -> String {
    format!("urn:uuid:{uuid}")
}

/// How confidential the whole is: as its most confidential part (v3 Confidentiality).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Confidentiality {
    Normal,
    Restricted,
    VeryRestricted,
}

impl Confidentiality {
    fn of(resource: &Value, labelled: bool) -> Confidentiality {
        let security = resource.member("meta").into_iter().flat_map(|meta| meta.each("security"));
        let very = security.filter_map(|label| label.text_at(&["code"])).any(|code| code == "V");
        match (very, labelled) {
            (true, _) => Confidentiality::VeryRestricted,
            (false, true) => Confidentiality::Restricted,
            (false, false) => Confidentiality::Normal,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Confidentiality::Normal => "N",
            Confidentiality::Restricted => "R",
            Confidentiality::VeryRestricted => "V",
        }
    }

    fn display(self) -> &'static str {
        match self {
            Confidentiality::Normal => "normal",
            Confidentiality::Restricted => "restricted",
            Confidentiality::VeryRestricted => "very restricted",
        }
    }
}

fn section_json(
    section: Section,
    language: Language,
    positions: &[usize],
    described: &[Description],
    urls: &Urls,
) -> Value {
    let (code, code_display) = section.loinc();
    let div = if described.is_empty() {
        narrative::paragraph(narrative::nothing_included(language), language)
    } else {
        narrative::table(described, language)
    };
    let json = json!({
        "title": section.title(language),
        "code": {"coding": [{"system": sections::CODE_SYSTEM, "code": code, "display": code_display}]},
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
        positions.iter().filter_map(|at| urls.records.get(at)).map(|id| json!({"reference": urn(id)})).collect();
    with_member(json, "entry", Value::Array(entries))
}

fn heading(patient: &Value, language: Language) -> String {
    let banner = display::patient_banner(patient);
    let parts =
        [Some(narrative::document_title(language).to_owned()), Some(banner.name), banner.birth_date, banner.sex];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn with_member(mut object: Value, name: &str, member: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
    object
}

/// Whether a summary can hold this kind of resource at all.
fn has_place(resource_type: &str) -> bool {
    is_supporting(resource_type)
        || matches!(
            resource_type,
            "Patient"
                | "AllergyIntolerance"
                | "Condition"
                | "MedicationStatement"
                | "MedicationRequest"
                | "MedicationAdministration"
                | "MedicationDispense"
                | "Immunization"
                | "Procedure"
                | "DiagnosticReport"
                | "Observation"
                | "DeviceUseStatement"
                | "CarePlan"
                | "ImmunizationRecommendation"
                | "Flag"
        )
}

/// Kinds that are taken in where a record refers to them.
fn is_supporting(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "Medication"
            | "Practitioner"
            | "PractitionerRole"
            | "Organization"
            | "Specimen"
            | "Device"
            | "Location"
            | "RelatedPerson"
            | "ImagingStudy"
            | "CareTeam"
            | "Goal"
    )
}

fn each_reference(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_reference(item, each)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" => each(text),
                    _ => each_reference(member, each),
                }
            }
        }
        _ => {}
    }
}
