//! The sections of the summary, which records belong in which, and what they are called.

use crate::{index::Category, json::Json, terminology};

/// A section of IPS 2.0.1 that this crate fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Allergies,
    Medications,
    Problems,
    Immunizations,
    Results,
    Procedures,
    VitalSigns,
    Devices,
    PastProblems,
    SocialHistory,
    PlanOfCare,
    Alerts,
    Pregnancy,
}

impl Section {
    /// In reading order: what a clinician asks first comes first.
    pub(super) const ALL: [Section; 13] = [
        Section::Allergies,
        Section::Problems,
        Section::Medications,
        Section::Alerts,
        Section::Pregnancy,
        Section::Immunizations,
        Section::Results,
        Section::Procedures,
        Section::VitalSigns,
        Section::Devices,
        Section::PastProblems,
        Section::SocialHistory,
        Section::PlanOfCare,
    ];

    /// Whether a summary is not one without it.
    pub(super) fn required(self) -> bool {
        matches!(self, Section::Allergies | Section::Problems | Section::Medications)
    }

    /// Its LOINC code and that code's name.
    pub(super) fn loinc(self) -> (&'static str, &'static str) {
        match self {
            Section::Allergies => ("48765-2", "Allergies and adverse reactions Document"),
            Section::Problems => ("11450-4", "Problem list - Reported"),
            Section::Medications => ("10160-0", "History of Medication use Narrative"),
            Section::Immunizations => ("11369-6", "History of Immunization note"),
            Section::Results => ("30954-2", "Relevant diagnostic tests/laboratory data note"),
            Section::Procedures => ("47519-4", "History of Procedures Document"),
            Section::VitalSigns => ("8716-3", "Vital signs note"),
            Section::Devices => ("46264-8", "History of medical device use"),
            Section::PastProblems => ("11348-0", "History of Past illness note"),
            Section::SocialHistory => ("29762-2", "Social history note"),
            Section::PlanOfCare => ("18776-5", "Plan of care note"),
            Section::Alerts => ("104605-1", "Alert"),
            Section::Pregnancy => ("10162-6", "History of pregnancies"),
        }
    }

    /// The kinds of resource the guide lets it point to.
    pub(super) fn accepts(code: &str) -> Option<&'static [&'static str]> {
        Some(match code {
            "48765-2" => &["AllergyIntolerance", "DocumentReference"],
            "11450-4" | "11348-0" => &["Condition", "DocumentReference"],
            "10160-0" => &[
                "MedicationStatement",
                "MedicationRequest",
                "MedicationAdministration",
                "MedicationDispense",
                "DocumentReference",
            ],
            "11369-6" => &["Immunization", "DocumentReference"],
            "30954-2" => &["Observation", "DiagnosticReport", "DocumentReference"],
            "47519-4" => &["Procedure", "DocumentReference"],
            "8716-3" => &["Observation", "DocumentReference"],
            "46264-8" => &["DeviceUseStatement", "DocumentReference"],
            "29762-2" | "10162-6" => &["Observation", "DocumentReference"],
            "18776-5" => &["CarePlan", "ImmunizationRecommendation", "DocumentReference"],
            "104605-1" => &["Flag", "DocumentReference"],
            _ => return None,
        })
    }

    /// Its title.
    pub(super) fn title(self, language: Language) -> &'static str {
        let [en, de, es, fr, pt] = match self {
            Section::Allergies => ["Allergies", "Allergien", "Alergias", "Allergies", "Alergias"],
            Section::Problems => [
                "Health problems",
                "Gesundheitsprobleme",
                "Problemas de salud",
                "Problèmes de santé",
                "Problemas de saúde",
            ],
            Section::Medications => ["Medicines", "Arzneimittel", "Medicamentos", "Médicaments", "Medicamentos"],
            Section::Immunizations => ["Vaccinations", "Impfungen", "Vacunas", "Vaccinations", "Vacinas"],
            Section::Results => ["Test results", "Befunde", "Resultados", "Résultats", "Resultados"],
            Section::Procedures => ["Procedures", "Eingriffe", "Procedimientos", "Interventions", "Procedimentos"],
            Section::VitalSigns => ["Vital signs", "Vitalzeichen", "Signos vitales", "Signes vitaux", "Sinais vitais"],
            Section::Devices => {
                ["Devices and implants", "Geräte und Implantate", "Dispositivos", "Dispositifs", "Dispositivos"]
            }
            Section::PastProblems => {
                ["Past problems", "Frühere Probleme", "Problemas pasados", "Antécédents", "Problemas passados"]
            }
            Section::SocialHistory => {
                ["Social history", "Sozialanamnese", "Historia social", "Mode de vie", "História social"]
            }
            Section::PlanOfCare => {
                ["Plan of care", "Behandlungsplan", "Plan de cuidados", "Plan de soins", "Plano de cuidados"]
            }
            Section::Pregnancy => ["Pregnancy", "Schwangerschaft", "Embarazo", "Grossesse", "Gravidez"],
            Section::Alerts => ["Alerts", "Warnhinweise", "Alertas", "Alertes", "Alertas"],
        };
        language.pick([en, de, es, fr, pt])
    }
}

/// The section a record belongs in; `None` where the guide has no place for it.
pub(super) fn section_of<J: Json>(resource: &J, category: Category) -> Option<Section> {
    Some(match resource.text_at(&["resourceType"])? {
        "AllergyIntolerance" => Section::Allergies,
        "Condition" if is_past(resource) => Section::PastProblems,
        "Condition" => Section::Problems,
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
        "Flag" => Section::Alerts,
        _ => return None,
    })
}

/// Pregnancy status, expected date of delivery and outcomes: the LOINC codes of the guide's pregnancy profiles.
fn is_pregnancy<J: Json>(observation: &J) -> bool {
    let codings = observation.member("code").into_iter().flat_map(|code| code.each("coding"));
    codings
        .filter(|coding| coding.text_at(&["system"]) == Some(terminology::LOINC))
        .filter_map(|coding| coding.text_at(&["code"]))
        .any(|code| {
            matches!(
                code,
                "82810-3"
                    | "11778-8"
                    | "11779-6"
                    | "11780-4"
                    | "11636-8"
                    | "11637-6"
                    | "11638-4"
                    | "11639-2"
                    | "11640-0"
                    | "11612-9"
                    | "11613-7"
                    | "11614-5"
                    | "33065-4"
            )
        })
}

/// Whether a problem is over: it says so, or says when it ended and not that it is active.
fn is_past<J: Json>(condition: &J) -> bool {
    match condition.text_at(&["clinicalStatus", "coding", "code"]) {
        Some("inactive" | "remission" | "resolved") => true,
        Some(_) => false,
        None => ["abatementDateTime", "abatementPeriod", "abatementAge", "abatementString", "abatementRange"]
            .iter()
            .any(|name| condition.member(name).is_some()),
    }
}

/// A language that titles exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
    Spanish,
    French,
    Portuguese,
}

impl Language {
    /// By the primary subtag; English for what is not known.
    pub(super) fn of(tag: &str) -> Language {
        match tag.split(['-', '_']).next().unwrap_or_default() {
            "de" => Language::German,
            "es" => Language::Spanish,
            "fr" => Language::French,
            "pt" => Language::Portuguese,
            _ => Language::English,
        }
    }

    /// Its BCP 47 tag.
    pub(super) fn tag(self) -> &'static str {
        self.pick(["en", "de", "es", "fr", "pt"])
    }

    /// The text in this language of one in each: English, German, Spanish, French, Portuguese.
    pub(super) fn pick(self, texts: [&'static str; 5]) -> &'static str {
        let [en, de, es, fr, pt] = texts;
        match self {
            Language::English => en,
            Language::German => de,
            Language::Spanish => es,
            Language::French => fr,
            Language::Portuguese => pt,
        }
    }
}

/// The code system of the section codes.
pub(super) const CODE_SYSTEM: &str = terminology::LOINC;
