//! The front door: takes any file that a patient holds, finds out what it is, and hands over what is in it.

mod archive;
mod bounded;
mod converted;
mod detect;
mod gzip;
mod inline;
mod job;
mod json;
mod readers;
mod tar;
mod text;
mod version;
mod xml;
mod zip;

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::ControlFlow,
};

use smart_health::{SmartHealthLink, trust::TrustStore};

use super::{Entry, Format, Limits};
use crate::{
    Error, Result, apple,
    cards::Known,
    convert,
    csv::Mapping,
    documents::DocumentOptions,
    index::{IndexEntry, index_record},
};
use bounded::Bounded;
use job::{Halt, Job, Part};

/// What happens while a file is read, in this order: one `Start`, then any number of the others (but see `Link`).
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "an event is looked at and gone; a box would cost an allocation an entry"
)]
pub enum Event<'a> {
    /// The file was recognised.
    Start {
        /// What it is.
        format: &'a Format,
        /// How many entries it has, where that is known beforehand. What lies in an entry, a clinical document in a Binary,
        /// say, comes on top of it.
        expected: Option<u64>,
    },
    /// An entry.
    Entry(Entry<'a>),
    /// Bytes for the attachment store; comes before the entry that refers to them.
    Attachment(convert::Attachment<'a>),
    /// What a person should know of something that was taken: that the issuer of a card is not known, say.
    Note {
        /// Where in the file.
        path: String,
        /// What, as a sentence.
        text: String,
    },
    /// A link to records elsewhere. It is not opened: what it leads to is somebody else's computer. In a file that holds
    /// nothing else it comes without a start, before [`Error::OnlyLink`].
    Link {
        /// Which file of an archive it is in; empty where it is in the file itself.
        path: String,
        /// The link, a secret.
        link: SmartHealthLink,
    },
    /// What a QR code says that is nothing of health records.
    Code {
        /// Which file of an archive it is in; empty where it is in the file itself.
        path: String,
        /// What it says.
        text: String,
    },
    /// How much of the file, as it lies on the disk, is done.
    Progress {
        /// In bytes; never less than before.
        read: u64,
    },
}

/// How a file is read.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// What it may cost.
    pub limits: &'a Limits,
    /// Whose signatures on cards and certificates are known, and which parts of cards.
    pub cards: Known<'a>,
    /// What the person decided about documents and pictures.
    pub documents: DocumentOptions,
    /// What is known of tables: the first whose header is a table's own is how that table is read.
    pub tables: &'a [Mapping],
    /// How the file is to be read where it is a table itself, whatever its header.
    pub table: Option<&'a Mapping>,
}

impl<'a> Options<'a> {
    /// With nothing decided about documents, and no tables known.
    pub fn new(limits: &'a Limits, cards: Known<'a>) -> Self {
        Options { limits, cards, documents: DocumentOptions::default(), tables: &[], table: None }
    }
}

/// What a file must offer: reading, and going back to a place in it.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek + ?Sized> ReadSeek for T {}

/// Reads a file of any kind that is known here, trusting no issuer of cards, within [`convert::Source::limits`]. What it is, is found out from its
/// content and never from its name alone.
///
/// `take` is called for everything that is found, in the file's own order, and breaks to stop the reading; the answer is
/// then the format all the same. Nothing is kept in memory but one entry, or one file of FHIR JSON or XML.
///
/// # Errors
/// The file as a whole is no use. What was handed over before is then to be forgotten.
pub fn read_file(
    file: &mut dyn ReadSeek,
    source: &convert::Source<'_>,
    take: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Format> {
    let trust = TrustStore::default();
    let options = Options::new(source.limits, (&trust).into());
    read_file_with(file, source, &options, take)
}

/// [`read_file`] with more to choose; [`Options::limits`] count, and not those of the source.
///
/// # Errors
/// See [`read_file`].
pub fn read_file_with(
    file: &mut dyn ReadSeek,
    source: &convert::Source<'_>,
    options: &Options<'_>,
    take: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Format> {
    read_by(file, source, options, take, whole)
}

/// Reads the export of a telephone that was unpacked: `file` is its `export.xml`, and `beside` gives what lies around that
/// ([`apple::is_beside_export`], [`apple::is_clinical_copy`]), each file by its path there, opened when its turn comes. All
/// of it is read as one thing, as in the archive that it came out of.
///
/// # Errors
/// See [`read_file`]. What is wrong with a file beside the export is told of and leaves the others as they are.
pub fn read_export_with<'b>(
    file: &mut dyn ReadSeek,
    beside: &mut dyn Iterator<Item = (String, io::Result<Box<dyn Read + 'b>>)>,
    source: &convert::Source<'_>,
    options: &Options<'_>,
    take: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Format> {
    read_by(file, source, options, take, |job, part, file| {
        job.start(Format::AppleHealth, None)?;
        let mut export = apple::Export::new(&job.source());
        let mut samples = Bounded::packed(file, job, true, job.limits().archive_bytes);
        converted::hand_over(job, part, |sink| export.member(part.name, &mut samples, sink))?;
        for (name, opened) in beside {
            // What cannot be opened is a file like one that breaks off.
            let opened = opened.unwrap_or_else(|_| Box::new(io::empty()));
            let mut reader = Bounded::packed(opened, job, false, job.limits().archive_bytes);
            converted::hand_over(job, part, |sink| export.member(&name, &mut reader, sink))?;
        }
        converted::hand_over(job, part, |sink| export.finish(sink))
    })
}

/// Reads a file by `read`, if it is not too long for any reader.
fn read_by(
    file: &mut dyn ReadSeek,
    source: &convert::Source<'_>,
    options: &Options<'_>,
    take: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    read: impl FnOnce(&Job<'_>, &Part<'_>, &mut dyn ReadSeek) -> Result<(), Halt>,
) -> Result<Format> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let most = options.limits.archive_bytes.max(options.limits.file_bytes);
    if length > most {
        return Err(Error::TooLarge { limit_mib: most >> 20 });
    }
    let job = Job::new(source, options, length, take);
    match read(&job, &Part::whole(source.name), file) {
        Ok(()) | Err(Halt::Stopped) => job.format().ok_or(Error::Empty),
        Err(Halt::Failed(error)) => Err(error),
        Err(Halt::Refused { what, .. }) => Err(Error::NotFhir { what }),
    }
}

/// The index entry of a stored record ([`index_record`]) with the labels that reading it from a file gives it: it is as
/// sensitive as the documents that lie in it as base64. `original` is the record with these. `None` if it is no resource.
pub fn index_with_contents(original: &[u8]) -> Option<IndexEntry> {
    let mut entry = index_record(original)?;
    if inline::may_carry(&entry) {
        let (limits, trust) = (Limits::default(), TrustStore::default());
        let source = convert::Source { name: "", sha256: [0; 32], now: 0, limits: &limits };
        let options = Options::new(&limits, (&trust).into());
        let mut take = |_: Event<'_>| ControlFlow::Continue(());
        let job = Job::new(&source, &options, original.len() as u64, &mut take);
        match job.labels_of(|| inline::read(&job, &Part::whole(""), "", original)) {
            Ok(inside) => inside.label_entry(&mut entry),
            // The file that it came in was refused for the same.
            Err(Halt::Stopped | Halt::Failed(_) | Halt::Refused { .. }) => {}
        }
    }
    Some(entry)
}

/// Reads the file itself: a zip archive, whose directory is at its end, or anything else from its start.
fn whole(job: &Job<'_>, part: &Part<'_>, file: &mut dyn ReadSeek) -> Result<(), Halt> {
    let head = bounded::head(file)?;
    file.seek(SeekFrom::Start(0)).map_err(Error::Io)?;
    if detect::detect(&head) == detect::Kind::Zip {
        return zip::read(job, part, file);
    }
    let mut packed = Bounded::packed(file, job, true, job.limits().archive_bytes);
    readers::read(job, part, &mut packed)
}

#[cfg(test)]
mod tests;
