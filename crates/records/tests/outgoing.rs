//! What leaves the wallet: generated patients in every format, and nothing in any of them that was held back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::ops::ControlFlow;

use carnet_records::{
    cards::TrustStore,
    convert::{Found, Source},
    documents::{self, DocumentOptions},
    generator::{PatientSpec, patient_bytes},
    import::{self, Entry, Limits},
    index::{Category, IndexEntry, index_record},
    ips, ktc, ndjson,
    outgoing::{OutRecord, OutRequest, may_be_named},
    pdf::{self, Fonts},
    rules::{BrokenRule, Level},
    selection::{Candidate, Preset, Selection, select},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_780_000_000;

struct Record {
    full_url: Option<String>,
    original: Vec<u8>,
    identity: [u8; 32],
    index: IndexEntry,
}

fn generated(spec: &PatientSpec) -> Vec<Record> {
    let file = patient_bytes(spec);
    let mut import = import::import(&file, &Limits::default()).unwrap();
    let mut records = Vec::new();
    while let Some(entry) = import.next_entry() {
        let (Entry::Record(record) | Entry::NarrativeOnly { record, .. }) = entry else { panic!("skipped") };
        records.push(Record {
            full_url: record.full_url.map(|url| url.to_string()),
            original: record.original.to_vec(),
            identity: record.identity,
            index: record.index,
        });
    }
    records
}

fn out(record: &Record) -> OutRecord<'_> {
    OutRecord {
        full_url: record.full_url.as_deref(),
        original: &record.original,
        labels: &record.index.sensitivity,
        ..OutRecord::default()
    }
}

/// Every output of a selection, each as the text that a reader of it could see.
struct Outputs {
    ips: Value,
    ktc: Value,
    texts: Vec<(&'static str, String)>,
}

fn outputs(patient: &Record, records: &[Record], selection: &Selection, fonts: Option<&Fonts>) -> Outputs {
    let candidates: Vec<Candidate<'_>> =
        records.iter().map(|record| Candidate::new(record.identity, &record.index)).collect();
    let selected = select(&candidates, selection);
    let (mut chosen, mut withheld) = (Vec::new(), Vec::new());
    for (position, record) in records.iter().enumerate() {
        if selected.included.contains(&position) {
            chosen.push(out(record));
        } else if may_be_named(&record.index.resource_type) {
            withheld.push(out(record));
        } else {
            withheld.push(OutRecord {
                full_url: record.full_url.as_deref(),
                original: b"",
                labels: &[],
                ..OutRecord::default()
            });
        }
    }
    let request = OutRequest {
        patient: &patient.original,
        records: &chosen,
        withheld: &withheld,
        documents: selection.wants_documents(),
        now: NOW,
        bundle_id: [5; 16],
        language: "en",
    };
    let summary = ips::assemble(&request).unwrap();
    let mut shared = ktc::assemble(&request).unwrap();
    let read: String = format!("{:?}", shared.readable);
    let page = fonts.map_or_else(|| b"%PDF-1.7\n".to_vec(), |fonts| pdf::render(&shared.readable, fonts).unwrap().pdf);
    ktc::attach_rendered(&mut shared, &page, request.bundle_id);
    let lines = ndjson::assemble(&request).unwrap();
    let phr = String::from_utf8(ndjson::phr(&lines, request.bundle_id)).unwrap();
    let texts = vec![
        ("ips", summary.bundle.to_string()),
        ("ktc", shared.bundle.to_string()),
        ("pdf", read),
        ("pdf as written", if fonts.is_some() { pdf_text(&page) } else { String::new() }),
        ("phr", phr),
    ];
    Outputs { ips: summary.bundle, ktc: shared.bundle, texts }
}

/// What our own reader of documents finds in a PDF.
fn pdf_text(bytes: &[u8]) -> String {
    let limits = Limits::default();
    let source = Source { name: "out.pdf", sha256: [0; 32], now: NOW, limits: &limits };
    let mut text = String::new();
    documents::read(bytes, &source, &DocumentOptions::default(), (&TrustStore::default()).into(), &mut |found| {
        if let Found::Resource(converted) = found {
            text = Value::Object(converted.resource).to_string();
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    text
}

fn errors(broken: Vec<BrokenRule>) -> Vec<BrokenRule> {
    broken.into_iter().filter(|broken| broken.level == Level::Error).collect()
}

/// The pages of a collection are drawn from the words that come with it when it is made, and from the collection itself when it
/// is sealed anew later: both say the same.
#[test]
fn a_collection_reads_the_same_when_it_is_read_again() {
    for seed in 0..12 {
        let records = generated(&PatientSpec { seed, resources: 150, ..PatientSpec::default() });
        let (patient, others): (Vec<_>, Vec<_>) =
            records.iter().partition(|record| record.index.resource_type == "Patient");
        let chosen: Vec<OutRecord<'_>> = others.into_iter().map(out).collect();
        let request = OutRequest {
            patient: &patient[0].original,
            records: &chosen,
            withheld: &[],
            documents: true,
            now: NOW,
            bundle_id: [5; 16],
            language: "de",
        };
        let made = ktc::assemble(&request).unwrap();
        let entries = made.bundle["entry"].as_array().unwrap();
        let resources: Vec<(String, Vec<u8>)> = entries
            .iter()
            .map(|entry| (entry["fullUrl"].as_str().unwrap().to_owned(), entry["resource"].to_string().into_bytes()))
            .collect();
        let again: Vec<OutRecord<'_>> = resources[1..]
            .iter()
            .map(|(url, bytes)| OutRecord { full_url: Some(url), original: bytes, labels: &[], ..OutRecord::default() })
            .collect();
        let again =
            ktc::assemble(&OutRequest { patient: &resources[0].1, records: &again, bundle_id: [6; 16], ..request });
        assert_eq!(again.unwrap().readable, made.readable, "{seed}");
    }
}

#[test]
fn two_hundred_made_up_patients_keep_the_rules_in_every_preset() {
    let fonts = Fonts::bundled();
    for seed in 0..200 {
        let size = [40, 80, 120][seed as usize % 3];
        let spec = PatientSpec { seed, resources: size, every_kind: seed % 2 == 0, ..PatientSpec::default() };
        let records = generated(&spec);
        let preset = Preset::ALL[seed as usize % 5];
        // Pages are slow to set without optimisation; each preset has some.
        let fonts = (seed % 21 == 0).then_some(&fonts);
        let made = outputs(&records[0], &records, &preset.selection(), fonts);
        assert_eq!(errors(ips::check(&made.ips)), [], "seed {seed}");
        assert_eq!(errors(ktc::check(&made.ktc)), [], "seed {seed}");
        if let Some(folder) = std::env::var_os("CARNET_WRITE_SUMMARIES") {
            let folder = std::path::PathBuf::from(folder);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("ips-{seed}.json")), made.ips.to_string()).unwrap();
            std::fs::write(folder.join(format!("ktc-{seed}.json")), made.ktc.to_string()).unwrap();
        }
    }
}

const MARK: &str = "XQZMARKERXQZ";

/// Plants the marker into every string of a resource that is no code, address or date, and in further places that carry text.
fn plant(value: &mut Value, name: &str) {
    match value {
        Value::String(text) if !KEPT.contains(&name) && !name.ends_with("Date") && !name.ends_with("DateTime") => {
            text.push(' ');
            text.push_str(MARK);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, name)),
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| plant(member, name)),
        _ => {}
    }
}

const KEPT: [&str; 14] = [
    "resourceType",
    "id",
    "system",
    "code",
    "reference",
    "url",
    "status",
    "use",
    "gender",
    "contentType",
    "intent",
    "start",
    "end",
    "recordedDate",
];

fn marked(original: &[u8]) -> Vec<u8> {
    let mut resource: Value = serde_json::from_slice(original).unwrap();
    plant(&mut resource, "");
    let members = resource.as_object_mut().unwrap();
    members.insert(
        "text".to_owned(),
        json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{MARK}</div>")}),
    );
    members.insert("extension".to_owned(), json!([{"url": "http://a.example/x", "valueString": MARK}]));
    members.entry("contained").or_insert_with(|| json!([{"resourceType": "Basic", "id": "b", "code": {"text": MARK}}]));
    members.entry("note").or_insert_with(|| json!([{"text": MARK}]));
    resource.to_string().into_bytes()
}

/// A reference to another record in each selected one, with words that tell what that record is about.
fn point(original: &[u8], to: &str) -> Vec<u8> {
    let mut resource: Value = serde_json::from_slice(original).unwrap();
    let reference = json!({"reference": to, "display": MARK, "identifier": {"value": MARK}});
    let members = resource.as_object_mut().unwrap();
    for (name, value) in [
        ("encounter", reference.clone()),
        ("reasonReference", json!([reference.clone()])),
        ("basedOn", json!([reference.clone()])),
        ("hasMember", json!([reference.clone()])),
        ("evidence", json!([{"detail": [reference.clone()]}])),
        ("extension", json!([{"url": "http://a.example/see", "valueReference": reference.clone()}])),
    ] {
        members.insert(name.to_owned(), value);
    }
    if members.contains_key("medicationCodeableConcept") || members.contains_key("medicationReference") {
        members.shift_remove("medicationCodeableConcept");
        members.insert("medicationReference".to_owned(), reference);
    }
    resource.to_string().into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_that_is_held_back_is_in_any_output(
        seed in any::<u64>(),
        preset in prop::sample::select(Preset::ALL.to_vec()),
        narrowed in prop::option::of(prop::sample::subsequence(Category::all().to_vec(), 1..6)),
    ) {
        let fonts = Fonts::bundled();
        let spec = PatientSpec { seed, resources: 80, every_kind: true, sensitive: true, names: Some("en"), ..PatientSpec::default() };
        let mut records = generated(&spec);
        let mut selection = preset.selection();
        if let Some(mut categories) = narrowed {
            categories.retain(|category| *category != Category::Document);
            selection.categories = Some(categories);
        }
        let candidates: Vec<Candidate<'_>> =
            records.iter().map(|record| Candidate::new(record.identity, &record.index)).collect();
        let selected = select(&candidates, &selection);
        let held: Vec<usize> = selected.held_back.iter().map(|held| held.position).collect();
        prop_assume!(!held.is_empty());
        let name = |record: &Record| {
            let resource: Value = serde_json::from_slice(&record.original).unwrap();
            record.full_url.clone().unwrap_or_else(|| format!("{}/{}", record.index.resource_type, resource["id"].as_str().unwrap()))
        };
        let targets: Vec<String> = held.iter().map(|at| name(&records[*at])).collect();
        for (turn, position) in selected.included.iter().enumerate() {
            if records[*position].index.category != Category::Person {
                let original = point(&records[*position].original, &targets[turn % targets.len()]);
                records[*position].original = original;
            }
        }
        for position in &held {
            let original = marked(&records[*position].original);
            prop_assert!(index_record(&original).is_some());
            records[*position].original = original;
        }
        let patient = &records[0];
        let made = outputs(patient, &records, &selection, Some(&fonts).filter(|_| seed % 4 == 0));
        for (form, text) in &made.texts {
            if let Some(at) = text.find(MARK) {
                let from = (0..=at.saturating_sub(300)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
                prop_assert!(false, "{form}: …{}", &text[from..(at + 60).min(text.len())]);
            }
        }
        prop_assert_eq!(errors(ips::check(&made.ips)), vec![]);
        prop_assert_eq!(errors(ktc::check(&made.ktc)), vec![]);
    }
}
