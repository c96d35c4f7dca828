//! What a link held.

use crate::content::Kind;
use crate::manifest::Status;
use crate::{Flags, Label};
use std::fmt;

/// What a link held.
pub struct Opened {
    /// What the link says of itself; a stranger's text.
    pub label: Option<Label>,
    /// How the link was to be opened.
    pub flags: Flags,
    /// When the link ends, as it says.
    pub exp: Option<i64>,
    /// The link's `_g`, if it has one: the hash of the grant to be found in the files.
    pub grant_hash: Option<[u8; 32]>,
    /// Whether the files may still change, as far as the server said.
    pub status: Option<Status>,
    /// After how many seconds a link with the flag `L` may be asked again, if the server said so.
    pub poll_after: Option<u32>,
    /// The files, in the manifest's order.
    pub files: Vec<OpenedFile>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} files)", self.files.len())
    }
}

/// One decrypted file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OpenedFile {
    /// Its content type: the one encrypted with it, else the manifest's, else that of FHIR. May have parameters, see
    /// [`crate::manifest::media_type`] and [`OpenedFile::kind`].
    pub content_type: String,
    /// FHIR's version, where the server or the content type says it; none: 4.0.1 may be assumed.
    pub fhir_version: Option<String>,
    /// When it last changed, as the server says.
    pub last_updated: Option<String>,
    /// Whether it may still change, where the server says so of each file.
    pub status: Option<Status>,
    /// The content. Nothing but its encryption was checked.
    pub bytes: Vec<u8>,
}

impl OpenedFile {
    /// What it is. A reader shows what it knows and says of the rest that it is there.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.content_type)
    }
}

impl fmt::Debug for OpenedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedFile({} bytes)", self.bytes.len())
    }
}
