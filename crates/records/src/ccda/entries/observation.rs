//! Results, vital signs, social history and everything else that was observed: Observation and DiagnosticReport
//! (CF-results, CF-vitals, CF-social).

use serde_json::{Value, json};

use super::{
    mapped_status,
    value::{Reading, absent_reason, reference_ranges},
};
use crate::{
    ccda::{
        Resource, codes,
        datatypes::{attribute, codeable, codeable_or_absent, coded, concept, null_flavor, put, put_list},
        people::WhoKind,
        reader::{Reader, negated},
        sections::{Kind, holds_results, templates},
        skip::CcdaSkip,
        text::plain,
        time,
    },
    terminology::{ABSENT_REASON, LOINC, OBSERVATION_CATEGORY},
    xml::Node,
};

const US_CORE_CATEGORY: &str = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category";

/// Templates of observations whose code is only "assertion", with the code that says what is asserted.
const ASSERTED: &[(&str, &str, &str)] = &[
    ("2.16.840.1.113883.10.20.15.3.8", "82810-3", "Pregnancy status"),
    ("2.16.840.1.113883.10.20.22.4.72", "", "Caregiver characteristics"),
    ("2.16.840.1.113883.10.20.22.4.78", "72166-2", "Tobacco smoking status"),
    ("2.16.840.1.113883.10.20.22.4.85", "11367-0", "History of tobacco use"),
    ("2.16.840.1.113883.10.20.22.4.9", "", "Reaction"),
    ("2.16.840.1.113883.10.20.22.4.19", "", "Indication"),
    ("2.16.840.1.113883.10.20.22.4.109", "", "Characteristics of home environment"),
    ("2.16.840.1.113883.10.20.22.4.111", "", "Cultural and religious observation"),
    ("2.16.840.1.113883.10.20.22.4.114", "", "Wound observation"),
    ("2.16.840.1.113883.10.20.22.4.138", "75281-6", "Nutrition status"),
];

/// Templates of vital signs and results outside their sections.
const VITAL: [&str; 2] = ["2.16.840.1.113883.10.20.22.4.27", "1.3.6.1.4.1.19376.1.5.3.1.4.13.2"];
const RESULT: [&str; 1] = ["2.16.840.1.113883.10.20.22.4.2"];
const SOCIAL: [&str; 6] = [
    "2.16.840.1.113883.10.20.22.4.38",
    "2.16.840.1.113883.10.20.22.4.78",
    "2.16.840.1.113883.10.20.22.4.85",
    "2.16.840.1.113883.10.20.22.4.200",
    "2.16.840.1.113883.10.20.22.4.501",
    "2.16.840.1.113883.10.20.15.3.8",
];

impl<'d> Reader<'d> {
    /// A single observation; what is linked to it is read too.
    pub(super) fn observation(&mut self, act: Node<'d>) -> Vec<String> {
        self.observation_of(act, None).into_iter().collect()
    }

    /// As [`observation`](Self::observation); the time of the organizer around it where it has none.
    fn observation_of(&mut self, act: Node<'d>, around: Option<Node<'d>>) -> Option<String> {
        let values: Vec<Node<'d>> = act.all("value").collect();
        let Some(code) = self.observation_code(act, &values) else {
            let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return None;
        };
        let mut out = self.start("Observation", act);
        let negative = negated(act);
        let otherwise = if matches!(self.kind, Kind::Vitals | Kind::Social) { "final" } else { "unknown" };
        let not_done = negative && values.iter().all(|value| null_flavor(*value).is_some());
        let status = if not_done { "cancelled" } else { mapped_status(act, codes::RESULT_STATUS, otherwise) };
        out.insert("status".to_owned(), json!(status));
        put_list(&mut out, "category", self.category(act).into_iter().collect());
        out.insert("code".to_owned(), code.clone());
        self.put_subject(&mut out, "subject");
        let time = act.child("effectiveTime").filter(|time| time::start_of(*time).is_some());
        let time = time.or_else(|| around?.child("effectiveTime"));
        if let Some(time) = time.filter(|time| time::start_of(*time).is_some()) {
            time::put_moment(&mut out, "effective", time);
        }
        let performers = self.performers(act);
        put_list(&mut out, "performer", performers);
        let mut components = self.put_values(&mut out, act, &values, &code, negative, not_done);
        let interpretation = act.all("interpretationCode").filter_map(|code| codeable(code, &self.texts)).collect();
        put_list(&mut out, "interpretation", interpretation);
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        put(&mut out, "bodySite", act.child("targetSiteCode").and_then(|code| codeable(code, &self.texts)));
        put(&mut out, "method", act.child("methodCode").and_then(|code| codeable(code, &self.texts)));
        let specimen = self.specimen(act).or_else(|| around.and_then(|around| self.specimen(around)));
        put(&mut out, "specimen", specimen);
        put_list(&mut out, "referenceRange", reference_ranges(self, act));
        let mut derived: Vec<Value> = out.remove("derivedFrom").into_iter().collect();
        let mut members = Vec::new();
        for (relation, reference) in self.inner_of_observation(act, &mut components) {
            let kind = self.resource_mut(&reference).and_then(|made| made.get("resourceType")).and_then(Value::as_str);
            match (relation, kind) {
                ("COMP", Some("Observation")) => members.push(json!({"reference": reference})),
                (_, Some("Observation")) => derived.push(json!({"reference": reference})),
                _ => {}
            }
        }
        put_list(&mut out, "hasMember", members);
        put_list(&mut out, "derivedFrom", derived);
        put_list(&mut out, "component", components);
        Some(self.add(act, out))
    }

    /// What is linked to an observation, but for the estimated date of delivery, which is a component.
    fn inner_of_observation(&mut self, act: Node<'d>, components: &mut Vec<Value>) -> Vec<(&'d str, String)> {
        let mut out = Vec::new();
        for link in act.children().filter(|child| matches!(child.name(), "entryRelationship" | "component")) {
            let relation = attribute(link, "typeCode").unwrap_or("COMP");
            for inner in link.children().filter(|child| super::is_act(*child)) {
                let delivery = inner.child("code").and_then(|code| attribute(code, "code")) == Some("11778-8");
                let time = inner.child("value").filter(|value| delivery && time::start_of(*value).is_some());
                if let Some(time) = time {
                    let mut component = Resource::new();
                    component.insert("code".to_owned(), concept(LOINC, "11778-8", "Delivery date Estimated"));
                    time::put_point(&mut component, "valueDateTime", time);
                    components.push(Value::Object(component));
                    continue;
                }
                out.extend(self.act_record(inner, Some(act)).into_iter().map(|reference| (relation, reference)));
            }
        }
        out
    }

    /// What was observed: the code, for an assertion what is asserted, else the words. `None` where nothing is said at
    /// all.
    fn observation_code(&self, act: Node<'d>, values: &[Node<'d>]) -> Option<Value> {
        let code = act.child("code");
        let asserted = code.is_none_or(|code| matches!(attribute(code, "code"), None | Some("ASSERTION")));
        if asserted
            && let Some((_, code, display)) = ASSERTED.iter().find(|(root, ..)| templates(act).any(|own| own == *root))
        {
            return Some(if code.is_empty() { json!({"text": display}) } else { concept(LOINC, code, display) });
        }
        let own = code.and_then(|code| codeable(code, &self.texts));
        let words = || self.words(act).map(|words| json!({"text": words}));
        own.or_else(words).or_else(|| {
            let says = values.iter().any(|value| null_flavor(*value).is_none());
            says.then(|| codeable_or_absent(code, &self.texts))
        })
    }

    fn category(&self, act: Node<'d>) -> Option<Value> {
        let of = |list: &[&str]| templates(act).any(|root| list.contains(&root));
        let code = match self.kind {
            _ if of(&VITAL) => "vital-signs",
            _ if of(&SOCIAL) => "social-history",
            Kind::Vitals => "vital-signs",
            Kind::Results => "laboratory",
            _ if of(&RESULT) => "laboratory",
            Kind::Social => "social-history",
            Kind::Procedures => "procedure",
            Kind::Functional => return Some(coded(US_CORE_CATEGORY, "functional-status")),
            Kind::Mental => return Some(coded(US_CORE_CATEGORY, "cognitive-status")),
            _ => return None,
        };
        Some(coded(OBSERVATION_CATEGORY, code))
    }

    /// Puts the value; of several, each is a component.
    fn put_values(
        &mut self,
        out: &mut Resource,
        act: Node<'d>,
        values: &[Node<'d>],
        code: &Value,
        negative: bool,
        not_done: bool,
    ) -> Vec<Value> {
        let mut components = Vec::new();
        let mut absent = None;
        let several = values.len() > 1;
        for value in values {
            match self.reading(act, *value) {
                Reading::Value(key, value) => {
                    let (key, value) = if negative { denied(key, value) } else { (key, value) };
                    if several {
                        components.push(json!({"code": code, key: value}));
                    } else {
                        out.insert(key.to_owned(), value);
                    }
                }
                Reading::Time(time) if several => {
                    let mut component = Resource::new();
                    component.insert("code".to_owned(), code.clone());
                    component.extend(time);
                    components.push(Value::Object(component));
                }
                Reading::Time(time) => out.extend(time),
                Reading::Document(reference) => {
                    out.insert("derivedFrom".to_owned(), reference);
                }
                Reading::Absent(flavor) => absent = Some(flavor),
            }
        }
        let has_value = out.keys().any(|key| key.starts_with("value")) || !components.is_empty();
        if not_done {
            let reason = coded(ABSENT_REASON, "not-performed");
            out.insert("dataAbsentReason".to_owned(), reason);
        } else if !has_value && let Some(flavor) = absent {
            out.insert("dataAbsentReason".to_owned(), absent_reason(&flavor));
        }
        components
    }

    /// A Vital Signs Organizer or another one: an Observation that has the ones in it for members.
    pub(super) fn panel(&mut self, act: Node<'d>) -> Vec<String> {
        let mut members = Vec::new();
        let mut others = Vec::new();
        for component in act.all("component") {
            for inner in component.children().filter(|child| super::is_act(*child)) {
                if inner.name() == "observation" && is_plain_observation(inner, self.kind) && self.is_own(inner) {
                    members.extend(self.observation_of(inner, Some(act)));
                } else {
                    others.extend(self.act_record(inner, Some(act)));
                }
            }
        }
        others.extend(self.inner_links(act));
        if members.is_empty() {
            if others.is_empty() && null_flavor(act).is_some() {
                self.skip(act, super::no_information(act));
            }
            return others;
        }
        let vital = self.kind == Kind::Vitals || templates(act).any(|root| root == "2.16.840.1.113883.10.20.22.4.26");
        let mut out = self.start("Observation", act);
        let status = if vital { "final" } else { mapped_status(act, codes::RESULT_STATUS, "unknown") };
        out.insert("status".to_owned(), json!(status));
        let category = if vital { Some(coded(OBSERVATION_CATEGORY, "vital-signs")) } else { self.category(act) };
        put_list(&mut out, "category", category.into_iter().collect());
        let code = if vital {
            concept(
                LOINC,
                "85353-1",
                "Vital signs, weight, height, head circumference, oxygen saturation and BMI panel",
            )
        } else {
            self.act_code(act).unwrap_or_else(|| codeable_or_absent(act.child("code"), &self.texts))
        };
        out.insert("code".to_owned(), code);
        self.put_subject(&mut out, "subject");
        if let Some(time) = act.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
            time::put_moment(&mut out, "effective", time);
        }
        let performers = self.performers(act);
        put_list(&mut out, "performer", performers);
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        put_list(&mut out, "hasMember", members.iter().map(|reference| json!({"reference": reference})).collect());
        vec![self.add(act, out)]
    }

    /// The entryRelationships of an organizer, which CDA does not have and documents do.
    pub(super) fn inner_links(&mut self, act: Node<'d>) -> Vec<String> {
        let mut out = Vec::new();
        for link in act.all("entryRelationship") {
            for inner in link.children().filter(|child| super::is_act(*child)) {
                out.extend(self.act_record(inner, Some(act)));
            }
        }
        out
    }

    /// A Result Organizer.
    pub(super) fn report(&mut self, act: Node<'d>) -> Vec<String> {
        let mut results = Vec::new();
        let mut others = Vec::new();
        for link in act.children().filter(|link| matches!(link.name(), "component" | "entryRelationship")) {
            let of_report = holds_results(act, link);
            for inner in link.children().filter(|child| super::is_act(*child)) {
                if of_report
                    && inner.name() == "observation"
                    && is_plain_observation(inner, self.kind)
                    && self.is_own(inner)
                {
                    results.extend(self.observation_of(inner, Some(act)));
                } else {
                    others.extend(self.act_record(inner, Some(act)));
                }
            }
        }
        let code = self.act_code(act);
        if act.name() == "act" && results.is_empty() && !others.is_empty() {
            // It only held panels together, which are reports of their own.
            return others;
        }
        // A report whose results are all somebody else's is no report on the patient.
        if results.is_empty() && (code.is_none() || self.tells_of_others(act)) {
            if null_flavor(act).is_some() && others.is_empty() {
                self.skip(act, super::no_information(act));
            }
            return others;
        }
        let mut out = self.start("DiagnosticReport", act);
        out.insert("status".to_owned(), json!(mapped_status(act, codes::RESULT_STATUS, "unknown")));
        out.insert(
            "category".to_owned(),
            json!([concept("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory")]),
        );
        // A report without a name of its own is called what it is.
        let code = code.unwrap_or_else(|| json!({"text": "Laboratory report"}));
        out.insert("code".to_owned(), code);
        self.put_subject(&mut out, "subject");
        match act.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
            Some(time) => {
                time::put_moment(&mut out, "effective", time);
            }
            None => self.put_span_of(&mut out, &results),
        }
        const ALLOWED: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Organization];
        let mut performers = self.whos(act, "performer", ALLOWED);
        if performers.is_empty() {
            performers = self.whos(act, "author", ALLOWED);
        }
        put_list(&mut out, "performer", performers);
        let specimen = self.specimen(act);
        put_list(&mut out, "specimen", specimen.into_iter().collect());
        put_list(&mut out, "result", results.iter().map(|reference| json!({"reference": reference})).collect());
        // A report has no place for remarks but this.
        let notes = self.notes(act);
        let words: Vec<&str> = notes.iter().filter_map(|note| note.get("text").and_then(Value::as_str)).collect();
        put(&mut out, "conclusion", (!words.is_empty()).then(|| json!(words.join("\n"))));
        vec![self.add(act, out)]
    }

    /// The time of a report that gives none: that of its results, where it is one.
    fn put_span_of(&mut self, out: &mut Resource, results: &[String]) {
        let mut times: Vec<String> = results
            .iter()
            .filter_map(|reference| self.resource_mut(reference)?.get("effectiveDateTime")?.as_str().map(str::to_owned))
            .collect();
        times.sort();
        times.dedup();
        match times.as_slice() {
            [] => {}
            [time] => {
                out.insert("effectiveDateTime".to_owned(), json!(time));
            }
            [first, .., last] => {
                out.insert("effectivePeriod".to_owned(), json!({"start": first, "end": last}));
            }
        }
    }

    /// The Specimen of an act.
    fn specimen(&mut self, act: Node<'d>) -> Option<Value> {
        let role = act.child("specimen")?.child("specimenRole")?;
        let entity = role.child("specimenPlayingEntity");
        let code = entity.and_then(|entity| entity.child("code")).and_then(|code| codeable(code, &self.texts));
        let name =
            entity.and_then(|entity| entity.child("name")).map(|name| plain(name, 512)).filter(|name| !name.is_empty());
        let kind = code.or_else(|| name.map(|name| json!({"text": name})));
        if kind.is_none() && role.all("id").next().is_none() {
            return None;
        }
        let display = kind.as_ref().and_then(|kind| kind.get("text")).cloned();
        let mut out = self.start("Specimen", role);
        put(&mut out, "type", kind);
        self.put_subject(&mut out, "subject");
        let reference = self.add(role, out);
        let mut reference = json!({"reference": reference});
        if let (Value::Object(members), Some(display)) = (&mut reference, display) {
            members.insert("display".to_owned(), display);
        }
        Some(reference)
    }
}

/// An observation in an organizer that is one of its results, and not a part, a problem or the like.
fn is_plain_observation(act: Node<'_>, kind: Kind) -> bool {
    use crate::ccda::{
        reader::is_comment,
        sections::{Rule, is_by_template, rule_of},
    };
    match rule_of(act, kind) {
        Some(Rule::Observation | Rule::ProcedureObservation) => true,
        // A health status, say, is a part of a problem; among the results of a panel it is one of them.
        Some(Rule::Part) => !is_by_template(act) && !is_comment(act) && act.child("value").is_some(),
        _ => false,
    }
}

/// The value of an observation that says "not so": its words, and no code that a program would take for a yes.
fn denied(key: &'static str, value: Value) -> (&'static str, Value) {
    if key == "valueBoolean" {
        return (key, json!(value != json!(true)));
    }
    let coding = || value.get("coding")?.get(0)?.get("display")?.as_str();
    let words = value.get("text").and_then(Value::as_str).or_else(coding).or(value.as_str()).map(str::to_owned);
    let words = words.or_else(|| amount_words(&value)).unwrap_or_else(|| value.to_string());
    ("valueString", json!(format!("Not: {words}")))
}

/// A Quantity, Range or Ratio in words.
fn amount_words(value: &Value) -> Option<String> {
    let quantity = |value: &Value| {
        let part = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let number = value.get("value")?;
        Some(format!("{}{number} {}", part("comparator"), part("unit")).trim_end().to_owned())
    };
    let pair = |first: &str, between: &str, second: &str| {
        let (first, second) = (value.get(first).and_then(quantity)?, value.get(second).and_then(quantity)?);
        Some(format!("{first}{between}{second}"))
    };
    quantity(value).or_else(|| pair("low", " to ", "high")).or_else(|| pair("numerator", " : ", "denominator"))
}
