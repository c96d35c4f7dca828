//! Who is who among the Patients in one person's records.
//!
//! Each source has a Patient of its own for the same person, and one file may hold the records of a whole family. Two
//! Patients are one person where nothing they say contradicts, and their names and birth dates, or an identifier, agree.
//! One that says neither a name nor an identifier (a telephone's) is whoever else the records are of, if its birth date
//! does not contradict.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    json::Json,
    references::{base_of, may_name_a_patient, names, names_of},
};

/// A system whose values are no numbers of people, and so contradict nothing.
const URIS: &str = "urn:ietf:rfc:3986";

/// The Patients of a person's records, sorted into people, and all names by which records refer to them.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// What the Patients say, each with the number of the person it is of; none for one that says nothing.
    patients: Vec<(Said, Option<usize>)>,
    /// Where each came from.
    bases: Vec<Option<String>>,
    names: HashMap<String, Option<usize>>,
}

/// Whom a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// It names nobody.
    Nobody,
    /// The Patient of this position.
    Patient(usize),
    /// It names somebody of whom no Patient is there, or one that several Patients may be.
    Unknown,
}

impl People {
    /// Sorts out the Patients, each with the `fullUrl` it came with. Their order is that of the positions.
    pub fn new<'p>(patients: impl IntoIterator<Item = (Option<&'p str>, &'p Value)>) -> Self {
        let mut people = People::default();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (position, (full_url, patient)) in patients.into_iter().enumerate() {
            for name in names(patient, full_url) {
                people
                    .names
                    .entry(name)
                    .and_modify(|known| *known = known.filter(|known| *known == position))
                    .or_insert(Some(position));
            }
            let said = Said::of(patient);
            let person = (!said.is_anonymous()).then(|| {
                let with = |group: &Vec<usize>| {
                    let mut members = group.iter().filter_map(|at| people.patients.get(*at)).map(|(other, _)| other);
                    members.clone().all(|other| !said.contradicts(other)) && members.any(|other| said.agrees(other))
                };
                match groups.iter().position(with) {
                    Some(group) => group,
                    None => {
                        groups.push(Vec::new());
                        groups.len() - 1
                    }
                }
            });
            if let Some(group) = person.and_then(|person| groups.get_mut(person)) {
                group.push(position);
            }
            people.patients.push((said, person));
            people.bases.push(full_url.and_then(base_of).map(str::to_owned));
        }
        people
    }

    /// Whom a reference means, as a record with that `fullUrl` wrote it
    /// ([`patient_ref`](crate::index::IndexEntry::patient_ref)).
    pub fn whose(&self, reference: &str, full_url: Option<&str>) -> Whose {
        if !may_name_a_patient(reference) {
            return Whose::Nobody;
        }
        let from = base_of(if reference.contains("://") { reference } else { full_url.unwrap_or_default() });
        // Patients of two servers may have one number: by that alone, what came from one server is not of the other's.
        let fits = |name: &String, position: usize| {
            let base = self.bases.get(position).and_then(Option::as_deref);
            !name.starts_with("Patient/") || from.zip(base).is_none_or(|(from, base)| from == base)
        };
        let names = names_of(reference, full_url.and_then(base_of));
        let found = names.iter().find_map(|name| Some((name, *self.names.get(name)?)));
        match found {
            Some((name, Some(position))) if fits(name, position) => Whose::Patient(position),
            _ => Whose::Unknown,
        }
    }

    /// The number of the person that a Patient is of; none for one that does not say who it is.
    pub fn person(&self, position: usize) -> Option<usize> {
        self.patients.get(position).and_then(|(_, person)| *person)
    }

    /// Whether two Patients, by their positions, are one person.
    pub fn same(&self, one: usize, other: usize) -> bool {
        let (Some((a, person)), Some((b, with))) = (self.patients.get(one), self.patients.get(other)) else {
            return false;
        };
        match (person, with) {
            (Some(person), Some(with)) => person == with,
            _ => !a.contradicts(b),
        }
    }

    /// The Patients in whose names every word of this one stands, if all of them are one person.
    pub fn called(&self, name: &str) -> Vec<usize> {
        let wanted = tokens(name);
        let stands_in = |name: &HumanName| wanted.iter().all(|word| name.all.contains(word));
        let is = |(said, _): &&(Said, Option<usize>)| !wanted.is_empty() && said.names.iter().any(stands_in);
        let found = self.patients.iter().enumerate().filter(|(_, patient)| is(patient));
        let found: Vec<usize> = found.map(|(position, _)| position).collect();
        let one = found.iter().all(|position| found.first().is_some_and(|first| self.same(*first, *position)));
        if one { found } else { Vec::new() }
    }
}

/// What a Patient says of who it is.
#[derive(Debug, Clone, Default)]
struct Said {
    names: Vec<HumanName>,
    born: Option<String>,
    identifiers: Vec<(String, String)>,
}

impl Said {
    fn of(patient: &Value) -> Self {
        let identifiers = patient.each("identifier").iter().filter_map(|identifier| {
            let (system, value) = (identifier.text_at(&["system"])?, identifier.text_at(&["value"])?);
            Some((system.to_owned(), value.to_owned()))
        });
        Said {
            names: patient.each("name").iter().map(HumanName::of).filter(|name| !name.all.is_empty()).collect(),
            born: patient.text_at(&["birthDate"]).map(str::to_owned),
            identifiers: identifiers.collect(),
        }
    }

    fn is_anonymous(&self) -> bool {
        self.names.is_empty() && self.identifiers.is_empty()
    }

    fn contradicts(&self, other: &Self) -> bool {
        let born = self.born.as_deref().zip(other.born.as_deref());
        let numbers = self.identifiers.iter().filter(|(system, _)| system != URIS).any(|(system, _)| {
            let of = |said: &Self| -> Vec<String> {
                said.identifiers.iter().filter(|(of, _)| of == system).map(|(_, value)| value.clone()).collect()
            };
            let theirs = of(other);
            !theirs.is_empty() && !of(self).iter().any(|value| theirs.contains(value))
        });
        // Somebody who married has another name, and is called as before.
        let named = !self.names.is_empty() && !other.names.is_empty();
        let called = |one: &HumanName| other.names.iter().any(|name| one.is(name) || one.is_called_as(name));
        born.is_some_and(|(one, other)| !one.starts_with(other) && !other.starts_with(one))
            || numbers
            || (named && !self.names.iter().any(called))
    }

    fn agrees(&self, other: &Self) -> bool {
        let names = self.names.iter().any(|one| other.names.iter().any(|name| one.is(name)));
        let born = self.born.is_some() && other.born.is_some();
        // Where the birth dates are both there, they do not contradict.
        (names && born) || self.identifiers.iter().any(|identifier| other.identifiers.contains(identifier))
    }
}

/// A name, by its words in lower case.
#[derive(Debug, Clone)]
struct HumanName {
    /// The first given name, where it is said which it is.
    given: Option<String>,
    all: Vec<String>,
}

impl HumanName {
    fn of(name: &Value) -> Self {
        let given: Vec<String> = name.each("given").iter().filter_map(Json::text).flat_map(tokens).collect();
        let mut all = given.clone();
        all.extend(name.text_at(&["family"]).into_iter().flat_map(tokens));
        if all.is_empty() {
            all.extend(name.text_at(&["text"]).into_iter().flat_map(tokens));
        }
        HumanName { given: given.into_iter().next(), all }
    }

    /// Whether both may be one name: every word of the shorter stands in the longer, be it as an initial.
    fn is(&self, other: &Self) -> bool {
        let (short, long) = if self.all.len() <= other.all.len() { (self, other) } else { (other, self) };
        let enough = short.all.len() >= 2 || short.all.len() == long.all.len();
        enough && short.all.iter().all(|word| long.all.iter().any(|other| may_be(word, other)))
    }

    /// Whether both say the same first given name.
    fn is_called_as(&self, other: &Self) -> bool {
        match (&self.given, &other.given) {
            (Some(one), Some(other)) => may_be(one, other),
            _ => false,
        }
    }
}

fn may_be(one: &str, other: &str) -> bool {
    let initial = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    one == other || initial(one, other) || initial(other, one)
}

fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn person(id: &str, given: &str, born: &str, number: Option<&str>) -> Value {
        let numbers: Vec<Value> = number.iter().map(|value| json!({"system": "urn:mrn", "value": value})).collect();
        json!({"resourceType": "Patient", "id": id, "identifier": numbers, "birthDate": born,
            "name": [{"family": "Alm", "given": [given]}]})
    }

    fn same(one: &Value, other: &Value) -> bool {
        People::new([(None, one), (None, other)]).same(0, 1)
    }

    #[test]
    fn one_person_at_two_hospitals_is_one() {
        let eva = person("1", "Eva", "1950-02-03", Some("7"));
        assert!(same(&eva, &person("2", "Eva Maria", "1950-02-03", None)));
        assert!(same(&eva, &person("2", "E.", "1950-02", None)));
        assert!(same(
            &eva,
            &json!({"resourceType": "Patient", "name": [{"text": "EVA ALM"}], "birthDate": "1950-02-03"})
        ));
        // Married: another name, the same number.
        let married = json!({"resourceType": "Patient", "name": [{"family": "Berg", "given": ["Eva"]}],
            "identifier": [{"system": "urn:mrn", "value": "7"}]});
        assert!(same(&eva, &married));
        // A telephone knows no name.
        assert!(same(&eva, &json!({"resourceType": "Patient", "birthDate": "1950-02-03"})));
    }

    #[test]
    fn a_family_is_several_people() {
        let eva = person("1", "Eva", "1950-02-03", Some("7"));
        assert!(!same(&eva, &person("2", "Leo", "1950-02-03", None)), "a twin");
        assert!(!same(&eva, &person("2", "Eva", "1980-02-03", None)), "a daughter of that name");
        assert!(!same(&eva, &person("2", "Eva", "1950-02-03", Some("8"))), "two numbers of one hospital");
        assert!(!same(&eva, &json!({"resourceType": "Patient", "name": [{"family": "Alm", "given": ["Eva"]}]})));
        assert!(!same(&eva, &json!({"resourceType": "Patient", "birthDate": "2016-05-05"})));
    }

    #[test]
    fn every_way_of_naming_a_patient_finds_it() {
        let (mother, child) = (person("m", "Eva", "1980-01-01", None), person("c", "Leo", "2016-05-05", Some("C")));
        let people = People::new([(Some("https://a/fhir/Patient/m"), &mother), (None, &child)]);
        let child = Whose::Patient(1);
        assert_eq!(people.whose("Patient/c", None), child);
        assert_eq!(people.whose("Patient/c/_history/2", None), child);
        assert_eq!(people.whose("https://b/fhir/Patient/c", None), child);
        assert_eq!(people.whose("Patient?identifier=urn:mrn|C", None), child);
        assert_eq!(people.whose("Patient/m", Some("https://a/fhir/Condition/1")), Whose::Patient(0));
        assert_eq!(people.whose("Patient/other", None), Whose::Unknown);
        assert_eq!(people.whose("Patient/m", Some("https://b/fhir/Condition/1")), Whose::Unknown, "another server's");
        assert_eq!(people.whose("Group/c", None), Whose::Nobody);
        assert_eq!(people.called("eva alm"), [0]);
        assert_eq!(people.called("Leo"), [1]);
        assert_eq!(people.called(""), [0; 0]);
        assert_eq!(people.called("Alm"), [0; 0]);
    }
}
