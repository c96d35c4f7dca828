//! Takes the pictures in `docs/screenshots`: each screen, at a phone's and a desk's size, light and dark.
//!
//! Ignored among the tests: `cargo xtask screenshots` runs it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::time::Duration;

use carnet_system_tests::browser::{Browser, LOOKS, Look};
use carnet_system_tests::carnet::{Carnet, PASSPHRASE};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::window::Window;
use carnet_system_tests::{data, node, package};
use serde_json::{Value, json};

fn file(screen: &str, look: Look) -> PathBuf {
    let folder = package().join("../docs/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{screen}-{}.png", look.name))
}

/// Lets animations, counts and pictures settle: nothing on these screens takes longer.
fn settle() {
    std::thread::sleep(Duration::from_millis(600));
}

/// One window in one scheme, at both sizes.
struct Album<'a> {
    window: &'a Window,
    dark: bool,
}

impl Album<'_> {
    /// Goes to an address of the app, waits for it, and takes its picture at both sizes.
    fn at(&self, screen: &str, address: &str, shows: &str) {
        self.window.evaluate(&format!("location.hash = {address:?}; return null"));
        self.window.wait(shows);
        self.here(screen);
    }

    /// Takes the picture of what is there at both sizes.
    fn here(&self, screen: &str) {
        for look in LOOKS.into_iter().filter(|look| look.dark == self.dark) {
            self.window.resize_page(look.width, look.height);
            settle();
            self.window.picture(&file(screen, look));
        }
    }
}

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn the_app() {
    for dark in [false, true] {
        let carnet = Carnet::nobody();
        let records = carnet.home().join("hospital.json");
        data::person(&records, 2026, 600);
        let window = Window::open(&carnet, dark);
        let album = Album { window: &window, dark };

        window.wait("#start-own");
        album.here("start");
        window.click("#start-own");
        window.fill("#name", "Ada Example");
        window.fill("#passphrase", PASSPHRASE);
        window.fill("#passphrase-again", PASSPHRASE);
        album.here("create");
        window.click("#create");
        window.wait("#nav-home");
        album.here("home-empty");

        let table = carnet.home().join("scale.csv");
        std::fs::write(&table, "taken,reading\n01/02/2026,72.5\n03/04/2026,71.0\n").unwrap();
        window.call(&json!({"ask": "import_files", "with": {"paths": [records, table]}}));
        album.at("imports", "#/imports", "#questions");
        album.at("add", "#/add", "#import");
        album.at("add-code", "#/add/code", "#code");
        album.at("type-allergy", "#/add/allergy", "#title");
        album.at("records", "#/records", "#found");
        album.at("record", &format!("#/records/{}", a_result(&window)), "#source");

        album.at("share-who", "#/share", "#recipient");
        window.fill("#recipient", "Dr Example");
        window.click("#next");
        window.wait("#share-count");
        album.here("share-what");
        window.click("#next");
        window.wait("input[name=span]");
        album.here("share-how-long");
        window.click("#next");
        window.wait("#sentence");
        album.here("share-review");
        // The driver itself stops where the button's edge appears, under the end of the page.
        window.evaluate("document.querySelector('#make-share').scrollIntoView({block: 'center'})");
        window.click("#make-share");
        window.wait("#stop-sharing");
        album.here("share");
        window.click("#other-ways");
        window.wait("#shlink");
        let link = window.evaluate("return document.querySelector('#shlink').textContent");
        node::run("open-link.mjs", &json!({"link": link, "recipient": "Reception, Harbour Clinic"}));
        window.call(&json!({"ask": "sync"}));
        album.at("who-looked", "#/looked", "#openings li");
        album.at("shares", "#/shares", "main h1");
        album.at("home", "#/", "#live");
        album.at("me", "#/me", "#lock");
        album.at("recovery-words", "#/me/words", "#show-words");
        album.at("settings", "#/me/settings", "#save-settings");
        window.call(&json!({"ask": "lock"}));
        window.reload();
        window.wait("#unlock");
        album.here("unlock");
    }
}

/// The newest record with a measured value.
fn a_result(window: &Window) -> String {
    let page =
        window.call(&json!({"ask": "records", "with": {"text": "", "category": "result", "offset": 0, "limit": 20}}));
    let lines = page["with"]["lines"].as_array().unwrap();
    lines.first().and_then(|line| line["id"].as_str()).unwrap().to_owned()
}

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn the_viewer() {
    let relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let records = carnet.home().join("hospital.json");
    data::person(&records, 2026, 600);
    carnet.json(["import", records.to_str().unwrap()]);
    let mut browser = Browser::start(LOOKS[0]);
    for look in LOOKS {
        let share = carnet.json(["share", "--for", "Dr Example", "--expires", "15m"]);
        let locked = carnet.json(["share", "--for", "Dr Example", "--expires", "1h", "--passcode", "4711-heron"]);
        let picture = |browser: &mut Browser, screen: &str| {
            settle();
            browser.picture(&file(screen, look));
        };

        browser.open(look);
        browser.go(&format!("{}/view", relay.url()), "#link");
        picture(&mut browser, "viewer-no-link");

        enter(&mut browser, look, &locked);
        browser.wait("#passcode");
        picture(&mut browser, "viewer-passcode");

        browser.open(look);
        browser.go(share["viewer"].as_str().unwrap(), "#who");
        picture(&mut browser, "viewer-who");
        enter(&mut browser, look, &share);
        browser.wait("#seal.seal-ok");
        picture(&mut browser, "viewer-summary");
        browser.click("#seal summary");
        picture(&mut browser, "viewer-seal");

        carnet.done(["withdraw", share["id"].as_str().unwrap()]);
        enter(&mut browser, look, &share);
        browser.wait("#trouble");
        picture(&mut browser, "viewer-stopped");
    }
}

fn enter(browser: &mut Browser, look: Look, share: &Value) {
    browser.open(look);
    browser.go(share["viewer"].as_str().unwrap(), "#who");
    browser.fill("#who", "Dr Example, Harbour Clinic");
    browser.click("#continue");
}
