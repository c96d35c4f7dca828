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
    sensitivity::Sensitivity,
};

/// What the person chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// Only these categories; none: all but documents, whose contents no code tells, so that they go only where they are
    /// named here or pinned. People and organisations pass whatever stands here: a summary takes them in only
    /// where a chosen record refers to them.
    pub categories: Option<Vec<Category>>,
    /// Only records of this date (FHIR date text) or later. Allergies, problems, medicines and vaccinations are taken
    /// however old they are, and so is what has no date: their age does not make them void.
    pub since: Option<String>,
    /// Only records of this date or earlier, allergies and the like too: to the end of the day, month or year that is named.
    /// What has no date is taken.
    pub until: Option<String>,
    /// Sensitive subjects that were ticked. A record with several labels needs all of them.
    pub include_sensitive: Vec<Sensitivity>,
    /// Records that were ticked one by one; they are taken whatever the rest says.
    pub pinned: Vec<[u8; 32]>,
    /// Records that were unticked one by one; they stay out whatever the rest says.
    pub unticked: Vec<[u8; 32]>,
    /// Of results and vital signs, only so many of the newest for each code; none: all.
    pub latest_per_code: Option<usize>,
    /// Leave out medicines that are no longer taken.
    pub current_medicines: bool,
}

/// The occasions for which a choice is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// At a front desk: what a new patient writes on the clipboard, and the insurance.
    Desk,
    /// For somebody who treats: the summary, reports and plans.
    Visit,
    /// For a journey: the summary, with the newest value of each measurement.
    Travel,
    /// For an emergency: what must be known when nobody can ask.
    Emergency,
    /// Everything that is neither sensitive nor a document, to be narrowed.
    Custom,
}

/// What a summary for somebody new holds; the presets for a visit and for a journey hold it and more.
const SUMMARY: &[Category] = &[
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

impl Preset {
    /// Every preset.
    pub const ALL: [Preset; 5] = [Preset::Desk, Preset::Visit, Preset::Travel, Preset::Emergency, Preset::Custom];

    /// Its name on the bridge, on the command line and in translation keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Preset::Desk => "desk",
            Preset::Visit => "visit",
            Preset::Travel => "travel",
            Preset::Emergency => "emergency",
            Preset::Custom => "custom",
        }
    }

    /// The preset of that name.
    pub fn from_name(name: &str) -> Option<Preset> {
        Preset::ALL.into_iter().find(|preset| preset.as_str() == name)
    }

    /// What it suggests. Nothing sensitive and no document is in any of them.
    pub fn selection(self) -> Selection {
        use Category::{
            Allergy, CarePlan, Device, Immunization, Insurance, Medicine, Other, Problem, Procedure, Report, Result,
            Vital,
        };
        let (categories, latest_per_code) = match self {
            Preset::Desk => (vec![Allergy, Problem, Medicine, Immunization, Insurance, Result, Vital, Procedure], 3),
            Preset::Visit => ([SUMMARY, &[Report, CarePlan, Other]].concat(), 3),
            Preset::Travel => ([SUMMARY, &[CarePlan, Other]].concat(), 1),
            Preset::Emergency => (vec![Allergy, Problem, Medicine, Device, CarePlan, Other], 1),
            Preset::Custom => return Selection::default(),
        };
        Selection {
            categories: Some(categories),
            latest_per_code: Some(latest_per_code),
            current_medicines: true,
            ..Selection::default()
        }
    }
}

impl Selection {
    /// What a summary for somebody new holds: what an IPS has a place for, without reports and plans; the three newest
    /// values of each measurement, the medicines of today, nothing sensitive.
    pub fn summary() -> Selection {
        Selection {
            categories: Some(SUMMARY.to_vec()),
            latest_per_code: Some(3),
            current_medicines: true,
            ..Selection::default()
        }
    }

    /// Whether documents were asked for as such.
    pub fn wants_documents(&self) -> bool {
        self.categories.as_ref().is_some_and(|categories| categories.contains(&Category::Document))
    }
}

/// What selection needs to know of a record.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The record's identity.
    pub identity: [u8; 32],
    /// Its category.
    pub category: Category,
    /// The system and code of what it measures; laboratories number their analytes alike.
    pub code: Option<(&'a str, &'a str)>,
    /// Its status as recorded.
    pub status: Option<&'a str>,
    /// [`IndexEntry::sort_key`].
    pub sort_key: i64,
    /// Its labels, after the person had the last word.
    pub sensitivity: &'a [Sensitivity],
    /// Whether it is the person's own, and not of somebody else whose records came in the same files.
    pub own: bool,
}

impl<'a> Candidate<'a> {
    /// From an index entry.
    pub fn new(identity: [u8; 32], index: &'a IndexEntry) -> Self {
        Candidate {
            identity,
            category: index.category,
            code: index.code.as_ref().map(|code| (code.system.as_str(), code.code.as_str())),
            status: index.status.as_deref(),
            sort_key: index.sort_key,
            sensitivity: &index.sensitivity,
            own: true,
        }
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
    /// It is a document, and documents were not asked for.
    Document,
    /// The person took it out.
    Unticked,
    /// It is older than asked for.
    Older,
    /// It is newer than asked for.
    Newer,
    /// There are enough newer values of the same measurement.
    NewerValues,
    /// A medicine no longer taken.
    NotCurrent,
    /// It was never done, never taken, called off, or is a draft.
    NotDone,
    /// It was entered in error, or refuted.
    Error,
    /// It is somebody else's: it names another person, or one of whom nothing is known.
    AnotherPerson,
}

impl HeldBackReason {
    /// Its name on the bridge and in translation keys.
    pub fn as_str(&self) -> &'static str {
        match self {
            HeldBackReason::Sensitive(_) => "sensitive",
            HeldBackReason::Category => "category",
            HeldBackReason::Document => "document",
            HeldBackReason::Unticked => "unticked",
            HeldBackReason::Older => "older",
            HeldBackReason::Newer => "newer",
            HeldBackReason::NewerValues => "newer_values",
            HeldBackReason::NotCurrent => "not_current",
            HeldBackReason::NotDone => "not_done",
            HeldBackReason::Error => "error",
            HeldBackReason::AnotherPerson => "another_person",
        }
    }
}

/// How a choice stands, for the person who makes it: what goes in and what is held back, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// How many records of each category go in.
    pub included: Vec<(Category, usize)>,
    /// What is held back, and why.
    pub held_back: Vec<HeldBackGroup>,
}

/// Records held back for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBackGroup {
    /// [`HeldBackReason::as_str`].
    pub reason: String,
    /// The category; for sensitive records none, since it would tell what they are about.
    pub category: Option<Category>,
    /// For sensitive records, the subject that was not ticked (one with several is counted under the first).
    pub label: Option<Sensitivity>,
    /// How many.
    pub count: usize,
}

/// Counts what [`select`] gave. People and organisations are not counted: they go where records refer to them.
pub fn standing(candidates: &[Candidate<'_>], selected: &Selected) -> Standing {
    let mut out = Standing::default();
    let category = |position: &usize| {
        let category = candidates.get(*position).map(|candidate| candidate.category);
        category.filter(|category| *category != Category::Person)
    };
    for wanted in Category::all() {
        let count = selected.included.iter().filter_map(category).filter(|category| category == wanted).count();
        if count > 0 {
            out.included.push((*wanted, count));
        }
    }
    for held in &selected.held_back {
        let Some(category) = category(&held.position) else { continue };
        let (category, label) = match &held.reason {
            HeldBackReason::Sensitive(labels) => (None, labels.first().copied()),
            _ => (Some(category), None),
        };
        let reason = held.reason.as_str();
        let same =
            |group: &&mut HeldBackGroup| group.reason == reason && group.category == category && group.label == label;
        match out.held_back.iter_mut().find(same) {
            Some(group) => group.count += 1,
            None => out.held_back.push(HeldBackGroup { reason: reason.to_owned(), category, label, count: 1 }),
        }
    }
    out.held_back.sort_by(|a, b| {
        let key = |group: &HeldBackGroup| (group.reason != "sensitive", Reverse(group.count));
        key(a).cmp(&key(b))
    });
    out
}

/// Sorts out the candidates. Every candidate comes out exactly once, included or held back.
pub fn select(candidates: &[Candidate<'_>], selection: &Selection) -> Selected {
    let range = Range {
        since: selection.since.as_deref().and_then(datetime::unix_seconds),
        until: selection.until.as_deref().and_then(datetime::unix_seconds_after),
    };
    let too_many = beyond_the_newest(candidates, selection);
    let mut out = Selected::default();
    for (position, candidate) in candidates.iter().enumerate() {
        let reason = if !candidate.own {
            Some(HeldBackReason::AnotherPerson)
        } else if selection.unticked.contains(&candidate.identity) {
            Some(HeldBackReason::Unticked)
        } else if selection.pinned.contains(&candidate.identity) {
            None
        } else {
            reason_against(candidate, selection, &range)
                .or_else(|| too_many.contains(&position).then_some(HeldBackReason::NewerValues))
        };
        match reason {
            None => out.included.push(position),
            Some(reason) => out.held_back.push(HeldBack { position, reason }),
        }
    }
    out
}

/// The time that records are taken from, in seconds since 1970: from the first, before the second.
#[derive(Default)]
struct Range {
    since: Option<i64>,
    until: Option<i64>,
}

fn reason_against(candidate: &Candidate<'_>, selection: &Selection, range: &Range) -> Option<HeldBackReason> {
    let holds_back = |label: &Sensitivity| !selection.include_sensitive.contains(label);
    let unticked: Vec<Sensitivity> = candidate.sensitivity.iter().copied().filter(holds_back).collect();
    if !unticked.is_empty() {
        return Some(HeldBackReason::Sensitive(unticked));
    }
    let wanted =
        |wanted: &Vec<Category>| candidate.category == Category::Person || wanted.contains(&candidate.category);
    if candidate.category == Category::Document && !selection.wants_documents() {
        return Some(HeldBackReason::Document);
    }
    if !selection.categories.as_ref().is_none_or(wanted) {
        return Some(HeldBackReason::Category);
    }
    match candidate.status {
        Some("entered-in-error" | "refuted") => return Some(HeldBackReason::Error),
        Some("cancelled" | "not-done" | "not-taken" | "draft") => return Some(HeldBackReason::NotDone),
        _ => {}
    }
    let lasting = matches!(
        candidate.category,
        Category::Allergy | Category::Problem | Category::Medicine | Category::Immunization
    );
    if candidate.sort_key != i64::MIN {
        if !lasting && range.since.is_some_and(|since| candidate.sort_key < since) {
            return Some(HeldBackReason::Older);
        }
        if range.until.is_some_and(|until| candidate.sort_key >= until) {
            return Some(HeldBackReason::Newer);
        }
    }
    let past = matches!(candidate.status, Some("stopped" | "completed" | "inactive"));
    (selection.current_medicines && candidate.category == Category::Medicine && past)
        .then_some(HeldBackReason::NotCurrent)
}

/// The positions of results, vital signs and social observations that come after the newest few of their code.
fn beyond_the_newest(candidates: &[Candidate<'_>], selection: &Selection) -> HashSet<usize> {
    let Some(most) = selection.latest_per_code else { return Default::default() };
    let mut by_code: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (position, candidate) in candidates.iter().enumerate() {
        if matches!(candidate.category, Category::Result | Category::Vital | Category::Social)
            && let Some(code) = candidate.code
            && candidate.own
            && reason_against(candidate, selection, &Range::default()).is_none()
            && !selection.unticked.contains(&candidate.identity)
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
