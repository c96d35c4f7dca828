//! The program itself: killed at any instant it has forgotten nothing it answered; asked to stop, it stops.

use crate::support::{Fixture, Link, entry, read};
use carnet_consent::anchor::{ObjectType, commit};
use carnet_consent::control::{Committed, LinkState};
use carnet_consent::receipt::decrypt;
use std::sync::Mutex;
use std::time::Duration;

#[test]
fn what_was_answered_before_a_kill_is_there_after_it() {
    let mut relay = Fixture::start();
    let link = Link::new("U");
    relay.publish(&link);
    let (mut answered, mut committed) = (0, Vec::new());
    for round in 0..3 {
        relay.start_program();
        let counted = Mutex::new(0);
        let entries = Mutex::new(Vec::new());
        let url = relay.url(&format!("/shl/{}?recipient=x", link.id));
        let commitments = relay.url("/commitments");
        let agent = relay.agent.clone();
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    while agent.get(&url).call().is_ok_and(|answer| answer.status() == 200) {
                        *counted.lock().unwrap() += 1;
                    }
                });
                scope.spawn(|| {
                    loop {
                        let entry = entry();
                        let body = carnet_consent::control::Commit { entry: carnet_consent::anchor::Commitment(entry) };
                        let Ok(answer) = agent.post(&commitments).send(crate::support::json(&body)) else { return };
                        let Committed { index } = read(answer, 200);
                        entries.lock().unwrap().push((index, entry));
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(400 + 170 * round));
            relay.child().kill().unwrap();
        });
        answered += counted.into_inner().unwrap();
        committed.extend(entries.into_inner().unwrap());
    }
    relay.start_program();
    let receipts = relay.receipts(&link);
    assert!(answered > 0 && receipts.len() >= answered, "{answered} answered, {} receipts", receipts.len());
    let state: LinkState = read(relay.control("GET", &link, ""), 200);
    assert_eq!(state.openings as usize, receipts.len());
    for stored in receipts.iter().step_by(1 + receipts.len() / 20) {
        let (receipt, r) = decrypt(&link.identity, &stored.sealed).unwrap();
        assert_eq!(u64::from(receipt.opening), stored.seq);
        let commitment = commit(&r, ObjectType::Receipt, &receipt.sha256().unwrap());
        relay.assert_in_log("a", stored.index, &commitment.0);
    }
    for (index, entry) in committed.iter().step_by(1 + committed.len() / 50) {
        relay.assert_in_log("a", *index, entry);
    }
}

#[cfg(unix)]
#[test]
fn asked_to_stop_it_signs_and_stops() {
    let mut relay = Fixture::start();
    relay.start_program();
    let committed: Committed = read(relay.commit(entry()), 200);
    let id = relay.child().id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(relay.child().wait().unwrap().success());
    let note = std::fs::read_to_string(relay.stored().join("ledger/a/checkpoint")).unwrap();
    let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
    assert_eq!(size, committed.index + 1);
}

#[test]
fn its_command_line_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("relay.toml");
    let run = |arguments: &[&str]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_carnet-relay"));
        let output = program.args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let path = file.to_str().unwrap();
    assert_eq!(run(&["--listen"]).0, Some(2));
    assert_eq!(run(&["--config"]).0, Some(2));
    assert_eq!(run(&["--config", path]).0, Some(2), "no such file");
    std::fs::write(&file, "lissten = 1\n").unwrap();
    let (code, said) = run(&["--config", path, "--check-config"]);
    assert!(code == Some(2) && said.contains("lissten"), "{said}");
    std::fs::write(&file, "listen = '127.0.0.1:0'\n").unwrap();
    assert_eq!(run(&["--config", path, "--check-config"]).0, Some(0));
    assert!(!folder.path().join("relay-data").exists(), "checking makes nothing");
}
