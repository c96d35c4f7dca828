//! The whole line in one piece: records in, shared, opened by a reader over HTTP, verified, seen by the patient, stopped.

use crate::support::{Listener, Operator, draft, eventually, filled, passphrase, write_patient};
use carnet_consent::verify::{Outcome, Reason, Standing};
use carnet_records::ktc;
use carnet_wallet::bridge::{Event, ShareDraft, SharePreset, ShareStatus, VaultState};
use carnet_wallet::{Error, Quiet, Wallet, open_link, verify_files};
use std::sync::Arc;

/// Opens a link until everything about it can be checked: the ledger signs a moment after the commitment.
async fn open_checked(shlink: &str, reader: &str) -> carnet_wallet::OpenedShare {
    let mut last = None;
    for _ in 0..40 {
        let opened = open_link(shlink, reader, None).await.unwrap();
        let (_, verification) = opened.document.as_ref().unwrap();
        match verification.standing() {
            Standing::Good => return opened,
            Standing::Bad => panic!("{verification:?}"),
            Standing::Unsure => last = Some(verification.clone()),
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    panic!("not everything could be checked: {last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_file_to_a_reader_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 300).await;
    let listener = Arc::new(Listener::new(|_: &Event| {}));
    wallet.attach(listener.clone());

    // Share, by the relay inside the wallet.
    let preview = wallet.preview_share(&draft(SharePreset::Desk)).await.unwrap();
    assert!(preview.records > 0 && !preview.held_back.is_empty());
    let share = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    assert_eq!(share.line.status, ShareStatus::Live);
    assert_eq!(share.line.records, preview.records, "what was promised is what is shared");
    assert!(share.link.contains("/view#shlink:/") && share.link.ends_with(&share.shlink));
    assert!((73..=77).contains(&share.qr.len()) || share.qr.len() < 77, "at most version 15: {}", share.qr.len());

    // A reader opens it over HTTP and checks everything.
    let opened = open_checked(&share.shlink, "Dr Example").await;
    let (document, verification) = opened.document.unwrap();
    for outcome in [
        verification.signature,
        verification.entries_unaltered,
        verification.consent_agrees,
        verification.in_time,
        verification.named_by_link,
        verification.in_ledger,
        verification.not_withdrawn,
    ] {
        assert_eq!(outcome, Outcome::Checked, "{verification:?}");
    }
    assert!(verification.as_of.is_some());
    assert_eq!(ktc::check(&document), []);
    let grant = verification.grant.as_ref().unwrap();
    assert_eq!(grant.recipient.name.as_ref().unwrap().as_str(), "Dr Example");

    // The patient sees who looked, with the ledger's word for it.
    let openings = wallet.openings().await.unwrap();
    assert!(!openings.is_empty() && openings.iter().all(|o| o.recipient == "Dr Example" && o.served));
    assert!(listener.heard().iter().any(|event| matches!(event, Event::Opened(_))));
    let detail = eventually("the proof of the grant", async || {
        wallet.sync().await.unwrap();
        let detail = wallet.share_detail(&share.line.id).await.unwrap();
        detail.ledger.as_ref().is_some_and(|place| place.proven).then_some(detail)
    })
    .await;
    assert_eq!(detail.openings.len(), openings.len());
    assert_eq!(detail.line.openings as usize, openings.len());
    assert!(detail.ledger.unwrap().log.ends_with("/commitments"));

    // The proofs as files convince without any of our servers.
    let proof = wallet.export_proof(&share.line.id).await.unwrap();
    let now = grant.issued_at + 1;
    let (_, alone) = verify_files(&proof.document, Some(&proof.policy), Some(&proof.proof), None, now).unwrap();
    assert_eq!(alone.in_ledger, Outcome::Checked);
    assert!(matches!(alone.not_withdrawn, Outcome::NotChecked { .. }));
    let list = proof.withdrawals.clone().map(|list| (list.checkpoint, list.entries));
    let list = list.as_ref().map(|(checkpoint, entries)| (checkpoint.as_str(), entries.clone()));
    let (_, whole) = verify_files(&proof.document, Some(&proof.policy), Some(&proof.proof), list, now).unwrap();
    assert_eq!((whole.not_withdrawn, whole.standing()), (Outcome::Checked, Standing::Good));
    let altered = String::from_utf8(proof.document.clone()).unwrap().replacen("Patient", "Patieny", 1);
    let altered = verify_files(altered.as_bytes(), Some(&proof.policy), Some(&proof.proof), None, now);
    assert!(altered.is_ok_and(|(_, altered)| altered.standing() != Standing::Good));

    // Stopped: the link is gone, and whoever kept the document learns it from the ledger.
    let stopped = wallet.stop_sharing(&share.line.id).await.unwrap();
    assert_eq!(stopped.line.status, ShareStatus::Stopped);
    let gone = open_link(&share.shlink, "Dr Example", None).await.unwrap_err();
    assert!(matches!(gone, Error::Sync(carnet_sync::Error::Link(smart_health::Error::Inactive))), "{gone:?}");
    let client = carnet_sync::RelayClient::new(&wallet.start_embedded_relay().await.unwrap()).unwrap();
    let why = eventually("the withdrawal in the ledger", async || {
        let list = client.withdrawals(&proof.policy, None).await.unwrap();
        let list = Some((list.checkpoint.as_str(), list.entries.clone()));
        let (_, verification) = verify_files(&proof.document, Some(&proof.policy), None, list, now).unwrap();
        verification.not_withdrawn.is_failed().then_some(verification.not_withdrawn.why())
    })
    .await;
    assert_eq!(why, Some(Reason::Withdrawn));
    assert_eq!(wallet.sync().await.unwrap().waiting, 0);

    // Locked and opened again, all of it is still known.
    assert_eq!(wallet.lock().await.unwrap(), VaultState::Locked);
    assert!(matches!(wallet.shares().await, Err(Error::Locked)));
    wallet.unlock(&passphrase()).await.unwrap();
    let again = wallet.share_detail(&share.line.id).await.unwrap();
    // The reader who came too late left a receipt, too, of nothing given out.
    let served = again.openings.iter().filter(|opening| opening.served).count();
    assert_eq!((again.line.status, served), (ShareStatus::Stopped, openings.len()));
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passcode_is_counted_and_the_patient_sees_the_failed_try() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    let visit = ShareDraft { passcode: Some("4711 abc".into()), max_openings: Some(1), ..draft(SharePreset::Visit) };
    let share = wallet.share(&visit).await.unwrap();
    assert!(share.passcode);
    let link = &share.shlink;
    let needed = open_link(link, "Nurse", None).await.unwrap_err();
    assert!(matches!(needed, Error::Sync(carnet_sync::Error::PasscodeNeeded)), "{needed:?}");
    // Who asks without one takes no try, and is seen.
    open_link(link, "Prober", Some("")).await.unwrap_err();
    let wrong = open_link(link, "Nurse", Some("0000")).await.unwrap_err();
    assert!(
        matches!(wrong, Error::Sync(carnet_sync::Error::WrongPasscode { remaining_attempts: Some(9) })),
        "{wrong:?}"
    );
    open_link(link, "Nurse", Some("4711 abc")).await.unwrap();
    let openings = wallet.openings().await.unwrap();
    assert_eq!(openings.iter().filter(|opening| opening.served).count(), 1);
    let reasons: Vec<_> =
        openings.iter().filter(|opening| !opening.served).map(|opening| opening.reason.as_deref()).collect();
    assert!(reasons.len() == 2 && reasons.contains(&Some("passcode")), "{reasons:?}");
    assert!(reasons.contains(&Some("passcode_missing")), "{reasons:?}");
    // It could be opened once, and was.
    assert!(open_link(link, "Nurse", Some("4711 abc")).await.is_err());
    assert_eq!(wallet.shares().await.unwrap()[0].status, ShareStatus::Exhausted);
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_away_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    let first = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    assert_eq!(first.line.status, ShareStatus::Live);

    // The relay goes. A new share waits; a stopped one is stopped here and waits to be stopped there.
    relay.away().await;
    let second = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    assert_eq!(second.line.status, ShareStatus::Waiting);
    assert_eq!(wallet.stop_sharing(&first.line.id).await.unwrap().line.status, ShareStatus::Stopping);
    // A share that was never sent can be stopped as well, and must not appear later.
    let third = wallet.share(&draft(SharePreset::Visit)).await.unwrap();
    wallet.stop_sharing(&third.line.id).await.unwrap();
    let waiting = wallet.sync().await.unwrap();
    assert_eq!((waiting.sent, waiting.waiting), (0, 3));
    // All that outlasts a lock.
    wallet.lock().await.unwrap();
    wallet.unlock(&passphrase()).await.unwrap();

    relay.back().await;
    let synced = wallet.sync().await.unwrap();
    assert_eq!(synced.waiting, 0);
    let status = async |id: &str| wallet.share_detail(id).await.unwrap().line.status;
    assert_eq!(status(&first.line.id).await, ShareStatus::Stopped);
    assert_eq!(status(&second.line.id).await, ShareStatus::Live);
    assert_eq!(status(&third.line.id).await, ShareStatus::Stopped);
    assert!(open_link(&first.shlink, "x", None).await.is_err());
    assert!(open_link(&third.shlink, "x", None).await.is_err());
    open_checked(&second.shlink, "Dr Example").await;
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_sent_without_anybody_asking() {
    let folder = tempfile::tempdir().unwrap();
    let options = carnet_wallet::WalletOptions {
        sync_every: Some(std::time::Duration::from_millis(200)),
        ..crate::support::options()
    };
    let wallet = Wallet::new(folder.path().join("wallet"), options);
    wallet.create(&passphrase(), "Me").await.unwrap();
    wallet.import(&[write_patient(folder.path(), 3, 60)], &Quiet).await.unwrap();
    let mut relay = Operator::of(&wallet, folder.path()).await;
    wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    relay.away().await;
    let share = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    assert_eq!(share.line.status, ShareStatus::Waiting);
    relay.back().await;
    // The first pause after a try in vain is five seconds.
    eventually("the share to be sent", async || {
        let line = wallet.share_detail(&share.line.id).await.unwrap().line;
        (line.status == ShareStatus::Live).then_some(())
    })
    .await;
    open_link(&share.shlink, "Dr Example", None).await.unwrap();
    eventually("the opening to be learnt", async || {
        (wallet.share_detail(&share.line.id).await.unwrap().openings.len() == 1).then_some(())
    })
    .await;
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_inside_keeps_its_address_and_its_shares() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    let share = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    wallet.shutdown().await.unwrap();
    assert!(open_link(&share.shlink, "x", None).await.is_err());

    let wallet = Wallet::new(folder.path().join("wallet"), crate::support::options());
    wallet.unlock(&passphrase()).await.unwrap();
    wallet.start_embedded_relay().await.unwrap();
    assert_eq!(wallet.share_detail(&share.line.id).await.unwrap().link, share.link);
    open_link(&share.shlink, "x", None).await.unwrap();
    wallet.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_was_never_reached_is_waited_for_too() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 60).await;
    // An address where a relay will be, and is not yet.
    let mut relay = Operator::start(folder.path().join("relay")).await;
    relay.away().await;
    relay.serve(&wallet).await;
    let visit = ShareDraft { passcode: Some("4711".into()), ..draft(SharePreset::Visit) };
    let share = wallet.share(&visit).await.unwrap();
    assert_eq!((share.line.status, share.passcode), (ShareStatus::Waiting, true));
    assert!(share.line.records > 0 && share.shlink.starts_with("shlink:/"));
    // Another is given up before it was ever sent.
    let other = wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    assert_eq!(wallet.stop_sharing(&other.line.id).await.unwrap().line.status, ShareStatus::Stopped);
    wallet.lock().await.unwrap();
    wallet.unlock(&passphrase()).await.unwrap();
    assert_eq!(wallet.shares().await.unwrap(), std::slice::from_ref(&share.line));
    assert_eq!(wallet.share_detail(&share.line.id).await.unwrap(), share);
    assert_eq!(wallet.sync().await.unwrap().waiting, 1);

    relay.back().await;
    let synced = wallet.sync().await.unwrap();
    assert_eq!((synced.sent, synced.waiting), (1, 0));
    let live = wallet.share_detail(&share.line.id).await.unwrap();
    assert_eq!(live.line.status, ShareStatus::Live);
    assert_eq!((live.shlink.as_str(), live.link.as_str()), (share.shlink.as_str(), share.link.as_str()));
    let opened = open_link(&share.shlink, "Nurse", Some("4711")).await.unwrap();
    let (_, verification) = opened.document.unwrap();
    assert_eq!((verification.signature, verification.entries_unaltered), (Outcome::Checked, Outcome::Checked));
    assert_eq!(wallet.openings().await.unwrap().len(), 1);
    assert_eq!(wallet.shares().await.unwrap().len(), 1);
    wallet.shutdown().await.unwrap();
    relay.away().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ledger_behind_the_same_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = filled(folder.path(), 30).await;
    let mut relay = Operator::of(&wallet, folder.path()).await;
    wallet.share(&draft(SharePreset::Desk)).await.unwrap();
    relay.replaced_by(folder.path().join("two")).await;
    assert!(matches!(wallet.share(&draft(SharePreset::Desk)).await, Err(Error::RelayWrong(_))));
    assert_eq!(wallet.shares().await.unwrap().len(), 1);
    wallet.shutdown().await.unwrap();
    relay.away().await;
}
