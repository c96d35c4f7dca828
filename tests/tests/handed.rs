//! What comes to a person by hand: a picture or a letter with a link to more records in it, a withdrawal card, a share that
//! another device changed. In the real window, over real relays.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use carnet_system_tests::carnet::{Carnet, PASSPHRASE};
use carnet_system_tests::data;
use carnet_system_tests::look::{LARGE, LOOKS};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::window::{Window, output};
use serde_json::{Value, json};

/// Somebody with records at that relay, and a share of theirs.
fn giver(relay: &Relay, seed: u64, with: &[&str]) -> (Carnet, Value) {
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("hospital.json");
    data::person(&file, seed, 60);
    carnet.json(["import", file.to_str().unwrap()]);
    let share = carnet.json(["share", "--for", "Ada Example", "--expires", "24h"].iter().chain(with).copied());
    (carnet, share)
}

/// Nothing reaches past the side of the page, on a phone or in large text; a picture of each is kept to look at.
fn fits(window: &Window, screen: &str) {
    for look in [LARGE, LOOKS[2], LOOKS[0]] {
        window.dress(look);
        window.picture(&output().join(format!("{screen}-{}.png", look.name)));
        let wide = window.overflow();
        assert!(wide.is_empty(), "{screen} in {}: {wide:#?}", look.name);
    }
}

/// How often the share was opened, as its patient's wallet knows.
fn openings(giver: &Carnet) -> u64 {
    giver.json(["shares"])[0]["openings"].as_u64().unwrap()
}

fn written(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_link_in_a_picture_is_opened_when_the_person_says_so_and_never_by_itself() {
    let relay = Relay::start();
    let (giver, share) = giver(&relay, 61, &["--passcode", "4711-heron"]);
    let link = share["link"].as_str().unwrap();
    let carnet = Carnet::nobody();
    let picture = written(carnet.home(), "from the ward.png", data::picture_of(link));
    let window = Window::open(&carnet, false);
    window.make_vault("Ada Example");
    window.call(&json!({"ask": "import_files", "with": {"paths": [picture]}}));
    window.go("#/imports", "#just-now-files");
    window.wait_text("There is a link to more records in it");
    let page = window.evaluate("return document.documentElement.outerHTML");
    assert!(!page.as_str().unwrap().contains("eyJ"), "the page is not given the link");
    assert_eq!(openings(&giver), 0, "nothing was opened by itself");
    fits(&window, "import-link");

    // Elsewhere and back the account is one of the former ones; the question is still there, and it is answered.
    window.go("#/records", "#found");
    window.go("#/imports", "#questions .open-link");
    fits(&window, "import-link-later");
    window.press("#questions .open-link");
    window.wait("#questions input[type=password]");
    window.wait_text("opens with a passcode");
    window.fill("#questions input[type=password]", "0815");
    window.press("#questions form button[type=submit]");
    window.wait_text("This is not the passcode");
    window.fill("#questions input[type=password]", "4711-heron");
    window.press("#questions form button[type=submit]");
    window.wait_text("records were added.");
    window.wait_text("SMART Health Link");
    assert!(!window.text().contains("Open the link"), "{}", window.text());
    assert_eq!(openings(&giver), 1);
    fits(&window, "import-link-opened");
    let accounts = window.call(&json!({"ask": "import_reports"})).to_string();
    assert!(accounts.contains("from the ward") && !accounts.contains("eyJ"), "no account holds the link: {accounts}");
}

#[test]
fn the_terminal_says_that_there_is_a_link_and_how_to_open_it() {
    let relay = Relay::start();
    let (giver, share) = giver(&relay, 62, &[]);
    let link = share["link"].as_str().unwrap();
    let carnet = Carnet::with_vault();
    let picture = written(carnet.home(), "from the ward.png", data::picture_of(link));
    let note = written(carnet.home(), "note.txt", format!("Your records: {link}\n"));
    for dry in [&["--dry-run"][..], &[]] {
        let files = ["import", picture.to_str().unwrap()];
        let ran = carnet.done(files.iter().chain(dry));
        assert!(ran.out.contains("There is a SMART Health Link in it") && ran.out.contains("--import"), "{}", ran.out);
        assert!(!ran.out.contains("eyJ") && !ran.err.contains("eyJ"), "{}", ran.out);
    }
    let account = carnet.run(["import", note.to_str().unwrap(), "--json"]).json();
    assert_eq!(account["files"][0]["links"][0]["host"], relay.url().strip_prefix("http://").unwrap());
    assert!(!account.to_string().contains("eyJ"), "{account}");
    assert_eq!(openings(&giver), 0);
    // Asked, it names the link; and it opens the one in the file.
    let asked = carnet.done(["open", picture.to_str().unwrap(), "--links"]);
    assert_eq!(asked.out.trim(), link);
    carnet.done(["open", picture.to_str().unwrap(), "--import", "--this-machine"]);
    assert!(carnet.records() > 30);
    assert_eq!(openings(&giver), 1);
}

#[test]
fn a_withdrawal_card_that_is_pasted_stops_the_share_it_is_for() {
    let relay = Relay::start();
    let (giver, share) = giver(&relay, 63, &[]);
    let card = giver.json(["card", share["id"].as_str().unwrap()]);
    let carnet = Carnet::nobody();
    let window = Window::open(&carnet, false);
    window.make_vault("Parent Example");
    window.go("#/add/code", "#code");
    // A slip of the pen is told, and nothing is sent.
    let code = card["link"].as_str().unwrap();
    let slip = if code.ends_with('7') { "8" } else { "7" };
    window.fill("#code", &format!("{}{slip}", &code[..code.len() - 1]));
    window.press("#add-code");
    window.wait_text("part of its code is missing or wrong");
    window.fill("#code", code);
    window.press("#add-code");
    window.wait("#stop");
    window.wait_text("A withdrawal card");
    assert_eq!(giver.json(["shares"])[0]["status"], "live");
    fits(&window, "use-card");
    window.press("#stop");
    window.wait_text("The share is stopped");
    fits(&window, "use-card-done");
    assert_eq!(giver.json(["shares"])[0]["status"], "stopped");
}

#[test]
fn a_picture_of_a_withdrawal_card_offers_to_stop_the_share() {
    let relay = Relay::start();
    let (giver, share) = giver(&relay, 66, &[]);
    let card = giver.json(["card", share["id"].as_str().unwrap()]);
    let carnet = Carnet::nobody();
    let picture = written(carnet.home(), "card.png", data::picture_of(card["link"].as_str().unwrap()));
    let window = Window::open(&carnet, false);
    window.make_vault("Parent Example");
    window.call(&json!({"ask": "import_files", "with": {"paths": [picture]}}));
    window.go("#/imports", "#just-now-files .button-stop");
    window.wait_text("A withdrawal card");
    fits(&window, "import-card");
    assert_eq!(giver.json(["shares"])[0]["status"], "live");
    window.press("#just-now-files .button-stop");
    window.wait_text("The share is stopped");
    fits(&window, "import-card-done");
    assert_eq!(giver.json(["shares"])[0]["status"], "stopped");
}

#[test]
fn a_card_is_shown_where_it_helps_and_else_what_does() {
    let relay = Relay::start();
    let carnet = Carnet::nobody();
    let file = carnet.home().join("hospital.json");
    data::person(&file, 64, 60);
    let window = Window::open(&carnet, false);
    window.make_vault("Ada Example");
    window.call(&json!({"ask": "import_files", "with": {"paths": [file]}}));
    window.press("#imported button");
    // Kept by the relay inside the wallet: nobody else could use a card.
    let share = window.share("visit", "Dr Example", &json!({}));
    let card = format!("#/shares/{}/card", share["line"]["id"].as_str().unwrap());
    window.go(&card, "#choose-relay");
    window.wait_text("A card for this share would help nobody");
    assert!(!window.shows("#print-card") && !window.text().contains("carnet-stop"));
    fits(&window, "card-only-here");
    // With a relay, the share can be moved to it, and there its card is one.
    let settings = json!({"relay": relay.url(), "lock_after_minutes": 15, "name": "Ada Example"});
    window.call(&json!({"ask": "change_settings", "with": settings}));
    window.go("#/shares", ".visa");
    window.go(&card, "#move-share");
    fits(&window, "card-move");
    window.press("#move-share");
    window.wait_text("Its code is a new one");
    window.wait("#stop-sharing");
    window.press("#card");
    window.press("#see-card");
    window.wait("#card-code");
    let shown = window.text();
    assert!(shown.contains(&relay.url()), "{shown}");
    fits(&window, "card");
    window.evaluate("scrollTo(0, document.body.scrollHeight); return null");
    window.picture(&output().join("card-below.png"));
}

#[test]
fn what_another_device_did_with_a_share_is_told_after_a_restore() {
    let relay = Relay::start();
    let (old, longer) = giver(&relay, 65, &[]);
    let stopped = old.json(["share", "--for", "Dr Other", "--expires", "24h"]);
    let (backup, words) = (old.home().join("backup.age"), old.home().join("words"));
    old.done(["backup", backup.to_str().unwrap()]);
    let phrase = old.json(["phrase", "words"]);
    std::fs::write(
        &words,
        phrase["words"].as_array().map_or_else(
            || phrase["words"].as_str().unwrap_or_default().to_owned(),
            |words| words.iter().map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(" "),
        ),
    )
    .unwrap();
    old.json(["extend", longer["id"].as_str().unwrap(), "--expires", "7d"]);
    old.json(["withdraw", stopped["id"].as_str().unwrap()]);

    let new = Carnet::nobody().using(&relay.url());
    new.done(["restore", backup.to_str().unwrap(), "--words-file", words.to_str().unwrap()]);
    let window = Window::open(&new, false);
    window.fill("#passphrase", PASSPHRASE);
    window.click("#unlock");
    window.wait("#nav-home");
    window.call(&json!({"ask": "sync"}));
    window.go("#/shares", ".visa");
    window.wait_text("Changed from another device");
    window.wait_text("not from this device");
    fits(&window, "shares-elsewhere");
    window.go(&format!("#/shares/{}", stopped["id"].as_str().unwrap()), ".notice-ok");
    window.wait_text("This share was stopped");
    fits(&window, "share-stopped-elsewhere");
    window.go(&format!("#/shares/{}", longer["id"].as_str().unwrap()), "#update");
    window.wait_text("Changed from another device");
    fits(&window, "share-changed-elsewhere");
    window.press("#update");
    window.wait_text("Readers see what is on this device");
}
