//! The Kill-the-Clipboard test vectors of the tier "bundle", b1 to b8, made by their published rule: the key of a vector is
//! SHA-256("ktc-vector-key:" + id), its IV the first twelve bytes of SHA-256("ktc-vector-iv:" + id). The records are ours; what
//! each vector has and lacks is as its description says. (Those of the other tiers: `crates/smart-health/tests/ktc.rs`.)
//!
//! Each is served by the real relay and opened by our reader and by kill-the-clipboard; then it is held against our rules,
//! sealed with a grant where it keeps them, and held against them again.
//!
//! Specification: CMS, Patient-Shared Health Documents via SMART Health Links 0.10.2, test vectors.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::bundle::{SealRequest, seal, verify};
use carnet_consent::control::{ControlToken, LinkId, Publish, PublishFile, paths};
use carnet_consent::grant::*;
use carnet_consent::{GrantId, withdrawal::WithdrawalSecret};
use carnet_records::{ktc, rules::Level};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::{http, node};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use smart_health::manifest::FHIR_JSON;
use smart_health::{ContentKey, Flags, ManifestUrl, SmartHealthLink, jwe};
use std::time::{SystemTime, UNIX_EPOCH};

const PATIENT: &str = "urn:uuid:0b6d7c1e-51a2-4c39-8f0a-3d2b1c4e5f60";

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

fn derived(what: &str, id: &str) -> [u8; 32] {
    Sha256::digest(format!("ktc-vector-{what}:{id}")).into()
}

fn patient() -> Value {
    json!({"fullUrl": PATIENT, "resource": {
        "resourceType": "Patient", "name": [{"given": ["Ana"], "family": "Example"}], "birthDate": "1970-01-01"
    }})
}

fn pdf(number: u8, code: &str) -> Value {
    json!({"fullUrl": format!("urn:uuid:0b6d7c1e-51a2-4c39-8f0a-0000000000{number:02}"), "resource": {
        "resourceType": "DocumentReference",
        "meta": {"security": [{"system": ktc::PATIENT_ASSERTED.0, "code": ktc::PATIENT_ASSERTED.1}]},
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "category": [{"coding": [{"system": ktc::CATEGORY.0, "code": ktc::CATEGORY.1}]}],
        "subject": {"reference": PATIENT},
        "author": [{"reference": PATIENT}],
        "date": "2026-01-30T12:00:00Z",
        "content": [{"attachment": {
            "contentType": "application/pdf", "data": STANDARD.encode(format!("%PDF-1.7 of ours, {number}"))
        }}]
    }})
}

/// The four kinds of records that every receiver must keep.
fn core() -> Vec<Value> {
    let resources = [
        json!({"resourceType": "Condition", "code": {"text": "Asthma"}, "subject": {"reference": PATIENT}}),
        json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order",
            "medicationCodeableConcept": {"text": "Salbutamol"}, "subject": {"reference": PATIENT}}),
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Latex"}, "patient": {"reference": PATIENT}}),
        json!({"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Tetanus"},
            "patient": {"reference": PATIENT}, "occurrenceDateTime": "2025-10-12"}),
    ];
    (10..)
        .zip(resources)
        .map(|(n, resource)| {
            json!({"fullUrl": format!("urn:uuid:0b6d7c1e-51a2-4c39-8f0a-1000000000{n}"), "resource": resource})
        })
        .collect()
}

fn coverage() -> Value {
    json!({"fullUrl": "urn:uuid:0b6d7c1e-51a2-4c39-8f0a-200000000001", "resource": {
        "resourceType": "Coverage", "status": "active", "subscriberId": "X1", "beneficiary": {"reference": PATIENT},
        "payor": [{"display": "Example Health Plan"}]
    }})
}

fn bundle(parts: Vec<Vec<Value>>) -> Value {
    let entries: Vec<Value> = parts.into_iter().flatten().collect();
    json!({"resourceType": "Bundle", "type": "collection", "timestamp": "2026-01-30T12:00:00Z", "entry": entries})
}

/// A Bundle whose app attests that it took part, with this signature: whether it fits is for those who know the app's
/// keys, and says nothing of the Bundle.
fn attested(signature: [u8; 64]) -> Value {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let jws = format!(
        "{}.{}.{}",
        part(json!({"alg": "ES256", "kid": "test"})),
        part(
            json!({"iss": "https://app.example", "iat": 1_767_225_600, "jti": "6f1f47a3-0d0e-4b3a-9a44-1b2c3d4e5f60"})
        ),
        URL_SAFE_NO_PAD.encode(signature)
    );
    let mut bundle = bundle(vec![vec![patient(), pdf(1, ktc::STORY)]]);
    bundle["meta"] = json!({"extension": [{"url": ktc::ATTESTATION, "valueString": jws}]});
    bundle
}

/// Each vector: its id, its Bundle, and the rules that it breaks and must not.
fn vectors() -> [(&'static str, Value, &'static [&'static str]); 8] {
    let mut document = bundle(vec![vec![patient(), pdf(1, ktc::STORY)]]);
    document["type"] = "document".into();
    let both = vec![pdf(1, ktc::STORY), pdf(2, ktc::RENDERED)];
    [
        ("ktc-b1-discrete-only", bundle(vec![vec![patient()], core()]), &[]),
        ("ktc-b2-both-pdfs", bundle(vec![vec![patient()], both, core()]), &[]),
        ("ktc-b3-persistence-core", bundle(vec![vec![patient()], core(), vec![pdf(2, ktc::RENDERED)]]), &[]),
        ("ktc-b4-carin-dic", bundle(vec![vec![patient(), coverage(), pdf(2, ktc::RENDERED)]]), &[]),
        ("ktc-b5-attestation", attested([7; 64]), &[]),
        ("ktc-b6-attestation-broken", attested([0; 64]), &[]),
        ("ktc-b7-bad-type", document, &["Bundle.type"]),
        ("ktc-b8-single-entry", bundle(vec![vec![patient()]]), &["Bundle.entry"]),
    ]
}

/// The rules that a Bundle breaks and must not.
fn broken(bundle: &Value) -> Vec<String> {
    let errors = ktc::check(bundle).into_iter().filter(|broken| broken.level == Level::Error);
    errors.map(|broken| broken.rule.to_owned()).collect()
}

/// Puts a file on the relay under a link with the flag `U`, and gives the link.
fn serve(relay: &Relay, number: u8, key: [u8; 32], jwe: &str) -> String {
    let id = LinkId::from_bytes([number; 32]);
    let publish = Publish {
        flags: "U".to_owned(),
        expires: now() + 600,
        not_before: None,
        max_openings: None,
        passcode: None,
        passcode_attempts: None,
        files: vec![PublishFile { content_type: FHIR_JSON.to_owned(), jwe: jwe.to_owned() }],
        status: None,
        receipt_recipient: age::x25519::Identity::generate().to_public().to_string(),
        withdrawal_tag: [number; 32],
        commitment: commit(&[number; 32], ObjectType::Grant, &[number; 32]),
        revision: 1,
    };
    let answer = ureq::put(format!("{}{}", relay.url(), paths::control(&id)))
        .header("authorization", ControlToken::from_bytes([number; 32]).expose_header())
        .content_type("application/json")
        .send(serde_json::to_string(&publish).unwrap());
    assert_eq!(answer.unwrap().status(), 200);
    let url = ManifestUrl::new(format!("{}{}", relay.url(), paths::link(&id))).unwrap();
    let flags = Flags::parse("U").unwrap();
    let link = SmartHealthLink::new(url, ContentKey::from_bytes(key), Some(now() + 600), flags, None, None);
    link.unwrap().to_uri()
}

fn grant(number: u8) -> GrantDraft {
    GrantDraft {
        id: GrantId::from_bytes([number; 16]),
        granter: Granter::Patient,
        recipient: Recipient {
            class: RecipientClass::Anyone,
            name: None,
            identified_by: IdentifiedBy::Nothing,
            key: None,
        },
        request: None,
        purpose: Purpose::Treatment,
        what: Scope::all_but_sensitive(),
        how: Modes { access: Set::all(), formats: [Format::Ktc].into_iter().collect() },
        not_before: now(),
        expires: now() + 900,
        max_openings: None,
        erase_by: None,
        obligations: Set::all(),
        notice: Notice { language: Language::new("en").unwrap(), version: Notice::VERSION },
        withdrawal_tag: WithdrawalSecret::from_bytes([number; 32]).tag(),
        ledger: LedgerRef { policy_sha256: [4; 32] },
        max_stale: DEFAULT_MAX_STALE,
        supersedes: None,
    }
}

#[test]
fn bundles_b1_to_b8() {
    let relay = Relay::start();
    for (number, (id, bundle, faults)) in (1..).zip(vectors()) {
        let (key, iv) = (derived("key", id), derived("iv", id)[..12].try_into().unwrap());
        let jwe = jwe::encrypt(&ContentKey::from_bytes(key), iv, FHIR_JSON, bundle.to_string().as_bytes());
        let link = serve(&relay, number, key, &jwe);
        // A stranger's reader has no opinion on the profile: it gives all eight as they are.
        let opened = node::run("open-link.mjs", &json!({"link": link, "recipient": "A stranger's reader"}));
        assert_eq!(opened["resources"], json!([bundle]), "{id}: {opened}");
        let url = format!("{}{}?recipient=Us", relay.url(), paths::link(&LinkId::from_bytes([number; 32])));
        let served = http::get(&url);
        let plain = jwe::decrypt(&ContentKey::from_bytes(key), &served.body, 1 << 20).unwrap();
        let read: Value = serde_json::from_slice(&plain.bytes).unwrap();
        assert_eq!(read, bundle, "{id}");
        assert_eq!(broken(&read), faults, "{id}");

        let request = SealRequest {
            bundle: read,
            grant: grant(number),
            key: &GrantKey::from_seed([number; 32]),
            commitment_r: [number; 32],
            now: now(),
        };
        let sealed = seal(request);
        if id == "ktc-b7-bad-type" {
            assert!(sealed.is_err(), "a document has a Composition");
            continue;
        }
        let sealed = sealed.unwrap().bundle;
        let seen = verify(&sealed, now());
        assert!(seen.signature.is_checked() && seen.entries_unaltered.is_checked(), "{id}");
        assert_eq!(sealed.pointer("/meta/extension"), bundle.pointer("/meta/extension"), "{id}");
        if faults.is_empty() {
            assert_eq!(broken(&sealed), Vec::<String>::new(), "{id}, sealed");
            let link = serve(
                &relay,
                100 + number,
                key,
                &jwe::encrypt(&ContentKey::from_bytes(key), [number; 12], FHIR_JSON, sealed.to_string().as_bytes()),
            );
            let opened = node::run("open-link.mjs", &json!({"link": link, "recipient": "A stranger's reader"}));
            assert_eq!(opened["resources"], json!([sealed]), "{id}, sealed: {opened}");
        }
    }
}
