//! The real window of the real app: what may be called, and the whole line with a person's clicks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use carnet_system_tests::carnet::{Carnet, PASSPHRASE};
use carnet_system_tests::window::Window;
use carnet_system_tests::{data, node, wait_for};
use serde_json::json;

#[test]
fn the_pages_can_call_one_command_and_leave_the_house_by_no_door() {
    let carnet = Carnet::nobody();
    let window = Window::open(&carnet, false);
    window.wait("body *");

    // What the pages were not given is refused by the shell, whatever a page asks.
    for forbidden in
        ["plugin:dialog|open", "plugin:window|create", "plugin:event|emit", "plugin:path|resolve_directory"]
    {
        let script = format!(
            "return window.__TAURI__.core.invoke({forbidden:?}, {{}}).then(() => 'allowed', error => String(error))"
        );
        let answer = window.evaluate(&script);
        let words = answer.as_str().unwrap_or_default();
        assert!(words.contains("not allowed"), "{forbidden}: {answer}");
    }

    // No script from elsewhere, no eval, no request to elsewhere, no way out of the page.
    let evil = window.evaluate("try { return eval('1 + 1') } catch (error) { return error.name }");
    assert_eq!(evil, "EvalError");
    let fetched = window.evaluate("return fetch('https://example.org/').then(() => 'fetched', () => 'refused')");
    assert_eq!(fetched, "refused");
    let before = window.evaluate("return location.href");
    window.evaluate("location.href = 'https://example.org/'; return null");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(window.evaluate("return location.href"), before);
}

#[test]
fn a_person_makes_a_vault_imports_shares_sees_who_looked_and_stops() {
    let carnet = Carnet::nobody();
    let file = carnet.home().join("hospital.json");
    let bundle = data::person(&file, 51, 120);
    let window = Window::open(&carnet, false);

    // First start.
    window.make_vault("Ada Example");

    // Files dropped on the window arrive as paths; the picker is the system's own and no test can press its buttons.
    let run = window.call(&json!({"ask": "import_files", "with": {"paths": [file]}}));
    assert_eq!(run["with"]["reports"][0]["account"]["entries"], data::entries(&bundle), "{run}");

    // The account of the import is told, and goes when it was read.
    window.wait_text("120 records added");
    window.click("#imported button");

    window.click("#nav-records");
    window.wait("#found");
    let patient = &bundle["entry"][0]["resource"]["name"][0];
    window.fill("#search", patient["family"].as_str().unwrap());
    window.wait_text("1 of 120 records");

    // Four steps to a QR code.
    window.click("#nav-share");
    window.click("#preset-desk");
    window.fill("#recipient", "Dr Example");
    window.click("#next");
    window.wait("#share-count");
    window.click("#next");
    window.click("#next");
    window.wait_text("Dr Example may see");
    window.click("#make-share");
    window.wait("#stop-sharing");
    window.click("#other-ways");
    window.wait("#shlink");
    let link = window.evaluate("return document.querySelector('#shlink').textContent");
    let opened = node::run("open-link.mjs", &json!({"link": link, "recipient": "The reception"}));
    assert_eq!(opened["resources"][0]["resourceType"], "Bundle", "{opened}");

    // The wallet asks the relay inside it now and then; the person need not do anything.
    window.evaluate("location.hash = '#/looked'; return null");
    window.wait("#openings");
    window.wait_text("The reception");

    // Stop sharing, and nobody can open it any more.
    window.evaluate("history.back(); return null");
    window.click("#stop-sharing");
    window.click("#sure-stop-yes");
    window.wait_text("You stopped this share");
    let refused = node::run("open-link.mjs", &json!({"link": link, "recipient": "The reception"}));
    assert!(node::is_gone(&refused), "{refused}");

    // Locked: nothing of the person is on the page, a wrong passphrase is refused, the right one opens.
    window.click("#nav-me");
    window.click("#lock");
    window.wait("#unlock");
    assert!(!window.text().contains("Dr Example"), "{}", window.text());
    window.fill("#passphrase", "eight loud herons by the weir");
    window.click("#unlock");
    window.wait("#passphrase-error");
    window.fill("#passphrase", PASSPHRASE);
    window.click("#unlock");
    window.wait("#nav-home");
}

#[test]
fn the_window_and_the_terminal_share_one_vault_and_never_at_the_same_time() {
    let carnet = Carnet::with_vault();
    let file = carnet.home().join("person.json");
    data::person(&file, 52, 30);
    carnet.json(["import", file.to_str().unwrap()]);
    let held = carnet.records();
    {
        let window = Window::open(&carnet, false);
        window.fill("#passphrase", PASSPHRASE);
        window.click("#unlock");
        window.wait("#nav-records");
        let home = window.call(&json!({"ask": "home"}));
        assert_eq!(home["with"]["records"], held, "{home}");
        // Two programs at once would be two writers.
        let second = carnet.run(["records"]);
        assert_eq!(second.code, 1, "{}\n{}", second.out, second.err);
    }
    // The window closes its vault when it ends.
    wait_for("the vault to be free again", Duration::from_secs(10), || {
        (carnet.run(["records"]).code == 0).then_some(())
    });
    assert_eq!(carnet.records(), held);
}
