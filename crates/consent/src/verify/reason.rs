//! Why a statement was not checked or failed, as a word that an interface translates.

use crate::Error;
use serde::Serialize;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)+) => {
        /// Why a statement was not checked, or what is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $variant,)+ }

        impl Reason {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// A stable word for it, in kebab-case: a key for translations.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

reasons! {
    /// The document carries no grant.
    NoGrant = "no-grant",
    /// The document carries more than one grant.
    SeveralGrants = "several-grants",
    /// It is no document that could carry one.
    NotADocument = "not-a-document",
    /// No grant was checked, so nothing that rests on one could be.
    NoGrantChecked = "no-grant-checked",
    /// The grant is not in a form that this version reads.
    GrantUnreadable = "grant-unreadable",
    /// The signature does not fit.
    SignatureWrong = "signature-wrong",
    /// The part of the document that carries the grant was altered.
    SealAltered = "seal-altered",
    /// An entry was altered.
    EntriesAltered = "entries-altered",
    /// An entry was added or is missing.
    EntriesAddedOrMissing = "entries-added-or-missing",
    /// An entry cannot be hashed.
    EntriesUnreadable = "entries-unreadable",
    /// The Consent in the document says something else than the grant.
    ConsentDisagrees = "consent-disagrees",
    /// The grant's time has not begun.
    NotYetValid = "not-yet-valid",
    /// The grant's time is over.
    Expired = "expired",
    /// The reader's clock is behind a signed time, so it shows nothing.
    ClockBehind = "clock-behind",
    /// The link names no grant.
    NoHashInLink = "no-hash-in-link",
    /// The link names another grant.
    LinkNamesAnother = "link-names-another",
    /// The grant is for whoever holds the link.
    ForAnyone = "for-anyone",
    /// The grant names a recipient, and nobody proved to be it.
    NameNotProven = "name-not-proven",
    /// There was nothing to check it with.
    NoEvidence = "no-evidence",
    /// The ledger's policy is not the one that the grant names.
    AnotherPolicy = "another-policy",
    /// The ledger's policy cannot be read.
    PolicyUnreadable = "policy-unreadable",
    /// The document does not give the nonce that the ledger's entry was made with.
    NoNonce = "no-nonce",
    /// The proof does not show that the grant is in the ledger.
    ProofWrong = "proof-wrong",
    /// The evidence is from another log than it should be.
    AnotherLog = "another-log",
    /// The list of withdrawals is not the one that the log signed.
    ListWrong = "list-wrong",
    /// Nobody signed a time for the list of withdrawals.
    NoSignedTime = "no-signed-time",
    /// The list of withdrawals is older than the grant allows.
    Stale = "stale",
    /// The grant was withdrawn.
    Withdrawn = "withdrawn",
}

impl Reason {
    /// The reason for which a document's grant could not be opened.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::NoGrant => Self::NoGrant,
            Error::SeveralGrants => Self::SeveralGrants,
            Error::NotADocument(_) => Self::NotADocument,
            Error::Signature | Error::WeakKey => Self::SignatureWrong,
            Error::SealAltered => Self::SealAltered,
            _ => Self::GrantUnreadable,
        }
    }
}
