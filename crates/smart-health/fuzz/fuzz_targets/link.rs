//! Any text as a link: never a panic, and what was read is written and read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::{Preview, SmartHealthLink};

fuzz_target!(|text: &str| {
    let _ = Preview::parse(text);
    let _ = SmartHealthLink::find_all(text);
    if let Ok(link) = SmartHealthLink::parse(text) {
        assert_eq!(SmartHealthLink::parse(&link.to_uri()), Ok(link));
    }
});
