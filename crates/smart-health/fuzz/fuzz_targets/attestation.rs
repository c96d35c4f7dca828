//! Any text as an app's attestation, any bytes as its key set: never a panic, and no signature of another key is good.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::attestation::{self, Attestation};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // One input is both, parted by a line break: most of the way through the second needs a good first.
    let (jws, key_set) = text.split_once('\n').unwrap_or((&text, ""));
    if let Ok(attestation) = Attestation::parse(jws, 1_800_000_000) {
        let _ = attestation.verify(key_set.as_bytes());
    }
    if let Ok(bundle) = serde_json::from_slice(bytes) {
        let _ = attestation::find(&bundle);
    }
});
