//! Gzip (RFC 1952): members one after another, and the zeros with which tapes and block devices fill what is left.

use std::io::{BufRead, BufReader, Read, Result};

use flate2::bufread::GzDecoder;

/// What all members of a file unpack to.
pub(super) struct Unpacked<R> {
    /// The member that is being read; none after the last.
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(packed: R) -> Self {
        Unpacked { member: Some(GzDecoder::new(BufReader::new(packed))) }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while let Some(member) = &mut self.member {
            let got = member.read(buffer)?;
            if got > 0 || buffer.is_empty() {
                return Ok(got);
            }
            let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else { break };
            if !at_end(&mut rest)? {
                self.member = Some(GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Whether nothing follows but zeros, which are passed over.
fn at_end(rest: &mut impl BufRead) -> Result<bool> {
    loop {
        let next = rest.fill_buf()?;
        let zeros = next.iter().take_while(|byte| **byte == 0).count();
        if next.is_empty() || zeros < next.len() {
            let ended = next.is_empty();
            rest.consume(zeros);
            return Ok(ended);
        }
        rest.consume(zeros);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(bytes: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        Unpacked::new(bytes).read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn members_and_zeros_between_and_behind_them() {
        let (one, two) = (packed(b"one "), packed(b"two"));
        assert_eq!(unpacked(&[one.as_slice(), &two].concat()).unwrap(), b"one two");
        assert_eq!(unpacked(&[one.as_slice(), &[0; 20_000]].concat()).unwrap(), b"one ");
        assert_eq!(unpacked(&[one.as_slice(), &[0; 3], &two, &[0]].concat()).unwrap(), b"one two");
        assert_eq!(unpacked(&packed(b"")).unwrap(), b"");
        assert!(unpacked(&[one.as_slice(), b"more"].concat()).is_err(), "what is behind is not lost silently");
        assert!(unpacked(&two[..two.len() - 3]).is_err());
    }
}
