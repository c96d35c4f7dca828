//! Every screen of sharing that a patient meets, walked through as a person does: choosing, being asked, handing over, seeing
//! who looked, pausing, stopping, keeping a receipt.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::look::{LARGE, TURNED};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::window::Window;
use carnet_system_tests::{data, node, wait_for};
use serde_json::{Value, json};

use crate::album::{Album, looks};

/// Who shares, and with whom.
struct People {
    patient: &'static str,
    doctor: &'static str,
    clinic: &'static str,
}

const LATIN: People = People { patient: "Ada Example", doctor: "Dr Example", clinic: "Harbour Clinic" };
const ARABIC: People =
    People { patient: "ليلى مثال", doctor: "د. مثال", clinic: "عيادة الميناء" };

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn sharing_by_day() {
    walk(false, &LATIN, |window| Album { window, looks: looks(false) });
}

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn sharing_by_night() {
    walk(true, &LATIN, |window| Album { window, looks: looks(true) });
}

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn sharing_from_right_to_left() {
    walk(false, &ARABIC, |window| Album { window, looks: vec![TURNED] });
}

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn sharing_in_large_text() {
    walk(false, &LATIN, |window| Album { window, looks: vec![LARGE] });
}

fn walk(dark: bool, people: &People, album: impl FnOnce(&Window) -> Album<'_>) {
    let carnet = Carnet::nobody();
    let records = carnet.home().join("hospital.json");
    if people.patient == ARABIC.patient {
        data::arabic_person(&records, 2026, 600);
    } else {
        data::person(&records, 2026, 600);
    }
    let window = Window::open(&carnet, dark);
    window.make_vault(people.patient);
    window.call(&json!({"ask": "import_files", "with": {"paths": [records]}}));
    window.press("#imported button");
    let album = album(&window);
    choose(&album, people);
    one_share(&album, people);
    somebody_asks(&album, people, &carnet);
    all_shares(&album, people);
    by_hand(&album, people);
}

/// The four steps: an occasion, what goes in and what stays, how long and on what terms, the sentence.
fn choose(album: &Album<'_>, people: &People) {
    let window = album.window;
    window.go("#/share", "#recipient");
    window.press("#preset-visit");
    window.fill("#recipient", people.doctor);
    album.here("share-who");
    window.press("#next");
    window.wait("#share-count");
    album.here("share-what");
    window.press("#in-problem");
    window.press("#in-problem-inside input");
    album.from("share-what-list", "#list-title");
    window.press("#sensitive-title ~ ul .fold-line");
    album.from("share-what-held", "#sensitive-title");
    window.press("#stays");
    window.press("#stays-inside .fold-line");
    album.from("share-what-stays", "#stays");
    window.press("#next");
    window.wait("input[name=span]");
    album.here("share-how-long");
    window.press("#more");
    window.press("#later");
    window.press("#live");
    window.press("#obligation-no-redisclosure");
    window.press("#tell-left-out");
    album.from("share-more", "#more");
    album.from("share-more-terms", "#live");
    window.press("#later");
    window.press("#next");
    window.wait("#sentence");
    album.here("share-review");
    window.press("#notice");
    album.from("share-review-notice", "#notice");
    window.press("#make-share");
    window.wait("#stop-sharing");
}

/// One share's page, from its code to its receipt, and how it stands once it was paused or stopped.
fn one_share(album: &Album<'_>, people: &People) {
    let window = album.window;
    let share = window.evaluate("return location.hash");
    album.here("share");
    window.press("#show-passcode");
    let passcode = window.evaluate("return document.querySelector('#passcode-shown').textContent");
    window.press("#longer");
    window.press("#other-ways");
    window.wait("#shlink");
    album.from("share-ways", "#show-passcode");
    let link = window.evaluate("return document.querySelector('#shlink').textContent");
    let open = |who: &str, passcode: &Value| {
        node::run("open-link.mjs", &json!({"link": link, "recipient": who, "passcode": passcode}))
    };
    assert!(open(people.clinic, &json!("000000"))["refused"].is_object());
    assert!(open(people.clinic, &passcode)["resources"].is_array());
    window.call(&json!({"ask": "sync"}));
    gone(window);
    album.at("home", "#/", "#see-unseen");
    album.at("who-looked", "#/looked", "#openings .new");
    window.go(share.as_str().unwrap(), "#opened-by");
    album.from("share-looked", "#opened-by");
    album.from("share-agreed", "#terms");
    // In the ledger, and this device has checked it: what becomes of a share that is looked at a little later.
    album.from("share-receipt", "#evidence");
    window.press("#read-receipt");
    window.wait("#read-receipt-inside dl");
    album.from("share-receipt-read", "#receipt");
    window.press("#stop-sharing");
    album.from("share-stop", "#sure-stop");
    window.press("#sure-stop-no");
    window.press("#pause");
    window.wait_text("You paused this share");
    gone(window);
    album.here("share-paused");
    window.press("#pause");
    window.wait_text("It can be opened again");
    window.press("#stop-sharing");
    window.press("#sure-stop-yes");
    window.wait_text("You stopped this share");
    gone(window);
    album.here("share-stopped");
}

/// A request comes in, is read, answered with less, and compared.
fn somebody_asks(album: &Album<'_>, people: &People, carnet: &Carnet) {
    let window = album.window;
    let key = carnet.home().join("clinic.key");
    carnet.done(["request", "--new-key", key.to_str().unwrap()]);
    let asks = ["request", "--new", people.clinic, "--organization", "--purpose", "COC", "--expires", "7d"];
    let wants = ["--types", "problem,medicine,allergy,result", "--openings", "3", "--delete-after-use"];
    let signed = ["--key", key.to_str().unwrap()];
    let request = carnet.json(asks.into_iter().chain(wants).chain(signed))["request"].clone();
    album.at("asked", "#/share/asked", "#request");
    window.fill("#request", request.as_str().unwrap());
    window.press("#read-request");
    window.wait("#asks");
    album.here("asked-read");
    window.press("#answer-request");
    window.wait("#own-share");
    album.here("asked-answer");
    window.press("#next");
    window.press("#kind-medicine");
    wait_for("the medicines to go", Duration::from_secs(10), || {
        let ticked = window.evaluate("return document.querySelector('#kind-medicine').checked");
        (ticked == false).then_some(())
    });
    window.press("#next");
    window.press("input[name=span]");
    window.press("#next");
    window.wait("#beside");
    album.from("asked-beside", "#sentence");
}

/// Shares in every state side by side, and the page of one that has not begun and of one that is used up.
fn all_shares(album: &Album<'_>, people: &People) {
    let window = album.window;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let share = |preset: &str, with: Value| window.share(preset, people.doctor, &with);
    let id = |share: &Value| format!("#/shares/{}", share["line"]["id"].as_str().unwrap());
    share("emergency", json!({"recipient": "", "seconds": 2_592_000}));
    share("travel", json!({"passcode": "4711-heron", "seconds": 1_209_600, "live": true}));
    let paused = share("visit", json!({"passcode": "4711-heron"}));
    window.call(&json!({"ask": "pause_share", "with": {"id": paused["line"]["id"], "paused": true}}));
    let later = share("visit", json!({"passcode": "4711-heron", "not_before": now + 172_800}));
    let once = share("desk", json!({"recipient": people.clinic, "max_openings": 1}));
    let opened = node::run("open-link.mjs", &json!({"link": once["shlink"], "recipient": people.clinic}));
    assert!(opened["resources"].is_array(), "{opened}");
    window.call(&json!({"ask": "sync"}));
    gone(window);
    album.at("share-not-yet", &id(&later), "#opened-by");
    album.at("share-used-up", &id(&once), "#opened-by");
    album.at("shares", "#/shares", "main h1");
}

/// The card that lets somebody else stop a share, where it would help nobody and where it does; using one; a link to records
/// in a picture.
fn by_hand(album: &Album<'_>, people: &People) {
    let window = album.window;
    let here = window.share("visit", people.doctor, &json!({"passcode": "4711-heron"}));
    let card = format!("#/shares/{}/card", here["line"]["id"].as_str().unwrap());
    album.at("card-only-here", &card, "#choose-relay");
    let relay = Relay::start();
    let settings = json!({"relay": relay.url(), "lock_after_minutes": 15, "name": people.patient});
    window.call(&json!({"ask": "change_settings", "with": settings}));
    let there = window.share("visit", people.doctor, &json!({"passcode": "4711-heron"}));
    album.at("card", &format!("#/shares/{}/card", there["line"]["id"].as_str().unwrap()), "#card-code");

    let giver = Carnet::with_vault().using(&relay.url());
    let records = giver.home().join("hospital.json");
    data::person(&records, 2027, 60);
    giver.json(["import", records.to_str().unwrap()]);
    let share = giver.json(["share", "--for", people.clinic, "--expires", "24h"]);
    let its_card = giver.json(["card", share["id"].as_str().unwrap()]);
    window.go("#/add/code", "#code");
    window.fill("#code", its_card["link"].as_str().unwrap());
    window.press("#add-code");
    window.wait("#stop");
    album.here("card-used");
    let picture = giver.home().join("ward.png");
    std::fs::write(&picture, data::picture_of(share["link"].as_str().unwrap())).unwrap();
    window.call(&json!({"ask": "import_files", "with": {"paths": [picture]}}));
    album.at("import-link", "#/imports", "#just-now-files");
}

/// Waits until the short word after something was done is gone: it would lie over the picture.
fn gone(window: &Window) {
    wait_for("the word to go", Duration::from_secs(10), || (!window.shows(".toast:not(:empty)")).then_some(()));
}
