//! Writes a made-up patient and the summary made of it:
//! `cargo run -p carnet-records --example made_up_patient -- SEED RESOURCES FOLDER`.
//! The files are `patient-SEED.json` (a collection Bundle with every kind of resource), `ccd-SEED.xml` (the same patient as
//! a C-CDA document) and `summary-SEED.json` (an IPS document Bundle).
#![allow(clippy::print_stdout)]

use std::{error::Error, fs, path::PathBuf};

use carnet_records::{
    generator::{self, PatientSpec, patient_bytes},
    import::{self, Entry, Limits},
    ips,
    outgoing::{OutRecord, OutRequest},
    selection::{Candidate, Selection, select},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, resources, folder] = arguments.as_slice() else {
        return Err("usage: made_up_patient SEED RESOURCES FOLDER".into());
    };
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    let spec =
        PatientSpec { seed: seed.parse()?, resources: resources.parse()?, every_kind: true, ..PatientSpec::default() };
    let file = patient_bytes(&spec);
    fs::write(folder.join(format!("ccd-{seed}.xml")), generator::ccda::document(&generator::patient(&spec)))?;
    fs::write(folder.join(format!("patient-{seed}.json")), &file)?;

    let mut import = import::import(&file, &Limits::default())?;
    let mut records = Vec::new();
    while let Some(entry) = import.next_entry() {
        if let Entry::Record(record) = entry {
            records.push(record);
        }
    }
    let candidates: Vec<_> = records.iter().map(|record| Candidate::new(record.identity, &record.index)).collect();
    let selected = select(&candidates, &Selection::summary());
    let chosen: Vec<OutRecord<'_>> =
        selected.included.iter().filter_map(|at| records.get(*at)).map(OutRecord::from).collect();
    let patient = records.first().ok_or("no patient")?.original;
    let now = spec.last_day * 86_400;
    let mut bundle_id = [0; 16];
    bundle_id.iter_mut().zip(spec.seed.to_be_bytes()).for_each(|(to, from)| *to = from);
    let bundle = ips::build(&OutRequest {
        patient,
        records: &chosen,
        now,
        bundle_id,
        language: "en",
        withheld: &[],
        documents: false,
    })?;
    fs::write(folder.join(format!("summary-{seed}.json")), bundle.to_string())?;
    println!("{} records, {} in the summary, {} held back", records.len(), chosen.len(), selected.held_back.len());
    Ok(())
}
