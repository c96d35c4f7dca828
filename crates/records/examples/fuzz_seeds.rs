//! Writes small made-up files for the fuzz targets to begin with, each into the folder of its target:
//! `cargo run -p carnet-records --example fuzz_seeds -- FOLDER`. `cargo xtask fuzz` does so before it runs a target.
//!
//! A target that puts something in front of its input gets the rest of the file alone. Files are small: what is changed
//! at random is to be read many times a second.

use std::{
    error::Error,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use carnet_records::{
    generator::{self, PatientSpec, apple, table},
    pdf::{Fonts, Sheet, SheetSection, render_sheet},
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

const SUMMARY: &str = include_str!("../tests/samples/summary.xml");

/// EXIF data with a place: what has to be taken out of a picture on request.
const PLACE: [u8; 44] = [
    b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 1, 0, 1, 0, 2, 0, 0,
    0, 2, b'N', 0, 0, 0, 0, 0, 0, 0,
];

/// Drawings of a part of a code each, in the two ways in which most programs draw one.
const CODE_IN_LINES: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><title>Code</title>
<path fill="#ffffff" d="M0 0h29v29H0z"/><path stroke="#000" stroke-width="1" d="M4 4.5h7m1 0h1m1 0h2m2 0h7M4 5.5h1m5 0h1"/>
<path style="fill:rgb(0,0,0);fill-rule:evenodd" transform="translate(3,4) rotate(90 1 1)" d="M0,0L1,0 1,1 0,1zm2 2a1 1 0 01.5.5z"/></svg>"##;
const CODE_IN_SQUARES: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="290" height="290"><style>.d{fill:#000}</style>
<defs><rect id="m" width="10" height="10"/></defs><g class="d"><use x="40" y="40" href="#m"/><rect x="50" y="40" width="10"
height="10"/><circle cx="75" cy="45" r="5"/><polygon points="80,40 90,40 90,50"/><svg x="9" width="9" viewBox="0 0 9 9"/></g></svg>"##;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: fuzz_seeds FOLDER")?);
    let mut seeds = Seeds { folder: &folder, written: 0 };
    fhir(&mut seeds)?;
    seeds.both("ccda", SUMMARY.as_bytes(), SUMMARY.as_bytes())?;
    for entry in SUMMARY.split("<entry").skip(1) {
        let text = entry.split_once('>').map_or(entry, |(_, inside)| inside);
        seeds.put("ccda", text.split("</entry>").next().unwrap_or(text).as_bytes())?;
    }
    let small = generator::patient(&PatientSpec { resources: 12, ..PatientSpec::default() });
    seeds.put("front_door", generator::ccda::document(&small).as_bytes())?;
    apple_export(&mut seeds)?;
    for text in [table::dexcom(12, 1), table::blood_pressure(12, 1)] {
        seeds.both("csv_table", text.as_bytes(), text.as_bytes())?;
    }
    documents(&mut seeds)
}

/// Where the seeds go, numbered.
struct Seeds<'a> {
    folder: &'a Path,
    written: usize,
}

impl Seeds<'_> {
    fn put(&mut self, target: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder)?;
        self.written += 1;
        Ok(fs::write(folder.join(format!("seed-{}", self.written)), bytes)?)
    }

    /// The target's own part of a file, and the whole file for the target that takes any.
    fn both(&mut self, target: &str, part: &[u8], whole: &[u8]) -> Result<(), Box<dyn Error>> {
        self.put(target, part)?;
        self.put("front_door", whole)
    }
}

fn fhir(seeds: &mut Seeds<'_>) -> Result<(), Box<dyn Error>> {
    let patient = generator::patient(&PatientSpec { resources: 70, every_kind: true, ..PatientSpec::default() });
    let entries = patient.get("entry").and_then(Value::as_array).ok_or("a Bundle has entries")?;
    for entry in entries {
        let resource = entry.get("resource").ok_or("an entry has a resource")?;
        seeds.put("fhir_json", resource.to_string().as_bytes())?;
        seeds.put("fhir_xml", format!("<entry><resource>{}", xml(resource)).as_bytes())?;
    }
    for some in entries.chunks(8) {
        let resources: Vec<&Value> = some.iter().filter_map(|entry| entry.get("resource")).collect();
        seeds.put("view", json!(resources).to_string().as_bytes())?;
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": some }).to_string();
        seeds.both("fhir_json", bundle.as_bytes(), bundle.as_bytes())?;
        let lines: Vec<String> = resources.iter().map(|resource| format!("{resource}\n")).collect();
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(lines.concat().as_bytes())?;
        seeds.both("fhir_json", lines.concat().as_bytes(), &packed.finish()?)?;
        let wrapped = json!({ "data": { "records": resources }, "note": bundle }).to_string();
        seeds.both("fhir_json", wrapped.as_bytes(), wrapped.as_bytes())?;
    }
    for resources in [of_dstu2(), of_stu3()] {
        let entries: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }).to_string();
        seeds.both("fhir_json", bundle.as_bytes(), bundle.as_bytes())?;
        let entries: Vec<String> =
            resources.iter().map(|resource| format!("<entry><resource>{}</resource></entry>", xml(resource))).collect();
        seeds.put("fhir_xml", entries.concat().as_bytes())?;
    }
    for text in ["10*3/uL", "< 150 mg/dL", "3,5 - 5,1 mmol/l", "M: 13-17; F: 12 - 15 g/dL", "negative", "%{HbA1c}"] {
        seeds.put("view_text", text.as_bytes())?;
    }
    Ok(())
}

fn of_dstu2() -> Vec<Value> {
    let patient = json!({ "reference": "Patient/p" });
    let medicine = json!({ "text": "Aspirin" });
    vec![
        json!({ "resourceType": "Patient", "id": "p", "name": [{ "family": ["van", "Dijk"], "given": ["Ada"] }],
            "careProvider": [{ "display": "D" }], "link": [{ "other": patient, "type": "replace" }] }),
        json!({ "resourceType": "AllergyIntolerance", "id": "a", "patient": patient, "substance": medicine, "status": "confirmed",
            "criticality": "CRITH", "reaction": [{ "certainty": "likely", "manifestation": [{ "text": "Hives" }] }] }),
        json!({ "resourceType": "Condition", "id": "c", "patient": patient, "code": medicine, "clinicalStatus": "active",
            "verificationStatus": "confirmed", "onsetQuantity": { "value": 7, "system": "http://unitsofmeasure.org", "code": "a" } }),
        json!({ "resourceType": "MedicationOrder", "id": "m", "patient": patient, "medicationCodeableConcept": medicine, "note": "n",
            "dosageInstruction": [{ "text": "1-0-1", "timing": { "repeat": { "frequency": 2, "period": 1, "periodUnits": "d" } },
                "doseQuantity": { "value": 1 } }], "dispenseRequest": { "medicationCodeableConcept": medicine } }),
        json!({ "resourceType": "Immunization", "id": "i", "patient": patient, "vaccineCode": medicine, "status": "completed",
            "wasNotGiven": false, "reported": true, "performer": patient, "explanation": { "reasonNotGiven": [{ "text": "r" }] },
            "vaccinationProtocol": [{ "doseSequence": 1, "doseStatus": { "text": "counts" } }] }),
        json!({ "resourceType": "Observation", "id": "o", "status": "final", "code": medicine, "comments": "n",
            "related": [{ "type": "has-member", "target": { "reference": "Observation/p" } }] }),
        json!({ "resourceType": "Practitioner", "id": "d", "practitionerRole": [{ "role": { "text": "Doctor" } }] }),
    ]
}

fn of_stu3() -> Vec<Value> {
    let patient = json!({ "reference": "Patient/p" });
    let medicine = json!({ "text": "Aspirin" });
    vec![
        json!({ "resourceType": "AllergyIntolerance", "id": "a", "patient": patient, "clinicalStatus": "active",
            "verificationStatus": "confirmed", "assertedDate": "2019-03-04" }),
        json!({ "resourceType": "Condition", "id": "c", "subject": patient, "context": { "reference": "EpisodeOfCare/e" },
            "clinicalStatus": "recurrence", "stage": { "summary": medicine }, "abatementBoolean": false }),
        json!({ "resourceType": "Immunization", "id": "i", "patient": patient, "vaccineCode": medicine, "status": "completed",
            "notGiven": true, "practitioner": [{ "role": medicine, "actor": patient }] }),
        json!({ "resourceType": "MedicationRequest", "id": "m", "subject": patient, "medicationReference": { "reference": "#m" },
            "requester": { "agent": patient, "onBehalfOf": patient }, "dosageInstruction": [{ "rateQuantity": { "value": 1 } }],
            "contained": [{ "resourceType": "Medication", "id": "m", "package": { "content": [{ "amount": { "value": 1 } }] } }] }),
        json!({ "resourceType": "MedicationStatement", "id": "s", "subject": patient, "medicationCodeableConcept": medicine,
            "status": "active", "taken": "unk" }),
        json!({ "resourceType": "Goal", "id": "g", "subject": patient, "description": medicine, "status": "on-target" }),
        json!({ "resourceType": "DocumentReference", "id": "d", "status": "current", "class": medicine, "created": "2019",
            "context": { "related": [{ "identifier": { "value": "1" }, "ref": patient }] } }),
        json!({ "resourceType": "ReferralRequest", "id": "r", "status": "cancelled", "subject": patient,
            "serviceRequested": [medicine], "recipient": [patient] }),
        json!({ "resourceType": "Device", "id": "v", "udi": { "name": "Pump", "deviceIdentifier": "1" }, "model": "X", "version": "2" }),
    ]
}

/// A resource as FHIR XML (R4, 2.6.1); members whose names begin with an underscore are left out.
fn xml(resource: &Value) -> String {
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or("Basic");
    let mut out = format!("<{kind} xmlns=\"http://hl7.org/fhir\">");
    members(resource, &mut out);
    out.push_str(&format!("</{kind}>"));
    out
}

fn members(object: &Value, out: &mut String) {
    for (name, value) in object.as_object().into_iter().flatten() {
        if name == "resourceType" || name.starts_with('_') {
            continue;
        }
        for one in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            match one {
                Value::Object(members) if members.contains_key("resourceType") => {
                    out.push_str(&format!("<{name}>{}</{name}>", xml(one)));
                }
                Value::Object(_) => {
                    out.push_str(&format!("<{name}>"));
                    members(one, out);
                    out.push_str(&format!("</{name}>"));
                }
                Value::String(text) if name == "div" => out.push_str(text),
                Value::String(text) => {
                    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
                    out.push_str(&format!("<{name} value=\"{text}\"/>"));
                }
                other => out.push_str(&format!("<{name} value=\"{other}\"/>")),
            }
        }
    }
}

fn apple_export(seeds: &mut Seeds<'_>) -> Result<(), Box<dyn Error>> {
    let mut export = Vec::new();
    apple::write(&mut export, 1, 1)?;
    let text = String::from_utf8(export)?;
    let samples: Vec<&str> = text.split_inclusive("/>").collect();
    for some in samples.chunks(24).skip(1).take(40) {
        seeds.put("apple_xml", some.concat().as_bytes())?;
    }
    seeds
        .put("front_door", samples.iter().take(24).copied().chain(["</HealthData>"]).collect::<String>().as_bytes())?;
    let ecg = "Name,Ada\nDate of Birth,1 Jan 1970\nRecorded Date,2024-03-05 10:15:00 +0100\nClassification,Sinus Rhythm\n\
               Symptoms,\nSoftware Version,1.9\nDevice,\"Watch6,1\"\nSample Rate,512 hertz\n\n\nLead,Lead I\nUnit,µV\n\n-12.5\n3,5\n";
    seeds.put("apple_xml", ecg.as_bytes())
}

fn documents(seeds: &mut Seeds<'_>) -> Result<(), Box<dyn Error>> {
    let section = SheetSection { title: "Results".into(), lines: vec![("Glucose".into(), "5.4 mmol/L".into())] };
    let sheet = Sheet {
        title: "Letter".into(),
        lead: "A made-up letter".into(),
        language: "en".into(),
        made: "2026-06-01T12:00:00Z".into(),
        sections: vec![section],
    };
    let pdf = render_sheet(&sheet, &Fonts::bundled())?.pdf;
    seeds.both("pdf", &pdf, &pdf)?;
    for pdf in [classic_pdf(""), classic_pdf("/Filter /ASCIIHexDecode")] {
        seeds.both("pdf", &pdf, &pdf)?;
    }
    let dicom = dicom();
    seeds.both("dicom", &dicom, &[&[0; 128], &b"DICM"[..], &dicom].concat())?;
    for image in [png()?, jpeg()] {
        seeds.both("image", &image, &image)?;
    }
    for svg in [CODE_IN_LINES, CODE_IN_SQUARES] {
        seeds.both("image", svg.as_bytes(), svg.as_bytes())?;
    }
    Ok(())
}

/// A PDF as the oldest programs write them: objects in the open, a table of where they are, text as it is.
fn classic_pdf(filter: &str) -> Vec<u8> {
    let text = "BT /F1 12 Tf 72 720 Td (Glucose 5.4 mmol/L) Tj 0 -14 Td [(Hb) -250 (14.1)] TJ <41> ' ET";
    let text = match filter {
        "" => text.to_owned(),
        _ => text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>() + ">",
    };
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>"
            .to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [65 /alpha] >> >>".to_owned(),
        format!("<< /Length {} {filter} >>\nstream\n{text}\nendstream", text.len()),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = out.len();
    out.push_str(&format!("{table}trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1));
    out.into_bytes()
}

/// The data of a DICOM file behind its mark: a picture of four grey pixels in explicit little endian (PS3.10, PS3.5).
fn dicom() -> Vec<u8> {
    let mut out = Vec::new();
    let mut element = |group: u16, number: u16, kind: &[u8; 2], value: &[u8]| {
        let value = if value.len().is_multiple_of(2) { value.to_vec() } else { [value, b" "].concat() };
        out.extend([group.to_le_bytes(), number.to_le_bytes()].concat());
        out.extend(kind);
        if matches!(kind, b"OB" | b"OW" | b"SQ" | b"UT") {
            out.extend([0, 0]);
            out.extend((value.len() as u32).to_le_bytes());
        } else {
            out.extend((value.len() as u16).to_le_bytes());
        }
        out.extend(value);
    };
    element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0");
    element(8, 0x5, b"CS", b"ISO_IR 192");
    element(8, 0x20, b"DA", b"20240305");
    element(8, 0x60, b"CS", b"CR");
    element(8, 0x1030, b"LO", b"Chest");
    element(8, 0x1110, b"SQ", &[]);
    element(0x10, 0x10, b"PN", b"Example^Ada");
    element(0x10, 0x30, b"DA", b"19700102");
    element(0x28, 0x2, b"US", &1_u16.to_le_bytes());
    element(0x28, 0x4, b"CS", b"MONOCHROME2");
    element(0x28, 0x10, b"US", &2_u16.to_le_bytes());
    element(0x28, 0x11, b"US", &2_u16.to_le_bytes());
    element(0x28, 0x100, b"US", &8_u16.to_le_bytes());
    element(0x28, 0x101, b"US", &8_u16.to_le_bytes());
    element(0x28, 0x102, b"US", &7_u16.to_le_bytes());
    element(0x28, 0x103, b"US", &0_u16.to_le_bytes());
    element(0x7FE0, 0x10, b"OB", &[0, 90, 180, 255]);
    out
}

fn png() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut out = Vec::new();
    let mut info = png::Info::with_size(1, 1);
    info.exif_metadata = Some(PLACE.to_vec().into());
    let mut writer = png::Encoder::with_info(&mut out, info)?.write_header()?;
    writer.write_image_data(&[128])?;
    writer.finish()?;
    Ok(out)
}

/// The segments of a JPEG that say where it was taken, and an end: what is read of one that is only kept.
fn jpeg() -> Vec<u8> {
    let exif = [&b"Exif\0\0"[..], &PLACE].concat();
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&[0xFF, 0xD8, 0xFF, 0xE1], &length[..], &exif, &[0xFF, 0xFE, 0, 6, b'n', b'o', b't', b'e', 0xFF, 0xD9]].concat()
}
