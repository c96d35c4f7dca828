//! Reading that stops at its limits, whoever reads.

use std::{
    cell::Cell,
    fmt,
    io::{self, ErrorKind, Read},
};

use super::job::{Halt, Job, Part};
use crate::{Error, Result, import::split};

/// How much of a file is looked at to find out what it is: past the document type declaration of an Apple Health export.
const HEAD: u64 = 64 << 10;

/// The most that a packed file is unpacked to in memory: few bytes on the disk are not to cost many there.
const UNPACKED: u64 = 200 << 20;

/// How much is read at a time.
const CHUNK: u64 = 256 << 10;

/// The ratio is looked at past this many unpacked bytes.
const RATIO_FROM: u64 = 1 << 20;

/// The first bytes of a file, by which it is told what it is.
pub(super) fn head(reader: &mut (impl Read + ?Sized)) -> Result<Vec<u8>, Halt> {
    first(reader, HEAD)
}

/// So many of the first bytes of a file, or all that it has.
pub(super) fn first(mut reader: &mut (impl Read + ?Sized), most: u64) -> Result<Vec<u8>, Halt> {
    let mut first = Vec::new();
    Read::take(&mut reader, most).read_to_end(&mut first).map_err(halt)?;
    Ok(first)
}

/// A whole file into memory. What cannot be JSON for all its brackets is refused at its start.
pub(super) fn all(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<Vec<u8>, Halt> {
    let limit = if part.is_whole() && part.unpacked == 0 {
        job.limits().file_bytes.min(job.limits().inflated_bytes)
    } else {
        job.limits().inflated_bytes.min(UNPACKED)
    };
    if part.is_whole() && part.unpacked == 0 && job.length() > limit {
        return Err(Error::TooLarge { limit_mib: limit >> 20 }.into());
    }
    let mut out = Vec::new();
    loop {
        let first = out.is_empty();
        let got = Read::take(&mut *reader, CHUNK).read_to_end(&mut out).map_err(halt)?;
        if out.len() as u64 > limit {
            return Err(Error::TooLarge { limit_mib: limit >> 20 }.into());
        }
        if got == 0 {
            return Ok(out);
        }
        if first && matches!(out.trim_ascii_start().first(), Some(b'{' | b'[')) {
            split::refuse_hopeless_depth(&out, crate::import::MAX_DEPTH)?;
        }
    }
}

/// Counts what is read, and fails past a limit.
pub(super) struct Bounded<'b, 'j, R> {
    inner: R,
    job: &'b Job<'j>,
    kind: Kind<'b>,
    count: Cell<u64>,
}

enum Kind<'b> {
    /// Bytes as they lie on the disk, or in an archive in memory (then they do not count as progress).
    Packed { counts: bool, limit: u64 },
    /// Bytes out of unpacking what `packed` counts.
    Unpacked { packed: &'b Cell<u64>, limit: u64 },
}

impl<'b, 'j, R: Read> Bounded<'b, 'j, R> {
    pub(super) fn packed(inner: R, job: &'b Job<'j>, counts: bool, limit: u64) -> Self {
        Bounded { inner, job, kind: Kind::Packed { counts, limit }, count: Cell::new(0) }
    }

    /// At most `limit` bytes, and no more than the ratio allows of what was counted in `packed`.
    pub(super) fn unpacked(inner: R, job: &'b Job<'j>, packed: &'b Cell<u64>, limit: u64) -> Self {
        Bounded { inner, job, kind: Kind::Unpacked { packed, limit }, count: Cell::new(0) }
    }
}

impl<R: Read> Read for Bounded<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        let count = self.count.get() + got as u64;
        self.count.set(count);
        match self.kind {
            Kind::Packed { counts, limit } => {
                if count > limit {
                    return Err(Refusal::TooLarge { limit }.into());
                }
                if counts && self.job.count_packed(got as u64).is_err() {
                    return Err(Refusal::Stopped.into());
                }
            }
            Kind::Unpacked { packed, limit } => {
                let limits = self.job.limits();
                if count > limit {
                    return Err(Refusal::TooLarge { limit }.into());
                }
                if self.job.count_unpacked(got as u64) > limits.streamed_bytes {
                    return Err(Refusal::TooMuch { limit: limits.streamed_bytes }.into());
                }
                if count > RATIO_FROM && count > packed.get().saturating_mul(limits.inflation_ratio) {
                    return Err(Refusal::Inflates { ratio: limits.inflation_ratio }.into());
                }
            }
        }
        Ok(got)
    }
}

/// Counts what is read.
pub(super) struct Counted<'c, R> {
    pub(super) inner: R,
    pub(super) count: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.count.set(self.count.get() + got as u64);
        Ok(got)
    }
}

/// Why a bounded reader gives no more; travels inside an [`io::Error`] through readers that know nothing of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    /// More bytes than the limit.
    TooLarge { limit: u64 },
    /// More bytes than everything together may have.
    TooMuch { limit: u64 },
    /// More than so many times its packed size.
    Inflates { ratio: u64 },
    /// Nobody wants more.
    Stopped,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a limit of the import was reached")
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        io::Error::other(refusal)
    }
}

/// What an error met while reading means for the file.
pub(super) fn halt(error: io::Error) -> Halt {
    let refusal = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>());
    match refusal {
        Some(Refusal::TooLarge { limit }) => Error::TooLarge { limit_mib: limit >> 20 }.into(),
        Some(Refusal::TooMuch { limit }) => Error::TooMuch { limit_mib: limit >> 20 }.into(),
        Some(Refusal::Inflates { ratio }) => Error::Inflates { ratio: *ratio }.into(),
        Some(Refusal::Stopped) => Halt::Stopped,
        // flate2's ways to say that the data are damaged.
        None if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof) => {
            Error::Gzip.into()
        }
        None => Error::Io(error).into(),
    }
}

/// The same for an error of the crate, which a reader of another format may have made of an [`io::Error`].
pub(super) fn sorted(error: Error) -> Halt {
    match error {
        Error::Io(error) => halt(error),
        other => other.into(),
    }
}
