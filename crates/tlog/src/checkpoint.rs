//! Checkpoints: the signed head of a log ([c2sp.org/tlog-checkpoint](https://c2sp.org/tlog-checkpoint)).

use crate::encoding::from_decimal;
use crate::note::{SignedNote, SignerKey};
use crate::{Error, Hash, Result, empty_root};
use std::str::FromStr;

/// The longest origin that is accepted, in bytes.
pub const MAX_ORIGIN_BYTES: usize = 1024;

/// The head of a log: what its signed note says.
///
/// Exactly the three lines origin, size and root. Extension lines, which the specification advises against because no
/// monitor can audit them, are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, e.g. `example.com/log42`.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads a note's text.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if it is not exactly three well-formed lines, or if size 0 comes with a root that is not
    /// [`empty_root`].
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text.strip_suffix('\n').ok_or(Error::Checkpoint("its last line does not end"))?.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(Error::Checkpoint("it does not have exactly three lines"));
        };
        let size = from_decimal(size).ok_or(Error::Checkpoint("its size is not a decimal number"))?;
        let root = Hash::from_base64(root).ok_or(Error::Checkpoint("its root is not a hash in canonical Base 64"))?;
        let checkpoint = Self { origin: origin.to_owned(), size, root };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    /// The note's text: three lines, each with its newline.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    fn check(&self) -> Result<()> {
        if self.origin.is_empty() || self.origin.len() > MAX_ORIGIN_BYTES || self.origin.chars().any(char::is_control) {
            return Err(Error::Checkpoint("its origin is empty, too long or holds a control character"));
        }
        if self.size == 0 && self.root != empty_root() {
            return Err(Error::Checkpoint("it has a root but no entries"));
        }
        Ok(())
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// Signs a checkpoint with the log's own key, whose name must be the origin; gives the signed note.
///
/// A log must never sign two heads of which one does not extend the other.
///
/// # Errors
/// [`Error::Checkpoint`] if the head is malformed or the key is of another log, [`Error::Algorithm`] if the key is not
/// of type 01.
pub fn sign_checkpoint(checkpoint: &Checkpoint, signer: &SignerKey) -> Result<String> {
    checkpoint.check()?;
    if signer.verifier().name() != checkpoint.origin {
        return Err(Error::Checkpoint("its origin is not the name of the key"));
    }
    Ok(SignedNote::sign(&checkpoint.to_text(), signer)?.to_string())
}

/// Makes a witness's signature line for a signed checkpoint, with its newline, to be appended to the note
/// ([c2sp.org/tlog-cosignature](https://c2sp.org/tlog-cosignature), Ed25519).
///
/// It states that at `time` (Unix seconds) this was the largest head of this log that the cosigner knows, consistent
/// with all those before. The caller has verified the log's signature and that consistency; this function has not.
///
/// # Errors
/// [`Error::Note`] or [`Error::Checkpoint`] if it is not a signed checkpoint, [`Error::Algorithm`] if the key is not of
/// type 04.
pub fn cosign(note: &str, cosigner: &SignerKey, time: u64) -> Result<String> {
    let note: SignedNote = note.parse()?;
    Checkpoint::parse(note.text())?;
    Ok(format!("{}\n", cosigner.cosign_text(note.text(), time)?))
}
