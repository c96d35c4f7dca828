//! The whole life of a share on the real relay: published, opened, paused, proven, withdrawn.

use crate::failures::token;
use age::secrecy::ExposeSecret;
use carnet_consent::anchor::{self, ObjectType};
use carnet_consent::control::{LinkId, PasscodeVerifier, Publish, PublishFile, Revision};
use carnet_consent::receipt::{self, Outcome};
use carnet_consent::withdrawal::{Preimage, WithdrawalSecret};
use carnet_relay::{Config, Relay, Running};
use carnet_sync::{Error, Log, RelayClient, open_link};
use smart_health::manifest::FHIR_JSON;
use smart_health::reader::Options;
use smart_health::{ContentKey, Flags, ManifestUrl, SmartHealthLink, jwe};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const BUNDLE: &[u8] = br#"{"resourceType":"Bundle","type":"document"}"#;

struct Share {
    relay: Running,
    _data: tempfile::TempDir,
    client: RelayClient,
    id: LinkId,
    identity: age::x25519::Identity,
    publish: Publish,
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

fn withdrawal() -> WithdrawalSecret {
    WithdrawalSecret::from_bytes([5; 32])
}

async fn share(flags: &str) -> Share {
    let data = tempfile::tempdir().unwrap();
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        data: data.path().to_owned(),
        origin: Some("relay.example".to_owned()),
        checkpoint_interval_ms: 50,
        ..Config::default()
    };
    let relay = Relay::start(config).await.unwrap();
    let client = RelayClient::new(&relay.public_url).unwrap();
    let identity = age::x25519::Identity::generate();
    assert!(identity.to_string().expose_secret().starts_with("AGE-SECRET-KEY-1"));
    let file = jwe::encrypt(&ContentKey::from_bytes([7; 32]), [1; 12], FHIR_JSON, BUNDLE);
    let passcode = flags.contains('P').then(|| PasscodeVerifier::new("1234", vec![7; 16], 10_000).unwrap());
    let publish = Publish {
        flags: flags.to_owned(),
        expires: now() + 900,
        not_before: None,
        max_openings: Some(3),
        passcode,
        passcode_attempts: Some(5),
        files: vec![PublishFile { content_type: FHIR_JSON.to_owned(), jwe: file }],
        status: None,
        receipt_recipient: identity.to_public().to_string(),
        withdrawal_tag: withdrawal().tag(),
        commitment: anchor::commit(&[2; 32], ObjectType::Grant, &[3; 32]),
        revision: 0,
    };
    let publish = Publish { passcode_attempts: publish.passcode.as_ref().and(publish.passcode_attempts), ..publish };
    Share { relay, _data: data, client, id: LinkId::from_bytes([6; 32]), identity, publish }
}

fn link(share: &Share) -> SmartHealthLink {
    let url = ManifestUrl::new(share.client.link_url(&share.id)).unwrap();
    let flags = Flags::parse(&share.publish.flags).unwrap();
    SmartHealthLink::new(url, ContentKey::from_bytes([7; 32]), Some(share.publish.expires), flags, None, None).unwrap()
}

fn options() -> Options {
    Options { allow_loopback: true, ..Options::new("Dr Example", Some(now())) }
}

/// Asks until the relay signed what happened.
async fn prove(share: &Share, policy: &str, index: u64, entry: &anchor::Commitment) -> tlog::proof::TlogProof {
    for _ in 0..100 {
        match share.client.prove(policy, index, entry).await {
            Err(error) if error.is_away() => tokio::time::sleep(Duration::from_millis(50)).await,
            other => return other.unwrap(),
        }
    }
    panic!("the relay did not sign a head within five seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_from_its_beginning_to_its_end() {
    let share = share("U").await;
    let published = share.client.publish(&share.id, &token(), &share.publish).await.unwrap();
    let again = share.client.publish(&share.id, &token(), &share.publish).await.unwrap();
    assert_eq!(published, again);
    let policy = share.client.policy().await.unwrap();
    prove(&share, &policy, published.commitment_index, &share.publish.commitment).await;
    let head = share.client.head(&policy, Log::Commitments, None).await.unwrap();

    let opened = open_link(link(&share), options(), None).await.unwrap();
    assert_eq!(opened.opened.files[0].bytes, BUNDLE);
    assert_eq!(opened.commitment_index, Some(published.commitment_index));
    assert_eq!(share.client.state(&share.id, &token()).await.unwrap().openings, 1);

    // The receipt was in the ledger before the file was served.
    let receipts = share.client.all_receipts(&share.id, &token(), 0).await.unwrap();
    let (read, r) = receipt::decrypt(&share.identity, &receipts.receipts[0].sealed).unwrap();
    assert_eq!((read.recipient.as_str(), read.relay.as_str(), read.opening), ("Dr Example", "relay.example", 1));
    assert!(matches!(read.outcome, Outcome::Served { .. }));
    let commitment = anchor::commit(&r, ObjectType::Receipt, &read.sha256().unwrap());
    prove(&share, &policy, receipts.receipts[0].index, &commitment).await;
    share.client.head(&policy, Log::Commitments, Some(&head)).await.unwrap();

    // Paused it looks as if it did not exist.
    assert!(share.client.pause(&share.id, &token(), Revision { revision: 1 }).await.unwrap().paused);
    assert!(matches!(open_link(link(&share), options(), None).await, Err(Error::Link(smart_health::Error::Inactive))));
    assert!(share.client.resume(&share.id, &token(), Revision { revision: 2 }).await.unwrap().live);
    open_link(link(&share), options(), None).await.unwrap();

    // Withdrawn it is dead, and everybody can see that somebody withdrew.
    let p: Preimage = withdrawal().preimage();
    let withdrawn = share.client.withdraw(&p).await.unwrap();
    assert_eq!(share.client.withdraw(&p).await.unwrap(), withdrawn);
    assert!(matches!(open_link(link(&share), options(), None).await, Err(Error::Link(smart_health::Error::Inactive))));
    assert!(share.client.state(&share.id, &token()).await.unwrap().withdrawn);
    let mut set = None;
    for _ in 0..100 {
        let newest = share.client.withdrawals(&policy, set.take()).await.unwrap();
        let there = newest.entries.contains(&p.log_entry());
        set = Some(newest);
        if there {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(set.unwrap().entries, [p.log_entry()]);
    // Nothing brings it back.
    let back = share.client.publish(&share.id, &token(), &share.publish).await.unwrap_err();
    assert!(matches!(back, Error::RelayRefused { status: 410, .. }), "{back}");
    share.client.delete(&share.id, &token()).await.unwrap();
    share.client.delete(&share.id, &token()).await.unwrap();
    share.relay.shutdown().await;
    assert!(share.client.policy().await.unwrap_err().is_away());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passcode_and_a_limit_of_openings() {
    let share = share("P").await;
    share.client.publish(&share.id, &token(), &share.publish).await.unwrap();
    let open = |passcode: &'static str| open_link(link(&share), options(), Some(passcode));
    assert!(matches!(open_link(link(&share), options(), None).await, Err(Error::PasscodeNeeded)));
    let wrong = open("0000").await.unwrap_err();
    assert!(matches!(wrong, Error::WrongPasscode { remaining_attempts: Some(4) }), "{wrong}");
    for _ in 0..3 {
        assert_eq!(open("1234").await.unwrap().opened.files[0].bytes, BUNDLE);
    }
    assert!(matches!(open("1234").await, Err(Error::Link(smart_health::Error::Inactive))));
    assert!(share.client.state(&share.id, &token()).await.unwrap().exhausted);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_wallet_cannot_touch_a_share() {
    let share = share("U").await;
    share.client.publish(&share.id, &token(), &share.publish).await.unwrap();
    let stranger = carnet_consent::control::ControlToken::from_bytes([99; 32]);
    for result in [
        share.client.publish(&share.id, &stranger, &share.publish).await.map(drop),
        share.client.state(&share.id, &stranger).await.map(drop),
        share.client.pause(&share.id, &stranger, Revision::default()).await.map(drop),
        share.client.receipts(&share.id, &stranger, 0).await.map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::RelayRefused { status: 403 | 404, .. }), "{error}");
    }
    open_link(link(&share), options(), None).await.unwrap();
}
