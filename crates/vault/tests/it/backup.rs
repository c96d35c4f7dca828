//! Backup and restore: everything comes back, nothing half, and a stock tool can open it.

use crate::shares::{grant, receipt};
use crate::support::{Made, NOW, Sample, import, import_with, made, options, passphrase, source};
use carnet_records::index::index_record;
use carnet_vault::{BackupFault, Batch, Error, Event, GrantStatus, PutRecord, RecordQuery, RecoveryPhrase, Vault};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A vault with something of everything, and a backup of it.
async fn backed_up() -> (Made, PathBuf) {
    let made = made().await;
    let (vault, me) = (&made.vault, made.me);
    let child = vault.add_profile("Léa", NOW).await.unwrap();
    import(vault, me, "a.json", &(0..300).map(|n| Sample::new(n, "Asthma")).collect::<Vec<_>>()).await;
    import(vault, me, "b.json", &[Sample::new(7, "Eczema"), Sample::new(8, "Asthma")]).await;
    import_with(vault, child, "c.json", &[Sample::new(7, "Measles")], Some(vec![b'%'; 200_000])).await;
    let record = vault.records(&RecordQuery::new(child)).await.unwrap()[0].id;
    vault.set_sensitivity(record, Some(&[carnet_records::sensitivity::Sensitivity::Hiv]), NOW).await.unwrap();
    // What is no JSON, what has its own white space, and a type that would like to leave its folder.
    let hostile = br#"{"resourceType":"../../etc/passwd","id":"x"}"#;
    let mut tx = vault.begin_import(me, source("d", b"d")).await.unwrap();
    for (number, original) in
        [b"%PDF \xff\n\n".as_slice(), b"{ \"resourceType\":\n\t\"Basic\" }\r\n", hostile].iter().enumerate()
    {
        let index = index_record(original).unwrap_or_else(|| index_record(hostile).unwrap());
        let put = PutRecord::new([number as u8; 32], original.to_vec(), index);
        tx.put(put).await.unwrap();
    }
    tx.commit("[]").await.unwrap();
    let mut batch = Batch::new(NOW);
    batch.put_grant(grant(1, me)).put_grant(grant(2, child)).put_receipt(receipt(1, 1)).put_receipt(receipt(1, 2));
    batch
        .set_grant_status(&grant(1, me).id, GrantStatus::Live)
        .queue_put("withdraw", vec![0, 255])
        .set_setting("x", Some("y"));
    vault.apply(batch).await.unwrap();
    let backup = made.dir.path().join("backup.age");
    let report = vault.backup(&backup, NOW).await.unwrap();
    assert_eq!((report.records, report.former), (304, 1));
    assert_eq!((report.attachments, report.attachments_lost), (1, 0));
    assert_eq!(report.bytes, fs::metadata(&backup).unwrap().len());
    (made, backup)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_back() {
    let (made, backup) = backed_up().await;
    let folder = made.dir.path().join("restored");
    let restored = Vault::restore(&backup, &folder, &made.phrase, &passphrase("new"), &options()).await.unwrap();
    assert!(restored.dump().await.unwrap() == made.vault.dump().await.unwrap());
    assert_ne!(restored.id(), made.vault.id());
    for query in [RecordQuery::new(made.me), RecordQuery { text: Some("ecz".into()), ..RecordQuery::new(made.me) }] {
        assert!(restored.records(&query).await.unwrap() == made.vault.records(&query).await.unwrap());
    }
    let eczema = RecordQuery { text: Some("ecz".into()), ..RecordQuery::new(made.me) };
    let id = restored.records(&eczema).await.unwrap()[0].id;
    assert_eq!(restored.record(id).await.unwrap(), made.vault.record(id).await.unwrap());
    assert_eq!(restored.queue_due(NOW).await.unwrap(), made.vault.queue_due(NOW).await.unwrap());
    assert_eq!(restored.imports(99).await.unwrap(), made.vault.imports(99).await.unwrap());

    // The old device's history came along, and the new device goes on from it.
    assert_eq!(restored.verify_journal().await.unwrap().fault, None);
    let heads: Vec<_> = made.vault.journal_heads().await.unwrap().iter().map(|head| head.device).collect();
    let newest = &restored.journal(1).await.unwrap()[0];
    assert!(matches!(&newest.event, Event::Restored { heads, .. } if heads.len() == 1) && newest.device != heads[0]);
    assert!(restored.check().await.unwrap().is_sound());
    import(&restored, made.me, "e.json", &[Sample::new(900, "Gout")]).await;

    // And a backup of what was restored holds the same again.
    let second = made.dir.path().join("second.age");
    restored.backup(&second, NOW).await.unwrap();
    let dump = restored.dump().await.unwrap();
    restored.close().await.unwrap();
    let folder = made.dir.path().join("twice");
    let twice = Vault::restore(&second, &folder, &made.phrase, &passphrase("new"), &options()).await.unwrap();
    assert!(twice.dump().await.unwrap() == dump);
    assert_eq!(twice.journal_heads().await.unwrap().len(), 3);
    assert_eq!(twice.verify_journal().await.unwrap().fault, None);
    twice.close().await.unwrap();
    Vault::open(&folder, &passphrase("new"), NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_or_foreign_backups_restore_nothing() {
    let (made, backup) = backed_up().await;
    let folder = made.dir.path().join("restored");
    let restore = async |phrase: &RecoveryPhrase| {
        let result = Vault::restore(&backup, &folder, phrase, &passphrase("new"), &options()).await;
        assert!(!folder.exists() && !made.dir.path().join("restored.new").exists());
        result.map(drop)
    };
    let other = RecoveryPhrase::make().unwrap();
    assert!(matches!(restore(&other).await, Err(Error::WrongPhrase)));

    let good = fs::read(&backup).unwrap();
    for at in [0, 150, 300, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&backup, &bad).unwrap();
        let result = restore(&made.phrase).await;
        assert!(matches!(result, Err(Error::Backup(_) | Error::WrongPhrase)), "byte {at}: {result:?}");
    }
    for length in [0, 100, 400, good.len() / 2, good.len() - 1] {
        fs::write(&backup, &good[..length]).unwrap();
        let result = restore(&made.phrase).await;
        assert!(matches!(result, Err(Error::Backup(_))), "{length} bytes: {result:?}");
    }
    fs::write(&backup, b"PK\x03\x04").unwrap();
    assert!(matches!(restore(&made.phrase).await, Err(Error::Backup(BackupFault::NotABackup))));
    let nowhere = made.dir.path().join("nowhere.age");
    let result = Vault::restore(&nowhere, &folder, &made.phrase, &passphrase("x"), &options()).await;
    assert!(matches!(result, Err(Error::Io { .. })));
    fs::write(&backup, &good).unwrap();
    restore_into_used_folder(&made, &backup).await;
}

async fn restore_into_used_folder(made: &Made, backup: &std::path::Path) {
    let result = Vault::restore(backup, &made.folder(), &made.phrase, &passphrase("x"), &options()).await;
    assert!(matches!(result, Err(Error::Exists)));
}

/// Backups that open but do not agree with themselves, as a faulty or hostile program would write them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inconsistent_backups_are_refused() {
    let (made, backup) = backed_up().await;
    let identity: age::x25519::Identity = made.phrase.expose_identity().unwrap().expose_secret().parse().unwrap();
    let plain = age::decrypt(&identity, &fs::read(&backup).unwrap()).unwrap();
    let mut files = Vec::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(plain.as_slice()));
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        files.push((name, bytes));
    }
    type Files = Vec<(String, Vec<u8>)>;
    type Spoil = fn(&mut Files, usize);
    let position = |files: &Files, name: &str| files.iter().position(|(n, _)| n.starts_with(name)).unwrap();
    let spoil: [(&str, Spoil); 12] = [
        ("fhir/1/Condition", |files, at| files[at].1[40] ^= 1),
        ("fhir/1/Condition", |files, at| drop(files.remove(at))),
        ("carnet/fhir/1/Condition", |files, at| drop(files.remove(at))),
        ("carnet/backup.json", |files, at| drop(files.remove(at))),
        ("carnet/profiles", |files, at| files[at].1 = b"[1]\n".to_vec()),
        ("carnet/journal", |files, at| files[at].1 = b"{}\n".to_vec()),
        ("carnet/settings", |files, at| files[at].0 = "../settings".into()),
        ("fhir/2/", |files, at| files[at].1.push(b'\n')),
        ("attachments/", |files, at| files[at].1[5] ^= 1),
        ("attachments/", |files, at| files[at].1.push(b'x')),
        ("attachments/", |files, at| files.insert(at, files[at].clone())),
        ("carnet/attachments", |files, at| drop(files.remove(at))),
    ];
    for (round, (name, spoil)) in spoil.into_iter().enumerate() {
        let mut changed = files.clone();
        let at = position(&changed, name);
        spoil(&mut changed, at);
        // The list of contents agrees with the change, so only the content itself can tell.
        let manifest = changed.pop().unwrap().0;
        let list: Vec<_> = changed
            .iter()
            .map(|(name, bytes)| {
                let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                serde_json::json!({"name": name, "bytes": bytes.len(), "sha256": sha256})
            })
            .collect();
        changed.push((manifest, serde_json::to_vec(&list).unwrap()));
        fs::write(&backup, pack(&identity, &changed)).unwrap();
        let folder = made.dir.path().join("restored");
        let result = Vault::restore(&backup, &folder, &made.phrase, &passphrase("x"), &options()).await;
        assert!(
            matches!(result, Err(Error::Backup(BackupFault::Inconsistent) | Error::NewerFormat)),
            "{round} {name}: {result:?}"
        );
        assert!(!folder.exists());
    }
    // Unchanged but for a list of contents that tells of something else.
    let mut changed = files.clone();
    let last = changed.len() - 1;
    changed[last].1 = b"[]".to_vec();
    fs::write(&backup, pack(&identity, &changed)).unwrap();
    let folder = made.dir.path().join("restored");
    let result = Vault::restore(&backup, &folder, &made.phrase, &passphrase("x"), &options()).await;
    assert!(matches!(result, Err(Error::Backup(BackupFault::Inconsistent))), "{result:?}");
    fs::write(&backup, pack(&identity, &files)).unwrap();
    Vault::restore(&backup, &folder, &made.phrase, &passphrase("x"), &options()).await.unwrap();
}

fn pack(identity: &age::x25519::Identity, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).unwrap();
    }
    age::encrypt(&identity.to_public(), &tar.into_inner().unwrap().finish().unwrap()).unwrap()
}

/// What a patient does whose software is gone: the stock `age` tool, `tar`, and any reader of FHIR.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_tools_open_a_backup() {
    if Command::new("age").arg("--version").output().is_err() {
        println!("skipped: the age tool is not installed");
        return;
    }
    let (made, backup) = backed_up().await;
    let identity = made.dir.path().join("identity.txt");
    fs::write(&identity, made.phrase.expose_identity().unwrap().expose_secret()).unwrap();
    let plain = Command::new("age").arg("-d").arg("-i").arg(&identity).arg(&backup).output().unwrap();
    assert!(plain.status.success(), "{}", String::from_utf8_lossy(&plain.stderr));
    let out = made.dir.path().join("unpacked");
    fs::create_dir(&out).unwrap();
    let archive = made.dir.path().join("backup.tar.gz");
    fs::write(&archive, &plain.stdout).unwrap();
    let tar = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&out).output().unwrap();
    assert!(tar.status.success(), "{}", String::from_utf8_lossy(&tar.stderr));

    let conditions = fs::read_to_string(out.join("fhir/1/Condition.0001.ndjson")).unwrap();
    assert_eq!(conditions.lines().count(), 300);
    for line in conditions.lines() {
        let resource: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(resource["resourceType"], "Condition");
    }
    assert_eq!(fs::read_to_string(out.join("former/1/Condition.0001.ndjson")).unwrap().lines().count(), 1);
    assert!(out.join("README.txt").exists());
    let attachment = fs::read_dir(out.join("attachments")).unwrap().next().unwrap().unwrap();
    assert_eq!(fs::read(attachment.path()).unwrap(), vec![b'%'; 200_000]);
    assert!(attachment.file_name().to_string_lossy().ends_with(".txt"));
    // The list of contents is what `sha256sum` finds.
    let manifest: Vec<serde_json::Value> =
        serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    for file in manifest {
        let bytes = fs::read(out.join(file["name"].as_str().unwrap())).unwrap();
        let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file["sha256"], sha256);
    }
    // The identity belongs to the vault's own recovery slot, too.
    let slot =
        Command::new("age").arg("-d").arg("-i").arg(&identity).arg(made.folder().join("keys/recovery.age")).output();
    assert!(slot.unwrap().status.success());
}
