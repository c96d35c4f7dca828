//! XMP (ISO 16684-1) as far as it says where: found by the names of its properties, not parsed.

/// Names of properties that hold a place: the EXIF and IPTC schemas, and Google's for moving pictures.
const PLACES: [&[u8]; 12] = [
    b"GPSLatitude",
    b"GPSLongitude",
    b"GPSAltitude",
    b"GPSDest",
    b"GPSMapDatum",
    b"LocationCreated",
    b"LocationShown",
    b"Iptc4xmpCore:Location",
    b"photoshop:City",
    b"photoshop:State",
    b"photoshop:Country",
    b"geo:lat",
];

/// Whether text of XMP says where.
pub(super) fn says_where(xmp: &[u8]) -> bool {
    PLACES.iter().any(|name| contains(xmp, name))
}

/// Whether a packet that stands in the bytes as it is says where.
pub(super) fn has_location(bytes: &[u8]) -> bool {
    packets(bytes).into_iter().any(|(from, to)| bytes.get(from..to).is_some_and(says_where))
}

/// Overwrites with blanks the packets that say where; the file keeps its length.
pub(super) fn blank_location(bytes: &mut [u8]) {
    for (from, to) in packets(bytes) {
        if let Some(packet) = bytes.get_mut(from..to)
            && says_where(packet)
        {
            packet.fill(b' ');
        }
    }
}

/// Where packets begin and end, at most 16.
fn packets(bytes: &[u8]) -> Vec<(usize, usize)> {
    const BEGIN: &[u8] = b"<x:xmpmeta";
    const END: &[u8] = b"</x:xmpmeta>";
    let mut out = Vec::new();
    let mut from = 0;
    while out.len() < 16
        && let Some(begin) = find(bytes, BEGIN, from)
    {
        let end = find(bytes, END, begin).map_or(bytes.len(), |end| end + END.len());
        out.push((begin, end));
        from = end;
    }
    out
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(what.len()).position(|window| window == what).map(|at| from + at)
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    find(bytes, what, 0).is_some()
}
