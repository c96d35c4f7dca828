//! What runs in the family: FamilyMemberHistory.

use serde_json::{Value, json};

use super::marked;
use crate::{
    ccda::{
        Resource, codes,
        datatypes::{boolean, codeable, coded, mapped_code, name_line, put, put_list, simple_quantity},
        reader::{Reader, negated},
        skip::CcdaSkip,
        time,
    },
    xml::Node,
};

const AGE: &[&str] = &["2.16.840.1.113883.10.20.22.4.31", "2.16.840.1.113883.10.20.1.38"];
const DEATH: &[&str] = &["2.16.840.1.113883.10.20.22.4.47", "2.16.840.1.113883.10.20.1.42"];

impl<'d> Reader<'d> {
    /// A Family History Organizer.
    pub(super) fn family(&mut self, act: Node<'d>) -> Vec<String> {
        let related = act.child("subject").and_then(|subject| subject.child("relatedSubject"));
        let relationship =
            related.and_then(|related| related.child("code")).and_then(|code| codeable(code, &self.texts));
        let observations: Vec<Node<'d>> =
            act.all("component").filter_map(|component| component.child("observation")).collect();
        if relationship.is_none() && observations.is_empty() {
            self.skip(act, CcdaSkip::Empty);
            return Vec::new();
        }
        let mut out = self.start("FamilyMemberHistory", act);
        out.insert("status".to_owned(), json!("completed"));
        self.put_subject(&mut out, "patient");
        let person = related.and_then(|related| related.child("subject"));
        put(&mut out, "name", person.and_then(name_line).map(Value::String));
        let relationship = relationship.unwrap_or_else(|| json!({"extension": [codes::data_absent("UNK")]}));
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
        let mut conditions = Vec::new();
        let mut notes = Vec::new();
        for observation in observations {
            let value = observation.child("value").and_then(|value| codeable(value, &self.texts));
            let Some(code) = value.or_else(|| self.words(observation).map(|words| json!({"text": words}))) else {
                self.skip(observation, CcdaSkip::Empty);
                continue;
            };
            if negated(observation) {
                // FHIR's conditions are those that a relative has; what a relative has not is a remark.
                let words = code.get("text").and_then(Value::as_str).unwrap_or("this condition");
                notes.push(json!({"text": format!("Not: {words}")}));
                continue;
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
        notes.extend(self.notes(act));
        put_list(&mut out, "note", notes);
        put_list(&mut out, "condition", conditions);
        vec![self.add(act, out)]
    }
}
