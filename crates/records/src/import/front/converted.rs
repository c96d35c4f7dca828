//! From what a reader of another format finds to entries.

use std::ops::ControlFlow;

use serde_json::Value;

use super::{
    Event, bounded,
    job::{Halt, Job, Part},
};
use crate::{
    Result,
    convert::{Converted, Found, Sink},
    import::{Entry, Record, Skip, SkipReason, identity},
    index::{index_entry, keep_member},
    json::parse_members,
};

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
                Err(reason) => job.entry(Entry::Skipped(Skip { path: place, reason })),
            }
        }
    }
}

/// The entry of a resource that was made here; its bytes are written to `bytes`.
fn entry(converted: Converted, place: String, most: usize, bytes: &mut Vec<u8>) -> Result<Entry<'_>, SkipReason> {
    let Converted { resource, place: _, narrative_only, signed } = converted;
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
        index: index_entry(&members),
    };
    Ok(match narrative_only {
        Some(reason) => Entry::NarrativeOnly { path: place, reason, record },
        None => Entry::Record(record),
    })
}
