//! What tables measure: names in several languages, LOINC codes and UCUM units.
//!
//! LOINC: <https://loinc.org>; for vital signs as in <https://hl7.org/fhir/R4/observation-vitalsigns.html>, for sensors
//! under the skin as in HL7's continuous glucose monitoring guide (<https://hl7.org/fhir/uv/cgm/>).

use serde::{Deserialize, Serialize};

use super::words::{self, Words};

/// Something that a column or a row measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Glucose under the skin, by a sensor.
    SensorGlucose,
    /// Glucose in blood, by a strip.
    Glucose,
    /// Ketones in blood.
    Ketone,
    /// Systolic blood pressure.
    Systolic,
    /// Diastolic blood pressure.
    Diastolic,
    /// Both pressures in one cell: `120/80`.
    BloodPressure,
    /// Heart rate.
    Pulse,
    /// Body weight.
    Weight,
    /// Body height.
    Height,
    /// Body mass index.
    Bmi,
    /// Body fat, as a part of the weight.
    BodyFat,
    /// Body fat, as a weight.
    FatMass,
    /// Muscles, as a weight.
    MuscleMass,
    /// Bones, as a weight.
    BoneMass,
    /// Water in the body, as a part of the weight.
    BodyWater,
    /// Water in the body, as a weight.
    WaterMass,
    /// Circumference of the waist.
    Waist,
    /// Glycated haemoglobin.
    Hba1c,
    /// Body temperature.
    Temperature,
    /// Oxygen saturation by pulse oximetry.
    Oxygen,
    /// Respiratory rate.
    Breathing,
}

/// A unit with its spellings.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) ucum: &'static str,
    pub(super) label: &'static str,
    /// In lower case, without spaces.
    spellings: &'static [&'static str],
    /// The least and most that a person can have in it; a column whose values fit one unit alone is in that unit.
    pub(super) possible: (f64, f64),
}

impl Measure {
    pub(super) const ALL: &'static [Measure] = &[
        Measure::SensorGlucose,
        Measure::Glucose,
        Measure::Ketone,
        Measure::Systolic,
        Measure::Diastolic,
        Measure::BloodPressure,
        Measure::Pulse,
        Measure::Bmi,
        Measure::FatMass,
        Measure::MuscleMass,
        Measure::BoneMass,
        Measure::Weight,
        Measure::Waist,
        Measure::Height,
        Measure::BodyFat,
        Measure::WaterMass,
        Measure::BodyWater,
        Measure::Hba1c,
        Measure::Temperature,
        Measure::Oxygen,
        Measure::Breathing,
    ];

    /// Its name in ids and paths.
    pub(super) fn name(self) -> &'static str {
        match self {
            Measure::SensorGlucose => "sensor-glucose",
            Measure::Glucose => "glucose",
            Measure::Ketone => "ketone",
            Measure::Systolic => "systolic",
            Measure::Diastolic => "diastolic",
            Measure::BloodPressure => "blood-pressure",
            Measure::Pulse => "pulse",
            Measure::Weight => "weight",
            Measure::Height => "height",
            Measure::Bmi => "bmi",
            Measure::BodyFat => "body-fat",
            Measure::FatMass => "fat-mass",
            Measure::MuscleMass => "muscle-mass",
            Measure::BoneMass => "bone-mass",
            Measure::BodyWater => "body-water",
            Measure::WaterMass => "water-mass",
            Measure::Waist => "waist",
            Measure::Hba1c => "hba1c",
            Measure::Temperature => "temperature",
            Measure::Oxygen => "oxygen",
            Measure::Breathing => "breathing",
        }
    }

    /// LOINC code, its name, and words for people, for a value in this unit.
    pub(super) fn code(self, ucum: &str) -> (&'static str, &'static str, &'static str) {
        let molar = ucum == "mmol/L";
        match self {
            Measure::SensorGlucose if molar => {
                ("105272-9", "Glucose [Moles/volume] in Interstitial fluid", "Sensor glucose")
            }
            Measure::SensorGlucose => ("99504-3", "Glucose [Mass/volume] in Interstitial fluid", "Sensor glucose"),
            Measure::Glucose if molar => ("15074-8", "Glucose [Moles/volume] in Blood", "Blood glucose"),
            Measure::Glucose => ("2339-0", "Glucose [Mass/volume] in Blood", "Blood glucose"),
            Measure::Ketone => ("53060-9", "Beta hydroxybutyrate [Moles/volume] in Blood", "Blood ketones"),
            Measure::Systolic => ("8480-6", "Systolic blood pressure", "Systolic blood pressure"),
            Measure::Diastolic => ("8462-4", "Diastolic blood pressure", "Diastolic blood pressure"),
            Measure::BloodPressure => ("85354-9", "Blood pressure panel with all children optional", "Blood pressure"),
            Measure::Pulse => ("8867-4", "Heart rate", "Heart rate"),
            Measure::Weight => ("29463-7", "Body weight", "Body weight"),
            Measure::Height => ("8302-2", "Body height", "Body height"),
            Measure::Bmi => ("39156-5", "Body mass index (BMI) [Ratio]", "Body mass index"),
            Measure::BodyFat => ("41982-0", "Percentage of body fat Measured", "Body fat"),
            Measure::FatMass => ("73708-0", "Body fat [Mass] Calculated", "Body fat mass"),
            Measure::MuscleMass => ("73964-9", "Body muscle mass", "Muscle mass"),
            Measure::BoneMass => ("101685-6", "Body bone mass", "Bone mass"),
            Measure::BodyWater => ("101684-9", "Percentage of body water", "Body water"),
            Measure::WaterMass => ("101683-1", "Body water mass", "Body water mass"),
            Measure::Waist => ("8280-0", "Waist Circumference at umbilicus by Tape measure", "Waist"),
            Measure::Hba1c if ucum == "mmol/mol" => {
                ("59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", "HbA1c")
            }
            Measure::Hba1c => ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "HbA1c"),
            Measure::Temperature => ("8310-5", "Body temperature", "Body temperature"),
            Measure::Oxygen => {
                ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "Oxygen saturation")
            }
            Measure::Breathing => ("9279-1", "Respiratory rate", "Respiratory rate"),
        }
    }

    /// FHIR's category of observation.
    pub(super) fn category(self) -> &'static str {
        match self {
            Measure::SensorGlucose | Measure::Glucose | Measure::Ketone | Measure::Hba1c => "laboratory",
            Measure::BodyFat
            | Measure::FatMass
            | Measure::MuscleMass
            | Measure::BoneMass
            | Measure::BodyWater
            | Measure::WaterMass => "exam",
            _ => "vital-signs",
        }
    }

    /// The units in which it is measured.
    pub(super) fn units(self) -> &'static [Unit] {
        match self {
            Measure::SensorGlucose | Measure::Glucose => GLUCOSE,
            Measure::Ketone => KETONE,
            Measure::Systolic | Measure::Diastolic | Measure::BloodPressure => PRESSURE,
            Measure::Pulse | Measure::Breathing => RATE,
            Measure::Weight | Measure::FatMass | Measure::MuscleMass | Measure::BoneMass | Measure::WaterMass => WEIGHT,
            Measure::Waist => WAIST,
            Measure::Hba1c => HBA1C,
            Measure::Height => HEIGHT,
            Measure::Bmi => BMI,
            Measure::BodyFat | Measure::BodyWater | Measure::Oxygen => PERCENT,
            Measure::Temperature => TEMPERATURE,
        }
    }

    /// The unit of this spelling.
    pub(super) fn unit(self, spelling: &str) -> Option<&'static Unit> {
        let spelling = squeeze(spelling);
        self.units().iter().find(|unit| unit.spellings.contains(&spelling.as_str()))
    }

    /// Whether a text is a unit of anything that is measured here.
    pub(super) fn is_unit(text: &str) -> bool {
        Measure::ALL.iter().any(|measure| measure.unit(text).is_some())
    }

    /// The same thing as it is measured in that unit: fat and water in kilograms are no percentages.
    pub(super) fn in_unit(self, text: &str) -> Measure {
        // In grams it is what was eaten or drunk.
        let is_weight = || Measure::Weight.unit(text).is_some_and(|unit| unit.ucum != "g");
        match self {
            Measure::BodyFat if is_weight() => Measure::FatMass,
            Measure::BodyWater if is_weight() => Measure::WaterMass,
            Measure::WaterMass if Measure::BodyWater.unit(text).is_some() => Measure::BodyWater,
            Measure::FatMass if Measure::BodyFat.unit(text).is_some() => Measure::BodyFat,
            other => other,
        }
    }

    /// What is measured by what a header or a row calls it. Nothing where the words make it something else: a goal, an extreme,
    /// a part (see the lists in `words.rs`).
    pub fn from_words(text: &str) -> Option<Measure> {
        let text = words::plain(&text.to_lowercase());
        let words = Words::of(&text);
        let named = |measure: Measure| words.any(measure.names());
        let found = match Measure::ALL.iter().copied().find(|measure| named(*measure))? {
            Measure::Systolic if named(Measure::Diastolic) => Measure::BloodPressure,
            found => found,
        };
        (!words.are_ignored() && !words.are_of_another(found)).then_some(found)
    }

    /// Names in English, German, French, Spanish, Portuguese, Italian and Dutch; the first measure that has one in its
    /// name is it.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Measure::SensorGlucose => &[
                "historic glucose",
                "scan glucose",
                "sensor glucose",
                "interstitial",
                "cgm",
                "egv",
                "sgv",
                "glukosewert-verlauf",
                "cgm-glukosewert",
                "glukose-scan",
                "historique de la glycémie",
                "scan de glycémie",
                "historique du glucose",
                "numérisation du taux de glucose",
                "numérisation de la glycémie",
                "historique du taux de glucose",
                "historial de glucosa",
                "escaneo de glucosa",
                "histórico de glicose",
                "histórico da glicose",
                "analisar glicose",
                "leitura de glicose",
                "digitalização de glicose",
                "storico del glucosio",
                "scansione del glucosio",
                "historische glucose",
                "glucosescan",
            ],
            Measure::Glucose => &[
                "glucose",
                "glukose",
                "glukosewert",
                "blutzucker",
                "blutzuckerwert",
                "blutzuckermessung",
                "glycémie",
                "glycemie",
                "glucosa",
                "glucemia",
                "glicose",
                "glicemia",
                "glicémia",
                "glucosio",
                "bloedsuiker",
                "blood sugar",
                "bg",
                "bgl",
            ],
            Measure::Ketone => &["ketone", "ketones", "keton", "cétones", "cetonas", "chetoni", "ketonen"],
            Measure::Systolic => &[
                "systolic",
                "systolisch",
                "systole",
                "systolique",
                "sistólica",
                "sistolica",
                "systolische",
                "sys",
                "sbp",
            ],
            Measure::Diastolic => &[
                "diastolic",
                "diastolisch",
                "diastole",
                "diastolique",
                "diastólica",
                "diastolica",
                "diastolische",
                "dia",
                "dbp",
            ],
            Measure::BloodPressure => &[
                "blood pressure",
                "blutdruck",
                "tension",
                "tensión",
                "presión arterial",
                "pressão arterial",
                "pressione",
                "bloeddruk",
                "bp",
            ],
            Measure::Pulse => &[
                "pulse",
                "puls",
                "heart rate",
                "herzfrequenz",
                "fréquence cardiaque",
                "pouls",
                "frecuencia cardíaca",
                "pulso",
                "frequenza cardiaca",
                "polso",
                "hartslag",
                "hr",
                "bpm",
            ],
            Measure::Bmi => &["bmi", "body mass index", "imc"],
            Measure::BodyFat => &["fat", "body fat", "körperfett", "grasa corporal", "gordura", "vetpercentage"],
            Measure::FatMass => &[
                "fat mass",
                "fat weight",
                "fettmasse",
                "masse grasse",
                "masa grasa",
                "massa gorda",
                "massa grassa",
                "vetmassa",
            ],
            Measure::MuscleMass => &[
                "muscle mass",
                "muscle weight",
                "muskelmasse",
                "masse musculaire",
                "masa muscular",
                "massa muscular",
                "massa muscolare",
                "spiermassa",
            ],
            Measure::BoneMass => &[
                "bone mass",
                "bone weight",
                "knochenmasse",
                "knochengewicht",
                "masse osseuse",
                "masa ósea",
                "massa óssea",
                "massa ossea",
                "botmassa",
            ],
            Measure::BodyWater => &[
                "body water",
                "hydration",
                "tbw",
                "körperwasser",
                "wasseranteil",
                "eau corporelle",
                "hydratation",
                "agua corporal",
                "água corporal",
                "acqua corporea",
                "lichaamsvocht",
            ],
            Measure::WaterMass => {
                &["body water mass", "masse hydrique", "masa de agua", "massa de água", "massa idrica"]
            }
            Measure::Waist => &[
                "waist",
                "taillenumfang",
                "bauchumfang",
                "tour de taille",
                "cintura",
                "circonferenza vita",
                "tailleomtrek",
                "middelomtrek",
            ],
            Measure::Hba1c => &["hba1c", "a1c", "hemoglobin a1c", "haemoglobin a1c"],
            Measure::Weight => &["weight", "gewicht", "poids", "peso", "körpergewicht", "body mass"],
            Measure::Height => &[
                "height",
                "größe",
                "grösse",
                "körpergröße",
                "körpergrösse",
                "altura",
                "estatura",
                "talla",
                "altezza",
                "statura",
                "lengte",
                "lichaamslengte",
            ],
            Measure::Temperature => &["temperature", "temperatur", "température", "temperatura", "temperatuur", "temp"],
            Measure::Oxygen => &[
                "spo2",
                "oxygen saturation",
                "oxygen",
                "sauerstoffsättigung",
                "saturation",
                "saturación",
                "saturação",
                "saturazione",
                "zuurstof",
            ],
            Measure::Breathing => &[
                "respiratory rate",
                "respiration",
                "breaths",
                "atemfrequenz",
                "fréquence respiratoire",
                "frecuencia respiratoria",
            ],
        }
    }
}

const GLUCOSE: &[Unit] = &[
    // Meters write LO below 20 mg/dL (1.1 mmol/L) and HI above 33.3 mmol/L (600 mg/dL).
    Unit { ucum: "mg/dL", label: "mg/dL", spellings: &["mg/dl", "mgdl", "mg/100ml", "mg%"], possible: (20.0, 1000.0) },
    Unit { ucum: "mmol/L", label: "mmol/L", spellings: &["mmol/l", "mmoll", "mmol", "mm"], possible: (0.5, 35.0) },
];
const KETONE: &[Unit] =
    &[Unit { ucum: "mmol/L", label: "mmol/L", spellings: &["mmol/l", "mmol"], possible: (0.0, 0.0) }];
const PRESSURE: &[Unit] = &[
    Unit { ucum: "mm[Hg]", label: "mmHg", spellings: &["mmhg", "mm[hg]", "mmhg."], possible: (20.0, 350.0) },
    Unit { ucum: "kPa", label: "kPa", spellings: &["kpa"], possible: (2.0, 40.0) },
];
const RATE: &[Unit] = &[Unit {
    ucum: "/min",
    label: "/min",
    spellings: &[
        "bpm",
        "/min",
        "1/min",
        "min-1",
        "beats/min",
        "beatsperminute",
        "beats/minute",
        "breaths/min",
        "brpm",
        "ppm",
        "lpm",
        "s/min",
        "schläge/min",
        "bat/min",
        "count/min",
        "pulse/min",
    ],
    possible: (1.0, 400.0),
}];
const WEIGHT: &[Unit] = &[
    // Kilograms and pounds cannot be told apart by their size.
    Unit {
        ucum: "kg",
        label: "kg",
        spellings: &["kg", "kgs", "kilogram", "kilograms", "kilogramm"],
        possible: (0.0, 0.0),
    },
    Unit {
        ucum: "[lb_av]",
        label: "lb",
        spellings: &["lb", "lbs", "pound", "pounds", "[lb_av]"],
        possible: (0.0, 0.0),
    },
    Unit { ucum: "g", label: "g", spellings: &["g", "gram", "grams"], possible: (0.0, 0.0) },
    Unit { ucum: "[stone_av]", label: "st", spellings: &["st", "stone"], possible: (0.0, 0.0) },
];
const HEIGHT: &[Unit] = &[
    Unit { ucum: "cm", label: "cm", spellings: &["cm"], possible: (100.0, 260.0) },
    Unit { ucum: "m", label: "m", spellings: &["m"], possible: (0.3, 2.6) },
    Unit { ucum: "[in_i]", label: "in", spellings: &["in", "inch", "inches", "\""], possible: (12.0, 99.0) },
    Unit { ucum: "[ft_i]", label: "ft", spellings: &["ft", "feet"], possible: (2.7, 8.9) },
];
const WAIST: &[Unit] = &[
    Unit { ucum: "cm", label: "cm", spellings: &["cm"], possible: (30.0, 250.0) },
    Unit { ucum: "[in_i]", label: "in", spellings: &["in", "inch", "inches", "\""], possible: (12.0, 99.0) },
];
const BMI: &[Unit] = &[Unit {
    ucum: "kg/m2",
    label: "kg/m2",
    spellings: &["kg/m2", "kg/m²", "kg/m^2", "count"],
    possible: (5.0, 150.0),
}];
const PERCENT: &[Unit] =
    &[Unit { ucum: "%", label: "%", spellings: &["%", "percent", "prozent"], possible: (1.5, 100.0) }];
// In both scales 15 to 20 can be met, so that values alone do not tell them apart.
const HBA1C: &[Unit] = &[
    Unit { ucum: "%", label: "%", spellings: &["%", "percent", "prozent", "ngsp"], possible: (0.0, 0.0) },
    Unit { ucum: "mmol/mol", label: "mmol/mol", spellings: &["mmol/mol", "ifcc"], possible: (0.0, 0.0) },
];
const TEMPERATURE: &[Unit] = &[
    Unit {
        ucum: "Cel", label: "°C", spellings: &["°c", "c", "cel", "celsius", "ºc", "degc"], possible: (25.0, 45.0)
    },
    Unit {
        ucum: "[degF]",
        label: "°F",
        spellings: &["°f", "f", "fahrenheit", "ºf", "degf", "[degf]"],
        possible: (77.0, 113.0),
    },
];

/// Text in lower case without white space.
fn squeeze(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood_as_words() {
        for (words, measure) in [
            ("Historic Glucose mmol/L", Some(Measure::SensorGlucose)),
            ("Glucose Value (mg/dL)", Some(Measure::Glucose)),
            ("Systolic (mmHg)", Some(Measure::Systolic)),
            ("SYS", Some(Measure::Systolic)),
            ("Blutdruck", Some(Measure::BloodPressure)),
            ("Körperfett (%)", Some(Measure::BodyFat)),
            ("Body Temperature", Some(Measure::Temperature)),
            ("Numérisation de la glycémie mg/dL", Some(Measure::SensorGlucose)),
            ("Histórico de glicose (mg/dL)", Some(Measure::SensorGlucose)),
            ("Analisar glicose (mg/dL)", Some(Measure::SensorGlucose)),
            ("Glycémie par électrode mg/dL", Some(Measure::Glucose)),
            ("Body Mass Index (kg/m2)", Some(Measure::Bmi)),
            ("fat_mass_kg", Some(Measure::FatMass)),
            ("Bone weight", Some(Measure::BoneMass)),
            ("Weight & Body Mass (lb)", Some(Measure::Weight)),
            ("SYS/DIA", Some(Measure::BloodPressure)),
            ("heart rate count/min", Some(Measure::Pulse)),
            ("Template", None),
            ("Target weight", None),
            ("Zielgewicht (kg)", None),
            ("Lean body mass", None),
            ("Fat-free Body Weight", None),
            ("Masse grasse viscérale", None),
            ("Visceral Fat", None),
            ("Subcutaneous Fat (%)", None),
            ("Pulse Wave Velocity", None),
            ("Max HR", None),
            ("Fréquence cardiaque moyenne", None),
            ("Apple Sleeping Wrist Temperature", None),
            ("Heart Rate Variability", None),
            ("System", None),
        ] {
            assert_eq!(Measure::from_words(words), measure, "{words}");
        }
    }

    #[test]
    fn units_by_any_spelling() {
        assert_eq!(Measure::Glucose.unit(" mg/dl ").unwrap().ucum, "mg/dL");
        assert_eq!(Measure::Temperature.unit("°C").unwrap().ucum, "Cel");
        assert!(Measure::Weight.unit("furlong").is_none());
        assert!(Measure::Pulse.unit("").is_none());
    }
}
