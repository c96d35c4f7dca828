//! A file into memory, plain or gzip, never more than the limits allow; and a first look at what it is.

use std::{
    cell::Cell,
    io::{self, ErrorKind, Read},
};

use flate2::read::MultiGzDecoder;

use super::{Limits, split};
use crate::{Error, Result};

/// How much is read at a time.
const CHUNK: u64 = 256 << 10;

/// Reads a file to its end, unpacking gzip. `len_hint` is the file's size where it is known.
///
/// Memory stays within the unpacked size of what is accepted, and what cannot be FHIR is refused after its first
/// 256 KiB.
///
/// # Errors
/// The file cannot be read, is too large, unpacks to too much, is damaged, or is plainly something else.
pub fn read_file_bytes(reader: &mut dyn Read, len_hint: Option<u64>, limits: &Limits) -> Result<Vec<u8>> {
    if len_hint.is_some_and(|len| len > limits.file_bytes) {
        return Err(Error::TooLarge { limit_mib: limits.file_bytes >> 20 });
    }
    let mut head = Vec::new();
    Read::take(&mut *reader, 2).read_to_end(&mut head)?;
    let packed = Cell::new(0);
    let mut source = Counted { inner: head.as_slice().chain(reader), count: &packed, limit: limits.file_bytes };
    if head == [0x1f, 0x8b] {
        read_all(&mut MultiGzDecoder::new(source), true, &packed, limits)
    } else {
        read_all(&mut source, false, &packed, limits)
    }
}

fn read_all(source: &mut dyn Read, gzip: bool, packed: &Cell<u64>, limits: &Limits) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let looked_at = !out.is_empty();
        let got = match Read::take(&mut *source, CHUNK).read_to_end(&mut out) {
            Ok(got) => got,
            Err(_) if packed.get() > limits.file_bytes => {
                return Err(Error::TooLarge { limit_mib: limits.file_bytes >> 20 });
            }
            Err(error) if gzip && is_damage(error.kind()) => return Err(Error::Gzip),
            Err(error) => return Err(Error::Io(error)),
        };
        if got == 0 {
            return Ok(out);
        }
        let size = out.len() as u64;
        if size > limits.inflated_bytes {
            return Err(Error::TooLarge { limit_mib: limits.inflated_bytes >> 20 });
        }
        if gzip && size > 1 << 20 && size > packed.get().saturating_mul(limits.inflation_ratio) {
            return Err(Error::Inflates { ratio: limits.inflation_ratio });
        }
        if !looked_at {
            let start = out.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&out);
            sniff(start)?;
            split::refuse_hopeless_depth(start, limits.depth)?;
        }
    }
}

/// Whether the start of a file can be that of FHIR JSON.
pub(super) fn sniff(bytes: &[u8]) -> Result<()> {
    let start = bytes.trim_ascii_start();
    let what = match start {
        [] => return Err(Error::Empty),
        [b'{' | b'[', ..] => return Ok(()),
        [b'<', ..] => "an XML or HTML file",
        [b'P', b'K', 3 | 5, ..] => "a zip archive",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "text in UTF-16",
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] => "a picture",
        [b'H', b'C', b'1', b':', ..] => "a health certificate (HC1)",
        [b's', b'h', b'c', b':', ..] => "a SMART Health Card",
        _ => "another kind of file",
    };
    Err(Error::NotFhir { what })
}

fn is_damage(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

/// Counts what is read and fails past the limit.
struct Counted<'c, R> {
    inner: R,
    count: &'c Cell<u64>,
    limit: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        let count = self.count.get() + got as u64;
        self.count.set(count);
        if count > self.limit { Err(ErrorKind::FileTooLarge.into()) } else { Ok(got) }
    }
}
