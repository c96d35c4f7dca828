//! A backup in the place of a vault that can no longer be read: the former folder is set aside whole, whatever happens.

use crate::support::{Made, NOW, Sample, import, kill_at_work, made, options, passphrase};
use carnet_vault::{Error, RecordQuery, RecoveryPhrase, Vault};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const CHILD: &str = "CARNET_VAULT_OVER_CHILD";
const ROUNDS: u64 = 12;
const RECORDS: u32 = 40;

/// A closed vault, a backup of it, and its recovery words.
async fn backed_up() -> (tempfile::TempDir, PathBuf, PathBuf, RecoveryPhrase) {
    let made = made().await;
    let samples: Vec<_> = (0..RECORDS).map(|n| Sample::new(n, "Asthma")).collect();
    import(&made.vault, made.me, "a.json", &samples).await;
    let (backup, folder) = (made.dir.path().join("backup.age"), made.folder());
    made.vault.backup(&backup, NOW).await.unwrap();
    let Made { dir, vault, phrase, .. } = made;
    vault.close().await.unwrap();
    (dir, folder, backup, phrase)
}

/// Every file below a folder, byte for byte.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = PathBuf::from(path.file_name().unwrap());
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(below, bytes)| (name.join(below), bytes)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

async fn records(vault: &Vault) -> usize {
    let me = vault.profiles().await.unwrap()[0].id;
    vault.records(&RecordQuery::new(me)).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_vault_is_set_aside_byte_for_byte_and_the_backup_takes_its_place() {
    let (dir, folder, backup, phrase) = backed_up().await;
    let database = folder.join("vault.db");
    let mut bytes = fs::read(&database).unwrap();
    for at in (100..bytes.len()).step_by(1000) {
        bytes[at] ^= 0x55;
    }
    fs::write(&database, &bytes).unwrap();
    assert!(matches!(Vault::open(&folder, &passphrase("right"), NOW).await, Err(Error::Damaged)));
    let (damaged, aside) = (files(&folder), dir.path().join("aside"));
    let over = async |backup: &Path, aside: &Path, phrase: &RecoveryPhrase| {
        Vault::restore_over(backup, &folder, aside, phrase, &passphrase("new"), &options()).await
    };

    // What is refused changes nothing.
    let other = RecoveryPhrase::make().unwrap();
    assert!(matches!(over(&backup, &aside, &other).await, Err(Error::WrongPhrase)));
    let half = dir.path().join("half.age");
    let whole = fs::read(&backup).unwrap();
    fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(over(&half, &aside, &phrase).await, Err(Error::Backup(_))));
    let taken = dir.path().join("taken");
    fs::create_dir(&taken).unwrap();
    assert!(matches!(over(&backup, &taken, &phrase).await, Err(Error::FolderNotEmpty)));
    assert!(!aside.exists() && !dir.path().join("vault.new").exists());
    assert_eq!(files(&folder), damaged);

    let restored = over(&backup, &aside, &phrase).await.unwrap();
    assert_eq!(records(&restored).await, RECORDS as usize);
    assert!(restored.check().await.unwrap().is_sound());
    assert_eq!(files(&aside), damaged);
    // Open somewhere, it stays where it is.
    assert!(matches!(over(&backup, &dir.path().join("second"), &phrase).await, Err(Error::InUse)));
    restored.close().await.unwrap();
    Vault::open(&folder, &passphrase("new"), NOW).await.unwrap().close().await.unwrap();

    fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(over(&backup, &dir.path().join("second"), &phrase).await, Err(Error::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_every_vault_is_whole_and_none_is_lost() {
    let (dir, folder, _backup, phrase) = backed_up().await;
    fs::write(dir.path().join("words"), phrase.expose_words().join(" ")).unwrap();
    for round in 0..ROUNDS {
        kill_at_work("over::child", CHILD, &folder, || acknowledged(&folder), Duration::from_millis(200));
        // The first one has its first passphrase still.
        let mut vaults = 0;
        let aside = (1..).map(|number| aside(&folder, number)).take_while(|folder| folder.exists());
        for folder in aside.chain([folder.clone()]).filter(|folder| folder.exists()) {
            let vault = match Vault::open(&folder, &passphrase("new"), NOW).await {
                Err(Error::WrongPassphrase { .. }) => Vault::open(&folder, &passphrase("right"), NOW).await,
                opened => opened,
            };
            let vault = vault.unwrap_or_else(|error| panic!("round {round}: {error}"));
            assert_eq!(records(&vault).await, RECORDS as usize, "round {round}");
            assert_eq!(vault.verify_journal().await.unwrap().fault, None, "round {round}");
            vault.close().await.unwrap();
            vaults += 1;
        }
        assert!(vaults > acknowledged(&folder), "round {round}: {vaults} vaults");
    }
}

/// Not a test by itself: what is killed. It restores over what is there without end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by killed_at_any_moment_every_vault_is_whole_and_none_is_lost"]
async fn child() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let phrase = RecoveryPhrase::parse(&fs::read_to_string(folder.with_file_name("words")).unwrap()).unwrap();
    let backup = folder.with_file_name("backup.age");
    loop {
        let free = (1..).map(|number| aside(&folder, number)).find(|folder| !folder.exists()).unwrap();
        let restored = if folder.exists() {
            Vault::restore_over(&backup, &folder, &free, &phrase, &passphrase("new"), &options()).await
        } else {
            // Killed between the two moves.
            Vault::restore(&backup, &folder, &phrase, &passphrase("new"), &options()).await
        };
        restored.unwrap().close().await.unwrap();
        use std::io::Write;
        let mut list = fs::File::options().append(true).create(true).open(list(&folder)).unwrap();
        list.write_all(b".").unwrap();
    }
}

fn aside(folder: &Path, number: u32) -> PathBuf {
    folder.with_file_name(format!("aside-{number}"))
}

/// How many times the child said that a vault was restored.
fn acknowledged(folder: &Path) -> usize {
    fs::read(list(folder)).map_or(0, |marks| marks.len())
}

fn list(folder: &Path) -> PathBuf {
    folder.with_file_name("acknowledged")
}
