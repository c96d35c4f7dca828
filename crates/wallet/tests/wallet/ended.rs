//! Shares that are used up, and such as were stopped while nobody could hear of it.

use crate::support::{Operator, draft, filled};
use carnet_consent::consent_receipt::{ConsentReceipt, Standing};
use carnet_wallet::bridge::{ReceiptForm, ShareDraft, SharePreset};
use carnet_wallet::{Error, open_link};

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_used_up_begins_nowhere_again() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let _first = Operator::of(&wallet, folder.path()).await;
    let once = ShareDraft { max_openings: Some(1), passcode: None, ..draft(SharePreset::Visit) };
    let share = wallet.share(&once).await.unwrap();
    open_link(&share.shlink, "Dr Example", None).await.unwrap();
    // Nobody asked who looked since.
    let second = Operator::start(folder.path().join("second")).await;
    second.serve(&wallet).await;
    assert!(matches!(wallet.extend_share(&share.line.id, 30 * 86_400).await, Err(Error::Change(_))));
    assert!(matches!(wallet.move_share(&share.line.id).await, Err(Error::Change(_))));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_moved_opens_as_often_as_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let _first = Operator::of(&wallet, folder.path()).await;
    let thrice = ShareDraft { max_openings: Some(3), passcode: None, ..draft(SharePreset::Visit) };
    let share = wallet.share(&thrice).await.unwrap();
    open_link(&share.shlink, "Dr Example", None).await.unwrap();
    let second = Operator::start(folder.path().join("second")).await;
    second.serve(&wallet).await;
    let moved = wallet.move_share(&share.line.id).await.unwrap();
    assert_eq!(moved.max_openings, Some(2));
    open_link(&moved.shlink, "Dr Example", None).await.unwrap();
    // And as often as was left of that, once it is moved again.
    let third = Operator::start(folder.path().join("third")).await;
    third.serve(&wallet).await;
    let last = wallet.move_share(&moved.line.id).await.unwrap();
    open_link(&last.shlink, "Dr Example", None).await.unwrap();
    assert!(open_link(&last.shlink, "Dr Example", None).await.is_err());
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_claims_no_withdrawal_of_which_nobody_heard() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 40).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let share = wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    let standing = async || {
        let written = wallet.receipt(&share.line.id, ReceiptForm::Json).await.unwrap();
        ConsentReceipt::read(&serde_json::from_slice(&written).unwrap()).unwrap().standing()
    };
    relay.away().await;
    wallet.stop_sharing(&share.line.id).await.unwrap();
    assert_eq!(standing().await, Standing::Stopping);
    relay.back().await;
    wallet.sync().await.unwrap();
    assert_eq!(standing().await, Standing::Withdrawn);
    wallet.shutdown().await.unwrap();
    relay.away().await;
}
