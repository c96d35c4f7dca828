//! The records of a request sorted, joined by what they refer to, and rewritten for the output.

use std::{cmp::Reverse, collections::HashMap};

use serde_json::Value;

use super::{
    Ids, LeftOut, LeftOutReason, OutRecord, OutRequest,
    clean::{self, Cleaning, clean_patient},
    references::{self, Addresses, Destination},
    urn,
};
use crate::{
    Error, Result,
    confidentiality::Confidentiality,
    datetime,
    display::{self, Description},
    index::{self, Category, clip, kind_of},
    json::Json,
    sections::Heading,
    sensitivity::Sensitivity,
};

/// The position that stands for the Patient.
const PATIENT: usize = usize::MAX;
/// The position that stands for anything held back.
const WITHHELD: usize = usize::MAX - 1;

/// A record of the request, parsed.
struct Parsed<'a> {
    resource: Value,
    full_url: Option<&'a str>,
    labels: &'a [Sensitivity],
    heading: Option<Heading>,
    sort_key: i64,
    supporting: bool,
}

/// The request, sorted out.
pub(crate) struct Gathered<'a> {
    patient: Value,
    /// By position; `None` where left out.
    records: Vec<Option<Parsed<'a>>>,
    reasons: HashMap<usize, LeftOutReason>,
    addresses: Addresses,
    documents: bool,
}

/// Everything that goes out, rewritten.
pub(crate) struct Ready {
    /// The Patient.
    pub(crate) patient: Value,
    /// The Patient as the source had it, for the banner.
    pub(crate) banner: display::Banner,
    /// Positions under each heading that has any, in the headings' order, newest first.
    pub(crate) under: Vec<(Heading, Vec<usize>)>,
    /// Positions of what is in because another record refers to it.
    pub(crate) supporting: Vec<usize>,
    /// Positions that are in: heading by heading, then what they refer to.
    pub(crate) included: Vec<usize>,
    /// The others.
    pub(crate) left_out: Vec<LeftOut>,
    /// The resources by position.
    pub(crate) resources: HashMap<usize, Value>,
    /// As confidential as the most confidential of them.
    pub(crate) confidentiality: Confidentiality,
    /// The identifiers given to them.
    pub(crate) ids: Ids,
}

impl Ready {
    /// What a person reads of the records at these positions.
    pub(crate) fn described(&self, positions: &[usize]) -> Vec<Description> {
        positions.iter().filter_map(|at| self.resources.get(at)).map(display::describe).collect()
    }
}

impl<'a> Gathered<'a> {
    /// Sorts a request out. `place` says under which heading of the output a resource belongs; one that belongs under
    /// none is taken in where `supports` its kind and another refers to it.
    pub(crate) fn new(
        request: &OutRequest<'a>,
        place: &dyn Fn(&Value, Category) -> Option<Heading>,
        can_hold: &dyn Fn(&str) -> bool,
    ) -> Result<Self> {
        let patient: Value = serde_json::from_slice(request.patient).map_err(|_| Error::NotAPatient)?;
        if patient.text_at(&["resourceType"]) != Some("Patient") {
            return Err(Error::NotAPatient);
        }
        let mut gathered = Gathered {
            records: Vec::with_capacity(request.records.len()),
            reasons: HashMap::new(),
            addresses: Addresses::default(),
            documents: request.documents,
            patient,
        };
        gathered.addresses.add(PATIENT, None, "Patient", gathered.patient.text_at(&["id"]));
        for (position, record) in request.records.iter().enumerate() {
            let sorted = match index::peek_type(record.original) {
                Some(name) if name != "Patient" && !is_supporting(name) && !can_hold(name) => {
                    Err(LeftOutReason::NoPlace)
                }
                _ => {
                    let resource: Value =
                        serde_json::from_slice(record.original).map_err(|_| Error::DamagedRecord { position })?;
                    gathered.place(position, record, resource, place)
                }
            };
            let parsed = sorted.map_err(|reason| gathered.reasons.insert(position, reason)).ok();
            gathered.records.push(parsed);
        }
        request.withheld.iter().for_each(|record| gathered.withhold(record));
        gathered.take_in_supporting();
        Ok(gathered)
    }

    fn place(
        &mut self,
        position: usize,
        record: &OutRecord<'a>,
        resource: Value,
        place: &dyn Fn(&Value, Category) -> Option<Heading>,
    ) -> Result<Parsed<'a>, LeftOutReason> {
        let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default();
        let id = resource.text_at(&["id"]);
        if resource_type == "Patient" {
            // Other sources' records of the same person: references to them lead to the one Patient.
            self.addresses.add(PATIENT, record.full_url, "Patient", id);
            return Err(LeftOutReason::Patient);
        }
        if matches!(index::status(&resource), Some("entered-in-error")) {
            return Err(LeftOutReason::Error);
        }
        let kind = kind_of(resource_type);
        let supporting = is_supporting(resource_type);
        let heading = if supporting { None } else { place(&resource, index::category(kind, &resource)) };
        if heading.is_none() && !supporting {
            return Err(LeftOutReason::NoPlace);
        }
        let about = ["subject", "patient"].iter().find_map(|name| resource.text_at(&[name, "reference"]));
        if heading.is_some() && about.and_then(references::named_type).is_some_and(|name| name != "Patient") {
            return Err(LeftOutReason::NotAboutAPerson);
        }
        self.addresses.add(position, record.full_url, resource_type, id);
        let sort_key = index::clinical_date(kind, &resource).and_then(datetime::unix_seconds).unwrap_or(i64::MIN);
        let OutRecord { full_url, labels, .. } = *record;
        Ok(Parsed { resource, full_url, labels, heading, sort_key, supporting: false })
    }

    /// Enters the names of a record that is held back: where its JSON cannot be read, its `fullUrl` alone.
    fn withhold(&mut self, record: &OutRecord<'_>) {
        let resource = serde_json::from_slice::<Value>(record.original).unwrap_or_default();
        let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default();
        self.addresses.add(WITHHELD, record.full_url, resource_type, resource.text_at(&["id"]));
    }

    /// Marks what records under headings refer to, and what that refers to.
    fn take_in_supporting(&mut self) {
        let mut open: Vec<usize> = (0..self.records.len())
            .filter(|at| self.record(*at).is_some_and(|record| record.heading.is_some()))
            .collect();
        while let Some(position) = open.pop() {
            let Some(record) = self.record(position) else { continue };
            let mut found = Vec::new();
            each_reference(&record.resource, &mut |reference| {
                found.extend(self.addresses.resolve(reference, record.full_url));
            });
            for target in found {
                if let Some(Some(record)) = self.records.get_mut(target)
                    && record.heading.is_none()
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

    /// The headings that have records, in order, with these newest first.
    fn under(&self) -> Vec<(Heading, Vec<usize>)> {
        let mut all: HashMap<Heading, Vec<(i64, usize)>> = HashMap::new();
        for (position, record) in self.records.iter().enumerate() {
            if let Some(record) = record
                && let Some(heading) = record.heading
            {
                all.entry(heading).or_default().push((record.sort_key, position));
            }
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|(heading, _)| *heading);
        all.into_iter()
            .map(|(heading, mut found)| {
                found.sort_by_key(|(key, position)| (Reverse(*key), *position));
                (heading, found.into_iter().map(|(_, position)| position).collect())
            })
            .collect()
    }

    fn left_out(&self) -> Vec<LeftOut> {
        let mut all = Vec::new();
        for position in 0..self.records.len() {
            let reason = match self.record(position) {
                Some(record) if record.heading.is_some() || record.supporting => continue,
                Some(_) => LeftOutReason::NotReferredTo,
                None => self.reasons.get(&position).copied().unwrap_or(LeftOutReason::NoPlace),
            };
            all.push(LeftOut { position, reason });
        }
        all
    }

    /// Words for each record that others may refer to.
    fn displays(&self) -> HashMap<usize, String> {
        let all = self.records.iter().enumerate().filter_map(|(at, record)| Some((at, record.as_ref()?)));
        all.filter(|(_, record)| record.supporting)
            .map(|(position, record)| {
                let kind = kind_of(record.resource.text_at(&["resourceType"]).unwrap_or_default());
                (position, clip(&index::title(kind, &record.resource), 200).to_owned())
            })
            .collect()
    }

    /// Rewrites everything that goes out under new identifiers.
    pub(crate) fn ready(self, bundle_id: [u8; 16]) -> Ready {
        let under = self.under();
        let left_out = self.left_out();
        let supporting: Vec<usize> =
            (0..self.records.len()).filter(|at| self.record(*at).is_some_and(|record| record.supporting)).collect();
        let included: Vec<usize> =
            under.iter().flat_map(|(_, positions)| positions).chain(&supporting).copied().collect();
        let ids = Ids::new(bundle_id, &included);
        let displays = self.displays();
        let banner = display::patient_banner(&self.patient);
        let patient_url = urn(&ids.patient);
        let lead = |reference: &str, source: Option<&str>| match self.addresses.resolve(reference, source) {
            Some(PATIENT) => Destination::Entry { full_url: patient_url.clone(), display: None },
            Some(WITHHELD) => Destination::Withheld,
            Some(position) => match ids.records.get(&position) {
                Some(id) => Destination::Entry { full_url: urn(id), display: displays.get(&position).cloned() },
                None => Destination::Nowhere,
            },
            None => Destination::Nowhere,
        };
        let mut confidentiality = Confidentiality::Normal;
        let mut resources: HashMap<usize, Value> = HashMap::with_capacity(included.len());
        for (position, record) in self.records.into_iter().enumerate() {
            if let (Some(record), Some(id)) = (record, ids.records.get(&position)) {
                let labelled = !record.labels.is_empty();
                confidentiality = confidentiality.max(Confidentiality::of(&record.resource, labelled));
                let cleaning = Cleaning {
                    id,
                    patient_url: &patient_url,
                    labels: record.labels,
                    heading: record.heading,
                    documents: self.documents,
                };
                let lead = |reference: &str| lead(reference, record.full_url);
                resources.insert(position, clean::clean(record.resource, &cleaning, &lead));
            }
        }
        let patient = clean_patient(self.patient, &ids.patient, &|reference| lead(reference, None));
        Ready { patient, banner, under, supporting, included, left_out, resources, confidentiality, ids }
    }
}

/// Kinds that are taken in where a record refers to them: they say little by themselves.
pub(crate) fn is_supporting(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "Medication"
            | "Practitioner"
            | "PractitionerRole"
            | "Organization"
            | "Specimen"
            | "Substance"
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
