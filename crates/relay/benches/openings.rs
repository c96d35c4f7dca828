//! How many openings of 80 KB a relay serves in a second, receipt durable and committed first, and how long they take; and
//! how many publications it takes. On SQLite and a folder, and on PostgreSQL and a folder, with many other links stored; beside
//! them, under the same load, a relay on Bun that keeps everything in memory.
//!
//! `cargo bench -p carnet-relay [-- CONNECTIONS SECONDS STORED]`, with Bun on the path or its place in `BUN`.
//! Load generator, relay and PostgreSQL share the machine, so the figures are a lower bound for the relay alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing, missing_docs)]

use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::control::{ControlToken, LinkId, Publish, PublishFile};
use carnet_relay::{Config, Relay, Secret};
use carnet_test_servers::Postgres;
use smart_health::link::ContentKey;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many links are opened, in turn.
const OPENED: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let number = |at: usize, default: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (connections, seconds, stored) = (number(0, 128), number(1, 10), number(2, 1_000_000));
    let time = Duration::from_secs(seconds);
    let runtime = Relay::runtime().unwrap();
    match MemoryRelay::start() {
        Some(relay) => {
            runtime.block_on(load("Bun, in memory", relay.addr, connections, time));
        }
        None => println!("Skipped: the relay in memory beside which this is measured. There is no Bun."),
    }
    for postgres in [None, Some(Postgres::start())] {
        runtime.block_on(measure(postgres.as_ref(), connections, time, stored));
    }
}

async fn measure(postgres: Option<&Postgres>, connections: u64, time: Duration, stored: u64) {
    let folder = tempfile::tempdir().unwrap();
    let mut config =
        Config { listen: ([127, 0, 0, 1], 0).into(), data: folder.path().join("relay"), ..Config::default() };
    config.database = postgres.map(|postgres| Secret::new(postgres.url()));
    config.limits.requests_a_minute_per_link = 0;
    config.limits.links_an_hour_per_address = 0;
    config.limits.connections_per_address = 0;
    config.limits.openings = 1_000_000;
    config.limits.total_bytes = u64::MAX >> 2;
    // It makes the tables.
    Relay::start(config.clone()).await.unwrap().shutdown().await;
    match postgres {
        None => {
            let url = format!("sqlite://{}", config.data.join("relay.db").display());
            fill_sqlite(&url, stored).await;
        }
        Some(postgres) => fill_postgres(&postgres.url(), stored).await,
    }
    let relay = Relay::start(config).await.unwrap();
    let addr = relay.addr;
    let name = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    load(&format!("{name}, {stored} links stored"), addr, connections, time).await;
    relay.shutdown().await;
}

/// Bun, serving from memory, until this is dropped.
struct MemoryRelay {
    process: Child,
    addr: SocketAddr,
}

impl MemoryRelay {
    /// Nothing where there is no Bun.
    fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/memory_relay.js");
        let bun = std::env::var_os("BUN").unwrap_or_else(|| "bun".into());
        let started = Command::new(bun).args(["run", script]).stdout(Stdio::piped()).spawn();
        if started.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return None;
        }
        let mut process = started.unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Some(Self { process, addr: ([127, 0, 0, 1], port.trim().parse().unwrap()).into() })
    }
}

impl Drop for MemoryRelay {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Openings for a time, then publications for a time.
async fn load(name: &str, addr: SocketAddr, connections: u64, time: Duration) {
    open(name, addr, connections, time).await;
    let end = Instant::now() + time;
    let publishers: Vec<_> = (0..connections.min(32))
        .map(|_| {
            tokio::spawn(async move {
                let mut times = Vec::new();
                while Instant::now() < end {
                    let started = Instant::now();
                    publish(addr).await;
                    times.push(started.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for publisher in publishers {
        times.extend(publisher.await.unwrap());
    }
    report(&format!("{name}: publications of 80 KB, each on a connection of its own"), times, time);
}

/// Publishes some links and opens them in turn over many connections.
async fn open(name: &str, addr: SocketAddr, connections: u64, time: Duration) {
    let mut paths = Vec::new();
    for _ in 0..OPENED {
        paths.push(publish(addr).await);
    }
    let end = Instant::now() + time;
    let clients: Vec<_> = (0..connections)
        .map(|n| {
            let skip = usize::try_from(n).unwrap();
            let paths: Vec<String> = paths.iter().cycle().skip(skip).take(paths.len()).cloned().collect();
            tokio::spawn(client(addr, paths, end))
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.unwrap());
    }
    report(&format!("{name}: openings of 80 KB, {connections} connections"), times, time);
}

fn report(what: &str, mut times: Vec<Duration>, time: Duration) {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    };
    #[allow(clippy::cast_precision_loss)]
    let rate = times.len() as f64 / time.as_secs_f64();
    println!("{what}: {rate:.0}/s, p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms", at(50), at(99), at(100));
}

/// Other people's links: as many rows as a relay would have, which nobody opens.
const LINKS: &str = "INSERT INTO links (link, control, state, flags, expires, max_openings, openings, attempts,
    attempts_used, receipt_recipient, withdrawal_tag, commitment, commitment_index, receipts)";
const FILES: &str = "INSERT INTO files (link, number, name, sha256, size, content_type)";

async fn fill_sqlite(url: &str, stored: u64) {
    let mut db = SqliteConnection::connect(url).await.unwrap();
    let rows = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {stored})");
    let links = format!(
        "{LINKS} {rows} SELECT randomblob(32), randomblob(32), 'live', 'U', 4000000000, 10, 0, 10, 0,
        'age1' || hex(randomblob(29)), randomblob(32), randomblob(33), i, 0 FROM n"
    );
    let files =
        format!("{FILES} SELECT link, 0, lower(hex(link)), randomblob(32), 80000, 'application/fhir+json' FROM links");
    for statement in ["BEGIN".to_owned(), links, files, "COMMIT".to_owned()] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
}

async fn fill_postgres(url: &str, stored: u64) {
    let mut db = PgConnection::connect(url).await.unwrap();
    let links = format!(
        "{LINKS} SELECT sha256(i::text::bytea), sha256(i::text::bytea), 'live', 'U', 4000000000, 10, 0, 10, 0,
        'age1' || md5(i::text) || md5(i::text), sha256(('t' || i)::bytea), sha256(i::text::bytea), i, 0
        FROM generate_series(1, {stored}) AS i"
    );
    let files = format!("{FILES} SELECT link, 0, encode(link, 'hex'), link, 80000, 'application/fhir+json' FROM links");
    for statement in [links, files, "VACUUM ANALYZE".to_owned()] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
}

async fn publish(addr: SocketAddr) -> String {
    let key = ContentKey::from_bytes(random());
    let id = LinkId::from_bytes(random());
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let publish = Publish {
        flags: "U".to_owned(),
        expires: now + 3_600,
        not_before: None,
        max_openings: None,
        passcode: None,
        passcode_attempts: None,
        files: vec![PublishFile {
            content_type: "application/fhir+json".to_owned(),
            jwe: smart_health::jwe::encrypt(&key, random(), "application/fhir+json", &vec![b'x'; 60_000]),
        }],
        status: None,
        receipt_recipient: age::x25519::Identity::generate().to_public().to_string(),
        withdrawal_tag: random(),
        commitment: commit(&random(), ObjectType::Grant, &random()),
        revision: 0,
    };
    let body = serde_json::to_vec(&publish).unwrap();
    let token = ControlToken::from_bytes(random()).expose_header();
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let head = format!(
        "PUT /control/{id} HTTP/1.1\r\nhost: relay\r\nauthorization: {token}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    format!("/shl/{id}?recipient=Dr%20Example")
}

/// Opens links one after the other over one connection; how long each took.
async fn client(addr: SocketAddr, paths: Vec<String>, end: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut times = Vec::new();
    let mut buffer = vec![0; 256 << 10];
    for path in paths.iter().cycle() {
        let started = Instant::now();
        if started >= end {
            break;
        }
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: relay\r\n\r\n").as_bytes()).await.unwrap();
        let (mut have, mut want) = (0, None);
        while want.is_none_or(|want| have < want) {
            let read = stream.read(&mut buffer[have..]).await.unwrap();
            assert!(read > 0, "the relay hung up");
            have += read;
            if want.is_none() {
                want = whole(&buffer[..have]);
            }
        }
        times.push(started.elapsed());
    }
    times
}

/// How long the answer is in all, once its headers are there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find_map(|(name, value)| name.eq_ignore_ascii_case("content-length").then_some(value))
        .unwrap();
    Some(end + length.parse::<usize>().unwrap())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
