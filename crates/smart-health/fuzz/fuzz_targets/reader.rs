//! Any answers to a reader: never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::{Answer, Ask, Reader, SmartHealthLink, reader::Options};

fuzz_target!(|input: (u8, Vec<(u16, Option<String>, Vec<u8>)>)| {
    let flag = ["", "U", "P", "L"][usize::from(input.0 % 4)];
    let payload = format!(
        r#"{{"url":"https://a.example/x","flag":"{flag}","key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}"#
    );
    let Ok(link) = SmartHealthLink::parse(&format!("shlink:/{}", base64url(payload.as_bytes()))) else { return };
    let Ok(mut reader) = Reader::new(link, Options::new("fuzz", None)) else { return };
    for (status, retry_after, body) in input.1 {
        let _ = match reader.ask() {
            Ask::Passcode { .. } => reader.enter_passcode("0000"),
            Ask::Wait { .. } => reader.waited(),
            Ask::Done => return,
            _ => reader.answer(&Answer { status, retry_after, body }),
        };
    }
});

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    (0..(bytes.len() * 8).div_ceil(6))
        .map(|group| ALPHABET[(0..6).fold(0, |value, at| value << 1 | usize::from(bit(group * 6 + at)))] as char)
        .collect()
}
