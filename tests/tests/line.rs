//! The whole line in the terminal: import, share, open, look who opened, stop, and see that it is over.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::relay::Relay;
use carnet_system_tests::{data, http, node};
use serde_json::{Value, json};

const RESOURCES: usize = 120;

/// Somebody with made-up records and a relay that runs.
fn with_records() -> (Carnet, Relay) {
    let relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    data::person(&file, 7, RESOURCES);
    carnet.json(["import", file.to_str().unwrap()]);
    (carnet, relay)
}

/// Opens a link with npm kill-the-clipboard.
fn open(link: &str, recipient: &str, passcode: Option<&str>) -> Value {
    node::run("open-link.mjs", &json!({"link": link, "recipient": recipient, "passcode": passcode}))
}

#[test]
fn an_import_accounts_for_every_entry_and_a_second_changes_nothing() {
    let carnet = Carnet::with_vault();
    let file = carnet.home().join("person.json");
    let bundle = data::person(&file, 1, RESOURCES);
    let path = file.to_str().unwrap();

    let first = carnet.json(["import", path]);
    assert_eq!(first["entries"], data::entries(&bundle));
    assert_eq!(sum(&first), data::entries(&bundle), "{first}");
    assert_eq!(first["already_present"], 0);

    let second = carnet.json(["import", path]);
    assert_eq!(second["imported"], 0, "{second}");
    assert_eq!(sum(&second), data::entries(&bundle), "{second}");

    // The same bytes, compressed, are the same records.
    let zipped = carnet.home().join("person.json.gz");
    data::gzipped(&zipped, &std::fs::read(&file).unwrap());
    let third = carnet.json(["import", zipped.to_str().unwrap()]);
    assert_eq!(third["imported"], 0, "{third}");

    assert_eq!(carnet.records(), first["imported"].as_u64().unwrap() + first["narrative_only"].as_u64().unwrap());
}

fn sum(account: &Value) -> u64 {
    let count = |name: &str| account[name].as_u64().unwrap_or_else(|| panic!("no {name} in {account}"));
    count("imported")
        + count("already_present")
        + count("narrative_only")
        + account["skipped"].as_array().unwrap().len() as u64
}

#[test]
fn the_whole_line_from_a_file_to_stopped_sharing() {
    let (carnet, relay) = with_records();

    // Grant access for a quarter of an hour; the terminal shows a QR and the link.
    let shown = carnet.done(["share", "--for", "Dr Example", "--expires", "15m"]);
    assert!(shown.out.contains("shlink:/"), "{}", shown.out);
    assert!(shown.out.contains('█') || shown.out.contains('▀'), "no QR in:\n{}", shown.out);

    let share = carnet.json(["share", "--for", "Dr Example", "--expires", "15m"]);
    let (id, link) = (share["id"].as_str().unwrap(), share["link"].as_str().unwrap());
    assert!(share["expires"].is_number() || share["expires"].is_string(), "{share}");
    assert!(carnet.json(["opened"]).as_array().unwrap().is_empty(), "nobody has looked yet");

    // Somebody else's reader opens it.
    let opened = open(link, "Clinic of the Others", None);
    let bundle = bundle(&opened);
    let types = resource_types(bundle);
    // A front desk takes a collection, with its pages as a document inside.
    for wanted in ["Patient", "DocumentReference", "Consent", "Provenance"] {
        assert!(types.iter().any(|name| name == wanted), "no {wanted} among {types:?}");
    }

    // The patient sees who looked, and when.
    let openings = carnet.json(["opened"]);
    let opening = &openings.as_array().unwrap()[0];
    assert_eq!(opening["id"], id, "{openings}");
    assert_eq!(opening["recipient"], "Clinic of the Others");
    assert!(!opening["at"].is_null(), "{openings}");
    let shares = carnet.json(["shares"]);
    let line = shares.as_array().unwrap().iter().find(|line| line["id"] == id).unwrap();
    assert_eq!(line["recipient"], "Dr Example");

    // Stopped: the same reader gets the relay's 404, and the withdrawal is in the ledger within ten seconds.
    let before = withdrawals(&relay);
    carnet.done(["withdraw", id]);
    let stopped = Instant::now();
    let refused = open(link, "Clinic of the Others", None);
    assert!(node::is_gone(&refused), "{refused}");
    while withdrawals(&relay) == before {
        assert!(stopped.elapsed() < Duration::from_secs(10), "the withdrawal is not in the ledger");
        std::thread::sleep(Duration::from_millis(100));
    }
    let shares = carnet.json(["shares"]);
    let line = shares.as_array().unwrap().iter().find(|line| line["id"] == id).unwrap();
    assert_eq!(line["status"], "stopped", "{line}");
}

/// How many withdrawals the ledger's signed checkpoint speaks of.
fn withdrawals(relay: &Relay) -> u64 {
    let checkpoint = http::get(&format!("{}/ledger/r/checkpoint", relay.url()));
    match checkpoint.status {
        200 => checkpoint.body.lines().nth(1).unwrap().parse().unwrap(),
        _ => 0,
    }
}

/// The one Bundle that a reader was given.
fn bundle(opened: &Value) -> &Value {
    let resources = opened["resources"].as_array().unwrap_or_else(|| panic!("not opened: {opened}"));
    assert_eq!(resources.len(), 1, "one file, one Bundle");
    assert_eq!(resources[0]["resourceType"], "Bundle");
    &resources[0]
}

fn resource_types(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().unwrap();
    entries.iter().map(|entry| entry["resource"]["resourceType"].as_str().unwrap().to_owned()).collect()
}
