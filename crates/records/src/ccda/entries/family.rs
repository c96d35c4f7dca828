//! What runs in the family: FamilyMemberHistory.

use serde_json::{Value, json};

use super::{
    marked,
    subject::{Whom, inside},
};
use crate::{
    ccda::{
        Resource, codes,
        contact::name_line,
        datatypes::{
            boolean, codeable, coded, concept, mapped_code, null_flavor, put, put_list, simple_quantity, xsi_type,
        },
        reader::{Reader, negated},
        sections::Kind,
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};

const ROLE_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
const AGE: &[&str] = &["2.16.840.1.113883.10.20.22.4.31", "2.16.840.1.113883.10.20.1.38"];
const DEATH: &[&str] = &["2.16.840.1.113883.10.20.22.4.47", "2.16.840.1.113883.10.20.1.42"];

impl<'d> Reader<'d> {
    /// A Family History Organizer.
    pub(super) fn family(&mut self, act: Node<'d>) -> Vec<String> {
        let related = match self.whom(act) {
            Whom::Relative(related) => related,
            Whom::Patient | Whom::Other => None,
        };
        let kind = std::mem::replace(&mut self.kind, Kind::Family);
        let out = self.member(act, related);
        self.kind = kind;
        out
    }

    fn member(&mut self, act: Node<'d>, related: Option<Node<'d>>) -> Vec<String> {
        let mut parts = Parts::default();
        self.sort_parts(act, &mut parts);
        let before = self.items.len();
        let (mut conditions, mut notes) = (Vec::new(), Vec::new());
        for observation in &parts.observations {
            match self.condition_code(*observation) {
                Some(code) => self.put_illness(*observation, code, &mut conditions, &mut notes),
                None => {
                    // What was measured of a relative has no place in a family history.
                    let is_measured = observation.child("value").is_some_and(|value| null_flavor(value).is_none());
                    let reason = if is_measured { CcdaSkip::AboutSomebodyElse } else { CcdaSkip::Empty };
                    self.skip(*observation, reason);
                }
            }
        }
        let mut references = Vec::new();
        for (around, inner) in parts.others {
            references.extend(self.act_record(inner, Some(around)));
        }
        let relationship =
            related.and_then(|related| related.child("code")).and_then(|code| codeable(code, &self.texts));
        if relationship.is_none() && parts.observations.is_empty() {
            if self.items.len() == before && references.is_empty() {
                self.skip(act, CcdaSkip::Empty);
            }
            return references;
        }
        let relationship = relationship.unwrap_or_else(|| json!({"extension": [codes::data_absent("UNK")]}));
        for holder in parts.holders {
            notes.extend(self.notes(holder));
        }
        references.insert(0, self.history(act, related, relationship, conditions, notes));
        references
    }

    /// The history of a relative of whom a single observation tells.
    pub(super) fn relative_with(&mut self, act: Node<'d>, related: Option<Node<'d>>, code: Value) -> Vec<String> {
        let relationship =
            related.and_then(|related| related.child("code")).and_then(|code| codeable(code, &self.texts));
        // Which relative is not said; that it is one is.
        let relationship = relationship.unwrap_or_else(|| concept(ROLE_CODE, "FAMMEMB", "family member"));
        let (mut conditions, mut notes) = (Vec::new(), Vec::new());
        let kind = std::mem::replace(&mut self.kind, Kind::Family);
        self.put_illness(act, code, &mut conditions, &mut notes);
        self.kind = kind;
        vec![self.history(act, related, relationship, conditions, notes)]
    }

    fn history(
        &mut self,
        act: Node<'d>,
        related: Option<Node<'d>>,
        relationship: Value,
        conditions: Vec<Value>,
        notes: Vec<Value>,
    ) -> String {
        let mut out = self.start("FamilyMemberHistory", act);
        out.insert("status".to_owned(), json!("completed"));
        self.put_subject(&mut out, "patient");
        let person = related.and_then(|related| related.child("subject"));
        put(&mut out, "name", person.and_then(name_line).map(Value::String));
        out.insert("relationship".to_owned(), relationship);
        let gender = person.and_then(|person| mapped_code(person.child("administrativeGenderCode")?, codes::GENDER));
        put(&mut out, "sex", gender.map(|gender| coded("http://hl7.org/fhir/administrative-gender", gender)));
        let born = person.and_then(|person| person.child("birthTime")).and_then(time::start_of).and_then(time::point);
        put(&mut out, "bornDate", born.map(|point| json!(point.text.get(..10).unwrap_or(&point.text))));
        let died =
            person.and_then(|person| person.child("deceasedTime")).and_then(time::start_of).and_then(time::point);
        let dead = person.and_then(|person| person.child("deceasedInd")).and_then(boolean);
        match (died, dead) {
            (Some(point), _) => put(&mut out, "deceasedDate", Some(json!(point.text.get(..10).unwrap_or(&point.text)))),
            (None, dead) => put(&mut out, "deceasedBoolean", dead.map(Value::Bool)),
        }
        put_list(&mut out, "note", notes);
        put_list(&mut out, "condition", conditions);
        self.add(act, out)
    }

    /// Sorts what is in an organizer, and in those in it, into the relative's observations and all else.
    fn sort_parts(&self, act: Node<'d>, parts: &mut Parts<'d>) {
        parts.holders.push(act);
        for inner in inside(act) {
            match inner.name() {
                _ if !self.same_subject(inner, act) => parts.others.push((act, inner)),
                "observation" => parts.observations.push(inner),
                "organizer" => self.sort_parts(inner, parts),
                _ => parts.others.push((act, inner)),
            }
        }
    }

    /// What an observation of a relative says that the relative has, in its value or its words; where the value is only "yes",
    /// its code.
    pub(super) fn condition_code(&self, observation: Node<'d>) -> Option<Value> {
        let value = observation.child("value");
        let own = value.and_then(|value| codeable(value, &self.texts));
        let asked = || {
            let is_yes = value.is_some_and(|value| xsi_type(value) == "BL" && boolean(value) == Some(true));
            observation.child("code").filter(|_| is_yes).and_then(|code| codeable(code, &self.texts))
        };
        own.or_else(asked).or_else(|| self.words(observation).map(|words| json!({"text": words})))
    }

    fn put_illness(&mut self, observation: Node<'d>, code: Value, conditions: &mut Vec<Value>, notes: &mut Vec<Value>) {
        for inner in inside(observation) {
            // Age and death are read below; of the rest each has its own record or its own reason.
            self.act_record(inner, Some(observation));
        }
        if negated(observation) {
            // FHIR's conditions are those that a relative has; what a relative has not is a remark.
            let words = code.get("text").and_then(Value::as_str).unwrap_or("this condition");
            notes.push(json!({"text": format!("Not: {words}")}));
            return;
        }
        let mut condition = Resource::new();
        condition.insert("code".to_owned(), code);
        let death = marked(observation, DEATH, "");
        if death.is_some() {
            condition.insert("contributedToDeath".to_owned(), json!(true));
        }
        let age = marked(observation, AGE, "445518008").and_then(|inner| simple_quantity(inner.child("value")?));
        // Without an age, when it was known says more than nothing.
        let since = observation.child("effectiveTime").filter(|_| age.is_none()).and_then(time::period);
        put(&mut condition, "onsetPeriod", since);
        put(&mut condition, "onsetAge", age);
        put_list(&mut condition, "note", self.notes(observation));
        conditions.push(Value::Object(condition));
    }
}

/// What is in a Family History Organizer.
#[derive(Debug, Default)]
struct Parts<'d> {
    /// The organizer and those in it, which may have comments.
    holders: Vec<Node<'d>>,
    observations: Vec<Node<'d>>,
    /// All else, with what it is in.
    others: Vec<(Node<'d>, Node<'d>)>,
}
