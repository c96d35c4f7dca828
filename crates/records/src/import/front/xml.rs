//! FHIR XML, by way of the core for JSON in memory.

use std::{borrow::Cow, io::Read};

use encoding_rs::{Encoding, UTF_8};

use super::{
    bounded,
    job::{Halt, Job, Part},
    json, text,
};
use crate::{Error, import::fhir_xml};

/// Reads a whole file of FHIR XML.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let limits = job.limits();
    let from = job.packed();
    let bytes = bounded::all(job, part, reader)?;
    let bytes = text::to_utf8(bytes, limits.inflated_bytes)?;
    let converted = {
        let text = decode(&bytes);
        if text.len() as u64 > limits.inflated_bytes {
            return Err(Error::TooLarge { limit_mib: limits.inflated_bytes >> 20 }.into());
        }
        fhir_xml::read(&text, limits)?
    };
    drop(bytes);
    json::hand_over(job, part, converted.import(limits)?, (from, job.packed()), true)
}

/// The text, in the encoding that the XML declaration names (XML 1.0, appendix F); FHIR asks for UTF-8. A byte that is
/// no text becomes U+FFFD, at most three times as long.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let declaration = head.split(|byte| *byte == b'>').next().filter(|start| start.starts_with(b"<?xml"));
    let label = declaration.and_then(|text| {
        let at = text.windows(8).position(|window| window == b"encoding")?;
        text.get(at + 8..)?.split(|byte| matches!(byte, b'"' | b'\'')).nth(1)
    });
    let named = label.and_then(Encoding::for_label).filter(|encoding| encoding.is_ascii_compatible());
    named.unwrap_or(UTF_8).decode_without_bom_handling(bytes).0
}
