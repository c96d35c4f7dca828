//! Any bytes as a PDF: never a panic, one document, its text within its limit.
#![no_main]

use std::ops::ControlFlow;

use carnet_records::{
    cards::TrustStore,
    convert::{Found, Source},
    documents::{self, DocumentOptions},
    import::Limits,
    index::{DOCUMENT_TEXT_BYTES, index_record},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = [b"%PDF-1.7\n", bytes].concat();
    let Some(kind) = documents::looks_like(&file) else { return };
    assert!(!kind.is_image());
    let limits = Limits::default();
    let source = Source { name: "fuzz", sha256: [0; 32], now: 0, limits: &limits };
    let options = DocumentOptions { strip_location: true };
    let mut resources = 0;
    let read = documents::read(&file, &source, &options, (&TrustStore::default()).into(), &mut |found| {
        if let Found::Resource(converted) = found {
            resources += 1;
            let text = serde_json::to_vec(&converted.resource).expect("a resource is JSON");
            let index = index_record(&text).expect("a resource has an index entry");
            assert!(index.text.len() <= DOCUMENT_TEXT_BYTES && !index.title.is_empty());
        }
        ControlFlow::Continue(())
    });
    assert!(read.is_ok() && resources > 0);
});
