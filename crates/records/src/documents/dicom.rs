//! DICOM files (PS3.10): what a study is and whose, a small picture of its first frame, the text of a structured report,
//! the PDF or clinical document inside an encapsulated one.
//!
//! The pixels of diagnostic images stay in the file: what is shown is a preview, not for diagnosis.

mod charset;
mod dataset;
mod lossless;
mod picture;
mod report;
mod rle;
mod study;
mod tags;

use std::ops::ControlFlow;

use super::{
    hand_over, pdf,
    reference::{self, Draft, Kept, tidy},
};
use crate::{
    Result, cards, ccda,
    codes::{Codes, Said},
    convert::{Attachment, Found, Resource, Sink, Source},
};
use charset::Charset;
use dataset::{DataSet, DicomFile};

/// LOINC's code for a document of an imaging study.
const IMAGING_STUDY: (&str, &str, &str) = (crate::terminology::LOINC, "18748-4", "Diagnostic imaging study");
/// Encapsulated PDF Storage and Encapsulated CDA Storage (PS3.4, B.5).
const ENCAPSULATED_PDF: &str = "1.2.840.10008.5.1.4.1.1.104.1";
const ENCAPSULATED_CDA: &str = "1.2.840.10008.5.1.4.1.1.104.2";
/// The stem of the classes of structured reports.
const STRUCTURED_REPORT: &str = "1.2.840.10008.5.1.4.1.1.88.";
/// The index of a disc.
const DIRECTORY: &str = "1.2.840.10008.1.3.10";

/// Whether these are the first bytes of a DICOM file, or of a data set without the preamble of one.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    bytes.get(128..132) == Some(b"DICM") || dataset::bare(bytes).is_some()
}

/// Reads a file; see [`documents::read`](super::read).
pub(super) fn read(
    bytes: &[u8],
    source: &Source<'_>,
    known: cards::Known<'_>,
    sink: &mut Sink<'_>,
) -> Result<Vec<Said>> {
    let mut inside = None;
    let described = describe(bytes, source, &mut inside, sink);
    // The sink breaking the reading off is no failure, here and below.
    let ControlFlow::Continue(mut resource) = described else { return Ok(Vec::new()) };
    let mut said = Vec::new();
    if let Some((codes, sha256)) = inside {
        let cards = codes.read("application/pdf", &Source { sha256, ..*source }, known, sink)?;
        if cards.stopped {
            return Ok(Vec::new());
        }
        cards.about.label(&mut resource);
        cards::mark_chunks(&mut resource, &cards.chunks);
        said = codes.said(cards.notes);
    }
    let _ = hand_over(resource, super::WHOLE, source, sink);
    Ok(said)
}

/// The codes in the PDF inside a file, and its hash.
type Inside = Option<(Codes, [u8; 32])>;

/// Hands over what is made of a file, all but what refers to the file itself.
fn describe(bytes: &[u8], source: &Source<'_>, inside: &mut Inside, sink: &mut Sink<'_>) -> ControlFlow<(), Resource> {
    sink(Found::Attachment(Attachment { sha256: source.sha256, media_type: "application/dicom", bytes }))?;
    let mut draft = Draft::new("application/dicom");
    draft.kind = Some(IMAGING_STUDY);
    let finished =
        |draft: Draft| draft.into_resource(&reference::document_id(source), bytes, &source.sha256, source.name);
    let mut inflated = Vec::new();
    let Some(file) = dataset::read(bytes, &mut inflated) else {
        draft.facts.push("DICOM. It is damaged, and nothing could be read of it.".to_owned());
        return ControlFlow::Continue(finished(draft));
    };
    let charset = Charset::of(&file.data);
    let about = study::About::of(&file.data, &charset);
    draft.title = about.title();
    draft.created.clone_from(&about.started);
    draft.subject = about.subject();
    draft.author.clone_from(&about.institution);
    draft.facts = about.facts();
    let class = file.data.string(tags::SOP_CLASS_UID);
    if class == DIRECTORY {
        draft.facts.push("It is the index of a disc; the pictures are in other files.".to_owned());
    } else if class.starts_with(STRUCTURED_REPORT) {
        draft.text = report::text(&file.data, &charset);
    } else if class == ENCAPSULATED_PDF || class == ENCAPSULATED_CDA {
        encapsulated(&file, &charset, source, &mut draft, inside, sink)?;
    } else {
        preview(&file, &mut draft, sink)?;
    }
    if !file.whole {
        draft.facts.push("It is cut short or damaged; what stands before that was read.".to_owned());
    }
    if let Some((study, id)) = about.imaging_study() {
        draft.related.push(format!("urn:uuid:{id}"));
        hand_over(study, "study", source, sink)?;
    }
    let uid = file.data.string(tags::SOP_INSTANCE_UID);
    if study::is_uid(&uid) {
        draft.identifiers.push(("urn:dicom:uid".to_owned(), format!("urn:oid:{uid}")));
    }
    ControlFlow::Continue(finished(draft))
}

/// The document inside, handed over by itself: a PDF, or a clinical document with its entries.
fn encapsulated(
    file: &DicomFile<'_>,
    charset: &Charset,
    source: &Source<'_>,
    draft: &mut Draft,
    inside: &mut Inside,
    sink: &mut Sink<'_>,
) -> ControlFlow<()> {
    let title = tidy(&charset.text(&file.data, tags::DOCUMENT_TITLE));
    if !title.is_empty() {
        draft.title = Some(title.clone());
    }
    let inner = file.data.bytes(tags::ENCAPSULATED_DOCUMENT);
    // One zero may follow to make the length even.
    let inner = inner.strip_suffix(b"\0").unwrap_or(inner);
    let media_type = if super::looks_like(inner) == Some(super::DocumentKind::Pdf) {
        "application/pdf"
    } else if ccda::looks_like(inner) {
        "text/xml"
    } else {
        draft.facts.push("The document inside could not be read.".to_owned());
        return ControlFlow::Continue(());
    };
    let sha256 = reference::sha256(inner);
    sink(Found::Attachment(Attachment { sha256, media_type, bytes: inner }))?;
    let name = if title.is_empty() { "Document" } else { &title };
    draft.more.push(Kept::new(inner, sha256, media_type, name));
    if media_type == "application/pdf" {
        let read = pdf::draft(inner);
        *inside = Some((super::codes_of(&read), sha256));
        draft.facts.extend(read.facts);
        draft.text = read.text;
        return ControlFlow::Continue(());
    }
    let mut flow = ControlFlow::Continue(());
    let read = ccda::read(inner, &Source { sha256, ..*source }, &mut |found| {
        flow = sink(found);
        flow
    });
    if read.is_err() {
        draft.facts.push("The document inside could not be read.".to_owned());
    }
    flow
}

/// A small picture of the first frame, where it is of a kind that is shown.
fn preview(file: &DicomFile<'_>, draft: &mut Draft, sink: &mut Sink<'_>) -> ControlFlow<()> {
    match picture::first_frame(file) {
        picture::Frame::Png(png) => {
            let sha256 = reference::sha256(&png);
            sink(Found::Attachment(Attachment { sha256, media_type: "image/png", bytes: &png }))?;
            draft.more.push(Kept::new(&png, sha256, "image/png", "Preview"));
        }
        picture::Frame::Jpeg(jpeg) => {
            let sha256 = reference::sha256(&jpeg);
            sink(Found::Attachment(Attachment { sha256, media_type: "image/jpeg", bytes: &jpeg }))?;
            draft.more.push(Kept::new(&jpeg, sha256, "image/jpeg", "Preview"));
        }
        picture::Frame::NotShown => {
            draft.facts.push("Its picture is kept, but is stored in a way that cannot be shown here.".to_owned());
        }
        picture::Frame::None => {}
    }
    ControlFlow::Continue(())
}

impl DataSet<'_> {
    /// A value of a tag that holds plain ASCII, without its padding; empty where there is none.
    fn string(&self, tag: u32) -> String {
        let bytes = self.bytes(tag);
        let bytes = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
        String::from_utf8_lossy(bytes).trim_matches(['\0', ' ']).to_owned()
    }

    /// The first of the values of such a tag.
    fn first(&self, tag: u32) -> String {
        self.string(tag).split('\\').next().unwrap_or_default().trim().to_owned()
    }

    /// The first of the values as a number in decimal text.
    fn decimal(&self, tag: u32) -> Option<f64> {
        self.first(tag).parse().ok().filter(|number: &f64| number.is_finite())
    }
}

#[cfg(test)]
mod tests;
