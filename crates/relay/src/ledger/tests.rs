//! A crash at each step of publishing, damaged files, and histories that do not fit.

use super::*;
use crate::config::Config;
use crate::limits::Pace;
use crate::store::{self, Place, StoreOptions};
use std::path::PathBuf;
use tempfile::TempDir;

struct Bench {
    folder: TempDir,
    store: Store,
    files: Files,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions {
            relay: "relay.example".into(),
            total_bytes: 1_000,
            refusals_per_link: 10,
            receipts_days: 1,
            pace: Pace::new(0, Duration::from_secs(1)),
            metrics: Arc::default(),
            grown: Arc::default(),
        };
        let place = Place::File(folder.path().join("relay.db"));
        let (store, _task) = store::open(place).await.unwrap().start(options);
        let files = Files::open(&Config { data: folder.path().to_owned(), ..Config::default() }).unwrap();
        Self { folder, store, files }
    }

    async fn add(&self, from: u16, to: u16) {
        let mut tasks = tokio::task::JoinSet::new();
        for n in from..to {
            let store = self.store.clone();
            let mut entry = [1; 33];
            entry[1..3].copy_from_slice(&n.to_be_bytes());
            tasks.spawn(async move { store.submit(entry).await.unwrap() });
        }
        tasks.join_all().await;
    }

    async fn open(&self) -> Result<Ledger> {
        let keys = Keys::load(&self.folder.path().join("keys"), Some("relay.example"), None, true)?;
        Ledger::open(keys, self.store.clone(), self.files.clone(), Arc::default()).await
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("ledger/a").join(name)
    }

    fn published(&self) -> Checkpoint {
        let note: tlog::note::SignedNote = std::fs::read_to_string(self.path("checkpoint")).unwrap().parse().unwrap();
        Checkpoint::parse(note.text()).unwrap()
    }

    /// Every file that the published tree needs, held against a tree computed anew.
    async fn assert_whole(&self) {
        let published = self.published();
        let entries = self.store.entries(LogId::A, 0, u32::try_from(published.size).unwrap()).await.unwrap();
        let whole = Edge::empty().append(&entries).unwrap();
        assert_eq!((whole.edge.size(), whole.edge.root()), (published.size, published.root));
        for (path, bytes) in whole.files {
            assert_eq!(std::fs::read(self.path(&path)).unwrap(), bytes, "{path}");
        }
    }
}

#[tokio::test]
async fn a_crash_after_any_step_is_recovered_from() {
    for step in 0..4 {
        let bench = Bench::new().await;
        bench.add(0, 300).await;
        let mut ledger = bench.open().await.unwrap();
        assert_eq!(bench.published().size, 300);
        bench.add(300, 700).await;
        let log = &mut ledger.logs.as_mut().unwrap()[0];
        if step >= 1 {
            // Some of the tiles are written, one of them in part and under its temporary name.
            let entries = bench.store.entries(LogId::A, 300, CHUNK).await.unwrap();
            let files = log.edge.append(&entries).unwrap().files;
            write_tiles(LogId::A, &bench.files, files[..2].to_vec()).await.unwrap();
            let (path, bytes) = &files[2];
            std::fs::create_dir_all(bench.path(path).parent().unwrap()).unwrap();
            std::fs::write(bench.path(&format!("{path}.tmp")), &bytes[..bytes.len() / 2]).unwrap();
        }
        if step >= 2 {
            log.integrate(&bench.store, &bench.files).await.unwrap();
        }
        if step >= 3 {
            // The head is noted, but the checkpoint did not get published.
            let head = Head { size: log.edge.size(), root: log.edge.root().0 };
            assert!(bench.store.publicise(LogId::A, log.signed, head, String::new()).await.unwrap());
        }
        assert_eq!(bench.published().size, 300);
        drop(ledger);
        bench.open().await.unwrap();
        assert_eq!(bench.published().size, 700, "step {step}");
        bench.assert_whole().await;
    }
}

#[tokio::test]
async fn tiles_that_are_missing_cut_or_wrong_are_written_again() {
    let bench = Bench::new().await;
    bench.add(0, 600).await;
    drop(bench.open().await.unwrap());
    let before = bench.published();
    std::fs::remove_file(bench.path("tile/0/000")).unwrap();
    let tile = std::fs::read(bench.path("tile/0/001")).unwrap();
    std::fs::write(bench.path("tile/0/001"), &tile[..100]).unwrap();
    std::fs::write(bench.path("tile/1/000.p/2"), [7; 64]).unwrap();
    std::fs::write(bench.path("tile/entries/002.p/88"), b"").unwrap();
    drop(bench.open().await.unwrap());
    assert_eq!(bench.published(), before);
    bench.assert_whole().await;
}

#[tokio::test]
async fn a_checkpoint_that_is_gone_or_older_is_published_anew() {
    let bench = Bench::new().await;
    bench.add(0, 10).await;
    drop(bench.open().await.unwrap());
    let stale = std::fs::read(bench.path("checkpoint")).unwrap();
    bench.add(10, 20).await;
    drop(bench.open().await.unwrap());
    std::fs::write(bench.path("checkpoint"), stale).unwrap();
    drop(bench.open().await.unwrap());
    assert_eq!(bench.published().size, 20);
    std::fs::remove_file(bench.path("checkpoint")).unwrap();
    drop(bench.open().await.unwrap());
    assert_eq!(bench.published().size, 20);
}

async fn refused(bench: &Bench) -> &'static str {
    let before = std::fs::read(bench.path("checkpoint")).unwrap();
    match bench.open().await {
        Err(Error::Ledger { log: "a", what }) => {
            assert_eq!(std::fs::read(bench.path("checkpoint")).unwrap(), before, "nothing was signed");
            what
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[tokio::test]
async fn a_checkpoint_ahead_of_the_entries_is_refused() {
    let bench = Bench::new().await;
    bench.add(0, 10).await;
    drop(bench.open().await.unwrap());
    let other = Bench::new().await;
    std::fs::create_dir_all(other.folder.path().join("ledger/a")).unwrap();
    std::fs::rename(bench.folder.path().join("keys"), other.folder.path().join("keys")).unwrap();
    std::fs::copy(bench.path("checkpoint"), other.path("checkpoint")).unwrap();
    assert!(refused(&other).await.contains("has signed none"));
    let empty = Head { size: 0, root: tlog::empty_root().0 };
    assert!(other.store.publicise(LogId::A, None, empty, String::new()).await.unwrap());
    assert!(refused(&other).await.contains("more entries were signed"));
    other.add(0, 9).await;
    assert!(refused(&other).await.contains("more entries were signed"));
    // The same number of entries, but not the same ones.
    other.add(500, 501).await;
    assert!(refused(&other).await.contains("not those that were signed"));
}

#[tokio::test]
async fn a_checkpoint_that_is_damaged_or_of_another_key_is_refused() {
    let bench = Bench::new().await;
    bench.add(0, 10).await;
    drop(bench.open().await.unwrap());
    let good = std::fs::read_to_string(bench.path("checkpoint")).unwrap();
    for bad in [good[..good.len() / 2].to_owned(), good.replacen("10\n", "11\n", 1), String::new()] {
        std::fs::write(bench.path("checkpoint"), bad).unwrap();
        assert!(refused(&bench).await.contains("damaged"));
    }
    let stranger = Bench::new().await;
    stranger.add(0, 10).await;
    drop(stranger.open().await.unwrap());
    std::fs::copy(stranger.path("checkpoint"), bench.path("checkpoint")).unwrap();
    assert!(refused(&bench).await.contains("another key"));
}

#[tokio::test]
async fn no_second_tree_of_a_size_is_ever_signed() {
    let bench = Bench::new().await;
    bench.add(0, 5).await;
    let mut ledger = bench.open().await.unwrap();
    let before = std::fs::read(bench.path("checkpoint")).unwrap();
    let forked: Vec<[u8; 33]> = (0..5).map(|n| [n + 100; 33]).collect();
    ledger.logs.as_mut().unwrap()[0].edge = Edge::empty().append(&forked).unwrap().edge;
    let error = ledger.tick(Duration::ZERO, Care::Edge).await.unwrap_err();
    assert!(matches!(error, Error::Ledger { log: "a", .. }), "{error}");
    assert_eq!(std::fs::read(bench.path("checkpoint")).unwrap(), before);
}

#[tokio::test]
async fn two_that_sign_never_sign_two_histories() {
    let bench = Bench::new().await;
    bench.add(0, 300).await;
    let (mut first, mut second) = (bench.open().await.unwrap(), bench.open().await.unwrap());
    bench.add(300, 500).await;
    // The first has lost the lead and does not know it; the second has signed since.
    second.tick(Duration::ZERO, Care::Edge).await.unwrap();
    let error = first.tick(Duration::ZERO, Care::Edge).await.unwrap_err();
    assert!(matches!(error, Error::Superseded), "{error}");
    assert_eq!(bench.published().size, 500);
    bench.assert_whole().await;
    // Leading again, it goes on from what was signed, by the tree's edge alone.
    first.logs = None;
    bench.add(500, 600).await;
    first.tick(Duration::ZERO, Care::Edge).await.unwrap();
    assert_eq!(bench.published().size, 600);
    bench.assert_whole().await;
}

#[tokio::test]
async fn taking_over_needs_only_the_edge_and_falls_back_to_everything() {
    for damage in [None, Some("tile/0/001.p/44"), Some("tile/entries/001.p/44")] {
        let bench = Bench::new().await;
        bench.add(0, 300).await;
        let mut ledger = bench.open().await.unwrap();
        if let Some(tile) = damage {
            std::fs::write(bench.path(tile), b"torn").unwrap();
        }
        ledger.logs = None;
        bench.add(300, 310).await;
        ledger.tick(Duration::ZERO, Care::Edge).await.unwrap();
        assert_eq!(bench.published().size, 310);
        bench.assert_whole().await;
    }
}
