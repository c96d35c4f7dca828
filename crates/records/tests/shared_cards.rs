//! Reads the public cards and certificates, where they are at hand: `CARNET_SHARED_DATA`, else `../shared/data` beside the
//! workspace. Without them it says so and passes.
#![cfg(feature = "formats")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use carnet_records::cards;
use carnet_records::convert::{Converted, Found, Source};
use carnet_records::import::{Limits, Skip};
use serde_json::{Value, json};
use smart_health::trust::TrustStore;

#[path = "shared/public.rs"]
mod public;
use public::{data, files};

fn read(bytes: &[u8], now: i64, trust: &TrustStore) -> (Vec<Converted>, Vec<Skip>) {
    let limits = Limits::default();
    let source = Source { name: "file", sha256: [1; 32], now, limits: &limits };
    let (mut records, mut skips) = (Vec::new(), Vec::new());
    let read = cards::read(bytes, &source, trust.into(), &mut |found| {
        match found {
            Found::Resource(converted) => records.push(*converted),
            Found::Skipped(skip) => skips.push(skip),
            Found::Attachment(_) => {}
        }
        ControlFlow::Continue(())
    });
    read.unwrap();
    (records, skips)
}

/// The time that a file is to be read at; its zone is passed over, and an hour or two makes no difference here.
fn seconds(clock: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| clock[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: i64 = lengths[..usize::try_from(month - 1).unwrap()].iter().sum();
    (years + months + day - 1) * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19)
}

/// What FHIR asks of any resource that a reader makes.
fn hold_up(records: &[Converted], name: &str, ours: bool) {
    let ids: Vec<&str> = records.iter().map(|record| record.resource["id"].as_str().unwrap()).collect();
    for record in records {
        let kind = record.resource["resourceType"].as_str().unwrap();
        let text = Value::Object(record.resource.clone()).to_string();
        assert!(!text.contains("\"resource:"), "{name}: a reference was left as it was");
        assert!(!text.contains(":\"\"") && !text.contains(":[]") && !text.contains(":{}"), "{name}: {text}");
        for reference in text.split("urn:uuid:").skip(1) {
            assert!(ids.contains(&&reference[..36]), "{name}: {kind} points to nothing");
        }
        // What a card holds is its issuer's matter; the rest was made here.
        if !ours && kind != "DocumentReference" {
            continue;
        }
        let needs: &[&str] = match kind {
            "Immunization" => &["status", "vaccineCode", "patient", "occurrenceDateTime"],
            "Observation" => &["status", "code", "subject", "effectiveDateTime"],
            "Condition" => &["code", "subject", "recordedDate"],
            // Parts whose card is not there yet have no date of their own.
            "DocumentReference" if record.resource.contains_key("extension") => &["status", "content", "type"],
            "DocumentReference" => &["status", "content", "date"],
            "Patient" => &["name", "birthDate"],
            other => panic!("{name}: {other}"),
        };
        for element in needs {
            assert!(record.resource.contains_key(*element), "{name}: {kind} lacks {element}");
        }
    }
}

#[test]
fn the_specifications_cards_are_signed_records_and_bad_ones_are_not() {
    let Some(root) = data("shc") else { return };
    let jwks: Value = serde_json::from_str(&std::fs::read_to_string(root.join("issuer/jwks.json")).unwrap()).unwrap();
    let mut trust = TrustStore::default();
    for issuer in ["https://spec.smarthealth.cards/examples/issuer", "https://smarthealth.cards/examples/issuer"] {
        // The certificates in it name the first address only.
        let keys: Vec<Value> = jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .cloned()
            .map(|mut key| {
                key.as_object_mut().unwrap().remove("x5c");
                key
            })
            .collect();
        trust.add_key_set(issuer, json!({ "keys": keys }).to_string().as_bytes(), 0).unwrap();
    }
    let mut paths = Vec::new();
    for folder in ["spec-examples", "inferno", "dev-tools-bad"] {
        files(&root.join(folder), &mut paths);
    }
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let (mut signed, mut files) = (0, 0);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        if !cards::sniff(&bytes) {
            continue;
        }
        files += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (records, skips) = read(&bytes, 1_653_955_200 + 4 * 365 * 86_400, &trust);
        hold_up(&records, &name, false);
        signed += records.iter().filter(|record| record.signed.is_some()).count();
        for skip in &skips {
            *reasons.entry(skip.reason.code().to_owned()).or_default() += 1;
        }
        let good =
            !path.to_string_lossy().contains("dev-tools-bad") || name.contains("multi-jws") || name.contains("link");
        assert_eq!(skips.is_empty(), good, "{name}: {skips:?}");
        if good {
            assert!(records.iter().all(|record| record.signed.is_some()), "{name}");
        }
        assert_eq!(read(&bytes, 1_653_955_200 + 4 * 365 * 86_400, &trust).0, records, "{name}: read again it differs");
    }
    println!("{files} files, {signed} signed records, skipped: {reasons:?}");
    assert!(files > 20 && signed > 30);
}

#[test]
fn the_eus_certificates_are_signed_records() {
    let Some(root) = data("shc/eu-dcc") else { return };
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let name = path.display().to_string();
        let certificate = file["TESTCTX"]["CERTIFICATE"].as_str().unwrap();
        let mut trust = TrustStore::default();
        let list = json!({ "certificates": [{ "certificateType": "DSC", "rawData": certificate }] });
        trust.add_document_keys("list", list.to_string().as_bytes(), 0).unwrap();
        assert!(STANDARD.decode(certificate).is_ok());
        let now = seconds(file["TESTCTX"]["VALIDATIONCLOCK"].as_str().unwrap());
        let (records, skips) = read(file["PREFIX"].as_str().unwrap().as_bytes(), now, &trust);
        assert_eq!(records.is_empty(), !skips.is_empty(), "{name}");
        hold_up(&records, &name, true);
        for record in records {
            let signed = record.signed.is_some();
            assert!(signed || name.contains("CO22") || name.contains("CO23"), "{name}");
            *made.entry(record.resource["resourceType"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        for skip in skips {
            *made.entry(format!("skipped: {}", skip.reason.code())).or_default() += 1;
        }
    }
    println!("{made:?}");
    assert!(made["Immunization"] > 5 && made["Observation"] > 5 && made["Condition"] > 1);
}
