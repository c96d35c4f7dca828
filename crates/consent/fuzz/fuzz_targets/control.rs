//! Any bytes as what a wallet asks of a relay and as what a relay answers: never a panic, and read as it was written.
#![no_main]

use carnet_consent::control::{
    Commit, ControlToken, LinkState, Publish, Published, Receipts, Refusal, Revision, Withdraw, Withdrawn,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(publish) = serde_json::from_slice::<Publish>(bytes)
        && publish.check(1_800_000_000).is_ok()
    {
        let again = serde_json::to_vec(&publish).expect("it was read");
        assert_eq!(serde_json::from_slice(&again).ok(), Some(publish));
    }
    let _ = serde_json::from_slice::<Revision>(bytes).map(Revision::check);
    let _ = serde_json::from_slice::<Withdraw>(bytes);
    let _ = serde_json::from_slice::<Commit>(bytes).map(|commit| commit.check());
    let _ = serde_json::from_slice::<Published>(bytes);
    let _ = serde_json::from_slice::<LinkState>(bytes);
    let _ = serde_json::from_slice::<Receipts>(bytes);
    let _ = serde_json::from_slice::<Withdrawn>(bytes);
    let _ = serde_json::from_slice::<Refusal>(bytes);
    let _ = ControlToken::from_header(&String::from_utf8_lossy(bytes));
});
