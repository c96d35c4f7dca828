//! What wallets meet: idempotent, theirs alone, within limits, each refusal with a code.

use crate::support::{Fixture, Link, entry, files_below, json, now, read};
use carnet_consent::control::{Committed, ControlToken, LinkState, Published, Refusal, Withdrawn};
use carnet_consent::withdrawal::Preimage;
use std::time::Duration;

fn code(answer: crate::support::Response, status: u16) -> String {
    assert!(answer.headers().get("access-control-allow-origin").is_none(), "no page of another may do this");
    read::<Refusal>(answer, status).code
}

#[test]
fn everything_can_be_said_twice() {
    let relay = Fixture::start();
    let link = Link::new("U");
    let first = relay.publish(&link);
    assert_eq!(relay.publish(&link), first);
    assert_eq!(relay.open(&link).status(), 200);
    let state: LinkState = read(relay.control("GET", &link, ""), 200);
    assert_eq!((state.live, state.openings, state.commitment_index), (true, 1, first.commitment_index));
    for _ in 0..2 {
        let state: LinkState = read(relay.control("POST", &link, "/pause"), 200);
        assert!(state.paused && !state.live);
        assert_eq!(relay.open(&link).status(), 404);
    }
    assert_eq!(relay.publish(&link), first, "a paused link is replaced, and stays paused");
    assert_eq!(relay.open(&link).status(), 404);
    for _ in 0..2 {
        let state: LinkState = read(relay.control("POST", &link, "/resume"), 200);
        assert!(!state.paused && state.live);
    }
    let withdrawn: Withdrawn = read(relay.withdraw(&link), 200);
    assert_eq!(read::<Withdrawn>(relay.withdraw(&link), 200), withdrawn);
    assert!(read::<LinkState>(relay.control("GET", &link, ""), 200).withdrawn);
    assert!(read::<LinkState>(relay.control("POST", &link, "/resume"), 200).withdrawn, "there is no way back");
    assert_eq!(code(relay.put(&link), 410), "withdrawn");
    assert!(!relay.receipts(&link).is_empty(), "its receipts are still there");
    for _ in 0..2 {
        assert_eq!(relay.control("DELETE", &link, "").status(), 204);
    }
    assert_eq!(code(relay.control("GET", &link, ""), 410), "deleted");
    assert_eq!(code(relay.put(&link), 410), "deleted");
    let commitment = entry();
    let committed: Committed = read(relay.commit(commitment), 200);
    assert_eq!(read::<Committed>(relay.commit(commitment), 200), committed);
    relay.assert_in_log("a", committed.index, &commitment);
    relay.assert_in_log("a", first.commitment_index, &link.publish.commitment.0);
}

#[test]
fn a_withdrawal_ends_every_link_of_its_grant_and_is_published_within_ten_seconds() {
    let relay = Fixture::with(|config| config.checkpoint_interval_ms = 1_000);
    let link = Link::new("U");
    let mut twin = Link::new("U");
    twin.publish.withdrawal_tag = link.secret.tag();
    relay.publish(&link);
    relay.publish(&twin);
    let other = Link::new("U");
    relay.publish(&other);
    let started = std::time::Instant::now();
    let Withdrawn { index, ended } = read(relay.withdraw(&link), 200);
    assert_eq!(ended, Some(true));
    assert_eq!((relay.open(&link).status().as_u16(), relay.open(&twin).status().as_u16()), (404, 404));
    assert_eq!(relay.open(&other).status(), 200);
    relay.assert_in_log("r", index, &link.secret.preimage().log_entry());
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(relay.checkpoint("r").checkpoint.size, 1);
    let again = Link::new("U").change(|publish| publish.withdrawal_tag = link.secret.tag());
    assert_eq!(code(relay.put(&again), 410), "withdrawn", "under no other identifier either");
    // The ciphertext goes at once.
    let files = || files_below(&relay.stored().join("files"));
    for _ in 0..100 {
        if files() == 1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(files(), 1);
}

#[test]
fn a_withdrawal_of_a_grant_shared_elsewhere_is_taken_at_a_pace() {
    let relay = Fixture::alone_with(|config| config.limits.entries_an_hour_per_address = 2);
    let withdraw =
        |byte| relay.post("/withdrawals", &carnet_consent::control::Withdraw::new(Preimage::from_bytes([byte; 32])));
    let nothing_here = read::<Withdrawn>(withdraw(1), 200);
    assert_eq!((nothing_here.index, nothing_here.ended), (0, Some(false)));
    assert_eq!(read::<Withdrawn>(withdraw(2), 200).index, 1);
    assert_eq!(withdraw(3).status(), 429);
    assert_eq!(read::<Withdrawn>(withdraw(2), 200).index, 1, "what is known costs nothing");
    assert_eq!(relay.commit(entry()).status(), 429);
    let link = Link::new("U");
    relay.publish(&link);
    assert_eq!(relay.withdraw(&link).status(), 200, "what is shared here can always be stopped");
    let parallel = Link::new("U");
    relay.publish(&parallel);
    let indices: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..20).map(|_| scope.spawn(|| read::<Withdrawn>(relay.withdraw(&parallel), 200).index)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(indices, [3; 20]);
}

#[test]
fn a_link_belongs_to_the_token_that_claimed_it() {
    let relay = Fixture::start();
    let link = Link::new("U");
    relay.publish(&link);
    let mut thief = Link::new("U");
    thief.id = link.id.clone();
    assert_eq!(code(relay.put(&thief), 403), "not_yours");
    assert_eq!(relay.open(&link).into_body().read_to_string().unwrap(), link.publish.files[0].jwe);
    let unknown = Link::new("U");
    for (method, below) in [("GET", ""), ("POST", "/pause"), ("POST", "/resume"), ("GET", "/receipts"), ("DELETE", "")]
    {
        let wrong = crate::support::fingerprint(relay.control(method, &thief, below));
        assert_eq!((wrong.0, &wrong), (404, &crate::support::fingerprint(relay.control(method, &unknown, below))));
    }
    let url = relay.url(&format!("/control/{}", link.id));
    assert_eq!(code(relay.agent.get(&url).call().unwrap(), 401), "no_token");
    for header in ["Bearer", "Bearer x", "Basic AAAA", &ControlToken::from_bytes([0; 32]).expose_header()[..20]] {
        assert_eq!(code(relay.agent.get(&url).header("authorization", header).call().unwrap(), 401), "no_token");
    }
    relay.control("DELETE", &link, "");
    assert_eq!(code(relay.put(&thief), 403), "not_yours", "also after it was deleted");
    for id in ["x", "../../etc/passwd", "%2e%2e%2fkeys"] {
        let request = relay.agent.put(relay.url(&format!("/control/{id}")));
        let answer = request.header("authorization", link.token.expose_header()).send(json(&link.publish)).unwrap();
        assert_eq!(answer.status(), 404);
    }
}

#[test]
fn publications_are_checked_before_anything_is_stored() {
    let relay = Fixture::with(|config| {
        config.limits.body_bytes = 20_000;
        config.limits.files = 3;
        config.limits.total_bytes = 20_000;
    });
    let big = vec![b'x'; 20_000];
    let cases: [(Link, u16, &str); 8] = [
        (Link::with("U", &[&big]), 413, "too_large"),
        (Link::with("", &[b"1", b"2", b"3", b"4"]), 413, "too_large"),
        (Link::with("U", &[b"1", b"2"]), 400, "malformed"),
        (Link::new("PU"), 400, "malformed"),
        (Link::new("P"), 400, "malformed"),
        (Link::new("U").change(|publish| publish.expires = now() - 1), 400, "malformed"),
        (Link::new("U").change(|publish| publish.files[0].jwe = "not a JWE".to_owned()), 400, "malformed"),
        (
            // The right letters, a wrong checksum.
            Link::new("U").change(|publish| {
                let last = publish.receipt_recipient.pop();
                publish.receipt_recipient.push(if last == Some('q') { 'p' } else { 'q' });
            }),
            400,
            "malformed",
        ),
    ];
    for (link, status, word) in cases {
        assert_eq!(code(relay.put(&link), status), word);
    }
    assert_eq!(files_below(&relay.stored().join("files")), 0);
    assert_eq!(relay.checkpoint("a").checkpoint.size, 0);
    let most = vec![b'x'; 10_000];
    let link = Link::with("U", &[&most]);
    relay.publish(&link);
    assert_eq!(code(relay.put(&Link::with("U", &[&most])), 507), "full");
    let small = Link::new("U");
    relay.publish(&small);
    assert_eq!(relay.control("DELETE", &link, "").status(), 204);
    relay.publish(&Link::with("U", &[&most]));
    let long = relay.put(&Link::new("L").change(|publish| publish.expires = now() + 366 * 86_400));
    assert_eq!(read::<Published>(long, 200).expires / 1_000, (now() + 366 * 86_400) / 1_000);
    let url = relay.url(&format!("/control/{}", small.id));
    for body in [&b"{"[..], b"null", b"{\"flags\":\"U\",\"surprise\":1}"] {
        let answer = relay.agent.put(&url).header("authorization", small.token.expose_header()).send(body).unwrap();
        assert_eq!(code(answer, 400), "malformed");
    }
    for (path, body) in
        [("/withdrawals", "{\"p\":\"AAAA\"}"), ("/commitments", "{\"entry\":\"AAAA\"}"), ("/commitments", "")]
    {
        assert_eq!(code(relay.agent.post(relay.url(path)).send(body).unwrap(), 400), "malformed");
    }
    let mut wrong = entry();
    wrong[0] = 2;
    assert_eq!(code(relay.commit(wrong), 400), "malformed");
    assert_eq!(code(relay.agent.post(relay.url("/commitments")).send(vec![b' '; 100_000]).unwrap(), 413), "too_large");
}

#[test]
fn one_address_publishes_so_many_links_an_hour() {
    let relay = Fixture::alone_with(|config| {
        config.limits.links_an_hour_per_address = 2;
        config.client_address_header = Some("x-forwarded-for".to_owned());
    });
    let put = |link: &Link, from: &str| {
        let request = relay.agent.put(relay.url(&format!("/control/{}", link.id)));
        let request = request.header("authorization", link.token.expose_header()).header("x-forwarded-for", from);
        request.send(json(&link.publish)).unwrap().status().as_u16()
    };
    let first = Link::new("U");
    assert_eq!(put(&first, "192.0.2.1"), 200);
    assert_eq!(put(&first, "192.0.2.1"), 200, "replacing is no new link");
    assert_eq!(put(&Link::new("U"), "192.0.2.1"), 200);
    assert_eq!(put(&Link::new("U"), "192.0.2.1"), 429);
    assert_eq!(put(&Link::new("U"), "198.51.100.7, 192.0.2.1"), 429, "what a client says of itself does not count");
    assert_eq!(put(&first, "192.0.2.1"), 200);
    assert_eq!(put(&Link::new("U"), "192.0.2.2"), 200);
}

#[test]
fn receipts_come_in_pages() {
    let relay = Fixture::with(|config| config.limits.requests_a_minute_per_link = 0);
    let link = Link::new("U");
    relay.publish(&link);
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| (0..26).for_each(|_| assert_eq!(relay.open(&link).status(), 200)));
        }
    });
    let page: carnet_consent::control::Receipts = read(relay.control("GET", &link, "/receipts"), 200);
    assert_eq!((page.receipts.len(), page.next), (500, 500));
    let seqs: Vec<u64> = relay.receipts(&link).iter().map(|receipt| receipt.seq).collect();
    assert_eq!(seqs, (1..=520).collect::<Vec<_>>());
    assert_eq!(relay.control("GET", &link, "/receipts?after=x").status(), 400);
}

#[test]
fn an_old_publication_that_comes_again_changes_nothing() {
    let relay = Fixture::start();
    let first = Link::new("U").change(|publish| publish.max_openings = Some(5));
    relay.publish(&first);
    let second = first.again(Link::with("U", &[b"{\"newer\":true}"]).publish);
    let published = relay.publish(&second);
    // Sent again after a lost answer, or overtaken on its way.
    for link in [&first, &second, &first] {
        assert_eq!(relay.publish(link), published);
        assert_eq!(relay.open(link).into_body().read_to_string().unwrap(), second.publish.files[0].jwe);
    }
    let files = || files_below(&relay.stored().join("files"));
    // The first, the second, and the second stored anew; the old ones are on their way out.
    assert!(files() <= 3, "nothing of what is overtaken is kept");
    // A body that is cut off is no publication.
    let third = first.again(Link::with("U", &[b"{\"newest\":true}"]).publish);
    let body = json(&third.publish);
    for sent in [0, 1, body.len() / 2, body.len() - 1] {
        use std::io::Write;
        let mut stream = std::net::TcpStream::connect(relay.running().addr).unwrap();
        write!(
            stream,
            "PUT /control/{} HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-length: {}\r\n\r\n",
            third.id,
            third.token.expose_header(),
            body.len()
        )
        .unwrap();
        stream.write_all(&body[..sent]).unwrap();
        drop(stream);
    }
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(relay.open(&first).into_body().read_to_string().unwrap(), second.publish.files[0].jwe);
    assert!(files() <= 3);
    relay.publish(&third);
    assert_eq!(relay.open(&first).into_body().read_to_string().unwrap(), third.publish.files[0].jwe);
}
