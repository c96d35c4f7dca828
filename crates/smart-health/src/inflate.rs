//! DEFLATE (RFC 1951) and zlib (RFC 1950) within a limit, and to the last byte.

use flate2::{Decompress, FlushDecompress, Status};

/// Why it cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// More than the limit.
    TooLarge,
    /// Not such a stream, or cut short.
    Failed,
    /// Bytes after its end.
    Trailing,
}

/// Undoes DEFLATE, with the header and checksum of zlib or without; all of `packed` must be the one stream.
pub(crate) fn inflate(packed: &[u8], zlib: bool, limit: usize) -> Result<Vec<u8>, Broken> {
    const STEP: usize = 16 * 1024;
    let mut stream = Decompress::new(zlib);
    let mut bytes = Vec::with_capacity(STEP);
    loop {
        if bytes.len() > limit {
            return Err(Broken::TooLarge);
        }
        bytes.reserve(STEP);
        let (read, written) = (stream.total_in(), stream.total_out());
        let rest = packed.get(usize::try_from(read).unwrap_or(usize::MAX)..).unwrap_or_default();
        let status = stream.decompress_vec(rest, &mut bytes, FlushDecompress::None);
        match status {
            Ok(Status::StreamEnd) => break,
            Ok(_) if stream.total_out() > written || stream.total_in() > read => {}
            _ => return Err(Broken::Failed),
        }
    }
    if bytes.len() > limit {
        return Err(Broken::TooLarge);
    }
    if stream.total_in() != packed.len() as u64 {
        return Err(Broken::Trailing);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, ZlibEncoder};
    use std::io::Write;

    #[test]
    fn inflates_within_the_limit_and_to_the_end() {
        for zlib in [false, true] {
            let pack = |bytes: &[u8]| {
                if zlib {
                    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
                    encoder.write_all(bytes).unwrap();
                    encoder.finish().unwrap()
                } else {
                    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
                    encoder.write_all(bytes).unwrap();
                    encoder.finish().unwrap()
                }
            };
            let packed = pack(&[b'a'; 100_000]);
            assert_eq!(inflate(&packed, zlib, 100_000).unwrap().len(), 100_000);
            assert_eq!(inflate(&packed, zlib, 99_999), Err(Broken::TooLarge));
            assert_eq!(inflate(&packed[..packed.len() - 1], zlib, 200_000), Err(Broken::Failed));
            let longer = [packed.as_slice(), b"x"].concat();
            assert_eq!(inflate(&longer, zlib, 200_000), Err(Broken::Trailing));
            assert_eq!(inflate(b"", zlib, 10), Err(Broken::Failed));
            assert_eq!(inflate(&pack(b""), zlib, 10), Ok(Vec::new()));
            // A flipped bit of the checksum.
            if zlib {
                let mut wrong = packed.clone();
                *wrong.last_mut().unwrap() ^= 1;
                assert_eq!(inflate(&wrong, zlib, 200_000), Err(Broken::Failed));
            }
        }
    }
}
