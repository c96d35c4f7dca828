//! The real window of the real app: what may be called, and the whole line with a person's clicks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::window::Window;

#[test]
fn the_pages_can_call_one_command_and_leave_the_house_by_no_door() {
    let carnet = Carnet::nobody();
    let window = Window::open(&carnet, false);
    window.wait("body *");

    // What the pages were not given is refused by the shell, whatever a page asks.
    for forbidden in ["plugin:dialog|open", "plugin:window|create", "plugin:event|emit", "plugin:path|resolve_directory"] {
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
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(window.evaluate("return location.href"), before);
}
