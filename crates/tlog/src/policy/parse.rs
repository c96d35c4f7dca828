//! Reading a policy, line by line.

use super::{Group, Log, MAX_POLICY_BYTES, MAX_POLICY_ITEMS, Policy, Threshold, Voter, Witness};
use crate::encoding::from_decimal;
use crate::note::{Algorithm, VerifierKey};
use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn parse(text: &str) -> Result<Policy> {
    if text.len() > MAX_POLICY_BYTES {
        return Err(Error::Policy(0, "it is too long"));
    }
    let mut reading = Reading::default();
    for (number, line) in (1..).zip(text.split('\n')) {
        reading.line(line).map_err(|rule| Error::Policy(number, rule))?;
    }
    let quorum = reading.quorum.ok_or(Error::Policy(0, "it has no quorum line"))?;
    Ok(Policy { logs: reading.logs, witnesses: reading.witnesses, groups: reading.groups, quorum })
}

/// What the lines so far have said.
#[derive(Default)]
struct Reading {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// The outer `None`: no quorum line yet.
    quorum: Option<Option<Voter>>,
    names: BTreeMap<String, Voter>,
    /// Names that are members of a group already.
    taken: BTreeSet<String>,
}

impl Reading {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if line.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
            return Err("it holds a control character");
        }
        let mut items = line.split([' ', '\t']).filter(|item| !item.is_empty());
        let Some(keyword) = items.next() else { return Ok(()) };
        if keyword.starts_with('#') {
            return Ok(());
        }
        let items: Vec<&str> = items.collect();
        match (keyword, items.as_slice()) {
            ("log", [key]) => self.log(key, None),
            ("log", [key, url]) => self.log(key, Some(url)),
            ("witness", [name, key]) => self.witness(name, key, None),
            ("witness", [name, key, url]) => self.witness(name, key, Some(url)),
            ("group", [name, threshold, members @ ..]) => self.group(name, threshold, members),
            ("quorum", [name]) => self.quorum(name),
            ("log" | "witness" | "group" | "quorum", _) => Err("it has too few or too many items"),
            _ => Err("it begins with an unknown word"),
        }
    }

    fn log(&mut self, key: &str, url: Option<&&str>) -> Result<(), &'static str> {
        let key = vkey(key, Algorithm::Ed25519, "the key of a log is not of type 01")?;
        if self.logs.iter().any(|log| log.key.public_key() == key.public_key()) {
            return Err("its key is that of another log");
        }
        room(&self.logs)?;
        self.logs.push(Log { key, url: url.map(ToString::to_string) });
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&&str>) -> Result<(), &'static str> {
        let key = vkey(key, Algorithm::CosignatureV1, "the key of a witness is not of type 04")?;
        if self.witnesses.iter().any(|witness| witness.key.public_key() == key.public_key()) {
            return Err("its key is that of another witness");
        }
        room(&self.witnesses)?;
        self.define(name, Voter::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness { name: name.to_owned(), key, url: url.map(ToString::to_string) });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, names: &[&str]) -> Result<(), &'static str> {
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            members.push(self.voter(member)?);
            if !self.taken.insert((*member).to_owned()) {
                return Err("a member is in a group already");
            }
        }
        if members.is_empty() {
            return Err("the group has no members");
        }
        let threshold = match threshold {
            "all" => Threshold::All,
            "any" => Threshold::Any,
            count => {
                let count = from_decimal(count).and_then(|count| usize::try_from(count).ok());
                let count = count.filter(|count| (1..=members.len()).contains(count));
                Threshold::AtLeast(count.ok_or("the threshold is not 1 to the number of members")?)
            }
        };
        room(&self.groups)?;
        self.define(name, Voter::Group(self.groups.len()))?;
        self.groups.push(Group { name: name.to_owned(), threshold, members });
        Ok(())
    }

    fn quorum(&mut self, name: &str) -> Result<(), &'static str> {
        if self.quorum.is_some() {
            return Err("there is a quorum line already");
        }
        self.quorum = Some(if name == "none" { None } else { Some(self.voter(name)?) });
        Ok(())
    }

    fn define(&mut self, name: &str, voter: Voter) -> Result<(), &'static str> {
        if name == "none" {
            return Err("the name none is reserved");
        }
        match self.names.insert(name.to_owned(), voter) {
            None => Ok(()),
            Some(_) => Err("its name is defined already"),
        }
    }

    fn voter(&self, name: &str) -> Result<Voter, &'static str> {
        self.names.get(name).copied().ok_or("it uses a name that no line before it defines")
    }
}

fn vkey(text: &str, algorithm: Algorithm, rule: &'static str) -> Result<VerifierKey, &'static str> {
    let key: VerifierKey = text.parse().map_err(|_| "its key is malformed or of an unknown type")?;
    if key.algorithm() == algorithm { Ok(key) } else { Err(rule) }
}

fn room<T>(items: &[T]) -> Result<(), &'static str> {
    if items.len() < MAX_POLICY_ITEMS { Ok(()) } else { Err("there are too many lines of this kind") }
}
