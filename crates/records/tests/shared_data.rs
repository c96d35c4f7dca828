//! A wider test over public sample files, where they are at hand: `CARNET_SHARED_DATA`, else `../shared/data` beside the
//! workspace. Without them it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::{collections::BTreeMap, fs::File, path::Path};

use carnet_records::{
    Error, display,
    import::{self, Entry, Limits, Record},
    ips, ktc,
    outgoing::{OutRecord, OutRequest},
    rules::{BrokenRule, Level},
};
use serde_json::Value;

#[path = "shared/public.rs"]
mod public;
use public::{data, files};

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut file = File::open(path).unwrap();
    let len = file.metadata().unwrap().len();
    import::read_file_bytes(&mut file, Some(len), &Limits::default())
}

#[derive(Default, Debug, PartialEq, Eq)]
struct Account {
    entries: usize,
    records: usize,
    narrative_only: usize,
    skipped: usize,
}

fn account(bytes: &[u8], mut each: impl FnMut(Record<'_>)) -> Result<Account, Error> {
    let mut import = import::import(bytes, &Limits::default())?;
    let mut account = Account { entries: import.total(), ..Account::default() };
    while let Some(entry) = import.next_entry() {
        match entry {
            Entry::Record(record) => {
                account.records += 1;
                each(record);
            }
            Entry::NarrativeOnly { record, .. } => {
                account.narrative_only += 1;
                each(record);
            }
            Entry::Skipped(skip) => {
                account.skipped += 1;
                println!("  {} {}", skip.path, skip.reason);
            }
        }
    }
    assert_eq!(account.records + account.narrative_only + account.skipped, account.entries, "the account adds up");
    Ok(account)
}

#[test]
fn every_file_is_accounted_for() {
    for folder in ["fhir-r4", "ips"] {
        let Some(folder) = data(folder) else { return };
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        let (mut read_whole, mut refused) = (0, 0);
        for path in &paths {
            let name = path.strip_prefix(&folder).unwrap().display();
            let told = read(path).and_then(|bytes| {
                account(&bytes, |record| {
                    let whole: Value = serde_json::from_slice(record.original).unwrap();
                    let description = display::describe(&whole);
                    // A record that points to its medicine is called by it in the list.
                    assert!(description.title == record.index.title || whole.get("medicationReference").is_some());
                    assert!(!description.title.is_empty());
                })
            });
            let is_json = [".json", ".json.gz", ".ndjson", ".ndjson.gz", ".phr", ".phr.gz"]
                .iter()
                .any(|end| path.to_string_lossy().ends_with(end));
            match told {
                Ok(account) => {
                    read_whole += 1;
                    if account.skipped + account.narrative_only > 0 {
                        println!("{name}: {account:?}");
                    }
                }
                Err(error) => {
                    refused += 1;
                    println!("{name}: {error}");
                    assert!(!is_json || KNOWN_REFUSED.iter().any(|known| path.ends_with(known)), "{name}: {error}");
                }
            }
        }
        println!("{}: {read_whole} files read, {refused} refused", folder.display());
        assert!(read_whole > 0);
    }
}

/// JSON files that are no FHIR, or broken by their makers.
const KNOWN_REFUSED: &[&str] = &[
    // A table about a group, beside the Synthea bundles.
    "synthea-v2.5/groupInformation1588766256867.json",
    // The log of a bulk export.
    "bulk-ndjson-10-patients/log.ndjson",
];

#[test]
fn the_largest_synthea_patient_adds_up() {
    let Some(folder) = data("fhir-r4/synthea-blaze") else { return };
    let bytes = read(&folder.join("4b86befa-fa7e-9285-615f-e081dab3f93c.json.gz")).unwrap();
    let mut types: BTreeMap<String, usize> = BTreeMap::new();
    let account = account(&bytes, |record| *types.entry(record.index.resource_type).or_default() += 1).unwrap();
    assert_eq!(account, Account { entries: 3177, records: 3177, ..Account::default() });
    // This one points to all its medicines, and every pointer is followed.
    let bytes = read(&folder.join("e5a8d3f4-4484-ebfd-7404-d9f02c9fe6a6.json.gz")).unwrap();
    let told = account_titles(&bytes);
    assert_eq!(told.get("Medicine given"), None);
    assert_eq!((types["Observation"], types["Claim"], types["Condition"]), (1544, 499, 28));
}

fn account_titles(bytes: &[u8]) -> BTreeMap<String, usize> {
    let mut titles = BTreeMap::new();
    account(bytes, |record| *titles.entry(record.index.title).or_default() += 1).unwrap();
    titles
}

/// Broken rules that count, and the names of those that are only warned of.
fn sort_out(broken: Vec<BrokenRule>) -> (Vec<BrokenRule>, Vec<&'static str>) {
    let (errors, warned): (Vec<_>, Vec<_>) = broken.into_iter().partition(|broken| broken.level == Level::Error);
    (errors, warned.into_iter().map(|broken| broken.rule).collect())
}

#[test]
fn a_summary_of_every_patient_keeps_the_rules() {
    let mut summaries = 0;
    let mut warnings = std::collections::BTreeSet::new();
    for folder in ["fhir-r4", "ips"] {
        let Some(folder) = data(folder) else { return };
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        for path in &paths {
            let Ok(bytes) = read(path) else { continue };
            let mut records: Vec<(Option<String>, Vec<u8>, String)> = Vec::new();
            if account(&bytes, |record| {
                records.push((record.full_url, record.original.to_vec(), record.index.resource_type))
            })
            .is_err()
            {
                continue;
            }
            let patients: Vec<&(Option<String>, Vec<u8>, String)> =
                records.iter().filter(|(_, _, kind)| kind == "Patient").collect();
            let [patient] = patients.as_slice() else { continue };
            let borrowed: Vec<OutRecord<'_>> = records
                .iter()
                .map(|(url, original, _)| OutRecord {
                    full_url: url.as_deref(),
                    original,
                    labels: &[],
                    ..OutRecord::default()
                })
                .collect();
            let request = OutRequest {
                patient: &patient.1,
                records: &borrowed,
                now: 1_780_000_000,
                documents: false,
                withheld: &[],
                bundle_id: [7; 16],
                language: "en",
            };
            let assembled = ips::assemble(&request).unwrap();
            assert_eq!(assembled.included.len() + assembled.left_out.len(), borrowed.len());
            let (errors, warned) = sort_out(ips::check(&assembled.bundle));
            assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
            warnings.extend(warned);
            let mut shared = ktc::assemble(&request).unwrap();
            ktc::attach_rendered(&mut shared, b"%PDF-1.7\n", request.bundle_id);
            let (errors, warned) = sort_out(ktc::check(&shared.bundle));
            assert!(errors.is_empty() && warned.is_empty(), "{}: {errors:#?} {warned:?}", path.display());
            summaries += 1;
            if let Some(out) = std::env::var_os("CARNET_WRITE_SUMMARIES") {
                let name = path.file_name().unwrap().to_string_lossy().replace(".json.gz", ".json");
                std::fs::create_dir_all(&out).unwrap();
                std::fs::write(Path::new(&out).join(format!("ips-{name}")), assembled.bundle.to_string()).unwrap();
                std::fs::write(Path::new(&out).join(format!("ktc-{name}")), shared.bundle.to_string()).unwrap();
            }
        }
    }
    println!("{summaries} summaries; what their sources lack: {warnings:?}");
    assert!(summaries > 20);
}

#[test]
fn the_summaries_of_others_are_judged_by_the_specification() {
    let Some(folder) = data("ips") else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let (mut kept, mut judged) = (0, 0);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let Ok(bundle) = serde_json::from_slice::<Value>(&read(path).unwrap()) else { continue };
        if bundle["resourceType"] != "Bundle" {
            continue;
        }
        let (errors, warned) = sort_out(ips::check(&bundle));
        judged += 1;
        kept += usize::from(errors.is_empty());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let errors: std::collections::BTreeSet<&str> = errors.iter().map(|broken| broken.rule).collect();
        println!("{name}: {errors:?}, {} warnings", warned.len());
    }
    println!("{kept} of {judged} keep the rules");
    assert!(judged > 20);
}
