//! PNG (W3C PNG 3rd edition) by its chunks.

use std::io::Read;

use flate2::{Crc, read::ZlibDecoder};

use super::{Facts, exif, xmp};

const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";
/// ImageMagick's and older tools' way of carrying EXIF, IPTC and XMP as hexadecimal text.
const RAW_PROFILE: &[u8] = b"Raw profile type ";
/// The most bytes of a compressed text that are looked at.
const INFLATED: u64 = 4 << 20;

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    whole: &'a [u8],
}

pub(super) fn facts(bytes: &[u8]) -> Facts {
    let mut out = Facts::default();
    let (chunks, _) = chunks(bytes);
    for chunk in &chunks {
        match chunk.kind {
            b"IHDR" => {
                let side = |at: usize| {
                    chunk.data.get(at..at + 4).and_then(|four| Some(u32::from_be_bytes(four.try_into().ok()?)))
                };
                out.width = side(0).unwrap_or_default();
                out.height = side(4).unwrap_or_default();
            }
            b"eXIf" => {
                let exif = exif::read(chunk.data);
                out.has_location |= exif.has_location;
                out.exif = exif;
            }
            _ => out.has_location |= is_place(chunk),
        }
    }
    out
}

pub(super) fn without_location(bytes: &[u8]) -> Vec<u8> {
    let (chunks, rest) = chunks(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(bytes.get(..8).unwrap_or_default());
    for chunk in &chunks {
        if is_place(chunk) {
            continue;
        }
        let mut data = chunk.data.to_vec();
        if chunk.kind == b"eXIf" && exif::strip_location(&mut data) {
            let mut crc = Crc::new();
            crc.update(chunk.kind);
            crc.update(&data);
            out.extend_from_slice(chunk.whole.get(..8).unwrap_or_default());
            out.extend_from_slice(&data);
            out.extend_from_slice(&crc.sum().to_be_bytes());
        } else {
            out.extend_from_slice(chunk.whole);
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Whether a text chunk says where. Profiles in hexadecimal are taken to, because they may.
fn is_place(chunk: &Chunk<'_>) -> bool {
    match chunk.kind {
        b"iTXt" if chunk.data.starts_with(XMP_KEYWORD) => {
            let text = chunk.data.get(XMP_KEYWORD.len()..).unwrap_or_default();
            // Compression flag and method, then language and translated keyword, each ended by a zero.
            if text.first() != Some(&1) {
                return xmp::says_where(text);
            }
            let mut parts = text.get(2..).unwrap_or_default().splitn(3, |byte| *byte == 0);
            says_where_packed(parts.nth(2).unwrap_or_default())
        }
        b"tEXt" | b"zTXt" => chunk.data.starts_with(RAW_PROFILE),
        _ => false,
    }
}

fn says_where_packed(packed: &[u8]) -> bool {
    let mut text = Vec::new();
    // Cut or damaged: what could be read counts.
    let _ = ZlibDecoder::new(packed).take(INFLATED).read_to_end(&mut text);
    xmp::says_where(&text) || text.len() as u64 >= INFLATED
}

/// The chunks that are whole, and whatever follows them.
fn chunks(bytes: &[u8]) -> (Vec<Chunk<'_>>, &[u8]) {
    let mut out = Vec::new();
    let mut at = 8;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = head.get(..4).and_then(|four| Some(u32::from_be_bytes(four.try_into().ok()?))).unwrap_or(u32::MAX);
        let Some(end) = usize::try_from(length).ok().and_then(|length| (at + 12).checked_add(length)) else { break };
        let Some(whole) = bytes.get(at..end) else { break };
        let kind = head.get(4..).unwrap_or_default();
        out.push(Chunk { kind, data: whole.get(8..whole.len() - 4).unwrap_or_default(), whole });
        at = end;
        if kind == b"IEND" {
            break;
        }
    }
    (out, bytes.get(at..).unwrap_or_default())
}
