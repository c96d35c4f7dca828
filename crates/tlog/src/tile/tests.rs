//! Tests of tiles, entry bundles and their paths.

use super::*;
use proptest::prelude::*;

#[test]
fn paths_are_those_of_the_specification() {
    let full = |level, index| TileIndex { level, index, width: TILE_WIDTH };
    assert_eq!(full(0, 1_234_067).path(), "tile/0/x001/x234/067");
    assert_eq!(full(0, 0).path(), "tile/0/000");
    assert_eq!(TileIndex { width: 5, ..full(3, 1_234) }.path(), "tile/3/x001/234.p/5");
    assert_eq!(TileIndex { width: 5, ..full(3, 1_234) }.full_path(), "tile/3/x001/234");
    assert_eq!(BundleIndex { index: 273, width: 112 }.path(), "tile/entries/273.p/112");
    assert_eq!(full(63, u64::MAX).path(), "tile/63/x018/x446/x744/x073/x709/x551/615");
}

#[test]
fn the_tree_of_70_000_has_the_tiles_that_the_specification_counts() {
    let width = |level, index| TileIndex::in_tree(level, index, 70_000).map(|tile| tile.width);
    assert_eq!((width(0, 272), width(0, 273), width(0, 274)), (Some(256), Some(112), None));
    assert_eq!((width(1, 0), width(1, 1), width(1, 2)), (Some(256), Some(17), None));
    assert_eq!((width(2, 0), width(2, 1), width(3, 0)), (Some(1), None, None));
    assert_eq!(TileIndex::in_tree(0, 0, 256).unwrap().width, 256);
    assert_eq!(TileIndex::in_tree(1, 0, 256).unwrap().width, 1);
    assert_eq!(TileIndex::in_tree(0, 0, 0), None);
    assert_eq!(TileIndex::in_tree(63, 0, u64::MAX), None);
    assert_eq!(BundleIndex::all(70_000).count(), 274);
    assert_eq!(BundleIndex::all(0).count(), 0);
}

#[test]
fn hostile_paths_are_refused() {
    let cases = [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/x01/002",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/1.p/1",
        "tile/0/000/",
        "/tile/0/000",
        "tile//000",
        "tile/0/../000",
        "tile/0/x001/../../000",
        "tile/0/000\0",
        "tile/data/000",
        "tile/entries/0",
        "tile/entries/x001/x234/067.p/300",
        "tile/0/٠٠٠",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x001/x018/x446/x744/x073/x709/x551/615",
    ];
    for path in cases {
        assert!(matches!(parse_path(path), Err(Error::TilePath(_))), "{path:?}");
    }
}

#[test]
fn malformed_tiles_are_refused() {
    let tile = TileIndex { level: 0, index: 0, width: 2 };
    for length in [0, 32, 63, 65, 257 * 32] {
        assert!(matches!(decode_hashes(&tile, &vec![0; length]), Err(Error::Tile(_))), "{length}");
    }
    assert_eq!(decode_hashes(&tile, &[7; 256 * 32]).unwrap(), [Hash([7; 32]); 2], "the full tile serves too");
}

#[test]
fn malformed_bundles_are_refused() {
    let bundle = BundleIndex { index: 0, width: 2 };
    for bytes in [&[][..], &[0], &[0, 1], &[0, 0], &[0, 0, 0, 2, 1], &[0, 0, 0, 0, 0]] {
        assert!(matches!(decode_entries(&bundle, bytes), Err(Error::Tile(_))), "{bytes:?}");
    }
    assert!(matches!(decode_entries(&bundle, &[0; 2 * 257]), Err(Error::Tile(_))));
    assert_eq!(decode_entries(&bundle, &[0; 2 * 256]).unwrap(), [b"", b""]);
    assert_eq!(encode_entries(&[vec![0; MAX_ENTRY_BYTES + 1]]), Err(Error::EntryTooLong));
}

proptest! {
    #[test]
    fn paths_read_back(level in 0u8..=MAX_LEVEL, index: u64, width in 1u16..=TILE_WIDTH) {
        let tile = TileIndex { level, index, width };
        prop_assert_eq!(parse_path(&tile.path()), Ok(TilePath::Hashes(tile)));
        let bundle = BundleIndex { index, width };
        prop_assert_eq!(parse_path(&bundle.path()), Ok(TilePath::Entries(bundle)));
    }

    #[test]
    fn a_path_has_one_spelling(path in "tile/(entries|[0-9]{1,2})/(x?[0-9]{2,3}/?){1,4}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = parse_path(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..600), width in 1u16..=TILE_WIDTH) {
        let _ = parse_path(&String::from_utf8_lossy(&bytes));
        let _ = decode_hashes(&TileIndex { level: 0, index: 0, width }, &bytes);
        let _ = decode_entries(&BundleIndex { index: 0, width }, &bytes);
    }

    #[test]
    fn bundles_read_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..=256)) {
        let bytes = encode_entries(&entries).unwrap();
        let bundle = BundleIndex { index: 0, width: entries.len().try_into().unwrap() };
        prop_assert_eq!(decode_entries(&bundle, &bytes).unwrap(), entries);
    }
}
