//! Exporting and checking.

use crate::carnet::{Carnet, DONE, FAILED, USAGE, run_bare};
use serde_json::Value;

fn read(carnet: &Carnet, name: &str) -> Vec<u8> {
    std::fs::read(carnet.path(name)).unwrap()
}

#[test]
fn every_format_is_written_and_keeps_its_rules() {
    let carnet = Carnet::with_records();
    for format in ["ips", "ktc", "pdf", "ndjson", "sphr"] {
        let path = carnet.text_path(&format!("out.{format}"));
        let made = carnet.run(&["export", format, &path, "--preset", "visit"]).expect(DONE).json();
        assert!(made["records"].as_u64().unwrap() > 3, "{made:#}");
        assert_eq!(made["bytes"].as_u64().unwrap() as usize, read(&carnet, &format!("out.{format}")).len());
    }
    for format in ["ips", "ktc"] {
        let checked =
            run_bare(&["check", format, &carnet.text_path(&format!("out.{format}")), "--json"]).expect(DONE).json();
        assert_eq!((&checked["conforms"], &checked["errors"]), (&true.into(), &0.into()), "{checked:#}");
    }
    assert!(read(&carnet, "out.pdf").starts_with(b"%PDF-"));
    let lines = String::from_utf8(read(&carnet, "out.ndjson")).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["resourceType"], "Patient");
    // What was written can be read again by the front door, archive and all.
    for name in ["out.ndjson", "out.sphr"] {
        let account = run_bare(&["import", "--dry-run", &carnet.text_path(name), "--json"]).expect(DONE).json();
        assert!(account[0].to_string().contains("imported"), "{account:#}");
    }
    // One format's document does not keep the other's rules.
    let checked = run_bare(&["check", "ktc", &carnet.text_path("out.ips"), "--json"]).expect(FAILED).json();
    assert!(checked["broken"].as_array().unwrap().iter().any(|broken| broken["rule"] == "Bundle.type"));
    assert!(run_bare(&["check", "ips", &carnet.text_path("out.ips")]).expect(DONE).stdout.contains("It keeps"));
}

#[test]
fn a_choice_is_told_before_it_is_written() {
    let carnet = Carnet::with_records();
    let preview = |more: &[&str]| carnet.run(&[&["export", "ndjson", "--preview"], more].concat()).expect(DONE).json();
    let held = |preview: &Value, reason: &str| -> u64 {
        let groups = preview["standing"]["held_back"].as_array().unwrap();
        groups.iter().filter(|group| group["reason"] == reason).map(|group| group["count"].as_u64().unwrap()).sum()
    };
    let all = preview(&[]);
    assert!(held(&all, "document") > 0, "{all:#}");
    assert_eq!(held(&preview(&["--types", "document"]), "document"), 0);
    assert!(held(&preview(&["--since", "2025"]), "older") > 0);
    assert!(held(&preview(&["--until", "2010"]), "newer") > 0);
    assert_eq!(held(&preview(&["--include-sensitive"]), "sensitive"), 0);
    let id = carnet.run(&["records", "--category", "allergy"]).expect(DONE).json()["records"][0]["id"].to_string();
    let id = id.trim_matches('"');
    assert_eq!(held(&preview(&["--without", id]), "unticked"), 1);

    let path = carnet.text_path("none.json");
    carnet.run(&["export", "ips", &path, "--since", "yesterday"]).expect(USAGE);
    carnet.run(&["export", "ips", &path, "--types", "nonsense"]).expect(FAILED);
    assert_eq!(carnet.run(&["export", "ips", &carnet.text_path("no/such/folder.json")]).expect(FAILED).error(), "file");
    assert!(!carnet.path("none.json").exists());
    assert!(carnet.run_as_person(&["export", "pdf", "--preview"]).expect(DONE).stdout.contains("Held back"));
    let said = carnet.run_as_person(&["export", "ndjson", &carnet.text_path("all.ndjson")]).expect(DONE).stdout;
    assert!(said.find("Held back").unwrap() < said.find("records are in").unwrap(), "{said}");
    // Also where the file cannot be written.
    let nowhere = carnet.text_path("no/such/folder.ndjson");
    assert!(carnet.run_as_person(&["export", "ndjson", &nowhere]).expect(FAILED).stdout.contains("Held back"));
}

#[test]
fn what_is_no_document_is_refused() {
    let carnet = Carnet::empty();
    std::fs::write(carnet.path("x.json"), "{").unwrap();
    assert_eq!(run_bare(&["check", "ips", &carnet.text_path("x.json"), "--json"]).expect(FAILED).error(), "file");
    run_bare(&["check", "ips", &carnet.text_path("absent.json"), "--json"]).expect(FAILED);
    std::fs::write(carnet.path("x.json"), "{}").unwrap();
    let broken = run_bare(&["check", "ips", &carnet.text_path("x.json"), "--json"]).expect(FAILED).json();
    assert!(broken["errors"].as_u64().unwrap() > 3);
}
