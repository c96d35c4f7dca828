//! Any files in an archive, and any change to its bytes: never a panic, never more than the limits.
#![no_main]

use std::{
    io::{Cursor, Write},
    ops::ControlFlow,
};

use carnet_records::{
    convert::Source,
    import::{Entry, Event, Limits, read_file},
};
use libfuzzer_sys::fuzz_target;
use zip::{ZipWriter, write::SimpleFileOptions};

fuzz_target!(|input: (Vec<(String, bool, Vec<u8>)>, Vec<(u16, u8)>)| {
    let (files, changes) = input;
    let mut out = Cursor::new(Vec::new());
    let mut writer = ZipWriter::new(&mut out);
    for (name, packed, content) in files {
        let method = if packed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        if writer.start_file(name, SimpleFileOptions::default().compression_method(method)).is_ok() {
            writer.write_all(&content).expect("memory can be written");
        }
    }
    if writer.finish().is_err() {
        return;
    }
    let mut bytes = out.into_inner();
    for (at, byte) in changes {
        if let Some(place) = bytes.get_mut(usize::from(at)) {
            *place = byte;
        }
    }
    let limits = Limits { streamed_bytes: 1 << 20, members: 100, entries: 1000, ..Limits::default() };
    let source = Source { name: "fuzz.zip", sha256: [0; 32], now: 0, limits: &limits };
    let mut entries = 0;
    let _ = read_file(&mut Cursor::new(bytes), &source, &mut |event| {
        if let Event::Entry(entry) = event {
            entries += 1;
            if let Entry::Record(record) | Entry::NarrativeOnly { record, .. } = entry {
                assert!(record.place.is_some());
            }
        }
        ControlFlow::Continue(())
    });
    assert!(entries <= 1000);
});
