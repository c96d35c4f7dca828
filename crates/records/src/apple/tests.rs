//! Whole exports, real in shape and hostile.

use std::ops::ControlFlow;

use serde_json::Value;

use super::*;
use crate::{convert::Found, import::Limits};

mod exports;
mod hostile;

/// What came out, owned.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Taken {
    resources: Vec<Value>,
    skips: Vec<(String, String)>,
    attachments: Vec<(String, Vec<u8>)>,
}

impl Taken {
    fn take(&mut self, found: Found<'_>) -> ControlFlow<()> {
        match found {
            Found::Resource(converted) => self.resources.push(Value::Object(converted.resource)),
            Found::Skipped(skip) => self.skips.push((skip.path, skip.reason.code().to_owned())),
            Found::Attachment(bytes) => self.attachments.push((bytes.media_type.to_owned(), bytes.bytes.to_vec())),
        }
        ControlFlow::Continue(())
    }

    fn of(&self, identifier: &str) -> Vec<&Value> {
        let is = |resource: &&Value| {
            resource["code"]["coding"]
                .as_array()
                .is_some_and(|codings| codings.iter().any(|one| one["code"] == identifier))
        };
        self.resources.iter().filter(is).collect()
    }

    fn codes(&self) -> Vec<&str> {
        self.skips.iter().map(|(_, code)| code.as_str()).collect()
    }
}

fn read_text(body: &str) -> Taken {
    read_bytes(format!("<?xml version=\"1.0\"?>\n<HealthData locale=\"en_GB\">{body}</HealthData>").as_bytes())
}

fn read_bytes(bytes: &[u8]) -> Taken {
    read_within(Limits::default(), bytes)
}

fn read_within(limits: Limits, mut bytes: &[u8]) -> Taken {
    let source = Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
    let mut taken = Taken::default();
    read(&mut bytes, &source, &mut |found| taken.take(found)).unwrap();
    taken
}

fn read_zip(members: &[(&str, &[u8])]) -> Taken {
    let limits = Limits::default();
    let source = Source { name: "export.zip", sha256: [0; 32], now: 0, limits: &limits };
    let mut taken = Taken::default();
    let mut export = Export::new(&source);
    for (name, bytes) in members {
        export.member(name, &mut &**bytes, &mut |found| taken.take(found)).unwrap();
    }
    export.finish(&mut |found| taken.take(found)).unwrap();
    taken
}

const ME: &str = r#"<Me HKCharacteristicTypeIdentifierDateOfBirth="1990-05-20" HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexFemale" HKCharacteristicTypeIdentifierBloodType="HKBloodTypeANegative" HKCharacteristicTypeIdentifierFitzpatrickSkinType="HKFitzpatrickSkinTypeNotSet" HKCharacteristicTypeIdentifierCardioFitnessMedicationsUse="None"/>"#;

fn record(kind: &str, source: &str, unit: &str, value: &str, start: &str, end: &str) -> String {
    let unit = if unit.is_empty() { String::new() } else { format!(" unit=\"{unit}\"") };
    format!(
        "<Record type=\"{kind}\" sourceName=\"{source}\"{unit} creationDate=\"2024-06-01 10:00:00 +0200\" \
         startDate=\"2024-06-01 {start} +0200\" endDate=\"2024-06-01 {end} +0200\" value=\"{value}\"/>\n"
    )
}

#[test]
fn the_person_and_the_blood_group() {
    let taken = read_text(ME);
    assert_eq!(taken.resources[0]["birthDate"], "1990-05-20");
    assert_eq!(taken.resources[0]["gender"], "female");
    assert_eq!(taken.resources[1]["valueCodeableConcept"]["coding"][0]["code"], "278152006");
    let patient = format!("urn:uuid:{}", taken.resources[0]["id"].as_str().unwrap());
    assert_eq!(taken.resources[1]["subject"]["reference"], patient.as_str());
    assert_eq!(taken.resources.len(), 2);
    assert_eq!(taken.skips, []);
}

#[test]
fn steps_of_watch_phone_and_apps_are_not_added() {
    let steps = |source: &str, value: &str, start: &str, end: &str| {
        record("HKQuantityTypeIdentifierStepCount", source, "count", value, start, end)
    };
    let body = [
        steps("iPhone", "1000", "08:00:00", "08:10:00"),
        steps("Strava", "990", "08:00:00", "08:10:00"),
        steps("Fitbit", "1010", "08:00:00", "08:10:00"),
        steps("Apple Watch", "900", "08:00:00", "08:10:00"),
        steps("iPhone", "50", "12:00:00", "12:01:00"),
    ]
    .concat();
    let taken = read_text(&body);
    let days = taken.of("41950-7");
    assert_eq!(days.len(), 1);
    assert_eq!(days[0]["valueQuantity"]["value"].to_string(), "950");
    assert_eq!(days[0]["valueQuantity"]["code"], "{steps}/d");
    assert_eq!(days[0]["effectiveDateTime"], "2024-06-01");
    let note = days[0]["note"][0]["text"].as_str().unwrap();
    assert!(note.starts_with("Made of 5 samples in Apple Health from: Apple Watch, iPhone, Fitbit, Strava."), "{note}");
    assert_eq!(days[0]["component"][0]["valueInteger"], 5);
}

#[test]
fn the_day_is_the_local_day_and_its_record_keeps_its_identity() {
    let of = |value: &str| {
        let steps = record("HKQuantityTypeIdentifierStepCount", "iPhone", "count", value, "00:05:00", "00:06:00");
        read_text(&format!("{ME}{steps}"))
    };
    let (first, later) = (of("10"), of("12"));
    assert_eq!(first.of("41950-7")[0]["effectiveDateTime"], "2024-06-01");
    assert_eq!(first.of("41950-7")[0]["id"], later.of("41950-7")[0]["id"]);
    assert_ne!(first.of("41950-7")[0], later.of("41950-7")[0]);
    let other =
        read_text(&record("HKQuantityTypeIdentifierStepCount", "iPhone", "count", "10", "00:05:00", "00:06:00"));
    assert_ne!(first.of("41950-7")[0]["id"], other.of("41950-7")[0]["id"], "another person's day is another record");
}

#[test]
fn heart_rates_become_figures_of_the_day() {
    let rate = |value: &str, at: &str| record("HKQuantityTypeIdentifierHeartRate", "Watch", "count/min", value, at, at);
    let taken = read_text(&[rate("60", "08:00:00"), rate("71.5", "09:00:00"), rate("120", "10:00:00")].concat());
    let day = taken.of("8867-4")[0];
    assert_eq!(day["valueQuantity"]["value"].to_string(), "83.83333");
    assert_eq!(day["valueQuantity"]["code"], "/min");
    assert_eq!(day["method"]["coding"][0]["code"], "average");
    let components: Vec<String> = day["component"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            format!(
                "{}={}{}",
                part["code"]["coding"][0]["code"].as_str().unwrap(),
                part["valueQuantity"]["value"],
                part["valueInteger"]
            )
        })
        .collect();
    assert_eq!(components, ["minimum=60null", "maximum=120null", "count=null3"]);
}

#[test]
fn percentages_are_fractions_in_the_file_and_percent_in_the_record() {
    let taken = read_text(
        &[
            record("HKQuantityTypeIdentifierOxygenSaturation", "Watch", "%", "0.97", "08:00:00", "08:00:00"),
            record("HKQuantityTypeIdentifierBodyFatPercentage", "Scale", "%", "0.184", "08:00:00", "08:00:00"),
        ]
        .concat(),
    );
    assert_eq!(taken.of("59408-5")[0]["valueQuantity"]["value"].to_string(), "97");
    assert_eq!(taken.of("41982-0")[0]["valueQuantity"]["value"].to_string(), "18.4");
}

#[test]
fn weights_and_glucose_are_kept_one_by_one_with_their_text() {
    let taken = read_text(
        &[
            record("HKQuantityTypeIdentifierBodyMass", "Scale", "lb", "160.50", "08:00:00", "08:00:00"),
            record("HKQuantityTypeIdentifierBodyMass", "Copy App", "lb", "160.50", "08:00:00", "08:00:00"),
            record("HKQuantityTypeIdentifierBodyMassIndex", "Scale", "count", "22.5312", "08:00:00", "08:00:00"),
            record(
                "HKQuantityTypeIdentifierBloodGlucose",
                "CGM",
                "mmol&lt;180.1558800000541&gt;/L",
                "5.6",
                "08:00:00",
                "08:00:00",
            ),
            record(
                "HKQuantityTypeIdentifierBloodGlucose",
                "CGM",
                "mmol&lt;180.1558800000541&gt;/L",
                "7",
                "08:05:00",
                "08:05:00",
            ),
        ]
        .concat(),
    );
    let weights = taken.of("29463-7");
    assert_eq!(weights.len(), 1, "the copy is the same measurement");
    assert_eq!(weights[0]["valueQuantity"]["value"].to_string(), "160.50");
    assert_eq!(weights[0]["valueQuantity"]["code"], "[lb_av]");
    assert_eq!(weights[0]["effectiveDateTime"], "2024-06-01T08:00:00+02:00");
    assert_eq!(taken.of("39156-5")[0]["valueQuantity"]["code"], "kg/m2");
    let glucose = taken.of("15074-8");
    assert_eq!(glucose.len(), 2);
    let all = taken.of("HKQuantityTypeIdentifierBloodGlucose");
    assert_eq!(all.len(), 3, "two values and their day");
    assert_eq!(all[2]["valueQuantity"]["value"].to_string(), "6.3");
    assert_eq!(all[2]["category"][0]["coding"][0]["code"], "activity", "an average is no laboratory result");
    assert_eq!(taken.codes(), ["apple_repeated"]);
}

#[test]
fn a_number_with_a_comma_is_the_same_number() {
    let weight = |value: &str| {
        read_text(&record("HKQuantityTypeIdentifierBodyMass", "Scale", "kg", value, "08:00:00", "08:00:00"))
    };
    assert_eq!(weight("72,50"), weight("72.50"));
    assert_eq!(weight("1,072,50").codes(), ["apple_bad_sample"], "two commas are no number");
    assert_eq!(weight("+72.").of("29463-7")[0]["valueQuantity"]["value"].to_string(), "72");
}

#[test]
fn a_blood_pressure_stands_four_times_in_the_file_and_once_in_the_records() {
    let pair = [
        record("HKQuantityTypeIdentifierBloodPressureSystolic", "Health", "mmHg", "118", "07:00:00", "07:00:01"),
        record("HKQuantityTypeIdentifierBloodPressureDiastolic", "Health", "mmHg", "76", "07:00:00", "07:00:01"),
    ]
    .concat();
    let correlation = format!(
        "<Correlation type=\"HKCorrelationTypeIdentifierBloodPressure\" sourceName=\"Health\" startDate=\"2024-06-01 07:00:00 +0200\" \
         endDate=\"2024-06-01 07:00:01 +0200\">{pair}</Correlation>"
    );
    for body in [format!("{pair}{correlation}"), format!("{correlation}{pair}"), correlation.clone(), pair.clone()] {
        let taken = read_text(&body);
        assert_eq!(taken.resources.len(), 1, "{body}");
        let panel = taken.of("85354-9")[0];
        assert_eq!(panel["component"][0]["valueQuantity"]["value"], 118);
        assert_eq!(panel["component"][1]["valueQuantity"]["code"], "mm[Hg]");
        assert!(panel.get("valueQuantity").is_none());
        assert_eq!(taken.skips, []);
    }
}

#[test]
fn nested_samples_of_meals_are_counted_outside_only() {
    let water = record("HKQuantityTypeIdentifierDietaryWater", "App", "mL", "250", "07:00:00", "07:00:00");
    let taken = read_text(&format!(
        "{water}<Correlation type=\"HKCorrelationTypeIdentifierFood\" sourceName=\"App\" startDate=\"2024-06-01 07:00:00 +0200\" endDate=\"2024-06-01 07:00:00 +0200\">{water}</Correlation>"
    ));
    assert_eq!(taken.of("HKQuantityTypeIdentifierDietaryWater")[0]["valueQuantity"]["value"], 250);
    assert_eq!(taken.codes(), ["apple_food"]);
}

#[test]
fn a_night_is_told_in_minutes_of_each_stage() {
    let sleep = |source: &str, value: &str, start: &str, end: &str| {
        format!(
            "<Record type=\"HKCategoryTypeIdentifierSleepAnalysis\" sourceName=\"{source}\" startDate=\"{start} +0100\" endDate=\"{end} +0100\" value=\"HKCategoryValueSleepAnalysis{value}\"/>"
        )
    };
    let taken = read_text(
        &[
            sleep("iPhone", "InBed", "2024-01-01 22:50:00", "2024-01-02 07:00:00"),
            sleep("Apple Watch", "AsleepCore", "2024-01-01 23:00:00", "2024-01-02 01:00:00"),
            sleep("Apple Watch", "AsleepDeep", "2024-01-02 01:00:00", "2024-01-02 02:30:00"),
            sleep("Apple Watch", "Awake", "2024-01-02 02:30:00", "2024-01-02 02:40:00"),
            sleep("Apple Watch", "AsleepREM", "2024-01-02 02:40:00", "2024-01-02 03:40:00"),
            // An app says that all of it was sleep.
            sleep("Pillow", "Asleep", "2024-01-01 23:00:00", "2024-01-02 03:50:00"),
        ]
        .concat(),
    );
    assert_eq!(taken.resources.len(), 1);
    let night = taken.of("93832-4")[0];
    assert_eq!(night["effectiveDateTime"], "2024-01-02", "the day on which one wakes");
    assert_eq!(night["valueQuantity"]["value"].to_string(), "280");
    let stages: Vec<String> = night["component"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| format!("{} {}", part["code"]["text"].as_str().unwrap(), part["valueQuantity"]["value"]))
        .collect();
    assert_eq!(
        stages,
        ["Deep sleep 90", "REM sleep 60", "Core sleep 120", "Asleep, stage not told 10", "Awake 10", "In bed 490"]
    );
}

#[test]
fn unknown_types_and_units_are_kept() {
    let taken = read_text(
        &[
            record("HKQuantityTypeIdentifierMoonPull", "App", "furlong", "2", "08:00:00", "08:00:00"),
            record("HKQuantityTypeIdentifierMoonPull", "App", "furlong", "4", "09:00:00", "09:00:00"),
            record("HKQuantityTypeIdentifierStepCount", "App", "furlong", "7", "09:00:00", "09:00:00"),
            record(
                "HKCategoryTypeIdentifierHeadache",
                "App",
                "",
                "HKCategoryValueSeverityMild",
                "09:00:00",
                "10:30:00",
            ),
            record(
                "HKCategoryTypeIdentifierMindfulSession",
                "App",
                "",
                "HKCategoryValueNotApplicable",
                "09:00:00",
                "09:15:00",
            ),
            record("HKDataTypeSleepDurationGoal", "Health", "hr", "8", "09:00:00", "09:00:00"),
        ]
        .concat(),
    );
    let moon = taken.of("HKQuantityTypeIdentifierMoonPull");
    assert_eq!(moon[0]["valueQuantity"]["value"], 3);
    assert_eq!(moon[0]["valueQuantity"]["unit"], "furlong");
    assert_eq!(moon[0]["component"][2]["valueQuantity"]["value"], 6);
    assert_eq!(moon[0]["code"]["text"], "Moon pull");
    assert_eq!(taken.of("HKQuantityTypeIdentifierStepCount")[0]["valueQuantity"]["unit"], "furlong");
    let headache = taken.of("HKCategoryTypeIdentifierHeadache")[0];
    assert_eq!(headache["valueCodeableConcept"]["text"], "Severity mild");
    assert_eq!(headache["component"][0]["valueQuantity"]["value"], 90);
    assert_eq!(taken.of("HKCategoryTypeIdentifierMindfulSession")[0]["valueQuantity"]["value"], 15);
    assert_eq!(taken.of("HKDataTypeSleepDurationGoal").len(), 1);
    assert_eq!(taken.skips, []);
}

#[test]
fn miles_and_kilometres_of_one_day_are_one_sum() {
    let taken = read_text(
        &[
            record("HKQuantityTypeIdentifierDistanceWalkingRunning", "iPhone", "mi", "1", "08:00:00", "08:10:00"),
            record("HKQuantityTypeIdentifierDistanceWalkingRunning", "iPhone", "km", "1", "09:00:00", "09:10:00"),
        ]
        .concat(),
    );
    let days = taken.of("41953-1");
    assert_eq!(days.len(), 1);
    assert_eq!(days[0]["valueQuantity"]["value"].to_string(), "2.609344");
}

#[test]
fn workouts_rings_hearing_and_glasses() {
    let taken = read_text(
        r#"
<Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="30.5" durationUnit="min" totalDistance="5.0" totalDistanceUnit="km" totalEnergyBurned="300" totalEnergyBurnedUnit="kcal" sourceName="Apple Watch" startDate="2024-06-15 10:00:00 +0000" endDate="2024-06-15 10:30:00 +0000">
  <MetadataEntry key="HKIndoorWorkout" value="0"/>
  <WorkoutEvent type="HKWorkoutEventTypeLap" date="2024-06-15 10:15:00 +0000"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" average="150" minimum="120" maximum="180" unit="count/min"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="5.01" unit="km"/>
  <WorkoutRoute sourceName="Apple Watch"><FileReference path="/workout-routes/a.gpx"/></WorkoutRoute>
</Workout>
<ActivitySummary dateComponents="2024-06-15" activeEnergyBurned="450.1" activeEnergyBurnedGoal="500" activeEnergyBurnedUnit="kcal" appleMoveTime="0" appleMoveTimeGoal="0" appleExerciseTime="40" appleExerciseTimeGoal="30" appleStandHours="12" appleStandHoursGoal="12"/>
<ActivitySummary dateComponents="1969-12-31" activeEnergyBurned="0" activeEnergyBurnedGoal="0" activeEnergyBurnedUnit="kcal" appleExerciseTime="0" appleStandHours="0"/>
<Audiogram type="HKDataTypeIdentifierAudiogram" sourceName="Mimi" startDate="2024-06-15 10:00:00 +0000" endDate="2024-06-15 10:30:00 +0000">
  <SensitivityPoint frequencyValue="1000" frequencyUnit="Hz" leftEarValue="15" leftEarUnit="dBHL" rightEarValue="20.5" rightEarUnit="dBHL"/>
</Audiogram>
<VisionPrescription type="glasses" dateIssued="2024-06-15 10:00:00 +0000" expirationDate="2026-06-15 10:00:00 +0000" brand="">
  <RightEye sphere="-1.25" sphereUnit="D" cylinder="-0.50" axis="90" axisUnit="deg" farPD="31.5" farPDUnit="mm"/>
  <LeftEye sphere="-1.00" sphereUnit="D"/>
</VisionPrescription>"#,
    );
    let workout = taken.of("73985-4")[0];
    assert_eq!(workout["valueCodeableConcept"]["text"], "Running");
    assert_eq!(workout["effectivePeriod"]["end"], "2024-06-15T10:30:00+00:00");
    let parts: Vec<&str> =
        workout["component"].as_array().unwrap().iter().map(|part| part["code"]["text"].as_str().unwrap()).collect();
    assert_eq!(
        parts,
        [
            "Duration",
            "Energy burned",
            "Heart rate, average",
            "Heart rate, minimum",
            "Heart rate, maximum",
            "Distance walking running"
        ]
    );
    assert_eq!(workout["note"][0]["text"], "Events. Lap: 1.");
    let rings = taken.of("HKActivitySummaryTypeIdentifier");
    assert_eq!(rings.len(), 1);
    assert_eq!(rings[0]["component"][0]["valueQuantity"]["value"].to_string(), "450.1");
    assert_eq!(taken.of("HKDataTypeIdentifierAudiogram")[0]["component"][1]["code"]["text"], "Right ear, 1000 Hz");
    let glasses = taken.resources.iter().find(|resource| resource["resourceType"] == "VisionPrescription").unwrap();
    assert_eq!(glasses["lensSpecification"][0]["cylinder"].to_string(), "-0.50");
    assert_eq!(glasses["lensSpecification"][0]["axis"], 90);
    assert_eq!(glasses["lensSpecification"][0]["note"][1]["text"], "Valid until 2026-06-15.");
    assert_eq!(taken.codes(), ["apple_empty_summary", "apple_location"]);
}

const ECG: &str = "Name,Ada\nDate of Birth,\"May 20, 1990\"\nRecorded Date,2024-06-15 10:30:00 +0000\nClassification,Sinus Rhythm\nSymptoms,\n\
                   Software Version,2.0\nDevice,\"Apple Watch\"\nSample Rate,512.000 Hz\nLead,Lead I\nUnit,uV\n\n\n100\n200.5\n-50\n";
const ECG_DE: &str = "Name;Ada\nGeburtsdatum;20.05.1990\nAufzeichnungsdatum;2024-06-16 10:30:00 +0000\nKlassifizierung;Sinusrhythmus\nSymptome;\n\
                      Softwareversion;2,0\nGerät;Apple Watch\nMessrate;512 Hertz\nAbleitung;Ableitung I\nEinheit;µV\n\n\"−12,345\"\n7,5\n";

#[test]
fn the_order_of_the_members_does_not_matter() {
    let export = format!(
        r#"<HealthData locale="de_DE">{ME}<ClinicalRecord type="Condition" identifier="c1" sourceName="Clinic" sourceURL="https://fhir.example/Condition/c1" fhirVersion="4.0.1" receivedDate="2024-06-15 10:00:00 +0000" resourceFilePath="/clinical-records/Condition-1.json"/><ClinicalRecord type="MedicationOrder" identifier="m1" sourceName="Old Clinic" sourceURL="https://old.example/MedicationOrder/m1" fhirVersion="1.0.2" receivedDate="2024-06-15 10:00:00 +0000" resourceFilePath="/clinical-records/Medication-1.json"/><ClinicalRecord type="Patient" identifier="p" sourceName="Clinic" sourceURL="https://fhir.example/Patient/p" fhirVersion="4.0.1" receivedDate="2024-06-15 10:00:00 +0000" resourceFilePath="/clinical-records/Patient-1.json"/><ClinicalRecord type="X" identifier="x" sourceName="Clinic" sourceURL="https://fhir.example/X/x" fhirVersion="4.0.1" receivedDate="2024-06-15 10:00:00 +0000" resourceFilePath="/clinical-records/lost.json"/></HealthData>"#
    );
    let condition = br#"{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/9"},"onsetAge":{"value":72.50}}"#;
    let patient = br#"{"resourceType":"Patient","id":"p"}"#;
    let order =
        br#"{"resourceType":"MedicationOrder","id":"m1","text":{"status":"generated","div":"<div>Aspirin 100</div>"}}"#;
    let mut members: Vec<(&str, &[u8])> = vec![
        ("apple_health_export/Exportieren.xml", export.as_bytes()),
        (
            "apple_health_export/export_cda.xml",
            b"<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"><a></b>junk",
        ),
        ("apple_health_export/electrocardiograms/ecg_1.csv", ECG.as_bytes()),
        ("apple_health_export/clinical-records/Condition-1.json", condition),
        ("apple_health_export/clinical-records/Medication-1.json", order),
        ("apple_health_export/clinical-records/Patient-1.json", patient),
        ("apple_health_export/workout-routes/route_1.gpx", b"<gpx/>"),
        ("apple_health_export/workout-routes/route_2.gpx", b"<gpx/>"),
    ];
    let first = read_zip(&members);
    members.reverse();
    let mut second = read_zip(&members);
    let sorted = |taken: &Taken| {
        let mut taken = taken.clone();
        taken.resources.sort_by_key(Value::to_string);
        taken.skips.sort();
        taken.attachments.sort();
        taken
    };
    assert_eq!(sorted(&first), sorted(&second));
    second = sorted(&second);
    let codes: Vec<&str> = second.codes();
    assert_eq!(codes, ["apple_same_as_export", "apple_file_missing", "apple_location"]);
    let found = first.resources.iter().find(|resource| resource["resourceType"] == "Condition").unwrap();
    let clinic_patient =
        first.resources.iter().filter(|resource| resource["resourceType"] == "Patient").nth(1).unwrap();
    assert_eq!(found["subject"]["reference"], format!("urn:uuid:{}", clinic_patient["id"].as_str().unwrap()));
    assert_eq!(found["encounter"]["reference"], "Encounter/9");
    assert_eq!(found["onsetAge"]["value"].to_string(), "72.50");
    assert_eq!(found["meta"]["source"], "https://fhir.example/Condition/c1");
    let old: Vec<&Value> = first
        .resources
        .iter()
        .filter(|resource| resource["resourceType"] == "DocumentReference" && resource["description"] == "Aspirin 100")
        .collect();
    assert_eq!(old[0]["content"][0]["attachment"]["title"], "Medication order (FHIR version 1.0.2)");
    assert_eq!(first.attachments.len(), 2);
}

#[test]
fn clinical_records_of_dstu2_become_r4() {
    let told = |kind: &str, id: &str| {
        format!(
            r#"<ClinicalRecord type="{kind}" identifier="{id}" sourceName="Old Clinic" sourceURL="https://old.example/{kind}/{id}" fhirVersion="1.0.2" receivedDate="2024-06-15 10:00:00 +0000" resourceFilePath="/clinical-records/{kind}-{id}.json"/>"#
        )
    };
    let records =
        [told("Patient", "p"), told("MedicationOrder", "m"), told("MedicationDispense", "d"), told("Condition", "c")];
    let export = format!("<HealthData>{ME}{}</HealthData>", records.concat());
    let taken = read_zip(&[
        ("e/export.xml", export.as_bytes()),
        ("e/clinical-records/Patient-p.json", br#"{"resourceType":"Patient","id":"p","name":[{"family":["Lovelace"]}]}"#),
        (
            "e/clinical-records/MedicationOrder-m.json",
            br#"{"resourceType":"MedicationOrder","id":"m","patient":{"reference":"Patient/p"},"medicationCodeableConcept":{"text":"Aspirin"},"status":"active"}"#,
        ),
        (
            "e/clinical-records/MedicationDispense-d.json",
            br#"{"resourceType":"MedicationDispense","id":"d","patient":{"reference":"Patient/p"},"medicationCodeableConcept":{"text":"Aspirin"},"authorizingPrescription":[{"reference":"MedicationOrder/m"},{"reference":"MedicationOrder/elsewhere"}]}"#,
        ),
        // It cannot be over and active.
        (
            "e/clinical-records/Condition-c.json",
            br#"{"resourceType":"Condition","id":"c","patient":{"reference":"Patient/p"},"clinicalStatus":"active","abatementString":"x","text":{"div":"<div>Asthma</div>"}}"#,
        ),
    ]);
    let of = |kind: &str| taken.resources.iter().rfind(|resource| resource["resourceType"] == kind).unwrap();
    let (patient, order, dispense) = (of("Patient"), of("MedicationRequest"), of("MedicationDispense"));
    assert_eq!(patient["name"][0]["family"], "Lovelace");
    let reference = |resource: &Value| format!("urn:uuid:{}", resource["id"].as_str().unwrap());
    assert_eq!(order["subject"]["reference"], reference(patient));
    assert_eq!(order["meta"]["source"], "https://old.example/MedicationOrder/m");
    assert_eq!(dispense["authorizingPrescription"][0]["reference"], reference(order));
    assert_eq!(dispense["authorizingPrescription"][1]["reference"], "MedicationRequest/elsewhere");
    assert_eq!(of("DocumentReference")["description"], "Asthma");
    assert_eq!(taken.attachments.len(), 1, "of what was kept whole");
}

#[test]
fn an_electrocardiogram_is_read_in_any_language() {
    let export = format!("<HealthData>{ME}</HealthData>");
    let taken = read_zip(&[
        ("e/ecg_1.csv", ECG.as_bytes()),
        ("export.xml", export.as_bytes()),
        ("e/ecg_2.csv", ECG_DE.as_bytes()),
    ]);
    let recordings = taken.of("11524-6");
    assert_eq!(recordings.len(), 2);
    for (recording, data, said) in
        [(recordings[1], "100 200.5 -50", "Sinus Rhythm"), (recordings[0], "-12.345 7.5", "Sinusrhythmus")]
    {
        assert_eq!(recording["valueSampledData"]["data"], data);
        assert_eq!(recording["valueSampledData"]["period"].to_string(), "1.953125");
        assert_eq!(recording["interpretation"][0]["text"], said);
        assert_eq!(recording["device"]["display"], "Apple Watch");
        assert_eq!(
            recording["subject"]["reference"],
            format!("urn:uuid:{}", taken.resources[0]["id"].as_str().unwrap())
        );
    }
    assert_eq!(taken.attachments.len(), 2);
}
