//! Which codes mean which sensitive subject, and where that is written.
//!
//! - ICD-10 (WHO, 2019 version) and ICD-10-CM (CDC/NCHS): whole categories, as their chapters and blocks define them.
//! - ATC (WHO Collaborating Centre): whole groups; their substances by international non-proprietary name, because
//!   RxNorm's product names begin with them.
//! - HealthKit (Apple): the types of samples about these subjects, by their published identifiers.
//! - SNOMED CT and LOINC: single concepts, few, by their published names.

use super::Sensitivity::{self, Genetic, Hiv, MentalHealth, Sexuality, Std, SubstanceUse, Violence};

/// The label of one code.
pub(super) fn by_code(system: &str, code: &str) -> Option<Sensitivity> {
    if system.starts_with("http://hl7.org/fhir/sid/icd-10") || system == "urn:oid:2.16.840.1.113883.6.90" {
        return by_icd10(code);
    }
    let table = match system {
        "http://snomed.info/sct" => SNOMED,
        "http://loinc.org" => LOINC,
        "http://developer.apple.com/documentation/healthkit" => APPLE,
        "http://www.whocc.no/atc" => {
            return ATC.iter().find(|(group, _)| code.starts_with(group)).map(|(_, label)| *label);
        }
        _ => return None,
    };
    table.iter().find(|(_, codes)| codes.contains(&code)).map(|(label, _)| *label)
}

/// The label of a medicine by the words of its name.
pub(super) fn by_ingredient(name: &str) -> Option<Sensitivity> {
    let mut words = name.split(|letter: char| !letter.is_alphabetic()).filter(|word| word.len() > 5);
    words.find_map(|word| {
        INGREDIENTS
            .iter()
            .find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(word)))
            .map(|(label, _)| *label)
    })
}

/// By ICD-10 category: a letter and two digits, then the end, a point or (as ICD-10-CM is also written) more digits.
fn by_icd10(code: &str) -> Option<Sensitivity> {
    let (category, rest) = code.split_at_checked(3)?;
    let letter = category.chars().next()?.to_ascii_uppercase();
    let number: u8 = category.get(1..)?.parse().ok()?;
    let detail = rest.strip_prefix('.').unwrap_or(rest);
    Some(match (letter, number) {
        // F10-F19 mental and behavioural disorders due to psychoactive substance use; K70 alcoholic liver disease;
        // T40 poisoning by narcotics and psychodysleptics; Z71.4, Z71.5 counselling for alcohol and drug abuse.
        ('F', 10..=19) | ('K', 70) | ('T', 40) => SubstanceUse,
        ('Z', 71) if detail.starts_with(['4', '5']) => SubstanceUse,
        // F64-F66 gender identity, sexual preference, sexual development; F52 sexual dysfunction.
        ('F', 52 | 64..=66) => Sexuality,
        // F01-F09 organic and F70-F79 intellectual disability are not secrets of psychiatry; the rest of chapter V is.
        ('F', 20..=69 | 80..=99) => MentalHealth,
        // X60-X84 intentional self-harm (ICD-10), X71-X83 and T14.91 (ICD-10-CM).
        ('X', 60..=84) => MentalHealth,
        ('T', 14) if detail.starts_with("91") => MentalHealth,
        // B20-B24 HIV disease, Z21 asymptomatic HIV infection status, Z71.7 HIV counselling, O98.7 HIV in pregnancy.
        ('B', 20..=24) if detail.len() <= 1 => Hiv,
        ('Z', 21) => Hiv,
        ('Z', 71) if detail.starts_with('7') => Hiv,
        ('O', 98) if detail.starts_with('7') => Hiv,
        // A50-A64 infections with a predominantly sexual mode of transmission.
        ('A', 50..=64) => Std,
        // O04 medical abortion; Z30 contraceptive management; Z31 procreative management; Z70 counselling on sexual attitude.
        ('O', 4) | ('Z', 30 | 31 | 70) => Sexuality,
        // T74, T76 maltreatment (confirmed, suspected); Y05 sexual assault; Y06, Y07 neglect and maltreatment;
        // Z69 encounter for victim and perpetrator of abuse.
        ('T', 74 | 76) | ('Y', 5..=7) | ('Z', 69) => Violence,
        // Q90-Q99 chromosomal abnormalities; D57 sickle-cell disorders; E84 cystic fibrosis; G10 Huntington's disease;
        // Z14, Z15 genetic carrier, genetic susceptibility.
        ('Q', 90..=99) | ('D', 57) | ('E', 84) | ('G', 10) | ('Z', 14 | 15) => Genetic,
        _ => return None,
    })
}

/// HealthKit's types (<https://developer.apple.com/documentation/healthkit/data_types>).
const APPLE: &[(Sensitivity, &[&str])] = &[
    (
        SubstanceUse,
        &["HKQuantityTypeIdentifierNumberOfAlcoholicBeverages", "HKQuantityTypeIdentifierBloodAlcoholContent"],
    ),
    (MentalHealth, &["HKCategoryTypeIdentifierStateOfMind", "HKCategoryTypeIdentifierMoodChanges"]),
    (
        Sexuality,
        &[
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
        ],
    ),
];

/// ATC groups: N07BB alcohol dependence, N07BC opioid dependence; N05A antipsychotics (N05AN lithium among them), N06A
/// antidepressants; J05AE, J05AG, J05AJ, J05AR antivirals of HIV treatment (J05AF is also that of hepatitis B and left
/// out); G03A hormonal contraceptives.
const ATC: &[(&str, Sensitivity)] = &[
    ("N07BB", SubstanceUse),
    ("N07BC", SubstanceUse),
    ("N05A", MentalHealth),
    ("N06A", MentalHealth),
    ("J05AE", Hiv),
    ("J05AG", Hiv),
    ("J05AJ", Hiv),
    ("J05AR", Hiv),
    ("G03A", Sexuality),
];

/// Substances of those groups. Left out is what is as often given for something else: bupropion, trazodone,
/// amitriptyline, tenofovir, lamivudine.
const INGREDIENTS: &[(Sensitivity, &[&str])] = &[
    (
        SubstanceUse,
        &[
            "disulfiram",
            "acamprosate",
            "naltrexone",
            "nalmefene",
            "buprenorphine",
            "methadone",
            "levomethadone",
            "lofexidine",
        ],
    ),
    (
        MentalHealth,
        &[
            "sertraline",
            "fluoxetine",
            "citalopram",
            "escitalopram",
            "paroxetine",
            "fluvoxamine",
            "venlafaxine",
            "desvenlafaxine",
            "mirtazapine",
            "vortioxetine",
            "clomipramine",
            "lithium",
            "haloperidol",
            "olanzapine",
            "quetiapine",
            "risperidone",
            "paliperidone",
            "aripiprazole",
            "ziprasidone",
            "lurasidone",
            "clozapine",
            "amisulpride",
            "cariprazine",
        ],
    ),
    (
        Hiv,
        &[
            "dolutegravir",
            "bictegravir",
            "raltegravir",
            "elvitegravir",
            "cabotegravir",
            "efavirenz",
            "rilpivirine",
            "etravirine",
            "nevirapine",
            "doravirine",
            "darunavir",
            "atazanavir",
            "lopinavir",
            "zidovudine",
            "abacavir",
            "maraviroc",
            "enfuvirtide",
            "lenacapavir",
            "fostemsavir",
            "cobicistat",
            "emtricitabine",
        ],
    ),
    (
        Sexuality,
        &[
            "levonorgestrel",
            "drospirenone",
            "desogestrel",
            "etonogestrel",
            "norgestimate",
            "ulipristal",
            "mifepristone",
        ],
    ),
];

/// SNOMED CT concepts.
const SNOMED: &[(Sensitivity, &[&str])] = &[
    (
        SubstanceUse,
        &[
            "7200002",           // Alcoholism
            "15167005",          // Alcohol abuse
            "66590003",          // Alcohol dependence
            "228315001",         // Binge drinker
            "10939881000119105", // Unhealthy alcohol drinking behavior
            "26416006",          // Drug abuse
            "191816009",         // Drug dependence
            "6525002",           // Dependent drug abuse
            "361055000",         // Misuses drugs
            "5602001",           // Opioid abuse
            "75544000",          // Opioid dependence
            "31956009",          // Cocaine dependence
            "55680006",          // Drug overdose
            "56876005",          // Drug rehabilitation and detoxification
            "60112009",          // Drug addiction counseling
            "266707007",         // Drug addiction therapy
            "713106006",         // Screening for drug abuse
            "428211000124100",   // Assessment of substance use
            "310653000",         // Drug addiction therapy using methadone
        ],
    ),
    (
        MentalHealth,
        &[
            "370143000",       // Major depressive disorder
            "36923009",        // Major depression, single episode
            "66344007",        // Recurrent major depression
            "35489007",        // Depressive disorder
            "13746004",        // Bipolar disorder
            "58214004",        // Schizophrenia
            "69322001",        // Psychotic disorder
            "197480006",       // Anxiety disorder
            "21897009",        // Generalized anxiety disorder
            "80583007",        // Severe anxiety (panic)
            "371631005",       // Panic disorder
            "47505003",        // Posttraumatic stress disorder
            "191736004",       // Obsessive-compulsive disorder
            "192127007",       // Child attention deficit disorder
            "406506008",       // Attention deficit hyperactivity disorder
            "72366004",        // Eating disorder
            "56882008",        // Anorexia nervosa
            "78004001",        // Bulimia nervosa
            "82313006",        // Suicide attempt
            "6471006",         // Suicidal thoughts
            "225444004",       // At risk for suicide
            "248062006",       // Self-injurious behavior
            "171207006",       // Depression screening
            "715252007",       // Depression screening using PHQ-9 score
            "454711000124102", // Depression screening using PHQ-2 score
            "710841007",       // Assessment of anxiety
            "108313002",       // Family psychotherapy
            "75516001",        // Psychotherapy
            "228557008",       // Cognitive and behavioral therapy
        ],
    ),
    (
        Hiv,
        &[
            "86406008",  // Human immunodeficiency virus infection
            "62479008",  // Acquired immune deficiency syndrome
            "91947003",  // Asymptomatic HIV infection
            "165816005", // HIV positive
            "171121004", // HIV screening
            "313077009", // HIV counseling
            "697904001", // Pulmonary arterial hypertension associated with HIV
            "420721002", // AIDS-associated disorder
        ],
    ),
    (
        Std,
        &[
            "8098009",   // Sexually transmitted infectious disease
            "15628003",  // Gonorrhea
            "76272004",  // Syphilis
            "240589008", // Chlamydia trachomatis infection
            "33839006",  // Genital herpes simplex
            "240542006", // Condyloma acuminatum
            "310861008", // Chlamydia antigen test
            "165829005", // Gonorrhea infection test
        ],
    ),
    (
        Sexuality,
        &[
            "93461009",  // Gender dysphoria
            "65200003",  // Insertion of intrauterine contraceptive device
            "46706006",  // Replacement of intrauterine contraceptive device
            "68254000",  // Removal of intrauterine contraceptive device
            "169553002", // Insertion of subcutaneous contraceptive
            "57797005",  // Induced termination of pregnancy
            "714812005", // Induced termination of pregnancy (procedure)
        ],
    ),
    (
        Violence,
        &[
            "706893006", // Victim of intimate partner abuse
            "424393004", // Reports of violence in the environment
        ],
    ),
    (
        Genetic,
        &[
            "190905008", // Cystic fibrosis
            "127040003", // Sickle cell-hemoglobin SS disease
            "58756001",  // Huntington's chorea
            "41040004",  // Complete trisomy 21 syndrome
            "412734009", // BRCA1 gene mutation positive
            "412738007", // BRCA2 gene mutation positive
        ],
    ),
];

/// LOINC terms.
const LOINC: &[(Sensitivity, &[&str])] = &[
    (SubstanceUse, &["75624-7", "75626-2", "72109-2", "68517-2", "68518-0", "68519-8", "68520-6", "82667-7"]),
    (
        MentalHealth,
        &["44249-1", "44261-6", "55758-7", "55757-9", "44250-9", "44255-8", "44260-8", "69737-5", "70274-6", "69725-0"],
    ),
    (
        Hiv,
        &["7917-8", "7918-6", "29893-5", "30361-0", "56888-1", "75622-1", "68961-2", "20447-9", "25836-8", "69668-2"],
    ),
    (Std, &["20507-0", "20508-8", "5292-8", "21613-5", "24111-7", "43304-5", "43305-2", "21190-4"]),
    (Violence, &["76499-3", "76500-8", "76501-6", "76502-4", "76503-2", "76504-0"]),
];
