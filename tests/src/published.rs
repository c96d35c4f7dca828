//! Links that are published at a relay by themselves, without a wallet: of any flags, and with files of any kind.

use std::time::{SystemTime, UNIX_EPOCH};

use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::control::{ControlToken, FileStatus, LinkId, PasscodeVerifier, Publish, PublishFile, paths};
use carnet_consent::withdrawal::WithdrawalSecret;
use serde_json::json;
use smart_health::manifest::FHIR_JSON;
use smart_health::{ContentKey, Flags, ManifestUrl, SmartHealthLink, jwe};

use crate::relay::Relay;

/// What opens those with a passcode.
pub const PASSCODE: &str = "4711-heron";

/// A link that was published.
#[derive(Debug)]
pub struct Published {
    /// The link.
    pub uri: String,
    /// Where its relay is asked for it.
    pub url: String,
    /// What withdraws it.
    pub withdrawal: WithdrawalSecret,
}

/// Publishes a Bundle under a link with these flags, by its number: each test uses its own numbers. `change`: what is to be
/// otherwise.
///
/// # Panics
/// Where the relay refuses.
pub fn publish(relay: &Relay, number: u8, flags: &str, change: impl FnOnce(&mut Publish)) -> Published {
    let (id, key) = (LinkId::from_bytes([number; 32]), ContentKey::from_bytes([number; 32]));
    let withdrawal = WithdrawalSecret::from_bytes([number; 32]);
    let content = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
        { "fullUrl": "urn:uuid:b5e506f4-e14c-4e27-9543-4b8d1e1f3e2a", "resource": { "resourceType": "Patient" } },
    ]});
    let passcode = flags.contains('P').then(|| PasscodeVerifier::new(PASSCODE, vec![number; 16], 10_000).unwrap());
    let mut publish = Publish {
        flags: flags.to_owned(),
        expires: now() + 600,
        not_before: None,
        max_openings: None,
        passcode,
        passcode_attempts: Some(3),
        files: vec![file(number, FHIR_JSON, content.to_string().as_bytes())],
        status: flags.contains('L').then_some(FileStatus::CanChange),
        receipt_recipient: age::x25519::Identity::generate().to_public().to_string(),
        withdrawal_tag: withdrawal.tag(),
        commitment: commit(&[number; 32], ObjectType::Grant, &[number; 32]),
        revision: 0,
    };
    change(&mut publish);
    let answer = ureq::put(format!("{}{}", relay.url(), paths::control(&id)))
        .header("authorization", ControlToken::from_bytes([number; 32]).expose_header())
        .content_type("application/json")
        .send(serde_json::to_string(&publish).unwrap());
    assert_eq!(answer.unwrap().status(), 200);
    let url = format!("{}{}", relay.url(), paths::link(&id));
    let link = SmartHealthLink::new(
        ManifestUrl::new(url.clone()).unwrap(),
        key,
        // What a link says of its end is a hint; here the relay is what is tested.
        Some(now() + 600),
        Flags::parse(flags).unwrap(),
        None,
        None,
    );
    Published { uri: link.unwrap().to_uri(), url, withdrawal }
}

/// A file of the link with this number.
pub fn file(number: u8, content_type: &str, content: &[u8]) -> PublishFile {
    let key = ContentKey::from_bytes([number; 32]);
    PublishFile { content_type: content_type.to_owned(), jwe: jwe::encrypt(&key, [number; 12], content_type, content) }
}

/// Now, Unix seconds.
///
/// # Panics
/// On a clock before 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}
