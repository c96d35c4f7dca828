//! Holds the EU's test data against what each file expects of a verifier, where the shared collection is at hand.
#![cfg(feature = "hcert")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use smart_health::hcert::{self, Certificate, Context, DocumentKey, Limits, Reason, Signature};

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CARNET_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from)
        .join(part);
    if root.is_dir() {
        return Some(root);
    }
    eprintln!("skipped: no shared data at {}", root.display());
    None
}

/// RFC 3339 and its neighbours, to the second.
fn seconds(clock: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| clock[range].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    // Days from civil (Howard Hinnant).
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era = y / 400;
    let days =
        era * 146_097 + (y - era * 400) * 365 + (y - era * 400) / 4 - (y - era * 400) / 100 + (153 * m + 2) / 5 + day
            - 1
            - 719_468;
    let at = days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19);
    let zone = clock[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 4 {
        return at;
    }
    let offset = digits[0..2].parse::<i64>().unwrap() * 3600 + digits[2..4].parse::<i64>().unwrap() * 60;
    if zone.starts_with('-') { at + offset } else { at - offset }
}

const TIME: [&str; 3] = ["expired", "not_yet_valid", "exp_missing"];
const SCHEMA: [&str; 5] = ["not_an_object", "missing", "invalid", "no_statement", "born_later"];
const BASE45: [&str; 3] = ["base45_character", "base45_length", "base45_overflow"];
const ZLIB: [&str; 3] = ["not_compressed", "inflate_failed", "inflate_trailing"];

fn refused_for(certificate: &Certificate, codes: &[&str]) -> bool {
    certificate
        .findings
        .iter()
        .any(|finding| finding.severity == hcert::Severity::Refused && codes.contains(&finding.reason.code()))
}

#[test]
fn each_file_gives_the_results_that_it_expects() {
    let Some(root) = shared("shc/eu-dcc") else { return };
    let mut files = 0;
    let mut expectations = 0;
    for country in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for path in std::fs::read_dir(country).unwrap().map(|entry| entry.unwrap().path()) {
            let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let context = Context::new(seconds(file["TESTCTX"]["VALIDATIONCLOCK"].as_str().unwrap()));
            let der = STANDARD.decode(file["TESTCTX"]["CERTIFICATE"].as_str().unwrap()).unwrap();
            let key = DocumentKey::from_certificate(&der).unwrap_or_else(|| panic!("{}: no key", path.display()));
            let text = file["PREFIX"].as_str().unwrap();
            let certificate = hcert::check(text, &context, &[key][..]);
            files += 1;
            let unwrapped = hcert::unwrap(text, &Limits::default());
            for (name, expected) in file["EXPECTEDRESULTS"].as_object().unwrap() {
                let got = match name.as_str() {
                    "EXPECTEDUNPREFIX" => !matches!(unwrapped, Err(Reason::NotHcert | Reason::ContextUnknown)),
                    "EXPECTEDB45DECODE" => !refused_for(&certificate, &BASE45),
                    "EXPECTEDCOMPRESSION" => !refused_for(&certificate, &ZLIB),
                    "EXPECTEDVERIFY" => matches!(certificate.signature, Signature::Verified { .. }),
                    "EXPECTEDDECODE" => certificate.claims.is_some(),
                    "EXPECTEDVALIDJSON" => {
                        let read = certificate.claims.as_ref().and_then(|claims| claims.certificate.as_ref());
                        read.is_some() && (file["JSON"].is_null() || read == Some(&file["JSON"]))
                    }
                    "EXPECTEDSCHEMAVALIDATION" => !refused_for(&certificate, &SCHEMA),
                    "EXPECTEDKEYUSAGE" => !refused_for(&certificate, &["key_usage"]),
                    "EXPECTEDEXPIRATIONCHECK" => !refused_for(&certificate, &TIME),
                    "EXPECTEDVALIDOBJECT" | "EXPECTEDRESULTS" => certificate.claims.is_some(),
                    "EXPECTEDPICTUREDECODE" => continue,
                    other => panic!("{other}"),
                };
                expectations += 1;
                assert_eq!(Value::Bool(got), *expected, "{} {name}: {:?}", path.display(), certificate.findings);
            }
            let all = file["EXPECTEDRESULTS"].as_object().unwrap().values().all(|value| *value == true);
            eprintln!("{}: {:?} {:?}", path.display(), certificate.signature, certificate.findings);
            if all && file["TESTCTX"]["DESCRIPTION"].as_str().is_none_or(|text| !text.starts_with("INVALID")) {
                assert_eq!(certificate.refusal(), None, "{}", path.display());
            }
        }
    }
    eprintln!("{files} files, {expectations} expectations");
    assert!(files >= 29);
}
