//! Any text as a clinical document, inside a section and as it is: never a panic, twice the same, ids unique.
#![no_main]

use std::{collections::HashSet, ops::ControlFlow};

use carnet_records::{
    ccda,
    convert::{Converted, Found, Source},
    import::Limits,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let in_section = format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><component>\
         <structuredBody><component><section><code code=\"11450-4\"/><text>{text}</text><entry>{text}"
    );
    for document in [text, &in_section] {
        let _ = ccda::looks_like(document.as_bytes());
        let Some(resources) = read(document.as_bytes()) else { continue };
        assert_eq!(Some(&resources), read(document.as_bytes()).as_ref());
    }
    let resources = read(in_section.as_bytes()).expect("it is a clinical document");
    let ids: HashSet<_> = resources.iter().filter_map(|one| one.resource.get("id")?.as_str()).collect();
    assert!(ids.len() == resources.len() || text.contains("ClinicalDocument"));
});

fn read(bytes: &[u8]) -> Option<Vec<Converted>> {
    let limits = Limits::default();
    let source = Source { name: "fuzz.xml", sha256: [0; 32], now: 0, limits: &limits };
    let mut resources = Vec::new();
    let read = ccda::read(bytes, &source, &mut |found| {
        if let Found::Resource(converted) = found {
            resources.push(*converted);
        }
        ControlFlow::Continue(())
    });
    read.is_ok().then_some(resources)
}
