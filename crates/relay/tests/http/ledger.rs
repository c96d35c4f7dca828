//! The public ledger, as a stranger checks it.

use crate::support::{Fixture, Link, Stores, entry, files_below, read, text};
use carnet_consent::anchor::{COMMITMENTS_ORIGIN_SUFFIX, WITHDRAWALS_ORIGIN_SUFFIX};
use carnet_consent::control::Committed;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tlog::tile::{BundleIndex, decode_entries};

#[test]
fn an_empty_ledger_is_signed_too_and_named_for_what_it_is() {
    let relay = Fixture::with(|config| config.origin = Some("relay.example".to_owned()));
    for (log, suffix) in [("a", COMMITMENTS_ORIGIN_SUFFIX), ("r", WITHDRAWALS_ORIGIN_SUFFIX)] {
        let verified = relay.checkpoint(log);
        assert_eq!(verified.checkpoint.origin, format!("relay.example{suffix}"));
        assert_eq!((verified.checkpoint.size, verified.checkpoint.root), (0, tlog::empty_root()));
        assert!(verified.time().is_some_and(|time| time.abs_diff(crate::support::now().cast_unsigned()) < 10));
    }
    let answer = relay.get("/ledger/a/checkpoint");
    assert_eq!(answer.headers().get("access-control-allow-origin").unwrap(), "*");
    assert_eq!(answer.headers().get("cache-control").unwrap(), "no-cache");
}

#[test]
fn heads_extend_one_another_over_more_than_one_tile() {
    let relay = Fixture::with(|config| config.limits.entries_an_hour_per_address = 0);
    let entries: Vec<[u8; 33]> = (0..600).map(|_| entry()).collect();
    let old = {
        for entry in &entries[..3] {
            read::<Committed>(relay.commit(*entry), 200);
        }
        relay.checkpoint_of("a", 3).checkpoint
    };
    std::thread::scope(|scope| {
        for part in entries[3..].chunks(40) {
            let relay = &relay;
            scope.spawn(move || {
                for entry in part {
                    read::<Committed>(relay.commit(*entry), 200);
                }
            });
        }
    });
    let new = relay.checkpoint_of("a", 600).checkpoint;
    assert_eq!(new.size, 600);
    let mut tile = |tile: &tlog::tile::TileIndex| -> Result<Vec<u8>, tlog::Error> {
        let answer = relay.get(&format!("/ledger/a/{}", tile.path()));
        assert_eq!(answer.status(), 200, "{}", tile.path());
        assert!(answer.headers().get("cache-control").unwrap().to_str().unwrap().contains("immutable"));
        Ok(answer.into_body().read_to_vec().unwrap())
    };
    let proof = tlog::proof::consistency(old.size, new.size, &mut tile).unwrap();
    tlog::proof::verify_consistency(old.size, new.size, &old.root, &new.root, &proof).unwrap();
    let mut published = Vec::new();
    for bundle in BundleIndex::all(new.size) {
        let bytes = relay.get(&format!("/ledger/a/{}", bundle.path())).into_body().read_to_vec().unwrap();
        published.extend(decode_entries(&bundle, &bytes).unwrap().iter().map(|entry| entry.to_vec()));
    }
    let (mut sent, mut seen) = (entries.iter().map(|entry| entry.to_vec()).collect::<Vec<_>>(), published);
    sent.sort_unstable();
    seen.sort_unstable();
    assert_eq!(sent, seen);
    let folder = relay.stored().join("ledger/a/tile");
    assert_eq!(
        files_below(&folder.join("0/000.p")) + files_below(&folder.join("entries/001.p")),
        0,
        "partial tiles go when full"
    );
}

#[test]
fn only_tiles_are_served_and_only_under_their_one_name() {
    let relay = Fixture::start();
    read::<Committed>(relay.commit(entry()), 200);
    relay.checkpoint_of("a", 1);
    assert_eq!(relay.get("/ledger/a/tile/0/000.p/1").status(), 200);
    for path in [
        "/ledger/a/tile/0/000",
        "/ledger/a/tile/0/000.p/2",
        "/ledger/a/tile/0/0.p/1",
        "/ledger/a/tile/00/000.p/1",
        "/ledger/a/tile/0/000.p/01",
        "/ledger/a/tile/../checkpoint",
        "/ledger/a/tile/%2e%2e/checkpoint",
        "/ledger/a/tile/..%2f..%2f..%2fkeys%2flog-a.key",
        "/ledger/a/tile/0/000.p/1/../1",
        "/ledger/a/tile//0/000.p/1",
        "/ledger/b/checkpoint",
        "/ledger/../keys/checkpoint",
        "/ledger/a%2f..%2f..%2fkeys/checkpoint",
        "/ledger/a/tile/entries/000.p/1.tmp",
    ] {
        assert_eq!(relay.get(path).status(), 404, "{path}");
    }
}

#[test]
fn a_heartbeat_signs_the_same_tree_with_a_later_time() {
    let relay = Fixture::with(|config| config.heartbeat_s = 1);
    let first = relay.checkpoint("r");
    std::thread::sleep(Duration::from_millis(3_200));
    let second = relay.checkpoint("r");
    assert_eq!(first.checkpoint, second.checkpoint);
    assert!(second.time() > first.time());
}

#[test]
fn a_ledger_survives_restarts_and_damaged_tiles() {
    let mut relay = Fixture::start();
    let entries: Vec<[u8; 33]> = (0..300).map(|_| entry()).collect();
    let indices: Vec<u64> = entries.iter().map(|entry| read::<Committed>(relay.commit(*entry), 200).index).collect();
    let before = relay.checkpoint_of("a", 300).checkpoint;
    let (policy, origin) = (text(relay.get("/ledger/policy")), relay.running().origin.clone());
    relay.stop();
    let tiles = relay.stored().join("ledger/a/tile");
    std::fs::remove_file(tiles.join("0/000")).unwrap();
    std::fs::write(tiles.join("0/001.p/44"), b"torn").unwrap();
    std::fs::write(tiles.join("entries/000"), b"").unwrap();
    std::fs::remove_file(relay.stored().join("ledger/a/checkpoint")).unwrap();
    relay.restart();
    assert_eq!(relay.checkpoint("a").checkpoint, before);
    assert_eq!((text(relay.get("/ledger/policy")), &relay.running().origin), (policy, &origin));
    for (entry, index) in entries.iter().zip(indices).step_by(37) {
        relay.assert_in_log("a", index, entry);
    }
    assert_eq!(read::<Committed>(relay.commit(entry()), 200).index, 300);
}

#[test]
fn an_older_database_under_a_newer_checkpoint_is_refused() {
    if crate::STORES != Stores::Folder {
        // A PostgreSQL is put back by its own means; that nothing is signed then is tested below.
        return;
    }
    let mut relay = Fixture::start();
    read::<Committed>(relay.commit(entry()), 200);
    relay.checkpoint_of("a", 1);
    relay.stop();
    let data = relay.config.data.clone();
    let backup = relay.folder.path().join("backup.db");
    std::fs::copy(data.join("relay.db"), &backup).unwrap();
    relay.restart();
    read::<Committed>(relay.commit(entry()), 200);
    relay.checkpoint_of("a", 2);
    relay.stop();
    std::fs::copy(&backup, data.join("relay.db")).unwrap();
    let published = std::fs::read(data.join("ledger/a/checkpoint")).unwrap();
    let error = relay.try_start().unwrap_err();
    assert!(matches!(error, carnet_relay::Error::Ledger { log: "a", .. }), "{error}");
    assert_eq!(std::fs::read(data.join("ledger/a/checkpoint")).unwrap(), published, "nothing was signed");
}

#[test]
fn without_its_keys_or_with_a_second_relay_it_does_not_start() {
    let mut relay = Fixture::start();
    if crate::STORES == Stores::Folder {
        let error = relay.try_start().unwrap_err();
        assert!(matches!(error, carnet_relay::Error::InUse), "{error}");
    } else {
        let other = relay.folder.path().join("other-keys");
        std::fs::create_dir(&other).unwrap();
        let error = relay.try_start_with(|config| config.keys = Some(other)).unwrap_err();
        assert!(matches!(error, carnet_relay::Error::Key(_)), "{error}");
    }
    relay.stop();
    let keys: PathBuf = relay.keys();
    std::fs::rename(&keys, relay.folder.path().join("keys")).unwrap();
    let error = relay.try_start().unwrap_err();
    assert!(matches!(error, carnet_relay::Error::Key(_)), "{error}");
    assert!(!Path::new(&keys.join("log-a.key")).exists(), "no new ledger was begun");
    std::fs::rename(relay.folder.path().join("keys"), &keys).unwrap();
    relay.restart();
    assert_eq!(relay.open(&Link::new("U")).status(), 404);
}
