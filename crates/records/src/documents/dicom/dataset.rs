//! Data elements of a DICOM file (PS3.5, chapter 7), borrowed from its bytes.
//!
//! Read within bounds on elements and nesting; what stands before damage is kept.

use std::{collections::BTreeMap, io::Read};

use flate2::read::DeflateDecoder;

use super::tags;

/// The most elements of a file.
const ELEMENTS: usize = 200_000;
/// The deepest nesting of sequences.
const DEPTH: usize = 16;
/// The most bytes of a deflated data set, unpacked.
const INFLATED: u64 = 64 << 20;

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const UNDEFINED: u32 = u32::MAX;

/// A file that was read.
#[derive(Debug)]
pub(super) struct DicomFile<'a> {
    pub(super) transfer_syntax: String,
    pub(super) big_endian: bool,
    pub(super) data: DataSet<'a>,
    /// Whether its end was reached.
    pub(super) whole: bool,
}

/// Elements by their tags.
#[derive(Debug, Default)]
pub(super) struct DataSet<'a>(BTreeMap<u32, Value<'a>>);

#[derive(Debug)]
enum Value<'a> {
    Bytes(&'a [u8]),
    Items(Vec<DataSet<'a>>),
    /// Pixel data in pieces, the offset table first.
    Fragments(Vec<&'a [u8]>),
}

impl<'a> DataSet<'a> {
    /// A value's bytes; empty where there is none.
    pub(super) fn bytes(&self, tag: u32) -> &'a [u8] {
        match self.0.get(&tag) {
            Some(Value::Bytes(bytes)) => bytes,
            _ => &[],
        }
    }

    pub(super) fn items(&self, tag: u32) -> &[DataSet<'a>] {
        match self.0.get(&tag) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    pub(super) fn fragments(&self, tag: u32) -> &[&'a [u8]] {
        match self.0.get(&tag) {
            Some(Value::Fragments(pieces)) => pieces,
            _ => &[],
        }
    }

    /// An unsigned short.
    pub(super) fn short(&self, tag: u32, big_endian: bool) -> Option<u16> {
        let bytes: [u8; 2] = self.bytes(tag).get(..2)?.try_into().ok()?;
        Some(if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }
}

/// How a data set is written that begins without a preamble (old files, and what some archives hand out): the transfer
/// syntax of one that begins with group 8, or that its meta information names where it begins with that.
pub(super) fn bare(bytes: &[u8]) -> Option<&'static str> {
    let is_vr = |vr: &[u8]| matches!(vr, b"UL" | b"CS" | b"UI" | b"DA" | b"TM" | b"LO" | b"SH" | b"PN" | b"DT" | b"OB");
    let (head, length) = (bytes.get(..8)?, u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?));
    match head {
        [2 | 8, 0, number, 0, vr1, vr2, ..] if *number < 0x20 && is_vr(&[*vr1, *vr2]) => Some(EXPLICIT),
        [0, 8, 0, number, vr1, vr2, ..] if *number < 0x20 && is_vr(&[*vr1, *vr2]) => Some(BIG_ENDIAN),
        // Of short even values only.
        [8, 0, number, 0, ..] if *number < 0x20 && (2..=128).contains(&length) && length.is_multiple_of(2) => {
            Some(IMPLICIT)
        }
        _ => None,
    }
}

/// Reads a file; `inflated` holds what has to be unpacked for it. `None` where not even its head can be read.
pub(super) fn read<'a>(bytes: &'a [u8], inflated: &'a mut Vec<u8>) -> Option<DicomFile<'a>> {
    let bare = if bytes.get(128..132) == Some(b"DICM") { None } else { Some(bare(bytes)?) };
    let start = if bare.is_some() { 0 } else { 132 };
    let mut head = Reader { bytes, at: start, implicit: false, big_endian: false, left: 1000, whole: true };
    let mut meta = DataSet::default();
    // Group 2 is always explicit little endian, and ends where another group begins.
    while head.group()? == 2 {
        head.element(&mut meta, 0)?;
    }
    let named = meta.string(tags::TRANSFER_SYNTAX_UID);
    let transfer_syntax = bare.filter(|_| named.is_empty()).map_or(named, str::to_owned);
    let mut rest = bytes.get(head.at..)?;
    let mut whole = true;
    if transfer_syntax == DEFLATED {
        whole = DeflateDecoder::new(rest).take(INFLATED).read_to_end(inflated).is_ok()
            && (inflated.len() as u64) < INFLATED;
        rest = inflated;
    }
    let big_endian = transfer_syntax == BIG_ENDIAN;
    // Some programs say one and write the other: the first element tells. A short one has no letters for a length.
    let implicit = rest.get(4..6).is_some_and(|vr| !vr.iter().all(u8::is_ascii_uppercase));
    let mut reader = Reader { bytes: rest, at: 0, implicit, big_endian, left: ELEMENTS, whole };
    let mut data = DataSet::default();
    while reader.at < reader.bytes.len() {
        if reader.element(&mut data, 0).is_none() {
            reader.whole = false;
            break;
        }
    }
    Some(DicomFile { transfer_syntax, big_endian, data, whole: reader.whole })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    implicit: bool,
    big_endian: bool,
    /// Elements and items that may still be read.
    left: usize,
    whole: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        let bytes: [u8; 2] = self.take(2)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&mut self) -> Option<u32> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn tag(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) << 16 | u32::from(self.u16()?))
    }

    /// The group of the element that stands next.
    fn group(&self) -> Option<u16> {
        Reader { bytes: self.bytes, at: self.at, implicit: false, big_endian: false, left: 1, whole: true }.u16()
    }

    /// Reads one element into the set; `None` at damage or a bound.
    fn element(&mut self, into: &mut DataSet<'a>, depth: usize) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let tag = self.tag()?;
        let (mut sequence, length) = self.head(tag)?;
        let value = if tag == tags::PIXEL_DATA && length == UNDEFINED {
            Value::Fragments(self.fragments()?)
        } else if length == UNDEFINED || sequence {
            // Undefined length is only for sequences; one of unknown kind is in implicit VR (PS3.5, 6.2.2).
            let unknown = !sequence && !self.implicit;
            sequence = true;
            let before = self.implicit;
            self.implicit |= unknown;
            let items = self.items(length, depth);
            self.implicit = before;
            Value::Items(items?)
        } else {
            let length = usize::try_from(length).ok()?;
            if self.bytes.len().saturating_sub(self.at) < length && tag == tags::PIXEL_DATA {
                // Pixels that are cut off are kept as far as they go.
                self.whole = false;
                Value::Bytes(self.take(self.bytes.len() - self.at)?)
            } else {
                Value::Bytes(self.take(length)?)
            }
        };
        debug_assert!(sequence == matches!(value, Value::Items(_)) || length == UNDEFINED);
        into.0.entry(tag).or_insert(value);
        Some(())
    }

    /// Whether it is a sequence, and its length.
    fn head(&mut self, tag: u32) -> Option<(bool, u32)> {
        if self.implicit {
            let length = self.u32()?;
            return Some((tags::is_sequence(tag), length));
        }
        let vr = self.take(2)?;
        let long = matches!(
            vr,
            b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"UC" | b"UN" | b"UR" | b"UT" | b"SV" | b"UV"
        );
        if !vr.iter().all(u8::is_ascii_uppercase) {
            return None;
        }
        let length = if long {
            self.take(2)?;
            self.u32()?
        } else {
            u32::from(self.u16()?)
        };
        Some((vr == b"SQ", length))
    }

    fn items(&mut self, length: u32, depth: usize) -> Option<Vec<DataSet<'a>>> {
        if depth >= DEPTH {
            return None;
        }
        let end = self.end(length)?;
        let mut out = Vec::new();
        while self.at < end {
            self.left = self.left.checked_sub(1)?;
            let tag = self.tag()?;
            let length = self.u32()?;
            match tag {
                tags::SEQUENCE_END => return Some(out),
                tags::ITEM => out.push(self.item(length, depth)?),
                _ => return None,
            }
        }
        Some(out)
    }

    fn item(&mut self, length: u32, depth: usize) -> Option<DataSet<'a>> {
        let end = self.end(length)?;
        let mut out = DataSet::default();
        while self.at < end {
            let before = self.at;
            if self.tag()? == tags::ITEM_END {
                self.u32()?;
                return Some(out);
            }
            self.at = before;
            self.element(&mut out, depth + 1)?;
        }
        (length != UNDEFINED || self.at >= self.bytes.len()).then_some(out)
    }

    /// Where something of that length ends; an undefined one ends with the bytes at the latest.
    fn end(&self, length: u32) -> Option<usize> {
        if length == UNDEFINED {
            return Some(self.bytes.len());
        }
        self.at.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= self.bytes.len())
    }

    fn fragments(&mut self) -> Option<Vec<&'a [u8]>> {
        let mut out = Vec::new();
        loop {
            self.left = self.left.checked_sub(1)?;
            let tag = self.tag()?;
            let length = usize::try_from(self.u32()?).ok()?;
            match tag {
                tags::ITEM => out.push(self.take(length)?),
                tags::SEQUENCE_END => return Some(out),
                _ => return None,
            }
        }
    }
}
