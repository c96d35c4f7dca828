//! Control requests that come late, twice, cut or in another order than they were sent: what is newest stays.

use crate::support::{Fixture, Link, Response, json, now, read};
use carnet_consent::control::{LinkState, MAX_REVISION, Published, Refusal};
use carnet_consent::withdrawal::WithdrawalSecret;
use smart_health::manifest::Manifest;
use std::io::Write;
use std::time::Duration;

fn numbered(relay: &Fixture, link: &Link, what: &str, revision: u64) -> LinkState {
    read(relay.control_with(link, &format!("/{what}"), &format!("{{\"revision\":{revision}}}")), 200)
}

fn overtaken(answer: Response) {
    assert_eq!(read::<Refusal>(answer, 409).code, "overtaken");
}

/// A link whose file says so.
fn saying(what: &str, revision: u64) -> Link {
    Link::with("U", &[format!("{{\"says\":\"{what}\"}}").as_bytes()]).change(|publish| publish.revision = revision)
}

fn served(relay: &Fixture, link: &Link) -> String {
    let answer = relay.open(link);
    assert_eq!(answer.status(), 200);
    answer.into_body().read_to_string().unwrap()
}

#[test]
fn a_late_duplicate_undoes_nothing() {
    let relay = Fixture::start();
    let first = saying("first", 1);
    let published = relay.publish(&first);
    assert!(numbered(&relay, &first, "pause", 2).paused);
    assert!(!numbered(&relay, &first, "resume", 3).paused);
    // The pause comes again, after the resumption: it is told how the link stands.
    for revision in [2, 0, 1, 3] {
        let state = numbered(&relay, &first, "pause", revision);
        assert_eq!((state.paused, state.live, state.revision), (false, true, 3));
    }
    let state: LinkState = read(relay.control("POST", &first, "/pause"), 200);
    assert!(!state.paused, "no number is the lowest");
    assert!(numbered(&relay, &first, "pause", 4).paused);
    assert!(numbered(&relay, &first, "resume", 3).paused);
    assert!(numbered(&relay, &first, "resume", 5).live);
    // So does the publication: it is answered as it was.
    assert_eq!(relay.publish(&first), published);
    assert_eq!(read::<LinkState>(relay.control("GET", &first, ""), 200).revision, 5);
    let second = first.again(saying("second", 6).publish);
    let newer = relay.publish(&second);
    assert!(newer.commitment_index > published.commitment_index);
    for link in [&first, &second, &first] {
        relay.publish(link);
        assert_eq!(served(&relay, &first), second.publish.files[0].jwe);
    }
    relay.assert_in_log("a", newer.commitment_index, &second.publish.commitment.0);
}

#[test]
fn what_was_overtaken_on_its_way_is_not_carried_out() {
    let relay = Fixture::start();
    let first = saying("first", 1);
    relay.publish(&first);
    let third = first.again(saying("third", 3).publish);
    let published = relay.publish(&third);
    let second = first.again(saying("second", 2).publish);
    let same_number = first.again(saying("another third", 3).publish);
    let unnumbered = first.again(saying("unnumbered", 0).publish);
    // Counted from a checkpoint that has all that came before.
    relay.assert_in_log("a", published.commitment_index, &third.publish.commitment.0);
    let size = relay.checkpoint("a").checkpoint.size;
    for late in [&second, &same_number, &unnumbered] {
        overtaken(relay.put(late));
        assert_eq!(served(&relay, &first), third.publish.files[0].jwe);
    }
    // Neither its commitment nor its ciphertext was kept. (Openings leave entries of their own.)
    let entries = relay.checkpoint("a").checkpoint.size - size;
    assert!(entries <= 3, "{entries}");
    assert_eq!(relay.publish(&third), published);
    // A pause that was sent before the third publication and comes after it.
    assert!(numbered(&relay, &first, "pause", 2).live);
    // What nobody could count to is refused, and so is what is cut.
    let url = format!("/control/{}/pause", first.id);
    for body in
        [format!("{{\"revision\":{}}}", MAX_REVISION + 1), "{\"revision\":".to_owned(), "{\"revision\":-1}".into()]
    {
        let request = relay.agent.post(relay.url(&url)).header("authorization", first.token.expose_header());
        assert_eq!(read::<Refusal>(request.send(body).unwrap(), 400).code, "malformed");
    }
    let body = "{\"revision\":9}";
    for sent in [0, 1, body.len() - 1] {
        let mut stream = std::net::TcpStream::connect(relay.running().addr).unwrap();
        let authorization = first.token.expose_header();
        write!(stream, "POST {url} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n").unwrap();
        write!(stream, "content-length: {}\r\n\r\n{}", body.len(), &body[..sent]).unwrap();
        drop(stream);
    }
    std::thread::sleep(Duration::from_millis(200));
    let state: LinkState = read(relay.control("GET", &first, ""), 200);
    assert_eq!((state.live, state.revision), (true, 3));
}

#[test]
fn in_whatever_order_they_come_the_last_one_stands() {
    let relay = Fixture::start();
    let first = saying("first", 1);
    let second = first.again(saying("second", 4).publish);
    // Each of 24 orders of: publish (1), pause (2), resume (3), publish (4); a publication must claim the link first.
    for order in 0..24_usize {
        let mut left = vec![1, 2, 3, 4];
        let mut order = order;
        let mut sequence = Vec::new();
        for choices in [4, 3, 2, 1] {
            sequence.push(left.remove(order % choices));
            order /= choices;
        }
        let link = Link::new("U");
        let of = |from: &Link| link.again(from.publish.clone());
        relay.publish(&link);
        for number in sequence.iter().chain(&sequence) {
            match number {
                1 => drop(relay.put(&of(&first))),
                2 => drop(numbered(&relay, &link, "pause", 2)),
                3 => drop(numbered(&relay, &link, "resume", 3)),
                _ => drop(read::<Published>(relay.put(&of(&second)), 200)),
            }
        }
        let state: LinkState = read(relay.control("GET", &link, ""), 200);
        assert_eq!(state.revision, 4, "{sequence:?}");
        let paused_last = sequence.iter().position(|n| *n == 4) < sequence.iter().position(|n| *n == 3)
            && sequence.iter().position(|n| *n == 2) < sequence.iter().position(|n| *n == 4);
        // A resumption that came after a later publication was not carried out: nothing says that it should not stay
        // paused, and the wallet sees it and asks anew with a higher number.
        assert_eq!(state.paused, paused_last, "{sequence:?}");
        assert!(numbered(&relay, &link, "resume", 5).live);
        assert_eq!(served(&relay, &link), second.publish.files[0].jwe, "{sequence:?}");
    }
}

#[test]
fn a_grant_is_superseded_under_the_same_link() {
    let relay = Fixture::start();
    let link = Link::with("LP", &[&[b'x'; 400_000], b"{}"]).passcode("4711", 3).change(|publish| {
        publish.revision = 1;
        publish.max_openings = Some(5);
        publish.expires = now() + 600;
    });
    let before = relay.publish(&link);
    let left = |wanted: u32| {
        let state: LinkState = read(relay.control("GET", &link, ""), 200);
        assert_eq!(state.passcode_attempts_left, Some(wanted));
        state
    };
    let manifest = |link: &Link| read::<Manifest>(relay.manifest(link, Some("4711")), 200);
    let first = manifest(&link);
    assert_eq!(relay.manifest(&link, Some("0000")).status(), 401);
    assert_eq!(left(2).openings, 1);
    let said = |manifest: &Manifest, at: usize| manifest.files[at].last_updated.clone().unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    // A week instead of ten minutes, one file the same and one new, a new grant and its commitment. The tag is the same,
    // so that a printed withdrawal still stops it.
    let mut longer = link.publish.clone();
    longer.revision = 2;
    longer.expires = now() + 7 * 86_400;
    longer.files[1] = Link::with("", &[b"{\"newer\":true}"]).publish.files[0].clone();
    longer.commitment = Link::new("U").publish.commitment;
    let longer = Link { secret: WithdrawalSecret::from_bytes([0; 32]), ..link.again(longer) };
    let after = relay.publish(&longer);
    assert!(after.expires > before.expires + 86_400 && after.commitment_index > before.commitment_index);
    relay.assert_in_log("a", after.commitment_index, &longer.publish.commitment.0);
    // What was counted stays counted.
    let state = left(2);
    assert_eq!((state.openings, state.expires, state.revision), (1, after.expires, 2));
    assert_eq!(relay.receipts(&link).len(), 2);
    let second = manifest(&link);
    assert_eq!(said(&first, 0), said(&second, 0), "this file was not updated");
    assert!(said(&first, 1) < said(&second, 1), "this one was");
    assert_eq!(second.files[1].embedded.as_deref(), Some(longer.publish.files[1].jwe.as_str()));
    assert_eq!(left(2).openings, 2);
    // Ended earlier than before.
    let shorter = link.again(longer.publish.clone()).change(|publish| {
        publish.revision = 3;
        publish.expires = now() + 4;
    });
    relay.publish(&shorter);
    std::thread::sleep(Duration::from_millis(4_500));
    assert_eq!(relay.manifest(&link, Some("4711")).status(), 404);
    // And, as nothing was withdrawn, opened again.
    let reopened = link.again(longer.publish.clone()).change(|publish| publish.revision = 4);
    relay.publish(&reopened);
    manifest(&link);
    assert_eq!(relay.withdraw(&link).status(), 200);
    assert_eq!(relay.manifest(&link, Some("4711")).status(), 404);
    let last = link.again(longer.publish.clone()).change(|publish| publish.revision = 5);
    assert_eq!(read::<Refusal>(relay.put(&last), 410).code, "withdrawn");
    assert!(!json(&last.publish).is_empty());
}

#[test]
fn of_those_in_the_last_try_at_several_relays_each_right_one_opens() {
    let relay = Fixture::start();
    let link = Link::new("LP").slow_passcode("4711", 1, 50_000);
    relay.publish(&link);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| relay.manifest(&link, Some("4711")).status().as_u16())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses, [200; 4]);
    let state: LinkState = read(relay.control("GET", &link, ""), 200);
    assert_eq!((state.openings, state.passcode_attempts_left), (4, Some(1)));
}
