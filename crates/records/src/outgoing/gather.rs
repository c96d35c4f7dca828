//! The records of a request sorted, joined by what they refer to, and rewritten for the output.

use std::{cmp::Reverse, collections::HashMap};

use serde_json::{Value, json};

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
    references::may_name_a_patient,
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
    /// In because another refers to it.
    supporting: bool,
    /// Whether it was chosen itself.
    chosen: bool,
    files: bool,
    own: bool,
}

/// The request, sorted out.
pub(crate) struct Gathered<'a> {
    patient: Value,
    /// By position; `None` where left out.
    records: Vec<Option<Parsed<'a>>>,
    reasons: HashMap<usize, LeftOutReason>,
    addresses: Addresses,
    /// How many were asked for; what comes after them is added here.
    asked: usize,
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
    /// Positions that are in: heading by heading, then what they refer to. Those beyond the request's are of what the output
    /// adds.
    pub(crate) all: Vec<usize>,
    /// The same without what the output adds.
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
        place: &dyn Fn(&Value, Category, bool) -> Option<Heading>,
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
            asked: request.records.len(),
            patient,
        };
        gathered.addresses.add_patient(PATIENT, None, &gathered.patient);
        for (position, record) in request.records.iter().enumerate() {
            let sorted = match index::peek_type(record.original) {
                Some(name) if name != "Patient" && !is_supporting(name) && !can_hold(name) => {
                    Err(LeftOutReason::NoPlace)
                }
                _ => {
                    let resource: Value =
                        serde_json::from_slice(record.original).map_err(|_| Error::DamagedRecord { position })?;
                    gathered.place(position, record, resource, request.documents || record.files, place)
                }
            };
            let parsed = sorted.map_err(|reason| gathered.reasons.insert(position, reason)).ok();
            gathered.records.push(parsed);
        }
        request.withheld.iter().for_each(|record| gathered.withhold(record));
        gathered.leave_out_others();
        gathered.add_uses(place);
        Ok(gathered)
    }

    fn place(
        &mut self,
        position: usize,
        record: &OutRecord<'a>,
        resource: Value,
        files: bool,
        place: &dyn Fn(&Value, Category, bool) -> Option<Heading>,
    ) -> Result<Parsed<'a>, LeftOutReason> {
        let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default();
        let id = resource.text_at(&["id"]);
        if resource_type == "Patient" {
            // Other sources' records of the same person: references to them lead to the one Patient.
            self.addresses.add_patient(PATIENT, record.full_url, &resource);
            return Err(LeftOutReason::Patient);
        }
        if matches!(index::status(&resource), Some("entered-in-error")) {
            return Err(LeftOutReason::Error);
        }
        let kind = kind_of(resource_type);
        let supporting = is_supporting(resource_type);
        let heading = if supporting { None } else { place(&resource, index::category(kind, &resource), files) };
        if heading.is_none() && !supporting {
            return Err(LeftOutReason::NoPlace);
        }
        let about = ["subject", "patient"].iter().find_map(|name| resource.text_at(&[name, "reference"]));
        if heading.is_some() && about.and_then(references::named_type).is_some_and(|name| name != "Patient") {
            return Err(LeftOutReason::NotAboutAPerson);
        }
        self.addresses.add(position, record.full_url, resource_type, id);
        let sort_key = index::clinical_date(kind, &resource).and_then(datetime::unix_seconds).unwrap_or(i64::MIN);
        let OutRecord { full_url, labels, support, own, .. } = *record;
        Ok(Parsed { resource, full_url, labels, heading, sort_key, supporting: false, chosen: !support, files, own })
    }

    /// Leaves out what names another person, or one of whom nothing is known: under the patient's name it would be taken for
    /// the patient's.
    fn leave_out_others(&mut self) {
        let another = |record: &Parsed<'a>| {
            let named = index::patient_reference(&record.resource).filter(|_| !record.own);
            // What is no person stays out under a reason of its own.
            let named = named.filter(|name| may_name_a_patient(name));
            named.is_some_and(|name| self.addresses.resolve(&name, record.full_url) != Some(PATIENT))
        };
        let others = self.records.iter().enumerate().filter(|(_, record)| record.as_ref().is_some_and(another));
        let others: Vec<usize> = others.map(|(position, _)| position).collect();
        self.leave_out(&others, LeftOutReason::AnotherPerson);
    }

    fn leave_out(&mut self, positions: &[usize], reason: LeftOutReason) {
        for position in positions {
            if let Some(record) = self.records.get_mut(*position) {
                *record = None;
                self.reasons.insert(*position, reason);
            }
        }
    }

    /// Leaves out all but the newest of the records of each kind that the output may hold once. `kind` tells the kind.
    pub(crate) fn keep_newest(&mut self, kind: &dyn Fn(&Value) -> Option<&'static str>) {
        let mut met = Vec::new();
        let mut older = Vec::new();
        for (_, positions) in self.under() {
            for position in positions {
                let Some(kind) = self.record(position).and_then(|record| kind(&record.resource)) else { continue };
                if met.contains(&kind) { older.push(position) } else { met.push(kind) }
            }
        }
        self.leave_out(&older, LeftOutReason::NoPlace);
    }

    /// A device of the patient's that was chosen and that no statement of its use speaks of gets one: without, an implant
    /// would be nowhere. When it is used is not known.
    fn add_uses(&mut self, place: &dyn Fn(&Value, Category, bool) -> Option<Heading>) {
        let mut used = Vec::new();
        for record in self.records.iter().flatten() {
            if record.resource.text_at(&["resourceType"]) == Some("DeviceUseStatement")
                && let Some(device) = record.resource.text_at(&["device", "reference"])
            {
                used.extend(self.addresses.resolve(device, record.full_url));
            }
        }
        let mut added = Vec::new();
        for (position, record) in self.records.iter().enumerate() {
            let Some(record) = record.as_ref().filter(|record| record.chosen && !used.contains(&position)) else {
                continue;
            };
            let is = |name: &str| record.resource.text_at(&["resourceType"]) == Some(name);
            if !is("Device") || record.resource.member("patient").is_none() {
                continue;
            }
            let name = format!("urn:carnet:device:{position}");
            let mut resource = json!({"resourceType": "DeviceUseStatement", "device": {"reference": name}});
            let status = match record.resource.text_at(&["status"]) {
                Some("active") => ("status", json!("active")),
                Some("inactive") => ("status", json!("completed")),
                _ => ("_status", clean::absent()),
            };
            if let Some(members) = resource.as_object_mut() {
                members.insert(status.0.to_owned(), status.1);
            }
            if let Some(heading) = place(&resource, Category::Device, false) {
                let labels = record.labels;
                added.push((
                    position,
                    name,
                    Parsed {
                        resource,
                        full_url: None,
                        labels,
                        heading: Some(heading),
                        sort_key: record.sort_key,
                        supporting: false,
                        chosen: true,
                        files: false,
                        own: true,
                    },
                ));
            }
        }
        for (position, name, statement) in added {
            self.addresses.add(position, Some(&name), "Device", None);
            self.records.push(Some(statement));
        }
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
        for position in 0..self.asked {
            let reason = match self.record(position) {
                Some(record) if record.heading.is_some() || record.supporting => continue,
                Some(record) if record.resource.text_at(&["resourceType"]).is_some_and(says_something) => {
                    LeftOutReason::NoPlace
                }
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
    pub(crate) fn ready(mut self, bundle_id: [u8; 16]) -> Ready {
        self.take_in_supporting();
        let under = self.under();
        let left_out = self.left_out();
        let supporting: Vec<usize> =
            (0..self.records.len()).filter(|at| self.record(*at).is_some_and(|record| record.supporting)).collect();
        let all: Vec<usize> = under.iter().flat_map(|(_, positions)| positions).chain(&supporting).copied().collect();
        let included: Vec<usize> = all.iter().copied().filter(|position| *position < self.asked).collect();
        let ids = Ids::new(bundle_id, &all);
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
        let mut resources: HashMap<usize, Value> = HashMap::with_capacity(all.len());
        for (position, record) in self.records.into_iter().enumerate() {
            if let (Some(record), Some(id)) = (record, ids.records.get(&position)) {
                let labelled = !record.labels.is_empty();
                confidentiality = confidentiality.max(Confidentiality::of(&record.resource, labelled));
                let cleaning = Cleaning {
                    id,
                    patient_url: &patient_url,
                    labels: record.labels,
                    heading: record.heading,
                    files: record.files,
                };
                let lead = |reference: &str| lead(reference, record.full_url);
                resources.insert(position, clean::clean(record.resource, &cleaning, &lead));
            }
        }
        let patient = clean_patient(self.patient, &ids.patient, &|reference| lead(reference, None));
        Ready { patient, banner, under, supporting, all, included, left_out, resources, confidentiality, ids }
    }
}

/// Kinds that are taken in only where a record refers to them: they say little by themselves.
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

/// Those of them that go along with what refers to them though they were not chosen. Others are something of the patient's,
/// or tell of relatives.
pub fn goes_along(resource_type: &str) -> bool {
    is_supporting(resource_type) && !matches!(resource_type, "RelatedPerson" | "ImagingStudy" | "CareTeam" | "Goal")
}

/// Those of them that say something of the patient all the same, so that it must be told where they stay out.
fn says_something(resource_type: &str) -> bool {
    matches!(resource_type, "Specimen" | "Device" | "ImagingStudy" | "CareTeam" | "Goal")
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
