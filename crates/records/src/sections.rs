//! The sections of the International Patient Summary, which records belong in which, and what they are called.

use serde_json::Value;

use crate::{
    display::is_past_problem, index::Category, json::Json, summary_text::Language, terminology::LOINC,
    typed::TYPED_TAG_SYSTEM,
};

/// A section of IPS 2.0.1, in reading order: what a clinician asks first comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Section {
    Allergies,
    Problems,
    Medications,
    Alerts,
    AdvanceDirectives,
    Pregnancy,
    Immunizations,
    Results,
    Procedures,
    VitalSigns,
    Devices,
    FunctionalStatus,
    PastProblems,
    SocialHistory,
    PlanOfCare,
    PatientStory,
}

/// Where a record stands in an output: in a section of the summary, or, in outputs that hold more, under its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Heading {
    /// A section of the summary.
    Section(Section),
    /// What the summary has no place for.
    Category(Further),
}

/// The categories that the summary has no section for, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Further {
    Visits,
    Reports,
    Documents,
    Insurance,
    Other,
}

/// Everything the guide says of a section.
pub(crate) struct SectionSpec {
    pub(crate) section: Section,
    /// The slice's name in the guide's Composition profile.
    pub(crate) slice: &'static str,
    /// Its LOINC code.
    pub(crate) code: &'static str,
    /// That code's name.
    pub(crate) display: &'static str,
    /// The kinds of resource it may point to; empty: any.
    pub(crate) accepts: &'static [&'static str],
    /// Whether a summary is not one without it.
    pub(crate) required: bool,
    /// Its title: English, German, Spanish, French, Portuguese.
    titles: [&'static str; 5],
}

/// The sixteen sections (<https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Composition-uv-ips.html>).
pub(crate) const SECTIONS: [SectionSpec; 16] = [
    SectionSpec {
        section: Section::Allergies,
        slice: "sectionAllergies",
        code: "48765-2",
        display: "Allergies and adverse reactions Document",
        accepts: &["AllergyIntolerance", "DocumentReference"],
        required: true,
        titles: ["Allergies", "Allergien", "Alergias", "Allergies", "Alergias"],
    },
    SectionSpec {
        section: Section::Problems,
        slice: "sectionProblems",
        code: "11450-4",
        display: "Problem list - Reported",
        accepts: &["Condition", "DocumentReference"],
        required: true,
        titles: [
            "Health problems",
            "Gesundheitsprobleme",
            "Problemas de salud",
            "Problèmes de santé",
            "Problemas de saúde",
        ],
    },
    SectionSpec {
        section: Section::Medications,
        slice: "sectionMedications",
        code: "10160-0",
        display: "History of Medication use Narrative",
        accepts: &[
            "MedicationStatement",
            "MedicationRequest",
            "MedicationAdministration",
            "MedicationDispense",
            "DocumentReference",
        ],
        required: true,
        titles: ["Medicines", "Arzneimittel", "Medicamentos", "Médicaments", "Medicamentos"],
    },
    SectionSpec {
        section: Section::Alerts,
        slice: "sectionAlerts",
        code: "104605-1",
        display: "Alert",
        accepts: &["Flag", "DocumentReference"],
        required: false,
        titles: ["Alerts", "Warnhinweise", "Alertas", "Alertes", "Alertas"],
    },
    SectionSpec {
        section: Section::AdvanceDirectives,
        slice: "sectionAdvanceDirectives",
        code: "42348-3",
        display: "Advance healthcare directives",
        accepts: &["Consent", "DocumentReference"],
        required: false,
        titles: [
            "Advance directives",
            "Patientenverfügungen",
            "Voluntades anticipadas",
            "Directives anticipées",
            "Diretivas antecipadas",
        ],
    },
    SectionSpec {
        section: Section::Pregnancy,
        slice: "sectionPregnancyHx",
        code: "10162-6",
        display: "History of pregnancies Narrative",
        accepts: &["Observation", "DocumentReference"],
        required: false,
        titles: ["Pregnancy", "Schwangerschaft", "Embarazo", "Grossesse", "Gravidez"],
    },
    SectionSpec {
        section: Section::Immunizations,
        slice: "sectionImmunizations",
        code: "11369-6",
        display: "History of Immunization note",
        accepts: &["Immunization", "DocumentReference"],
        required: false,
        titles: ["Vaccinations", "Impfungen", "Vacunas", "Vaccinations", "Vacinas"],
    },
    SectionSpec {
        section: Section::Results,
        slice: "sectionResults",
        code: "30954-2",
        display: "Relevant diagnostic tests/laboratory data note",
        accepts: &["Observation", "DiagnosticReport", "DocumentReference"],
        required: false,
        titles: ["Test results", "Befunde", "Resultados", "Résultats", "Resultados"],
    },
    SectionSpec {
        section: Section::Procedures,
        slice: "sectionProceduresHx",
        code: "47519-4",
        display: "History of Procedures Document",
        accepts: &["Procedure", "DocumentReference"],
        required: false,
        titles: ["Procedures", "Eingriffe", "Procedimientos", "Interventions", "Procedimentos"],
    },
    SectionSpec {
        section: Section::VitalSigns,
        slice: "sectionVitalSigns",
        code: "8716-3",
        display: "Vital signs note",
        accepts: &["Observation", "DocumentReference"],
        required: false,
        titles: ["Vital signs", "Vitalzeichen", "Signos vitales", "Signes vitaux", "Sinais vitais"],
    },
    SectionSpec {
        section: Section::Devices,
        slice: "sectionMedicalDevices",
        code: "46264-8",
        display: "History of medical device use",
        accepts: &["DeviceUseStatement", "DocumentReference"],
        required: false,
        titles: ["Devices and implants", "Geräte und Implantate", "Dispositivos", "Dispositifs", "Dispositivos"],
    },
    SectionSpec {
        section: Section::FunctionalStatus,
        slice: "sectionFunctionalStatus",
        code: "47420-5",
        display: "Functional status assessment note",
        accepts: &["Condition", "ClinicalImpression", "DocumentReference"],
        required: false,
        titles: [
            "Functional status",
            "Funktionsfähigkeit",
            "Estado funcional",
            "Autonomie et fonctions",
            "Estado funcional",
        ],
    },
    SectionSpec {
        section: Section::PastProblems,
        slice: "sectionPastProblems",
        code: "11348-0",
        display: "History of Past illness note",
        accepts: &["Condition", "DocumentReference"],
        required: false,
        titles: ["Past problems", "Frühere Probleme", "Problemas pasados", "Antécédents", "Problemas passados"],
    },
    SectionSpec {
        section: Section::SocialHistory,
        slice: "sectionSocialHistory",
        code: "29762-2",
        display: "Social history note",
        accepts: &["Observation", "DocumentReference"],
        required: false,
        titles: ["Social history", "Sozialanamnese", "Historia social", "Mode de vie", "História social"],
    },
    SectionSpec {
        section: Section::PlanOfCare,
        slice: "sectionPlanOfCare",
        code: "18776-5",
        display: "Plan of care note",
        accepts: &["CarePlan", "ImmunizationRecommendation", "DocumentReference"],
        required: false,
        titles: ["Plan of care", "Behandlungsplan", "Plan de cuidados", "Plan de soins", "Plano de cuidados"],
    },
    SectionSpec {
        section: Section::PatientStory,
        slice: "sectionPatientStory",
        code: "81338-6",
        display: "Patient Goals, preferences, and priorities for care experience",
        accepts: &[],
        required: false,
        titles: [
            "In the patient’s own words",
            "In eigenen Worten",
            "En palabras del paciente",
            "Avec ses propres mots",
            "Nas palavras do paciente",
        ],
    },
];

impl SectionSpec {
    /// Its title.
    pub(crate) fn title(&self, language: Language) -> &'static str {
        language.pick(self.titles)
    }
}

impl Heading {
    /// Whether a clinician looks here first: what the summary must have, and what warns.
    pub(crate) fn comes_first(self) -> bool {
        matches!(
            self,
            Heading::Section(
                Section::Allergies
                    | Section::Problems
                    | Section::Medications
                    | Section::Alerts
                    | Section::AdvanceDirectives
                    | Section::Pregnancy
            )
        )
    }

    /// What stands above the records.
    pub(crate) fn title(self, language: Language) -> &'static str {
        match self {
            Heading::Section(section) => {
                SECTIONS.iter().find(|spec| spec.section == section).map_or("", |spec| spec.title(language))
            }
            Heading::Category(Further::Visits) => {
                language.pick(["Visits", "Besuche und Aufenthalte", "Visitas", "Consultations et séjours", "Consultas"])
            }
            Heading::Category(Further::Reports) => language.pick([
                "Orders and reports",
                "Aufträge und Berichte",
                "Informes",
                "Comptes rendus",
                "Relatórios",
            ]),
            Heading::Category(Further::Documents) => {
                language.pick(["Documents", "Dokumente", "Documentos", "Documents", "Documentos"])
            }
            Heading::Category(Further::Insurance) => {
                language.pick(["Insurance", "Versicherung", "Seguro médico", "Assurance", "Seguro de saúde"])
            }
            Heading::Category(Further::Other) => {
                language.pick(["Other records", "Weitere Angaben", "Otros datos", "Autres données", "Outros dados"])
            }
        }
    }
}

/// The section a record belongs in; `None` where the guide has no place for it.
pub(crate) fn section_of(resource: &Value, category: Category) -> Option<Section> {
    Some(match resource.text_at(&["resourceType"])? {
        "AllergyIntolerance" => Section::Allergies,
        "Condition" if is_functional(resource) => Section::FunctionalStatus,
        "Condition" if is_past_problem(resource) => Section::PastProblems,
        "Condition" => Section::Problems,
        // "Do not give this" must never be read as a medicine that is taken.
        "MedicationRequest" if resource.member("doNotPerform").and_then(Json::boolean) == Some(true) => return None,
        "MedicationStatement" | "MedicationRequest" | "MedicationAdministration" | "MedicationDispense" => {
            Section::Medications
        }
        "Immunization" => Section::Immunizations,
        "Procedure" => Section::Procedures,
        "DiagnosticReport" => Section::Results,
        "Observation" if is_pregnancy(resource) => Section::Pregnancy,
        "Observation" => match category {
            Category::Vital => Section::VitalSigns,
            Category::Social => Section::SocialHistory,
            _ => Section::Results,
        },
        "DeviceUseStatement" => Section::Devices,
        "CarePlan" | "ImmunizationRecommendation" => Section::PlanOfCare,
        "ClinicalImpression" => Section::FunctionalStatus,
        // The guide's alert is one that holds today.
        "Flag" if resource.text_at(&["status"]) == Some("active") => Section::Alerts,
        "Consent" if is_directive(resource) => Section::AdvanceDirectives,
        "DocumentReference" => section_of_document(resource)?,
        _ => return None,
    })
}

/// What the section on social history holds once: whether the person smokes and drinks, each as it is now (slices
/// `smokingTobaccoUse` and `alcoholUse`, 0..1, by the codes that their profiles fix).
pub(crate) fn stands_once(resource: &Value) -> Option<&'static str> {
    if resource.text_at(&["resourceType"]) != Some("Observation") {
        return None;
    }
    loincs(resource, "code").find_map(|code| ONCE.iter().copied().find(|once| *once == code))
}

/// LOINC: *Tobacco smoking status* and *Alcoholic drinks per drinking day*.
const ONCE: [&str; 2] = ["72166-2", "74013-4"];

/// The kinds of resource that [`section_of`] may find a place for.
pub(crate) fn has_section(resource_type: &str) -> bool {
    SECTIONS.iter().any(|spec| spec.accepts.contains(&resource_type))
}

fn loincs<'v>(resource: &'v Value, member: &str) -> impl Iterator<Item = &'v str> {
    let codings = resource.each(member).iter().flat_map(|concept| concept.each("coding"));
    codings.filter(|coding| coding.text_at(&["system"]) == Some(LOINC)).filter_map(|coding| coding.text_at(&["code"]))
}

fn codes<'v>(resource: &'v Value, member: &str) -> impl Iterator<Item = &'v str> {
    let codings = resource.each(member).iter().flat_map(|concept| concept.each("coding"));
    codings.filter_map(|coding| coding.text_at(&["code"]))
}

/// Advance directives and a patient's own words are documents with a section of their own.
fn section_of_document(document: &Value) -> Option<Section> {
    let typed = document.at(&["meta"]).into_iter().flat_map(|meta| meta.each("tag"));
    if typed.filter_map(|tag| tag.text_at(&["system"])).any(|system| system == TYPED_TAG_SYSTEM) {
        return Some(Section::PatientStory);
    }
    loincs(document, "type").find_map(|code| match code {
        // Advance directives, living will, power of attorney, advance care plan.
        "42348-3" | "42349-1" | "64298-3" | "75320-2" | "81334-5" | "86533-7" | "89666-0" | "92664-2" => {
            Some(Section::AdvanceDirectives)
        }
        "51855-5" | "81338-6" => Some(Section::PatientStory),
        _ => None,
    })
}

/// A Consent about care to come, and not about data: by its scope or its category (HL7 consentcategorycodes).
fn is_directive(consent: &Value) -> bool {
    codes(consent, "scope").any(|code| code == "adr")
        || codes(consent, "category").any(|code| matches!(code, "acd" | "dnr" | "emrgonly" | "hcd" | "polst" | "npp"))
        || loincs(consent, "category").any(|code| matches!(code, "42348-3" | "75320-2" | "86533-7"))
}

/// A limitation of what somebody can do: by its category, or coded in WHO's ICF.
fn is_functional(condition: &Value) -> bool {
    let systems = condition.at(&["code"]).into_iter().flat_map(|code| code.each("coding"));
    codes(condition, "category").any(|code| matches!(code, "functional-status" | "disability-status" | "47420-5"))
        || systems.filter_map(|coding| coding.text_at(&["system"])).any(|system| {
            system.starts_with("http://hl7.org/fhir/sid/icf") || system == "urn:oid:2.16.840.1.113883.6.254"
        })
}

/// Pregnancy status, expected date of delivery and outcomes: the LOINC codes of the guide's pregnancy profiles.
fn is_pregnancy(observation: &Value) -> bool {
    loincs(observation, "code")
        .any(|code| code == "82810-3" || DELIVERY_DATE.contains(&code) || PREGNANCY_OUTCOME.contains(&code))
}

/// The guide's value set `edd-method-uv-ips`.
pub(crate) const DELIVERY_DATE: [&str; 3] = ["11778-8", "11779-6", "11780-4"];
/// The guide's value set `pregnancies-summary-uv-ips`.
pub(crate) const PREGNANCY_OUTCOME: [&str; 9] =
    ["11636-8", "11637-6", "11638-4", "11639-2", "11640-0", "11612-9", "11613-7", "11614-5", "33065-4"];
