//! Visits and stays: Encounter, of the encounters section and of the document's header (CF-encounters).

use serde_json::{Value, json};

use super::is_reference;
use crate::{
    ccda::{
        Resource,
        codes::{self, mapped},
        datatypes::{attribute, codeable, coding_of, null_flavor, put, put_list},
        people::WhoKind,
        reader::{Item, Reader, is_comment, negated, status},
        sections::{Kind, Rule, rule_of},
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};

/// v3 ActCode, whose encounter codes are FHIR's classes.
const ACT_CODE: &str = "2.16.840.1.113883.5.4";

impl<'d> Reader<'d> {
    /// An Encounter Activity.
    pub(super) fn visit(&mut self, act: Node<'d>) -> Vec<String> {
        let code = act.child("code");
        let has_time = act.child("effectiveTime").and_then(time::start_of).is_some();
        let says = has_time || self.act_code(act).is_some() || act.all("id").any(|id| attribute(id, "root").is_some());
        if !says || (null_flavor(act).is_some() && !has_time) {
            let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return Vec::new();
        }
        let mut out = self.start("Encounter", act);
        let planned = !matches!(attribute(act, "moodCode"), None | Some("EVN" | "DEF"));
        let status = if negated(act) {
            "cancelled"
        } else if planned {
            "planned"
        } else {
            visit_status(act)
        };
        self.fill_visit(&mut out, act, code, status);
        const PEOPLE: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::RelatedPerson];
        let performers = self.whos(act, "performer", PEOPLE);
        put_list(&mut out, "participant", performers.into_iter().map(|who| json!({"individual": who})).collect());
        let disposition = act.child("dischargeDispositionCode").and_then(|code| codeable(code, &self.texts));
        let place = self.place(act);
        // The diagnoses inside are of this visit, and not of the document's, unless that is this one.
        let header = self.encounter.clone();
        if self.act(act) != header {
            self.encounter = None;
        }
        let before = self.items.len();
        let mut diagnoses = Vec::new();
        let (mut reasons, mut told) = (Vec::new(), Vec::new());
        for link in act.all("entryRelationship") {
            for inner in link.children().filter(|child| super::is_act(*child)) {
                let is_reason = attribute(link, "typeCode") == Some("RSON") && self.is_own(inner);
                if is_reason && rule_of(inner, self.kind) != Some(Rule::Diagnoses) {
                    if is_reference(inner) {
                        told.extend(self.reason(inner));
                        self.unsaid_reason(inner, act);
                        continue;
                    }
                    let coded = inner.child("value").is_some_and(|value| attribute(value, "code").is_some());
                    match (coded, self.words(inner)) {
                        (true, _) => reasons.extend(self.reason_of_visit(inner)),
                        (false, Some(words)) => told.push(json!({"text": words})),
                        (false, None) => self.unsaid_reason(inner, act),
                    }
                    continue;
                }
                // FHIR has no remarks at a visit: one is a note of its own.
                let is_remark = inner.name() == "act" && is_comment(inner) && self.is_own(inner);
                let read = if is_remark { self.note(inner) } else { self.act_record(inner, Some(act)) };
                for reference in read {
                    let kind =
                        self.resource_mut(&reference).and_then(|made| made.get("resourceType")).and_then(Value::as_str);
                    if kind == Some("Condition") {
                        diagnoses.push(reference);
                    }
                }
            }
        }
        let listed: Vec<Value> =
            diagnoses.iter().map(|reference| json!({"condition": {"reference": reference}})).collect();
        let mut references = self.reason_references(act);
        references.extend(reasons.iter().map(|reference| json!({"reference": reference})));
        put_list(&mut out, "reasonReference", references);
        put_list(&mut out, "reasonCode", told);
        put_list(&mut out, "diagnosis", listed);
        put(&mut out, "hospitalization", disposition.map(|code| json!({"dischargeDisposition": code})));
        put(&mut out, "location", place.map(|place| json!([{"location": place}])));
        self.encounter = header;
        let reference = self.add(act, out);
        self.put_visit(before, &reference);
        vec![reference]
    }

    /// Says of the diagnoses and notes that were made in a visit that they are of it.
    fn put_visit(&mut self, from: usize, visit: &str) {
        let made = self.items.iter_mut().skip(from).filter_map(Item::converted);
        for resource in made.map(|converted| &mut converted.resource) {
            match resource.get("resourceType").and_then(Value::as_str) {
                Some("Condition") if !resource.contains_key("encounter") => {
                    resource.insert("encounter".to_owned(), json!({"reference": visit}));
                }
                Some("DocumentReference") if !resource.contains_key("context") => {
                    resource.insert("context".to_owned(), json!({"encounter": [{"reference": visit}]}));
                }
                _ => {}
            }
        }
    }

    /// The Condition that a visit was for: the problem of that id, else one made of the indication (CF-encounters).
    fn reason_of_visit(&mut self, indication: Node<'d>) -> Option<String> {
        let known = self.act(indication).and_then(|known| known.get("reference")?.as_str().map(str::to_owned));
        let is_condition = |reader: &mut Self, reference: &str| {
            let kind = reader.resource_mut(reference).and_then(|made| made.get("resourceType"));
            kind.and_then(Value::as_str) == Some("Condition")
        };
        if let Some(known) = known.filter(|known| is_condition(self, known)) {
            return Some(known);
        }
        let kind = std::mem::replace(&mut self.kind, Kind::Encounters);
        let made = if indication.name() == "observation" { self.problem(indication, None) } else { Vec::new() };
        self.kind = kind;
        made.into_iter().next()
    }

    /// The visit of the header (`componentOf/encompassingEncounter`).
    pub(in crate::ccda) fn encompassing(&mut self, act: Node<'d>) -> Option<Value> {
        let has_time = act.child("effectiveTime").and_then(time::start_of).is_some();
        if !has_time && act.all("id").next().is_none() {
            return None;
        }
        let mut out = self.start("Encounter", act);
        self.fill_visit(&mut out, act, act.child("code"), visit_status(act));
        const PEOPLE: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::RelatedPerson];
        let mut participants = self.whos(act, "encounterParticipant", PEOPLE);
        participants.extend(self.whos(act, "responsibleParty", PEOPLE));
        let mut listed: Vec<Value> = Vec::new();
        for who in participants {
            let participant = json!({"individual": who});
            if !listed.contains(&participant) {
                listed.push(participant);
            }
        }
        put_list(&mut out, "participant", listed);
        let disposition = act.child("dischargeDispositionCode").and_then(|code| codeable(code, &self.texts));
        put(&mut out, "hospitalization", disposition.map(|code| json!({"dischargeDisposition": code})));
        let place = self.place(act);
        put(&mut out, "location", place.map(|place| json!([{"location": place}])));
        Some(json!({"reference": self.add(act, out)}))
    }

    fn fill_visit(&self, out: &mut Resource, act: Node<'d>, code: Option<Node<'d>>, status: &str) {
        out.insert("status".to_owned(), json!(status));
        let class = code.and_then(|code| coding_of(code, ACT_CODE));
        out.insert("class".to_owned(), class.unwrap_or_else(|| json!({"extension": [codes::data_absent("UNK")]})));
        let mut kind = code
            .and_then(|code| codeable(code, &self.texts))
            .or_else(|| self.words(act).map(|words| json!({"text": words})));
        if let Some(Value::Object(members)) = &mut kind
            && let Some(Value::Array(codings)) = members.get_mut("coding")
        {
            codings
                .retain(|coding| coding.get("system").and_then(Value::as_str) != Some(crate::terminology::V3_ACT_CODE));
            if codings.is_empty() {
                members.remove("coding");
            }
        }
        let kind = kind.filter(|kind| kind.as_object().is_some_and(|members| !members.is_empty()));
        put_list(out, "type", kind.into_iter().collect());
        self.put_subject(out, "subject");
        let mut period = act.child("effectiveTime").and_then(time::period);
        // A single time is when it began (CF-encounters).
        let single = act.child("effectiveTime").is_some_and(|time| attribute(time, "value").is_some());
        if let (true, Some(Value::Object(members))) = (single, &mut period) {
            members.retain(|key, _| key.ends_with("start"));
        }
        put(out, "period", period);
    }
}

/// By the times where the status is "active" or "completed" or missing, else by ConceptMap-CF-EncounterStatus.
fn visit_status(act: Node<'_>) -> &'static str {
    let status = status(act);
    if let Some(said) = status.as_deref().filter(|status| !matches!(*status, "completed" | "active")) {
        return mapped(codes::ENCOUNTER_STATUS, said).unwrap_or("unknown");
    }
    let time = act.child("effectiveTime");
    let ended = time.is_some_and(|time| {
        attribute(time, "value").is_some() || time.child("high").is_some_and(|high| attribute(high, "value").is_some())
    });
    match status.as_deref() {
        _ if ended => "finished",
        Some("active") => "in-progress",
        Some(_) => "finished",
        None => "unknown",
    }
}
