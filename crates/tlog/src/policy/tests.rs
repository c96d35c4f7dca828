//! Tests of the policy file and its quorums.

use super::*;
use crate::checkpoint::{cosign, sign_checkpoint};
use crate::note::{Algorithm, SignerKey};
use crate::{Hash, empty_root};
use proptest::prelude::*;

fn log(name: &str, seed: u8) -> SignerKey {
    SignerKey::from_seed(name, Algorithm::Ed25519, &[seed; 32]).unwrap()
}

fn witness(seed: u8) -> SignerKey {
    SignerKey::from_seed(&format!("w{seed}.example"), Algorithm::CosignatureV1, &[seed; 32]).unwrap()
}

/// A checkpoint of `example.com/a` signed by the log and, each at its time, by witnesses.
fn note(witnesses: &[(u8, u64)]) -> String {
    let head = Checkpoint { origin: "example.com/a".into(), size: 0, root: empty_root() };
    let mut note = sign_checkpoint(&head, &log("example.com/a", 100)).unwrap();
    for (seed, time) in witnesses {
        let line = cosign(&note, &witness(*seed), *time).unwrap();
        note += &line;
    }
    note
}

/// The example of the specification: two of three, and any of three.
fn two_levels() -> String {
    let mut text = format!("log {}\n\n# witnesses\n", log("example.com/a", 100).verifier());
    for (seed, name) in (1..).zip(["X1", "X2", "X3", "Y1", "Y2", "Y3"]) {
        text += &format!("witness {name} {}\n", witness(seed).verifier());
    }
    text += "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n";
    text + "\t group  X-and-Y\tall X-witnesses Y-witnesses \nquorum X-and-Y\n"
}

#[test]
fn the_example_of_the_specification_reads_and_decides() {
    let policy: Policy = two_levels().parse().unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 6));
    let times = |witnesses: &[(u8, u64)]| policy.verify(&note(witnesses)).map(|verified| verified.time());
    assert_eq!(times(&[(1, 10), (2, 20), (4, 30)]), Ok(Some(10)));
    // The third of the X speaks for a later time; so does a second of the Y.
    assert_eq!(times(&[(1, 10), (2, 20), (3, 40), (4, 30), (5, 50)]), Ok(Some(20)));
    assert_eq!(times(&[(1, 10), (4, 30)]), Err(Error::NoQuorum));
    assert_eq!(times(&[(1, 10), (2, 20), (3, 30)]), Err(Error::NoQuorum));
    assert_eq!(times(&[]), Err(Error::NoQuorum));
    let verified = policy.verify(&note(&[(1, 10), (2, 20), (4, 30)])).unwrap();
    assert_eq!(verified.witness_times, [("X1".into(), 10), ("X2".into(), 20), ("Y1".into(), 30)]);
}

#[test]
fn a_policy_is_written_as_it_reads() {
    let policy: Policy = two_levels().parse().unwrap();
    assert_eq!(policy.to_string().parse::<Policy>().unwrap(), policy);
    let urls = format!(
        "log {} https://example.com/a\nwitness w {} https://w.example\nquorum none\n",
        log("example.com/a", 100).verifier(),
        witness(1).verifier(),
    );
    assert_eq!(urls.parse::<Policy>().unwrap().to_string(), urls);
}

#[test]
fn without_a_quorum_the_log_alone_is_believed() {
    let text =
        format!("log {}\nwitness w {}\nquorum none", log("example.com/a", 100).verifier(), witness(1).verifier());
    let policy: Policy = text.parse().unwrap();
    assert_eq!(policy.verify(&note(&[])).unwrap().time(), None);
    assert_eq!(policy.verify(&note(&[(1, 7)])).unwrap().time(), Some(7));
    assert_eq!(policy.verify(&note(&[(2, 7)])).unwrap().time(), None, "an unknown witness is ignored");
}

#[test]
fn logs_are_told_apart_by_their_origin() {
    let (a, b) = (log("example.com/a", 100), log("example.com/b", 101));
    let both: Policy = format!("log {}\nlog {}\nquorum none\n", a.verifier(), b.verifier()).parse().unwrap();
    assert!(both.verify(&note(&[])).is_ok());
    let only_b: Policy = format!("log {}\nquorum none\n", b.verifier()).parse().unwrap();
    assert_eq!(only_b.verify(&note(&[])), Err(Error::UnknownLog));
    // The key of log b does not speak for log a.
    let text = Checkpoint { origin: "example.com/a".into(), size: 0, root: empty_root() }.to_text();
    let forged = SignedNote::sign(&text, &b).unwrap().to_string();
    assert_eq!(both.verify(&forged), Err(Error::NoKnownSignature));
}

#[test]
fn false_signatures_condemn_the_checkpoint() {
    let policy: Policy = two_levels().parse().unwrap();
    let good = note(&[(1, 10), (2, 20), (4, 30)]);
    let other = Hash([9; 32]);
    let changed = good.replacen(&format!("\n0\n{}", empty_root()), &format!("\n5\n{other}"), 1);
    assert_eq!(policy.verify(&changed), Err(Error::FalseSignature));
    let unsigned_by_log = {
        let mut lines: Vec<&str> = good.split_inclusive('\n').collect();
        lines.remove(4);
        lines.concat()
    };
    assert_eq!(policy.verify(&unsigned_by_log), Err(Error::NoKnownSignature));
}

#[test]
fn hostile_policies_are_refused() {
    let (log_key, key) = (log("example.com/a", 100).verifier().to_string(), witness(1).verifier().to_string());
    let renamed = SignerKey::from_seed("other", Algorithm::CosignatureV1, &[1; 32]).unwrap();
    let w = format!("witness w {key}\n");
    let mut deep = w.clone();
    for level in 0..MAX_POLICY_ITEMS + 1 {
        let below = if level == 0 { "w".to_owned() } else { format!("g{}", level - 1) };
        deep += &format!("group g{level} all {below}\n");
    }
    let cases = [
        ("empty", 0, String::new()),
        ("no quorum", 0, w.clone()),
        ("two quorums", 2, "quorum none\nquorum none\n".into()),
        ("an unknown word", 1, "witnes w\n".into()),
        ("too few items", 1, "log\n".into()),
        ("too many items", 1, "quorum none none\n".into()),
        ("an undefined quorum", 1, "quorum w\n".into()),
        ("a name used before it is defined", 1, format!("group g any w\n{w}quorum g\n")),
        ("a group of itself", 2, format!("{w}group g any g\n")),
        ("none as a member", 2, format!("{w}group g any none\n")),
        ("none as a name", 1, format!("witness none {key}\n")),
        ("a name twice", 2, format!("{w}group w any w\n")),
        ("a member twice", 2, format!("{w}group g any w w\n")),
        ("a member of two groups", 3, format!("{w}group g any w\ngroup h any w\n")),
        ("no members", 2, format!("{w}group g any\n")),
        ("a threshold of none", 2, format!("{w}group g 0 w\n")),
        ("a threshold beyond the members", 2, format!("{w}group g 2 w\n")),
        ("a threshold with a leading zero", 2, format!("{w}group g 01 w\n")),
        ("the same witness twice", 2, format!("{w}witness v {}\n", renamed.verifier())),
        ("the same log twice", 2, format!("log {log_key}\nlog {log_key}\n")),
        ("a witness key for a log", 1, format!("log {key}\n")),
        ("a log key for a witness", 1, format!("witness w {log_key}\n")),
        ("a malformed key", 1, "log example.com\n".into()),
        ("a control character", 1, "quorum none\r\n".into()),
        ("a comment with a control character", 1, "# \x07\n".into()),
        ("too many groups", MAX_POLICY_ITEMS + 2, deep),
        ("too long", 0, "#".repeat(MAX_POLICY_BYTES + 1)),
    ];
    for (what, line, text) in cases {
        match text.parse::<Policy>() {
            Err(Error::Policy(at, _)) => assert_eq!(at, line, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in "((log|witness|group|quorum|#|\\PC{0,8})[ \t](any|all|none|[0-9]{1,3}|\\PC{0,9}){0,4}\n?){0,8}") {
        let _ = text.parse::<Policy>();
    }
}
