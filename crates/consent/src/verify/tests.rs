//! Tests of the verification: nothing is called checked that was not.

use super::*;
use crate::anchor::Commitment;
use crate::bundle::{Sealed, open};
use crate::testkit::{Ledger, NOW, sealed, withdrawal};
use crate::withdrawal::WithdrawalSecret;
use tlog::proof::TlogProof;

const OTHER: [u8; 33] = [1; 33];

fn proof(ledger: &Ledger, sealed: &Sealed, time: i64) -> TlogProof {
    let Commitment(entry) = sealed.commitment;
    ledger.proof(&ledger.a, OTHER, entry, time)
}

/// Verifies with a proof made at `NOW` and this list, read at `now`.
fn read(entries: Vec<[u8; 33]>, as_of: i64, now: i64) -> Verification {
    let (ledger, sealed) = (Ledger::new(), sealed());
    let mut seen = verify(&sealed.bundle, now);
    let checkpoint = ledger.checkpoint(&ledger.r, &entries, as_of);
    check_ledger(
        &mut seen,
        &LedgerEvidence {
            policy: &ledger.policy(),
            proof_a: Some(&proof(&ledger, &sealed, NOW)),
            withdrawals: Some(WithdrawalSet { checkpoint: &checkpoint, entries }),
            now,
        },
    );
    seen
}

fn others(count: u8) -> Vec<[u8; 33]> {
    (0..count).map(|n| WithdrawalSecret::from_bytes([100 + n; 32]).preimage().log_entry()).collect()
}

#[test]
fn all_evidence_makes_it_good() {
    for count in [0, 1, 5, 16] {
        let seen = read(others(count), NOW + 50, NOW + 60);
        assert_eq!(seen.in_ledger, Outcome::Checked);
        assert_eq!(seen.not_withdrawn, Outcome::Checked, "{count} entries");
        assert_eq!(seen.as_of, Some(NOW + 50));
        assert_eq!(seen.standing(), Standing::Good);
    }
}

#[test]
fn a_withdrawal_shows_even_in_a_list_that_is_not_signed() {
    let mut entries = others(3);
    entries.insert(1, withdrawal().preimage().log_entry());
    let seen = read(entries.clone(), NOW + 50, NOW + 60);
    assert_eq!(seen.not_withdrawn, Outcome::Failed { why: Reason::Withdrawn });
    assert_eq!(seen.standing(), Standing::Bad);

    let (ledger, sealed) = (Ledger::new(), sealed());
    let mut seen = verify(&sealed.bundle, NOW);
    let evidence = |entries, checkpoint| LedgerEvidence {
        policy: "another",
        proof_a: None,
        withdrawals: Some(WithdrawalSet { checkpoint, entries }),
        now: NOW,
    };
    check_ledger(&mut seen, &evidence(entries, "unsigned"));
    assert_eq!(seen.not_withdrawn, Outcome::Failed { why: Reason::Withdrawn });
    // A later list that hides it does not undo what was seen.
    let checkpoint = ledger.checkpoint(&ledger.r, &[], NOW);
    let policy = ledger.policy();
    check_ledger(&mut seen, &LedgerEvidence { policy: &policy, ..evidence(vec![], &checkpoint) });
    assert_eq!(seen.not_withdrawn, Outcome::Failed { why: Reason::Withdrawn });
}

#[test]
fn a_preimage_from_a_card_counts() {
    let mut seen = verify(&sealed().bundle, NOW);
    assert!(!check_preimage(&mut seen, &WithdrawalSecret::from_bytes([8; 32]).preimage()));
    assert_eq!(seen.not_withdrawn, Outcome::NotChecked { why: Reason::NoEvidence });
    assert!(check_preimage(&mut seen, &withdrawal().preimage()));
    assert_eq!(seen.not_withdrawn, Outcome::Failed { why: Reason::Withdrawn });
}

#[test]
fn an_old_list_is_never_good() {
    let day = 86_400;
    let (ledger, sealed) = (Ledger::new(), sealed());
    let checkpoint = ledger.checkpoint(&ledger.r, &[], NOW - day);
    let check = |now| {
        let mut seen = verify(&sealed.bundle, now);
        let withdrawals = Some(WithdrawalSet { checkpoint: &checkpoint, entries: vec![] });
        check_ledger(&mut seen, &LedgerEvidence { policy: &ledger.policy(), proof_a: None, withdrawals, now });
        (seen.not_withdrawn, seen.as_of)
    };
    assert_eq!(check(NOW), (Outcome::Checked, Some(NOW - day)));
    assert_eq!(check(NOW + 1), (Outcome::NotChecked { why: Reason::Stale }, Some(NOW - day)));
}

#[test]
fn a_clock_set_back_is_noticed() {
    let seen = read(others(1), NOW + 1_000, NOW + 1_000 - MAX_CLOCK_SKEW);
    assert_eq!((seen.not_withdrawn, seen.in_time), (Outcome::Checked, Outcome::Checked));
    let seen = read(others(1), NOW + 1_000, NOW + 999 - MAX_CLOCK_SKEW);
    assert_eq!(seen.not_withdrawn, Outcome::NotChecked { why: Reason::ClockBehind });
    assert_eq!(seen.in_time, Outcome::NotChecked { why: Reason::ClockBehind });
    assert_eq!(seen.standing(), Standing::Unsure);
    // The ledger's time is past the grant's end: it is over, whatever the reader's clock says.
    let seen = read(others(1), NOW + 86_400, NOW);
    assert_eq!(seen.in_time, Outcome::Failed { why: Reason::Expired });
}

#[test]
fn time_is_checked() {
    let bundle = sealed().bundle;
    assert_eq!(verify(&bundle, NOW - 1).in_time, Outcome::Failed { why: Reason::NotYetValid });
    assert_eq!(verify(&bundle, NOW + 86_399).in_time, Outcome::Checked);
    assert_eq!(verify(&bundle, NOW + 86_400).in_time, Outcome::Failed { why: Reason::Expired });
    assert_eq!(verify(&bundle, NOW).expires, Some(NOW + 86_400));
}

#[test]
fn a_list_must_be_the_whole_log_r() {
    let (ledger, sealed) = (Ledger::new(), sealed());
    let policy = ledger.policy();
    let entries = others(5);
    let check = |checkpoint: &str, entries: Vec<[u8; 33]>| {
        let mut seen = verify(&sealed.bundle, NOW);
        let withdrawals = Some(WithdrawalSet { checkpoint, entries });
        check_ledger(&mut seen, &LedgerEvidence { policy: &policy, proof_a: None, withdrawals, now: NOW });
        seen.not_withdrawn
    };
    let unknown = |why| Outcome::NotChecked { why };
    let good = ledger.checkpoint(&ledger.r, &entries, NOW);
    assert_eq!(check(&good, entries.clone()), Outcome::Checked);
    // One left out, one replaced, two swapped, one too many.
    assert_eq!(check(&good, entries[1..].to_vec()), unknown(Reason::ListWrong));
    let mut other = entries.clone();
    other[2] = OTHER;
    assert_eq!(check(&good, other), unknown(Reason::ListWrong));
    let mut other = entries.clone();
    other.swap(0, 4);
    assert_eq!(check(&good, other), unknown(Reason::ListWrong));
    assert_eq!(check(&good, others(6)), unknown(Reason::ListWrong));
    // Log A in its place, signed well.
    assert_eq!(check(&ledger.checkpoint(&ledger.a, &entries, NOW), entries.clone()), unknown(Reason::AnotherLog));
    // Not signed by the policy's keys, or not at all.
    let stranger = Ledger { witness: ledger_key("relay.example/cosigner"), ..Ledger::new() };
    assert_eq!(check(&stranger.checkpoint(&stranger.r, &entries, NOW), entries.clone()), unknown(Reason::ListWrong));
    assert_eq!(check("", entries), unknown(Reason::ListWrong));
}

fn ledger_key(name: &str) -> tlog::note::SignerKey {
    tlog::note::SignerKey::from_seed(name, tlog::note::Algorithm::CosignatureV1, &[99; 32]).unwrap()
}

#[test]
fn a_proof_must_be_of_this_grant_in_log_a_under_its_policy() {
    let (ledger, sealed) = (Ledger::new(), sealed());
    let check = |policy: &str, proof: Option<&TlogProof>| {
        let mut seen = verify(&sealed.bundle, NOW);
        check_ledger(&mut seen, &LedgerEvidence { policy, proof_a: proof, withdrawals: None, now: NOW });
        seen.in_ledger
    };
    let policy = ledger.policy();
    let good = proof(&ledger, &sealed, NOW);
    let failed = |why| Outcome::Failed { why };
    assert_eq!(check(&policy, Some(&good)), Outcome::Checked);
    assert_eq!(check(&policy, None), Outcome::NotChecked { why: Reason::NoEvidence });
    assert_eq!(check(&(policy.clone() + "\n"), Some(&good)), Outcome::NotChecked { why: Reason::AnotherPolicy });
    let another_entry = ledger.proof(&ledger.a, OTHER, OTHER, NOW);
    assert_eq!(check(&policy, Some(&another_entry)), failed(Reason::ProofWrong));
    let in_log_r = ledger.proof(&ledger.r, OTHER, sealed.commitment.0, NOW);
    assert_eq!(check(&policy, Some(&in_log_r)), failed(Reason::AnotherLog));
    let moved = TlogProof { index: 0, ..good };
    assert_eq!(check(&policy, Some(&moved)), failed(Reason::ProofWrong));
}

#[test]
fn without_the_nonce_or_the_signature_the_ledger_says_nothing() {
    let (ledger, mut sealed) = (Ledger::new(), sealed());
    let proof = proof(&ledger, &sealed, NOW);
    let policy = ledger.policy();
    let evidence = LedgerEvidence { policy: &policy, proof_a: Some(&proof), withdrawals: None, now: NOW };
    sealed.bundle["entry"][4]["resource"]["signature"][0].as_object_mut().unwrap().remove("extension");
    let mut seen = verify(&sealed.bundle, NOW);
    check_ledger(&mut seen, &evidence);
    assert_eq!(seen.in_ledger, Outcome::NotChecked { why: Reason::NoNonce });

    sealed.bundle["entry"].as_array_mut().unwrap().pop();
    let mut seen = verify(&sealed.bundle, NOW);
    check_ledger(&mut seen, &evidence);
    assert_eq!(seen.in_ledger, Outcome::NotChecked { why: Reason::NoGrantChecked });
}

#[test]
fn the_link_and_the_reader() {
    let sealed = sealed();
    let mut seen = verify(&sealed.bundle, NOW);
    check_link(&mut seen, None);
    assert_eq!(seen.named_by_link, Outcome::NotChecked { why: Reason::NoHashInLink });
    check_link(&mut seen, Some(&open(&sealed.bundle).unwrap().signed.sha256()));
    assert_eq!(seen.named_by_link, Outcome::Checked);
    check_link(&mut seen, Some(&[0; 32]));
    assert_eq!(seen.named_by_link, Outcome::Failed { why: Reason::LinkNamesAnother });
    // A code that was shown before the share was extended names the grant that this one takes the place of.
    if let Some(grant) = &mut seen.grant {
        grant.supersedes = Some([0; 32]);
    }
    check_link(&mut seen, Some(&[0; 32]));
    assert_eq!(seen.named_by_link, Outcome::Checked);
    check_link(&mut seen, Some(&[1; 32]));
    assert_eq!(seen.named_by_link, Outcome::NotChecked { why: Reason::LinkNamesAnother });

    assert_eq!(verify(&sealed.bundle, NOW).recipient, Outcome::NotChecked { why: Reason::NameNotProven });
}

#[test]
fn reasons_have_one_word_each_and_it_is_the_one_in_json() {
    let words: std::collections::HashSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(words.len(), Reason::ALL.len());
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
    }
}

#[test]
fn a_verification_is_written_without_its_nonce() {
    let sealed = sealed();
    let json = serde_json::to_value(verify(&sealed.bundle, NOW)).unwrap();
    assert_eq!(json["signature"], "checked");
    assert_eq!(json["in_ledger"]["not_checked"]["why"], "no-evidence");
    assert_eq!(json["grant"]["purpose"], "TREAT");
    assert!(json.get("commitment_r").is_none());
}
