//! The encryption of a link's files: JWE compact serialisation, `dir` and `A256GCM`.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Encrypting and Decrypting Files"; RFC 7516 (JWE) section 7.1,
//! RFC 7518 (JWA) sections 4.5 and 5.3, RFC 1951 (DEFLATE).
//!
//! One key encrypts all files of a link and all their later versions, so an IV must never occur twice: take twelve
//! fresh random bytes for each call of [`encrypt`].

#[cfg(test)]
mod tests;

use crate::inflate::{Broken, inflate};
use crate::{ContentKey, Error, Result, base64url};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// What came out of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Plaintext {
    /// The content type that was encrypted with it (`cty`), if one was.
    pub content_type: Option<String>,
    /// The content.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Plaintext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plaintext({} bytes)", self.bytes.len())
    }
}

/// Encrypts one file.
///
/// `iv` is twelve fresh random bytes; `content_type` becomes the header's `cty`, for FHIR
/// [`crate::manifest::FHIR_JSON`]. Nothing is compressed: there are readers that cannot undo it. The result is the
/// compact serialisation, to be served as `application/jose`.
///
/// # Panics
/// For a content of 64 GiB or more, which AES-GCM cannot encrypt.
pub fn encrypt(key: &ContentKey, iv: [u8; 12], content_type: &str, plaintext: &[u8]) -> String {
    let header = Header { alg: "dir", enc: "A256GCM", cty: content_type };
    let header = base64url::encode(&header.to_json());
    let payload = Payload { msg: plaintext, aad: header.as_bytes() };
    #[allow(clippy::expect_used)] // AES-GCM has no other error than the one under "Panics".
    let sealed = cipher(key).encrypt(&Nonce::from(iv), payload).expect("content of less than 64 GiB");
    let (ciphertext, tag) = sealed.split_at(sealed.len().saturating_sub(TAG_BYTES));
    format!("{header}..{}.{}.{}", base64url::encode(&iv), base64url::encode(ciphertext), base64url::encode(tag))
}

/// Decrypts one file.
///
/// `max_plaintext` bounds the content in bytes, before and after decompression; memory is spent only within it.
/// White space around `compact` and padding in its parts are passed over; `zip: DEF` is undone.
///
/// # Errors
/// [`Error::JweMalformed`], [`Error::JweUnsupported`] for another algorithm or a critical header, [`Error::TooLarge`],
/// [`Error::WrongKey`] where the file names its key and it is another one, [`Error::Unauthentic`], [`Error::Inflate`].
pub fn decrypt(key: &ContentKey, compact: &str, max_plaintext: usize) -> Result<Plaintext> {
    let parts = Parts::split(compact.trim_ascii())?;
    let header = parts.read_header()?;
    let compressed = header.check_supported()?;
    if base64url_len(parts.ciphertext) > max_plaintext {
        return Err(Error::TooLarge { limit: max_plaintext });
    }
    let iv = parts.iv()?;
    let mut sealed = base64url::decode(parts.ciphertext, Error::JweMalformed)?;
    let tag = base64url::decode(parts.tag, Error::JweMalformed)?;
    if tag.len() != TAG_BYTES {
        return Err(Error::JweUnsupported);
    }
    sealed.extend_from_slice(&tag);
    // The additional data are the header's characters as received (RFC 7516, section 5.2 step 14).
    let payload = Payload { msg: &sealed, aad: parts.header.as_bytes() };
    let opened = cipher(key).decrypt(&Nonce::from(iv), payload).map_err(|_| explain_failure(key, &header))?;
    let bytes = if compressed {
        inflate(&opened, false, max_plaintext).map_err(|broken| match broken {
            Broken::TooLarge => Error::TooLarge { limit: max_plaintext },
            Broken::Failed | Broken::Trailing => Error::Inflate,
        })?
    } else {
        opened
    };
    Ok(Plaintext { content_type: header.cty.map(full_media_type), bytes })
}

/// The initialisation vector of a file, which [`encrypt`] was given.
///
/// # Errors
/// [`Error::JweMalformed`], [`Error::JweUnsupported`] for another length.
pub fn iv(compact: &str) -> Result<[u8; 12]> {
    Parts::split(compact.trim_ascii())?.iv()
}

/// The length a JWE of `plaintext` bytes can have at the most, with room for an unusual header. What a reader sets as
/// the limit of an answer's body.
pub fn max_compact_len(plaintext: usize) -> usize {
    plaintext.saturating_add(plaintext / 3).saturating_add(MAX_HEADER + 256)
}

const TAG_BYTES: usize = 16;

/// The longest header looked at, in characters.
const MAX_HEADER: usize = 8 * 1024;

/// The header as written.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    enc: &'a str,
    cty: &'a str,
}

impl Header<'_> {
    fn to_json(&self) -> Vec<u8> {
        #[allow(clippy::expect_used)] // Three strings always serialise.
        serde_json::to_vec(self).expect("strings serialise")
    }
}

/// The header as read.
#[derive(Deserialize)]
struct ReadHeader {
    alg: String,
    enc: String,
    cty: Option<String>,
    zip: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

impl ReadHeader {
    /// Whether the content is compressed.
    fn check_supported(&self) -> Result<bool> {
        if self.alg != "dir" || self.enc != "A256GCM" || self.crit.is_some() {
            return Err(Error::JweUnsupported);
        }
        match self.zip.as_deref() {
            None | Some("") => Ok(false),
            Some("DEF") => Ok(true),
            Some(_) => Err(Error::JweUnsupported),
        }
    }
}

/// The five parts of a compact JWE; the second, an encrypted key, is empty with `dir`.
struct Parts<'a> {
    header: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

impl<'a> Parts<'a> {
    fn split(compact: &'a str) -> Result<Self> {
        let mut parts = compact.split('.');
        let mut next = || parts.next().ok_or(Error::JweMalformed);
        let (header, encrypted_key, iv, ciphertext, tag) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() || header.is_empty() || header.len() > MAX_HEADER || iv.len() > 64 || tag.len() > 64 {
            return Err(Error::JweMalformed);
        }
        if !encrypted_key.is_empty() {
            return Err(Error::JweUnsupported);
        }
        Ok(Self { header, iv, ciphertext, tag })
    }

    fn iv(&self) -> Result<[u8; 12]> {
        base64url::decode(self.iv, Error::JweMalformed)?.try_into().map_err(|_| Error::JweUnsupported)
    }

    fn read_header(&self) -> Result<ReadHeader> {
        let json = base64url::decode(self.header, Error::JweMalformed)?;
        serde_json::from_slice(&json).map_err(|_| Error::JweMalformed)
    }
}

/// How many bytes that many characters hold.
fn base64url_len(text: &str) -> usize {
    text.trim_end_matches('=').len().saturating_mul(3) / 4
}

fn cipher(key: &ContentKey) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose_bytes()))
}

/// Tells "not this key" from "altered" where the file names its key by thumbprint, as several servers do.
fn explain_failure(key: &ContentKey, header: &ReadHeader) -> Error {
    match header.kid.as_deref() {
        Some(kid) if kid.len() == 43 && kid != thumbprint(key) => Error::WrongKey,
        _ => Error::Unauthentic,
    }
}

/// RFC 7638 thumbprint of the key as a JWK.
fn thumbprint(key: &ContentKey) -> String {
    let k = Zeroizing::new(base64url::encode(key.expose_bytes()));
    let jwk = Zeroizing::new(format!(r#"{{"k":"{}","kty":"oct"}}"#, *k));
    base64url::encode(&Sha256::digest(jwk.as_bytes()))
}

/// RFC 7515, section 4.1.10: `application/` may be left out.
fn full_media_type(cty: String) -> String {
    if cty.contains('/') { cty } else { format!("application/{cty}") }
}
