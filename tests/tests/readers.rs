//! Readers and validators that none of us wrote, held against what we share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::relay::Relay;
use carnet_system_tests::{data, node, pages};
use serde_json::{Value, json};

fn with_records(seed: u64) -> (Carnet, Relay) {
    let relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    data::person(&file, seed, 200);
    carnet.json(["import", file.to_str().unwrap()]);
    (carnet, relay)
}

fn open(link: &Value, passcode: Option<&str>) -> Value {
    node::run("open-link.mjs", &json!({"link": link, "recipient": "A stranger's reader", "passcode": passcode}))
}

#[test]
fn kill_the_clipboard_opens_a_direct_link_and_gets_404_once_it_was_stopped() {
    let (carnet, _relay) = with_records(41);
    let share = carnet.json(["share", "--for", "Dr Example", "--expires", "15m"]);
    let opened = open(&share["link"], None);
    assert_eq!(opened["resources"][0]["resourceType"], "Bundle", "{opened}");
    carnet.done(["withdraw", share["id"].as_str().unwrap()]);
    let refused = open(&share["link"], None);
    assert!(node::is_gone(&refused), "{refused}");
}

#[test]
fn kill_the_clipboard_opens_a_manifest_with_the_right_passcode_only() {
    let (carnet, _relay) = with_records(42);
    let share = carnet.json(["share", "--for", "Dr Example", "--expires", "1h", "--passcode", "4711-heron"]);
    let missing = open(&share["link"], None);
    assert!(missing["refused"].is_object(), "{missing}");
    let wrong = open(&share["link"], Some("0815"));
    assert_eq!(wrong["refused"]["name"], "SHLInvalidPasscodeError", "{wrong}");
    let opened = open(&share["link"], Some("4711-heron"));
    assert_eq!(opened["resources"][0]["resourceType"], "Bundle", "{opened}");
    carnet.done(["withdraw", share["id"].as_str().unwrap()]);
    let refused = open(&share["link"], Some("4711-heron"));
    assert!(node::is_gone(&refused), "{refused}");
}

#[test]
fn every_preset_is_opened_by_a_stranger_and_faultless_to_two_validators() {
    let (carnet, _relay) = with_records(43);
    for (preset, format) in [
        ("desk", "ktc"),
        ("visit", "ips"),
        ("travel", "ips"),
        ("emergency", "ips"),
        ("custom", "ips"),
        ("custom", "ktc"),
    ] {
        let asked = ["share", "--preset", preset, "--format", format, "--expires", "1h"];
        for (more, passcode) in
            [(&["--no-passcode"][..], None), (&["--live", "--passcode", "4711-heron"][..], Some("4711-heron"))]
        {
            let share = carnet.json(asked.into_iter().chain(more.iter().copied()));
            let opened = open(&share["link"], passcode);
            let shared = &opened["resources"][0];
            assert_eq!(shared["type"], if format == "ips" { "document" } else { "collection" }, "{preset}: {opened}");
            let path = carnet.home().join("shared.json");
            std::fs::write(&path, shared.to_string()).unwrap();
            carnet.done(["check", format, path.to_str().unwrap()]);
            let answer = node::run("validate.mjs", &json!({"resource": shared}));
            for validator in ["fhir", "medplum"] {
                let faults = answer[validator].as_array().unwrap();
                assert!(faults.is_empty(), "npm {validator} finds in {format} {preset}: {faults:#?}");
            }
        }
    }
}

#[test]
fn what_is_exported_is_read_by_strangers() {
    let carnet = Carnet::with_vault();
    let file = carnet.home().join("person.json");
    data::person(&file, 44, 200);
    carnet.json(["import", file.to_str().unwrap()]);
    for (format, preset) in [("ips", "travel"), ("ktc", "desk"), ("ips", "emergency"), ("ktc", "custom")] {
        let path = carnet.home().join(format!("out.{format}"));
        carnet.done(["export", format, path.to_str().unwrap(), "--preset", preset]);
        carnet.done(["check", format, path.to_str().unwrap()]);
        let resource: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let answer = node::run("validate.mjs", &json!({"resource": resource}));
        for validator in ["fhir", "medplum"] {
            let faults = answer[validator].as_array().unwrap();
            assert!(faults.is_empty(), "npm {validator} finds in {format} {preset}: {faults:#?}");
        }
    }
    let page = carnet.home().join("out.pdf");
    carnet.done(["export", "pdf", page.to_str().unwrap(), "--preset", "visit"]);
    let text = pages::text(&page);
    assert!(text.contains("Allergies") && text.contains("On the following pages"), "{text}");
    let told = pages::facts(&page);
    let line = |name: &str| told.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("Tagged:").ends_with("yes") && line("JavaScript:").ends_with("no"), "{told}");
}
