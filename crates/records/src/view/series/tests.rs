//! Tests of series: what goes together, in which unit, with which range.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn courses(records: &[Value]) -> Vec<Series> {
    let merging: Vec<Merging<'_, Value>> = records
        .iter()
        .enumerate()
        .map(|(at, resource)| Merging { identity: [u8::try_from(at).unwrap(); 32], source: "a", resource })
        .collect();
    series(&merging, &Reader::default())
}

fn lab(loinc: &str, time: &str, value: &str, unit: &str) -> Value {
    let value: Value = serde_json::from_str(value).unwrap();
    json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": time,
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc, "display": loinc}]},
        "valueQuantity": {"value": value, "unit": unit}})
}

#[test]
fn glucose_in_both_units_is_one_course() {
    let found = courses(&[
        lab("2345-7", "2020-01-01", "99", "mg/dl"),
        lab("2345-7", "2020-02-01", "105", "mg/dL"),
        lab("14749-6", "2020-03-01", "5.4", "mmol/L"),
    ]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].ucum, "mg/dL");
    let last = &found[0].points[2];
    assert_eq!(last.text, "5.4 mmol/L");
    let converted = last.converted.as_ref().unwrap();
    assert_eq!((converted.text.as_str(), converted.how), ("97", How::MolarMass(180.156)));
    assert!((last.number.unwrap() - 97.284).abs() < 0.01);
}

#[test]
fn units_that_do_not_convert_are_two_courses() {
    assert_eq!(courses(&[lab("4548-4", "2020", "6.5", "%"), lab("4548-4", "2021", "48", "mmol/mol")]).len(), 2);
    assert_eq!(courses(&[lab("1988-5", "2020", "5", "mg/L"), lab("1988-5", "2021", "48", "nmol/L")]).len(), 2);
    assert_eq!(
        courses(&[lab("33914-3", "2020", "60", "mL/min"), lab("33914-3", "2021", "60", "mL/min/1.73m2")]).len(),
        2
    );
    assert_eq!(courses(&[lab("777-3", "2020", "250", "10*3/uL"), lab("777-3", "2021", "250", "mmol/L")]).len(), 2);
    assert_eq!(courses(&[lab("777-3", "2020", "250", "10*3/uL"), lab("777-3", "2021", "250", "G/L")]).len(), 1);
    assert_eq!(courses(&[lab("2345-7", "2020", "90", "mg/dL"), lab("2339-0", "2021", "90", "mg/dL")]).len(), 2);
}

#[test]
fn equivalents_and_enzymes() {
    let sodium = courses(&[
        lab("2951-2", "2020", "140", "mmol/L"),
        lab("2951-2", "2021", "139", "mEq/L"),
        lab("2951-2", "2022", "138", "mmol/L"),
    ]);
    assert_eq!(sodium.len(), 1);
    assert_eq!(sodium[0].points[1].converted, Some(Converted { text: "139".to_owned(), how: How::Equivalent }));
    assert_eq!(courses(&[lab("17861-6", "2020", "9", "mg/dL"), lab("17861-6", "2021", "4.6", "mEq/L")]).len(), 2);
    let alt = courses(&[
        lab("1742-6", "2020", "40", "U/L"),
        lab("1742-6", "2021", "41", "IU/L"),
        lab("1742-6", "2022", "0.7", "ukat/L"),
    ]);
    assert_eq!((alt.len(), alt[0].points.len()), (1, 3));
    assert_eq!(alt[0].points[2].converted.as_ref().unwrap().text, "42");
}

#[test]
fn a_blood_pressure_is_two_courses_and_its_parts_join_those_told_alone() {
    let panel = json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": "2020-01-01T08:00:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "component": [
            {"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}, "valueQuantity": {"value": 120, "unit": "mmHg"}},
            {"code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]}, "valueQuantity": {"value": 80, "unit": "mmHg"}}]});
    let found =
        courses(&[panel, lab("8480-6", "2020-01-01", "120.0", "mm[Hg]"), lab("8480-6", "2021-01-01", "130", "mm[Hg]")]);
    assert_eq!(found.iter().map(|series| series.points.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(found[0].points[0].records.len(), 2);
    assert_eq!(found[0].points[0].text, "120 mmHg");
}

#[test]
fn each_value_lies_in_its_own_range() {
    let mut low = lab("2345-7", "2020-01-01", "60", "mg/dL");
    low["referenceRange"] = json!([{"low": {"value": 70, "unit": "mg/dL"}, "high": {"value": 99, "unit": "mg/dL"}}]);
    let mut text = lab("2345-7", "2020-02-01", "150", "mg/dL");
    text["referenceRange"] = json!([{"text": "<150"}]);
    let mut limit = lab("2345-7", "2020-03-01", "5", "mg/dL");
    limit["valueQuantity"]["comparator"] = json!("<");
    limit["referenceRange"] = json!([{"low": {"value": 4}}]);
    let mut none = lab("14749-6", "2020-04-01", "5.0", "mmol/L");
    none["interpretation"] = json!([{"coding": [{"code": "H", "display": "High"}]}]);
    let mut moles = lab("14749-6", "2020-05-01", "5.0", "mmol/L");
    moles["referenceRange"] =
        json!([{"low": {"value": 3.9, "unit": "mmol/L"}, "high": {"value": 5.5, "unit": "mmol/L"}}]);
    let found = courses(&[low, text, limit, none, moles]);
    let places: Vec<Place> = found[0].points.iter().map(|point| point.place).collect();
    assert_eq!(places, [Place::Below, Place::Above, Place::Untold, Place::Untold, Place::Within]);
    assert_eq!(found[0].points[3].interpretation_code.as_deref(), Some("H"));
    let range = found[0].points[4].range.as_ref().unwrap();
    assert!(range.converted && (range.low.as_ref().unwrap().value - 70.26).abs() < 0.01);
    assert_eq!(range.text, "3.9 mmol/L – 5.5 mmol/L");
}

#[test]
fn words_are_a_course_of_their_own() {
    let words = |time: &str, value: &str| {
        json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": time, "valueString": value,
            "code": {"text": "Nitrite"}, "referenceRange": [{"text": "neg"}]})
    };
    let found =
        courses(&[words("2020", "Negative"), words("2021", "POSITIVE"), words("2022", "trace"), words("2023", "<0.5")]);
    assert_eq!(found.len(), 2);
    assert!(!found[0].is_numeric);
    let places: Vec<Place> = found[0].points.iter().map(|point| point.place).collect();
    assert_eq!(places, [Place::Within, Place::Outside, Place::Untold]);
    assert_eq!((found[1].points[0].number, found[1].points[0].comparator), (Some(0.5), Some(Comparator::Less)));
}

#[test]
fn what_was_entered_in_error_is_left_out() {
    let mut wrong = lab("2345-7", "2020", "1", "mg/dL");
    wrong["status"] = json!("entered-in-error");
    assert_eq!(courses(&[wrong, json!({"resourceType": "Patient"}), json!(3)]), []);
}

proptest! {
    #[test]
    fn the_order_does_not_matter_and_no_value_is_lost(
        values in prop::collection::vec((0_usize..4, 0_usize..5, 0_usize..5, 0_u8..9), 0..30), shuffle in prop::collection::vec(any::<u32>(), 30)
    ) {
        let records: Vec<Value> = values.iter().map(|(code, unit, time, value)| lab(
            ["2345-7", "14749-6", "718-7", "4548-4"][*code],
            ["2020", "2020-01-01", "2020-01-01T08:00:00Z", "2021-05", "bad"][*time],
            &value.to_string(),
            ["mg/dL", "mmol/L", "g/L", "%", "xyz"][*unit],
        )).collect();
        let merging: Vec<Merging<'_, Value>> = records.iter().enumerate()
            .map(|(at, resource)| Merging { identity: [u8::try_from(at).unwrap(); 32], source: "a", resource }).collect();
        let found = series(&merging, &Reader::default());
        let mut order: Vec<usize> = (0..merging.len()).collect();
        order.sort_by_key(|at| shuffle.get(*at).copied());
        let shuffled: Vec<Merging<'_, Value>> = order.iter().map(|at| merging[*at]).collect();
        prop_assert_eq!(&series(&shuffled, &Reader::default()), &found);
        let mut told: Vec<[u8; 32]> = found.iter().flat_map(|series| &series.points).flat_map(|point| point.records.clone()).collect();
        told.sort_unstable();
        prop_assert_eq!(told, merging.iter().map(|record| record.identity).collect::<Vec<_>>());
        let keys: BTreeSet<FactKey> = found.iter().map(|series| series.key).collect();
        prop_assert_eq!(keys.len(), found.len());
    }
}
