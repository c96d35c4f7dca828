//! Pictures: how large, when taken, and whether they say where. Nothing is decoded; stripping the place changes no pixel.

mod jpeg;
mod png;
pub(super) mod webp;
mod xmp;

use super::{DocumentKind, exif, exif::Exif, looks_like, reference::Draft};

/// What a picture says of itself.
#[derive(Debug, Default)]
struct Facts {
    width: u32,
    height: u32,
    exif: Exif,
    /// Whether it says where it was taken, in EXIF or elsewhere.
    has_location: bool,
}

/// Whether the bytes are a picture that says where it was taken.
pub fn has_location(bytes: &[u8]) -> bool {
    looks_like(bytes).filter(|kind| kind.is_image()).is_some_and(|kind| facts(bytes, kind).has_location)
}

/// The draft of a picture, and its bytes without the place where they were asked for and it had one.
pub(super) fn draft(bytes: &[u8], kind: DocumentKind, strip: bool) -> (Draft, Option<Vec<u8>>) {
    let mut found = facts(bytes, kind);
    let mut stripped = None;
    let mut draft = Draft::new(kind.media_type());
    let mut about = format!("Picture ({})", kind.name());
    if found.width > 0 && found.height > 0 {
        // Orientations 5 to 8 are turned by a quarter.
        if found.exif.orientation.is_some_and(|way| way >= 5) {
            std::mem::swap(&mut found.width, &mut found.height);
        }
        about.push_str(&format!(", {} × {} pixels", found.width, found.height));
    }
    about.push('.');
    draft.facts.push(about);
    if let Some(taken) = &found.exif.taken {
        draft.facts.push(format!("Taken {}.", taken.replace('T', " ")));
    }
    if found.has_location && strip {
        let kept = without_location(bytes, kind);
        if facts(&kept, kind).has_location {
            draft.facts.push("It says where it was taken, and that could not be taken out.".to_owned());
        } else {
            draft.facts.push("The place where it was taken was removed before it was kept.".to_owned());
            draft.altered = true;
            stripped = Some(kept);
        }
    } else if found.has_location {
        draft.facts.push("It says where it was taken.".to_owned());
    }
    draft.created = found.exif.taken;
    (draft, stripped)
}

fn facts(bytes: &[u8], kind: DocumentKind) -> Facts {
    match kind {
        DocumentKind::Jpeg => jpeg::facts(bytes),
        DocumentKind::Png => png::facts(bytes),
        DocumentKind::Webp => webp::facts(bytes),
        DocumentKind::Gif => gif(bytes),
        _ => embedded(bytes, kind),
    }
}

fn without_location(bytes: &[u8], kind: DocumentKind) -> Vec<u8> {
    match kind {
        DocumentKind::Jpeg => jpeg::without_location(bytes),
        DocumentKind::Png => png::without_location(bytes),
        DocumentKind::Webp => webp::without_location(bytes),
        _ => {
            let mut kept = bytes.to_vec();
            for start in tiffs(bytes, kind) {
                if let Some(tiff) = kept.get_mut(start..) {
                    exif::strip_location(tiff);
                }
            }
            xmp::blank_location(&mut kept);
            kept
        }
    }
}

fn gif(bytes: &[u8]) -> Facts {
    let side = |at: usize| bytes.get(at..at + 2).and_then(|two| Some(u16::from_le_bytes(two.try_into().ok()?)));
    Facts {
        width: u32::from(side(6).unwrap_or_default()),
        height: u32::from(side(8).unwrap_or_default()),
        has_location: xmp::has_location(bytes),
        ..Facts::default()
    }
}

/// Formats whose boxes are not read: EXIF and XMP are looked for where they stand as they are.
fn embedded(bytes: &[u8], kind: DocumentKind) -> Facts {
    let mut out = Facts { has_location: xmp::has_location(bytes), ..Facts::default() };
    for start in tiffs(bytes, kind) {
        let exif = exif::read(bytes.get(start..).unwrap_or_default());
        out.has_location |= exif.has_location;
        out.exif.taken = out.exif.taken.take().or(exif.taken);
        out.exif.orientation = out.exif.orientation.or(exif.orientation);
    }
    out
}

/// Where EXIF structures begin: the file itself if it is a TIFF, else at most 16 behind their header. HEIC and AVIF write instead
/// how many bytes before the structure are to be passed over (ISO/IEC 23008-12, A.2.1), often none.
fn tiffs(bytes: &[u8], kind: DocumentKind) -> Vec<usize> {
    if kind == DocumentKind::Tiff {
        return vec![0];
    }
    const HEADER: &[u8] = b"Exif\0\0";
    let behind_offset = |at: usize| {
        (0..=OFFSET).any(|passed| {
            let offset = at.checked_sub(passed + 4).and_then(|start| bytes.get(start..start + 4));
            offset.and_then(|four| four.try_into().ok()).map(u32::from_be_bytes) == u32::try_from(passed).ok()
        })
    };
    let starts = bytes.windows(4).enumerate().filter(|(_, four)| matches!(*four, b"II*\0" | b"MM\0*"));
    let headed = |at: usize| bytes.get(..at).is_some_and(|before| before.ends_with(HEADER));
    starts.map(|(at, _)| at).filter(|at| headed(*at) || behind_offset(*at)).take(16).collect()
}

/// As many bytes may stand before an EXIF structure.
const OFFSET: usize = 16;
