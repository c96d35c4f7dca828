//! DICOM files (PS3.10): what a study is and whose, a small picture of its first frame, the text of a structured report,
//! the PDF inside an encapsulated document.
//!
//! The pixels of diagnostic images stay in the file: what is shown is a preview, not for diagnosis.

mod charset;
mod dataset;
mod picture;
mod report;
mod study;
mod tags;

use std::ops::ControlFlow;

use super::{
    hand_over, pdf,
    reference::{self, Draft, Kept, tidy},
};
use crate::convert::{Attachment, Found, Sink, Source};
use charset::Charset;
use dataset::{DataSet, DicomFile};

/// LOINC's code for a document of an imaging study.
const IMAGING_STUDY: (&str, &str, &str) = (crate::terminology::LOINC, "18748-4", "Diagnostic imaging study");
/// Encapsulated PDF Storage (PS3.4, B.5).
const ENCAPSULATED_PDF: &str = "1.2.840.10008.5.1.4.1.1.104.1";
/// The stem of the classes of structured reports.
const STRUCTURED_REPORT: &str = "1.2.840.10008.5.1.4.1.1.88.";
/// The index of a disc.
const DIRECTORY: &str = "1.2.840.10008.1.3.10";

/// Whether these are the first bytes of a DICOM file, or of a data set without the preamble of one.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    bytes.get(128..132) == Some(b"DICM") || dataset::bare(bytes).is_some()
}

pub(super) fn read(bytes: &[u8], source: &Source<'_>, sink: &mut Sink<'_>) -> ControlFlow<()> {
    sink(Found::Attachment(Attachment { sha256: source.sha256, media_type: "application/dicom", bytes }))?;
    let mut draft = Draft::new("application/dicom");
    draft.kind = Some(IMAGING_STUDY);
    let mut inflated = Vec::new();
    let Some(file) = dataset::read(bytes, &mut inflated) else {
        draft.facts.push("DICOM. It is damaged, and nothing could be read of it.".to_owned());
        let resource = draft.into_resource(&reference::document_id(source), bytes, &source.sha256, source.name);
        return hand_over(resource, "document", source, sink);
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
    } else if class == ENCAPSULATED_PDF {
        encapsulated(&file, &charset, &mut draft, sink)?;
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
    let resource = draft.into_resource(&reference::document_id(source), bytes, &source.sha256, source.name);
    hand_over(resource, "document", source, sink)
}

/// The document inside, handed over by itself.
fn encapsulated(file: &DicomFile<'_>, charset: &Charset, draft: &mut Draft, sink: &mut Sink<'_>) -> ControlFlow<()> {
    let title = tidy(&charset.text(&file.data, tags::DOCUMENT_TITLE));
    if !title.is_empty() {
        draft.title = Some(title.clone());
    }
    let inner = file.data.bytes(tags::ENCAPSULATED_DOCUMENT);
    // One zero may follow to make the length even.
    let inner = if inner.ends_with(b"\0") { inner.get(..inner.len() - 1).unwrap_or_default() } else { inner };
    if super::looks_like(inner) != Some(super::DocumentKind::Pdf) {
        draft.facts.push("The document inside could not be read.".to_owned());
        return ControlFlow::Continue(());
    }
    let sha256 = reference::sha256(inner);
    sink(Found::Attachment(Attachment { sha256, media_type: "application/pdf", bytes: inner }))?;
    let name = if title.is_empty() { "Document" } else { &title };
    draft.more.push(Kept::new(inner, sha256, "application/pdf", name));
    let read = pdf::draft(inner);
    draft.facts.extend(read.facts);
    draft.text = read.text;
    ControlFlow::Continue(())
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
