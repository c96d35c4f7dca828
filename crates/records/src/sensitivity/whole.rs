//! What holds other records as they came is as sensitive as the most sensitive of them: the document that records were
//! made from, the card, the file.

use serde_json::{Map, Value, json};

use super::{PART, Sensitivity, classify};
use crate::index::IndexEntry;

/// The labels of all these together, each once.
#[derive(Debug, Default)]
pub(crate) struct Parts(Vec<Sensitivity>);

impl Parts {
    /// Counts a record in.
    pub(crate) fn add(&mut self, resource: &mut Map<String, Value>) {
        // A value is looked into whole; it is lent for that long.
        let value = Value::Object(std::mem::take(resource));
        self.add_labels(&classify(&value));
        if let Value::Object(members) = value {
            *resource = members;
        }
    }

    /// Counts the labels of a record in.
    pub(crate) fn add_labels(&mut self, labels: &[Sensitivity]) {
        labels.iter().for_each(|label| {
            if !self.0.contains(label) {
                self.0.push(*label);
            }
        });
        self.0.sort_unstable();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every label, in a fixed order.
    pub(crate) fn labels(&self) -> &[Sensitivity] {
        &self.0
    }

    /// Labels the index entry of what holds them all and is kept as it came.
    pub(crate) fn label_entry(&self, whole: &mut IndexEntry) {
        let mut all = Parts(std::mem::take(&mut whole.sensitivity));
        all.add_labels(&self.0);
        whole.sensitivity = all.0;
    }

    /// Labels what holds them all (`meta.security`).
    pub(crate) fn label(&self, whole: &mut Map<String, Value>) {
        let labels =
            self.0.iter().map(|label| json!({"system": label.system(), "code": label.code(), "display": PART}));
        add_security(whole, labels.collect());
    }
}

/// Adds security labels to a record that is being made.
pub(crate) fn add_security(resource: &mut Map<String, Value>, labels: Vec<Value>) {
    if labels.is_empty() {
        return;
    }
    let meta = resource.entry("meta").or_insert_with(|| json!({}));
    if let Some(meta) = meta.as_object_mut()
        && let Some(security) = meta.entry("security").or_insert_with(|| json!([])).as_array_mut()
    {
        security.extend(labels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensitivity::{Table, reasons};

    #[test]
    fn a_whole_has_the_labels_of_its_parts_and_says_so() {
        let part = |code: &str| json!({"resourceType": "Condition", "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}]}});
        let mut parts = Parts::default();
        for code in ["F32.1", "B20", "J45", "F32.1"] {
            let mut resource = part(code).as_object().unwrap().clone();
            let before = resource.clone();
            parts.add(&mut resource);
            assert_eq!(resource, before);
        }
        let mut whole = json!({"resourceType": "Composition"}).as_object().unwrap().clone();
        parts.label(&mut whole);
        let whole = Value::Object(whole);
        assert_eq!(classify(&whole), [Sensitivity::MentalHealth, Sensitivity::Hiv]);
        assert!(reasons(&whole).iter().all(|reason| reason.table == Table::Part));
    }

    #[test]
    fn what_the_source_restricts_stays_so_whatever_is_found_in_a_part() {
        let mut whole = json!({"resourceType": "Composition"}).as_object().unwrap().clone();
        add_security(&mut whole, vec![json!({"system": Sensitivity::Restricted.system(), "code": "R"})]);
        let mut parts = Parts::default();
        parts.add_labels(&[Sensitivity::Hiv]);
        parts.label(&mut whole);
        assert_eq!(classify(&Value::Object(whole)), [Sensitivity::Hiv, Sensitivity::Restricted]);
        assert!(Parts::default().is_empty());
    }
}
