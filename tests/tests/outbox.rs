//! A relay that is away: the wallet says so, keeps the share, and finishes when the relay is back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::relay::Relay;
use carnet_system_tests::{data, node};
use serde_json::json;

/// The exit code for "the relay is away".
const RELAY_AWAY: i32 = 4;

#[test]
fn a_share_waits_for_its_relay_and_goes_out_when_it_is_back() {
    let mut relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    data::person(&file, 21, 60);
    carnet.json(["import", file.to_str().unwrap()]);
    // A grant names its ledger, so the wallet must have met the relay once.
    carnet.json(["share", "--for", "Dr Before", "--expires", "1h"]);

    relay.kill();

    let queued = carnet.run(["share", "--for", "Dr Example", "--expires", "1h", "--json"]);
    assert_eq!(queued.code, RELAY_AWAY, "{}\n{}", queued.out, queued.err);
    let share = queued.json();
    let link = share["link"].as_str().unwrap();

    relay.resume();
    carnet.done(["shares"]);
    let opened = node::run("open-link.mjs", &json!({"link": link, "recipient": "Back again"}));
    assert!(opened["resources"].is_array(), "{opened}");
}

#[test]
fn a_share_over_a_relay_that_was_never_met_waits_and_goes_out_once_it_is_met() {
    let mut relay = Relay::not_yet_started();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    data::person(&file, 23, 60);
    carnet.json(["import", file.to_str().unwrap()]);
    let queued = carnet.run(["share", "--for", "Dr Example", "--expires", "1h", "--json"]);
    assert_eq!(queued.code, RELAY_AWAY, "{}\n{}", queued.out, queued.err);
    let share = queued.json();

    relay.resume();
    carnet.done(["shares"]);
    let opened = node::run("open-link.mjs", &json!({"link": share["link"], "recipient": "At last"}));
    assert!(opened["resources"].is_array(), "{opened}");
    let openings = carnet.json(["opened"]);
    assert_eq!(openings[0]["id"], share["id"], "{openings}");
}

#[test]
fn a_withdrawal_waits_for_its_relay_and_goes_out_when_it_is_back() {
    let mut relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    data::person(&file, 22, 60);
    carnet.json(["import", file.to_str().unwrap()]);
    let share = carnet.json(["share", "--for", "Dr Example", "--expires", "1h"]);

    // A power cut at the relay: what it had confirmed is still there afterwards.
    relay.kill();
    let queued = carnet.run(["withdraw", share["id"].as_str().unwrap(), "--json"]);
    assert_eq!(queued.code, RELAY_AWAY, "{}\n{}", queued.out, queued.err);

    relay.resume();
    carnet.done(["shares"]);
    let link = share["link"].as_str().unwrap();
    let refused = node::run("open-link.mjs", &json!({"link": link, "recipient": "Too late"}));
    assert!(node::is_gone(&refused), "{refused}");
}
