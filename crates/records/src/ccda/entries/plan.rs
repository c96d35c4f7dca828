//! What is planned and aimed at: ServiceRequest, Encounter, Goal, CareTeam.

use serde_json::{Value, json};

use super::{mapped_status, marked};
use crate::{
    ccda::{
        Resource,
        codes::{self, mapped},
        datatypes::{Span, attribute, codeable, null_flavor, put, put_list, span, xsi_type},
        people::WhoKind,
        reader::{Reader, negated},
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};

impl<'d> Reader<'d> {
    /// A planned act, procedure, observation or visit.
    pub(super) fn planned(&mut self, act: Node<'d>) -> Vec<String> {
        if act.name() == "encounter" {
            return self.visit(act);
        }
        let inner = self.inner(act);
        let Some(code) = self.act_code(act) else {
            if inner.is_empty() {
                let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
                self.skip(act, reason);
            }
            return inner.into_iter().map(|(_, reference)| reference).collect();
        };
        let mut out = self.start("ServiceRequest", act);
        out.insert(
            "status".to_owned(),
            json!(mapped_status(act, codes::REQUEST_STATUS, "active"))
                .replaced("cancelled", "revoked")
                .replaced("stopped", "revoked"),
        );
        let mood = attribute(act, "moodCode").unwrap_or("INT");
        out.insert("intent".to_owned(), json!(mapped(codes::INTENT, mood).unwrap_or("plan")));
        put(&mut out, "priority", super::priority(act).map(Value::from));
        if negated(act) {
            out.insert("doNotPerform".to_owned(), json!(true));
        }
        out.insert("code".to_owned(), code);
        self.put_subject(&mut out, "subject");
        if let Some(time) = act.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
            time::put_moment(&mut out, "occurrence", time);
        }
        self.put_recorder(&mut out, &[act], "requester", "authoredOn");
        const PERFORMERS: &[WhoKind] =
            &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];
        let performers = self.whos(act, "performer", PERFORMERS);
        put_list(&mut out, "performer", performers);
        put_list(&mut out, "reasonCode", self.reasons(act));
        put_list(
            &mut out,
            "bodySite",
            act.all("targetSiteCode").filter_map(|site| codeable(site, &self.texts)).collect(),
        );
        let mut notes = self.notes(act);
        if let Some(words) =
            self.words(act).filter(|words| out.get("code").and_then(|code| code.get("text")) != Some(&json!(words)))
        {
            notes.push(json!({"text": words}));
        }
        put_list(&mut out, "note", notes);
        vec![self.add(act, out)]
    }

    /// A Goal Observation.
    pub(super) fn goal(&mut self, act: Node<'d>) -> Vec<String> {
        let code = self.act_code(act);
        let value = act.child("value").filter(|value| null_flavor(*value).is_none());
        let value_concept =
            value.filter(|value| matches!(xsi_type(*value), "CD" | "CE" | "CO" | "ST" | "ED" | "")).and_then(|value| {
                let words = self.texts.words(value).map(|words| json!({"text": words}));
                codeable(value, &self.texts).or(words)
            });
        let words = self.words(act).map(|words| json!({"text": words}));
        // What is aimed at is most often in the text or the value; the code says only "goal".
        let is_generic = act
            .child("code")
            .and_then(|code| attribute(code, "code"))
            .is_none_or(|code| matches!(code, "ASSERTION" | "GOL" | "385649005"));
        let description = if is_generic {
            value_concept.clone().or(words).or(code.clone())
        } else {
            code.clone().or(value_concept.clone()).or(words)
        };
        let Some(description) = description else {
            let reason = if null_flavor(act).is_some() { super::no_information(act) } else { CcdaSkip::Empty };
            self.skip(act, reason);
            return Vec::new();
        };
        let mut out = self.start("Goal", act);
        out.insert("lifecycleStatus".to_owned(), json!(mapped_status(act, codes::GOAL_STATUS, "active")));
        // Priority Preference: how much it matters to the person, or to who treats.
        let preference = marked(act, &["2.16.840.1.113883.10.20.22.4.143"], "225773000");
        let preference = preference.and_then(|inner| codeable(inner.child("value")?, &self.texts));
        put(&mut out, "priority", preference);
        out.insert("description".to_owned(), description);
        self.put_subject(&mut out, "subject");
        let times = act.child("effectiveTime");
        if let Some(start) =
            times.map(|time| time.child("low").unwrap_or(time)).filter(|time| attribute(*time, "value").is_some())
        {
            time::put_date(&mut out, "startDate", start);
        }
        let mut target = Resource::new();
        match value.filter(|value| matches!(xsi_type(*value), "PQ" | "IVL_PQ" | "INT" | "REAL")).and_then(span) {
            Some(Span::Quantity(quantity)) => put(&mut target, "detailQuantity", Some(quantity)),
            Some(Span::Range(range)) => put(&mut target, "detailRange", Some(range)),
            None if !is_generic => put(&mut target, "detailCodeableConcept", value_concept),
            None => {}
        }
        if !target.is_empty() {
            // gol-1: what is measured has to be said where an amount is.
            put(&mut target, "measure", code);
        }
        if let Some(due) = times.and_then(|time| time.child("high")).filter(|high| attribute(*high, "value").is_some())
        {
            time::put_date(&mut target, "dueDate", due);
        }
        put_list(&mut out, "target", if target.is_empty() { Vec::new() } else { vec![Value::Object(target)] });
        const AUTHORS: &[WhoKind] = &[WhoKind::Practitioner, WhoKind::Patient, WhoKind::RelatedPerson];
        let authors = self.whos(act, "author", AUTHORS);
        put(&mut out, "expressedBy", authors.into_iter().next());
        let notes = self.notes(act);
        put_list(&mut out, "note", notes);
        self.inner(act);
        vec![self.add(act, out)]
    }

    /// A Care Team Organizer.
    pub(super) fn care_team(&mut self, act: Node<'d>) -> Vec<String> {
        let mut out = self.start("CareTeam", act);
        let status = match mapped_status(act, codes::GOAL_STATUS, "active") {
            "completed" | "cancelled" => "inactive",
            "on-hold" => "suspended",
            "entered-in-error" => "entered-in-error",
            _ => "active",
        };
        out.insert("status".to_owned(), json!(status));
        put(&mut out, "name", self.act_code(act).and_then(|code| code.get("text").cloned()));
        self.put_subject(&mut out, "subject");
        put(&mut out, "period", act.child("effectiveTime").and_then(time::period));
        const MEMBERS: &[WhoKind] =
            &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];
        let mut members = Vec::new();
        for member in act.all("component").filter_map(|component| component.child("act")) {
            for performer in member.all("performer") {
                let role = performer.child("functionCode").and_then(|code| codeable(code, &self.texts));
                let Some(who) = self.who(performer, MEMBERS) else { continue };
                let mut entry = Resource::new();
                put_list(&mut entry, "role", role.into_iter().collect());
                entry.insert("member".to_owned(), who);
                members.push(Value::Object(entry));
            }
        }
        put_list(&mut out, "participant", members);
        for component in act.all("component") {
            for inner in component.children().filter(|child| super::is_act(*child)) {
                self.act_record(inner, Some(act));
            }
        }
        self.inner_links(act);
        vec![self.add(act, out)]
    }
}

trait Replaced {
    /// Another code where it is this one: the code lists of requests differ in a word.
    fn replaced(self, from: &str, to: &str) -> Value;
}

impl Replaced for Value {
    fn replaced(self, from: &str, to: &str) -> Value {
        if self.as_str() == Some(from) { json!(to) } else { self }
    }
}
