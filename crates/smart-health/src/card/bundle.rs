//! The rules for the FHIR Bundle in a card.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Payload content minified for QR codes"; HL7 FHIR R4 (required
//! elements, empty values, choices); SMART Health Cards: Vaccination & Testing (a vaccination is `completed`).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::text::without_surroundings;
use super::{Finding, Reason, Severity};

/// The most records of a card.
pub const MAX_ENTRIES: usize = 1000;

/// The most findings that are gathered.
pub(super) const MAX_FINDINGS: usize = 200;

/// Checks the JSON text of a card's Bundle. `minified`: whether it goes into a QR code and must be as short as that asks
/// for; otherwise what only QR codes forbid is noted. The Bundle is there whenever the text is a JSON object.
pub fn check_bundle(json: &[u8], minified: bool) -> (Option<Map<String, Value>>, Vec<Finding>) {
    let mut findings = Vec::new();
    let Some(Value::Object(bundle)) = read_json(json, "fhirBundle", Reason::BundleNotJson, &mut findings) else {
        if findings
            .iter()
            .all(|finding| finding.severity == Severity::Noted || finding.reason == Reason::TrailingCharacters)
        {
            findings.push(Finding::refused("fhirBundle", Reason::NotABundle));
        }
        return (None, findings);
    };
    findings.extend(check(&bundle, minified));
    (Some(bundle), findings)
}

/// Reads JSON that may have something before or after it.
pub(super) fn read_json(json: &[u8], path: &str, broken: Reason, findings: &mut Vec<Finding>) -> Option<Value> {
    let json = match json.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => {
            findings.push(Finding::refused(path, Reason::ByteOrderMark));
            rest
        }
        None => json,
    };
    let Ok(text) = std::str::from_utf8(json) else {
        findings.push(Finding::refused(path, broken));
        return None;
    };
    let (content, trailing) = without_surroundings(text);
    if trailing {
        findings.push(Finding::refused(path, Reason::TrailingCharacters));
    }
    match serde_json::from_str(content) {
        Ok(value) => Some(value),
        Err(_) => {
            findings.push(Finding::refused(path, broken));
            None
        }
    }
}

/// Checks a Bundle; the findings' paths begin with `fhirBundle`.
pub(super) fn check(bundle: &Map<String, Value>, minified: bool) -> Vec<Finding> {
    let mut rules =
        Rules { minified, findings: Vec::new(), path: vec![Step::Name("fhirBundle".into())], urls: HashSet::new() };
    rules.bundle(bundle);
    rules.findings
}

enum Step {
    Name(String),
    At(usize),
}

struct Rules {
    minified: bool,
    findings: Vec<Finding>,
    path: Vec<Step>,
    urls: HashSet<String>,
}

impl Rules {
    fn bundle(&mut self, bundle: &Map<String, Value>) {
        if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
            return self.refuse(Reason::NotABundle);
        }
        if bundle.get("type").and_then(Value::as_str).is_none() {
            self.refuse(Reason::ElementMissing { element: "type" });
        }
        if bundle.contains_key("id") {
            self.at("id", |rules| rules.note(Reason::ResourceId));
        }
        if let Some(meta) = bundle.get("meta") {
            self.at("meta", |rules| rules.meta(meta));
        }
        let Some(entries) = bundle.get("entry").and_then(Value::as_array).filter(|entries| !entries.is_empty()) else {
            return self.refuse(Reason::BundleEmpty);
        };
        if entries.len() > MAX_ENTRIES {
            return self.refuse(Reason::TooManyEntries { limit: MAX_ENTRIES });
        }
        self.path.push(Step::Name("entry".into()));
        for (at, entry) in entries.iter().enumerate() {
            self.step(Step::At(at), |rules| rules.full_url(entry));
        }
        for (at, entry) in entries.iter().enumerate() {
            self.step(Step::At(at), |rules| rules.at("resource", |rules| rules.resource(entry.get("resource"))));
        }
        self.path.pop();
    }

    fn full_url(&mut self, entry: &Value) {
        let url = entry.get("fullUrl").and_then(Value::as_str).unwrap_or_default();
        self.at("fullUrl", |rules| {
            if !is_short(url) {
                rules.when_minified(Reason::FullUrl);
            }
            if !url.is_empty() && !rules.urls.insert(url.to_owned()) {
                rules.refuse(Reason::FullUrlTwice);
            }
        });
    }

    fn resource(&mut self, resource: Option<&Value>) {
        let Some(resource) = resource.and_then(Value::as_object) else { return self.refuse(Reason::NoResource) };
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        if !kind.starts_with(|first: char| first.is_ascii_uppercase()) {
            return self.refuse(Reason::NoResource);
        }
        for element in required(kind) {
            if !has(resource, element) {
                self.refuse(Reason::ElementMissing { element });
            }
        }
        for element in CHOICES {
            if choices(resource, element) > 1 {
                self.refuse(Reason::ChoiceTwice { element });
            }
        }
        self.status(kind, resource);
        if let Some(element) = CODED.iter().find(|(of, _)| *of == kind).map(|(_, element)| *element)
            && let Some(concept) = resource.get(element)
        {
            self.at(element, |rules| rules.coded(concept));
        }
        if resource.contains_key("id") {
            self.at("id", |rules| rules.note(Reason::ResourceId));
        }
        if resource.contains_key("text") {
            self.at("text", |rules| rules.note(Reason::Narrative));
        }
        for (name, value) in resource {
            match name.as_str() {
                "meta" => self.at(name, |rules| rules.meta(value)),
                "resourceType" => {}
                _ => self.at(name, |rules| rules.walk(name, value)),
            }
        }
    }

    fn status(&mut self, kind: &str, resource: &Map<String, Value>) {
        let Some(status) = resource.get("status") else {
            // One that is only said to be absent (`_status`) is not `completed`.
            if kind == "Immunization" && resource.contains_key("_status") {
                self.at("status", |rules| rules.refuse(Reason::StatusNotCompleted));
            }
            return;
        };
        let known: &[&str] = match kind {
            "Immunization" if status.as_str() != Some("completed") => {
                return self.at("status", |rules| rules.refuse(Reason::StatusNotCompleted));
            }
            "Observation" => &[
                "registered",
                "preliminary",
                "final",
                "amended",
                "corrected",
                "cancelled",
                "entered-in-error",
                "unknown",
            ],
            "DiagnosticReport" => &[
                "registered",
                "partial",
                "preliminary",
                "final",
                "amended",
                "corrected",
                "appended",
                "cancelled",
                "entered-in-error",
                "unknown",
            ],
            _ => return,
        };
        if status.as_str().is_none_or(|status| !known.contains(&status)) {
            self.at("status", |rules| rules.refuse(Reason::StatusUnknown));
        }
    }

    /// A CodeableConcept that says what the record is about.
    fn coded(&mut self, concept: &Value) {
        let codings = concept.get("coding").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let text = !self.minified && concept.get("text").and_then(Value::as_str).is_some();
        if !text && !codings.iter().any(|coding| coding.get("code").and_then(Value::as_str).is_some()) {
            self.refuse(Reason::CodingMissing);
        }
    }

    fn meta(&mut self, meta: &Value) {
        let Some(meta) = meta.as_object() else { return self.refuse(Reason::MetaNotSecurity) };
        match meta.get("security") {
            None => self.when_minified(Reason::MetaNotSecurity),
            Some(_) if meta.len() > 1 => self.when_minified(Reason::MetaExtra),
            Some(_) => {}
        }
        if let Some(security) = meta.get("security") {
            let labels = security.as_array().filter(|labels| !labels.is_empty());
            if !labels.is_some_and(|labels| labels.iter().all(is_coding)) {
                self.at("security", |rules| rules.refuse(Reason::MetaSecurity));
            }
        }
    }

    /// What holds for any value of a resource. JSON is nested 128 deep at the most (serde_json's own limit).
    fn walk(&mut self, name: &str, value: &Value) {
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        match value {
            Value::String(text) if text.is_empty() => self.refuse(Reason::EmptyValue),
            Value::Array(items) if items.is_empty() => self.refuse(Reason::EmptyValue),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.step(Step::At(at), |rules| rules.walk(name, item));
                }
            }
            Value::Object(object) if object.is_empty() => self.refuse(Reason::EmptyValue),
            Value::Object(object) => {
                self.object(name, object);
                for (name, value) in object {
                    self.at(name, |rules| rules.walk(name, value));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, name: &str, object: &Map<String, Value>) {
        if (name == "coding" || name == "valueCoding") && object.contains_key("display") {
            self.at("display", |rules| rules.note(Reason::CodingDisplay));
        }
        if object.contains_key("coding") && object.contains_key("text") {
            self.at("text", |rules| rules.note(Reason::ConceptText));
        }
        if let Some(reference) = object.get("reference").and_then(Value::as_str) {
            self.at("reference", |rules| rules.reference(reference));
        }
    }

    fn reference(&mut self, reference: &str) {
        if reference.starts_with('#') {
            return;
        }
        if !is_short(reference) {
            self.when_minified(Reason::Reference);
        }
        if reference.starts_with("resource:") && !self.urls.contains(reference) {
            self.refuse(Reason::ReferenceDangling);
        }
    }

    fn at(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        self.step(Step::Name(name.to_owned()), check);
    }

    fn step(&mut self, step: Step, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    fn refuse(&mut self, reason: Reason) {
        self.push(reason, Severity::Refused);
    }

    fn note(&mut self, reason: Reason) {
        self.push(reason, Severity::Noted);
    }

    /// Forbidden where a QR code is to be made of it, else only worth a note.
    fn when_minified(&mut self, reason: Reason) {
        self.push(reason, if self.minified { Severity::Refused } else { Severity::Noted });
    }

    fn push(&mut self, reason: Reason, severity: Severity) {
        // What refuses is never crowded out by what is only noted.
        if self.findings.len() >= MAX_FINDINGS && severity == Severity::Noted || self.findings.len() >= 2 * MAX_FINDINGS
        {
            return;
        }
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Name(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    // Names come from the card.
                    path.extend(name.chars().filter(|c| !c.is_control()).take(64));
                }
                Step::At(at) => path.push_str(&format!("[{at}]")),
            }
        }
        self.findings.push(Finding { path, reason, severity });
    }
}

/// Elements that FHIR R4 requires (1..1), of the kinds that occur in cards. `[x]` stands for any type.
fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "Immunization" => &["status", "vaccineCode", "patient", "occurrence[x]"],
        "Observation" | "DiagnosticReport" => &["status", "code"],
        "AllergyIntolerance" => &["patient"],
        "Condition" => &["subject"],
        "MedicationRequest" => &["status", "intent", "medication[x]", "subject"],
        "MedicationStatement" => &["status", "medication[x]", "subject"],
        "Procedure" => &["status", "subject"],
        "Coverage" => &["status", "beneficiary", "payor"],
        "Composition" => &["status", "type", "date", "author", "title"],
        _ => &[],
    }
}

/// What a record of a kind is about, where there must be a code for it.
const CODED: [(&str, &str); 2] = [("Immunization", "vaccineCode"), ("Observation", "code")];

const CHOICES: [&str; 6] = ["occurrence", "value", "effective", "onset", "medication", "performed"];

/// Whether an element is there: its value, or only what is said of it (`_date`: that it is not known, and why).
fn has(resource: &Map<String, Value>, element: &str) -> bool {
    match element.strip_suffix("[x]") {
        Some(stem) => choices(resource, stem) > 0,
        None => resource.keys().any(|name| bare(name) == element),
    }
}

/// How many forms of a choice there are; `occurrenceDateTime` and `_occurrenceDateTime` are one.
fn choices(resource: &Map<String, Value>, stem: &str) -> usize {
    let is_choice = |name: &&str| {
        name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
    };
    resource.keys().map(|name| bare(name)).filter(is_choice).collect::<HashSet<_>>().len()
}

fn bare(name: &str) -> &str {
    name.strip_prefix('_').unwrap_or(name)
}

/// `resource:` and a number.
fn is_short(url: &str) -> bool {
    url.strip_prefix("resource:").is_some_and(|number| {
        !number.is_empty() && number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_coding(value: &Value) -> bool {
    const MEMBERS: [&str; 7] = ["id", "extension", "system", "version", "code", "display", "userSelected"];
    value.as_object().is_some_and(|coding| {
        coding.get("code").and_then(Value::as_str).is_some_and(|code| !code.is_empty())
            && coding.keys().all(|name| MEMBERS.contains(&name.trim_start_matches('_')))
    })
}
