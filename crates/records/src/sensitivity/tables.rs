//! Which codes mean which sensitive subject, and where that is written. Each table names its source in its first lines.
//!
//! What is not here on purpose: CPT, whose codes may not be shipped without a licence of the AMA; vaccines (CVX), none of
//! which tells a secret of the one who got it; pregnancy and tobacco.

mod drugs;
mod health_kit;
mod icd;
mod loinc;
mod snomed;
mod words;

use std::{collections::HashMap, sync::LazyLock};

use super::{Sensitivity, Table};

/// A label with the policy code of HL7 v3 ActCode that says it most narrowly.
pub(super) type Label = (Sensitivity, &'static str);

const ETHUD: Label = (Sensitivity::SubstanceUse, "ETHUD");
const OPIOIDUD: Label = (Sensitivity::SubstanceUse, "OPIOIDUD");
const SUD: Label = (Sensitivity::SubstanceUse, "SUD");
const MH: Label = (Sensitivity::MentalHealth, "MH");
const HIV: Label = (Sensitivity::Hiv, "HIV");
const STD: Label = (Sensitivity::Std, "STD");
const SEX: Label = (Sensitivity::Sexuality, "SEX");
const SDV: Label = (Sensitivity::Violence, "SDV");
const GDIS: Label = (Sensitivity::Genetic, "GDIS");

/// What a table says of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) label: Label,
    /// The line of the table: a block's first category, a group, the code itself.
    pub(super) of: &'static str,
}

/// The table for codes of a system, and what it says of one.
pub(super) fn by_code(system: &str, code: &str) -> Option<(Table, Rule)> {
    let table = table_of(system)?;
    let single =
        |index: &HashMap<&'static str, Label>| index.get_key_value(code).map(|(of, label)| Rule { label: *label, of });
    let rule = match table {
        Table::Icd10 => icd::icd10(code),
        Table::Icd9Cm => icd::icd9(code),
        Table::Icd10Pcs => icd::icd10_pcs(code),
        Table::SnomedCt => single(&SNOMED),
        Table::Loinc => single(&LOINC),
        Table::Atc => drugs::atc(code),
        Table::RxNorm => single(&RXNORM),
        Table::Hcpcs => hcpcs(code),
        Table::HealthKit => single(&HEALTH_KIT),
        Table::Source | Table::Part | Table::Ingredient | Table::Words => None,
    };
    rule.map(|rule| (table, rule))
}

fn table_of(system: &str) -> Option<Table> {
    Some(match system {
        "http://developer.apple.com/documentation/healthkit" => Table::HealthKit,
        "http://snomed.info/sct" | "urn:oid:2.16.840.1.113883.6.96" => Table::SnomedCt,
        "http://loinc.org" | "urn:oid:2.16.840.1.113883.6.1" => Table::Loinc,
        "http://www.nlm.nih.gov/research/umls/rxnorm" | "urn:oid:2.16.840.1.113883.6.88" => Table::RxNorm,
        "http://www.whocc.no/atc" | "http://fhir.de/CodeSystem/bfarm/atc" | "urn:oid:2.16.840.1.113883.6.73" => {
            Table::Atc
        }
        "http://hl7.org/fhir/sid/icd-9-cm" | "urn:oid:2.16.840.1.113883.6.103" => Table::Icd9Cm,
        "http://www.cms.gov/Medicare/Coding/ICD10" | "urn:oid:2.16.840.1.113883.6.4" => Table::Icd10Pcs,
        "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
        | "http://fhir.de/CodeSystem/dimdi/icd-10-gm"
        | "urn:oid:2.16.840.1.113883.6.90"
        | "urn:oid:2.16.840.1.113883.6.3" => Table::Icd10,
        "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
        | "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
        | "urn:oid:2.16.840.1.113883.6.285" => Table::Hcpcs,
        system if system.starts_with("http://hl7.org/fhir/sid/icd-10") => Table::Icd10,
        system if system.starts_with("http://snomed.info/sct/") => Table::SnomedCt,
        _ => return None,
    })
}

/// Whether a code is one that the tables would know if it were sensitive: a local code says nothing to them, nor does what
/// is no SNOMED CT identifier though it says so.
pub(super) fn is_code_of(system: &str, code: &str) -> bool {
    match table_of(system) {
        None => false,
        Some(Table::SnomedCt) => code.bytes().all(|byte| byte.is_ascii_digit()),
        Some(_) => true,
    }
}

/// Whether displays of that system are names of medicines.
pub(super) fn is_drug_system(system: &str) -> bool {
    matches!(table_of(system), Some(Table::RxNorm | Table::Atc)) || system == "http://hl7.org/fhir/sid/ndc"
}

/// What the words of a medicine's name say: the word as written, and its label.
pub(super) fn by_ingredient(name: &str) -> Option<(&str, Label)> {
    let mut words = crate::index::clip(name, 300).split(|letter: char| !letter.is_alphabetic());
    words.find_map(|word| {
        if word.len() < 5 {
            return None;
        }
        Some((word, *INGREDIENTS.get(drugs::stem(word).as_str())?))
    })
}

/// What the words of a concept without a code say.
pub(super) fn by_words(text: &str) -> Option<(&'static str, Label)> {
    words::phrase(text)
}

/// HCPCS Level II (CMS, public domain; 2024): H0001-H0050 alcohol and drug services and behavioural health, T1006-T1012
/// alcohol and drug services, G0396, G0397, G0442, G0443, G2011 screening and brief intervention, G2067-G2080,
/// G2086-G2088 opioid treatment, G0444 depression screening, G0432-G0435, G0475 HIV tests, J0570-J0575, J2315
/// buprenorphine and naltrexone, J7296-J7298, J7300, J7301, J7307 contraceptives.
fn hcpcs(code: &str) -> Option<Rule> {
    const RANGES: &[(&str, &str, Label)] = &[
        ("H0004", "H0004", MH),
        ("H0017", "H0019", MH),
        ("H0031", "H0046", MH),
        ("H0001", "H0050", SUD),
        ("T1006", "T1012", SUD),
        ("G0396", "G0397", SUD),
        ("G0442", "G0443", ETHUD),
        ("G2011", "G2011", SUD),
        ("G2067", "G2080", OPIOIDUD),
        ("G2086", "G2088", OPIOIDUD),
        ("G0444", "G0444", MH),
        ("G0432", "G0435", HIV),
        ("G0475", "G0475", HIV),
        ("J0570", "J0575", OPIOIDUD),
        ("J2315", "J2315", OPIOIDUD),
        ("J7296", "J7298", SEX),
        ("J7300", "J7301", SEX),
        ("J7307", "J7307", SEX),
    ];
    let found = RANGES.iter().find(|(from, to, _)| code.len() == 5 && *from <= code && code <= *to);
    found.map(|(of, _, label)| Rule { label: *label, of })
}

fn single(table: &'static [(Label, &'static [&'static str])]) -> HashMap<&'static str, Label> {
    table.iter().flat_map(|(label, codes)| codes.iter().map(|code| (*code, *label))).collect()
}

static SNOMED: LazyLock<HashMap<&str, Label>> = LazyLock::new(|| single(snomed::CONCEPTS));
static HEALTH_KIT: LazyLock<HashMap<&str, Label>> = LazyLock::new(|| single(health_kit::TYPES));
static LOINC: LazyLock<HashMap<&str, Label>> = LazyLock::new(|| single(loinc::TERMS));
static RXNORM: LazyLock<HashMap<&str, Label>> = LazyLock::new(|| single(drugs::RXNORM));
static INGREDIENTS: LazyLock<HashMap<String, Label>> = LazyLock::new(|| {
    drugs::NAMES.iter().flat_map(|(label, names)| names.iter().map(|name| (drugs::stem(name), *label))).collect()
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_have_their_check_digits_and_stand_once() {
        for (_, codes) in loinc::TERMS {
            for code in *codes {
                assert!(crate::terminology::is_loinc_code(code), "{code}");
            }
        }
        for (_, codes) in snomed::CONCEPTS {
            for code in *codes {
                assert!(is_snomed_id(code), "{code}");
            }
        }
        for table in [loinc::TERMS, snomed::CONCEPTS, drugs::RXNORM] {
            let all: Vec<&str> = table.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
            assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
        }
    }

    /// The Verhoeff check digit of an SCTID (SNOMED CT, Release File Specifications, section 6.4): the dihedral group D5.
    fn is_snomed_id(code: &str) -> bool {
        let multiply = |one: usize, other: usize| match (one < 5, other < 5) {
            (true, true) => (one + other) % 5,
            (true, false) => 5 + (one + other) % 5,
            (false, true) => 5 + (one + 5 - other) % 5,
            (false, false) => (one + 5 - other) % 5,
        };
        const PERMUTATION: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        let permuted = |digit: usize, times: usize| (0..times % 8).fold(digit, |digit, _| PERMUTATION[digit]);
        let digits = code.bytes().rev().map(|byte| usize::from(byte - b'0')).enumerate();
        (6..=18).contains(&code.len()) && digits.fold(0, |sum, (at, digit)| multiply(sum, permuted(digit, at))) == 0
    }

    #[test]
    fn names_of_medicines_are_one_in_all_languages() {
        for name in ["Methadone", "Méthadone", "Metadona", "METHADON", "metadone"] {
            assert_eq!(by_ingredient(name).map(|(_, label)| label), Some(OPIOIDUD), "{name}");
        }
        for name in ["Litio carbonato", "Lithium", "carbonato de lítio", "Sertralin", "sertralina", "fluoxétine"] {
            assert_eq!(by_ingredient(name).map(|(_, label)| label), Some(MH), "{name}");
        }
        for name in ["Metformin", "Methotrexate", "Methylprednisolone", "Metoprolol", "Losartan", "Cerin", "Naloxone"] {
            assert_eq!(by_ingredient(name), None, "{name}");
        }
    }

    #[test]
    fn stems_do_not_collide() {
        let mut seen: HashMap<String, (Label, &str)> = HashMap::new();
        for (label, names) in drugs::NAMES {
            for name in *names {
                if let Some((other, first)) = seen.insert(drugs::stem(name), (*label, name)) {
                    assert_eq!(other, *label, "{first} {name}");
                }
            }
        }
    }
}
