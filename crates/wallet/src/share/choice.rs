//! Which records go into a share, and whose they are.

use crate::Result;
use crate::facts::Index;
use carnet_records::index::Category;
use carnet_records::outgoing::may_be_named;
use carnet_records::selection::{Candidate, HeldBack, HeldBackReason, Selection, Standing, select, standing};
use carnet_vault::{ProfileId, RecordQuery, RecordRow, Vault};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Kinds of resource that say nothing by themselves and may be needed to understand one that is shared.
const SUPPORTING: [&str; 8] =
    ["Practitioner", "PractitionerRole", "Organization", "Medication", "Location", "Specimen", "Substance", "Device"];

/// The records of one person and what of them a draft selects.
pub(crate) struct Choice {
    /// The patient's own record, if there is one.
    pub(crate) patient: Option<RecordRow>,
    /// What goes in.
    pub(crate) selected: Vec<RecordRow>,
    /// What may go in with them, where one of them refers to it.
    pub(crate) supporting: Vec<RecordRow>,
    /// What is held back and may be named by what goes in; its name is not told.
    pub(crate) withheld: Vec<RecordRow>,
    /// The addresses of everything else that is held back.
    pub(crate) withheld_urls: Vec<String>,
    /// Whether files travel.
    pub(crate) documents: bool,
    /// What goes in and what is held back, counted.
    pub(crate) standing: Standing,
    /// What is held back, each with the reason; newest first.
    pub(super) held_back: Vec<(RecordRow, HeldBackReason)>,
    strangers: HashSet<String>,
    all: Arc<Index>,
}

impl Choice {
    /// All records that are something of the patient's and could be shared.
    pub(super) fn own(&self) -> impl Iterator<Item = &RecordRow> {
        self.all.rows.iter().filter(|row| self.is_own(row))
    }

    fn is_own(&self, row: &RecordRow) -> bool {
        row.index.category != Category::Person && !is_of(row, &self.strangers)
    }
}

/// Applies a selection to a person's records. Of those, only records with one of the codes (system, code) go in, if there
/// are any codes; what was named one by one goes in in any case.
pub(crate) fn choose(index: Arc<Index>, selection: &Selection, codes: &[(String, String)]) -> Choice {
    let rows = &index.rows;
    let patient = main_patient(rows).cloned();
    let strangers = strangers(rows, patient.as_ref());
    let own: Vec<&RecordRow> = rows.iter().filter(|row| !is_of(row, &strangers)).collect();
    let candidates: Vec<Candidate<'_>> = own.iter().map(|row| Candidate::new(row.identity, &row.index)).collect();
    let mut sorted = select(&candidates, selection);
    if !codes.is_empty() {
        let (fit, other) = sorted.included.iter().partition(|at| {
            own.get(**at).is_some_and(|row| {
                row.index.category == Category::Person
                    || selection.pinned.contains(&row.identity)
                    || has_code(row, codes)
            })
        });
        sorted.included = fit;
        let other: Vec<usize> = other;
        let held = other.into_iter().map(|position| HeldBack { position, reason: HeldBackReason::Category });
        sorted.held_back.extend(held);
    }
    let included: HashSet<usize> = sorted.included.iter().copied().collect();
    let mut choice = Choice {
        patient: patient.clone(),
        selected: Vec::new(),
        supporting: Vec::new(),
        withheld: Vec::new(),
        withheld_urls: Vec::new(),
        documents: selection.wants_documents(),
        standing: standing(&candidates, &sorted),
        held_back: Vec::new(),
        strangers: HashSet::new(),
        all: Arc::clone(&index),
    };
    for (position, row) in own.iter().enumerate() {
        if included.contains(&position) && row.index.category != Category::Person {
            choice.documents |= row.index.category == Category::Document;
            choice.selected.push((*row).clone());
        } else if SUPPORTING.contains(&row.index.resource_type.as_str())
            && row.index.sensitivity.iter().all(|label| selection.include_sensitive.contains(label))
        {
            choice.supporting.push((*row).clone());
        } else if may_be_named(&row.index.resource_type) && row.index.resource_type != "Patient" {
            choice.withheld.push((*row).clone());
        } else if row.index.resource_type != "Patient" {
            choice.withheld_urls.extend(row.full_url.clone());
        }
    }
    for held in sorted.held_back {
        if let Some(row) = own.get(held.position).filter(|row| row.index.category != Category::Person) {
            choice.held_back.push(((*row).clone(), held.reason));
        }
    }
    choice.strangers = strangers;
    choice
}

/// The patient's own record: of several, the one that most records refer to.
pub(crate) async fn patient(vault: &Vault, profile: ProfileId) -> Result<Option<RecordRow>> {
    let people = RecordQuery { category: Some(Category::Person), ..RecordQuery::new(profile) };
    let people = vault.records(&people).await?;
    if patients(&people).count() <= 1 {
        return Ok(patients(&people).next().cloned());
    }
    let rows = vault.records(&RecordQuery::new(profile)).await?;
    Ok(main_patient(&rows).cloned())
}

/// Whether the main code of a record is among these.
fn has_code(row: &RecordRow, codes: &[(String, String)]) -> bool {
    let Some(code) = &row.index.code else { return false };
    codes.iter().any(|(system, wanted)| *system == code.system && *wanted == code.code)
}

fn patients(rows: &[RecordRow]) -> impl Iterator<Item = &RecordRow> {
    rows.iter().filter(|row| row.index.resource_type == "Patient")
}

fn main_patient(rows: &[RecordRow]) -> Option<&RecordRow> {
    let mut referred: HashMap<&str, usize> = HashMap::new();
    for reference in rows.iter().filter_map(|row| row.index.patient_ref.as_deref()) {
        *referred.entry(reference).or_default() += 1;
    }
    let count = |row: &&RecordRow| -> usize { names_of(row).filter_map(|name| referred.get(name)).sum() };
    // The first of equals is the newest.
    patients(rows).rev_max_by_key(count)
}

/// The ways in which records refer to a patient's record.
fn names_of(patient: &RecordRow) -> impl Iterator<Item = &str> {
    [patient.index.patient_ref.as_deref(), patient.full_url.as_deref()].into_iter().flatten()
}

/// How records refer to people in the vault who are not the patient.
fn strangers(rows: &[RecordRow], patient: Option<&RecordRow>) -> HashSet<String> {
    let own: HashSet<&str> = patient.into_iter().flat_map(names_of).collect();
    let all = patients(rows).flat_map(names_of);
    all.filter(|name| !own.contains(name)).map(str::to_owned).collect()
}

fn is_of(row: &RecordRow, people: &HashSet<String>) -> bool {
    row.index.patient_ref.as_ref().is_some_and(|reference| people.contains(reference))
}

/// The first of the greatest, where `Iterator::max_by_key` takes the last.
trait FirstMax: Iterator + Sized {
    fn rev_max_by_key<K: Ord>(self, mut key: impl FnMut(&Self::Item) -> K) -> Option<Self::Item> {
        let mut best: Option<(K, Self::Item)> = None;
        for item in self {
            let k = key(&item);
            if best.as_ref().is_none_or(|(most, _)| k > *most) {
                best = Some((k, item));
            }
        }
        best.map(|(_, item)| item)
    }
}

impl<I: Iterator> FirstMax for I {}
