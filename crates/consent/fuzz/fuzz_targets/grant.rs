//! Any bytes as a grant, a chain or a receipt: never a panic, and what is read is written back the same.
#![no_main]

use carnet_consent::grant::SignedGrant;
use carnet_consent::narrowing::Chain;
use carnet_consent::receipt::Receipt;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = SignedGrant::verify(bytes);
    if let Ok(chain) = Chain::from_cbor(bytes) {
        assert_eq!(chain.to_cbor().as_deref(), Ok(bytes));
    }
    if let Ok(receipt) = Receipt::from_cbor(bytes) {
        assert_eq!(receipt.to_cbor().as_deref(), Ok(bytes));
    }
});
