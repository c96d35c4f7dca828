//! WebP (RFC 9649) by its RIFF chunks.

use super::{Facts, exif, xmp};

/// The bit of `VP8X` that says there is XMP.
const HAS_XMP: u8 = 0x04;

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    whole: &'a [u8],
}

pub(super) fn facts(bytes: &[u8]) -> Facts {
    let mut out = Facts::default();
    let (chunks, rest) = chunks(bytes);
    for chunk in &chunks {
        match chunk.kind {
            b"VP8X" => {
                let side = |at: usize| match chunk.data.get(at..at + 3) {
                    Some(&[low, middle, high]) => u32::from_le_bytes([low, middle, high, 0]) + 1,
                    _ => 0,
                };
                (out.width, out.height) = (side(4), side(7));
            }
            b"VP8 " if out.width == 0 => {
                let side = |at: usize| {
                    chunk.data.get(at..at + 2).and_then(|two| Some(u16::from_le_bytes(two.try_into().ok()?)))
                };
                out.width = u32::from(side(6).unwrap_or_default() & 0x3FFF);
                out.height = u32::from(side(8).unwrap_or_default() & 0x3FFF);
            }
            b"VP8L" if out.width == 0 => {
                if let Some(bits) =
                    chunk.data.get(1..5).and_then(|four| Some(u32::from_le_bytes(four.try_into().ok()?)))
                {
                    out.width = (bits & 0x3FFF) + 1;
                    out.height = (bits >> 14 & 0x3FFF) + 1;
                }
            }
            b"EXIF" => {
                let exif = exif::read(tiff(chunk.data));
                out.has_location |= exif.has_location;
                out.exif = exif;
            }
            b"XMP " => out.has_location |= xmp::says_where(chunk.data),
            _ => {}
        }
    }
    out.has_location |= xmp::has_location(rest);
    out
}

/// The bits of a picture that does not move as a file of their own, which is as wide and high as they say themselves: what a
/// hostile file says around them, and what a decoder would make of that, is left out. So is the transparency of lossy ones.
pub(in crate::documents) fn still(bytes: &[u8]) -> Option<Vec<u8>> {
    let (chunks, _) = chunks(bytes);
    let picture = chunks.iter().find(|chunk| matches!(chunk.kind, b"VP8 " | b"VP8L"))?;
    let size = u32::try_from(picture.whole.len()).ok()?.checked_add(4)?;
    Some([b"RIFF", size.to_le_bytes().as_slice(), b"WEBP", picture.whole].concat())
}

pub(super) fn without_location(bytes: &[u8]) -> Vec<u8> {
    let (chunks, _) = chunks(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(bytes.get(..12).unwrap_or_default());
    let dropped = chunks.iter().any(is_place);
    for chunk in &chunks {
        if is_place(chunk) {
            continue;
        }
        let start = out.len();
        out.extend_from_slice(chunk.whole);
        let skip = chunk.data.len() - tiff(chunk.data).len();
        if chunk.kind == b"EXIF"
            && let Some(data) = out.get_mut(start + 8 + skip..)
        {
            exif::strip_location(data);
        }
        if chunk.kind == b"VP8X"
            && dropped
            && let Some(flags) = out.get_mut(start + 8)
        {
            *flags &= !HAS_XMP;
        }
    }
    let size = u32::try_from(out.len().saturating_sub(8)).unwrap_or(u32::MAX);
    if let Some(slice) = out.get_mut(4..8) {
        slice.copy_from_slice(&size.to_le_bytes());
    }
    out
}

fn is_place(chunk: &Chunk<'_>) -> bool {
    chunk.kind == b"XMP " && xmp::says_where(chunk.data)
}

/// Some writers put JPEG's header before EXIF.
fn tiff(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"Exif\0\0").unwrap_or(data)
}

fn chunks(bytes: &[u8]) -> (Vec<Chunk<'_>>, &[u8]) {
    let mut out = Vec::new();
    let mut at = 12;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = head.get(4..).and_then(|four| Some(u32::from_le_bytes(four.try_into().ok()?))).unwrap_or(u32::MAX);
        let Ok(length) = usize::try_from(length) else { break };
        let Some(data) = (at + 8).checked_add(length).and_then(|end| bytes.get(at + 8..end)) else { break };
        // Chunks are padded to an even length; the last one's padding may be missing.
        let end = (at + 8 + length + length % 2).min(bytes.len());
        let whole = bytes.get(at..end).unwrap_or_default();
        out.push(Chunk { kind: head.get(..4).unwrap_or_default(), data, whole });
        at = end;
    }
    (out, bytes.get(at..).unwrap_or_default())
}
