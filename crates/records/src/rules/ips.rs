//! The rules of the International Patient Summary 2.0.1: the Bundle, the Composition and its sections, the Patient.
//!
//! Every cardinality, fixed value, required binding, slice and invariant of the guide's profiles, and those invariants
//! of the base resources that the profiles inherit and that concern a document. The profiles of the other resources
//! are in [`profiles`]: the guide's slices are open, so a resource that does not keep one of those is allowed in a
//! summary, and what it breaks is a [`Warning`](super::Level::Warning) unless it claims the profile.

mod own;
mod profiles;

use serde_json::Value;

use super::{
    BrokenRule, Rule,
    bundle::Opened,
    engine::{self, Check, On, Test, must, should},
};
use crate::terminology::LOINC;

const BUNDLE: &str = "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Bundle-uv-ips.html";
const COMPOSITION: &str = "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Composition-uv-ips.html";
const PATIENT: &str = "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Patient-uv-ips.html";
const DOCUMENTS: &str = "https://hl7.org/fhir/R4/documents.html";
const R4_BUNDLE: &str = "https://hl7.org/fhir/R4/bundle.html#invs";
const R4_COMPOSITION: &str = "https://hl7.org/fhir/R4/composition.html#invs";
const R4_PATIENT: &str = "https://hl7.org/fhir/R4/patient.html#invs";
const MISSING_DATA: &str = "https://hl7.org/fhir/uv/ips/STU2/Empty-Sections-and-Missing-Data.html";

/// Holds a document Bundle against the guide; empty if it keeps every rule.
///
/// It does not check base FHIR R4 (types, unknown elements, codes): validators for that exist.
pub fn check(bundle: &Value) -> Vec<BrokenRule> {
    let opened = Opened::new(bundle);
    engine::run(&opened, CHECKS, &all_profiles())
}

/// Every rule that [`check`] knows.
pub fn rules() -> Vec<Rule> {
    let profiles = profiles::PROFILES.iter();
    let of_profiles =
        profiles.flat_map(|profile| profile.rules.iter().map(|(id, says, _)| Rule { id, says, spec: profile.spec }));
    CHECKS.iter().map(|check| check.rule).chain(of_profiles).collect()
}

/// Every profile, observations last.
pub(super) fn all_profiles() -> Vec<&'static engine::Profile> {
    profiles::PROFILES.iter().chain(profiles::observations::PROFILES).collect()
}

/// A section's rule on what it may point to.
const fn entries(id: &'static str, says: &'static str, code: &'static str, kinds: &'static [&'static str]) -> Check {
    must(id, COMPOSITION, says, On::SectionOf(code), Test::Leads("entry", kinds))
}

static CHECKS: &[Check] = &[
    // The Bundle.
    must("Bundle", BUNDLE, "This is a Bundle.", On::Bundle, Test::Fixed("resourceType", "Bundle")),
    must("Bundle.type", BUNDLE, "The Bundle is a document.", On::Bundle, Test::Own(own::is_document)),
    must("Bundle.identifier", BUNDLE, "The document has an identifier.", On::Bundle, Test::Required("identifier")),
    must("bdl-9", R4_BUNDLE, "The document's identifier has a system and a value.", On::Bundle, Test::Own(own::bdl_9)),
    must("Bundle.timestamp", BUNDLE, "The document says when it was made.", On::Bundle, Test::Required("timestamp")),
    must(
        "bdl-10",
        R4_BUNDLE,
        "The document's timestamp is a date with a time and its zone.",
        On::Bundle,
        Test::Own(own::bdl_10),
    ),
    must("Bundle.entry.fullUrl", BUNDLE, "Every entry has a fullUrl.", On::Entry, Test::Required("fullUrl")),
    must("Bundle.entry.resource", BUNDLE, "Every entry has a resource.", On::Entry, Test::Required("resource")),
    must("Bundle.entry.search", BUNDLE, "A document's entry has no search.", On::Entry, Test::Absent("search")),
    must("Bundle.entry.request", BUNDLE, "A document's entry has no request.", On::Entry, Test::Absent("request")),
    must("Bundle.entry.response", BUNDLE, "A document's entry has no response.", On::Entry, Test::Absent("response")),
    must(
        "bdl-7",
        R4_BUNDLE,
        "A fullUrl stands once in a Bundle.",
        On::Bundle,
        Test::Own(|opened, _| opened.repeated()),
    ),
    must("bdl-8", R4_BUNDLE, "A fullUrl does not name a version.", On::Entry, Test::Own(own::bdl_8)),
    must("bdl-11", R4_BUNDLE, "The first entry of a document is its Composition.", On::Bundle, Test::Own(own::bdl_11)),
    must(
        "bdl-ips-1",
        BUNDLE,
        "There is no Composition besides the first entry.",
        On::Bundle,
        Test::Own(own::bdl_ips_1),
    ),
    must("Bundle.entry:patient", BUNDLE, "There is exactly one Patient.", On::Bundle, Test::Own(own::one_patient)),
    must(
        "document-content",
        DOCUMENTS,
        "What the Composition refers to is in the document.",
        On::Composition,
        Test::Own(own::composition_references),
    ),
    should(
        "references",
        DOCUMENTS,
        "What the other resources refer to is in the document too.",
        On::Bundle,
        Test::Own(own::other_references),
    ),
    should(
        "relative-references",
        "https://hl7.org/fhir/R4/bundle.html#references",
        "A relative reference leads to the entry whose fullUrl has the same base, and not by type and id alone.",
        On::Bundle,
        Test::Own(own::misaddressed),
    ),
    should(
        "absent-unknown",
        MISSING_DATA,
        "The absent-or-unknown codes of IPS 1.x were removed; SNOMED CT or an emptyReason says it now.",
        On::Bundle,
        Test::Own(own::absent_unknown),
    ),
    // The Composition.
    must("Composition.status", COMPOSITION, "The Composition has a status.", On::Composition, Test::Required("status")),
    must(
        "Composition.status:code",
        COMPOSITION,
        "The status is preliminary, final, amended or entered-in-error.",
        On::Composition,
        Test::Code("status", &["preliminary", "final", "amended", "entered-in-error"]),
    ),
    must(
        "Composition.type",
        COMPOSITION,
        "The Composition says what type of document it is.",
        On::Composition,
        Test::Required("type"),
    ),
    must(
        "Composition.type:code",
        COMPOSITION,
        "The type is a patient summary (LOINC 60591-5).",
        On::Composition,
        Test::Coded("type", LOINC, &["60591-5"]),
    ),
    must(
        "Composition.subject",
        COMPOSITION,
        "The Composition says whose summary it is.",
        On::Composition,
        Test::Required("subject"),
    ),
    must(
        "Composition.subject.reference",
        COMPOSITION,
        "The subject is a reference to the Patient in the document.",
        On::Composition,
        Test::Required("subject.reference"),
    ),
    must(
        "Composition.subject:type",
        COMPOSITION,
        "The subject is a Patient.",
        On::Composition,
        Test::Leads("subject", &["Patient"]),
    ),
    must("Composition.date", COMPOSITION, "The Composition has a date.", On::Composition, Test::Required("date")),
    must(
        "Composition.author",
        COMPOSITION,
        "The Composition has an author.",
        On::Composition,
        Test::Required("author"),
    ),
    must(
        "Composition.author:type",
        COMPOSITION,
        "An author is a person, an organisation or a device.",
        On::Composition,
        Test::Leads(
            "author",
            &["Practitioner", "PractitionerRole", "Device", "Patient", "RelatedPerson", "Organization"],
        ),
    ),
    must("Composition.title", COMPOSITION, "The Composition has a title.", On::Composition, Test::Required("title")),
    must(
        "Composition.confidentiality",
        COMPOSITION,
        "The confidentiality is U, L, M, N, R or V.",
        On::Composition,
        Test::Code("confidentiality", &["U", "L", "M", "N", "R", "V"]),
    ),
    must(
        "Composition.attester.mode",
        COMPOSITION,
        "An attester says in what way.",
        On::Composition,
        Test::Required("attester.mode"),
    ),
    must(
        "Composition.attester.mode:code",
        COMPOSITION,
        "An attester's mode is personal, professional, legal or official.",
        On::Composition,
        Test::Code("attester.mode", &["personal", "professional", "legal", "official"]),
    ),
    must(
        "Composition.attester.party",
        COMPOSITION,
        "An attester is a person or an organisation.",
        On::Composition,
        Test::Leads(
            "attester.party",
            &["Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization"],
        ),
    ),
    must(
        "Composition.custodian",
        COMPOSITION,
        "The custodian is an Organization.",
        On::Composition,
        Test::Leads("custodian", &["Organization"]),
    ),
    must(
        "Composition.relatesTo.code",
        COMPOSITION,
        "A related document says how it is related.",
        On::Composition,
        Test::Required("relatesTo.code"),
    ),
    must(
        "Composition.relatesTo.target[x]",
        COMPOSITION,
        "A related document is named by an identifier or is a Composition.",
        On::Composition,
        Test::Own(own::relates_to),
    ),
    must(
        "Composition.event:careProvisioningEvent",
        COMPOSITION,
        "At most one event is the provision of care (PCPR).",
        On::Composition,
        Test::Own(own::one_care_provision),
    ),
    must(
        "Composition.section",
        COMPOSITION,
        "The Composition has sections.",
        On::Composition,
        Test::Required("section"),
    ),
    // Its sections.
    must("Composition.section.title", COMPOSITION, "Every section has a title.", On::Section, Test::Required("title")),
    must("Composition.section.code", COMPOSITION, "Every section has a code.", On::Section, Test::Required("code")),
    must(
        "Composition.section.text",
        COMPOSITION,
        "Every section has a text for people.",
        On::Section,
        Test::Required("text"),
    ),
    must(
        "Composition.section.text.status",
        COMPOSITION,
        "A text says how it was made.",
        On::Section,
        Test::Required("text.status"),
    ),
    must("txt-2", COMPOSITION, "A section's text says something.", On::Section, Test::Own(own::txt_2)),
    must(
        "Composition.section.section",
        COMPOSITION,
        "A section has no sections of its own.",
        On::Section,
        Test::Absent("section"),
    ),
    must(
        "cmp-1",
        R4_COMPOSITION,
        "A section has a text, entries or sections.",
        On::Section,
        Test::OneOf(&["text", "entry", "section"]),
    ),
    must(
        "cmp-2",
        R4_COMPOSITION,
        "A section with entries gives no reason why it is empty.",
        On::Section,
        Test::Own(own::cmp_2),
    ),
    must(
        "Composition.section:sectionProblems",
        COMPOSITION,
        "There is exactly one section of problems (LOINC 11450-4).",
        On::Composition,
        Test::Own(|_, found| own::required_section(found, "11450-4")),
    ),
    must(
        "Composition.section:sectionAllergies",
        COMPOSITION,
        "There is exactly one section of allergies (LOINC 48765-2).",
        On::Composition,
        Test::Own(|_, found| own::required_section(found, "48765-2")),
    ),
    must(
        "Composition.section:sectionMedications",
        COMPOSITION,
        "There is exactly one section of medicines (LOINC 10160-0).",
        On::Composition,
        Test::Own(|_, found| own::required_section(found, "10160-0")),
    ),
    must(
        "Composition.section:others",
        COMPOSITION,
        "A section of the guide stands once at the most.",
        On::Composition,
        Test::Own(own::repeated_sections),
    ),
    must(
        "sectionSocialHistory-once",
        COMPOSITION,
        "Tobacco use and alcohol use are told once at the most.",
        On::SectionOf("29762-2"),
        Test::Own(own::repeated_habits),
    ),
    must(
        "ips-comp-1",
        COMPOSITION,
        "A required section has an entry or a reason why it is empty.",
        On::Section,
        Test::Own(own::ips_comp_1),
    ),
    entries(
        "Composition.section:sectionProblems.entry",
        "The section of problems points to Conditions (or documents).",
        "11450-4",
        &["Condition", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionAllergies.entry",
        "The section of allergies points to AllergyIntolerances (or documents).",
        "48765-2",
        &["AllergyIntolerance", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionMedications.entry",
        "The section of medicines points to statements, requests, administrations and dispenses of them (or documents).",
        "10160-0",
        &[
            "MedicationStatement",
            "MedicationRequest",
            "MedicationAdministration",
            "MedicationDispense",
            "DocumentReference",
        ],
    ),
    entries(
        "Composition.section:sectionImmunizations.entry",
        "The section of vaccinations points to Immunizations (or documents).",
        "11369-6",
        &["Immunization", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionResults.entry",
        "The section of results points to Observations and DiagnosticReports (or documents).",
        "30954-2",
        &["Observation", "DiagnosticReport", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionProceduresHx.entry",
        "The section of procedures points to Procedures (or documents).",
        "47519-4",
        &["Procedure", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionMedicalDevices.entry",
        "The section of devices points to DeviceUseStatements (or documents).",
        "46264-8",
        &["DeviceUseStatement", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionAdvanceDirectives.entry",
        "The section of advance directives points to Consents (or documents).",
        "42348-3",
        &["Consent", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionAlerts.entry",
        "The section of alerts points to Flags (or documents).",
        "104605-1",
        &["Flag", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionFunctionalStatus.entry",
        "The section of functional status points to Conditions and ClinicalImpressions (or documents).",
        "47420-5",
        &["Condition", "ClinicalImpression", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionPastProblems.entry",
        "The section of past problems points to Conditions (or documents).",
        "11348-0",
        &["Condition", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionPregnancyHx.entry",
        "The section of pregnancies points to Observations (or documents).",
        "10162-6",
        &["Observation", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionPlanOfCare.entry",
        "The section of plans points to CarePlans and ImmunizationRecommendations (or documents).",
        "18776-5",
        &["CarePlan", "ImmunizationRecommendation", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionSocialHistory.entry",
        "The section of social history points to Observations (or documents).",
        "29762-2",
        &["Observation", "DocumentReference"],
    ),
    entries(
        "Composition.section:sectionVitalSigns.entry",
        "The section of vital signs points to Observations (or documents).",
        "8716-3",
        &["Observation", "DocumentReference"],
    ),
    // The Patient.
    must("Patient.name", PATIENT, "The Patient has a name.", On::Each("Patient"), Test::Required("name")),
    must(
        "ips-pat-1",
        PATIENT,
        "A name has a family, a given or a text part.",
        On::Each("Patient"),
        Test::Own(own::ips_pat_1),
    ),
    must(
        "Patient.birthDate",
        PATIENT,
        "The Patient has a date of birth, or a reason why not.",
        On::Each("Patient"),
        Test::Required("birthDate"),
    ),
    must(
        "Patient.gender",
        PATIENT,
        "The gender is male, female, other or unknown.",
        On::Each("Patient"),
        Test::Code("gender", &["male", "female", "other", "unknown"]),
    ),
    must(
        "Patient.generalPractitioner",
        PATIENT,
        "A general practitioner is a Practitioner, a role or an Organization.",
        On::Each("Patient"),
        Test::Leads("generalPractitioner", &["Organization", "Practitioner", "PractitionerRole"]),
    ),
    must(
        "pat-1",
        R4_PATIENT,
        "A contact has a name, a telephone, an address or an organisation.",
        On::Each("Patient"),
        Test::Own(own::pat_1),
    ),
];

#[cfg(test)]
pub(super) fn checks_for_tests() -> &'static [Check] {
    CHECKS
}
