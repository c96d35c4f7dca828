//! Any bytes as a key set, a list of revoked cards and a certificate: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::{card, hcert};

fuzz_target!(|bytes: &[u8]| {
    let _ = card::check_key_set(bytes, Some("https://a.example"), Some(1_800_000_000));
    let _ = card::check_revocation_list(bytes, None, None);
    let _ = hcert::DocumentKey::from_certificate(bytes);
    let _ = hcert::DocumentKey::from_spki([0; 8], bytes);
});
