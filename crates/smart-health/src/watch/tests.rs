//! Tests of following a link against the answers that hosts give.

use super::*;
use crate::manifest::FHIR_JSON;
use crate::{ContentKey, Flags, ManifestUrl, jwe};
use proptest::prelude::*;

const URL: &str = "https://relay.example.org/shl/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM";
const NOW: i64 = 1_700_000_000;

fn key() -> ContentKey {
    ContentKey::from_bytes([7; 32])
}

fn watch_of(flags: &str) -> Watch {
    let flags = Flags::parse(flags).unwrap();
    let link =
        SmartHealthLink::new(ManifestUrl::new(URL).unwrap(), key(), Some(NOW + 1_000_000), flags, None, None).unwrap();
    Watch::new(link, Options::new("Dr Example", Some(NOW)), 600).unwrap()
}

fn file(content: &str) -> String {
    jwe::encrypt(&key(), [content.len() as u8; 12], FHIR_JSON, content.as_bytes())
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, retry_after: None, body: body.into() }
}

fn at(at: &str, updated: &str) -> serde_json::Value {
    serde_json::json!({ "contentType": FHIR_JSON, "location": format!("https://f.example/{at}"), "lastUpdated": updated })
}

fn manifest(status: &str, files: Vec<serde_json::Value>) -> Answer {
    answer(200, serde_json::json!({ "status": status, "files": files }).to_string())
}

fn asked(watch: &mut Watch, now: i64) -> String {
    match watch.due(now) {
        Due::Now(Ask::Get { url, .. } | Ask::PostManifest { url, .. }) => url,
        other => panic!("no request but {other:?}"),
    }
}

fn contents(update: &Update) -> Vec<&str> {
    update.changed.iter().map(|file| std::str::from_utf8(&file.bytes).unwrap()).collect()
}

#[test]
fn only_a_link_for_long_term_use_is_followed() {
    for flags in ["", "U", "P"] {
        let flags = Flags::parse(flags).unwrap();
        let link = SmartHealthLink::new(ManifestUrl::new(URL).unwrap(), key(), None, flags, None, None).unwrap();
        assert_eq!(Watch::new(link, Options::new("B", None), 600).err(), Some(Error::NotLongTerm));
    }
}

#[test]
fn a_link_that_says_that_it_ended_is_asked_where_that_is_wanted() {
    let ended = NOW - 1;
    let flags = Flags::parse("L").unwrap();
    let url = ManifestUrl::new(URL).unwrap();
    let link = SmartHealthLink::new(url, key(), Some(ended), flags, None, None).unwrap();
    let options = Options { ask_ended: true, ..Options::new("B", Some(NOW)) };
    assert_eq!(asked(&mut Watch::new(link, options, 600).unwrap(), NOW), URL);
    let mut watch = watch_of("L");
    assert_eq!(watch.due(NOW + 1_000_000), Due::Ended(Ended::Expired));
}

#[test]
fn what_did_not_change_is_not_fetched_again() {
    let mut watch = watch_of("L");
    assert_eq!(asked(&mut watch, NOW), URL);
    let first = vec![at("a", "2026-01-01T00:00:00Z"), at("b", "2026-01-01T00:00:00Z")];
    assert_eq!(watch.answer(&manifest("can-change", first), NOW).unwrap(), None);
    assert_eq!(asked(&mut watch, NOW), "https://f.example/a");
    assert_eq!(watch.answer(&answer(200, file("one")), NOW).unwrap(), None);
    let update = watch.answer(&answer(200, file("twoo")), NOW).unwrap().unwrap();
    assert_eq!((contents(&update), update.unchanged, update.removed), (vec!["one", "twoo"], 0, 0));
    assert_eq!(update.status, Some(Status::CanChange));

    assert_eq!(watch.due(NOW), Due::At(NOW + 600));
    assert_eq!(watch.due(NOW + 599), Due::At(NOW + 600));
    assert_eq!(asked(&mut watch, NOW + 600), URL);
    let second = vec![at("c", "2026-01-01T00:00:00Z"), at("d", "2026-01-02T00:00:00Z")];
    watch.answer(&manifest("can-change", second.clone()), NOW + 600).unwrap();
    assert_eq!(asked(&mut watch, NOW + 600), "https://f.example/d", "the first file is as it was");
    let update = watch.answer(&answer(200, file("three")), NOW + 600).unwrap().unwrap();
    assert_eq!((contents(&update), update.unchanged, update.removed), (vec!["three"], 1, 1));

    // All as it was: one request, nothing new.
    let update = watch.answer(&manifest("can-change", second), NOW + 1200).unwrap().unwrap();
    assert!(update.is_empty() && update.unchanged == 2);
}

#[test]
fn a_server_that_names_no_time_is_judged_by_the_content() {
    let mut watch = watch_of("LU");
    let update = watch.answer(&answer(200, file("one")), NOW).unwrap().unwrap();
    assert_eq!(contents(&update), ["one"]);
    assert!(asked(&mut watch, NOW + 600).starts_with(URL));
    let again = watch.answer(&answer(200, file("one")), NOW + 600).unwrap().unwrap();
    assert!(again.is_empty());
    let update = watch.answer(&answer(200, file("other")), NOW + 1200).unwrap().unwrap();
    assert_eq!((contents(&update), update.removed), (vec!["other"], 1));
}

#[test]
fn the_server_says_when_to_come_back() {
    let mut watch = watch_of("L");
    let mut polite = manifest("can-change", vec![]);
    polite.retry_after = Some("3600".to_owned());
    watch.answer(&polite, NOW).unwrap();
    assert_eq!(watch.due(NOW + 600), Due::At(NOW + 3600));
    // Too fast all the same: kept to, and longer each time; a date counts too.
    let busy = |retry_after: &str| Answer { retry_after: Some(retry_after.to_owned()), ..answer(429, "") };
    assert_eq!(watch.answer(&busy("30"), NOW + 3600), Err(Error::Busy { seconds: 30 }));
    assert_eq!(watch.due(NOW + 3600), Due::At(NOW + 3630));
    assert_eq!(watch.answer(&busy("0"), NOW + 3630), Ok(None));
    assert_eq!(watch.due(NOW + 3630), Due::At(NOW + 3640));
    // NOW is 2023-11-14T22:13:20Z.
    assert!(watch.answer(&busy("Wed, 15 Nov 2023 00:13:20 GMT"), NOW + 3640).is_err());
    assert_eq!(watch.due(NOW + 3640), Due::At(NOW + 3640 + 4 * (7200 - 3640)));
    // An answer ends the row of failures.
    watch.answer(&manifest("can-change", vec![]), NOW + 20_000).unwrap();
    assert_eq!(watch.due(NOW + 20_000), Due::At(NOW + 20_600));
}

#[test]
fn trouble_puts_it_off_and_the_end_ends_it() {
    let mut watch = watch_of("L");
    for wait in [60, 120, 240] {
        assert_eq!(watch.answer(&answer(500, ""), NOW), Err(Error::ServerTrouble { status: 500 }));
        assert_eq!(watch.due(NOW), Due::At(NOW + wait));
    }
    for _ in 0..40 {
        watch.interrupted(NOW);
    }
    assert_eq!(watch.due(NOW), Due::At(NOW + 21_600));
    let mut ended = watch_of("L");
    assert_eq!(ended.answer(&answer(404, ""), NOW), Err(Error::Inactive));
    assert_eq!(ended.due(NOW), Due::Ended(Ended::Inactive));
    let mut final_one = watch_of("L");
    assert!(final_one.answer(&manifest("finalized", vec![]), NOW).unwrap().is_some());
    assert_eq!(final_one.due(NOW), Due::Ended(Ended::Finalized));
    let mut recalled = watch_of("L");
    assert!(recalled.answer(&manifest("no-longer-valid", vec![]), NOW).unwrap().is_some());
    assert_eq!(recalled.due(NOW), Due::Ended(Ended::NoLongerValid));
    let mut over = watch_of("L");
    assert!(matches!(over.due(NOW + 999_999), Due::Now(_)));
    assert_eq!(over.due(NOW + 1_000_000), Due::Ended(Ended::Expired));
}

#[test]
fn a_passcode_that_was_right_is_sent_again_and_another_never() {
    let mut watch = watch_of("LP");
    assert!(matches!(watch.due(NOW), Due::Now(Ask::Passcode { rejected: false, .. })));
    watch.enter_passcode("1111").unwrap();
    // Not known to be right: asked for again after trouble, kept while the server is busy.
    watch.answer(&answer(500, ""), NOW).unwrap_err();
    assert!(matches!(watch.due(NOW + 60), Due::Now(Ask::Passcode { .. })));
    watch.enter_passcode("1234").unwrap();
    watch.answer(&Answer { retry_after: Some("9".to_owned()), ..answer(429, "") }, NOW + 60).unwrap_err();
    assert!(matches!(watch.due(NOW + 600), Due::Now(Ask::PostManifest { body, .. }) if body.contains("1234")));
    watch.answer(&manifest("can-change", vec![]), NOW + 600).unwrap();
    watch.interrupted(NOW + 1200);
    assert!(matches!(watch.due(NOW + 9000), Due::Now(Ask::PostManifest { body, .. }) if body.contains("1234")));
    watch.answer(&answer(401, r#"{"remainingAttempts":1}"#), NOW + 9000).unwrap();
    assert!(matches!(watch.due(NOW + 9000), Due::Now(Ask::Passcode { remaining_attempts: Some(1), rejected: true })));
    watch.enter_passcode("2222").unwrap();
    watch.answer(&answer(401, r#"{"remainingAttempts":0}"#), NOW + 9000).unwrap_err();
    assert_eq!(watch.due(NOW + 9000), Due::Ended(Ended::NoAttemptsLeft));
}

#[test]
fn it_goes_on_after_a_restart_where_it_was() {
    let files = vec![at("a", "2026-01-01T00:00:00Z")];
    let mut watch = watch_of("L");
    watch.answer(&manifest("can-change", files.clone()), NOW).unwrap();
    watch.answer(&answer(200, file("one")), NOW).unwrap();
    let kept = serde_json::to_string(watch.state()).unwrap();
    let link = SmartHealthLink::parse(&watch.link().to_uri()).unwrap();
    let state = serde_json::from_str(&kept).unwrap();
    let mut resumed = Watch::resume(link, Options::new("Dr Example", Some(NOW)), 600, state).unwrap();
    assert_eq!(resumed.due(NOW), Due::At(NOW + 600));
    let update = resumed.answer(&manifest("can-change", files), NOW + 600).unwrap().unwrap();
    assert!(update.is_empty());
}

#[test]
fn a_location_is_not_used_an_hour_later() {
    let mut watch = watch_of("L");
    watch.answer(&manifest("can-change", vec![at("a", "x")]), NOW).unwrap();
    assert_eq!(asked(&mut watch, NOW + 3600), "https://f.example/a");
    assert_eq!(asked(&mut watch, NOW + 3601), URL);
}

proptest! {
    /// Whatever a server answers, following it neither panics nor asks without pause.
    #[test]
    fn no_answers_make_it_panic_or_hurry(
        flags in "(L|LP|LU)",
        answers in proptest::collection::vec((prop_oneof![Just(200), Just(401), Just(404), Just(429), any::<u16>()],
            proptest::option::of("[0-9a-z ]{0,6}"), prop_oneof![Just(r#"{"files":[]}"#.to_owned()), ".{0,60}"]), 0..60),
    ) {
        let mut watch = watch_of(&flags);
        let mut now = NOW;
        for (status, retry_after, body) in answers {
            match watch.due(now) {
                Due::Now(Ask::Passcode { .. }) => watch.enter_passcode(&body).unwrap(),
                Due::Now(Ask::Wait { .. } | Ask::Done) => panic!("not to be asked for"),
                Due::Now(_) => {
                    if let Ok(Some(_)) = watch.answer(&Answer { status, retry_after, body: body.into_bytes() }, now) {
                        prop_assert!(!matches!(watch.due(now), Due::Now(_)));
                    }
                }
                Due::At(later) => {
                    prop_assert!(later > now);
                    now = later;
                }
                Due::Ended(_) => break,
            }
        }
    }
}
