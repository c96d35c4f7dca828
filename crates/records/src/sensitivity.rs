//! Labels on records that a person may not want everybody to see: by the source's own labels and by code tables.
//!
//! Labelled records are held back from shares until ticked, so the tables lean towards labelling, but only where a code,
//! an ingredient or the plain name of a disease says so: a guess would hide what an emergency needs. Pregnancy, tobacco
//! and allergies to medicines are left out on purpose. What the tables do not know is not labelled; the interface must
//! say so, and show the [`Reason`] where there is a label. The person has the last word.

mod tables;
#[cfg(feature = "formats")]
mod whole;

#[cfg(feature = "formats")]
pub(crate) use whole::{Parts, add_security};

use serde::{Deserialize, Serialize};

use self::tables::Label;
use crate::{index::clip, json::Json, terminology};

/// A sensitive subject, by its HL7 v3 ActCode (`InformationSensitivityPolicy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Sensitivity {
    /// Alcohol and drug use and its treatment (SUD; also ETH, ETHUD, OPIOIDUD).
    #[serde(rename = "SUD")]
    SubstanceUse,
    /// Mental health (MH; also PSY, PSYTHPN, BH).
    #[serde(rename = "MH")]
    MentalHealth,
    /// HIV and AIDS (HIV).
    #[serde(rename = "HIV")]
    Hiv,
    /// Sexually transmitted infections (STD).
    #[serde(rename = "STD")]
    Std,
    /// Sexuality and reproduction (SEX).
    #[serde(rename = "SEX")]
    Sexuality,
    /// Sexual assault, abuse and domestic violence (SDV; also VIO, MST).
    #[serde(rename = "SDV")]
    Violence,
    /// Genetic disease (GDIS).
    #[serde(rename = "GDIS")]
    Genetic,
    /// Marked restricted by its source (confidentiality R or V) without a subject being named.
    #[serde(rename = "R")]
    Restricted,
}

impl Sensitivity {
    /// Every label.
    pub fn all() -> &'static [Sensitivity] {
        &[
            Sensitivity::SubstanceUse,
            Sensitivity::MentalHealth,
            Sensitivity::Hiv,
            Sensitivity::Std,
            Sensitivity::Sexuality,
            Sensitivity::Violence,
            Sensitivity::Genetic,
            Sensitivity::Restricted,
        ]
    }

    /// Its code: of v3 ActCode, or for [`Restricted`](Self::Restricted) of v3 Confidentiality.
    pub fn code(self) -> &'static str {
        match self {
            Sensitivity::SubstanceUse => "SUD",
            Sensitivity::MentalHealth => "MH",
            Sensitivity::Hiv => "HIV",
            Sensitivity::Std => "STD",
            Sensitivity::Sexuality => "SEX",
            Sensitivity::Violence => "SDV",
            Sensitivity::Genetic => "GDIS",
            Sensitivity::Restricted => "R",
        }
    }

    /// The code system of [`code`](Self::code).
    pub fn system(self) -> &'static str {
        match self {
            Sensitivity::Restricted => terminology::V3_CONFIDENTIALITY,
            _ => terminology::V3_ACT_CODE,
        }
    }

    /// The label of that code, by its own or one of the narrower codes it stands for.
    pub fn from_code(code: &str) -> Option<Sensitivity> {
        Some(match code {
            "SUD" | "ETH" | "ETHUD" | "OPIOIDUD" => Sensitivity::SubstanceUse,
            "MH" | "PSY" | "PSYTHPN" | "BH" => Sensitivity::MentalHealth,
            "HIV" => Sensitivity::Hiv,
            "STD" => Sensitivity::Std,
            "SEX" => Sensitivity::Sexuality,
            "SDV" | "VIO" | "MST" => Sensitivity::Violence,
            "GDIS" => Sensitivity::Genetic,
            "R" | "V" => Sensitivity::Restricted,
            _ => return None,
        })
    }
}

/// The labels of a resource, in a fixed order, each once.
pub fn classify<J: Json>(resource: &J) -> Vec<Sensitivity> {
    let mut found = Vec::new();
    let mut named = false;
    visit(resource, &mut |label, table, _| {
        named |= names_subject(label.0, table);
        found.push(label.0);
    });
    found.retain(|label| !named || *label != Sensitivity::Restricted);
    found.sort_unstable();
    found.dedup();
    found
}

/// The labels of a resource with all that gave them, in the order it is met.
pub fn reasons<J: Json>(resource: &J) -> Vec<Reason> {
    let mut found: Vec<Reason> = Vec::new();
    visit(resource, &mut |label, table, said| {
        let reason = Reason {
            label: label.0,
            policy: label.1.to_owned(),
            table,
            system: said.system.to_owned(),
            code: clip(said.code, 128).to_owned(),
            rule: said.rule.to_owned(),
        };
        if found.len() < MOST_REASONS && !found.contains(&reason) {
            found.push(reason);
        }
    });
    let named = found.iter().any(|reason| names_subject(reason.label, reason.table));
    found.retain(|reason| !named || reason.label != Sensitivity::Restricted);
    found
}

/// Whether the source itself says what it restricts. What the tables find may be something else than what the source meant.
fn names_subject(label: Sensitivity, table: Table) -> bool {
    table == Table::Source && label != Sensitivity::Restricted
}

/// Why a record has a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The label.
    pub label: Sensitivity,
    /// The narrowest HL7 v3 ActCode (or Confidentiality code) that says it: `ETHUD` of `SUD`.
    pub policy: String,
    /// Where it is written.
    pub table: Table,
    /// The code system the record names; empty for words.
    pub system: String,
    /// The record's code, or its word.
    pub code: String,
    /// The line of the table: a block, a group, a code, a name.
    pub rule: String,
}

/// A table of codes or words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Table {
    /// The source's own label (`meta.security`).
    Source,
    /// A record that was made from a part of it.
    Part,
    /// ICD-10 and its national modifications.
    Icd10,
    /// ICD-9-CM.
    Icd9Cm,
    /// ICD-10-PCS.
    Icd10Pcs,
    /// SNOMED CT.
    SnomedCt,
    /// LOINC.
    Loinc,
    /// ATC.
    Atc,
    /// RxNorm.
    RxNorm,
    /// HCPCS Level II.
    Hcpcs,
    /// HealthKit.
    HealthKit,
    /// The words of a medicine's name.
    Ingredient,
    /// The words of a concept that has no code.
    Words,
}

impl Table {
    /// Its name, as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Table::Source => "HL7 v3 ActCode, Confidentiality",
            Table::Part => "a part of it",
            Table::Icd10 => "ICD-10",
            Table::Icd9Cm => "ICD-9-CM",
            Table::Icd10Pcs => "ICD-10-PCS",
            Table::SnomedCt => "SNOMED CT",
            Table::Loinc => "LOINC",
            Table::Atc => "ATC",
            Table::RxNorm => "RxNorm",
            Table::Hcpcs => "HCPCS Level II",
            Table::HealthKit => "HealthKit",
            Table::Ingredient => "INN",
            Table::Words => "words",
        }
    }

    /// Who publishes what its lines are taken from, and which edition.
    pub fn source(self) -> &'static str {
        match self {
            Table::Source => "said by whoever made the record",
            Table::Part => "see the records that were made from it",
            Table::Icd10 => "WHO 2019; CDC/NCHS 2024; BfArM",
            Table::Icd9Cm => "CDC/NCHS 2013",
            Table::Icd10Pcs => "CMS",
            Table::SnomedCt => "SNOMED International, single concepts",
            Table::Loinc => "Regenstrief Institute, loinc.org",
            Table::Atc => "WHO Collaborating Centre for Drug Statistics Methodology 2024",
            Table::RxNorm => "NLM",
            Table::Hcpcs => "CMS",
            Table::HealthKit => "Apple, developer.apple.com",
            Table::Ingredient => "WHO International Nonproprietary Names",
            Table::Words => "a list of Carnet's own",
        }
    }
}

/// Members whose codes tell what a resource is about.
pub(crate) const CODED: [&str; 14] = [
    "code",
    "reasonCode",
    "medicationCodeableConcept",
    "medication",
    "vaccineCode",
    "valueCodeableConcept",
    "conclusionCode",
    "type",
    "serviceType",
    "category",
    "procedureCode",
    "description",
    "productOrService",
    "itemCodeableConcept",
];

/// Members whose items are about something themselves.
const HOLDERS: [&str; 10] = [
    "component",
    "contained",
    "condition",
    "diagnosis",
    "procedure",
    "ingredient",
    "item",
    "addItem",
    "detail",
    "subDetail",
];

/// The words of a label that came from a part of a whole, by which it is told from one that the source gave.
const PART: &str = "in a part of it";

/// So many reasons are told of one record.
const MOST_REASONS: usize = 50;

/// What was found in a record.
struct Said<'a> {
    system: &'a str,
    code: &'a str,
    rule: &'a str,
}

type Visitor<'v> = dyn FnMut(Label, Table, Said<'_>) + 'v;

fn visit<J: Json>(resource: &J, found: &mut Visitor<'_>) {
    for label in resource.member("meta").into_iter().flat_map(|meta| meta.each("security")) {
        let Some(code) = label.text_at(&["code"]) else { continue };
        let system = label.text_at(&["system"]).unwrap_or_default();
        let table = if label.text_at(&["display"]) == Some(PART) { Table::Part } else { Table::Source };
        if let Some((label, policy)) = Sensitivity::from_code(code).zip(policy(code)) {
            found((label, policy), table, Said { system, code, rule: policy });
        }
    }
    // An allergy to a medicine is not hidden because the medicine would tell something: it may save a life.
    let drugs = resource.text_at(&["resourceType"]) != Some("AllergyIntolerance");
    by_parts(resource, drugs, PARTS_DEPTH, found);
    for name in ["diagnosisCodeableConcept", "procedureCodeableConcept"] {
        let holders = resource.each("diagnosis").iter().chain(resource.each("procedure"));
        holders.flat_map(|holder| holder.each(name)).for_each(|concept| by_concept(concept, false, drugs, found));
    }
    for detail in resource.each("activity").iter().filter_map(|activity| activity.member("detail")) {
        by_codes(detail, drugs, found);
    }
}

/// The policy code as this program writes it.
fn policy(code: &str) -> Option<&'static str> {
    const POLICIES: [&str; 16] = [
        "SUD", "ETH", "ETHUD", "OPIOIDUD", "MH", "PSY", "PSYTHPN", "BH", "HIV", "STD", "SEX", "SDV", "VIO", "MST",
        "GDIS", "R",
    ];
    POLICIES.iter().copied().find(|policy| *policy == code).or((code == "V").then_some("V"))
}

/// So deep parts lie in parts: the medicine contained in a record and its ingredients, the details of a bill's items.
const PARTS_DEPTH: usize = 3;

fn by_parts<J: Json>(resource: &J, drugs: bool, depth: usize, found: &mut Visitor<'_>) {
    by_codes(resource, drugs, found);
    if depth > 0 {
        for inner in HOLDERS.iter().flat_map(|name| resource.each(name)) {
            by_parts(inner, drugs, depth - 1, found);
        }
    }
}

fn by_codes<J: Json>(resource: &J, drugs: bool, found: &mut Visitor<'_>) {
    for name in CODED {
        let is_medicine = name.starts_with("medication") || name == "itemCodeableConcept";
        for concept in resource.each(name) {
            by_concept(concept, is_medicine, drugs, found);
        }
    }
    if drugs
        && let Some(display) = resource.text_at(&["medicationReference", "display"])
        && let Some((word, label)) = tables::by_ingredient(display)
    {
        found(label, Table::Ingredient, Said { system: "", code: word, rule: word });
    }
}

fn by_concept<J: Json>(concept: &J, is_medicine: bool, drugs: bool, found: &mut Visitor<'_>) {
    let (mut has_code, mut in_table) = (false, false);
    for coding in concept.each("coding") {
        let system = coding.text_at(&["system"]).unwrap_or_default();
        let is_drug = tables::is_drug_system(system);
        if let Some(code) = coding.text_at(&["code"]) {
            has_code |= tables::is_code_of(system, code);
            if let Some((table, rule)) = tables::by_code(system, code)
                && (drugs || !is_drug)
            {
                in_table = true;
                found(rule.label, table, Said { system, code, rule: rule.of });
            }
        }
        if drugs
            && (is_medicine || is_drug)
            && let Some(display) = coding.text_at(&["display"])
            && let Some((word, label)) = tables::by_ingredient(display)
        {
            found(label, Table::Ingredient, Said { system, code: word, rule: word });
        }
    }
    let text = concept.text_at(&["text"]);
    if drugs
        && is_medicine
        && let Some((word, label)) = text.and_then(tables::by_ingredient)
    {
        found(label, Table::Ingredient, Said { system: "", code: word, rule: word });
    }
    // A table is never whole. What a code system itself calls a code that is in none says as much as its own words do.
    if has_code && !in_table && !is_medicine {
        let displays = concept.each("coding").iter().filter_map(|coding| coding.text_at(&["display"]));
        if let Some((phrase, label)) = displays.into_iter().find_map(tables::by_words) {
            found(label, Table::Words, Said { system: "", code: phrase, rule: phrase });
        }
    }
    let words = text.or_else(|| concept.text_at(&["coding", "display"])).filter(|_| !has_code && !is_medicine);
    if let Some((phrase, label)) = words.and_then(tables::by_words) {
        found(label, Table::Words, Said { system: "", code: phrase, rule: phrase });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition(system: &str, code: &str) -> Vec<Sensitivity> {
        classify(&json!({"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code}]}}))
    }

    #[test]
    fn icd_blocks() {
        let icd = "http://hl7.org/fhir/sid/icd-10-cm";
        assert_eq!(condition(icd, "F10.20"), [Sensitivity::SubstanceUse]);
        assert_eq!(condition(icd, "F32.1"), [Sensitivity::MentalHealth]);
        assert_eq!(condition(icd, "B20"), [Sensitivity::Hiv]);
        assert_eq!(condition("http://hl7.org/fhir/sid/icd-10", "Z21"), [Sensitivity::Hiv]);
        assert_eq!(condition(icd, "A54.01"), [Sensitivity::Std]);
        assert_eq!(condition(icd, "T74.11XA"), [Sensitivity::Violence]);
        assert_eq!(condition(icd, "E84.0"), [Sensitivity::Genetic]);
        assert_eq!(condition(icd, "I10"), []);
        assert_eq!(condition(icd, "E11.9"), []);
        assert_eq!(condition(icd, "B200X"), []);
        assert_eq!(condition(icd, "é"), []);
    }

    #[test]
    fn what_everybody_has_is_no_secret() {
        // Each of these was labelled somewhere by a careless table.
        let loinc = [
            "2339-0", "2345-7", "4548-4", "718-7", "2160-0", "72166-2", "74013-4", "24467-3", "21440-3", "93038-8",
            "82810-3",
        ];
        for code in loinc {
            assert_eq!(condition("http://loinc.org", code), [], "{code}");
        }
        for code in [
            "F17.210", "Z72.0", "Z87.891", "F80.1", "F03.90", "F70", "D66", "D55.0", "O80", "Z33.1", "Z34.00", "B02.9",
            "A49.9", "T40.2X5A", "T40.601", "Z81.2", "G40.909", "K74.60", "E03.9", "I10", "Z23",
        ] {
            let expected: &[Sensitivity] = if code == "T40.601" { &[Sensitivity::SubstanceUse] } else { &[] };
            assert_eq!(condition("http://hl7.org/fhir/sid/icd-10-cm", code), expected, "{code}");
        }
        for code in
            ["305.1", "401.9", "995.86", "290.0", "315.9", "V15.82", "V22.1", "250.00", "30.40", "29.51", "042x"]
        {
            let expected: &[Sensitivity] = if code == "042x" { &[Sensitivity::Hiv] } else { &[] };
            assert_eq!(condition("http://hl7.org/fhir/sid/icd-9-cm", code), expected, "{code}");
        }
        for code in ["449868002", "8517006", "77386006", "38341003", "44054006", "160573003"] {
            assert_eq!(condition("http://snomed.info/sct", code), [], "{code}");
        }
        for code in ["A10BA02", "N06AX12", "N06AA09", "J05AF05", "N02BE01"] {
            assert_eq!(condition("http://www.whocc.no/atc", code), [], "{code}");
        }
        for code in ["208", "62", "61", "43"] {
            assert_eq!(condition("http://hl7.org/fhir/sid/cvx", code), [], "{code}");
        }
        assert_eq!(condition("urn:oid:2.16.840.1.113883.6.90", "B2010ZZ"), []);
        assert_eq!(condition("http://www.ama-assn.org/go/cpt", "99213"), []);
    }

    #[test]
    fn each_table_labels() {
        use Sensitivity::{Genetic, Hiv, MentalHealth, Sexuality, Std, SubstanceUse, Violence};
        for (system, code, label) in [
            ("http://hl7.org/fhir/sid/icd-9-cm", "303.90", SubstanceUse),
            ("http://hl7.org/fhir/sid/icd-9-cm", "29620", MentalHealth),
            ("urn:oid:2.16.840.1.113883.6.103", "042", Hiv),
            ("http://hl7.org/fhir/sid/icd-9-cm", "V08", Hiv),
            ("http://hl7.org/fhir/sid/icd-9-cm", "098.0", Std),
            ("http://hl7.org/fhir/sid/icd-9-cm", "995.81", Violence),
            ("http://hl7.org/fhir/sid/icd-9-cm", "277.00", Genetic),
            ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "F32.1", MentalHealth),
            ("http://hl7.org/fhir/sid/icd-10-cm", "T39.012A", MentalHealth),
            ("http://hl7.org/fhir/sid/icd-10-cm", "T40.1X1A", SubstanceUse),
            ("http://hl7.org/fhir/sid/icd-10-cm", "O9A.311", Violence),
            ("http://hl7.org/fhir/sid/icd-10-cm", "Z29.81", Hiv),
            ("http://hl7.org/fhir/sid/icd-10-cm", "Z30.430", Sexuality),
            ("http://www.cms.gov/Medicare/Coding/ICD10", "HZ2ZZZZ", SubstanceUse),
            ("http://snomed.info/sct", "7200002", SubstanceUse),
            ("http://snomed.info/sct/900000000000207008", "38628009", Sexuality),
            ("http://loinc.org", "20447-9", Hiv),
            ("http://loinc.org", "95618-5", Violence),
            ("http://www.nlm.nih.gov/research/umls/rxnorm", "6813", SubstanceUse),
            ("http://www.whocc.no/atc", "N07BC02", SubstanceUse),
            ("http://www.whocc.no/atc", "J05AR13", Hiv),
            ("urn:oid:2.16.840.1.113883.6.285", "H0020", SubstanceUse),
            ("urn:oid:2.16.840.1.113883.6.285", "G0444", MentalHealth),
        ] {
            assert_eq!(condition(system, code), [label], "{system} {code}");
        }
    }

    #[test]
    fn a_reason_names_table_and_code() {
        let found = reasons(&json!({"resourceType": "Condition", "code": {"coding": [
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}, {"system": "http://snomed.info/sct", "code": "66590003"}]},
            "meta": {"security": [{"code": "ETHUD"}, {"code": "R"}]}}));
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].table, found[0].policy.as_str()), (Table::Source, "ETHUD"));
        let found = found.get(1..).unwrap();
        assert_eq!(
            (found[0].label, found[0].policy.as_str(), found[0].table),
            (Sensitivity::SubstanceUse, "ETHUD", Table::Icd10)
        );
        assert_eq!((found[0].code.as_str(), found[0].rule.as_str()), ("F10.20", "F10"));
        assert_eq!((found[1].table.name(), found[1].rule.as_str()), ("SNOMED CT", "66590003"));
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Reason>>(&text).unwrap(), found);
        // What a source restricts without saying why stays restricted, whatever the tables find.
        let coded = json!({"resourceType": "Condition", "meta": {"security": [{"code": "R"}]},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "66590003"}]}});
        assert_eq!(classify(&coded), [Sensitivity::SubstanceUse, Sensitivity::Restricted]);
    }

    #[test]
    fn words_count_only_where_there_is_no_code() {
        let of = |code: serde_json::Value| classify(&json!({"resourceType": "Condition", "code": code}));
        assert_eq!(of(json!({"text": "Known HIV infection"})), [Sensitivity::Hiv]);
        assert_eq!(of(json!({"text": "Alkoholabhängigkeit, abstinent"})), [Sensitivity::SubstanceUse]);
        assert_eq!(of(json!({"text": "Trouble bipolaire"})), [Sensitivity::MentalHealth]);
        let coded =
            json!({"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}], "text": "HIV excluded"});
        assert_eq!(of(coded), []);
        let local = json!({"coding": [{"system": "urn:oid:1.2.3", "code": "17", "display": "HIV viral load"}]});
        assert_eq!(of(local), [Sensitivity::Hiv]);
        for text in [
            "Hives",
            "Hearing aids",
            "Bipolar hip prosthesis",
            "Archive",
            "Rape pollen",
            "ST depression",
            "Chlamydia pneumoniae",
        ] {
            assert_eq!(of(json!({"text": text})), [], "{text}");
        }
        assert_eq!(
            classify(&json!({"resourceType": "Condition", "code": {"text": "Cough"}, "note": [{"text": "HIV"}]})),
            []
        );
    }

    #[test]
    fn codes_are_found_where_they_usually_stand() {
        let atc = json!({"coding": [{"system": "http://www.whocc.no/atc", "code": "J05AJ03"}]});
        let tivicay = json!({"resourceType": "Medication", "id": "m", "code": {"text": "Tivicay"},
            "ingredient": [{"itemCodeableConcept": atc}]});
        let contained = json!({"resourceType": "MedicationStatement", "contained": [tivicay],
            "medicationReference": {"reference": "#m"}});
        let goal = json!({"resourceType": "Goal", "description": {"text": "Stays sober",
            "coding": [{"system": "http://snomed.info/sct", "code": "66590003"}]}});
        let methadone = json!({"coding": [{"system": "urn:oid:2.16.840.1.113883.6.285", "code": "H0020"}]});
        let bill = json!({"resourceType": "ExplanationOfBenefit", "item": [{"productOrService": methadone}]});
        let detail = json!({"resourceType": "Claim", "item": [{"detail": [{"productOrService": methadone}]}]});
        for (record, label) in [
            (tivicay, Sensitivity::Hiv),
            (contained, Sensitivity::Hiv),
            (goal, Sensitivity::SubstanceUse),
            (bill, Sensitivity::SubstanceUse),
            (detail, Sensitivity::SubstanceUse),
        ] {
            assert_eq!(classify(&record), [label], "{record}");
            let index = crate::index::index_record(record.to_string().as_bytes()).unwrap();
            assert_eq!(index.sensitivity, [label], "{record}");
        }
    }

    #[test]
    fn the_words_of_a_code_that_is_in_no_table_count() {
        let of = |system: &str, code: &str, display: &str| {
            let coding = json!([{"system": system, "code": code, "display": display}]);
            classify(&json!({"resourceType": "Observation", "code": {"coding": coding}}))
        };
        let ab = "HIV 1 Ab [Presence] in Capillary blood by Immunoassay";
        assert_eq!(of("http://loinc.org", "33866-5", ab), [Sensitivity::Hiv]);
        assert_eq!(of("http://loinc.org", "718-7", "Hemoglobin [Mass/volume] in Blood"), []);
    }

    #[test]
    fn an_allergy_to_a_medicine_is_not_hidden() {
        let allergy = json!({"resourceType": "AllergyIntolerance", "code": {"coding": [
            {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "36437", "display": "sertraline"}]}});
        assert_eq!(classify(&allergy), []);
    }

    #[test]
    fn what_a_phone_knows_can_be_intimate_too() {
        let of = |code: &str| condition("http://developer.apple.com/documentation/healthkit", code);
        assert_eq!(of("HKCategoryTypeIdentifierSexualActivity"), [Sensitivity::Sexuality]);
        assert_eq!(of("HKCategoryTypeIdentifierStateOfMind"), [Sensitivity::MentalHealth]);
        assert_eq!(of("HKQuantityTypeIdentifierStepCount"), []);
    }

    #[test]
    fn ingredients_are_found_as_words() {
        let of = |text: &str| {
            classify(&json!({"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": text}}))
        };
        assert_eq!(of("buprenorphine 2 MG / naloxone 0.5 MG Sublingual Film"), [Sensitivity::SubstanceUse]);
        assert_eq!(of("Sertraline 50 mg"), [Sensitivity::MentalHealth]);
        assert_eq!(of("DOLUTEGRAVIR 50 MG"), [Sensitivity::Hiv]);
        assert_eq!(of("Metformin 500 mg"), []);
    }

    #[test]
    fn the_sources_own_label_counts() {
        let of = |code: &str| classify(&json!({"resourceType": "Observation", "meta": {"security": [{"code": code}]}}));
        assert_eq!(of("ETHUD"), [Sensitivity::SubstanceUse]);
        assert_eq!(of("R"), [Sensitivity::Restricted]);
        assert_eq!(of("N"), []);
    }

    #[test]
    fn every_label_reads_back_from_its_code() {
        for label in Sensitivity::all() {
            assert_eq!(Sensitivity::from_code(label.code()), Some(*label));
            assert_eq!(serde_json::to_value(label).unwrap(), label.code());
        }
    }
}
