//! What the public ledger says about a grant.

use super::{Outcome, Reason, Verification, timing};
use crate::anchor::{COMMITMENTS_ORIGIN_SUFFIX, ObjectType, WITHDRAWALS_ORIGIN_SUFFIX, commit};
use crate::canonical::Root;
use crate::grant::Grant;
use crate::withdrawal::Preimage;
use sha2::{Digest, Sha256};
use tlog::leaf_hash;
use tlog::policy::Policy;
use tlog::proof::TlogProof;

/// How far a signed time may be ahead of the reader's clock before that clock counts as set back: 5 minutes, in seconds.
pub const MAX_CLOCK_SKEW: i64 = 300;

/// The most withdrawals that are read as one list: 4,194,304, 132 MiB.
pub const MAX_WITHDRAWALS: usize = 1 << 22;

/// What a reader has from the ledger.
#[derive(Debug)]
pub struct LedgerEvidence<'a> {
    /// The `tlog-policy` file; its SHA-256 must be the one that the grant names.
    pub policy: &'a str,
    /// The proof that the grant's commitment is in log A.
    pub proof_a: Option<&'a TlogProof>,
    /// The whole of log R.
    pub withdrawals: Option<WithdrawalSet<'a>>,
    /// The reader's clock, Unix seconds.
    pub now: i64,
}

/// The whole of log R: never one entry, so that nobody learns which grant a reader holds.
#[derive(Debug)]
pub struct WithdrawalSet<'a> {
    /// Its signed checkpoint.
    pub checkpoint: &'a str,
    /// All entries, in order; at most [`MAX_WITHDRAWALS`].
    pub entries: Vec<[u8; 33]>,
}

/// Checks the ledger's evidence. Without a checked signature nothing is said.
///
/// - `in_ledger`: the commitment of the signed grant, made with the document's nonce, is proven to be in log A under
///   the policy that the grant names.
/// - `not_withdrawn`: the entries hash to the root that log R's checkpoint signs under that policy, none of them ends
///   the grant, and the cosigned time is within the grant's `max_stale` of `now`.
/// - `in_time`: a signed time at or after the grant's end ends it, whatever the reader's clock says; a clock that is
///   behind a signed time by more than [`MAX_CLOCK_SKEW`] vouches for nothing.
///
/// A preimage that ends the grant counts wherever it is found, also in a list that is otherwise refused: it proves
/// itself.
pub fn check_ledger(verification: &mut Verification, evidence: &LedgerEvidence<'_>) {
    let Some(grant) = verification.grant.clone() else { return };
    let withdrawn = evidence.withdrawals.as_ref().is_some_and(|set| ends(&grant, &set.entries));
    let (in_ledger, not_withdrawn) = match policy(&grant, evidence.policy) {
        Err(outcome) => ((outcome, None), (outcome, None)),
        Ok(policy) => (
            proof(verification, &policy, evidence.proof_a),
            list(&policy, evidence.withdrawals.as_ref(), &grant, evidence.now),
        ),
    };
    verification.in_ledger = in_ledger.0;
    // A withdrawal once seen stays seen, whatever a later list says.
    if withdrawn {
        verification.not_withdrawn = Outcome::Failed { why: Reason::Withdrawn };
    } else if verification.not_withdrawn.why() != Some(Reason::Withdrawn) {
        verification.not_withdrawn = not_withdrawn.0;
    }
    verification.as_of = not_withdrawn.1.or(verification.as_of);
    let known = in_ledger.1.max(not_withdrawn.1);
    verification.in_time = time_with(&grant, evidence.now, known);
}

/// Takes a preimage that reached the reader directly, e.g. on a guardian's card. Tells whether it ends the grant.
pub fn check_preimage(verification: &mut Verification, preimage: &Preimage) -> bool {
    let ends = verification.grant.as_ref().is_some_and(|grant| preimage.tag() == grant.withdrawal_tag);
    if ends {
        verification.not_withdrawn = Outcome::Failed { why: Reason::Withdrawn };
    }
    ends
}

fn policy(grant: &Grant, text: &str) -> Result<Policy, Outcome> {
    if Sha256::digest(text.as_bytes()).as_slice() != grant.ledger.policy_sha256 {
        return Err(Outcome::NotChecked { why: Reason::AnotherPolicy });
    }
    Policy::parse(text).map_err(|_| Outcome::NotChecked { why: Reason::PolicyUnreadable })
}

/// Whether the commitment is in log A, and the signed time of the head that shows it.
fn proof(verification: &Verification, policy: &Policy, proof: Option<&TlogProof>) -> (Outcome, Option<i64>) {
    let Some(proof) = proof else { return (Outcome::NotChecked { why: Reason::NoEvidence }, None) };
    let (Some(sha256), Some(r)) = (&verification.sha256, &verification.commitment_r) else {
        return (Outcome::NotChecked { why: Reason::NoNonce }, None);
    };
    let commitment = commit(r, ObjectType::Grant, sha256);
    match proof.verify(policy, &leaf_hash(&commitment.0)) {
        Ok(verified) if verified.origin.ends_with(COMMITMENTS_ORIGIN_SUFFIX) => {
            (Outcome::Checked, signed(verified.time))
        }
        Ok(_) => (Outcome::Failed { why: Reason::AnotherLog }, None),
        Err(_) => (Outcome::Failed { why: Reason::ProofWrong }, None),
    }
}

/// Whether the list is whole and fresh, and its signed time. Whether it ends the grant is looked at before.
fn list(policy: &Policy, set: Option<&WithdrawalSet<'_>>, grant: &Grant, now: i64) -> (Outcome, Option<i64>) {
    let not_checked = |why| Outcome::NotChecked { why };
    let Some(set) = set else { return (not_checked(Reason::NoEvidence), None) };
    let Ok(verified) = policy.verify(set.checkpoint) else { return (not_checked(Reason::ListWrong), None) };
    if !verified.checkpoint.origin.ends_with(WITHDRAWALS_ORIGIN_SUFFIX) {
        return (not_checked(Reason::AnotherLog), None);
    }
    if set.entries.len() > MAX_WITHDRAWALS || verified.checkpoint.size != set.entries.len() as u64 {
        return (not_checked(Reason::ListWrong), None);
    }
    let mut tree = Root::default();
    set.entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    if tree.root() != verified.checkpoint.root {
        return (not_checked(Reason::ListWrong), None);
    }
    match signed(verified.time()) {
        None => (not_checked(Reason::NoSignedTime), None),
        time @ Some(as_of) if as_of.saturating_sub(now) > MAX_CLOCK_SKEW => (not_checked(Reason::ClockBehind), time),
        time @ Some(as_of) if now.saturating_sub(as_of) > i64::from(grant.max_stale) => {
            (not_checked(Reason::Stale), time)
        }
        time => (Outcome::Checked, time),
    }
}

/// The grant's time by the reader's clock and by the latest signed time.
fn time_with(grant: &Grant, now: i64, known: Option<i64>) -> Outcome {
    match known {
        Some(known) if known >= grant.expires => Outcome::Failed { why: Reason::Expired },
        Some(known) if known.saturating_sub(now) > MAX_CLOCK_SKEW => Outcome::NotChecked { why: Reason::ClockBehind },
        _ => timing(grant, now),
    }
}

fn ends(grant: &Grant, entries: &[[u8; 33]]) -> bool {
    entries.iter().filter_map(Preimage::from_log_entry).any(|preimage| preimage.tag() == grant.withdrawal_tag)
}

fn signed(time: Option<u64>) -> Option<i64> {
    i64::try_from(time?).ok()
}
