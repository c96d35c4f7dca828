//! What can be said about a shared document, statement by statement, and nothing that was not checked.
//!
//! A reader first checks what the document itself shows ([`verify`]); then, as far as it has them, the link it came
//! from ([`check_link`]), the public ledger ([`check_ledger`]), a withdrawal that reached it directly
//! ([`check_preimage`]). Each statement is [`Outcome::Checked`] only after the check ran and passed.
//!
//! The signature shows that nothing changed since the grant's own key signed. Whose key that is, this does not say.

mod ledger;
mod reason;

pub use ledger::{LedgerEvidence, MAX_CLOCK_SKEW, MAX_WITHDRAWALS, WithdrawalSet, check_ledger, check_preimage};
pub use reason::Reason;

use crate::bundle;
use crate::canonical;
use crate::grant::{Grant, Timing};
use serde::Serialize;
use serde_json::Value;

/// What came of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was checked, and holds.
    Checked,
    /// It was not checked, or could not be: nothing is known either way.
    NotChecked {
        /// Why not.
        why: Reason,
    },
    /// It was checked, and does not hold.
    Failed {
        /// What is wrong.
        why: Reason,
    },
}

impl Outcome {
    /// Whether it was checked and holds.
    pub fn is_checked(self) -> bool {
        self == Self::Checked
    }

    /// Whether it was checked and does not hold.
    pub fn is_failed(self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    /// Why it was not checked or failed.
    pub fn why(self) -> Option<Reason> {
        match self {
            Self::Checked => None,
            Self::NotChecked { why } | Self::Failed { why } => Some(why),
        }
    }
}

/// All statements together, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Signed, unaltered, in time, in the ledger, and not withdrawn as of a time that is fresh enough.
    Good,
    /// Nothing is wrong, but not everything could be checked.
    Unsure,
    /// Something is wrong.
    Bad,
}

/// The statements about one document.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// The grant is signed by the key it names, and the part that carries it is as it was made.
    pub signature: Outcome,
    /// Every entry is there and as it was signed, and none was added.
    pub entries_unaltered: Outcome,
    /// The Consent in the document says what the grant says.
    pub consent_agrees: Outcome,
    /// The grant's time has begun and is not over, by the clock of the reader and by every signed time seen.
    pub in_time: Outcome,
    /// The grant is the one that the link names.
    pub named_by_link: Outcome,
    /// The reader is whom the grant names. Never `Checked`: a name proves nothing.
    pub recipient: Outcome,
    /// The grant is committed to in the public ledger.
    pub in_ledger: Outcome,
    /// The grant is not withdrawn, as of [`Verification::as_of`].
    pub not_withdrawn: Outcome,
    /// The signed time, Unix seconds, of the list of withdrawals that was checked, fresh enough or not.
    pub as_of: Option<i64>,
    /// When the grant ends, Unix seconds.
    pub expires: Option<i64>,
    /// What the grant says; there only if its signature was checked.
    pub grant: Option<Grant>,
    /// SHA-256 of the signed grant.
    #[serde(skip)]
    sha256: Option<[u8; 32]>,
    /// The nonce of its commitment.
    #[serde(skip)]
    commitment_r: Option<[u8; 32]>,
}

impl Verification {
    /// All statements in one word.
    pub fn standing(&self) -> Standing {
        let all = [
            self.signature,
            self.entries_unaltered,
            self.consent_agrees,
            self.in_time,
            self.named_by_link,
            self.recipient,
            self.in_ledger,
            self.not_withdrawn,
        ];
        let needed = [
            self.signature,
            self.entries_unaltered,
            self.consent_agrees,
            self.in_time,
            self.in_ledger,
            self.not_withdrawn,
        ];
        if all.into_iter().any(Outcome::is_failed) {
            Standing::Bad
        } else if needed.into_iter().all(Outcome::is_checked) {
            Standing::Good
        } else {
            Standing::Unsure
        }
    }

    /// SHA-256 of the signed grant, if its signature was checked.
    pub fn grant_sha256(&self) -> Option<&[u8; 32]> {
        self.sha256.as_ref()
    }

    /// A document of which nothing could be checked for this reason.
    fn of_nothing(signature: Outcome) -> Self {
        let unknown = Outcome::NotChecked { why: Reason::NoGrantChecked };
        Self {
            signature,
            entries_unaltered: unknown,
            consent_agrees: unknown,
            in_time: unknown,
            named_by_link: unknown,
            recipient: unknown,
            in_ledger: unknown,
            not_withdrawn: unknown,
            as_of: None,
            expires: None,
            grant: None,
            sha256: None,
            commitment_r: None,
        }
    }
}

/// Checks what a document itself shows. `now` is the reader's clock, Unix seconds.
///
/// Show the very value that was checked: read it by [`bundle::parse`] so that there is only one way to read it.
pub fn verify(bundle: &Value, now: i64) -> Verification {
    let opened = match bundle::open(bundle) {
        Ok(opened) => opened,
        Err(error) => {
            let why = Reason::of(&error);
            let missing = matches!(why, Reason::NoGrant | Reason::NotADocument);
            return Verification::of_nothing(if missing {
                Outcome::NotChecked { why }
            } else {
                Outcome::Failed { why }
            });
        }
    };
    let grant = opened.grant;
    let entries_unaltered = match canonical::entries_root(bundle) {
        Ok(root) if root == (grant.entries_root, grant.entries) => Outcome::Checked,
        Ok((_, count)) if count != grant.entries => Outcome::Failed { why: Reason::EntriesAddedOrMissing },
        Ok(_) => Outcome::Failed { why: Reason::EntriesAltered },
        Err(_) => Outcome::Failed { why: Reason::EntriesUnreadable },
    };
    Verification {
        signature: Outcome::Checked,
        entries_unaltered,
        consent_agrees: if bundle::consent_agrees(bundle, &grant) {
            Outcome::Checked
        } else {
            Outcome::Failed { why: Reason::ConsentDisagrees }
        },
        in_time: timing(&grant, now),
        named_by_link: Outcome::NotChecked { why: Reason::NoHashInLink },
        recipient: Outcome::NotChecked {
            why: match grant.recipient.name {
                None => Reason::ForAnyone,
                Some(_) => Reason::NameNotProven,
            },
        },
        in_ledger: Outcome::NotChecked { why: Reason::NoEvidence },
        not_withdrawn: Outcome::NotChecked { why: Reason::NoEvidence },
        as_of: None,
        expires: Some(grant.expires),
        sha256: Some(opened.signed.sha256()),
        commitment_r: opened.commitment_r,
        grant: Some(grant),
    }
}

/// Checks the grant against the hash that its link names (`_g`): then the document is the one that the QR code was
/// shown for, whoever stored it in between. A grant that takes the place of the named one, which its own key signed too,
/// is that one run longer; of a later one it cannot be told from here whether the named one is among its former ones.
pub fn check_link(verification: &mut Verification, grant_sha256: Option<&[u8; 32]>) {
    let (Some(expected), Some(actual)) = (grant_sha256, &verification.sha256) else { return };
    let former = verification.grant.as_ref().and_then(|grant| grant.supersedes.as_ref());
    verification.named_by_link = if expected == actual || former == Some(expected) {
        Outcome::Checked
    } else if former.is_some() {
        Outcome::NotChecked { why: Reason::LinkNamesAnother }
    } else {
        Outcome::Failed { why: Reason::LinkNamesAnother }
    };
}

fn timing(grant: &Grant, now: i64) -> Outcome {
    match grant.timing(now) {
        Timing::Within => Outcome::Checked,
        Timing::NotYet => Outcome::Failed { why: Reason::NotYetValid },
        Timing::Over => Outcome::Failed { why: Reason::Expired },
    }
}

#[cfg(test)]
mod tests;
