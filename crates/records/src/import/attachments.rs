//! What lies inline in a record as base64 (`Attachment.data`, `Binary.data`): found, taken out, and put back.
//!
//! A PDF inside a record is a third larger than itself and cannot be shared by the versions of the record. [`detach`]
//! takes such data out of a record's original and leaves a mark in their place; [`attach`] puts them back and gives
//! exactly the bytes that there were. Only what encodes to exactly the same text again is taken out.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::MAX_DEPTH;

/// Data of fewer bytes than this stay where they are: SQLite reads small ones faster out of the database than a file system
/// does ("Internal Versus External BLOBs in SQLite" puts the turning point at about 100 kB), and a file each would make an
/// import of many short notes wait for the disk.
pub const SMALLEST: usize = 64 * 1024;

/// What stands in a slim record in place of data: this, and their SHA-256 in 64 hexadecimal digits.
const MARK: &[u8] = b"urn:carnet:detached:sha256:";
/// The mark's own beginning where a record really has it: one more letter, which [`attach`] takes out again.
const STEM: &[u8] = b"urn:carnet:detached";
const ESCAPE: u8 = b'!';

/// A record without its inline data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    /// The record with marks in their place; still JSON if it was.
    pub slim: Vec<u8>,
    /// What was taken out, in the order of its places, each place one.
    pub parts: Vec<Detachment>,
}

/// Data taken out of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detachment {
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// `contentType` beside them; `application/octet-stream` where it is missing.
    pub media_type: String,
    /// The decoded bytes.
    pub bytes: Vec<u8>,
}

/// Takes inline data out of a record, or of any bytes: what is not JSON comes back whole from [`attach`] as well.
pub fn detach(original: &[u8]) -> Detached {
    detach_from(original, SMALLEST)
}

fn detach_from(original: &[u8], smallest: usize) -> Detached {
    let mut slim = Vec::with_capacity(original.len().min(1 << 16));
    let mut parts = Vec::new();
    let mut kept = 0;
    for inline in find(original, smallest) {
        let Some(text) = original.get(inline.start..inline.end) else { continue };
        let Some(bytes) = decode_exactly(text, smallest) else { continue };
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        escape(original.get(kept..inline.start).unwrap_or_default(), &mut slim);
        slim.extend_from_slice(MARK);
        slim.extend_from_slice(hex(&sha256).as_bytes());
        kept = inline.end;
        parts.push(Detachment { sha256, media_type: inline.media_type, bytes });
    }
    escape(original.get(kept..).unwrap_or_default(), &mut slim);
    Detached { slim, parts }
}

/// Puts back what [`detach`] took out. `lookup` gives the bytes with that SHA-256.
///
/// # Errors
/// The hash of what could not be looked up.
pub fn attach(slim: &[u8], lookup: &mut dyn FnMut(&[u8; 32]) -> Option<Vec<u8>>) -> Result<Vec<u8>, Missing> {
    let mut out = Vec::with_capacity(slim.len());
    let mut rest = slim;
    while let Some(at) = position(rest, STEM) {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let tail = from.get(STEM.len()..).unwrap_or_default();
        if let Some(tail) = tail.strip_prefix(&[ESCAPE]) {
            out.extend_from_slice(STEM);
            rest = tail;
            continue;
        }
        let hash = from.strip_prefix(MARK).and_then(|tail| tail.split_at_checked(64));
        let Some((sha256, tail)) = hash.and_then(|(hash, tail)| Some((unhex(hash)?, tail))) else {
            // No mark of ours: such bytes never come from `detach`.
            out.extend_from_slice(STEM);
            rest = tail;
            continue;
        };
        let bytes = lookup(&sha256).ok_or(Missing { sha256 })?;
        out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
        rest = tail;
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// The hashes of what [`attach`] will ask for, in order.
pub fn detached_from(slim: &[u8]) -> Vec<[u8; 32]> {
    let mut hashes = Vec::new();
    // Nothing is kept of what comes out; an empty answer goes on to the next mark.
    let _ = attach(slim, &mut |sha256| {
        hashes.push(*sha256);
        Some(Vec::new())
    });
    hashes
}

/// The hash in a mark: what stands in a slim record in place of `data`.
pub fn detached(mark: &str) -> Option<[u8; 32]> {
    unhex(mark.as_bytes().strip_prefix(MARK)?)
}

/// Bytes that a slim record needs are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An attachment of this record is missing, so the record cannot be shown whole. Restore it from a backup.")]
pub struct Missing {
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// The inline data of a record as written: base64, with what JSON escapes in it.
#[cfg(feature = "formats")]
pub(super) fn inline(original: &[u8], smallest: usize) -> impl Iterator<Item = &[u8]> {
    find(original, smallest).into_iter().filter_map(|inline| original.get(inline.start..inline.end))
}

/// Where inline data are: the text between the quotes.
#[derive(Debug)]
struct Inline {
    start: usize,
    end: usize,
    media_type: String,
}

/// Finds the member `data`, long enough, of every object that says its `contentType`, or is a Binary. One pass, no
/// recursion; what is not JSON may give anything, but only ever text between quotes.
fn find(original: &[u8], smallest: usize) -> Vec<Inline> {
    let mut found = Vec::new();
    if original.len() < smallest {
        return found;
    }
    let mut open: Vec<Object> = Vec::new();
    let mut at = 0;
    // The member's name that a colon after the last string would make of it.
    let mut last = (0, 0);
    let mut name = Name::Other;
    while let Some(byte) = original.get(at) {
        match byte {
            b'"' => {
                let end = string_end(original, at + 1);
                last = (at + 1, end);
                if let Some(object) = open.last_mut() {
                    match name {
                        Name::Data if end - (at + 1) >= smallest => object.data = Some(last),
                        Name::ContentType => object.content_type = Some(last),
                        Name::Type => object.binary = original.get(last.0..last.1) == Some(b"Binary"),
                        _ => {}
                    }
                }
                name = Name::Other;
                at = end;
            }
            b':' => {
                name = match original.get(last.0..last.1) {
                    Some(b"data") => Name::Data,
                    Some(b"contentType") => Name::ContentType,
                    Some(b"resourceType") => Name::Type,
                    _ => Name::Other,
                };
            }
            b'{' | b'[' if open.len() > MAX_DEPTH => return Vec::new(),
            b'{' | b'[' => {
                open.push(Object::default());
                name = Name::Other;
            }
            b'}' | b']' => {
                if let Some(Object { data: Some((start, end)), content_type, binary }) = open.pop()
                    && (binary || content_type.is_some())
                {
                    let media_type = content_type.and_then(|(start, end)| {
                        let quoted = original.get(start - 1..end + 1)?;
                        serde_json::from_slice::<String>(quoted)
                            .ok()
                            .filter(|text| !text.is_empty() && text.len() < 256)
                    });
                    let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                    found.push(Inline { start, end, media_type });
                }
                name = Name::Other;
            }
            b',' => name = Name::Other,
            _ => {}
        }
        at += 1;
    }
    // An outer object closes after those within it.
    found.sort_unstable_by_key(|inline| inline.start);
    found
}

#[derive(Debug, Default)]
struct Object {
    data: Option<(usize, usize)>,
    content_type: Option<(usize, usize)>,
    binary: bool,
}

#[derive(Debug, Clone, Copy)]
enum Name {
    Data,
    ContentType,
    Type,
    Other,
}

/// Where the closing quote is of the string that starts at `from`; the end of the text if there is none.
fn string_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(step) = text.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))) {
        at += step;
        if text.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// The bytes, if they encode to exactly this text again.
fn decode_exactly(text: &[u8], smallest: usize) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(text).ok().filter(|bytes| bytes.len() >= smallest)?;
    (STANDARD.encode(&bytes).as_bytes() == text).then_some(bytes)
}

fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = position(rest, STEM) {
        let (before, from) = rest.split_at(at + STEM.len());
        out.extend_from_slice(before);
        out.push(ESCAPE);
        rest = from;
    }
    out.extend_from_slice(rest);
}

/// Where `what` first occurs; by its first letter, since marks are rare.
fn position(text: &[u8], what: &[u8]) -> Option<usize> {
    let first = what.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|byte| byte == first)?;
        if text.get(at..)?.starts_with(what) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        let digit = |letter: u8| match letter {
            b'0'..=b'9' => Some(letter - b'0'),
            b'a'..=b'f' => Some(letter - b'a' + 10),
            _ => None,
        };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    (pairs.len() == 32).then_some(out)
}

#[cfg(test)]
mod tests;
