//! What made-up patients have: common names, standard codes, plausible ranges.

/// A code with its display text.
pub(super) type Code = (&'static str, &'static str);

/// Given and family names of one language.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) language: &'static str,
    pub(super) female: &'static [&'static str],
    pub(super) male: &'static [&'static str],
    pub(super) family: &'static [&'static str],
    pub(super) city: &'static str,
    pub(super) country: &'static str,
}

pub(super) const NAMES: &[Names] = &[
    Names {
        language: "en",
        female: &["Grace", "Emily", "Hannah"],
        male: &["Oliver", "Samuel", "Peter"],
        family: &["Baker", "O'Neill", "Wright"],
        city: "Leeds",
        country: "GB",
    },
    Names {
        language: "de",
        female: &["Anna", "Jule", "Käthe"],
        male: &["Jürgen", "Lukas", "Max"],
        family: &["Müller", "Groß", "Schäfer"],
        city: "Köln",
        country: "DE",
    },
    Names {
        language: "es",
        female: &["Lucía", "Carmen", "Inés"],
        male: &["José", "Álvaro", "Íñigo"],
        family: &["García Núñez", "Pérez Ibáñez", "Muñoz"],
        city: "León",
        country: "ES",
    },
    Names {
        language: "fr",
        female: &["Chloé", "Maëlys", "Anaïs"],
        male: &["François", "Loïc", "Théo"],
        family: &["Lefèvre", "D’Arcy", "Bérénger"],
        city: "Nîmes",
        country: "FR",
    },
    Names {
        language: "pt",
        female: &["Conceição", "Inês", "Luísa"],
        male: &["João", "Tomás", "Simão"],
        family: &["Gonçalves", "Araújo", "Simões"],
        city: "Évora",
        country: "PT",
    },
    Names {
        language: "et",
        female: &["Õnne", "Külli", "Mai"],
        male: &["Jüri", "Tõnu", "Märt"],
        family: &["Põld", "Jõgi", "Käär"],
        city: "Tartu",
        country: "EE",
    },
    Names {
        language: "ar",
        female: &["ليلى", "فاطمة", "مريم"],
        male: &["يوسف", "خالد", "عمر"],
        family: &["حداد", "النجار", "منصور"],
        city: "عمّان",
        country: "JO",
    },
    Names {
        language: "hi",
        female: &["प्रिया", "अनिता", "मीरा"],
        male: &["राज", "अर्जुन", "विकास"],
        family: &["शर्मा", "गुप्ता", "सिंह"],
        city: "जयपुर",
        country: "IN",
    },
    Names {
        language: "zh",
        female: &["丽华", "秀英", "敏"],
        male: &["伟", "志强", "建国"],
        family: &["王", "李", "张"],
        city: "成都",
        country: "CN",
    },
];

/// A lasting problem: its SNOMED CT code, its medicine (ATC) and how that is taken.
#[derive(Debug)]
pub(super) struct Chronic {
    pub(super) problem: Code,
    pub(super) medicine: Code,
    pub(super) strength: &'static str,
    pub(super) dosage: &'static str,
}

pub(super) const CHRONIC: &[Chronic] = &[
    Chronic {
        problem: ("38341003", "Hypertensive disorder, systemic arterial (disorder)"),
        medicine: ("C09AA03", "lisinopril"),
        strength: "10 mg tablet",
        dosage: "1 tablet in the morning",
    },
    Chronic {
        problem: ("44054006", "Diabetes mellitus type 2 (disorder)"),
        medicine: ("A10BA02", "metformin"),
        strength: "500 mg tablet",
        dosage: "1 tablet twice a day with food",
    },
    Chronic {
        problem: ("195967001", "Asthma (disorder)"),
        medicine: ("R03AC02", "salbutamol"),
        strength: "100 micrograms/dose inhaler",
        dosage: "2 puffs when short of breath",
    },
    Chronic {
        problem: ("55822004", "Hyperlipidemia (disorder)"),
        medicine: ("C10AA01", "simvastatin"),
        strength: "20 mg tablet",
        dosage: "1 tablet in the evening",
    },
    Chronic {
        problem: ("40930008", "Hypothyroidism (disorder)"),
        medicine: ("H03AA01", "levothyroxine sodium"),
        strength: "75 microgram tablet",
        dosage: "1 tablet before breakfast",
    },
    Chronic {
        problem: ("235595009", "Gastroesophageal reflux disease (disorder)"),
        medicine: ("A02BC01", "omeprazole"),
        strength: "20 mg capsule",
        dosage: "1 capsule before breakfast",
    },
];

pub(super) const SENSITIVE: &[Chronic] = &[
    Chronic {
        problem: ("35489007", "Depressive disorder (disorder)"),
        medicine: ("N06AB06", "sertraline"),
        strength: "50 mg tablet",
        dosage: "1 tablet in the morning",
    },
    Chronic {
        problem: ("86406008", "Human immunodeficiency virus infection (disorder)"),
        medicine: ("J05AJ03", "dolutegravir"),
        strength: "50 mg tablet",
        dosage: "1 tablet a day",
    },
    Chronic {
        problem: ("66590003", "Alcohol dependence (disorder)"),
        medicine: ("N07BB03", "acamprosate"),
        strength: "333 mg tablet",
        dosage: "2 tablets three times a day",
    },
];

/// Problems that pass, with their medicine.
pub(super) const PASSING: &[(Code, Code)] = &[
    (("10509002", "Acute bronchitis (disorder)"), ("R05CB06", "ambroxol")),
    (("36971009", "Sinusitis (disorder)"), ("J01CA04", "amoxicillin")),
    (("195662009", "Acute viral pharyngitis (disorder)"), ("N02BE01", "paracetamol")),
    (("44465007", "Sprain of ankle (disorder)"), ("M01AE01", "ibuprofen")),
];

/// Allergies (SNOMED CT) with a reaction and its severity.
pub(super) const ALLERGIES: &[(Code, &str, Code, &str)] = &[
    (
        ("91936005", "Allergy to penicillin (finding)"),
        "medication",
        ("271807003", "Eruption of skin (disorder)"),
        "moderate",
    ),
    (("91935009", "Allergy to peanut (finding)"), "food", ("39579001", "Anaphylaxis (disorder)"), "severe"),
    (("300910009", "Allergy to pollen (finding)"), "environment", ("267101005", "Nasal discharge (finding)"), "mild"),
];

/// Vaccines (CVX).
pub(super) const VACCINES: &[Code] = &[
    ("140", "Influenza, split virus, trivalent, PF"),
    ("113", "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed"),
    ("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose"),
    ("33", "pneumococcal polysaccharide PPV23"),
];

/// A measurement: LOINC, UCUM unit, and tenths: lowest value, highest value, and the reported range.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) code: Code,
    pub(super) unit: &'static str,
    pub(super) values: (i64, i64),
    pub(super) range: Option<(i64, i64)>,
}

pub(super) const VITALS: &[Measured] = &[
    Measured { code: ("29463-7", "Body weight"), unit: "kg", values: (620, 780), range: None },
    Measured { code: ("8867-4", "Heart rate"), unit: "/min", values: (580, 960), range: None },
    Measured { code: ("8310-5", "Body temperature"), unit: "Cel", values: (361, 378), range: None },
    Measured { code: ("2708-6", "Oxygen saturation in Arterial blood"), unit: "%", values: (940, 1000), range: None },
    Measured { code: ("9279-1", "Respiratory rate"), unit: "/min", values: (120, 180), range: None },
];

pub(super) const LABS: &[Measured] = &[
    Measured {
        code: ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
        unit: "%",
        values: (48, 84),
        range: Some((40, 60)),
    },
    Measured {
        code: ("2339-0", "Glucose [Mass/volume] in Blood"),
        unit: "mg/dL",
        values: (720, 1800),
        range: Some((700, 990)),
    },
    Measured {
        code: ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
        unit: "mg/dL",
        values: (6, 14),
        range: Some((6, 12)),
    },
    Measured {
        code: ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"),
        unit: "mg/dL",
        values: (1500, 2600),
        range: Some((0, 2000)),
    },
    Measured {
        code: ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma"),
        unit: "mg/dL",
        values: (350, 750),
        range: Some((400, 600)),
    },
    Measured {
        code: ("2823-3", "Potassium [Moles/volume] in Serum or Plasma"),
        unit: "mmol/L",
        values: (34, 52),
        range: Some((35, 51)),
    },
    Measured {
        code: ("2951-2", "Sodium [Moles/volume] in Serum or Plasma"),
        unit: "mmol/L",
        values: (1340, 1450),
        range: Some((1350, 1450)),
    },
    Measured {
        code: ("718-7", "Hemoglobin [Mass/volume] in Blood"),
        unit: "g/dL",
        values: (110, 165),
        range: Some((120, 155)),
    },
];

/// Procedures (SNOMED CT).
pub(super) const PROCEDURES: &[Code] = &[
    ("73761001", "Colonoscopy (procedure)"),
    ("29303009", "Electrocardiographic procedure (procedure)"),
    ("399208008", "Plain X-ray of chest (procedure)"),
    ("40701008", "Echocardiography (procedure)"),
    ("80146002", "Excision of appendix (procedure)"),
];

/// What a made-up note is written of.
pub(super) const SENTENCES: &[&str] = &[
    "Patient feels well and has no new complaints.",
    "Blood pressure was taken sitting, after five minutes of rest.",
    "Medicines were gone through and are taken as agreed.",
    "Reports some tiredness in the afternoon, sleeps well.",
    "Lungs clear on both sides, heart sounds regular.",
    "Laboratory values were discussed; next check in three months.",
    "Walks half an hour every day and has lost a little weight.",
    "Asked to come back sooner if the cough does not pass.",
];
