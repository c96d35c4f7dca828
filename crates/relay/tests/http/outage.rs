//! PostgreSQL killed and started again under load, and relays that come and go beside one another.

use crate::STORES;
use crate::support::{Fixture, Link, Stores, entry, json, read, text};
use carnet_consent::anchor::{Commitment, ObjectType, commit};
use carnet_consent::control::{Commit, Committed, LinkState, Refusal};
use carnet_consent::receipt::decrypt;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[test]
fn postgresql_killed_under_load_loses_nothing_that_was_answered() {
    if STORES == Stores::Folder {
        return;
    }
    let mut relay = Fixture::with(|config| {
        config.limits.requests_a_minute_per_link = 0;
        config.limits.entries_an_hour_per_address = 0;
    });
    let link = Link::new("U");
    relay.publish(&link);
    let (done, served, refused) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let committed = Mutex::new(Vec::new());
    let paths: Vec<[String; 2]> = (0..4)
        .map(|_| [relay.url(&format!("/shl/{}?recipient=Dr%20Example", link.id)), relay.url("/commitments")])
        .collect();
    let agent = relay.agent.clone();
    let postgres = relay.postgres();
    std::thread::scope(|scope| {
        for [open, commitments] in &paths {
            let (done, served, refused, committed, agent) = (&done, &served, &refused, &committed, &agent);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let answer = agent.get(open).call().unwrap();
                    match answer.status().as_u16() {
                        200 => _ = served.fetch_add(1, Ordering::Relaxed),
                        _ => clear(answer, refused),
                    }
                }
            });
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let entry = entry();
                    let answer = agent.post(commitments).send(json(&Commit { entry: Commitment(entry) })).unwrap();
                    match answer.status().as_u16() {
                        200 => committed.lock().unwrap().push((read::<Committed>(answer, 200).index, entry)),
                        _ => clear(answer, refused),
                    }
                }
            });
        }
        for _ in 0..2 {
            std::thread::sleep(Duration::from_millis(700));
            postgres.kill();
            std::thread::sleep(Duration::from_millis(500));
            postgres.resume();
            let before = served.load(Ordering::Relaxed);
            let back = Instant::now();
            while served.load(Ordering::Relaxed) == before {
                assert!(back.elapsed() < Duration::from_secs(20), "the relay did not come back by itself");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(refused.into_inner() > 0, "the outage was seen");
    relay.wait_until_healthy();
    let receipts = relay.receipts(&link);
    assert!(receipts.len() >= served.into_inner(), "every opening that was served left its receipt");
    let state: LinkState = read(relay.control("GET", &link, ""), 200);
    assert_eq!(state.openings as usize, receipts.len());
    let committed = committed.into_inner().unwrap();
    assert!(!committed.is_empty());
    for (index, entry) in committed.iter().step_by(1 + committed.len() / 40) {
        relay.assert_in_log("a", *index, entry);
    }
    let indices: BTreeSet<u64> =
        committed.iter().map(|(index, _)| *index).chain(receipts.iter().map(|receipt| receipt.index)).collect();
    assert_eq!(indices.len(), committed.len() + receipts.len(), "no index was given twice");
    for stored in receipts.iter().step_by(1 + receipts.len() / 40) {
        let (receipt, r) = decrypt(&link.identity, &stored.sealed).unwrap();
        assert_eq!(u64::from(receipt.opening), stored.seq);
        relay.assert_in_log("a", stored.index, &commit(&r, ObjectType::Receipt, &receipt.sha256().unwrap()).0);
    }
}

/// A 503 that says when to come again, and why in words.
fn clear(answer: crate::support::Response, refused: &AtomicUsize) {
    assert!(answer.headers().get("retry-after").is_some());
    assert_eq!(read::<Refusal>(answer, 503).code, "unavailable");
    refused.fetch_add(1, Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(20));
}

#[test]
fn openings_and_entries_of_several_relays_are_counted_as_one() {
    let Stores::Shared { relays: 2.. } = STORES else { return };
    let relay = Fixture::with(|config| {
        config.limits.requests_a_minute_per_link = 0;
        config.limits.entries_an_hour_per_address = 0;
    });
    let links: Vec<Link> = (0..5).map(|_| Link::new("U").change(|publish| publish.max_openings = Some(20))).collect();
    for link in &links {
        relay.publish(link);
    }
    let seen = Mutex::new(BTreeSet::new());
    let served: usize = std::thread::scope(|scope| {
        let visit = |at: usize| {
            let (relay, links, seen) = (&relay, &links, &seen);
            move || {
                let mut served = 0;
                for n in 0..30 {
                    served += usize::from(relay.open(&links[(at + n) % 5]).status() == 200);
                    let index = read::<Committed>(relay.commit(entry()), 200).index;
                    assert!(seen.lock().unwrap().insert(index), "an index was given twice");
                }
                served
            }
        };
        let threads: Vec<_> = (0..12).map(|at| scope.spawn(visit(at))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(served, 100, "each link twenty times, whichever relay was asked");
    let last = seen.into_inner().unwrap().pop_last().unwrap();
    for link in &links {
        let receipts = relay.receipts(link);
        let numbers: Vec<u64> = receipts.iter().map(|receipt| receipt.seq).collect();
        assert_eq!(numbers, (1..=receipts.len() as u64).collect::<Vec<_>>());
        assert!(receipts.len() >= 20);
    }
    // A log with a gap could not be signed beyond it. 5 grants, 100 receipts and 360 entries are the least there are.
    relay.checkpoint_of("a", last.max(464) + 1);
}

#[test]
fn when_the_one_that_signs_stops_another_goes_on() {
    let Stores::Shared { relays: 2.. } = STORES else { return };
    let mut relay = Fixture::start();
    let first: Committed = read(relay.commit(entry()), 200);
    let before = relay.checkpoint_of("a", first.index + 1).checkpoint;
    let leads = |relay: &Fixture| text(relay.get("/metrics")).contains("carnet_relay_leads 1");
    assert_ne!(leads(&relay), leads(&relay), "one of them signs");
    relay.stop_one(0);
    let second: Committed = read(relay.commit(entry()), 200);
    let after = relay.checkpoint_of("a", second.index + 1).checkpoint;
    assert!(leads(&relay));
    let mut tile = |tile: &tlog::tile::TileIndex| -> Result<Vec<u8>, tlog::Error> {
        Ok(relay.get(&format!("/ledger/a/{}", tile.path())).into_body().read_to_vec().unwrap())
    };
    let proof = tlog::proof::consistency(before.size, after.size, &mut tile).unwrap();
    tlog::proof::verify_consistency(before.size, after.size, &before.root, &after.root, &proof).unwrap();
}

#[test]
fn when_the_one_that_signs_is_killed_nothing_is_lost_and_another_goes_on() {
    if STORES == Stores::Folder {
        return;
    }
    let mut relay = Fixture::with(|config| {
        config.limits.requests_a_minute_per_link = 0;
        config.limits.entries_an_hour_per_address = 0;
    });
    let link = Link::with("L", &[&[b'x'; 5_000]]);
    relay.publish(&link);
    // A program of its own leads; then one in this process joins.
    relay.start_program();
    let program = relay.url("");
    relay.join();
    let committed = Mutex::new(Vec::new());
    let agent = relay.agent.clone();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let entry = entry();
                    let body = json(&Commit { entry: Commitment(entry) });
                    let Ok(answer) = agent.post(format!("{program}/commitments")).send(body) else { return };
                    committed.lock().unwrap().push((read::<Committed>(answer, 200).index, entry));
                }
            });
        }
        std::thread::sleep(Duration::from_millis(600));
        // What one has signed for, the other gives out.
        let body = serde_json::json!({"recipient": "Dr Example", "embeddedLengthMax": 0});
        let answer = agent.post(format!("{program}/shl/{}", link.id)).send(json(&body)).unwrap();
        let manifest: smart_health::manifest::Manifest = read(answer, 200);
        let location = manifest.files[0].location.clone().unwrap().replace(&program, &relay.running().public_url);
        assert_eq!(text(agent.get(&location).call().unwrap()), link.publish.files[0].jwe);
        relay.kill_program();
    });
    let committed = committed.into_inner().unwrap();
    assert!(!committed.is_empty());
    for (index, entry) in committed.iter().step_by(1 + committed.len() / 30) {
        relay.assert_in_log("a", *index, entry);
    }
    assert_eq!(relay.receipts(&link).len(), 1);
}
