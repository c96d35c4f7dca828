//! Tests of the relay's database.

use super::*;
use crate::limits::Pace;

async fn open(folder: &Path) -> (Store, tokio::task::JoinHandle<()>) {
    let options = StoreOptions {
        relay: "relay.example".to_owned(),
        total_bytes: 1_000,
        pace: Pace::new(0, Duration::from_secs(1)),
        metrics: Arc::default(),
        grown: Arc::default(),
    };
    Store::open(&folder.join("relay.db"), options).await.unwrap()
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
    store.set_head(LogId::A, Head { size: 1, root: [4; 32] }).await.unwrap();
    store.set_head(LogId::A, head).await.unwrap();
    drop(store);
    task.await.unwrap();
    let (store, task) = open(folder.path()).await;
    assert_eq!(store.submit(entry(3)).await.unwrap(), 2);
    let entries = store.entries(LogId::A, 1, 10).await.unwrap();
    assert_eq!(entries, [entry(2).to_vec(), entry(3).to_vec()]);
    assert_eq!(store.entries(LogId::A, 0, 1).await.unwrap().len(), 1);
    assert_eq!(store.head(LogId::A).await.unwrap(), Some(head));
    assert_eq!(store.head(LogId::R).await.unwrap(), None);
    drop(store);
    task.await.unwrap();
}

#[tokio::test]
async fn requests_that_come_together_share_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let metrics = Arc::<Metrics>::default();
    let options = StoreOptions {
        relay: "relay.example".to_owned(),
        total_bytes: 1_000,
        pace: Pace::new(0, Duration::from_secs(1)),
        metrics: Arc::clone(&metrics),
        grown: Arc::default(),
    };
    let (store, _task) = Store::open(&folder.path().join("relay.db"), options).await.unwrap();
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
    assert!(metrics.commits.value() < 500, "{} commits", metrics.commits.value());
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
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::query("CREATE TRIGGER no BEFORE INSERT ON log_submissions BEGIN SELECT RAISE(ABORT, 'no'); END")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let (store, _task) = open(folder.path()).await;
    assert!(matches!(store.submit([2; 33]).await, Err(Error::Unavailable)));
    assert_eq!(store.entries(LogId::A, 0, 10).await.unwrap(), [[1; 33].to_vec()]);
    assert_eq!(store.submit([1; 33]).await.unwrap(), 0, "it goes on");
}
