//! What readers meet: one 404 for every reason, receipts for every opening, limits that hold in parallel.

use crate::support::{Fixture, Link, fingerprint, now, read, text};
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::receipt::{Outcome, RefusalReason, decrypt};
use sha2::{Digest, Sha256};
use smart_health::manifest::Manifest;
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn a_direct_link_is_served_as_jose_and_leaves_a_receipt_in_the_ledger() {
    let relay = Fixture::start();
    let link = Link::new("U");
    let published = relay.publish(&link);
    let answer = relay.open(&link);
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/jose");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("access-control-allow-origin"), "*");
    assert!(header("access-control-expose-headers").contains("Carnet-Commitment-Index"));
    assert_eq!(header("carnet-commitment-index"), published.commitment_index.to_string());
    relay.assert_in_log("a", published.commitment_index, &link.publish.commitment.0);
    let jwe = text(answer);
    assert_eq!(jwe, link.publish.files[0].jwe);
    assert!(smart_health::jwe::decrypt(&link.key, &jwe, 1_000).unwrap().bytes.starts_with(b"{\"resource"));

    let receipts = relay.receipts(&link);
    assert_eq!((receipts.len(), receipts[0].seq), (1, 1));
    let (receipt, r) = decrypt(&link.identity, &receipts[0].sealed).unwrap();
    assert_eq!((receipt.recipient.as_str(), receipt.opening), ("Dr Example", 1));
    assert_eq!(receipt.relay, relay.running().origin);
    assert_eq!(receipt.tag, link.secret.tag());
    assert!((now() - receipt.at).abs() < 10);
    assert_eq!(receipt.outcome, Outcome::Served { files: vec![Sha256::digest(&jwe).into()] });
    let commitment = commit(&r, ObjectType::Receipt, &receipt.sha256().unwrap());
    relay.assert_in_log("a", receipts[0].index, &commitment.0);
}

#[test]
fn a_manifest_embeds_what_fits_and_locates_the_rest_for_five_minutes() {
    let relay = Fixture::start();
    let link = Link::with("L", &[b"{}", &[b'x'; 5_000]]).change(|publish| {
        publish.status = Some(carnet_consent::control::FileStatus::CanChange);
    });
    relay.publish(&Link::new(""));
    let published = relay.publish(&link);
    let answer = relay.manifest(&link, None);
    let index = answer.headers().get("carnet-commitment-index").unwrap().to_str().unwrap();
    assert_eq!(index, published.commitment_index.to_string());
    let ask = |most: Option<usize>| -> Manifest {
        let mut body = serde_json::json!({"recipient": "Dr Example"});
        if let Some(most) = most {
            body["embeddedLengthMax"] = most.into();
        }
        read(relay.post(&format!("/shl/{}", link.id), &body), 200)
    };
    let all = ask(None);
    assert_eq!(all.status, Some(smart_health::manifest::Status::CanChange));
    assert!(all.files.iter().all(|file| file.embedded.is_some() && file.location.is_none()));
    let manifest = ask(Some(1_000));
    assert_eq!(manifest.files[0].embedded.as_deref(), Some(link.publish.files[0].jwe.as_str()));
    assert_eq!(manifest.files[1].embedded, None);
    let location = manifest.files[1].location.clone().unwrap();
    let fetched = relay.agent.get(&location).call().unwrap();
    assert_eq!(fetched.headers().get("content-type").unwrap(), "application/jose");
    assert_eq!(text(fetched), link.publish.files[1].jwe);
    assert!(ask(Some(0)).files.iter().all(|file| file.embedded.is_none() && file.location.is_some()));
    assert_eq!(relay.receipts(&link).len(), 4, "a location is part of the opening it came from");

    let other = Link::new("L");
    relay.publish(&other);
    let until: i64 = location.split("e=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
    assert!((until - now() - 300).abs() < 10);
    for tampered in [
        location.replace("/file/1", "/file/0"),
        location.replace(&format!("e={until}"), &format!("e={}", until - 1)),
        location.replace("&s=", "&s=A"),
        location.replace(&link.id.to_string(), &other.id.to_string()),
        location.split('?').next().unwrap().to_owned(),
        location.replace("/file/1", "/file/-1"),
        location.replace("/file/1", "/file/99999999999999999999"),
    ] {
        assert_eq!(relay.agent.get(&tampered).call().unwrap().status(), 404, "{tampered}");
    }
    // Once the file is replaced, or the link is paused, its old locations lead nowhere.
    let mut replaced = Link::with("L", &[b"{}", &[b'y'; 5_000]]);
    (replaced.id, replaced.token) =
        (link.id.clone(), carnet_consent::control::ControlToken::from_header(&link.token.expose_header()).unwrap());
    relay.publish(&replaced);
    assert_eq!(relay.agent.get(&location).call().unwrap().status(), 404);
}

#[test]
fn every_reason_not_to_serve_is_the_same_answer() {
    let relay = Fixture::start();
    let unknown = fingerprint(relay.open(&Link::new("U")));
    assert_eq!(unknown.0, 404);
    let mut links: Vec<(&str, Link)> = Vec::new();
    let mut add = |why, link: Link| {
        relay.publish(&link);
        links.push((why, link));
    };
    add("paused", Link::new("U"));
    add("withdrawn", Link::new("U"));
    add("deleted", Link::new("U"));
    add("exhausted", Link::new("U").change(|publish| publish.max_openings = Some(1)));
    add("not yet", Link::new("U").change(|publish| publish.not_before = Some(now() + 1_000)));
    add("a manifest, asked directly", Link::new("L"));
    add("expired", Link::new("U").change(|publish| publish.expires = now() + 1));
    assert_eq!(relay.control("POST", &links[0].1, "/pause").status(), 200);
    assert_eq!(relay.withdraw(&links[1].1).status(), 200);
    assert_eq!(relay.control("DELETE", &links[2].1, "").status(), 204);
    assert_eq!(relay.open(&links[3].1).status(), 200);
    std::thread::sleep(Duration::from_millis(2_100));
    for (why, link) in &links {
        assert_eq!(fingerprint(relay.open(link)), unknown, "{why}");
    }
    for path in
        ["/shl/x?recipient=a", "/shl/../../etc/passwd?recipient=a", "/shl/%2e%2e%2frelay.db?recipient=a", "/shl/a/b/c"]
    {
        assert_eq!(fingerprint(relay.get(path)), unknown, "{path}");
    }
    let manifest = Link::new("L");
    let unknown = fingerprint(relay.manifest(&manifest, None));
    assert_eq!(unknown.0, 404);
    assert_eq!(fingerprint(relay.manifest(&links[0].1, None)), unknown, "a direct link, asked for a manifest");
    let spent = Link::new("P").passcode("1234", 1);
    relay.publish(&spent);
    assert_eq!(relay.manifest(&spent, Some("0000")).status(), 401);
    assert_eq!(fingerprint(relay.manifest(&spent, Some("1234"))), unknown, "no tries left");
    assert_eq!(fingerprint(relay.manifest(&spent, None)), unknown);
}

#[test]
fn who_does_not_say_who_asks_is_told_so_before_anything_else() {
    let relay = Fixture::start();
    let link = Link::new("U");
    relay.publish(&link);
    for path in [
        format!("/shl/{}", link.id),
        format!("/shl/{}?recipient=", link.id),
        format!("/shl/{}?recipient=%20%0a", link.id),
    ] {
        let answer = relay.get(&path);
        assert_eq!(
            (answer.status().as_u16(), answer.headers().get("access-control-allow-origin").is_some()),
            (400, true)
        );
    }
    assert_eq!(relay.get(&format!("/shl/{}", Link::new("U").id)).status(), 400, "also for links that do not exist");
    let manifest = Link::new("");
    relay.publish(&manifest);
    let path = format!("/shl/{}", manifest.id);
    // Who asks is said; what is wrong is something else.
    for length in ["-1", "\"9\""] {
        let body = format!("{{\"recipient\":\"a\",\"embeddedLengthMax\":{length}}}");
        let mut answer = relay.agent.post(relay.url(&path)).send(body).unwrap();
        assert_eq!(answer.status(), 400);
        assert!(answer.body_mut().read_to_string().unwrap().contains("embeddedLengthMax"));
    }
    for body in [&b"{}"[..], b"", b"[]", b"{\"recipient\":\"\"}", b"{\"recipient\":5}", b"\xff"] {
        assert_eq!(relay.agent.post(relay.url(&path)).send(body).unwrap().status(), 400);
    }
    assert_eq!(relay.agent.post(relay.url(&path)).send(vec![b' '; 100_000]).unwrap().status(), 413);
    assert!(relay.receipts(&link).is_empty() && relay.receipts(&manifest).is_empty());
}

#[test]
fn a_recipient_is_one_bounded_line() {
    let relay = Fixture::with(|config| config.limits.recipient_chars = 20);
    let link = Link::new("U");
    relay.publish(&link);
    for (asked, kept) in [
        ("%20%20Dr%0a%0dB%00%20%20", "Dr B"),
        ("%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4xxxxxxxxxxyyyyy", "ääääääääääxxxxxxxxxx"),
        ("abcdefghijklmnopqrs%20tuvw", "abcdefghijklmnopqrs"),
        ("%E2%80%AEevil", "\u{202e}evil"),
    ] {
        assert_eq!(relay.get(&format!("/shl/{}?recipient={asked}", link.id)).status(), 200);
        let newest = relay.receipts(&link).pop().unwrap();
        let (receipt, _) = decrypt(&link.identity, &newest.sealed).unwrap();
        assert_eq!(receipt.recipient, kept);
    }
}

#[test]
fn openings_end_exactly_at_their_number_however_many_ask_at_once() {
    let relay = Fixture::with(|config| config.limits.requests_a_minute_per_link = 0);
    let link = Link::new("U").change(|publish| publish.max_openings = Some(7));
    relay.publish(&link);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = || (0..5).map(|_| relay.open(&link).status().as_u16()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..60).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 7);
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 293);
    let receipts = relay.receipts(&link);
    let opened = receipts.iter().map(|r| decrypt(&link.identity, &r.sealed).unwrap().0);
    let (served, refused): (Vec<_>, Vec<_>) =
        opened.partition(|receipt| matches!(receipt.outcome, Outcome::Served { .. }));
    let numbers: Vec<u32> = served.iter().map(|receipt| receipt.opening).collect();
    assert_eq!(numbers, (1..=7).collect::<Vec<_>>());
    let exhausted = Outcome::Refused { reason: RefusalReason::Exhausted };
    assert!(refused.len() <= 100 && refused.iter().all(|receipt| receipt.outcome == exhausted));
    assert_eq!(receipts.iter().map(|r| r.index).collect::<BTreeSet<_>>().len(), receipts.len());
    let state: carnet_consent::control::LinkState = read(relay.control("GET", &link, ""), 200);
    assert!(state.exhausted && !state.live && state.openings == 7);
}

#[test]
fn too_fast_is_said_with_the_seconds_to_wait_and_costs_nothing() {
    let relay = Fixture::alone_with(|config| config.limits.requests_a_minute_per_link = 3);
    let link = Link::new("U");
    relay.publish(&link);
    let other = Link::new("U");
    relay.publish(&other);
    assert!((0..3).all(|_| relay.open(&link).status() == 200));
    let answer = relay.open(&link);
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers().get("retry-after").unwrap(), "20");
    assert!(answer.headers().get("access-control-expose-headers").unwrap().to_str().unwrap().contains("Retry-After"));
    assert_eq!(relay.open(&other).status(), 200, "another link has its own pace");
    assert_eq!(relay.receipts(&link).len(), 3);
}

#[test]
fn browsers_may_ask_from_anywhere() {
    let relay = Fixture::start();
    let link = Link::new("U");
    for path in [format!("/shl/{}", link.id), format!("/shl/{}/file/0", link.id), "/ledger/a/checkpoint".to_owned()] {
        let request = ureq::http::Request::builder().method("OPTIONS").uri(relay.url(&path)).body(()).unwrap();
        let answer = relay.agent.run(request).unwrap();
        assert_eq!(answer.status(), 204, "{path}");
        assert_eq!(answer.headers().get("access-control-allow-origin").unwrap(), "*");
        assert!(answer.headers().get("access-control-allow-methods").unwrap().to_str().unwrap().contains("POST"));
        assert!(
            answer.headers().get("access-control-allow-headers").unwrap().to_str().unwrap().contains("Content-Type")
        );
    }
    for method in ["HEAD", "PUT", "DELETE", "PATCH"] {
        relay.publish(&link);
        let url = relay.url(&format!("/shl/{}?recipient=x", link.id));
        let request = ureq::http::Request::builder().method(method).uri(url).body(()).unwrap();
        assert_eq!(relay.agent.run(request).unwrap().status(), 405, "{method}");
    }
    assert!(relay.receipts(&link).is_empty(), "asking for headers only is no opening");
}

#[test]
fn a_refused_opening_leaves_a_receipt_with_its_reason() {
    let relay = Fixture::with(|config| config.limits.refusals_per_link = 3);
    let reasons = |link: &Link, least: usize| -> Vec<Outcome> {
        let mut receipts = Vec::new();
        // It is left after the answer.
        for _ in 0..200 {
            receipts = relay.receipts(link);
            if receipts.len() >= least {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let newest = receipts.last().unwrap();
        let (receipt, r) = decrypt(&link.identity, &newest.sealed).unwrap();
        assert_eq!((receipt.recipient.as_str(), receipt.tag), ("Dr Example", link.secret.tag()));
        relay.assert_in_log("a", newest.index, &commit(&r, ObjectType::Receipt, &receipt.sha256().unwrap()).0);
        receipts.iter().map(|stored| decrypt(&link.identity, &stored.sealed).unwrap().0.outcome).collect()
    };
    let refused = |reason| Outcome::Refused { reason };
    let paused = Link::new("U");
    relay.publish(&paused);
    relay.control("POST", &paused, "/pause");
    let early = Link::new("L").change(|publish| publish.not_before = Some(now() + 1_000));
    relay.publish(&early);
    let withdrawn = Link::new("U");
    relay.publish(&withdrawn);
    relay.withdraw(&withdrawn);
    let over = Link::new("U").change(|publish| publish.expires = now() + 1);
    relay.publish(&over);
    let spent = Link::new("P").passcode("1234", 1);
    relay.publish(&spent);
    assert_eq!(relay.manifest(&spent, Some("0000")).status(), 401);
    std::thread::sleep(Duration::from_millis(2_100));
    for link in [&paused, &withdrawn, &over] {
        assert_eq!(relay.open(link).status(), 404);
    }
    assert_eq!(relay.manifest(&early, None).status(), 404);
    assert_eq!(relay.manifest(&spent, Some("1234")).status(), 404);
    assert_eq!(reasons(&paused, 1), [refused(RefusalReason::Paused)]);
    assert_eq!(reasons(&early, 1), [refused(RefusalReason::OutOfTime)]);
    assert_eq!(reasons(&withdrawn, 1), [refused(RefusalReason::Withdrawn)]);
    assert_eq!(reasons(&over, 1), [refused(RefusalReason::OutOfTime)]);
    let used_up = refused(RefusalReason::PasscodeAttemptsUsedUp);
    assert_eq!(reasons(&spent, 2), [used_up.clone(), used_up]);
    // A flood of them is not written down, and a deleted link has no receipts.
    for _ in 0..20 {
        assert_eq!(relay.open(&paused).status(), 404);
    }
    assert_eq!(reasons(&paused, 3).len(), 3);
    relay.control("DELETE", &withdrawn, "");
    assert_eq!(relay.open(&withdrawn).status(), 404);
    let size = relay.checkpoint_of("a", 5 + 8).checkpoint.size;
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(relay.checkpoint("a").checkpoint.size, size);
}
