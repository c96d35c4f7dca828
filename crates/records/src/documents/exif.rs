//! EXIF (CIPA DC-008, a TIFF 6.0 structure) as far as it matters here: when a picture was taken, which way up it is, and
//! whether it says where.
//!
//! Where it says where, that is taken out in place: every other byte stays where it is, so no offset breaks.

/// Entries of one directory that are looked at.
const MOST_ENTRIES: usize = 2048;

const ORIENTATION: u16 = 0x0112;
const DATE_TIME: u16 = 0x0132;
const EXIF_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const DATE_TIME_ORIGINAL: u16 = 0x9003;
const OFFSET_TIME: u16 = 0x9010;
const OFFSET_TIME_ORIGINAL: u16 = 0x9011;

/// What a picture says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exif {
    /// When it was taken, as a FHIR dateTime: to the second where it says in which time zone, else the day.
    pub(super) taken: Option<String>,
    /// 1 to 8; 1 is upright.
    pub(super) orientation: Option<u16>,
    /// Whether it holds a GPS directory.
    pub(super) has_location: bool,
}

/// Reads a TIFF structure.
pub(super) fn read(tiff: &[u8]) -> Exif {
    let mut out = Exif::default();
    let Some(view) = View::new(tiff) else { return out };
    let first = view.entries(view.first);
    let find = |entries: &[Entry], tag: u16| entries.iter().find(|entry| entry.tag == tag).copied();
    out.orientation =
        find(&first, ORIENTATION).and_then(|entry| view.short(&entry)).filter(|way| (1..=8).contains(way));
    out.has_location = find(&first, GPS_DIRECTORY).is_some();
    let inner = find(&first, EXIF_DIRECTORY).and_then(|entry| view.offset(&entry)).map(|offset| view.entries(offset));
    let inner = inner.unwrap_or_default();
    let date =
        find(&inner, DATE_TIME_ORIGINAL).or_else(|| find(&first, DATE_TIME)).and_then(|entry| view.ascii(&entry));
    let zone =
        find(&inner, OFFSET_TIME_ORIGINAL).or_else(|| find(&inner, OFFSET_TIME)).and_then(|entry| view.ascii(&entry));
    out.taken = date.and_then(|date| fhir_date(&date, zone.as_deref()));
    out
}

/// Takes the GPS directory out of a TIFF structure, in place: its entries and what they point to become zeros, and the
/// entry that points to it goes. Whether there was one.
pub(super) fn strip_location(tiff: &mut [u8]) -> bool {
    let Some(view) = View::new(tiff) else { return false };
    let entries = view.entries(view.first);
    let Some(pointer) = entries.iter().find(|entry| entry.tag == GPS_DIRECTORY).copied() else { return false };
    let mut wipe = Vec::new();
    if let Some(offset) = view.offset(&pointer) {
        for entry in view.entries(offset) {
            wipe.push((entry.at, entry.at + 12));
            let size = entry.size();
            if size > 4
                && let Some(start) = view.offset(&entry)
            {
                wipe.push((start, start.saturating_add(size)));
            }
        }
        wipe.push((offset, offset + 2));
    }
    // Entries come in ascending order of their tags, and a directory ends with the offset of the next one: what follows
    // the entry moves up, and the count becomes one less.
    let count_at = view.first;
    let Ok(count) = u16::try_from(view.count(view.first).unwrap_or_default()) else { return false };
    let end = view.first + 2 + usize::from(count) * 12 + 4;
    let little = view.little;
    for (from, to) in wipe {
        let to = to.min(tiff.len());
        if let Some(slice) = tiff.get_mut(from..to) {
            slice.fill(0);
        }
    }
    let end = end.min(tiff.len());
    if pointer.at + 12 <= end {
        tiff.copy_within(pointer.at + 12..end, pointer.at);
        if let Some(slice) = tiff.get_mut(end - 12..end) {
            slice.fill(0);
        }
        let less = count.saturating_sub(1);
        let bytes = if little { less.to_le_bytes() } else { less.to_be_bytes() };
        if let Some(slice) = tiff.get_mut(count_at..count_at + 2) {
            slice.copy_from_slice(&bytes);
        }
    }
    true
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where it stands.
    at: usize,
    tag: u16,
    kind: u16,
    count: u32,
}

impl Entry {
    /// Bytes of its value.
    fn size(&self) -> usize {
        let unit = match self.kind {
            3 | 8 => 2,
            4 | 9 | 11 => 4,
            5 | 10 | 12 => 8,
            _ => 1,
        };
        usize::try_from(self.count).unwrap_or(usize::MAX).saturating_mul(unit)
    }
}

struct View<'a> {
    bytes: &'a [u8],
    little: bool,
    first: usize,
}

impl<'a> View<'a> {
    fn new(bytes: &'a [u8]) -> Option<View<'a>> {
        let little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let mut view = View { bytes, little, first: 0 };
        view.first = usize::try_from(view.u32(4)?).ok()?;
        Some(view)
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn count(&self, directory: usize) -> Option<usize> {
        Some(usize::from(self.u16(directory)?))
    }

    /// The entries of a directory that are wholly there.
    fn entries(&self, directory: usize) -> Vec<Entry> {
        let count = self.count(directory).unwrap_or_default().min(MOST_ENTRIES);
        let starts = (0..count).filter_map(|number| directory.checked_add(2 + number * 12));
        starts
            .map_while(|at| {
                self.bytes.get(at..at.checked_add(12)?)?;
                Some(Entry { at, tag: self.u16(at)?, kind: self.u16(at + 2)?, count: self.u32(at + 4)? })
            })
            .collect()
    }

    fn short(&self, entry: &Entry) -> Option<u16> {
        (entry.kind == 3 && entry.count >= 1).then(|| self.u16(entry.at + 8)).flatten()
    }

    fn offset(&self, entry: &Entry) -> Option<usize> {
        usize::try_from(self.u32(entry.at + 8)?).ok()
    }

    fn ascii(&self, entry: &Entry) -> Option<String> {
        let size = entry.size();
        if entry.kind != 2 || size > 64 {
            return None;
        }
        let start = if size <= 4 { entry.at + 8 } else { self.offset(entry)? };
        let bytes = self.bytes.get(start..start.checked_add(size)?)?;
        let text = std::str::from_utf8(bytes).ok()?;
        Some(text.trim_matches(['\0', ' ']).to_owned())
    }
}

/// `2024:05:01 10:11:12` and `+02:00` to a FHIR dateTime.
fn fhir_date(text: &str, zone: Option<&str>) -> Option<String> {
    let (date, time) = text.split_once(' ').unwrap_or((text, ""));
    let date = date.replace(':', "-");
    if date.len() != 10 || crate::datetime::unix_seconds(&date).is_none() || date.starts_with("0000") {
        return None;
    }
    let full = zone.map(|zone| format!("{date}T{time}{zone}"));
    let shaped = |text: &String| text.len() == 25 && crate::datetime::unix_seconds(text).is_some();
    Some(full.filter(shaped).unwrap_or(date))
}
