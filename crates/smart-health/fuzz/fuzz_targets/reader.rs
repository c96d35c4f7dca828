//! Any answers of a server to who opens a link and to who follows it: never a panic, never a request without a pause after
//! a round.
//!
//! The input's first byte is the link's flags, in its low bits. Then come the answers, parted by U+001E: the first line of
//! each is its status and, behind a space, its `Retry-After`; the rest is its body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smart_health::watch::{Due, Watch};
use smart_health::{Answer, Ask, ContentKey, Flags, ManifestUrl, Reader, SmartHealthLink, reader::Options};

fuzz_target!(|input: &[u8]| {
    let Some((bits, answers)) = input.split_first() else { return };
    let answers: Vec<Answer> = answers.split(|byte| *byte == 0x1e).map(answer).collect();
    open(*bits, &answers);
    follow(*bits, &answers);
});

/// A link whose key is zeros; nothing for flags that cannot be together.
fn link(bits: u8) -> Option<SmartHealthLink> {
    let [direct, passcode, long_term] = [1, 2, 4].map(|bit| bits & bit != 0);
    let flags = Flags { direct, passcode, long_term };
    let url = ManifestUrl::new(format!("https://a.example/{}", "a".repeat(43))).expect("an address");
    SmartHealthLink::new(url, ContentKey::from_bytes([0; 32]), None, flags, None, None).ok()
}

fn answer(bytes: &[u8]) -> Answer {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let first = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let (status, retry_after) = match first.split_once(' ') {
        Some((status, retry_after)) => (status, Some(retry_after.to_owned())),
        None => (&*first, None),
    };
    Answer { status: status.parse().unwrap_or(200), retry_after, body: parts.next().unwrap_or_default().to_vec() }
}

fn open(bits: u8, answers: &[Answer]) {
    let Some(mut reader) = link(bits).and_then(|link| Reader::new(link, Options::new("fuzz", None)).ok()) else {
        return;
    };
    for answer in answers {
        let _ = match reader.ask() {
            Ask::Passcode { .. } => reader.enter_passcode("0000"),
            Ask::Wait { .. } => reader.waited(),
            Ask::Done => break,
            _ => reader.answer(answer),
        };
    }
    let done = reader.ask() == Ask::Done;
    assert_eq!(reader.into_opened().is_ok(), done);
}

fn follow(bits: u8, answers: &[Answer]) {
    let Some(mut watch) = link(bits).and_then(|link| Watch::new(link, Options::new("fuzz", None), 900).ok()) else {
        return;
    };
    let mut now = 0;
    for answer in answers {
        match watch.due(now) {
            Due::Now(Ask::Passcode { .. }) => watch.enter_passcode("0000").expect("asked for"),
            Due::Now(_) => {
                if let Ok(Some(_)) = watch.answer(answer, now) {
                    assert!(!matches!(watch.due(now), Due::Now(_)));
                }
            }
            Due::At(later) => now = later,
            Due::Ended(_) => return,
        }
    }
}
