//! A program that lets go of its vault and ends at once ends well: the file is closed by then, whoever was writing.
//!
//! sqlx closes a database on a thread of its own. A process that ends meanwhile takes OpenSSL and SQLCipher away from
//! under that thread (both clean up at exit), which ends it with SIGSEGV. The test starts itself as a child again and
//! again; `CARNET_EXIT_ROUNDS` says how often.

use crate::support::{NOW, Sample, made, options, passphrase, source};
use carnet_records::index::index_record;
use carnet_vault::{ImportTx, PutRecord, Vault};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const CHILD: &str = "CARNET_VAULT_EXIT_CHILD";
const HOW: &str = "CARNET_VAULT_EXIT_HOW";
const SIZE: &str = "CARNET_VAULT_EXIT_SIZE";
const ROUNDS: usize = 10;

/// The ways in which a program can let go of a vault.
const WAYS: [&str; 6] = ["drop", "inside", "runtime first", "in a task", "import", "close"];

#[tokio::test]
async fn a_process_ends_well_however_it_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("vault");
    let created = Vault::create(&folder, &passphrase("right"), &options()).await.unwrap();
    created.vault.add_profile("Maria", NOW).await.unwrap();
    created.vault.close().await.unwrap();
    let rounds = std::env::var("CARNET_EXIT_ROUNDS").map_or(ROUNDS, |text| text.parse().unwrap());
    let mut failed = Vec::new();
    for round in 0..rounds {
        for way in WAYS {
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["exit::child", "--exact", "--ignored", "--nocapture"])
                .env(CHILD, &folder)
                .env(HOW, way)
                .env(SIZE, (1_usize << (round % 22)).to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            if status.code() != Some(42) {
                failed.push(format!("{way}, round {round}: {status}"));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {}: {failed:#?}", failed.len(), rounds * WAYS.len());
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    assert!(vault.check().await.unwrap().is_sound());
}

/// Not a test by itself: the program that ends.
#[test]
#[ignore = "started by a_process_ends_well_however_it_lets_go"]
fn child() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let how = std::env::var(HOW).unwrap();
    let mut builder = match how.as_str() {
        "inside" | "import" => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = builder.enable_all().build().unwrap();
    let vault = runtime.block_on(Vault::open(&folder, &passphrase("right"), NOW)).unwrap();
    // From nothing to two megabytes in the write-ahead log, so that closing takes now less, now more time than ending.
    let size = std::env::var(SIZE).unwrap().parse().unwrap();
    runtime.block_on(vault.set_setting("text", Some(&"x".repeat(size)), NOW)).unwrap();
    match how.as_str() {
        "drop" => drop(vault),
        "inside" => runtime.block_on(async { drop(vault) }),
        "runtime first" => {
            drop(runtime);
            drop(vault);
        }
        "in a task" => {
            runtime.spawn(async move {
                std::future::pending::<()>().await;
                drop(vault);
            });
            drop(runtime);
        }
        "import" => runtime.block_on(async {
            drop(half_an_import(&vault).await);
            drop(vault);
        }),
        _ => runtime.block_on(vault.close()).unwrap(),
    }
    std::process::exit(42);
}

#[tokio::test]
async fn a_dropped_vault_is_closed() {
    let made = made().await;
    let folder = made.folder();
    let log = folder.join("vault.db-wal");
    assert!(log.exists());
    drop(half_an_import(&made.vault).await);
    drop(made.vault);
    assert!(!log.exists(), "closing brings the log into the file");
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    assert_eq!(vault.imports(9).await.unwrap(), []);
    // Asked, and never waited for.
    let mut asked = Box::pin(vault.journal(9));
    let waker = std::task::Waker::noop();
    let _ = asked.as_mut().poll(&mut std::task::Context::from_waker(waker));
    drop(asked);
    drop(vault);
    assert!(!log.exists());
}

async fn half_an_import(vault: &Vault) -> ImportTx<'_> {
    let me = vault.profiles().await.unwrap()[0].id;
    let mut import = vault.begin_import(me, source("half.json", b"half")).await.unwrap();
    for sample in (0..300).map(|number| Sample::new(number, "Asthma")) {
        let original = sample.original();
        let put = PutRecord::new(sample.identity(), original.clone(), index_record(&original).unwrap());
        import.put(put).await.unwrap();
    }
    import
}
