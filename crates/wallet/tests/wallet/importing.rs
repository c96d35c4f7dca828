//! Importing through the wallet: every entry accounted for, bad files alone, stopping, hostile input.

use crate::support::{Listener, options, passphrase, write_patient};
use carnet_wallet::bridge::{CountUnit, Event, FileProgress, FileState, ImportAccount, RecordFilter};
use carnet_wallet::{DocumentOptions, Quiet, Wallet};
use std::path::PathBuf;
use std::sync::Arc;

async fn empty(folder: &std::path::Path) -> Wallet {
    let wallet = Wallet::new(folder.join("wallet"), options());
    wallet.create(&passphrase(), "").await.unwrap();
    wallet
}

fn adds_up(account: &ImportAccount) -> bool {
    let skipped = account.skipped.len() as u64;
    account.imported + account.already_present + account.narrative_only + skipped == account.entries
}

async fn total(wallet: &Wallet) -> u64 {
    wallet.records(&RecordFilter::default()).await.unwrap().total
}

#[tokio::test(flavor = "multi_thread")]
async fn importing_twice_changes_nothing_and_both_accounts_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let file = write_patient(folder.path(), 5, 700);
    let listener = Listener::new(|_: &Event| {});
    let first = wallet.import(std::slice::from_ref(&file), &listener).await.unwrap().remove(0);
    assert_eq!((first.entries, first.error.as_deref()), (700, None));
    assert!(adds_up(&first) && first.imported >= 690, "{first:?}");
    assert_eq!(first.format, "FHIR R4 Bundle (collection)");
    let held = total(&wallet).await;
    assert_eq!(held, first.imported + first.narrative_only);

    let heard = listener.heard();
    let progress: Vec<_> = heard
        .iter()
        .filter_map(|event| match event {
            Event::ImportFile(FileProgress { state: FileState::Reading { done, total, unit }, .. }) => {
                (*unit == CountUnit::Entries).then_some((*done, *total))
            }
            _ => None,
        })
        .collect();
    assert_eq!(progress.last(), Some(&(700, 700)));
    assert!(progress.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    assert!(matches!(heard.last(), Some(Event::ImportEnded(run)) if run.reports[0].account == first));

    let second = wallet.import(&[file], &Quiet).await.unwrap().remove(0);
    assert_eq!((second.imported, second.already_present), (0, 700));
    assert_eq!(total(&wallet).await, held);
    let kept = wallet.import_reports().await.unwrap();
    assert_eq!(kept.into_iter().map(|report| report.account).collect::<Vec<_>>(), [second, first]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_keeps_no_other_out() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut paths = vec![
        folder.path().join("missing.json"),
        folder.path().join("wallet"),
        file("empty.json", b""),
        file("page.html", b"<!doctype html>"),
        file("cut.json", br#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Pa"#),
        file("deep.json", &[b"[".repeat(200_000), b"]".repeat(200_000)].concat()),
        file("bomb.json.gz", &gzip_of_zeros(64 << 20)),
    ];
    if cfg!(unix) {
        paths.push(PathBuf::from("/dev/zero"));
    }
    let bad = paths.len();
    paths.push(write_patient(folder.path(), 5, 40));
    let accounts = wallet.import(&paths, &Quiet).await.unwrap();
    for account in &accounts[..bad] {
        assert!(account.error.is_some() && account.imported == 0, "{account:?}");
    }
    assert_eq!((accounts[bad].error.as_deref(), accounts[bad].entries), (None, 40));
    assert_eq!(total(&wallet).await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_entry_keeps_no_other_out() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let path = folder.path().join("mixed.json");
    let bundle = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Condition","id":"c","code":{"text":"Asthma"}}},
        {"resource":"nothing"}, {}, {"resource":{"id":"untyped"}},
        {"resource":{"resourceType":"Observation","id":"o","code":{"text":"Weight"},"valueQuantity":{"value":72.50,"unit":"kg"}}}]}"#;
    std::fs::write(&path, bundle).unwrap();
    let account = wallet.import(&[path], &Quiet).await.unwrap().remove(0);
    assert!(adds_up(&account), "{account:?}");
    assert_eq!((account.imported, account.skipped.len()), (2, 3));
    assert_eq!(account.skipped[0].path, "Bundle.entry[1].resource");
    let page = wallet.records(&RecordFilter { text: "weig".into(), ..RecordFilter::default() }).await.unwrap();
    assert_eq!((page.total, page.lines[0].detail.as_str()), (1, "72.50 kg"));
    let record = wallet.record(&page.lines[0].id).await.unwrap();
    assert!(record.original.contains(r#""value":72.50"#), "numbers keep their text");
    assert_eq!((record.source.as_str(), record.versions), ("mixed.json", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_undoes_the_current_file_and_leaves_those_before() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Arc::new(empty(folder.path()).await);
    let small = write_patient(folder.path(), 1, 30);
    let large = write_patient(folder.path(), 2, 6000);
    let next = write_patient(folder.path(), 3, 30);
    let stopper = Arc::clone(&wallet);
    let listener = Listener::new(move |event: &Event| {
        let Event::ImportFile(FileProgress { number: 1, state }) = event else { return };
        if matches!(state, FileState::Reading { done: 1.., unit: CountUnit::Entries, .. }) {
            stopper.cancel_import();
        }
    });
    let accounts = wallet.import(&[small, large, next], &listener).await.unwrap();
    assert_eq!(accounts.len(), 2, "the file after the stopped one is not begun");
    assert_eq!(accounts[0].error, None);
    assert!(accounts[1].error.as_deref().is_some_and(|error| error.contains("stopped")), "{accounts:?}");
    assert_eq!(total(&wallet).await, 30);
    assert_eq!(wallet.import_reports().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_stands_for_its_files_and_a_dry_run_says_the_same_beforehand() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let inside = folder.path().join("records");
    std::fs::create_dir_all(inside.join("2020")).unwrap();
    write_patient(&inside, 7, 50);
    std::fs::rename(write_patient(&inside, 8, 30), inside.join("2020/b.json")).unwrap();
    std::fs::write(inside.join("notes.html"), "<!doctype html>").unwrap();
    let limits = carnet_wallet::WalletOptions::default().import_limits;
    let dry = carnet_wallet::dry_run(std::slice::from_ref(&inside), &limits).await.unwrap();
    let mut dry: Vec<_> = dry.into_iter().map(|report| report.account).collect();
    assert_eq!(total(&wallet).await, 0, "nothing was imported");
    let mut done = wallet.import(&[inside], &Quiet).await.unwrap();
    assert_eq!(done.iter().map(|account| account.file.as_str()).next(), Some("2020/b.json"));
    assert_eq!(done.iter().filter(|account| account.error.is_some()).count(), 1);
    assert_eq!(total(&wallet).await, 80);
    for account in dry.iter_mut().chain(&mut done) {
        account.at = 0;
    }
    assert_eq!(dry, done);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_be_asked_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let inside = folder.path().join("files");
    std::fs::create_dir_all(inside.join("letters")).unwrap();
    std::fs::write(inside.join("letters/table.csv"), "taken,reading\n01/02/2026,72.5\n").unwrap();
    let url =
        smart_health::ManifestUrl::new("https://health.example.org/shl/q7ZrTn2vXw9bKc4mLd8sFg1hJk6pYt3uEo5iAaBvCxD")
            .unwrap();
    let key = smart_health::ContentKey::from_bytes([7; 32]);
    let link = smart_health::SmartHealthLink::new(url, key, None, smart_health::Flags::default(), None, None).unwrap();
    std::fs::write(inside.join("note.txt"), link.to_uri()).unwrap();
    let listener = Listener::new(|_: &Event| {});
    let reports = wallet.import_files(&[inside], DocumentOptions::default(), &listener).await.unwrap().reports;
    assert_eq!(reports[0].account.file, "letters/table.csv");
    assert!(reports.iter().all(|report| report.account.error.is_some()), "{reports:?}");
    assert!(reports[1].links.len() == 1 && reports[1].links[0].question.is_empty(), "named, not asked about");
    let asks = |event: &Event| matches!(event, Event::ImportFile(file) if matches!(file.state, FileState::Asks(_)));
    assert!(!listener.heard().iter().any(asks));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_kept_that_records_were_made_from() {
    use sha2::Digest as _;
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let xml =
        r#"<Condition xmlns="http://hl7.org/fhir"><id value="c"/><code><text value="Asthma"/></code></Condition>"#;
    let path = folder.path().join("condition.xml");
    std::fs::write(&path, xml).unwrap();
    let json = write_patient(folder.path(), 5, 20);
    let listener = Listener::new(|_: &Event| {});
    for round in 0..2 {
        let accounts = wallet.import(&[path.clone(), json.clone()], &listener).await.unwrap();
        let account = &accounts[0];
        assert!(adds_up(account) && account.error.is_none(), "{account:?}");
        assert_eq!((account.entries, account.imported), (1, 1 - round));
        let sha256 = sha2::Sha256::digest(xml).into();
        let kept = wallet.attachment(&sha256).await.unwrap();
        assert_eq!(kept, ("application/fhir+xml".to_owned(), xml.as_bytes().to_vec()));
    }
    let sha256 = sha2::Sha256::digest(std::fs::read(&json).unwrap()).into();
    assert!(wallet.attachment(&sha256).await.is_err(), "records that are the file's own bytes are kept once");
    // Once more after a lock, from the disk.
    wallet.lock().await.unwrap();
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(wallet.attachment(&sha2::Sha256::digest(xml).into()).await.unwrap().1, xml.as_bytes());
}

/// A gzip file of zero bytes, a thousandth of their number.
fn gzip_of_zeros(bytes: usize) -> Vec<u8> {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(b"{\"resourceType\":\"Bundle\"").unwrap();
    gzip.write_all(&vec![b' '; bytes]).unwrap();
    gzip.finish().unwrap()
}

/// The codes of a card that is too long for one, as three.
fn parts_of_a_card() -> Vec<String> {
    let key = smart_health::card::SigningKey::from_bytes([7; 32]).unwrap();
    // What does not pack.
    let noise: String = (0..1500_u64)
        .scan(7_u64, |state, _| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Some(char::from(b'a' + u8::try_from(*state >> 59).unwrap() % 26))
        })
        .collect();
    let jws = key.sign(&serde_json::json!({
        "iss": "https://clinic.example/shc", "nbf": 1_700_000_000,
        "vc": { "type": [smart_health::card::HEALTH_CARD], "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
            "resourceType": "Bundle", "type": "collection", "entry": [
                { "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "name": [{ "family": "Example", "text": noise }], "birthDate": "1970-01-01" } },
                { "fullUrl": "resource:1", "resource": { "resourceType": "Immunization", "status": "completed",
                    "patient": { "reference": "resource:0" }, "occurrenceDateTime": "2021-01-01",
                    "vaccineCode": { "coding": [{ "system": "http://hl7.org/fhir/sid/cvx", "code": "207" }] } } },
            ],
        } } },
    }));
    let digits: String = jws.bytes().map(|byte| format!("{:02}", byte - 45)).collect();
    let each = digits.len().div_ceil(6) * 2;
    let parts = digits.as_bytes().chunks(each).zip(1..);
    parts.map(|(digits, at)| format!("shc:/{at}/3/{}", std::str::from_utf8(digits).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_vault_the_parts_of_a_card_say_the_same_as_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let write = |(number, part): (usize, String)| {
        let path = folder.path().join(format!("part {number}.txt"));
        std::fs::write(&path, part).unwrap();
        path
    };
    let files: Vec<PathBuf> = parts_of_a_card().into_iter().enumerate().map(write).collect();
    let dry = carnet_wallet::dry_run(&files, &options().import_limits).await.unwrap();
    let real = wallet.import_files(&files, DocumentOptions::default(), &Quiet).await.unwrap().reports;
    for (dry, real) in dry.iter().zip(&real) {
        assert_eq!(dry.account.skipped, real.account.skipped);
        assert_eq!((dry.account.imported, dry.account.entries), (real.account.imported, real.account.entries));
        assert_eq!(dry.notes, real.notes);
    }
    assert!(dry[0].account.skipped[0].reason.contains("Parts 2 and 3 are still missing"), "{dry:?}");
    assert!(dry[2].account.skipped.is_empty() && dry[2].account.imported > 2, "{dry:?}");
    // Another run begins with nothing.
    let alone = carnet_wallet::dry_run(&files[2..], &options().import_limits).await.unwrap();
    assert_eq!(alone[0].account.skipped.len(), 1);
}
