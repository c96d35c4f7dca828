//! Made-up patients of any size: for tests, the tour and measurements.
//!
//! Nothing here is about anybody and nothing is copied: names are common ones joined at random, codes are standard, the
//! rest is arithmetic on a seed. The same [`PatientSpec`] gives the same bytes for ever on every machine; whoever
//! changes this module changes them, and says so.

pub mod apple;
pub mod ccda;
mod chance;
mod kinds;
mod resources;
pub mod table;
mod tables;
mod words;

use serde_json::{Value, json};

use chance::Chance;
use resources::Maker;

/// What kind of patient to make up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientSpec {
    /// Equal seeds give equal patients.
    pub seed: u64,
    /// How many resources, the Patient among them; at least 1 is made.
    pub resources: usize,
    /// Whether some records are about sensitive subjects.
    pub sensitive: bool,
    /// How many years the record goes back.
    pub years: u32,
    /// The day the record ends, in days since 1970.
    pub last_day: i64,
    /// Whether one of each further kind of resource is among them (some forty), after the background.
    pub every_kind: bool,
    /// The language of the texts for people beside the codes: `de`, `es`, `fr`, `ar`, `zh`; anything else: English.
    pub texts: &'static str,
    /// Whose names: `en`, `de`, `es`, `fr`, `pt`, `et`, `ar`, `hi`, `zh`; none: left to the seed.
    pub names: Option<&'static str>,
}

impl Default for PatientSpec {
    /// The design patient: 20 years, 2,000 resources, up to 1 June 2026.
    fn default() -> Self {
        PatientSpec {
            seed: 1,
            resources: 2000,
            sensitive: true,
            years: 20,
            last_day: 20_605,
            every_kind: false,
            texts: "en",
            names: None,
        }
    }
}

/// Makes up a patient: a FHIR R4 Bundle of type `collection` whose entries are numbered by `urn:uuid` and refer to one
/// another, the Patient first. It has exactly [`PatientSpec::resources`] entries.
pub fn patient(spec: &PatientSpec) -> Value {
    let mut chance = Chance::new(spec.seed);
    let id = chance.uuid();
    let mut maker = Maker::new(chance, spec);
    let wanted = spec.resources.max(1);
    maker.background();
    if spec.every_kind {
        maker.every_kind();
    }
    let per_visit = 16;
    let visits = (wanted / per_visit).max(1) as i64;
    let days = i64::from(spec.years.max(1)) * 365;
    let mut visit = 0;
    while maker.made() < wanted {
        // The first visits are spread over all the years; should they not suffice, more follow in the last year.
        let day = if visit < visits { days - visit * days / visits } else { 365 - (visit - visits) % 365 };
        maker.visit(spec.last_day - day.max(1), wanted);
        visit += 1;
    }
    let mut entries: Vec<Value> = maker.finish(wanted);
    entries.iter_mut().for_each(|entry| words::translate(entry, spec.texts));
    json!({"resourceType": "Bundle", "id": id, "type": "collection", "entry": entries})
}

/// The same as the bytes of a file.
pub fn patient_bytes(spec: &PatientSpec) -> Vec<u8> {
    patient(spec).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{
        import::{self, Entry, Limits},
        index::Category,
        json::Json,
    };

    #[test]
    fn a_seed_is_a_patient_for_ever() {
        let spec = PatientSpec { resources: 200, ..PatientSpec::default() };
        assert_eq!(patient_bytes(&spec), patient_bytes(&spec));
        assert_ne!(patient_bytes(&spec), patient_bytes(&PatientSpec { seed: 2, ..spec.clone() }));
        // Written down once; whoever changes the generator on purpose writes down the new one.
        let digest: [u8; 32] = Sha256::digest(patient_bytes(&spec)).into();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "7291598f8290edd78eb0aa9bf0830d1fdaebe3df7f8d9196e2f8fb486eccc3b8");
    }

    #[test]
    fn any_size_is_met_exactly_and_imports_whole() {
        for resources in [0, 1, 2, 7, 30, 333, 2000] {
            let bytes = patient_bytes(&PatientSpec { resources, ..PatientSpec::default() });
            let mut import = import::import(&bytes, &Limits::default()).unwrap();
            assert_eq!(import.total(), resources.max(1));
            while let Some(entry) = import.next_entry() {
                assert!(matches!(entry, Entry::Record(_)), "{entry:?}");
            }
        }
    }

    #[test]
    fn every_kind_brings_what_visits_do_not() {
        let spec = PatientSpec { resources: 120, every_kind: true, ..PatientSpec::default() };
        let bytes = patient_bytes(&spec);
        let mut import = import::import(&bytes, &Limits::default()).unwrap();
        let mut types = std::collections::HashSet::new();
        while let Some(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) = import.next_entry() {
            types.insert(record.index.resource_type);
        }
        assert!(types.len() >= 36, "{} kinds: {types:?}", types.len());
        assert_eq!(import.total(), 120);
    }

    #[test]
    fn texts_come_in_other_languages_and_codes_stay() {
        let spec = PatientSpec { resources: 60, texts: "ar", names: Some("ar"), ..PatientSpec::default() };
        let (arabic, english) = (patient(&spec), patient(&PatientSpec { texts: "en", ..spec.clone() }));
        assert_ne!(arabic, english);
        let codes = |bundle: &Value| {
            let text = bundle.to_string();
            text.matches("\"code\":\"").count()
        };
        assert_eq!(codes(&arabic), codes(&english));
        assert!(arabic.to_string().contains("حساسية"));
    }

    #[test]
    fn a_record_may_end_in_any_decade() {
        for (last_day, decade) in [(4_000, "198"), (12_500, "200"), (36_000, "206")] {
            let spec = PatientSpec { resources: 400, years: 3, last_day, ..PatientSpec::default() };
            let bytes = patient_bytes(&spec);
            let mut import = import::import(&bytes, &Limits::default()).unwrap();
            let mut in_decade = 0;
            while let Some(Entry::Record(record)) = import.next_entry() {
                in_decade += usize::from(record.index.date.is_some_and(|date| date.starts_with(decade)));
            }
            assert!(in_decade > 50, "{in_decade} of {decade}0s");
        }
    }

    #[test]
    fn sensitive_records_come_only_where_asked_for() {
        for sensitive in [true, false] {
            let bytes = patient_bytes(&PatientSpec { sensitive, ..PatientSpec::default() });
            let mut import = import::import(&bytes, &Limits::default()).unwrap();
            let mut labelled = 0;
            let mut categories = std::collections::HashSet::new();
            while let Some(Entry::Record(record)) = import.next_entry() {
                labelled += usize::from(!record.index.sensitivity.is_empty());
                categories.insert(record.index.category);
            }
            assert_eq!(labelled > 0, sensitive);
            for category in [
                Category::Allergy,
                Category::Problem,
                Category::Medicine,
                Category::Result,
                Category::Vital,
                Category::Document,
            ] {
                assert!(categories.contains(&category), "{category:?}");
            }
        }
    }

    #[test]
    fn every_language_has_names() {
        for names in tables::NAMES {
            let bundle = patient(&PatientSpec { resources: 1, names: Some(names.language), ..PatientSpec::default() });
            let patient = bundle.at(&["entry", "resource"]).unwrap();
            let name = crate::display::patient_banner(patient).name;
            assert!(names.family.iter().any(|family| name.contains(family)), "{name}");
        }
    }
}
