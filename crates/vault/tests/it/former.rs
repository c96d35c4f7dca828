//! What former versions wrote can be read for ever: a vault and a backup of each form, checked in as they were written.
//!
//! `tests/former/v1` was written by the first version, `v2` by the one that brought attachments, `v3` by the one that keeps
//! large data inside records there too, `v4` by the one that knows when a source changed a record, `v5` by the one that
//! keeps what a share was before it was signed anew, `v6` by the one whose shares may be large, `v7` by the one that
//! knows as of when a file told a record, `v8` by the one whose pages are larger: passphrase `right`, recovery words in `words.txt`, expected content in `dump.txt`. They are never written again; a new form gets a new
//! folder.

use crate::shares::{grant, receipt, renewed};
use crate::support::{Made, NOW, Sample, import, import_scans, import_with, made, options, passphrase, scan};
use carnet_records::index::Category;
use carnet_vault::{Batch, GrantStatus, RecordQuery, RecoveryPhrase, Vault};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// The form of today.
const NEWEST: &str = "v8";

fn written(form: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/former").join(form)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_1_opens() {
    opens("v1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_2_opens() {
    has_attachment_and_label(&opens("v2").await.1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_3_opens() {
    keeps_large_data_apart("v3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_4_opens() {
    keeps_large_data_apart("v4").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_5_opens() {
    keeps_what_a_share_was("v5").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_6_opens() {
    keeps_what_a_share_was("v6").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_7_opens() {
    keeps_what_a_share_was("v7").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_8_opens() {
    keeps_what_a_share_was(NEWEST).await;
}

/// A former version was killed: what it wrote last is in the write-ahead log alone, which nothing may throw away while it is
/// found out how large the pages are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_former_version_wrote_last_is_there_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, left) = (dir.path().join("vault"), dir.path().join("left"));
    copy(&written("v7").join("vault"), &folder);
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    let me = vault.profiles().await.unwrap()[0].id;
    import(&vault, me, "last.json", &[Sample::new(60, "Migraine")]).await;
    let dump = vault.dump().await.unwrap();
    copy(&folder, &left);
    vault.close().await.unwrap();
    assert!(fs::metadata(left.join("vault.db-wal")).unwrap().len() > 4_096);

    let vault = Vault::open(&left, &passphrase("right"), NOW).await.unwrap();
    assert_eq!(vault.dump().await.unwrap(), dump);
    assert!(dump.contains("Migraine") && vault.check().await.unwrap().is_sound());
}

async fn keeps_what_a_share_was(form: &str) {
    let (_dir, vault) = opens(form).await;
    let me = vault.profiles().await.unwrap()[0].id;
    let id = grant(1, me).id;
    assert_eq!(vault.grant(&id).await.unwrap().signed, b"second");
    assert_eq!(vault.former_grants(&id).await.unwrap().len(), 1);
    assert_eq!(vault.unsealed(&id).await.unwrap().as_deref(), Some(b"plain".as_slice()));
}

async fn keeps_large_data_apart(form: &str) {
    let (_dir, vault) = opens(form).await;
    has_attachment_and_label(&vault).await;
    let me = vault.profiles().await.unwrap()[0].id;
    let found = RecordQuery { category: Some(Category::Document), ..RecordQuery::new(me) };
    assert!(vault.slim(&found).await.unwrap()[0].original.len() < 500);
    assert_eq!(vault.originals(&found).await.unwrap()[0].original, scan("scan", 7));
}

async fn has_attachment_and_label(vault: &Vault) {
    assert_eq!(vault.attachment(&Sha256::digest(ATTACHMENT).into()).await.unwrap(), ATTACHMENT);
    let me = vault.profiles().await.unwrap()[0].id;
    let sensitive = RecordQuery { sensitive: Some(true), ..RecordQuery::new(me) };
    assert!(vault.records(&sensitive).await.unwrap()[0].sensitivity_chosen);
}

/// Opens a vault and a backup of that form; gives what was restored.
async fn opens(form: &str) -> (tempfile::TempDir, Vault) {
    let written = || written(form);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("vault");
    copy(&written().join("vault"), &folder);
    let phrase = RecoveryPhrase::parse(&fs::read_to_string(written().join("words.txt")).unwrap()).unwrap();
    let dump = fs::read_to_string(written().join("dump.txt")).unwrap();

    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    assert!(vault.check().await.unwrap().is_sound());
    holds(&vault, &dump).await;
    assert_eq!(vault.recovery_phrase().expose_words(), phrase.expose_words());
    let me = vault.profiles().await.unwrap()[0].id;
    let found = RecordQuery { text: Some("ecz".into()), ..RecordQuery::new(me) };
    let id = vault.records(&found).await.unwrap()[0].id;
    assert_eq!(vault.record(id).await.unwrap().versions.len(), 2);
    assert_eq!(vault.grant(&grant(1, me).id).await.unwrap().status, GrantStatus::Live);
    import(&vault, me, "new.json", &[Sample::new(50, "Gout")]).await;
    vault.close().await.unwrap();
    Vault::open_with_phrase(&folder, &phrase, NOW).await.unwrap().close().await.unwrap();

    let restored = dir.path().join("restored");
    let backup = written().join("backup.age");
    let vault = Vault::restore(&backup, &restored, &phrase, &passphrase("x"), &options()).await.unwrap();
    holds(&vault, &dump).await;
    assert!(vault.check().await.unwrap().is_sound());
    (dir, vault)
}

/// Whether the vault holds what was written down, but for what can be made from it anew, which later versions may make
/// otherwise. Not every history was written down in former forms.
async fn holds(vault: &Vault, written: &str) {
    let dump = vault.dump().await.unwrap();
    let (histories, content) = split(&dump);
    let (histories_then, content_then) = split(written);
    assert_eq!(content, content_then);
    assert!(histories_then.iter().all(|line| histories.contains(line)));
}

fn split(dump: &str) -> (Vec<&str>, Vec<&str>) {
    dump.lines().filter(|line| !line.starts_with("listed\t")).partition(|line| line.starts_with("history\t"))
}

const ATTACHMENT: &[u8] = b"%PDF-1.7 a letter";

/// How the newest form was made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes the files that the test of its version reads; run once for each form"]
async fn write() {
    let Made { dir, vault, phrase, me } = made().await;
    import_with(
        &vault,
        me,
        "a.json",
        &[Sample::new(1, "Asthma"), Sample::new(2, "Eczem"), Sample::new(3, "Gout")],
        Some(ATTACHMENT.to_vec()),
    )
    .await;
    vault.set_sensitivity(1, Some(&[carnet_records::sensitivity::Sensitivity::Hiv]), NOW).await.unwrap();
    import(&vault, me, "b.json", &[Sample::new(2, "Eczema"), Sample::new(3, "Gout")]).await;
    import_scans(&vault, me, "c.json", &[scan("scan", 7)]).await;
    let mut batch = Batch::new(NOW);
    batch.put_grant(grant(1, me)).put_receipt(receipt(1, 1)).set_grant_status(&grant(1, me).id, GrantStatus::Live);
    batch.queue_put("publish", vec![1]).set_setting("language", Some("fr"));
    vault.apply(batch).await.unwrap();
    let (id, mut batch) = (grant(1, me).id, Batch::new(NOW + 1));
    batch.replace_grant(&id, renewed(b"second")).set_unsealed(&id, Some(b"plain".to_vec()));
    vault.apply(batch).await.unwrap();
    let to = written(NEWEST);
    assert!(!to.exists(), "a form that was written is not written again");
    fs::create_dir_all(&to).unwrap();
    vault.backup(&to.join("backup.age"), NOW).await.unwrap();
    fs::write(to.join("dump.txt"), vault.dump().await.unwrap()).unwrap();
    fs::write(to.join("words.txt"), phrase.expose_words().join(" ") + "\n").unwrap();
    vault.close().await.unwrap();
    copy(&dir.path().join("vault"), &to.join("vault"));
    fs::remove_file(to.join("vault/LOCK")).unwrap();
}
