//! The versions before R4, and what tells them.

use super::{Kind, dstu2, stu3};
use crate::{
    import::Format,
    json::{Json, Node, parse_members},
};

/// A version of FHIR before R4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 1.0.
    Dstu2,
    /// 3.0.
    Stu3,
}

impl Version {
    /// The version of that number (`1.0.2`), if it is one of them.
    pub(crate) fn of_number(number: &str) -> Option<Self> {
        match number {
            number if number.starts_with("1.0.") => Some(Self::Dstu2),
            number if number.starts_with("3.0.") => Some(Self::Stu3),
            _ => None,
        }
    }

    /// The format of a file in it, in XML or in JSON.
    pub(crate) fn format(self, xml: bool) -> Format {
        match self {
            Self::Dstu2 => Format::Dstu2 { xml },
            Self::Stu3 => Format::Stu3 { xml },
        }
    }

    /// The kinds of its resources that can be said in R4.
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Dstu2 => dstu2::KINDS,
            Self::Stu3 => stu3::KINDS,
        }
    }

    /// The stem of the extensions for its elements.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Dstu2 => dstu2::EXTENSION,
            Self::Stu3 => stu3::EXTENSION,
        }
    }
}

/// The version that a resource shows by something that no other of these has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// R4 or R4B.
    R4,
    /// One before it.
    Older(Version),
}

impl Shown {
    /// What the resource shows, if it shows anything.
    pub(crate) fn by(resource: &[u8]) -> Option<Self> {
        let may_tell = |name: &str| name == "resourceType" || SIGNS.iter().any(|(_, _, element, _)| *element == name);
        let resource = parse_members(std::str::from_utf8(resource).ok()?, may_tell).ok()?;
        let kind = resource.member("resourceType").and_then(Json::text)?;
        let shows =
            |(_, of, element, is_so): &&Sign| *of == kind && resource.member(element).is_some_and(|value| is_so(value));
        SIGNS.iter().find(shows).map(|(shown, ..)| *shown)
    }
}

/// A version, a kind, an element, and how that is there.
type Sign = (Shown, &'static str, &'static str, Shape);

/// How an element is.
type Shape = fn(&Node<'_>) -> bool;

const R4: Shown = Shown::R4;
const DSTU2: Shown = Shown::Older(Version::Dstu2);
const STU3: Shown = Shown::Older(Version::Stu3);

/// Elements that are so in one version only (<https://hl7.org/fhir/STU3/diff.html>, <https://hl7.org/fhir/R4/diff.html>). Those of R4
/// stand first: what is old beside them was left behind by a program that moved on. What STU3 shares with DSTU2 stands behind
/// something that DSTU2 demands, or is of a kind that is converted from STU3 only.
const SIGNS: &[Sign] = &[
    (R4, "AllergyIntolerance", "clinicalStatus", is_concept),
    (R4, "AllergyIntolerance", "verificationStatus", is_concept),
    (R4, "Condition", "clinicalStatus", is_concept),
    (R4, "Condition", "recordedDate", is_there),
    (R4, "Condition", "verificationStatus", is_concept),
    (R4, "DocumentReference", "category", is_there),
    (R4, "Encounter", "reasonCode", is_there),
    (R4, "Goal", "lifecycleStatus", is_there),
    (R4, "Immunization", "occurrenceDateTime", is_there),
    (R4, "Immunization", "protocolApplied", is_there),
    (R4, "MedicationRequest", "encounter", is_there),
    (R4, "Observation", "hasMember", is_there),
    (R4, "Observation", "note", is_there),
    (R4, "Procedure", "statusReason", is_there),
    (R4, "ServiceRequest", "resourceType", is_there),
    (DSTU2, "AllergyIntolerance", "substance", is_there),
    (DSTU2, "Condition", "patient", is_there),
    (DSTU2, "DiagnosticOrder", "resourceType", is_there),
    (DSTU2, "DiagnosticReport", "performer", is_object),
    (DSTU2, "Encounter", "class", is_text),
    (DSTU2, "Encounter", "patient", is_there),
    (DSTU2, "Immunization", "reported", is_there),
    (DSTU2, "Immunization", "wasNotGiven", is_there),
    (DSTU2, "Medication", "product", is_there),
    (DSTU2, "MedicationAdministration", "patient", is_there),
    (DSTU2, "MedicationDispense", "patient", is_there),
    (DSTU2, "MedicationOrder", "resourceType", is_there),
    (DSTU2, "MedicationStatement", "patient", is_there),
    (DSTU2, "MedicationStatement", "wasNotTaken", is_there),
    (DSTU2, "Observation", "category", is_object),
    (DSTU2, "Observation", "comments", is_there),
    (DSTU2, "Patient", "careProvider", is_there),
    (DSTU2, "Patient", "name", has_parted_family),
    (DSTU2, "Practitioner", "name", is_object),
    (DSTU2, "Practitioner", "name", has_parted_family),
    (DSTU2, "Practitioner", "practitionerRole", is_there),
    (DSTU2, "Procedure", "notPerformed", is_there),
    (DSTU2, "Procedure", "notes", is_there),
    (STU3, "AllergyIntolerance", "assertedDate", is_there),
    (STU3, "AllergyIntolerance", "clinicalStatus", is_text),
    (STU3, "AllergyIntolerance", "verificationStatus", is_text),
    (STU3, "Binary", "content", is_there),
    (STU3, "CarePlan", "context", is_there),
    (STU3, "CarePlan", "definition", is_there),
    (STU3, "CareTeam", "context", is_there),
    (STU3, "Composition", "class", is_there),
    (STU3, "Condition", "assertedDate", is_there),
    (STU3, "Condition", "clinicalStatus", is_text),
    (STU3, "Condition", "context", is_there),
    (STU3, "Condition", "stage", is_object),
    (STU3, "Coverage", "grouping", is_there),
    (STU3, "Coverage", "sequence", is_there),
    (STU3, "Device", "model", is_there),
    (STU3, "Device", "udi", is_object),
    (STU3, "DeviceRequest", "context", is_there),
    (STU3, "DeviceRequest", "intent", is_concept),
    (STU3, "DeviceRequest", "requester", has_agent),
    (STU3, "DeviceUseStatement", "indication", is_there),
    (STU3, "DeviceUseStatement", "whenUsed", is_there),
    (STU3, "DiagnosticReport", "category", is_object),
    (STU3, "DiagnosticReport", "context", is_there),
    (STU3, "DiagnosticReport", "performer", has_actors),
    (STU3, "DocumentReference", "class", is_there),
    (STU3, "DocumentReference", "indexed", is_there),
    (STU3, "Encounter", "incomingReferral", is_there),
    (STU3, "Encounter", "reason", has_concepts),
    (STU3, "FamilyMemberHistory", "gender", is_there),
    (STU3, "FamilyMemberHistory", "notDone", is_there),
    (STU3, "Flag", "category", is_object),
    (STU3, "Goal", "status", is_text),
    (STU3, "Immunization", "date", is_there),
    (STU3, "Immunization", "explanation", is_there),
    (STU3, "Immunization", "notGiven", is_there),
    (STU3, "Immunization", "practitioner", is_there),
    (STU3, "Immunization", "vaccinationProtocol", is_there),
    (STU3, "ImmunizationRecommendation", "recommendation", has_dates),
    (STU3, "Location", "type", is_object),
    (STU3, "Medication", "isBrand", is_there),
    (STU3, "Medication", "isOverTheCounter", is_there),
    (STU3, "Medication", "package", is_there),
    (STU3, "MedicationAdministration", "notGiven", is_there),
    (STU3, "MedicationAdministration", "prescription", is_there),
    (STU3, "MedicationAdministration", "reasonNotGiven", is_there),
    (STU3, "MedicationDispense", "notDone", is_there),
    (STU3, "MedicationRequest", "category", is_object),
    (STU3, "MedicationRequest", "context", is_there),
    (STU3, "MedicationRequest", "definition", is_there),
    (STU3, "MedicationRequest", "requester", has_agent),
    (STU3, "MedicationStatement", "reasonNotTaken", is_there),
    (STU3, "MedicationStatement", "taken", is_there),
    (STU3, "Observation", "comment", is_there),
    (STU3, "Observation", "context", is_there),
    (STU3, "Observation", "interpretation", is_object),
    (STU3, "Observation", "related", is_there),
    (STU3, "Procedure", "context", is_there),
    (STU3, "Procedure", "definition", is_there),
    (STU3, "Procedure", "notDone", is_there),
    (STU3, "Procedure", "notDoneReason", is_there),
    (STU3, "ProcedureRequest", "intent", is_there),
    (STU3, "ReferralRequest", "intent", is_there),
    (STU3, "RelatedPerson", "relationship", is_object),
];

fn is_there(_: &Node<'_>) -> bool {
    true
}

fn is_object(value: &Node<'_>) -> bool {
    matches!(value, Node::Object(_))
}

/// A code; in XML that was read as R4, where a concept is, it is an object with a `value`.
fn is_text(value: &Node<'_>) -> bool {
    value.text().is_some() || value.member("value").and_then(Json::text).is_some()
}

fn has_parted_family(names: &Node<'_>) -> bool {
    let is_parted = |name: &Node<'_>| matches!(name.member("family"), Some(Node::List(_)));
    is_parted(names) || names.items().iter().any(is_parted)
}

fn is_concept(value: &Node<'_>) -> bool {
    ["coding", "text"].iter().any(|name| value.member(name).is_some())
}

/// CodeableConcepts, which are in R5 beside what they are for.
fn has_concepts(values: &Node<'_>) -> bool {
    values.items().iter().any(is_concept)
}

fn has_actors(performers: &Node<'_>) -> bool {
    performers.items().iter().any(|performer| performer.member("actor").is_some())
}

fn has_dates(recommendations: &Node<'_>) -> bool {
    recommendations.items().iter().any(|recommendation| recommendation.member("date").is_some())
}

fn has_agent(requester: &Node<'_>) -> bool {
    requester.member("agent").is_some()
}
