//! What a person keeps of sharing or brings to it, in the real window: a receipt and a summary saved through the system's own dialog,
//! the code on paper, a request out of a file; and that every screen of it fits, from right to left and in large text.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use carnet_consent::consent_receipt::ConsentReceipt;
use carnet_system_tests::camera::Picture;
use carnet_system_tests::carnet::{Carnet, PASSPHRASE};
use carnet_system_tests::look::{LARGE, Look, TURNED};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::screen::{Screen, open_without_driver};
use carnet_system_tests::window::Window;
use carnet_system_tests::{data, pages, wait_for};
use serde_json::{Value, json};

/// From the first screen's beginning to the one share on it, past what wants attention.
const TO_SHARE: [&str; 5] = ["Tab", "Tab", "Tab", "Tab", "Return"];
/// From the beginning of a share's page to the other ways to hand it over, and there to printing.
const TO_OTHER_WAYS: [&str; 11] = ["Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Return"];
const TO_PRINT: [&str; 4] = ["Tab", "Tab", "Tab", "Return"];

/// An open vault of 120 records in the real window.
fn window(carnet: &Carnet) -> Window {
    let file = carnet.home().join("hospital.json");
    data::person(&file, 51, 120);
    let window = Window::open(carnet, false);
    window.make_vault("Ada Example");
    window.call(&json!({"ask": "import_files", "with": {"paths": [file]}}));
    window
}

/// A share, its page open.
fn shared(window: &Window, preset: &str, with: &Value) -> Value {
    let share = window.share(preset, "Dr Example", with);
    window.go(&format!("#/shares/{}", share["line"]["id"].as_str().unwrap()), "#stop-sharing");
    share
}

#[test]
fn a_receipt_is_kept_where_the_person_says_in_either_form() {
    let carnet = Carnet::nobody();
    let window = window(&carnet);
    let share = shared(&window, "visit", &json!({"passcode": "4711-heron", "max_openings": 3}));
    let file = |name: &str| carnet.home().join(name);

    // Closed without an answer: nothing is written, and nothing has gone wrong.
    let dialog = window.opens_dialog("#receipt-pdf", "Save");
    dialog.press(&["Escape"]);
    dialog.wait_until_closed();
    assert!(!window.shows(".toast:not(:empty)") && !window.shows("#went-wrong"), "{}", window.text());

    for (button, name) in [("#receipt-json", "kept.jsonld"), ("#receipt-pdf", "kept.pdf")] {
        let dialog = window.opens_dialog(button, "Save");
        dialog.fill(file(name).to_str().unwrap());
        dialog.press(&["Return"]);
        dialog.wait_until_closed();
        wait_for(name, Duration::from_secs(20), || file(name).is_file().then_some(()));
        window.wait_text("Receipt saved");
    }
    // It can be read without saving it.
    window.press("#read-receipt");
    window.wait_text("Openings at the most");
    let receipt: Value = serde_json::from_slice(&std::fs::read(file("kept.jsonld")).unwrap()).unwrap();
    let receipt = ConsentReceipt::read(&receipt).unwrap();
    assert_eq!(receipt.grant().id.to_string(), share["line"]["id"]);
    assert_eq!(receipt.grant().max_openings, Some(3));
    let pages = pages::text(&file("kept.pdf"));
    for said in ["Consent receipt", "Shared with: Dr Example", "Openings at the most: 3"] {
        assert!(pages.contains(said), "{said} in {pages}");
    }
    assert!(!pages.contains("heron"), "{pages}");
}

#[test]
fn a_summary_is_saved_in_the_form_that_was_chosen_and_holds_what_was_said() {
    let carnet = Carnet::nobody();
    let window = window(&carnet);
    window.go("#/share", "#export");
    window.press("#export");
    window.wait("#save-export");
    window.wait_text("The file is not locked.");

    // Closed without an answer: nothing is written, and nothing has gone wrong.
    let dialog = window.opens_dialog("#save-export", "Save");
    dialog.press(&["Escape"]);
    dialog.wait_until_closed();
    assert!(
        !window.shows("#exported") && !window.shows(".toast:not(:empty)") && !window.shows("#went-wrong"),
        "{}",
        window.text()
    );

    let mut said = Vec::new();
    for (form, name) in [("pdf", "summary.pdf"), ("ips", "summary.json")] {
        window.press(&format!("#format-{form}"));
        let file = carnet.home().join(name);
        let dialog = window.opens_dialog("#save-export", "Save");
        dialog.fill(file.to_str().unwrap());
        dialog.press(&["Return"]);
        dialog.wait_until_closed();
        wait_for(name, Duration::from_secs(20), || file.is_file().then_some(()));
        window.wait("#exported");
        said.push(window.evaluate("return document.querySelector('#exported').textContent"));
    }
    assert!(said.iter().all(|words| words.as_str().unwrap().contains("in the file")), "{said:?}");
    assert!(pages::text(&carnet.home().join("summary.pdf")).contains("Allerg"));
    carnet.done(["check", "ips", carnet.home().join("summary.json").to_str().unwrap()]);
}

/// By the keyboard alone, in the app as a person has it: under a driver WebKit opens no print dialog.
#[test]
fn the_code_on_paper_opens_what_was_shared_and_tells_no_passcode() {
    let relay = Relay::start();
    let carnet = Carnet::with_vault().using(&relay.url());
    let file = carnet.home().join("hospital.json");
    data::person(&file, 51, 60);
    carnet.json(["import", file.to_str().unwrap()]);
    let share = carnet.json(["share", "--for", "Dr Example", "--passcode", "4711-heron"]);

    let screen = Screen::start(carnet.home());
    let (_app, window) = open_without_driver(&carnet, &screen);
    // Nothing tells when a page is there but the page: it is another, and stands still. What is loading moves.
    let shows = |what: &str, least: usize, before: &Picture| {
        wait_for(what, Duration::from_secs(60), || {
            let now = screen.picture();
            std::thread::sleep(Duration::from_millis(1_500));
            (now.differs(before) >= least && screen.picture().differs(&now) == 0).then_some(now)
        })
    };
    let nothing = Picture { luma: vec![0; 1600 * 1200], width: 1600, height: 1200 };
    let locked = shows("the locked booklet", 300, &nothing);
    window.fill(PASSPHRASE);
    window.press(&["Return"]);
    shows("the first screen", 20, &locked);
    window.press(&TO_SHARE);
    // What a clinician's camera would read off this screen; above it stands that this relay is on this device only.
    wait_for("the code on the screen", Duration::from_secs(30), || {
        window.press(&["Down"]);
        (screen.picture().read().as_deref() == share["viewer"].as_str()).then_some(())
    });
    window.press(&TO_OTHER_WAYS);
    window.press(&TO_PRINT);

    // To a file: the machine has no printer.
    let dialog = screen.dialog("Print");
    dialog.press(&["Down", "Return"]);
    dialog.wait_until_closed();
    let paper = carnet.home().join("output.pdf");
    wait_for("the paper", Duration::from_secs(20), || paper.is_file().then_some(()));
    // A PDF says at its end that it is whole.
    wait_for("all of it", Duration::from_secs(20), || {
        std::fs::read(&paper).unwrap().trim_ascii_end().ends_with(b"%%EOF").then_some(())
    });
    let words = pages::text(&paper);
    assert!(words.contains("For Dr Example") && words.contains("Until"), "{words}");
    // Only the code is to be handed over: no passcode, no list, no button, no bar.
    for other in ["heron", "Stop sharing", "What was agreed", "Home", "shlink:"] {
        assert!(!words.contains(other), "{other} in {words}");
    }
    assert!(pages::facts(&paper).lines().any(|line| line.starts_with("Pages:") && line.ends_with(" 1")));
    let scanned = pages::scan(&paper, 1240);
    assert_eq!(scanned.read().as_deref(), share["viewer"].as_str());
    // White to its edges, and the code in the middle of it.
    let dark = |x: &usize| (0..scanned.height).any(|y| scanned.luma[y * scanned.width + x] < 128);
    let (first, last) = ((0..scanned.width).find(dark).unwrap(), (0..scanned.width).rfind(dark).unwrap());
    assert!(first.abs_diff(scanned.width - last) < scanned.width / 20, "from {first} to {last} of {}", scanned.width);
    assert!([0, scanned.luma.len() / 2, scanned.luma.len() - 1].iter().all(|at| scanned.luma[*at] == 255));
}

#[test]
fn a_request_out_of_a_file_is_read_and_what_is_none_is_told() {
    let carnet = Carnet::nobody();
    let window = window(&carnet);
    let request = carnet.home().join("asks.txt");
    carnet.done(["request", "--new", "Harbour Clinic", "--types", "problem", "--out", request.to_str().unwrap()]);
    let other = carnet.home().join("picture.png");
    std::fs::write(&other, b"\x89PNG\r\n\x1a\n\xff\xfe no request").unwrap();

    window.go("#/share/asked", "#request-file");
    window.choose_file("#request-file", &other);
    window.wait_text("This is not a request that Carnet can read");
    window.choose_file("#request-file", &request);
    window.wait("#asks");
    window.wait_text("Harbour Clinic");
    window.press("#answer-request");
    window.wait("#own-share");
    window.wait_text("Make a share of your own instead");
}

#[test]
fn from_right_to_left_no_screen_of_sharing_reaches_past_the_side() {
    every_screen_fits(TURNED);
}

#[test]
fn in_large_text_no_screen_of_sharing_reaches_past_the_side() {
    every_screen_fits(LARGE);
}

fn every_screen_fits(look: Look) {
    let carnet = Carnet::nobody();
    let window = window(&carnet);
    let request = carnet.json(["request", "--new", "Harbour Clinic", "--delete-after-use"])["request"].clone();
    let fits = |screen: &str| {
        window.dress(look);
        let wide = window.overflow();
        assert!(wide.is_empty(), "{screen}: {wide:#?}");
    };
    window.go("#/share", "#recipient");
    window.press("#preset-custom");
    fits("who for");
    window.press("#next");
    window.wait("#share-count");
    window.press("#in-result");
    window.press("#sensitive-title ~ ul .fold-line");
    window.press("#stays");
    fits("what");
    window.press("#next");
    window.press("#more");
    window.press("#later");
    window.press("#erases");
    fits("how long");
    window.press("#later");
    window.press("#erases");
    window.press("#next");
    window.press("#notice");
    fits("review");
    window.press("#make-share");
    window.wait("#stop-sharing");
    window.press("#show-passcode");
    window.press("#longer");
    window.press("#other-ways");
    fits("one share");
    window.press("#stop-sharing");
    fits("the question before stopping");
    window.go("#/shares", ".visa");
    fits("all shares");
    window.go("#/export", "#save-export");
    window.press("#other-forms");
    window.press("#since-fold");
    fits("a file of one's own");
    window.go("#/share/asked", "#request");
    fits("a request");
    window.fill("#request", request.as_str().unwrap());
    window.press("#read-request");
    window.wait("#asks");
    fits("what is asked");
    window.press("#answer-request");
    window.wait("#own-share");
    fits("the answer");
    window.go("#/share/ask", "#ask-by");
    window.press("#some-kinds");
    window.press("#kind-problem");
    window.press("#ask-more");
    fits("asking somebody");
    window.press("#write-request");
    window.wait("#copy-request");
    window.press("#request-text");
    fits("a request of one's own");
}
