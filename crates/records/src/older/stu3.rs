//! The kinds of STU3, element by element, after its definitions (<https://hl7.org/fhir/STU3/resourcelist.html>) and those of R4
//! (<https://hl7.org/fhir/R4/resourcelist.html>).

mod care;
mod findings;
mod medicines;
mod people;

use super::{
    Element::{self, Changed},
    Kind,
    To::{Instead, Kept},
    shared::nothing,
};
use crate::convert::Resource;

/// The stem of the extensions for elements of this version.
pub(super) const EXTENSION: &str = "http://hl7.org/fhir/3.0/StructureDefinition/extension-";

/// Those that patients are given.
pub(super) const KINDS: &[Kind] = &[
    kind("AllergyIntolerance", findings::ALLERGY, findings::allergy),
    kind("Appointment", care::APPOINTMENT, nothing),
    kind("Binary", care::BINARY, nothing),
    kind("CarePlan", care::CARE_PLAN, care::care_plan),
    kind("CareTeam", care::CARE_TEAM, nothing),
    kind("Composition", care::COMPOSITION, nothing),
    kind("Condition", findings::CONDITION, findings::condition),
    kind("Coverage", people::COVERAGE, people::coverage),
    kind("Device", people::DEVICE, people::device),
    kind("DeviceRequest", care::DEVICE_REQUEST, care::device_request),
    kind("DeviceUseStatement", care::DEVICE_USE, care::device_use),
    kind("DiagnosticReport", findings::REPORT, nothing),
    kind("DocumentReference", care::DOCUMENT, nothing),
    kind("Encounter", care::ENCOUNTER, care::encounter),
    kind("EpisodeOfCare", care::EPISODE, nothing),
    kind("FamilyMemberHistory", findings::FAMILY, findings::family),
    kind("Flag", care::FLAG, nothing),
    kind("Goal", care::GOAL, care::goal),
    kind("Immunization", findings::IMMUNIZATION, findings::immunization),
    kind("ImmunizationRecommendation", findings::RECOMMENDATION, findings::recommendation),
    kind("List", care::LIST, nothing),
    kind("Location", people::LOCATION, nothing),
    kind("Medication", medicines::MEDICATION, medicines::package),
    kind("MedicationAdministration", medicines::ADMINISTRATION, medicines::administration),
    kind("MedicationDispense", medicines::DISPENSE, medicines::dispense),
    kind("MedicationRequest", medicines::REQUEST, medicines::request),
    kind("MedicationStatement", medicines::STATEMENT, medicines::statement),
    kind("NutritionOrder", care::NUTRITION, care::nutrition),
    kind("Observation", findings::OBSERVATION, findings::observation),
    kind("Organization", people::ORGANIZATION, nothing),
    kind("Patient", people::PATIENT, nothing),
    kind("Practitioner", people::PRACTITIONER, nothing),
    kind("PractitionerRole", people::ROLE, nothing),
    kind("Procedure", findings::PROCEDURE, findings::procedure),
    Kind { old: "ProcedureRequest", r4: "ServiceRequest", elements: care::PROCEDURE_REQUEST, finish: nothing },
    Kind { old: "ReferralRequest", r4: "ServiceRequest", elements: care::REFERRAL, finish: nothing },
    kind("RelatedPerson", people::RELATED, nothing),
    kind("Specimen", findings::SPECIMEN, nothing),
    kind("Substance", medicines::SUBSTANCE, nothing),
];

/// A kind that R4 has under the same name.
const fn kind(
    name: &'static str,
    elements: &'static [Element],
    finish: fn(&Resource, &mut Resource) -> Option<()>,
) -> Kind {
    Kind { old: name, r4: name, elements, finish }
}

/// What a request or a statement was made after. R4 has a canonical URL there and no reference.
const DEFINITION: Element = Changed("definition", Kept("valueReference"));
/// The visit in which it was said.
const CONTEXT: Element = Changed("context", super::To::Encounter);
/// Who asked for it.
const REQUESTER: Element =
    Changed("requester", Instead("requester", "agent", &[Changed("onBehalfOf", Kept("valueReference"))]));
