//! Any text as cards: never a panic, and never a signature that was not made.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::card::{self, Context, Issuer, Limits, Signature, SigningKey};

fuzz_target!(|text: &str| {
    let key = SigningKey::from_bytes([7; 32]).expect("a key");
    let issuer = Issuer { url: "https://a.example".into(), keys: Some(vec![key.public()]), ..Issuer::default() };
    for candidate in card::find(text, &Limits::default()).into_iter().flatten().flatten() {
        let card = card::check(&candidate, &Context::new(1_800_000_000), std::slice::from_ref(&issuer));
        assert!(!matches!(card.signature, Signature::Verified { .. }));
    }
});
