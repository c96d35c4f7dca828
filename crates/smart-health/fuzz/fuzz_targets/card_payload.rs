//! Any bytes as a card's content and as its Bundle, bare and signed: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::card::{self, Context, Limits, SigningKey};

fuzz_target!(|bytes: &[u8]| {
    let _ = card::check_payload(bytes, 1_800_000_000, true);
    let _ = card::check_bundle(bytes, false);
    let jws = SigningKey::from_bytes([7; 32]).expect("a key").sign_bytes(bytes);
    for candidate in card::find(&jws, &Limits::default()).into_iter().flatten().flatten() {
        let _ = card::check(&candidate, &Context::new(1_800_000_000), &[][..]);
    }
});
