//! The list of facts: records that say the same are one line, counted and narrowed on index entries alone.

use crate::facts::{self, MOST_MEMBERS, TYPED, TYPED_NAME, compare, is_typed, sources_of};
use crate::records::{category, category_count, line};
use crate::settings::profile;
use crate::trend::{self, Person, Sample};
use crate::{Error, Result, Wallet};
use carnet_bridge::{SourceCount, Timeline, TimelineEntry, TimelineFilter, YearCount};
use carnet_records::display::describe;
use carnet_records::index::Category;
use carnet_vault::{ProfileId, RecordRow, Vault};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How many facts a page has unless said otherwise.
const PAGE: u32 = 50;
/// The most facts of a page.
const MAX_PAGE: u32 = 500;
/// So many observations up to a line's own are opened for its run: some are the same value from another source.
const RUN_RECORDS: usize = 24;

impl Wallet {
    /// A page of the list of facts, newest first, the undated last.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for an unknown category, [`Error::Locked`]; those of the vault.
    pub async fn timeline(&self, filter: &TimelineFilter) -> Result<Timeline> {
        let wanted = filter.category.as_deref().map(category).transpose()?;
        let vault = self.inner.vault().await?;
        let profile = profile(&vault).await?;
        let index = self.inner.index(&vault, &profile).await?;
        let profile = profile.id;
        let facts::Index { rows, sightings, .. } = &*index;
        let groups = group(&index);
        let found = found(&vault, filter).await?;

        let mut fitting: Vec<&Group> = groups
            .iter()
            .filter(|group| {
                let members = || group.rows(rows);
                found.as_ref().is_none_or(|found| members().any(|row| found.contains(&row.id)))
                    && fits_years(group.year(rows), filter)
                    && (!filter.held_back || members().any(|row| !row.index.sensitivity.is_empty()))
                    && (!filter.signed || members().any(|row| row.signed.is_some()))
                    && filter
                        .source
                        .as_ref()
                        .is_none_or(|wanted| members().any(|row| sources_of(row, sightings).contains(wanted)))
            })
            .collect();
        if filter.disagree {
            fitting.retain(|group| group.members.len() > 1);
            fitting = disagreeing(&vault, profile, rows, fitting).await?;
        }
        let mut categories: HashMap<Category, u64> = HashMap::new();
        for group in &fitting {
            *categories.entry(group.category(rows)).or_default() += 1;
        }
        fitting.retain(|group| wanted.is_none_or(|wanted| group.category(rows) == wanted));
        let most = if filter.limit == 0 { PAGE } else { filter.limit.min(MAX_PAGE) };
        let from = usize::try_from(filter.offset).unwrap_or(usize::MAX);
        let page: Vec<&Group> =
            fitting.iter().copied().skip(from).take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
        let all = Category::all().iter();
        Ok(Timeline {
            total: fitting.len() as u64,
            all: groups.len() as u64,
            categories: all.filter_map(|c| Some(category_count(*c, *categories.get(c)?))).collect(),
            years: years(rows, &fitting),
            sources: sources(rows, sightings),
            entries: entries(&vault, profile, &index, page).await?,
        })
    }
}

/// Records of one fact, as positions in the list; never none.
#[derive(Debug, Clone)]
struct Group {
    first: usize,
    members: Vec<usize>,
}

impl Group {
    fn rows<'r>(&self, rows: &'r [RecordRow]) -> impl Iterator<Item = &'r RecordRow> {
        self.members.iter().filter_map(|at| rows.get(*at))
    }

    fn category(&self, rows: &[RecordRow]) -> Category {
        rows.get(self.first).map_or(Category::Other, |row| row.index.category)
    }

    fn year(&self, rows: &[RecordRow]) -> Option<u16> {
        let row = rows.get(self.first)?;
        let dated = row.index.date.as_deref().filter(|_| row.index.sort_key != i64::MIN);
        dated.and_then(|date| date.get(..4)?.parse().ok())
    }
}

/// The facts in the order of the first record of each. What is said of two people is no one fact.
fn group(index: &facts::Index) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::with_capacity(index.rows.len());
    let mut known: HashMap<([u8; 16], Option<usize>), usize> = HashMap::new();
    for (at, (row, owner)) in index.owned().enumerate() {
        let place = row.index.fact_key.map(|key| *known.entry((key.0, owner.another())).or_insert(groups.len()));
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.members.push(at),
            None => groups.push(Group { first: at, members: vec![at] }),
        }
    }
    groups
}

/// The records that have the words; none: no words were asked for.
async fn found(vault: &Vault, filter: &TimelineFilter) -> Result<Option<HashSet<i64>>> {
    Ok(vault.found(&filter.text).await?.map(|found| found.into_iter().collect()))
}

fn fits_years(year: Option<u16>, filter: &TimelineFilter) -> bool {
    match year {
        None => filter.from_year.is_none() && filter.to_year.is_none(),
        Some(year) => filter.from_year.is_none_or(|from| year >= from) && filter.to_year.is_none_or(|to| year <= to),
    }
}

/// Those whose records say something differently. All their records are opened, a few groups at a time.
async fn disagreeing<'g>(
    vault: &Vault,
    profile: ProfileId,
    rows: &[RecordRow],
    groups: Vec<&'g Group>,
) -> Result<Vec<&'g Group>> {
    let mut out = Vec::new();
    for some in groups.chunks(facts::OPENED / 2) {
        let ids: Vec<i64> =
            some.iter().flat_map(|group| group.rows(rows).take(MOST_MEMBERS).map(|row| row.id)).collect();
        let opened = facts::resources(vault, profile, &ids).await?;
        for group in some {
            let members: Vec<&RecordRow> = group.rows(rows).take(MOST_MEMBERS).collect();
            if !compare(&members, &opened).0.is_empty() {
                out.push(*group);
            }
        }
        tokio::task::yield_now().await;
    }
    Ok(out)
}

/// How many of each year, in the order of the list.
fn years(rows: &[RecordRow], groups: &[&Group]) -> Vec<YearCount> {
    let mut out: Vec<YearCount> = Vec::new();
    let mut known: HashMap<Option<u16>, usize> = HashMap::new();
    for group in groups {
        let year = group.year(rows);
        let place = *known.entry(year).or_insert(out.len());
        match out.get_mut(place) {
            Some(count) => count.count += 1,
            None => out.push(YearCount { year, count: 1 }),
        }
    }
    out
}

/// How many records each source has, most first.
fn sources(rows: &[RecordRow], sightings: &HashMap<i64, Vec<String>>) -> Vec<SourceCount> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for row in rows {
        for source in sources_of(row, sightings) {
            *counts.entry(source).or_default() += 1;
        }
    }
    let name = |id: &str| id.strip_prefix("file:").unwrap_or(TYPED_NAME).to_owned();
    let mut out: Vec<SourceCount> =
        counts.into_iter().map(|(id, count)| SourceCount { name: name(&id), id, count }).collect();
    out.sort_by(|one, other| (other.count, &one.id).cmp(&(one.count, &other.id)));
    debug_assert!(out.iter().all(|source| source.id == TYPED || source.id.starts_with("file:")));
    out
}

/// The lines of a page, with what only the records themselves tell.
async fn entries(
    vault: &Vault,
    profile: ProfileId,
    index: &Arc<facts::Index>,
    page: Vec<&Group>,
) -> Result<Vec<TimelineEntry>> {
    let rows = &index.rows;
    let runs = runs(index, &page);
    let members = page.iter().flat_map(|group| group.members.iter().take(MOST_MEMBERS));
    let needed: BTreeSet<usize> = members.chain(runs.values().flatten()).copied().collect();
    let ids: Vec<i64> = needed.iter().filter_map(|at| rows.get(*at)).map(|row| row.id).collect();
    let opened = facts::resources(vault, profile, &ids).await?;
    let person = if runs.is_empty() { Person::default() } else { Person::of(vault, index).await? };
    let counts: Vec<u32> = page.iter().map(|group| distinct(group.rows(rows), &index.sightings)).collect();
    let page: Vec<Group> = page.into_iter().cloned().collect();
    let index = Arc::clone(index);
    let made = tokio::task::spawn_blocking(move || {
        let one =
            |(group, sources): (&Group, &u32)| entry(&index, group, *sources, runs.get(&group.first), &opened, &person);
        page.iter().zip(&counts).filter_map(one).collect()
    });
    made.await.map_err(|_| Error::Internal("listing facts"))
}

fn distinct<'r>(rows: impl Iterator<Item = &'r RecordRow>, sightings: &HashMap<i64, Vec<String>>) -> u32 {
    let all: BTreeSet<String> = rows.flat_map(|row| sources_of(row, sightings)).collect();
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

/// For each line that measures something, the observations up to it of the same person that may be of the same analyte.
fn runs(index: &facts::Index, page: &[&Group]) -> HashMap<usize, Vec<usize>> {
    let rows = &index.rows;
    let lines: Vec<(usize, Vec<String>)> = page
        .iter()
        .filter_map(|group| Some((group.first, trend::kinships(rows.get(group.first)?))))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    let wanted: HashSet<&String> = lines.iter().flat_map(|(_, keys)| keys).collect();
    let mut by_key: HashMap<&String, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.index.sort_key != i64::MIN) {
        for key in trend::kinships(row) {
            if let Some(key) = wanted.get(&key) {
                by_key.entry(key).or_default().push(at);
            }
        }
    }
    let older = |at: usize, keys: &[String]| {
        let owner = index.owner(at);
        let of_key = |key| {
            let all = by_key.get(key).into_iter().flatten().copied();
            all.filter(move |other| *other >= at && index.owner(*other).is(owner)).take(RUN_RECORDS)
        };
        let all: BTreeSet<usize> = keys.iter().flat_map(of_key).collect();
        all.into_iter().take(RUN_RECORDS).collect::<Vec<usize>>()
    };
    lines.iter().map(|(at, keys)| (*at, older(*at, keys))).filter(|(_, older)| older.len() > 1).collect()
}

fn entry(
    index: &facts::Index,
    group: &Group,
    sources: u32,
    run: Option<&Vec<usize>>,
    opened: &HashMap<i64, Value>,
    person: &Person,
) -> Option<TimelineEntry> {
    let rows = &index.rows;
    let first = rows.get(group.first)?;
    let another = index.owner(group.first).another().is_some();
    let members: Vec<&RecordRow> = group.rows(rows).take(MOST_MEMBERS).collect();
    let (conflicts, shown) = if members.len() > 1 { compare(&members, opened) } else { (Vec::new(), None) };
    // Where they disagree, what was written down last stands for the fact.
    let shown = members.iter().copied().find(|row| Some(row.identity) == shown).unwrap_or(first);
    let mut line = line(shown, &describe(opened.get(&shown.id)?));
    line.another = another;
    line.sensitive = group.rows(rows).any(|row| !row.index.sensitivity.is_empty());
    let nobody = Person::default();
    let samples: Vec<Sample<'_>> = run
        .into_iter()
        .flatten()
        .filter_map(|at| rows.get(*at))
        .filter_map(|row| Some(Sample { row, resource: opened.get(&row.id)? }))
        .collect();
    Some(TimelineEntry {
        line,
        sources,
        disagree: !conflicts.is_empty(),
        signed: group.rows(rows).any(|row| row.signed.is_some()),
        typed: group.rows(rows).any(is_typed),
        run: match samples.is_empty() {
            true => Vec::new(),
            // Ranges that go by sex and age are not those of the person.
            false => trend::run(&samples, first, if another { &nobody } else { person }),
        },
    })
}
