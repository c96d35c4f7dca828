//! Sharing with a person's clicks in the real window: ticking, a passcode, a pause, who looked, a request.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::window::Window;
use carnet_system_tests::{data, node, wait_for};
use serde_json::{Value, json};

/// An open vault of 120 records in the real window.
fn window(carnet: &Carnet) -> Window {
    let file = carnet.home().join("hospital.json");
    data::person(&file, 51, 120);
    let window = Window::open(carnet, false);
    window.make_vault("Ada Example");
    window.call(&json!({"ask": "import_files", "with": {"paths": [file]}}));
    window.click("#imported button");
    window
}

/// How many records the screen says will be shared.
fn count(window: &Window) -> u64 {
    window.wait("#share-count");
    let words = window.evaluate("return document.querySelector('#share-count').textContent");
    words.as_str().unwrap().split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(0)
}

fn value(window: &Window, selector: &str) -> Value {
    window.wait(selector);
    window.evaluate(&format!("return document.querySelector({selector:?}).value"))
}

#[test]
fn a_person_ticks_tells_a_passcode_pauses_and_sees_every_try() {
    let carnet = Carnet::nobody();
    let window = window(&carnet);

    window.click("#nav-share");
    window.press("#preset-visit");
    window.fill("#recipient", "Dr Example");
    window.press("#next");

    // A kind less, and the count falls; a record less, and it falls by one and the record can be ticked again.
    let all = count(&window);
    window.press("#kind-medicine");
    wait_for("a smaller count", Duration::from_secs(10), || (count(&window) < all).then_some(()));
    let without_medicines = count(&window);
    window.press("#in-problem");
    window.press("#in-problem-inside input");
    wait_for("one less", Duration::from_secs(10), || (count(&window) + 1 == without_medicines).then_some(()));
    window.press("#in-problem-inside input");
    wait_for("one more", Duration::from_secs(10), || (count(&window) == without_medicines).then_some(()));
    window.press("#next");

    let passcode = value(&window, "#passcode");
    assert_eq!(passcode.as_str().unwrap().len(), 6, "{passcode}");
    window.press("#other-digits");
    wait_for("other digits", Duration::from_secs(10), || (value(&window, "#passcode") != passcode).then_some(()));
    let passcode = value(&window, "#passcode");
    window.press("#next");
    window.wait_text("Dr Example may see");
    window.press("#notice");
    window.wait_text("A copy that somebody has made stays with them");
    window.press("#make-share");
    window.wait("#stop-sharing");
    let share = window.evaluate("return location.hash");
    window.press("#show-passcode");
    window.wait_text(passcode.as_str().unwrap());
    window.press("#other-ways");
    window.wait("#shlink");
    let link = window.evaluate("return document.querySelector('#shlink').textContent");

    // A wrong passcode is refused and told with its reason; the right one opens.
    let open = |passcode: &Value| {
        node::run("open-link.mjs", &json!({"link": link, "recipient": "The reception", "passcode": passcode}))
    };
    assert!(open(&json!("000000"))["refused"].is_object());
    assert!(open(&passcode)["resources"].is_array());
    window.evaluate("location.hash = '#/'; return null");
    window.wait("#unseen");
    window.wait("#see-unseen");
    window.evaluate("location.hash = '#/looked'; return null");
    window.wait_text("The passcode was wrong.");
    window.wait_text("2 new looks at your records");
    wait_for("the mark in the bar to go", Duration::from_secs(10), || (!window.shows("#unseen")).then_some(()));

    // Paused, nobody can open it; then it goes on; then it lasts longer; then it is over for good.
    window.evaluate(&format!("location.hash = {share}; return null"));
    window.press("#pause");
    window.wait_text("You paused this share");
    assert!(node::is_gone(&open(&passcode)));
    window.press("#pause");
    window.wait_text("It can be opened again");
    assert!(open(&passcode)["resources"].is_array());
    window.press("#longer");
    window.press("#longer-604800");
    window.wait_text("It lasts longer now");
    assert!(open(&passcode)["resources"].is_array(), "under the same link");
    window.press("#stop-sharing");
    window.press("#sure-stop-no");
    assert!(!window.text().contains("You stopped this share"));
    window.press("#stop-sharing");
    window.press("#sure-stop-yes");
    window.wait_text("You stopped this share");
    assert!(node::is_gone(&open(&passcode)));
}
