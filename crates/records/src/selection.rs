//! What of a profile's records goes into a share: what the person ticked, less what sensitivity holds back.
//!
//! Works on index entries alone, so thousands of records are sorted out without opening one.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use serde::{Deserialize, Serialize};

use crate::{
    datetime,
    index::{Category, IndexEntry},
    sensitivity::{LabelOverride, Sensitivity},
};

/// What the person chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// Only these categories; none: all. People and organisations pass whatever stands here: a summary takes them in only
    /// where a chosen record refers to them.
    pub categories: Option<Vec<Category>>,
    /// Only records of this date (FHIR date text) or later. Allergies, problems, medicines and vaccinations are taken
    /// whatever their date, and so is what has none: their age does not make them void.
    pub since: Option<String>,
    /// Sensitive subjects that were ticked. A record with several labels needs all of them.
    pub include_sensitive: Vec<Sensitivity>,
    /// Records that were ticked one by one; they are taken whatever the rest says.
    pub pinned: Vec<[u8; 32]>,
    /// Of results and vital signs, only so many of the newest for each code; none: all.
    pub latest_per_code: Option<usize>,
    /// Leave out medicines that are no longer taken.
    pub current_medicines: bool,
}

impl Selection {
    /// What a summary for somebody new holds: what an IPS has a place for, without reports and plans; the three newest
    /// values of each measurement, the medicines of today, nothing sensitive.
    pub fn summary() -> Selection {
        let categories = vec![
            Category::Allergy,
            Category::Problem,
            Category::Medicine,
            Category::Immunization,
            Category::Result,
            Category::Vital,
            Category::Procedure,
            Category::Device,
            Category::Social,
        ];
        Selection {
            categories: Some(categories),
            latest_per_code: Some(3),
            current_medicines: true,
            ..Selection::default()
        }
    }
}

/// What selection needs to know of a record.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The record's identity.
    pub identity: [u8; 32],
    /// Its category.
    pub category: Category,
    /// Its main code (`system|code`, or any key that is equal for the same measurement).
    pub code: Option<&'a str>,
    /// Its status as recorded.
    pub status: Option<&'a str>,
    /// [`IndexEntry::sort_key`].
    pub sort_key: i64,
    /// Its labels, as found.
    pub sensitivity: &'a [Sensitivity],
    /// What the person decided of them.
    pub person: Option<&'a LabelOverride>,
}

impl<'a> Candidate<'a> {
    /// From an index entry.
    pub fn new(identity: [u8; 32], index: &'a IndexEntry) -> Self {
        Candidate {
            identity,
            category: index.category,
            code: index.code.as_ref().map(|code| code.code.as_str()),
            status: index.status.as_deref(),
            sort_key: index.sort_key,
            sensitivity: &index.sensitivity,
            person: None,
        }
    }

    /// The same with what the person decided of its labels.
    pub fn with_person(self, person: Option<&'a LabelOverride>) -> Self {
        Candidate { person, ..self }
    }

    /// Whether the label holds it back, after the person had the last word.
    fn has(&self, label: Sensitivity) -> bool {
        let found = self.sensitivity.contains(&label);
        self.person.map_or(found, |person| person.add.contains(&label) || (found && !person.remove.contains(&label)))
    }
}

/// What goes in and what does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// Positions in the candidates, in their order.
    pub included: Vec<usize>,
    /// Everything else, each with its reason, in the candidates' order.
    pub held_back: Vec<HeldBack>,
}

/// A record that does not go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// Its position in the candidates.
    pub position: usize,
    /// Why.
    pub reason: HeldBackReason,
}

/// Why a record does not go in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeldBackReason {
    /// It has labels that were not ticked: these.
    Sensitive(Vec<Sensitivity>),
    /// Its category was not chosen.
    Category,
    /// It is older than asked for.
    Older,
    /// There are enough newer values of the same measurement.
    NewerValues,
    /// A medicine no longer taken.
    NotCurrent,
    /// It was entered in error, or refuted.
    Error,
}

/// Sorts out the candidates. Every candidate comes out exactly once, included or held back.
pub fn select(candidates: &[Candidate<'_>], selection: &Selection) -> Selected {
    let since = selection.since.as_deref().and_then(datetime::unix_seconds);
    let too_many = beyond_the_newest(candidates, selection);
    let mut out = Selected::default();
    for (position, candidate) in candidates.iter().enumerate() {
        let reason = if selection.pinned.contains(&candidate.identity) {
            None
        } else {
            reason_against(candidate, selection, since)
                .or_else(|| too_many.contains(&position).then_some(HeldBackReason::NewerValues))
        };
        match reason {
            None => out.included.push(position),
            Some(reason) => out.held_back.push(HeldBack { position, reason }),
        }
    }
    out
}

fn reason_against(candidate: &Candidate<'_>, selection: &Selection, since: Option<i64>) -> Option<HeldBackReason> {
    let holds_back = |label: &Sensitivity| candidate.has(*label) && !selection.include_sensitive.contains(label);
    let put_on = candidate.person.map_or(&[][..], |person| &person.add);
    let labels =
        candidate.sensitivity.iter().chain(put_on.iter().filter(|label| !candidate.sensitivity.contains(label)));
    let unticked: Vec<Sensitivity> = labels.copied().filter(holds_back).collect();
    if !unticked.is_empty() {
        return Some(HeldBackReason::Sensitive(unticked));
    }
    let wanted =
        |wanted: &Vec<Category>| candidate.category == Category::Person || wanted.contains(&candidate.category);
    if !selection.categories.as_ref().is_none_or(wanted) {
        return Some(HeldBackReason::Category);
    }
    if matches!(
        candidate.status,
        Some("entered-in-error" | "refuted" | "cancelled" | "not-done" | "not-taken" | "draft")
    ) {
        return Some(HeldBackReason::Error);
    }
    let lasting = matches!(
        candidate.category,
        Category::Allergy | Category::Problem | Category::Medicine | Category::Immunization
    );
    if since.is_some_and(|since| !lasting && candidate.sort_key != i64::MIN && candidate.sort_key < since) {
        return Some(HeldBackReason::Older);
    }
    let past = matches!(candidate.status, Some("stopped" | "completed" | "inactive"));
    (selection.current_medicines && candidate.category == Category::Medicine && past)
        .then_some(HeldBackReason::NotCurrent)
}

/// The positions of results and vital signs that come after the newest few of their code.
fn beyond_the_newest(candidates: &[Candidate<'_>], selection: &Selection) -> HashSet<usize> {
    let Some(most) = selection.latest_per_code else { return Default::default() };
    let mut by_code: HashMap<&str, Vec<usize>> = HashMap::new();
    for (position, candidate) in candidates.iter().enumerate() {
        if matches!(candidate.category, Category::Result | Category::Vital | Category::Social)
            && let Some(code) = candidate.code
            && reason_against(candidate, selection, None).is_none()
        {
            by_code.entry(code).or_default().push(position);
        }
    }
    let mut beyond = HashSet::new();
    for mut positions in by_code.into_values() {
        positions.sort_by_key(|position| Reverse(candidates.get(*position).map(|candidate| candidate.sort_key)));
        beyond.extend(positions.into_iter().skip(most));
    }
    beyond
}

#[cfg(test)]
mod tests;
