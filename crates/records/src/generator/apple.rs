//! A made-up Apple Health export of any size, written as a stream, in the shape that an iPhone with a watch writes it.

use std::io::{self, Write};

use super::chance::Chance;
use crate::datetime::civil_from_days;

/// The last day of every export, in days since 1970: 1 June 2026.
const LAST_DAY: i64 = 20_605;
/// About how many bytes a sample takes.
const SAMPLE_BYTES: u64 = 430;
/// Samples of the kinds below that a day has, watch and phone together.
const SAMPLES_A_DAY: u64 = 2600;

/// Writes an `export.xml` of about `size` bytes (never less than a few days') about a person who does not exist, and says
/// how many bytes and samples it has. Equal seeds and sizes give equal bytes. Years of watch and phone, samples grouped by
/// type and in the order of time, as Apple writes them; what both count overlaps.
///
/// # Errors
/// Those of `to`.
pub fn write(to: &mut dyn Write, size: u64, seed: u64) -> io::Result<Written> {
    let days = i64::try_from(size / (SAMPLE_BYTES * SAMPLES_A_DAY)).unwrap_or(i64::MAX).clamp(1, 20_000);
    let mut writer = Writer { to, bytes: 0, samples: 0, line: String::with_capacity(1024), chance: Chance::new(seed) };
    writer.text(HEAD)?;
    for kind in KINDS {
        for day in LAST_DAY - days..LAST_DAY {
            writer.day(kind, day)?;
        }
    }
    for day in LAST_DAY - days..LAST_DAY {
        writer.night(day)?;
    }
    for day in LAST_DAY - days..LAST_DAY {
        writer.rest_of(day)?;
    }
    writer.text("</HealthData>\n")?;
    Ok(Written { bytes: writer.bytes, samples: writer.samples })
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// `Record` elements.
    pub samples: u64,
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord|Audiogram|VisionPrescription)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
]>
<HealthData locale="en_GB">
 <ExportDate value="2026-06-01 09:00:00 +0100"/>
 <Me HKCharacteristicTypeIdentifierDateOfBirth="1980-02-29" HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexFemale" HKCharacteristicTypeIdentifierBloodType="HKBloodTypeOPositive" HKCharacteristicTypeIdentifierFitzpatrickSkinType="HKFitzpatrickSkinTypeNotSet" HKCharacteristicTypeIdentifierCardioFitnessMedicationsUse="None"/>
"#;

const WATCH: (&str, &str) = (
    "Ada’s Apple Watch",
    "&lt;&lt;HKDevice: 0x30132b7a0&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,7, software:11.4&gt;",
);
const PHONE: (&str, &str) = (
    "Ada’s iPhone",
    "&lt;&lt;HKDevice: 0x30132b980&gt;, name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone15,2, software:18.5&gt;",
);

/// A type of sample with how many of it a day has.
struct Kind {
    id: &'static str,
    unit: &'static str,
    source: (&'static str, &'static str),
    a_day: u64,
    seconds: u32,
    low: i64,
    high: i64,
    /// Digits behind the point.
    places: u32,
}

const fn kind(
    id: &'static str,
    unit: &'static str,
    source: (&'static str, &'static str),
    a_day: u64,
    seconds: u32,
    range: (i64, i64),
    places: u32,
) -> Kind {
    Kind { id, unit, source, a_day, seconds, low: range.0, high: range.1, places }
}

const KINDS: &[Kind] = &[
    kind("BodyMass", "kg", PHONE, 1, 0, (6800, 7200), 2),
    kind("HeartRate", "count/min", WATCH, 600, 0, (48, 150), 0),
    kind("OxygenSaturation", "%", WATCH, 20, 0, (93, 100), 2),
    kind("RespiratoryRate", "count/min", WATCH, 60, 0, (120, 200), 1),
    kind("StepCount", "count", WATCH, 180, 290, (10, 400), 0),
    kind("StepCount", "count", PHONE, 60, 590, (20, 900), 0),
    kind("DistanceWalkingRunning", "km", WATCH, 180, 290, (1, 300), 3),
    kind("DistanceWalkingRunning", "km", PHONE, 60, 590, (1, 700), 3),
    kind("ActiveEnergyBurned", "kcal", WATCH, 1000, 60, (1, 9000), 3),
    kind("BasalEnergyBurned", "kcal", WATCH, 400, 200, (5000, 20_000), 3),
    kind("FlightsClimbed", "count", WATCH, 8, 30, (1, 3), 0),
    kind("HeartRateVariabilitySDNN", "ms", WATCH, 6, 60, (20_000, 90_000), 3),
    kind("EnvironmentalAudioExposure", "dBASPL", WATCH, 24, 1800, (400_000, 900_000), 4),
];

struct Writer<'w> {
    to: &'w mut dyn Write,
    bytes: u64,
    samples: u64,
    line: String,
    chance: Chance,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        self.bytes += text.len() as u64;
        self.to.write_all(text.as_bytes())
    }

    fn flush_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.text(&line)?;
        self.line = line;
        self.line.clear();
        Ok(())
    }

    fn day(&mut self, kind: &Kind, day: i64) -> io::Result<()> {
        let step = 86_400 / u32::try_from(kind.a_day).unwrap_or(1).max(1);
        for at in 0..kind.a_day {
            let start = u32::try_from(at).unwrap_or_default() * step
                + u32::try_from(self.chance.below(u64::from(step / 3 + 1))).unwrap_or_default();
            let value = self.chance.between(kind.low, kind.high);
            self.record("HKQuantityTypeIdentifier", kind.id, kind.source, day);
            self.attribute("unit", kind.unit);
            self.times(day, start, start + kind.seconds);
            let scale = 10_i64.pow(kind.places);
            let places = kind.places as usize;
            let value = match places {
                0 => value.to_string(),
                _ => format!("{}.{:0places$}", value / scale, value % scale),
            };
            self.attribute("value", &value);
            if kind.id == "HeartRate" {
                self.line.push_str(
                    ">\n  <MetadataEntry key=\"HKMetadataKeyHeartRateMotionContext\" value=\"0\"/>\n </Record>\n",
                );
            } else {
                self.line.push_str("/>\n");
            }
            self.flush_line()?;
        }
        Ok(())
    }

    fn night(&mut self, day: i64) -> io::Result<()> {
        let mut at = 300;
        while at < 7 * 3600 {
            let seconds = u32::try_from(self.chance.between(600, 3000)).unwrap_or(600);
            let stage =
                self.chance.pick(&["AsleepCore", "AsleepDeep", "AsleepREM", "Awake"]).copied().unwrap_or("Awake");
            self.record("HKCategoryTypeIdentifier", "SleepAnalysis", WATCH, day);
            self.times(day, at, at + seconds);
            self.line.push_str(" value=\"HKCategoryValueSleepAnalysis");
            self.line.push_str(stage);
            self.line.push_str("\"/>\n");
            self.flush_line()?;
            at += seconds;
        }
        Ok(())
    }

    /// Blood pressure (inside a Correlation and outside, as Apple does), a workout and the rings.
    fn rest_of(&mut self, day: i64) -> io::Result<()> {
        if self.chance.once_in(7) {
            let (systolic, diastolic) =
                (self.chance.between(105, 145).to_string(), self.chance.between(60, 95).to_string());
            for nested in [false, true] {
                if nested {
                    self.line.push_str(" <Correlation type=\"HKCorrelationTypeIdentifierBloodPressure\"");
                    self.attribute("sourceName", PHONE.0);
                    self.times(day, 28_800, 28_801);
                    self.line.push_str(">\n");
                }
                for (id, value) in [("BloodPressureSystolic", &systolic), ("BloodPressureDiastolic", &diastolic)] {
                    self.record("HKQuantityTypeIdentifier", id, PHONE, day);
                    self.attribute("unit", "mmHg");
                    self.times(day, 28_800, 28_801);
                    self.attribute("value", value);
                    self.line.push_str("/>\n");
                }
                if nested {
                    self.line.push_str(" </Correlation>\n");
                }
            }
        }
        if self.chance.once_in(3) {
            let minutes = self.chance.between(20, 90);
            self.line.push_str(" <Workout workoutActivityType=\"HKWorkoutActivityTypeWalking\" durationUnit=\"min\"");
            self.attribute("duration", &minutes.to_string());
            self.attribute("sourceName", WATCH.0);
            self.times(day, 61_200, 61_200 + u32::try_from(minutes * 60).unwrap_or_default());
            self.line.push_str(">\n  <WorkoutStatistics type=\"HKQuantityTypeIdentifierActiveEnergyBurned\" sum=\"212.5\" unit=\"kcal\"/>\n </Workout>\n");
        }
        let (year, month, date) = civil_from_days(day);
        let energy = self.chance.between(200, 900);
        self.line.push_str(&format!(" <ActivitySummary dateComponents=\"{year:04}-{month:02}-{date:02}\" activeEnergyBurned=\"{energy}.5\" activeEnergyBurnedGoal=\"500\" activeEnergyBurnedUnit=\"kcal\" appleMoveTime=\"0\" appleMoveTimeGoal=\"0\" appleExerciseTime=\"40\" appleExerciseTimeGoal=\"30\" appleStandHours=\"12\" appleStandHoursGoal=\"12\"/>\n"));
        self.flush_line()
    }

    fn record(&mut self, prefix: &str, id: &str, source: (&str, &str), day: i64) {
        self.samples += 1;
        self.line.push_str(" <Record type=\"");
        self.line.push_str(prefix);
        self.line.push_str(id);
        self.line.push('"');
        self.attribute("sourceName", source.0);
        self.attribute("sourceVersion", "11.4");
        self.attribute("device", source.1);
        self.line.push_str(" creationDate=\"");
        self.stamp(day, 86_000);
        self.line.push('"');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.line.push(' ');
        self.line.push_str(name);
        self.line.push_str("=\"");
        self.line.push_str(value);
        self.line.push('"');
    }

    fn times(&mut self, day: i64, start: u32, end: u32) {
        self.line.push_str(" startDate=\"");
        self.stamp(day, start);
        self.line.push_str("\" endDate=\"");
        self.stamp(day, end);
        self.line.push('"');
    }

    /// A stamp without formatting machinery: it is most of what a large export costs to make.
    fn stamp(&mut self, day: i64, second: u32) {
        let (year, month, date) = civil_from_days(day + i64::from(second / 86_400));
        let second = i64::from(second % 86_400);
        self.pair(year / 100);
        self.pair(year % 100);
        for (sign, part) in
            [('-', month), ('-', date), (' ', second / 3600), (':', second / 60 % 60), (':', second % 60)]
        {
            self.line.push(sign);
            self.pair(part);
        }
        self.line.push_str(" +0100");
    }

    fn pair(&mut self, number: i64) {
        for digit in [number / 10 % 10, number % 10] {
            self.line.push(u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 10)).unwrap_or('0'));
        }
    }
}

#[cfg(all(test, feature = "formats"))]
mod tests {
    use std::{collections::HashMap, ops::ControlFlow};

    use super::*;
    use crate::{
        convert::{Found, Source},
        import::Limits,
    };

    #[test]
    fn what_is_written_is_read_whole() {
        let mut export = Vec::new();
        let written = write(&mut export, 3_000_000, 7).unwrap();
        assert_eq!(written.bytes, export.len() as u64);
        let mut again = Vec::new();
        write(&mut again, 3_000_000, 7).unwrap();
        assert!(export == again, "equal seeds give equal bytes");
        let limits = Limits::default();
        let source = Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
        let mut counts: HashMap<String, u64> = HashMap::new();
        let mut counted = 0;
        crate::apple::read(&mut export.as_slice(), &source, &mut |found| {
            match found {
                Found::Resource(converted) => {
                    let text = |path: &str| {
                        serde_json::Value::Object(converted.resource.clone())
                            .pointer(path)
                            .and_then(|value| value.as_str().map(str::to_owned))
                    };
                    *counts.entry(text("/code/text").unwrap_or_default()).or_default() += 1;
                    let components = converted
                        .resource
                        .get("component")
                        .and_then(|value| value.as_array())
                        .cloned()
                        .unwrap_or_default();
                    counted += components
                        .iter()
                        .filter_map(|part| part.get("valueInteger").and_then(|count| count.as_u64()))
                        .sum::<u64>();
                }
                Found::Skipped(skip) => panic!("{skip:?}"),
                Found::Attachment(_) => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        let days = counts["Steps"];
        assert!(days >= 2);
        for daily in ["Heart rate", "Oxygen saturation", "Active energy", "Sleep", "Activity rings", "Body weight"] {
            assert_eq!(counts[daily], days, "{daily}");
        }
        // Nothing is lost: each sample is in the count of its day, but for weights, nights and blood pressures.
        assert_eq!(
            counted,
            days * KINDS.iter().filter(|kind| kind.id != "BodyMass").map(|kind| kind.a_day).sum::<u64>()
        );
    }
}
