//! Tests of the reader's steps against the answers that hosts give.

use super::*;
use crate::manifest::{FHIR_JSON, Status};
use crate::{ContentKey, ManifestUrl};
use proptest::prelude::*;

const URL: &str = "https://relay.example.org/shl/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM";
const NOW: i64 = 1_700_000_000;

fn key() -> ContentKey {
    ContentKey::from_bytes([7; 32])
}

fn link(flags: &str) -> SmartHealthLink {
    let url = ManifestUrl::new(URL).unwrap();
    SmartHealthLink::new(url, key(), Some(NOW + 900), Flags::parse(flags).unwrap(), None, None).unwrap()
}

fn reader_of(flags: &str) -> Reader {
    Reader::new(link(flags), Options::new("Dr Müller & Co", Some(NOW))).unwrap()
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, retry_after: None, body: body.into() }
}

fn busy(seconds: &str) -> Answer {
    Answer { status: 429, retry_after: Some(seconds.to_owned()), body: Vec::new() }
}

fn file(content: &str) -> String {
    jwe::encrypt(&key(), [1; 12], FHIR_JSON, content.as_bytes())
}

fn url_of(ask: Ask) -> String {
    match ask {
        Ask::Get { url, .. } | Ask::PostManifest { url, .. } => url,
        other => panic!("no request but {other:?}"),
    }
}

#[test]
fn a_direct_link_is_one_get_that_names_the_recipient() {
    let mut reader = reader_of("U");
    assert_eq!(url_of(reader.ask()), format!("{URL}?recipient=Dr%20M%C3%BCller%20%26%20Co"));
    reader.answer(&answer(200, file("{}"))).unwrap();
    assert_eq!(reader.ask(), Ask::Done);
    let opened = reader.into_opened().unwrap();
    assert_eq!(opened.files.len(), 1);
    assert_eq!(opened.files[0].bytes, b"{}");
    assert_eq!(opened.files[0].content_type, FHIR_JSON);
}

#[test]
fn a_manifest_costs_no_more_than_what_was_asked_for() {
    let most = |change: &dyn Fn(&mut Options)| {
        let mut options = Options::new("B", None);
        change(&mut options);
        let Ask::PostManifest { max_body, .. } = Reader::new(link(""), options).unwrap().ask() else { panic!() };
        max_body
    };
    // One file of any length, or all that are taken of the length that was asked for.
    let one = jwe::max_compact_len(32 << 20);
    assert!((one..one + (1 << 20)).contains(&most(&|_| {})));
    assert!(
        (30 << 20..31 << 20).contains(&most(&|options| (options.max_files, options.max_file_bytes) = (30, 1 << 20)))
    );
    let all = jwe::max_compact_len(64 << 20);
    assert!((all..all + (1 << 20)).contains(&most(&|options| options.embedded_length_max = None)));
    assert!(most(&|options| options.max_files = usize::MAX) < all + (1 << 20));
    let mut reader = reader_of("");
    let files = format!(r#"{{"files":[{}{{}}]}}"#, "{},".repeat(999));
    assert_eq!(reader.answer(&answer(200, files)), Err(Error::TooManyFiles { files: 1000, limit: 20 }));
    // Nothing to read is no fault.
    reader.answer(&answer(200, r#"{"status":"no-longer-valid"}"#)).unwrap();
    let opened = reader.into_opened().unwrap();
    assert_eq!((opened.files.len(), opened.status), (0, Some(Status::NoLongerValid)));
}

#[test]
fn a_direct_address_with_a_query_keeps_it() {
    let url = ManifestUrl::new(format!("{URL}?v=1")).unwrap();
    let flags = Flags { direct: true, ..Flags::default() };
    let link = SmartHealthLink::new(url, key(), None, flags, None, None).unwrap();
    let reader = Reader::new(link, Options::new("B", None)).unwrap();
    assert_eq!(url_of(reader.ask()), format!("{URL}?v=1&recipient=B"));
}

#[test]
fn a_manifest_gives_embedded_files_and_locations_in_order() {
    let mut reader = reader_of("L");
    let Ask::PostManifest { url, body, .. } = reader.ask() else { panic!() };
    assert_eq!(url, URL);
    assert_eq!(body, r#"{"recipient":"Dr Müller & Co","embeddedLengthMax":1048576}"#);
    let manifest = serde_json::json!({ "status": "can-change", "files": [
        { "contentType": "application/fhir+json;fhirVersion=4.0.1", "embedded": file("1") },
        { "contentType": FHIR_JSON, "location": "https://files.example.org/a?s=1", "lastUpdated": "2026-01-01T00:00:00Z" },
        { "contentType": FHIR_JSON, "embedded": file("3"), "location": "https://files.example.org/b",
          "status": "finalized", "fhirVersion": "4.3.0" },
    ]});
    let polled = Answer { status: 200, retry_after: Some("30".to_owned()), body: manifest.to_string().into_bytes() };
    reader.answer(&polled).unwrap();
    assert_eq!(url_of(reader.ask()), "https://files.example.org/a?s=1");
    reader.answer(&answer(200, format!("{}\n", file("2")))).unwrap();
    let opened = reader.into_opened().unwrap();
    assert_eq!(opened.files.iter().map(|file| file.bytes.as_slice()).collect::<Vec<_>>(), [b"1", b"2", b"3"]);
    assert_eq!(opened.files[1].last_updated.as_deref(), Some("2026-01-01T00:00:00Z"));
    let versions: Vec<_> = opened.files.iter().map(|file| file.fhir_version.as_deref()).collect();
    assert_eq!(versions, [Some("4.0.1"), None, Some("4.3.0")]);
    assert_eq!((opened.files[0].status, opened.files[2].status), (None, Some(Status::Finalized)));
    assert_eq!(opened.status, Some(Status::CanChange));
    assert_eq!(opened.poll_after, Some(30));
}

#[test]
fn a_file_without_cty_takes_the_manifests_word() {
    let no_cty = file("{}");
    let header = crate::base64url::encode(br#"{"alg":"dir","enc":"A256GCM"}"#);
    assert!(!no_cty.starts_with(&header));
    // Made by others, see the vectors beside `jwe`; its key is its own.
    let vector = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..Uzs7_sCk2zz4tDid.AI05zbzhH5aHY625oYz50WnU6t5b6brH1jly60K7vOx664rWCW9TWFhjXww7NJdlKAklsBVuYiX5CZDFkU75Fam74u5ZdBJst6JGCg3hkhh0neF4s5sv5WMxGCpmOrizsVAP72XaeHJWpaNtFgSOZt-QalXDHDU0WvzzZYXU3B0nC3tKYjNoJ_-cMZzSBeoR3BTdtb_9ZGem1xXo_Yuoz3Q8SxUrdQ.svv3zMgLTXGpvvpn95vqjQ";
    let key = crate::base64url::decode_32("AdPy1I7ckf3hiN7PAHNxIjYRCNUd032AWGhZW3hBOyI", Error::LinkDamaged).unwrap();
    let url = ManifestUrl::new(URL).unwrap();
    let link = SmartHealthLink::new(url, ContentKey::from_bytes(key), None, Flags::default(), None, None).unwrap();
    let mut reader = Reader::new(link, Options::new("B", None)).unwrap();
    let manifest = serde_json::json!({ "files": [{ "contentType": "application/x-odd", "embedded": vector }] });
    reader.answer(&answer(200, manifest.to_string())).unwrap();
    assert_eq!(reader.into_opened().unwrap().files[0].content_type, "application/x-odd");
}

#[test]
fn a_wrong_passcode_is_asked_for_again_until_none_is_left() {
    let mut reader = reader_of("P");
    assert_eq!(reader.ask(), Ask::Passcode { remaining_attempts: None, rejected: false });
    reader.enter_passcode("1111").unwrap();
    let Ask::PostManifest { body, .. } = reader.ask() else { panic!() };
    assert!(body.contains(r#""passcode":"1111""#));
    reader.answer(&answer(401, r#"{"remainingAttempts":2}"#)).unwrap();
    assert_eq!(reader.ask(), Ask::Passcode { remaining_attempts: Some(2), rejected: true });
    reader.enter_passcode("2222").unwrap();
    assert_eq!(reader.answer(&answer(401, r#"{"remainingAttempts":0}"#)), Err(Error::NoAttemptsLeft));
    // A server that says nothing about what is left.
    reader.answer(&answer(401, "")).unwrap();
    assert_eq!(reader.ask(), Ask::Passcode { remaining_attempts: None, rejected: true });
}

#[test]
fn a_server_may_want_a_passcode_that_the_link_did_not_announce() {
    let mut reader = reader_of("");
    reader.answer(&answer(401, r#"{"remainingAttempts":5}"#)).unwrap();
    assert_eq!(reader.ask(), Ask::Passcode { remaining_attempts: Some(5), rejected: false });
    reader.enter_passcode("1234").unwrap();
    reader.answer(&answer(200, r#"{"files":[]}"#)).unwrap();
    assert!(reader.into_opened().unwrap().files.is_empty());
}

#[test]
fn a_passcode_is_never_sent_twice_without_the_person() {
    let mut reader = reader_of("P");
    reader.enter_passcode("1111").unwrap();
    reader.interrupted();
    assert!(matches!(reader.ask(), Ask::Passcode { rejected: false, .. }));
}

#[test]
fn a_location_is_never_asked_twice() {
    let manifest = |at: &str| {
        let location = format!("https://files.example.org/{at}");
        answer(200, serde_json::json!({ "files": [{ "contentType": FHIR_JSON, "location": location }] }).to_string())
    };
    let mut reader = reader_of("P");
    reader.enter_passcode("1234").unwrap();
    reader.answer(&manifest("one")).unwrap();
    assert_eq!(url_of(reader.ask()), "https://files.example.org/one");
    reader.interrupted();
    // The passcode was right, so the manifest can be asked for again without the person.
    let Ask::PostManifest { body, .. } = reader.ask() else { panic!() };
    assert!(body.contains("1234"));
    reader.answer(&manifest("two")).unwrap();
    // Ran out meanwhile: once more.
    reader.answer(&answer(404, "")).unwrap();
    reader.answer(&manifest("three")).unwrap();
    assert_eq!(reader.answer(&answer(200, "not a JWE")), Err(Error::JweMalformed));
    reader.answer(&manifest("four")).unwrap();
    assert_eq!(url_of(reader.ask()), "https://files.example.org/four");
    reader.answer(&answer(200, file("{}"))).unwrap();
    assert_eq!(reader.ask(), Ask::Done);
}

#[test]
fn what_a_file_is_is_told_whatever_it_is() {
    use crate::content::Kind;
    let sealed = |content_type: &str, content: &str| jwe::encrypt(&key(), [1; 12], content_type, content.as_bytes());
    let manifest = serde_json::json!({ "files": [
        { "contentType": "application/smart-health-card", "embedded": sealed("application/smart-health-card", "{}") },
        { "contentType": "application/smart-api-access", "embedded": sealed("application/smart-api-access", "{}") },
        { "contentType": "application/pdf", "embedded": sealed("application/pdf", "%PDF") },
        { "contentType": "application/json", "embedded": sealed("application/fhir+json", "{}") },
    ]});
    let mut reader = reader_of("");
    reader.answer(&answer(200, manifest.to_string())).unwrap();
    let kinds: Vec<_> = reader.into_opened().unwrap().files.iter().map(OpenedFile::kind).collect();
    assert_eq!(kinds, [Kind::HealthCards, Kind::ApiAccess, Kind::Other, Kind::Fhir]);
}

#[test]
fn a_location_is_not_used_an_hour_after_the_manifest() {
    let manifest = serde_json::json!({ "files": [{ "contentType": FHIR_JSON, "location": "https://f.example/x" }] });
    let mut reader = reader_of("P");
    reader.enter_passcode("1234").unwrap();
    reader.answer(&answer(200, manifest.to_string())).unwrap();
    reader.time_is(NOW + 3600);
    assert_eq!(url_of(reader.ask()), "https://f.example/x");
    reader.time_is(NOW + 3601);
    assert_eq!(url_of(reader.ask()), URL, "and no passcode: it was right");
}

#[test]
fn a_server_whose_locations_never_work_is_given_up() {
    let manifest = serde_json::json!({ "files": [{ "contentType": FHIR_JSON, "location": "https://f.example/x" }] });
    let mut reader = reader_of("");
    let mut rounds = 0;
    let end = loop {
        rounds += 1;
        reader.answer(&answer(200, manifest.to_string())).unwrap();
        if let Err(error) = reader.answer(&answer(404, "")) {
            break error;
        }
    };
    assert_eq!((end, rounds), (Error::Inactive, 6));
}

#[test]
fn statuses_mean_what_the_specification_says() {
    for (status, error) in [
        (404, Error::Inactive),
        (410, Error::Inactive),
        (400, Error::Refused { status: 400 }),
        (403, Error::Refused { status: 403 }),
        (500, Error::ServerTrouble { status: 500 }),
        (503, Error::ServerTrouble { status: 503 }),
        (302, Error::UnexpectedStatus { status: 302 }),
        (0, Error::UnexpectedStatus { status: 0 }),
    ] {
        for flags in ["", "U", "L"] {
            let mut reader = reader_of(flags);
            let before = reader.ask();
            assert_eq!(reader.answer(&answer(status, "")), Err(error.clone()), "{status} {flags}");
            assert_eq!(reader.ask(), before, "it can be tried again");
        }
    }
}

#[test]
fn a_busy_server_is_waited_for_within_reason() {
    let mut reader = reader_of("U");
    let request = reader.ask();
    for _ in 0..5 {
        reader.answer(&busy("3")).unwrap();
        assert_eq!(reader.ask(), Ask::Wait { seconds: 3 });
        assert_eq!(reader.answer(&busy("3")), Err(Error::OutOfTurn));
        reader.waited().unwrap();
        assert_eq!(reader.ask(), request);
    }
    assert_eq!(reader.answer(&busy("3")), Err(Error::Busy { seconds: 3 }));
    let mut later = reader_of("U");
    assert_eq!(later.answer(&busy("3600")), Err(Error::Busy { seconds: 3600 }));
    // NOW is 2023-11-14T22:13:20Z; without a clock a date says nothing.
    later.answer(&busy("Tue, 14 Nov 2023 22:13:50 GMT")).unwrap();
    assert_eq!(later.ask(), Ask::Wait { seconds: 30 });
    let mut clockless = Reader::new(link("U"), Options::new("B", None)).unwrap();
    clockless.answer(&busy("Tue, 14 Nov 2023 22:13:50 GMT")).unwrap();
    assert_eq!(clockless.ask(), Ask::Wait { seconds: 2 });
}

#[test]
fn what_ended_or_is_not_encrypted_is_not_even_asked() {
    let options = |now| Options::new("B", now);
    assert_eq!(Reader::new(link("U"), options(Some(NOW + 900))).err(), Some(Error::Expired { at: NOW + 900 }));
    assert!(Reader::new(link("U"), options(None)).is_ok());
    let nevertheless = Options { ask_ended: true, ..options(Some(NOW + 900)) };
    assert!(
        matches!(Reader::new(link("U"), nevertheless).unwrap().ask(), Ask::Get { .. }),
        "it may have been extended"
    );
    for recipient in ["", "  ", "a\nb", &"x".repeat(201)] {
        assert_eq!(Reader::new(link("U"), Options::new(recipient, None)).err(), Some(Error::RecipientInvalid));
    }
    let plain = || {
        let payload = serde_json::json!({ "url": URL.replace("https", "http"), "key": "A".repeat(43), "flag": "U" });
        SmartHealthLink::parse(&format!("shlink:/{}", crate::base64url::encode(payload.to_string().as_bytes())))
            .unwrap()
    };
    assert_eq!(Reader::new(plain(), options(None)).err(), Some(Error::UrlInsecure));
    assert!(Reader::new(plain(), Options { allow_http: true, ..options(None) }).is_ok());
}

/// Named hostile answers: each is refused for its own reason.
#[test]
fn hostile_answers_are_refused() {
    let manifest = |files: serde_json::Value| serde_json::json!({ "files": files }).to_string();
    let asked = |body: String| reader_of("").answer(&answer(200, body));
    assert_eq!(asked("<html>".to_owned()), Err(Error::ManifestInvalid));
    assert_eq!(asked("[".repeat(100_000)), Err(Error::ManifestInvalid));
    assert_eq!(asked("{}".to_owned()), Err(Error::ManifestInvalid));
    assert_eq!(asked(manifest(serde_json::json!([{ "contentType": FHIR_JSON }]))), Err(Error::ManifestInvalid));
    let many = vec![serde_json::json!({ "contentType": FHIR_JSON, "embedded": "x" }); 21];
    assert_eq!(asked(manifest(many.into())), Err(Error::TooManyFiles { files: 21, limit: 20 }));
    for location in ["http://files.example.org/a", "javascript:alert(1)", "/relative", "file:///etc/passwd", ""] {
        let refused = asked(manifest(serde_json::json!([{ "contentType": FHIR_JSON, "location": location }])));
        assert!(matches!(refused, Err(Error::UrlInsecure | Error::UrlInvalid)), "{location}");
    }
    let wrong_key = jwe::encrypt(&ContentKey::from_bytes([8; 32]), [1; 12], FHIR_JSON, b"{}");
    assert_eq!(
        asked(manifest(serde_json::json!([{ "contentType": FHIR_JSON, "embedded": wrong_key }]))),
        Err(Error::Unauthentic)
    );
    assert_eq!(reader_of("U").answer(&answer(200, r#"{"resourceType":"Bundle"}"#)), Err(Error::JweMalformed));
    assert_eq!(reader_of("U").answer(&answer(200, vec![0xff; 10])), Err(Error::JweMalformed));
}

#[test]
fn a_strangers_link_asks_nothing_of_this_machine() {
    let here = || {
        let url = ManifestUrl::new(URL.replace("https://relay.example.org", "http://127.0.0.1:5984")).unwrap();
        SmartHealthLink::new(url, key(), None, Flags::default(), None, None).unwrap()
    };
    let options = |allow_loopback| Options { allow_loopback, ..Options::new("B", None) };
    assert_eq!(Reader::new(here(), options(false)).err(), Some(Error::UrlInsecure));
    let manifest =
        serde_json::json!({ "files": [{ "contentType": FHIR_JSON, "location": "http://localhost:5984/a" }] })
            .to_string();
    let mut own = Reader::new(here(), options(true)).unwrap();
    own.answer(&answer(200, manifest.clone())).unwrap();
    assert_eq!(url_of(own.ask()), "http://localhost:5984/a");
    // One from elsewhere does not, even so.
    let mut stranger = Reader::new(link(""), Options { now: Some(NOW), ..options(true) }).unwrap();
    assert_eq!(stranger.answer(&answer(200, manifest)), Err(Error::UrlInsecure));
}

#[test]
fn sizes_are_bounded_for_each_file_and_for_all() {
    let options = Options { max_file_bytes: 100, max_total_bytes: 150, ..Options::new("B", None) };
    let mut reader = Reader::new(link("U"), options.clone()).unwrap();
    assert_eq!(reader.answer(&answer(200, file(&"x".repeat(101)))), Err(Error::TooLarge { limit: 100 }));
    let Ask::Get { max_body, .. } = reader.ask() else { panic!() };
    assert_eq!(reader.answer(&answer(200, vec![b'a'; max_body + 1])), Err(Error::TooLarge { limit: max_body }));
    let two = serde_json::json!({ "files": [
        { "contentType": FHIR_JSON, "embedded": file(&"x".repeat(90)) },
        { "contentType": FHIR_JSON, "embedded": file(&"x".repeat(90)) },
    ]});
    let mut reader = Reader::new(link(""), options).unwrap();
    assert_eq!(reader.answer(&answer(200, two.to_string())), Err(Error::TooLarge { limit: 60 }));
}

#[test]
fn nothing_is_taken_out_of_turn() {
    let mut reader = reader_of("P");
    assert_eq!(reader.answer(&answer(200, "{}")), Err(Error::OutOfTurn));
    assert_eq!(reader.waited(), Err(Error::OutOfTurn));
    reader.enter_passcode("1").unwrap();
    assert_eq!(reader.enter_passcode("2"), Err(Error::OutOfTurn));
    assert_eq!(reader.into_opened().err(), Some(Error::OutOfTurn));
}

#[test]
fn nothing_secret_shows_in_debug_output() {
    let mut reader = reader_of("P");
    reader.enter_passcode("hunter2").unwrap();
    let shown = format!("{reader:?} {:?} {:?}", reader.ask(), answer(200, "body"));
    for secret in ["hunter2", "Y9xw", "body", "ller"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic_or_go_on_for_ever(
        flags in "(|L|P|U|LP|LU)",
        answers in proptest::collection::vec((prop_oneof![Just(200), Just(401), Just(404), Just(429), Just(503), any::<u16>()],
            proptest::option::of("[0-9a-z ]{0,6}"), ".{0,60}"), 0..40),
    ) {
        let mut reader = reader_of(&flags);
        for (status, retry_after, body) in answers {
            match reader.ask() {
                Ask::Passcode { .. } => reader.enter_passcode(&body).unwrap(),
                Ask::Wait { .. } => reader.waited().unwrap(),
                Ask::Done => break,
                _ => { let _ = reader.answer(&Answer { status, retry_after, body: body.into_bytes() }); }
            }
        }
    }

    #[test]
    fn no_manifest_makes_it_panic(content_type in ".{0,20}", location in ".{0,40}", embedded in ".{0,40}", status in ".{0,20}") {
        let body = serde_json::json!({ "status": status, "files": [
            { "contentType": content_type, "location": location, "embedded": embedded }] });
        let _ = reader_of("").answer(&answer(200, body.to_string()));
    }
}
