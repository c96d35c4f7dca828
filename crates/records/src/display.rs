//! What a person reads of a record: the same words in the wallet and in the clinician's viewer.
//!
//! Values are as recorded; labels are keys that the interface translates. Nothing is converted, rounded or judged.

mod facts;
mod measurement;
mod narrative;

pub use facts::FactLabel;
pub use measurement::Measurement;
pub(crate) use measurement::{quantity, value_text};
pub(crate) use narrative::escape_xhtml;
pub use narrative::narrative_text;

use serde::{Deserialize, Serialize};

use crate::{
    index::{self, Category, clip, kind_of},
    json::Json,
};

/// The most bytes of one fact's value.
pub const VALUE_BYTES: usize = 2000;
/// The most bytes of a narrative's plain text.
pub const NARRATIVE_BYTES: usize = 20_000;

/// One labelled fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub label: FactLabel,
    /// What it says, as recorded.
    pub value: String,
}

/// Everything a person reads of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// What it is about.
    pub category: Category,
    /// What a person calls it.
    pub title: String,
    /// Its clinical date as recorded.
    pub date: Option<String>,
    /// Its status as recorded.
    pub status: Option<String>,
    /// The facts, in reading order.
    pub facts: Vec<Fact>,
    /// The measured value and its range.
    pub measurement: Option<Measurement>,
    /// The narrative without its markup, at most [`NARRATIVE_BYTES`].
    pub narrative_text: Option<String>,
}

impl Description {
    /// What belongs beside the title in a list ("72.50 kg", "20 mg daily"); empty where nothing does.
    pub fn detail(&self) -> String {
        if let Some(measurement) = &self.measurement {
            return measurement.to_string();
        }
        let beside =
            [FactLabel::Value, FactLabel::Dosage, FactLabel::Reaction, FactLabel::Reason, FactLabel::Conclusion];
        let fact = beside.iter().find_map(|label| self.facts.iter().find(|fact| fact.label == *label));
        fact.map(|fact| clip(&fact.value, 120).to_owned()).unwrap_or_default()
    }

    /// Whether it is an allergy that can threaten life, as its source judges (FHIR's `criticality`), and that was neither
    /// refuted nor written down by mistake.
    pub fn is_high_danger(&self) -> bool {
        let high = |fact: &Fact| fact.label == FactLabel::Criticality && fact.value == "high";
        let held = !matches!(self.status.as_deref(), Some("refuted" | "entered-in-error"));
        self.category == Category::Allergy && held && self.facts.iter().any(high)
    }
}

/// Whether a Condition is over: it says so, or says when it ended and not that it is active.
pub fn is_past_problem<J: Json>(condition: &J) -> bool {
    match condition.text_at(&["clinicalStatus", "coding", "code"]) {
        Some("inactive" | "remission" | "resolved") => true,
        Some(_) => false,
        None => ["abatementDateTime", "abatementPeriod", "abatementAge", "abatementString", "abatementRange"]
            .iter()
            .any(|name| condition.member(name).is_some()),
    }
}

/// Describes any FHIR R4 resource.
pub fn describe<J: Json>(resource: &J) -> Description {
    let resource_type = resource.text_at(&["resourceType"]).unwrap_or_default();
    let kind = kind_of(resource_type);
    let narrative = resource.text_at(&["text", "div"]).map(|div| narrative_text(div, NARRATIVE_BYTES));
    Description {
        category: index::category(kind, resource),
        title: index::title(kind, resource),
        date: index::clinical_date(kind, resource).map(|date| clip(date, 64).to_owned()),
        status: index::status(resource).map(|status| clip(status, 64).to_owned()),
        facts: facts::facts(resource_type, resource),
        measurement: measurement::measurement(resource),
        narrative_text: narrative.filter(|text| !text.is_empty()),
    }
}

/// Who the patient is, as a banner shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    /// The name as one would write it; empty where there is none.
    pub name: String,
    /// FHIR date text.
    pub birth_date: Option<String>,
    /// Administrative gender: `male`, `female`, `other`, `unknown`.
    pub sex: Option<String>,
}

/// The banner of a Patient.
pub fn patient_banner<J: Json>(patient: &J) -> Banner {
    let names = patient.each("name");
    let usual = ["official", "usual"]
        .iter()
        .find_map(|wanted| names.iter().find(|name| name.text_at(&["use"]) == Some(*wanted)));
    let name = usual.and_then(human_name).or_else(|| names.iter().find_map(human_name));
    Banner {
        name: name.unwrap_or_default(),
        birth_date: patient.text_at(&["birthDate"]).map(|date| clip(date, 64).to_owned()),
        sex: patient.text_at(&["gender"]).map(|sex| clip(sex, 64).to_owned()),
    }
}

/// A HumanName as one would write it: its text, else prefix, given, family, suffix.
pub(crate) fn human_name<J: Json>(name: &J) -> Option<String> {
    if let Some(text) = name.text_at(&["text"]) {
        return Some(clip(text, index::TITLE_BYTES).to_owned());
    }
    let parts = ["prefix", "given", "family", "suffix"].into_iter().flat_map(|part| name.each(part));
    let words: Vec<&str> = parts.filter_map(Json::text).map(str::trim).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| clip(&words.join(" "), index::TITLE_BYTES).to_owned())
}

#[cfg(test)]
mod tests;
