//! What only shows from inside: the database's settings, secrets on disk and in logs, and a journal changed by somebody
//! who has the key.

use super::*;
use crate::batch::Batch;
use crate::grants::{GrantRow, GrantStatus};
use crate::import::{ImportSource, PutRecord};
use crate::journal::JournalFault;
use crate::profiles::ProfileId;
use carnet_consent::GrantId;
use carnet_records::index::index_record;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::sync::Mutex;
use tempfile::TempDir;

const NOW: i64 = 1_700_000_000;
const MARKER: &str = "PLANTEDMARKER";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

async fn made() -> (TempDir, Vault, RecoveryPhrase, ProfileId) {
    let dir = tempfile::tempdir().unwrap();
    let options = CreateOptions { now: NOW, scrypt_log_n: Some(2) };
    let created = Vault::create(&dir.path().join("vault"), &passphrase(MARKER), &options).await.unwrap();
    let me = created.vault.add_profile(MARKER, NOW).await.unwrap();
    (dir, created.vault, created.phrase, me)
}

async fn import(vault: &Vault, me: ProfileId, number: u8) {
    let original = format!(
        "{{\"resourceType\":\"Condition\",\"id\":\"{MARKER}{number}\",\"code\":{{\"text\":\"{MARKER} {number}\"}}}}"
    );
    let source = ImportSource {
        file_name: format!("{MARKER}.json"),
        format: MARKER.into(),
        sha256: [number; 32],
        size: 1,
        as_of: NOW,
        now: NOW,
    };
    let mut tx = vault.begin_import(me, source).await.unwrap();
    let index = index_record(original.as_bytes()).unwrap();
    tx.put(PutRecord {
        full_url: Some(MARKER.to_owned()),
        place: Some(MARKER.to_owned()),
        ..PutRecord::new([number; 32], original.into_bytes(), index)
    })
    .await
    .unwrap();
    let sha256 = Sha256::digest(MARKER).into();
    tx.put_attachment(sha256, MARKER, MARKER.as_bytes()).await.unwrap();
    tx.commit(MARKER).await.unwrap();
}

async fn share(vault: &Vault, me: ProfileId) {
    let mut batch = Batch::new(NOW);
    batch
        .put_grant(GrantRow {
            id: GrantId::from_bytes([1; 16]),
            profile: me,
            signed: MARKER.into(),
            bundle: Some(MARKER.into()),
            link: MARKER.to_owned().into(),
            relay_url: MARKER.into(),
            link_id: MARKER.into(),
            commitment_r: [1; 32],
            commitment_index: None,
            status: GrantStatus::Live,
            recipient: MARKER.into(),
            purpose: MARKER.into(),
            created_at: NOW,
            expires: NOW,
            details: MARKER.into(),
        })
        .queue_put(MARKER, MARKER.into())
        .set_setting(MARKER, Some(MARKER));
    vault.apply(batch).await.unwrap();
}

#[tokio::test]
async fn the_database_is_set_up_as_written_down() {
    let (_dir, vault, ..) = made().await;
    let text = async |sql: &'static str| {
        sqlx::query_scalar::<_, String>(sql).fetch_one(&mut *vault.db.lock().await.unwrap()).await
    };
    let number = async |sql: &'static str| {
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *vault.db.lock().await.unwrap()).await
    };
    assert_eq!(text("PRAGMA journal_mode").await.unwrap(), "wal");
    assert_eq!(text("PRAGMA locking_mode").await.unwrap(), "exclusive");
    assert_eq!(number("PRAGMA synchronous").await.unwrap(), 2);
    assert_eq!(number("PRAGMA foreign_keys").await.unwrap(), 1);
    assert_eq!(number("PRAGMA secure_delete").await.unwrap(), 1);
    assert_eq!(number("PRAGMA trusted_schema").await.unwrap(), 0);
    assert_eq!(number("PRAGMA temp_store").await.unwrap(), 2);
    assert!(text("PRAGMA cipher_version").await.unwrap().starts_with("4."));
    let secure: i64 = sqlx::query_scalar("SELECT v FROM search_config WHERE k = 'secure-delete'")
        .fetch_one(&mut *vault.db.lock().await.unwrap())
        .await
        .unwrap();
    assert_eq!(secure, 1);
}

#[tokio::test]
async fn nothing_can_be_read_in_the_folder() {
    let (dir, vault, phrase, me) = made().await;
    import(&vault, me, 1).await;
    share(&vault, me).await;
    let key = *vault.key.expose_bytes();
    let entropy = phrase.expose_entropy().to_vec();
    let device = *vault.device.expose_seed();
    let words = phrase.expose_words();
    let scan = || {
        let mut files = 0;
        let mut folders = vec![dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                assert!(!entry.file_name().to_string_lossy().contains(MARKER));
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                files += 1;
                let bytes = fs::read(entry.path()).unwrap();
                let wide: Vec<u8> = MARKER.bytes().flat_map(|byte| [byte, 0]).collect();
                let phrase = words.join(" ");
                let needles: [&[u8]; 9] = [
                    MARKER.as_bytes(),
                    &wide,
                    b"SQLite format",
                    b"CREATE TABLE",
                    b"Condition",
                    phrase.as_bytes(),
                    &key,
                    &entropy,
                    &device,
                ];
                for needle in needles {
                    let found = bytes.windows(needle.len()).any(|window| window == needle);
                    assert!(!found, "{:?} holds {:?}", entry.file_name(), String::from_utf8_lossy(needle));
                }
            }
        }
        files
    };
    assert_eq!(scan(), 6, "database, write-ahead log, two slots, an attachment and the lock");
    vault.close().await.unwrap();
    assert_eq!(scan(), 5);
    // The scan is able to find something.
    fs::write(dir.path().join("x"), format!("..{MARKER}..")).unwrap();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(scan)).is_err());
}

/// Everything that any library logs, at the finest level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_secret_in_debug_or_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    // One thread for everything, so that this subscriber hears all of it; sqlx's own thread inherits it by span only, so
    // the subscriber is global to this process.
    let _ = tracing::subscriber::set_global_default(subscriber);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (key, shown) = runtime.block_on(async {
        let (dir, vault, phrase, me) = made().await;
        import(&vault, me, 1).await;
        share(&vault, me).await;
        let key = *vault.key.expose_bytes();
        let grant = vault.grant(&GrantId::from_bytes([1; 16])).await.unwrap();
        let secrets = vault.keys().derive_grant(&grant.id).unwrap();
        let connection = format!("{:?}", *vault.db.lock().await.unwrap());
        let shown = format!(
            "{vault:?} {connection} {phrase:?} {grant:?} {secrets:?} {:?} {:?} {:?} {:?} {:?}",
            vault.keys(),
            vault.key,
            vault.device,
            passphrase(MARKER),
            vault.queue_due(NOW).await.unwrap().first().map(|job| job.body.len()),
        );
        let folder = dir.path().join("vault");
        vault.close().await.unwrap();
        let refused = Vault::open(&folder, &passphrase("wrong"), NOW).await.unwrap_err();
        let shown = format!("{shown} {refused} {refused:?}");
        fs::write(folder.join("vault.db"), vec![7; 8192]).unwrap();
        let damaged = Vault::open(&folder, &passphrase(MARKER), NOW).await.unwrap_err();
        (key, format!("{shown} {damaged} {damaged:?}"))
    });
    tracing::info!("the log is heard");
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("the log is heard"));
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    for (what, text) in [("log", &log), ("debug", &shown)] {
        assert!(!text.contains(MARKER), "{what}: {text}");
        assert!(!text.to_lowercase().contains(&hex), "{what}");
        assert!(!text.contains(&format!("{key:?}")), "{what}");
    }
}

/// Opens the vault's file with its key and the append-only rules removed: somebody who got hold of the key.
async fn tamper(change: &'static str) -> (JournalCheck, JournalCheck) {
    let (dir, vault, _, me) = made().await;
    import(&vault, me, 1).await;
    import(&vault, me, 2).await;
    share(&vault, me).await;
    let folder = dir.path().join("vault");
    // While the rules stand, nothing can be changed.
    for refused in [
        "UPDATE journal SET seq = seq + 1",
        "DELETE FROM journal WHERE seq = 1",
        "UPDATE devices SET public_key = zeroblob(32)",
        "DELETE FROM devices",
    ] {
        let error = sqlx::query(refused).execute(&mut *vault.db.lock().await.unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{refused}: {error}");
    }
    for trigger in ["journal_keeps_entries", "journal_keeps_all_entries", "devices_keep", "devices_keep_all"] {
        let drop = sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}"));
        sqlx::query(drop).execute(&mut *vault.db.lock().await.unwrap()).await.unwrap();
    }
    let done = sqlx::query(change).execute(&mut *vault.db.lock().await.unwrap()).await.unwrap();
    assert!(done.rows_affected() > 0, "{change}");
    vault.close().await.unwrap();
    // The records stay within reach; the fault is told.
    let vault = Vault::open(&folder, &passphrase(MARKER), NOW).await.unwrap();
    (vault.journal_at_unlock().clone(), vault.verify_journal().await.unwrap())
}

/// Writes `tests/tampered`, for the tests of what is built on the vault: the vault of `tests/former/v1` (passphrase `right`)
/// whose third journal entry somebody removed who had the key.
#[tokio::test]
#[ignore = "writes tests/tampered anew"]
async fn write_a_tampered_vault() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (from, to) = (tests.join("former/v1/vault"), tests.join("tampered"));
    fs::create_dir_all(to.join("keys")).unwrap();
    for file in ["vault.db", "keys/passphrase.age", "keys/recovery.age"] {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    let vault = Vault::open(&to, &passphrase("right"), NOW).await.unwrap();
    assert_eq!(vault.journal_at_unlock().fault, None);
    let changes = [
        // What stands in for a grant there is none, and only a vault's own tests do not mind.
        "DELETE FROM former_grants",
        "DELETE FROM unsealed",
        "DELETE FROM receipts",
        "DELETE FROM outbox",
        "DELETE FROM grants",
        "DROP TRIGGER journal_keeps_all_entries",
        "DELETE FROM journal WHERE seq = 3",
    ];
    for change in changes {
        sqlx::query(change).execute(&mut *vault.db.lock().await.unwrap()).await.unwrap();
    }
    vault.close().await.unwrap();
}

#[tokio::test]
async fn a_changed_history_is_noticed() {
    // Entries: 1 made, 2 person, 3 and 4 imports, 5 share.
    let at_unlock = [
        ("UPDATE journal SET entry = zeroblob(90) WHERE seq = 3", JournalFault::Changed(3)),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 3", JournalFault::Changed(3)),
        (
            "UPDATE journal SET entry = (SELECT entry FROM journal WHERE seq = 4) WHERE seq = 3",
            JournalFault::Changed(3),
        ),
        ("DELETE FROM journal WHERE seq = 3", JournalFault::Gap(4)),
        ("DELETE FROM journal", JournalFault::Empty),
    ];
    for (change, fault) in at_unlock {
        let (unlock, whole) = tamper(change).await;
        assert_eq!((unlock.fault, whole.fault), (Some(fault.clone()), Some(fault)), "{change}");
    }
    // At unlock the newest signature is checked, on request the first one comes first.
    let (unlock, whole) = tamper("UPDATE devices SET public_key = randomblob(32)").await;
    assert_eq!((unlock.fault, whole.fault), (Some(JournalFault::Unsigned(5)), Some(JournalFault::Unsigned(1))));
    let only_whole = [
        ("UPDATE journal SET list = zeroblob(64) WHERE seq = 3", JournalFault::List(3)),
        ("UPDATE journal SET list = NULL WHERE seq = 4", JournalFault::List(4)),
        ("UPDATE journal SET list = zeroblob(64) WHERE seq = 5", JournalFault::List(5)),
        ("UPDATE versions SET original = x'7b7d' WHERE id = 1", JournalFault::Record(3)),
        ("DELETE FROM versions WHERE id = 2", JournalFault::Record(4)),
    ];
    for (change, fault) in only_whole {
        let (unlock, whole) = tamper(change).await;
        assert_eq!((unlock.fault, whole.fault), (None, Some(fault)), "{change}");
    }
}

#[tokio::test]
async fn a_vault_of_a_newer_program_is_left_alone() {
    let (dir, vault, ..) = made().await;
    let folder = dir.path().join("vault");
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', 1, x'00', 0)",
    )
    .execute(&mut *vault.db.lock().await.unwrap())
    .await
    .unwrap();
    vault.close().await.unwrap();
    let before = fs::read(folder.join("vault.db")).unwrap();
    assert!(matches!(Vault::open(&folder, &passphrase(MARKER), NOW).await, Err(Error::NewerFormat)));
    assert_eq!(fs::read(folder.join("vault.db")).unwrap(), before);
}

/// Whoever calls from a multi-threaded runtime needs futures that can move between threads: this must compile.
#[test]
fn futures_can_move_between_threads() {
    fn movable<T: Send>(_: T) {}
    let check =
        |vault: &'static Vault, path: &'static Path, words: &'static RecoveryPhrase, text: &'static Passphrase| {
            movable(Vault::open(path, text, NOW));
            movable(Vault::restore(path, path, words, text, &const { CreateOptions { now: 0, scrypt_log_n: None } }));
            movable(vault.backup(path, NOW));
            movable(vault.apply(Batch::new(NOW)));
            movable(vault.verify_journal());
            movable(vault.rebuild_index());
            movable(async { import(vault, ProfileId(1), 1).await });
        };
    let _ = check;
}
