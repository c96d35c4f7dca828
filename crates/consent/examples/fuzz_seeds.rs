//! Writes small inputs for the fuzz targets to begin with, each into the folder of its target:
//! `cargo run -p carnet-consent --example fuzz_seeds -- FOLDER`. `cargo xtask fuzz` does so before it runs a target.
//!
//! They are the checked-in vectors, in the bytes that the targets read.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use carnet_consent::{
    anchor::Commitment,
    control::{PasscodeVerifier, Publish, PublishFile},
};
use serde_json::{Value, json};

macro_rules! vector {
    ($name:literal) => {
        include_str!(concat!("../tests/vectors/", $name, ".json"))
    };
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: fuzz_seeds FOLDER")?);
    let binary = [
        ("grant", vector!("grant"), ["/usual/cose_sign1", "/full/cose_sign1"].as_slice()),
        ("grant", vector!("narrowing"), &["/cbor"]),
        ("grant", vector!("receipt"), &["/served/cbor", "/refused/cbor"]),
        ("request", vector!("request"), &["/unsigned", "/signed", "/superseding"]),
    ];
    for (target, vector, pointers) in binary {
        let vector: Value = serde_json::from_str(vector)?;
        for pointer in pointers {
            let text = vector.pointer(pointer).and_then(Value::as_str).ok_or("a vector has its bytes")?;
            put(&folder, target, &pointer.replace('/', "-"), &unhex(text)?)?;
        }
    }
    for (target, name, vector) in [
        ("request", "usual", vector!("consent-receipt-usual")),
        ("request", "full", vector!("consent-receipt-full")),
        ("document", "document", vector!("sealed")),
        ("document", "collection", vector!("sealed-collection")),
        ("document", "numbers", vector!("entries")),
    ] {
        let value: Value = serde_json::from_str(vector)?;
        put(&folder, target, name, value.to_string().as_bytes())?;
    }
    control(&folder)
}

fn control(folder: &Path) -> Result<(), Box<dyn Error>> {
    let publish = Publish {
        flags: "LP".into(),
        expires: 1_800_086_400,
        not_before: Some(1_800_000_000),
        max_openings: Some(3),
        passcode: Some(PasscodeVerifier::new("4711-heron", vec![7; 16], 10_000)?),
        passcode_attempts: Some(5),
        files: vec![PublishFile {
            content_type: "application/fhir+json".into(),
            jwe: format!("e30..{}.AA.{}", "A".repeat(16), "A".repeat(22)),
        }],
        status: None,
        receipt_recipient: format!("age1{}", "q".repeat(58)),
        withdrawal_tag: [4; 32],
        commitment: Commitment([1; 33]),
        revision: 7,
    };
    put(folder, "control", "publish", &serde_json::to_vec(&publish)?)?;
    let receipts = json!({ "receipts": [{ "seq": 1, "index": 7, "sealed": "AAAA" }], "next": 1 });
    put(folder, "control", "receipts", receipts.to_string().as_bytes())?;
    let refusal = json!({ "code": "overtaken", "message": "A later request was carried out." });
    put(folder, "control", "refusal", refusal.to_string().as_bytes())
}

fn put(folder: &Path, target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(format!("seed-{name}")), bytes)?)
}

fn unhex(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).ok_or("a vector is in hexadecimal digits");
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    pairs.iter().map(|[high, low]| Ok(u8::try_from(digit(high)? << 4 | digit(low)?)?)).collect()
}
