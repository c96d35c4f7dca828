//! The Kill-the-Clipboard test vectors of the tiers decode, retrieve and decrypt, made by their published rule: the key of a
//! vector is SHA-256("ktc-vector-key:" + id), its IV the first twelve bytes of SHA-256("ktc-vector-iv:" + id). The content
//! is ours; what the profile asks of it is not a matter of links.
//!
//! Specification: CMS, Patient-Shared Health Documents via SMART Health Links 0.10.2, test vectors.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use smart_health::manifest::FHIR_JSON;
use smart_health::reader::Options;
use smart_health::{Answer, Ask, ContentKey, Error, OpenedFile, Reader, Result, SmartHealthLink, jwe};

const NOW: i64 = 1_790_000_000;
const CONTENT: &[u8] =
    br#"{"resourceType":"Bundle","type":"collection","timestamp":"2026-01-30T12:00:00Z","entry":[]}"#;

fn derived(what: &str, id: &str) -> [u8; 32] {
    Sha256::digest(format!("ktc-vector-{what}:{id}")).into()
}

fn payload(id: &str, key: [u8; 32], label: Option<&str>) -> Value {
    let url = format!("https://ktc-spec.github.io/vectors/files/{id}.jwe");
    let mut payload = json!({ "url": url, "flag": "U", "key": URL_SAFE_NO_PAD.encode(key), "exp": NOW + 86_400 });
    if let Some(label) = label {
        payload["label"] = label.into();
    }
    payload
}

fn uri(payload: &Value) -> String {
    format!("shlink:/{}", URL_SAFE_NO_PAD.encode(payload.to_string()))
}

fn file(id: &str, key: [u8; 32]) -> String {
    let iv: [u8; 12] = derived("iv", id)[..12].try_into().unwrap();
    jwe::encrypt(&ContentKey::from_bytes(key), iv, FHIR_JSON, CONTENT)
}

/// Opens a link whose address answers so.
fn open(text: &str, status: u16, body: &str) -> Result<OpenedFile> {
    let mut reader = Reader::new(SmartHealthLink::parse(text)?, Options::new("a test", Some(NOW)))?;
    assert!(matches!(reader.ask(), Ask::Get { .. }), "one GET and no manifest");
    reader.answer(&Answer { status, retry_after: None, body: body.as_bytes().to_vec() })?;
    Ok(reader.into_opened()?.files.remove(0))
}

#[test]
fn links_of_every_form_open() {
    let encoded_with_both = (0..4096)
        .map(|count| {
            payload(
                "ktc-d3-b64url",
                derived("key", "ktc-d3-b64url"),
                Some(&format!("🧪{}🔗📦ÿ🏿 sonde numéro {count}", "x".repeat(count % 4))),
            )
        })
        .find(|payload| ['-', '_'].iter().all(|special| uri(payload)[8..].contains(*special)))
        .unwrap();
    let url_safe = (0..4096)
        .map(|salt| derived("key", &format!("ktc-e3-key-urlsafe~{salt}")))
        .find(|key| ['-', '_'].iter().all(|special| URL_SAFE_NO_PAD.encode(key).contains(*special)))
        .unwrap();
    let usual =
        |id: &str, label: Option<&str>| (id.to_owned(), derived("key", id), payload(id, derived("key", id), label));
    for (id, key, payload) in [
        usual("ktc-d1-baseline", Some("A person's health summary")),
        usual("ktc-d2-prefixed", Some("Prefixed form")),
        ("ktc-d3-b64url".to_owned(), derived("key", "ktc-d3-b64url"), encoded_with_both),
        usual("ktc-d4-utf8-label", Some("Résumé de santé — été")),
        usual("ktc-d5-no-label", None),
        ("ktc-e3-key-urlsafe".to_owned(), url_safe, payload("ktc-e3-key-urlsafe", url_safe, Some("URL-safe key"))),
    ] {
        for text in [uri(&payload), format!("https://shlink-viewer.example.org/#{}", uri(&payload))] {
            let link = SmartHealthLink::parse(&text).unwrap();
            assert_eq!(link.label.map(|label| label.as_str().to_owned()), payload["label"].as_str().map(str::to_owned));
            assert_eq!(open(&text, 200, &file(&id, key)).unwrap().bytes, CONTENT, "{id}");
        }
    }
}

#[test]
fn what_is_gone_expired_tampered_or_cut_is_refused_for_that_reason() {
    let id = "ktc-r1-gone";
    assert_eq!(open(&uri(&payload(id, derived("key", id), None)), 404, ""), Err(Error::Inactive));
    let id = "ktc-r2-expired";
    let mut expired = payload(id, derived("key", id), Some("Expired in 2024"));
    expired["exp"] = json!(1_706_745_600);
    assert_eq!(open(&uri(&expired), 200, ""), Err(Error::Expired { at: 1_706_745_600 }), "before anything is asked");
    let id = "ktc-e2-tampered";
    let key = derived("key", id);
    let mut parts: Vec<String> = file(id, key).split('.').map(str::to_owned).collect();
    let other = if parts[3].starts_with('A') { "B" } else { "A" };
    parts[3].replace_range(..1, other);
    assert_eq!(open(&uri(&payload(id, key, None)), 200, &parts.join(".")), Err(Error::Unauthentic));
    // ktc-d9-truncated
    assert_eq!(SmartHealthLink::parse("shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUuY29t"), Err(Error::LinkDamaged));
}

/// Links of the specification that are out of the profile: read as what they are.
#[test]
fn what_the_profile_excludes_is_told_by_the_link() {
    let id = "ktc-d1-baseline";
    let mut link = payload(id, derived("key", id), None);
    link["flag"] = "P".into();
    assert!(SmartHealthLink::parse(&uri(&link)).unwrap().flags.passcode);
    link["flag"] = "".into();
    assert!(!SmartHealthLink::parse(&uri(&link)).unwrap().flags.direct);
    link.as_object_mut().unwrap().remove("exp");
    assert_eq!(SmartHealthLink::parse(&uri(&link)).unwrap().exp, None);
}
