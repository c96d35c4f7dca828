//! Any bytes as what says whom to believe (keys, certificates, revocation lists, directories, the store itself): never a panic,
//! and a store is read as it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::{card, hcert, trust::TrustStore};

fuzz_target!(|bytes: &[u8]| {
    let _ = card::check_key_set(bytes, Some("https://a.example"), Some(1_800_000_000));
    let _ = card::check_revocation_list(bytes, None, None);
    let _ = hcert::DocumentKey::from_certificate(bytes);
    let _ = hcert::DocumentKey::from_spki([0; 8], bytes);
    let mut store = TrustStore::default();
    let _ = store.add_directory("a", bytes, 1);
    let _ = store.add_snapshot("b", bytes, 1);
    let _ = store.add_document_keys("c", bytes, 1);
    let _ = store.add_key_set("https://a.example", bytes, 1);
    assert_eq!(TrustStore::from_json(&store.to_json()).as_ref(), Ok(&store));
    let _ = TrustStore::from_json(&String::from_utf8_lossy(bytes));
});
