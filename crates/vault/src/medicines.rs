//! Records that only point to their medicine, named by a Medication that another file brought.
//!
//! A bulk export has a file for each kind of resource, and a hospital may send its list of medicines another day. What is
//! sensitive about a medicine is so about its prescription, whichever came first.

use crate::error::Result;
use crate::profiles::ProfileId;
use crate::rows::{self, IndexRow, Texts};
use carnet_records::import::medications::{Medications, may_point, reference};
use carnet_records::index::{IndexEntry, index_record};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::collections::{HashMap, HashSet};

/// The most Medications that are looked at.
const MOST: usize = 50_000;

/// Whether a record that an import brings may name others, or wait for its name.
pub(crate) fn concerns(index: &IndexEntry) -> bool {
    index.resource_type == "Medication" || (may_point(&index.resource_type) && index.code.is_none())
}

/// Gives all of a person's records that only point to their medicine its name and its labels, as far as it is there.
/// Where several sources call different medicines by one name, the one that came with the record is meant; if none did,
/// the record gets the labels of all of them and the name of none.
pub(crate) async fn name_all(connection: &mut SqliteConnection, profile: ProfileId) -> Result<()> {
    let pointing = sqlx::query(
        "SELECT v.id, v.original, v.import, r.record, r.resource_type, r.title, r.code, r.sensitivity, r.fact_key \
         FROM record_index r JOIN versions v ON v.id = r.current \
         WHERE r.profile = ? AND r.category = 'medicine' AND r.resource_type <> 'Medication'",
    );
    let pointing: Vec<Pointing> =
        pointing.bind(profile.0).fetch_all(&mut *connection).await?.iter().filter_map(Pointing::read).collect();
    if pointing.is_empty() {
        return Ok(());
    }
    let files = files(connection, profile).await?;
    let (medications, brought) = medications(connection, profile, &files).await?;
    let mut texts = Texts::default();
    for record in pointing {
        let Some(mut entry) = index_record(&record.original) else { continue };
        let own = files.get(&record.version).into_iter().flatten().chain([&record.import]).collect::<HashSet<_>>();
        let named = medications.named(&record.reference);
        let came_with =
            |position: &&usize| brought.get(**position).is_some_and(|files| !own.is_disjoint(&files.iter().collect()));
        let with_it: Vec<usize> = named.iter().filter(came_with).copied().collect();
        medications.give(if with_it.is_empty() { named } else { &with_it }, &mut entry, &record.original);
        if record.is_told_otherwise_by(&entry) {
            rows::remove_index(connection, record.record).await?;
            let row = IndexRow { record: record.record, current: record.version, profile: profile.0, entry };
            rows::insert_index(connection, vec![row], &mut texts).await?;
        }
    }
    texts.insert(connection).await
}

/// A record that points to its medicine, and what the index says of it now.
struct Pointing {
    version: i64,
    original: Vec<u8>,
    import: i64,
    record: i64,
    reference: String,
    title: String,
    code: Option<String>,
    sensitivity: Option<String>,
    fact_key: Option<Vec<u8>>,
}

impl Pointing {
    fn read(row: &SqliteRow) -> Option<Self> {
        let original: Vec<u8> = row.get(1);
        Some(Self {
            version: row.get(0),
            import: row.get(2),
            record: row.get(3),
            reference: reference(row.get(4), &original)?,
            title: row.get(5),
            code: row.get(6),
            sensitivity: row.get(7),
            fact_key: row.get(8),
            original,
        })
    }

    fn is_told_otherwise_by(&self, entry: &IndexEntry) -> bool {
        self.title != entry.title
            || self.code.as_ref() != entry.code.as_ref().map(|coding| &coding.code)
            || self.sensitivity != rows::labels_json(&entry.sensitivity)
            || self.fact_key.as_deref() != entry.fact_key.as_ref().map(|key| &key.0[..])
    }
}

/// Which further files brought a version of a medicine record again.
async fn files(connection: &mut SqliteConnection, profile: ProfileId) -> Result<HashMap<i64, Vec<i64>>> {
    let rows = sqlx::query(
        "SELECT s.version, s.import FROM sightings s JOIN record_index r ON r.current = s.version \
         WHERE r.profile = ? AND r.resource_type LIKE 'Medication%'",
    );
    let mut files: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in rows.bind(profile.0).fetch_all(connection).await? {
        files.entry(row.get(0)).or_default().push(row.get(1));
    }
    Ok(files)
}

/// The Medications of a person, and for each the files that brought it.
async fn medications(
    connection: &mut SqliteConnection,
    profile: ProfileId,
    files: &HashMap<i64, Vec<i64>>,
) -> Result<(Medications, Vec<Vec<i64>>)> {
    let rows = sqlx::query(
        "SELECT v.id, v.original, v.full_url, v.import FROM record_index r JOIN versions v ON v.id = r.current \
         WHERE r.profile = ? AND r.resource_type = 'Medication' ORDER BY v.identity LIMIT ?",
    );
    let (mut medications, mut brought) = (Medications::default(), Vec::new());
    for row in rows.bind(profile.0).bind(MOST as i64).fetch_all(connection).await? {
        let (version, original): (i64, &[u8]) = (row.get(0), row.get(1));
        if let Some(entry) = index_record(original)
            && medications.add(original, &entry, row.get(2)).is_some()
        {
            brought.push(files.get(&version).into_iter().flatten().copied().chain([row.get(3)]).collect());
        }
    }
    Ok((medications, brought))
}
