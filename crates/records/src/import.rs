//! Import of health records from a file of any kind that is known here.
//!
//! `read_file` (feature `formats`) is the front door: it finds out what a file is by its content, opens archives, and hands over what it
//! finds. Beneath it is the core for FHIR R4 and R4B JSON in memory, a Bundle of any type, a single resource or NDJSON:
//! [`read_file_bytes`] brings a file, plain or gzip, into memory within its limits; [`import`] finds its entries and
//! [`Import::next_entry`] reads them one by one. An entry that cannot be read is a [`Skip`] in the account and never
//! fails the file. Each record borrows its exact bytes from the file, so decimals, extensions and member order stay.

pub mod attachments;
#[cfg(feature = "formats")]
mod fhir_xml;
mod format;
#[cfg(feature = "formats")]
mod front;
mod identity;
pub mod medications;
#[cfg(feature = "formats")]
mod older;
mod read;
mod reasons;
mod split;

pub use format::{Archive, Format};
#[cfg(feature = "formats")]
pub use front::{Event, Options, ReadSeek, index_with_contents, read_export_with, read_file, read_file_with};
pub use read::read_file_bytes;
pub use reasons::{NarrativeReason, Skip, SkipReason};
pub use split::Page;

use std::ops::Range;

use crate::{
    Error, Result,
    convert::Signed,
    index::{IndexEntry, clip, has_subject_matter, index_entry, keep_member, kind_of},
    json::{Json, parse_members},
};
use medications::Medications;
use split::{Slot, Split};

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
    /// Bytes of an archive, or of a file that is read as a stream, as it lies on the disk.
    pub archive_bytes: u64,
    /// Bytes after unpacking of an archive in all, or of a file that is read as a stream.
    pub streamed_bytes: u64,
    /// Files in an archive.
    pub members: usize,
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
            archive_bytes: 4 << 30,
            streamed_bytes: 16 << 30,
            members: 100_000,
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

/// A record as found in the file.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// The same for the same record in another file or a later version of it; see [`mod@crate::import`].
    pub identity: [u8; 32],
    /// The exact bytes of the resource.
    pub original: &'a [u8],
    /// `Bundle.entry.fullUrl` as written.
    pub full_url: Option<String>,
    /// Where it was made from: an XPath, a row, a file of an archive. `None` for an entry of a FHIR JSON file.
    pub place: Option<String>,
    /// Who signed it, where somebody did and the signature was checked.
    pub signed: Option<Signed>,
    /// As of when the document it came in tells it, Unix seconds: `Bundle.timestamp`, else the `Composition.date` of a
    /// document, a clinical document's `effectiveTime`. None where that is not dated. When the record itself was changed says `index.updated`.
    pub as_of: Option<i64>,
    /// What to keep beside it.
    pub index: IndexEntry,
}

/// A file whose entries are found and not yet read.
#[derive(Debug)]
pub struct Import<'a> {
    bytes: &'a [u8],
    format: Format,
    slots: Vec<Slot>,
    /// As of when the file tells it, Unix seconds.
    as_of: Option<i64>,
    page: Option<Page>,
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
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Ok(Import::new(bytes, found(bytes, limits)?, limits))
}

/// Where the entries of a file without a byte order mark lie.
fn found(bytes: &[u8], limits: &Limits) -> Result<Split> {
    if bytes.len() as u64 > limits.inflated_bytes {
        return Err(Error::TooLarge { limit_mib: limits.inflated_bytes >> 20 });
    }
    read::sniff(bytes)?;
    split::split(bytes, limits)
}

impl<'a> Import<'a> {
    fn new(bytes: &'a [u8], split: Split, limits: &Limits) -> Self {
        let Split { format, slots, as_of, page } = split;
        let depth = limits.depth.min(MAX_DEPTH);
        Import { bytes, format, slots, as_of, page, next: 0, depth, entry_bytes: limits.entry_bytes, medications: None }
    }

    /// The entries that were found in another format and written as JSON.
    #[cfg(feature = "formats")]
    fn of_split(bytes: &'a [u8], split: Split, limits: &Limits) -> Result<Self> {
        Ok(Import::new(bytes, split::opened(bytes, split, limits)?, limits))
    }

    /// How many entries the file has; [`next_entry`](Self::next_entry) answers exactly so many times.
    pub fn total(&self) -> usize {
        self.slots.len()
    }

    /// What the file is.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Of what the file is only one page, where it says so.
    pub fn page(&self) -> Option<Page> {
        self.page
    }

    /// Where in the file the entry is that was read last.
    #[cfg(feature = "formats")]
    pub(crate) fn last_path(&self) -> String {
        let position = self.next.saturating_sub(1);
        self.slots.get(position).map(|slot| self.path(slot)).unwrap_or_default()
    }

    /// Reads the next entry; `None` after the last.
    pub fn next_entry(&mut self) -> Option<Entry<'a>> {
        let position = self.next;
        let slot = self.slots.get(position)?;
        self.next += 1;
        let mut entry = match self.read(slot) {
            Ok(entry) => entry,
            Err(reason) => Entry::Skipped(Skip { path: self.path(slot), reason }),
        };
        if let Entry::Record(record) = &mut entry
            && let Some(reference) = medications::unnamed_reference(record)
        {
            let known = self.medications.take().unwrap_or_else(|| self.find_medications());
            known.name(&reference, record);
            self.medications = Some(known);
        }
        Some(entry)
    }

    fn find_medications(&self) -> Medications {
        let mut found = Medications::default();
        for slot in &self.slots {
            let original = slot.resource.clone().map(|range| self.slice(range)).unwrap_or_default();
            if medications::may_be_medication(original)
                && let Ok(Entry::Record(record)) = self.read(slot)
            {
                found.add(record.original, &record.index, record.full_url.as_deref());
            }
        }
        found
    }

    fn read(&self, slot: &Slot) -> Result<Entry<'a>, SkipReason> {
        if let Some(fault) = &slot.fault {
            return Err(fault.clone());
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
        if resource_type == "OperationOutcome"
            && !matches!(self.format, Format::Resource { .. } | Format::XmlResource { .. })
        {
            return Err(SkipReason::ServerMessage);
        }
        let full_url = slot.full_url.clone().and_then(|range| serde_json::from_slice::<String>(self.slice(range)).ok());
        let full_url = full_url.filter(|url| !url.is_empty() && url.len() <= 2048);
        let record = Record {
            identity: identity::identity(&resource, full_url.as_deref(), original),
            original,
            index: index_entry(&resource),
            full_url,
            place: None,
            signed: None,
            as_of: slot.as_of.or(self.as_of),
        };
        let kind = kind_of(resource_type);
        if !has_subject_matter(kind, &resource) && resource.text_at(&["text", "div"]).is_some() {
            return Ok(Entry::NarrativeOnly { path: self.path(slot), reason: NarrativeReason::NoCode, record });
        }
        Ok(Entry::Record(record))
    }

    fn slice(&self, range: Range<usize>) -> &'a [u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    fn path(&self, slot: &Slot) -> String {
        let position = slot.position;
        let mut path = match &self.format {
            Format::Bundle { .. } | Format::XmlBundle { .. } => format!("Bundle.entry[{position}]"),
            Format::Resource { resource_type } | Format::XmlResource { resource_type } => {
                clip(resource_type, 64).to_owned()
            }
            Format::Ndjson => format!("line {}", slot.line),
            Format::Sequence => format!("resource {}", position + 1),
            Format::Wrapped => String::new(),
            _ => format!("[{position}]"),
        };
        let in_bundle = matches!(self.format, Format::Bundle { .. } | Format::XmlBundle { .. });
        if in_bundle && slot.has_resource {
            path.push_str(".resource");
        }
        if let Some(within) = &slot.within {
            path.push_str(within);
        }
        // In other JSON it begins with a member's name.
        path.trim_start_matches('.').to_owned()
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
