//! Making, opening, filling, backing up and restoring a vault.

use crate::carnet::{Carnet, DONE, FAILED, LOCKED, USAGE, run_bare};

#[test]
fn what_is_not_understood_is_told_apart() {
    run_bare(&[]).expect(USAGE);
    run_bare(&["frobnicate"]).expect(USAGE);
    run_bare(&["share", "--expires", "soon"]).expect(USAGE);
    run_bare(&["records"]).expect(USAGE); // no home, no folder named
    assert!(run_bare(&["--help"]).expect(DONE).stdout.contains("Exit codes"));
    assert!(run_bare(&["--version"]).expect(DONE).stdout.starts_with("carnet "));
}

#[test]
fn a_vault_is_made_once_and_opens_for_its_passphrase_only() {
    let carnet = Carnet::empty();
    assert_eq!(carnet.run(&["records"]).expect(FAILED).error(), "no_vault");
    assert_eq!(carnet.run(&["init"]).expect(DONE).json()["state"], "open");
    assert_eq!(carnet.run(&["init"]).expect(FAILED).error(), "vault_exists");
    assert_eq!(carnet.run(&["unlock"]).expect(DONE).json()["records"], 0);
    std::fs::write(carnet.path("wrong"), "incorrect horse\n").unwrap();
    assert_eq!(carnet.run_with(&carnet.path("wrong"), &["unlock"]).expect(LOCKED).error(), "wrong_passphrase");
    assert_eq!(carnet.run_with(&carnet.path("absent"), &["unlock"]).expect(FAILED).error(), "file");
    // No terminal and no file.
    run_bare(&["unlock", "--vault", &carnet.text_path("wallet")]).expect(LOCKED);
    std::fs::write(carnet.path("short"), "abc").unwrap();
    let weak = Carnet::empty();
    assert_eq!(weak.run_with(&carnet.path("short"), &["init"]).expect(FAILED).error(), "weak_passphrase");
}

/// The 24 words of a wallet.
fn words(carnet: &Carnet) -> String {
    let words = carnet.run(&["phrase", "words"]).expect(DONE).json();
    let words: Vec<&str> = words["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(words.len(), 24);
    words.join(" ")
}

#[test]
fn the_words_open_the_vault_and_set_a_new_passphrase() {
    let carnet = Carnet::new();
    std::fs::write(carnet.path("words"), words(&carnet)).unwrap();
    std::fs::write(carnet.path("others"), "abandon ".repeat(23) + "art").unwrap();
    std::fs::write(carnet.path("new"), "another good one\n").unwrap();
    std::fs::write(carnet.path("short"), "abc").unwrap();
    let unlock = |words: &str, passphrase: &str| {
        let words = carnet.text_path(words);
        carnet.run_with(&carnet.path(passphrase), &["unlock", "--words-file", &words])
    };
    assert_eq!(unlock("others", "new").expect(LOCKED).error(), "wrong_words");
    assert_eq!(unlock("words", "short").expect(FAILED).error(), "weak_passphrase");
    assert_eq!(unlock("absent", "new").expect(FAILED).error(), "file");
    // Nobody to ask for the words.
    assert_eq!(carnet.run(&["unlock", "--words"]).expect(LOCKED).error(), "wrong_words");
    carnet.run(&["records"]).expect(DONE);
    assert_eq!(unlock("words", "new").expect(DONE).json()["state"], "open");
    assert_eq!(carnet.run(&["records"]).expect(LOCKED).error(), "wrong_passphrase");
    carnet.run_with(&carnet.path("new"), &["records"]).expect(DONE);
    let nobody = Carnet::empty();
    let command = ["unlock", "--words-file", &carnet.text_path("words")];
    assert_eq!(nobody.run(&command).expect(FAILED).error(), "no_vault");
}

#[test]
fn the_passphrase_is_changed_with_the_present_one() {
    let carnet = Carnet::new();
    let before = words(&carnet);
    std::fs::write(carnet.path("new"), "another good one\n").unwrap();
    std::fs::write(carnet.path("short"), "abc").unwrap();
    let change = |present: &str, new: &str| {
        let new = carnet.text_path(new);
        carnet.run_with(&carnet.path(present), &["passphrase", "--new-passphrase-file", &new])
    };
    assert_eq!(change("new", "new").expect(LOCKED).error(), "wrong_passphrase");
    assert_eq!(change("passphrase", "short").expect(FAILED).error(), "weak_passphrase");
    assert_eq!(change("passphrase", "absent").expect(FAILED).error(), "file");
    assert_eq!(change("passphrase", "new").expect(DONE).json()["changed"], true);
    assert_eq!(carnet.run(&["records"]).expect(LOCKED).error(), "wrong_passphrase");
    std::fs::copy(carnet.path("new"), carnet.path("passphrase")).unwrap();
    assert_eq!(words(&carnet), before);
}

#[test]
fn a_check_of_the_vault_names_what_is_damaged() {
    let carnet = Carnet::new();
    std::fs::write(carnet.path("photo.jpg"), photo()).unwrap();
    carnet.run(&["import", &carnet.text_path("photo.jpg")]).expect(DONE);
    assert_eq!(carnet.run(&["check", "vault"]).expect(DONE).json()["sound"], true);
    assert!(carnet.run_as_person(&["check", "vault"]).expect(DONE).stdout.contains("Nothing is damaged"));
    let blobs = carnet.path("wallet/vault/blobs");
    std::fs::remove_file(std::fs::read_dir(blobs).unwrap().next().unwrap().unwrap().path()).unwrap();
    let report = carnet.run(&["check", "vault"]).expect(FAILED).json();
    assert_eq!(report["attachments"][0].as_str().map(str::len), Some(64), "{report}");
    assert!(report["journal_fault"].is_null() && report["sound"] == false, "{report}");
    run_bare(&["check"]).expect(USAGE);
    run_bare(&["check", "ips"]).expect(USAGE);
    run_bare(&["check", "vault", "file.json"]).expect(USAGE);
}

#[test]
fn a_history_that_somebody_changed_is_told_at_unlocking() {
    let carnet = Carnet::empty();
    let tampered = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../vault/tests/tampered");
    std::fs::create_dir_all(carnet.path("wallet/vault/keys")).unwrap();
    for file in ["vault.db", "keys/passphrase.age", "keys/recovery.age"] {
        std::fs::copy(tampered.join(file), carnet.path("wallet/vault").join(file)).unwrap();
    }
    std::fs::write(carnet.path("passphrase"), "right\n").unwrap();
    let told = carnet.run_as_person(&["unlock"]).expect(DONE).stdout;
    assert!(told.contains("changed by something else") && told.contains("entry 4"), "{told}");
    let fault = carnet.run(&["unlock"]).expect(DONE).json()["journal_fault"].clone();
    assert!(fault.as_str().is_some_and(|fault| fault.contains("entry 4")), "{fault}");
    assert!(carnet.run_as_person(&["check", "vault"]).expect(FAILED).stdout.contains("The journal was changed"));
    let whole = Carnet::new();
    assert!(whole.run(&["unlock"]).expect(DONE).json()["journal_fault"].is_null());
}

#[test]
fn every_entry_of_a_file_is_accounted_for() {
    let carnet = Carnet::new();
    let file = carnet.hospital(60);
    let first = carnet.run(&["import", &file]).expect(DONE).json();
    let count = |value: &serde_json::Value, name: &str| value[name].as_u64().unwrap();
    assert_eq!(count(&first, "entries"), 60);
    assert_eq!(count(&first, "imported"), 60);
    let again = carnet.run(&["import", &file]).expect(DONE).json();
    assert_eq!((count(&again, "imported"), count(&again, "already_present")), (0, 60));

    // One bad entry does not fail a file, and one bad file does not fail the others.
    let mixed = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"urn:uuid:0c2b9d5e-0000-4000-8000-000000000001","resource":{"resourceType":"Condition","code":{"text":"Hay fever"},"subject":{"display":"Ana"}}},
        {"resource":{"no":"type"}}]}"#;
    std::fs::write(carnet.path("mixed.json"), mixed).unwrap();
    std::fs::write(carnet.path("broken.json"), "{\"resourceType\":").unwrap();
    let files = [carnet.text_path("broken.json"), carnet.text_path("mixed.json"), carnet.text_path("absent.json")];
    let ended = carnet.run(&["import", &files[0], &files[1], &files[2]]).expect(FAILED);
    let account = ended.json();
    assert_eq!((count(&account, "entries"), count(&account, "imported")), (2, 1));
    assert_eq!(account["skipped"][0]["path"], "Bundle.entry[1].resource");
    assert!(account["skipped"][0]["reason"].as_str().unwrap().len() > 10);
    let errors: Vec<bool> = account["files"].as_array().unwrap().iter().map(|file| !file["error"].is_null()).collect();
    assert_eq!(errors, [true, false, true]);
}

/// A JPEG that says where it was taken (EXIF 2.32, 4.6.6), and no picture.
fn photo() -> Vec<u8> {
    let tiff: [u8; 44] = *b"MM\0\x2a\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0";
    let exif = [&b"Exif\0\0"[..], &tiff].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, 0xD8, 0xFF, 0xE1], &length[..], &exif, &[0xFF, 0xD9]].concat()
}

#[test]
fn where_a_picture_was_taken_is_left_out_where_that_is_wished() {
    let kept = |options: &[&str]| {
        let carnet = Carnet::new();
        std::fs::write(carnet.path("photo.jpg"), photo()).unwrap();
        let file = carnet.text_path("photo.jpg");
        let account = carnet.run(&[&["import", &file], options].concat()).expect(DONE).json();
        assert_eq!(account["imported"], 1, "{account:#}");
        // The picture is kept once, and not beside it as it came.
        let vault = carnet.path("wallet/vault");
        assert_eq!(std::fs::read_dir(vault.join("blobs")).unwrap().count(), 1);
        let id = carnet.run(&["records"]).expect(DONE).json()["records"][0]["id"].as_str().unwrap().to_owned();
        carnet.run(&["show", &id, "--original"]).expect(DONE).stdout
    };
    // The hash of the file that is kept stands in its record.
    assert_ne!(kept(&[]), kept(&["--strip-location"]));
    assert_eq!(kept(&["--strip-location"]), kept(&["--strip-location"]));
}

#[test]
fn a_table_is_shown_explained_and_remembered() {
    let carnet = Carnet::new();
    let table = |name: &str, rows: &str| {
        std::fs::write(carnet.path(name), format!("Wann;Wieviel;Wie\n{rows}")).unwrap();
        carnet.text_path(name)
    };
    let file = table("first.csv", "03.04.2026;71,5;nach dem Essen\n04.04.2026;71,2;\n");
    let refused = carnet.run_as_person(&["import", &file]).expect(FAILED).stdout;
    assert!(refused.contains("more than one way") && refused.contains("carnet table FILE"), "{refused}");
    // Looking needs neither vault nor passphrase.
    let shown = run_bare(&["table", &file]).expect(DONE).stdout;
    assert!(shown.contains("71,5 | 71,2") && shown.contains("--columns"), "{shown}");
    let explain = |more: &[&str]| carnet.run(&[&["table", &file, "--columns"], more].concat());
    explain(&["date,value"]).expect(FAILED);
    explain(&["date,value,note"]).expect(FAILED);
    explain(&["when,value,note"]).expect(USAGE);
    let account =
        explain(&["date,value,note", "--dates", "dmy", "--kind", "weight", "--unit", "kg", "--remember"]).expect(DONE);
    assert_eq!(account.json()["imported"], 2, "{}", account.stdout);
    let listed = carnet.run(&["records"]).expect(DONE).stdout;
    assert!(listed.contains("2026-04-03") && listed.contains("71.5"), "{listed}");
    // The next table with these headings is read without a word.
    let next = table("next.csv", "05.04.2026;70,9;\n");
    assert_eq!(carnet.run(&["import", &next]).expect(DONE).json()["imported"], 1);
}

#[test]
fn a_dry_run_needs_no_vault_and_no_passphrase() {
    let carnet = Carnet::empty();
    let file = carnet.hospital(60);
    std::fs::write(carnet.path("broken.json"), "{\"resourceType\":").unwrap();
    let accounts = run_bare(&["import", "--dry-run", "--json", &file]).expect(DONE).json();
    assert_eq!(accounts.as_array().map(Vec::len), Some(1));
    assert_eq!((&accounts[0]["entries"], &accounts[0]["imported"]), (&60.into(), &60.into()));
    assert!(accounts[0]["error"].is_null() && accounts[0]["skipped"].is_array());
    // A bad file has its account too; the exit code tells of it.
    let broken = carnet.text_path("broken.json");
    let accounts = run_bare(&["import", "--dry-run", "--json", &broken, &file]).expect(FAILED).json();
    assert!(accounts[0]["error"].is_string() && accounts[1]["error"].is_null());
    assert!(run_bare(&["import", "--dry-run", &file]).expect(DONE).stdout.contains("60 imported"));
    assert!(!carnet.path("wallet").exists());
}

#[test]
fn records_are_listed_found_and_shown() {
    let carnet = Carnet::with_records();
    let page = carnet.run(&["records", "--limit", "5"]).expect(DONE).json();
    assert_eq!(page["records"].as_array().unwrap().len(), 5);
    assert!(page["total"].as_u64().unwrap() >= 50);
    let category = page["categories"][0]["category"].as_str().unwrap();
    let some = carnet.run(&["records", "--category", category]).expect(DONE).json();
    assert_eq!(some["total"], page["categories"][0]["count"]);

    let line = &page["records"][0];
    let title = line["title"].as_str().unwrap();
    let word = title.split(|c: char| !c.is_alphanumeric()).max_by_key(|word| word.len()).unwrap();
    let found = carnet.run(&["search", word]).expect(DONE).json();
    let ids: Vec<&str> = found["records"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap()).collect();
    let id = line["id"].as_str().unwrap();
    assert!(ids.contains(&id), "{word} in {ids:?}");
    assert_eq!(carnet.run(&["search", "xyzzyplugh"]).expect(DONE).json()["total"], 0);

    assert_eq!(carnet.run(&["show", id]).expect(DONE).json()["line"]["title"], title);
    let original = carnet.run_as_person(&["show", id, "--original"]).expect(DONE).stdout;
    let hospital = std::fs::read_to_string(carnet.path("hospital.json")).unwrap();
    assert!(hospital.contains(&original), "the record is as it came, to the byte");
    assert_eq!(carnet.run(&["show", "999999"]).expect(FAILED).error(), "not_found");
}

#[test]
fn a_backup_brings_everything_back_with_the_words_alone() {
    let carnet = Carnet::with_records();
    let before = carnet.run(&["records", "--limit", "500"]).expect(DONE).json();
    carnet.run(&["backup", &carnet.text_path("backup.age")]).expect(DONE);
    let words = words(&carnet);
    let identity = carnet.run_as_person(&["phrase", "identity"]).expect(DONE).stdout;
    assert!(identity.starts_with("AGE-SECRET-KEY-1") && identity.lines().count() == 1);

    let other = Carnet::empty();
    std::fs::write(other.path("wrong"), words.split(' ').rev().collect::<Vec<_>>().join(" ")).unwrap();
    let backup = carnet.text_path("backup.age");
    let wrong = other.run(&["restore", &backup, "--words-file", &other.text_path("wrong")]);
    assert_eq!(wrong.expect(LOCKED).error(), "wrong_words");
    std::fs::write(other.path("words"), words).unwrap();
    other.run(&["restore", &backup, "--words-file", &other.text_path("words")]).expect(DONE);
    let after = other.run(&["records", "--limit", "500"]).expect(DONE).json();
    assert_eq!(after["total"], before["total"]);
    assert_eq!(after["categories"], before["categories"]);
}
