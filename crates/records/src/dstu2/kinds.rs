//! The kinds of resources, element by element, after the definitions of DSTU2 (<https://hl7.org/fhir/DSTU2/resourcelist.html>)
//! and R4 (<https://hl7.org/fhir/R4/resourcelist.html>).

mod findings;
mod medicines;
mod people;

use serde_json::{Value, json};

use super::Element;
use crate::convert::Resource;

/// A kind of resource.
pub(super) struct Kind {
    pub(super) dstu2: &'static str,
    pub(super) r4: &'static str,
    pub(super) elements: &'static [Element],
    /// What is more than an element by itself: from the resource in DSTU2, without what all kinds share.
    pub(super) finish: fn(&Resource, &mut Resource) -> Option<()>,
}

/// Those that phones and their hospitals have.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        dstu2: "AllergyIntolerance",
        r4: "AllergyIntolerance",
        elements: findings::ALLERGY,
        finish: findings::allergy,
    },
    Kind { dstu2: "Condition", r4: "Condition", elements: findings::CONDITION, finish: findings::condition },
    Kind { dstu2: "DiagnosticReport", r4: "DiagnosticReport", elements: findings::REPORT, finish: nothing },
    Kind {
        dstu2: "Immunization",
        r4: "Immunization",
        elements: findings::IMMUNIZATION,
        finish: findings::immunization,
    },
    Kind { dstu2: "Medication", r4: "Medication", elements: medicines::MEDICATION, finish: medicines::product },
    Kind {
        dstu2: "MedicationDispense",
        r4: "MedicationDispense",
        elements: medicines::DISPENSE,
        finish: medicines::dispense,
    },
    Kind { dstu2: "MedicationOrder", r4: "MedicationRequest", elements: medicines::ORDER, finish: medicines::order },
    Kind {
        dstu2: "MedicationStatement",
        r4: "MedicationStatement",
        elements: medicines::STATEMENT,
        finish: medicines::statement,
    },
    Kind { dstu2: "Observation", r4: "Observation", elements: findings::OBSERVATION, finish: findings::observation },
    Kind { dstu2: "Organization", r4: "Organization", elements: people::ORGANIZATION, finish: nothing },
    Kind { dstu2: "Patient", r4: "Patient", elements: people::PATIENT, finish: nothing },
    Kind { dstu2: "Practitioner", r4: "Practitioner", elements: people::PRACTITIONER, finish: people::practitioner },
    Kind { dstu2: "Procedure", r4: "Procedure", elements: findings::PROCEDURE, finish: findings::procedure },
];

/// What turns a statement into its opposite: whether it is said. `None` where it is neither true nor false.
fn is_true(from: &Resource, name: &str) -> Option<bool> {
    from.get(name).map_or(Some(false), Value::as_bool)
}

fn text<'r>(from: &'r Resource, name: &str) -> Option<&'r str> {
    from.get(name).and_then(Value::as_str)
}

/// A code among those that both versions have.
fn one_of(code: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().copied().find(|known| *known == code)
}

fn coded(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

fn nothing(_: &Resource, _: &mut Resource) -> Option<()> {
    Some(())
}
