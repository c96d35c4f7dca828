//! Tests of the relay's database.

use super::*;
use crate::limits::Pace;
use std::path::Path;
use std::time::Duration;

fn options() -> StoreOptions {
    StoreOptions {
        relay: "relay.example".into(),
        total_bytes: 1_000,
        refusals_per_link: 10,
        receipts_days: 1,
        pace: Pace::new(0, Duration::from_secs(1)),
        metrics: Arc::default(),
        grown: Arc::default(),
    }
}

async fn open(folder: &Path) -> (Store, tokio::task::JoinHandle<()>) {
    super::open(Place::File(folder.join("relay.db"))).await.unwrap().start(options())
}

#[tokio::test]
async fn entries_keep_their_order_and_survive() {
    let folder = tempfile::tempdir().unwrap();
    let (store, task) = open(folder.path()).await;
    let entry = |n: u8| [n; 33];
    assert_eq!(store.submit(entry(1)).await.unwrap(), 0);
    assert_eq!(store.submit(entry(2)).await.unwrap(), 1);
    assert_eq!(store.submit(entry(1)).await.unwrap(), 0);
    assert_eq!(store.withdraw(entry(9), [8; 32]).await.unwrap(), 0);
    assert_eq!(store.withdraw(entry(9), [8; 32]).await.unwrap(), 0);
    assert!(store.known_tag([8; 32]).await.unwrap() && !store.known_tag([7; 32]).await.unwrap());
    let head = Head { size: 2, root: [5; 32] };
    let older = Head { size: 1, root: [4; 32] };
    assert!(store.publicise(LogId::A, None, older, "older".to_owned()).await.unwrap());
    assert!(!store.publicise(LogId::A, None, head, "forked".to_owned()).await.unwrap(), "not over one unseen");
    assert!(store.publicise(LogId::A, Some(older), head, "newer".to_owned()).await.unwrap());
    drop(store);
    task.await.unwrap();
    let (store, task) = open(folder.path()).await;
    assert_eq!(store.submit(entry(3)).await.unwrap(), 2);
    let entries = store.entries(LogId::A, 1, 10).await.unwrap();
    assert_eq!(entries, [entry(2).to_vec(), entry(3).to_vec()]);
    assert_eq!(store.entries(LogId::A, 0, 1).await.unwrap().len(), 1);
    assert_eq!(store.head(LogId::A).await.unwrap(), Some(head));
    assert_eq!(store.checkpoint(LogId::A).await.unwrap().as_deref(), Some("newer"));
    assert_eq!(store.head(LogId::R).await.unwrap(), None);
    drop(store);
    task.await.unwrap();
}

#[tokio::test]
async fn requests_that_come_together_share_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _task) = open(folder.path()).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..1_000_u16 {
        let store = store.clone();
        let mut entry = [0; 33];
        entry[..2].copy_from_slice(&n.to_be_bytes());
        tasks.spawn(async move { store.submit(entry).await.unwrap() });
    }
    let mut indices = tasks.join_all().await;
    indices.sort_unstable();
    assert_eq!(indices, (0..1_000).collect::<Vec<u64>>());
    let commits = store.metrics.commits.value();
    assert!(commits < 500, "{commits} commits");
}

#[tokio::test]
async fn a_failed_batch_answers_nobody_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, task) = open(folder.path()).await;
    store.submit([1; 33]).await.unwrap();
    drop(store);
    task.await.unwrap();
    // A database that refuses the second table of a submission.
    let path = folder.path().join("relay.db");
    let mut db = Db::connect(&Place::File(path)).await.unwrap();
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON log_submissions BEGIN SELECT RAISE(ABORT, 'no'); END";
    db.run(db::sql(trigger)).await.unwrap();
    db.close().await.unwrap();
    let (store, _task) = open(folder.path()).await;
    assert!(matches!(store.submit([2; 33]).await, Err(Error::Unavailable)));
    assert_eq!(store.entries(LogId::A, 0, 10).await.unwrap(), [[1; 33].to_vec()]);
    assert_eq!(store.submit([1; 33]).await.unwrap(), 0, "it goes on");
}

#[tokio::test]
async fn a_database_of_the_first_version_is_brought_to_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("relay.db"));
    let mut db = Db::connect(&place).await.unwrap();
    let Db::File(connection) = &mut db else { panic!("it is a file") };
    sqlx::migrate!("./migrations/sqlite").run_to(1, &mut *connection).await.unwrap();
    for statement in [
        "INSERT INTO log_entries VALUES (1, 0, x'01'), (1, 1, x'02'), (2, 0, x'03')",
        "INSERT INTO log_heads VALUES (1, 2, zeroblob(32))",
        "INSERT INTO files VALUES (x'00', 0, 'name', x'00', 77, 'a/b')",
    ] {
        sqlx::query(statement).execute(&mut *connection).await.unwrap();
    }
    db.close().await.unwrap();
    let mut database = super::open(place).await.unwrap();
    assert!(database.has_ledger().await.unwrap());
    assert!(database.claim(&[1; 32]).await.unwrap() && !database.claim(&[2; 32]).await.unwrap());
    let (store, _task) = database.start(options());
    assert_eq!(store.submit([5; 33]).await.unwrap(), 2);
    assert_eq!(store.withdraw([6; 33], [7; 32]).await.unwrap(), 1);
    assert_eq!(store.expire(0, 0, 0).await.unwrap(), 0);
    assert_eq!(store.metrics.stored_bytes.value(), 77);
}

#[tokio::test]
async fn only_files_that_nothing_refers_to_are_orphans() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("relay.db"));
    let mut database = super::open(place).await.unwrap();
    for statement in [
        "INSERT INTO files VALUES (x'00', 0, 'used', x'00', 1, 'a/b', 0)",
        "INSERT INTO discarded_files VALUES ('discarded', 9)",
    ] {
        database.db.run(db::sql(statement)).await.unwrap();
    }
    let (store, _task) = database.start(options());
    let names = ["used", "discarded", "left", "left too"].map(str::to_owned).to_vec();
    let mut orphans = store.orphans(names).await.unwrap();
    orphans.sort();
    assert_eq!(orphans, ["left", "left too"]);
    assert_eq!(store.orphans(Vec::new()).await.unwrap(), Vec::<String>::new());
    assert_eq!((store.discarded(8).await.unwrap().len(), store.discarded(9).await.unwrap().len()), (0, 1));
    store.forget(vec!["discarded".to_owned()]).await.unwrap();
    assert!(store.discarded(9).await.unwrap().is_empty());
}
