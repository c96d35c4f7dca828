//! Whatever a patient holds, in one command: files of every kind that is read, told by their content, and nothing of
//! them lost or doubled.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use carnet_records::generator::{self, PatientSpec};
use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::data;
use serde_json::Value;

/// A folder as a person has it after asking two hospitals and a phone.
fn belongings(home: &Path) -> PathBuf {
    let folder = home.join("my records");
    std::fs::create_dir_all(folder.join("clinic")).unwrap();
    let spec = PatientSpec { seed: 11, resources: 300, every_kind: true, texts: "ar", ..PatientSpec::default() };
    let patient = generator::patient(&spec);
    std::fs::write(folder.join("hospital.json"), patient.to_string()).unwrap();
    std::fs::write(folder.join("clinic/summary.xml"), generator::ccda::document(&patient)).unwrap();
    let lines: Vec<String> =
        patient["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].to_string()).collect();
    data::gzipped(&folder.join("Observation.ndjson.gz"), lines.join("\n").as_bytes());
    std::fs::write(folder.join("sensor.csv"), generator::table::dexcom(300, 5)).unwrap();
    std::fs::write(folder.join("cuff.csv"), generator::table::blood_pressure(60, 5)).unwrap();
    let mut phone = std::fs::File::create(folder.join("export.xml")).unwrap();
    generator::apple::write(&mut phone, 300_000, 5).unwrap();
    phone.flush().unwrap();
    std::fs::write(folder.join("letter.pdf"), letter()).unwrap();
    std::fs::write(folder.join("holiday.txt"), "Not about health at all.").unwrap();
    folder
}

/// A PDF of one page, as small as one can be.
fn letter() -> Vec<u8> {
    let text = "BT /F1 12 Tf 72 720 Td (Discharge letter: recovering well after the appendectomy) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(out.len());
        write!(out, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let table = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    places.iter().for_each(|place| write!(out, "{place:010} 00000 n \n").unwrap());
    write!(out, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).unwrap();
    out
}

fn adds_up(account: &Value) -> bool {
    let count = |name: &str| account[name].as_u64().unwrap();
    let skipped = account["skipped"].as_array().unwrap().len() as u64;
    count("imported") + count("already_present") + count("narrative_only") + skipped == count("entries")
}

#[test]
fn a_folder_of_anything_is_accounted_for_without_a_vault() {
    let carnet = Carnet::nobody();
    let folder = belongings(carnet.home());
    let ran = carnet.run(["import", "--dry-run", "--json", folder.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "one of the files is no health record\n{}", ran.err);
    let accounts: Value = serde_json::from_str(&ran.out).unwrap();
    let told: Vec<(&str, &str, bool)> = accounts
        .as_array()
        .unwrap()
        .iter()
        .map(|account| {
            assert!(adds_up(account), "{account}");
            let text = |name: &str| account[name].as_str().unwrap_or_default();
            (text("file"), text("format"), account["error"].is_string())
        })
        .collect();
    let expected = [
        ("Observation.ndjson.gz", "FHIR R4 NDJSON", false),
        ("clinic/summary.xml", "clinical document (C-CDA)", false),
        ("cuff.csv", "table (CSV)", false),
        ("export.xml", "Apple Health export", false),
        ("holiday.txt", "", true),
        ("hospital.json", "FHIR R4 Bundle (collection)", false),
        ("letter.pdf", "PDF", false),
        ("sensor.csv", "table (CSV)", false),
    ];
    assert_eq!(told, expected);
    assert!(!carnet.vault().exists());
}

#[test]
fn a_folder_of_anything_is_imported_once_and_can_be_found() {
    let carnet = Carnet::with_vault();
    let folder = belongings(carnet.home());
    let path = folder.to_str().unwrap();
    let import = || {
        let ran = carnet.run(["import", "--json", path]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        serde_json::from_str::<Value>(&ran.out).unwrap()
    };
    let first = import();
    assert!(adds_up(&first), "{first}");
    let held = carnet.records();
    assert_eq!(held, first["imported"].as_u64().unwrap() + first["narrative_only"].as_u64().unwrap());
    let second = import();
    assert_eq!((second["imported"].as_u64(), carnet.records()), (Some(0), held), "{second}");

    let found = carnet.json(["search", "appendectomy"]);
    assert_eq!(found["total"], 1, "a letter is found by what it says: {found}");
    let arabic = carnet.json(["search", "حساسية"]);
    assert!(arabic["total"].as_u64().unwrap() > 0, "{arabic}");
}

#[test]
fn public_files_of_every_kind_are_accounted_for() {
    let Some(index) = data::shared("INDEX.tsv") else { return };
    let carnet = Carnet::nobody();
    let folder = index.parent().unwrap();
    for kind in ["fhir-r4", "ips", "ccda", "apple", "dicom", "pdf", "shc"] {
        let ran = carnet.run(["import", "--dry-run", "--json", folder.join(kind).to_str().unwrap()]);
        let accounts: Value = serde_json::from_str(&ran.out).unwrap();
        let accounts = accounts.as_array().unwrap();
        assert!(!accounts.is_empty() && accounts.iter().all(adds_up), "{kind}");
        let refused = accounts.iter().filter(|account| account["error"].is_string()).count();
        println!("{kind}: {} files, {refused} of them no health records", accounts.len());
        if matches!(kind, "ips" | "ccda" | "dicom" | "pdf") {
            assert_eq!(refused, 0, "{kind}");
        }
    }
}
