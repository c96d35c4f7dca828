//! The page of one record: where it came from, who signed it, what else says the same, what belongs to it.

mod attachments;
mod labels;
mod linked;

pub(crate) use attachments::{may_open, stored_hash};
pub(crate) use linked::Links;

use crate::facts::{self, Index, MOST_MEMBERS, compare, is_typed};
use crate::records::{line, lines, parse};
use crate::settings::profile;
use crate::trend::{self, Person, Sample};
use crate::{Error, Result, Wallet};
use carnet_bridge::{Disagreement, OtherSource, RecordSheet, RecordVersion, Signature, SourceValue};
use carnet_records::display::describe;
use carnet_records::view::{Conflict, ConflictField};
use carnet_vault::{ProfileId, RecordQuery, RecordRow, StoredRecord, Vault};
use serde_json::Value;
use std::collections::HashMap;

/// The most versions of a record that are listed.
const MOST_VERSIONS: u32 = 50;

impl Wallet {
    /// Everything about one record and what is around it.
    ///
    /// # Errors
    /// [`Error::NoSuch`], also for what the person typed and deleted, [`Error::Locked`]; those of the vault.
    pub async fn sheet(&self, id: &str) -> Result<RecordSheet> {
        let detail = self.record(id).await?;
        let id = number(id)?;
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?;
        let index = self.inner.index(&vault, &profile).await?;
        let profile = profile.id;
        let rows = &index.rows;
        let row = rows.iter().find(|row| row.id == id).ok_or(Error::NoSuch("record"))?;
        let resource = parse(detail.original.as_bytes())?;
        let same = same_fact(&index, row);
        let opened = facts::resources(&vault, profile, &same.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
        let (conflicts, _) = if same.len() > 1 { compare(&same, &opened) } else { (Vec::new(), None) };
        Ok(RecordSheet {
            place: row.place.clone().unwrap_or_default(),
            signature: signature(row),
            versions: versions(&vault, row).await?,
            others: others(&same, row, &opened),
            disagreements: conflicts.into_iter().map(|conflict| disagreement(conflict, &same, row)).collect(),
            linked: self.inner.linked(&vault, profile, &index, row, detail.original.as_bytes()).await?,
            attachments: attachments::lines(&vault, &resource).await,
            labels: labels::states(row, &resource),
            trend: trend_of(&vault, profile, &index, row).await?,
            own: crate::typed::own(row, &resource),
            detail,
        })
    }
}

/// The number of a record as the interface names it.
pub(crate) fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::NoSuch("record"))
}

/// A record that lists show, whoever it is from.
pub(crate) async fn listed(vault: &Vault, profile: ProfileId, id: i64) -> Result<StoredRecord> {
    let query = RecordQuery { ids: Some(vec![id]), ..RecordQuery::new(profile) };
    vault.slim(&query).await?.into_iter().next().ok_or(Error::NoSuch("record"))
}

/// The records of the same fact about the same person, this one first.
fn same_fact<'r>(index: &'r Index, of: &'r RecordRow) -> Vec<&'r RecordRow> {
    let owner = index.owner_of(of.id);
    let others = index
        .owned()
        .filter(|(_, other)| other.is(owner))
        .map(|(row, _)| row)
        .filter(|row| row.id != of.id && of.index.fact_key.is_some() && row.index.fact_key == of.index.fact_key);
    std::iter::once(of).chain(others).take(MOST_MEMBERS).collect()
}

fn signature(row: &RecordRow) -> Signature {
    match &row.signed {
        Some(signed) => Signature::Signed {
            by: signed.name.clone().unwrap_or_else(|| signed.issuer.clone()),
            listed: signed.listed,
            checked_at: signed.checked_at,
        },
        None if is_typed(row) => Signature::Typed,
        None => Signature::None,
    }
}

/// The newest versions, newest first.
async fn versions(vault: &Vault, row: &RecordRow) -> Result<Vec<RecordVersion>> {
    let known = vault.record(row.id).await?.versions;
    let originals: HashMap<u32, Vec<u8>> = vault.slim_versions(row.id, MOST_VERSIONS).await?.into_iter().collect();
    let most = usize::try_from(MOST_VERSIONS).unwrap_or(usize::MAX);
    let version = |version: &carnet_vault::RecordVersion| {
        let from = version.sources.first().filter(|source| source.format != carnet_vault::TYPED_FORMAT);
        let original = originals.get(&version.version);
        RecordVersion {
            at: version.imported_at,
            source: from.map(|source| source.file_name.clone()).unwrap_or_default(),
            says: original
                .and_then(|original| parse(original).ok())
                .map(|resource| says(&resource))
                .unwrap_or_default(),
        }
    };
    Ok(known.iter().rev().take(most).map(version).collect())
}

/// What a version says, in a line: its title, what belongs beside it, its date and its status.
fn says(resource: &Value) -> String {
    let described = describe(resource);
    let detail = described.detail();
    let parts = [Some(described.title), Some(detail), described.date, described.status];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn others(same: &[&RecordRow], of: &RecordRow, opened: &HashMap<i64, Value>) -> Vec<OtherSource> {
    let others = same.iter().filter(|row| row.id != of.id);
    others
        .filter_map(|row| {
            Some(OtherSource {
                line: line(row, &describe(opened.get(&row.id)?)),
                source: row.source.clone(),
                imported_at: row.imported_at,
            })
        })
        .collect()
}

fn disagreement(conflict: Conflict, same: &[&RecordRow], of: &RecordRow) -> Disagreement {
    let label = match conflict.field {
        ConflictField::Status => "status",
        ConflictField::Date => "date",
        ConflictField::Fact(label) => label.key(),
    };
    let said = |row: &RecordRow| conflict.values.iter().find(|value| value.records.contains(&row.identity));
    let value =
        |row: &RecordRow, value: String| SourceValue { record: row.id.to_string(), source: row.source.clone(), value };
    // This record stands first, also where it says nothing of it; others that say nothing are left out.
    let own = value(of, said(of).map(|value| value.text.clone()).unwrap_or_default());
    let others = same.iter().filter(|row| row.id != of.id);
    let others = others.filter_map(|row| Some(value(row, said(row)?.text.clone())));
    Disagreement { label: label.to_owned(), values: std::iter::once(own).chain(others).collect() }
}

async fn trend_of(
    vault: &Vault,
    profile: ProfileId,
    index: &Index,
    of: &RecordRow,
) -> Result<Vec<carnet_bridge::LabSeries>> {
    let owner = index.owner_of(of.id);
    let kin: Vec<RecordRow> = trend::kin(index, of, owner).cloned().collect();
    if kin.is_empty() {
        return Ok(Vec::new());
    }
    let opened = facts::resources(vault, profile, &kin.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    // Ranges that go by sex and age are those of the person.
    let person = if owner.another().is_some() { Person::default() } else { Person::of(vault, index).await? };
    let of = of.clone();
    let made = tokio::task::spawn_blocking(move || {
        let samples = kin.iter().filter_map(|row| Some(Sample { row, resource: opened.get(&row.id)? }));
        trend::trend(&samples.collect::<Vec<_>>(), &of, &person)
    });
    made.await.map_err(|_| Error::Internal("a course of values"))
}

/// Lines of these records, in this order.
pub(super) async fn lines_of(
    vault: &Vault,
    profile: ProfileId,
    ids: &[i64],
) -> Result<HashMap<i64, carnet_bridge::RecordLine>> {
    let query = RecordQuery { ids: Some(ids.to_vec()), ..RecordQuery::new(profile) };
    let lines = lines(vault.slim(&query).await?).await?;
    lines.into_iter().map(|line| Ok((number(&line.id)?, line))).collect()
}
