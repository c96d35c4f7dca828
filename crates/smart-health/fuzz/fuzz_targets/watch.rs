//! Any answers to a link that is followed: never a panic, never a request without a pause after a round.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::watch::{Due, Watch};
use smart_health::{Answer, Ask, SmartHealthLink, reader::Options};

fuzz_target!(|input: (bool, Vec<(u16, Option<String>, Vec<u8>)>)| {
    // The payload of a link to https://a.example/x with the flag L or LU and a key of zeros.
    let payload = if input.0 {
        "eyJ1cmwiOiJodHRwczovL2EuZXhhbXBsZS94IiwiZmxhZyI6IkxVIiwia2V5IjoiQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSJ9"
    } else {
        "eyJ1cmwiOiJodHRwczovL2EuZXhhbXBsZS94IiwiZmxhZyI6IkwiLCJrZXkiOiJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIn0"
    };
    let link = SmartHealthLink::parse(&format!("shlink:/{payload}")).expect("a link");
    let mut watch = Watch::new(link, Options::new("fuzz", None), 900).expect("one to be followed");
    let mut now = 0;
    for (status, retry_after, body) in input.1 {
        match watch.due(now) {
            Due::Now(Ask::Passcode { .. }) => watch.enter_passcode("0000").expect("asked for"),
            Due::Now(_) => {
                if let Ok(Some(_)) = watch.answer(&Answer { status, retry_after, body }, now) {
                    assert!(!matches!(watch.due(now), Due::Now(_)));
                }
            }
            Due::At(later) => now = later,
            Due::Ended(_) => return,
        }
    }
});
