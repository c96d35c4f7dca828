//! Reads every card, key set and code of the shared collection of published samples, where it is at hand.
#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use smart_health::card::{self, Card, Context, Finding, Issuer, Limits, Severity, Signature, refusal};

/// When the samples of the tool were good: before its certificates ran out.
const THEN: i64 = 1_653_955_200;

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

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The specification's issuer, under its address of today and the one of earlier examples.
fn example_issuer(root: &Path) -> Vec<Issuer> {
    let url = "https://spec.smarthealth.cards/examples/issuer";
    let json = read(&root.join("shc/issuer/jwks.json"));
    let (keys, findings) = card::check_key_set(json.as_bytes(), Some(url), Some(THEN));
    assert_eq!(refusal(&findings), None);
    assert_eq!(keys.len(), 2);
    let list = read(&root.join("shc/issuer/3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s.json"));
    let kid = "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s";
    let (list, findings) = card::check_revocation_list(list.as_bytes(), Some(kid), Some(1));
    assert_eq!(findings, []);
    let issuer = Issuer { url: url.into(), keys: Some(keys), revocations: vec![list.unwrap()], ..Issuer::default() };
    let earlier = Issuer { url: "https://smarthealth.cards/examples/issuer".into(), ..issuer.clone() };
    vec![issuer, earlier]
}

fn cards(text: &str, issuer: &[Issuer], now: i64) -> Vec<Result<Card, Finding>> {
    let found = card::find(text, &Limits::default())
        .unwrap_or_else(|reason| vec![Err(card::Unreadable { place: "text".into(), reason })]);
    found
        .into_iter()
        .map(|found| match found {
            Ok(found) => Ok(card::check(&found, &Context::new(now), issuer)),
            Err(unreadable) => Err(Finding::refused(unreadable.place, unreadable.reason)),
        })
        .collect()
}

#[test]
fn the_specifications_examples_verify_by_the_specifications_key() {
    let Some(root) = shared("") else { return };
    let issuer = example_issuer(&root);
    let mut verified = 0;
    for path in std::fs::read_dir(root.join("shc/spec-examples")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".svg") {
            continue;
        }
        let text = read(&path);
        let findings = if name.contains("-a-") {
            card::check_bundle(text.as_bytes(), true).1
        } else if name.contains("-b-") || name.contains("-c-") {
            card::check_payload(text.as_bytes(), 1_800_000_000, true).1
        } else {
            let cards = cards(&text, &issuer, 1_800_000_000);
            let card = cards[0].as_ref().unwrap();
            assert_eq!(card.signature, Signature::Verified { name: None, listed: false }, "{name}");
            verified += 1;
            card.findings.clone()
        };
        assert_eq!(refusal(&findings), None, "{name}");
    }
    assert!(verified >= 6, "{verified}");
}

/// All findings about a file of the tool's collection, by what its name says that it is.
fn look(path: &Path, issuer: &[Issuer]) -> Vec<Finding> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = read(path);
    let bytes = text.as_bytes();
    if name.contains("-a-fhirBundle") {
        card::check_bundle(bytes, true).1
    } else if name.contains("jws-payload") {
        card::check_payload(bytes, THEN, true).1
    } else if name.contains("SAN") {
        card::check_key_set(bytes, Some("https://smarthealth.cards/examples/issuer"), Some(THEN)).1
    } else if name.contains("key") || name.contains("jwks") {
        card::check_key_set(bytes, None, Some(THEN)).1
    } else {
        cards(&text, issuer, THEN)
            .into_iter()
            .flat_map(|card| card.map_or_else(|finding| vec![finding], |card| card.findings))
            .collect()
    }
}

#[test]
fn each_known_bad_card_is_refused_for_the_reason_in_its_name() {
    let Some(root) = shared("") else { return };
    let issuer = example_issuer(&root);
    // What a part of the name says, the finding that it must lead to, and whether that refuses.
    let expected = BTreeMap::from([
        ("bad_meta_extra_key", ("meta_extra", true)),
        ("bad_meta_non_security", ("meta_not_security", true)),
        ("bad_meta_wrong_security", ("meta_security", true)),
        ("empty-values", ("empty_value", true)),
        ("occurrence-issues", ("choice_twice", true)),
        ("status-not-completed", ("status_not_completed", true)),
        ("trailing_chars", ("trailing_characters", true)),
        ("-expanded-expired", ("expired", true)),
        ("pre-expired", ("expires_before_issue", true)),
        ("missing-coding", ("coding_missing", true)),
        ("missing-covid-vc-type", ("vc_type_advised", false)),
        ("missing-imm-vc-type", ("vc_type_advised", false)),
        ("nbf_milliseconds", ("nbf_milliseconds", true)),
        ("optional-vc-type", ("vc_type_unneeded", false)),
        ("der-signature.", ("signature_der", true)),
        ("der-signature-r-neg", ("signature_der_negative", true)),
        ("invalid-signature", ("signature_invalid", true)),
        ("jws_too_long", ("jws_too_long", true)),
        ("no_jws_header_zip", ("header_without_zip", true)),
        ("invalid_issuer_url_http", ("issuer_not_https", true)),
        ("badjwks", ("key_set_not_json", true)),
        ("invalid_DNS_SAN", ("x5c_san_not_uri", true)),
        ("invalid_no_SAN", ("x5c_without_san", true)),
        ("wrong_curve", ("key_curve", true)),
        ("wrong_use", ("key_use", true)),
    ]);
    let good = ["valid_keys", "not.smart", "multi-jws", "with-resource-link"];
    let mut looked = 0;
    for path in std::fs::read_dir(root.join("shc/dev-tools-bad")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if ["README.md", "test-issuers.json"].contains(&name.as_str()) || name.contains("chunk") {
            continue;
        }
        looked += 1;
        let findings = look(&path, &issuer);
        if good.iter().any(|part| name.contains(part)) {
            assert_eq!(refusal(&findings), None, "{name}");
            continue;
        }
        let (_, (code, refuses)) =
            expected.iter().find(|(part, _)| name.contains(*part)).unwrap_or_else(|| panic!("{name}"));
        let codes: Vec<_> = findings.iter().map(|finding| finding.reason.code()).collect();
        assert!(codes.contains(code), "{name}: {code} is not in {codes:?}");
        assert_eq!(refusal(&findings).is_some(), *refuses, "{name}: {findings:?}");
    }
    eprintln!("{looked} files");
    assert!(looked > 25);
}

#[test]
fn chunks_that_are_too_small_are_refused_and_proper_ones_are_not() {
    let Some(root) = shared("shc") else { return };
    let mut codes = Vec::new();
    for path in std::fs::read_dir(root.join("dev-tools-bad")).unwrap().map(|entry| entry.unwrap().path()) {
        if path.to_string_lossy().contains("qr_chunk_too_small") {
            codes.push(read(&path).trim().to_owned());
        }
    }
    let whole = card::numeric::assemble(codes.iter().map(String::as_str)).unwrap();
    assert_eq!(refusal(&whole.findings).unwrap().reason, card::Reason::ChunkTooSmall);
    // Read as a file, one code a line.
    let issuer = example_issuer(&shared("").unwrap());
    let read_as_file = cards(&codes.join("\n"), &issuer, THEN);
    assert_eq!(read_as_file.len(), 1);
    let card = read_as_file[0].as_ref().unwrap();
    assert!(matches!(card.signature, Signature::Verified { .. }), "{:?}", card.findings);
    let missing = card::numeric::assemble(codes.iter().skip(1).map(String::as_str));
    assert_eq!(missing, Err(card::Reason::ChunkMissing { missing: 1, total: 17 }));
    let several: Vec<String> =
        serde_json::from_str(&read(&root.join("inferno/example-numeric-qr-code-multiple.json"))).unwrap();
    let whole = card::numeric::assemble(several.iter().map(String::as_str)).unwrap();
    assert_eq!(refusal(&whole.findings), None);
}

#[test]
fn the_test_kits_fixtures() {
    let Some(root) = shared("") else { return };
    let issuer = example_issuer(&root);
    for (name, count) in [
        ("example-00-e-file.smart-health-card", 1),
        ("example-jws.json", 1),
        ("example-jws-multiple.json", 1),
        ("example-numeric-qr-code-multiple.json", 1),
    ] {
        let cards = cards(&read(&root.join("shc/inferno").join(name)), &issuer, 1_800_000_000);
        assert_eq!(cards.len(), count, "{name}");
        for card in cards {
            let card = card.unwrap();
            let refused: Vec<_> =
                card.findings.iter().filter(|finding| finding.severity == Severity::Refused).collect();
            eprintln!("{name}: {:?} {refused:?}", card.signature);
            assert!(matches!(card.signature, Signature::Verified { .. }), "{name}: {refused:?}");
        }
    }
    let bundle = read(&root.join("shc/inferno/example-covid-lab-result-bundle.json"));
    assert_eq!(refusal(&card::check_bundle(bundle.as_bytes(), true).1), None);
}

#[test]
fn a_chain_of_certificates_holds_together_or_not() {
    let Some(root) = shared("shc/issuer") else { return };
    let set: serde_json::Value = serde_json::from_str(&read(&root.join("jwks.json"))).unwrap();
    let key = set["keys"].as_array().unwrap().iter().find(|key| key["x5c"].is_array()).unwrap().clone();
    let look = |x5c: serde_json::Value, issuer: &str, now: i64| {
        let mut key = key.clone();
        key["x5c"] = x5c;
        let set = serde_json::json!({ "keys": [key] }).to_string();
        let (keys, findings) = card::check_key_set(set.as_bytes(), Some(issuer), Some(now));
        (keys.len(), findings.iter().map(|finding| finding.reason.code()).collect::<Vec<_>>())
    };
    let url = "https://spec.smarthealth.cards/examples/issuer";
    let chain = key["x5c"].clone();
    assert_eq!(look(chain.clone(), url, THEN), (1, vec![]));
    // A bad certificate is told, and its key is the issuer's all the same.
    assert_eq!(look(chain.clone(), "https://other.example", THEN), (1, vec!["x5c_san_mismatch"]));
    assert_eq!(look(chain.clone(), url, 1_800_000_000), (1, vec!["x5c_expired"]));
    // The one in the middle left out; its signature changed; another key's certificate first.
    assert_eq!(look(serde_json::json!([chain[0], chain[2]]), url, THEN), (1, vec!["x5c_chain"]));
    let mut der =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, chain[1].as_str().unwrap()).unwrap();
    *der.last_mut().unwrap() ^= 1;
    let changed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    assert_eq!(look(serde_json::json!([chain[0], changed, chain[2]]), url, THEN), (1, vec!["x5c_chain"]));
    let (keys, found) = look(serde_json::json!([chain[1], chain[2]]), url, THEN);
    assert!(keys == 0 && found.contains(&"x5c_key"), "{keys} {found:?}");
}

#[test]
fn wycheproofs_signatures() {
    let Some(root) = shared("vectors/wycheproof") else { return };
    let mut json = String::new();
    let file = std::fs::File::open(root.join("ecdsa_secp256r1_sha256_p1363_test.json.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut json).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&json).unwrap();
    let hex = |value: &serde_json::Value| -> Vec<u8> {
        let text = value.as_str().unwrap().as_bytes();
        let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap() as u8;
        text.chunks_exact(2).map(|pair| digit(&pair[0]) << 4 | digit(&pair[1])).collect()
    };
    let mut tested = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        let point = hex(&group["publicKey"]["uncompressed"]);
        for test in group["tests"].as_array().unwrap() {
            let verifies = card::verify_es256(&point, &hex(&test["msg"]), &hex(&test["sig"]));
            assert_eq!(verifies, test["result"] == "valid", "{}: {}", test["tcId"], test["comment"]);
            tested += 1;
        }
    }
    eprintln!("{tested} signatures");
    assert!(tested > 200);
}
