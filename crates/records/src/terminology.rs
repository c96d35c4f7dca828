//! Code systems by their URIs and the small tables that sort observations and clean titles.

use crate::index::Category;

/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// SNOMED CT.
pub const SNOMED: &str = "http://snomed.info/sct";
/// UCUM, the code system of units.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// HL7 v3 ActCode, which holds the sensitivity codes.
pub const V3_ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// HL7 v3 Confidentiality.
pub const V3_CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// `Observation.category`.
pub const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
/// `Condition.clinicalStatus`.
pub const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
/// `Condition.verificationStatus`.
pub const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
/// `AllergyIntolerance.clinicalStatus`.
pub const ALLERGY_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
/// `AllergyIntolerance.verificationStatus`.
pub const ALLERGY_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
/// Why a value is not there.
pub const ABSENT_REASON: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// The category of an observation of this LOINC code where the source does not say.
///
/// Vital signs are those of the FHIR R4 vital signs profile (<https://hl7.org/fhir/R4/observation-vitalsigns.html>) with
/// the companions IPS and US Core name; social history those of the IPS profiles for tobacco and alcohol use and of US
/// Core for occupation and smoking.
pub(crate) fn observation_category(loinc: &str) -> Option<Category> {
    match loinc {
        "85353-1" | "9279-1" | "8867-4" | "2708-6" | "59408-5" | "8310-5" | "8302-2" | "8306-3" | "9843-4"
        | "29463-7" | "39156-5" | "85354-9" | "55284-4" | "8480-6" | "8462-4" | "8478-0" | "8287-5" | "59576-9"
        | "77606-2" | "8289-1" | "3141-9" | "3150-6" | "3151-8" | "8716-3" => Some(Category::Vital),
        "72166-2" | "74013-4" | "11367-0" | "81229-7" | "63586-2" | "11341-5" | "21843-8" | "76690-7" | "76691-5" => {
            Some(Category::Social)
        }
        _ => None,
    }
}

/// SNOMED CT's fully specified names end in their hierarchy, "Asthma (disorder)", which nobody says.
pub(crate) fn without_semantic_tag(text: &str) -> &str {
    const TAGS: [&str; 22] = [
        "disorder",
        "finding",
        "procedure",
        "situation",
        "regime/therapy",
        "substance",
        "organism",
        "product",
        "event",
        "observable entity",
        "qualifier value",
        "morphologic abnormality",
        "person",
        "physical object",
        "environment",
        "body structure",
        "record artifact",
        "assessment scale",
        "medicinal product",
        "clinical drug",
        "occupation",
        "environment / location",
    ];
    let Some((name, tag)) = text.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once(" (")) else {
        return text;
    };
    if TAGS.contains(&tag) && !name.trim().is_empty() { name.trim_end() } else { text }
}

/// Whether a text has the form of a LOINC code: up to seven digits, a hyphen, and the check digit that belongs to them
/// (Luhn, modulus 10).
#[cfg(test)]
pub(crate) fn is_loinc_code(code: &str) -> bool {
    let Some((digits, check)) = code.split_once('-') else { return false };
    if !(1..=7).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    check == ((10 - sum % 10) % 10).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_snomeds_own_tags_are_taken_off() {
        assert_eq!(without_semantic_tag("Asthma (disorder)"), "Asthma");
        assert_eq!(without_semantic_tag("Tdap (7 years and older)"), "Tdap (7 years and older)");
        assert_eq!(without_semantic_tag("(disorder)"), "(disorder)");
        assert_eq!(without_semantic_tag(" (disorder)"), " (disorder)");
    }
}
