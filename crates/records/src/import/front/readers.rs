//! Which reader reads which kind of file. A line in [`read`] wires a reader: [`bytes`](super::converted::bytes) one that wants a file in
//! memory, [`stream`](super::converted::stream) one that wants it bit by bit.

use std::{cell::Cell, io::Read, ops::ControlFlow};

use super::{
    Event, archive,
    bounded::{self, Bounded, Counted},
    converted::{self, bytes, stream},
    detect::{self, A_HEALTH_LINK, A_LINK, Kind, WEB_PAGE},
    gzip, inline,
    job::{Halt, Job, Part},
    json, text,
};
use crate::{
    Error, Result, apple, cards, ccda,
    codes::{self, Codes, Said},
    convert::Found,
    csv, documents,
    import::{Format, SkipReason},
    xml,
};

/// How often a file may be packed with gzip in one another.
const GZIPS: usize = 2;

/// Reads a file from its start to its end.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let head = bounded::head(reader)?;
    let kind = detect::detect(&head);
    let mut whole = head.as_slice().chain(reader);
    match kind {
        Kind::Json => json::read(job, part, &mut whole),
        Kind::Gzip if part.unpacked < GZIPS => unpack(job, part, &mut whole),
        // White space as far as was looked; a file that goes on with it is not read to its end.
        Kind::Empty => Err(Error::Empty.into()),
        Kind::FhirXml => super::xml::read(job, part, &mut whole),
        Kind::AppleHealth if text::encoding(&head).0 != text::Encoding::Utf8 => {
            // A telephone writes UTF-8; what a program of a computer saved anew is not streamed.
            let utf8 = text::to_utf8(bounded::all(job, part, &mut whole)?, job.limits().inflated_bytes)?;
            stream(job, part, &mut utf8.as_slice(), Format::AppleHealth, apple::read)
        }
        Kind::AppleHealth => stream(job, part, &mut whole, Format::AppleHealth, apple::read),
        Kind::HealthCard | Kind::Hcert if codes::may_be_mixed(&head) => letter(job, part, kind, &mut whole),
        Kind::HealthCard => cards(job, part, &mut whole, Format::HealthCard, "application/smart-health-card"),
        Kind::Hcert => cards(job, part, &mut whole, Format::Hcert, "text/plain"),
        Kind::Pdf => document(job, part, &mut whole, Format::Pdf),
        Kind::Picture => document(job, part, &mut whole, Format::Picture),
        Kind::Dicom => document(job, part, &mut whole, Format::Dicom),
        Kind::Rtf => document(job, part, &mut whole, Format::Rtf),
        // A letter with commas looks like a table.
        Kind::Table if !codes::may_hold(&head) => table(job, part, &mut whole),
        Kind::Table | Kind::Text | Kind::NoRecords(WEB_PAGE) | Kind::Other(A_HEALTH_LINK | A_LINK) => {
            letter(job, part, kind, &mut whole)
        }
        Kind::ClinicalDocument => clinical_document(job, part, &mut whole),
        Kind::Zip if part.archives < archive::NESTED => super::zip::read_nested(job, part, &mut whole),
        Kind::Tar if part.archives < archive::NESTED => super::tar::read(job, part, &mut whole),
        _ => Err(refused(kind, part)),
    }
}

fn clinical_document(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let mut misdeclared = false;
    // Cards whose codes are in the PDF that is the document's body, or in a file inside it.
    let mut inside = Vec::new();
    bytes(job, part, reader, Format::ClinicalDocument, Some("text/xml"), |bytes, source, sink| {
        misdeclared = xml::is_misdeclared(bytes);
        ccda::read(bytes, source, &mut |found| {
            if let Found::Attachment(attachment) = &found {
                inside.extend(inline::Inside::of(attachment.bytes));
            }
            sink(found)
        })
    })?;
    inside.into_iter().try_for_each(|inside| inside.read(job, part))?;
    if misdeclared { text::say_from_windows(job, part) } else { Ok(()) }
}

/// A table, read as it was explained before where its header is known.
fn table(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    if archive::is_quiet(part.name, false) {
        return Err(refused(Kind::Table, part));
    }
    bytes(job, part, reader, Format::Table, Some("text/csv"), |bytes, source, sink| {
        if apple::read_recording(bytes, source, sink) {
            return Ok(());
        }
        csv::read(bytes, source, job.table(bytes), sink)
    })
}

/// Documents and pictures, which their reader keeps by itself, and the cards whose codes are in them.
fn document(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read, format: Format) -> Result<(), Halt> {
    let (mut said, mut inside, mut whole) = (Vec::new(), Vec::new(), None);
    bytes(job, part, reader, format, None, |bytes, source, sink| {
        let mut others = |found: Found<'_>| match found {
            Found::Resource(resource) if resource.place == documents::WHOLE => {
                whole = Some(resource);
                ControlFlow::Continue(())
            }
            found => sink(found),
        };
        said = documents::read_with(bytes, source, &job.documents(), job.cards(), &mut inside, &mut others)?;
        Ok(())
    })?;
    let read = || inside.iter().try_for_each(|(name, bytes)| inline::file(job, part, name, bytes));
    let labels = job.labels_of(read)?;
    if let Some(mut whole) = whole {
        labels.label(&mut whole.resource);
        converted::hand_over(job, part, |sink| {
            // Whether it was the last that is wanted shows when more is handed over.
            let _ = sink(Found::Resource(whole));
            Ok(())
        })?;
    }
    say(job, part, said)
}

/// A text or a web page: read for the codes that are in it. A text without any is kept as a document where it is the file
/// itself; in an archive it is mostly about the archive.
fn letter(job: &Job<'_>, part: &Part<'_>, kind: Kind, reader: &mut dyn Read) -> Result<(), Halt> {
    let most = codes::MOST_TEXT as u64 + 1;
    let text = bounded::first(reader, most)?;
    // One byte more says that it goes on.
    if text.len() as u64 == most {
        return Err(refused(kind, part));
    }
    let found = Codes::in_file(&text::to_utf8(text.clone(), most).map_err(Halt::Failed)?);
    if !found.has_records() {
        // A link alone is nothing to keep, but something to know of.
        if found.is_empty() {
            if kind == Kind::Text && part.is_whole() && is_prose(&text) && !archive::is_quiet(part.name, false) {
                return document(job, part, &mut text.as_slice(), Format::Text);
            }
            return Err(refused(kind, part));
        }
        say(job, part, found.said(Vec::new()))?;
        return Err(Error::OnlyLink.into());
    }
    let format = if found.has_cards() { Format::HealthCard } else { Format::Hcert };
    let media_type = if matches!(kind, Kind::NoRecords(_)) { "text/html" } else { "text/plain" };
    let mut notes = Vec::new();
    bytes(job, part, &mut text.as_slice(), format, Some(media_type), |_, source, sink| {
        let cards = found.read(media_type, source, job.cards(), sink)?;
        cards::keep_chunks(&cards, media_type, source, sink);
        notes = cards.notes;
        Ok(())
    })?;
    say(job, part, found.said(notes))
}

/// Whether a text is made of words: not what is left of a code, of JSON or of another thing that is made for programs.
fn is_prose(text: &[u8]) -> bool {
    const FEWEST_WORDS: usize = 20;
    const LONGEST_WORD: usize = 200;
    let words = || text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    !text.trim_ascii_start().starts_with(b"\"")
        && words().nth(FEWEST_WORDS - 1).is_some()
        && words().all(|word| word.len() <= LONGEST_WORD)
}

/// Says what a person should know of what was taken.
pub(super) fn say(job: &Job<'_>, part: &Part<'_>, said: Vec<Said>) -> Result<(), Halt> {
    said.into_iter().try_for_each(|said| {
        job.emit(match said {
            Said::Note { place, text } => Event::Note { path: part.path(&place), text },
            Said::Link(link) => Event::Link { path: part.place(), link },
            Said::Other(text) => Event::Code { path: part.place(), text },
        })
    })
}

/// Cards and certificates; what is to be said of one that was taken comes after them all.
fn cards(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read, format: Format, media_type: &str) -> Result<(), Halt> {
    let mut notes = Vec::new();
    bytes(job, part, reader, format, Some(media_type), |bytes, source, sink| {
        let bytes = text::to_utf8(bytes.to_vec(), source.limits.inflated_bytes)?;
        let bytes = bytes.as_slice();
        let text = unquoted(bytes);
        notes = cards::read(text.as_deref().map_or(bytes, str::as_bytes), source, job.cards(), sink)?;
        Ok(())
    })?;
    say(job, part, Codes::default().said(notes))
}

/// The codes of a JSON text, or of an array of them, each on a line of its own.
fn unquoted(bytes: &[u8]) -> Option<String> {
    match bytes.trim_ascii_start().first()? {
        b'"' => serde_json::from_slice(bytes).ok(),
        b'[' => Some(serde_json::from_slice::<Vec<String>>(bytes).ok()?.join("\n")),
        _ => None,
    }
}

/// Says of a file that is not read why not.
fn refused(kind: Kind, part: &Part<'_>) -> Halt {
    let what = match kind {
        Kind::Empty | Kind::Json => "another kind of file",
        Kind::FhirXml => "FHIR in XML",
        Kind::ClinicalDocument => "a clinical document (C-CDA) in XML",
        Kind::AppleHealth => "an Apple Health export",
        Kind::Xml => "an XML file",
        Kind::Zip => "a zip archive",
        Kind::Gzip => "a file that was packed again and again",
        Kind::Tar => "a tar archive",
        Kind::HealthCard => "a SMART Health Card",
        Kind::Hcert => "a health certificate (HC1)",
        Kind::Table => "a table (CSV)",
        Kind::Pdf => "a PDF",
        Kind::Picture => "a picture",
        Kind::Dicom => "a DICOM image",
        Kind::Rtf => "a formatted text (RTF)",
        Kind::Text => "a text",
        Kind::Encrypted => "an encrypted file",
        Kind::NoRecords(what) | Kind::Other(what) => what,
    };
    let quiet =
        matches!(kind, Kind::Table | Kind::Text | Kind::Xml | Kind::Other(_)) && archive::is_quiet(part.name, false);
    let reason = match kind {
        Kind::Encrypted => SkipReason::Encrypted,
        Kind::NoRecords(_) => SkipReason::NotARecordFile,
        Kind::Zip | Kind::Tar => SkipReason::NestedTooDeep,
        _ if quiet => SkipReason::NotARecordFile,
        _ => SkipReason::Unsupported { what },
    };
    Halt::Refused { reason, what }
}

/// Unpacks gzip of anything on the spot.
fn unpack(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let packed = Cell::new(0);
    let members = gzip::Unpacked::new(Counted { inner: reader, count: &packed });
    let mut unpacked = Bounded::unpacked(members, job, &packed, job.limits().streamed_bytes);
    read(job, &part.inside(), &mut unpacked)
}
