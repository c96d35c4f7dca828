//! Any text as an encrypted file: never a panic, never more than the limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::{ContentKey, jwe};

fuzz_target!(|text: &str| {
    if let Ok(plaintext) = jwe::decrypt(&ContentKey::from_bytes([0; 32]), text, 1024) {
        assert!(plaintext.bytes.len() <= 1024);
    }
});
