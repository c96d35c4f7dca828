//! Who sends slowly, too much, or too often meets a limit, and nobody else notices.

use crate::support::{Fixture, Link, files_below, json, text};
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

/// A publication of so many bytes, of which none of the body is sent yet.
fn begin_publication(relay: &Fixture, link: &Link, headers: &str, length: &str) -> TcpStream {
    let mut stream = TcpStream::connect(relay.running().addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "PUT /control/{} HTTP/1.1\r\nhost: x\r\n{headers}{length}\r\n", link.id).unwrap();
    stream
}

fn authorization(link: &Link) -> String {
    format!("authorization: {}\r\n", link.token.expose_header())
}

/// An answer's head and body, and nothing behind it.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    loop {
        let said = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = said.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if length.is_some_and(|length: usize| body.len() >= length) {
                return said;
            }
        }
        let mut part = [0; 4_096];
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "{said}");
        answer.extend_from_slice(&part[..read]);
    }
}

/// Memory set aside for bodies, of the relay that answers.
fn in_flight(relay: &Fixture) -> usize {
    let page = text(relay.get("/metrics"));
    let line = page.lines().find_map(|line| line.strip_prefix("carnet_relay_bodies_in_flight_bytes "));
    line.unwrap().parse().unwrap()
}

fn wait_until_in_flight(relay: &Fixture, bytes: usize) {
    let reached = (0..400).any(|_| {
        std::thread::sleep(Duration::from_millis(25));
        in_flight(relay) == bytes
    });
    assert!(reached, "{} bytes are set aside", in_flight(relay));
}

#[test]
fn who_may_not_publish_is_told_before_the_body_is_read_and_nothing_of_it_is_kept() {
    const LARGE: usize = 30 << 20;
    let relay = Fixture::alone_with(|config| config.limits.links_an_hour_per_address = 2);
    let theirs = Link::new("U");
    relay.publish(&theirs);
    let (mine, over) = (Link::new("U"), Link::new("U"));
    let length = format!("content-length: {LARGE}\r\n");
    let mut refused: Vec<TcpStream> = Vec::new();
    for (link, headers, status) in [
        (&mine, String::new(), "401"),
        (&mine, "authorization: Bearer abc\r\n".to_owned(), "401"),
        // It takes the address's second link of the hour to learn that it is somebody else's.
        (&theirs, authorization(&mine), "403"),
        (&over, authorization(&over), "429"),
    ] {
        let mut stream = begin_publication(&relay, link, &headers, &length);
        let answer = read_answer(&mut stream);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        refused.push(stream);
    }
    let mut stream = TcpStream::connect(relay.running().addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "PUT /control/short HTTP/1.1\r\nhost: x\r\n{}{length}\r\n", authorization(&mine)).unwrap();
    let answer = read_answer(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    refused.push(stream);
    // All of them send what they announced, but for the last byte: it is taken and thrown away.
    let part = vec![b'x'; LARGE - 1];
    for stream in &mut refused {
        stream.write_all(&part).unwrap();
    }
    assert_eq!(in_flight(&relay), 0);
    for stream in &mut refused {
        stream.write_all(b"xGET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert!(read_answer(stream).starts_with("HTTP/1.1 200 "), "the connection is of use again");
    }
    // A link of its own is no new one.
    assert_eq!(relay.put(&theirs).status(), 200);
}

#[test]
fn bodies_in_flight_have_a_budget_and_give_back_what_they_held() {
    const MB: usize = 1 << 20;
    let relay = Fixture::alone_with(|config| {
        config.limits.body_bytes = MB;
        config.limits.bodies_in_flight_bytes = 4 * MB;
        config.client_address_header = Some("x-forwarded-for".to_owned());
    });
    let readable = Link::new("");
    relay.publish(&readable);
    let from = |address: u8, link: &Link| format!("{}x-forwarded-for: 192.0.2.{address}\r\n", authorization(link));
    let whole = format!("content-length: {MB}\r\n");
    let links: Vec<Link> = (0..3).map(|_| Link::new("U")).collect();
    let mut held: Vec<TcpStream> = (1..)
        .zip(&links)
        .map(|(address, link)| begin_publication(&relay, link, &from(address, link), &whole))
        .collect();
    wait_until_in_flight(&relay, 3 * MB);
    let refused = |mut stream: TcpStream| {
        let answer = read_answer(&mut stream);
        assert!(
            answer.starts_with("HTTP/1.1 503 ") && answer.to_ascii_lowercase().contains("\r\nretry-after: 5\r\n"),
            "{answer}"
        );
        assert!(answer.contains("\"busy\""), "{answer}");
    };
    let other = Link::new("U");
    refused(begin_publication(&relay, &other, &from(4, &other), &whole));
    refused(begin_publication(&relay, &other, &from(1, &other), "content-length: 1\r\n"));
    // What is not announced is refused once it has grown too far, and is not kept.
    let mut growing = begin_publication(&relay, &other, &from(5, &other), "transfer-encoding: chunked\r\n");
    let part = vec![b'x'; 15 * MB / 16];
    write!(growing, "{:x}\r\n", part.len()).unwrap();
    growing.write_all(&part).unwrap();
    refused(growing);
    wait_until_in_flight(&relay, 3 * MB);
    // Readers and small publications are served meanwhile.
    assert_eq!(relay.manifest(&readable, None).status(), 200);
    assert_eq!(relay.put(&Link::new("U")).status(), 200);
    // One hangs up: what it held is free.
    held.remove(0);
    wait_until_in_flight(&relay, 2 * MB);
    let large = Link::with("U", &[&vec![b'x'; 700_000]]);
    assert!((900_000..MB).contains(&json(&large.publish).len()));
    assert_eq!(relay.put(&large).status(), 200);
    assert_eq!(relay.open(&large).status(), 200);
    // In parts, and of unknown length.
    let (parts, mut stream) = {
        let link = Link::with("U", &[&vec![b'y'; 700_000]]);
        let stream = begin_publication(&relay, &link, &from(6, &link), "transfer-encoding: chunked\r\n");
        (link, stream)
    };
    for part in json(&parts.publish).chunks(10_000) {
        write!(stream, "{:x}\r\n", part.len()).unwrap();
        stream.write_all(part).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert!(read_answer(&mut stream).starts_with("HTTP/1.1 200 "));
    drop(held);
    wait_until_in_flight(&relay, 0);
}
