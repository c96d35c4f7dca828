//! The operator's guide and the configuration say the same: every value, its default, and the files that come with it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use carnet_relay::Config;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn clone() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of the configuration's values, as a mistake makes it list them.
fn keys(text: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("relay.toml");
    std::fs::write(&file, text).unwrap();
    let error = Config::load(Some(&file)).unwrap_err().to_string();
    let (_, expected) = error.split_once("expected").unwrap_or_else(|| panic!("{error}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_value_is_in_the_guide() {
    let guide = std::fs::read_to_string(clone().join("docs/operators.md")).unwrap();
    let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `")).collect();
    let mut found = 0;
    for table in ["no_such = 1", "[limits]\nno_such = 1", "[s3]\nno_such = 1", "[tls]\nno_such = 1"] {
        for key in keys(table) {
            if ["s3", "tls", "limits"].contains(&key.as_str()) {
                continue;
            }
            let names = |row: &&&str| row.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("`{key}`")));
            assert!(rows.iter().any(|row| names(&row)), "`{key}` is not in docs/operators.md");
            found += 1;
        }
    }
    assert!(found > 30, "{found} values were looked for");
}

#[test]
fn the_defaults_of_the_limits_are_those_in_the_guide() {
    let guide = std::fs::read_to_string(clone().join("docs/operators.md")).unwrap();
    let limits = guide.split("| key in `[limits]`").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut text = String::from("[limits]\n");
    for row in limits.lines().skip(2) {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, key, default, ..] = cells.as_slice() else { panic!("{row}") };
        text.push_str(&format!("{key} = {default}\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("relay.toml");
    std::fs::write(&file, text).unwrap();
    assert_eq!(Config::load(Some(&file)).unwrap().limits, Config::default().limits);
}

#[test]
fn the_example_can_be_used_and_the_unit_starts_what_there_is() {
    let example = clone().join("deploy/relay/relay.toml");
    let config = Config::load(Some(&example)).unwrap();
    assert_eq!(config.origin.as_deref(), Some("relay.example.org"));
    let unit = std::fs::read_to_string(clone().join("deploy/relay/carnet-relay.service")).unwrap();
    assert!(unit.contains("ExecStart=/usr/local/bin/carnet-relay --config /etc/carnet-relay/relay.toml\n"));
}
