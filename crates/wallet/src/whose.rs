//! Whose the records of a profile are: the person's own, from however many sources, or somebody else's who came in the same
//! files.

use crate::Result;
use crate::facts::{is_typed, resources};
use crate::wallet::Inner;
use carnet_records::index::Category;
use carnet_records::people::{People, Whose};
use carnet_vault::{ImportId, Profile, ProfileId, RecordQuery, RecordRow, Vault};
use std::collections::{HashMap, HashSet};

/// Whose a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The person's: it says so, or names nobody.
    Person,
    /// The person's, though nobody whom it names is there.
    PersonUnnamed,
    /// Somebody else's, or nobody knows whose; the number tells them apart.
    Another(usize),
}

impl Owner {
    /// Whether both are of one human being.
    pub(crate) fn is(self, other: Owner) -> bool {
        self.another() == other.another()
    }

    /// Which other human being it is of.
    pub(crate) fn another(self) -> Option<usize> {
        match self {
            Owner::Person | Owner::PersonUnnamed => None,
            Owner::Another(number) => Some(number),
        }
    }
}

/// Whose the records of a profile are.
#[derive(Debug)]
pub(crate) struct Owners {
    /// Of each record, in their order.
    pub(crate) of: Vec<Owner>,
    /// The Patient that stands for the person.
    pub(crate) patient: Option<RecordRow>,
}

impl Owners {
    /// `name` is what the wallet calls the person; it decides who of several it is, if it is one's alone.
    pub(crate) fn new(rows: &[RecordRow], people: &People, name: &str) -> Self {
        let named = whose(rows, people);
        let own = Own::new(rows, &named, people, name);
        let mut unknown = HashMap::new();
        let of = rows.iter().zip(&named).map(|(row, named)| own.owner(row, *named, &mut unknown)).collect();
        Owners { of, patient: own.patient().cloned() }
    }
}

/// Tells the person's records from those of others.
struct Own<'i> {
    people: &'i People,
    patients: Vec<&'i RecordRow>,
    /// The position of the one that stands for the person.
    main: Option<usize>,
    /// Whether there is a Patient who is somebody else.
    others: bool,
    /// The imports that brought a Patient.
    named_in: HashSet<ImportId>,
}

impl<'i> Own<'i> {
    /// `named` is whom each of the records names.
    fn new(rows: &'i [RecordRow], named: &[Whose], people: &'i People, name: &str) -> Self {
        let patients: Vec<&RecordRow> = patients(rows).collect();
        // The plainest ways of referring count first, as they always did: whom a wallet is about is not to change because
        // more ways are understood.
        let mut plainly: HashMap<&str, usize> = HashMap::new();
        let mut referred: HashMap<usize, usize> = HashMap::new();
        for (row, named) in rows.iter().zip(named).filter(|(row, _)| !is_patient(row)) {
            if let Some(reference) = row.index.patient_ref.as_deref() {
                *plainly.entry(reference).or_default() += 1;
            }
            if let Whose::Patient(position) = named {
                *referred.entry(*position).or_default() += 1;
            }
        }
        let plainly = |patient: &RecordRow| -> usize {
            let names = [patient.index.patient_ref.as_deref(), patient.full_url.as_deref()];
            names.into_iter().flatten().filter_map(|name| plainly.get(name)).sum()
        };
        let counts: Vec<(usize, usize)> = patients
            .iter()
            .enumerate()
            .map(|(position, patient)| (plainly(patient), referred.get(&position).copied().unwrap_or_default()))
            .collect();
        let mut of_person: HashMap<Option<usize>, (usize, usize)> = HashMap::new();
        for (position, (plain, any)) in counts.iter().enumerate() {
            let of = of_person.entry(people.person(position)).or_default();
            *of = (of.0 + plain, of.1 + any);
        }
        let mut candidates = people.called(name);
        if candidates.is_empty() {
            candidates = (0..patients.len()).collect();
        }
        // Whoever says a name stands for the person rather than who says none; then the one of most records. The first of
        // equals is the newest.
        let rank = |position: &usize| {
            let person = people.person(*position);
            (person.is_some(), of_person.get(&person).copied(), counts.get(*position).copied())
        };
        let main = candidates.into_iter().rev().max_by_key(rank);
        let others = main.is_some_and(|main| (0..patients.len()).any(|position| !people.same(main, position)));
        let named_in = patients.iter().map(|row| row.import).collect();
        Own { people, patients, main, others, named_in }
    }

    /// The Patient that stands for the person.
    fn patient(&self) -> Option<&'i RecordRow> {
        self.patients.get(self.main?).copied()
    }

    /// Whose a record is. What was typed is the person's. What names somebody of whom there is no Patient is the person's
    /// as long as nothing speaks against it: its file brought no Patient, and all there are are the person. `unknown` has
    /// those of whom nothing is known but how they are referred to.
    fn owner<'r>(&self, row: &'r RecordRow, named: Whose, unknown: &mut HashMap<&'r str, usize>) -> Owner {
        let Some(main) = self.main else { return Owner::PersonUnnamed };
        if is_typed(row) {
            return Owner::PersonUnnamed;
        }
        let whose = if is_patient(row) {
            let position = self.patients.iter().position(|patient| patient.id == row.id);
            position.map_or(Whose::Unknown, Whose::Patient)
        } else {
            named
        };
        match whose {
            Whose::Nobody => Owner::Person,
            Whose::Patient(position) if self.people.same(main, position) => Owner::Person,
            Whose::Unknown if !self.others && !self.named_in.contains(&row.import) => Owner::PersonUnnamed,
            Whose::Patient(position) => {
                let first = (0..position).find(|earlier| self.people.same(*earlier, position));
                Owner::Another(first.unwrap_or(position))
            }
            Whose::Unknown => {
                let next = self.patients.len() + unknown.len();
                Owner::Another(*unknown.entry(row.index.patient_ref.as_deref().unwrap_or_default()).or_insert(next))
            }
        }
    }
}

impl Inner {
    /// The patient's own record, of several the one that stands for the person.
    pub(crate) async fn patient(&self, vault: &Vault, profile: &Profile) -> Result<Option<RecordRow>> {
        match patients_of(vault, profile.id).await?.as_slice() {
            [] => Ok(None),
            [patient] => Ok(Some(patient.clone())),
            _ => Ok(self.index(vault, profile).await?.owners.patient.clone()),
        }
    }

    /// Which of these records are somebody else's, by their numbers. All the others are read only where there is a Patient
    /// who is somebody else: it depends on them which one stands for the person.
    pub(crate) async fn others_among(
        &self,
        vault: &Vault,
        profile: &Profile,
        rows: &[RecordRow],
    ) -> Result<HashSet<i64>> {
        let patients = patients_of(vault, profile.id).await?;
        let people = people_of(vault, profile.id, &patients).await?;
        let own = Own::new(&patients, &[], &people, &profile.name);
        if own.others {
            return Ok(self.index(vault, profile).await?.others());
        }
        let mut unknown = HashMap::new();
        let owned = rows.iter().zip(whose(rows, &people));
        let others = owned.filter(|(row, named)| own.owner(row, *named, &mut unknown).another().is_some());
        Ok(others.map(|(row, _)| row.id).collect())
    }
}

/// All Patients of a profile.
async fn patients_of(vault: &Vault, profile: ProfileId) -> Result<Vec<RecordRow>> {
    let people = RecordQuery { category: Some(Category::Person), ..RecordQuery::new(profile) };
    Ok(vault.records(&people).await?.into_iter().filter(is_patient).collect())
}

/// Who is who among the Patients of these records, in their order.
pub(crate) async fn people_of(vault: &Vault, profile: ProfileId, rows: &[RecordRow]) -> Result<People> {
    let ids: Vec<i64> = patients(rows).map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(People::default());
    }
    let opened = resources(vault, profile, &ids).await?;
    let nobody = serde_json::Value::Null;
    let all = patients(rows).map(|row| (row.full_url.as_deref(), opened.get(&row.id).unwrap_or(&nobody)));
    Ok(People::new(all))
}

/// Whom each of these records names.
fn whose(rows: &[RecordRow], people: &People) -> Vec<Whose> {
    let one = |row: &RecordRow| match row.index.patient_ref.as_deref() {
        Some(reference) => people.whose(reference, row.full_url.as_deref()),
        None => Whose::Nobody,
    };
    rows.iter().map(one).collect()
}

pub(crate) fn is_patient(row: &RecordRow) -> bool {
    row.index.resource_type == "Patient"
}

fn patients(rows: &[RecordRow]) -> impl Iterator<Item = &RecordRow> {
    rows.iter().filter(|row| is_patient(row))
}
