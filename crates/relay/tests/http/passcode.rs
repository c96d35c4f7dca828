//! The lifetime budget of wrong passcodes.

use crate::support::{Fixture, Link, Response, Stores, read, text};
use carnet_consent::control::{LinkState, Receipts, StoredReceipt};
use carnet_consent::receipt::{Outcome, RefusalReason, decrypt};
use smart_health::manifest::{Manifest, WrongPasscode};
use std::time::Duration;

#[test]
fn a_thousand_parallel_tries_on_a_budget_of_five_get_five() {
    let relay = Fixture::start();
    let link = Link::new("P").passcode("4711", 5);
    relay.publish(&link);
    let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let tries = |thread: usize| {
            let relay = &relay;
            let link = &link;
            move || {
                let answer = |n| relay.manifest(link, Some(&format!("wrong {thread} {n}")));
                (0..10).map(answer).map(|a: Response| (a.status().as_u16(), text(a))).collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = (0..100).map(|thread| scope.spawn(tries(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.len(), 1_000);
    let wrong = answers.iter().filter(|(status, _)| *status == 401);
    let mut remaining: Vec<u32> =
        wrong.map(|(_, body)| serde_json::from_str::<WrongPasscode>(body).unwrap().remaining_attempts).collect();
    remaining.sort_unstable();
    assert_eq!(remaining, [0, 1, 2, 3, 4]);
    assert_eq!(answers.iter().filter(|(status, _)| *status == 404).count(), 995);
    assert_eq!(relay.manifest(&link, Some("4711")).status(), 404, "the right one comes too late");

    let receipts = relay.receipts(&link);
    let reasons: Vec<_> = receipts.iter().map(|r| decrypt(&link.identity, &r.sealed).unwrap().0.outcome).collect();
    let of = |reason| reasons.iter().filter(|outcome| **outcome == Outcome::Refused { reason }).count();
    let (wrong, last) = (of(RefusalReason::WrongPasscode), of(RefusalReason::PasscodeAttemptsUsedUp));
    // Of several relays one may see the budget spent while another still writes down how.
    assert!(wrong == 4 || (crate::STORES == Stores::Shared { relays: 2 } && wrong < 4), "{wrong} receipts");
    assert!(wrong + last == reasons.len() && last >= 1 && reasons.len() <= 105);
    let state: LinkState = read(relay.control("GET", &link, ""), 200);
    assert_eq!((state.live, state.passcode_attempts_left, state.openings), (false, Some(0), 0));
}

#[test]
fn numbers_fall_and_the_right_passcode_takes_none() {
    let mut relay = Fixture::start();
    let link = Link::new("LP").passcode("4711", 3);
    relay.publish(&link);
    let left = |answer: Response| read::<WrongPasscode>(answer, 401).remaining_attempts;
    assert_eq!(left(relay.manifest(&link, None)), 3, "nothing was tried");
    assert_eq!(left(relay.manifest(&link, Some(""))), 3, "nothing was tried");
    assert_eq!(left(relay.manifest(&link, Some("x"))), 2);
    for _ in 0..5 {
        assert_eq!(read::<Manifest>(relay.manifest(&link, Some("4711")), 200).files.len(), 1);
    }
    assert_eq!(left(relay.manifest(&link, Some(&"9".repeat(5_000)))), 1, "an overlong one is wrong, too");
    relay.restart();
    relay.publish(&link);
    assert_eq!(left(relay.manifest(&link, None)), 1, "neither a restart nor publishing again gives tries back");
    let renewed = link.passcode("0815", 3);
    relay.publish(&renewed);
    assert_eq!(left(relay.manifest(&renewed, Some("4711"))), 2, "another passcode has its own budget");
    assert_eq!(relay.manifest(&renewed, Some("0815")).status(), 200);
}

#[test]
fn asking_without_a_passcode_takes_no_try_and_leaves_a_receipt_that_says_so() {
    let relay = Fixture::alone_with(|config| config.limits.refusals_per_link = 5);
    let link = Link::new("LP").passcode("4711", 3);
    relay.publish(&link);
    let ask = |name: &str, passcode: &str| {
        let body = serde_json::json!({"recipient": name, "passcode": passcode});
        relay.post(&format!("/shl/{}", link.id), &body).status().as_u16()
    };
    let receipts = |count: usize| {
        let mut receipts = Vec::new();
        // They are left after the answer.
        for _ in 0..200 {
            receipts = relay.receipts(&link);
            if receipts.len() >= count {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let read = |stored: &StoredReceipt| decrypt(&link.identity, &stored.sealed).unwrap().0;
        receipts.iter().map(read).map(|receipt| (receipt.recipient, receipt.outcome)).collect::<Vec<_>>()
    };
    let missing = |name: &str| (name.to_owned(), Outcome::Refused { reason: RefusalReason::PasscodeMissing });
    // A reader that asks first, again and again, then has the right one: one receipt for its asking.
    for _ in 0..4 {
        assert_eq!(ask("Prober", ""), 401);
    }
    assert_eq!(receipts(1), [missing("Prober")]);
    assert_eq!(ask("Prober", "4711"), 200);
    let after = receipts(2);
    assert!(matches!(&after[..], [asked, (_, Outcome::Served { .. })] if *asked == missing("Prober")), "{after:?}");
    let state: LinkState = read(relay.control("GET", &link, ""), 200);
    assert_eq!((state.passcode_attempts_left, state.openings), (Some(3), 1));
    // Under ever new names it fills half of the room; the other refusals keep theirs.
    for n in 0..10 {
        assert_eq!(ask(&format!("Name {n}"), ""), 401);
    }
    assert_eq!(receipts(4)[2..], [missing("Name 0"), missing("Name 1")]);
    relay.control("POST", &link, "/pause");
    for _ in 0..5 {
        assert_eq!(ask("Prober", ""), 404);
    }
    let all = receipts(6);
    let paused = Outcome::Refused { reason: RefusalReason::Paused };
    assert_eq!((all.len(), all[4..].iter().all(|(_, outcome)| *outcome == paused)), (6, true), "{all:?}");
    // A wallet that does not say that it reads every reason gets what the first wallets can read.
    let page: Receipts = read(relay.control("GET", &link, "/receipts?after=0"), 200);
    assert_eq!(page.receipts.iter().map(|receipt| receipt.seq).collect::<Vec<_>>(), [2, 5, 6]);
}

#[test]
fn who_hangs_up_does_not_escape_the_budget_and_the_receipt() {
    use std::io::Write;
    let relay = Fixture::start();
    let link = Link::new("P").slow_passcode("4711", 9, 50_000);
    relay.publish(&link);
    let left = || read::<LinkState>(relay.control("GET", &link, ""), 200).passcode_attempts_left;
    let wait_for = |what: &dyn Fn() -> bool| {
        (0..600).any(|_| {
            what() || {
                std::thread::sleep(Duration::from_millis(50));
                false
            }
        })
    };
    for tries in 1..=3 {
        let body = r#"{"recipient":"Mallory","passcode":"0000"}"#;
        let mut stream = std::net::TcpStream::connect(relay.running().addr).unwrap();
        write!(stream, "POST /shl/{} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", link.id, body.len())
            .unwrap();
        // The try is taken before the passcode is checked; it hangs up while that goes on.
        assert!(wait_for(&|| left() == Some(9 - tries)));
    }
    assert!(wait_for(&|| relay.receipts(&link).len() == 3));
    assert_eq!(left(), Some(6));
}

#[test]
fn right_ones_in_parallel_are_all_served() {
    let relay = Fixture::alone_with(|_| {});
    let link = Link::new("P").passcode("4711", 1);
    relay.publish(&link);
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| assert_eq!(relay.manifest(&link, Some("4711")).status(), 200));
        }
    });
    assert_eq!(relay.receipts(&link).len(), 20);
}
