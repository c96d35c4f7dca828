//! Everything that can be said about a share on the command line.

use crate::carnet::{Carnet, DONE, FAILED, Relay, USAGE, run_bare};
use serde_json::Value;

fn with_relay() -> (Carnet, Relay) {
    let carnet = Carnet::with_records();
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    carnet.run(&["shares", "--relay", &relay.url]).expect(DONE);
    (carnet, relay)
}

fn opened(link: &Value, more: &[&str]) -> Value {
    let args = [&["open", link.as_str().unwrap(), "--as", "Dr Example", "--json"], more].concat();
    run_bare(&args).expect(DONE).json()
}

#[test]
fn every_occasion_is_shared_as_it_suggests() {
    let (carnet, _relay) = with_relay();
    for (preset, format, purpose, seconds) in [
        ("desk", "ktc", "TREAT", 900),
        ("visit", "ips", "TREAT", 86_400),
        ("travel", "ips", "TREAT", 604_800),
        ("emergency", "ips", "ETREAT", 2_592_000),
        ("custom", "ips", "TREAT", 86_400),
    ] {
        let share = carnet.run(&["share", "--preset", preset, "--passcode", "4711"]).expect(DONE).json();
        assert_eq!(
            (&share["format"], &share["purpose"], &share["preset"]),
            (&format.into(), &purpose.into(), &preset.into())
        );
        assert_eq!(share["expires"].as_i64().unwrap() - share["at"].as_i64().unwrap(), seconds);
        assert!(opened(&share["link"], &["--passcode", "4711"])["entries"].as_u64().unwrap() > 3);
    }
    // Without a word a passcode is made where the app suggests one too, and printed once.
    let known: std::collections::HashSet<String> = ["visit", "travel", "custom"]
        .into_iter()
        .map(|preset| {
            let share = carnet.run(&["share", "--preset", preset]).expect(DONE).json();
            let made = share["made_passcode"].as_str().unwrap().to_owned();
            assert!(share["passcode"] == true && made.len() == 6 && made.bytes().all(|digit| digit.is_ascii_digit()));
            run_bare(&["open", share["link"].as_str().unwrap(), "--as", "Dr Example"]).expect(FAILED);
            assert!(opened(&share["link"], &["--passcode", &made])["entries"].as_u64().unwrap() > 3);
            made
        })
        .collect();
    assert!(known.len() > 1, "{known:?}");
    let said = carnet.run_as_person(&["share", "--preset", "visit"]).expect(DONE).stdout;
    let made = said.split("Passcode: ").nth(1).and_then(|rest| rest.get(..6)).unwrap();
    assert_eq!(said.matches(made).count(), 1, "{said}");
    for plain in [&["share", "--preset", "visit", "--no-passcode"][..], &["share", "--preset", "emergency"]] {
        let share = carnet.run(plain).expect(DONE).json();
        assert_eq!((&share["passcode"], &share["made_passcode"]), (&false.into(), &Value::Null));
    }
    carnet.run(&["share", "--passcode", "4711", "--no-passcode"]).expect(USAGE);
    // Without a passcode a desk fetches one file at once.
    let desk = carnet.run(&["share"]).expect(DONE).json();
    assert_eq!((&desk["preset"], &desk["passcode"]), (&"desk".into(), &false.into()));
    assert_eq!(carnet.run(&["share", "--passcode", "4711"]).expect(DONE).json()["preset"], "visit");
    assert!(opened(&desk["link"], &[])["entries"].as_u64().unwrap() > 3);
}

#[test]
fn what_goes_in_and_what_is_held_back_is_told_first() {
    let (carnet, _relay) = with_relay();
    let preview = |more: &[&str]| -> Value {
        carnet.run(&[&["share", "--preset", "custom", "--preview"], more].concat()).expect(DONE).json()
    };
    let held = |preview: &Value, reason: &str| -> u64 {
        let groups = preview["held_back"].as_array().unwrap();
        groups.iter().filter(|group| group["reason"] == reason).map(|group| group["count"].as_u64().unwrap()).sum()
    };
    let all = preview(&[]);
    assert!(
        held(&all, "document") > 0 && all["lines"].as_array().unwrap().len() as u64 == all["records"].as_u64().unwrap()
    );
    assert_eq!(held(&preview(&["--types", "document,allergy"]), "document"), 0);
    assert_eq!(preview(&["--types", "allergy"]), preview(&["--category", "allergy"]));
    assert!(held(&preview(&["--since", "2025"]), "older") > 0 && held(&preview(&["--until", "2010"]), "newer") > 0);
    assert_eq!(held(&preview(&["--include-sensitive"]), "sensitive"), 0);
    let id = all["lines"][0]["id"].as_str().unwrap();
    assert_eq!(held(&preview(&["--without", id]), "unticked"), 1);
    assert_eq!(preview(&["--types", "device", "--with", id])["lines"][0]["id"], id);
    assert!(carnet.run_as_person(&["share", "--preview"]).expect(DONE).stdout.contains("Held back"));
    assert_eq!(carnet.run(&["shares"]).expect(DONE).json(), serde_json::json!([]));
    // Who shares without a look at the preview is told the same, before the code is there.
    let shared = ["share", "--preset", "custom", "--passcode", "4711"];
    let said = carnet.run_as_person(&shared).expect(DONE).stdout;
    assert!(said.find("Held back").unwrap() < said.find('█').unwrap(), "{said}");
    // So is the notice that the grant says was shown, and nobody but a person at a terminal is asked.
    assert!(said.find("It will hold").unwrap() < said.find("Before you share").unwrap(), "{said}");
    for words in ["Before you share (notice, version 1)", "You can stop sharing at any time."] {
        assert!(said.find(words).unwrap() < said.find('█').unwrap(), "{said}");
        assert!(carnet.run_as_person(&["share", "--preview"]).expect(DONE).stdout.contains(words));
    }
    assert_eq!((&all["notice"]["version"], all["notice"]["lines"].as_array().unwrap().len()), (&1.into(), 10));
    carnet.run(&[&shared[..], &["--agree"]].concat()).expect(DONE);
    let told = carnet.run(&shared).expect(DONE).json();
    assert_eq!(told["notice"], all["notice"]);
    assert_eq!(held(&told, "document"), held(&all, "document"));
    assert!(told["held_back"].as_array().unwrap().iter().all(|group| group.get("lines").is_none()));
    for share in carnet.run(&["shares"]).expect(DONE).json().as_array().unwrap() {
        carnet.run(&["withdraw", share["id"].as_str().unwrap()]).expect(DONE);
    }
    carnet.run(&["share", "--since", "yesterday"]).expect(USAGE);
    carnet.run(&["share", "--from", "yesterday"]).expect(USAGE);
    let unknown = carnet.run(&["share", "--types", "medication"]).expect(FAILED);
    assert!(unknown.error() == "not_found" && unknown.stderr.contains("medicine, immunization"), "{}", unknown.stderr);
    carnet.run(&["share", "--wider"]).expect(USAGE);
}

#[test]
fn a_share_says_what_the_recipient_is_bound_to_and_when() {
    let (carnet, _relay) = with_relay();
    let share = carnet
        .run(&[
            "share",
            "--preset",
            "visit",
            "--from",
            "1h",
            "--erase-by",
            "2099-01-01",
            "--no-redisclosure",
            "--delete-after-use",
            "--tell-left-out",
            "--openings",
            "3",
            "--format",
            "ktc",
        ])
        .expect(DONE)
        .json();
    assert_eq!(share["status"], "not_yet");
    assert!(share["not_before"].as_i64().unwrap() - share["at"].as_i64().unwrap() >= 3_599);
    assert_eq!(share["obligations"], serde_json::json!(["no_redisclosure", "delete_after_use"]));
    assert_eq!((&share["max_openings"], &share["format"]), (&3.into(), &"ktc".into()));
    assert!(share["erase_by"].as_i64().unwrap() > 4_000_000_000);
}

#[test]
fn a_share_is_paused_resumed_and_extended() {
    let (carnet, _relay) = with_relay();
    let share = carnet.run(&["share"]).expect(DONE).json();
    let id = share["id"].as_str().unwrap();
    assert_eq!(carnet.run(&["pause", id]).expect(DONE).json()["status"], "paused");
    let paused = run_bare(&["open", share["link"].as_str().unwrap(), "--as", "Dr Example"]).expect(FAILED).stderr;
    assert!(paused.contains("does not open now") && paused.contains("can let a paused one go on"), "{paused}");
    assert_eq!(carnet.run(&["resume", id]).expect(DONE).json()["status"], "live");
    let longer = carnet.run(&["extend", id, "--expires", "2h"]).expect(DONE).json();
    assert!(longer["expires"].as_i64().unwrap() > share["expires"].as_i64().unwrap());
    assert!(opened(&share["link"], &[])["entries"].as_u64().unwrap() > 3);
    carnet.run(&["extend", id, "--expires", "1h"]).expect(FAILED);
    // The code names the end, so it is another one; it is given out anew, and once more to whoever asks for it.
    assert_ne!(longer["link"], share["link"]);
    let shown = carnet.run_as_person(&["show-link", id]).expect(DONE).stdout;
    assert!(shown.contains('█') && shown.contains(longer["viewer"].as_str().unwrap()), "{shown}");
    assert_eq!(carnet.run(&["show-link", id]).expect(DONE).json()["link"], longer["link"]);
    assert!(!carnet.run(&["shares"]).expect(DONE).stdout.contains("shlink:/"), "a list gives no keys away");
    let said = carnet.run_as_person(&["extend", id, "--expires", "3h"]).expect(DONE).stdout;
    assert!(said.contains('█') && said.contains("#shlink:/") && said.contains("Show this code"), "{said}");
    let openings = carnet.run(&["opened"]).expect(DONE).json();
    let refused = openings.as_array().unwrap().iter().find(|opening| opening["outcome"] == "refused").unwrap();
    assert_eq!((&refused["reason"], &refused["new"]), (&"paused".into(), &true.into()));
    let again = carnet.run(&["opened"]).expect(DONE).json();
    assert!(again.as_array().unwrap().iter().all(|opening| opening["new"] == false));
    assert!(carnet.run_as_person(&["opened"]).expect(DONE).stdout.contains("it was paused"));
    carnet.run(&["withdraw", id]).expect(DONE);
    for over in [&["pause", id][..], &["resume", id], &["extend", id, "--expires", "2h"]] {
        let said = carnet.run_as_person(over).expect(FAILED).stderr;
        assert!(said.contains("This share is over; nothing was changed"), "{said}");
    }
    assert!(carnet.run_as_person(&["show-link", id]).expect(DONE).stdout.contains("This share is over"));
}

#[test]
fn a_live_share_follows_what_is_imported() {
    let (carnet, _relay) = with_relay();
    let travel = |more: &[&str]| {
        let args = ["share", "--preset", "travel", "--types", "allergy", "--no-passcode"];
        carnet.run(&[&args, more].concat()).expect(DONE).json()
    };
    let share = travel(&[]);
    assert_eq!(share["follows"], true, "a journey follows the records by itself");
    assert_eq!(travel(&["--snapshot"])["follows"], false);
    let visit = carnet.run(&["share", "--preset", "visit", "--types", "allergy", "--no-passcode"]).expect(DONE).json();
    assert_eq!(visit["follows"], false);
    let out = carnet.text_path("seen.json");
    let seen = || {
        opened(&share["link"], &["--out", &out]);
        std::fs::read_to_string(&out).unwrap()
    };
    assert!(!seen().contains("Latex"));
    let later = r#"{"resourceType":"AllergyIntolerance","id":"x","code":{"text":"Latex"},"patient":{"reference":"Patient/none"}}"#;
    std::fs::write(carnet.path("later.json"), later).unwrap();
    carnet.run(&["import", &carnet.text_path("later.json")]).expect(DONE);
    assert!(seen().contains("Latex"));
}

#[test]
fn a_request_is_written_read_and_answered() {
    let (carnet, _relay) = with_relay();
    let (key, file) = (carnet.text_path("clinic.key"), carnet.text_path("request.txt"));
    run_bare(&["request", "--new-key", &key, "--json"]).expect(DONE);
    run_bare(&["request", "--new-key", &key, "--json"]).expect(FAILED);
    let ask =
        ["request", "--new", "Harbour Clinic", "--types", "allergy,medicine", "--expires", "2h", "--openings", "3"];
    let signed = run_bare(&[&ask[..], &["--key", &key, "--out", &file, "--json"]].concat()).expect(DONE).json();
    assert_eq!(signed["signed"], true);
    let read = run_bare(&["request", &file, "--json"]).expect(DONE).json();
    assert_eq!((&read["asked"]["by"], &read["asked"]["signed"]), (&"Harbour Clinic".into(), &true.into()));
    assert!(read["differences"].as_array().unwrap().iter().all(|change| change["wider"] == false));
    // As text, and not signed.
    let text = run_bare(&ask).expect(DONE).stdout;
    let said = run_bare(&["request", text.trim()]).expect(DONE).stdout;
    assert!(said.contains("Harbour Clinic asks") && said.contains("not signed"));
    run_bare(&["request", "nonsense"]).expect(FAILED);
    // What cannot be asked is told with its field.
    for (wrong, told) in [
        (["--openings", "0"], "The number of openings"),
        (["--since", "yesterday"], "The first date"),
        (["--expires", "400d"], "The time asked for"),
    ] {
        let refused = run_bare(&[&["request", "--new", "Harbour Clinic", "--json"][..], &wrong].concat()).expect(USAGE);
        assert_eq!(refused.error(), "usage");
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }

    let share = carnet.run(&["share", "--request", &file, "--passcode", "4711"]).expect(DONE).json();
    assert_eq!((&share["asked_by"], &share["recipient"]), (&"Harbour Clinic".into(), &"Harbour Clinic".into()));
    assert_eq!(share["max_openings"], 3);
    let narrower = carnet.run(&["share", "--request", &file, "--types", "allergy"]).expect(DONE).json();
    assert!(narrower["categories"].as_array().unwrap().iter().all(|count| count["category"] == "allergy"));
    // More than was asked needs a word.
    let wider = ["share", "--request", &file, "--expires", "24h"];
    assert_eq!(carnet.run(&wider).expect(USAGE).error(), "usage");
    carnet.run(&[&wider[..], &["--wider"]].concat()).expect(DONE);
    let live = ["share", "--request", &file, "--live"];
    let refused = carnet.run(&live).expect(USAGE);
    assert!(refused.stderr.contains("more: later changes"), "{}", refused.stderr);
    assert_eq!(carnet.run(&[&live[..], &["--wider"]].concat()).expect(DONE).json()["follows"], true);
    // Who asks for later changes says so, and whoever reads the request is told.
    assert!(run_bare(&["request", &file]).expect(DONE).stdout.contains("nothing of what is added or changed later"));
    let text = run_bare(&["request", "--new", "Harbour Clinic", "--live"]).expect(DONE).stdout;
    let told = run_bare(&["request", text.trim()]).expect(DONE).stdout;
    assert!(told.contains("also what is added or changed later"), "{told}");
}

#[test]
fn what_was_shared_is_imported_in_every_form() {
    let (carnet, _relay) = with_relay();
    for (format, passcode) in [("ips", Some("4711")), ("ktc", Some("4711")), ("ktc", None)] {
        let code: Vec<&str> = passcode.iter().flat_map(|passcode| ["--passcode", passcode]).collect();
        let asked = if code.is_empty() { &["--no-passcode"][..] } else { &code[..] };
        let share = [&["share", "--preset", "custom", "--format", format], asked].concat();
        let share = carnet.run(&share).expect(DONE).json();
        let taker = Carnet::new();
        let link = share["link"].as_str().unwrap();
        let account = taker.run(&[&["open", link, "--import"], &code[..]].concat()).expect(DONE).json();
        assert!(account["imported"].as_u64().unwrap() > 10, "{format}: {account:#}");
        assert_eq!(account["skipped"].as_array().unwrap().len(), 0, "{format}: {account:#}");
    }
}

#[test]
fn a_receipt_is_told_and_written() {
    let (carnet, _relay) = with_relay();
    let share = carnet.run(&["share", "--for", "Dr Example", "--delete-after-use"]).expect(DONE).json();
    let id = share["id"].as_str().unwrap();
    let told = carnet.run_as_person(&["receipt", id]).expect(DONE).stdout;
    assert!(told.contains("Dr Example") && told.contains("State: Given"), "{told}");
    let printed = carnet.run(&["receipt", id]).expect(DONE).json();
    assert!(printed["@context"].is_object() || printed["@context"].is_array(), "{printed:#}");
    let (jsonld, pdf) = (carnet.text_path("receipt.jsonld"), carnet.text_path("receipt.pdf"));
    carnet.run(&["receipt", id, "--jsonld", &jsonld, "--pdf", &pdf]).expect(DONE);
    assert!(std::fs::read_to_string(&jsonld).unwrap().contains("27560"));
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    // The words are those of the person's language, where there are any; the notice was English.
    let german = carnet.run_as_person(&["receipt", id, "--language", "de-AT"]).expect(DONE).stdout;
    assert!(german.contains("Geteilt mit: Dr Example") && german.contains("Sprache en"), "{german}");
    carnet.run(&["receipt", id, "--language", "nl"]).expect(USAGE);
    carnet.run(&["withdraw", id]).expect(DONE);
    assert!(carnet.run_as_person(&["receipt", id]).expect(DONE).stdout.contains("Withdrawn on"));
    assert_eq!(carnet.run(&["receipt", &"0".repeat(32)]).expect(FAILED).error(), "not_found");
}

#[test]
fn a_share_is_moved_to_another_relay() {
    let (carnet, _first) = with_relay();
    let second = Relay::start(&carnet.path("second"), "127.0.0.1:0");
    let share = carnet.run(&["share"]).expect(DONE).json();
    let moved = carnet.run(&["move", share["id"].as_str().unwrap(), "--relay", &second.url]).expect(DONE).json();
    assert!(moved["viewer"].as_str().unwrap().starts_with(&second.url));
    run_bare(&["open", share["link"].as_str().unwrap(), "--as", "Dr Example"]).expect(FAILED);
    assert!(opened(&moved["link"], &[])["entries"].as_u64().unwrap() > 3);
    carnet.run(&["move", moved["id"].as_str().unwrap()]).expect(FAILED);
}
