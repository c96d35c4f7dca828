//! FHIR XML, by way of the core for JSON in memory.

use std::io::Read;

use super::{
    bounded,
    job::{Halt, Job, Part},
    json, text,
};
use crate::{Error, import::fhir_xml, xml};

/// Reads a whole file of FHIR XML.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let limits = job.limits();
    let from = job.packed();
    let bytes = bounded::all(job, part, reader)?;
    let bytes = text::to_utf8(bytes, limits.inflated_bytes)?;
    let converted = {
        let text = xml::decode(&bytes);
        if text.len() as u64 > limits.inflated_bytes {
            return Err(Error::TooLarge { limit_mib: limits.inflated_bytes >> 20 }.into());
        }
        fhir_xml::read(&text, limits)?
    };
    let misdeclared = xml::is_misdeclared(&bytes);
    drop(bytes);
    let older = converted.older().map(|version| version.format(true));
    json::hand_over(job, part, converted.import(limits)?, (from, job.packed()), older, true)?;
    if misdeclared { text::say_from_windows(job, part) } else { Ok(()) }
}
