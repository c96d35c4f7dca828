//! The screens of the app that are not about sharing one's own records.

use carnet_system_tests::carnet::Carnet;
use carnet_system_tests::data;
use carnet_system_tests::window::Window;
use serde_json::json;

use crate::album::{Album, looks};

#[test]
#[ignore = "makes documentation; run by cargo xtask screenshots"]
fn the_app() {
    for dark in [false, true] {
        let carnet = Carnet::nobody();
        let records = carnet.home().join("hospital.json");
        data::person(&records, 2026, 600);
        let window = Window::open(&carnet, dark);
        let album = Album { window: &window, looks: looks(dark) };

        window.wait("#start-own");
        album.here("start");
        window.describe_vault("Ada Example");
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
        album.at("export", "#/export", "#save-export");
        album.at("asking", "#/share/ask", "#ask-by");
        window.press("#write-request");
        window.wait("#copy-request");
        album.here("asking-ready");
        album.at("check", "#/me/check", "#pick-document");
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
    let page = window.call(&json!({"ask": "timeline", "with": {
        "text": "", "category": "result", "from_year": null, "to_year": null, "source": null,
        "held_back": false, "signed": false, "disagree": false, "offset": 0, "limit": 20,
    }}));
    page["with"]["entries"][0]["line"]["id"].as_str().unwrap().to_owned()
}
