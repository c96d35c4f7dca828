//! Proofs as files that verify without a network ([c2sp.org/tlog-proof](https://c2sp.org/tlog-proof)).

use super::{MAX_PROOF_HASHES, verify_inclusion};
use crate::checkpoint::Checkpoint;
use crate::encoding::{from_base64, from_decimal, to_base64};
use crate::note::{MAX_NOTE_BYTES, SignedNote};
use crate::policy::Policy;
use crate::{Error, Hash, Result};
use std::fmt;
use std::str::FromStr;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// The longest extra data that is read, in bytes.
pub const MAX_EXTRA_BYTES: usize = 64 * 1024;

/// A proof that an entry is in a log, with the signed checkpoint it leads to: the contents of a `.tlog-proof` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data for the application, which no signature covers; at most [`MAX_EXTRA_BYTES`].
    pub extra: Option<Vec<u8>>,
    /// The entry's place in the log, from 0.
    pub index: u64,
    /// The inclusion proof, from the leaf's sibling up.
    pub hashes: Vec<Hash>,
    /// The signed note of the checkpoint, verbatim.
    pub checkpoint: String,
}

/// What a proof proved, under a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The log.
    pub origin: String,
    /// The entry's place in it.
    pub index: u64,
    /// How many entries the log had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When the policy's witnesses vouched for that head, in Unix seconds; see
    /// [`VerifiedCheckpoint::time`](crate::policy::VerifiedCheckpoint::time).
    pub time: Option<u64>,
}

impl TlogProof {
    /// Reads a proof file. It is well-formed then, and not yet verified.
    ///
    /// # Errors
    /// [`Error::Proof`] if it is malformed, [`Error::Note`] or [`Error::Checkpoint`] if what it carries below is not a
    /// signed checkpoint.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES {
            return Err(Error::Proof("it is too long"));
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(Error::Proof("it has no blank line"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(Error::Proof("it does not begin as one"));
        }
        let mut line = lines.next();
        let mut extra = None;
        if let Some(text) = line.and_then(|line| line.strip_prefix("extra ")) {
            let bytes = from_base64(text).ok_or(Error::Proof("its extra data is not canonical Base 64"))?;
            if bytes.len() > MAX_EXTRA_BYTES {
                return Err(Error::Proof("its extra data is too long"));
            }
            extra = Some(bytes);
            line = lines.next();
        }
        let index = line.and_then(|line| line.strip_prefix("index ")).and_then(from_decimal);
        let index = index.ok_or(Error::Proof("it has no index"))?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() >= MAX_PROOF_HASHES {
                return Err(Error::Proof("it has too many hashes"));
            }
            hashes.push(Hash::from_base64(line).ok_or(Error::Proof("a hash is not one in canonical Base 64"))?);
        }
        let note: SignedNote = checkpoint.parse()?;
        Checkpoint::parse(note.text())?;
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// Verifies the checkpoint under the policy and that the leaf stands in it at the stated index.
    ///
    /// # Errors
    /// Those of [`Policy::verify`]; [`Error::OutOfRange`] or [`Error::FalseProof`] if the leaf is not there.
    pub fn verify(&self, policy: &Policy, leaf: &Hash) -> Result<Verified> {
        let head = policy.verify(&self.checkpoint)?;
        let time = head.time();
        let Checkpoint { origin, size, root } = head.checkpoint;
        verify_inclusion(leaf, self.index, size, &self.hashes, &root)?;
        Ok(Verified { origin, index: self.index, size, root, time })
    }
}

impl FromStr for TlogProof {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
