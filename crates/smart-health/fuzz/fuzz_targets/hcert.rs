//! Any text and any bytes as a health certificate: never a panic, and never a signature that was not made.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::hcert::{self, Context, Signature};

fuzz_target!(|bytes: &[u8]| {
    let keys = [hcert::public_key([7; 32], [1, 2, 3, 4, 5, 6, 7, 8]).expect("a key")];
    let context = Context::new(1_800_000_000);
    let text = String::from_utf8_lossy(bytes);
    for text in [text.clone().into_owned(), format!("HC1:{text}"), hcert::wrap(bytes)] {
        let certificate = hcert::check(&text, &context, &keys[..]);
        assert!(!matches!(certificate.signature, Signature::Verified { .. }));
    }
});
