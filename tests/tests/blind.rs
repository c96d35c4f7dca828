//! An operator's relay after a whole day's work: nothing in its database, its files or its log says whose, what or which.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::relay::Relay;
use carnet_system_tests::{data, http, wait_for};
use serde_json::{Value, json};

const PASSCODE: &str = "Kranich-4711";
const WRONG: &str = "Storch-0815-wrong";
const READER: &str = "Praxis Dr. Ungewöhnlich";
const FOR: &str = "Hausarzt Seltenheim";

#[test]
fn a_relay_on_postgresql_and_s3_knows_nothing_of_whom_it_serves() {
    let mut relay = Relay::on_servers();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("person.json");
    let person = data::person(&file, 31, 120);
    carnet.json(["import", file.to_str().unwrap()]);
    let guarded = carnet.json(["share", "--for", FOR, "--expires", "1h", "--passcode", PASSCODE]);
    let open = carnet.json(["share", "--for", FOR, "--expires", "1h"]);
    let stopped = carnet.json(["share", "--for", FOR, "--expires", "1h"]);
    let mut needles = BTreeSet::new();
    let mut links = Vec::new();
    for share in [&guarded, &open, &stopped] {
        let link = payload(share["link"].as_str().unwrap());
        let url = link["url"].as_str().unwrap().to_owned();
        for secret in [url.rsplit('/').next().unwrap(), link["key"].as_str().unwrap()] {
            needles.insert(secret.as_bytes().to_vec());
            needles.insert(URL_SAFE_NO_PAD.decode(secret).unwrap());
        }
        if let Some(label) = link["label"].as_str() {
            needles.insert(label.as_bytes().to_vec());
        }
        links.push((url, link["flag"].as_str().unwrap_or_default().to_owned()));
    }
    let visit = |(url, flag): &(String, String), passcode: Option<&str>| {
        if flag.contains('U') {
            let asked = format!("{url}?recipient={}", READER.replace(' ', "%20").replace('ö', "%C3%B6"));
            return http::get(&asked).status;
        }
        let mut body = json!({"recipient": READER});
        if let Some(passcode) = passcode {
            body["passcode"] = passcode.into();
        }
        http::post(url, &body).status
    };
    assert_eq!(visit(&links[0], Some(WRONG)), 401);
    assert_eq!(visit(&links[0], Some(PASSCODE)), 200);
    assert_eq!(visit(&links[1], None), 200);
    assert_eq!(visit(&links[2], None), 200);
    carnet.done(["withdraw", stopped["id"].as_str().unwrap()]);
    assert_eq!(visit(&links[2], None), 404);
    // The patient learns of all five.
    let openings = wait_for("five receipts", Duration::from_secs(20), || {
        let openings = carnet.json(["opened"]);
        (openings.as_array().unwrap().len() == 5).then_some(openings)
    });
    assert!(openings.to_string().contains(READER), "{openings}");
    relay.stop();

    needles.extend([PASSCODE, WRONG, READER, "Ungew", FOR, "Seltenheim"].map(|text| text.as_bytes().to_vec()));
    names(&person, &mut needles);
    assert!(needles.len() > 15, "there is little to look for");
    let mut seen = 0;
    for path in relay.folders().iter().flat_map(|folder| below(folder)).chain([relay.log()]) {
        let bytes = std::fs::read(&path).unwrap();
        seen += bytes.len();
        for needle in &needles {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_slice());
            assert!(!found, "{} is in {}", String::from_utf8_lossy(needle), path.display());
        }
    }
    assert!(seen > 1 << 20, "only {seen} bytes were searched");
    assert!(std::fs::read_to_string(relay.log()).unwrap().contains("/shl/{id}"), "the log is there");
}

/// What a link says.
fn payload(link: &str) -> Value {
    let (_, payload) = link.split_once("shlink:/").unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Names, addresses and numbers of the person, as far as they are long enough not to be found by chance.
fn names(bundle: &Value, needles: &mut BTreeSet<Vec<u8>>) {
    let entries = bundle["entry"].as_array().unwrap();
    let patient = entries.iter().map(|entry| &entry["resource"]).find(|it| it["resourceType"] == "Patient").unwrap();
    let mut left =
        vec![&patient["name"], &patient["address"], &patient["telecom"], &patient["identifier"], &patient["birthDate"]];
    let before = needles.len();
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) if text.len() >= 6 && !text.contains("://") => {
                needles.insert(text.as_bytes().to_vec());
            }
            Value::Array(values) => left.extend(values),
            Value::Object(members) => {
                left.extend(
                    members
                        .iter()
                        .filter(|(name, _)| !matches!(name.as_str(), "use" | "system" | "type"))
                        .map(|(_, value)| value),
                );
            }
            _ => {}
        }
    }
    assert!(needles.len() > before, "the person has no name");
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(below(&path)) } else { files.push(path) }
    }
    files
}
