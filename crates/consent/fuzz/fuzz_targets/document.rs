//! Any bytes as a shared document: never a panic, and nothing is good without evidence.
#![no_main]

use carnet_consent::bundle::parse;
use carnet_consent::canonical::to_canonical_json;
use carnet_consent::verify::{Standing, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = parse(bytes, 1 << 20) {
        assert_ne!(verify(&value, 0).standing(), Standing::Good);
        if let Ok(canonical) = to_canonical_json(&value) {
            assert_eq!(to_canonical_json(&parse(&canonical, 8 << 20).unwrap()), Ok(canonical));
        }
    }
});
