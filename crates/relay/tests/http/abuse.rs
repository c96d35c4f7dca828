//! Who sends slowly, too much, or too often meets a limit, and nobody else notices.

use crate::support::{Fixture, Link, files_below, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[test]
fn slow_senders_are_hung_up_on_and_have_only_so_many_connections() {
    let relay = Fixture::alone_with(|config| {
        config.limits.request_s = 2;
        config.limits.connections_per_address = 6;
    });
    let link = Link::new("U");
    relay.publish(&link);
    let connect = || {
        let mut stream = TcpStream::connect(relay.running().addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").unwrap();
        stream
    };
    // The client that published keeps one connection open, and has it again afterwards.
    let started = Instant::now();
    let mut slow: Vec<TcpStream> = (0..5).map(|_| connect()).collect();
    let mut one_more = TcpStream::connect(relay.running().addr).unwrap();
    one_more.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let ended = match one_more.read(&mut [0; 10]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    };
    assert!(ended && started.elapsed() < Duration::from_secs(2), "one too many is hung up on at once");
    for stream in &mut slow {
        for byte in b"aaaaaaaa" {
            // One byte now and then gains no time. The relay may have hung up meanwhile.
            let _ = stream.write_all(&[*byte]);
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    assert!(started.elapsed() < Duration::from_secs(15));
    drop(slow);
    assert_eq!(relay.open(&link).status(), 200);
}

/// `CARNET_FLOOD` is how many links are tried instead of 2,000; with it, `CARNET_FLOOD_REPORT` names a file for what the flood
/// and the others saw.
#[test]
fn a_flood_of_links_from_one_address_ends_at_the_limit_and_others_are_served_meanwhile() {
    const LIMIT: usize = 100;
    const SENDERS: usize = 8;
    let flood = std::env::var("CARNET_FLOOD").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000);
    let relay = Fixture::alone_with(|config| {
        config.limits.links_an_hour_per_address = 100;
        config.limits.openings = 1_000_000;
        config.limits.requests_a_minute_per_link = 0;
        config.client_address_header = Some("x-forwarded-for".to_owned());
    });
    let put = |link: &Link, from: &str| {
        let request = relay.agent.put(relay.url(&format!("/control/{}", link.id)));
        let request = request.header("authorization", link.token.expose_header()).header("x-forwarded-for", from);
        request.send(json(&link.publish)).unwrap()
    };
    let (published, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let senders = AtomicUsize::new(SENDERS);
    let model = Link::new("U");
    let theirs = Link::new("U");
    assert_eq!(put(&theirs, "198.51.100.7").status(), 200);
    let started = Instant::now();
    let mut waits = std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                for _ in 0..flood / SENDERS {
                    let link = Link { publish: model.publish.clone(), ..Link::new("U") };
                    let answer = put(&link, "192.0.2.1");
                    match answer.status().as_u16() {
                        200 => published.fetch_add(1, Ordering::Relaxed),
                        429 => {
                            assert!(answer.headers().get("retry-after").is_some());
                            refused.fetch_add(1, Ordering::Relaxed)
                        }
                        other => panic!("{other}"),
                    };
                }
                senders.fetch_sub(1, Ordering::Relaxed);
            });
        }
        // Meanwhile a reader opens what somebody else published, and that somebody publishes more.
        let mut waits = Vec::new();
        while senders.load(Ordering::Relaxed) > 0 || waits.is_empty() {
            let asked = Instant::now();
            assert_eq!(relay.open(&theirs).status(), 200);
            waits.push(asked.elapsed());
            if waits.len() <= 50 {
                assert_eq!(put(&Link::new("U"), "198.51.100.7").status(), 200);
            }
        }
        waits
    });
    // A few more than the limit, for the time that passed meanwhile.
    let allowed = LIMIT + 5 + usize::try_from(started.elapsed().as_secs()).unwrap() / 36;
    let published = published.into_inner();
    assert!((LIMIT..allowed).contains(&published), "{published} were published");
    assert_eq!(refused.into_inner(), flood / SENDERS * SENDERS - published);
    let others = 1 + waits.len().min(50);
    assert_eq!(files_below(&relay.stored().join("files")), published + others, "nothing of the refused ones is stored");
    if let Some(report) = std::env::var_os("CARNET_FLOOD_REPORT") {
        waits.sort_unstable();
        let at = |share: usize| waits[(waits.len() - 1) * share / 100];
        let text = format!(
            "{flood} tries in {:?}; others: {} openings, median {:?}, 99 % within {:?}\n",
            started.elapsed(),
            waits.len(),
            at(50),
            at(99)
        );
        std::fs::write(report, text).unwrap();
    }
}

#[test]
fn what_is_too_large_is_refused_and_not_stored() {
    let relay = Fixture::with(|config| config.limits.body_bytes = 10_000);
    let link = Link::with("U", &[&[b'x'; 20_000]]);
    assert!(json(&link.publish).len() > 10_000);
    assert_eq!(relay.put(&link).status(), 413);
    // One that announces far more than it will ever be allowed is not even listened to.
    let mut stream = TcpStream::connect(relay.running().addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(
        stream,
        "PUT /control/{} HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-length: 99999999999\r\n\r\n",
        link.id,
        link.token.expose_header()
    )
    .unwrap();
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 413"));
    assert_eq!(files_below(&relay.stored().join("files")), 0);
}
