//! Making, opening, losing and restoring a vault through the wallet.

use crate::support::{Saving, draft, filled, options, passphrase};
use carnet_wallet::bridge::{
    Attention, FailureCode, Passphrase, RecordFilter, Reply, Request, Settings, SharePreset, VaultState, WordsCheck,
};
use carnet_wallet::{Error, Host, Quiet, Wallet};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_is_made_locked_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path().join("a/b"), options());
    assert_eq!(wallet.state().await, VaultState::None);
    assert_eq!(wallet.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::NoVault);
    let weak = wallet.create(&Passphrase::new("short".into()), "").await.unwrap_err();
    assert_eq!(weak.code(), FailureCode::WeakPassphrase);
    assert_eq!(wallet.create(&passphrase(), " Ada ").await.unwrap(), VaultState::Open);
    assert_eq!(wallet.settings().await.unwrap().name, "Ada");
    assert_eq!(wallet.lock().await.unwrap(), VaultState::Locked);
    assert!(matches!(wallet.home().await, Err(Error::Locked)));

    let wrong = wallet.unlock(&Passphrase::new("wrong horse battery".into())).await.unwrap_err();
    assert_eq!(wrong.code(), FailureCode::WrongPassphrase);
    assert_eq!(wallet.state().await, VaultState::Locked);
    wallet.unlock(&passphrase()).await.unwrap();
    let again = Wallet::new(folder.path().join("a/b"), options());
    assert_eq!(again.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::InUse);
    assert_eq!(wallet.create(&passphrase(), "").await.unwrap_err().code(), FailureCode::Other);
    wallet.lock().await.unwrap();
    assert_eq!(wallet.create(&passphrase(), "").await.unwrap_err().code(), FailureCode::VaultExists);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recovery_words_open_what_the_passphrase_no_longer_does() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), options());
    wallet.create(&passphrase(), "").await.unwrap();
    let words = wallet.recovery_words().await.unwrap();
    assert_eq!(words.len(), 24);
    assert!(wallet.home().await.unwrap().attention.contains(&Attention::RecoveryWords));

    let asked = |places: &[u8]| -> Vec<(u8, String)> {
        places.iter().map(|place| (*place, words[usize::from(*place) - 1].to_uppercase())).collect()
    };
    for wrong in [asked(&[1, 2]), asked(&[1, 1, 1]), vec![], vec![(0, "x".into()), (25, "x".into()), (1, "x".into())]] {
        assert!(matches!(wallet.confirm_recovery_words(&wrong).await, Err(Error::WrongWords)));
    }
    wallet.confirm_recovery_words(&asked(&[3, 11, 24])).await.unwrap();
    assert!(!wallet.home().await.unwrap().attention.contains(&Attention::RecoveryWords));

    let new = Passphrase::new("another good one".into());
    assert!(wallet.change_passphrase(&Passphrase::new("not the present".into()), &new).await.is_err());
    wallet.lock().await.unwrap();
    let other = "abandon ".repeat(23) + "art";
    assert_eq!(wallet.unlock_with_words(&other, &new).await.unwrap_err().code(), FailureCode::WrongWords);
    wallet.unlock_with_words(&words.join(" "), &new).await.unwrap();
    wallet.lock().await.unwrap();
    assert_eq!(wallet.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::WrongPassphrase);
    wallet.unlock(&new).await.unwrap();
}

fn secret(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

/// Why the wallet did not do what the interface asked.
async fn refused(wallet: &Wallet, request: Request, host: &dyn Host) -> FailureCode {
    wallet.handle(request, host).await.unwrap_err().code
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_forgot_the_passphrase_gets_in_with_the_words_and_sets_another() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 20).await;
    let records = wallet.home().await.unwrap().records;
    let words = wallet.recovery_words().await.unwrap().join(" ");
    wallet.lock().await.unwrap();

    let unlock = |words: &str, new: &str| Request::UnlockWithWords { words: secret(words), new: secret(new) };
    let (good, other) = ("another good one", "abandon ".repeat(23) + "art");
    assert_eq!(refused(&wallet, unlock(&words, "short"), &Quiet).await, FailureCode::WeakPassphrase);
    for wrong in ["", "abandon", &other] {
        assert_eq!(refused(&wallet, unlock(wrong, good), &Quiet).await, FailureCode::WrongWords, "{wrong}");
    }
    // None of that changed what opens it.
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(refused(&wallet, unlock(&words, good), &Quiet).await, FailureCode::Other);
    wallet.lock().await.unwrap();

    let opened = wallet.handle(unlock(&words.to_uppercase(), good), &Quiet).await;
    assert!(matches!(opened, Ok(Reply::Vault(VaultState::Open))), "{opened:?}");
    let home = wallet.home().await.unwrap();
    assert_eq!(home.records, records);
    assert!(!home.attention.contains(&Attention::RecoveryWords), "whoever typed them has them");
    wallet.lock().await.unwrap();
    assert_eq!(wallet.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::WrongPassphrase);
    wallet.unlock(&secret(good)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_words_are_counted_and_the_wrong_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), options());
    let check = async |words: &str| match wallet.handle(Request::CheckWords { words: secret(words) }, &Quiet).await {
        Ok(Reply::Words(check)) => check,
        other => panic!("{other:?}"),
    };
    let right = "abandon ".repeat(23) + "art";
    assert_eq!(check(&right).await, WordsCheck::Right);
    assert_eq!(check("").await, WordsCheck::Count { words: 0 });
    assert_eq!(check("1. Abandon, 2. ability").await, WordsCheck::Count { words: 2 });
    assert_eq!(check(&right.replacen("abandon a", "abandom a", 1)).await, WordsCheck::Unknown { position: 1 });
    assert_eq!(check(&right.replace("art", "abandon")).await, WordsCheck::Order);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_passphrase_is_changed_by_whoever_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), options());
    wallet.create(&passphrase(), "").await.unwrap();
    let words = wallet.recovery_words().await.unwrap();
    let change = |present: &str, new: &str| Request::ChangePassphrase { present: secret(present), new: secret(new) };
    let (present, new) = (passphrase(), "another good one");
    let present = present.expose_str();
    assert_eq!(refused(&wallet, change("not the present", new), &Quiet).await, FailureCode::WrongPassphrase);
    assert_eq!(refused(&wallet, change(present, "short"), &Quiet).await, FailureCode::WeakPassphrase);
    assert!(matches!(wallet.handle(change(present, new), &Quiet).await, Ok(Reply::Done)));
    wallet.lock().await.unwrap();
    assert_eq!(refused(&wallet, change(new, present), &Quiet).await, FailureCode::Locked);
    assert_eq!(wallet.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::WrongPassphrase);
    wallet.unlock(&secret(new)).await.unwrap();
    assert_eq!(wallet.recovery_words().await.unwrap(), words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_chosen_and_restored_by_the_interface() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 20).await;
    let records = wallet.home().await.unwrap().records;
    let words = wallet.recovery_words().await.unwrap().join(" ");
    let backup = folder.path().join("my backup.age");
    wallet.back_up(&backup).await.unwrap();
    wallet.shutdown().await.unwrap();

    let other = Wallet::new(folder.path().join("other"), options());
    let restore = |words: &str, new: &str| Request::Restore { words: secret(words), new: secret(new) };
    let new = "a new device's own";
    assert_eq!(refused(&other, restore(&words, new), &Quiet).await, FailureCode::NotFound);
    assert_eq!(refused(&other, Request::PickBackup, &Quiet).await, FailureCode::Cancelled);
    // A file of another kind is refused, and then the right one is chosen.
    for (file, ends) in [("patient-7.json", FailureCode::Damaged), ("absent.age", FailureCode::Other)] {
        let host = Saving::at(folder.path().join(file));
        assert!(matches!(other.handle(Request::PickBackup, &host).await, Ok(Reply::Backup(name)) if name == file));
        assert_eq!(refused(&other, restore(&words, new), &Quiet).await, ends, "{file}");
    }
    let host = Saving::at(backup);
    let picked = other.handle(Request::PickBackup, &host).await;
    assert!(matches!(&picked, Ok(Reply::Backup(name)) if name == "my backup.age"), "{picked:?}");
    // What goes wrong is mended without choosing again.
    let wrong = "abandon ".repeat(23) + "art";
    assert_eq!(refused(&other, restore(&wrong, new), &Quiet).await, FailureCode::WrongWords);
    assert_eq!(refused(&other, restore(&words, "short"), &Quiet).await, FailureCode::WeakPassphrase);
    assert_eq!(refused(&other, Request::PickBackup, &Quiet).await, FailureCode::Cancelled);
    assert_eq!(other.state().await, VaultState::None);
    let restored = other.handle(restore(&words, new), &Quiet).await;
    assert!(matches!(restored, Ok(Reply::Created(VaultState::Open))), "{restored:?}");
    assert_eq!(other.home().await.unwrap().records, records);
    other.lock().await.unwrap();
    other.unlock(&secret(new)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_somebody_changed_is_pointed_out_and_the_records_stay_within_reach() {
    let folder = tempfile::tempdir().unwrap();
    let tampered = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vault/tests/tampered");
    std::fs::create_dir_all(folder.path().join("vault/keys")).unwrap();
    for file in ["vault.db", "keys/passphrase.age", "keys/recovery.age"] {
        std::fs::copy(tampered.join(file), folder.path().join("vault").join(file)).unwrap();
    }
    let wallet = Wallet::new(folder.path(), options());
    wallet.unlock(&secret("right")).await.unwrap();
    let home = wallet.home().await.unwrap();
    assert!(home.records > 0);
    let first = home.attention.first();
    assert!(matches!(first, Some(Attention::Journal { fault }) if fault.contains("entry 4")), "{first:?}");
    let report = wallet.check_vault().await.unwrap();
    assert!(!report.is_sound() && report.journal.fault.is_some());
    wallet.lock().await.unwrap();

    let sound = filled(folder.path(), 20).await;
    let attention = sound.home().await.unwrap().attention;
    assert!(!attention.iter().any(|about| matches!(about, Attention::Journal { .. })), "{attention:?}");
    assert!(sound.check_vault().await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_vault_says_so_and_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    wallet.lock().await.unwrap();
    let database = folder.path().join("wallet/vault/vault.db");
    let mut bytes = std::fs::read(&database).unwrap();
    for at in (100..bytes.len()).step_by(1000) {
        bytes[at] ^= 0x55;
    }
    std::fs::write(&database, &bytes).unwrap();
    assert_eq!(wallet.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::Damaged);
    assert_eq!(wallet.state().await, VaultState::Locked);
    assert_eq!(std::fs::read(&database).unwrap(), bytes);

    let slot = folder.path().join("wallet/vault/keys/passphrase.age");
    std::fs::write(&slot, b"age-encryption.org/v1\n").unwrap();
    assert_eq!(wallet.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::Damaged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_over_a_damaged_vault_which_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let words = wallet.recovery_words().await.unwrap().join(" ");
    let records = wallet.home().await.unwrap().records;
    let backup = folder.path().join("my backup.age");
    wallet.back_up(&backup).await.unwrap();
    let new = "a new device's own";
    let over = |words: &str, new: &str| Request::RestoreOver { words: secret(words), new: secret(new) };
    assert_eq!(refused(&wallet, over(&words, new), &Quiet).await, FailureCode::NotFound);
    let host = Saving::at(backup.clone());
    wallet.handle(Request::PickBackup, &host).await.unwrap();
    // Not while it is open.
    assert_eq!(refused(&wallet, over(&words, new), &Quiet).await, FailureCode::Other);
    wallet.lock().await.unwrap();

    let database = folder.path().join("wallet/vault/vault.db");
    let damaged = b"what is left of it".repeat(4_096);
    std::fs::write(&database, &damaged).unwrap();
    assert_eq!(wallet.unlock(&passphrase()).await.unwrap_err().code(), FailureCode::Damaged);
    let wrong = "abandon ".repeat(23) + "art";
    assert_eq!(refused(&wallet, over(&wrong, new), &Quiet).await, FailureCode::WrongWords);
    assert_eq!(refused(&wallet, over(&words, "short"), &Quiet).await, FailureCode::WeakPassphrase);
    assert_eq!(std::fs::read(&database).unwrap(), damaged, "what was refused left it where it was");

    let aside = async || match wallet.handle(over(&words, new), &Quiet).await {
        Ok(Reply::SetAside(folder)) => folder,
        other => panic!("{other:?}"),
    };
    let first = aside().await;
    assert!(first.contains("vault-damaged-20"), "{first}");
    assert_eq!(std::fs::read(Path::new(&first).join("vault.db")).unwrap(), damaged);
    assert_eq!(wallet.state().await, VaultState::Open);
    assert_eq!(wallet.home().await.unwrap().records, records);
    wallet.lock().await.unwrap();
    wallet.unlock(&secret(new)).await.unwrap();
    wallet.lock().await.unwrap();

    // A second one on the same day has a place of its own.
    std::fs::write(&database, b"again").unwrap();
    wallet.handle(Request::PickBackup, &host).await.unwrap();
    let second = aside().await;
    assert_eq!(second, format!("{first}-2"));
    assert_eq!(std::fs::read(Path::new(&first).join("vault.db")).unwrap(), damaged);
    wallet.shutdown().await.unwrap();
    let nobody = Wallet::new(folder.path().join("nobody"), options());
    nobody.handle(Request::PickBackup, &host).await.unwrap();
    assert_eq!(refused(&nobody, over(&words, new), &Quiet).await, FailureCode::NoVault);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_everything_back() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 120).await;
    let share = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    carnet_wallet::open_link(&share.shlink, "Dr Example", None).await.unwrap();
    assert_eq!(wallet.openings().await.unwrap().len(), 1);
    assert!(wallet.home().await.unwrap().attention.contains(&Attention::Backup));
    let backup = folder.path().join("backup.age");
    wallet.back_up(&backup).await.unwrap();
    assert!(!wallet.home().await.unwrap().attention.contains(&Attention::Backup));
    let words = wallet.recovery_words().await.unwrap().join(" ");
    let all = RecordFilter { limit: 500, ..RecordFilter::default() };
    let before = wallet.records(&all).await.unwrap();
    wallet.shutdown().await.unwrap();

    let other = Wallet::new(folder.path().join("other"), options());
    let new = Passphrase::new("a new device's own".into());
    let wrong = "abandon ".repeat(23) + "art";
    assert_eq!(other.restore(&backup, &wrong, &new).await.unwrap_err().code(), FailureCode::WrongWords);
    assert_eq!(other.state().await, VaultState::None);
    other.restore(&backup, &words, &new).await.unwrap();
    let after = other.records(&all).await.unwrap();
    let titles = |page: &carnet_wallet::bridge::RecordPage| -> Vec<_> {
        page.lines.iter().map(|line| (line.title.clone(), line.date.clone(), line.detail.clone())).collect()
    };
    assert_eq!(titles(&after), titles(&before));
    assert_eq!(other.recovery_words().await.unwrap().join(" "), words);
    let restored = other.shares().await.unwrap();
    assert_eq!((restored.len(), restored[0].openings), (1, 1));
    // The relay inside begins anew on the new device, and sharing goes on.
    let share = other.share(&draft(SharePreset::Desk)).await.unwrap();
    carnet_wallet::open_link(&share.shlink, "Dr Example", None).await.unwrap();
    assert_eq!(other.openings().await.unwrap().len(), 2);
    other.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_ready_to_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), options());
    wallet.create_example(&passphrase()).await.unwrap();
    let home = wallet.home().await.unwrap();
    assert!(home.example && !home.name.is_empty() && home.records > 100);
    assert_eq!(home.latest.len(), 8);
    assert_eq!(home.attention, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_is_answered_in_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), options());
    let ask = async |json: &str| {
        let request: Request = serde_json::from_str(json).unwrap();
        wallet.handle(request, &Quiet).await
    };
    assert!(matches!(ask(r#"{"ask":"vault"}"#).await, Ok(Reply::Vault(VaultState::None))));
    let failure = ask(r#"{"ask":"home"}"#).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::Locked);
    assert!(failure.message.contains("Unlock"));
    let create = r#"{"ask":"create_example","with":{"passphrase":"correct horse battery"}}"#;
    assert!(matches!(ask(create).await, Ok(Reply::Created(VaultState::Open))));
    assert!(matches!(ask(r#"{"ask":"home"}"#).await, Ok(Reply::Home(home)) if home.example));
    let vitals = r#"{"ask":"timeline","with":{"text":"","category":"vital","held_back":false,"signed":false,"disagree":false,"offset":10,"limit":5}}"#;
    let Ok(Reply::Timeline(page)) = ask(vitals).await else { panic!("no records") };
    assert_eq!(page.entries.len(), 5);
    assert!(page.total > 15 && page.entries.iter().all(|entry| entry.line.category == "vital"));
    let sheet = format!(r#"{{"ask":"sheet","with":{{"id":"{}"}}}}"#, page.entries[0].line.id);
    let Ok(Reply::Sheet(sheet)) = ask(&sheet).await else { panic!("no record") };
    let measured = sheet.detail.measurement.unwrap();
    assert!(measured.series.iter().any(|(_, value)| *value == measured.value), "{measured:?}");
    assert!(measured.series.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{measured:?}");
    for unknown in [r#"{"ask":"sheet","with":{"id":"999999"}}"#, r#"{"ask":"share_detail","with":{"id":"zz"}}"#] {
        assert_eq!(ask(unknown).await.unwrap_err().code, FailureCode::NotFound);
    }
    assert_eq!(ask(r#"{"ask":"import_files","with":"pick_files"}"#).await.unwrap_err().code, FailureCode::Cancelled);
    assert_eq!(ask(r#"{"ask":"back_up"}"#).await.unwrap_err().code, FailureCode::Cancelled);
    assert!(matches!(ask(r#"{"ask":"lock"}"#).await, Ok(Reply::Vault(VaultState::Locked))));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_used_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(folder.path(), options());
    wallet.create(&passphrase(), "Me").await.unwrap();
    let before = wallet.settings().await.unwrap();
    for (relay, minutes) in [("http://relay.example.org", 15), ("javascript:alert(1)", 15), ("", 0), ("", 100_000)] {
        let settings = Settings { relay: relay.into(), lock_after_minutes: minutes, name: "Somebody else".into() };
        assert!(wallet.change_settings(settings).await.is_err());
        assert_eq!(wallet.settings().await.unwrap(), before);
    }
    let mut settings = before;
    settings.relay = " https://relay.example.org/ ".into();
    settings.lock_after_minutes = 3;
    let after = wallet.change_settings(settings).await.unwrap();
    assert_eq!((after.relay.as_str(), after.lock_after_minutes), ("https://relay.example.org", 3));
}
