//! Any bytes as a clinician's request, and any JSON as a consent receipt: never a panic, and written as it was read.
#![no_main]

use carnet_consent::{consent_receipt::ConsentReceipt, request::Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(received) = Request::read(bytes)
        && received.signed_by.is_none()
    {
        assert_eq!(received.request.write(None).as_deref(), Ok(bytes));
    }
    if let Ok(value) = serde_json::from_slice(bytes)
        && let Ok(receipt) = ConsentReceipt::read(&value)
    {
        assert_eq!(receipt.to_json_ld(), value);
    }
});
