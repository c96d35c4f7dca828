//! A fact's key: 16 bytes that are equal for the same fact from two sources, made at import so that lists can group.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};

use super::{
    concept::Concept,
    dates::When,
    features::{Features, Medicine, features},
};
use crate::json::Json;

/// What two records of the same fact have in common.
///
/// Equal keys are one fact for [`merge`](super::merge) too. It may find more: it also knows that a translation is shared,
/// or that "2020" can only mean one day, which no single record tells. Written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactKey(pub [u8; 16]);

impl fmt::Display for FactKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for FactKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "FactKey({self})")
    }
}

impl Serialize for FactKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FactKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("a fact's key has 32 hexadecimal digits");
        if text.len() != 32 {
            return Err(wrong());
        }
        let mut bytes = [0; 16];
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(wrong)?;
        }
        Ok(FactKey(bytes))
    }
}

/// The key of a record, from FHIR R4 JSON of any form. `None` for kinds that are never merged (people, documents, plans,
/// bills), for what does not say enough of itself, and for what was entered in error.
///
/// Two records have one key where all of these are equal:
///
/// | kind | concept | and besides |
/// |---|---|---|
/// | allergy | substance | nothing |
/// | problem | code | body site, side, onset |
/// | medicine | product or ingredient | start, strength, dose and route, "do not give" |
/// | medicine given, handed out | product or ingredient | time, strength, dose and route |
/// | vaccination | vaccine | day |
/// | observation | analyte | time, value with unit, specimen, body site, side |
/// | procedure | code | time, body site, side |
/// | visit | none | beginning, class, place |
/// | report | code | time, conclusion |
///
/// Of several codings the one of the widest system counts (SNOMED CT, LOINC, RxNorm, CVX, ICD-10-CM, ICD-10, ICD-9-CM,
/// ATC); words only where there is no code. The status is never part of it.
pub fn fact_key<J: Json>(resource: &J) -> Option<FactKey> {
    features(resource, None).map(|features| of_features(&features))
}

/// What a medicine is, where a record only points to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subject(Medicine<'static>);

/// The subject of a Medication.
pub(crate) fn subject_of<J: Json>(medication: &J) -> Option<Subject> {
    let Medicine { concept, exact } = Medicine::of(medication)?;
    let concept = match concept {
        Concept::Words(words) => Concept::Words(words),
        Concept::Coded(codings) => {
            Concept::Coded(codings.into_iter().map(|(s, c)| (s.into_owned().into(), c.into_owned().into())).collect())
        }
    };
    Some(Subject(Medicine { concept, exact }))
}

/// The key of a record that points to that medicine.
pub(crate) fn fact_key_of<J: Json>(resource: &J, subject: &Subject) -> Option<FactKey> {
    features(resource, Some(&subject.0)).map(|features| of_features(&features))
}

pub(super) fn of_features(features: &Features<'_>) -> FactKey {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(b"carnet/fact/v1");
    part(features.kind.name().as_bytes());
    let (system, code) = features.concept.primary();
    part(system.as_bytes());
    part(code.as_bytes());
    part(features.exact.as_bytes());
    part(features.loose.as_bytes());
    // The day a moment falls on is its source's affair; the moment is the same everywhere.
    let (precision, number): (&[u8], i64) = match features.when {
        When::Undated => (b"undated", 0),
        When::Year(year) => (b"year", year),
        When::Month(year, month) => (b"month", year.saturating_mul(12).saturating_add(i64::from(month))),
        When::Day(.., day) => (b"day", day),
        When::Moment(seconds, ..) => (b"moment", seconds),
    };
    part(precision);
    part(&number.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    FactKey(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_made_for_ever() {
        // Written down once: a changed derivation needs the vault's index to be made again.
        let record = json!({"resourceType": "AllergyIntolerance", "code": {"coding": [
            {"system": "http://snomed.info/sct", "code": "91936005", "display": "Allergy to penicillin"}]}});
        let key = fact_key(&record).unwrap();
        assert_eq!(key.to_string(), "b14749ad3ad679d5ddc741648ab0fe18");
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<FactKey>(&text).unwrap(), key);
        assert!(serde_json::from_str::<FactKey>("\"00\"").is_err());
        assert!(serde_json::from_str::<FactKey>("\"éééééééééééééééé\"").is_err());
    }

    #[test]
    fn status_and_source_make_no_difference() {
        let one = json!({"resourceType": "Condition", "id": "a", "clinicalStatus": {"coding": [{"code": "active"}]},
            "code": {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.96", "code": "38341003"}]}, "onsetDateTime": "2010-05-01"});
        let two = json!({"resourceType": "Condition", "id": "b", "clinicalStatus": {"coding": [{"code": "resolved"}]},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}], "text": "High blood pressure"},
            "onsetPeriod": {"start": "2010-05-01"}, "recordedDate": "2020-01-01"});
        assert_eq!(fact_key(&one), fact_key(&two));
        assert!(fact_key(&one).is_some());
        let wrong = json!({"resourceType": "Condition", "verificationStatus": {"coding": [{"code": "entered-in-error"}]},
            "code": {"text": "x"}});
        assert_eq!(fact_key(&wrong), None);
        assert_eq!(fact_key(&json!({"resourceType": "Patient"})), None);
        assert_eq!(fact_key(&json!([])), None);
    }
}
