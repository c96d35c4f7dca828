//! Several exports of one phone, and what stands beside the values of samples.

use super::*;

fn with(record: &str, metadata: &[(&str, &str)]) -> String {
    let entries: String =
        metadata.iter().map(|(key, value)| format!("<MetadataEntry key=\"{key}\" value=\"{value}\"/>")).collect();
    record.replace("/>\n", &format!(">{entries}</Record>\n"))
}

fn insulin(source: &str, value: &str, start: &str, end: &str, reason: &str) -> String {
    let record = record("HKQuantityTypeIdentifierInsulinDelivery", source, "IU", value, start, end);
    with(&record, &[("HKInsulinDeliveryReason", reason)])
}

#[test]
fn all_insulin_of_a_day_is_added() {
    let taken = read_text(
        &[
            insulin("AAPS basal", "20", "00:00:00", "23:59:59", "1"),
            insulin("mySugr", "8", "12:00:00", "12:00:00", "2"),
            insulin("mySugr", "10", "18:00:00", "18:00:00", "2"),
        ]
        .concat(),
    );
    let day = taken.of("HKQuantityTypeIdentifierInsulinDelivery")[0];
    assert_eq!(day["valueQuantity"]["value"].to_string(), "38");
    assert_eq!(day["component"][0]["code"]["text"], "Basal insulin");
    assert_eq!(day["component"][0]["valueQuantity"]["value"].to_string(), "20");
    assert_eq!(day["component"][1]["valueQuantity"]["value"].to_string(), "18");
    assert!(
        day["note"][0]["text"].as_str().unwrap().ends_with("All are added; what two of them tell alike counts once.")
    );
}

#[test]
fn what_is_told_beside_a_value_is_kept() {
    let glucose = |at: &str| record("HKQuantityTypeIdentifierBloodGlucose", "Meter", "mg/dL", "104", at, at);
    let taken = read_text(
        &[
            with(&glucose("08:00:00"), &[("HKBloodGlucoseMealTime", "1"), ("HKWasUserEntered", "1")]),
            glucose("09:00:00"),
            "<Workout workoutActivityType=\"HKWorkoutActivityTypeRunning\" sourceName=\"W\" startDate=\"2024-06-01 10:00:00 +0200\" endDate=\"2024-06-01 10:30:00 +0200\"><MetadataEntry key=\"HKWasUserEntered\" value=\"1\"/></Workout>".to_owned(),
        ]
        .concat(),
    );
    let readings = taken.of("2339-0");
    assert_eq!(readings[0]["note"], serde_json::json!([{"text": "Before a meal."}, {"text": "Entered by hand."}]));
    assert_eq!(readings[1].get("note"), None);
}

#[test]
fn a_phone_that_is_set_to_other_units_makes_no_second_measurement() {
    let body = |unit: &str, value: &str, glucose: (&str, &str)| {
        let weight = record("HKQuantityTypeIdentifierBodyMass", "Scale", unit, value, "08:00:00", "08:00:00");
        let glucose =
            record("HKQuantityTypeIdentifierBloodGlucose", "Meter", glucose.0, glucose.1, "08:00:00", "08:00:00");
        read_text(&format!("{ME}{weight}{glucose}"))
    };
    let pounds = body("lb", "176.37", ("mg/dL", "104"));
    let kilograms = body("kg", "80", ("mmol&lt;180.1558800000541&gt;/L", "5.77278"));
    assert_eq!(pounds.of("29463-7")[0]["id"], kilograms.of("29463-7")[0]["id"]);
    assert_eq!(pounds.of("2339-0")[0]["id"], kilograms.of("15074-8")[0]["id"]);
    assert_eq!(kilograms.of("29463-7")[0]["valueQuantity"]["code"], "kg");
}

#[test]
fn two_values_of_one_moment_are_two_records_in_any_order() {
    let weight = |source: &str, value: &str| {
        record("HKQuantityTypeIdentifierBodyMass", source, "kg", value, "08:00:00", "08:00:00")
    };
    let ids = |body: &[String]| {
        let taken = read_text(&body.concat());
        let mut ids: Vec<String> =
            taken.of("29463-7").iter().map(|one| format!("{} {}", one["id"], one["valueQuantity"]["value"])).collect();
        ids.sort_unstable();
        ids
    };
    let both = [weight("Scale", "80"), weight("iPhone", "90"), weight("App", "80.0")];
    assert_eq!(ids(&both).len(), 2);
    let mut turned = both.clone();
    turned.reverse();
    let without_text = |ids: Vec<String>| ids.into_iter().map(|id| id.replace("80.0", "80")).collect::<Vec<_>>();
    assert_eq!(without_text(ids(&both)), without_text(ids(&turned)));
}

#[test]
fn an_export_tells_as_of_the_day_it_was_written() {
    let steps = record("HKQuantityTypeIdentifierStepCount", "iPhone", "count", "900", "07:00:00", "07:10:00");
    let text = format!(
        "<HealthData locale=\"en_US\"><ExportDate value=\"2024-06-02 10:00:00 +0200\"/>{ME}{steps}</HealthData>"
    );
    let limits = Limits::default();
    let source = Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
    let mut told = Vec::new();
    read(&mut text.as_bytes(), &source, &mut |found| {
        if let Found::Resource(converted) = found {
            told.push(converted.as_of);
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(told.len() >= 3 && told.iter().all(|as_of| *as_of == Some(1_717_315_200)), "{told:?}");
}

/// An export of more glucose than is kept one by one, and two weights; the readings in an order in which no phone writes them.
fn years_of_glucose(days: u32) -> Vec<u8> {
    let mut body = String::new();
    for number in 0..days * 10 {
        let (day, hour) = (1 + number * 7 % days, 8 + number / days);
        let at = format!("{hour:02}:00:00");
        for app in ["CGM", "Copy App"] {
            body += &record("HKQuantityTypeIdentifierBloodGlucose", app, "mg/dL", &format!("{}", 100 + hour), &at, &at)
                .replace("=\"2024-06-01 ", &format!("=\"2024-06-{day:02} "));
        }
    }
    body += &record("HKQuantityTypeIdentifierBodyMass", "Scale", "kg", "72", "07:00:00", "07:00:00");
    format!("<HealthData>{body}</HealthData>").into_bytes()
}

#[test]
fn of_more_readings_than_are_kept_the_oldest_are_in_their_days() {
    let glucose = |taken: &Taken| -> (Vec<String>, Vec<Value>) {
        let all: Vec<&Value> = taken.of("HKQuantityTypeIdentifierBloodGlucose");
        let (days, singles): (Vec<&Value>, Vec<&Value>) =
            all.into_iter().partition(|value| value["effectiveDateTime"].as_str().unwrap().len() == 10);
        let when = |value: &Value| value["effectiveDateTime"].as_str().unwrap().to_owned();
        (singles.into_iter().map(when).collect(), days.into_iter().cloned().collect())
    };
    let export = years_of_glucose(20);
    let (all, all_days) = glucose(&read_bytes(&export));
    assert_eq!((all.len(), all_days.len()), (200, 20));

    let taken = read_within(Limits { entries: 26, ..Limits::default() }, &export);
    let (newest, days) = glucose(&taken);
    assert_eq!(newest.len(), 25, "one place is the weight's");
    assert_eq!(newest, all[all.len() - newest.len()..], "in the order of time these are the last");
    assert_eq!(taken.of("29463-7").len(), 1);
    assert!(taken.codes().contains(&"apple_in_days_only") && !taken.codes().contains(&"apple_too_many"));
    assert_eq!(days.len(), 20);
    for (day, whole) in days.iter().zip(&all_days) {
        for figure in ["/component/0/valueQuantity", "/component/1/valueQuantity", "/effectiveDateTime"] {
            assert_eq!(day.pointer(figure), whole.pointer(figure), "lowest and highest are of all of its readings");
        }
        let average = |day: &Value| day["valueQuantity"]["value"].as_f64().unwrap();
        assert!((average(day) - average(whole)).abs() < 1.0, "a copy that came late counts twice at most: {day}");
    }
    let one = read_within(Limits { entries: 1, ..Limits::default() }, &years_of_glucose(1));
    assert_eq!(glucose(&one).1.len(), 1, "a day without a single reading left has its figures");
}

#[test]
fn of_more_weights_than_are_kept_the_oldest_are_left_out() {
    let body: String = (10..20)
        .map(|hour| format!("{hour}:00:00"))
        .map(|at| record("HKQuantityTypeIdentifierBodyMass", "Scale", "kg", "72", &at, &at))
        .collect();
    let taken =
        read_within(Limits { entries: 4, ..Limits::default() }, format!("<HealthData>{body}</HealthData>").as_bytes());
    let weights = taken.of("29463-7");
    assert_eq!(weights.len(), 4);
    assert_eq!(weights[0]["effectiveDateTime"], "2024-06-01T16:00:00+02:00");
    assert_eq!(taken.codes(), ["apple_too_many"]);
}
