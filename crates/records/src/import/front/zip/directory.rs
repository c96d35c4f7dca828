//! The directory of a zip archive (PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5), read by ourselves before anything is
//! believed of it: how many files there are, where they lie, and that no two share a byte.

use std::{
    collections::HashSet,
    io::{Read, SeekFrom},
};

use crate::{
    Error, Result,
    import::{Limits, ReadSeek, SkipReason, front::archive},
};

/// The most bytes of a directory: 100,000 files with long names are a tenth of it.
const MOST_DIRECTORY: u64 = 64 << 20;
/// An end record without its comment, and the longest comment.
const END: usize = 22;
const COMMENT: u64 = 0xFFFF;
/// The locator of a zip64 end record, and that record without its extensible data.
const LOCATOR: usize = 20;
const END64: usize = 56;

/// What an archive says is in it.
#[derive(Debug)]
pub(super) struct Directory {
    /// In the order of the directory; folders are left out.
    pub(super) members: Vec<Member>,
}

/// A file in an archive.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its name as bytes, as the file itself must repeat it.
    pub(super) raw_name: Vec<u8>,
    /// Its name for people.
    pub(super) name: String,
    /// Why it is not read, where the directory says so already.
    pub(super) refused: Option<SkipReason>,
    pub(super) flags: u16,
    /// 0 stored, 8 deflated.
    pub(super) method: u16,
    pub(super) crc32: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Where its own header begins, from the start of the file.
    pub(super) header: u64,
    /// Where the next file's header, or the directory, begins.
    pub(super) bound: u64,
}

impl Directory {
    /// Reads and checks it.
    ///
    /// # Errors
    /// Not a whole zip archive, more files than the limit, or files that overlap.
    pub(super) fn read(file: &mut dyn ReadSeek, limits: &Limits) -> Result<Directory> {
        let end = End::find(file)?;
        if end.members > limits.members as u64 || end.size > MOST_DIRECTORY {
            return Err(Error::TooManyFiles { limit: limits.members });
        }
        file.seek(SeekFrom::Start(end.offset))?;
        let mut bytes = Vec::new();
        Read::take(&mut *file, end.size).read_to_end(&mut bytes)?;
        let mut members = Vec::new();
        let mut rest = bytes.as_slice();
        let mut found = 0;
        while let Some(parsed) = Member::parse(&mut rest, end.shift) {
            found += 1;
            if found > limits.members {
                return Err(Error::TooManyFiles { limit: limits.members });
            }
            members.push(parsed);
        }
        if (found as u64) < end.members || bytes.len() as u64 != end.size {
            return Err(Error::Zip);
        }
        bound(&mut members, end.offset)?;
        members.retain(|member| !member.raw_name.ends_with(b"/") && !member.raw_name.ends_with(b"\\"));
        let mut names = HashSet::new();
        for member in &mut members {
            if !names.insert(member.name.clone()) {
                member.refused.get_or_insert(SkipReason::DuplicateName);
            }
        }
        Ok(Directory { members })
    }
}

/// Says of each file where the next begins, and refuses an archive in which one reaches into another: so are bombs built
/// that unpack the same bytes again and again (D. Fifield, A better zip bomb, WOOT 2019).
fn bound(members: &mut [Member], directory: u64) -> Result<()> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_unstable_by_key(|at| members.get(*at).map_or(0, |member| member.header));
    let mut next = directory;
    for at in order.into_iter().rev() {
        let Some(member) = members.get_mut(at) else { continue };
        let least = 30_u64.saturating_add(member.raw_name.len() as u64).saturating_add(member.packed);
        if member.header.saturating_add(least) > next {
            return Err(Error::Overlaps);
        }
        member.bound = next;
        next = member.header;
    }
    Ok(())
}

/// What the end record says.
#[derive(Debug)]
struct End {
    members: u64,
    size: u64,
    /// Where the directory begins, from the start of the file.
    offset: u64,
    /// How far everything lies behind where it says it does: the size of what was put before the archive.
    shift: u64,
}

impl End {
    fn find(file: &mut dyn ReadSeek) -> Result<End> {
        let length = file.seek(SeekFrom::End(0))?;
        let tail_length = length.min(END as u64 + COMMENT + (LOCATOR + END64) as u64);
        let tail_start = length - tail_length;
        file.seek(SeekFrom::Start(tail_start))?;
        let mut tail = Vec::new();
        Read::take(&mut *file, tail_length).read_to_end(&mut tail)?;
        let mut at = tail.len().checked_sub(END).ok_or(Error::Zip)?;
        let record = loop {
            let candidate = tail.get(at..).unwrap_or_default();
            if candidate.starts_with(b"PK\x05\x06") {
                let comment = usize::from(u16_at(candidate, 20).ok_or(Error::Zip)?);
                if candidate.len() >= END + comment {
                    break candidate;
                }
            }
            at = at.checked_sub(1).ok_or(Error::Zip)?;
        };
        let field16 = |offset| u16_at(record, offset).ok_or(Error::Zip);
        let field32 = |offset| u32_at(record, offset).ok_or(Error::Zip);
        let (disk, first_disk) = (field16(4)?, field16(6)?);
        let (mut members, mut size, mut offset) =
            (u64::from(field16(10)?), u64::from(field32(12)?), u64::from(field32(16)?));
        let mut end = tail_start + at as u64;
        if disk == 0xFFFF || members == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
            if let Some(larger) = End64::find(file, &tail, at)? {
                (members, size, offset, end) = (larger.members, larger.size, larger.offset, larger.at);
            }
        } else if disk != 0 || first_disk != 0 {
            return Err(Error::ZipPart);
        }
        // The directory ends where the end record begins. Where that is not where it says, something was put in front.
        let begins = end.checked_sub(size).ok_or(Error::Zip)?;
        let shift = begins.checked_sub(offset).ok_or(Error::Zip)?;
        Ok(End { members, size, offset: begins, shift })
    }
}

/// What a zip64 end record says, and where it lies.
struct End64 {
    members: u64,
    size: u64,
    offset: u64,
    at: u64,
}

impl End64 {
    fn find(file: &mut dyn ReadSeek, tail: &[u8], end: usize) -> Result<Option<End64>> {
        let Some(locator) = end.checked_sub(LOCATOR).and_then(|at| tail.get(at..end)) else { return Ok(None) };
        if !locator.starts_with(b"PK\x06\x07") {
            return Ok(None);
        }
        let at = u64_at(locator, 8).ok_or(Error::Zip)?;
        file.seek(SeekFrom::Start(at))?;
        let mut record = Vec::new();
        Read::take(&mut *file, END64 as u64).read_to_end(&mut record)?;
        if !record.starts_with(b"PK\x06\x06") {
            return Err(Error::Zip);
        }
        let field = |offset| u64_at(&record, offset).ok_or(Error::Zip);
        Ok(Some(End64 { members: field(32)?, size: field(40)?, offset: field(48)?, at }))
    }
}

impl Member {
    /// The next header of the directory.
    fn parse(rest: &mut &[u8], shift: u64) -> Option<Member> {
        let header = *rest;
        if !header.starts_with(b"PK\x01\x02") {
            return None;
        }
        let (made_by, flags, method) = (u16_at(header, 4)?, u16_at(header, 8)?, u16_at(header, 10)?);
        let crc32 = u32_at(header, 16)?;
        let mut packed = u64::from(u32_at(header, 20)?);
        let mut size = u64::from(u32_at(header, 24)?);
        let name_length = usize::from(u16_at(header, 28)?);
        let extra_length = usize::from(u16_at(header, 30)?);
        let comment_length = usize::from(u16_at(header, 32)?);
        let attributes = u32_at(header, 38)?;
        let mut offset = u64::from(u32_at(header, 42)?);
        let raw_name = header.get(46..46 + name_length)?.to_vec();
        let extra = header.get(46 + name_length..46 + name_length + extra_length)?;
        *rest = header.get(46 + name_length + extra_length + comment_length..)?;
        zip64(extra, &mut size, &mut packed, &mut offset);
        let name = archive::decoded_name(&raw_name, flags & 1 << 11 != 0);
        let (name, unsafe_path) = match archive::checked_name(&name) {
            Ok(name) => (name, false),
            Err(name) => (name, true),
        };
        // Unix's and macOS's file types stand in the upper half of the attributes.
        let is_link = matches!(made_by >> 8, 3 | 19) && (attributes >> 16) & 0o170_000 == 0o120_000;
        let refused = if unsafe_path {
            Some(SkipReason::UnsafePath)
        } else if flags & (1 | 1 << 6 | 1 << 13) != 0 || method == 99 {
            Some(SkipReason::Encrypted)
        } else if is_link {
            Some(SkipReason::Link)
        } else if !matches!(method, 0 | 8) {
            Some(SkipReason::Packing { method })
        } else if method == 0 && packed != size {
            Some(SkipReason::Contradicts)
        } else {
            None
        };
        let header = offset.saturating_add(shift);
        Some(Member { raw_name, name, refused, flags, method, crc32, packed, size, header, bound: 0 })
    }
}

/// The sizes and the place that do not fit into 32 bits (APPNOTE 4.5.3).
fn zip64(mut extra: &[u8], size: &mut u64, packed: &mut u64, offset: &mut u64) {
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let Some(mut field) = extra.get(4..4 + usize::from(length)) else { return };
        if id == 1 {
            for value in [size, packed, offset] {
                if *value == 0xFFFF_FFFF
                    && let Some(larger) = u64_at(field, 0)
                {
                    *value = larger;
                    field = field.get(8..).unwrap_or_default();
                }
            }
            return;
        }
        extra = extra.get(4 + usize::from(length)..).unwrap_or_default();
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_le_bytes)
}
