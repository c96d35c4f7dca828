//! Any text as a policy, a key and the path of a tile: never a panic, and written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{note::VerifierKey, policy::Policy, tile};

fuzz_target!(|text: &str| {
    if let Ok(policy) = Policy::parse(text) {
        assert_eq!(Policy::parse(&policy.to_string()).as_ref(), Ok(&policy));
        assert!(policy.verify(text).is_err());
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(path) = tile::parse_path(text) {
        assert_eq!(path.to_string(), text);
    }
});
