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
    std::fs::write(folder.join("letter.pdf"), data::letter()).unwrap();
    std::fs::write(folder.join("holiday.txt"), "Not about health at all.").unwrap();
    folder
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

/// A computer unpacks what it is sent: then the export of a telephone is a folder, with its data a second time in Apple's
/// clinical document, and records of hospitals beside it.
#[test]
fn an_export_of_a_telephone_that_was_unpacked_is_one_thing() {
    let carnet = Carnet::with_vault();
    let folder = carnet.home().join("apple_health_export");
    std::fs::create_dir_all(folder.join("clinical-records")).unwrap();
    let mut samples = Vec::new();
    generator::apple::write(&mut samples, 40_000, 5).unwrap();
    let told = |kind: &str, version: &str, file: &str| {
        format!(
            r#"<ClinicalRecord type="{kind}" identifier="{file}" sourceName="Clinic" sourceURL="https://clinic.example/{file}" fhirVersion="{version}" receivedDate="2024-06-15 10:00:00 +0000" resourceFilePath="/clinical-records/{file}.json"/></HealthData>"#
        )
    };
    let samples = String::from_utf8(samples)
        .unwrap()
        .replace("</HealthData>", &told("Patient", "1.0.2", "Patient-1"))
        .replace("</HealthData>", &told("MedicationOrder", "1.0.2", "MedicationOrder-2"));
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("export.xml", &samples);
    write(
        "export_cda.xml",
        r#"<ClinicalDocument xmlns="urn:hl7-org:v3"><id extension="Health Export CDA" root="1.1.1.1.1.1.1.1.1"/></ClinicalDocument>"#,
    );
    write("clinical-records/Patient-1.json", r#"{"resourceType":"Patient","id":"1","name":[{"family":["Lovelace"]}]}"#);
    write(
        "clinical-records/MedicationOrder-2.json",
        r#"{"resourceType":"MedicationOrder","id":"2","patient":{"reference":"Patient/1"},"medicationCodeableConcept":{"text":"Brimonidine"},"status":"active"}"#,
    );
    let ran = carnet.run(["import", "--json", folder.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let account: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(adds_up(&account), "{account}");
    assert_eq!(account["skipped"].as_array().unwrap().len(), 1, "Apple's clinical document: {account}");
    let found = carnet.json(["search", "brimonidine"]);
    assert_eq!((&found["total"], &found["records"][0]["category"]), (&1.into(), &"medicine".into()), "{found}");
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
        if matches!(kind, "ips" | "ccda" | "dicom" | "pdf") {
            assert_eq!(refused, 0, "{kind}");
        }
    }
}
