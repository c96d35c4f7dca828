//! C-CDA documents that others wrote, where they are at hand: `CARNET_SHARED_DATA`, else `../shared/data` beside the
//! workspace. Without them it says so and passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::{
    collections::{BTreeMap, HashSet},
    ops::ControlFlow,
    path::PathBuf,
};

use carnet_records::{
    ccda,
    convert::{Converted, Found, Source},
    import::{self, Entry, Limits, Skip},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[path = "shared/public.rs"]
mod public;

fn documents() -> Vec<PathBuf> {
    let mut out = Vec::new();
    if let Some(folder) = public::data("ccda") {
        public::files(&folder, &mut out);
    }
    out.retain(|path| path.extension().is_some_and(|name| !name.eq_ignore_ascii_case("zip")));
    out.sort();
    out
}

fn read(bytes: &[u8]) -> (Vec<Converted>, Vec<Skip>) {
    let limits = Limits::default();
    let source = Source { name: "", sha256: Sha256::digest(bytes).into(), now: 0, limits: &limits };
    let (mut resources, mut skips) = (Vec::new(), Vec::new());
    ccda::read(bytes, &source, &mut |found| {
        match found {
            Found::Resource(converted) => resources.push(*converted),
            Found::Skipped(skip) => skips.push(skip),
            Found::Attachment(_) => {}
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    (resources, skips)
}

#[test]
fn no_document_fails_and_every_resource_can_be_imported() {
    let (mut kinds, mut reasons) = (BTreeMap::<String, usize>::new(), BTreeMap::<&str, usize>::new());
    let mut read_documents = 0;
    for path in documents() {
        let bytes = std::fs::read(&path).unwrap();
        assert!(ccda::looks_like(&bytes), "{}", path.display());
        let (resources, skips) = read(&bytes);
        read_documents += 1;
        let ids: HashSet<&str> = resources.iter().filter_map(|one| one.resource["id"].as_str()).collect();
        assert_eq!(ids.len(), resources.len(), "{}", path.display());
        for converted in &resources {
            let text = Value::Object(converted.resource.clone()).to_string();
            let mut file = import::import(text.as_bytes(), &Limits::default()).unwrap();
            assert!(
                matches!(file.next_entry(), Some(Entry::Record(_) | Entry::NarrativeOnly { .. })),
                "{} {}",
                path.display(),
                converted.place
            );
            *kinds.entry(converted.resource["resourceType"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        for skip in &skips {
            *reasons.entry(skip.reason.code()).or_default() += 1;
        }
    }
    println!("{read_documents} documents: {kinds:?}, skipped {reasons:?}");
}

#[test]
fn reading_again_gives_the_same_bytes() {
    for path in documents().into_iter().step_by(7) {
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(read(&bytes), read(&bytes), "{}", path.display());
    }
}

/// Every word of every section's narrative stands in the Composition.
#[test]
fn the_narrative_of_whole_documents_is_kept() {
    for path in documents() {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (resources, _) = read(&bytes);
        let Some(composition) = resources.iter().find(|one| one.resource["resourceType"] == "Composition") else {
            continue;
        };
        let kept = Value::Object(composition.resource.clone()).to_string();
        // Plain words of table cells and paragraphs: no entities, no tags, so they can be compared as they are.
        for tag in ["<td>", "<paragraph>"] {
            for part in text.split(tag).skip(1) {
                let Some(words) = part.split('<').next() else { continue };
                let words = words.trim();
                let is_plain = words.len() > 3
                    && words.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b','))
                    && !words.contains("  ");
                if is_plain {
                    assert!(kept.contains(words), "{}: {words}", path.display());
                }
            }
        }
    }
}
