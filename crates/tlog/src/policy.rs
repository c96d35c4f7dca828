//! Whom to believe: logs, witnesses and their quorum ([c2sp.org/tlog-policy](https://c2sp.org/tlog-policy)).

mod parse;

use crate::checkpoint::Checkpoint;
use crate::note::{SignedNote, VerifierKey};
use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// The longest policy that is read, in bytes.
pub const MAX_POLICY_BYTES: usize = 256 * 1024;
/// The most logs, the most witnesses and the most groups a policy may name. The specification asks for at least 32.
pub const MAX_POLICY_ITEMS: usize = 256;

/// Which logs and witnesses are known, and which of the witnesses must have signed.
///
/// Names and URLs are UTF-8 here, where the specification allows any octets above ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Option<Voter>,
}

/// A log whose checkpoints are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its key, whose name is the log's origin.
    pub key: VerifierKey,
    /// Where it is, if the policy says so.
    pub url: Option<String>,
}

/// A witness whose cosignatures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What the policy calls it; this name has no meaning elsewhere.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it is, if the policy says so.
    pub url: Option<String>,
}

/// So many of these must have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: Threshold,
    members: Vec<Voter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Threshold {
    All,
    Any,
    AtLeast(usize),
}

/// A witness or a group, by its place in the policy's list; a group names only what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voter {
    Witness(usize),
    Group(usize),
}

/// A checkpoint that a policy accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    /// The head.
    pub checkpoint: Checkpoint,
    /// Which of the policy's witnesses signed it, and when each says it did, in Unix seconds.
    pub witness_times: Vec<(String, u64)>,
    time: Option<u64>,
}

impl VerifiedCheckpoint {
    /// The latest time, in Unix seconds, for which the signed times of a whole quorum vouch: at that moment this was
    /// still the newest head they knew. If the policy's quorum is `none`, the latest time of any witness it names.
    pub fn time(&self) -> Option<u64> {
        self.time
    }
}

impl Policy {
    /// Reads a policy of at most [`MAX_POLICY_BYTES`].
    ///
    /// # Errors
    /// [`Error::Policy`].
    pub fn parse(text: &str) -> Result<Self> {
        parse::parse(text)
    }

    /// The logs, in order.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The witnesses, in order.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Verifies a signed checkpoint: one of the policy's logs of that origin signed it, its quorum of witnesses did
    /// too, and no signature of a key the policy names is false.
    ///
    /// # Errors
    /// [`Error::Note`] or [`Error::Checkpoint`] if it is malformed, [`Error::UnknownLog`], [`Error::FalseSignature`],
    /// [`Error::NoKnownSignature`] if the log itself did not sign, [`Error::NoQuorum`].
    pub fn verify(&self, note: &str) -> Result<VerifiedCheckpoint> {
        let note: SignedNote = note.parse()?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let mut logs = self.logs.iter().map(|log| &log.key).filter(|key| key.name() == checkpoint.origin).peekable();
        if logs.peek().is_none() {
            return Err(Error::UnknownLog);
        }
        note.verify(logs)?;
        let times: Vec<Option<u64>> =
            self.witnesses.iter().map(|witness| cosigned(&note, &witness.key)).collect::<Result<_>>()?;
        let time = self.quorum_time(&times)?;
        let names = self.witnesses.iter().map(|witness| witness.name.clone());
        let witness_times = names.zip(&times).filter_map(|(name, time)| Some((name, (*time)?))).collect();
        Ok(VerifiedCheckpoint { checkpoint, witness_times, time })
    }

    /// The latest time for which the quorum vouches: of an `n`-of-`m` group the `n`-th latest of its members.
    fn quorum_time(&self, witnesses: &[Option<u64>]) -> Result<Option<u64>> {
        let Some(quorum) = self.quorum else {
            return Ok(witnesses.iter().copied().flatten().max());
        };
        let mut groups: Vec<Option<u64>> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let mut times: Vec<u64> =
                group.members.iter().filter_map(|voter| time_of(*voter, witnesses, &groups)).collect();
            times.sort_unstable_by(|a, b| b.cmp(a));
            groups.push(times.get(group.needed() - 1).copied());
        }
        time_of(quorum, witnesses, &groups).map(Some).ok_or(Error::NoQuorum)
    }

    fn name_of(&self, voter: Voter) -> &str {
        let name = match voter {
            Voter::Witness(place) => self.witnesses.get(place).map(|witness| &witness.name),
            Voter::Group(place) => self.groups.get(place).map(|group| &group.name),
        };
        name.map_or("", String::as_str)
    }
}

impl Group {
    /// How many members must have signed: at least 1, as the parser has seen to.
    fn needed(&self) -> usize {
        match self.threshold {
            Threshold::All => self.members.len(),
            Threshold::Any => 1,
            Threshold::AtLeast(count) => count,
        }
    }
}

fn time_of(voter: Voter, witnesses: &[Option<u64>], groups: &[Option<u64>]) -> Option<u64> {
    match voter {
        Voter::Witness(place) => *witnesses.get(place)?,
        Voter::Group(place) => *groups.get(place)?,
    }
}

/// The latest time at which this key signed the note, if it did.
fn cosigned(note: &SignedNote, key: &VerifierKey) -> Result<Option<u64>> {
    match note.verify([key]) {
        Ok(signatures) => Ok(signatures.iter().filter_map(|signature| signature.time).max()),
        Err(Error::NoKnownSignature) => Ok(None),
        Err(error) => Err(error),
    }
}

impl FromStr for Policy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Policy {
    /// The policy in a form that [`Policy::parse`] reads back as the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Option<String>| url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, url(&log.url))?;
        }
        for witness in &self.witnesses {
            writeln!(f, "witness {} {}{}", witness.name, witness.key, url(&witness.url))?;
        }
        for group in &self.groups {
            write!(f, "group {} ", group.name)?;
            match group.threshold {
                Threshold::All => f.write_str("all")?,
                Threshold::Any => f.write_str("any")?,
                Threshold::AtLeast(count) => write!(f, "{count}")?,
            }
            group.members.iter().try_for_each(|voter| write!(f, " {}", self.name_of(*voter)))?;
            writeln!(f)?;
        }
        writeln!(f, "quorum {}", self.quorum.map_or("none", |voter| self.name_of(voter)))
    }
}

#[cfg(test)]
mod tests;
