//! The stream below the XML reader: finds the root without reading the DTD, and bounds what one event may take.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// The most bytes that may come before the root. Apple's DTD has some 10 KiB.
const PROLOGUE: usize = 1 << 20;
/// The most bytes of one tag, text or comment; anything larger is damage.
const EVENT: usize = 1 << 20;
/// How much is read at a time.
const CHUNK: usize = 256 << 10;

/// What an XML file is, by its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// Apple Health's `HealthData`, whatever the file is called in its language.
    HealthData,
    /// The same without content: `<HealthData/>`.
    EmptyHealthData,
    /// A C-CDA document.
    ClinicalDocument,
    /// Nothing at all.
    Empty,
    /// Something else.
    Other,
}

/// Looks for the root's start tag, leaving the reader behind its name. The DTD is not parsed: Apple's own is malformed
/// in the exports of iOS 16, and entities defined there are never used.
pub(super) fn find_root(reader: &mut dyn BufRead) -> io::Result<Root> {
    let mut health = Matcher::new(b"<HealthData");
    let mut clinical = Matcher::new(b"<ClinicalDocument");
    let mut seen = 0;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            return Ok(if seen == 0 { Root::Empty } else { Root::Other });
        }
        let length = chunk.len();
        let found = chunk.iter().enumerate().find_map(|(at, byte)| {
            if health.feed(*byte) {
                return Some((at, if *byte == b'/' { Root::EmptyHealthData } else { Root::HealthData }));
            }
            clinical.feed(*byte).then_some((at, Root::ClinicalDocument))
        });
        if let Some((at, root)) = found {
            // The byte that ends the name is left to the XML reader, which takes the attributes as a text and skips it.
            reader.consume(at);
            return Ok(root);
        }
        reader.consume(length);
        seen += length;
        if seen > PROLOGUE {
            return Ok(Root::Other);
        }
    }
}

/// Finds a tag's name in a stream. `<` stands only at the pattern's start, so a mismatch never has to look back.
struct Matcher {
    pattern: &'static [u8],
    matched: usize,
}

impl Matcher {
    fn new(pattern: &'static [u8]) -> Self {
        Matcher { pattern, matched: 0 }
    }

    /// Whether this byte ends the name.
    fn feed(&mut self, byte: u8) -> bool {
        match self.pattern.get(self.matched) {
            None if matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/') => return true,
            Some(expected) if *expected == byte => self.matched += 1,
            _ => self.matched = usize::from(byte == b'<'),
        }
        false
    }
}

/// A buffered reader that fails where one event takes more than [`EVENT`] bytes.
pub(super) struct Input<'r> {
    inner: BufReader<&'r mut dyn BufRead>,
    since_mark: usize,
    total: u64,
    over: bool,
}

impl<'r> Input<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead) -> Self {
        Input { inner: BufReader::with_capacity(CHUNK, reader), since_mark: 0, total: 0, over: false }
    }

    /// An event was read whole.
    pub(super) fn mark(&mut self) {
        self.since_mark = 0;
    }

    /// Whether the last failure was an event too large, and forgets it.
    pub(super) fn take_over(&mut self) -> bool {
        self.since_mark = 0;
        std::mem::take(&mut self.over)
    }

    /// Bytes read so far.
    pub(super) fn total(&self) -> u64 {
        self.total
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.since_mark += got;
        self.total += got as u64;
        Ok(got)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since_mark > EVENT {
            self.over = true;
            return Err(ErrorKind::InvalidData.into());
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.since_mark += amount;
        self.total += amount as u64;
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_behind_any_prologue() {
        let broken_dtd = "<?xml version=\"1.0\"?><!DOCTYPE HealthData [<!ELEMENT HealthData (Me)> <!ATTLIST HealthData \
                          <!ENTITY a \"&a;&a;\"> > ]>\n<HealthData locale=\"de_DE\">";
        for (text, root) in [
            (broken_dtd, Root::HealthData),
            ("<HealthData>", Root::HealthData),
            ("<HealthData/>", Root::EmptyHealthData),
            ("<<HealthData>", Root::HealthData),
            ("<HealthDataX><HealthData >", Root::HealthData),
            ("<ClinicalDocument xmlns=\"urn:hl7-org:v3\">", Root::ClinicalDocument),
            ("<gpx>", Root::Other),
            ("<HealthData", Root::Other),
            ("", Root::Empty),
        ] {
            assert_eq!(find_root(&mut text.as_bytes()).unwrap(), root, "{text}");
            // Whatever the pieces in which it arrives.
            let mut drip = BufReader::with_capacity(1, text.as_bytes());
            assert_eq!(find_root(&mut drip).unwrap(), root, "{text}");
        }
    }
}
