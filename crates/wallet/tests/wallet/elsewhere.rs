//! Shares that changed without this vault: stopped with their withdrawal card, or changed by the device whose backup was
//! restored here, after that backup was made. All through a real relay.

use crate::support::{Operator, draft, filled, options, passphrase};
use carnet_wallet::bridge::{
    CardOutcome, Elsewhere, EntryKind, FailureCode, OwnEntry, Passphrase, Pasted, Reply, Request, ShareDetail,
    ShareDraft, ShareFormat, SharePreset, ShareStatus,
};
use carnet_wallet::{Error, Quiet, Wallet, open_link, withdraw_with_card};
use std::path::Path;

const DAY: i64 = 86_400;

async fn reads(share: &ShareDetail) -> String {
    open_link(&share.shlink, "Dr Example", None).await.unwrap().document.unwrap().0.to_string()
}

async fn types(wallet: &Wallet, title: &str) {
    let entry = OwnEntry { kind: EntryKind::Allergy, title: title.to_owned(), ..OwnEntry::default() };
    wallet.save_entry(&entry).await.unwrap();
    wallet.sync().await.unwrap();
}

async fn detail(wallet: &Wallet, share: &ShareDetail) -> ShareDetail {
    wallet.share_detail(&share.line.id).await.unwrap()
}

fn live() -> ShareDraft {
    ShareDraft { live: true, format: Some(ShareFormat::Ips), seconds: DAY, ..draft(SharePreset::Desk) }
}

/// The wallet of a new phone, with what the backup knew.
async fn restored(backup: &Path, words: &str, folder: &Path) -> Wallet {
    let wallet = Wallet::new(folder.join("other"), options());
    wallet.restore(backup, words, &Passphrase::new("a new device's own".into())).await.unwrap();
    wallet
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_stops_one_share_and_the_wallet_learns_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let (share, other) = (wallet.share(&live()).await.unwrap(), wallet.share(&live()).await.unwrap());
    let card = wallet.withdrawal_card(&share.line.id).await.unwrap();
    assert!(card.link.contains("/view#carnet-stop:") && card.link.ends_with(&card.code) && card.qr.len() > 20);
    assert_eq!((card.recipient.as_str(), card.expires), ("Dr Example", share.line.expires));
    assert!(matches!(withdraw_with_card("nonsense", None).await, Err(Error::NotACard)));
    assert!(matches!(withdraw_with_card(&card.code, None).await, Err(Error::NoRelayNamed)));

    // The card outlives a new signature under the same link.
    wallet.extend_share(&share.line.id, 2 * DAY).await.unwrap();
    wallet.lock().await.unwrap();
    for _ in 0..2 {
        assert_eq!(withdraw_with_card(&card.link, None).await.unwrap(), Some(true));
    }
    assert!(open_link(&share.shlink, "Dr Example", None).await.is_err());
    reads(&other).await;

    wallet.unlock(&passphrase()).await.unwrap();
    wallet.sync().await.unwrap();
    let line = detail(&wallet, &share).await.line;
    assert_eq!((line.status, line.elsewhere), (ShareStatus::Stopped, Some(Elsewhere::Stopped)));
    let line = detail(&wallet, &other).await.line;
    assert_eq!((line.status, line.elsewhere), (ShareStatus::Live, None));
    assert!(matches!(wallet.withdrawal_card(&share.line.id).await, Err(Error::Change(_))));
    assert_eq!(wallet.sync().await.unwrap().waiting, 0);
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_used_in_a_wallet_for_shares_of_its_own_and_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let (giver_folder, parent_folder) = (folder.path().join("giver"), folder.path().join("parent"));
    for folder in [&giver_folder, &parent_folder] {
        std::fs::create_dir_all(folder).unwrap();
    }
    let (giver, parent) = (filled(&giver_folder, 40).await, filled(&parent_folder, 40).await);
    // Kept by the relay inside the wallet, a card would help nobody.
    let here = giver.share(&live()).await.unwrap();
    let card = giver.withdrawal_card(&here.line.id).await.unwrap();
    assert!(card.only_here && card.relay.is_none(), "{card:?}");
    let mut relay = Operator::of(&giver, folder.path()).await;
    let card = giver.withdrawal_card(&here.line.id).await.unwrap();
    assert!(card.only_here && card.relay.is_some(), "it can be moved now");
    let (others, own) = (giver.share(&live()).await.unwrap(), giver.share(&live()).await.unwrap());
    let card = giver.withdrawal_card(&others.line.id).await.unwrap();
    assert!(!card.only_here && card.relay.is_none());

    let use_card = |card: String| Request::UseCard { card: Pasted(card) };
    let used = |reply: Reply| match reply {
        Reply::CardUsed(outcome) => outcome,
        other => panic!("{other:?}"),
    };
    let refused = parent.handle(use_card("nonsense".to_owned()), &Quiet).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::Invalid);
    // Typed without its relay, the code is taken to be of the relay that the wallet itself uses: there is no such share.
    let outcome = used(parent.handle(use_card(card.code.clone()), &Quiet).await.unwrap());
    assert_eq!(outcome, CardOutcome::Unknown);
    for _ in 0..2 {
        assert_eq!(used(parent.handle(use_card(card.link.clone()), &Quiet).await.unwrap()), CardOutcome::Stopped);
    }
    assert!(open_link(&others.shlink, "Dr Example", None).await.is_err());
    reads(&own).await;

    // One's own share is stopped without a network, too.
    let card = giver.withdrawal_card(&own.line.id).await.unwrap();
    relay.away().await;
    assert_eq!(used(giver.handle(use_card(card.code), &Quiet).await.unwrap()), CardOutcome::Stopping);
    let failed = parent.handle(use_card(card.link), &Quiet).await.unwrap_err();
    assert_eq!(failed.code, FailureCode::RelayAway);
    giver.shutdown().await.unwrap();
    parent.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_vault_takes_over_what_its_relay_knows_and_overwrites_nothing_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let follows = wallet.share(&live()).await.unwrap();
    let longer = wallet.share(&ShareDraft { seconds: DAY, ..draft(SharePreset::Visit) }).await.unwrap();
    let (paused, stopped) = (
        wallet.share(&draft(SharePreset::Visit)).await.unwrap(),
        wallet.share(&draft(SharePreset::Visit)).await.unwrap(),
    );
    let backup = folder.path().join("backup.age");
    wallet.back_up(&backup).await.unwrap();
    let words = wallet.recovery_words().await.unwrap().join(" ");

    // What the old phone did after its last backup.
    types(&wallet, "Newer on the old phone").await;
    let extended = wallet.extend_share(&longer.line.id, 5 * DAY).await.unwrap();
    wallet.pause_share(&paused.line.id, true).await.unwrap();
    wallet.stop_sharing(&stopped.line.id).await.unwrap();
    wallet.shutdown().await.unwrap();

    let new = restored(&backup, &words, folder.path()).await;
    new.sync().await.unwrap();
    let line = detail(&new, &longer).await;
    assert_eq!((line.line.expires, line.line.elsewhere), (extended.line.expires, Some(Elsewhere::Changed)));
    // The code that is shown now says the true end.
    assert!(reads(&line).await.contains("Bundle"));
    assert_eq!(detail(&new, &paused).await.line.status, ShareStatus::Paused);
    let line = detail(&new, &stopped).await.line;
    assert_eq!((line.status, line.elsewhere), (ShareStatus::Stopped, Some(Elsewhere::Stopped)));
    assert_eq!(detail(&new, &follows).await.line.elsewhere, Some(Elsewhere::Changed));

    // What is typed here does not go over what the old phone shared, until the person says so.
    types(&new, "Newer on the new phone").await;
    let text = reads(&follows).await;
    assert!(text.contains("Newer on the old phone") && !text.contains("Newer on the new phone"));
    let updated = new.update_share(&follows.line.id).await.unwrap();
    assert_eq!(updated.line.elsewhere, None);
    let text = reads(&follows).await;
    assert!(!text.contains("Newer on the old phone") && text.contains("Newer on the new phone"));
    // From then on it follows again.
    types(&new, "Later on the new phone").await;
    assert!(reads(&follows).await.contains("Later on the new phone"));

    // What the person does here counts: never refused for being behind.
    assert!(matches!(new.extend_share(&longer.line.id, 2 * DAY).await, Err(Error::Change(_))), "it ends later already");
    let again = new.extend_share(&longer.line.id, 6 * DAY).await.unwrap();
    assert_eq!((again.line.status, again.line.elsewhere), (ShareStatus::Live, None));
    assert!(!new.waiting(&longer.line.id).await.unwrap());
    let resumed = new.pause_share(&paused.line.id, false).await.unwrap();
    assert_eq!((resumed.line.status, resumed.line.elsewhere), (ShareStatus::Live, None));
    reads(&resumed).await;
    new.sync().await.unwrap();
    let contradicted = [&follows, &longer, &paused].map(|share| detail(&new, share));
    for share in contradicted {
        let share = share.await;
        assert!(share.openings.iter().all(|opening| !opening.contradicted));
        assert!(share.ledger.is_some_and(|place| place.index > 0));
    }
    new.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_in_a_backup_undoes_nothing_that_came_later() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let share = wallet.share(&ShareDraft { seconds: DAY, ..draft(SharePreset::Visit) }).await.unwrap();
    let held = wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    relay.away().await;
    wallet.extend_share(&share.line.id, 2 * DAY).await.unwrap();
    wallet.pause_share(&held.line.id, true).await.unwrap();
    wallet.pause_share(&held.line.id, false).await.unwrap();
    let sent = wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    let never_sent = wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    let backup = folder.path().join("backup.age");
    wallet.back_up(&backup).await.unwrap();
    let words = wallet.recovery_words().await.unwrap().join(" ");

    // The old phone reached its relay once more, but for the last share, and went on.
    let stopped = wallet.stop_sharing(&never_sent.line.id).await.unwrap();
    assert_eq!(stopped.line.status, ShareStatus::Stopping);
    relay.back().await;
    wallet.sync().await.unwrap();
    let extended = wallet.extend_share(&share.line.id, 5 * DAY).await.unwrap();
    wallet.pause_share(&held.line.id, true).await.unwrap();
    wallet.pause_share(&sent.line.id, true).await.unwrap();
    wallet.shutdown().await.unwrap();

    let new = restored(&backup, &words, folder.path()).await;
    assert_eq!(new.sync().await.unwrap().waiting, 0);
    assert_eq!(detail(&new, &share).await.line.expires, extended.line.expires);
    for paused in [&held, &sent] {
        assert_eq!(detail(&new, paused).await.line.status, ShareStatus::Paused);
        assert!(open_link(&paused.shlink, "Dr Example", None).await.is_err(), "it stays paused");
    }
    // What was withdrawn before it was ever published is not published by the new phone.
    let line = detail(&new, &never_sent).await.line;
    assert!(matches!(line.status, ShareStatus::Stopped), "{line:?}");
    assert!(open_link(&never_sent.shlink, "Dr Example", None).await.is_err());
    let resumed = new.pause_share(&sent.line.id, false).await.unwrap();
    assert_eq!(resumed.line.status, ShareStatus::Live);
    reads(&resumed).await;
    new.sync().await.unwrap();
    for share in new.openings().await.unwrap() {
        assert!(!share.contradicted, "{share:?}");
    }
    new.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_in_a_backup_and_was_never_sent_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    relay.away().await;
    let share = wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    assert_eq!(share.line.status, ShareStatus::Waiting);
    let backup = folder.path().join("backup.age");
    wallet.back_up(&backup).await.unwrap();
    let words = wallet.recovery_words().await.unwrap().join(" ");
    wallet.shutdown().await.unwrap();
    relay.back().await;

    let new = restored(&backup, &words, folder.path()).await;
    assert_eq!(new.sync().await.unwrap().waiting, 0);
    let line = detail(&new, &share).await.line;
    assert_eq!((line.status, line.elsewhere), (ShareStatus::Live, None));
    reads(&share).await;
    new.shutdown().await.unwrap();
    relay.away().await;
}
