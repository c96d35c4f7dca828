//! Opening links over HTTP.

use crate::canned::{Canned, Given, given, nobody};
use carnet_sync::{Error, open_link};
use smart_health::manifest::FHIR_JSON;
use smart_health::reader::Options;
use smart_health::{ContentKey, Flags, ManifestUrl, SmartHealthLink, jwe};

const ID: &str = "Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM";

fn link(server: &str, flags: &str) -> SmartHealthLink {
    let url = ManifestUrl::new(format!("{server}/shl/{ID}")).unwrap();
    let flags = Flags::parse(flags).unwrap();
    SmartHealthLink::new(url, ContentKey::from_bytes([7; 32]), None, flags, None, None).unwrap()
}

fn file() -> String {
    jwe::encrypt(&ContentKey::from_bytes([7; 32]), [1; 12], FHIR_JSON, b"{\"resourceType\":\"Bundle\"}")
}

fn options() -> Options {
    Options { allow_loopback: true, ..Options::new("Dr Example", None) }
}

#[tokio::test]
async fn a_direct_file() {
    let server = Canned::start().await;
    let served = Given { headers: vec![("carnet-commitment-index", "12".to_owned())], ..given(200, file()) };
    server.put(&format!("GET /shl/{ID}?recipient=Dr%20Example"), served);
    let opened = open_link(link(server.url(), "U"), options(), None).await.unwrap();
    assert_eq!(opened.commitment_index, Some(12));
    assert_eq!(opened.opened.files[0].bytes, b"{\"resourceType\":\"Bundle\"}");
    assert!(server.asked()[0].authorization.is_none());
}

#[tokio::test]
async fn a_manifest_with_a_passcode_a_wait_a_redirect_and_a_location() {
    let server = Canned::start().await;
    let store = Canned::start().await;
    let line = format!("POST /shl/{ID}");
    let manifest =
        serde_json::json!({ "files": [{ "contentType": FHIR_JSON, "location": format!("{}/file", server.url()) }] });
    let busy = Given { headers: vec![("retry-after", "1".to_owned())], ..given(429, "") };
    server.put_all(&line, vec![busy, given(200, manifest.to_string())]);
    server.put("GET /file", Given { headers: vec![("location", format!("{}/object", store.url()))], ..given(302, "") });
    store.put("GET /object", given(200, file()));
    assert!(matches!(open_link(link(server.url(), "P"), options(), None).await, Err(Error::PasscodeNeeded)));
    let opened = open_link(link(server.url(), "P"), options(), Some("1234")).await.unwrap();
    assert_eq!(opened.opened.files.len(), 1);
    assert!(String::from_utf8(server.asked()[0].body.clone()).unwrap().contains(r#""passcode":"1234""#));
}

#[tokio::test]
async fn a_wrong_passcode_is_tried_once() {
    let server = Canned::start().await;
    server.put(&format!("POST /shl/{ID}"), given(401, r#"{"remainingAttempts":4}"#));
    let wrong = open_link(link(server.url(), "P"), options(), Some("1111")).await.unwrap_err();
    assert!(matches!(wrong, Error::WrongPasscode { remaining_attempts: Some(4) }));
    assert_eq!(wrong.to_string(), "the passcode is wrong; 4 tries are left");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn dead_links_and_dead_servers() {
    let server = Canned::start().await;
    let gone = open_link(link(server.url(), "U"), options(), None).await.unwrap_err();
    assert!(matches!(gone, Error::Link(smart_health::Error::Inactive)) && !gone.is_away());
    server.put(&format!("GET /shl/{ID}?recipient=Dr%20Example"), given(500, ""));
    assert!(open_link(link(server.url(), "U"), options(), None).await.unwrap_err().is_away());
    assert!(open_link(link(&nobody().await, "U"), options(), None).await.unwrap_err().is_away());
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let server = Canned::start().await;
    server.put(&format!("GET /shl/{ID}?recipient=Dr%20Example"), given(200, vec![b'A'; 300_000]));
    let options = Options { max_file_bytes: 1_000, ..options() };
    assert!(matches!(open_link(link(server.url(), "U"), options, None).await, Err(Error::TooLarge { .. })));
}
