//! What is known while one file is read: who takes what is found, and how much was read so far.

use std::{
    cell::{Cell, OnceCell, RefCell},
    ops::ControlFlow,
};

use super::{Event, Options};
use crate::{
    Error,
    cards::Known,
    convert::Source,
    csv::Mapping,
    documents::DocumentOptions,
    import::{
        Entry, Format, Limits, Record, Skip, SkipReason,
        medications::{self, Medications},
    },
    sensitivity::Parts,
};

/// Why the reading ended before its end.
#[derive(Debug)]
pub(super) enum Halt {
    /// Whoever takes what is found wants no more.
    Stopped,
    /// The file, or the file in an archive that is being read, is no use.
    Failed(Error),
    /// It is nothing to read here: `reason` where it lies in an archive, `what` it is where it is the file itself.
    Refused { reason: SkipReason, what: &'static str },
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Halt::Failed(error)
    }
}

type Take<'j> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 'j;

/// The reading of one file.
pub(super) struct Job<'j> {
    source: Source<'j>,
    options: &'j Options<'j>,
    take: RefCell<&'j mut Take<'j>>,
    format: OnceCell<Format>,
    entries: Cell<usize>,
    /// Bytes of the file as it lies on the disk.
    length: u64,
    /// Bytes of it that were read.
    packed: Cell<u64>,
    /// Bytes that came out of all unpacking.
    unpacked: Cell<u64>,
    told: Cell<u64>,
    stopped: Cell<bool>,
    /// The Medications of an archive, so far.
    medicines: RefCell<Medications>,
    medicines_known: Cell<usize>,
    /// The labels of what was handed over since somebody asked.
    labels: RefCell<Parts>,
}

/// The most Medications of an archive that are remembered.
const MOST_MEDICINES: usize = 50_000;

/// How much is done between two [`Event::Progress`], in bytes.
const STEP: u64 = 1 << 20;

impl<'j> Job<'j> {
    pub(super) fn new(source: &'j Source<'j>, options: &'j Options<'j>, length: u64, take: &'j mut Take<'_>) -> Self {
        Job {
            source: Source { limits: options.limits, ..*source },
            options,
            take: RefCell::new(take),
            format: OnceCell::new(),
            entries: Cell::new(0),
            length,
            packed: Cell::new(0),
            unpacked: Cell::new(0),
            told: Cell::new(0),
            stopped: Cell::new(false),
            medicines: RefCell::default(),
            medicines_known: Cell::new(0),
            labels: RefCell::default(),
        }
    }

    pub(super) fn limits(&self) -> &'j Limits {
        self.options.limits
    }

    pub(super) fn documents(&self) -> DocumentOptions {
        self.options.documents
    }

    /// How a table is to be read, where that is known.
    pub(super) fn table(&self, bytes: &[u8]) -> Option<&'j Mapping> {
        self.options.table.or_else(|| self.options.tables.iter().find(|mapping| mapping.fits(bytes)))
    }

    /// What is known of cards.
    pub(super) fn cards(&self) -> Known<'j> {
        self.options.cards
    }

    /// The file's own source; a part has one of its own.
    pub(super) fn source(&self) -> Source<'j> {
        self.source
    }

    pub(super) fn format(&self) -> Option<Format> {
        self.format.get().cloned()
    }

    /// Bytes of the file as it lies on the disk.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Bytes of it that were read.
    pub(super) fn packed(&self) -> u64 {
        self.packed.get()
    }

    /// Says what the file is, unless that was said: what an archive is, is said once, and not again of its files.
    pub(super) fn start(&self, format: Format, expected: Option<u64>) -> Result<(), Halt> {
        if self.format.get().is_some() {
            return Ok(());
        }
        let format = self.format.get_or_init(|| format);
        self.emit(Event::Start { format, expected })
    }

    /// Hands an entry over.
    pub(super) fn entry(&self, entry: Entry<'_>) -> Result<(), Halt> {
        let entries = self.entries.get() + 1;
        self.entries.set(entries);
        if entries > self.limits().entries {
            return Err(Error::TooManyEntries { limit: self.limits().entries }.into());
        }
        if let Entry::Record(record) | Entry::NarrativeOnly { record, .. } = &entry
            && let Ok(mut labels) = self.labels.try_borrow_mut()
        {
            labels.add_labels(&record.index.sensitivity);
        }
        self.emit(Event::Entry(entry))
    }

    /// Reads what lies in something, and gives the labels of the records that were handed over.
    pub(super) fn labels_of(&self, read: impl FnOnce() -> Result<(), Halt>) -> Result<Parts, Halt> {
        let before = self.labels.take();
        read()?;
        let inside = self.labels.take();
        let mut all = before;
        all.add_labels(inside.labels());
        self.labels.replace(all);
        Ok(inside)
    }

    pub(super) fn skip(&self, path: String, reason: SkipReason) -> Result<(), Halt> {
        self.entry(Entry::Skipped(Skip { path, reason }))
    }

    /// Gives a record that only points to its medicine the name and the labels of that, where it was in a file of the
    /// same archive before: bulk exports have a file for each kind of resource.
    pub(super) fn name_medicine(&self, record: &mut Record<'_>) {
        if record.index.resource_type == "Medication" {
            let known = self.medicines_known.get();
            if known < MOST_MEDICINES
                && let Ok(mut medicines) = self.medicines.try_borrow_mut()
            {
                medicines.add(record.original, &record.index, record.full_url.as_deref());
                self.medicines_known.set(known + 1);
            }
        } else if let Some(reference) = medications::unnamed_reference(record)
            && let Ok(medicines) = self.medicines.try_borrow()
        {
            medicines.name(&reference, record);
        }
    }

    /// Whether more entries were handed over than a file may have.
    pub(super) fn is_full(&self) -> bool {
        self.entries.get() > self.limits().entries
    }

    pub(super) fn emit(&self, event: Event<'_>) -> Result<(), Halt> {
        if self.stopped.get() {
            return Err(Halt::Stopped);
        }
        // Nothing that takes an event reads on, so this borrow is the only one.
        let Ok(mut take) = self.take.try_borrow_mut() else { return Err(Halt::Stopped) };
        if take(event).is_break() {
            self.stopped.set(true);
            return Err(Halt::Stopped);
        }
        Ok(())
    }

    /// Counts bytes read from the file itself; past the first mebibyte it says so now and then.
    pub(super) fn count_packed(&self, bytes: u64) -> Result<(), Halt> {
        self.packed.set(self.packed.get() + bytes);
        if self.format.get().is_some() { self.progress(self.packed.get()) } else { Ok(()) }
    }

    /// Counts bytes that came out of unpacking, and answers how many there were in all.
    pub(super) fn count_unpacked(&self, bytes: u64) -> u64 {
        self.unpacked.set(self.unpacked.get().saturating_add(bytes));
        self.unpacked.get()
    }

    /// Says how much is done, if it is much more than was said before.
    pub(super) fn progress(&self, done: u64) -> Result<(), Halt> {
        let done = done.min(self.length);
        if done < self.told.get().saturating_add(STEP) {
            return Ok(());
        }
        self.told.set(done);
        self.emit(Event::Progress { read: done })
    }
}

/// The file, or a file in it.
#[derive(Debug, Clone)]
pub(super) struct Part<'p> {
    /// Its name without its folder.
    pub(super) name: &'p str,
    /// What stands before every path in it: empty, or `folder/file.json: `.
    pub(super) prefix: String,
    /// How many archives it lies in.
    pub(super) archives: usize,
    /// How many times it was unpacked on the spot (gzip).
    pub(super) unpacked: usize,
}

impl<'p> Part<'p> {
    pub(super) fn whole(name: &'p str) -> Self {
        Part { name, prefix: String::new(), archives: 0, unpacked: 0 }
    }

    /// Whether it is the file itself.
    pub(super) fn is_whole(&self) -> bool {
        self.archives == 0
    }

    /// A file in it.
    pub(super) fn member<'n>(&self, name: &'n str, shown: &str) -> Part<'n> {
        Part { name, prefix: format!("{}{shown}: ", self.prefix), archives: self.archives + 1, unpacked: 0 }
    }

    /// The same with one layer of packing taken off.
    pub(super) fn inside(&self) -> Self {
        Part { unpacked: self.unpacked + 1, ..self.clone() }
    }

    /// A path in the part as a path in the file.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Where the part itself is.
    pub(super) fn place(&self) -> String {
        self.prefix.strip_suffix(": ").unwrap_or(&self.prefix).to_owned()
    }
}
