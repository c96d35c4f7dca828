//! Attachments: stored once, read back checked, part of an import, a backup and a check; and what comes with records from
//! other formats.

use crate::support::{Made, NOW, Sample, import, import_scans, made, options, passphrase, scan, source};
use carnet_records::convert::{Signed, SignedForm};
use carnet_records::import::attachments::SMALLEST;
use carnet_records::index::index_record;
use carnet_records::sensitivity::Sensitivity;
use carnet_vault::{AttachmentFault, AttachmentOutcome, Error, Event, PutOutcome, PutRecord, RecordQuery, Vault};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Imports bytes as one file that brings only an attachment.
async fn attach(made: &Made, file: &str, bytes: &'static [u8]) -> AttachmentOutcome {
    let mut tx = made.vault.begin_import(made.me, source(file, bytes)).await.unwrap();
    let outcome = tx.put_attachment(sha256(bytes), "application/pdf", bytes).await.unwrap();
    tx.commit("{}").await.unwrap();
    outcome
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder.join("blobs")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn stored_once_and_read_back_whole() {
    let made = made().await;
    assert_eq!(attach(&made, "a.pdf", b"%PDF-1.7 one").await, AttachmentOutcome::Stored);
    assert_eq!(attach(&made, "b.pdf", b"%PDF-1.7 one").await, AttachmentOutcome::AlreadyPresent);
    assert_eq!(attach(&made, "c.pdf", b"").await, AttachmentOutcome::Stored);
    assert_eq!(files(&made.folder()), 2);
    let hash = sha256(b"%PDF-1.7 one");
    assert_eq!(made.vault.attachment(&hash).await.unwrap(), b"%PDF-1.7 one");
    assert_eq!(made.vault.attachment(&sha256(b"")).await.unwrap(), b"");
    let row = made.vault.attachment_row(&hash).await.unwrap();
    assert_eq!(
        (row.size, row.media_type.as_str(), row.import),
        (12, "application/pdf", made.vault.imports(9).await.unwrap()[2].id)
    );
    assert!(matches!(made.vault.attachment(&[1; 32]).await, Err(Error::NoSuch("attachment"))));

    // It is read a piece at a time, too, and outlasts a lock.
    let out = made.dir.path().join("out.pdf");
    let size = made.vault.copy_attachment(&hash, fs::File::create(&out).unwrap()).await.unwrap();
    assert_eq!((size, fs::read(&out).unwrap().as_slice()), (12, b"%PDF-1.7 one".as_slice()));
    let folder = made.folder();
    made.vault.close().await.unwrap();
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    assert_eq!(vault.attachment(&hash).await.unwrap(), b"%PDF-1.7 one");

    vault.remove_attachment(&hash, NOW).await.unwrap();
    assert!(matches!(vault.remove_attachment(&hash, NOW).await, Err(Error::NoSuch("attachment"))));
    assert_eq!((vault.attachments().await.unwrap().len(), files(&folder)), (1, 1));
    assert!(
        matches!(&vault.journal(1).await.unwrap()[0].event, Event::AttachmentRemoved { attachment } if attachment.0 == hash)
    );
    assert!(vault.check().await.unwrap().is_sound());
}

/// Gives some bytes and then fails, as a file on a stick that is pulled out.
struct Pulled(usize);

impl Read for Pulled {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::NotConnected)?;
        Ok(buffer.len())
    }
}

#[tokio::test]
async fn what_is_not_committed_never_was_and_one_bad_attachment_spoils_nothing() {
    let made = made().await;
    let mut dropped = made.vault.begin_import(made.me, source("a", b"a")).await.unwrap();
    dropped.put_attachment(sha256(b"x"), "text/plain", b"x".as_slice()).await.unwrap();
    assert_eq!(files(&made.folder()), 1);
    drop(dropped);
    assert_eq!((files(&made.folder()), made.vault.attachments().await.unwrap().len()), (0, 0));

    let mut tx = made.vault.begin_import(made.me, source("a", b"a")).await.unwrap();
    let pulled = tx.put_attachment([1; 32], "text/plain", Pulled(5)).await;
    assert!(matches!(pulled, Err(Error::Attachment(AttachmentFault::Unreadable))), "{pulled:?}");
    let other = tx.put_attachment([1; 32], "text/plain", b"other".as_slice()).await;
    assert!(matches!(other, Err(Error::Attachment(AttachmentFault::Different))), "{other:?}");
    tx.put_attachment(sha256(b"y"), "text/plain", b"y".as_slice()).await.unwrap();
    tx.commit("{}").await.unwrap();
    let rows = made.vault.attachments().await.unwrap();
    assert_eq!((rows.len(), rows[0].sha256), (1, sha256(b"y")));
    // The file of the one that was different goes with the next unlock at the latest.
    let folder = made.folder();
    drop(made.vault);
    Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    assert_eq!(files(&folder), 1);
}

#[tokio::test]
async fn lost_and_damaged_files_are_told_and_come_back_with_their_source() {
    let made = made().await;
    attach(&made, "a.pdf", b"one").await;
    attach(&made, "b.pdf", b"two").await;
    let blobs = made.folder().join("blobs");
    for entry in fs::read_dir(&blobs).unwrap().map(Result::unwrap) {
        let mut bytes = fs::read(entry.path()).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(entry.path(), bytes).unwrap();
    }
    let damaged = made.vault.attachment(&sha256(b"one")).await;
    assert!(matches!(damaged, Err(Error::Attachment(AttachmentFault::Damaged))), "{damaged:?}");
    assert_eq!(made.vault.check().await.unwrap().attachments.len(), 2);
    fs::remove_dir_all(&blobs).unwrap();
    let missing = made.vault.attachment(&sha256(b"two")).await;
    assert!(matches!(missing, Err(Error::Attachment(AttachmentFault::Missing))), "{missing:?}");

    // A backup is made all the same, and the vault made from it tells what is lost.
    let backup = made.dir.path().join("backup.age");
    let report = made.vault.backup(&backup, NOW).await.unwrap();
    assert_eq!((report.attachments, report.attachments_lost), (0, 2));
    let restored = made.dir.path().join("restored");
    let vault = Vault::restore(&backup, &restored, &made.phrase, &passphrase("x"), &options()).await.unwrap();
    assert_eq!(vault.check().await.unwrap().attachments.len(), 2);
    assert_eq!(attach(&made, "a.pdf", b"one").await, AttachmentOutcome::Stored);
    assert_eq!(made.vault.attachment(&sha256(b"one")).await.unwrap(), b"one");
    assert_eq!(made.vault.check().await.unwrap().attachments, [sha256(b"two")]);
}

fn signed() -> Signed {
    Signed {
        form: SignedForm::HealthCard,
        issuer: "https://issuer.example".into(),
        name: Some("Example Clinic".into()),
        key_id: "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s".into(),
        listed: true,
        checked_at: NOW,
    }
}

#[tokio::test]
async fn place_and_signature_stay_with_their_version_and_can_be_asked_for() {
    let made = made().await;
    let (plain, _) = import(&made.vault, made.me, "a.json", &[Sample::new(1, "Asthma"), Sample::new(2, "Gout")]).await;
    let sample = Sample::new(2, "Gout, signed");
    let original = sample.original();
    let signed = signed();
    let mut tx = made.vault.begin_import(made.me, source("card", b"card")).await.unwrap();
    let put = PutRecord {
        place: Some("entry 1".to_owned()),
        signed: Some(signed.clone()),
        ..PutRecord::new(sample.identity(), original.clone(), index_record(&original).unwrap())
    };
    tx.put(put).await.unwrap();
    let card = tx.commit("{}").await.unwrap();

    let all = RecordQuery::new(made.me);
    let titles = async |query: RecordQuery| -> Vec<String> {
        made.vault.records(&query).await.unwrap().into_iter().map(|row| row.index.title).collect()
    };
    assert_eq!(titles(RecordQuery { signed: Some(true), ..all.clone() }).await, ["Gout, signed"]);
    assert_eq!(titles(RecordQuery { signed: Some(false), ..all.clone() }).await, ["Asthma"]);
    assert_eq!(titles(RecordQuery { import: Some(card), ..all.clone() }).await, ["Gout, signed"]);
    assert_eq!(titles(RecordQuery { import: Some(plain), ..all.clone() }).await, ["Asthma"]);
    assert_eq!(titles(RecordQuery { status: Some("nothing".into()), ..all.clone() }).await, [""; 0]);
    let day = made.vault.records(&all).await.unwrap().into_iter().find(|row| row.index.title == "Asthma").unwrap();
    let (since, until) = (Some(day.index.sort_key), Some(day.index.sort_key + 1));
    assert_eq!(titles(RecordQuery { since, until, ..all.clone() }).await, ["Asthma"]);
    assert_eq!(titles(RecordQuery { until: since, ..all.clone() }).await, [""; 0]);

    let row = made.vault.records(&RecordQuery { signed: Some(true), ..all }).await.unwrap().remove(0);
    assert_eq!((row.place.as_deref(), row.signed.as_ref(), row.import), (Some("entry 1"), Some(&signed), card));
    let detail = made.vault.record(row.id).await.unwrap();
    let history: Vec<_> = detail.versions.iter().map(|v| (v.version, v.place.as_deref(), v.signed.is_some())).collect();
    assert_eq!(history, [(1, None, false), (2, Some("entry 1"), true)]);
    assert_eq!(detail.versions[0].sources[0].import, plain);
}

#[tokio::test]
async fn the_patients_word_on_sensitivity_counts_and_outlasts_corrections() {
    let made = made().await;
    import(&made.vault, made.me, "a.json", &[Sample::new(1, "Asthma")]).await;
    let all = RecordQuery::new(made.me);
    let row = async || made.vault.records(&all).await.unwrap().remove(0);
    let id = row().await.id;
    assert!(row().await.index.sensitivity.is_empty() && !row().await.sensitivity_chosen);
    made.vault.set_sensitivity(id, Some(&[Sensitivity::Hiv]), NOW).await.unwrap();
    assert_eq!((row().await.index.sensitivity, row().await.sensitivity_chosen), (vec![Sensitivity::Hiv], true));
    import(&made.vault, made.me, "b.json", &[Sample::new(1, "Mild asthma")]).await;
    made.vault.rebuild_index().await.unwrap();
    assert_eq!(
        (row().await.index.sensitivity, row().await.index.title.as_str()),
        (vec![Sensitivity::Hiv], "Mild asthma")
    );
    let sensitive = async |sensitive| {
        let query = RecordQuery { sensitive: Some(sensitive), ..all.clone() };
        made.vault.records(&query).await.unwrap().len()
    };
    assert_eq!((sensitive(true).await, sensitive(false).await), (1, 0));
    made.vault.set_sensitivity(id, Some(&[]), NOW).await.unwrap();
    assert_eq!((sensitive(true).await, sensitive(false).await, row().await.sensitivity_chosen), (0, 1, true));
    made.vault.set_sensitivity(id, None, NOW).await.unwrap();
    assert!(!row().await.sensitivity_chosen);
    assert!(matches!(made.vault.set_sensitivity(999, None, NOW).await, Err(Error::NoSuch("record"))));
    let newest = &made.vault.journal(1).await.unwrap()[0];
    assert!(matches!(&newest.event, Event::SensitivityChosen { labels: None, .. }) && newest.profile == Some(made.me));
    assert_eq!(made.vault.verify_journal().await.unwrap().fault, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_data_inside_records_are_kept_once_and_the_records_stay_exact() {
    let made = made().await;
    let (one, other, same) = (scan("one", 1), scan("other", 2), scan("same", 1));
    let outcomes = import_scans(&made.vault, made.me, "a.json", &[one.clone(), other.clone(), same.clone()]).await;
    assert_eq!(outcomes, [PutOutcome::Imported; 3]);
    assert_eq!(
        import_scans(&made.vault, made.me, "b.json", std::slice::from_ref(&same)).await,
        [PutOutcome::AlreadyPresent]
    );
    assert_eq!(files(&made.folder()), 2);
    assert_eq!(made.vault.attachment(&sha256(&vec![2; SMALLEST])).await.unwrap(), vec![2; SMALLEST]);
    let all = RecordQuery::new(made.me);
    let slim = made.vault.slim(&all).await.unwrap();
    assert!(slim.iter().all(|record| record.original.len() < 500 && record.row.sha256 != sha256(&record.original)));
    let exact = async |vault: &Vault| {
        let mut originals: Vec<_> =
            vault.originals(&all).await.unwrap().into_iter().map(|record| record.original).collect();
        originals.sort();
        originals
    };
    let mut expected = [one.clone(), other.clone(), same];
    expected.sort();
    assert_eq!(exact(&made.vault).await, expected);
    assert!(made.vault.check().await.unwrap().is_sound());
    assert_eq!(made.vault.rebuild_index().await.unwrap(), 3);

    let backup = made.dir.path().join("backup.age");
    made.vault.backup(&backup, NOW).await.unwrap();
    let folder = made.dir.path().join("restored");
    let restored = Vault::restore(&backup, &folder, &made.phrase, &passphrase("x"), &options()).await.unwrap();
    assert_eq!(restored.dump().await.unwrap(), made.vault.dump().await.unwrap());
    assert!(restored.slim(&all).await.unwrap().iter().all(|record| record.original.len() < 500));
    assert!(restored.check().await.unwrap().is_sound());

    // One scan is lost: its record says so, the others and the backup go on, and its source brings it back.
    made.vault.remove_attachment(&sha256(&vec![2; SMALLEST]), NOW).await.unwrap();
    let id = made.vault.slim(&all).await.unwrap().iter().find(|r| r.row.sha256 == sha256(&other)).unwrap().row.id;
    let lost = made.vault.original(id).await;
    assert!(matches!(lost, Err(Error::Attachment(AttachmentFault::Missing))), "{lost:?}");
    assert_eq!(made.vault.verify_journal().await.unwrap().fault, None);
    made.vault.backup(&backup, NOW).await.unwrap();
    let folder = made.dir.path().join("restored again");
    let restored = Vault::restore(&backup, &folder, &made.phrase, &passphrase("x"), &options()).await.unwrap();
    assert!(matches!(restored.original(id).await, Err(Error::Attachment(AttachmentFault::Missing))));
    assert_eq!(restored.slim(&all).await.unwrap().len(), 3);
    assert_eq!(
        import_scans(&made.vault, made.me, "c.json", std::slice::from_ref(&other)).await,
        [PutOutcome::AlreadyPresent]
    );
    assert_eq!(made.vault.original(id).await.unwrap(), other);
    assert_eq!(exact(&made.vault).await, expected);
}
