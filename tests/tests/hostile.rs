//! Files that are no health records, wrong keys and power cuts: refused with words, in bounded memory, nothing changed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use carnet_system_tests::carnet::{Carnet, Ran};
use carnet_system_tests::{data, program};

/// More than this the wallet must never take for a file it refuses: the largest file it accepts, and itself.
const MEMORY: u64 = 1 << 30;

/// Imports a file with the memory bounded by the system itself.
fn import_bounded(carnet: &Carnet, file: &Path) -> Ran {
    let mut command = Command::new("prlimit");
    carnet.dress(&mut command);
    command.arg(format!("--as={MEMORY}")).arg(program("carnet")).arg("import").arg(file);
    Ran::from(command.output().unwrap())
}

#[test]
fn what_is_no_health_record_is_refused_and_changes_nothing() {
    let carnet = Carnet::with_vault();
    let person = carnet.home().join("person.json");
    data::person(&person, 3, 40);
    carnet.json(["import", person.to_str().unwrap()]);
    let held = carnet.records();

    let whole = std::fs::read(&person).unwrap();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("text", b"Dear doctor, I have a cough.".to_vec()),
        ("other-json", br#"{"name": "not a resource"}"#.to_vec()),
        ("program", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0".to_vec()),
        ("cut-short", whole[..whole.len().min(40)].to_vec()),
        ("nested", [b"[".repeat(100_000), b"]".repeat(100_000)].concat()),
        ("nested-inside", {
            let deep = [b"{\"extension\":[".repeat(100_000), b"]}".repeat(100_000)].concat();
            [br#"{"resourceType":"Patient","x":"#.as_slice(), &deep, b"}"].concat()
        }),
        ("gzip-cut-short", {
            let path = carnet.home().join("whole.gz");
            data::gzipped(&path, &whole);
            let bytes = std::fs::read(&path).unwrap();
            bytes[..bytes.len() / 2].to_vec()
        }),
    ];
    for (name, bytes) in cases {
        let path = carnet.home().join(format!("{name}.json"));
        std::fs::write(&path, bytes).unwrap();
        refused(&carnet, &path);
        assert_eq!(carnet.records(), held, "{name} changed the vault");
    }
}

#[test]
fn a_file_that_is_cut_short_gives_what_comes_before_its_end() {
    let carnet = Carnet::with_vault();
    let path = carnet.home().join("cut.json");
    data::person(&path, 3, 40);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let account = carnet.json(["import", path.to_str().unwrap()]);
    let skipped = account["skipped"].as_array().unwrap();
    assert!(account["imported"].as_u64().unwrap() > 10 && skipped.len() == 1, "{account:#}");
    assert!(skipped[0]["reason"].as_str().unwrap().contains("cut short"), "{account:#}");
}

#[test]
fn one_bad_entry_never_fails_a_file() {
    let carnet = Carnet::with_vault();
    let path = carnet.home().join("mixed.json");
    let bundle = concat!(
        r#"{"resourceType":"Bundle","type":"collection","entry":["#,
        r#"{"fullUrl":"urn:uuid:6f0c1c9e-0b59-4f2b-9f5f-0d9c6f7b1a11","resource":{"resourceType":"Patient"}},"#,
        r#"{"resource":{"resourceType":"Observation","id":"BAD"}},"#,
        r#"{"resource":{"no":"type"}},"#,
        r#"17,"#,
        r#"{"resource":{"resourceType":"MadeUpYesterday","id":"x"}}]}"#
    );
    // Bytes that are no UTF-8 text, in one entry among good ones: read as older programs write them, which is told.
    let (before, after) = bundle.split_once("BAD").unwrap();
    std::fs::write(&path, [before.as_bytes(), &[0xff, 0xfe], after.as_bytes()].concat()).unwrap();

    let account = carnet.json(["import", path.to_str().unwrap()]);
    assert_eq!(account["entries"], 5, "{account}");
    assert_eq!(account["imported"].as_u64().unwrap() + account["narrative_only"].as_u64().unwrap(), 3, "{account}");
    assert!(account["files"][0]["notes"][0].as_str().unwrap().contains("are not UTF-8"), "{account}");
    let skipped = account["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 2, "{account}");
    for skip in skipped {
        assert!(skip["path"].as_str().unwrap().starts_with("Bundle.entry["), "{skip}");
        assert!(!skip["reason"].as_str().unwrap().is_empty(), "{skip}");
    }
}

#[test]
fn two_gigabytes_of_brackets_are_refused_in_bounded_memory() {
    let carnet = Carnet::with_vault();
    for compressed in [true, false] {
        let path = carnet.home().join("brackets.json");
        data::repeated(&path, b'[', 2 << 30, compressed);
        refused(&carnet, &path);
        std::fs::remove_file(&path).unwrap();
    }
    assert_eq!(carnet.records(), 0);
}

/// Refused by its own decision (exit code 1, not a signal), with words and without a panic.
fn refused(carnet: &Carnet, path: &Path) {
    let ran = import_bounded(carnet, path);
    let name = path.file_name().unwrap().to_string_lossy();
    assert_eq!(ran.code, 1, "{name}:\n{}\n{}", ran.out, ran.err);
    let words = format!("{}{}", ran.out, ran.err);
    assert!(words.contains("not imported"), "{name} was refused without a word: {words}");
    assert!(!words.contains("panicked"), "{name}: {words}");
}

#[test]
fn a_wrong_passphrase_is_refused_and_remembered() {
    let carnet = Carnet::with_vault();
    let wrong = carnet.home().join("wrong");
    std::fs::write(&wrong, "eight loud herons by the weir").unwrap();
    let ran = carnet.run(["--passphrase-file", wrong.to_str().unwrap(), "records", "--json"]);
    assert_eq!(ran.code, 3, "{}\n{}", ran.out, ran.err);
    assert!(!ran.err.contains("herons"), "{}", ran.err);
    carnet.done(["unlock"]);
}

#[test]
fn killed_at_any_moment_of_an_import_the_vault_holds_all_or_nothing_of_the_file() {
    let carnet = Carnet::with_vault();
    let file = carnet.home().join("person.json");
    data::person(&file, 5, 6_000);

    let mut seen = BTreeSet::new();
    for milliseconds in [150, 400, 700, 1_000, 1_300, 1_700, 2_200] {
        let mut import = carnet.start("import.log", ["import", file.to_str().unwrap()]);
        std::thread::sleep(Duration::from_millis(milliseconds));
        import.kill();
        seen.insert(carnet.records());
    }
    let account = carnet.json(["import", file.to_str().unwrap()]);
    let all = carnet.records();
    assert!(all > 1_000, "{account}");
    seen.remove(&0);
    seen.remove(&all);
    assert!(seen.is_empty(), "a part of the file was there: {seen:?} of {all}");
}

#[test]
fn nothing_of_a_person_can_be_read_in_the_vaults_folder() {
    let carnet = Carnet::with_vault();
    let file = carnet.home().join("person.json");
    let bundle = data::person(&file, 11, 200);
    carnet.json(["import", file.to_str().unwrap()]);
    unreadable(&carnet.vault(), &bundle);
}

#[test]
fn a_real_persons_file_is_imported_whole_and_cannot_be_read_in_the_vaults_folder() {
    let name = "fhir-r4/synthea-blaze/4b86befa-fa7e-9285-615f-e081dab3f93c.json.gz";
    let Some(file) = data::shared(name) else { return };
    let carnet = Carnet::with_vault();
    let account = carnet.json(["import", file.to_str().unwrap()]);
    let count = |name: &str| account[name].as_u64().unwrap();
    assert_eq!(account["entries"], 3_177);
    let skipped = account["skipped"].as_array().unwrap().len() as u64;
    assert_eq!(count("imported") + count("already_present") + count("narrative_only") + skipped, 3_177);

    let again = carnet.json(["import", file.to_str().unwrap()]);
    assert_eq!(again["imported"], 0, "{again}");

    let mut json = String::new();
    let zipped = std::fs::File::open(file).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(zipped), &mut json).unwrap();
    unreadable(&carnet.vault(), &serde_json::from_str(&json).unwrap());
}

/// Looks in every file of the vault for every longer text of the Bundle: names, codes, dates, addresses.
fn unreadable(vault: &Path, bundle: &serde_json::Value) {
    let mut words = BTreeSet::new();
    collect(bundle, &mut words);
    assert!(words.len() > 100, "there is little to look for");
    let mut words: Vec<String> = words.into_iter().collect();
    words.sort_by_key(String::len);
    let mut files = 0;
    for path in files_below(vault) {
        let bytes = std::fs::read(&path).unwrap();
        files += 1;
        let seen: BTreeSet<&[u8]> = printable(&bytes).collect();
        for run in seen {
            let text = String::from_utf8_lossy(run);
            // What `strings` would print, and in it no text of the person's.
            let found =
                words.iter().take_while(|word| word.len() <= text.len()).find(|word| text.contains(word.as_str()));
            if let Some(word) = found {
                panic!("\"{word}\" can be read in {}", path.display());
            }
        }
    }
    assert!(files > 0, "the vault has no files");
}

/// Texts that could only come from the person's records: six characters or more.
fn collect(value: &serde_json::Value, words: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) if text.len() >= 6 => {
            words.insert(text.clone());
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
        serde_json::Value::Object(members) => members.values().for_each(|value| collect(value, words)),
        _ => {}
    }
}

/// Runs of six printable characters or more, as `strings -n 6` finds them.
fn printable(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| !matches!(byte, b' '..=b'~')).filter(|run| run.len() >= 6)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}
