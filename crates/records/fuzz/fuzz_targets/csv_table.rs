//! Any bytes as a table: never a panic, and what is guessed of it can be kept and used.
#![no_main]

use std::ops::ControlFlow;

use carnet_records::{
    convert::{Found, Source},
    csv::{self, Mapping},
    import::Limits,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { entries: 10_000, ..Limits::default() };
    let source = Source { name: "table.csv", sha256: [0; 32], now: 0, limits: &limits };
    let mut sink = |_: Found<'_>| ControlFlow::Continue(());
    let Ok(guess) = Mapping::guess(bytes) else { return };
    assert!(guess.mapping.header.is_empty() || guess.mapping.fits(bytes));
    assert!(csv::read(bytes, &source, Some(&guess.mapping), &mut sink).is_ok());
    let _ = csv::read(bytes, &source, None, &mut sink);
});
