//! The guide's profiles of the resources in a summary.

pub(super) mod observations;

use serde_json::Value;

use crate::{
    json::Json,
    rules::{
        bundle::Opened,
        engine::{Profile, Test},
        path::Found,
    },
    terminology::{ALLERGY_CLINICAL, CONDITION_CLINICAL},
};

const SUPPLIERS: &[&str] = &["Practitioner", "PractitionerRole", "Organization", "CareTeam"];

fn always(_: &Opened<'_>, _: &Value) -> bool {
    true
}

pub(super) static PROFILES: &[Profile] = &[
    Profile {
        name: "AllergyIntolerance-uv-ips",
        resource_type: "AllergyIntolerance",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-AllergyIntolerance-uv-ips.html",
        rules: &[
            ("AllergyIntolerance.code", "An allergy says to what.", Test::Required("code")),
            ("AllergyIntolerance.patient", "An allergy says whose it is.", Test::Required("patient")),
            (
                "AllergyIntolerance.patient.reference",
                "An allergy refers to its Patient.",
                Test::Required("patient.reference"),
            ),
            ("AllergyIntolerance.patient:type", "An allergy is a Patient's.", Test::Leads("patient", &["Patient"])),
            (
                "AllergyIntolerance.clinicalStatus",
                "An allergy's clinical status is active, inactive or resolved.",
                Test::Coded("clinicalStatus", ALLERGY_CLINICAL, &["active", "inactive", "resolved"]),
            ),
            ("ait-1", "An allergy has a clinical status unless it was entered in error.", Test::Own(ait_1)),
            ("ait-2", "An allergy that was entered in error has no clinical status.", Test::Own(ait_2)),
        ],
    },
    Profile {
        name: "Condition-uv-ips",
        resource_type: "Condition",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Condition-uv-ips.html",
        rules: &[
            ("Condition.code", "A problem says what it is.", Test::Required("code")),
            ("Condition.subject", "A problem says whose it is.", Test::Required("subject")),
            ("Condition.subject.reference", "A problem refers to its Patient.", Test::Required("subject.reference")),
            ("Condition.subject:type", "A problem is a Patient's.", Test::Leads("subject", &["Patient"])),
            (
                "Condition.clinicalStatus",
                "A problem's clinical status is one of FHIR's.",
                Test::Coded(
                    "clinicalStatus",
                    CONDITION_CLINICAL,
                    &["active", "recurrence", "relapse", "inactive", "remission", "resolved"],
                ),
            ),
            ("con-4", "A problem that has ended is not active.", Test::Own(con_4)),
            ("con-5", "A problem that was entered in error has no clinical status.", Test::Own(con_5)),
        ],
    },
    Profile {
        name: "DeviceUseStatement-uv-ips",
        resource_type: "DeviceUseStatement",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-DeviceUseStatement-uv-ips.html",
        rules: &[
            ("DeviceUseStatement.subject", "The use of a device says whose it is.", Test::Required("subject")),
            (
                "DeviceUseStatement.subject.reference",
                "The use of a device refers to its Patient.",
                Test::Required("subject.reference"),
            ),
            (
                "DeviceUseStatement.subject:type",
                "The use of a device is a Patient's.",
                Test::Leads("subject", &["Patient"]),
            ),
            ("DeviceUseStatement.timing[x]", "The use of a device says when, or why not.", Test::Required("timing[x]")),
            (
                "DeviceUseStatement.timing:type",
                "The use of a device has a date or a period.",
                Test::Types("timing", &["DateTime", "Period"]),
            ),
            ("DeviceUseStatement.device", "The use of a device says of which.", Test::Required("device")),
            ("DeviceUseStatement.device:type", "The device is a Device.", Test::Leads("device", &["Device"])),
        ],
    },
    Profile {
        name: "DiagnosticReport-uv-ips",
        resource_type: "DiagnosticReport",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-DiagnosticReport-uv-ips.html",
        rules: &[
            ("DiagnosticReport.status", "A report has a status.", Test::Required("status")),
            (
                "DiagnosticReport.status:code",
                "A report was not entered in error.",
                Test::NotCode("status", &["entered-in-error"]),
            ),
            ("DiagnosticReport.code", "A report says of what.", Test::Required("code")),
            ("DiagnosticReport.subject", "A report says about whom.", Test::Required("subject")),
            (
                "DiagnosticReport.subject.reference",
                "A report refers to its subject.",
                Test::Required("subject.reference"),
            ),
            (
                "DiagnosticReport.subject:type",
                "A report is about a Patient or a Group.",
                Test::Leads("subject", &["Patient", "Group"]),
            ),
            ("DiagnosticReport.effective[x]", "A report says when, or why not.", Test::Required("effective[x]")),
            (
                "DiagnosticReport.effective:type",
                "A report has a date or a period.",
                Test::Types("effective", &["DateTime", "Period"]),
            ),
            (
                "DiagnosticReport.performer",
                "Who made a report is a practitioner, a role, an organisation or a team.",
                Test::Leads("performer", SUPPLIERS),
            ),
            ("DiagnosticReport.specimen", "A report's specimen is a Specimen.", Test::Leads("specimen", &["Specimen"])),
            (
                "DiagnosticReport.result",
                "A report's results are Observations.",
                Test::Leads("result", &["Observation"]),
            ),
        ],
    },
    Profile {
        name: "Flag-alert-uv-ips",
        resource_type: "Flag",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Flag-alert-uv-ips.html",
        rules: &[
            ("Flag.status", "An alert has a status.", Test::Required("status")),
            ("Flag.status:code", "An alert is active.", Test::Fixed("status", "active")),
            ("Flag.code", "An alert says what of.", Test::Required("code")),
            ("Flag.subject", "An alert says about whom.", Test::Required("subject")),
            ("Flag.subject.reference", "An alert refers to its subject.", Test::Required("subject.reference")),
        ],
    },
    Profile {
        name: "ImagingStudy-uv-ips",
        resource_type: "ImagingStudy",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-ImagingStudy-uv-ips.html",
        rules: &[
            ("ImagingStudy.status", "A study has a status.", Test::Required("status")),
            (
                "ImagingStudy.status:code",
                "A study was not entered in error.",
                Test::NotCode("status", &["entered-in-error"]),
            ),
            ("ImagingStudy.subject", "A study says of whom.", Test::Required("subject")),
            ("ImagingStudy.subject.reference", "A study refers to its subject.", Test::Required("subject.reference")),
            (
                "ImagingStudy.subject:type",
                "A study is of a Patient or a Group.",
                Test::Leads("subject", &["Patient", "Group"]),
            ),
            ("ImagingStudy.series.uid", "A series has its UID.", Test::Required("series.uid")),
            ("ImagingStudy.series.modality", "A series has its modality.", Test::Required("series.modality")),
            ("ImagingStudy.series.instance.uid", "An instance has its UID.", Test::Required("series.instance.uid")),
            (
                "ImagingStudy.series.instance.sopClass",
                "An instance has its SOP class.",
                Test::Required("series.instance.sopClass"),
            ),
        ],
    },
    Profile {
        name: "Immunization-uv-ips",
        resource_type: "Immunization",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Immunization-uv-ips.html",
        rules: &[
            ("Immunization.status", "A vaccination has a status.", Test::Required("status")),
            (
                "Immunization.status:code",
                "A vaccination's status is completed, not-done or entered-in-error.",
                Test::Code("status", &["completed", "not-done", "entered-in-error"]),
            ),
            ("Immunization.vaccineCode", "A vaccination says with what.", Test::Required("vaccineCode")),
            ("Immunization.patient", "A vaccination says whose it is.", Test::Required("patient")),
            (
                "Immunization.patient.reference",
                "A vaccination refers to its Patient.",
                Test::Required("patient.reference"),
            ),
            ("Immunization.patient:type", "A vaccination is a Patient's.", Test::Leads("patient", &["Patient"])),
            ("Immunization.occurrence[x]", "A vaccination says when, or why not.", Test::Required("occurrence[x]")),
        ],
    },
    Profile {
        name: "Medication-uv-ips",
        resource_type: "Medication",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Medication-uv-ips.html",
        rules: &[
            ("Medication.code", "A medicine says what it is.", Test::Required("code")),
            ("Medication.ingredient.item[x]", "An ingredient says what it is.", Test::Required("ingredient.item[x]")),
            (
                "Medication.ingredient.item:type",
                "An ingredient is a Substance or a Medication.",
                Test::Leads("ingredient.itemReference", &["Substance", "Medication"]),
            ),
        ],
    },
    Profile {
        name: "MedicationRequest-uv-ips",
        resource_type: "MedicationRequest",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-MedicationRequest-uv-ips.html",
        rules: &[
            (
                "MedicationRequest.doNotPerform",
                "A prescription is not one against giving.",
                Test::Is("doNotPerform", false),
            ),
            ("MedicationRequest.medication[x]", "A prescription says of what.", Test::Required("medication[x]")),
            (
                "MedicationRequest.medication:type",
                "What is prescribed is a Medication.",
                Test::Leads("medicationReference", &["Medication"]),
            ),
            ("MedicationRequest.subject", "A prescription says for whom.", Test::Required("subject")),
            (
                "MedicationRequest.subject.reference",
                "A prescription refers to its Patient.",
                Test::Required("subject.reference"),
            ),
            ("MedicationRequest.subject:type", "A prescription is a Patient's.", Test::Leads("subject", &["Patient"])),
        ],
    },
    Profile {
        name: "MedicationStatement-uv-ips",
        resource_type: "MedicationStatement",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-MedicationStatement-uv-ips.html",
        rules: &[
            (
                "MedicationStatement.medication[x]",
                "A medicine that is taken says which.",
                Test::Required("medication[x]"),
            ),
            (
                "MedicationStatement.medication:type",
                "What is taken is a Medication.",
                Test::Leads("medicationReference", &["Medication"]),
            ),
            ("MedicationStatement.subject", "A medicine that is taken says by whom.", Test::Required("subject")),
            (
                "MedicationStatement.subject.reference",
                "A medicine that is taken refers to its Patient.",
                Test::Required("subject.reference"),
            ),
            (
                "MedicationStatement.subject:type",
                "A medicine that is taken is a Patient's.",
                Test::Leads("subject", &["Patient"]),
            ),
            (
                "MedicationStatement.effective[x]",
                "A medicine that is taken says when, or why not.",
                Test::Required("effective[x]"),
            ),
        ],
    },
    Profile {
        name: "Organization-uv-ips",
        resource_type: "Organization",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Organization-uv-ips.html",
        rules: &[("Organization.name", "An organisation has a name, or a reason why not.", Test::Required("name"))],
    },
    Profile {
        name: "Practitioner-uv-ips",
        resource_type: "Practitioner",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Practitioner-uv-ips.html",
        rules: &[("Practitioner.name", "A practitioner has a name, or a reason why not.", Test::Required("name"))],
    },
    Profile {
        name: "PractitionerRole-uv-ips",
        resource_type: "PractitionerRole",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-PractitionerRole-uv-ips.html",
        rules: &[
            (
                "PractitionerRole.practitioner",
                "A role is a Practitioner's.",
                Test::Leads("practitioner", &["Practitioner"]),
            ),
            (
                "PractitionerRole.organization",
                "A role is at an Organization.",
                Test::Leads("organization", &["Organization"]),
            ),
        ],
    },
    Profile {
        name: "Procedure-uv-ips",
        resource_type: "Procedure",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Procedure-uv-ips.html",
        rules: &[
            ("Procedure.code", "A procedure says what was done.", Test::Required("code")),
            ("Procedure.subject", "A procedure says to whom.", Test::Required("subject")),
            ("Procedure.subject.reference", "A procedure refers to its Patient.", Test::Required("subject.reference")),
            ("Procedure.subject:type", "A procedure is a Patient's.", Test::Leads("subject", &["Patient"])),
            ("Procedure.performed[x]", "A procedure says when, or why not.", Test::Required("performed[x]")),
            (
                "Procedure.performer.actor",
                "Who did it is a person, an organisation or a device.",
                Test::Leads(
                    "performer.actor",
                    &["Patient", "RelatedPerson", "Device", "Practitioner", "PractitionerRole", "Organization"],
                ),
            ),
            (
                "Procedure.performer.onBehalfOf",
                "It was done for an Organization.",
                Test::Leads("performer.onBehalfOf", &["Organization"]),
            ),
        ],
    },
    Profile {
        name: "Specimen-uv-ips",
        resource_type: "Specimen",
        meant: always,
        spec: "https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Specimen-uv-ips.html",
        rules: &[
            ("Specimen.type", "A specimen says what it is.", Test::Required("type")),
            ("Specimen.subject.reference", "A specimen refers to its Patient.", Test::Required("subject.reference")),
            ("Specimen.subject:type", "A specimen is a Patient's.", Test::Leads("subject", &["Patient"])),
        ],
    },
];

fn only(fault: bool, path: String) -> Vec<String> {
    if fault { vec![path] } else { Vec::new() }
}

fn is_error(found: &Found<'_>) -> bool {
    found.value.text_at(&["verificationStatus", "coding", "code"]) == Some("entered-in-error")
}

fn ait_1(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    only(!is_error(found) && !found.has("clinicalStatus"), format!("{}.clinicalStatus", found.path))
}

fn ait_2(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    only(is_error(found) && found.has("clinicalStatus"), format!("{}.clinicalStatus", found.path))
}

fn con_4(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    let status = found.value.text_at(&["clinicalStatus", "coding", "code"]);
    let goes_on = matches!(status, Some("active" | "recurrence" | "relapse"));
    only(found.has("abatement[x]") && goes_on, format!("{}.abatement[x]", found.path))
}

fn con_5(_: &Opened<'_>, found: &Found<'_>) -> Vec<String> {
    only(is_error(found) && found.has("clinicalStatus"), format!("{}.clinicalStatus", found.path))
}
