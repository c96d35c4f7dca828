//! Tests of the appender: the same tree, however it is cut into batches.

use super::*;
use crate::hash::tests::{CT_ENTRIES, CT_ROOTS, hex};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

fn entries(range: std::ops::Range<u64>) -> Vec<[u8; 8]> {
    range.map(u64::to_be_bytes).collect()
}

fn build(batches: &[u64]) -> (Edge, Files) {
    let (mut edge, mut files) = (Edge::empty(), Files::new());
    for batch in batches {
        let appended = edge.append(&entries(edge.size()..edge.size() + batch)).unwrap();
        for (path, bytes) in appended.files {
            assert!(files.insert(path.clone(), bytes).is_none(), "{path} was written twice");
        }
        edge = appended.edge;
    }
    (edge, files)
}

fn reopen(size: u64, files: &Files) -> Result<Edge> {
    Edge::from_tiles(size, &mut |path| {
        let bytes = files.get(&path.to_string());
        bytes.cloned().ok_or_else(|| Error::Read(path.to_string()))
    })
}

#[test]
fn roots_match_the_reference_tests_of_certificate_transparency() {
    let mut edge = Edge::empty();
    assert_eq!(edge.root(), empty_root());
    for (entry, root) in CT_ENTRIES.iter().zip(CT_ROOTS) {
        edge = edge.append(&[entry]).unwrap().edge;
        assert_eq!(hex(&edge.root()), root);
    }
}

#[test]
fn the_files_of_70_000_entries_are_those_of_the_specification() {
    let (_, files) = build(&[70_000]);
    let count = |prefix: &str, partial| {
        files.keys().filter(|path| path.starts_with(prefix) && path.contains(".p/") == partial).count()
    };
    assert_eq!((count("tile/0/", false), count("tile/0/", true)), (273, 1));
    assert_eq!((count("tile/1/", false), count("tile/1/", true)), (1, 1));
    assert_eq!((count("tile/2/", false), count("tile/2/", true)), (0, 1));
    assert_eq!((count("tile/entries/", false), count("tile/entries/", true)), (273, 1));
    assert_eq!(files["tile/1/001.p/17"].len(), 17 * 32);
    assert_eq!(files["tile/2/000.p/1"].len(), 32);
    assert_eq!(files["tile/0/272"].len(), 8192);
}

#[test]
fn nothing_appended_writes_nothing() {
    let (edge, _) = build(&[300]);
    let appended = edge.append::<&[u8]>(&[]).unwrap();
    assert_eq!(appended, Appended { edge, files: vec![] });
}

#[test]
fn an_entry_that_is_too_long_changes_nothing() {
    let (edge, _) = build(&[5]);
    assert_eq!(edge.append(&[vec![0; 70_000]]), Err(Error::EntryTooLong));
    assert_eq!(edge.size(), 5);
}

#[test]
fn a_full_log_refuses_more() {
    let edge = Edge { size: u64::MAX, ..Edge::empty() };
    assert_eq!(edge.append(&["x"]), Err(Error::Full));
}

#[test]
fn a_damaged_edge_is_refused() {
    let (_, files) = build(&[300]);
    let mut changed = files.clone();
    changed.get_mut("tile/entries/001.p/44").unwrap()[5] ^= 1;
    assert!(matches!(reopen(300, &changed), Err(Error::Tile(_))));
    let mut short = files.clone();
    short.get_mut("tile/0/001.p/44").unwrap().truncate(32);
    assert!(matches!(reopen(300, &short), Err(Error::Tile(_))));
    let mut gone = files;
    gone.remove("tile/1/000.p/1");
    assert!(matches!(reopen(300, &gone), Err(Error::Read(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn batches_do_not_matter_and_the_edge_reopens(batches in prop::collection::vec(1u64..700, 1..5)) {
        let size = batches.iter().sum();
        let (edge, files) = build(&batches);
        let (whole, _) = build(&[size]);
        prop_assert_eq!(&edge, &whole);
        prop_assert_eq!(&reopen(size, &files).unwrap(), &edge);
        // And goes on from there just the same.
        let more = entries(size..size + 3);
        prop_assert_eq!(edge.append(&more), whole.append(&more));
    }
}
