//! What the sources of one fact say differently: every value with who says it, and which of them is shown.

use serde::{Deserialize, Serialize};

use super::{concept::plain, dates::When, merge::SourceRecord};
use crate::{
    display::{FactLabel, describe},
    json::Json,
};

/// Something that the sources of a fact say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What.
    pub field: ConflictField,
    /// The differing values, at least two; the one that is shown first. A source that says nothing of it is not among
    /// them.
    pub values: Vec<ConflictValue>,
}

/// What may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictField {
    /// The status: active against resolved.
    Status,
    /// The date.
    Date,
    /// A fact of the [description](crate::display::Description): severity, dose, lot.
    Fact(FactLabel),
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictValue {
    /// As recorded.
    pub text: String,
    /// The identities of the records that say so, in the order of [`Fact::sources`](super::Fact::sources).
    pub records: Vec<[u8; 32]>,
    /// Whether it is what the record that is shown says. Of the others none is wrong for that: it is only older.
    pub shown: bool,
}

/// Facts in which a difference matters. What merely adds to the others (a note, a reaction, a performer) is no conflict.
const COMPARED: [FactLabel; 10] = [
    FactLabel::Severity,
    FactLabel::Criticality,
    FactLabel::Verification,
    FactLabel::Dosage,
    FactLabel::Route,
    FactLabel::Abatement,
    FactLabel::LotNumber,
    FactLabel::DoseNumber,
    FactLabel::Outcome,
    FactLabel::Interpretation,
];

/// What the records, the shown one first, say differently.
pub(super) fn conflicts<J: Json>(sources: &[(SourceRecord, &J)]) -> Vec<Conflict> {
    let told: Vec<_> = sources.iter().map(|(source, resource)| (source.identity, describe(*resource))).collect();
    let mut out = Vec::new();
    let statuses = told.iter().map(|(identity, said)| (*identity, said.status.clone()));
    out.extend(differing(ConflictField::Status, statuses));
    let dates: Vec<When> = told.iter().filter_map(|(_, said)| said.date.as_deref()).map(When::of).collect();
    // "2020" and "2020-03-01" are no contradiction.
    let finest = dates.iter().copied().max();
    if finest.is_some_and(|finest| !dates.iter().all(|date| date.agrees(finest))) {
        out.extend(differing(ConflictField::Date, told.iter().map(|(identity, said)| (*identity, said.date.clone()))));
    }
    for label in COMPARED {
        let values = told.iter().map(|(identity, said)| {
            let texts: Vec<&str> =
                said.facts.iter().filter(|fact| fact.label == label).map(|fact| fact.value.as_str()).collect();
            (*identity, (!texts.is_empty()).then(|| texts.join("; ")))
        });
        out.extend(differing(ConflictField::Fact(label), values));
    }
    out
}

fn differing(field: ConflictField, told: impl Iterator<Item = ([u8; 32], Option<String>)>) -> Option<Conflict> {
    let mut values: Vec<(String, ConflictValue)> = Vec::new();
    for (position, (identity, text)) in told.enumerate() {
        let Some(text) = text else { continue };
        let compared = plain(&text);
        match values.iter().position(|(known, _)| *known == compared) {
            Some(at) => {
                if let Some((_, value)) = values.get_mut(at) {
                    value.records.push(identity);
                }
            }
            None if values.len() < MOST_VALUES => {
                values.push((compared, ConflictValue { text, records: vec![identity], shown: position == 0 }));
            }
            None => {}
        }
    }
    (values.len() > 1).then(|| Conflict { field, values: values.into_iter().map(|(_, value)| value).collect() })
}

/// So many differing values are told; it keeps the cost of a fact with thousands of sources in bounds.
const MOST_VALUES: usize = 20;
