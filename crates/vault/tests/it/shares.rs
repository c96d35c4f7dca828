//! Shares, receipts, the outbox and settings: together or not at all, and safe to repeat.

use crate::support::{Made, NOW, made, passphrase};
use carnet_consent::GrantId;
use carnet_vault::{
    Batch, Error, Event, GrantRow, GrantStatus, NewState, ProfileId, ReceiptOutcome, ReceiptRow, Vault,
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

pub(crate) fn grant(id: u8, profile: ProfileId) -> GrantRow {
    GrantRow {
        id: GrantId::from_bytes([id; 16]),
        profile,
        signed: vec![id, 1, 2],
        bundle: Some(b"{\"resourceType\":\"Bundle\"}".to_vec()),
        link: "shlink:/secret".to_owned().into(),
        relay_url: "https://relay.example".into(),
        link_id: "link".into(),
        commitment_r: [3; 32],
        commitment_index: None,
        status: GrantStatus::Waiting,
        recipient: "Dr Example".into(),
        purpose: "TREAT".into(),
        created_at: NOW + i64::from(id),
        expires: NOW + 900,
        details: "{}".into(),
    }
}

/// What a share is once it was signed anew.
pub(crate) fn renewed(signed: &[u8]) -> NewState {
    NewState {
        signed: signed.to_vec(),
        bundle: b"sealed anew".to_vec(),
        commitment_r: [5; 32],
        expires: NOW + 9_000,
        link: "shlink:/longer".to_owned().into(),
        details: "{\"records\":4}".into(),
    }
}

pub(crate) fn receipt(grant: u8, seq: u64) -> ReceiptRow {
    ReceiptRow {
        grant: GrantId::from_bytes([grant; 16]),
        seq,
        receipt: vec![grant, seq as u8],
        commitment_r: [4; 32],
        commitment_index: 70 + seq,
        learnt_at: NOW,
    }
}

#[tokio::test]
async fn a_share_and_its_message_are_stored_together() {
    let Made { dir, vault, me, .. } = made().await;
    let mut batch = Batch::new(NOW);
    batch.put_grant(grant(1, me)).queue_put("publish", b"body".to_vec()).set_setting("relay", Some("x"));
    let applied = vault.apply(batch).await.unwrap();
    let due = vault.queue_due(NOW).await.unwrap();
    assert_eq!((due.len(), due[0].id, due[0].body.as_slice()), (1, applied.jobs[0], b"body".as_slice()));

    // The same share again is refused, and with it everything in its batch.
    let mut again = Batch::new(NOW);
    again.queue_put("publish", b"twice".to_vec()).set_setting("relay", Some("y")).put_grant(grant(1, me));
    assert!(matches!(vault.apply(again).await, Err(Error::Database(_))));
    assert_eq!(vault.queue_len().await.unwrap(), 1);
    assert_eq!(vault.setting("relay").await.unwrap().as_deref(), Some("x"));

    let folder = dir.path().join("vault");
    vault.close().await.unwrap();
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    let stored = vault.grant(&grant(1, me).id).await.unwrap();
    assert_eq!(stored.link.expose_secret(), "shlink:/secret");
    assert_eq!((stored.bundle, stored.commitment_r, stored.profile), (None, [3; 32], me));
    assert_eq!(vault.bundle(&stored.id).await.unwrap(), grant(1, me).bundle);
    assert_eq!(vault.queue_due(NOW).await.unwrap(), due);
}

#[tokio::test]
async fn the_life_of_a_share_is_journalled() {
    let Made { vault, me, .. } = made().await;
    vault.put_grant(grant(1, me), NOW).await.unwrap();
    vault.put_grant(grant(2, me), NOW).await.unwrap();
    let id = grant(1, me).id;
    let mut batch = Batch::new(NOW);
    batch.set_grant_status(&id, GrantStatus::Live).set_grant_index(&id, 41).set_grant_details(&id, "{\"records\":3}");
    vault.apply(batch).await.unwrap();
    vault.set_grant_status(&id, GrantStatus::Live, NOW).await.unwrap();
    vault.set_grant_status(&id, GrantStatus::Stopping, NOW).await.unwrap();

    let grants = vault.grants().await.unwrap();
    assert_eq!(grants.iter().map(|g| g.id).collect::<Vec<_>>(), [grant(2, me).id, id]);
    let stored = &grants[1];
    assert_eq!((stored.status, stored.commitment_index), (GrantStatus::Stopping, Some(41)));
    assert_eq!((stored.details.as_str(), &stored.bundle), ("{\"records\":3}", &None));
    let told: Vec<_> = vault.journal(3).await.unwrap().into_iter().map(|entry| entry.event).collect();
    let states = |event: &Event| match event {
        Event::GrantChanged { status, .. } => status.clone(),
        other => format!("{other:?}").split(' ').next().unwrap().to_owned(),
    };
    assert_eq!(told.iter().map(states).collect::<Vec<_>>(), ["stopping", "live", "Granted"]);

    let mut batch = Batch::new(NOW);
    batch.set_grant_end(&id, NOW + 77, "shlink:/later".to_owned().into());
    vault.apply(batch).await.unwrap();
    let later = vault.grant(&id).await.unwrap();
    assert_eq!((later.expires, later.link.expose_secret()), (NOW + 77, "shlink:/later"));

    let nobody = GrantId::from_bytes([99; 16]);
    assert!(matches!(vault.grant(&nobody).await, Err(Error::NoSuch("share"))));
    assert!(matches!(vault.bundle(&nobody).await, Err(Error::NoSuch("share"))));
    assert!(matches!(vault.set_grant_status(&nobody, GrantStatus::Live, NOW).await, Err(Error::NoSuch("share"))));
    assert!(matches!(vault.put_receipt(receipt(99, 1), NOW).await, Err(Error::NoSuch("share"))));
    let mut batch = Batch::new(NOW);
    batch.set_grant_index(&nobody, 1);
    assert!(matches!(vault.apply(batch).await, Err(Error::NoSuch("share"))));
}

#[tokio::test]
async fn what_a_share_was_is_kept_when_it_is_signed_anew() {
    let Made { dir, vault, me, .. } = made().await;
    let id = grant(1, me).id;
    let mut batch = Batch::new(NOW);
    batch.put_grant(grant(1, me)).set_unsealed(&id, Some(b"plain".to_vec())).set_grant_index(&id, 41);
    vault.apply(batch).await.unwrap();
    for _ in 0..2 {
        let mut batch = Batch::new(NOW + 1);
        batch.replace_grant(&id, renewed(b"second")).set_unsealed(&id, Some(b"plain, later".to_vec()));
        vault.apply(batch).await.unwrap();
    }
    let folder = dir.path().join("vault");
    vault.close().await.unwrap();
    let vault = Vault::open(&folder, &passphrase("right"), NOW).await.unwrap();
    let stored = vault.grant(&id).await.unwrap();
    assert_eq!(stored.signed, b"second");
    assert_eq!(vault.bundle(&id).await.unwrap().as_deref(), Some(&b"sealed anew"[..]));
    assert_eq!((stored.expires, stored.commitment_index, stored.commitment_r), (NOW + 9_000, None, [5; 32]));
    assert_eq!((stored.link.expose_secret(), stored.details.as_str()), ("shlink:/longer", "{\"records\":4}"));
    assert_eq!(stored.status, GrantStatus::Waiting);
    assert_eq!(vault.unsealed(&id).await.unwrap().as_deref(), Some(&b"plain, later"[..]));
    let former = vault.former_grants(&id).await.unwrap();
    assert_eq!(former.len(), 1, "the same again is not a former one of itself");
    assert_eq!((former[0].signed.clone(), former[0].commitment_index), (grant(1, me).signed, Some(41)));

    // What a relay answers late to a former one is kept with it.
    let mut batch = Batch::new(NOW + 2);
    batch.replace_grant(&id, renewed(b"third")).set_former_index(&id, Sha256::digest(b"second").into(), 77);
    batch.set_former_index(&id, [9; 32], 78).set_unsealed(&id, None);
    vault.apply(batch).await.unwrap();
    let indexes: Vec<_> = vault.former_grants(&id).await.unwrap().iter().map(|one| one.commitment_index).collect();
    assert_eq!(indexes, [Some(77), Some(41)]);
    assert_eq!(vault.unsealed(&id).await.unwrap(), None);
    let granted = vault.journal(100).await.unwrap().into_iter().filter(|e| matches!(e.event, Event::Granted { .. }));
    assert_eq!(granted.count(), 4);
    let nobody = GrantId::from_bytes([99; 16]);
    let mut batch = Batch::new(NOW);
    batch.replace_grant(&nobody, renewed(b"x"));
    assert!(matches!(vault.apply(batch).await, Err(Error::NoSuch("share"))));
}

#[tokio::test]
async fn receipts_are_stored_once() {
    let Made { vault, me, .. } = made().await;
    vault.put_grant(grant(1, me), NOW).await.unwrap();
    vault.put_grant(grant(2, me), NOW).await.unwrap();
    let id = grant(1, me).id;
    assert_eq!(vault.last_receipt(&id).await.unwrap(), None);
    assert_eq!(vault.put_receipt(receipt(1, 1), NOW).await.unwrap(), ReceiptOutcome::Stored);
    assert_eq!(vault.put_receipt(receipt(1, 2), NOW).await.unwrap(), ReceiptOutcome::Stored);
    assert_eq!(vault.put_receipt(receipt(2, 1), NOW).await.unwrap(), ReceiptOutcome::Stored);
    assert_eq!(vault.put_receipt(receipt(1, 2), NOW).await.unwrap(), ReceiptOutcome::AlreadyThere);
    let other = ReceiptRow { receipt: b"another".to_vec(), ..receipt(1, 2) };
    assert_eq!(vault.put_receipt(other, NOW).await.unwrap(), ReceiptOutcome::Differs);
    assert_eq!(vault.receipts(Some(&id)).await.unwrap(), [receipt(1, 2), receipt(1, 1)]);
    assert_eq!(vault.receipts(None).await.unwrap().len(), 3);
    assert_eq!(vault.last_receipt(&id).await.unwrap(), Some(2));
    let opened = vault.journal(100).await.unwrap().into_iter().filter(|e| matches!(e.event, Event::Opened { .. }));
    assert_eq!(opened.count(), 3);
}

#[tokio::test]
async fn jobs_wait_their_time() {
    let Made { vault, .. } = made().await;
    let first = vault.queue_put("publish", vec![1], NOW).await.unwrap();
    let second = vault.queue_put("withdraw", vec![2], NOW).await.unwrap();
    vault.queue_retry(first, NOW + 60).await.unwrap();
    let due = async |now| vault.queue_due(now).await.unwrap().into_iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(due(NOW).await, [second]);
    assert_eq!(due(NOW + 60).await, [first, second]);
    assert_eq!(vault.queue_due(NOW + 60).await.unwrap()[0].attempts, 1);
    vault.queue_done(second).await.unwrap();
    vault.queue_done(second).await.unwrap();
    assert_eq!(vault.queue_len().await.unwrap(), 1);
    // A number is never used again, so a late "done" cannot hit another job.
    vault.queue_done(first).await.unwrap();
    assert!(vault.queue_put("publish", vec![3], NOW).await.unwrap() > second);
}

#[tokio::test]
async fn settings_are_set_and_removed() {
    let Made { vault, .. } = made().await;
    assert_eq!(vault.setting("language").await.unwrap(), None);
    vault.set_setting("language", Some("fr"), NOW).await.unwrap();
    vault.set_setting("language", Some("de"), NOW).await.unwrap();
    assert_eq!(vault.setting("language").await.unwrap().as_deref(), Some("de"));
    vault.set_setting("language", None, NOW).await.unwrap();
    assert_eq!(vault.setting("language").await.unwrap(), None);
}
