//! What a clinician sees in a browser, and what comes out of printers and files.

use std::path::Path;

use carnet_system_tests::browser::{Browser, LOOKS, Look};
use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::look::{LARGE, TURNED};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::small::make_small;
use carnet_system_tests::{data, pages};
use serde_json::Value;

use crate::album::{file, snap};

/// How wide the picture of a page of paper is, in pixels.
const PAPER: u32 = 640;

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn the_viewer() {
    let relay = Relay::start();
    let somebody = |write: fn(&Path, u64, usize) -> Value| {
        let carnet = Carnet::with_vault().using(&relay.url());
        let records = carnet.home().join("hospital.json");
        write(&records, 2026, 600);
        carnet.json(["import", records.to_str().unwrap()]);
        carnet
    };
    let (latin, arabic) = (somebody(data::person), somebody(data::arabic_person));
    let mut browser = Browser::start(LOOKS[0]);
    for look in LOOKS.into_iter().chain([TURNED, LARGE]) {
        let carnet = if look.turned { &arabic } else { &latin };
        let name = if look.turned { "د. مثال" } else { "Dr Example" };
        let desk = carnet.json(["share", "--for", name, "--expires", "15m", "--preset", "desk"]);
        let locked = carnet.json(["share", "--for", name, "--expires", "1h", "--passcode", "4711-heron"]);
        let terms = ["--no-redisclosure", "--delete-after-use", "--erase-by", "30d", "--tell-left-out", "--live"];
        let live = ["share", "--for", name, "--expires", "24h", "--preset", "custom", "--no-passcode"];
        let live = carnet.json(live.into_iter().chain(terms));

        browser.open(look);
        browser.go(&format!("{}/view", relay.url()), "#link");
        snap(&mut browser, look, "viewer-no-link", "body");

        enter(&mut browser, look, &locked, name);
        snap(&mut browser, look, "viewer-passcode", "#passcode");
        browser.fill("#passcode", "0815");
        browser.click("#continue");
        browser.wait(".field-error:not(:empty)");
        snap(&mut browser, look, "viewer-wrong-passcode", "body");

        browser.open(look);
        browser.go(desk["viewer"].as_str().unwrap(), "#who");
        snap(&mut browser, look, "viewer-who", "body");
        enter(&mut browser, look, &desk, name);
        browser.wait("#seal.seal-ok");
        snap(&mut browser, look, "viewer-summary", "body");
        browser.click("#seal summary");
        snap(&mut browser, look, "viewer-seal", "body");
        // A collection for a front desk has its pages inside.
        snap(&mut browser, look, "viewer-files", ".file-line");

        enter(&mut browser, look, &live, name);
        browser.wait("#seal.seal-ok");
        snap(&mut browser, look, "viewer-live", "#seal");
        snap(&mut browser, look, "viewer-asks", "#asks");

        carnet.done(["withdraw", desk["id"].as_str().unwrap()]);
        enter(&mut browser, look, &desk, name);
        browser.wait("#trouble");
        snap(&mut browser, look, "viewer-stopped", "body");
    }
}

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn on_paper() {
    let relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let records = carnet.home().join("hospital.json");
    data::person(&records, 2026, 600);
    carnet.json(["import", records.to_str().unwrap()]);
    let share =
        carnet.json(["share", "--for", "Dr Example", "--preset", "visit", "--delete-after-use", "--no-passcode"]);
    let at = |name: &str| carnet.home().join(name);

    carnet.done(["receipt", share["id"].as_str().unwrap(), "--pdf", at("receipt.pdf").to_str().unwrap()]);
    page(&at("receipt.pdf"), "receipt");
    carnet.done(["export", "pdf", at("records.pdf").to_str().unwrap(), "--preset", "desk"]);
    page(&at("records.pdf"), "records");

    let mut browser = Browser::start(LOOKS[2]);
    enter(&mut browser, LOOKS[2], &share, "Dr Example");
    browser.wait("#seal.seal-ok");
    browser.print(&at("printed.pdf"));
    page(&at("printed.pdf"), "viewer-printed");
}

/// The picture of the first page of a PDF.
fn page(pdf: &Path, screen: &str) {
    pages::picture(pdf, PAPER, &file(screen, "page"));
    make_small(&file(screen, "page"));
}

fn enter(browser: &mut Browser, look: Look, share: &Value, name: &str) {
    browser.open(look);
    browser.go(share["viewer"].as_str().unwrap(), "#who");
    browser.dress(look);
    browser.fill("#who", name);
    browser.click("#continue");
}
