//! The words: every key in the sources exists, every text is used, names in other directions stay where they belong.

use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Keys that the sources put together instead of spelling them out.
const BUILT: &[&str] = &["fact-", "record-status-", "reason-", "notice-v"];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "tests") {
            sources(&path, out);
        } else if path.is_file()
            && path.extension().is_some_and(|kind| kind == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            out.push(path);
        }
    }
}

fn keys(source: &str) -> BTreeSet<String> {
    source
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(" ="))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// String literals of a source, without its tests.
fn literals(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    code.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Keys passed to `t!` directly.
fn asked(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let places = code.match_indices("t!(\"").filter(|(at, _)| !code[..*at].ends_with(char::is_alphanumeric));
    places.filter_map(|(at, call)| code[at + call.len()..].split('"').next()).map(str::to_owned).collect()
}

fn read(folder: &str) -> String {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut files);
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap().split("#[cfg(test)]").next().unwrap().to_owned())
        .collect()
}

fn face_source(face: Face) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (folder, file) = match face {
        Face::App => ("app", "app.rs"),
        Face::Viewer => ("viewer", "viewer.rs"),
    };
    read(folder) + &std::fs::read_to_string(root.join(file)).unwrap()
}

#[test]
fn every_key_that_is_asked_for_exists() {
    for (face, own) in [(Face::App, LANGUAGES[0].app.concat()), (Face::Viewer, LANGUAGES[0].viewer.to_owned())] {
        let known: BTreeSet<String> = keys(LANGUAGES[0].kit).union(&keys(&own)).cloned().collect();
        let missing: Vec<_> = asked(&face_source(face)).difference(&known).cloned().collect();
        assert!(missing.is_empty(), "{face:?} asks for {missing:?}");
    }
    // What the kit and the formats ask for must be there for both faces, or belong to parts that only one face shows.
    let both: BTreeSet<String> = keys(&LANGUAGES[0].app.concat())
        .union(&keys(LANGUAGES[0].viewer))
        .chain(&keys(LANGUAGES[0].kit))
        .cloned()
        .collect();
    let shared = read("kit") + include_str!("../format.rs").split("#[cfg(test)]").next().unwrap();
    let missing: Vec<_> = asked(&shared).difference(&both).cloned().collect();
    assert!(missing.is_empty(), "the kit asks for {missing:?}");
}

#[test]
fn every_text_is_used() {
    let all = read("");
    let used = literals(&all);
    for source in [LANGUAGES[0].kit, &LANGUAGES[0].app.concat(), LANGUAGES[0].viewer] {
        let unused: Vec<_> = keys(source)
            .into_iter()
            .filter(|key| !used.contains(key) && !BUILT.iter().any(|built| key.starts_with(built)))
            .collect();
        assert!(unused.is_empty(), "nobody shows {unused:?}");
    }
}

#[test]
fn the_files_parse_and_no_other_language_has_keys_of_its_own() {
    let first = &LANGUAGES[0];
    for language in LANGUAGES {
        let app = (language.app.concat(), first.app.concat());
        for (own, base) in [(language.kit, first.kit), (&app.0, &app.1), (language.viewer, first.viewer)] {
            assert!(FluentResource::try_new(own.to_owned()).is_ok(), "{} has a broken line", language.tag);
            assert!(keys(own).is_subset(&keys(base)), "{} has keys that {} lacks", language.tag, first.tag);
        }
    }
}

#[test]
fn plurals_and_numbers() {
    start("en", Face::App);
    assert_eq!(t!("count-records", count = 1u32), "1 record");
    assert_eq!(t!("count-records", count = 42u32), "42 records");
    assert_eq!(t!("count-records", count = 20_000u32), "20\u{202f}000 records");
    assert_eq!(grouped(-1234567), "\u{2212}1\u{202f}234\u{202f}567");
    assert_eq!(grouped(i64::MIN), "\u{2212}9\u{202f}223\u{202f}372\u{202f}036\u{202f}854\u{202f}775\u{202f}808");
}

#[test]
fn a_name_that_runs_the_other_way_is_isolated_and_cannot_break_out() {
    start("en", Face::App);
    assert_eq!(t!("visa-for", name = "Dr Example"), "For Dr Example");
    assert_eq!(t!("visa-for", name = "ليلى"), "For \u{2068}ليلى\u{2069}");
    assert_eq!(t!("visa-for", name = "x\u{2069}\u{202e}y"), "For \u{2068}xy\u{2069}");
}

#[test]
fn a_language_nobody_translated_falls_back() {
    assert_eq!(start("tlh,en-GB", Face::App).0, "en");
    assert_eq!(start("", Face::Viewer).0, "en");
    assert_eq!(t!("no-such-key"), "no-such-key");
}
