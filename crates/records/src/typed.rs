//! What a person types in: an allergy, a problem, a medicine, a vaccination, a measurement, a note.
//!
//! An entry says what a person knows and in their own words; a code is there only if they picked a suggestion
//! ([`suggest`]). [`to_resource`] makes a valid FHIR R4 resource of it that says it came from the patient, and
//! [`from_resource`] gives the entry back for correction: a corrected entry is a new version under the same id.

mod back;
mod fields;
mod resource;
mod suggest;
mod tables;

pub use back::from_resource;
pub use fields::{FieldProblem, FieldReason, TypedField};
pub use resource::{PATIENT_REPORTED, TYPED_TAG_SYSTEM, to_resource};
pub use suggest::{MOST_SUGGESTIONS, Suggestion, suggest};

use serde::{Deserialize, Serialize};

use crate::index::Coding3;

/// LOINC's panel of systolic and diastolic blood pressure: the one measurement with two values.
pub const BLOOD_PRESSURE: &str = "85354-9";

/// What kind of entry it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypedKind {
    /// An allergy or intolerance (AllergyIntolerance).
    Allergy,
    /// A health problem (Condition).
    Condition,
    /// A medicine that is or was taken (MedicationStatement).
    Medicine,
    /// A vaccination that was given (Immunization).
    Vaccination,
    /// Something measured (Observation).
    Measurement,
    /// A note in free words (DocumentReference).
    Note,
}

impl TypedKind {
    /// Every kind.
    pub const ALL: [TypedKind; 6] = [
        TypedKind::Allergy,
        TypedKind::Condition,
        TypedKind::Medicine,
        TypedKind::Vaccination,
        TypedKind::Measurement,
        TypedKind::Note,
    ];

    /// Its name on the bridge, in the tag of the resource and in translation keys.
    pub fn as_str(self) -> &'static str {
        match self {
            TypedKind::Allergy => "allergy",
            TypedKind::Condition => "condition",
            TypedKind::Medicine => "medicine",
            TypedKind::Vaccination => "vaccination",
            TypedKind::Measurement => "measurement",
            TypedKind::Note => "note",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<TypedKind> {
        TypedKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Whether it still is so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypedStatus {
    /// The person has it, takes it.
    #[default]
    Active,
    /// It is over.
    Resolved,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypedSeverity {
    /// Mild.
    Mild,
    /// Moderate.
    Moderate,
    /// Severe.
    Severe,
}

/// One entry as a person types it. Fields that its kind has no use for stay empty; [`TypedEntry::problems`] says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedEntry {
    /// What kind it is.
    pub kind: TypedKind,
    /// What it is about, in the person's words; the title of a note.
    pub what: String,
    /// The code of the suggestion that was picked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coding: Option<Coding3>,
    /// Whether it still is so (allergy, condition, medicine).
    #[serde(default)]
    pub status: TypedStatus,
    /// Since when, or when, as a FHIR date: `2024`, `2024-03` or `2024-03-09`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Until when (condition, medicine), in the same forms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How bad (allergy, condition).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<TypedSeverity>,
    /// What happens (allergy): "rash".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<String>,
    /// Whether it could threaten life (allergy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dangerous: Option<bool>,
    /// How it is taken (medicine), "1 tablet in the morning"; which dose it was (vaccination).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose: Option<String>,
    /// The lot number from the booklet (vaccination).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// What was measured (measurement): a number, or words. The upper value of a blood pressure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The lower value of a blood pressure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower_value: Option<String>,
    /// The unit as written (measurement).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// A remark; the text of a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl TypedEntry {
    /// An entry with nothing but what it is about.
    pub fn new(kind: TypedKind, what: &str) -> TypedEntry {
        TypedEntry {
            kind,
            what: what.to_owned(),
            coding: None,
            status: TypedStatus::Active,
            since: None,
            until: None,
            severity: None,
            reaction: None,
            dangerous: None,
            dose: None,
            lot: None,
            value: None,
            lower_value: None,
            unit: None,
            comment: None,
        }
    }

    /// Whether it is a blood pressure, which has two values.
    pub fn is_blood_pressure(&self) -> bool {
        self.kind == TypedKind::Measurement
            && self
                .coding
                .as_ref()
                .is_some_and(|coding| coding.system == crate::terminology::LOINC && coding.code == BLOOD_PRESSURE)
    }

    /// The same without blanks around the texts and without fields that hold nothing; a number with a decimal comma
    /// gets a point.
    #[must_use]
    pub fn tidied(mut self) -> TypedEntry {
        self.what = self.what.trim().to_owned();
        for (_, text) in self.texts_mut() {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        for value in [&mut self.value, &mut self.lower_value] {
            if let Some(number) = value.as_deref().and_then(fields::number) {
                *value = Some(number);
            }
        }
        self.coding = self.coding.filter(|coding| !coding.code.is_empty());
        self
    }
}

#[cfg(test)]
mod tests;
