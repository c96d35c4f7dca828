//! A relay moves from SQLite to PostgreSQL: everything goes with it, or nothing does, and never both go on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(dead_code, reason = "the helpers of the other tests; not all are needed here")]

#[path = "http/support.rs"]
mod support;

const STORES: support::Stores = support::Stores::Folder;

use carnet_consent::control::{LinkState, Refusal, Withdrawn};
use carnet_relay::{Error, Secret, move_database};
use carnet_test_servers::{Postgres, S3};
use smart_health::manifest::Manifest;
use sqlx::{Connection, PgConnection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{Fixture, Link, entry, read};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn file(relay: &Fixture) -> PathBuf {
    relay.config.data.join("relay.db")
}

fn go(relay: &Fixture, postgres: &Postgres) -> carnet_relay::Result<Vec<(&'static str, u64)>> {
    block_on(move_database(&file(relay), &Secret::new(postgres.url())))
}

/// The relay on PostgreSQL from now on, with its folder of files, tiles and keys as it was.
fn follow(relay: &mut Fixture, postgres: &Postgres) {
    relay.config.database = Some(Secret::new(postgres.url()));
    relay.restart();
}

#[test]
fn everything_goes_and_the_ledger_goes_on() {
    let mut relay = Fixture::start();
    let postgres = Postgres::start();
    let plain = Link::new("U").change(|publish| publish.revision = 3);
    let passcode = Link::new("LP").passcode("4711", 5).change(|publish| publish.max_openings = Some(9));
    let (paused, withdrawn, deleted) = (Link::new("U"), Link::new("U"), Link::new("U"));
    let first = relay.publish(&plain);
    for link in [&passcode, &paused, &withdrawn, &deleted] {
        relay.publish(link);
    }
    let newer = plain.again(Link::with("U", &[b"{\"newer\":true}"]).publish).change(|publish| publish.revision = 4);
    relay.publish(&newer);
    assert_eq!(relay.open(&plain).status(), 200);
    assert_eq!(relay.manifest(&passcode, Some("4711")).status(), 200);
    assert_eq!(relay.manifest(&passcode, Some("0000")).status(), 401);
    relay.control("POST", &paused, "/pause");
    let end: Withdrawn = read(relay.withdraw(&withdrawn), 200);
    relay.control("DELETE", &deleted, "");
    let states: Vec<LinkState> =
        [&plain, &passcode, &paused, &withdrawn].map(|link| read(relay.control("GET", link, ""), 200)).to_vec();
    let receipts = relay.receipts(&plain);

    // Not while it runs.
    assert!(matches!(go(&relay, &postgres), Err(Error::InUse)));
    relay.stop();
    let moved = go(&relay, &postgres).unwrap();
    let rows = |name: &str| moved.iter().find(|(table, _)| *table == name).unwrap().1;
    assert_eq!((rows("links"), rows("withdrawals"), rows("ledger_identity"), rows("log_sizes")), (5, 1, 1, 2));
    assert!(rows("receipts") >= 3 && rows("log_entries") >= 10 && rows("superseded_publications") == 1);

    // There is no way to go on from both.
    assert!(matches!(relay.try_start(), Err(Error::Moved)));
    assert!(matches!(go(&relay, &postgres), Err(Error::NotEmpty { .. })));

    follow(&mut relay, &postgres);
    for (link, before) in [&plain, &passcode, &paused, &withdrawn].into_iter().zip(states) {
        assert_eq!(read::<LinkState>(relay.control("GET", link, ""), 200), before);
    }
    assert_eq!(relay.receipts(&plain), receipts);
    assert_eq!(relay.open(&plain).into_body().read_to_string().unwrap(), newer.publish.files[0].jwe);
    assert_eq!(relay.manifest(&passcode, Some("4711")).status(), 200);
    assert_eq!((relay.open(&paused).status().as_u16(), relay.open(&withdrawn).status().as_u16()), (404, 404));
    assert_eq!(read::<Refusal>(relay.put(&deleted), 410).code, "deleted");
    // A late duplicate is still one.
    assert_eq!(relay.put(&plain).status(), 200);
    assert_eq!(relay.open(&plain).into_body().read_to_string().unwrap(), newer.publish.files[0].jwe);
    // The same logs, going on.
    relay.assert_in_log("a", first.commitment_index, &plain.publish.commitment.0);
    relay.assert_in_log("r", end.index, &withdrawn.secret.preimage().log_entry());
    let another = Link::new("U");
    let published = relay.publish(&another);
    assert!(published.commitment_index >= rows("log_entries") - 1);
    relay.assert_in_log("a", published.commitment_index, &another.publish.commitment.0);
}

/// What `aws s3 sync` does, into a server that keeps objects as files.
fn sync(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let to = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            sync(&entry, &to);
        } else {
            std::fs::copy(&entry, &to).unwrap();
        }
    }
}

#[test]
fn with_its_files_in_a_bucket_it_becomes_two() {
    let mut relay = Fixture::start();
    let (postgres, s3) = (Postgres::start(), S3::start());
    let large = Link::with("L", &[&vec![b'x'; 2_000_000]]);
    let direct = Link::new("U");
    let first = relay.publish(&direct);
    relay.publish(&large);
    relay.stop();
    go(&relay, &postgres).unwrap();
    for folder in ["files", "ledger"] {
        sync(&relay.config.data.join(folder), &s3.bucket().join("part/one").join(folder));
        std::fs::remove_dir_all(relay.config.data.join(folder)).unwrap();
    }
    relay.config.files = Some(format!("s3://{}/part/one", S3::BUCKET));
    relay.config.s3.endpoint = Some(s3.endpoint());
    relay.config.s3.access_key_id = Some(S3::KEY_ID.to_owned());
    relay.config.s3.secret_access_key = Some(Secret::new(S3::KEY));
    follow(&mut relay, &postgres);
    relay.join();
    for _ in 0..2 {
        assert_eq!(relay.open(&direct).into_body().read_to_string().unwrap(), direct.publish.files[0].jwe);
        let manifest: Manifest = read(relay.manifest(&large, None), 200);
        let location = manifest.files[0].location.clone().unwrap();
        let served = relay.agent.get(location).call().unwrap().into_body().read_to_string().unwrap();
        assert_eq!(served, large.publish.files[0].jwe);
    }
    relay.assert_in_log("a", first.commitment_index, &direct.publish.commitment.0);
    relay.publish(&Link::new("U"));
}

#[test]
fn what_cannot_be_moved_is_left_as_it_was() {
    let mut relay = Fixture::start();
    let postgres = Postgres::start();
    let link = Link::new("U");
    relay.publish(&link);
    relay.stop();
    let secret = Secret::new(postgres.url());
    let none = relay.folder.path().join("none.db");
    assert!(matches!(block_on(move_database(&none, &secret)), Err(Error::Io { .. })));
    assert!(!none.exists());
    for address in ["mysql://x", "relay.db", ""] {
        assert!(matches!(block_on(move_database(&file(&relay), &Secret::new(address))), Err(Error::Config(_))));
    }
    // One in which another relay has begun.
    let mut other = Fixture::start();
    other.stop();
    std::fs::remove_file(file(&other)).unwrap();
    std::fs::remove_dir_all(other.config.data.join("ledger")).unwrap();
    std::fs::remove_dir_all(other.config.data.join("keys")).unwrap();
    follow(&mut other, &postgres);
    other.publish(&Link::new("U"));
    other.stop();
    assert!(matches!(go(&relay, &postgres), Err(Error::NotEmpty { .. })));
    relay.restart();
    assert_eq!(relay.open(&link).status(), 200);
}

#[test]
fn killed_at_any_instant_it_is_whole_or_absent() {
    let mut relay = Fixture::start();
    let link = Link::new("U");
    relay.publish(&link);
    relay.stop();
    // Enough that it takes a while.
    block_on(async {
        let mut db = SqliteConnection::connect(&format!("sqlite://{}", file(&relay).display())).await.unwrap();
        let fill = "INSERT INTO discarded_files
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
            SELECT printf('%064x', i), 9000000000 FROM n";
        sqlx::raw_sql(fill).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    });
    let postgres = Postgres::start();
    let counted = || {
        block_on(async {
            let mut db = PgConnection::connect(&postgres.url()).await.unwrap();
            let there: bool = sqlx::query_scalar("SELECT to_regclass('discarded_files') IS NOT NULL")
                .fetch_one(&mut db)
                .await
                .unwrap();
            if !there {
                return (0, 0);
            }
            let count = "SELECT (SELECT count(*) FROM discarded_files), (SELECT count(*) FROM ledger_identity)";
            sqlx::query_as::<_, (i64, i64)>(count).fetch_one(&mut db).await.unwrap()
        })
    };
    let (mut killed, mut wait) = (0, 30);
    loop {
        let mut program = Command::new(env!("CARGO_BIN_EXE_carnet-relay"));
        program.args(["move", "--from"]).arg(file(&relay)).args(["--to", &postgres.url()]).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        if child.try_wait().unwrap().is_some() {
            assert!(child.wait_with_output().unwrap().status.success());
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // Its last transaction may be under way on the server for a moment.
        std::thread::sleep(Duration::from_millis(200));
        killed += 1;
        wait += 60;
        match counted() {
            (0, 0) => {}
            // Killed after the commit, before it could say so.
            (30_000, 1) => {
                assert!(matches!(go(&relay, &postgres), Err(Error::NotEmpty { .. })));
                break;
            }
            other => panic!("half of it: {other:?}"),
        }
    }
    assert!(killed >= 3, "{killed}");
    assert_eq!(counted(), (30_000, 1));
    assert!(matches!(relay.try_start(), Err(Error::Moved)));
    follow(&mut relay, &postgres);
    assert_eq!(relay.open(&link).status(), 200);
    assert_eq!(relay.commit(entry()).status(), 200);
}
