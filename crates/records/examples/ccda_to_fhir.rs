//! Reads clinical documents and prints what becomes of them.
//!
//! `ccda_to_fhir FILE` prints a FHIR Bundle; `ccda_to_fhir --out FOLDER FILE…` writes one for each file, and what was
//! skipped; `ccda_to_fhir --lines FOLDER` prints `{"file", "bundle"}` a line, and the seconds on the error output;
//! `ccda_to_fhir --measure FILE…` says how many documents a second one core reads.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    error::Error,
    ops::ControlFlow,
    path::Path,
    time::{Duration, Instant},
};

use carnet_records::{
    ccda,
    convert::{Found, Source},
    import::{Limits, Skip},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--out") if arguments.len() > 2 => {
            let folder = arguments.remove(1);
            std::fs::create_dir_all(&folder)?;
            for file in arguments.iter().skip(1) {
                let (bundle, skips) = convert(Path::new(file))?;
                let name = file.replace(['/', ' '], "_");
                std::fs::write(Path::new(&folder).join(format!("{name}.json")), serde_json::to_vec_pretty(&bundle)?)?;
                for skip in skips {
                    println!("{file}\t{}\t{}", skip.path, skip.reason);
                }
            }
        }
        Some("--lines") if arguments.len() == 2 => lines(Path::new(&arguments.remove(1)))?,
        Some("--measure") if arguments.len() > 1 => measure(arguments.get(1..).unwrap_or_default())?,
        Some(file) if arguments.len() == 1 => {
            let (bundle, skips) = convert(Path::new(file))?;
            println!("{}", serde_json::to_string_pretty(&bundle)?);
            for skip in skips {
                eprintln!("{}: {}", skip.path, skip.reason);
            }
        }
        _ => return Err("usage: ccda_to_fhir FILE | --out FOLDER FILE… | --lines FOLDER | --measure FILE…".into()),
    }
    Ok(())
}

fn convert(file: &Path) -> Result<(Value, Vec<Skip>), Box<dyn Error>> {
    let bytes = std::fs::read(file)?;
    let (mut entries, mut skips) = (Vec::new(), Vec::new());
    let limits = Limits::default();
    let source = Source { name: "", sha256: Sha256::digest(&bytes).into(), now: 0, limits: &limits };
    let read = ccda::read(&bytes, &source, &mut |found| {
        match found {
            Found::Resource(converted) => {
                let id = converted.resource.get("id").and_then(Value::as_str).unwrap_or_default();
                entries.push(json!({"fullUrl": format!("urn:uuid:{id}"), "resource": converted.resource}));
            }
            Found::Skipped(skip) => skips.push(skip),
            Found::Attachment(_) => {}
        }
        ControlFlow::Continue(())
    });
    read.map_err(|error| format!("{}: {error}", file.display()))?;
    Ok((json!({"resourceType": "Bundle", "type": "collection", "entry": entries}), skips))
}

fn lines(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let mut spent = Duration::ZERO;
    for file in files {
        let begun = Instant::now();
        let result = convert(&file);
        spent += begun.elapsed();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!(
            "{}",
            match result {
                Ok((bundle, skips)) => {
                    let skips: Vec<_> =
                        skips.iter().map(|skip| json!({"path": skip.path, "reason": skip.reason.code()})).collect();
                    json!({"file": name, "bundle": bundle, "skipped": skips})
                }
                Err(error) => json!({"file": name, "error": error.to_string()}),
            }
        );
    }
    eprintln!("{:.2}", spent.as_secs_f64());
    Ok(())
}

fn measure(files: &[String]) -> Result<(), Box<dyn Error>> {
    let limits = Limits::default();
    let mut documents = Vec::new();
    for file in files {
        let bytes = std::fs::read(file)?;
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        documents.push((file, bytes, sha256));
    }
    let mut times = BTreeMap::new();
    let (mut read, mut bytes_read) = (0_u64, 0_u64);
    let start = Instant::now();
    while start.elapsed().as_secs() < 5 {
        for (file, bytes, sha256) in &documents {
            let begun = Instant::now();
            let source = Source { name: "", sha256: *sha256, now: 0, limits: &limits };
            if ccda::read(bytes, &source, &mut |_| ControlFlow::Continue(())).is_err() {
                continue;
            }
            times.entry(file.as_str()).or_insert_with(Vec::new).push(begun.elapsed());
            read += 1;
            bytes_read += bytes.len() as u64;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{read} documents in {seconds:.1} s: {:.0} a second, {:.1} MB a second",
        read as f64 / seconds,
        bytes_read as f64 / seconds / 1e6
    );
    let mut medians: Vec<_> = times.into_values().filter_map(median).collect();
    medians.sort();
    if let (Some(middle), Some(longest)) = (median(medians.clone()), medians.last()) {
        println!("the middle document takes {middle:?}, the longest {longest:?}");
    }
    Ok(())
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
