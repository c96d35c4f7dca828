//! Tar archives, as bulk exports come in (`.tar.gz`): POSIX.1-2001 `pax` and its forerunners `ustar` and GNU.

use std::{
    collections::HashSet,
    io::{self, Read},
};

use super::{
    archive, bounded,
    job::{Halt, Job, Part},
    readers,
};
use crate::{
    Error,
    import::{Archive, Format, SkipReason},
};

const BLOCK: usize = 512;
/// The most bytes of a long name, or of a record of extended headers.
const MOST_HEADER: u64 = 64 << 10;

/// Reads an archive from its start to its end.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, mut reader: &mut dyn Read) -> Result<(), Halt> {
    job.start(Format::Archive(Archive::BulkFhir), None)?;
    let mut names = HashSet::new();
    let mut long_name: Option<Vec<u8>> = None;
    let mut count = 0;
    while let Some(header) = Header::read(reader)? {
        count += 1;
        if count > job.limits().members {
            return Err(Error::TooManyFiles { limit: job.limits().members }.into());
        }
        let padding = (BLOCK as u64 - header.size % BLOCK as u64) % BLOCK as u64;
        let mut data = Read::take(&mut reader, header.size);
        match header.kind {
            b'L' | b'x' => {
                let mut text = Vec::new();
                Read::take(&mut data, MOST_HEADER).read_to_end(&mut text).map_err(bounded::halt)?;
                let name = if header.kind == b'x' { pax_path(&text) } else { Some(until_nul(&text).to_vec()) };
                long_name = name.or(long_name);
            }
            b'0' | 0 | b'7' | b'1' | b'2' => {
                let raw = long_name.take().unwrap_or(header.name);
                let name = archive::checked_name(&String::from_utf8_lossy(&raw));
                let refused = match &name {
                    Err(_) => Some(SkipReason::UnsafePath),
                    Ok(_) if matches!(header.kind, b'1' | b'2') => Some(SkipReason::Link),
                    Ok(name) if !names.insert(name.clone()) => Some(SkipReason::DuplicateName),
                    Ok(_) => None,
                };
                let (Ok(name) | Err(name)) = name;
                archive::member(job, part, &name, &mut |inner| match &refused {
                    Some(reason) => Err(Halt::Refused { reason: reason.clone(), what: "a part of an archive" }),
                    None => readers::read(job, inner, &mut data),
                })?;
            }
            // Folders, devices, settings for all.
            _ => long_name = None,
        }
        // What the file's own reader left unread, and what fills the block.
        let left = data.limit();
        let skipped = io::copy(&mut Read::take(&mut reader, left.saturating_add(padding)), &mut io::sink())
            .map_err(bounded::halt)?;
        if skipped < left {
            return Err(Error::CutShort.into());
        }
    }
    Ok(())
}

struct Header {
    name: Vec<u8>,
    size: u64,
    kind: u8,
}

impl Header {
    /// The next header; `None` at the end.
    fn read(reader: &mut dyn Read) -> Result<Option<Header>, Halt> {
        let mut block = Vec::new();
        Read::take(reader, BLOCK as u64).read_to_end(&mut block).map_err(bounded::halt)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let field = |from: usize, to: usize| block.get(from..to).ok_or(Error::CutShort);
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) })
            .sum();
        if number(field(148, 156)?) != Some(sum) {
            return Err(Error::Gzip.into());
        }
        let size = number(field(124, 136)?).ok_or(Error::Gzip)?;
        let mut name = until_nul(field(0, 100)?).to_vec();
        let prefix = until_nul(field(345, 500)?);
        if field(257, 262)? == b"ustar" && field(257, 263)? != b"ustar " && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        let kind = field(156, 157)?.first().copied().unwrap_or_default();
        Ok(Some(Header { name, size, kind }))
    }
}

/// An octal number, or one in base 256 where it would not fit.
fn number(field: &[u8]) -> Option<u64> {
    if let [first @ (0x80 | 0xFF), rest @ ..] = field {
        let value = rest.iter().try_fold(0_u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)))?;
        return (*first == 0x80).then_some(value);
    }
    let text = std::str::from_utf8(until_nul(field)).ok()?.trim();
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// `path` among extended headers: lines of `length name=value`.
fn pax_path(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    while let Some(space) = text.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(text.get(..space)?).ok()?.parse().ok()?;
        let line = text.get(space + 1..length)?;
        if let Some(path) = line.strip_prefix(b"path=") {
            found = Some(path.strip_suffix(b"\n").unwrap_or(path).to_vec());
        }
        text = text.get(length..)?;
    }
    found
}
