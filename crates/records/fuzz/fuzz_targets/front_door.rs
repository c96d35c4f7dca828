//! Any bytes as a file: never a panic, one start before everything else, attachments with the hash they say.
#![no_main]

use std::{io::Cursor, ops::ControlFlow};

use carnet_records::{
    convert::Source,
    import::{Event, Limits, read_file},
};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { streamed_bytes: 1 << 24, inflated_bytes: 1 << 24, ..Limits::default() };
    let source = Source { name: "fuzz", sha256: [0; 32], now: 0, limits: &limits };
    let mut started = false;
    let mut read = 0;
    let outcome = read_file(&mut Cursor::new(bytes), &source, &mut |event| {
        match event {
            Event::Start { .. } => assert!(!std::mem::replace(&mut started, true)),
            Event::Entry(_) => assert!(started),
            Event::Attachment(attachment) => {
                assert_eq!(attachment.sha256, <[u8; 32]>::from(Sha256::digest(attachment.bytes)));
            }
            Event::Note { .. } => assert!(started),
            Event::Link { .. } | Event::Code { .. } => {}
            Event::Progress { read: now } => assert!(std::mem::replace(&mut read, now) < now),
        }
        ControlFlow::Continue(())
    });
    assert!(outcome.is_err() || started);
});
