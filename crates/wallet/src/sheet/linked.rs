//! What a record refers to and what refers to it, by the names under which records know each other.

use super::lines_of;
use crate::facts::Index;
use crate::wallet::Inner;
use crate::{Error, Result};
use carnet_bridge::LinkedRecord;
use carnet_records::display::FactLabel;
use carnet_records::references::{Reference, names, references};
use carnet_vault::{ProfileId, RecordQuery, RecordRow, StoredRecord, Vault};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// The most records whose names are kept.
const MOST_RECORDS: usize = 200_000;
/// The most references of one record that are kept.
const MOST_KEPT: usize = 64;
/// The most records that are listed in each direction.
const MOST_LISTED: usize = 50;
/// How many records are opened at a time.
const OPENED: u32 = 500;
/// Members that say whose a record is: everything has them, so they tell nothing.
const WHOSE: [&str; 3] = ["subject", "patient", "beneficiary"];

/// The names of all records of a person and what they refer to, as hashes: made when it is first asked for, and anew
/// once there was another import.
#[derive(Default)]
pub(crate) struct Links {
    made_of: Option<(ProfileId, i64)>,
    hasher: RandomState,
    /// The record of a name; none where two have it.
    names: HashMap<u64, Option<i64>>,
    /// The records that refer to one.
    mentions: HashMap<i64, Vec<i64>>,
}

impl Links {
    fn get(&self, name: &str) -> Option<i64> {
        self.names.get(&self.hasher.hash_one(name)).copied().flatten()
    }

    /// Enters some records; gives what each refers to, each reference as the hashes of its names.
    fn enter(&mut self, stored: &[StoredRecord]) -> Vec<(i64, Vec<Vec<u64>>)> {
        let mut out = Vec::with_capacity(stored.len());
        for StoredRecord { row, original } in stored {
            let Ok(resource) = serde_json::from_slice::<Value>(original) else { continue };
            for name in names(&resource, row.full_url.as_deref()) {
                let entry = self.names.entry(self.hasher.hash_one(&name)).or_insert(Some(row.id));
                if *entry != Some(row.id) {
                    *entry = None;
                }
            }
            let found = references(original, row.full_url.as_deref());
            let told = found.iter().filter(|reference| tells(reference)).take(MOST_KEPT);
            let hashes = told.map(|one| one.names.iter().map(|name| self.hasher.hash_one(name)).collect());
            out.push((row.id, hashes.collect()));
        }
        out
    }

    fn resolve(&mut self, all: Vec<(i64, Vec<Vec<u64>>)>) {
        for (from, references) in all {
            for names in references {
                let to = names.iter().find_map(|name| self.names.get(name).copied().flatten());
                let Some(to) = to.filter(|to| *to != from) else { continue };
                let mentions = self.mentions.entry(to).or_default();
                if mentions.len() < MOST_LISTED && mentions.last() != Some(&from) && !mentions.contains(&from) {
                    mentions.push(from);
                }
            }
        }
    }
}

impl Inner {
    /// What a record refers to, and what refers to it.
    pub(super) async fn linked(
        &self,
        vault: &Vault,
        profile: ProfileId,
        index: &Index,
        of: &RecordRow,
        original: &[u8],
    ) -> Result<Vec<LinkedRecord>> {
        let mut links = self.links.lock().await;
        let made_of = Some((profile, index.newest_import));
        if links.made_of != made_of {
            *links = make(vault, profile).await?;
            links.made_of = made_of;
        }
        let mut told: Vec<(String, Option<i64>, String)> = Vec::new();
        for reference in references(original, of.full_url.as_deref()).iter().filter(|reference| tells(reference)) {
            let to = reference.names.iter().find_map(|name| links.get(name));
            let named = reference.display.clone().unwrap_or_else(|| reference.written.clone());
            let known = told.iter().any(|(_, other, name)| if to.is_some() { *other == to } else { *name == named });
            if to != Some(of.id) && !known && told.len() < MOST_LISTED {
                told.push((relation(&reference.path).to_owned(), to, named));
            }
        }
        for from in links.mentions.get(&of.id).into_iter().flatten() {
            if !told.iter().any(|(_, to, _)| *to == Some(*from)) {
                told.push(("mentions".to_owned(), Some(*from), String::new()));
            }
        }
        drop(links);
        let ids: Vec<i64> = told.iter().filter_map(|(_, to, _)| *to).collect();
        let mut lines = lines_of(vault, profile, &ids).await?;
        let linked = told.into_iter().filter_map(|(relation, to, named)| {
            let line = to.and_then(|to| lines.remove(&to));
            // What was deleted is not told of any more.
            let named = if line.is_some() { String::new() } else { named };
            (line.is_some() || !named.is_empty()).then_some(LinkedRecord { relation, line, named })
        });
        Ok(linked.collect())
    }
}

async fn make(vault: &Vault, profile: ProfileId) -> Result<Links> {
    let (mut links, mut all) = (Links::default(), Vec::new());
    let mut after = None;
    loop {
        let query = RecordQuery { after, limit: OPENED, ..RecordQuery::new(profile) };
        let stored = vault.slim(&query).await?;
        let Some(last) = stored.last() else { break };
        after = Some(last.row.page_key());
        let entered = tokio::task::spawn_blocking(move || {
            let found = links.enter(&stored);
            (links, found)
        });
        let (back, found) = entered.await.map_err(|_| Error::Internal("the names of records"))?;
        links = back;
        all.extend(found);
        if all.len() >= MOST_RECORDS {
            break;
        }
    }
    links.resolve(all);
    Ok(links)
}

/// Whether a reference tells something beside whose the record is: what lies inside it and its attachments are shown
/// elsewhere.
fn tells(reference: &Reference) -> bool {
    let first = member(&reference.path);
    reference.contained.is_none()
        && !reference.path.contains("contained[")
        && !reference.written.starts_with("Binary/")
        && !WHOSE.contains(&first)
}

fn member(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// The label that a relation is told under, from the member of the resource that holds the reference.
fn relation(path: &str) -> &'static str {
    let label = match member(path) {
        "reasonReference" | "indication" | "supportingInfo" | "addresses" | "problem" => FactLabel::Reason,
        "result" | "hasMember" | "derivedFrom" | "evidence" | "report" | "outcomeReference" => FactLabel::Results,
        "requester" | "orderer" | "basedOn" | "prescription" | "referral" => FactLabel::Requester,
        "recorder" | "asserter" | "author" | "authenticator" | "custodian" | "informationSource" => FactLabel::Author,
        "location" => FactLabel::Location,
        "specimen" => FactLabel::Specimen,
        "manufacturer" => FactLabel::Manufacturer,
        "insurer" | "payor" | "insurance" => FactLabel::Payer,
        "encounter" | "context" | "partOf" => FactLabel::VisitClass,
        "performer"
        | "participant"
        | "resultsInterpreter"
        | "serviceProvider"
        | "organization"
        | "provider"
        | "careTeam"
        | "managingOrganization"
        | "practitioner"
        | "actor" => FactLabel::Performer,
        "activity" => FactLabel::Activity,
        _ => FactLabel::Category,
    };
    label.key()
}
