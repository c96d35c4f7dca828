//! Which records go into a share, and whose they are.

use crate::facts::Index;
use crate::whose::{Owner, is_patient};
use carnet_records::index::Category;
use carnet_records::outgoing::{goes_along, may_be_named};
use carnet_records::selection::{Candidate, HeldBack, HeldBackReason, Selected, Selection, Standing, select, standing};
use carnet_vault::RecordRow;
use std::collections::HashSet;
use std::sync::Arc;

/// The records of one person and what of them a draft selects.
pub(crate) struct Choice {
    /// The patient's own record, if there is one.
    pub(crate) patient: Option<RecordRow>,
    /// What goes in.
    pub(crate) selected: Vec<RecordRow>,
    /// What may go in with them, where one of them refers to it; and the person's other Patients.
    pub(crate) supporting: Vec<RecordRow>,
    /// What is held back and may be named by what goes in; its name is not told.
    pub(crate) withheld: Vec<RecordRow>,
    /// The addresses of everything else that is held back.
    pub(crate) withheld_urls: Vec<String>,
    /// Whether all files travel.
    pub(crate) documents: bool,
    /// The records, by their numbers, whose files travel in any case.
    pub(crate) files: HashSet<i64>,
    /// The records, by their numbers, that are the person's whomever they name.
    pub(crate) unnamed: HashSet<i64>,
    sorted: Selected,
    /// The positions of the person's own records.
    own: Vec<bool>,
    all: Arc<Index>,
}

impl Choice {
    /// All records that are something of the patient's and could be shared.
    pub(super) fn own(&self) -> impl Iterator<Item = &RecordRow> {
        let rows = self.all.rows.iter().zip(&self.own);
        rows.filter(|(row, own)| **own && row.index.category != Category::Person).map(|(row, _)| row)
    }

    /// What is held back, each with the reason; newest first. What goes in all the same, by its number, because something
    /// that was chosen refers to it, is not.
    pub(super) fn held_back<'c>(
        &'c self,
        in_anyway: &'c HashSet<i64>,
    ) -> impl Iterator<Item = (&'c RecordRow, &'c HeldBackReason)> {
        let rows =
            self.sorted.held_back.iter().filter_map(|held| Some((self.all.rows.get(held.position)?, &held.reason)));
        rows.filter(|(row, _)| row.index.category != Category::Person && !in_anyway.contains(&row.id))
    }

    /// What goes in and what is held back, counted; without what goes in all the same.
    pub(crate) fn standing(&self, in_anyway: &HashSet<i64>) -> Standing {
        let candidates = candidates(&self.all.rows, &self.own);
        let stays = |held: &&HeldBack| self.all.rows.get(held.position).is_none_or(|row| !in_anyway.contains(&row.id));
        let sorted = Selected {
            included: self.sorted.included.clone(),
            held_back: self.sorted.held_back.iter().filter(stays).cloned().collect(),
        };
        standing(&candidates, &sorted)
    }
}

fn candidates<'r>(rows: &'r [RecordRow], own: &[bool]) -> Vec<Candidate<'r>> {
    let candidate =
        |(row, own): (&'r RecordRow, &bool)| Candidate { own: *own, ..Candidate::new(row.identity, &row.index) };
    rows.iter().zip(own).map(candidate).collect()
}

/// Applies a selection to a person's records. Of those, only records with one of the
/// codes (system, code) go in, if there are any codes; what was named one by one goes in in any case.
pub(crate) fn choose(index: Arc<Index>, selection: &Selection, codes: &[(String, String)]) -> Choice {
    let rows = &index.rows;
    let own: Vec<bool> = index.owners.of.iter().map(|owner| owner.another().is_none()).collect();
    let patient = index.owners.patient.clone();
    let mut sorted = select(&candidates(rows, &own), selection);
    if !codes.is_empty() {
        let (fit, other) = sorted.included.iter().partition(|at| {
            rows.get(**at).is_some_and(|row| {
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
    let unnamed = index.owned().filter(|(_, owner)| *owner == Owner::PersonUnnamed);
    let unnamed = unnamed.map(|(row, _)| row.id).collect();
    let mut choice = Choice {
        selected: Vec::new(),
        supporting: Vec::new(),
        withheld: Vec::new(),
        withheld_urls: Vec::new(),
        documents: selection.wants_documents(),
        files: HashSet::new(),
        unnamed,
        patient,
        sorted,
        own,
        all: Arc::clone(&index),
    };
    for (position, (row, owner)) in index.owned().enumerate() {
        let ticked = |row: &RecordRow| {
            row.index.sensitivity.iter().all(|label| selection.include_sensitive.contains(label))
                && !selection.unticked.contains(&row.identity)
        };
        if owner.another().is_some() {
            // The words for another person are not these records'.
            choice.withheld_urls.extend(row.full_url.clone());
        } else if included.contains(&position) && row.index.category != Category::Person {
            // Whoever names a document, or a report, means what is in it.
            if selection.pinned.contains(&row.identity) {
                choice.files.insert(row.id);
            }
            choice.selected.push(row.clone());
        } else if is_patient(row) || (goes_along(&row.index.resource_type) && ticked(row)) {
            choice.supporting.push(row.clone());
        } else if may_be_named(&row.index.resource_type) {
            choice.withheld.push(row.clone());
        } else {
            choice.withheld_urls.extend(row.full_url.clone());
        }
    }
    choice
}

/// Whether the main code of a record is among these.
fn has_code(row: &RecordRow, codes: &[(String, String)]) -> bool {
    let Some(code) = &row.index.code else { return false };
    codes.iter().any(|(system, wanted)| *system == code.system && *wanted == code.code)
}
