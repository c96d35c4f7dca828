//! From the entries of a section to resources: which of the readers below reads what, and what is in what.

mod allergy;
mod coverage;
mod device;
mod encounter;
mod family;
mod immunization;
mod medication;
mod note;
mod observation;
mod plan;
mod problem;
mod procedure;
pub(super) mod subject;
mod timing;
mod value;

use serde_json::{Value, json};

use super::{
    Resource,
    codes::{self, mapped},
    datatypes::{attribute, codeable, null_flavor, put_list},
    people::WhoKind,
    reader::{Reader, negated, says_nothing, status},
    sections::{Kind, Rule, is_by_template, rule_of, templates},
    skip::CcdaSkip,
};
use crate::xml::Node;
use subject::Whom;

/// The names of acts.
const ACTS: [&str; 9] = [
    "act",
    "encounter",
    "observation",
    "observationMedia",
    "organizer",
    "procedure",
    "regionOfInterest",
    "substanceAdministration",
    "supply",
];

/// Whether an element is an act of its own.
pub(super) fn is_act(node: Node<'_>) -> bool {
    ACTS.contains(&node.name())
}

impl<'d> Reader<'d> {
    /// Reads one entry of a section; whatever it is, something stands in the account afterwards. Of those past the limit, one
    /// line says that they were not read.
    pub(super) fn entry(&mut self, entry: Node<'d>) {
        if self.is_full() {
            return;
        }
        let (items, references) = (self.items.len(), self.references);
        for act in entry.children().filter(|child| is_act(*child)) {
            self.act_record(act, None);
        }
        if (self.items.len(), self.references) == (items, references) {
            let act = entry.children().find(|child| is_act(*child));
            let reason = match act {
                Some(act) if self.only_points(act) => CcdaSkip::OnlyAReference,
                Some(act) if null_flavor(act).is_some() => no_information(act),
                Some(act) if is_known_part(act) => CcdaSkip::Administrative,
                Some(act) if has_parts_only(act) => CcdaSkip::Empty,
                Some(act) => CcdaSkip::UnknownEntry { element: act.name().to_owned() },
                None => CcdaSkip::Empty,
            };
            self.skip(act.unwrap_or(entry), reason);
        }
    }

    /// Whether an act says nothing but which other entries it is about; those are then listed with its section.
    fn only_points(&mut self, act: Node<'d>) -> bool {
        let targets: Vec<Node<'d>> =
            act.descendants().filter(|node| node.name() == "act" && is_reference(*node)).collect();
        targets.iter().for_each(|target| {
            self.point(*target);
        });
        !targets.is_empty()
    }

    /// Reads an act and what is in it; gives the references of what it became itself.
    pub(super) fn act_record(&mut self, act: Node<'d>, around: Option<Node<'d>>) -> Vec<String> {
        if self.is_full() {
            return Vec::new();
        }
        let Some(rule) = rule_of(act, self.kind) else { return Vec::new() };
        let rule = match rule {
            // What is said of a problem, in a section of problems, is no problem by standing there.
            Rule::Problem | Rule::Allergy
                if around.is_some_and(|around| around.name() == "observation") && !is_by_template(act) =>
            {
                Rule::Observation
            }
            rule => rule,
        };
        match self.whom(act) {
            _ if rule == Rule::Administrative || (rule == Rule::Part && around.is_some()) => {}
            Whom::Relative(_) if rule == Rule::FamilyOrganizer => {}
            Whom::Patient => {}
            whom => return self.of_another(act, rule, whom),
        }
        match rule {
            Rule::Part if around.is_none() => self.lone_part(act),
            Rule::Part => {
                self.unknown_reference(act);
                Vec::new()
            }
            Rule::Administrative => {
                self.skip(act, CcdaSkip::Administrative);
                Vec::new()
            }
            Rule::ProblemConcern => self.problem_concern(act),
            Rule::Diagnoses => self.diagnoses(act, around),
            Rule::AllergyConcern => self.allergy_concern(act),
            Rule::Problem => self.problem(act, None),
            Rule::Allergy => self.allergy(act, None),
            Rule::Medication => self.medication(act),
            Rule::Immunization => self.immunization(act),
            Rule::Medications => self.wrapper(act),
            Rule::Dispense => self.dispense(act, None),
            Rule::SupplyOrder => self.supply_order(act, None),
            Rule::Supply => self.supply(act),
            Rule::ResultOrganizer => self.report(act),
            Rule::VitalOrganizer | Rule::Panel => self.panel(act),
            Rule::Observation => self.observation(act),
            Rule::Procedure => self.procedure(act),
            Rule::ProcedureObservation => self.procedure_observation(act),
            Rule::Encounter => self.visit(act),
            Rule::FamilyOrganizer if self.is_about_patient(act) => self.panel(act),
            Rule::FamilyOrganizer => self.family(act),
            Rule::Coverage => self.coverage(act),
            Rule::Planned => self.planned(act),
            Rule::Goal => self.goal(act),
            Rule::Note => self.note(act),
            Rule::CareTeam => self.care_team(act),
            Rule::Media => self.media(act),
        }
    }

    /// Reads the acts inside an act that its reader did not read itself; gives the references with the kind of relation.
    pub(super) fn inner(&mut self, act: Node<'d>) -> Vec<(&'d str, String)> {
        let mut out = Vec::new();
        for link in act.children().filter(|child| matches!(child.name(), "entryRelationship" | "component")) {
            let relation = attribute(link, "typeCode").unwrap_or("COMP");
            for inner in link.children().filter(|child| is_act(*child)) {
                out.extend(self.act_record(inner, Some(act)).into_iter().map(|reference| (relation, reference)));
            }
        }
        out
    }

    /// A wrapper that says nothing itself.
    fn wrapper(&mut self, act: Node<'d>) -> Vec<String> {
        let references: Vec<String> = self.inner(act).into_iter().map(|(_, reference)| reference).collect();
        if references.is_empty() && null_flavor(act).is_some() {
            self.skip(act, no_information(act));
        }
        references
    }

    /// A part that stands alone: a severity, an age, a status say nothing without what they are of; a comment does.
    fn lone_part(&mut self, act: Node<'d>) -> Vec<String> {
        match act.name() {
            "observation" if act.child("value").is_some() && !super::reader::is_comment(act) => self.observation(act),
            "act" if act.child("text").is_some_and(|text| self.texts.words(text).is_some()) => self.note(act),
            "substanceAdministration" => self.medication(act),
            _ => {
                self.skip(act, CcdaSkip::Administrative);
                Vec::new()
            }
        }
    }

    /// The words of an act: its narrative.
    pub(super) fn words(&self, act: Node<'d>) -> Option<String> {
        act.child("text").and_then(|text| self.texts.words(text))
    }

    /// The concept of an act's code, with its narrative for words where it has none; `None` where it has neither.
    pub(super) fn act_code(&self, act: Node<'d>) -> Option<Value> {
        let code = act.child("code").and_then(|code| codeable(code, &self.texts));
        match code {
            Some(code) => Some(code),
            None => self.words(act).map(|words| json!({"text": words})),
        }
    }

    /// Puts `subject` (or `patient`).
    pub(super) fn put_subject(&self, out: &mut Resource, key: &str) {
        out.insert(key.to_owned(), self.subject.clone());
    }

    /// The values of the act's indications, in codes or words.
    pub(super) fn reasons(&self, act: Node<'d>) -> Vec<Value> {
        reason_acts(act).filter_map(|inner| self.reason(inner)).collect()
    }

    /// Puts both, in the members that medicines and vaccinations have for them.
    fn put_reasons(&mut self, out: &mut Resource, act: Node<'d>) {
        put_list(out, "reasonCode", self.reasons(act));
        let references = self.reason_references(act);
        put_list(out, "reasonReference", references);
    }

    /// References to the records that the act's indications point to, as far as they have been read.
    pub(super) fn reason_references(&mut self, act: Node<'d>) -> Vec<Value> {
        let known: Vec<Value> =
            reason_acts(act).filter(|inner| is_reference(*inner)).filter_map(|inner| self.act(inner)).collect();
        let mut is_reason = |known: &Value| {
            let made = known.get("reference").and_then(Value::as_str).and_then(|known| self.resource_mut(known));
            let kind = made.and_then(|made| made.get("resourceType")).and_then(Value::as_str);
            matches!(kind, Some("Condition" | "Observation"))
        };
        known.into_iter().filter(|known| is_reason(known)).collect()
    }

    fn reason(&self, inner: Node<'d>) -> Option<Value> {
        // A reference to another entry has that one's code, for those who do not find it.
        if is_reference(inner) && self.act(inner).is_none() {
            return inner
                .child("code")
                .filter(|code| null_flavor(*code).is_none())
                .and_then(|code| codeable(code, &self.texts));
        }
        if inner.name() != "observation" || negated(inner) || !self.is_own(inner) {
            return None;
        }
        let coded = inner.child("value").and_then(|value| codeable(value, &self.texts));
        coded.or_else(|| self.words(inner).map(|words| json!({"text": words})))
    }

    /// Reads an act that is a reason by its link, unless [`reasons`](Self::reasons) has it: one that is no observation, that is
    /// denied or somebody else's is read as what it is, one without a word gets its reason in the account.
    pub(super) fn unsaid_reason(&mut self, inner: Node<'d>, act: Node<'d>) {
        if is_reference(inner) {
            self.unknown_reference(inner);
            return;
        }
        if self.reason(inner).is_some() || is_known_part(inner) {
            return;
        }
        if inner.name() != "observation" || negated(inner) || !self.is_own(inner) {
            self.act_record(inner, Some(act));
        } else if !self.point(inner) {
            let flavor = null_flavor(inner).or_else(|| inner.child("value").and_then(null_flavor));
            let said = flavor.map(|flavor| CcdaSkip::NoInformation { null_flavor: flavor.to_owned() });
            self.skip(inner, said.unwrap_or(CcdaSkip::Empty));
        }
    }

    /// Says of a reference that leads nowhere and has no code that it is one.
    fn unknown_reference(&mut self, inner: Node<'d>) {
        if is_reference(inner) && self.act(inner).is_none() && self.reason(inner).is_none() {
            self.skip(inner, CcdaSkip::OnlyAReference);
        }
    }

    /// The Practitioners and Organizations of `performer`, else of `author`.
    pub(super) fn performers(&mut self, act: Node<'d>) -> Vec<Value> {
        const ALLOWED: &[WhoKind] =
            &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Patient, WhoKind::RelatedPerson];
        let found = self.whos(act, "performer", ALLOWED);
        if found.is_empty() { self.whos(act, "author", ALLOWED) } else { found }
    }
}

/// The observations linked to an act that one of these templates or this code marks.
pub(super) fn marked<'d>(act: Node<'d>, roots: &[&str], code: &str) -> Option<Node<'d>> {
    act.all("entryRelationship").filter_map(|link| link.child("observation")).find(|inner| {
        templates(*inner).any(|root| roots.contains(&root))
            || (!code.is_empty() && inner.child("code").and_then(|inner| attribute(inner, "code")) == Some(code))
    })
}

/// The status by a map; `otherwise` where there is none.
pub(super) fn mapped_status(act: Node<'_>, map: codes::Map, otherwise: &'static str) -> &'static str {
    status(act).and_then(|status| mapped(map, &status)).unwrap_or(otherwise)
}

/// v3 ActPriority to FHIR's request priorities.
pub(super) fn priority(act: Node<'_>) -> Option<&'static str> {
    const PRIORITIES: codes::Map = &[("R", "routine"), ("UR", "urgent"), ("A", "asap"), ("S", "stat"), ("EM", "stat")];
    mapped(PRIORITIES, attribute(act.child("priorityCode")?, "code")?)
}

fn no_information(act: Node<'_>) -> CcdaSkip {
    CcdaSkip::NoInformation { null_flavor: says_nothing(act).unwrap_or("NI").to_owned() }
}

fn is_known_part(act: Node<'_>) -> bool {
    rule_of(act, Kind::Other) == Some(Rule::Part)
}

/// An Entry Reference of C-CDA or an Internal Reference of IHE: the id of another entry.
fn is_reference(act: Node<'_>) -> bool {
    templates(act).any(|root| matches!(root, "2.16.840.1.113883.10.20.22.4.122" | "1.3.6.1.4.1.19376.1.5.3.1.4.4.1"))
}

/// The observations, and the references to other entries, that an act has for its reasons.
fn reason_acts<'d>(act: Node<'d>) -> impl Iterator<Item = Node<'d>> {
    let links = act.all("entryRelationship").filter(|link| attribute(*link, "typeCode") == Some("RSON"));
    links.flat_map(Node::children).filter(|inner| inner.name() == "observation" || is_reference(*inner))
}

/// A concern or other wrapper with nothing in it.
fn has_parts_only(act: Node<'_>) -> bool {
    act.name() == "act" && act.descendants().skip(1).all(|inner| !is_act(inner) || is_known_part(inner))
}
