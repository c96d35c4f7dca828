//! From what a reader of another format finds to entries.

use std::{
    io::{BufRead, BufReader, Read},
    ops::ControlFlow,
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Event, bounded,
    job::{Halt, Job, Part},
};
use crate::{
    Result,
    convert::{Attachment, Converted, Found, Sink, Source},
    import::{Entry, Format, Record, SkipReason, identity},
    index::{index_entry, keep_member},
    json::parse_members,
};

/// Reads a file in memory by a reader of bytes. `keep`: its media type, where it is itself to be kept as an attachment,
/// to which its resources refer, and its reader does not see to that.
pub(super) fn bytes(
    job: &Job<'_>,
    part: &Part<'_>,
    reader: &mut dyn Read,
    format: Format,
    keep: Option<&str>,
    read: impl FnOnce(&[u8], &Source<'_>, &mut Sink<'_>) -> Result<()>,
) -> Result<(), Halt> {
    let bytes = bounded::all(job, part, reader)?;
    let sha256 = Sha256::digest(&bytes).into();
    let source = Source { name: part.name, sha256, ..job.source() };
    job.start(format, None)?;
    if let Some(media_type) = keep {
        job.emit(Event::Attachment(Attachment { sha256, media_type, bytes: &bytes }))?;
    }
    hand_over(job, part, |sink| read(&bytes, &source, sink))
}

/// Reads a file of any size by a reader of streams. Its source's SHA-256 is that of the whole file, also where it lies
/// in an archive.
pub(super) fn stream(
    job: &Job<'_>,
    part: &Part<'_>,
    reader: &mut dyn Read,
    format: Format,
    read: impl FnOnce(&mut dyn BufRead, &Source<'_>, &mut Sink<'_>) -> Result<()>,
) -> Result<(), Halt> {
    let source = Source { name: part.name, ..job.source() };
    job.start(format, None)?;
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    hand_over(job, part, |sink| read(&mut reader, &source, sink))
}

/// Runs a reader and hands over what it finds.
pub(super) fn hand_over(
    job: &Job<'_>,
    part: &Part<'_>,
    read: impl FnOnce(&mut Sink<'_>) -> Result<()>,
) -> Result<(), Halt> {
    let mut halted = None;
    let outcome = read(&mut |found| match one(job, part, found) {
        Ok(()) => ControlFlow::Continue(()),
        Err(halt) => {
            halted = Some(halt);
            ControlFlow::Break(())
        }
    });
    match halted {
        Some(halt) => Err(halt),
        None => outcome.map_err(bounded::sorted),
    }
}

fn one(job: &Job<'_>, part: &Part<'_>, found: Found<'_>) -> Result<(), Halt> {
    match found {
        Found::Attachment(attachment) => job.emit(Event::Attachment(attachment)),
        Found::Skipped(skip) => job.skip(part.path(&skip.path), skip.reason),
        Found::Resource(converted) => {
            let place = part.path(&converted.place);
            let limits = job.limits();
            let mut bytes = Vec::new();
            match entry(*converted, place.clone(), limits.entry_bytes, &mut bytes) {
                Ok(entry) => job.entry(entry),
                Err(reason) => job.skip(place, reason),
            }
        }
    }
}

/// The entry of a resource that was made here; its bytes are written to `bytes`.
fn entry(converted: Converted, place: String, most: usize, bytes: &mut Vec<u8>) -> Result<Entry<'_>, SkipReason> {
    let Converted { resource, place: _, narrative_only, signed, as_of } = converted;
    serde_json::to_writer(&mut *bytes, &Value::Object(resource)).map_err(|_| SkipReason::NotJson)?;
    if bytes.len() > most {
        return Err(SkipReason::TooLarge { limit_mib: most >> 20 });
    }
    let original: &[u8] = bytes;
    let text = std::str::from_utf8(original).map_err(|_| SkipReason::NotText)?;
    let members = parse_members(text, keep_member).map_err(|_| SkipReason::NotJson)?;
    let record = Record {
        identity: identity::identity(&members, None, original),
        original,
        full_url: None,
        place: Some(place.clone()),
        signed,
        as_of,
        index: index_entry(&members),
    };
    Ok(match narrative_only {
        Some(reason) => Entry::NarrativeOnly { path: place, reason, record },
        None => Entry::Record(record),
    })
}

#[cfg(test)]
mod tests;
