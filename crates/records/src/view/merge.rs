//! Each fact once, with every record that tells it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use serde::{Deserialize, Serialize};

use super::{
    agreement::{Conflict, conflicts},
    concept::classes,
    dates::{When, date_groups},
    features::{FactKind, Features, features},
    key::{FactKey, of_features},
};
use crate::{
    datetime,
    index::{Category, category, clinical_date, clip, kind_of, title},
    json::Json,
};

/// A record to be merged. All records of one call are one person's.
#[derive(Debug)]
pub struct Merging<'a, J> {
    /// The record's identity.
    pub identity: [u8; 32],
    /// What tells its source from others: an import, an issuer, a portal. Equal text is one source.
    pub source: &'a str,
    /// The resource, parsed.
    pub resource: &'a J,
}

// By hand: it only borrows the resource, whatever that is.
impl<J> Clone for Merging<'_, J> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<J> Copy for Merging<'_, J> {}

/// One fact, however many records tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The key of the record that is shown; `None` where it is of a kind that is never merged.
    pub key: Option<FactKey>,
    /// What it is about.
    pub category: Category,
    /// What a person calls it, by the record that is shown.
    pub title: String,
    /// The date by which it is ordered, seconds since 1970; `i64::MIN` where undated.
    pub sort_key: i64,
    /// The records that tell it, never none. The first is the one that is shown: the most recently recorded.
    pub sources: Vec<SourceRecord>,
    /// What they say differently.
    pub conflicts: Vec<Conflict>,
}

/// A record that tells a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceRecord {
    /// The record's identity.
    pub identity: [u8; 32],
    /// [`Merging::source`].
    pub source: String,
    /// When it was written down, as recorded; its clinical date where that is not told.
    pub recorded: Option<String>,
}

/// Merges one person's records for display.
///
/// Records are one fact where [`fact_key`](super::fact_key) says so, and besides
/// - where their concepts share a code, also along a chain of translations, unless the chain ends in two different codes
///   of one system;
/// - where a less precise date can mean only one of the more precise ones;
/// - where dose, specimen or place is told by some and left out by others, and only one is told;
/// - for a problem: whatever the onset, unless one source itself lists it with two, which are then episodes of their own.
///
/// They are never one fact where side, site, value, strength or dose differ. A different status, severity, date of onset
/// and the like are told as [`Conflict`]s. A record given twice counts once.
///
/// The answer does not depend on the order of `records`; facts come newest first. The cost grows as n log n.
pub fn merge<J: Json>(records: &[Merging<'_, J>]) -> Vec<Fact> {
    let mut sorted: Vec<&Merging<'_, J>> = records.iter().collect();
    sorted.sort_by(|one, other| (one.identity, one.source).cmp(&(other.identity, other.source)));
    sorted.dedup_by(|one, other| one.identity == other.identity);
    let features: Vec<Option<Features<'_>>> = sorted.iter().map(|record| features(record.resource, None)).collect();
    let mut facts: Vec<Fact> = groups(&features, &sorted)
        .into_iter()
        .map(|group| {
            let members: Vec<&Merging<'_, J>> = group.iter().filter_map(|at| sorted.get(*at).copied()).collect();
            fact(&members, group.iter().filter_map(|at| features.get(*at)).flatten())
        })
        .collect();
    facts.sort_by(|one, other| {
        let key = |fact: &Fact| (Reverse(fact.sort_key), fact.sources.first().map(|source| source.identity));
        key(one).cmp(&key(other))
    });
    facts
}

/// Records of one kind and concept in which all that must be equal is equal, with their positions.
type Bucket<'f> = Vec<(usize, &'f Features<'f>)>;

/// Positions of the records of each fact.
fn groups<J>(features: &[Option<Features<'_>>], records: &[&Merging<'_, J>]) -> Vec<Vec<usize>> {
    let told: Vec<(usize, &Features<'_>)> =
        features.iter().enumerate().filter_map(|(at, features)| Some((at, features.as_ref()?))).collect();
    let concepts: Vec<_> = told.iter().map(|(_, features)| &features.concept).collect();
    let mut buckets: BTreeMap<(FactKind, usize, &str), Bucket<'_>> = BTreeMap::new();
    for ((at, features), class) in told.iter().zip(classes(&concepts)) {
        buckets.entry((features.kind, class, &features.exact)).or_default().push((*at, features));
    }
    let mut out: Vec<Vec<usize>> =
        features.iter().enumerate().filter(|(_, features)| features.is_none()).map(|(at, _)| vec![at]).collect();
    for ((kind, ..), bucket) in buckets {
        let dates: Vec<When> = bucket.iter().map(|(_, features)| features.when).collect();
        let mut dated = date_groups(&dates);
        if kind == FactKind::Problem && !has_episodes(&bucket, &dated, records) {
            dated.fill(0);
        }
        let mut by_date: BTreeMap<usize, Vec<(usize, &str)>> = BTreeMap::new();
        for ((at, features), group) in bucket.iter().zip(dated) {
            by_date.entry(group).or_default().push((*at, &features.loose));
        }
        for group in by_date.into_values() {
            out.extend(by_what_is_told(group));
        }
    }
    out
}

/// Whether one source lists the same problem with onsets that cannot be one.
fn has_episodes<J>(bucket: &[(usize, &Features<'_>)], dated: &[usize], records: &[&Merging<'_, J>]) -> bool {
    let mut onset_of: HashMap<&str, usize> = HashMap::new();
    bucket.iter().zip(dated).filter(|((_, features), _)| features.when != When::Undated).any(|((at, _), group)| {
        let source = records.get(*at).map_or("", |record| record.source);
        *onset_of.entry(source).or_insert(*group) != *group
    })
}

/// Those who tell nothing of dose, specimen or place go with those who do where these are of one mind.
fn by_what_is_told(group: Vec<(usize, &str)>) -> Vec<Vec<usize>> {
    let told: BTreeSet<&str> = group.iter().map(|(_, loose)| *loose).filter(|loose| !loose.is_empty()).collect();
    if told.len() <= 1 {
        return vec![group.into_iter().map(|(at, _)| at).collect()];
    }
    let mut split: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, loose) in group {
        split.entry(loose).or_default().push(at);
    }
    split.into_values().collect()
}

fn fact<'f, 'r: 'f, J: Json>(
    members: &[&Merging<'_, J>],
    features: impl Iterator<Item = &'f Features<'r>> + Clone,
) -> Fact {
    let mut sources: Vec<(SourceRecord, &J)> = members
        .iter()
        .map(|record| {
            let recorded = recorded(record.resource).map(|text| clip(text, 64).to_owned());
            (SourceRecord { identity: record.identity, source: record.source.to_owned(), recorded }, record.resource)
        })
        .collect();
    // The most recently recorded first; of two as recent the one whose identity comes last, so that every run agrees.
    let time = |source: &SourceRecord| source.recorded.as_deref().and_then(datetime::unix_seconds).unwrap_or(i64::MIN);
    sources.sort_by_key(|(source, _)| Reverse((time(source), source.identity)));
    let shown = sources.first().map(|(source, resource)| (source.identity, *resource));
    let key = shown.and_then(|(identity, _)| {
        let at = members.iter().position(|record| record.identity == identity)?;
        features.clone().nth(at).map(of_features)
    });
    let (category, title, sort_key) = shown.map_or((Category::Other, String::new(), i64::MIN), |(_, resource)| {
        let kind = kind_of(resource.text_at(&["resourceType"]).unwrap_or_default());
        let date = clinical_date(kind, resource).and_then(datetime::unix_seconds);
        (category(kind, resource), title(kind, resource), date.unwrap_or(i64::MIN))
    });
    let conflicts = if sources.len() > 1 { conflicts(&sources) } else { Vec::new() };
    Fact { key, category, title, sort_key, sources: sources.into_iter().map(|(source, _)| source).collect(), conflicts }
}

/// When a record was written down, by what says so best.
fn recorded<J: Json>(resource: &J) -> Option<&str> {
    const MEMBERS: [&str; 7] =
        ["recordedDate", "assertedDate", "dateAsserted", "authoredOn", "issued", "recorded", "dateRecorded"];
    let told = MEMBERS.iter().find_map(|name| resource.text_at(&[name]));
    let told = told.or_else(|| resource.text_at(&["meta", "lastUpdated"]));
    told.or_else(|| clinical_date(kind_of(resource.text_at(&["resourceType"])?), resource))
}

#[cfg(test)]
mod tests;
