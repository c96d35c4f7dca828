//! The rules of IPS 2.0.1 that a validator of base FHIR does not know, over a finished document Bundle.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{narrative::DATA_ABSENT_REASON, sections::Section};
use crate::{datetime, json::Json, terminology};

/// A rule that a Bundle breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// The rule: the guide's own key (`ips-comp-1`, `bdl-ips-1`), FHIR's (`bdl-9`), or the path whose cardinality it is.
    pub rule: &'static str,
    /// Where, FHIRPath-like.
    pub path: String,
    /// What is wrong, as a sentence.
    pub message: String,
}

/// Checks a document Bundle against the guide's rules; empty if it keeps them all.
///
/// It does not check base FHIR R4 (cardinalities, types, codes): validators for that exist.
pub fn check(bundle: &Value) -> Vec<BrokenRule> {
    let mut found = Check(Vec::new());
    envelope(bundle, &mut found);
    let entries = bundle.member("entry").map_or(&[][..], Json::items);
    let targets = Targets::of(entries);
    let composition = entries.first().and_then(|entry| entry.member("resource"));
    match composition.filter(|resource| is_a(resource, "Composition")) {
        None => found.add("bdl-11", "Bundle.entry[0]", "The first entry is not a Composition."),
        Some(composition) => check_composition(composition, &targets, &mut found),
    }
    let patients: Vec<usize> = positions(entries, "Patient");
    match patients.as_slice() {
        [at] => {
            if let Some(patient) = entries.get(*at).and_then(|entry| entry.member("resource")) {
                check_patient(patient, &format!("Bundle.entry[{at}].resource"), &mut found);
            }
        }
        _ => found.add("Bundle.entry:patient", "Bundle.entry", "There must be exactly one Patient."),
    }
    if positions(entries, "Composition").len() > 1 {
        found.add("bdl-ips-1", "Bundle.entry", "There is more than one Composition.");
    }
    for (at, entry) in entries.iter().enumerate() {
        if let Some(resource) = entry.member("resource")
            && is_a(resource, "Observation")
        {
            check_observation(resource, &format!("Bundle.entry[{at}].resource"), &mut found);
        }
    }
    check_references(entries, &targets, &mut found);
    found.0
}

fn envelope(bundle: &Value, found: &mut Check) {
    if !is_a(bundle, "Bundle") {
        found.add("Bundle", "Bundle", "This is not a Bundle.");
    }
    if bundle.text_at(&["type"]) != Some("document") {
        found.add("Bundle.type", "Bundle.type", "The Bundle is not a document.");
    }
    if bundle.text_at(&["identifier", "system"]).is_none() || bundle.text_at(&["identifier", "value"]).is_none() {
        found.add("bdl-9", "Bundle.identifier", "The document has no identifier with a system and a value.");
    }
    if !bundle.text_at(&["timestamp"]).is_some_and(|text| text.contains('T') && datetime::unix_seconds(text).is_some())
    {
        found.add("bdl-10", "Bundle.timestamp", "The document does not say when it was made.");
    }
    let mut seen = HashSet::new();
    for (at, entry) in bundle.member("entry").map_or(&[][..], Json::items).iter().enumerate() {
        match entry.text_at(&["fullUrl"]) {
            None => found.add("Bundle.entry.fullUrl", &format!("Bundle.entry[{at}]"), "The entry has no fullUrl."),
            Some(url) if !seen.insert(url) => {
                found.add("bdl-7", &format!("Bundle.entry[{at}].fullUrl"), "Two entries have this fullUrl.");
            }
            Some(_) => {}
        }
        if entry.member("resource").is_none() {
            found.add("Bundle.entry.resource", &format!("Bundle.entry[{at}]"), "The entry has no resource.");
        }
        for name in ["search", "request", "response"] {
            if entry.member(name).is_some() {
                found.add(
                    "Bundle.entry",
                    &format!("Bundle.entry[{at}].{name}"),
                    "A document's entry must not have this.",
                );
            }
        }
    }
}

fn check_composition(composition: &Value, targets: &Targets<'_>, found: &mut Check) {
    const AT: &str = "Bundle.entry[0].resource";
    let typed = composition.member("type").map_or(&[][..], |concept| concept.each("coding"));
    if !typed.iter().any(|coding| is_coded(coding, terminology::LOINC, "60591-5")) {
        found.add(
            "Composition.type",
            &format!("{AT}.type"),
            "The document is not typed as a patient summary (LOINC 60591-5).",
        );
    }
    for name in ["status", "date", "title"] {
        if composition.text_at(&[name]).is_none() {
            found.add("Composition", &format!("{AT}.{name}"), "This is required and missing.");
        }
    }
    if composition.each("author").is_empty() {
        found.add("Composition.author", &format!("{AT}.author"), "Nobody is named as the author.");
    }
    let subject = composition.text_at(&["subject", "reference"]);
    let patient = subject.and_then(|reference| targets.find(reference));
    if !patient.is_some_and(|resource| is_a(resource, "Patient")) {
        found.add("Composition.subject", &format!("{AT}.subject"), "The subject is not the Patient in the document.");
    }
    let sections = composition.member("section").map_or(&[][..], Json::items);
    for required in Section::ALL.into_iter().filter(|section| section.required()) {
        let (code, _) = required.loinc();
        if sections.iter().filter(|section| has_code(section, code)).count() != 1 {
            found.add(
                "Composition.section",
                &format!("{AT}.section"),
                &format!(
                    "There must be exactly one section with LOINC {code} ({}).",
                    required.title(super::sections::Language::English)
                ),
            );
        }
    }
    for (at, section) in sections.iter().enumerate() {
        check_section(section, &format!("{AT}.section[{at}]"), targets, found);
    }
}

fn check_section(section: &Value, path: &str, targets: &Targets<'_>, found: &mut Check) {
    let code = section
        .member("code")
        .into_iter()
        .flat_map(|code| code.each("coding"))
        .find_map(|coding| coding.text_at(&["code"]));
    if section.text_at(&["title"]).is_none() {
        found.add("Composition.section.title", path, "The section has no title.");
    }
    if code.is_none() {
        found.add("Composition.section.code", path, "The section has no code.");
    }
    if section.text_at(&["text", "div"]).is_none() {
        found.add("Composition.section.text", path, "The section has no text for people.");
    }
    let pointers = section.member("entry").map_or(&[][..], Json::items);
    let some = pointers.iter().any(|entry| entry.text_at(&["reference"]).is_some());
    let empty = section.member("emptyReason").is_some();
    let required =
        Section::ALL.into_iter().filter(|section| section.required()).any(|required| code == Some(required.loinc().0));
    if required && !some && !empty {
        found.add("ips-comp-1", path, "A required section has neither an entry nor a reason why it is empty.");
    }
    if some && empty {
        found.add("cmp-2", path, "A section with entries gives a reason why it is empty.");
    }
    if section.member("entry").is_some() && pointers.is_empty() {
        found.add("Composition.section.entry", path, "FHIR has no empty arrays.");
    }
    let Some(accepted) = code.and_then(Section::accepts) else { return };
    for (at, pointer) in pointers.iter().enumerate() {
        let resource = pointer.text_at(&["reference"]).and_then(|reference| targets.find(reference));
        if let Some(name) = resource.and_then(|resource| resource.text_at(&["resourceType"]))
            && !accepted.contains(&name)
        {
            found.add(
                "Composition.section.entry",
                &format!("{path}.entry[{at}]"),
                &format!("This section cannot hold a {name}."),
            );
        }
    }
}

fn check_patient(patient: &Value, path: &str, found: &mut Check) {
    let names = patient.member("name").map_or(&[][..], Json::items);
    let is_name = |name: &Value| {
        ["family", "given", "text", "_family", "_given", "_text"].iter().any(|part| name.member(part).is_some())
    };
    if names.is_empty() || !names.iter().all(|name| is_name(name) || is_absent(name)) {
        found.add("ips-pat-1", &format!("{path}.name"), "The Patient has no name with a family, given or text part.");
    }
    if patient.text_at(&["birthDate"]).is_none() && !patient.member("_birthDate").is_some_and(is_absent) {
        found.add(
            "Patient.birthDate",
            &format!("{path}.birthDate"),
            "The Patient has neither a date of birth nor a reason why not.",
        );
    }
}

fn check_observation(observation: &Value, path: &str, found: &mut Check) {
    let has_value = |holder: &Value| {
        holder.as_object().is_some_and(|members| {
            members.keys().any(|name| {
                let name = name.strip_prefix('_').unwrap_or(name);
                name == "dataAbsentReason"
                    || name
                        .strip_prefix("value")
                        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_uppercase()))
            })
        })
    };
    let components = observation.member("component").map_or(&[][..], Json::items);
    if !has_value(observation) && observation.member("hasMember").is_none() && components.is_empty() {
        found.add("ips-2", path, "The observation has no value, members, components or reason why not.");
    }
    if !components.is_empty() && !components.iter().any(has_value) {
        found.add("ips-3", &format!("{path}.component"), "No component has a value or a reason why not.");
    }
    let imaging = observation.each("category").iter().flat_map(|category| category.each("coding"));
    if imaging.filter_map(|coding| coding.text_at(&["code"])).any(|code| code == "imaging")
        && let Some(date) = observation.text_at(&["effectiveDateTime"])
        && !datetime::names_the_day(date)
    {
        found.add("ips-1", &format!("{path}.effectiveDateTime"), "The date does not name the day.");
    }
}

/// Every reference resolves in the Bundle, or to a resource contained in the one that refers.
fn check_references(entries: &[Value], targets: &Targets<'_>, found: &mut Check) {
    for (at, entry) in entries.iter().enumerate() {
        let Some(resource) = entry.member("resource") else { continue };
        let contained: HashSet<&str> =
            resource.each("contained").iter().filter_map(|inner| inner.text_at(&["id"])).collect();
        let mut references = Vec::new();
        collect(resource, &mut references);
        for reference in references {
            let resolves = match reference.strip_prefix('#') {
                Some(id) => id.is_empty() || contained.contains(id),
                None => targets.find(reference).is_some(),
            };
            if !resolves {
                found.add(
                    "references",
                    &format!("Bundle.entry[{at}].resource"),
                    "A reference leads out of the document.",
                );
            }
        }
    }
}

fn collect<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" => out.push(text),
                    _ => collect(member, out),
                }
            }
        }
        _ => {}
    }
}

/// The document's resources by their addresses.
struct Targets<'a> {
    by_url: HashMap<&'a str, &'a Value>,
    /// By the last two steps of an address, as relative references name them.
    by_tail: HashMap<&'a str, &'a Value>,
}

impl<'a> Targets<'a> {
    fn of(entries: &'a [Value]) -> Self {
        let mut targets = Targets { by_url: HashMap::new(), by_tail: HashMap::new() };
        for entry in entries {
            if let (Some(url), Some(resource)) = (entry.text_at(&["fullUrl"]), entry.member("resource")) {
                targets.by_url.entry(url).or_insert(resource);
                let before_id = url.rfind('/').unwrap_or_default();
                let tail = url
                    .get(..before_id)
                    .and_then(|base| base.rfind('/'))
                    .and_then(|at| url.get(at + 1..))
                    .unwrap_or(url);
                targets.by_tail.entry(tail).or_insert(resource);
            }
        }
        targets
    }

    /// The resource a reference leads to: by `fullUrl`, or for a relative one by the `fullUrl` that ends in it.
    fn find(&self, reference: &str) -> Option<&'a Value> {
        let by_url = self.by_url.get(reference).copied();
        by_url.or_else(|| self.by_tail.get(reference).copied().filter(|_| !reference.contains(':')))
    }
}

fn positions(entries: &[Value], resource_type: &str) -> Vec<usize> {
    let of_type = |entry: &Value| entry.member("resource").is_some_and(|resource| is_a(resource, resource_type));
    entries.iter().enumerate().filter(|(_, entry)| of_type(entry)).map(|(at, _)| at).collect()
}

fn is_a(resource: &Value, resource_type: &str) -> bool {
    resource.text_at(&["resourceType"]) == Some(resource_type)
}

fn is_coded(coding: &Value, system: &str, code: &str) -> bool {
    coding.text_at(&["system"]) == Some(system) && coding.text_at(&["code"]) == Some(code)
}

fn has_code(section: &Value, code: &str) -> bool {
    section
        .member("code")
        .into_iter()
        .flat_map(|concept| concept.each("coding"))
        .any(|coding| is_coded(coding, terminology::LOINC, code))
}

/// Whether the element says why it is not there.
fn is_absent(element: &Value) -> bool {
    element.each("extension").iter().any(|extension| extension.text_at(&["url"]) == Some(DATA_ABSENT_REASON))
}

struct Check(Vec<BrokenRule>);

impl Check {
    fn add(&mut self, rule: &'static str, path: &str, message: &str) {
        self.0.push(BrokenRule { rule, path: path.to_owned(), message: message.to_owned() });
    }
}
