//! Whether a file's records are in a version of FHIR other than R4 and R4B, by elements and kinds that those do not have
//! (<https://hl7.org/fhir/R4/diff.html>, <https://hl7.org/fhir/R5/diff.html>).

use crate::{
    import::Record,
    json::{Json, parse_members},
    older::Shown,
};

/// So many records of a file are looked at.
const LOOKED_AT: usize = 200;

/// What is said of a file in an older version.
const OLDER: &str = "Records of this file are in a version of FHIR before R4 (DSTU2 or STU3). They were kept whole; names, dates \
    and codes that stand in other places there may be missing from lists. If you can, ask for the file in FHIR R4.";

/// What is said of a file in a newer version.
const NEWER: &str = "Records of this file are in a version of FHIR after R4B (R5 or later). They were kept whole; names, dates and \
    codes that stand in other places there may be missing from lists. If you can, ask for the file in FHIR R4.";

/// Looks through the records of a file until one tells.
#[derive(Debug, Default)]
pub(super) struct OtherVersion {
    looked_at: usize,
    found: Option<&'static str>,
}

impl OtherVersion {
    pub(super) fn look(&mut self, record: &Record<'_>) {
        if self.found.is_none() && self.looked_at < LOOKED_AT {
            self.looked_at += 1;
            self.found = told_by(&record.index.resource_type, record.original);
        }
    }

    /// What is to be said of the file, if it is in another version.
    pub(super) fn sentence(&self) -> Option<&'static str> {
        self.found
    }
}

fn told_by(resource_type: &str, original: &[u8]) -> Option<&'static str> {
    // Kinds that R4 has under other names.
    let is_older = matches!(resource_type, "ProcedureRequest" | "ReferralRequest" | "DeviceUseRequest" | "BodySite");
    if is_older || matches!(Shown::by(original), Some(Shown::Older(_))) {
        return Some(OLDER);
    }
    is_newer(resource_type, original).then_some(NEWER)
}

fn is_newer(resource_type: &str, original: &[u8]) -> bool {
    let is_sign = |name: &str| matches!(name, "medication" | "class" | "occurrenceDateTime" | "occurrencePeriod");
    let resource = std::str::from_utf8(original).ok().and_then(|text| parse_members(text, is_sign).ok());
    let Some(resource) = resource else { return false };
    let has = |name: &str| resource.member(name).is_some();
    match resource_type {
        "MedicationUsage" | "BiologicallyDerivedProductDispense" | "FormularyItem" => true,
        "MedicationRequest" | "MedicationStatement" | "MedicationDispense" | "MedicationAdministration" => {
            ["concept", "reference"].iter().any(|name| resource.at(&["medication", name]).is_some())
        }
        "Procedure" => has("occurrenceDateTime") || has("occurrencePeriod"),
        // A Coding in R4, and CodeableConcepts since.
        "Encounter" => resource.at(&["class", "coding"]).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_other_versions_tell_themselves() {
        for (resource_type, members, expected) in [
            ("AllergyIntolerance", r#""substance":{"text":"Nuts"}"#, Some(OLDER)),
            ("AllergyIntolerance", r#""clinicalStatus":{"coding":[{"code":"active"}]}"#, None),
            ("Condition", r#""clinicalStatus":"active""#, Some(OLDER)),
            ("MedicationOrder", r#""id":"1""#, Some(OLDER)),
            ("MedicationRequest", r#""medication":{"concept":{"text":"Aspirin"}}"#, Some(NEWER)),
            ("MedicationRequest", r#""medicationCodeableConcept":{"text":"Aspirin"}"#, None),
            ("Procedure", r#""occurrenceDateTime":"2024""#, Some(NEWER)),
            ("Procedure", r#""performedDateTime":"2024""#, None),
            ("Encounter", r#""class":"inpatient""#, Some(OLDER)),
            ("Encounter", r#""class":{"code":"IMP"}"#, None),
            ("Encounter", r#""class":[{"coding":[{"code":"IMP"}]}]"#, Some(NEWER)),
            ("Observation", r#""status":"final""#, None),
        ] {
            let resource = format!(r#"{{"resourceType":"{resource_type}",{members}}}"#);
            assert_eq!(told_by(resource_type, resource.as_bytes()), expected, "{resource}");
        }
    }
}
