//! How fast records are read and summaries made: `cargo run --release -p carnet-records --example measure [FILE]`.
//! Without a file, on the made-up design patient. Each figure stands beside a reference taken in the same run.
#![allow(clippy::print_stdout)]

use std::{error::Error, hint::black_box, io::Cursor, ops::ControlFlow, time::Instant};

use carnet_records::{
    convert::Source,
    generator::{PatientSpec, patient_bytes},
    import::{self, Entry, Event, Limits},
    ips, ktc,
    outgoing::{OutRecord, OutRequest},
    pdf::{self, Fonts},
    selection::{Candidate, Selection, select},
    view::{self, Merging, Reader},
};

fn main() -> Result<(), Box<dyn Error>> {
    let file = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => patient_bytes(&PatientSpec::default()),
    };
    let mut entries = 0;
    let door = best(|| entries = black_box(through_the_front_door(&file)).unwrap_or_default());
    println!(
        "front door, file of {:.1} MB {:6.2} ms  {:>8.0} entries/s",
        file.len() as f64 / 1e6,
        door * 1e3,
        entries as f64 / door
    );
    let Ok(bytes) = import::read_file_bytes(&mut file.as_slice(), None, &Limits::default()) else { return Ok(()) };
    let total = import::import(&bytes, &Limits::default())?.total();
    println!("{total} entries, {:.1} MB", bytes.len() as f64 / 1e6);

    let parse = best(|| drop(black_box(serde_json::from_slice::<serde_json::Value>(&bytes))));
    println!("serde_json to Value        {:8.2} ms  {:>8.0} resources/s", parse * 1e3, total as f64 / parse);
    let read = best(|| drop(black_box(read_all(&bytes))));
    println!("import with index          {:8.2} ms  {:>8.0} resources/s", read * 1e3, total as f64 / read);

    let records = read_all(&bytes)?;
    let borrowed = |positions: &[usize]| -> Vec<OutRecord<'_>> {
        let chosen = positions.iter().filter_map(|at| records.get(*at));
        chosen.map(OutRecord::from).collect()
    };
    let Some(patient) = records.iter().find(|record| record.index.resource_type == "Patient") else { return Ok(()) };
    let candidates: Vec<Candidate<'_>> =
        records.iter().map(|record| Candidate::new(record.identity, &record.index)).collect();
    let request = |chosen: &[OutRecord<'_>]| {
        ips::build(&OutRequest {
            patient: patient.original,
            records: chosen,
            now: 1_780_000_000,
            bundle_id: [1; 16],
            withheld: &[],
            documents: false,
            language: "en",
        })
    };
    let all: Vec<usize> = (0..records.len()).collect();
    let selected = select(&candidates, &Selection::summary()).included;
    let summary = best(|| {
        let selected = select(&candidates, &Selection::summary()).included;
        drop(black_box(request(&borrowed(&selected))));
    });
    println!("select and summarise       {:8.2} ms  {} records of {total}", summary * 1e3, selected.len());
    let everything = best(|| drop(black_box(request(&borrowed(&all)))));
    println!("summary of everything      {:8.2} ms", everything * 1e3);
    let bundle = request(&borrowed(&selected))?;
    pages(patient.original, &borrowed(&all))?;
    one_view(&records)?;
    println!(
        "summary: {} entries, {} bytes, {} broken rules",
        selected.len(),
        bundle.to_string().len(),
        ips::check(&bundle).len()
    );
    Ok(())
}

/// A collection of everything, and its pages.
fn pages(patient: &[u8], records: &[OutRecord<'_>]) -> Result<(), Box<dyn Error>> {
    let request = OutRequest {
        patient,
        records,
        now: 1_780_000_000,
        bundle_id: [1; 16],
        withheld: &[],
        documents: false,
        language: "en",
    };
    let collection = best(|| drop(black_box(ktc::assemble(&request))));
    let readable = ktc::assemble(&request)?.readable;
    println!("collection of everything   {:8.2} ms", collection * 1e3);
    let fonts = Fonts::bundled();
    let rendered = best(|| drop(black_box(pdf::render(&readable, &fonts))));
    let bytes = pdf::render(&readable, &fonts)?.pdf.len();
    println!("its pages                  {:8.2} ms  {:.1} MB of PDF", rendered * 1e3, bytes as f64 / 1e6);
    Ok(())
}

/// Ten sources that tell the same: 20,000 records of the design patient.
fn one_view(records: &[import::Record<'_>]) -> Result<(), Box<dyn Error>> {
    let parsed: Vec<([u8; 32], serde_json::Value)> = records
        .iter()
        .map(|record| Ok((record.identity, serde_json::from_slice(record.original)?)))
        .collect::<serde_json::Result<_>>()?;
    let names: Vec<String> = (0..10).map(|source| source.to_string()).collect();
    let merging: Vec<Merging<'_, serde_json::Value>> = names
        .iter()
        .zip(0_u8..)
        .flat_map(|(source, number)| {
            parsed.iter().map(move |(identity, resource)| {
                let identity = identity.map(|byte| byte ^ number);
                Merging { identity, source, resource }
            })
        })
        .collect();
    let keys = best(|| {
        parsed.iter().for_each(|(_, resource)| {
            black_box(view::fact_key(resource));
        })
    });
    println!("fact keys                  {:8.2} ms  {:>8.0} resources/s", keys * 1e3, parsed.len() as f64 / keys);
    let once = best(|| drop(black_box(view::merge(merging.get(..parsed.len()).unwrap_or_default()))));
    println!("merge of one source        {:8.2} ms  {:>8.0} resources/s", once * 1e3, parsed.len() as f64 / once);
    let facts = view::merge(&merging).len();
    let merge = best(|| drop(black_box(view::merge(&merging))));
    println!(
        "merge of ten sources       {:8.2} ms  {:>8.0} resources/s, {} records into {facts} facts",
        merge * 1e3,
        merging.len() as f64 / merge,
        merging.len()
    );
    let courses = view::series(&merging, &Reader::default());
    let series = best(|| drop(black_box(view::series(&merging, &Reader::default()))));
    let charts = best(|| courses.iter().for_each(|course| drop(black_box(view::chart::chart(course)))));
    println!(
        "series of ten sources      {:8.2} ms  {} series; their charts {:.2} ms",
        series * 1e3,
        courses.len(),
        charts * 1e3
    );
    Ok(())
}

/// How many entries come out of a file, read by what it is.
fn through_the_front_door(file: &[u8]) -> carnet_records::Result<u64> {
    let limits = Limits::default();
    let source = Source { name: "file", sha256: [0; 32], now: 1_780_000_000, limits: &limits };
    let mut entries = 0;
    import::read_file(&mut Cursor::new(file), &source, &mut |event| {
        entries += u64::from(matches!(event, Event::Entry(_)));
        ControlFlow::Continue(())
    })?;
    Ok(entries)
}

fn read_all(bytes: &[u8]) -> carnet_records::Result<Vec<import::Record<'_>>> {
    let mut import = import::import(bytes, &Limits::default())?;
    let mut records = Vec::with_capacity(import.total());
    while let Some(entry) = import.next_entry() {
        match entry {
            Entry::Record(record) | Entry::NarrativeOnly { record, .. } => records.push(record),
            Entry::Skipped(_) => {}
        }
    }
    Ok(records)
}

/// Seconds of the fastest of a dozen runs.
fn best(mut run: impl FnMut()) -> f64 {
    let times = (0..12).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}
