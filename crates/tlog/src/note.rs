//! Signed notes: text with signature lines below it ([c2sp.org/signed-note](https://c2sp.org/signed-note)).
//!
//! Two signature types are known: [`Algorithm::Ed25519`] (`0x01`) over the text as it stands, and
//! [`Algorithm::CosignatureV1`] (`0x04`), a witness's timestamped statement about a checkpoint
//! ([c2sp.org/tlog-cosignature](https://c2sp.org/tlog-cosignature)). Lines of other types are kept and ignored.

mod key;

pub use key::{Algorithm, SignerKey, VerifierKey};

use crate::encoding::{from_base64, to_base64};
use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// The longest note that is read, in bytes.
pub const MAX_NOTE_BYTES: usize = 512 * 1024;
/// The most signatures a note may have. The specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// A text and the lines below it that claim to sign it. Nothing is verified until [`SignedNote::verify`] was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

/// A signature that was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedSignature<'k> {
    /// The key that signed.
    pub key: &'k VerifierKey,
    /// When, in Unix seconds, if the signature type says so.
    pub time: Option<u64>,
}

impl SignedNote {
    /// Signs a text with an [`Algorithm::Ed25519`] key.
    ///
    /// # Errors
    /// [`Error::Note`] if the text cannot be a note's text, [`Error::Algorithm`] if the key is of another type.
    pub fn sign(text: &str, signer: &SignerKey) -> Result<Self> {
        check_text(text)?;
        let line = signer.sign_text(text)?;
        Ok(Self { text: text.to_owned(), signatures: vec![line] })
    }

    /// The text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in order, verified or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line, as a witness answers it. A line of the same key and name is replaced.
    ///
    /// # Errors
    /// [`Error::Note`] if there would be more than [`MAX_SIGNATURES`].
    pub fn add(&mut self, signature: NoteSignature) -> Result<()> {
        self.signatures.retain(|old| (&old.name, old.key_id) != (&signature.name, signature.key_id));
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(Error::Note("it has too many signatures"));
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Verifies every signature of a known key, and returns them in the order of their lines.
    ///
    /// Lines of unknown keys are ignored. The text must be ignored unless this succeeds.
    ///
    /// # Errors
    /// [`Error::FalseSignature`] if one signature of a known key is false; [`Error::NoKnownSignature`] if no known key
    /// signed.
    pub fn verify<'k>(&self, known: impl IntoIterator<Item = &'k VerifierKey>) -> Result<Vec<VerifiedSignature<'k>>> {
        let known: Vec<_> = known.into_iter().collect();
        let mut verified = Vec::new();
        for line in &self.signatures {
            for key in known.iter().filter(|key| key.made(line)) {
                let time = key.verify(&self.text, &line.signature)?;
                verified.push(VerifiedSignature { key, time });
            }
        }
        if verified.is_empty() { Err(Error::NoKnownSignature) } else { Ok(verified) }
    }
}

impl FromStr for SignedNote {
    type Err = Error;

    /// Reads a note of at most [`MAX_NOTE_BYTES`] with 1 to [`MAX_SIGNATURES`] signature lines.
    fn from_str(note: &str) -> Result<Self> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(Error::Note("it is too long"));
        }
        let gap = note.rfind("\n\n").ok_or(Error::Note("it has no blank line before its signatures"))?;
        let (text, rest) = note.split_at(gap + 1);
        check_text(text)?;
        let lines = rest.strip_prefix('\n').unwrap_or(rest);
        let lines = lines.strip_suffix('\n').ok_or(Error::Note("its last line does not end"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() >= MAX_SIGNATURES {
                return Err(Error::Note("it has too many signatures"));
            }
            signatures.push(line.parse()?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl NoteSignature {
    pub(crate) fn new(name: &str, key_id: [u8; 4], signature: Vec<u8>) -> Self {
        Self { name: name.to_owned(), key_id, signature }
    }

    /// The name of the key that claims to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The identifier of that key.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// The signature after the key's identifier, as its type lays it out.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

impl FromStr for NoteSignature {
    type Err = Error;

    /// Reads one line, without its newline.
    fn from_str(line: &str) -> Result<Self> {
        let line = line.strip_prefix("— ").ok_or(Error::Note("a signature line does not begin with a dash"))?;
        let (name, signature) = line.split_once(' ').ok_or(Error::Note("a signature line has no signature"))?;
        check_name(name).map_err(Error::Note)?;
        let bytes = from_base64(signature).ok_or(Error::Note("a signature is not canonical Base 64"))?;
        match bytes.split_first_chunk::<4>() {
            Some((key_id, signature)) if !signature.is_empty() => Ok(Self::new(name, *key_id, signature.to_vec())),
            _ => Err(Error::Note("a signature is too short")),
        }
    }
}

impl fmt::Display for NoteSignature {
    /// The line, without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "— {} {}", self.name, to_base64(&[&self.key_id[..], &self.signature].concat()))
    }
}

/// A note's text ends in a newline and holds no other control character.
fn check_text(text: &str) -> Result<()> {
    if text.len() > MAX_NOTE_BYTES {
        return Err(Error::Note("it is too long"));
    }
    if !text.ends_with('\n') {
        return Err(Error::Note("its text does not end with a newline"));
    }
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(Error::Note("its text holds a control character"));
    }
    Ok(())
}

/// A key's name is not empty and holds no Unicode space, no plus and, as it stands in notes, no control character.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("a key's name is empty");
    }
    if name.chars().any(|c| c.is_whitespace() || c.is_ascii_control() || c == '+') {
        return Err("a key's name holds a space, a plus or a control character");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
