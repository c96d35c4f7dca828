//! The front door over public sample files, where they are at hand (see `shared_data.rs`): every file of every kind is
//! either read, each entry accounted for, or refused with its reason; and FHIR in XML is the same as in JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::{collections::BTreeMap, fs::File, io::BufReader, ops::ControlFlow, path::Path};

use carnet_records::{
    Error,
    convert::Source,
    import::{Archive, Entry, Event, Format, Limits, attachments, read_file},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[path = "shared/public.rs"]
mod public;
use public::{data, files};

/// Identity, SHA-256, full URL, place.
type Kept = ([u8; 32], [u8; 32], Option<String>, Option<String>);

/// What one file gave.
#[derive(Debug, Default, PartialEq)]
struct Told {
    records: Vec<Kept>,
    values: Vec<Value>,
    skips: Vec<String>,
    attachments: usize,
    expected: Option<u64>,
}

fn told(path: &Path) -> Result<(Format, Told), Error> {
    let limits = Limits::default();
    let name = path.file_name().unwrap().to_string_lossy();
    let sha256 = Sha256::digest(std::fs::read(path).unwrap()).into();
    let source = Source { name: &name, sha256, now: 1_780_000_000, limits: &limits };
    let mut out = Told::default();
    let mut file = BufReader::new(File::open(path).unwrap());
    // What lies in an entry, a clinical document in a Binary, say, comes on top of what a file has.
    let mut own = 0;
    let is_own = |place: Option<&str>| usize::from(!place.is_some_and(|place| place.contains(": ")));
    let format = read_file(&mut file, &source, &mut |event| {
        match event {
            Event::Start { expected, .. } => out.expected = expected,
            Event::Attachment(attachment) => {
                assert_eq!(attachment.sha256, <[u8; 32]>::from(Sha256::digest(attachment.bytes)));
                out.attachments += 1;
            }
            Event::Entry(Entry::Record(record) | Entry::NarrativeOnly { record, .. }) => {
                let sha256 = Sha256::digest(record.original).into();
                let detached = attachments::detach(record.original);
                let mut parts = detached.parts.iter().map(|part| part.bytes.clone());
                let whole = attachments::attach(&detached.slim, &mut |_| parts.next()).unwrap();
                assert!(whole == record.original, "a record comes back exactly");
                own += is_own(record.place.as_deref());
                out.values.push(serde_json::from_slice(record.original).unwrap());
                out.records.push((record.identity, sha256, record.full_url, record.place));
            }
            Event::Entry(Entry::Skipped(skip)) => {
                own += is_own(Some(&skip.path));
                out.skips.push(format!("{}: {}", skip.path, skip.reason));
            }
            Event::Note { .. } | Event::Link { .. } | Event::Code { .. } | Event::Progress { .. } => {}
        }
        ControlFlow::Continue(())
    })?;
    if let Some(expected) = out.expected {
        assert_eq!(own, expected as usize, "the account adds up");
    }
    Ok((format, out))
}

#[test]
fn every_file_of_every_kind_is_read_or_refused_with_a_reason() {
    let Some(root) = data(".") else { return };
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let mut formats: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for path in &paths {
        let name = path.strip_prefix(&root).unwrap().display();
        match told(path) {
            Ok((format, told)) => {
                let (files, records, skips) = formats.entry(format.to_string()).or_default();
                (*files, *records, *skips) = (*files + 1, *records + told.records.len(), *skips + told.skips.len());
                for skip in told.skips {
                    println!("  {name}: {skip}");
                }
            }
            Err(error) => {
                // Whoever refuses a file says what it is, in a sentence.
                let text = error.to_string();
                assert!(text.ends_with('.') && text.contains(' '), "{text}");
                *formats.entry(format!("refused: {text}")).or_default() = {
                    let (files, ..) = formats.get(&format!("refused: {text}")).copied().unwrap_or_default();
                    (files + 1, 0, 0)
                };
                let known = KNOWN_REFUSED.iter().any(|known| path.ends_with(known));
                let is_fhir = ["fhir-r4/", "ips/"].iter().any(|folder| name.to_string().starts_with(folder))
                    && [".json", ".xml", ".ndjson", ".phr", ".sphr"]
                        .iter()
                        .any(|end| name.to_string().trim_end_matches(".gz").ends_with(end));
                assert!(!is_fhir || known, "{name}: {text}");
            }
        }
    }
    for (format, (files, records, skips)) in formats {
        println!("{files:5} files {records:7} records {skips:5} skips  {format}");
    }
}

/// Files among the FHIR ones that are none, or broken by their makers.
const KNOWN_REFUSED: &[&str] =
    &["synthea-v2.5/groupInformation1588766256867.json", "bulk-ndjson-10-patients/log.ndjson"];

#[test]
fn a_patient_is_the_same_in_xml_and_in_json() {
    let Some(folder) = data("fhir-r4/synthea-pathling") else { return };
    let name = "Bennett146_Swaniawski813_704c9750-f6e6-473b-ee83-fbd48e07fe3f";
    let (format, json) = told(&folder.join(format!("{name}.json.gz"))).unwrap();
    assert_eq!(format, Format::Bundle { bundle_type: "transaction".to_owned() });
    let (format, xml) = told(&folder.join(format!("{name}.xml.gz"))).unwrap();
    assert_eq!(format, Format::XmlBundle { bundle_type: "transaction".to_owned() });
    assert_eq!(json.values.len(), 176);
    let without_order = |values: Vec<Value>| -> Vec<Value> { values.into_iter().map(sorted).collect() };
    for (position, (one, other)) in without_order(json.values).into_iter().zip(without_order(xml.values)).enumerate() {
        assert_eq!(one, other, "entry {position}");
    }
    let names =
        |told: &[Kept]| -> Vec<_> { told.iter().map(|(identity, _, url, _)| (*identity, url.clone())).collect() };
    assert_eq!(names(&json.records), names(&xml.records), "the same records by name");
    assert_eq!(xml.records[3].3.as_deref(), Some("Bundle.entry[3].resource"));
}

/// With the members of objects in one order, for comparing, and without the white space by which writers of XML set a
/// narrative out.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<String, Value> = members
                .into_iter()
                .map(|(name, value)| match value {
                    Value::String(div) if name == "div" => (name, div.split_whitespace().collect::<String>().into()),
                    value => (name, sorted(value)),
                })
                .collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[test]
fn archives_tell_what_they_are() {
    let Some(root) = data(".") else { return };
    let kinds = [
        ("ccda/onc-receiver/XDM_FULL.ZIP", Archive::Xdm),
        ("apple/export.zip", Archive::AppleHealth),
        ("fhir-r4/phr-format/WilliamSim.sphr", Archive::Phr),
    ];
    for (path, kind) in kinds {
        let (format, told) = told(&root.join(path)).unwrap();
        assert_eq!(format, Format::Archive(kind), "{path}");
        println!("{path}: {} records; {:#?}", told.records.len(), told.skips);
    }
}
