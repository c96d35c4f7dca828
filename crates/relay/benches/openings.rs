//! How many openings of 80 KB a relay serves in a second, receipt durable and committed first, and how long they take.
//!
//! `cargo bench -p carnet-relay [-- CONNECTIONS SECONDS LINKS FOLDER]`. Load generator and relay share the machine, so the figure is a lower
//! bound for the relay alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing, missing_docs)]

use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::control::{ControlToken, LinkId, Publish, PublishFile};
use carnet_relay::{Config, Relay};
use smart_health::link::ContentKey;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let number = |at: usize, default: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (connections, seconds, links) = (number(0, 128), number(1, 5), number(2, 200));
    let folder = match arguments.get(3) {
        Some(parent) => tempfile::tempdir_in(parent).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let mut config =
        Config { listen: ([127, 0, 0, 1], 0).into(), data: folder.path().join("relay"), ..Config::default() };
    config.limits.requests_a_minute_per_link = 0;
    config.limits.openings = 1_000_000;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let relay = Relay::start(config).await.unwrap();
        let mut paths = Vec::new();
        for _ in 0..links {
            paths.push(publish(relay.addr).await);
        }
        let end = Instant::now() + Duration::from_secs(seconds);
        let started = Instant::now();
        let clients: Vec<_> = (0..connections)
            .map(|n| {
                let paths: Vec<String> =
                    paths.iter().cycle().skip(usize::try_from(n).unwrap()).take(paths.len()).cloned().collect();
                tokio::spawn(client(relay.addr, paths, end))
            })
            .collect();
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.await.unwrap());
        }
        let elapsed = started.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |part: f64| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let index = (times.len() as f64 * part) as usize;
            times.get(index.min(times.len() - 1)).copied().unwrap_or_default().as_secs_f64() * 1_000.0
        };
        #[allow(clippy::cast_precision_loss)]
        let rate = times.len() as f64 / elapsed;
        println!(
            "{} openings of 80 KB over {connections} connections and {links} links in {elapsed:.1} s: {rate:.0}/s, \
             p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms",
            times.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
        relay.shutdown().await;
    });
}

async fn publish(addr: std::net::SocketAddr) -> String {
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
async fn client(addr: std::net::SocketAddr, paths: Vec<String>, end: Instant) -> Vec<Duration> {
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
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    Some(end + length.parse::<usize>().unwrap())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
