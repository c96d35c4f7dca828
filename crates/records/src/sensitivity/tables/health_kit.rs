//! HealthKit (Apple): the types of samples about these subjects, by their published identifiers
//! (<https://developer.apple.com/documentation/healthkit/data_types>).

use super::{ETHUD, Label, MH, SEX};

#[rustfmt::skip]
pub(super) const TYPES: &[(Label, &[&str])] = &[
    (ETHUD, &["HKQuantityTypeIdentifierNumberOfAlcoholicBeverages", "HKQuantityTypeIdentifierBloodAlcoholContent"]),
    (MH, &["HKCategoryTypeIdentifierStateOfMind", "HKCategoryTypeIdentifierMoodChanges"]),
    (SEX, &[
        "HKCategoryTypeIdentifierSexualActivity",
        "HKCategoryTypeIdentifierContraceptive",
        "HKCategoryTypeIdentifierPregnancy",
        "HKCategoryTypeIdentifierPregnancyTestResult",
        "HKCategoryTypeIdentifierOvulationTestResult",
        "HKCategoryTypeIdentifierProgesteroneTestResult",
        "HKCategoryTypeIdentifierMenstrualFlow",
        "HKCategoryTypeIdentifierIntermenstrualBleeding",
        "HKCategoryTypeIdentifierBleedingDuringPregnancy",
        "HKCategoryTypeIdentifierBleedingAfterPregnancy",
        "HKCategoryTypeIdentifierCervicalMucusQuality",
        "HKCategoryTypeIdentifierVaginalDryness",
        "HKCategoryTypeIdentifierLactation",
    ]),
];
