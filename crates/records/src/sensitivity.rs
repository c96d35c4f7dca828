//! Labels on records that a person may not want everybody to see: by the source's own labels and by code tables.
//!
//! Labelled records are held back from shares until ticked, so the tables lean towards labelling, but only where a code
//! or an ingredient says so: a guess at words would hide what an emergency needs. Pregnancy is left out on purpose. What
//! the tables do not know is not labelled; the interface must say so.

mod tables;

use serde::{Deserialize, Serialize};

use crate::{json::Json, terminology};

/// A sensitive subject, by its HL7 v3 ActCode (`InformationSensitivityPolicy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Sensitivity {
    /// Alcohol and drug use and its treatment (SUD; also ETH, ETHUD, OPIOIDUD).
    #[serde(rename = "SUD")]
    SubstanceUse,
    /// Mental health (MH; also PSY, PSYTHPN, BH).
    #[serde(rename = "MH")]
    MentalHealth,
    /// HIV and AIDS (HIV).
    #[serde(rename = "HIV")]
    Hiv,
    /// Sexually transmitted infections (STD).
    #[serde(rename = "STD")]
    Std,
    /// Sexuality and reproduction (SEX).
    #[serde(rename = "SEX")]
    Sexuality,
    /// Sexual assault, abuse and domestic violence (SDV; also VIO, MST).
    #[serde(rename = "SDV")]
    Violence,
    /// Genetic disease (GDIS).
    #[serde(rename = "GDIS")]
    Genetic,
    /// Marked restricted by its source (confidentiality R or V) without a subject being named.
    #[serde(rename = "R")]
    Restricted,
}

impl Sensitivity {
    /// Every label.
    pub fn all() -> &'static [Sensitivity] {
        &[
            Sensitivity::SubstanceUse,
            Sensitivity::MentalHealth,
            Sensitivity::Hiv,
            Sensitivity::Std,
            Sensitivity::Sexuality,
            Sensitivity::Violence,
            Sensitivity::Genetic,
            Sensitivity::Restricted,
        ]
    }

    /// Its code: of v3 ActCode, or for [`Restricted`](Self::Restricted) of v3 Confidentiality.
    pub fn code(self) -> &'static str {
        match self {
            Sensitivity::SubstanceUse => "SUD",
            Sensitivity::MentalHealth => "MH",
            Sensitivity::Hiv => "HIV",
            Sensitivity::Std => "STD",
            Sensitivity::Sexuality => "SEX",
            Sensitivity::Violence => "SDV",
            Sensitivity::Genetic => "GDIS",
            Sensitivity::Restricted => "R",
        }
    }

    /// The code system of [`code`](Self::code).
    pub fn system(self) -> &'static str {
        match self {
            Sensitivity::Restricted => terminology::V3_CONFIDENTIALITY,
            _ => terminology::V3_ACT_CODE,
        }
    }

    /// The label of that code, by its own or one of the narrower codes it stands for.
    pub fn from_code(code: &str) -> Option<Sensitivity> {
        Some(match code {
            "SUD" | "ETH" | "ETHUD" | "OPIOIDUD" => Sensitivity::SubstanceUse,
            "MH" | "PSY" | "PSYTHPN" | "BH" => Sensitivity::MentalHealth,
            "HIV" => Sensitivity::Hiv,
            "STD" => Sensitivity::Std,
            "SEX" => Sensitivity::Sexuality,
            "SDV" | "VIO" | "MST" => Sensitivity::Violence,
            "GDIS" => Sensitivity::Genetic,
            "R" | "V" => Sensitivity::Restricted,
            _ => return None,
        })
    }
}

/// The labels of a resource, in a fixed order, each once.
pub fn classify<J: Json>(resource: &J) -> Vec<Sensitivity> {
    let mut found = Vec::new();
    for label in resource.member("meta").into_iter().flat_map(|meta| meta.each("security")) {
        found.extend(label.text_at(&["code"]).and_then(Sensitivity::from_code));
    }
    if found.iter().any(|label| *label != Sensitivity::Restricted) {
        found.retain(|label| *label != Sensitivity::Restricted);
    }
    by_codes(resource, &mut found);
    for component in resource.each("component") {
        by_codes(component, &mut found);
    }
    for inner in resource.each("contained") {
        by_codes(inner, &mut found);
    }
    for condition in resource.each("condition") {
        by_codes(condition, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Members whose codes tell what a resource is about.
pub(crate) const CODED: [&str; 9] = [
    "code",
    "reasonCode",
    "medicationCodeableConcept",
    "medication",
    "vaccineCode",
    "valueCodeableConcept",
    "conclusionCode",
    "type",
    "serviceType",
];

fn by_codes<J: Json>(resource: &J, found: &mut Vec<Sensitivity>) {
    for name in CODED {
        let is_medicine = name.starts_with("medication");
        for concept in resource.each(name) {
            for coding in concept.each("coding") {
                let system = coding.text_at(&["system"]).unwrap_or_default();
                if let Some(code) = coding.text_at(&["code"]) {
                    found.extend(tables::by_code(system, code));
                }
                if (is_medicine || is_drug_system(system))
                    && let Some(display) = coding.text_at(&["display"])
                {
                    found.extend(tables::by_ingredient(display));
                }
            }
            if is_medicine && let Some(text) = concept.text_at(&["text"]) {
                found.extend(tables::by_ingredient(text));
            }
        }
    }
    if let Some(display) = resource.text_at(&["medicationReference", "display"]) {
        found.extend(tables::by_ingredient(display));
    }
}

fn is_drug_system(system: &str) -> bool {
    matches!(
        system,
        "http://www.nlm.nih.gov/research/umls/rxnorm" | "http://www.whocc.no/atc" | "http://hl7.org/fhir/sid/ndc"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition(system: &str, code: &str) -> Vec<Sensitivity> {
        classify(&json!({"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code}]}}))
    }

    #[test]
    fn icd_blocks() {
        let icd = "http://hl7.org/fhir/sid/icd-10-cm";
        assert_eq!(condition(icd, "F10.20"), [Sensitivity::SubstanceUse]);
        assert_eq!(condition(icd, "F32.1"), [Sensitivity::MentalHealth]);
        assert_eq!(condition(icd, "B20"), [Sensitivity::Hiv]);
        assert_eq!(condition("http://hl7.org/fhir/sid/icd-10", "Z21"), [Sensitivity::Hiv]);
        assert_eq!(condition(icd, "A54.01"), [Sensitivity::Std]);
        assert_eq!(condition(icd, "T74.11XA"), [Sensitivity::Violence]);
        assert_eq!(condition(icd, "E84.0"), [Sensitivity::Genetic]);
        assert_eq!(condition(icd, "I10"), []);
        assert_eq!(condition(icd, "E11.9"), []);
        assert_eq!(condition(icd, "B200X"), []);
        assert_eq!(condition(icd, "é"), []);
    }

    #[test]
    fn glucose_is_no_secret() {
        assert_eq!(condition("http://loinc.org", "2339-0"), []);
    }

    #[test]
    fn what_a_phone_knows_can_be_intimate_too() {
        let of = |code: &str| condition("http://developer.apple.com/documentation/healthkit", code);
        assert_eq!(of("HKCategoryTypeIdentifierSexualActivity"), [Sensitivity::Sexuality]);
        assert_eq!(of("HKCategoryTypeIdentifierStateOfMind"), [Sensitivity::MentalHealth]);
        assert_eq!(of("HKQuantityTypeIdentifierStepCount"), []);
    }

    #[test]
    fn ingredients_are_found_as_words() {
        let of = |text: &str| {
            classify(&json!({"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": text}}))
        };
        assert_eq!(of("buprenorphine 2 MG / naloxone 0.5 MG Sublingual Film"), [Sensitivity::SubstanceUse]);
        assert_eq!(of("Sertraline 50 mg"), [Sensitivity::MentalHealth]);
        assert_eq!(of("DOLUTEGRAVIR 50 MG"), [Sensitivity::Hiv]);
        assert_eq!(of("Metformin 500 mg"), []);
    }

    #[test]
    fn the_sources_own_label_counts() {
        let of = |code: &str| classify(&json!({"resourceType": "Observation", "meta": {"security": [{"code": code}]}}));
        assert_eq!(of("ETHUD"), [Sensitivity::SubstanceUse]);
        assert_eq!(of("R"), [Sensitivity::Restricted]);
        assert_eq!(of("N"), []);
    }

    #[test]
    fn every_label_reads_back_from_its_code() {
        for label in Sensitivity::all() {
            assert_eq!(Sensitivity::from_code(label.code()), Some(*label));
            assert_eq!(serde_json::to_value(label).unwrap(), label.code());
        }
    }
}
