//! Any text as FHIR XML: never a panic, and whatever is taken is JSON.
#![no_main]

use std::{io::Cursor, ops::ControlFlow};

use carnet_records::{
    convert::Source,
    import::{Entry, Event, Limits, read_file},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let limits = Limits::default();
    let source = Source { name: "fuzz.xml", sha256: [0; 32], now: 0, limits: &limits };
    let file = format!("<Bundle xmlns=\"http://hl7.org/fhir\">{text}");
    let _ = read_file(&mut Cursor::new(file), &source, &mut |event| {
        if let Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) = event {
            assert!(serde_json::from_slice::<serde_json::Value>(record.original).is_ok());
            assert!(record.place.is_some());
        }
        ControlFlow::Continue(())
    });
});
