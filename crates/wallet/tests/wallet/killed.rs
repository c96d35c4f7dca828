//! Killed at any instant, a share exists with the message that publishes it, or not at all.

use crate::support::{any_port, draft, filled, options, passphrase, relay, use_relay};
use carnet_vault::{GrantStatus, Passphrase, Vault};
use carnet_wallet::Wallet;
use carnet_wallet::bridge::{SharePreset, ShareStatus};
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
    let data = folder.path().join("relay");
    let running = relay(&data, any_port()).await;
    let (address, url) = (running.addr, running.public_url.clone());
    let wallet = filled(folder.path(), 40).await;
    use_relay(&wallet, &url).await;
    wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    wallet.shutdown().await.unwrap();
    running.shutdown().await;

    let home = folder.path().join("wallet");
    for round in 0..6 {
        let _ = std::fs::remove_file(home.join("started"));
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::child", "--nocapture"])
            .env(CHILD, &home)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..600 {
            if home.join("started").exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(37 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        check(&home).await;
    }

    // With the relay back all of it goes out, and every share is as its patient left it.
    let running = relay(&data, address).await;
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
    running.shutdown().await;
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
