//! A person asks another for their records in the real window: the code on the screen, the file, and what its reader reads.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::wait_for;
use carnet_system_tests::window::Window;

#[test]
fn a_request_is_made_in_the_window_saved_and_read_by_another_program() {
    let carnet = Carnet::nobody();
    let window = Window::open(&carnet, false);
    window.make_vault("Ada Example");
    window.click("#nav-me");
    window.click("a[href='#/share/ask']");
    window.wait("#ask-by");
    // Nothing is chosen of some kinds: said at the field, and nothing is made.
    window.press("#some-kinds");
    window.press("#write-request");
    window.wait("#ask-kinds-error");
    window.press("#kind-allergy");
    window.press("#ask-organization");
    window.press("#ask-more");
    window.fill("#since", "2020");
    window.press("#obligation-delete-after-use");
    window.press("#write-request");
    window.wait("#copy-request");
    window.wait_text("Your request is ready");

    window.press("#request-text");
    window.wait("#request");
    let text = window.evaluate("return document.querySelector('#request').textContent");
    let text = text.as_str().unwrap();
    let file = carnet.home().join("asks.txt");
    let dialog = window.opens_dialog("#save-request", "Save");
    dialog.fill(file.to_str().unwrap());
    dialog.press(&["Return"]);
    dialog.wait_until_closed();
    wait_for("the request's file", Duration::from_secs(20), || file.is_file().then_some(()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);

    let read = carnet.json(["request", file.to_str().unwrap()]);
    let asked = &read["asked"];
    assert_eq!((&asked["by"], &asked["signed"]), (&"Ada Example".into(), &true.into()), "{read}");
    assert_eq!((&asked["categories"][0], &asked["since"]), (&"allergy".into(), &"2020".into()), "{read}");
    assert_eq!(asked["obligations"][0], "delete_after_use", "{read}");

    // What was typed is still there when the request is changed.
    window.press("#change-request");
    window.wait("#since");
    assert_eq!(window.evaluate("return document.querySelector('#since').value"), "2020");
}
