//! The same made-up patient from two systems, one in FHIR and one in C-CDA: each fact once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::{collections::BTreeMap, ops::ControlFlow};

use carnet_records::{
    ccda,
    convert::{Found, Source},
    generator::{self, PatientSpec},
    import::Limits,
    view::{self, Merging, Reader},
};
use serde_json::Value;

fn read_document(text: &str) -> Vec<Value> {
    let limits = Limits::default();
    let source = Source { name: "portal.xml", sha256: [7; 32], now: 1_780_000_000, limits: &limits };
    let mut out = Vec::new();
    ccda::read(text.as_bytes(), &source, &mut |found| {
        if let Found::Resource(converted) = found {
            out.push(Value::Object(converted.resource));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    out
}

#[test]
fn two_systems_tell_one_story() {
    let bundle = generator::patient(&PatientSpec { resources: 400, ..PatientSpec::default() });
    let fhir: Vec<Value> = bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect();
    let document = read_document(&generator::ccda::document(&bundle));
    let mut number = 0_u32;
    let mut merging: Vec<Merging<'_, Value>> = Vec::new();
    for (source, records) in [("hospital", &fhir), ("portal", &document)] {
        for resource in records {
            number += 1;
            let mut identity = [0; 32];
            identity[..4].copy_from_slice(&number.to_be_bytes());
            merging.push(Merging { identity, source, resource });
        }
    }
    let facts = view::merge(&merging);
    let source_of: BTreeMap<[u8; 32], &str> = merging.iter().map(|record| (record.identity, record.source)).collect();
    let mut told: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.key.is_some()) {
        let from = |name: &str| fact.sources.iter().any(|source| source_of[&source.identity] == name);
        let place = match (from("hospital"), from("portal")) {
            (true, true) => 0,
            (true, false) => 1,
            _ => 2,
        };
        told.entry(fact.category.as_str().to_owned()).or_default()[place] += 1;
    }
    println!("both, only FHIR, only C-CDA: {told:?}");
    for category in ["allergy", "problem", "medicine", "immunization", "procedure", "result", "visit"] {
        let [both, _, only_document] = told[category];
        assert!(both > 0 && only_document == 0, "{category}: {:?}", told[category]);
    }
    let series = view::series(&merging, &Reader::default());
    assert!(series.iter().all(|series| !series.points.is_empty()));
}
