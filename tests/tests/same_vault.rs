//! Whatever order a person's files come in, twice, in halves, and with the program killed in the middle: one vault.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use carnet_records::generator::{self, PatientSpec};
use carnet_system_tests::carnet::{Carnet, PASSPHRASE};
use carnet_system_tests::data;
use carnet_vault::{CreateOptions, Passphrase, Vault};
use proptest::prelude::*;
use serde_json::{Value, json};
use smart_health::{card::SigningKey, hcert};

/// When all the vaults were made, so that nothing of the clock is in what is compared.
const NOW: i64 = 1_780_000_000;

/// How many files the person has.
const FILES: usize = 24;

/// The files of one person, as several sources tell of her: in every format that is read, some in halves, some saying
/// the same as others, some older and some newer than others.
fn files(folder: &Path) -> Vec<PathBuf> {
    let spec = PatientSpec { seed: 23, resources: 120, every_kind: true, names: Some("en"), ..PatientSpec::default() };
    let patient = generator::patient(&spec);
    let entries = patient["entry"].as_array().unwrap();
    let half = entries.len() / 2;
    let mut files = Vec::new();
    // Every file was changed on another day, but for two of one second.
    let mut write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        changed(&path, files.len() as u64);
        files.push(path);
    };
    write("all.json", patient.to_string().as_bytes());
    for (name, entries) in [("first-half.json", &entries[..half]), ("second-half.json", &entries[half..])] {
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
        write(name, bundle.to_string().as_bytes());
    }
    let plain: Vec<String> = entries.iter().step_by(2).map(|entry| entry["resource"].to_string()).collect();
    write("without-addresses.ndjson", plain.join("\n").as_bytes());
    // Another hospital says when it changed what.
    let other = generator::patient(&PatientSpec { seed: 24, resources: 40, ..spec });
    for (name, day) in [("last-year.ndjson", "2025-03-01"), ("this-year.ndjson", "2026-03-01")] {
        write(name, lines(other["entry"].as_array().unwrap(), Some(day)).as_bytes());
    }
    // A third does not; but it sent them on different days, and dates its collections.
    let third = generator::patient(&PatientSpec { seed: 25, resources: 30, ..spec });
    let entries = |language: &str| {
        let mut entries = third["entry"].clone();
        for entry in entries.as_array_mut().unwrap() {
            let resource = entry["resource"].as_object_mut().unwrap();
            resource.remove("meta");
            resource.insert("language".to_owned(), json!(language));
        }
        entries
    };
    let sent = |entries: &Value| lines(entries.as_array().unwrap(), None);
    write("undated.ndjson", sent(&entries("en")).as_bytes());
    let dated = |timestamp: &str, entries: Value| {
        json!({"resourceType": "Bundle", "type": "collection", "timestamp": timestamp, "entry": entries}).to_string()
    };
    write("dated.json", dated("2026-01-01T00:00:00Z", entries("de")).as_bytes());
    write("dated-earlier.json", dated("2019-01-01T00:00:00Z", entries("fr")).as_bytes());
    // A document that is not dated is as old as the Composition that opens it says.
    let letter = |date: &str, entries: Value| {
        let opening = json!({"resource": {
            "resourceType": "Composition", "id": "letter", "status": "final", "date": date, "title": "Letter",
        }});
        let all: Vec<Value> = std::iter::once(opening).chain(entries.as_array().unwrap().iter().cloned()).collect();
        json!({"resourceType": "Bundle", "type": "document", "entry": all}).to_string()
    };
    write("letter-of-2024.json", letter("2024-05-01", entries("es")).as_bytes());
    write("letter-of-2022.json", letter("2022-05-01T10:00:00Z", entries("it")).as_bytes());
    let document = generator::ccda::document(&patient);
    write("summary.xml", document.as_bytes());
    let earlier = document.replacen("<effectiveTime value=\"20", "<effectiveTime value=\"19", 1);
    assert_ne!(earlier, document);
    write("earlier-summary.xml", earlier.replace("displayName=\"", "displayName=\"Former ").as_bytes());
    write("sensor.csv", generator::table::dexcom(200, 5).as_bytes());
    write("cuff.csv", generator::table::blood_pressure(40, 5).as_bytes());
    write("letter.pdf", &data::letter());
    write("cards.smart-health-card", smart_health::card::to_file(&[&health_card("207", "")]).as_bytes());
    // A paper card of three codes, photographed one by one; the last was pasted as well.
    let parts = parts_of_a_card();
    for (name, part) in ["first.png", "second.png", "third.png"].iter().zip(&parts) {
        write(name, &data::picture_of(part));
    }
    write("third.txt", parts[2].as_bytes());
    write("certificate.txt", certificate().as_bytes());
    let mut phone = Vec::new();
    generator::apple::write(&mut phone, 40_000, 5).unwrap();
    phone.flush().unwrap();
    write("export.xml", &phone);
    let again = folder.join("again.json.gz");
    data::gzipped(&again, patient.to_string().as_bytes());
    changed(&again, 1);
    files.push(again);
    assert_eq!(files.len(), FILES);
    files
}

/// Says that a file was last changed on that day.
fn changed(file: &Path, day: u64) {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + day * 86_400);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(at).unwrap();
}

/// The resources of these entries, one a line; as their source had them on that day, if it says so.
fn lines(entries: &[Value], day: Option<&str>) -> String {
    let line = |entry: &Value| {
        let mut resource = entry["resource"].clone();
        if let Some(day) = day {
            resource["meta"]["lastUpdated"] = json!(format!("{day}T08:00:00Z"));
        }
        resource.to_string() + "\n"
    };
    entries.iter().map(line).collect()
}

fn health_card(code: &str, more: &str) -> String {
    let key = SigningKey::from_bytes([7; 32]).unwrap();
    key.sign(&json!({
        "iss": "https://clinic.example/shc", "nbf": 1_700_000_000,
        "vc": {
            "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#immunization"],
            "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
                "resourceType": "Bundle", "type": "collection", "entry": [
                    { "fullUrl": "resource:0", "resource": {
                        "resourceType": "Patient", "name": [{ "family": "Example", "given": ["Ada"], "text": more }], "birthDate": "1970-01-01" } },
                    { "fullUrl": "resource:1", "resource": {
                        "resourceType": "Immunization", "status": "completed", "patient": { "reference": "resource:0" },
                        "occurrenceDateTime": "2021-01-01",
                        "vaccineCode": { "coding": [{ "system": "http://hl7.org/fhir/sid/cvx", "code": code }] } } },
                ],
            } },
        },
    }))
}

/// A card that is too long for one code, in three.
fn parts_of_a_card() -> Vec<String> {
    // What does not pack.
    let noise = |seed: u64| {
        (0..1500).scan(seed, |state, _| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Some(char::from(b'a' + u8::try_from(*state >> 59).unwrap() % 26))
        })
    };
    let digits: String =
        health_card("208", &noise(7).collect::<String>()).bytes().map(|byte| format!("{:02}", byte - 45)).collect();
    let each = digits.len().div_ceil(6) * 2;
    (1..=3)
        .map(|part| format!("shc:/{part}/3/{}", &digits[(part - 1) * each..(part * each).min(digits.len())]))
        .collect()
}

fn certificate() -> String {
    let content = json!({
        "ver": "1.3.0", "dob": "1998-02-26", "nam": { "fn": "Muster", "fnt": "MUSTER" },
        "v": [{ "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
            "dt": "2021-05-29", "co": "AT", "is": "Ministry", "ci": "URN:UVCI:01:AT:1#X" }],
    });
    hcert::issue([7; 32], [1, 2, 3, 4, 5, 6, 7, 8], "AT", NOW - 100, NOW + 3_000_000_000, &content).unwrap()
}

/// Somebody with a new vault that opens at once.
fn somebody(runtime: &tokio::runtime::Runtime) -> Carnet {
    let carnet = Carnet::nobody();
    runtime.block_on(async {
        let options = CreateOptions { now: NOW, scrypt_log_n: Some(2) };
        let made = Vault::create(&carnet.vault().join("vault"), &Passphrase::new(PASSPHRASE).unwrap(), &options)
            .await
            .unwrap();
        made.vault.add_profile("Ada", NOW).await.unwrap();
        made.vault.close().await.unwrap();
    });
    // What the wallet notes in a vault that it meets for the first time is there before anything is compared.
    assert_eq!(carnet.records(), 0);
    carnet
}

fn dump(runtime: &tokio::runtime::Runtime, carnet: &Carnet) -> String {
    runtime.block_on(async {
        let vault =
            Vault::open(&carnet.vault().join("vault"), &Passphrase::new(PASSPHRASE).unwrap(), NOW).await.unwrap();
        assert!(vault.check().await.unwrap().is_sound());
        let dump = vault.dump().await.unwrap();
        vault.close().await.unwrap();
        dump
    })
}

/// Imports a file and kills the program after so many milliseconds, if it is not done by then.
fn import_killed(carnet: &Carnet, file: &Path, after: u64) {
    let mut importing = carnet.start("killed.log", ["import".as_ref(), file.as_os_str()]);
    std::thread::sleep(Duration::from_millis(after));
    importing.kill();
}

fn import(carnet: &Carnet, file: &Path) {
    carnet.done(["import".as_ref(), file.as_os_str()]);
}

/// What is different, and not two dumps of hundreds of lines.
fn difference(one: &str, other: &str) -> Vec<String> {
    let only = |of: &str, not: &str, sign: char| {
        let not: std::collections::HashSet<&str> = not.lines().collect();
        of.lines().filter(|line| !not.contains(line)).map(|line| format!("{sign} {line}")).collect::<Vec<_>>()
    };
    [only(one, other, '-'), only(other, one, '+')].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_twice_in_halves_and_killed_is_one_vault(
        order in Just((0..FILES).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(0..FILES, 0..3),
        kills in proptest::collection::vec((0..FILES, 0..400_u64), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let straight = somebody(&runtime);
        files.iter().for_each(|file| import(&straight, file));
        let expected = dump(&runtime, &straight);

        let shuffled = somebody(&runtime);
        for (step, number) in order.iter().chain(&again).enumerate() {
            let file = &files[*number];
            if let Some((_, after)) = kills.iter().find(|(at, _)| *at == step) {
                let before = dump(&runtime, &shuffled);
                import_killed(&shuffled, file, *after);
                let killed = dump(&runtime, &shuffled);
                import(&shuffled, file);
                let whole = dump(&runtime, &shuffled);
                prop_assert!(
                    killed == before || killed == whole,
                    "{file:?} was imported in part: {:?}",
                    (difference(&before, &killed), difference(&killed, &whole))
                );
            } else {
                import(&shuffled, file);
            }
        }
        let found = dump(&runtime, &shuffled);
        prop_assert_eq!(difference(&expected, &found), Vec::<String>::new());
    }
}
