//! Any text as a link: never a panic, and what was read is written and read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::SmartHealthLink;

fuzz_target!(|text: &str| {
    if let Ok(link) = SmartHealthLink::parse(text) {
        assert_eq!(SmartHealthLink::parse(&link.to_uri()), Ok(link));
    }
});
