//! The kinds of DSTU2, element by element, after its definitions (<https://hl7.org/fhir/DSTU2/resourcelist.html>) and those of R4 (<https://hl7.org/fhir/R4/resourcelist.html>).

mod findings;
mod medicines;
mod people;

use super::{Kind, shared::nothing};

/// The stem of the extensions for elements of this version.
pub(super) const EXTENSION: &str = "http://hl7.org/fhir/1.0/StructureDefinition/extension-";

/// Those that phones and their hospitals have.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        old: "AllergyIntolerance",
        r4: "AllergyIntolerance",
        elements: findings::ALLERGY,
        finish: findings::allergy,
    },
    Kind { old: "Condition", r4: "Condition", elements: findings::CONDITION, finish: findings::condition },
    Kind { old: "DiagnosticReport", r4: "DiagnosticReport", elements: findings::REPORT, finish: nothing },
    Kind { old: "Immunization", r4: "Immunization", elements: findings::IMMUNIZATION, finish: findings::immunization },
    Kind { old: "Medication", r4: "Medication", elements: medicines::MEDICATION, finish: medicines::product },
    Kind {
        old: "MedicationDispense",
        r4: "MedicationDispense",
        elements: medicines::DISPENSE,
        finish: medicines::dispense,
    },
    Kind { old: "MedicationOrder", r4: "MedicationRequest", elements: medicines::ORDER, finish: medicines::order },
    Kind {
        old: "MedicationStatement",
        r4: "MedicationStatement",
        elements: medicines::STATEMENT,
        finish: medicines::statement,
    },
    Kind { old: "Observation", r4: "Observation", elements: findings::OBSERVATION, finish: findings::observation },
    Kind { old: "Organization", r4: "Organization", elements: people::ORGANIZATION, finish: nothing },
    Kind { old: "Patient", r4: "Patient", elements: people::PATIENT, finish: nothing },
    Kind { old: "Practitioner", r4: "Practitioner", elements: people::PRACTITIONER, finish: people::practitioner },
    Kind { old: "Procedure", r4: "Procedure", elements: findings::PROCEDURE, finish: findings::procedure },
];
