//! One line for each kind of FHIR R4 resource: its category, where its name stands, where its date stands.

use super::Category;

/// How to list one kind of resource.
#[derive(Debug)]
pub(crate) struct Kind {
    /// FHIR's name of it; empty for the kind of all unknown ones.
    pub(crate) name: &'static str,
    /// What a person calls it when it says nothing about itself.
    pub(crate) label: &'static str,
    /// Its category (Observations are looked at more closely).
    pub(crate) category: Category,
    /// Members that name it, best first.
    pub(crate) titles: &'static [&'static str],
    /// Members that date it, best first.
    pub(crate) dates: &'static [&'static str],
    /// Whether without a name it is only as good as its narrative.
    pub(crate) needs_title: bool,
    /// Whether its narrative is what it is for, and so is searched.
    pub(crate) narrative_is_content: bool,
}

impl Kind {
    /// A name for a resource of this kind that has none: the kind's label, or FHIR's name with its words set apart.
    pub(crate) fn label_for(&self, resource_type: &str) -> String {
        if !self.label.is_empty() {
            return self.label.to_owned();
        }
        let mut out = String::new();
        for (at, letter) in resource_type.chars().enumerate() {
            if at > 0 && letter.is_uppercase() {
                out.push(' ');
                out.extend(letter.to_lowercase());
            } else {
                out.push(letter);
            }
        }
        if out.is_empty() { "Record".to_owned() } else { out }
    }
}

/// The kind of that name; resources of a name not listed are kept under [`Category::Other`].
pub(crate) fn kind_of(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == name).unwrap_or(&UNKNOWN)
}

/// Whether a resource of that name is among the kinds.
pub(crate) fn is_known(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == name)
}

/// Members besides the title whose words a search finds.
pub(super) const SEARCHED: &[&str] = &[
    "identifier",
    "valueCodeableConcept",
    "valueString",
    "note",
    "comment",
    "conclusion",
    "conclusionCode",
    "reasonCode",
    "bodySite",
    "description",
    "performer",
    "author",
    "recorder",
    "asserter",
    "requester",
    "serviceProvider",
    "location",
    "manufacturer",
    "payor",
    "insurer",
    "category",
    "interpretation",
    "lotNumber",
    "route",
];

/// Members of items whose words a search finds.
pub(super) const SEARCHED_WITHIN: &[(&str, &[&str])] = &[
    ("reaction", &["manifestation", "substance", "description"]),
    ("component", &["code", "valueCodeableConcept", "valueString"]),
    ("dosageInstruction", &["text"]),
    ("dosage", &["text"]),
    ("participant", &["individual", "member"]),
    ("performer", &["actor"]),
    ("condition", &["code"]),
    ("activity", &["detail"]),
    ("protocolApplied", &["targetDisease"]),
    ("location", &["location"]),
];

/// Whether the index, the display line or the sensitivity rules look at a resource's member of that name. Import
/// passes over all others without building anything.
pub(crate) fn keep_member(name: &str) -> bool {
    matches!(
        name,
        "resourceType"
            | "id"
            | "meta"
            | "text"
            | "contained"
            | "identifier"
            | "status"
            | "clinicalStatus"
            | "verificationStatus"
            | "code"
            | "category"
            | "class"
            | "type"
            | "subject"
            | "patient"
            | "beneficiary"
            | "for"
            | "individual"
            | "title"
            | "name"
            | "description"
            | "deviceName"
            | "device"
            | "relationship"
            | "condition"
            | "serviceType"
            | "reasonCode"
            | "vaccineCode"
            | "medication"
            | "medicationCodeableConcept"
            | "medicationReference"
            | "procedureCode"
            | "component"
            | "note"
            | "comment"
            | "conclusion"
            | "conclusionCode"
            | "bodySite"
            | "reaction"
            | "dosage"
            | "dosageInstruction"
            | "participant"
            | "performer"
            | "author"
            | "recorder"
            | "asserter"
            | "requester"
            | "serviceProvider"
            | "location"
            | "manufacturer"
            | "payor"
            | "insurer"
            | "interpretation"
            | "lotNumber"
            | "route"
            | "activity"
            | "protocolApplied"
            | "content"
            | "questionnaire"
            | "valueCodeableConcept"
            | "valueString"
            | "valueQuantity"
            | "valueInteger"
            | "valueBoolean"
            | "valueRange"
            | "valueRatio"
            | "valuePeriod"
            | "valueDateTime"
            | "valueTime"
            | "valueSampledData"
            | "valueAttachment"
            | "specimen"
            | "doNotPerform"
            | "diagnosis"
            | "procedure"
            | "birthDate"
            | "specialty"
            | "prediction"
            | "scope"
            | "summary"
            | "reason"
            | "topic"
            | "effectiveDateTime"
            | "effectivePeriod"
            | "effectiveInstant"
            | "effectiveTiming"
            | "issued"
            | "onsetDateTime"
            | "onsetPeriod"
            | "recordedDate"
            | "assertedDate"
            | "lastOccurrence"
            | "authoredOn"
            | "dateAsserted"
            | "occurrenceDateTime"
            | "occurrencePeriod"
            | "occurrenceTiming"
            | "performedDateTime"
            | "performedPeriod"
            | "period"
            | "date"
            | "created"
            | "started"
            | "start"
            | "authored"
            | "sent"
            | "recorded"
            | "dateTime"
            | "billablePeriod"
            | "servicedDate"
            | "startDate"
            | "whenHandedOver"
            | "whenPrepared"
            | "collection"
            | "timestamp"
            | "identified"
            | "createdDateTime"
            | "statusDate"
            | "timingDateTime"
            | "timingPeriod"
            | "manufactureDate"
            | "receivedTime"
            | "indexed"
            | "codeCodeableConcept"
            | "codeReference"
            | "targetDisease"
            | "event"
            | "servicePeriod"
            | "recordedOn"
            | "identifiedDateTime"
            | "productOrService"
            | "itemCodeableConcept"
            | "ingredient"
            | "item"
            | "addItem"
    )
}

const fn kind(
    name: &'static str,
    label: &'static str,
    category: Category,
    titles: &'static [&'static str],
    dates: &'static [&'static str],
) -> Kind {
    Kind { name, label, category, titles, dates, needs_title: false, narrative_is_content: false }
}

/// A kind that says nothing without a name.
const fn clinical(
    name: &'static str,
    label: &'static str,
    category: Category,
    titles: &'static [&'static str],
    dates: &'static [&'static str],
) -> Kind {
    Kind { needs_title: true, ..kind(name, label, category, titles, dates) }
}

/// A kind whose narrative is what it is for.
const fn written(
    name: &'static str,
    label: &'static str,
    category: Category,
    titles: &'static [&'static str],
    dates: &'static [&'static str],
) -> Kind {
    Kind { narrative_is_content: true, ..kind(name, label, category, titles, dates) }
}

const MEDICATION: &[&str] = &["medicationCodeableConcept", "medicationReference", "medication"];

const UNKNOWN: Kind = kind(
    "",
    "",
    Category::Other,
    &["title", "name", "code", "type", "description", "category"],
    &[
        "date",
        "created",
        "authoredOn",
        "recorded",
        "issued",
        "period",
        "effectiveDateTime",
        "occurrenceDateTime",
        "start",
        "sent",
    ],
);

/// FHIR R4 (4.0.1), the kinds a person's record holds; the common ones first because the list is searched in order.
const KINDS: &[Kind] = &[
    clinical(
        "Observation",
        "Observation",
        Category::Result,
        &["code"],
        &["effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming", "issued"],
    ),
    kind("Claim", "Claim", Category::Insurance, &["type"], &["billablePeriod", "created"]),
    kind(
        "ExplanationOfBenefit",
        "Explanation of benefit",
        Category::Insurance,
        &["type"],
        &["billablePeriod", "created"],
    ),
    kind("Encounter", "Visit", Category::Visit, &["type", "serviceType", "reasonCode", "class"], &["period"]),
    clinical(
        "DiagnosticReport",
        "Report",
        Category::Report,
        &["code"],
        &["effectiveDateTime", "effectivePeriod", "issued"],
    ),
    clinical("MedicationRequest", "Prescription", Category::Medicine, MEDICATION, &["authoredOn"]),
    clinical("Procedure", "Procedure", Category::Procedure, &["code"], &["performedDateTime", "performedPeriod"]),
    clinical(
        "Immunization",
        "Vaccination",
        Category::Immunization,
        &["vaccineCode"],
        &["occurrenceDateTime", "recorded"],
    ),
    clinical(
        "Condition",
        "Problem",
        Category::Problem,
        &["code"],
        &["onsetDateTime", "onsetPeriod", "recordedDate", "assertedDate"],
    ),
    clinical(
        "AllergyIntolerance",
        "Allergy",
        Category::Allergy,
        &["code"],
        &["onsetDateTime", "recordedDate", "assertedDate", "lastOccurrence"],
    ),
    written(
        "DocumentReference",
        "Document",
        Category::Document,
        &["description", "type", "category"],
        &["date", "created", "indexed"],
    ),
    kind("Patient", "Patient", Category::Person, &["name"], &[]),
    kind("Practitioner", "Practitioner", Category::Person, &["name"], &[]),
    kind("PractitionerRole", "Practitioner's role", Category::Person, &["code", "specialty"], &["period"]),
    kind("Organization", "Organisation", Category::Person, &["name", "type"], &[]),
    kind("RelatedPerson", "Related person", Category::Person, &["name", "relationship"], &[]),
    kind("Person", "Person", Category::Person, &["name"], &[]),
    clinical(
        "MedicationStatement",
        "Medicine",
        Category::Medicine,
        MEDICATION,
        &["effectiveDateTime", "effectivePeriod", "dateAsserted"],
    ),
    clinical(
        "MedicationAdministration",
        "Medicine given",
        Category::Medicine,
        MEDICATION,
        &["effectiveDateTime", "effectivePeriod"],
    ),
    clinical(
        "MedicationDispense",
        "Medicine handed out",
        Category::Medicine,
        MEDICATION,
        &["whenHandedOver", "whenPrepared"],
    ),
    clinical("Medication", "Medicine", Category::Medicine, &["code"], &[]),
    kind("CarePlan", "Care plan", Category::CarePlan, &["title", "category", "description"], &["period", "created"]),
    kind("CareTeam", "Care team", Category::CarePlan, &["name", "category"], &["period"]),
    clinical("Goal", "Goal", Category::CarePlan, &["description"], &["startDate", "statusDate"]),
    clinical(
        "ServiceRequest",
        "Order",
        Category::CarePlan,
        &["code"],
        &["occurrenceDateTime", "occurrencePeriod", "authoredOn"],
    ),
    kind("NutritionOrder", "Diet order", Category::CarePlan, &[], &["dateTime"]),
    kind("Task", "Task", Category::CarePlan, &["description", "code"], &["authoredOn"]),
    kind("ImagingStudy", "Imaging", Category::Report, &["description", "procedureCode", "reasonCode"], &["started"]),
    kind("Device", "Device", Category::Device, &["deviceName", "type"], &["manufactureDate"]),
    kind(
        "DeviceUseStatement",
        "Device in use",
        Category::Device,
        &["device"],
        &["timingDateTime", "timingPeriod", "recordedOn"],
    ),
    kind(
        "DeviceRequest",
        "Device order",
        Category::Device,
        &["codeCodeableConcept", "codeReference"],
        &["occurrenceDateTime", "authoredOn"],
    ),
    kind("DeviceMetric", "Device reading", Category::Device, &["type"], &[]),
    written("Composition", "Document", Category::Document, &["title", "type"], &["date"]),
    kind("Binary", "Attachment", Category::Document, &[], &[]),
    kind("Media", "Picture or recording", Category::Document, &["content", "type"], &["createdDateTime", "issued"]),
    written("QuestionnaireResponse", "Answered questionnaire", Category::Document, &["questionnaire"], &["authored"]),
    kind("Consent", "Consent", Category::Document, &["category", "scope"], &["dateTime"]),
    kind("List", "List", Category::Document, &["title", "code"], &["date"]),
    kind("Communication", "Message", Category::Document, &["topic", "category"], &["sent"]),
    kind("Bundle", "Collection of records", Category::Other, &[], &["timestamp"]),
    kind("EpisodeOfCare", "Episode of care", Category::Visit, &["type"], &["period"]),
    kind(
        "Appointment",
        "Appointment",
        Category::Visit,
        &["description", "serviceType", "reasonCode"],
        &["start", "created"],
    ),
    kind("Coverage", "Insurance cover", Category::Insurance, &["type", "payor"], &["period"]),
    kind("Account", "Account", Category::Insurance, &["name", "type"], &["servicePeriod"]),
    kind("ClaimResponse", "Answer to a claim", Category::Insurance, &["type"], &["created"]),
    kind("Invoice", "Invoice", Category::Insurance, &["type"], &["date"]),
    clinical("FamilyMemberHistory", "Family history", Category::Social, &["relationship"], &["date"]),
    clinical("Flag", "Alert", Category::Problem, &["code"], &["period"]),
    kind("DetectedIssue", "Detected issue", Category::Problem, &["code"], &["identifiedDateTime"]),
    kind(
        "ClinicalImpression",
        "Assessment",
        Category::Problem,
        &["summary", "description", "code"],
        &["effectiveDateTime", "date"],
    ),
    kind("RiskAssessment", "Risk assessment", Category::Problem, &["code", "prediction"], &["occurrenceDateTime"]),
    kind("AdverseEvent", "Adverse event", Category::Problem, &["event"], &["date", "recordedDate"]),
    clinical("Specimen", "Specimen", Category::Result, &["type"], &["collection", "receivedTime"]),
    kind("MolecularSequence", "Genetic sequence", Category::Result, &["type"], &[]),
    kind("ImmunizationRecommendation", "Recommended vaccinations", Category::Immunization, &[], &["date"]),
    kind("ImmunizationEvaluation", "Vaccination check", Category::Immunization, &["targetDisease"], &["date"]),
    kind("Location", "Place", Category::Other, &["name", "type", "description"], &[]),
    kind("Provenance", "Origin of records", Category::Other, &[], &["recorded"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_keeps_every_member_that_the_index_reads() {
        let read = KINDS.iter().chain([&UNKNOWN]).flat_map(|kind| kind.titles.iter().chain(kind.dates));
        for name in
            read.chain(SEARCHED).chain(&crate::sensitivity::CODED).chain(SEARCHED_WITHIN.iter().map(|(list, _)| list))
        {
            assert!(keep_member(name), "{name}");
        }
    }

    #[test]
    fn a_kind_stands_once() {
        for (at, kind) in KINDS.iter().enumerate() {
            assert!(KINDS.iter().skip(at + 1).all(|other| other.name != kind.name), "{}", kind.name);
        }
    }

    #[test]
    fn unknown_kinds_are_called_by_their_words() {
        assert_eq!(kind_of("BodyStructure").label_for("BodyStructure"), "Body structure");
        assert_eq!(kind_of("").label_for(""), "Record");
    }
}
