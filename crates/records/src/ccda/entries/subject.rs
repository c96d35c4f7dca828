//! Whom an act is about. CDA's `subject` takes the place of the `recordTarget` for the act or section that has it and for all
//! that is in it, until another one does (CDA R2, 4.1): what is said of a mother or a fetus is no record of the patient's.

use std::collections::HashMap;

use serde_json::Value;

use super::is_act;
use crate::{
    ccda::{
        datatypes::{attribute, null_flavor},
        reader::Reader,
        sections::{Kind, Rule, rule_of, templates},
        skip::CcdaSkip,
        text::plain,
    },
    xml::Node,
};

/// Whom an act is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whom<'d> {
    Patient,
    /// Somebody of the family; the `relatedSubject`, where there is one.
    Relative(Option<Node<'d>>),
    /// Nobody of whom there is a family history: a fetus, a friend.
    Other,
}

/// Codes of a `relatedSubject` that is the patient (v3 RoleCode).
const SELF: [&str; 2] = ["ONESELF", "SELF"];
/// Codes of those who are near to the patient and not of the family (v3 RoleCode, personal relationships).
const NO_RELATIVE: [&str; 5] = ["FRND", "NBOR", "ROOM", "FETUS", "DON"];
/// What is said of a fetus or a donor, as words of a role or a specimen have it.
const NOT_OF_THE_FAMILY: [&str; 5] = ["fetus", "foetus", "fetal", "foetal", "donor"];
const FETAL: [&str; 4] = ["fetus", "foetus", "fetal", "foetal"];
/// Family History Observation, of C-CDA and CCD.
const FAMILY_OBSERVATION: [&str; 2] = ["2.16.840.1.113883.10.20.22.4.46", "2.16.840.1.113883.10.20.1.22"];

/// The acts and sections of a document that say whom they are about. Looked through once: a look at every act's surroundings
/// would take long in a document of many.
#[derive(Debug, Default)]
pub(in crate::ccda) struct Subjects<'d>(HashMap<usize, Whom<'d>>);

impl<'d> Subjects<'d> {
    pub(in crate::ccda) fn of(root: Node<'d>) -> Subjects<'d> {
        let mut out = HashMap::new();
        for node in root.descendants() {
            let said = match node.name() {
                "subject" => said(node, root),
                "specimen" => is_fetal(node).then_some(Whom::Other),
                _ => None,
            };
            let (Some(said), Some(owner)) = (said, node.parent()) else { continue };
            // Of two, the one that is not the patient counts: a record too few is better than one of somebody else.
            let known_other = out.get(&owner.id()).is_some_and(|known| !matches!(known, Whom::Patient));
            if (is_act(owner) || owner.name() == "section") && !known_other {
                out.insert(owner.id(), said);
            }
        }
        Subjects(out)
    }

    /// Whom an act says that it is about, by itself or by what is around it; the node that says it, too.
    fn effective(&self, act: Node<'d>) -> Option<(usize, Whom<'d>)> {
        if self.0.is_empty() {
            return None;
        }
        let around = std::iter::successors(Some(act), |node| node.parent());
        around.filter_map(|node| Some((node.id(), *self.0.get(&node.id())?))).next()
    }

    fn is_said(&self, act: Node<'d>) -> bool {
        self.0.contains_key(&act.id())
    }
}

/// Whom a `subject` names; `None` where it says nothing.
fn said<'d>(subject: Node<'d>, root: Node<'d>) -> Option<Whom<'d>> {
    let related = subject.child("relatedSubject")?;
    let code = related.child("code").and_then(|code| attribute(code, "code"));
    let person = related.child("subject");
    if code.is_none() && person.is_none() && (null_flavor(subject).is_some() || null_flavor(related).is_some()) {
        return None;
    }
    if code.is_some_and(|code| SELF.contains(&code)) {
        return Some(Whom::Patient);
    }
    let has_words = related.child("code").is_some_and(|code| !words(code).is_empty());
    if code.is_none() && !has_words && attribute(related, "classCode") == Some("PAT") {
        // "A patient": this one, unless the name is another.
        let name = |node: Node<'_>| node.child("name").map(|name| plain(name, 256).to_lowercase());
        let patient =
            root.child("recordTarget").and_then(|target| target.child("patientRole")?.child("patient")).and_then(name);
        let other = person.and_then(name);
        return Some(if other.is_none() || other == patient { Whom::Patient } else { Whom::Other });
    }
    let no_relative = code.is_some_and(|code| NO_RELATIVE.contains(&code))
        || related.child("code").is_some_and(|code| says(code, &NOT_OF_THE_FAMILY));
    Some(if no_relative { Whom::Other } else { Whom::Relative(Some(related)) })
}

/// A specimen of a fetus, in the record of the one who bears it.
fn is_fetal(specimen: Node<'_>) -> bool {
    let entity = specimen.child("specimenRole").and_then(|role| role.child("specimenPlayingEntity"));
    entity.is_some_and(|entity| {
        entity
            .children()
            .filter(|child| matches!(child.name(), "code" | "name" | "desc"))
            .any(|child| says(child, &FETAL))
    })
}

/// The words of a code: its display name and what was written.
fn words(code: Node<'_>) -> String {
    let display = attribute(code, "displayName").unwrap_or_default();
    format!("{display} {}", plain(code, 256)).trim().to_lowercase()
}

fn says(node: Node<'_>, any: &[&str]) -> bool {
    words(node).split(|letter: char| !letter.is_alphabetic()).any(|word| any.contains(&word))
}

/// The acts that are linked to an act.
pub(super) fn inside<'d>(act: Node<'d>) -> impl Iterator<Item = Node<'d>> {
    act.children()
        .filter(|child| matches!(child.name(), "entryRelationship" | "component"))
        .flat_map(|link| link.children().filter(|child| is_act(*child)))
}

impl<'d> Reader<'d> {
    /// Whom an act is about. In the section on the family's history, findings are the family's unless they say otherwise.
    pub(super) fn whom(&self, act: Node<'d>) -> Whom<'d> {
        match self.subjects.effective(act) {
            Some((_, whom)) => whom,
            None if self.kind == Kind::Family && self.is_finding(act) => Whom::Relative(None),
            None => Whom::Patient,
        }
    }

    /// Whether it is said, and not only taken for granted, that an act is about the patient.
    pub(super) fn is_about_patient(&self, act: Node<'d>) -> bool {
        matches!(self.subjects.effective(act), Some((_, Whom::Patient)))
    }

    pub(super) fn is_own(&self, act: Node<'d>) -> bool {
        matches!(self.whom(act), Whom::Patient)
    }

    /// Whether two acts, one in the other, are said to be about the same person.
    pub(super) fn same_subject(&self, one: Node<'d>, other: Node<'d>) -> bool {
        let by = |act| self.subjects.effective(act).map(|(by, _)| by);
        by(one) == by(other)
    }

    /// Whether an act itself, or one right in it, is about somebody else.
    pub(super) fn tells_of_others(&self, act: Node<'d>) -> bool {
        !self.is_own(act) || inside(act).any(|inner| !self.is_own(inner))
    }

    /// Whether an act says what was or was done with somebody: plans and pictures in the family's section are the patient's.
    fn is_finding(&self, act: Node<'d>) -> bool {
        matches!(
            rule_of(act, self.kind),
            Some(
                Rule::ProblemConcern
                    | Rule::Diagnoses
                    | Rule::AllergyConcern
                    | Rule::Problem
                    | Rule::Allergy
                    | Rule::Observation
                    | Rule::ProcedureObservation
                    | Rule::Procedure
                    | Rule::Medication
                    | Rule::Immunization
                    | Rule::Dispense
                    | Rule::Supply
            )
        ) && matches!(attribute(act, "moodCode"), None | Some("EVN" | "DEF"))
    }

    /// Reads an act that is about somebody else: an illness in the family is the family's history, for other things there is
    /// no record but the person's own. What in it says that it is about the patient is the patient's.
    pub(super) fn of_another(&mut self, act: Node<'d>, rule: Rule, whom: Whom<'d>) -> Vec<String> {
        if let Whom::Relative(related) = whom
            && let Some(said) = self.illness(act, rule)
        {
            return self.relative_with(act, related, said);
        }
        let before = (self.items.len(), self.references);
        let is_wrapper =
            matches!(rule, Rule::ProblemConcern | Rule::Diagnoses | Rule::AllergyConcern | Rule::Medications)
                || act.name() == "organizer"
                || (self.kind == Kind::Family && act.name() == "act");
        let out = self.own_inside(act, is_wrapper);
        if !is_wrapper || (self.items.len(), self.references) == before {
            self.skip(act, CcdaSkip::AboutSomebodyElse);
        }
        out
    }

    /// Reads what is in an act that is about somebody else: all of it where it only holds others together, else what names
    /// whom it is about; the rest goes by the act's own reason.
    fn own_inside(&mut self, act: Node<'d>, all: bool) -> Vec<String> {
        let mut out = Vec::new();
        for inner in inside(act) {
            out.extend(if all || self.subjects.is_said(inner) {
                self.act_record(inner, Some(act))
            } else {
                self.own_inside(inner, false)
            });
        }
        out
    }

    /// The illness that an observation of a relative tells of. What was measured of one is no illness.
    fn illness(&self, act: Node<'d>, rule: Rule) -> Option<Value> {
        let is_observed = matches!(rule, Rule::Problem | Rule::Observation | Rule::ProcedureObservation);
        if act.name() != "observation" || !is_observed {
            return None;
        }
        let is_illness = self.kind == Kind::Family
            || rule == Rule::Problem
            || templates(act).any(|root| FAMILY_OBSERVATION.contains(&root))
            || act.child("code").is_none_or(super::problem::is_kind_of_problem);
        if is_illness { self.condition_code(act) } else { None }
    }
}
