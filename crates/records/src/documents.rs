//! Documents and pictures: PDF, photographs and scans, plain texts, DICOM. Each is kept as it came and gets a
//! DocumentReference by which it is listed, dated and found.
//!
//! Nothing is ever rendered or run. What a file says of itself (title, date, text) is taken for what it is: words to find
//! it by. A damaged file is kept all the same, with what could be read of it.

mod dicom;
mod drawing;
mod exif;
mod image;
mod limits;
mod pdf;
mod plain;
mod qr;
mod reference;
mod svg;

pub(crate) use dicom::looks_like as is_dicom;
pub use image::has_location;
pub(crate) use qr::Scanned;

use std::ops::ControlFlow;

use crate::{
    Error, Result, cards,
    codes::{self, Codes, Said},
    convert::{Attachment, Converted, Found, Sink, Source},
    import::{Skip, SkipReason},
};

/// Where in its file the DocumentReference of a document is made from.
pub(crate) const WHOLE: &str = "document";

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// HEIC, HEIF or AVIF.
    Heic,
    /// TIFF.
    Tiff,
    /// SVG.
    Svg,
    /// DICOM (PS3.10 file).
    Dicom,
    /// Rich Text Format.
    Rtf,
    /// Plain text.
    Text,
}

impl DocumentKind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            DocumentKind::Pdf => "application/pdf",
            DocumentKind::Jpeg => "image/jpeg",
            DocumentKind::Png => "image/png",
            DocumentKind::Gif => "image/gif",
            DocumentKind::Webp => "image/webp",
            DocumentKind::Heic => "image/heic",
            DocumentKind::Tiff => "image/tiff",
            DocumentKind::Svg => "image/svg+xml",
            DocumentKind::Dicom => "application/dicom",
            DocumentKind::Rtf => "application/rtf",
            DocumentKind::Text => "text/plain",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            DocumentKind::Pdf => "PDF",
            DocumentKind::Jpeg => "JPEG",
            DocumentKind::Png => "PNG",
            DocumentKind::Gif => "GIF",
            DocumentKind::Webp => "WebP",
            DocumentKind::Heic => "HEIC",
            DocumentKind::Tiff => "TIFF",
            DocumentKind::Svg => "SVG",
            DocumentKind::Dicom => "DICOM",
            DocumentKind::Rtf => "RTF",
            DocumentKind::Text => "Text",
        }
    }

    /// Whether it is a picture.
    pub fn is_image(self) -> bool {
        matches!(
            self,
            DocumentKind::Jpeg
                | DocumentKind::Png
                | DocumentKind::Gif
                | DocumentKind::Webp
                | DocumentKind::Heic
                | DocumentKind::Tiff
                | DocumentKind::Svg
        )
    }
}

/// What the person decided about documents.
#[derive(Debug, Clone, Copy, Default)]
pub struct DocumentOptions {
    /// Take out of pictures where they were taken, before they are kept. [`has_location`] tells whether there is anything
    /// to ask about.
    pub strip_location: bool,
}

/// What the bytes seem to be; `None` for what is not a document. Plain text is the last guess: JSON, XML and CSV are
/// text too, so whoever knows those formats asks about them first.
pub fn looks_like(bytes: &[u8]) -> Option<DocumentKind> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..offset + magic.len()) == Some(magic);
    // First, for what precedes it is anybody's: some files are a picture of another format to those who ask there.
    if dicom::looks_like(bytes) {
        return Some(DocumentKind::Dicom);
    }
    if at(0, b"\xFF\xD8\xFF") {
        return Some(DocumentKind::Jpeg);
    }
    if at(0, b"\x89PNG\r\n\x1A\n") {
        return Some(DocumentKind::Png);
    }
    if at(0, b"GIF87a") || at(0, b"GIF89a") {
        return Some(DocumentKind::Gif);
    }
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return Some(DocumentKind::Webp);
    }
    if at(4, b"ftyp") {
        let brands = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"];
        return brands.iter().any(|brand| at(8, *brand)).then_some(DocumentKind::Heic);
    }
    if at(0, b"II*\0") || at(0, b"MM\0*") {
        return Some(DocumentKind::Tiff);
    }
    if at(0, b"{\\rtf") {
        return Some(DocumentKind::Rtf);
    }
    if svg::is_svg(bytes) {
        return Some(DocumentKind::Svg);
    }
    // Readers of PDF look for its header within the first KiB.
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Some(DocumentKind::Pdf);
    }
    plain::is_text(bytes).then_some(DocumentKind::Text)
}

/// The codes in the pictures, on the pages and in the words of a PDF or a picture, and which of the two it is.
pub(crate) fn codes_in(bytes: &[u8]) -> (Codes, &'static str) {
    let kind = looks_like(bytes);
    let codes = match kind {
        Some(DocumentKind::Pdf) => codes_of(&pdf::draft(bytes)),
        Some(kind) if kind.is_image() => codes_of(&picture(bytes, kind, false).0),
        _ => Codes::default(),
    };
    (codes, kind.map_or("application/octet-stream", DocumentKind::media_type))
}

/// The draft of a picture or a drawing, and its bytes without the place where they were asked for and it had one.
fn picture(bytes: &[u8], kind: DocumentKind, strip_location: bool) -> (reference::Draft, Option<Vec<u8>>) {
    let (mut draft, stripped) = image::draft(bytes, kind, strip_location);
    match kind {
        DocumentKind::Svg => svg::add_to(&mut draft, bytes),
        _ => draft.codes = qr::codes(bytes, kind),
    }
    (draft, stripped)
}

/// The codes that were found when a document was read.
fn codes_of(draft: &reference::Draft) -> Codes {
    let mut codes = Codes::default();
    draft.codes.iter().cloned().for_each(|code| codes.add_code(code));
    [draft.title.as_deref(), Some(&draft.text)].into_iter().flatten().for_each(|words| codes.add_text(words));
    codes
}

/// Reads one document: its bytes come out as an [`Attachment`] first, then the records of the cards and certificates whose
/// codes are in it (QR codes in a PNG, JPEG or WebP of at most 25 million pixels, drawn in SVG or on the pages of a PDF, or in its
/// words), then what refers to the document. Gives what a person should know of the codes.
///
/// # Errors
/// Where the file as a whole is no use: empty, larger than the limit, not a document. A damaged document is none: it is
/// kept, and its DocumentReference says that it could not be read.
pub fn read(
    bytes: &[u8],
    source: &Source<'_>,
    options: &DocumentOptions,
    known: cards::Known<'_>,
    sink: &mut Sink<'_>,
) -> Result<Vec<Said>> {
    read_with(bytes, source, options, known, &mut Vec::new(), sink)
}

/// [`read`], with the files that lie in a PDF put to `inside`, by their names.
pub(crate) fn read_with(
    bytes: &[u8],
    source: &Source<'_>,
    options: &DocumentOptions,
    known: cards::Known<'_>,
    inside: &mut Vec<(String, Vec<u8>)>,
    sink: &mut Sink<'_>,
) -> Result<Vec<Said>> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    if bytes.len() as u64 > source.limits.file_bytes {
        return Err(Error::TooLarge { limit_mib: source.limits.file_bytes >> 20 });
    }
    let kind = looks_like(bytes).ok_or(Error::NotADocument)?;
    let (mut draft, stripped) = match kind {
        DocumentKind::Pdf => (pdf::draft(bytes), None),
        DocumentKind::Dicom => return dicom::read(bytes, source, known, sink),
        DocumentKind::Rtf | DocumentKind::Text => (plain::draft(bytes, kind), None),
        _ => picture(bytes, kind, options.strip_location),
    };
    let codes = codes_of(&draft);
    // Also of links that were cut off: half of one may hold its key.
    draft.text = codes::without_links(&draft.text);
    for words in [&mut draft.title, &mut draft.author].into_iter().flatten() {
        *words = codes::without_links(words);
    }
    inside.append(&mut draft.inside);
    let kept = stripped.as_deref().unwrap_or(bytes);
    let sha256 = if draft.altered { reference::sha256(kept) } else { source.sha256 };
    if sink(Found::Attachment(Attachment { sha256, media_type: draft.media_type, bytes: kept })).is_break() {
        return Ok(Vec::new());
    }
    let cards = codes.read(draft.media_type, &Source { sha256, ..*source }, known, sink)?;
    if !cards.stopped {
        let mut resource = draft.into_resource(&reference::document_id(source), kept, &sha256, source.name);
        cards.about.label(&mut resource);
        cards::mark_chunks(&mut resource, &cards.chunks);
        let _ = hand_over(resource, WHOLE, source, sink);
    }
    Ok(codes.said(cards.notes))
}

/// Hands over a resource, or the fact that it was too large for an entry.
fn hand_over(
    resource: crate::convert::Resource,
    place: &str,
    source: &Source<'_>,
    sink: &mut Sink<'_>,
) -> ControlFlow<()> {
    // The bound is on text that was clipped long before; only a very small limit can be met.
    let bytes = serde_json::to_vec(&resource).map_or(usize::MAX, |bytes| bytes.len());
    if bytes > source.limits.entry_bytes {
        let reason = SkipReason::TooLarge { limit_mib: source.limits.entry_bytes >> 20 };
        return sink(Found::Skipped(Skip { path: place.to_owned(), reason }));
    }
    sink(Found::Resource(Box::new(Converted::new(resource, place.to_owned()))))
}

/// The text of a PDF, for tests of those that we write.
#[cfg(test)]
pub(crate) fn pdf_text(bytes: &[u8]) -> String {
    pdf::draft(bytes).text
}

#[cfg(test)]
mod tests;
