//! Links of others that hold what Carnet never writes: attestations of apps, SMART Health Cards.

use crate::carnet::{DONE, Ended, FAILED, run_bare};
use crate::trust::Lists;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use smart_health::card::{self, SigningKey as CardKey};
use smart_health::manifest::{FHIR_JSON, SMART_HEALTH_CARD};
use smart_health::{ContentKey, Flags, ManifestUrl, SmartHealthLink, attestation, jwe};

/// A file behind a link with the flag `U`.
fn link(server: &Lists, content_type: &str, content: &[u8]) -> String {
    link_until(server, None, content_type, content)
}

/// The same, of a link that says when it ends.
fn link_until(server: &Lists, exp: Option<i64>, content_type: &str, content: &[u8]) -> String {
    let (key, path) = (ContentKey::from_bytes([7; 32]), format!("/{}", "a".repeat(43)));
    server.put(&path, jwe::encrypt(&key, [9; 12], content_type, content));
    let url = ManifestUrl::new(format!("{}{path}", server.url)).unwrap();
    let flags = Flags { direct: true, ..Flags::default() };
    SmartHealthLink::new(url, key, exp, flags, None, None).unwrap().to_uri()
}

fn open(link: &str) -> Ended {
    run_bare(&["open", link, "--as", "Dr Example", "--json"])
}

#[test]
fn an_apps_attestation_is_told_as_far_as_it_holds_and_keeps_nobody_from_reading() {
    let server = Lists::start();
    let key = SigningKey::from_slice(&[5; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(&point.as_bytes()[from..from + 32]);
    let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "2026", "x": coordinate(1), "y": coordinate(33)}]});
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(json!({"alg": "ES256", "kid": "2026"})),
        part(json!({"iss": server.url, "iat": 1_767_225_600, "jti": "6f1f47a3-0d0e-4b3a-9a44-1b2c3d4e5f60"}))
    );
    let signature: Signature = key.sign(signed.as_bytes());
    let bundle = |jws: String| {
        json!({"resourceType": "Bundle", "type": "collection", "timestamp": "2026-01-30T12:00:00Z",
            "meta": {"extension": [{"url": attestation::EXTENSION, "valueString": jws}]},
            "entry": [{"fullUrl": "urn:uuid:0b6d7c1e-51a2-4c39-8f0a-3d2b1c4e5f60", "resource": {"resourceType": "Patient"}}]})
    };
    let good = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()));
    let broken = format!("{signed}.{}", URL_SAFE_NO_PAD.encode([1; 64]));
    let attested = |jws: String| {
        let read = open(&link(&server, FHIR_JSON, bundle(jws).to_string().as_bytes())).expect(DONE).json();
        assert_eq!(read["entries"], 1);
        read["attestation"].clone()
    };
    let says = |verified: bool, why: Value| json!({"app": server.url, "verified": verified, "why": why});
    assert_eq!(attested(good.clone()), says(false, "no_keys".into()));
    server.put("/.well-known/jwks.json", keys.to_string());
    assert_eq!(attested(good), says(true, Value::Null));
    assert_eq!(attested(broken), says(false, "signature_invalid".into()));
    assert_eq!(attested("nonsense".to_owned()), json!({"app": null, "verified": false, "why": "not_a_jws"}));
}

#[test]
fn cards_in_a_link_are_read_and_a_bad_one_is_refused() {
    let server = Lists::start();
    let key = CardKey::from_bytes([7; 32]).unwrap();
    // Nobody listens there: the issuer's keys cannot be had.
    let jws = key.sign(&json!({
        "iss": "https://127.0.0.1:1", "nbf": 1_700_000_000,
        "vc": {"type": ["https://smarthealth.cards#health-card"], "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": {
            "resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "resource:0",
                "resource": {"resourceType": "Patient", "birthDate": "1970-01-01"}}]}}}
    }));
    let read = open(&link(&server, SMART_HEALTH_CARD, card::to_file(&[&jws]).as_bytes())).expect(DONE).json();
    let found = &read["cards"][0];
    assert_eq!((&found["issuer"], &found["signature"]), (&"https://127.0.0.1:1".into(), &"not_checked".into()));
    assert_eq!(found["bundle"]["entry"][0]["resource"]["birthDate"], "1970-01-01");

    // Cut short it is refused, with the reason, and none of its records are shown.
    let cut = card::to_file(&[&jws[..jws.len() - 2]]);
    let read = open(&link(&server, SMART_HEALTH_CARD, cut.as_bytes())).expect(FAILED).json();
    let found = &read["cards"][0];
    assert_eq!((&found["signature"], &found["bundle"]), (&"refused".into(), &Value::Null));
    assert_eq!(found["why"], "signature_length");
}

#[test]
fn a_link_that_says_that_it_ended_is_asked_for_only_when_somebody_says_so() {
    let server = Lists::start();
    let bundle = json!({"resourceType": "Bundle", "type": "collection"});
    let link = link_until(&server, Some(1_700_000_000), FHIR_JSON, bundle.to_string().as_bytes());
    let refused = open(&link).expect(FAILED).stderr;
    assert!(refused.contains("has ended") && refused.contains("--even-ended"), "{refused}");
    let read = run_bare(&["open", &link, "--as", "Dr Example", "--even-ended", "--json"]).expect(DONE).json();
    assert_eq!((&read["files"], &read["entries"]), (&1.into(), &0.into()));
}
