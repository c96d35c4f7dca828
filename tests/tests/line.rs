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

    let records = carnet.json(["records"]);
    assert_eq!(records.as_array().unwrap().len() as u64, first["imported"].as_u64().unwrap());
}

fn sum(account: &Value) -> u64 {
    let count = |name: &str| account[name].as_u64().unwrap_or_else(|| panic!("no {name} in {account}"));
    count("imported")
        + count("already_present")
        + count("narrative_only")
        + account["skipped"].as_array().unwrap().len() as u64
}
