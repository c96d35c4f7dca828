//! Any bytes behind the root of an Apple Health export, and as a member of its archive: never a panic, and the same twice.
#![no_main]

use std::ops::ControlFlow;

use carnet_records::{
    apple::{self, Export},
    convert::{Found, Source},
    import::Limits,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { entries: 10_000, ..Limits::default() };
    let source = Source { name: "export.xml", sha256: [0; 32], now: 0, limits: &limits };
    let whole = [b"<HealthData>", bytes].concat();
    let run = || {
        let mut found = Vec::new();
        let _ = apple::read(&mut whole.as_slice(), &source, &mut |one| {
            found.push(format!("{one:?}"));
            ControlFlow::Continue(())
        });
        found
    };
    assert_eq!(run(), run());
    let mut sink = |_: Found<'_>| ControlFlow::Continue(());
    let mut export = Export::new(&source);
    for name in ["e/ecg.csv", "clinical-records/a.json", "export.xml"] {
        let _ = export.member(name, &mut &*bytes, &mut sink);
    }
    let _ = export.finish(&mut sink);
});
