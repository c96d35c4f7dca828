//! One file, read and parsed on a thread that may block.

use super::found::Held;
use crate::{Error, Result};
use carnet_bridge::SkippedEntry;
use carnet_records::csv::Mapping;
use carnet_records::documents::DocumentOptions;
use carnet_records::import::{
    Archive, Entry, Event, Format, Limits, Options, ReadSeek, Record, read_export_with, read_file_with,
};
use carnet_records::{cards, convert};
use carnet_vault::PutRecord;
use sha2::{Digest, Sha256};
use smart_health::trust::TrustStore;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

/// How many entries are handed over at a time …
const BATCH: usize = 128;
/// … or how many bytes of them.
const BATCH_BYTES: usize = 1024 * 1024;

/// Where a file's bytes are. They are read more than once: to hash them, to parse them, and to keep them.
#[derive(Clone)]
pub(super) enum Origin {
    /// On the disk.
    Path(PathBuf),
    /// The export of a telephone that was unpacked.
    Export {
        /// `export.xml`: the file that counts, and that is kept.
        xml: PathBuf,
        /// What lies beside it and is read with it, by its path there.
        beside: Arc<[(String, PathBuf)]>,
    },
    /// In memory.
    Bytes(Arc<[u8]>),
}

/// What is read.
pub(super) trait Opened: ReadSeek + Send {}
impl<T: ReadSeek + Send> Opened for T {}

impl Origin {
    /// A file on the disk, and what is read with it if it is the export of a telephone.
    pub(super) fn new(path: PathBuf, beside: Vec<(String, PathBuf)>) -> Self {
        if beside.is_empty() { Self::Path(path) } else { Self::Export { xml: path, beside: beside.into() } }
    }

    /// Opens it. Folders, pipes and devices are refused before they are opened.
    pub(super) fn open(&self) -> Result<(Box<dyn Opened>, u64)> {
        match self {
            Self::Path(path) | Self::Export { xml: path, .. } => {
                let metadata = std::fs::metadata(path).map_err(Error::file("Opening the file"))?;
                if !metadata.is_file() {
                    return Err(Error::NotAFile);
                }
                let file = File::open(path).map_err(Error::file("Opening the file"))?;
                Ok((Box::new(file), metadata.len()))
            }
            Self::Bytes(bytes) => Ok((Box::new(Cursor::new(Arc::clone(bytes))), bytes.len() as u64)),
        }
    }

    /// When it was last changed, Unix seconds, where that is known.
    fn changed(&self) -> Option<i64> {
        let (Self::Path(path) | Self::Export { xml: path, .. }) = self else { return None };
        let changed = std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
        i64::try_from(changed.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
    }
}

/// What is found in a file, in this order: one start, the rest, one end (but see links). An end that is missing means that the reader
/// gave up.
pub(super) enum Found {
    /// What the file is.
    Start(Start),
    /// Some of its entries.
    Items(Vec<Item>),
    /// Bytes that an entry refers to.
    Attachment { sha256: [u8; 32], media_type: String, bytes: Vec<u8> },
    /// What a person should know of what was taken, as a sentence.
    Note(String),
    /// A link that is in it; of a file that holds nothing else it is found without a start.
    Link(Held),
    /// So many of its bytes are done.
    Read(u64),
    /// That was all.
    End,
}

/// What a file is.
pub(super) struct Start {
    pub(super) format: String,
    /// What to keep the file itself as, where its records are not the file's own bytes.
    pub(super) keep_as: Option<&'static str>,
    pub(super) whole: Whole,
    /// How many entries it has, where that is known beforehand.
    pub(super) expected: Option<u64>,
}

/// What is known of a file as it lies on the disk.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    pub(super) sha256: [u8; 32],
    /// In bytes.
    pub(super) size: u64,
    /// When it was last changed, Unix seconds; now, where nobody knows.
    pub(super) changed: i64,
}

/// One entry.
pub(super) enum Item {
    /// A record to keep; `as_text` where only its text could be.
    Record { record: Box<PutRecord>, as_text: Option<SkippedEntry> },
    /// An entry that was not taken.
    Skipped(SkippedEntry),
}

/// What is known and was decided before a file is read.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// Whose signatures on cards and certificates can be checked.
    pub(super) trust: Arc<TrustStore>,
    /// Parts of cards that came in other files.
    pub(super) chunks: Vec<String>,
    /// What the person decided about pictures.
    pub(super) documents: DocumentOptions,
    /// Tables whose columns were explained.
    pub(super) tables: Vec<Mapping>,
    /// How the file is to be read, where it is a table that was just explained.
    pub(super) table: Option<Mapping>,
}

/// What reading a file may cost, when it is read, and who may stop it.
pub(super) struct Reading<'a> {
    pub(super) name: &'a str,
    pub(super) now: i64,
    pub(super) limits: &'a Limits,
    pub(super) known: &'a Known,
    pub(super) cancelled: &'a AtomicBool,
}

impl Reading<'_> {
    /// Reads a file to its end and hands over what it finds, until it is cancelled or nobody takes it any more.
    pub(super) fn read(&self, origin: &Origin, give: &mut dyn FnMut(Found) -> ControlFlow<()>) -> Result<()> {
        let (mut file, length) = origin.open()?;
        let most = self.limits.archive_bytes.max(self.limits.file_bytes);
        if length > most {
            return Err(carnet_records::Error::TooLarge { limit_mib: most >> 20 }.into());
        }
        let (sha256, size) = self.hash(&mut file)?;
        let whole = Whole { sha256, size, changed: origin.changed().unwrap_or(self.now) };
        let mut file = Watched { inner: file, cancelled: self.cancelled };
        file.seek(SeekFrom::Start(0)).map_err(Error::file("Reading the file"))?;
        let source = convert::Source { name: self.name, sha256, now: self.now, limits: self.limits };
        let mut batch = Batch::default();
        let mut taken = ControlFlow::Continue(());
        let options = Options {
            limits: self.limits,
            cards: cards::Known { trust: &self.known.trust, chunks: &self.known.chunks },
            documents: self.known.documents,
            tables: &self.known.tables,
            table: self.known.table.as_ref(),
        };
        let mut take = |event: Event<'_>| {
            taken = self.take(event, whole, &mut batch, give);
            taken
        };
        let read = match origin {
            Origin::Export { beside, .. } => {
                let mut beside = beside.iter().map(|(name, path)| {
                    let file = File::open(path).map(|file| Watched { inner: file, cancelled: self.cancelled });
                    (name.clone(), file.map(|file| Box::new(file) as Box<dyn Read + '_>))
                });
                read_export_with(&mut file, &mut beside, &source, &options, &mut take)
            }
            Origin::Path(_) | Origin::Bytes(_) => read_file_with(&mut file, &source, &options, &mut take),
        };
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::Cancelled);
        }
        read?;
        if taken.is_continue() && batch.give(give).is_continue() {
            // Nobody takes the end only if storing failed, which says so itself.
            let _ = give(Found::End);
        }
        Ok(())
    }

    fn take(
        &self,
        event: Event<'_>,
        whole: Whole,
        batch: &mut Batch,
        give: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.cancelled.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        match event {
            Event::Start { format, expected } => {
                let (keep_as, format) = (keep_as(format, self.known.documents), format.to_string());
                give(Found::Start(Start { format, keep_as, whole, expected }))
            }
            Event::Entry(entry) => {
                batch.push(item(entry));
                if batch.is_full() { batch.give(give) } else { ControlFlow::Continue(()) }
            }
            Event::Attachment(convert::Attachment { sha256, media_type, bytes }) => {
                let (media_type, bytes) = (media_type.to_owned(), bytes.to_vec());
                give(Found::Attachment { sha256, media_type, bytes })
            }
            Event::Note { path, text } => give(Found::Note(format!("{path}: {text}"))),
            Event::Link { path, link } => give(Found::Link(Held::new(path, &link))),
            Event::Code { path, text } => match Held::card(path, &text) {
                Some(card) => give(Found::Link(card)),
                None => ControlFlow::Continue(()),
            },
            Event::Progress { read } => give(Found::Read(read)),
        }
    }

    fn hash(&self, file: &mut dyn Read) -> Result<([u8; 32], u64)> {
        let (mut hash, mut size) = (Sha256::new(), 0);
        let mut buffer = vec![0; 1 << 16];
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            match file.read(&mut buffer) {
                Ok(0) => return Ok((hash.finalize().into(), size)),
                Ok(got) => {
                    hash.update(buffer.get(..got).unwrap_or_default());
                    size += got as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::file("Reading the file")(error)),
            }
        }
    }
}

/// Entries on their way.
#[derive(Default)]
struct Batch {
    items: Vec<Item>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, item: Item) {
        if let Item::Record { record, .. } = &item {
            self.bytes += record.original.len();
        }
        self.items.push(item);
    }

    fn is_full(&self) -> bool {
        self.items.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    fn give(&mut self, give: &mut dyn FnMut(Found) -> ControlFlow<()>) -> ControlFlow<()> {
        let Self { items, .. } = std::mem::take(self);
        if items.is_empty() { ControlFlow::Continue(()) } else { give(Found::Items(items)) }
    }
}

/// A file whose records are its own bytes needs no keeping beside them, and of documents and pictures their reader keeps what
/// is to be kept: a picture whose place is left out must not be kept with it, nor an archive of such. Any other is what its
/// records were made from.
fn keep_as(format: &Format, documents: DocumentOptions) -> Option<&'static str> {
    Some(match format {
        Format::Bundle { .. } | Format::Resource { .. } | Format::Ndjson | Format::Array | Format::Sequence => {
            return None;
        }
        Format::Pdf | Format::Picture | Format::Dicom | Format::Rtf | Format::Text => return None,
        Format::Archive(Archive::BulkFhir) => return None,
        Format::Archive(Archive::Files | Archive::Xdm | Archive::Phr) if documents.strip_location => return None,
        Format::Wrapped => "application/json",
        Format::Dstu2 { xml: false } | Format::Stu3 { xml: false } => "application/fhir+json",
        Format::Dstu2 { xml: true } | Format::Stu3 { xml: true } => "application/fhir+xml",
        Format::XmlBundle { .. } | Format::XmlResource { .. } => "application/fhir+xml",
        Format::ClinicalDocument | Format::AppleHealth => "application/xml",
        Format::HealthCard => "application/smart-health-card",
        Format::Hcert => "text/plain",
        Format::Table => "text/csv",
        Format::Archive(_) => "application/zip",
        _ => "application/octet-stream",
    })
}

fn item(entry: Entry<'_>) -> Item {
    match entry {
        Entry::Record(record) => Item::Record { record: Box::new(owned(record)), as_text: None },
        Entry::NarrativeOnly { path, reason, record } => Item::Record {
            record: Box::new(owned(record)),
            as_text: Some(SkippedEntry { path, reason: reason.to_string() }),
        },
        Entry::Skipped(skip) => Item::Skipped(SkippedEntry { path: skip.path, reason: skip.reason.to_string() }),
    }
}

fn owned(record: Record<'_>) -> PutRecord {
    PutRecord {
        full_url: record.full_url,
        place: record.place,
        signed: record.signed,
        as_of: record.as_of,
        ..PutRecord::new(record.identity, record.original.to_vec(), record.index)
    }
}

/// Stops when the import was cancelled, even inside a file that gives nothing for a long time.
struct Watched<'c, R> {
    inner: R,
    cancelled: &'c AtomicBool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("cancelled"));
        }
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for Watched<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}
