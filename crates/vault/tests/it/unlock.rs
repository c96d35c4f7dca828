//! Making, opening, closing and losing the keys of a vault.

use crate::support::{Made, NOW, Sample, import, made, options, passphrase};
use carnet_vault::{Error, Event, Passphrase, RecordQuery, RecoveryPhrase, SlotFault, Vault};
use std::fs;

#[tokio::test]
async fn opens_with_passphrase_and_with_words() {
    let Made { dir, vault, phrase, me } = made().await;
    let folder = dir.path().join("vault");
    import(&vault, me, "a.json", &[Sample::new(1, "Asthma")]).await;
    assert_eq!(vault.recovery_phrase().expose_words(), phrase.expose_words());
    vault.close().await.unwrap();
    assert!(!folder.join("vault.db-wal").exists() && !folder.join("vault.db-shm").exists());

    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    assert_eq!(vault.records(&RecordQuery::new(me)).await.unwrap().len(), 1);
    assert_eq!(vault.journal_at_unlock().fault, None);
    vault.close().await.unwrap();

    let vault = Vault::open_with_phrase(&folder, &phrase, NOW).await.unwrap();
    assert_eq!(vault.journal(1).await.unwrap()[0].event, Event::OpenedWithPhrase);
    vault.change_passphrase(&passphrase("new"), Some(2), NOW).await.unwrap();
    vault.check_passphrase(&passphrase("new")).await.unwrap();
    assert!(matches!(vault.check_passphrase(&passphrase("right")).await, Err(Error::WrongPassphrase { .. })));
    vault.close().await.unwrap();
    assert!(matches!(Vault::open(&folder, &passphrase("right"), NOW).await, Err(Error::WrongPassphrase { .. })));
    Vault::open(&folder, &passphrase("new"), NOW).await.unwrap().close().await.unwrap();
    let other = RecoveryPhrase::make().unwrap();
    assert!(matches!(Vault::open_with_phrase(&folder, &other, NOW).await, Err(Error::WrongPhrase)));
    assert!(matches!(Passphrase::new(String::new()), Err(Error::EmptyPassphrase)));
}

#[tokio::test]
async fn refused_unlocks_are_counted_and_journalled() {
    let Made { dir, vault, .. } = made().await;
    let folder = dir.path().join("vault");
    vault.close().await.unwrap();
    for expected in 1..=3 {
        match Vault::open(&folder, &passphrase("wrong"), NOW + i64::from(expected)).await {
            Err(Error::WrongPassphrase { refused }) => assert_eq!(refused, Some(expected)),
            other => panic!("{other:?}"),
        }
    }
    let vault = Vault::open(&folder, &passphrase("right"), NOW + 10).await.unwrap();
    let told = Event::UnlocksRefused { count: 3, first: NOW + 1, last: NOW + 3 };
    assert_eq!(vault.journal(1).await.unwrap()[0].event, told);
    vault.close().await.unwrap();
    let vault = Vault::open(&folder, &passphrase("right"), NOW + 11).await.unwrap();
    assert_eq!(vault.journal(100).await.unwrap().iter().filter(|entry| entry.event == told).count(), 1);
}

#[tokio::test]
async fn one_program_at_a_time() {
    let made = made().await;
    let folder = made.folder();
    assert!(matches!(Vault::open(&folder, &passphrase("right"), NOW).await, Err(Error::InUse)));
    assert!(matches!(Vault::create(&folder, &passphrase("right"), &options()).await, Err(Error::Exists)));
    drop(made.vault);
    Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
}

#[tokio::test]
async fn a_folder_is_a_vault_or_not() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!Vault::exists(dir.path()));
    assert!(matches!(Vault::open(dir.path(), &passphrase("x"), NOW).await, Err(Error::NotFound)));
    assert!(matches!(Vault::open(&dir.path().join("no"), &passphrase("x"), NOW).await, Err(Error::NotFound)));
    fs::write(dir.path().join("holiday.jpg"), "x").unwrap();
    assert!(matches!(Vault::create(dir.path(), &passphrase("x"), &options()).await, Err(Error::FolderNotEmpty)));
    // An empty folder may be there; what an interrupted attempt left beside it is no hindrance.
    let target = dir.path().join("vault");
    fs::create_dir(&target).unwrap();
    fs::create_dir_all(dir.path().join("vault.new/keys")).unwrap();
    fs::write(dir.path().join("vault.new/vault.db"), "half").unwrap();
    let created = Vault::create(&target, &passphrase("x"), &options()).await.unwrap();
    assert!(Vault::exists(&target) && !dir.path().join("vault.new").exists());
    created.vault.close().await.unwrap();
    #[cfg(unix)]
    for private in ["", "vault.db", "keys", "keys/passphrase.age", "keys/recovery.age"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(target.join(private)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{private:?} {mode:o}");
    }
}

#[tokio::test]
async fn damage_is_told_apart_from_a_wrong_passphrase() {
    let Made { dir, vault, me, phrase } = made().await;
    let folder = dir.path().join("vault");
    import(&vault, me, "a.json", &(0..50).map(|n| Sample::new(n, "Asthma")).collect::<Vec<_>>()).await;
    vault.close().await.unwrap();
    let good = fs::read(folder.join("vault.db")).unwrap();

    // The first page is read at once; the salt in its first 16 bytes has no part in a raw key but is authenticated.
    for at in [16, 100, 4000] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(folder.join("vault.db"), &bad).unwrap();
        let opened = Vault::open(&folder, &passphrase("right"), NOW).await;
        assert!(matches!(opened, Err(Error::Damaged)), "{at}: {opened:?}");
    }
    // A page that unlocking does not read is found by the check, at the latest.
    const PAGE: usize = 16_384;
    let pages = good.len() / PAGE;
    for page in 1..pages {
        let mut bad = good.clone();
        bad[page * PAGE + 1234] ^= 0x80;
        fs::write(folder.join("vault.db"), &bad).unwrap();
        match Vault::open(&folder, &passphrase("right"), NOW).await {
            Err(error) => assert!(matches!(error, Error::Damaged), "{page}: {error}"),
            Ok(vault) => match vault.check().await {
                Err(error) => assert!(matches!(error, Error::Damaged), "{page}: {error}"),
                Ok(report) => assert!(!report.is_sound(), "page {page} of {pages}"),
            },
        }
    }
    fs::write(folder.join("vault.db"), &good[..good.len() / 2]).unwrap();
    match Vault::open(&folder, &passphrase("right"), NOW).await {
        Err(error) => assert!(matches!(error, Error::Damaged), "{error}"),
        Ok(vault) => assert!(!vault.check().await.is_ok_and(|report| report.is_sound())),
    }
    fs::remove_file(folder.join("vault.db")).unwrap();
    assert!(matches!(Vault::open(&folder, &passphrase("right"), NOW).await, Err(Error::Damaged)));

    fs::write(folder.join("vault.db"), &good).unwrap();
    fs::write(folder.join("keys/passphrase.age"), "age-encryption.org/v1\n").unwrap();
    let opened = Vault::open(&folder, &passphrase("right"), NOW).await;
    assert!(matches!(opened, Err(Error::Slot { slot: "passphrase.age", fault: SlotFault::Damaged })), "{opened:?}");
    let vault = Vault::open_with_phrase(&folder, &phrase, NOW).await.unwrap();
    vault.change_passphrase(&passphrase("right"), Some(2), NOW).await.unwrap();
    vault.close().await.unwrap();
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    assert!(vault.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn slots_of_another_vault_do_not_fit() {
    let (one, other) = (made().await, made().await);
    let (folder, foreign) = (one.folder(), other.folder());
    one.vault.close().await.unwrap();
    fs::copy(foreign.join("keys/passphrase.age"), folder.join("keys/passphrase.age")).unwrap();
    assert!(matches!(Vault::open(&folder, &passphrase("right"), NOW).await, Err(Error::Damaged)));
}
