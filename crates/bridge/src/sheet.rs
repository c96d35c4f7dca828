//! Everything around one record: where it came from, who signed it, what else says the same, what belongs to it.

use crate::{LabSeries, OwnEntry, RecordDetail, RecordLine};
use serde::{Deserialize, Serialize};

/// The page of one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordSheet {
    /// What it says, and its source.
    pub detail: RecordDetail,
    /// Where in the file it stood (an XPath, a row, a file in an archive); may be empty.
    pub place: String,
    /// Who vouches for it.
    pub signature: Signature,
    /// Its versions, newest first. The newest is what is shown; one version for most.
    pub versions: Vec<RecordVersion>,
    /// Other records that say the same, or nearly.
    pub others: Vec<OtherSource>,
    /// What the sources disagree on, each with all values.
    pub disagreements: Vec<Disagreement>,
    /// What it refers to and what refers to it.
    pub linked: Vec<LinkedRecord>,
    /// Documents and pictures that belong to it.
    pub attachments: Vec<AttachmentLine>,
    /// Its sensitivity labels, found or set, and those that the person took away.
    pub labels: Vec<LabelState>,
    /// The same measurement over time, this record included: one series for each unit that cannot be converted into
    /// another; the one that holds this record first. Empty where nothing was measured.
    pub trend: Vec<LabSeries>,
    /// What the person typed, for editing; none for what came from elsewhere, which cannot be edited.
    pub own: Option<OwnEntry>,
}

impl From<RecordDetail> for RecordSheet {
    /// A page of which nothing is known but the record itself.
    fn from(detail: RecordDetail) -> Self {
        Self {
            detail,
            place: String::new(),
            signature: Signature::None,
            versions: Vec::new(),
            others: Vec::new(),
            disagreements: Vec::new(),
            linked: Vec::new(),
            attachments: Vec::new(),
            labels: Vec::new(),
            trend: Vec::new(),
            own: None,
        }
    }
}

/// Who vouches for a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// Nobody signed it. True of most records, and no reason to doubt them.
    None,
    /// The person typed it.
    Typed,
    /// Somebody signed it, and the signature holds.
    Signed {
        /// Who, as the trust list names them or else as the signed document does; hostile text.
        by: String,
        /// Whether a trust list vouches for them; if not, the signature shows only that nothing was altered since.
        listed: bool,
        /// When it was checked.
        checked_at: i64,
    },
    /// There is a signature and it does not hold, or could not be checked.
    Refused {
        /// Who is said to have signed; hostile text, may be empty.
        by: String,
        /// Why, as a sentence.
        why: String,
    },
}

/// A version of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordVersion {
    /// When it came.
    pub at: i64,
    /// From which file, or empty where the person typed it.
    pub source: String,
    /// What it said, in a line; empty where it cannot be read any more.
    pub says: String,
}

/// Another record that says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherSource {
    /// The record.
    pub line: RecordLine,
    /// Where it came from.
    pub source: String,
    /// When.
    pub imported_at: i64,
}

/// Something on which sources disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    /// What it is about: the key of a label as in [`RecordFact::label`](crate::RecordFact::label), or `status`,
    /// `date`, `title`.
    pub label: String,
    /// What each source says, this record's own first.
    pub values: Vec<SourceValue>,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceValue {
    /// The record that says it.
    pub record: String,
    /// Its source.
    pub source: String,
    /// The value as recorded; empty: it says nothing about it.
    pub value: String,
}

/// A record that belongs together with this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedRecord {
    /// In which way: the key of a label as in [`RecordFact::label`](crate::RecordFact::label) (`reason`, `results`,
    /// `performer`, …); `mentions` for one that refers to this.
    pub relation: String,
    /// The record; none where it is not in the vault.
    pub line: Option<RecordLine>,
    /// How the source names it, where it is not in the vault; hostile text.
    pub named: String,
}

/// A document or picture that belongs to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentLine {
    /// The attachment, among those of its record.
    pub id: String,
    /// What it is called; hostile text, may be empty.
    pub title: String,
    /// Its media type, as found in its bytes and not as claimed; `application/octet-stream` where unknown.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
}

/// The most bytes of a picture that the wallet hands to the interface.
pub const PREVIEW_BYTES: u64 = 16 << 20;

impl AttachmentLine {
    /// Whether it can be shown in the page: pictures of kinds that no browser runs anything from (never SVG).
    pub fn can_preview(&self) -> bool {
        matches!(self.media_type.as_str(), "image/jpeg" | "image/png" | "image/gif" | "image/webp")
            && self.bytes <= PREVIEW_BYTES
    }
}

/// A picture on its way to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentBytes {
    /// As in [`AttachmentLine::media_type`].
    pub media_type: String,
    /// The bytes in base64 (RFC 4648, section 4).
    pub base64: String,
}

/// A sensitivity label of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelState {
    /// `SUD`, `MH`, `HIV`, `STD`, `SEX`, `SDV`, `GDIS` (HL7 v3 ActCode) or `R` (Confidentiality).
    pub label: String,
    /// Whether it holds now: by what was found, unless the person decided.
    pub on: bool,
    /// What in the record led to it, in a few words ("Medicine: disulfiram"); empty where nothing did.
    pub because: String,
    /// What the person decided; none: nothing yet.
    pub decided: Option<bool>,
}
