//! Every derivation, written down once and never changed: other programs and later versions must get the same.
//!
//! Computed apart from this crate in Python: PBKDF2-HMAC-SHA-512 (BIP-39), HMAC-SHA-256 (RFC 5869), Bech32 (BIP-173) and
//! X25519 (RFC 7748).

use carnet_consent::GrantId;
use carnet_vault::{ProfileId, RecoveryPhrase};
use secrecy::ExposeSecret;

const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn recovery() {
    let phrase = RecoveryPhrase::parse(WORDS).unwrap();
    let identity = phrase.expose_identity().unwrap();
    assert_eq!(identity.expose_secret(), "AGE-SECRET-KEY-1W8LWT6SRAUPA0X3P3Q32D3S954FH86FCNUZA8AD4JF540WK4KEQQ0Z0VEA");
    assert_eq!(
        phrase.keys().recovery_recipient().unwrap().to_string(),
        "age1798cfvc7u5e727aehx2k7jycv9mhmcgywfhzcjwpjnmefzdee5vq04w9ms"
    );
}

#[test]
fn profiles() {
    let keys = RecoveryPhrase::parse(WORDS).unwrap().keys();
    for (number, expected) in [
        (1, "51c024844947525ee7193e66c6db45128bb6f6c6b7d70033a7abb856a936682d"),
        (65535, "3738818ce8ed5a048494ef808090dd1c25b3ff9746e7423355e18c0f7ee53cfb"),
    ] {
        assert_eq!(hex(&*keys.derive_profile(ProfileId(number)).unwrap()), expected);
    }
}

#[test]
fn grants() {
    let keys = RecoveryPhrase::parse(WORDS).unwrap().keys();
    let id: GrantId = "000102030405060708090a0b0c0d0e0f".parse().unwrap();
    let secrets = keys.derive_grant(&id).unwrap();
    let derived = [
        secrets.expose_signing_seed(),
        secrets.expose_content_key(),
        secrets.expose_control_token(),
        secrets.expose_withdrawal_secret(),
    ];
    let expected = [
        "960f84f68f8aeef51d3e9c9c697b11ebd610260fa67456f355a5c3f464255270",
        "3cf37b7fb57666e99680347e0356593b93cfe7bbfa906a05b0d1ccb3ef74a998",
        "17c2e6d5593a2e24894457a282c76d5295b390413b1df927ff5ccf939e1e17fc",
        "d3cb846599fca9cd86eca36505e4cd0c3cde6d7e49ca3a453c91eedfa051fb5a",
    ];
    assert_eq!(derived.map(|bytes| hex(bytes)), expected);
    assert_eq!(
        secrets.receipt_identity().unwrap().to_string().expose_secret(),
        "AGE-SECRET-KEY-1L7NKAQ0580G5S6S5YKMFQ8MTKKGM3S0LRCHG46DPAT2QNH7S3ASSCZ33LW",
        "ffa76e81f43bd1486a1425b6901f6bb591b8c1ff1e2e8ae9a1ead409dfd08f61 in Bech32"
    );
    assert_eq!(secrets.receipt_recipient().unwrap(), secrets.receipt_identity().unwrap().to_public().to_string());
}
