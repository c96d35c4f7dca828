//! How long a summary takes: `measure_summary [FILE]` on a FHIR Bundle, or on the made-up design patient, which it writes to
//! `FILE` first where that does not exist. `tests/summary/compare.sh` runs it beside another maker's program on the same file.
#![allow(clippy::print_stdout)]

use std::{error::Error, path::PathBuf, time::Instant};

use carnet_records::{
    generator::{PatientSpec, patient_bytes},
    import::{self, Entry, Limits},
    ips,
    outgoing::{OutRecord, OutRequest},
};

const ROUNDS: u32 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).map(PathBuf::from);
    if let Some(path) = path.as_ref().filter(|path| !path.exists()) {
        std::fs::write(path, patient_bytes(&PatientSpec::default()))?;
    }
    let file = match &path {
        Some(path) => std::fs::read(path)?,
        None => patient_bytes(&PatientSpec::default()),
    };
    let mut import = import::import(&file, &Limits::default())?;
    let mut records = Vec::new();
    while let Some(entry) = import.next_entry() {
        if let Entry::Record(record) | Entry::NarrativeOnly { record, .. } = entry {
            records.push(record);
        }
    }
    let patient = records.iter().find(|record| record.index.resource_type == "Patient").ok_or("no Patient")?;
    let out: Vec<OutRecord<'_>> = records.iter().map(OutRecord::from).collect();
    let request = OutRequest {
        patient: patient.original,
        records: &out,
        withheld: &[],
        documents: false,
        now: 1_780_000_000,
        bundle_id: [7; 16],
        language: "en",
    };
    let mut best = f64::INFINITY;
    let mut entries = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let bundle = ips::build(&request)?;
        let text = serde_json::to_vec(&bundle)?;
        best = best.min(start.elapsed().as_secs_f64() * 1000.0);
        entries = bundle.get("entry").and_then(|entries| entries.as_array()).map_or(0, Vec::len);
        std::hint::black_box(text);
    }
    println!("carnet\t{} records in, {entries} entries out, all of them selected\t{best:.1} ms", records.len());
    Ok(())
}
