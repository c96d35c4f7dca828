//! The part of a grant that can be narrowed, and its order.

use super::Narrowing;
use crate::grant::{Access, Category, Code, Content, FhirDate, Format, Grant, Obligation, Sensitivity, Set};

/// What a grant, or a chain behind it, allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// From when, Unix seconds.
    pub not_before: i64,
    /// Until when, Unix seconds. Not after `not_before`: never.
    pub expires: i64,
    /// How often; none: no limit.
    pub max_openings: Option<u32>,
    /// The categories; none: all.
    pub categories: Option<Set<Category>>,
    /// The codes; none: all. An empty list: none at all.
    pub codes: Option<Vec<Code>>,
    /// The earliest date of a record.
    pub since: Option<FhirDate>,
    /// The latest date of a record.
    pub until: Option<FhirDate>,
    /// Records included by name, whatever the rest says.
    pub pinned: Vec<[u8; 32]>,
    /// Labels left out.
    pub leaves_out: Set<Sensitivity>,
    /// Whether later changes go out as well.
    pub content: Content,
    /// What the reader may do.
    pub access: Set<Access>,
    /// The forms.
    pub formats: Set<Format>,
    /// What the reader is bound to.
    pub obligations: Set<Obligation>,
}

impl Terms {
    /// The terms of a grant as signed.
    pub fn of(grant: &Grant) -> Self {
        Self {
            not_before: grant.not_before,
            expires: grant.expires,
            max_openings: grant.max_openings,
            categories: grant.what.categories,
            codes: (!grant.what.codes.is_empty()).then(|| grant.what.codes.clone()),
            since: grant.what.since.clone(),
            until: grant.what.until.clone(),
            pinned: grant.what.pinned.clone(),
            leaves_out: grant.what.leaves_out,
            content: grant.what.content,
            access: grant.how.access,
            formats: grant.how.formats,
            obligations: grant.obligations,
        }
    }

    /// Takes away what a step takes away. Every part moves in one direction only.
    pub fn narrow(&mut self, step: &Narrowing) {
        self.not_before = step.not_before.map_or(self.not_before, |start| start.max(self.not_before));
        self.expires = step.expires.map_or(self.expires, |end| end.min(self.expires));
        self.max_openings = least(self.max_openings, step.max_openings);
        self.categories = match (self.categories, step.categories) {
            (Some(ours), Some(theirs)) => Some(ours.intersection(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
        if !step.codes.is_empty() {
            match &mut self.codes {
                Some(codes) => codes.retain(|code| step.codes.contains(code)),
                codes => *codes = Some(step.codes.clone()),
            }
        }
        if let Some(since) = &step.since
            && self.since.as_ref().is_none_or(|ours| ours.first_day() < since.first_day())
        {
            self.since = Some(since.clone());
        }
        if let Some(until) = &step.until
            && self.until.as_ref().is_none_or(|ours| ours.last_day() > until.last_day())
        {
            self.until = Some(until.clone());
        }
        if let Some(pinned) = &step.pinned {
            self.pinned.retain(|id| pinned.contains(id));
        }
        self.leaves_out = self.leaves_out.union(step.leaves_out);
        self.access = step.access.map_or(self.access, |access| access.intersection(self.access));
        self.formats = step.formats.map_or(self.formats, |formats| formats.intersection(self.formats));
        self.obligations = self.obligations.union(step.obligations);
    }

    /// Whether whatever these terms allow, the other terms allow too.
    pub fn is_within(&self, other: &Self) -> bool {
        self.not_before >= other.not_before
            && self.expires <= other.expires
            && other.max_openings.is_none_or(|most| self.max_openings.is_some_and(|ours| ours <= most))
            && other.categories.is_none_or(|all| self.categories.is_some_and(|ours| ours.is_subset(&all)))
            && other
                .codes
                .as_ref()
                .is_none_or(|all| self.codes.as_ref().is_some_and(|ours| ours.iter().all(|code| all.contains(code))))
            && other
                .since
                .as_ref()
                .is_none_or(|since| self.since.as_ref().is_some_and(|ours| ours.first_day() >= since.first_day()))
            && other
                .until
                .as_ref()
                .is_none_or(|until| self.until.as_ref().is_some_and(|ours| ours.last_day() <= until.last_day()))
            && self.pinned.iter().all(|id| other.pinned.contains(id))
            && other.leaves_out.is_subset(&self.leaves_out)
            && (other.content == Content::Live || self.content == Content::Snapshot)
            && self.access.is_subset(&other.access)
            && self.formats.is_subset(&other.formats)
            && other.obligations.is_subset(&self.obligations)
    }
}

fn least(left: Option<u32>, right: Option<u32>) -> Option<u32> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    }
}
