//! A grant before the document and the key are known.

use super::{
    Grant, Granter, LedgerRef, Modes, Notice, Obligation, Purpose, Recipient, RequestRef, Scope, Set, SignedGrant,
};
use crate::GrantId;

/// What the patient chose. Sealing it into a document adds the key, the time and the entries' root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDraft {
    /// As in [`Grant::id`].
    pub id: GrantId,
    /// As in [`Grant::granter`].
    pub granter: Granter,
    /// As in [`Grant::recipient`].
    pub recipient: Recipient,
    /// As in [`Grant::request`].
    pub request: Option<RequestRef>,
    /// As in [`Grant::purpose`].
    pub purpose: Purpose,
    /// As in [`Grant::what`].
    pub what: Scope,
    /// As in [`Grant::how`].
    pub how: Modes,
    /// As in [`Grant::not_before`].
    pub not_before: i64,
    /// As in [`Grant::expires`].
    pub expires: i64,
    /// As in [`Grant::max_openings`].
    pub max_openings: Option<u32>,
    /// As in [`Grant::erase_by`].
    pub erase_by: Option<i64>,
    /// As in [`Grant::obligations`].
    pub obligations: Set<Obligation>,
    /// As in [`Grant::notice`].
    pub notice: Notice,
    /// As in [`Grant::withdrawal_tag`].
    pub withdrawal_tag: [u8; 32],
    /// As in [`Grant::ledger`].
    pub ledger: LedgerRef,
    /// As in [`Grant::max_stale`]; [`DEFAULT_MAX_STALE`](super::DEFAULT_MAX_STALE) fits most.
    pub max_stale: u32,
    /// As in [`Grant::supersedes`].
    pub supersedes: Option<[u8; 32]>,
}

impl GrantDraft {
    /// The grant of this draft for one document.
    pub fn into_grant(self, key: [u8; 32], issued_at: i64, (entries_root, entries): ([u8; 32], u32)) -> Grant {
        Grant {
            id: self.id,
            key,
            granter: self.granter,
            recipient: self.recipient,
            request: self.request,
            purpose: self.purpose,
            what: self.what,
            how: self.how,
            issued_at,
            not_before: self.not_before,
            expires: self.expires,
            max_openings: self.max_openings,
            erase_by: self.erase_by,
            obligations: self.obligations,
            notice: self.notice,
            withdrawal_tag: self.withdrawal_tag,
            ledger: self.ledger,
            max_stale: self.max_stale,
            entries_root,
            entries,
            supersedes: self.supersedes,
        }
    }

    /// A grant like this one that takes the place of an earlier one and runs until `expires`, Unix seconds: the same in all
    /// but its name, its withdrawal tag and its time. How it was asked for stays with it, too: the request is the same.
    pub fn extending(signed: &SignedGrant, grant: &Grant, id: GrantId, withdrawal_tag: [u8; 32], expires: i64) -> Self {
        Self {
            id,
            granter: grant.granter,
            recipient: grant.recipient.clone(),
            request: grant.request.clone(),
            purpose: grant.purpose,
            what: grant.what.clone(),
            how: grant.how,
            not_before: grant.not_before,
            expires,
            max_openings: grant.max_openings,
            erase_by: grant.erase_by,
            obligations: grant.obligations,
            notice: grant.notice.clone(),
            withdrawal_tag,
            ledger: grant.ledger,
            max_stale: grant.max_stale,
            supersedes: Some(signed.sha256()),
        }
    }
}
