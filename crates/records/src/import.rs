//! Import of FHIR R4 and R4B JSON: a Bundle of any type, a single resource, or NDJSON.
//!
//! [`read_file_bytes`] brings a file, plain or gzip, into memory within its limits; [`import`] finds its entries and
//! [`Import::next_entry`] reads them one by one. An entry that cannot be read is a [`Skip`] in the account and never
//! fails the file. Each record borrows its exact bytes from the file, so decimals, extensions and member order stay.

mod identity;
mod medications;
mod read;
mod split;

pub use read::read_file_bytes;

use std::{fmt, ops::Range};

use crate::{
    Error, Result,
    index::{IndexEntry, clip, has_subject_matter, index_entry, keep_member, kind_of},
    json::{Json, parse_members},
};
use medications::Medications;
use split::Slot;

/// What an import may cost. All are checked before memory is spent.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of the file as it lies on the disk.
    pub file_bytes: u64,
    /// Bytes after unpacking.
    pub inflated_bytes: u64,
    /// How many times its size a compressed file may unpack to (looked at past the first MiB).
    pub inflation_ratio: u64,
    /// Levels of nested objects and arrays; an entry beyond it is skipped. At most [`MAX_DEPTH`] counts.
    pub depth: usize,
    /// Entries in a file.
    pub entries: usize,
    /// Bytes of one entry's resource; a larger one is skipped.
    pub entry_bytes: usize,
}

/// The deepest nesting that can be opened again later (`serde_json` stops at 128).
pub const MAX_DEPTH: usize = 100;

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 512 << 20,
            inflated_bytes: 512 << 20,
            inflation_ratio: 250,
            depth: MAX_DEPTH,
            entries: 1_000_000,
            entry_bytes: 64 << 20,
        }
    }
}

/// What the file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A Bundle, with its `type` as written (`transaction`, `searchset`, …; empty where missing).
    Bundle {
        /// `Bundle.type`.
        bundle_type: String,
    },
    /// One resource.
    Resource {
        /// `resourceType`.
        resource_type: String,
    },
    /// One resource a line.
    Ndjson,
    /// A JSON array of resources, which is not FHIR but is met.
    Array,
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Format::Bundle { bundle_type } if bundle_type.is_empty() => out.write_str("FHIR R4 Bundle"),
            Format::Bundle { bundle_type } => write!(out, "FHIR R4 Bundle ({bundle_type})"),
            Format::Resource { resource_type } => write!(out, "FHIR R4 {resource_type}"),
            Format::Ndjson => out.write_str("FHIR R4 NDJSON"),
            Format::Array => out.write_str("FHIR R4 resources in a JSON array"),
        }
    }
}

/// One entry of a file, read. Every entry is exactly one of these.
#[derive(Debug, Clone)]
pub enum Entry<'a> {
    /// A record.
    Record(Record<'a>),
    /// A record that says in codes nothing of what it is about, but has a narrative that a person can read.
    NarrativeOnly {
        /// Where in the file.
        path: String,
        /// Why only the text counts.
        reason: NarrativeReason,
        /// The record, whole.
        record: Record<'a>,
    },
    /// Not taken.
    Skipped(Skip),
}

/// Why only a record's text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NarrativeReason {
    /// The element that says what it is about (`code`, `vaccineCode`, `medication…`) is missing.
    NoCode,
}

impl NarrativeReason {
    /// A stable name for it.
    pub fn code(self) -> &'static str {
        match self {
            NarrativeReason::NoCode => "no_code",
        }
    }
}

impl fmt::Display for NarrativeReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NarrativeReason::NoCode => out.write_str("It has no code or name, only a text; it was kept with its text."),
        }
    }
}

/// An entry that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Where in the file, FHIRPath-like: `Bundle.entry[17].resource`, `line 3`.
    pub path: String,
    /// Why; shows as a sentence.
    pub reason: SkipReason,
}

/// Why an entry was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// The entry carries no resource (a deletion, or a bare answer of a server).
    NoResource,
    /// Something other than a JSON object stands where a resource should.
    NotAnObject,
    /// The entry is not valid JSON.
    NotJson,
    /// The entry is not UTF-8 text.
    NotText,
    /// `resourceType` is missing or not the name of one.
    NoResourceType,
    /// A server's remark about the search (OperationOutcome), not a record.
    ServerMessage,
    /// Nested deeper than the limit.
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Larger than the limit.
    TooLarge {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// A signed card or certificate.
    #[cfg(feature = "formats")]
    Card(crate::cards::CardReason),
}

impl SkipReason {
    /// A stable name for it.
    pub fn code(&self) -> &'static str {
        match self {
            SkipReason::NoResource => "no_resource",
            SkipReason::NotAnObject => "not_an_object",
            SkipReason::NotJson => "not_json",
            SkipReason::NotText => "not_text",
            SkipReason::NoResourceType => "no_resource_type",
            SkipReason::ServerMessage => "server_message",
            SkipReason::TooDeep { .. } => "too_deep",
            SkipReason::TooLarge { .. } => "too_large",
            #[cfg(feature = "formats")]
            SkipReason::Card(reason) => reason.code(),
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::NoResource => {
                out.write_str("The entry holds no record (a deletion, or a server's bare answer).")
            }
            SkipReason::NotAnObject => out.write_str("Something other than a record stands here."),
            SkipReason::NotJson => out.write_str("The entry is not valid JSON."),
            SkipReason::NotText => out.write_str("The entry is not UTF-8 text."),
            SkipReason::NoResourceType => {
                out.write_str("The entry does not say what kind of record it is (resourceType).")
            }
            SkipReason::ServerMessage => {
                out.write_str("This is a remark of the server about the download, not a record.")
            }
            SkipReason::TooDeep { limit } => write!(out, "The entry is nested more than {limit} levels deep."),
            SkipReason::TooLarge { limit_mib } => write!(out, "The entry is larger than {limit_mib} MiB."),
            #[cfg(feature = "formats")]
            SkipReason::Card(reason) => reason.fmt(out),
        }
    }
}

/// A record as found in the file.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// The same for the same record in another file or a later version of it; see [`mod@crate::import`].
    pub identity: [u8; 32],
    /// The exact bytes of the resource.
    pub original: &'a [u8],
    /// `Bundle.entry.fullUrl` as written.
    pub full_url: Option<String>,
    /// What to keep beside it.
    pub index: IndexEntry,
}

/// A file whose entries are found and not yet read.
#[derive(Debug)]
pub struct Import<'a> {
    bytes: &'a [u8],
    format: Format,
    slots: Vec<Slot>,
    next: usize,
    depth: usize,
    entry_bytes: usize,
    /// Made when a record first points to a Medication of the file.
    medications: Option<Medications>,
}

/// Finds the entries of a FHIR JSON file that is in memory (plain, not compressed; a byte order mark is allowed).
///
/// # Errors
/// Only where the file as a whole is no use: not FHIR JSON, cut short, too deep, too large, too many entries.
pub fn import<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Import<'a>> {
    if bytes.len() as u64 > limits.inflated_bytes {
        return Err(Error::TooLarge { limit_mib: limits.inflated_bytes >> 20 });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    read::sniff(bytes)?;
    let (format, slots) = split::split(bytes, limits)?;
    let depth = limits.depth.min(MAX_DEPTH);
    Ok(Import { bytes, format, slots, next: 0, depth, entry_bytes: limits.entry_bytes, medications: None })
}

impl<'a> Import<'a> {
    /// How many entries the file has; [`next_entry`](Self::next_entry) answers exactly so many times.
    pub fn total(&self) -> usize {
        self.slots.len()
    }

    /// What the file is.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Reads the next entry; `None` after the last.
    pub fn next_entry(&mut self) -> Option<Entry<'a>> {
        let position = self.next;
        let slot = self.slots.get(position)?;
        self.next += 1;
        let mut entry = match self.read(slot, position) {
            Ok(entry) => entry,
            Err(reason) => Entry::Skipped(Skip { path: self.path(slot, position), reason }),
        };
        if let Entry::Record(record) = &mut entry
            && let Some(reference) = medications::unnamed_reference(record)
        {
            let known = self.medications.take().unwrap_or_else(|| self.find_medications());
            known.name(&reference, &mut record.index);
            self.medications = Some(known);
        }
        Some(entry)
    }

    fn find_medications(&self) -> Medications {
        let mut found = Medications::default();
        for slot in &self.slots {
            let original = slot.resource.clone().map(|range| self.slice(range)).unwrap_or_default();
            if medications::may_be_medication(original)
                && let Ok(Entry::Record(record)) = self.read(slot, 0)
            {
                found.add(record);
            }
        }
        found
    }

    fn read(&self, slot: &Slot, position: usize) -> Result<Entry<'a>, SkipReason> {
        if slot.malformed {
            return Err(SkipReason::NotJson);
        }
        let Some(range) = slot.resource.clone() else { return Err(SkipReason::NoResource) };
        if range.len() > self.entry_bytes {
            return Err(SkipReason::TooLarge { limit_mib: self.entry_bytes >> 20 });
        }
        if slot.depth > self.depth {
            return Err(SkipReason::TooDeep { limit: self.depth });
        }
        let original = self.slice(range);
        if original == b"null" {
            return Err(SkipReason::NoResource);
        }
        if original.first() != Some(&b'{') {
            return Err(SkipReason::NotAnObject);
        }
        let text = std::str::from_utf8(original).map_err(|_| SkipReason::NotText)?;
        let resource = parse_members(text, keep_member).map_err(|_| SkipReason::NotJson)?;
        let resource_type = resource.member("resourceType").and_then(Json::text).unwrap_or_default();
        if !is_type_name(resource_type) {
            return Err(SkipReason::NoResourceType);
        }
        if resource_type == "OperationOutcome" && !matches!(self.format, Format::Resource { .. }) {
            return Err(SkipReason::ServerMessage);
        }
        let full_url = slot.full_url.clone().and_then(|range| serde_json::from_slice::<String>(self.slice(range)).ok());
        let full_url = full_url.filter(|url| !url.is_empty() && url.len() <= 2048);
        let record = Record {
            identity: identity::identity(&resource, full_url.as_deref(), original),
            original,
            index: index_entry(&resource),
            full_url,
        };
        let kind = kind_of(resource_type);
        if !has_subject_matter(kind, &resource) && resource.text_at(&["text", "div"]).is_some() {
            return Ok(Entry::NarrativeOnly {
                path: self.path(slot, position),
                reason: NarrativeReason::NoCode,
                record,
            });
        }
        Ok(Entry::Record(record))
    }

    fn slice(&self, range: Range<usize>) -> &'a [u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    fn path(&self, slot: &Slot, position: usize) -> String {
        match &self.format {
            Format::Bundle { .. } if slot.resource.is_some() => format!("Bundle.entry[{position}].resource"),
            Format::Bundle { .. } => format!("Bundle.entry[{position}]"),
            Format::Resource { resource_type } => clip(resource_type, 64).to_owned(),
            Format::Ndjson => format!("line {}", slot.line),
            Format::Array => format!("[{position}]"),
        }
    }
}

/// The shape of a FHIR resource type's name: a capital and up to 63 more letters.
fn is_type_name(name: &str) -> bool {
    (2..=64).contains(&name.len())
        && name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;
