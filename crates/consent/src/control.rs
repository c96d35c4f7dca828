//! What a wallet and a relay say to one another: the control plane's paths, bodies and limits.
//!
//! Bodies are JSON; bytes in them are base64url without padding; times are Unix seconds. Every message has a `check`
//! that both sides call: the wallet before sending, the relay before spending anything on it.

mod passcode;
mod token;

pub use passcode::PasscodeVerifier;
pub use token::{ControlToken, LinkId};

use crate::anchor::Commitment;
use crate::withdrawal::Preimage;
use crate::{Error, Result, encoding, time};
use serde::{Deserialize, Serialize};

/// The control plane's paths, relative to the relay's URL.
pub mod paths {
    use super::LinkId;

    /// `PUT` publishes or replaces, `GET` tells the state, `DELETE` removes.
    pub fn control(id: &LinkId) -> String {
        format!("/control/{id}")
    }

    /// `POST` a [`Revision`](super::Revision) pauses a link: it answers as if it did not exist, until resumed.
    pub fn pause(id: &LinkId) -> String {
        format!("/control/{id}/pause")
    }

    /// `POST` a [`Revision`](super::Revision) resumes a paused link.
    pub fn resume(id: &LinkId) -> String {
        format!("/control/{id}/resume")
    }

    /// `GET` collects receipts whose sequence number is greater than `after`. `reasons=all` says that the wallet reads
    /// refusals for any reason; without it a relay leaves out those that the first wallets cannot read.
    pub fn receipts(id: &LinkId, after: u64) -> String {
        format!("/control/{id}/receipts?after={after}&reasons=all")
    }

    /// The link's own address on the data plane: manifest `POST`, or `GET` with flag `U`.
    pub fn link(id: &LinkId) -> String {
        format!("/shl/{id}")
    }

    /// `POST` a [`Withdraw`](super::Withdraw); no bearer token, the preimage is the authority.
    pub const WITHDRAWALS: &str = "/withdrawals";
    /// `POST` a [`Commit`](super::Commit).
    pub const COMMITMENTS: &str = "/commitments";
    /// Log A, as a tiled log.
    pub const LEDGER_A: &str = "/ledger/a";
    /// Log R, as a tiled log.
    pub const LEDGER_R: &str = "/ledger/r";
    /// The `tlog-policy` file that names both logs and the cosigners.
    pub const POLICY: &str = "/ledger/policy";
}

/// The most files in one link.
pub const MAX_FILES: usize = 16;
/// The most characters of one file's compact JWE.
pub const MAX_JWE_CHARS: usize = 16 * 1024 * 1024;
/// The most bytes of a `PUT /control/{id}` body; a relay may set less.
pub const MAX_PUBLISH_BYTES: usize = 32 * 1024 * 1024;
/// The most bytes of every other body.
pub const MAX_BODY_BYTES: usize = 4 * 1024;
/// The longest that a link may live, in seconds: 366 days.
pub const MAX_LIFETIME: i64 = 366 * 86_400;
/// The most openings that can be set as a limit.
pub const MAX_OPENINGS: u32 = 1_000_000;
/// The most wrong passcodes in a link's life that can be allowed.
pub const MAX_PASSCODE_ATTEMPTS: u32 = 100;
/// Wrong passcodes allowed in a link's life unless said otherwise.
pub const DEFAULT_PASSCODE_ATTEMPTS: u32 = 10;
/// The highest [`Publish::revision`]: the largest integer that every JSON reader keeps exactly (RFC 8259 section 6).
pub const MAX_REVISION: u64 = (1 << 53) - 1;
/// The most receipts in one answer.
pub const MAX_RECEIPTS: usize = 500;

/// `PUT /control/{id}`: publish a link, or replace what it serves.
///
/// Replacing sets everything that is said here anew: the files, the end (earlier or later), the start, the limits, the
/// tag, and a commitment of its own, which is appended to log A. What the relay has counted stays: openings, receipts and
/// refusals, whether the link is paused, and the tries of the passcode unless the passcode itself is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The SMART Health Link's flags: empty, `L`, `P`, `U`, `LP` or `LU`.
    pub flags: String,
    /// When it ends.
    pub expires: i64,
    /// From when it can be opened; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
    /// How often it can be opened; none: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_openings: Option<u32>,
    /// Against what a passcode is checked; there exactly if the flags have `P`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode: Option<PasscodeVerifier>,
    /// How many wrong passcodes end the link; none: [`DEFAULT_PASSCODE_ATTEMPTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode_attempts: Option<u32>,
    /// What it serves, encrypted. One file if the flags have `U`.
    pub files: Vec<PublishFile>,
    /// Whether the files can change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<FileStatus>,
    /// The age X25519 recipient (`age1…`) that receipts are encrypted to.
    pub receipt_recipient: String,
    /// The tag whose preimage ends the link.
    #[serde(with = "encoding::bytes")]
    pub withdrawal_tag: [u8; 32],
    /// The grant's commitment, appended to log A in the same transaction.
    pub commitment: Commitment,
    /// The number of this request among those that change the link, counted by the wallet from 1: see [`Revision`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u64,
}

/// `POST /control/{id}/pause` and `…/resume`.
///
/// Requests can come late, twice, or in another order than they were sent. So a wallet numbers those that change one link,
/// publications among them, and the relay carries out none whose number is not higher than the highest it has seen: what
/// is delayed cannot undo what came later. A pause or resumption that comes late is answered with the state as it is; a
/// publication that was carried out is answered as it was, and one that never was and no longer will be gets 409
/// `overtaken`. A wallet that has lost count reads the number in [`LinkState`] and goes on from there.
///
/// 0, or no number, is lower than all others: such requests count only while no other has come, in the order they come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The number of this request, at most [`MAX_REVISION`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u64,
}

/// One encrypted file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishFile {
    /// Its content type, as in the manifest.
    pub content_type: String,
    /// It, as a compact JWE.
    pub jwe: String,
}

/// Whether a link's files can change, as in the manifest (SMART Health Links 1.0.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileStatus {
    /// They will not change.
    Finalized,
    /// They can change.
    CanChange,
    /// They are no longer valid.
    NoLongerValid,
}

/// The answer to [`Publish`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Where the commitment stands in log A. The same on every repetition.
    pub commitment_index: u64,
    /// When the link ends; a relay may allow less than was asked.
    pub expires: i64,
}

/// `GET /control/{id}`: the state of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkState {
    /// Whether it can be opened now.
    pub live: bool,
    /// How often it was opened.
    pub openings: u32,
    /// When it ends.
    pub expires: i64,
    /// Whether its owner paused it.
    pub paused: bool,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
    /// Whether it was opened as often as allowed.
    pub exhausted: bool,
    /// How many wrong passcodes are left; none without a passcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode_attempts_left: Option<u32>,
    /// Where the grant's commitment stands in log A.
    pub commitment_index: u64,
    /// The highest [`Revision`] that the relay has seen.
    #[serde(default)]
    pub revision: u64,
}

/// `GET /control/{id}/receipts?after=seq`: receipts in their order, at most [`MAX_RECEIPTS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// The receipts.
    pub receipts: Vec<StoredReceipt>,
    /// What to ask after next time; if it is what was asked after, there are no more.
    pub next: u64,
}

/// One receipt as the relay keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReceipt {
    /// Its number within the link, from 1.
    pub seq: u64,
    /// Where its commitment stands in log A.
    pub index: u64,
    /// The receipt and its nonce, encrypted to the link's recipient; see [`crate::receipt`].
    #[serde(with = "encoding::blob")]
    pub sealed: Vec<u8>,
}

/// `POST /withdrawals`: end every link with this preimage's tag, and publish it in log R.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// The preimage.
    #[serde(with = "preimage")]
    pub p: Preimage,
}

/// The answer to [`Withdraw`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// Where the preimage stands in log R. The same on every repetition.
    pub index: u64,
    /// Whether the relay knew its tag, be it of a link or of a withdrawal before; one that does not say is none. A code that
    /// came to the wrong relay ends nothing, and whoever has the preimage may know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<bool>,
}

/// `POST /commitments`: append an entry to log A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// The entry.
    pub entry: Commitment,
}

/// The answer to [`Commit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// Where it stands in log A. The same on every repetition.
    pub index: u64,
}

/// Why a relay did not do what was asked; the body of every control-plane answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A stable word for programs, e.g. `too_large`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl Publish {
    /// Checks the form and the limits; `now` in Unix seconds.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::TooLarge`] naming the member.
    pub fn check(&self, now: i64) -> Result<()> {
        if !matches!(self.flags.as_str(), "" | "L" | "P" | "U" | "LP" | "LU") {
            return Err(Error::Invalid("flags"));
        }
        time::check(self.expires, "end of the link")?;
        if self.expires <= now {
            return Err(Error::Invalid("end of the link"));
        }
        if self.expires - now > MAX_LIFETIME {
            return Err(Error::TooLarge { what: "life of the link in seconds", limit: MAX_LIFETIME.unsigned_abs() });
        }
        if self.not_before.is_some_and(|start| start < 0 || start >= self.expires) {
            return Err(Error::Invalid("start of the link"));
        }
        if self.max_openings.is_some_and(|most| !(1..=MAX_OPENINGS).contains(&most)) {
            return Err(Error::Invalid("number of openings"));
        }
        if self.flags.contains('P') != self.passcode.is_some() {
            return Err(Error::Invalid("passcode"));
        }
        if let Some(passcode) = &self.passcode {
            passcode.check()?;
        }
        if self.passcode_attempts.is_some_and(|most| !(1..=MAX_PASSCODE_ATTEMPTS).contains(&most)) {
            return Err(Error::Invalid("number of passcode attempts"));
        }
        Revision { revision: self.revision }.check()?;
        self.check_files()?;
        if !is_age_recipient(&self.receipt_recipient) {
            return Err(Error::Invalid("recipient of receipts"));
        }
        if self.commitment.is_well_formed() { Ok(()) } else { Err(Error::Invalid("commitment")) }
    }

    fn check_files(&self) -> Result<()> {
        if self.files.is_empty() || (self.flags.contains('U') && self.files.len() != 1) {
            return Err(Error::Invalid("number of files"));
        }
        if self.files.len() > MAX_FILES {
            return Err(Error::TooLarge { what: "number of files", limit: MAX_FILES as u64 });
        }
        for file in &self.files {
            if file.jwe.len() > MAX_JWE_CHARS {
                return Err(Error::TooLarge { what: "file", limit: MAX_JWE_CHARS as u64 });
            }
            let type_fits = (3..=100).contains(&file.content_type.len())
                && file.content_type.contains('/')
                && file.content_type.bytes().all(|byte| (0x21..0x7f).contains(&byte));
            if !type_fits {
                return Err(Error::Invalid("content type"));
            }
            if !is_compact_dir_jwe(&file.jwe) {
                return Err(Error::Invalid("encrypted file"));
            }
        }
        Ok(())
    }
}

impl Revision {
    /// Checks the limit.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn check(self) -> Result<()> {
        if self.revision <= MAX_REVISION { Ok(()) } else { Err(Error::Invalid("revision")) }
    }
}

impl Withdraw {
    /// A withdrawal with this preimage.
    pub fn new(p: Preimage) -> Self {
        Self { p }
    }
}

impl Commit {
    /// Checks the entry's form.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn check(&self) -> Result<()> {
        if self.entry.is_well_formed() { Ok(()) } else { Err(Error::Invalid("commitment")) }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(revision: &u64) -> bool {
    *revision == 0
}

/// Five base64url parts with the second, the encrypted key, empty (RFC 7516 section 7.1, algorithm `dir`).
fn is_compact_dir_jwe(text: &str) -> bool {
    let mut lens = [0_usize; 5];
    let mut parts = text.split('.');
    for len in &mut lens {
        match parts.next() {
            Some(part) if is_base64url(part) => *len = part.len(),
            _ => return false,
        }
    }
    let [header, key, iv, ciphertext, tag] = lens;
    parts.next().is_none() && header > 0 && key == 0 && iv == 16 && ciphertext > 0 && tag == 22
}

/// Looks at every character of a piece, whatever it finds: without a branch for each, a processor does many at once, and
/// ciphertext is megabytes of them.
fn is_base64url(text: &str) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() | (*byte == b'-') | (*byte == b'_');
    text.as_bytes().chunks(1024).all(|piece| piece.iter().fold(true, |so_far, byte| so_far & fits(byte)))
}

/// The form of an age X25519 recipient: bech32 of 32 bytes with the prefix `age`. Its checksum is checked when used.
fn is_age_recipient(text: &str) -> bool {
    text.len() == 62
        && text
            .strip_prefix("age1")
            .is_some_and(|data| data.bytes().all(|byte| b"qpzry9x8gf2tvdw0s3jn54khce6mua7l".contains(&byte)))
}

mod preimage {
    use crate::encoding;
    use crate::withdrawal::Preimage;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(p: &Preimage, s: S) -> Result<S::Ok, S::Error> {
        encoding::bytes::serialize(p.expose_bytes(), s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Preimage, D::Error> {
        encoding::bytes::deserialize(d).map(Preimage::from_bytes)
    }
}

#[cfg(test)]
mod tests;
