//! FHIR JSON in any dress, by the core for JSON in memory.

use std::io::Read;

use super::{
    Event, bounded, inline,
    job::{Halt, Job, Part},
    text,
    version::OtherVersion,
};
use crate::{
    cards,
    import::{self, Entry, Format, Import, Page, Skip, SkipReason, older},
};

/// What is said of JSON with records somewhere in it.
const AROUND: &str = "The records of this file stand within other data. Those up to eight levels deep were read; what is around \
    them is in no format that is known here. It is kept with the file.";

/// What is said of a file in a version of FHIR before R4.
const OLDER: &str = "which hospitals gave out before R4. Those that R4 can say in full were read as R4.";

/// What is said of a text in which letters were cut through.
const HALVES: &str = "Half of a letter stands in a text of this file, as programs leave it that cut a text to a length \
    (often an emoji). A mark for an unknown letter is in its place.";

/// How many entries are read between two looks at the progress.
const BETWEEN: u64 = 256;

/// Reads a whole file of JSON.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let limits = job.limits();
    let packed_before = job.packed();
    let bytes = bounded::all(job, part, reader)?;
    let is_bytes = text::encoding(&bytes).0 == text::Encoding::Utf8;
    let mut bytes = text::to_utf8(bytes, limits.inflated_bytes)?;
    // JSON has no way to say that it is in another alphabet, and some programs write it so.
    let read_as = if is_bytes { text::from_windows(&bytes, limits.inflated_bytes)? } else { None };
    let from_windows = read_as.is_some();
    bytes = read_as.unwrap_or(bytes);
    // What programs that copy whole buffers leave behind a text.
    bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    let mut bytes = text::unwrap_json(bytes, limits)?;
    let halves = text::mend_half_letters(&mut bytes);
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    let mut split = import::found(&bytes, limits)?;
    let span = (packed_before, job.packed());
    let wrapped = split.format == Format::Wrapped;
    // Nobody can tell any more whether an issuer said this.
    if let Some(reason) = wrapped.then(|| cards::bare_content(&bytes, job.source().now)).flatten() {
        job.start(Format::HealthCard, Some(1))?;
        let skip = Skip { path: part.path("vc"), reason: SkipReason::Card(reason) };
        return job.entry(Entry::Skipped(skip));
    }
    let version = older::version(&bytes, &split);
    let version = version.filter(|version| older::to_r4(*version, &mut bytes, &mut split, limits));
    let import = Import::new(&bytes, split, limits);
    let older = version.map(|version| version.format(false));
    hand_over(job, part, import, span, older, wrapped)?;
    if halves > 0 {
        job.emit(Event::Note { path: part.path("text"), text: HALVES.to_owned() })?;
    }
    if wrapped {
        job.emit(Event::Note { path: part.path("around the records"), text: AROUND.to_owned() })?;
    }
    if from_windows { text::say_from_windows(job, part) } else { Ok(()) }
}

/// What is said of a page.
fn of_several_pages(here: u64, page: Page) -> String {
    let of = page.total.filter(|total| *total > here).map(|total| format!(" of {total}")).unwrap_or_default();
    format!(
        "This file is one page of several. Entries in it: {here}{of}. If you do not have the other pages, ask for them where \
         you got this one."
    )
}

/// Hands over the entries of a file in memory. `older` is the format of a file of which something was converted, `placed` says
/// of each record where in the file it is.
pub(super) fn hand_over(
    job: &Job<'_>,
    part: &Part<'_>,
    mut import: Import<'_>,
    span: (u64, u64),
    older: Option<Format>,
    placed: bool,
) -> Result<(), Halt> {
    let total = import.total() as u64;
    // What was converted stands elsewhere than in the file.
    let placed = placed || older.is_some() || !part.prefix.is_empty();
    if let Some(older) = older {
        let text = format!("Records of this file are in {older}, {OLDER}");
        job.start(older, Some(total))?;
        job.emit(Event::Note { path: part.path("resourceType"), text })?;
    }
    job.start(import.format().clone(), Some(total))?;
    if let Some(page) = import.page() {
        job.emit(Event::Note { path: part.path("Bundle.link"), text: of_several_pages(total, page) })?;
    }
    let mut done = 0_u64;
    let mut version = OtherVersion::default();
    while let Some(mut entry) = import.next_entry() {
        match &mut entry {
            Entry::Record(record) | Entry::NarrativeOnly { record, .. } => {
                version.look(record);
                if placed {
                    record.place = Some(part.path(&import.last_path()));
                }
                if !part.is_whole() {
                    job.name_medicine(record);
                }
            }
            Entry::Skipped(_) => {}
        }
        match &mut entry {
            Entry::Skipped(skip) => skip.path = part.path(&skip.path),
            Entry::NarrativeOnly { path, .. } => *path = part.path(path),
            Entry::Record(_) => {}
        }
        if let Entry::Record(record) | Entry::NarrativeOnly { record, .. } = &mut entry
            && inline::may_carry(&record.index)
        {
            let inside = job.labels_of(|| inline::read(job, part, &import.last_path(), record.original))?;
            inside.label_entry(&mut record.index);
        }
        job.entry(entry)?;
        done += 1;
        if done.is_multiple_of(BETWEEN) {
            let share = u128::from(span.1.saturating_sub(span.0)) * u128::from(done) / u128::from(total.max(1));
            job.progress(span.0 + u64::try_from(share).unwrap_or_default())?;
        }
    }
    match version.sentence() {
        Some(text) => job.emit(Event::Note { path: part.path("resourceType"), text: text.to_owned() }),
        None => Ok(()),
    }
}
