//! A wider test over public PDF and DICOM files, where they are at hand: `CARNET_SHARED_DATA`, else `../shared/data` beside
//! the workspace. Without them it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::{ops::ControlFlow, path::Path};

use carnet_records::{
    cards::TrustStore,
    convert::{Found, Source},
    documents::{self, DocumentOptions},
    import::Limits,
    index::index_record,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[path = "shared/public.rs"]
mod public;
use public::data;

/// The resources of a file, and how many bytes were kept of it in how many pieces.
fn read(path: &Path) -> (Vec<Value>, Vec<(String, usize)>) {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let limits = Limits::default();
    let source = Source { name: &name, sha256: Sha256::digest(&bytes).into(), now: 1_780_000_000, limits: &limits };
    let (mut resources, mut kept) = (Vec::new(), Vec::new());
    documents::read(&bytes, &source, &DocumentOptions::default(), (&TrustStore::default()).into(), &mut |found| {
        match found {
            Found::Resource(converted) => resources.push(Value::Object(converted.resource)),
            Found::Attachment(attachment) => kept.push((attachment.media_type.to_owned(), attachment.bytes.len())),
            Found::Skipped(skip) => panic!("{}: {}", skip.path, skip.reason),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (resources, kept)
}

#[test]
fn every_pdf_is_found_by_its_words() {
    let Some(folder) = data("pdf") else { return };
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let (resources, kept) = read(&path);
        let index = index_record(resources[0].to_string().as_bytes()).unwrap();
        println!("{}: {} | {:?} | {} bytes of text", path.display(), index.title, index.date, index.text.len());
        assert_eq!((resources.len(), kept.len()), (1, 1));
        // A page of text has some hundred letters, and most of them are words.
        let words = index.text.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count();
        assert!(words > 100, "{}", index.text);
        assert!(index.text.to_lowercase().contains("patient"), "{}", index.text);
        if std::env::var_os("CARNET_SHOW_TEXT").is_some() {
            println!("{}", index.text);
        }
    }
}

#[test]
fn every_dicom_file_is_a_study_and_a_document() {
    let Some(folder) = data("dicom") else { return };
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let (resources, kept) = read(&path);
        let names: Vec<_> = resources.iter().map(|resource| resource["resourceType"].as_str().unwrap()).collect();
        let index = index_record(resources.last().unwrap().to_string().as_bytes()).unwrap();
        println!("{}: {names:?} {kept:?} {} | {:?}", path.display(), index.title, index.date);
        assert_eq!(names.last(), Some(&"DocumentReference"));
        if std::env::var_os("CARNET_SHOW_TEXT").is_some() {
            println!("{}", index.text);
        }
    }
}

#[test]
fn pdfs_embedded_elsewhere_are_read_too() {
    let Some(folder) = data("fhir-r4/attachments") else { return };
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        println!("{}: {:?}", path.display(), documents::looks_like(&bytes));
    }
}
