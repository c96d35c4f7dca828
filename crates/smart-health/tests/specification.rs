//! The worked examples of the specification itself, read and written.
#![cfg(feature = "cards")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use smart_health::card::{self, Limits};
use smart_health::content::Kind;
use smart_health::{ContentKey, Error, Flags, Label, ManifestUrl, SmartHealthLink, jwe};

/// "Example SMART Health Link Generation".
const LINK: &str = "shlink:/eyJ1cmwiOiJodHRwczovL2Voci5leGFtcGxlLm9yZy9xci9ZOXh3a1VkdG1OOXd3b0pvTjNmZkpJaFgyVUd2Q0wxSm5sUFZOTDNrRFdNL20iLCJmbGFnIjoiTFAiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VOOHdFVTRwOTRTcUF3SVdRZTZ1WDdRIiwibGFiZWwiOiJCYWNrLXRvLXNjaG9vbCBpbW11bml6YXRpb25zIGZvciBPbGl2ZXIgQnJvd24ifQ";
/// "Example Encryption" (CC0).
const FILE: &str = include_str!("vectors/links-example.jwe");

#[test]
fn the_example_link_is_read_and_written_to_the_byte() {
    let link = SmartHealthLink::parse(&format!("https://viewer.example.org#{LINK}")).unwrap();
    assert_eq!(link.flags, Flags { long_term: true, passcode: true, direct: false });
    assert_eq!(link.label.as_ref().unwrap().as_str(), "Back-to-school immunizations for Oliver Brown");
    let url = "https://ehr.example.org/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m";
    let again = SmartHealthLink::new(
        ManifestUrl::new(url).unwrap(),
        ContentKey::from_bytes(*link.key.expose_bytes()),
        None,
        link.flags,
        Some(Label::new("Back-to-school immunizations for Oliver Brown").unwrap()),
        None,
    )
    .unwrap();
    assert_eq!(again.to_uri(), LINK);
    assert_eq!(again.to_viewer_uri("https://viewer.example.org"), format!("https://viewer.example.org#{LINK}"));
}

#[test]
fn the_example_file_opens_with_the_example_key_and_holds_a_card() {
    let link = SmartHealthLink::parse(LINK).unwrap();
    let file = jwe::decrypt(&link.key, FILE, 1 << 20).unwrap();
    assert_eq!(Kind::of(file.content_type.as_deref().unwrap()), Kind::HealthCards);
    let found = card::find(std::str::from_utf8(&file.bytes).unwrap(), &Limits::default()).unwrap();
    let card = card::check(found[0].as_ref().unwrap(), &card::Context::new(1_800_000_000), &[][..]);
    assert_eq!((found.len(), card.refusal()), (1, None));
    assert_eq!(card.payload.unwrap().issuer, "https://spec.smarthealth.cards/examples/issuer");
    // Encrypted again with the same header and IV, it is the same to the byte.
    let iv: [u8; 12] = decode(FILE.split('.').nth(2).unwrap()).try_into().unwrap();
    assert_eq!(jwe::encrypt(&link.key, iv, "application/smart-health-card", &file.bytes), FILE);
    assert_eq!(jwe::decrypt(&ContentKey::from_bytes([0; 32]), FILE, 1 << 20), Err(Error::Unauthentic));
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}
