//! The keys of notes: verifier keys as text ("vkey"), signer keys as secrets.

use super::{NoteSignature, check_name};
use crate::encoding::{from_base64, to_base64};
use crate::{Error, Result};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The signature types that this crate makes and verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Algorithm {
    /// `0x01`: Ed25519 over the note's text; the type of a log's own signature.
    Ed25519 = 0x01,
    /// `0x04`: Ed25519 over `cosignature/v1`, a time and a checkpoint; the type of a witness's signature.
    CosignatureV1 = 0x04,
}

/// A public key with its name. Its text form is a *vkey*: `name+hex(key ID)+base64(type ‖ public key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// Makes a verifier key from the 32 bytes of an Ed25519 public key (RFC 8032).
    ///
    /// # Errors
    /// [`Error::Key`] if the name or the point is not acceptable. Points of small order are not.
    pub fn new(name: &str, algorithm: Algorithm, public_key: &[u8; 32]) -> Result<Self> {
        check_name(name).map_err(Error::Key)?;
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| Error::Key("its point is not on the curve"))?;
        if key.is_weak() {
            return Err(Error::Key("its point is of small order"));
        }
        Ok(Self { name: name.to_owned(), algorithm, id: key_id(name, algorithm, public_key), key })
    }

    /// The key's name: for a log its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its identifier in signature lines: the first four bytes of `SHA-256(name ‖ 0x0A ‖ type ‖ public key)`.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The 32 bytes of the public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Whether a signature line claims to be of this key.
    pub(crate) fn made(&self, line: &NoteSignature) -> bool {
        line.key_id() == self.id && line.name() == self.name
    }

    /// Verifies the bytes of a signature line over a note's text; the time is what the signature states, if it does.
    pub(crate) fn verify(&self, text: &str, signature: &[u8]) -> Result<Option<u64>> {
        let (message, signature, time) = match self.algorithm {
            Algorithm::Ed25519 => (text.to_owned(), signature, None),
            Algorithm::CosignatureV1 => {
                let (time, signature) = signature.split_first_chunk::<8>().ok_or(Error::FalseSignature)?;
                let time = u64::from_be_bytes(*time);
                (cosigned_message(text, time).map_err(|_| Error::FalseSignature)?, signature, Some(time))
            }
        };
        let signature = Signature::from_slice(signature).map_err(|_| Error::FalseSignature)?;
        self.key.verify_strict(message.as_bytes(), &signature).map_err(|_| Error::FalseSignature)?;
        Ok(time)
    }
}

impl FromStr for VerifierKey {
    type Err = Error;

    fn from_str(vkey: &str) -> Result<Self> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::Key("it does not have three parts"));
        };
        let bytes = from_base64(key).ok_or(Error::Key("its last part is not canonical Base 64"))?;
        let (algorithm, public_key) = match bytes.split_first() {
            Some((0x01, public_key)) => (Algorithm::Ed25519, public_key),
            Some((0x04, public_key)) => (Algorithm::CosignatureV1, public_key),
            _ => return Err(Error::Key("its signature type is not one this software knows")),
        };
        let public_key = public_key.try_into().map_err(|_| Error::Key("its public key does not have 32 bytes"))?;
        let key = Self::new(name, algorithm, public_key)?;
        if id != to_hex(key.id) {
            return Err(Error::Key("its identifier does not belong to it"));
        }
        Ok(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.algorithm as u8];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, to_hex(self.id), to_base64(&bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// A secret key with its name. It is wiped when dropped, and never shown.
pub struct SignerKey {
    verifier: VerifierKey,
    key: SigningKey,
}

impl SignerKey {
    /// Makes a signer key from the 32 secret bytes of an Ed25519 key (RFC 8032).
    ///
    /// Use one seed for one name and one type only: a cosignature does not name its cosigner.
    ///
    /// # Errors
    /// [`Error::Key`] if the name is not acceptable.
    pub fn from_seed(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self> {
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, algorithm, key.verifying_key().as_bytes())?;
        Ok(Self { verifier, key })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(super) fn sign_text(&self, text: &str) -> Result<NoteSignature> {
        if self.verifier.algorithm != Algorithm::Ed25519 {
            return Err(Error::Algorithm("a note is signed by a key of type 01"));
        }
        Ok(self.line(self.key.sign(text.as_bytes()).to_vec()))
    }

    pub(crate) fn cosign_text(&self, text: &str, time: u64) -> Result<NoteSignature> {
        if self.verifier.algorithm != Algorithm::CosignatureV1 {
            return Err(Error::Algorithm("a checkpoint is cosigned by a key of type 04"));
        }
        let signature = self.key.sign(cosigned_message(text, time)?.as_bytes()).to_bytes();
        Ok(self.line([&time.to_be_bytes()[..], &signature].concat()))
    }

    fn line(&self, signature: Vec<u8>) -> NoteSignature {
        NoteSignature::new(&self.verifier.name, self.verifier.id, signature)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}, …)", self.verifier.name)
    }
}

/// What a witness signs (tlog-cosignature, "Ed25519 signed message").
fn cosigned_message(text: &str, time: u64) -> Result<String> {
    if i64::try_from(time).is_err() {
        return Err(Error::Note("the time of a cosignature is out of range"));
    }
    Ok(format!("cosignature/v1\ntime {time}\n{text}"))
}

fn key_id(name: &str, algorithm: Algorithm, public_key: &[u8; 32]) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', algorithm as u8])
        .chain_update(public_key)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

fn to_hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}
