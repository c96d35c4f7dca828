//! A damaged vault in the real window: told, and a backup takes its place while the damaged folder stays beside it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use carnet_system_tests::carnet::{Carnet, PASSPHRASE};
use carnet_system_tests::data;
use carnet_system_tests::window::Window;

#[test]
fn a_backup_takes_the_place_of_a_damaged_vault_and_nothing_is_deleted() {
    let carnet = Carnet::with_vault();
    let file = carnet.home().join("person.json");
    data::person(&file, 53, 30);
    carnet.json(["import", file.to_str().unwrap()]);
    let held = carnet.records();
    let backup = carnet.home().join("backup.age");
    carnet.json(["backup", backup.to_str().unwrap()]);
    let phrase = carnet.json(["phrase", "words"]);
    let words = phrase["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect::<Vec<_>>();
    let database = carnet.vault().join("vault").join("vault.db");
    let damaged = b"what is left of it".repeat(4_096);
    std::fs::write(&database, &damaged).unwrap();

    let window = Window::open(&carnet, false);
    window.fill("#passphrase", PASSPHRASE);
    window.click("#unlock");
    window.wait("#damaged");
    window.wait_text("Nothing of it was deleted, and nothing will be.");
    window.press("#restore-over");
    window.wait("#backup");
    let dialog = window.opens_dialog("#backup", "Open");
    dialog.open(backup.to_str().unwrap());
    window.wait_text("Chosen: backup.age");
    window.fill("#words", &words.join(" "));
    window.fill("#passphrase", PASSPHRASE);
    window.fill("#passphrase-again", PASSPHRASE);
    window.press("#recover");
    window.wait("#aside");
    let aside = window.evaluate("return document.querySelector('#aside').textContent");
    let aside = std::path::PathBuf::from(aside.as_str().unwrap());
    assert_eq!(std::fs::read(aside.join("vault.db")).unwrap(), damaged);
    window.press("#set-aside-on");
    window.wait("#nav-home");
    window.wait_text(&format!("All {held} records"));
}
