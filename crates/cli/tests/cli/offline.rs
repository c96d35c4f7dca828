//! Sharing and stopping while the relay is away.

use crate::carnet::{AWAY, Carnet, DONE, FAILED, Relay, run_bare};

#[test]
fn what_cannot_be_sent_waits_and_is_sent_later() {
    let carnet = Carnet::with_records();
    let data = carnet.path("relay");
    let relay = Relay::start(&data, "127.0.0.1:0");
    let address = relay.address();
    let first = carnet.run(&["share", "--relay", &relay.url, "--for", "Dr Example"]).expect(DONE).json();
    drop(relay);

    let waiting = carnet.run(&["share", "--for", "Dr Absent"]).expect(AWAY).json();
    assert_eq!(waiting["status"], "waiting");
    let stopping = carnet.run(&["withdraw", first["id"].as_str().unwrap()]).expect(AWAY).json();
    assert_eq!(stopping["status"], "stopping");
    assert_eq!(carnet.run(&["unlock"]).expect(AWAY).json()["waiting"], 2);
    let link = waiting["link"].as_str().unwrap();
    run_bare(&["open", link, "--as", "Dr Absent", "--json"]).expect(AWAY);

    let relay = Relay::start(&data, &address);
    let sent = carnet.run(&["unlock"]).expect(DONE).json();
    assert_eq!((&sent["sent"], &sent["waiting"]), (&2.into(), &0.into()));
    run_bare(&["open", link, "--as", "Dr Absent", "--json"]).expect(DONE);
    run_bare(&["open", first["link"].as_str().unwrap(), "--as", "Dr Example", "--json"]).expect(FAILED);
    let statuses: Vec<String> = carnet
        .run(&["shares"])
        .expect(DONE)
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|share| share["status"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(statuses, ["live", "stopped"]);
    drop(relay);
}

#[test]
fn a_relay_that_was_never_reached_gets_its_share_later() {
    let carnet = Carnet::with_records();
    // An address that will be the relay's.
    let relay = Relay::start(&carnet.path("relay"), "127.0.0.1:0");
    let (url, address) = (relay.url.clone(), relay.address());
    drop(relay);
    let waiting = carnet.run(&["share", "--relay", &url, "--for", "Dr Example"]).expect(AWAY).json();
    assert_eq!(waiting["status"], "waiting");
    let link = waiting["link"].as_str().unwrap();
    let given_up = carnet.run(&["share", "--for", "Dr Other"]).expect(AWAY).json();
    // Nobody could have opened it yet, so there is nothing a relay would have to be told.
    carnet.run(&["withdraw", given_up["id"].as_str().unwrap()]).expect(DONE);
    let relay = Relay::start(&carnet.path("relay"), &address);
    assert_eq!(carnet.run(&["unlock"]).expect(DONE).json()["waiting"], 0);
    run_bare(&["open", given_up["link"].as_str().unwrap(), "--as", "Dr Other", "--json"]).expect(FAILED);
    run_bare(&["open", link, "--as", "Dr Example", "--json"]).expect(DONE);
    drop(relay);
}

#[test]
fn an_address_that_is_no_relays_is_not_kept() {
    let carnet = Carnet::new();
    let wrong = carnet.run(&["shares", "--relay", "http://relay.example.org"]).expect(FAILED);
    assert_eq!(wrong.error(), "other");
}
