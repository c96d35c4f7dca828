//! What a file says of its study and series, and the ImagingStudy made of it.
//!
//! Each series of a study is one ImagingStudy, identified by both UIDs and made of nothing but what all pictures of the
//! series share: so the hundred pictures of a series give the same resource, byte by byte.

use serde_json::{Map, Value, json};

use super::{charset::Charset, dataset::DataSet, tags};
use crate::{
    convert::{Resource, derive_id},
    documents::reference::{narrative, tidy},
};

/// The code system of modalities (PS3.16, context group 29).
const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";

/// What a file says of where it belongs.
#[derive(Debug, Default)]
pub(super) struct About {
    study_uid: String,
    series_uid: String,
    /// When the study began, as a FHIR dateTime.
    pub(super) started: Option<String>,
    modality: String,
    body_part: String,
    study: String,
    series: String,
    series_number: String,
    instance_number: String,
    pub(super) institution: Option<String>,
    referrer: String,
    accession: String,
    patient_name: String,
    patient_id: String,
}

impl About {
    pub(super) fn of(data: &DataSet<'_>, charset: &Charset) -> About {
        let text = |tag: u32| tidy(&charset.text(data, tag));
        let dates = [tags::STUDY_DATE, tags::SERIES_DATE, tags::ACQUISITION_DATE, tags::CONTENT_DATE];
        let time = data.first(tags::STUDY_TIME);
        let zone = data.first(tags::TIMEZONE_OFFSET);
        About {
            study_uid: data.string(tags::STUDY_UID),
            series_uid: data.string(tags::SERIES_UID),
            started: dates.iter().find_map(|tag| fhir_date(&data.first(*tag), &time, &zone)),
            modality: data.first(tags::MODALITY).to_uppercase(),
            body_part: text(tags::BODY_PART),
            study: text(tags::STUDY_DESCRIPTION),
            series: text(tags::SERIES_DESCRIPTION),
            series_number: data.first(tags::SERIES_NUMBER),
            instance_number: data.first(tags::INSTANCE_NUMBER),
            institution: Some(text(tags::INSTITUTION_NAME)).filter(|name| !name.is_empty()),
            referrer: tidy(&charset.name(data, tags::REFERRING_PHYSICIAN)),
            accession: text(tags::ACCESSION_NUMBER),
            patient_name: tidy(&charset.name(data, tags::PATIENT_NAME)),
            patient_id: text(tags::PATIENT_ID),
        }
    }

    /// What to call one picture.
    pub(super) fn title(&self) -> Option<String> {
        let mut title = self.series_title()?;
        if let Ok(number) = self.instance_number.parse::<u32>() {
            title.push_str(&format!(", image {number}"));
        }
        Some(title)
    }

    /// What to call the series: the study, else what was done where.
    fn series_title(&self) -> Option<String> {
        let kind = modality_name(&self.modality).unwrap_or(&self.modality);
        let mut parts: Vec<&str> = Vec::new();
        for part in [kind, &self.study, &self.body_part, &self.series] {
            let known = parts.iter().any(|have| have.to_lowercase().contains(&part.to_lowercase()));
            if !part.is_empty() && !known {
                parts.push(part);
            }
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    pub(super) fn facts(&self) -> Vec<String> {
        let mut out = vec![format!("{} (DICOM).", modality_name(&self.modality).unwrap_or("Medical image"))];
        let mut say = |label: &str, text: &str| {
            if !text.is_empty() {
                out.push(format!("{label}: {text}"));
            }
        };
        say("Study", &self.study);
        say("Series", &self.series);
        say("Body part", &self.body_part);
        say("Date", self.started.as_deref().unwrap_or_default());
        say("Institution", self.institution.as_deref().unwrap_or_default());
        say("Referred by", &self.referrer);
        say("Accession number", &self.accession);
        out
    }

    /// Whose it is, as the file says: a name and a number to compare, never a guess.
    pub(super) fn subject(&self) -> Option<Value> {
        let mut out = Map::new();
        if !self.patient_id.is_empty() {
            out.insert("identifier".to_owned(), json!({ "value": self.patient_id }));
        }
        if !self.patient_name.is_empty() {
            out.insert("display".to_owned(), json!(self.patient_name));
        }
        (!out.is_empty()).then_some(Value::Object(out))
    }

    /// The series as an ImagingStudy, and its id; `None` where the file has no proper UIDs.
    pub(super) fn imaging_study(&self) -> Option<(Resource, String)> {
        if !is_uid(&self.study_uid) || !is_uid(&self.series_uid) || self.modality.is_empty() {
            return None;
        }
        let id = derive_id(&["ImagingStudy", &self.study_uid, &self.series_uid]);
        let title = self.series_title().unwrap_or_default();
        let mut out = Map::new();
        out.insert("resourceType".to_owned(), json!("ImagingStudy"));
        out.insert("id".to_owned(), json!(id));
        out.insert("text".to_owned(), json!({ "status": "generated", "div": narrative(&title, &self.facts(), "") }));
        let mut identifiers =
            vec![json!({ "system": "urn:dicom:uid", "value": format!("urn:oid:{}", self.study_uid) })];
        if !self.accession.is_empty() {
            identifiers.push(json!({
                "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN" }] },
                "value": self.accession,
            }));
        }
        out.insert("identifier".to_owned(), Value::Array(identifiers));
        out.insert("status".to_owned(), json!("available"));
        let modality = json!({ "system": DCM, "code": self.modality });
        out.insert("modality".to_owned(), json!([modality]));
        // FHIR asks for whose it is even where the file does not say.
        out.insert("subject".to_owned(), self.subject().unwrap_or_else(|| json!({ "display": "not stated" })));
        if let Some(started) = &self.started {
            out.insert("started".to_owned(), json!(started));
        }
        if !self.referrer.is_empty() {
            out.insert("referrer".to_owned(), json!({ "display": self.referrer }));
        }
        if let Some(institution) = &self.institution {
            out.insert("location".to_owned(), json!({ "display": institution }));
        }
        if !title.is_empty() {
            out.insert("description".to_owned(), json!(title));
        }
        let mut series = Map::new();
        series.insert("uid".to_owned(), json!(self.series_uid));
        if let Ok(number) = self.series_number.parse::<u32>()
            && number <= i32::MAX as u32
        {
            series.insert("number".to_owned(), json!(number));
        }
        series.insert("modality".to_owned(), modality);
        if !self.series.is_empty() {
            series.insert("description".to_owned(), json!(self.series));
        }
        if !self.body_part.is_empty() {
            series.insert("bodySite".to_owned(), json!({ "display": self.body_part }));
        }
        out.insert("series".to_owned(), json!([series]));
        Some((out, id))
    }
}

/// The shape of a UID (PS3.5, chapter 9).
pub(super) fn is_uid(text: &str) -> bool {
    (3..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.split('.').all(|part| !part.is_empty())
}

/// `20040826`, `2004.08.26` and a time to a FHIR dateTime: with the time only where the zone is known.
pub(super) fn fhir_date(date: &str, time: &str, zone: &str) -> Option<String> {
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    let day = format!("{year}-{month}-{day}");
    crate::datetime::unix_seconds(&day).filter(|_| digits.len() == 8 && year > "1850")?;
    let clock: String = time.chars().filter(char::is_ascii_digit).take(6).collect();
    let zone = zone.split_at_checked(3).map(|(hours, minutes)| format!("{hours}:{minutes}")).unwrap_or_default();
    let full = format!(
        "{day}T{}:{}:{}{zone}",
        clock.get(..2).unwrap_or_default(),
        clock.get(2..4).unwrap_or_default(),
        clock.get(4..6).unwrap_or("00"),
    );
    let shaped = zone.len() == 6 && full.len() == 25 && crate::datetime::unix_seconds(&full).is_some();
    Some(if shaped { full } else { day })
}

/// What people call a modality (PS3.3, C.7.3.1.1.1).
fn modality_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "CT" => "CT",
        "MR" => "MRI",
        "US" | "IVUS" => "Ultrasound",
        "CR" | "DX" | "DR" | "RG" => "X-ray",
        "MG" => "Mammogram",
        "XA" | "DSA" => "Angiogram",
        "RF" => "Fluoroscopy",
        "NM" => "Nuclear medicine",
        "PT" => "PET",
        "IO" | "PX" => "Dental X-ray",
        "BMD" => "Bone density",
        "ECG" => "ECG",
        "ES" => "Endoscopy",
        "OP" | "OPT" | "OCT" => "Eye image",
        "SM" | "GM" => "Microscopy",
        "XC" => "Photograph",
        "SR" => "Structured report",
        "DOC" => "Document",
        "OT" | "" => "Medical image",
        _ => return None,
    })
}
