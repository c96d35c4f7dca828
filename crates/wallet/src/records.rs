//! Reading records: the list, the search, one record with everything about it.

use crate::facts::Index;
use crate::settings::profile;
use crate::{Error, Result, Wallet};
use carnet_bridge::{CategoryCount, MeasuredValue, RecordDetail, RecordFact, RecordFilter, RecordLine, RecordPage};
use carnet_records::display::{Description, describe};
use carnet_records::index::Category;
use carnet_vault::{Profile, ProfileId, RecordQuery, RecordRow, StoredRecord, Vault};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How many records a page has unless said otherwise.
const PAGE: u32 = 50;
/// The most records of a page.
const MAX_PAGE: u32 = 500;
/// The most earlier and later values shown beside a measurement.
const SERIES: usize = 60;

impl Wallet {
    /// A page of the list of records, newest first.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for an unknown category, [`Error::Locked`]; those of the vault.
    pub async fn records(&self, filter: &RecordFilter) -> Result<RecordPage> {
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?;
        let wanted = filter.category.as_deref().map(category).transpose()?;
        if let Some(found) = vault.found(&filter.text).await? {
            return self.page_of(&vault, &profile, &found.into_iter().collect(), wanted, filter).await;
        }
        let categories = counts(&vault, profile.id).await?;
        let (offset, limit) = (u32::try_from(filter.offset).unwrap_or(u32::MAX), page_size(filter));
        let query = RecordQuery { category: wanted, offset, limit, ..RecordQuery::new(profile.id) };
        let page = vault.slim(&query).await?;
        let counted = |count: &&CategoryCount| wanted.is_none_or(|wanted| count.category == wanted.as_str());
        let total = categories.iter().filter(counted).map(|category| category.count).sum();
        Ok(RecordPage { lines: self.told_apart(&vault, &profile, page).await?, total, categories })
    }

    /// A page of what a search found: sorted out on the kept list, so that only the page's own records are opened.
    async fn page_of(
        &self,
        vault: &Vault,
        profile: &Profile,
        found: &HashSet<i64>,
        wanted: Option<Category>,
        filter: &RecordFilter,
    ) -> Result<RecordPage> {
        let index = self.inner.index(vault, profile).await?;
        let fits =
            |row: &&RecordRow| found.contains(&row.id) && wanted.is_none_or(|category| row.index.category == category);
        let fitting: Vec<i64> = index.rows.iter().filter(fits).map(|row| row.id).collect();
        let offset = usize::try_from(filter.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(page_size(filter)).unwrap_or(usize::MAX);
        let ids = fitting.iter().skip(offset).take(limit).copied().collect();
        let page = vault.slim(&RecordQuery { ids: Some(ids), ..RecordQuery::new(profile.id) }).await?;
        let categories = by_category(index.rows.iter());
        Ok(RecordPage { lines: marked(page, &index.others()).await?, total: fitting.len() as u64, categories })
    }

    /// Everything about one record.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn record(&self, id: &str) -> Result<RecordDetail> {
        let id = id.parse().map_err(|_| Error::NoSuch("record"))?;
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?;
        let detail = vault.record(id).await?;
        let index = self.inner.index(&vault, &profile).await?;
        let another = index.owner_of(id).another().is_some();
        let description = describe(&parse(&detail.slim)?);
        let measurement = match &description.measurement {
            Some(measured) => Some(MeasuredValue {
                value: measured.value.clone(),
                unit: measured.unit.clone(),
                low: measured.low.clone(),
                high: measured.high.clone(),
                series: series(&vault, &profile, &index, &detail.row, &measured.unit).await?,
            }),
            None => None,
        };
        let facts = description.facts.iter();
        Ok(RecordDetail {
            line: RecordLine { another, ..line(&detail.row, &description) },
            facts: facts.map(|f| RecordFact { label: f.label.key().to_owned(), value: f.value.clone() }).collect(),
            measurement,
            narrative: description.narrative_text,
            source: detail.row.source,
            imported_at: detail.row.imported_at,
            resource_type: detail.row.index.resource_type,
            versions: u32::try_from(detail.versions.len()).unwrap_or(u32::MAX),
            original: String::from_utf8_lossy(&detail.slim).into_owned(),
        })
    }

    /// The exact bytes of one record, as they came.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn original(&self, id: &str) -> Result<Vec<u8>> {
        let id = id.parse().map_err(|_| Error::NoSuch("record"))?;
        Ok(self.inner.vault().await?.original(id).await?)
    }

    /// What a record is recognised by, to tick or untick it in a [`crate::Selection`].
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Locked`]; those of the vault.
    pub async fn record_identity(&self, id: &str) -> Result<[u8; 32]> {
        let id = id.parse().map_err(|_| Error::NoSuch("record"))?;
        Ok(self.inner.vault().await?.record(id).await?.row.identity)
    }

    /// The bytes that a record refers to as `Binary/<SHA-256>`, and their media type; checked against the hash.
    ///
    /// # Errors
    /// [`Error::Locked`]; those of the vault: there are none, or their file is missing or damaged.
    pub async fn attachment(&self, sha256: &[u8; 32]) -> Result<(String, Vec<u8>)> {
        let vault = self.inner.vault().await?;
        let row = vault.attachment_row(sha256).await?;
        Ok((row.media_type, vault.attachment(sha256).await?))
    }

    /// The newest records, for the first screen.
    pub(crate) async fn latest(&self, vault: &Vault, profile: &Profile, limit: u32) -> Result<Vec<RecordLine>> {
        let newest = vault.slim(&RecordQuery { limit, ..RecordQuery::new(profile.id) }).await?;
        self.told_apart(vault, profile, newest).await
    }

    /// Lines of a list that say which are somebody else's, without the index of all records where that can be told.
    async fn told_apart(&self, vault: &Vault, profile: &Profile, stored: Vec<StoredRecord>) -> Result<Vec<RecordLine>> {
        let rows: Vec<RecordRow> = stored.iter().map(|stored| stored.row.clone()).collect();
        let others = self.inner.others_among(vault, profile, &rows).await?;
        marked(stored, &others).await
    }
}

/// Lines of a list that say which are of these, somebody else's.
async fn marked(stored: Vec<StoredRecord>, others: &HashSet<i64>) -> Result<Vec<RecordLine>> {
    let ids: Vec<i64> = stored.iter().map(|stored| stored.row.id).collect();
    let mut lines = lines(stored).await?;
    for (line, id) in lines.iter_mut().zip(ids) {
        line.another = others.contains(&id);
    }
    Ok(lines)
}

/// How many records of each category a person has.
pub(crate) async fn counts(vault: &Vault, profile: ProfileId) -> Result<Vec<CategoryCount>> {
    let counts = vault.counts(profile).await?;
    Ok(counts.into_iter().map(|(category, count)| category_count(category, count)).collect())
}

/// How many of each category, in the order in which a person meets them.
pub(crate) fn by_category<'r>(rows: impl Iterator<Item = &'r RecordRow>) -> Vec<CategoryCount> {
    let mut counts: HashMap<Category, u64> = HashMap::new();
    rows.for_each(|row| *counts.entry(row.index.category).or_default() += 1);
    let present = Category::all().iter().filter_map(|category| Some((*category, *counts.get(category)?)));
    present.map(|(category, count)| category_count(category, count)).collect()
}

pub(crate) fn category_count(category: Category, count: u64) -> CategoryCount {
    CategoryCount { category: category.as_str().to_owned(), count }
}

pub(crate) fn category(name: &str) -> Result<Category> {
    Category::from_name(name).ok_or(Error::NoSuchCategory)
}

pub(crate) fn parse(original: &[u8]) -> Result<Value> {
    serde_json::from_slice(original).map_err(|_| Error::Internal("a record that was read before"))
}

fn page_size(filter: &RecordFilter) -> u32 {
    if filter.limit == 0 { PAGE } else { filter.limit.min(MAX_PAGE) }
}

/// Lines of a list; the records are opened for what stands beside their titles, off the threads that must not wait.
pub(crate) async fn lines(stored: Vec<StoredRecord>) -> Result<Vec<RecordLine>> {
    let lines = tokio::task::spawn_blocking(move || {
        stored.iter().map(|stored| Ok(line(&stored.row, &describe(&parse(&stored.original)?)))).collect()
    });
    lines.await.map_err(|_| Error::Internal("listing records"))?
}

pub(crate) fn line(row: &RecordRow, description: &Description) -> RecordLine {
    RecordLine {
        id: row.id.to_string(),
        category: row.index.category.as_str().to_owned(),
        title: row.index.title.clone(),
        detail: description.detail(),
        date: row.index.date.clone(),
        status: row.index.status.clone(),
        sensitive: !row.index.sensitivity.is_empty(),
        another: false,
    }
}

/// Earlier and later values of the same code in the same unit, oldest first: date and value.
async fn series(
    vault: &Vault,
    profile: &Profile,
    index: &Index,
    of: &RecordRow,
    unit: &str,
) -> Result<Vec<(String, String)>> {
    let Some(code) = &of.index.code else { return Ok(Vec::new()) };
    let owner = index.owner_of(of.id);
    let own = index.owned().filter(|(_, other)| other.is(owner)).map(|(row, _)| row);
    let same = own.filter(|row| {
        row.index.date.is_some()
            && row.index.category == of.index.category
            && row.index.code.as_ref().is_some_and(|other| (&other.system, &other.code) == (&code.system, &code.code))
    });
    let ids: Vec<i64> = same.map(|row| row.id).take(SERIES).collect();
    let query = RecordQuery { ids: Some(ids), ..RecordQuery::new(profile.id) };
    let mut series = Vec::new();
    // Newest first from the vault; a person reads from the oldest on.
    for stored in vault.slim(&query).await?.iter().rev() {
        let measured = describe(&parse(&stored.original)?).measurement.filter(|measured| measured.unit == unit);
        if let (Some(date), Some(measured)) = (&stored.row.index.date, measured) {
            series.push((date.clone(), measured.value));
        }
    }
    Ok(series)
}
