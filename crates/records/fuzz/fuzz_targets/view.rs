//! Any JSON as a person's records: never a panic; merged, put into series and drawn, in both orders the same.
#![no_main]

use carnet_records::{
    sensitivity,
    view::{self, Merging, Reader, chart::chart},
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(Value::Array(records)) = serde_json::from_slice::<Value>(bytes) else { return };
    let merging: Vec<Merging<'_, Value>> = records
        .iter()
        .enumerate()
        .map(|(at, resource)| {
            let mut identity = [0; 32];
            identity[..8].copy_from_slice(&(at as u64).to_be_bytes());
            Merging { identity, source: if at % 2 == 0 { "a" } else { "b" }, resource }
        })
        .collect();
    let facts = view::merge(&merging);
    assert_eq!(facts.iter().map(|fact| fact.sources.len()).sum::<usize>(), records.len());
    let reversed: Vec<Merging<'_, Value>> = merging.iter().rev().copied().collect();
    assert_eq!(view::merge(&reversed), facts);
    for series in view::series(&merging, &Reader::default()) {
        assert_eq!(chart(&series).rows.len(), series.points.len());
    }
    for record in &records {
        let labels = sensitivity::classify(record);
        assert!(sensitivity::reasons(record).iter().all(|reason| labels.contains(&reason.label)));
    }
});
