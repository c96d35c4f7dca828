//! Killed at any instant, a share exists with the message that publishes it, or not at all.

use crate::support::{Operator, draft, filled, options, passphrase};
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::grant::SignedGrant;
use carnet_vault::{GrantStatus, Passphrase, Vault};
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{EntryKind, OwnEntry, RecordFilter, ShareDraft, ShareFormat, SharePreset, ShareStatus};
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

const CHILD: &str = "CARNET_TEST_CHILD_FOLDER";

/// Not a test of its own: what the killed process does. It shares and stops without end, its relay being away.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let wallet = Wallet::new(Path::new(&folder), options());
    wallet.unlock(&passphrase()).await.unwrap();
    loop {
        let share = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
        let _ = std::fs::write(Path::new(&folder).join("started"), b"");
        if share.line.created % 2 == 0 {
            wallet.stop_sharing(&share.line.id).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_wallet_has_whole_shares_and_sends_them_later() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    wallet.shutdown().await.unwrap();
    relay.away().await;

    let home = folder.path().join("wallet");
    for round in 0..6 {
        run_and_kill(&home, "killed::child", Duration::from_millis(37 * round)).await;
        check(&home).await;
    }

    // With the relay back all of it goes out, and every share is as its patient left it.
    relay.back().await;
    let wallet = Wallet::new(&home, options());
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(wallet.sync().await.unwrap().waiting, 0);
    let shares = wallet.shares().await.unwrap();
    assert!(shares.len() > 6, "{} shares", shares.len());
    assert!(shares.iter().all(|share| matches!(share.status, ShareStatus::Live | ShareStatus::Stopped)));
    let live = shares.iter().find(|share| share.status == ShareStatus::Live).unwrap();
    let detail = wallet.share_detail(&live.id).await.unwrap();
    carnet_wallet::open_link(&detail.shlink, "Dr Example", None).await.unwrap();
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

/// Every share that waits has its message, every message its share, and the journal is whole.
async fn check(home: &Path) {
    let typed = Passphrase::new(passphrase().expose_str().to_owned()).unwrap();
    let vault = Vault::open(&home.join("vault"), &typed, 0).await.unwrap();
    let jobs = vault.queue_due(i64::MAX).await.unwrap();
    let grants = |kind: &str| -> HashSet<_> {
        let of_kind = jobs.iter().filter(|job| job.kind == kind);
        of_kind.filter_map(|job| carnet_sync::Job::from_bytes(&job.body).unwrap().grant().copied()).collect()
    };
    let (publish, withdraw) = (grants("publish"), grants("withdraw"));
    for grant in vault.grants().await.unwrap() {
        match grant.status {
            GrantStatus::Waiting => assert!(publish.contains(&grant.id)),
            GrantStatus::Stopping => assert!(withdraw.contains(&grant.id)),
            _ => {}
        }
    }
    let known: HashSet<_> = vault.grants().await.unwrap().into_iter().map(|grant| grant.id).collect();
    assert!(publish.union(&withdraw).all(|id| known.contains(id)));
    assert_eq!(vault.verify_journal().await.unwrap().fault, None);
    vault.close().await.unwrap();
}

/// Not a test of its own: what the second killed process does. It extends, pauses and resumes, and types what a live share
/// follows, its relay being away.
#[tokio::test(flavor = "multi_thread")]
async fn renewing_child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let wallet = Wallet::new(Path::new(&folder), options());
    wallet.unlock(&passphrase()).await.unwrap();
    let ids: Vec<String> = wallet.shares().await.unwrap().into_iter().map(|share| share.id).collect();
    for round in 0.. {
        let title = format!("Allergy number {}", wallet.shares().await.unwrap()[0].expires + round);
        let entry = OwnEntry { kind: EntryKind::Allergy, title, ..OwnEntry::default() };
        wallet.save_entry(&entry).await.unwrap();
        let _ = std::fs::write(Path::new(&folder).join("started"), b"");
        for id in &ids {
            wallet.extend_share(id, 10_000 + round).await.unwrap();
            wallet.pause_share(id, true).await.unwrap();
            wallet.pause_share(id, false).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_renewed_when_killed_is_what_it_was_or_what_it_was_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let live = ShareDraft { live: true, format: Some(ShareFormat::Ips), ..draft(SharePreset::Desk) };
    let live = wallet.share(&live).await.unwrap();
    let snapshot = wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    wallet.shutdown().await.unwrap();
    relay.away().await;

    let home = folder.path().join("wallet");
    for round in 0..5 {
        run_and_kill(&home, "killed::renewing_child", Duration::from_millis(61 * round)).await;
        check_renewed(&home).await;
    }
    relay.back().await;
    let wallet = Wallet::new(&home, options());
    wallet.unlock(&passphrase()).await.unwrap();
    wallet.sync().await.unwrap();
    for id in [&live.line.id, &snapshot.line.id] {
        // Where it was killed between the two, it is paused, as it was left.
        wallet.pause_share(id, false).await.unwrap();
    }
    assert_eq!(wallet.sync().await.unwrap().waiting, 0);
    let page = wallet.records(&RecordFilter { text: "Allergy number".to_owned(), ..RecordFilter::default() }).await;
    let typed: Vec<String> = page.unwrap().lines.into_iter().map(|line| line.title).collect();
    assert!(!typed.is_empty());
    let opened = carnet_wallet::open_link(&live.shlink, "Dr Example", None).await.unwrap();
    let text = opened.document.unwrap().0.to_string();
    assert!(typed.iter().all(|title| text.contains(title)), "all that was typed goes out");
    let opened = carnet_wallet::open_link(&snapshot.shlink, "Dr Example", None).await.unwrap();
    let (document, verification) = opened.document.unwrap();
    assert!(verification.entries_unaltered.is_checked() && !document.to_string().contains("Allergy number"));
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

/// Starts a process that does what a test of that name does, and kills it some time after it began.
async fn run_and_kill(home: &Path, test: &str, after: Duration) {
    let _ = std::fs::remove_file(home.join("started"));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, home)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..600 {
        if home.join("started").exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(after).await;
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Each share has at most one message of each kind, what waits to be published is what the share is now, and its former
/// states are kept.
async fn check_renewed(home: &Path) {
    let typed = Passphrase::new(passphrase().expose_str().to_owned()).unwrap();
    let vault = Vault::open(&home.join("vault"), &typed, 0).await.unwrap();
    let jobs = vault.queue_due(i64::MAX).await.unwrap();
    let jobs: Vec<carnet_sync::Job> = jobs.iter().map(|job| carnet_sync::Job::from_bytes(&job.body).unwrap()).collect();
    for grant in vault.grants().await.unwrap() {
        let of_it: Vec<_> = jobs.iter().filter(|job| job.grant() == Some(&grant.id)).collect();
        let (publish, pause): (Vec<&carnet_sync::Job>, Vec<_>) = of_it.iter().partition(|job| job.kind() == "publish");
        assert!(publish.len() <= 1 && pause.len() <= 1, "{of_it:?}");
        let given = SignedGrant::verify(&grant.signed).unwrap();
        assert_eq!(given.expires, grant.expires);
        if let Some(carnet_sync::Job::Publish { body, .. }) = publish.first() {
            let sha256 = SignedGrant::from_bytes(grant.signed.clone()).unwrap().sha256();
            assert_eq!(body.commitment, commit(&grant.commitment_r, ObjectType::Grant, &sha256));
            assert_eq!((body.expires, grant.commitment_index), (grant.expires, None));
        } else {
            assert!(grant.commitment_index.is_some());
        }
        let former = vault.former_grants(&grant.id).await.unwrap();
        assert_eq!(given.supersedes.is_some(), !former.is_empty());
        assert!(vault.unsealed(&grant.id).await.unwrap().is_some());
    }
    assert_eq!(vault.verify_journal().await.unwrap().fault, None);
    vault.close().await.unwrap();
}
