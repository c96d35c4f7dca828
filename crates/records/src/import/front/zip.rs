//! Zip archives: each file in them is read by what it is. Nothing is ever written to a disk.
//!
//! Written on `flate2` alone: what makes archives dangerous is in the directory, which has to be read and checked before
//! a library may believe it; what then is left of the format is one header a file.

mod directory;

use std::{
    cell::Cell,
    io::{self, Cursor, ErrorKind, Read, SeekFrom},
};

use flate2::{Crc, read::DeflateDecoder};

use super::{
    ReadSeek, archive,
    bounded::{self, Bounded, Counted},
    converted,
    job::{Halt, Job, Part},
    readers,
};
use crate::{
    Error, Result, apple,
    import::{Archive, Format, SkipReason},
};
use directory::{Directory, Member, u16_at, u32_at};

/// The most files that are looked at for a telephone's export.
const LOOKED_AT: usize = 16;
/// So much of a file tells whether it belongs to one.
const LOOKED_INTO: u64 = 64 << 10;

/// Reads an archive of which any place can be reached.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, file: &mut dyn ReadSeek) -> Result<(), Halt> {
    let directory = Directory::read(file, job.limits())?;
    if directory.members.is_empty() {
        return Err(Error::Empty.into());
    }
    let names: Vec<&str> = directory.members.iter().map(|member| member.name.as_str()).collect();
    if let Some(what) = archive::office(&names) {
        return Err(Halt::Refused { reason: SkipReason::Unsupported { what }, what });
    }
    if let Some(samples) = export_of(file, &directory) {
        job.start(Format::Archive(Archive::AppleHealth), None)?;
        return read_export(job, part, file, &directory, samples);
    }
    job.start(Format::Archive(archive::kind(&names, part.name)), None)?;
    // What records point to is read before those that point to it.
    let (medicines, others): (Vec<&Member>, Vec<&Member>) =
        directory.members.iter().partition(|member| archive::holds_medicines(&member.name));
    for member in medicines.into_iter().chain(others) {
        read_member(job, part, file, member)?;
    }
    Ok(())
}

/// Reads one file by what it is.
fn read_member(job: &Job<'_>, part: &Part<'_>, file: &mut dyn ReadSeek, member: &Member) -> Result<(), Halt> {
    archive::member(job, part, &member.name, &mut |inner| {
        open(job, part, file, member, &mut |reader| readers::read(job, inner, reader))
    })
}

/// The samples of a telephone's export: the first file whose root says that it is them. Names alone do not tell: portals
/// call their documents `…_CDA.xml`, too, and put other files beside them.
fn export_of<'d>(file: &mut dyn ReadSeek, directory: &'d Directory) -> Option<&'d Member> {
    let candidates = directory.members.iter().filter(|member| archive::may_be_export(&member.name));
    candidates.take(LOOKED_AT).find(|member| begins(file, member, &|start| apple::is_export(start)).unwrap_or_default())
}

/// Whether a file begins as it should. What is wrong with it is told when it is read.
fn begins(file: &mut dyn ReadSeek, member: &Member, as_wanted: &dyn Fn(&mut dyn Read) -> bool) -> Result<bool, Halt> {
    if member.refused.is_some() {
        return Ok(false);
    }
    let start = data_start(file, member)?;
    file.seek(SeekFrom::Start(start)).map_err(Error::Io)?;
    let mut packed = Read::take(file, member.packed);
    Ok(match member.method {
        0 => as_wanted(&mut packed),
        _ => as_wanted(&mut DeflateDecoder::new(packed)),
    })
}

/// Whether a file is a part of the export that has its samples in `samples`: what Apple puts into folders beside them, and
/// in their own folder Apple's clinical document and other exports, by their content. Anybody can zip more together.
fn is_of_export(file: &mut dyn ReadSeek, member: &Member, samples: &Member) -> bool {
    if member.name == samples.name {
        return true;
    }
    let Some(path) = member.name.strip_prefix(archive::folder(&samples.name)) else { return false };
    let is_part = |start: &mut dyn Read| {
        let mut head = Vec::new();
        let read = start.take(LOOKED_INTO).read_to_end(&mut head);
        read.is_ok() && (apple::is_clinical_copy(head.as_slice()) || apple::is_export(head.as_slice()))
    };
    apple::is_beside_export(path)
        || (!path.contains('/')
            && path.to_lowercase().ends_with(".xml")
            && begins(file, member, &is_part).unwrap_or_default())
}

/// Reads a telephone's export as one thing, and whatever else lies in the archive by what it is.
fn read_export(
    job: &Job<'_>,
    part: &Part<'_>,
    file: &mut dyn ReadSeek,
    directory: &Directory,
    samples: &Member,
) -> Result<(), Halt> {
    let mut export = apple::Export::new(&job.source());
    for member in &directory.members {
        if !is_of_export(file, member, samples) {
            read_member(job, part, file, member)?;
            continue;
        }
        archive::member(job, part, &member.name, &mut |_| {
            open(job, part, file, member, &mut |reader| {
                converted::hand_over(job, part, |sink| export.member(&member.name, reader, sink))
            })
        })?;
    }
    converted::hand_over(job, part, |sink| export.finish(sink))
}

/// Reads an archive that lies in another, in memory.
pub(super) fn read_nested(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let bytes = bounded::all(job, part, reader)?;
    read(job, part, &mut Cursor::new(bytes))
}

/// Opens one file and reads it by `read`.
fn open(
    job: &Job<'_>,
    part: &Part<'_>,
    file: &mut dyn ReadSeek,
    member: &Member,
    read: &mut dyn FnMut(&mut dyn Read) -> Result<(), Halt>,
) -> Result<(), Halt> {
    if let Some(reason) = &member.refused {
        return Err(Halt::Refused { reason: reason.clone(), what: "a part of an archive" });
    }
    let start = data_start(file, member)?;
    file.seek(SeekFrom::Start(start)).map_err(Error::Io)?;
    let count = Cell::new(0);
    let raw = Bounded::packed(Read::take(file, member.packed), job, part.is_whole() && part.unpacked == 0, u64::MAX);
    let counted = Counted { inner: raw, count: &count };
    let limit = job.limits().streamed_bytes;
    if member.method == 0 {
        let unpacked = Bounded::unpacked(counted, job, &count, limit);
        read(&mut Checked::new(unpacked, member))
    } else {
        let unpacked = Bounded::unpacked(DeflateDecoder::new(counted), job, &count, limit);
        read(&mut Checked::new(unpacked, member))
    }
}

/// Where a file's data begin, if its own header says the same as the directory.
fn data_start(file: &mut dyn ReadSeek, member: &Member) -> Result<u64, Halt> {
    file.seek(SeekFrom::Start(member.header)).map_err(Error::Io)?;
    let mut header = Vec::new();
    let length = 30 + member.raw_name.len();
    Read::take(&mut *file, length as u64).read_to_end(&mut header).map_err(Error::Io)?;
    let contradicts =
        || Halt::Refused { reason: SkipReason::Contradicts, what: "a zip archive that contradicts itself" };
    let read = |at| u16_at(&header, at).ok_or_else(contradicts);
    let (flags, method, name, extra) = (read(6)?, read(8)?, read(26)?, read(28)?);
    let crc32 = u32_at(&header, 14).ok_or_else(contradicts)?;
    let (packed, size) = (u32_at(&header, 18).ok_or_else(contradicts)?, u32_at(&header, 22).ok_or_else(contradicts)?);
    let data = member.header.saturating_add(length as u64).saturating_add(u64::from(extra));
    // A writer that did not know them beforehand (bit 3) puts them after the data; a large one into the extra field.
    let unknown = flags & 1 << 3 != 0;
    let same = |here: u32, there: u64| here == 0xFFFF_FFFF || u64::from(here) == there;
    let agrees = header.starts_with(b"PK\x03\x04")
        && usize::from(name) == member.raw_name.len()
        && header.get(30..) == Some(member.raw_name.as_slice())
        && method == member.method
        && (flags ^ member.flags) & 1 == 0
        && (unknown || (same(packed, member.packed) && same(size, member.size) && crc32 == member.crc32))
        && data.saturating_add(member.packed) <= member.bound;
    if agrees { Ok(data) } else { Err(contradicts()) }
}

/// Fails where what comes out is not what was packed.
struct Checked<'m, R> {
    inner: R,
    member: &'m Member,
    crc: Crc,
    count: u64,
}

impl<'m, R: Read> Checked<'m, R> {
    fn new(inner: R, member: &'m Member) -> Self {
        Checked { inner, member, crc: Crc::new(), count: 0 }
    }
}

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let got = self.inner.read(buffer)?;
        self.crc.update(buffer.get(..got).unwrap_or_default());
        self.count += got as u64;
        let wrong = if got == 0 {
            self.count != self.member.size || self.crc.sum() != self.member.crc32
        } else {
            self.count > self.member.size
        };
        if wrong { Err(ErrorKind::InvalidData.into()) } else { Ok(got) }
    }
}

#[cfg(test)]
mod tests;
