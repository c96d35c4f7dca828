//! What HealthKit's types are: their names, LOINC codes, units, and how the samples of a day are put together.
//!
//! Identifiers and whether a type is cumulative: Apple, HKQuantityTypeIdentifier and HKCategoryTypeIdentifier
//! (<https://developer.apple.com/documentation/healthkit/data_types>). LOINC codes and names: <https://loinc.org>, as
//! they are used for these types by the HL7 vital signs profile (<https://hl7.org/fhir/R4/observation-vitalsigns.html>),
//! HL7's personal health record format (<https://github.com/HL7/personal-health-record-format-ig>, sleep) and Stanford's
//! HealthKitOnFHIR (<https://github.com/StanfordBDHG/HealthKitOnFHIR>). A type without a LOINC code of exactly its
//! meaning has Apple's code alone.

use super::units::{self, Unit};

/// HealthKit's types as a code system, as HealthKitOnFHIR names it.
pub(super) const APPLE: &str = "http://developer.apple.com/documentation/healthkit";

/// How the samples of a type become records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Added up for each day; where sources overlap, the preferred one counts.
    Sum,
    /// Added up for each day, of all sources: what was injected, inhaled, drunk and eaten.
    Doses,
    /// Average, minimum, maximum and count for each day.
    Day,
    /// Each sample.
    Each,
    /// Each sample, and the day's figures where it has several.
    EachAndDay,
    /// A type that is not in the table: count, average, minimum and maximum for each day, and the sum from one source.
    Unknown,
}

/// A quantity type.
#[derive(Debug)]
pub(super) struct Kind {
    /// HealthKit's identifier without `HKQuantityTypeIdentifier`.
    pub(super) id: &'static str,
    /// For people.
    pub(super) name: &'static str,
    /// LOINC code and its name.
    pub(super) loinc: Option<(&'static str, &'static str)>,
    /// The unit of days' figures, by HealthKit's name.
    unit: &'static str,
    pub(super) rule: Rule,
    /// FHIR's category of observation.
    pub(super) category: &'static str,
}

impl Kind {
    /// The unit of days' figures.
    pub(super) fn unit(&self) -> Option<&'static Unit> {
        units::find(self.unit)
    }
}

type Loinc = Option<(&'static str, &'static str)>;

const fn sum(id: &'static str, name: &'static str, loinc: Loinc, unit: &'static str) -> Kind {
    Kind { id, name, loinc, unit, rule: Rule::Sum, category: "activity" }
}

const fn doses(id: &'static str, name: &'static str, loinc: Loinc, unit: &'static str) -> Kind {
    Kind { id, name, loinc, unit, rule: Rule::Doses, category: "activity" }
}

const fn day(id: &'static str, name: &'static str, loinc: Loinc, unit: &'static str, category: &'static str) -> Kind {
    Kind { id, name, loinc, unit, rule: Rule::Day, category }
}

const fn each(id: &'static str, name: &'static str, loinc: Loinc, unit: &'static str, category: &'static str) -> Kind {
    Kind { id, name, loinc, unit, rule: Rule::Each, category }
}

const fn both(id: &'static str, name: &'static str, loinc: Loinc, unit: &'static str, category: &'static str) -> Kind {
    Kind { id, name, loinc, unit, rule: Rule::EachAndDay, category }
}

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    sum("StepCount", "Steps", Some(("41950-7", "Number of steps in 24 hour Measured")), "steps"),
    sum("DistanceWalkingRunning", "Walking and running distance", Some(("41953-1", "Walking distance 24 hour Calculated")), "km"),
    sum("DistanceCycling", "Cycling distance", None, "km"),
    sum("DistanceSwimming", "Swimming distance", Some(("93816-7", "Swimming distance unspecified time")), "m"),
    sum("DistanceWheelchair", "Wheelchair distance", None, "km"),
    sum("DistanceDownhillSnowSports", "Downhill snow sports distance", None, "km"),
    sum("DistanceCrossCountrySkiing", "Cross-country skiing distance", None, "km"),
    sum("DistancePaddleSports", "Paddle sports distance", None, "km"),
    sum("DistanceRowing", "Rowing distance", None, "km"),
    sum("DistanceSkatingSports", "Skating distance", None, "km"),
    sum("FlightsClimbed", "Flights of stairs climbed", Some(("100304-5", "Flights climbed [#] Reporting Period")), "flights"),
    sum("PushCount", "Wheelchair pushes", Some(("96502-0", "Number of wheelchair pushes per time period")), "pushes"),
    sum("SwimmingStrokeCount", "Swimming strokes", None, "count"),
    sum("NikeFuel", "Nike Fuel", None, "count"),
    sum("ActiveEnergyBurned", "Active energy", Some(("93819-1", "Calories burned in unspecified time --during activity")), "kcal"),
    sum("BasalEnergyBurned", "Resting energy", None, "kcal"),
    sum("AppleExerciseTime", "Exercise minutes", None, "min"),
    sum("AppleStandTime", "Stand minutes", None, "min"),
    sum("AppleMoveTime", "Move minutes", None, "min"),
    sum("TimeInDaylight", "Time in daylight", None, "min"),
    doses("InhalerUsage", "Inhaler puffs", None, "count"),
    doses("InsulinDelivery", "Insulin delivered", None, "IU"),
    sum("NumberOfTimesFallen", "Falls", None, "count"),
    doses("NumberOfAlcoholicBeverages", "Alcoholic drinks", None, "count"),
    doses("DietaryEnergyConsumed", "Dietary energy", Some(("9052-2", "Calorie intake total")), "kcal"),
    doses("DietaryWater", "Water drunk", None, "mL"),
    doses("DietaryCarbohydrates", "Carbohydrates eaten", None, "g"),
    doses("DietaryProtein", "Protein eaten", None, "g"),
    doses("DietaryFatTotal", "Fat eaten", None, "g"),
    doses("DietaryFatSaturated", "Saturated fat eaten", None, "g"),
    doses("DietaryFatMonounsaturated", "Monounsaturated fat eaten", None, "g"),
    doses("DietaryFatPolyunsaturated", "Polyunsaturated fat eaten", None, "g"),
    doses("DietaryFiber", "Fibre eaten", None, "g"),
    doses("DietarySugar", "Sugar eaten", None, "g"),
    doses("DietaryCholesterol", "Cholesterol eaten", None, "mg"),
    doses("DietarySodium", "Sodium eaten", None, "mg"),
    doses("DietaryPotassium", "Potassium eaten", None, "mg"),
    doses("DietaryCalcium", "Calcium eaten", None, "mg"),
    doses("DietaryIron", "Iron eaten", None, "mg"),
    doses("DietaryMagnesium", "Magnesium eaten", None, "mg"),
    doses("DietaryPhosphorus", "Phosphorus eaten", None, "mg"),
    doses("DietaryZinc", "Zinc eaten", None, "mg"),
    doses("DietaryCopper", "Copper eaten", None, "mg"),
    doses("DietaryManganese", "Manganese eaten", None, "mg"),
    doses("DietaryChloride", "Chloride eaten", None, "mg"),
    doses("DietaryNiacin", "Niacin eaten", None, "mg"),
    doses("DietaryThiamin", "Thiamin eaten", None, "mg"),
    doses("DietaryRiboflavin", "Riboflavin eaten", None, "mg"),
    doses("DietaryPantothenicAcid", "Pantothenic acid eaten", None, "mg"),
    doses("DietaryVitaminB6", "Vitamin B6 eaten", None, "mg"),
    doses("DietaryVitaminC", "Vitamin C eaten", None, "mg"),
    doses("DietaryVitaminE", "Vitamin E eaten", None, "mg"),
    doses("DietaryCaffeine", "Caffeine taken", None, "mg"),
    doses("DietaryVitaminA", "Vitamin A eaten", None, "mcg"),
    doses("DietaryVitaminB12", "Vitamin B12 eaten", None, "mcg"),
    doses("DietaryVitaminD", "Vitamin D eaten", None, "mcg"),
    doses("DietaryVitaminK", "Vitamin K eaten", None, "mcg"),
    doses("DietaryFolate", "Folate eaten", None, "mcg"),
    doses("DietaryBiotin", "Biotin eaten", None, "mcg"),
    doses("DietaryIodine", "Iodine eaten", None, "mcg"),
    doses("DietarySelenium", "Selenium eaten", None, "mcg"),
    doses("DietaryChromium", "Chromium eaten", None, "mcg"),
    doses("DietaryMolybdenum", "Molybdenum eaten", None, "mcg"),
    day("HeartRate", "Heart rate", Some(("8867-4", "Heart rate")), "count/min", "vital-signs"),
    day("RestingHeartRate", "Resting heart rate", Some(("40443-4", "Heart rate --resting")), "count/min", "vital-signs"),
    day("WalkingHeartRateAverage", "Walking heart rate", None, "count/min", "vital-signs"),
    day("HeartRateRecoveryOneMinute", "Heart rate recovery in one minute", None, "count/min", "vital-signs"),
    day("HeartRateVariabilitySDNN", "Heart rate variability", Some(("80404-7", "R-R interval.standard deviation (Heart rate variability)")), "ms", "vital-signs"),
    day("AtrialFibrillationBurden", "Time in atrial fibrillation", None, "%", "vital-signs"),
    day("OxygenSaturation", "Oxygen saturation", Some(("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry")), "%", "vital-signs"),
    day("RespiratoryRate", "Respiratory rate", Some(("9279-1", "Respiratory rate")), "count/min", "vital-signs"),
    day("BodyTemperature", "Body temperature", Some(("8310-5", "Body temperature")), "degC", "vital-signs"),
    day("BasalBodyTemperature", "Basal body temperature", None, "degC", "vital-signs"),
    day("AppleSleepingWristTemperature", "Wrist temperature in sleep", None, "degC", "vital-signs"),
    day("AppleSleepingBreathingDisturbances", "Breathing disturbances in sleep", None, "count", "vital-signs"),
    day("PeripheralPerfusionIndex", "Perfusion index", Some(("61006-3", "Perfusion index Tissue by Pulse oximetry")), "%", "vital-signs"),
    day("ElectrodermalActivity", "Electrodermal activity", None, "S", "vital-signs"),
    day("VO2Max", "Cardio fitness (VO2 max)", None, "mL/min·kg", "activity"),
    day("PhysicalEffort", "Physical effort", None, "kcal/hr·kg", "activity"),
    day("WalkingSpeed", "Walking speed", None, "km/hr", "activity"),
    day("WalkingStepLength", "Walking step length", None, "cm", "activity"),
    day("WalkingAsymmetryPercentage", "Walking asymmetry", None, "%", "activity"),
    day("WalkingDoubleSupportPercentage", "Double support time", None, "%", "activity"),
    day("AppleWalkingSteadiness", "Walking steadiness", None, "%", "activity"),
    day("SixMinuteWalkTestDistance", "Six-minute walk", None, "m", "activity"),
    day("StairAscentSpeed", "Stair speed up", None, "m/s", "activity"),
    day("StairDescentSpeed", "Stair speed down", None, "m/s", "activity"),
    day("RunningSpeed", "Running speed", None, "km/hr", "activity"),
    day("RunningPower", "Running power", None, "W", "activity"),
    day("RunningStrideLength", "Running stride length", None, "m", "activity"),
    day("RunningVerticalOscillation", "Running vertical oscillation", None, "cm", "activity"),
    day("RunningGroundContactTime", "Ground contact time", None, "ms", "activity"),
    day("CyclingSpeed", "Cycling speed", None, "km/hr", "activity"),
    day("CyclingPower", "Cycling power", None, "W", "activity"),
    day("CyclingCadence", "Cycling cadence", None, "count/min", "activity"),
    day("CyclingFunctionalThresholdPower", "Cycling threshold power", None, "W", "activity"),
    day("RowingSpeed", "Rowing speed", None, "m/s", "activity"),
    day("PaddleSportsSpeed", "Paddle sports speed", None, "m/s", "activity"),
    day("CrossCountrySkiingSpeed", "Cross-country skiing speed", None, "m/s", "activity"),
    day("WorkoutEffortScore", "Workout effort", None, "appleEffortScore", "activity"),
    day("EstimatedWorkoutEffortScore", "Estimated workout effort", None, "appleEffortScore", "activity"),
    day("EnvironmentalAudioExposure", "Environmental sound level", None, "dBASPL", "activity"),
    day("EnvironmentalSoundReduction", "Sound reduction", None, "dBASPL", "activity"),
    day("HeadphoneAudioExposure", "Headphone sound level", None, "dBASPL", "activity"),
    day("UVExposure", "UV index", None, "count", "activity"),
    day("UnderwaterDepth", "Depth under water", None, "m", "activity"),
    day("WaterTemperature", "Water temperature", None, "degC", "activity"),
    each("BodyMass", "Body weight", Some(("29463-7", "Body weight")), "kg", "vital-signs"),
    each("Height", "Body height", Some(("8302-2", "Body height")), "cm", "vital-signs"),
    each("BodyMassIndex", "Body mass index", Some(("39156-5", "Body mass index (BMI) [Ratio]")), "kg/m2", "vital-signs"),
    each("BodyFatPercentage", "Body fat", Some(("41982-0", "Percentage of body fat Measured")), "%", "exam"),
    each("LeanBodyMass", "Lean body mass", Some(("91557-9", "Lean body weight")), "kg", "exam"),
    each("WaistCircumference", "Waist circumference", Some(("8280-0", "Waist Circumference at umbilicus by Tape measure")), "cm", "exam"),
    each("ForcedExpiratoryVolume1", "FEV1", Some(("20150-9", "FEV1")), "L", "exam"),
    each("ForcedVitalCapacity", "Forced vital capacity", Some(("19870-5", "Forced vital capacity [Volume] Respiratory system")), "L", "exam"),
    each("PeakExpiratoryFlowRate", "Peak flow", Some(("19935-6", "Maximum expiratory gas flow Respiratory system airway by Peak flow meter")), "L/min", "exam"),
    each("BloodAlcoholContent", "Blood alcohol", None, "%", "exam"),
    both("BloodGlucose", "Blood glucose", Some(("2339-0", "Glucose [Mass/volume] in Blood")), "mg/dL", "laboratory"),
    both("BloodGlucose", "Blood glucose", Some(("15074-8", "Glucose [Moles/volume] in Blood")), "mmol/L", "laboratory"),
    both("BloodPressureSystolic", "Systolic blood pressure", Some(("8480-6", "Systolic blood pressure")), "mmHg", "vital-signs"),
    both("BloodPressureDiastolic", "Diastolic blood pressure", Some(("8462-4", "Diastolic blood pressure")), "mmHg", "vital-signs"),
];

/// The quantity type of this identifier whose samples are in this unit.
pub(super) fn quantity_kind(identifier: &str, unit: &Unit) -> Option<&'static Kind> {
    let id = identifier.strip_prefix("HKQuantityTypeIdentifier")?;
    KINDS.iter().find(|kind| {
        // BMI has no unit of its own in HealthKit: it is a count.
        kind.id == id
            && (kind.unit().is_some_and(|own| own.dimension == unit.dimension)
                || (id == "BodyMassIndex" && unit.hk == "count"))
    })
}

/// A stage of sleep, in the order of certainty: what a sensor saw before what was assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Deep,
    Rem,
    Core,
    Awake,
    Asleep,
    InBed,
}

impl Stage {
    pub(super) const ALL: [Stage; 6] =
        [Stage::Deep, Stage::Rem, Stage::Core, Stage::Asleep, Stage::Awake, Stage::InBed];

    /// By HealthKit's value of `HKCategoryTypeIdentifierSleepAnalysis`.
    pub(super) fn from_value(value: &str) -> Option<Stage> {
        Some(match value.strip_prefix("HKCategoryValueSleepAnalysis")? {
            "InBed" => Stage::InBed,
            "Asleep" | "AsleepUnspecified" => Stage::Asleep,
            "AsleepCore" => Stage::Core,
            "AsleepDeep" => Stage::Deep,
            "AsleepREM" => Stage::Rem,
            "Awake" => Stage::Awake,
            _ => return None,
        })
    }

    /// Name for people and LOINC code.
    pub(super) fn names(self) -> (&'static str, Loinc) {
        match self {
            Stage::Deep => ("Deep sleep", Some(("93831-6", "Deep sleep duration"))),
            Stage::Rem => ("REM sleep", Some(("93829-0", "REM sleep duration"))),
            Stage::Core => ("Core sleep", Some(("93830-8", "Light sleep duration"))),
            Stage::Asleep => ("Asleep, stage not told", None),
            Stage::Awake => ("Awake", None),
            Stage::InBed => ("In bed", None),
        }
    }
}

/// Blood groups: HealthKit's value without `HKBloodType`, SNOMED CT code and name.
pub(super) const BLOOD_GROUPS: &[(&str, &str, &str)] = &[
    ("APositive", "278149003", "Blood group A Rh(D) positive"),
    ("ANegative", "278152006", "Blood group A Rh(D) negative"),
    ("BPositive", "278150003", "Blood group B Rh(D) positive"),
    ("BNegative", "278153001", "Blood group B Rh(D) negative"),
    ("ABPositive", "278151004", "Blood group AB Rh(D) positive"),
    ("ABNegative", "278154007", "Blood group AB Rh(D) negative"),
    ("OPositive", "278147001", "Blood group O Rh(D) positive"),
    ("ONegative", "278148006", "Blood group O Rh(D) negative"),
];

/// What a HealthKit identifier says in words: `HKWorkoutActivityTypeTraditionalStrengthTraining` becomes "Traditional
/// strength training".
pub(super) fn words(identifier: &str) -> String {
    const PREFIXES: &[&str] = &[
        "HKQuantityTypeIdentifier",
        "HKCategoryTypeIdentifier",
        "HKCategoryValue",
        "HKCorrelationTypeIdentifier",
        "HKWorkoutActivityType",
        "HKWorkoutEventType",
        "HKCharacteristicTypeIdentifier",
        "HKDataType",
        "HK",
    ];
    let name = PREFIXES.iter().find_map(|prefix| identifier.strip_prefix(prefix)).unwrap_or(identifier);
    let mut out = String::with_capacity(name.len() + 8);
    let mut previous_lower = false;
    for letter in name.chars() {
        if letter.is_uppercase() && previous_lower {
            out.push(' ');
            out.extend(letter.to_lowercase());
        } else {
            out.push(letter);
        }
        previous_lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_known_unit_and_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for kind in KINDS {
            let unit = kind.unit().unwrap_or_else(|| panic!("{} has an unknown unit", kind.id));
            assert!(seen.insert((kind.id, unit.ucum)), "{} stands twice", kind.id);
        }
    }

    #[test]
    fn identifiers_become_words() {
        assert_eq!(words("HKWorkoutActivityTypeTraditionalStrengthTraining"), "Traditional strength training");
        assert_eq!(words("HKCategoryTypeIdentifierMindfulSession"), "Mindful session");
        assert_eq!(words("something else"), "something else");
    }
}
