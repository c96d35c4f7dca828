//! Electrocardiograms: Apple's CSV of one lead, into an Observation with SampledData.
//!
//! The names of the rows are in the phone's language and the order is not, so rows are found by what they hold: the date
//! by its shape, the rate by its size, the unit by `V`; the classification is the row after the date.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    emit::put_device,
    out::{Frame, Person},
    time::{Stamp, parse_day},
};
use crate::{
    build::{self, decimal, loinc, object, put},
    convert::{Resource, binary_reference},
    terminology::UCUM,
};

/// The most bytes of one file; half a minute at 512 Hz has some 150 KiB.
pub(super) const FILE_BYTES: usize = 4 << 20;
/// The most values of one recording.
const VALUES: usize = 200_000;
/// The most rows before the values.
const HEAD: usize = 30;

/// A recording, read.
#[derive(Debug)]
pub(super) struct Recording {
    at: Stamp,
    /// The day of birth, where it is written as a date of ISO 8601.
    pub(super) born: Option<i32>,
    classification: Option<String>,
    symptoms: Option<String>,
    device: Option<String>,
    lead: Option<String>,
    hertz: f64,
    microvolt_factor: f64,
    /// Values as FHIR's SampledData writes them.
    data: String,
    /// SHA-256 of the file.
    pub(super) sha256: [u8; 32],
}

/// Whether a CSV is an electrocardiogram and not a table of values: its head names a sample rate.
pub(super) fn read(bytes: &[u8]) -> Option<Recording> {
    let sha256: [u8; 32] = Sha256::digest(bytes).into();
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok()?;
    let mut lines = text.lines();
    let mut head: Vec<(String, String)> = Vec::new();
    let mut data = String::new();
    let mut values = 0;
    let push = |data: &mut String, value: f64| {
        if !data.is_empty() {
            data.push(' ');
        }
        data.push_str(&decimal(value));
    };
    for line in lines.by_ref() {
        let line = line.trim();
        if let Some(value) = voltage(line) {
            push(&mut data, value);
            values += 1;
            break;
        }
        if !line.is_empty() {
            if head.len() >= HEAD {
                return None;
            }
            let (name, value) = line.split_once([',', ';']).unwrap_or((line, ""));
            let clean = |text: &str| text.trim().trim_matches('"').trim().to_owned();
            head.push((clean(name), clean(value)));
        }
    }
    for line in lines {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        push(&mut data, voltage(line)?);
        values += 1;
        if values > VALUES {
            return None;
        }
    }
    let date = head.iter().position(|(_, value)| Stamp::parse(value).is_some())?;
    let at = Stamp::parse(&head.get(date)?.1)?;
    // "512.000 Hz", "512 Hertz", "512 Гц": after the date, the first number of this size with a unit.
    let hertz = head.iter().skip(date + 1).find_map(|(_, value)| {
        let (number, unit) = value.split_once(char::is_whitespace)?;
        let number = number.replace(',', ".").parse::<f64>().ok()?;
        ((50.0..=10_000.0).contains(&number) && !unit.trim().is_empty()).then_some(number)
    })?;
    let volts = head.iter().find_map(|(_, value)| match value.as_str() {
        "µV" | "μV" | "uV" | "mcV" => Some(1.0),
        "mV" => Some(1000.0),
        _ => None,
    });
    if values == 0 {
        return None;
    }
    let after_date = |rows: usize| head.get(date + rows).and_then(|(_, value)| build::text(value, 200));
    let lead = head.iter().rev().take(3).find(|(_, value)| value.ends_with(" I") || value.ends_with('I'));
    let born = head.iter().take(date).find_map(|(_, value)| (value.len() == 10).then(|| parse_day(value)).flatten());
    Some(Recording {
        at,
        born,
        classification: after_date(1),
        symptoms: after_date(2),
        device: after_date(4),
        lead: lead.and_then(|(_, value)| build::text(value, 60)),
        hertz,
        microvolt_factor: volts.unwrap_or(1.0),
        data,
        sha256,
    })
}

/// One line of values: a number with a point or a comma, perhaps in quotes, perhaps with a typographic minus.
fn voltage(line: &str) -> Option<f64> {
    let bare = line.trim_matches('"');
    if !bare.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '−')) || bare.len() > 40 {
        return None;
    }
    bare.replace('−', "-").replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite())
}

impl Recording {
    /// The Observation (LOINC 11524-6), and the DocumentReference of the file it was read from.
    pub(super) fn resources(&self, person: &Person, name: &str) -> [Resource; 2] {
        let when = self.at.date_time();
        let instant = self.at.unix().to_string();
        let (id, file) = (person.id(&["ecg", &instant]), person.id(&["ecg-file", &instant]));
        let apple = ("HKElectrocardiogramType", "Electrocardiogram");
        let mut resource =
            Frame { id, category: "procedure", loinc: Some(("11524-6", "EKG study")), apple, when: &when }
                .observation(person);
        let period = decimal(1000.0 / self.hertz);
        let mut sampled = object(json!({
            "origin": {"value": 0, "unit": "µV", "system": UCUM, "code": "uV"},
            "period": build::number(&period),
        }));
        if self.microvolt_factor != 1.0 {
            sampled.insert("factor".to_owned(), json!(build::number(&decimal(self.microvolt_factor))));
        }
        sampled.insert("dimensions".to_owned(), 1.into());
        sampled.insert("data".to_owned(), self.data.as_str().into());
        let interpretation = self.classification.as_deref().map(|text| json!([{"text": text}]));
        put(&mut resource, "interpretation", interpretation);
        let lead = self.lead.as_deref().unwrap_or("Lead I");
        resource.insert("valueSampledData".to_owned(), sampled.into());
        let mut note = lead.to_owned();
        if let Some(symptoms) = &self.symptoms {
            note = format!("{note}. Symptoms: {symptoms}");
        }
        resource.insert("note".to_owned(), json!([{"text": note}]));
        put_device(&mut resource, self.device.as_deref().unwrap_or_default());
        resource.insert("derivedFrom".to_owned(), json!([{"reference": format!("urn:uuid:{file}")}]));
        let mut document = object(json!({
            "resourceType": "DocumentReference",
            "id": file,
            "status": "current",
            "type": {"coding": [loinc("11524-6", "EKG study")], "text": "Electrocardiogram, as recorded"},
        }));
        put(&mut document, "subject", person.reference());
        let title = build::text(name, 200).unwrap_or_else(|| "electrocardiogram.csv".to_owned());
        document.insert(
            "content".to_owned(),
            json!([{"attachment": {
                "contentType": "text/csv", "url": binary_reference(&self.sha256), "title": title, "creation": when,
            }}]),
        );
        [resource, document]
    }
}
