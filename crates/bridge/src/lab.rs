//! A measured thing over time, as the interface draws it: a plain model, so that what is drawn can be tested.

use serde::{Deserialize, Serialize};

/// Values of one thing in one unit. What cannot be brought to one unit is two of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabSeries {
    /// What was measured, with its specimen where several would be confused ("Potassium", "Glucose in urine").
    pub title: String,
    /// The unit of all numbers here; may be empty.
    pub unit: String,
    /// Whether values reported in another unit were converted into this one; each says which ([`LabPoint::converted`]).
    pub converted: bool,
    /// The values, oldest first, at most 500 (the newest).
    pub points: Vec<LabPoint>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabPoint {
    /// The record it is from.
    pub record: String,
    /// When, as recorded (`2026`, `2026-05`, `2026-05-03` or a FHIR instant); empty where it is not known, and then it
    /// stands in the table alone.
    pub date: String,
    /// The same as Unix seconds, for its place on the axis (the start of what `date` names).
    pub at: i64,
    /// The value exactly as reported: `5.40`, `<0.5`, `positive`; with its unit where `unit` is empty.
    pub value: String,
    /// The unit exactly as reported; may be empty.
    pub unit: String,
    /// The value as a number in the series' unit, that of the limit for `<0.5`; none where there is no number
    /// (`positive`): it stands in the table and is not drawn.
    pub number: Option<f64>,
    /// Whether the number is only a limit.
    pub limit: LabLimit,
    /// The lower end of the range that this value was reported with, in the series' unit.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The range exactly as reported (`3.5 - 5.1 mmol/L`, `<150`); may be empty.
    pub range: String,
    /// How the source judged it, or, where it did not say, how the number stands to its own range.
    pub flag: LabFlag,
    /// Whether `flag` is the source's own word.
    pub flag_from_source: bool,
    /// Whether `number` was converted from another unit than the series'.
    pub converted: bool,
    /// Where it came from: a laboratory, a file; hostile text, may be empty.
    pub source: String,
}

/// Whether a number is the value or a limit that the value does not reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabLimit {
    /// It is the value.
    #[default]
    None,
    /// The value is lower (`<`, `<=`).
    Below,
    /// The value is higher (`>`, `>=`).
    Above,
}

/// How a value stands to its range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabFlag {
    /// No range and no judgement: nothing is claimed.
    #[default]
    Unknown,
    /// Within.
    Within,
    /// Below.
    Low,
    /// Above.
    High,
    /// The source calls it abnormal without saying in which direction.
    Abnormal,
}

impl LabFlag {
    /// How a number stands to a range, where the source did not judge. The ends belong to the range.
    pub fn of(number: f64, low: Option<f64>, high: Option<f64>) -> Self {
        match (low, high) {
            (None, None) => Self::Unknown,
            (Some(low), _) if number < low => Self::Low,
            (_, Some(high)) if number > high => Self::High,
            _ => Self::Within,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_range_belong_to_it_and_without_one_nothing_is_claimed() {
        assert_eq!(LabFlag::of(3.5, Some(3.5), Some(5.1)), LabFlag::Within);
        assert_eq!(LabFlag::of(3.49, Some(3.5), None), LabFlag::Low);
        assert_eq!(LabFlag::of(151.0, None, Some(150.0)), LabFlag::High);
        assert_eq!(LabFlag::of(5.0, None, None), LabFlag::Unknown);
    }

    #[test]
    fn numbers_survive_json() -> Result<(), serde_json::Error> {
        let point = LabPoint {
            record: "1".to_owned(),
            date: "2026-05".to_owned(),
            at: 1_777_000_000,
            value: "72.50".to_owned(),
            unit: "kg".to_owned(),
            number: Some(72.5),
            limit: LabLimit::None,
            low: Some(60.0),
            high: None,
            range: String::new(),
            flag: LabFlag::Within,
            flag_from_source: false,
            converted: false,
            source: String::new(),
        };
        let value = serde_json::to_value(&point)?;
        assert_eq!(serde_json::from_value::<LabPoint>(value)?, point);
        Ok(())
    }
}
