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

#[test]
fn a_flood_of_links_from_one_address_ends_at_the_limit() {
    const LIMIT: usize = 100;
    let relay = Fixture::alone_with(|config| config.limits.links_an_hour_per_address = 100);
    let (published, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let model = Link::new("U");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..250 {
                    let link = Link { publish: model.publish.clone(), ..Link::new("U") };
                    let answer = relay.put(&link);
                    match answer.status().as_u16() {
                        200 => published.fetch_add(1, Ordering::Relaxed),
                        429 => {
                            assert!(answer.headers().get("retry-after").is_some());
                            refused.fetch_add(1, Ordering::Relaxed)
                        }
                        other => panic!("{other}"),
                    };
                }
            });
        }
    });
    // A few more than the limit, for the time that passed meanwhile.
    let published = published.into_inner();
    assert!((LIMIT..LIMIT + 5).contains(&published), "{published} were published");
    assert_eq!(refused.into_inner(), 2_000 - published);
    assert_eq!(files_below(&relay.stored().join("files")), published, "nothing of the refused ones is stored");
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
