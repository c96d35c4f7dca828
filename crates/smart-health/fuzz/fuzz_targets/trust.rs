//! Any bytes as the lists of issuers and as a kept store: never a panic, and what is kept is read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::trust::TrustStore;

fuzz_target!(|bytes: &[u8]| {
    let mut store = TrustStore::default();
    let _ = store.add_directory("a", bytes, 1);
    let _ = store.add_snapshot("b", bytes, 1);
    let _ = store.add_document_keys("c", bytes, 1);
    let _ = store.add_key_set("https://a.example", bytes, 1);
    assert_eq!(TrustStore::from_json(&store.to_json()).as_ref(), Ok(&store));
    let _ = TrustStore::from_json(&String::from_utf8_lossy(bytes));
});
