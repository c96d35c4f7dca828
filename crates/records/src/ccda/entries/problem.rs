//! Problems, diagnoses and health concerns: Condition (CF-problems).

use serde_json::{Value, json};

use super::{marked, subject::Whom};
use crate::{
    ccda::{
        codes::{self, mapped},
        datatypes::{
            attribute, codeable, codeable_or_absent, coded, mapped_said, null_flavor, put, put_list, says_none,
            simple_quantity, snomed,
        },
        reader::{Reader, negated, status},
        sections::{Kind, Rule, rule_of, templates},
        skip::CcdaSkip,
        time,
    },
    terminology::{CONDITION_CLINICAL, CONDITION_VERIFICATION},
    xml::Node,
};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
const US_CORE_CATEGORY: &str = "http://hl7.org/fhir/us/core/CodeSystem/condition-category";

/// Codes that mean "some problem": negated, they say that there is none (SNOMED CT: finding, condition, problem,
/// diagnosis, complaint, functional limitation, cognitive limitation, symptom, disorder).
const ANY_PROBLEM: [&str; 9] =
    ["404684003", "409586006", "282291009", "64572001", "55607006", "248536006", "373930000", "418799008", "64572001"];

/// Problem status observations of C-CDA and CCD.
const STATUS: &[&str] = &["2.16.840.1.113883.10.20.22.4.6", "2.16.840.1.113883.10.20.1.50"];
const SEVERITY: &[&str] = &["2.16.840.1.113883.10.20.22.4.8", "2.16.840.1.113883.10.20.1.55"];
const AGE: &[&str] = &["2.16.840.1.113883.10.20.22.4.31", "2.16.840.1.113883.10.20.1.38"];
const HEALTH_STATUS: &[&str] = &["2.16.840.1.113883.10.20.22.4.5", "2.16.840.1.113883.10.20.1.51"];

/// LOINC: how certain a statement is.
const CERTAINTY: &str = "66455-7";

impl<'d> Reader<'d> {
    /// A Problem Concern Act, a Health Concern Act, or what stands for one.
    pub(super) fn problem_concern(&mut self, act: Node<'d>) -> Vec<String> {
        let mut out = Vec::new();
        for link in act.children().filter(|child| matches!(child.name(), "entryRelationship" | "component")) {
            for inner in link.children().filter(|child| super::is_act(*child)) {
                out.extend(match rule_of(inner, self.kind) {
                    Some(Rule::Problem) => self.problem(inner, Some(act)),
                    Some(Rule::Allergy) => self.allergy(inner, Some(act)),
                    Some(Rule::Observation) if is_problem_like(inner) => self.problem(inner, Some(act)),
                    _ => self.act_record(inner, Some(act)),
                });
            }
        }
        if out.is_empty() && self.tells_of_others(act) {
            // Its words are about them, too; what is in it has its own reasons.
            return out;
        }
        if out.is_empty() {
            // A concern that has only words, or a code of its own.
            let code = act.child("code").and_then(|code| attribute(code, "code"));
            let has_code = !matches!(code, None | Some("CONC" | "75310-3" | "29308-4"));
            if null_flavor(act).is_some() {
                self.skip(act, super::no_information(act));
            } else if has_code || self.words(act).is_some() {
                let own = act.child("code").filter(|_| has_code).and_then(|code| codeable(code, &self.texts));
                let code = own.or_else(|| self.words(act).map(|words| json!({"text": words})));
                let verification = if negated(act) { "refuted" } else { "confirmed" };
                out.extend(code.map(|code| self.condition(act, None, code, verification, None)));
            }
        }
        self.also(act, &out);
        out
    }

    /// The diagnoses of a visit, at admission, at discharge.
    pub(super) fn diagnoses(&mut self, act: Node<'d>, _around: Option<Node<'d>>) -> Vec<String> {
        let kind = std::mem::replace(&mut self.kind, Kind::Encounters);
        let out = self.problem_concern(act);
        self.kind = kind;
        out
    }

    /// A Problem Observation.
    pub(super) fn problem(&mut self, observation: Node<'d>, concern: Option<Node<'d>>) -> Vec<String> {
        match self.whom(observation) {
            Whom::Patient => {}
            whom => return self.of_another(observation, Rule::Problem, whom),
        }
        let value = observation.child("value");
        // A concern that is denied denies what is in it.
        let negative = negated(observation) || concern.is_some_and(negated);
        let any = value.is_none_or(|value| self.is_any_problem(value));
        if negative && any && !in_problem_list(observation) {
            // That there were no complications, or none before, is not that there are no problems.
            self.skip(observation, super::no_information(observation));
            return Vec::new();
        }
        let (code, verification) = if negative && any {
            (snomed("160245001", "No current problems or disability"), "confirmed")
        } else {
            let own = value.and_then(|value| codeable(value, &self.texts));
            let words = || self.words(observation).map(|words| json!({"text": words}));
            let kind = || {
                observation
                    .child("code")
                    .filter(|code| !is_kind_of_problem(*code))
                    .and_then(|code| codeable(code, &self.texts))
            };
            match own.or_else(words).or_else(kind) {
                Some(code) => (code, if negative { "refuted" } else { "confirmed" }),
                None if null_flavor(observation).is_some()
                    || value.is_some_and(|value| null_flavor(value).is_some()) =>
                {
                    let flavor = null_flavor(observation).or_else(|| value.and_then(null_flavor)).unwrap_or("NI");
                    let has_time = observation.child("effectiveTime").and_then(time::start_of).is_some();
                    if !has_time {
                        self.skip(observation, CcdaSkip::NoInformation { null_flavor: flavor.to_owned() });
                        return Vec::new();
                    }
                    (codeable_or_absent(value, &self.texts), "confirmed")
                }
                None => {
                    self.skip(observation, CcdaSkip::Empty);
                    return Vec::new();
                }
            }
        };
        let reference = self.condition(observation, concern, code, verification, value);
        vec![reference]
    }

    /// Whether a value names no problem in particular. One without a code of its own may still have words or other codes.
    fn is_any_problem(&self, value: Node<'d>) -> bool {
        let mut codes = [value].into_iter().chain(value.all("translation")).filter_map(|node| attribute(node, "code"));
        if codes.any(|code| ANY_PROBLEM.contains(&code)) {
            return true;
        }
        let said = codeable(value, &self.texts);
        let words = said.as_ref().and_then(|said| said.get("text")).and_then(Value::as_str);
        said.is_none() || (attribute(value, "code").is_none() && words.is_some_and(says_none))
    }

    fn condition(
        &mut self,
        act: Node<'d>,
        concern: Option<Node<'d>>,
        code: Value,
        verification: &str,
        value: Option<Node<'d>>,
    ) -> String {
        let mut out = self.start("Condition", act);
        let diagnosed = act
            .all("entryRelationship")
            .filter_map(|link| link.child("act"))
            .find(|inner| inner.child("code").and_then(|code| attribute(code, "code")) == Some("77975-1"));
        if let Some(date) =
            diagnosed.and_then(|inner| inner.child("effectiveTime")).and_then(time::start_of).and_then(time::point)
        {
            out.insert(
                "extension".to_owned(),
                json!([{
                    "url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate",
                    "valueDateTime": date.text
                }]),
            );
        }
        let times = act.child("effectiveTime");
        let high = times.and_then(|time| time.child("high"));
        let ended = high.is_some_and(|high| self.has_ended(high) || matches!(null_flavor(high), Some("UNK")));
        let void =
            status(act).as_deref() == Some("nullified") || concern.and_then(status).as_deref() == Some("nullified");
        // v3 ActUncertainty: stated with doubt.
        let doubted = act.child("uncertaintyCode").and_then(|code| attribute(code, "code")) == Some("U");
        let certainty = marked(act, &[], CERTAINTY).and_then(|inner| inner.child("value"));
        let certain = certainty.and_then(|value| mapped_said(value, codes::CERTAINTY));
        let verification = match verification {
            _ if void => "entered-in-error",
            "confirmed" => certain.unwrap_or(if doubted { "unconfirmed" } else { "confirmed" }),
            other => other,
        };
        let said =
            marked(act, STATUS, "33999-4").or_else(|| concern.and_then(|concern| marked(concern, STATUS, "33999-4")));
        let said = said.and_then(|inner| mapped_said(inner.child("value")?, codes::PROBLEM_STATUS));
        let by_concern = || concern.and_then(status).and_then(|status| mapped(codes::CONCERN_STATUS, &status));
        let clinical = match said {
            Some(said) if ended && matches!(said, "active" | "relapse" | "recurrence") => "inactive",
            Some(said) => said,
            None if ended => "resolved",
            None => by_concern().unwrap_or(if is_of_the_past(act) { "inactive" } else { "active" }),
        };
        if !void {
            out.insert("clinicalStatus".to_owned(), coded(CONDITION_CLINICAL, clinical));
        }
        out.insert("verificationStatus".to_owned(), coded(CONDITION_VERIFICATION, verification));
        // ConceptMap-CF-ProblemCategory.
        let category = match self.kind {
            Kind::Encounters => coded(CATEGORY, "encounter-diagnosis"),
            Kind::Concerns | Kind::Functional | Kind::Mental => coded(US_CORE_CATEGORY, "health-concern"),
            _ => coded(CATEGORY, "problem-list-item"),
        };
        out.insert("category".to_owned(), json!([category]));
        let severity = marked(act, SEVERITY, "SEV").and_then(|inner| inner.child("value"));
        put(&mut out, "severity", severity.and_then(|value| codeable(value, &self.texts)));
        out.insert("code".to_owned(), code);
        let sites: Vec<Value> = act.all("targetSiteCode").filter_map(|site| codeable(site, &self.texts)).collect();
        let laterality = value.into_iter().flat_map(|value| value.all("qualifier")).filter_map(|qualifier| {
            let name = qualifier.child("name").and_then(|name| attribute(name, "code"));
            let site = matches!(name, Some("363698007" | "272741003" | "78615007"));
            if site { codeable(qualifier.child("value")?, &self.texts) } else { None }
        });
        put_list(&mut out, "bodySite", sites.into_iter().chain(laterality).collect());
        self.put_subject(&mut out, "subject");
        if self.kind == Kind::Encounters {
            put(&mut out, "encounter", self.encounter.clone());
        }
        let onset = times.is_some_and(|time| {
            let begun = time.child("low").unwrap_or(time);
            attribute(begun, "value").is_some() && time::put_point(&mut out, "onsetDateTime", begun)
        });
        if !onset
            && let Some(age) = marked(act, AGE, "445518008").and_then(|inner| simple_quantity(inner.child("value")?))
        {
            out.insert("onsetAge".to_owned(), age);
        }
        if let Some(high) = high.filter(|_| ended && !matches!(clinical, "active" | "relapse" | "recurrence")) {
            time::put_point(&mut out, "abatementDateTime", high);
        }
        let acts: Vec<Node<'d>> = [Some(act), concern].into_iter().flatten().collect();
        self.put_recorder(&mut out, &acts, "recorder", "recordedDate");
        let mut notes = self.notes(act);
        if let Some(concern) = concern {
            notes.extend(self.notes(concern));
        }
        if let Some(health) =
            marked(act, HEALTH_STATUS, "11323-3").and_then(|inner| codeable(inner.child("value")?, &self.texts))
            && let Some(words) = health.get("text").and_then(Value::as_str)
        {
            notes.push(json!({"text": format!("Health status: {words}")}));
        }
        // FHIR has no place for a certainty that is none of its own, nor for an end that is still to come (con-4).
        let unsure = certainty.filter(|_| certain.is_none()).and_then(|value| codeable(value, &self.texts));
        let unsure = unsure.as_ref().and_then(|said| said.get("text")).and_then(Value::as_str);
        notes.extend(unsure.map(|words| json!({"text": format!("Certainty: {words}")})));
        let to_come = high.and_then(|high| attribute(high, "value")).filter(|value| !ended && !time::is_never(value));
        let to_come = to_come.and_then(time::point);
        notes.extend(to_come.map(|point| json!({"text": format!("Expected end: {}", point.text)})));
        let evidence: Vec<Value> = self
            .inner(act)
            .into_iter()
            .filter(|(relation, _)| *relation == "SPRT")
            .map(|(_, reference)| json!({"reference": reference}))
            .collect();
        if !evidence.is_empty() {
            out.insert("evidence".to_owned(), json!([{"detail": evidence}]));
        }
        put_list(&mut out, "note", notes);
        self.add(act, out)
    }
}

fn section_of(entry: Node<'_>) -> Option<Node<'_>> {
    std::iter::successors(Some(entry), |node| node.parent()).find(|node| node.name() == "section")
}

/// Whether an entry stands in a section of illnesses there were (LOINC 11348-0; C-CDA's and IHE's templates).
fn is_of_the_past(entry: Node<'_>) -> bool {
    section_of(entry).is_some_and(|section| {
        let code = section.child("code").and_then(|code| attribute(code, "code"));
        let is_past = |root: &str| matches!(root, "2.16.840.1.113883.10.20.22.2.20" | "1.3.6.1.4.1.19376.1.5.3.1.3.8");
        code == Some("11348-0") || (code.is_none() && templates(section).any(is_past))
    })
}

/// Whether an entry stands in the list of problems as they are, or alone: other sections tell of problems there were, of
/// complications, of what a stay began and ended with.
fn in_problem_list(entry: Node<'_>) -> bool {
    section_of(entry).is_none_or(|section| {
        let code = section.child("code").and_then(|code| attribute(code, "code"));
        let is_list = |root: &str| {
            matches!(
                root,
                "2.16.840.1.113883.10.20.22.2.5" | "2.16.840.1.113883.10.20.22.2.5.1" | "2.16.840.1.113883.10.20.1.11"
            )
        };
        code == Some("11450-4") || templates(section).any(is_list)
    })
}

/// Whether a code says only what kind of statement this is ("problem", "diagnosis").
pub(super) fn is_kind_of_problem(code: Node<'_>) -> bool {
    attribute(code, "code")
        .is_none_or(|code| ANY_PROBLEM.contains(&code) || matches!(code, "ASSERTION" | "75326-9" | "29308-4"))
}

/// An observation without a template in a concern: one whose value says what the problem is.
fn is_problem_like(observation: Node<'_>) -> bool {
    templates(observation).next().is_none()
        && observation.child("value").is_some()
        && observation.child("code").is_none_or(is_kind_of_problem)
}
