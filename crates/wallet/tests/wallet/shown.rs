//! What the first screen and the page of a share say of shares: who may open them, with which passcode, from where.

use crate::support::{Operator, draft, empty, filled, passphrase};
use carnet_wallet::bridge::{EntryKind, FailureCode, Home, OwnEntry, Settings, ShareDraft, SharePreset, ShareStatus};
use carnet_wallet::{Error, Wallet};
use std::time::{SystemTime, UNIX_EPOCH};

fn visit() -> ShareDraft {
    ShareDraft { passcode: Some(" 4711 ".to_owned()), ..draft(SharePreset::Visit) }
}

async fn home(wallet: &Wallet) -> (Vec<ShareStatus>, u64) {
    let Home { open_shares, resting_shares, .. } = wallet.home().await.unwrap();
    (open_shares.iter().map(|share| share.status).collect(), resting_shares)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_said_to_be_shut_out_before_the_relay_knows() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let stopped = wallet.share(&visit()).await.unwrap().line.id;
    let paused = wallet.share(&visit()).await.unwrap().line.id;
    let tomorrow = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 + 86_400;
    wallet.share(&ShareDraft { not_before: Some(tomorrow), ..visit() }).await.unwrap();
    assert_eq!(home(&wallet).await, (vec![ShareStatus::Live; 2], 1), "one begins later");

    relay.away().await;
    wallet.stop_sharing(&stopped).await.unwrap();
    wallet.pause_share(&paused, true).await.unwrap();
    let (mut open, resting) = home(&wallet).await;
    open.sort_by_key(|status| *status == ShareStatus::Paused);
    assert_eq!((open, resting), (vec![ShareStatus::Stopping, ShareStatus::Paused], 1), "both may still open");

    relay.back().await;
    wallet.sync().await.unwrap();
    assert_eq!(home(&wallet).await, (vec![], 2), "one is paused, and one begins later");
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passcode_can_be_told_again_until_the_share_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let id = wallet.share(&visit()).await.unwrap().line.id;
    let known = async |id: &str| wallet.share_detail(id).await.unwrap().known_passcode;
    wallet.lock().await.unwrap();
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(known(&id).await.as_deref(), Some("4711"), "as the reader has to type it");
    wallet.extend_share(&id, 172_800).await.unwrap();
    assert_eq!(known(&id).await.as_deref(), Some("4711"));

    // At another relay, which is away, so that it is not signed yet.
    let mut second = Operator::start(folder.path().join("second")).await;
    second.away().await;
    second.serve(&wallet).await;
    let moved = wallet.move_share(&id).await.unwrap();
    assert_eq!((moved.line.status, moved.known_passcode.as_deref()), (ShareStatus::Waiting, Some("4711")));
    second.back().await;
    wallet.sync().await.unwrap();
    assert_eq!(known(&moved.line.id).await.as_deref(), Some("4711"));
    wallet.stop_sharing(&moved.line.id).await.unwrap();
    assert_eq!((known(&id).await, known(&moved.line.id).await), (None, None));

    let open = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    assert_eq!((open.passcode, open.known_passcode), (false, None));
    wallet.shutdown().await.unwrap();
    relay.away().await;
    second.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_leads_nobody_else_anywhere_is_known_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let only_here = async || wallet.preview_share(&visit()).await.unwrap().only_here;
    assert!(only_here().await, "the relay inside listens on this device");
    let share = wallet.share(&visit()).await.unwrap();
    assert!(share.only_here && share.link.starts_with("http://127.0.0.1:"), "{}", share.link);
    let settings = wallet.settings().await.unwrap();
    let relay = "https://relay.example.org".to_owned();
    wallet.change_settings(Settings { relay, ..settings }).await.unwrap();
    assert!(!only_here().await, "nobody was asked");
    assert!(wallet.share_detail(&share.line.id).await.unwrap().only_here, "it stays where it was made");
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_of_nobody_asks_for_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = empty(folder.path()).await;
    let entry = OwnEntry { kind: EntryKind::Allergy, title: "Peanut".to_owned(), ..OwnEntry::default() };
    wallet.save_entry(&entry).await.unwrap();
    let refused = wallet.preview_share(&visit()).await.unwrap_err();
    assert!(matches!(refused, Error::NobodyNamed), "{refused}");
    assert_eq!(refused.code(), FailureCode::NobodyNamed);
    let settings = wallet.settings().await.unwrap();
    wallet.change_settings(Settings { name: "Ada".to_owned(), ..settings }).await.unwrap();
    assert_eq!(wallet.preview_share(&visit()).await.unwrap().records, 1);
}
