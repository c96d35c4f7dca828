//! Allergies and intolerances: AllergyIntolerance (CF-allergies).

use serde_json::{Value, json};

use super::{marked, subject::Whom};
use crate::{
    ccda::{
        Resource, codes,
        datatypes::{
            attribute, codeable, coded, mapped_code, mapped_said, null_flavor, put, put_list, says_none, snomed,
        },
        reader::{Reader, negated, status},
        sections::{Rule, rule_of, templates},
        skip::CcdaSkip,
        text::plain,
        time,
    },
    terminology::{ALLERGY_CLINICAL, ALLERGY_VERIFICATION},
    xml::Node,
};

const STATUS: &[&str] = &["2.16.840.1.113883.10.20.22.4.28", "2.16.840.1.113883.10.20.1.39"];
const SEVERITY: &[&str] = &["2.16.840.1.113883.10.20.22.4.8", "2.16.840.1.113883.10.20.1.55"];
const CRITICALITY: &[&str] = &["2.16.840.1.113883.10.20.22.4.145"];
const REACTION: [&str; 2] = ["2.16.840.1.113883.10.20.22.4.9", "2.16.840.1.113883.10.20.1.54"];

/// The kinds of allergy (value set 2.16.840.1.113883.3.88.12.3221.6.2): they say what kind it is, never to what.
const KINDS: [&str; 9] = [
    "235719002",
    "414285001",
    "418471000",
    "416098002",
    "419511003",
    "59037007",
    "418038007",
    "419199007",
    "420134006",
];

impl<'d> Reader<'d> {
    /// An Allergy Concern Act.
    pub(super) fn allergy_concern(&mut self, act: Node<'d>) -> Vec<String> {
        let mut out = Vec::new();
        for link in act.children().filter(|child| matches!(child.name(), "entryRelationship" | "component")) {
            for inner in link.children().filter(|child| super::is_act(*child)) {
                out.extend(match rule_of(inner, self.kind) {
                    Some(Rule::Allergy | Rule::Problem | Rule::Observation) if inner.name() == "observation" => {
                        self.allergy(inner, Some(act))
                    }
                    _ => self.act_record(inner, Some(act)),
                });
            }
        }
        if out.is_empty() && !self.tells_of_others(act) {
            match (null_flavor(act), self.words(act)) {
                (Some(_), _) => self.skip(act, super::no_information(act)),
                (None, Some(words)) if negated(act) && says_none(&words) => {
                    out.push(self.intolerance(act, None, no_known(act)));
                }
                (None, Some(words)) => out.push(self.intolerance(act, None, json!({"text": words}))),
                (None, None) => {}
            }
        }
        self.also(act, &out);
        out
    }

    /// An Allergy – Intolerance Observation.
    pub(super) fn allergy(&mut self, observation: Node<'d>, concern: Option<Node<'d>>) -> Vec<String> {
        match self.whom(observation) {
            Whom::Patient => {}
            whom => return self.of_another(observation, Rule::Allergy, whom),
        }
        // A concern that is denied denies what is in it.
        let negative = negated(observation) || concern.is_some_and(negated);
        let code = match self.substance(observation) {
            // "Not allergic to …": FHIR has no such record but a refuted one.
            Some(code) => code,
            None if negative => no_known(observation),
            None => {
                let words = self.words(observation).map(|words| json!({"text": words}));
                let kind = || observation.child("value").and_then(|value| codeable(value, &self.texts));
                match (null_flavor(observation), words.or_else(kind)) {
                    (Some(_), None) => {
                        self.skip(observation, super::no_information(observation));
                        return Vec::new();
                    }
                    (_, Some(code)) => code,
                    (None, None) => {
                        self.skip(observation, CcdaSkip::Empty);
                        return Vec::new();
                    }
                }
            }
        };
        vec![self.intolerance(observation, concern, code)]
    }

    fn intolerance(&mut self, act: Node<'d>, concern: Option<Node<'d>>, code: Value) -> String {
        let mut out = self.start("AllergyIntolerance", act);
        let times = act.child("effectiveTime");
        let high = times.and_then(|time| time.child("high")).filter(|high| attribute(*high, "value").is_some());
        let end = high.and_then(time::start_of).filter(|end| !time::is_never(end));
        if let Some(point) = end.and_then(time::point) {
            out.insert(
                "extension".to_owned(),
                json!([{
                    "url": "http://hl7.org/fhir/StructureDefinition/allergyintolerance-abatement",
                    "valueDateTime": point.text
                }]),
            );
        }
        let void =
            status(act).as_deref() == Some("nullified") || concern.and_then(status).as_deref() == Some("nullified");
        let said =
            marked(act, STATUS, "33999-4").or_else(|| concern.and_then(|concern| marked(concern, STATUS, "33999-4")));
        let said = said.and_then(|inner| mapped_said(inner.child("value")?, codes::ALLERGY_STATUS));
        let by_concern = || match concern.and_then(status)?.as_str() {
            "active" => Some("active"),
            "completed" => Some("resolved"),
            "aborted" | "suspended" => Some("inactive"),
            _ => None,
        };
        let ended = high.filter(|high| self.has_ended(*high)).map(|_| "resolved");
        let clinical = said.or(ended).or_else(by_concern).unwrap_or("active");
        if !void {
            out.insert("clinicalStatus".to_owned(), coded(ALLERGY_CLINICAL, clinical));
        }
        // A concern that has only words is denied as they are.
        let in_words = || act.name() == "act" && !self.words(act).is_some_and(|words| says_none(&words));
        let denied = negated(act) || concern.is_some_and(negated);
        let refuted = denied && (self.substance(act).is_some() || in_words());
        let verification = if void {
            "entered-in-error"
        } else if refuted {
            "refuted"
        } else {
            "confirmed"
        };
        out.insert("verificationStatus".to_owned(), coded(ALLERGY_VERIFICATION, verification));
        put(&mut out, "type", kind_by(act, codes::ALLERGY_TYPE).map(Value::from));
        put(&mut out, "category", kind_by(act, codes::ALLERGY_CATEGORY).map(|category| json!([category])));
        let criticality = marked(act, CRITICALITY, "82606-5")
            .and_then(|inner| mapped_code(inner.child("value")?, codes::CRITICALITY));
        put(&mut out, "criticality", criticality.map(Value::from));
        out.insert("code".to_owned(), code);
        self.put_subject(&mut out, "patient");
        if let Some(time) = times {
            let begun = time.child("low").unwrap_or(time);
            if attribute(begun, "value").is_some() {
                time::put_point(&mut out, "onsetDateTime", begun);
            }
        }
        let acts: Vec<Node<'d>> = [Some(act), concern].into_iter().flatten().collect();
        self.put_recorder(&mut out, &acts, "recorder", "recordedDate");
        let mut notes = self.notes(act);
        notes.extend(concern.map(|concern| self.notes(concern)).unwrap_or_default());
        put_list(&mut out, "note", notes);
        let reactions = self.reactions(act);
        put_list(&mut out, "reaction", reactions);
        self.inner_but_reactions(act);
        self.add(act, out)
    }

    /// To what: the consumable participant, its code or its name.
    fn substance(&self, observation: Node<'d>) -> Option<Value> {
        let participants =
            observation.all("participant").filter_map(|participant| participant.child("participantRole"));
        let entities =
            participants.filter_map(|role| role.child("playingEntity").or_else(|| role.child("playingDevice")));
        let found = entities.into_iter().find_map(|entity| {
            let code = entity.child("code").and_then(|code| codeable(code, &self.texts));
            code.or_else(|| {
                let name = plain(entity.child("name").or_else(|| entity.child("desc"))?, 512);
                (!name.is_empty()).then(|| json!({"text": name}))
            })
        });
        found.or_else(|| {
            let value = observation.child("value")?;
            let is_kind = |node: Node<'_>| attribute(node, "code").is_some_and(|code| KINDS.contains(&code));
            if is_kind(value) || value.all("translation").any(is_kind) || attribute(value, "code").is_none() {
                return None;
            }
            codeable(value, &self.texts)
        })
    }

    fn reactions(&mut self, act: Node<'d>) -> Vec<Value> {
        let own = marked(act, SEVERITY, "SEV").and_then(|inner| mapped_code(inner.child("value")?, codes::SEVERITY));
        let mut out = Vec::new();
        for inner in
            act.all("entryRelationship").filter(|link| is_reaction(*link)).filter_map(|link| link.child("observation"))
        {
            let value = inner.child("value").and_then(|value| codeable(value, &self.texts));
            let words = self.words(inner);
            let manifestation = match (value, &words) {
                (Some(value), _) => value,
                (None, Some(words)) => json!({"text": words}),
                (None, None) => {
                    let reason =
                        if null_flavor(inner).is_some() { super::no_information(inner) } else { CcdaSkip::Empty };
                    self.skip(inner, reason);
                    self.inner(inner);
                    continue;
                }
            };
            let mut reaction = Resource::new();
            reaction.insert("manifestation".to_owned(), json!([manifestation]));
            if let Some(time) = inner.child("effectiveTime").filter(|time| time::start_of(*time).is_some()) {
                time::put_point(&mut reaction, "onset", time);
            }
            let severity = marked(inner, SEVERITY, "SEV")
                .and_then(|severity| mapped_code(severity.child("value")?, codes::SEVERITY));
            put(&mut reaction, "severity", severity.or(own).map(Value::from));
            let mut notes = self.notes(inner);
            if severity.is_none() {
                // One that is none of FHIR's three keeps its words.
                let said =
                    marked(inner, SEVERITY, "SEV").and_then(|severity| codeable(severity.child("value")?, &self.texts));
                let said = said.as_ref().and_then(|said| said.get("text")).and_then(Value::as_str);
                notes.extend(said.map(|said| json!({"text": format!("Severity: {said}")})));
            }
            put_list(&mut reaction, "note", notes);
            // What was done about it.
            self.inner(inner);
            out.push(Value::Object(reaction));
        }
        if out.is_empty()
            && let Some(severity) = own
        {
            out.push(json!({"manifestation": [{"extension": [codes::data_absent("UNK")]}], "severity": severity}));
        }
        out
    }

    /// What else is linked to an allergy.
    fn inner_but_reactions(&mut self, act: Node<'d>) {
        for link in act.all("entryRelationship") {
            // A reaction is an observation; what else its link holds is none.
            let reaction = if is_reaction(link) { link.child("observation").map(Node::id) } else { None };
            let others = link.children().filter(|child| super::is_act(*child) && Some(child.id()) != reaction);
            for inner in others {
                self.act_record(inner, Some(act));
            }
        }
    }
}

fn is_reaction(link: Node<'_>) -> bool {
    let is_marked =
        link.child("observation").is_some_and(|inner| templates(inner).any(|root| REACTION.contains(&root)));
    is_marked || attribute(link, "typeCode") == Some("MFST")
}

/// What kind of allergy it is, by the value, else by the code, where epSOS and IHE have it.
fn kind_by(observation: Node<'_>, map: codes::Map) -> Option<&'static str> {
    ["value", "code"].iter().find_map(|name| mapped_code(observation.child(name)?, map))
}

/// ConceptMap-CF-NoKnownAllergies.
fn no_known(observation: Node<'_>) -> Value {
    match kind_by(observation, codes::NO_KNOWN_ALLERGY) {
        Some("429625007") => snomed("429625007", "No known food allergy"),
        Some("409137002") => snomed("409137002", "No known drug allergy"),
        _ => snomed("716186003", "No known allergy"),
    }
}
