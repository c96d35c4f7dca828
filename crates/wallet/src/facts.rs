//! Records that say the same: where they came from, and what they disagree on.

use crate::records::parse;
use crate::wallet::Inner;
use crate::whose::{Owner, Owners, people_of};
use crate::{Error, Result};
use carnet_records::view::{Conflict, Merging, merge};
use carnet_vault::{Profile, ProfileId, RecordQuery, RecordRow, TYPED_FORMAT, Vault};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The most records of one fact that are compared with each other, and that a page shows beside it.
pub(crate) const MOST_MEMBERS: usize = 50;
/// How many records are opened at a time.
pub(crate) const OPENED: usize = 500;
/// The source of what the person typed, and what to call it.
pub(crate) const TYPED: &str = "typed";
/// What the source of what the person typed is called.
pub(crate) const TYPED_NAME: &str = TYPED_FORMAT;

/// Whether the person typed it. A file cannot claim it: what counts is the way it came in.
pub(crate) fn is_typed(row: &RecordRow) -> bool {
    row.format == TYPED_FORMAT
}

/// The source of a record: files of one name are one source.
pub(crate) fn source_id(row: &RecordRow) -> String {
    if is_typed(row) { TYPED.to_owned() } else { file_source(&row.source) }
}

/// The source that a file is.
pub(crate) fn file_source(name: &str) -> String {
    format!("file:{name}")
}

/// The sources of a record, with those that brought it again as it was.
pub(crate) fn sources_of<'a>(row: &RecordRow, sightings: &'a HashMap<i64, Vec<String>>) -> BTreeSet<String> {
    let again: &'a [String] = sightings.get(&row.id).map_or(&[], Vec::as_slice);
    std::iter::once(source_id(row)).chain(again.iter().map(|name| file_source(name))).collect()
}

/// The index of all of a person's records as lists show them, kept while the vault is open: reading it for each page
/// would be most of the work. Forgotten when the vault is locked or a label is set; made anew once there was an import.
#[derive(Default)]
pub(crate) struct Listed(Option<(Profile, i64, Arc<Index>)>);

/// What there is to list.
pub(crate) struct Index {
    /// The records, newest first.
    pub(crate) rows: Vec<RecordRow>,
    /// Which files brought which record again as it was.
    pub(crate) sightings: HashMap<i64, Vec<String>>,
    /// Whose they are.
    pub(crate) owners: Owners,
    /// Tells this index from one of other records.
    pub(crate) newest_import: i64,
}

impl Inner {
    /// What there is to list of a person.
    pub(crate) async fn index(&self, vault: &Vault, profile: &Profile) -> Result<Arc<Index>> {
        let mut listed = self.listed.lock().await;
        let newest_import = vault.imports(1).await?.first().map_or(0, |import| import.id.0);
        if let Some((of, newest, index)) = &listed.0
            && (of, *newest) == (profile, newest_import)
        {
            return Ok(Arc::clone(index));
        }
        let rows = vault.records(&RecordQuery::new(profile.id)).await?;
        let people = people_of(vault, profile.id, &rows).await?;
        let owners = Owners::new(&rows, &people, &profile.name);
        let index = Arc::new(Index { rows, sightings: sightings(vault, profile.id).await?, owners, newest_import });
        listed.0 = Some((profile.clone(), newest_import, Arc::clone(&index)));
        Ok(index)
    }

    /// Reads it ahead of its first use.
    pub(crate) async fn read_index(&self) -> Result<()> {
        let vault = self.vault().await?;
        let profile = crate::settings::profile(&vault).await?;
        self.index(&vault, &profile).await.map(drop)
    }

    /// Forgets it.
    pub(crate) async fn forget_index(&self) {
        *self.listed.lock().await = Listed::default();
    }
}

impl Index {
    /// The records, each with whose it is.
    pub(crate) fn owned(&self) -> impl Iterator<Item = (&RecordRow, Owner)> {
        self.rows.iter().zip(self.owners.of.iter().copied())
    }

    /// Whose a record is, by its number.
    pub(crate) fn owner_of(&self, id: i64) -> Owner {
        self.owned().find(|(row, _)| row.id == id).map_or(Owner::Person, |(_, owner)| owner)
    }

    /// Which records are somebody else's, by their numbers.
    pub(crate) fn others(&self) -> HashSet<i64> {
        self.owned().filter(|(_, owner)| owner.another().is_some()).map(|(row, _)| row.id).collect()
    }

    /// Whose the record at a position is.
    pub(crate) fn owner(&self, position: usize) -> Owner {
        self.owners.of.get(position).copied().unwrap_or(Owner::Person)
    }
}

/// Which files brought which record again as it was.
async fn sightings(vault: &Vault, profile: ProfileId) -> Result<HashMap<i64, Vec<String>>> {
    let mut out: HashMap<i64, Vec<String>> = HashMap::new();
    for (record, name) in vault.sightings(profile).await? {
        out.entry(record).or_default().push(name);
    }
    Ok(out)
}

/// The resources of these records, opened a few at a time.
pub(crate) async fn resources(vault: &Vault, profile: ProfileId, ids: &[i64]) -> Result<HashMap<i64, Value>> {
    let mut out = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(OPENED) {
        let query = RecordQuery { ids: Some(ids.to_vec()), ..RecordQuery::new(profile) };
        let stored = vault.slim(&query).await?;
        let parsed = tokio::task::spawn_blocking(move || {
            let parsed = stored.iter().map(|stored| Ok((stored.row.id, parse(&stored.original)?)));
            parsed.collect::<Result<Vec<_>>>()
        });
        out.extend(parsed.await.map_err(|_| Error::Internal("opening records"))??);
    }
    Ok(out)
}

/// What records of one fact say differently, and the identity of the one that is shown.
pub(crate) fn compare(members: &[&RecordRow], opened: &HashMap<i64, Value>) -> (Vec<Conflict>, Option<[u8; 32]>) {
    let sources: Vec<String> = members.iter().map(|row| source_id(row)).collect();
    let records: Vec<Merging<'_, Value>> = members
        .iter()
        .zip(&sources)
        .filter_map(|(row, source)| Some(Merging { identity: row.identity, source, resource: opened.get(&row.id)? }))
        .collect();
    let facts = merge(&records);
    let shown = facts.first().and_then(|fact| fact.sources.first()).map(|source| source.identity);
    (facts.into_iter().flat_map(|fact| fact.conflicts).collect(), shown)
}
