//! JPEG (ITU-T T.81) by its segments.

use super::{Facts, exif, xmp};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const MULTI_PICTURE: &[u8] = b"MPF\0";

/// A part of the file: one marker segment with its two bytes of marker and two of length, or image data.
struct Segment<'a> {
    /// The marker's second byte; 0 for image data.
    marker: u8,
    /// All its bytes.
    whole: &'a [u8],
    /// What follows the length.
    payload: &'a [u8],
}

pub(super) fn facts(bytes: &[u8]) -> Facts {
    let mut out = Facts::default();
    let (segments, trailer) = segments(bytes);
    for segment in &segments {
        match segment.marker {
            // SOF0 to SOF15 without DHT, JPG and DAC.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if out.width == 0 => {
                let side = |at: usize| {
                    segment.payload.get(at..at + 2).and_then(|two| Some(u16::from_be_bytes(two.try_into().ok()?)))
                };
                out.height = u32::from(side(1).unwrap_or_default());
                out.width = u32::from(side(3).unwrap_or_default());
            }
            0xE1 if segment.payload.starts_with(EXIF) => {
                let exif = exif::read(segment.payload.get(EXIF.len()..).unwrap_or_default());
                out.has_location |= exif.has_location;
                if out.exif == exif::Exif::default() {
                    out.exif = exif;
                }
            }
            _ => {}
        }
        out.has_location |= is_place(segment);
    }
    // Other pictures behind the first (a moving picture, a depth map) have their own.
    out.has_location |= hidden_location(trailer);
    out
}

/// The file without its segments that say where, EXIF's own directory of it taken out in place. What stands behind the
/// end of the picture goes too if it says where.
pub(super) fn without_location(bytes: &[u8]) -> Vec<u8> {
    let (segments, trailer) = segments(bytes);
    let drop_trailer = hidden_location(trailer);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(bytes.get(..2).unwrap_or_default());
    for segment in &segments {
        let index_of_dropped = drop_trailer && segment.marker == 0xE2 && segment.payload.starts_with(MULTI_PICTURE);
        if is_place(segment) || index_of_dropped {
            continue;
        }
        let start = out.len();
        out.extend_from_slice(segment.whole);
        if segment.marker == 0xE1
            && segment.payload.starts_with(EXIF)
            && let Some(tiff) = out.get_mut(start + 4 + EXIF.len()..)
        {
            exif::strip_location(tiff);
        }
    }
    if !drop_trailer {
        out.extend_from_slice(trailer);
    }
    out
}

/// Whether a whole segment is there to say where: XMP or IPTC with a place.
fn is_place(segment: &Segment<'_>) -> bool {
    match segment.marker {
        0xE1 if segment.payload.starts_with(XMP) || segment.payload.starts_with(EXTENDED_XMP) => {
            xmp::says_where(segment.payload)
        }
        0xED if segment.payload.starts_with(PHOTOSHOP) => says_where_in_iptc(segment.payload),
        _ => false,
    }
}

/// IPTC IIM 4.2, record 2: city (90), sublocation (92), province (95), country code (100) and name (101).
fn says_where_in_iptc(payload: &[u8]) -> bool {
    payload.windows(3).any(|window| matches!(window, [0x1C, 2, 90 | 92 | 95 | 100 | 101]))
}

/// Whether EXIF or XMP behind the end of the picture says where.
fn hidden_location(trailer: &[u8]) -> bool {
    let exif_at = trailer.windows(EXIF.len()).enumerate().filter(|(_, window)| *window == EXIF).take(16);
    let mut exif_at = exif_at.map(|(at, _)| trailer.get(at + EXIF.len()..).unwrap_or_default());
    exif_at.any(|tiff| exif::read(tiff).has_location) || xmp::has_location(trailer)
}

/// The segments up to the end of the picture, and what stands behind it. What cannot be read is one last piece.
fn segments(bytes: &[u8]) -> (Vec<Segment<'_>>, &[u8]) {
    let mut out = Vec::new();
    let mut at = 2;
    while let Some(&[0xFF, marker]) = bytes.get(at..at + 2) {
        match marker {
            // A fill byte.
            0xFF => {
                let end = bytes.get(at..).unwrap_or_default().iter().position(|byte| *byte != 0xFF);
                let end = end.map_or(bytes.len(), |end| at + end - 1);
                out.push(data(bytes.get(at..end).unwrap_or_default()));
                at = end;
            }
            0xD9 => {
                out.push(data(bytes.get(at..at + 2).unwrap_or_default()));
                return (out, bytes.get(at + 2..).unwrap_or_default());
            }
            // Markers that stand alone.
            0x01 | 0xD0..=0xD8 => {
                out.push(data(bytes.get(at..at + 2).unwrap_or_default()));
                at += 2;
            }
            _ => {
                let length = bytes.get(at + 2..at + 4).and_then(|two| Some(u16::from_be_bytes(two.try_into().ok()?)));
                let Some(length) = length.map(usize::from).filter(|length| *length >= 2) else { break };
                let Some(whole) = bytes.get(at..at + 2 + length) else { break };
                out.push(Segment { marker, whole, payload: whole.get(4..).unwrap_or_default() });
                at += 2 + length;
                if marker == 0xDA {
                    let end = entropy_end(bytes, at);
                    out.push(data(bytes.get(at..end).unwrap_or_default()));
                    at = end;
                }
            }
        }
    }
    out.push(data(bytes.get(at..).unwrap_or_default()));
    (out, &[])
}

/// Where the next marker stands that is neither a stuffed byte nor a restart.
fn entropy_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let end = rest
        .windows(2)
        .position(|two| two.first() == Some(&0xFF) && !matches!(two.get(1), Some(0 | 0xD0..=0xD7 | 0xFF)));
    end.map_or(bytes.len(), |end| from + end)
}

fn data(whole: &[u8]) -> Segment<'_> {
    Segment { marker: 0, whole, payload: &[] }
}
