//! Words of a grant in the terms of DPV 2.3: its core, its personal data extension (`pd`) and its health sector extension
//! (`sector-health`).

use crate::grant::{Access, Category, Granter, Obligation, Purpose, RecipientClass, Sensitivity};

/// The categories of purpose (sector-health, "Purposes"), the nearest that covers all of what HL7's code means.
pub(super) fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Treatment => "sector-health:HealthcareServiceManagement",
        Purpose::EmergencyTreatment | Purpose::BreakGlass => "sector-health:EmergencyCareManagement",
        Purpose::Coordination => "sector-health:ProvidersDataSharing",
        Purpose::PatientRequest | Purpose::FamilyRequest => "sector-health:PatientInformationManagement",
        Purpose::Research => "sector-health:HealthcareScientificResearch",
        Purpose::Payment => "sector-health:ReimbursementServicesProvision",
        Purpose::Operations => "sector-health:HealthcareManagement",
        Purpose::PublicHealth => "sector-health:PublicHealthMonitoring",
    }
}

/// The categories of personal data.
pub(super) fn personal_data(category: Category) -> &'static str {
    match category {
        Category::Person => "pd:Identifying",
        Category::Allergy => "pd:MedicalHealth",
        Category::Problem | Category::Procedure => "pd:HealthHistory",
        Category::Medicine => "pd:Prescription",
        Category::Result => "sector-health:MedicalTestResult",
        Category::Vital => "pd:PhysicalHealth",
        Category::Social => "sector-health:LifestyleData",
        Category::Insurance => "pd:Insurance",
        Category::Immunization
        | Category::Report
        | Category::Visit
        | Category::Document
        | Category::CarePlan
        | Category::Device
        | Category::Other => "pd:HealthRecord",
    }
}

/// What the recipient does with them.
pub(super) fn processing(access: Access) -> &'static str {
    match access {
        Access::View => "dpv:Consult",
        Access::Download => "dpv:Store",
    }
}

/// What kind of rule an obligation is, and in which words.
pub(super) fn rule(obligation: Obligation) -> (&'static str, &'static str) {
    match obligation {
        Obligation::NoRedisclosure => ("dpv:Prohibition", "Not to be passed on without a consent that allows it"),
        Obligation::DeleteAfterUse => ("dpv:Obligation", "To be deleted after use"),
    }
}

/// What sensitive records are about.
pub(super) fn sensitivity(label: Sensitivity) -> &'static str {
    match label {
        Sensitivity::SubstanceUse => "substance use disorder",
        Sensitivity::SubstanceAbuse => "substance abuse, including alcohol",
        Sensitivity::Psychiatry => "psychiatry",
        Sensitivity::MentalHealth => "mental health",
        Sensitivity::Hiv => "HIV and AIDS",
        Sensitivity::SexuallyTransmitted => "sexually transmitted disease",
        Sensitivity::Sexuality => "sexuality and reproductive health",
        Sensitivity::Violence => "sexual assault, abuse or domestic violence",
        Sensitivity::Genetic => "genetic disease",
        Sensitivity::Restricted => "restricted for whatever reason",
    }
}

/// Who gave the consent: the person, or what such a person is to them.
pub(super) fn granter(granter: Granter) -> &'static str {
    match granter {
        Granter::Patient => "dpv:DataSubject",
        Granter::Parent => "dpv:ParentOfDataSubject",
        Granter::Guardian => "dpv:GuardianOfDataSubject",
        Granter::Attorney => "dpv:Representative",
    }
}

/// What kind of entity a recipient is.
pub(super) fn entity(class: RecipientClass) -> &'static str {
    match class {
        RecipientClass::Person => "dpv:NaturalPerson",
        RecipientClass::Organization => "dpv:Organisation",
        RecipientClass::Anyone | RecipientClass::Role => "dpv:Entity",
    }
}
