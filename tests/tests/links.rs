//! Every legal combination of a link's flags, served by the real relay and opened by kill-the-clipboard, a reader that
//! none of us wrote; and what it is told when a link does not open.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use carnet_consent::control::paths;
use carnet_system_tests::published::{PASSCODE, Published, now, publish};
use carnet_system_tests::relay::Relay;
use carnet_system_tests::{http, node, wait_for};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn open(link: &Published, passcode: Option<&str>) -> Value {
    node::run("open-link.mjs", &json!({ "link": link.uri, "recipient": "A stranger's reader", "passcode": passcode }))
}

#[test]
fn every_legal_combination_of_flags_opens() {
    let relay = Relay::start();
    for (number, flags) in (1..).zip(["", "L", "P", "U", "LP", "LU"]) {
        let link = publish(&relay, number, flags, |_| ());
        let opened = open(&link, flags.contains('P').then_some(PASSCODE));
        assert_eq!(opened["resources"][0]["resourceType"], "Bundle", "{flags}: {opened}");
        assert_eq!(opened["resources"].as_array().unwrap().len(), 1, "{flags}");
    }
}

#[test]
fn a_reader_that_comes_too_often_is_told_so() {
    let relay = Relay::start();
    for (number, flags, name) in [(1, "L", "SHLManifestRateLimitError"), (2, "LU", "SHLNetworkError")] {
        let link = publish(&relay, number, flags, |_| ());
        let often = |_| match flags.contains('U') {
            true => http::get(&format!("{}?recipient=Often", link.url)),
            false => http::post(&link.url, &json!({ "recipient": "Often" })),
        };
        // The allowance refills by five a second, so it is kept empty while the other reader asks.
        let stop = AtomicBool::new(false);
        let refused = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    often(());
                }
            });
            wait_for("the relay to have enough of it", Duration::from_secs(60), || {
                let answer = often(());
                (answer.status == 429)
                    .then(|| assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1))
            });
            // It may come just as the allowance has refilled by one; then it has come once more.
            let refused = wait_for("the other reader to come too often", Duration::from_secs(60), || {
                Some(open(&link, None)).filter(|opened| opened["refused"].is_object())
            });
            stop.store(true, Ordering::Relaxed);
            refused
        });
        assert_eq!(refused["refused"]["name"], name, "{flags}: {refused}");
        let told = refused["refused"]["message"].as_str().unwrap();
        assert!(told.contains("429") || told.contains("Too many requests"), "{flags}: {told}");
        // Nothing was lost: after the pause it opens.
        let opened = wait_for("the link to open again", Duration::from_secs(30), || {
            let opened = open(&link, None);
            opened["resources"].is_array().then_some(opened)
        });
        assert_eq!(opened["resources"][0]["resourceType"], "Bundle", "{flags}");
    }
}

#[test]
fn what_is_over_withdrawn_exhausted_or_not_begun_is_not_found() {
    let relay = Relay::start();
    let mut number = 0;
    for flags in ["", "L", "U", "LU", "P", "LP"] {
        let passcode = flags.contains('P').then_some(PASSCODE);
        let mut next = || {
            number += 1;
            number
        };
        let withdrawn = publish(&relay, next(), flags, |_| ());
        let p = carnet_consent::control::Withdraw::new(withdrawn.withdrawal.preimage());
        let answer = http::post(&format!("{}{}", relay.url(), paths::WITHDRAWALS), &serde_json::to_value(p).unwrap());
        assert_eq!(answer.status, 200, "{}", answer.body);
        let exhausted = publish(&relay, next(), flags, |publish| publish.max_openings = Some(1));
        assert!(open(&exhausted, passcode)["resources"].is_array(), "{flags}");
        let early = publish(&relay, next(), flags, |publish| publish.not_before = Some(publish.expires - 1));
        let over = publish(&relay, next(), flags, |publish| publish.expires = now() + 1);
        std::thread::sleep(Duration::from_millis(2_100));
        for (what, link) in [("withdrawn", withdrawn), ("exhausted", exhausted), ("not begun", early), ("over", over)] {
            let refused = open(&link, passcode);
            assert!(node::is_gone(&refused), "{flags}, {what}: {refused}");
        }
    }
}

#[test]
fn a_wrong_passcode_is_told_how_many_are_left_and_the_last_one_closes_the_link() {
    let relay = Relay::start();
    for (number, flags) in (1..).zip(["P", "LP"]) {
        let link = publish(&relay, number, flags, |_| ());
        let wrong = open(&link, Some("0815"));
        assert_eq!(wrong["refused"]["name"], "SHLInvalidPasscodeError", "{flags}: {wrong}");
        for left in [1, 0] {
            let answer = http::post(&link.url, &json!({ "recipient": "Dr B", "passcode": "0815" }));
            assert_eq!((answer.status, answer.json()), (401, json!({ "remainingAttempts": left })), "{flags}");
        }
        let closed = open(&link, Some(PASSCODE));
        assert!(node::is_gone(&closed), "{flags}: {closed}");
    }
}
