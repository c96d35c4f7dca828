//! Any bytes as the content of a file, and as what an issuer answers: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::card::{IssueResponse, Limits};
use smart_health::content::{ApiAccess, Kind, Offer, fhir_version};

fuzz_target!(|bytes: &[u8]| {
    let _ = ApiAccess::read(bytes);
    let _ = IssueResponse::read(bytes, &Limits::default());
    if let Ok(resource) = serde_json::from_slice(bytes) {
        let _ = Offer::of(&resource);
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = (Kind::of(&text), fhir_version(&text));
});
