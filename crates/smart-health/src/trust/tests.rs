//! Stores from made-up lists in the published forms.

use super::*;
use crate::card::SigningKey;
use crate::hcert::public_key;
use crate::reader::Answer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const CLINIC: &str = "https://clinic.example/shc";

fn jwk() -> Value {
    let mut jwk = SigningKey::from_bytes([7; 32]).unwrap().public().to_jwk();
    jwk["crlVersion"] = json!(2);
    jwk
}

fn kid() -> String {
    jwk()["kid"].as_str().unwrap().to_owned()
}

fn snapshot() -> Vec<u8> {
    json!({ "directory": "VCI", "issuerInfo": [
        { "issuer": { "iss": CLINIC, "name": "Clinic", "canonical_iss": "https://clinic.example" }, "keys": [jwk()],
          "crls": [{ "kid": kid(), "method": "rid", "ctr": 1, "rids": ["abc"] }] },
        { "issuer": { "iss": "https://away.example", "name": "Away" }, "keys": [] },
        { "issuer": { "iss": "http://bad.example", "name": "Bad" }, "keys": [] },
    ] })
    .to_string()
    .into_bytes()
}

/// A key as lists write it: its identifier and its `SubjectPublicKeyInfo` in base64, and its point.
struct Listed {
    kid: String,
    spki: String,
    point: Vec<u8>,
}

fn document_key() -> Listed {
    let key = public_key([9; 32], [1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    Listed { kid: STANDARD.encode(key.kid), spki: STANDARD.encode(key.spki()), point: key.spki()[26..].to_vec() }
}

#[test]
fn a_snapshot_lists_issuers_with_their_keys() {
    let mut store = TrustStore::default();
    assert!(store.is_stale(NOW, 1 << 30));
    let added = store.add_snapshot("vci", &snapshot(), NOW).unwrap();
    assert_eq!(added, Added { taken: 2, passed_over: 1 });
    let issuer = store.issuer(CLINIC).unwrap();
    assert_eq!((issuer.name.as_deref(), issuer.listed), (Some("Clinic"), true));
    assert_eq!(issuer.keys.as_ref().unwrap().len(), 1);
    assert!(issuer.revocations[0].revokes("abc", 0));
    assert_eq!(store.canonical_issuer(CLINIC), Some("https://clinic.example"));
    assert!(store.issuer("https://away.example").unwrap().keys.is_none());
    assert!(!store.is_stale(NOW + 10, 10));
    assert!(store.is_stale(NOW + 11, 10));
    // Who is gone from the list is not vouched for any more, and its keys are still known.
    let without = json!({ "participating_issuers": [{ "iss": "https://away.example", "name": "Away" }] });
    store.add_directory("vci", without.to_string().as_bytes(), NOW + 1).unwrap();
    assert!(!store.issuer(CLINIC).unwrap().listed);
    assert!(store.issuer("https://away.example").unwrap().listed);
    for (list, error) in [("x", Error::UnknownForm), ("{}", Error::UnknownForm), ("[]", Error::Empty)] {
        assert_eq!(store.add_snapshot("vci", list.as_bytes(), NOW), Err(error));
    }
}

#[test]
fn document_keys_come_in_many_forms() {
    let key = document_key();
    let (x, y) = (STANDARD.encode(&key.point[1..33]), STANDARD.encode(&key.point[33..]));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": key.kid, "x": x, "y": y });
    let mut unnamed = jwk.clone();
    unnamed.as_object_mut().unwrap().remove("kid");
    let method = format!("did:web:x:trustlist:DDCC:AUT:DSC#{}", key.kid);
    for (list, taken, passed_over) in [
        (json!({ "verificationMethod": [{ "id": method, "publicKeyJwk": unnamed }] }), 1, 0),
        (
            json!({ "verificationMethod": [
            { "id": "did:web:x:trustlist:DDCC:AUT:DSC#1", "publicKeyJwk": jwk },
            { "id": "did:web:x:trustlist:DDCC:AUT:SCA#1", "publicKeyJwk": jwk },
            { "id": "did:web:x:trustlist:DDCC:AUT:DSC#2", "publicKeyJwk": {} } ] }),
            1,
            1,
        ),
        (json!({ "eu_keys": { key.kid.clone(): [{ "subjectPk": key.spki, "keyUsage": ["t"] }] } }), 1, 0),
        (json!({ "dsc_trust_list": { "AT": { "keys": [jwk] } } }), 1, 0),
        (json!({ "keys": [jwk] }), 1, 0),
    ] {
        let mut store = TrustStore::default();
        let added = store.add_document_keys("list", list.to_string().as_bytes(), NOW).unwrap();
        assert_eq!(added, Added { taken, passed_over }, "{list}");
        assert_eq!(DocumentKeys::keys(&store, &[1, 2, 3, 4, 5, 6, 7, 8]).len(), 1);
        assert_eq!(TrustStore::from_json(&store.to_json()).unwrap(), store);
    }
    let mut store = TrustStore::default();
    assert_eq!(store.add_document_keys("list", b"hello", NOW), Err(Error::UnknownForm));
    assert_eq!(store.add_document_keys("list", b"sig\n{\"certificates\":[]}", NOW), Err(Error::Empty));
}

#[test]
fn a_store_is_kept_and_read_back_and_merged() {
    let mut store = TrustStore::default();
    store.add_snapshot("vci", &snapshot(), NOW).unwrap();
    store.add_revoked([[5; 16], [6; 16]]).unwrap();
    let json = store.to_json();
    let again = TrustStore::from_json(&json).unwrap();
    assert_eq!(again, store);
    assert_eq!(again.to_json(), json);
    let mut newer = TrustStore::default();
    let other = SigningKey::from_bytes([8; 32]).unwrap().public();
    let set = json!({ "keys": [other.to_jwk()] }).to_string();
    newer.add_key_set(CLINIC, set.as_bytes(), NOW + 5).unwrap();
    store.merge(newer.clone());
    assert_eq!(store.issuer(CLINIC).unwrap().keys.as_ref().unwrap()[0].kid(), other.kid());
    assert!(store.issuer(CLINIC).unwrap().listed);
    let mut the_other_way = newer;
    the_other_way.merge(again);
    assert_eq!(the_other_way.issuer(CLINIC).unwrap().keys.as_ref().unwrap()[0].kid(), other.kid());
    assert!(TrustStore::from_json(r#"{"version":2}"#).is_err());
    assert!(TrustStore::from_json("").is_err());
}

#[test]
fn an_older_store_brings_nobody_back_whom_a_list_let_go() {
    let mut older = TrustStore::default();
    older.add_snapshot("vci", &snapshot(), NOW).unwrap();
    older.add_directory("other", &directory(&["https://other.example"]), NOW).unwrap();
    let mut newer = TrustStore::default();
    newer.add_directory("vci", &directory(&["https://away.example"]), NOW + 9).unwrap();
    for (mut into, from) in [(newer.clone(), older.clone()), (older.clone(), newer.clone())] {
        into.merge(from);
        let listed = |url: &str| into.issuer(url).unwrap().listed;
        assert!(!listed(CLINIC), "the later list does not have it");
        assert!(into.issuer(CLINIC).unwrap().keys.is_some(), "its keys are known all the same");
        assert!(listed("https://away.example") && listed("https://other.example"));
        assert_eq!(into.lists().collect::<Vec<_>>(), [("other", NOW), ("vci", NOW + 9)]);
    }
}

fn directory(issuers: &[&str]) -> Vec<u8> {
    let issuers: Vec<Value> = issuers.iter().map(|iss| json!({ "iss": iss, "name": "Name" })).collect();
    json!({ "participating_issuers": issuers }).to_string().into_bytes()
}

#[test]
fn an_update_fetches_lists_then_keys_then_revocations() {
    let sources = Sources {
        snapshots: vec!["https://lists.example/snapshot.json".into()],
        directories: vec![],
        document_lists: vec!["https://lists.example/did.json".into(), "http://insecure.example".into()],
        issuers: vec![CLINIC.into()],
    };
    let mut update = Update::new(TrustStore::default(), &sources, NOW);
    let mut asked = Vec::new();
    while let Ask::Get { url, .. } = update.ask() {
        let body = match url.rsplit('/').next().unwrap() {
            "snapshot.json" => snapshot(),
            "jwks.json" => json!({ "keys": [jwk()] }).to_string().into_bytes(),
            name if name.starts_with(&kid()) => {
                json!({ "kid": kid(), "method": "rid", "ctr": 2, "rids": ["xyz"] }).to_string().into_bytes()
            }
            _ => Vec::new(),
        };
        let status = if body.is_empty() { 503 } else { 200 };
        update.answer(&Answer { status, retry_after: None, body }, None);
        asked.push(url);
    }
    assert_eq!(asked.len(), 4);
    assert_eq!(asked[3], format!("{CLINIC}/.well-known/crl/{}.json", kid()));
    let (store, problems) = update.finish();
    assert!(store.issuer(CLINIC).unwrap().revocations[0].revokes("xyz", 0));
    let kinds: Vec<_> = problems.into_iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::Address, ProblemKind::Status(503)]);
    // Nothing to do for fresh keys whose revocations are known.
    let again = Update::new(store, &Sources { snapshots: vec![], document_lists: vec![], ..sources }, NOW + 60);
    assert_eq!(again.ask(), Ask::Done);
}

#[test]
fn a_list_that_is_still_the_same_is_not_sent_again() {
    let url = "https://lists.example/snapshot.json";
    let sources = Sources { snapshots: vec![url.into()], directories: vec![], document_lists: vec![], issuers: vec![] };
    let answer = |status: u16, body: Vec<u8>| Answer { status, retry_after: None, body };
    let once = |store: TrustStore, now: i64, given: Answer, given_tag: Option<&str>| {
        let mut update = Update::new(store, &sources, now);
        let Ask::Get { tag, .. } = update.ask() else { panic!("nothing is asked") };
        update.answer(&given, given_tag);
        let (store, problems) = update.finish();
        (TrustStore::from_json(&store.to_json()).unwrap(), tag, problems)
    };
    let (store, tag, problems) = once(TrustStore::default(), NOW, answer(200, snapshot()), Some("\"a\""));
    assert_eq!((tag, problems), (None, vec![]));
    let (store, tag, problems) = once(store, NOW + 5, answer(304, vec![]), None);
    assert_eq!((tag.as_deref(), problems), (Some("\"a\""), vec![]));
    assert_eq!(store.lists().collect::<Vec<_>>(), [(url, NOW + 5)]);
    assert!(store.issuer(CLINIC).unwrap().listed);
    // A bad list leaves the old one, and its tag.
    let (store, _, problems) = once(store, NOW + 9, answer(200, b"[]".to_vec()), Some("\"b\""));
    assert_eq!((problems.len(), store.lists().collect::<Vec<_>>()), (1, vec![(url, NOW + 5)]));
    let (store, tag, _) = once(store, NOW + 10, answer(200, snapshot()), None);
    assert_eq!(tag.as_deref(), Some("\"a\""));
    let (_, tag, problems) = once(store, NOW + 11, answer(304, vec![]), None);
    assert_eq!((tag, problems.len()), (None, 1), "nobody asked whether it is the same");
}

proptest! {
    #[test]
    fn no_list_panics(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut store = TrustStore::default();
        for json in [text.as_bytes(), &bytes] {
            let _ = store.add_directory("a", json, NOW);
            let _ = store.add_snapshot("a", json, NOW);
            let _ = store.add_document_keys("a", json, NOW);
            let _ = store.add_key_set(CLINIC, json, NOW);
            let _ = store.add_revocation_list(CLINIC, "k", json);
        }
        let _ = TrustStore::from_json(&text);
    }
}
