//! One view from many sources, tried on public sample files where they are at hand (`CARNET_SHARED_DATA`, else
//! `../shared/data` beside the workspace). Without them it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::Path,
};

use carnet_records::{
    import::{self, Entry, Limits},
    index::IndexEntry,
    sensitivity,
    view::{self, Merging, Reader, chart::chart},
};
use serde_json::Value;

#[path = "shared/public.rs"]
mod public;
use public::{data, files};

struct Read {
    identity: [u8; 32],
    index: IndexEntry,
    resource: Value,
}

fn read(path: &Path) -> Option<Vec<Read>> {
    let mut file = File::open(path).ok()?;
    let len = file.metadata().ok()?.len();
    let bytes = import::read_file_bytes(&mut file, Some(len), &Limits::default()).ok()?;
    let mut import = import::import(&bytes, &Limits::default()).ok()?;
    let mut out = Vec::new();
    while let Some(entry) = import.next_entry() {
        if let Entry::Record(record) | Entry::NarrativeOnly { record, .. } = entry {
            let resource = serde_json::from_slice(record.original).unwrap();
            out.push(Read { identity: record.identity, index: record.index, resource });
        }
    }
    Some(out)
}

fn merging<'a>(records: &'a [Read], source: &'a str, mark: u8) -> Vec<Merging<'a, Value>> {
    records
        .iter()
        .map(|record| {
            let mut identity = record.identity;
            identity[31] ^= mark;
            Merging { identity, source, resource: &record.resource }
        })
        .collect()
}

#[test]
fn every_file_twice_is_every_fact_once() {
    let (mut seen, mut with_key, mut united, mut conflicts) = (0, 0, 0, 0);
    for folder in ["fhir-r4", "ips"] {
        let Some(folder) = data(folder) else { return };
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        for path in &paths {
            let Some(records) = read(path) else { continue };
            for record in &records {
                // The key made at import from a few members is that of the whole resource; a record that points to its
                // medicine elsewhere has it from there.
                let whole = view::fact_key(&record.resource);
                assert!(whole.is_none() || whole == record.index.fact_key, "{}", path.display());
            }
            let once = view::merge(&merging(&records, "a", 0));
            let (one, other) = (merging(&records, "a", 0), merging(&records, "b", 1));
            let both: Vec<Merging<'_, Value>> = one.iter().chain(&other).copied().collect();
            let twice = view::merge(&both);
            let distinct: BTreeSet<[u8; 32]> = records.iter().map(|record| record.identity).collect();
            assert_eq!(once.iter().map(|fact| fact.sources.len()).sum::<usize>(), distinct.len());
            assert_eq!(twice.iter().map(|fact| fact.sources.len()).sum::<usize>(), 2 * distinct.len());
            let keyed = |facts: &[view::Fact]| facts.iter().filter(|fact| fact.key.is_some()).count();
            assert_eq!(keyed(&once), keyed(&twice), "{}: a second copy adds no fact", path.display());
            seen += distinct.len();
            with_key += records.iter().filter(|record| view::fact_key(&record.resource).is_some()).count();
            united += once.iter().filter(|fact| fact.sources.len() > 1).count();
            for fact in once.iter().filter(|fact| !fact.conflicts.is_empty()) {
                conflicts += 1;
                assert!(fact.conflicts.iter().all(|conflict| conflict.values.len() > 1));
            }
        }
    }
    println!(
        "{seen} records, {with_key} with a key; within single files {united} facts told more than once, {conflicts} in conflict"
    );
    assert!(with_key > 10_000);
}

#[test]
fn every_observation_is_in_a_course_and_every_course_can_be_drawn() {
    let (mut courses, mut values, mut drawn, mut converted, mut ranges) = (0, 0, 0, 0, 0);
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    for folder in ["fhir-r4", "ips"] {
        let Some(folder) = data(folder) else { return };
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        for path in &paths {
            let Some(records) = read(path) else { continue };
            let found = view::series(&merging(&records, "a", 0), &Reader::default());
            for series in &found {
                let chart = chart(series);
                assert_eq!(chart.rows.len(), series.points.len());
                assert_eq!(chart.summary.count, series.points.len());
                courses += 1;
                values += series.points.len();
                drawn += chart.marks.len();
                converted += chart.summary.converted;
                ranges += series.points.iter().filter(|point| point.range.is_some()).count();
                for point in &series.points {
                    assert!(!point.text.is_empty());
                    assert!(
                        point.sort_key == i64::MIN
                            || point.number.is_none()
                            || chart.marks.iter().any(|mark| mark.value == point.number.unwrap())
                    );
                    if let Some(range) = &point.range
                        && range.low.is_none()
                        && range.high.is_none()
                        && range.expected.is_none()
                    {
                        *unknown.entry(range.text.clone()).or_default() += 1;
                    }
                }
            }
        }
    }
    println!(
        "{courses} courses, {values} values, {drawn} drawn, {converted} converted, {ranges} with a range; not read: {unknown:?}"
    );
    assert!(values > 3000);
}

#[test]
fn labels_and_their_reasons_agree() {
    let mut labelled: BTreeMap<String, usize> = BTreeMap::new();
    for folder in ["fhir-r4", "ips"] {
        let Some(folder) = data(folder) else { return };
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        for path in &paths {
            let Some(records) = read(path) else { continue };
            for record in &records {
                let labels = sensitivity::classify(&record.resource);
                let reasons = sensitivity::reasons(&record.resource);
                let told: BTreeSet<_> = reasons.iter().map(|reason| reason.label).collect();
                assert_eq!(told.into_iter().collect::<Vec<_>>(), labels);
                // At import a record has its medicine's labels too.
                assert!(labels.iter().all(|label| record.index.sensitivity.contains(label)), "{}", path.display());
                for reason in reasons {
                    let line =
                        format!("{} {} {} ({})", reason.policy, reason.table.name(), reason.rule, record.index.title);
                    *labelled.entry(line).or_default() += 1;
                }
            }
        }
    }
    for (line, count) in labelled {
        println!("{count:6} {line}");
    }
}
