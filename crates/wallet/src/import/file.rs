//! One file, read and parsed on a thread that may block.

use crate::{Error, Result};
use carnet_bridge::SkippedEntry;
use carnet_records::import::{Entry, Limits, Record, import, read_file_bytes};
use carnet_records::index::IndexEntry;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc::Sender;

/// How many entries are handed over at a time.
const BATCH: usize = 128;

/// Where a file's bytes come from.
pub(super) struct Source {
    pub(super) reader: Box<dyn Read>,
    /// Its length on the disk, where that is known.
    pub(super) length: Option<u64>,
}

/// What is found in a file, in this order: one start, items, one end. An end that is missing means that the reader gave
/// up.
pub(super) enum Found {
    /// What the file is.
    Start { format: String, sha256: [u8; 32], size: u64, total: u64 },
    /// Some of its entries.
    Items(Vec<Item>),
    /// That was all.
    End,
}

/// One entry.
pub(super) enum Item {
    /// A record to keep.
    Record { record: Box<FoundRecord>, narrative_only: bool },
    /// An entry that was not taken.
    Skipped(SkippedEntry),
}

/// A record, apart from the file it was in.
pub(super) struct FoundRecord {
    pub(super) identity: [u8; 32],
    pub(super) sha256: [u8; 32],
    pub(super) original: Vec<u8>,
    pub(super) full_url: Option<String>,
    pub(super) index: IndexEntry,
}

/// Opens a plain file. Folders, pipes and devices are refused before they are opened.
pub(super) fn open(path: &Path) -> Result<Source> {
    let metadata = std::fs::metadata(path).map_err(Error::file("Opening the file"))?;
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    let file = std::fs::File::open(path).map_err(Error::file("Opening the file"))?;
    Ok(Source { reader: Box::new(file), length: Some(metadata.len()) })
}

/// Reads a file to its end and hands over what it finds, until it is cancelled or nobody takes it any more.
pub(super) fn read(
    open: impl FnOnce() -> Result<Source>,
    limits: &Limits,
    cancelled: &AtomicBool,
    send: &Sender<Found>,
) -> Result<()> {
    let source = open()?;
    let mut reader = Watched { inner: source.reader, hash: Sha256::new(), size: 0, cancelled };
    let bytes = read_file_bytes(&mut reader, source.length, limits)?;
    let (sha256, size) = (reader.hash.finalize().into(), reader.size);
    let mut import = import(&bytes, limits)?;
    let total = import.total() as u64;
    let start = Found::Start { format: import.format().to_string(), sha256, size, total };
    if send.blocking_send(start).is_err() {
        return Ok(());
    }
    loop {
        let items: Vec<Item> = std::iter::from_fn(|| import.next_entry()).take(BATCH).map(item).collect();
        let last = items.len() < BATCH;
        if cancelled.load(Ordering::Relaxed) {
            return Err(Error::Cancelled);
        }
        if send.blocking_send(Found::Items(items)).is_err() {
            return Ok(());
        }
        if last {
            // Nobody takes the end only if storing failed, which says so itself.
            let _ = send.blocking_send(Found::End);
            return Ok(());
        }
    }
}

fn item(entry: Entry<'_>) -> Item {
    match entry {
        Entry::Record(record) => Item::Record { record: Box::new(owned(record)), narrative_only: false },
        Entry::NarrativeOnly { record, .. } => Item::Record { record: Box::new(owned(record)), narrative_only: true },
        Entry::Skipped(skip) => Item::Skipped(SkippedEntry { path: skip.path, reason: skip.reason.to_string() }),
    }
}

fn owned(record: Record<'_>) -> FoundRecord {
    FoundRecord {
        identity: record.identity,
        sha256: Sha256::digest(record.original).into(),
        original: record.original.to_vec(),
        full_url: record.full_url,
        index: record.index,
    }
}

/// Hashes what is read, and stops when the import was cancelled.
struct Watched<'c, R> {
    inner: R,
    hash: Sha256,
    size: u64,
    cancelled: &'c AtomicBool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("cancelled"));
        }
        let got = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..got).unwrap_or_default());
        self.size += got as u64;
        Ok(got)
    }
}
