//! What lies inside a record of FHIR JSON or XML as base64, or in a PDF as an embedded file: a clinical document, FHIR, a card,
//! or the code of a card in a PDF or a picture. Portals hand out a person's C-CDA documents in this way, as DocumentReference
//! or Binary, and summaries for people as a PDF with the same for programs in it.
//!
//! The record or document is kept with all it carries, as any other, under the labels of what is in it. What can be read
//! of that is read as a file in it would be.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::{Digest, Sha256};

use super::{
    Event, archive, converted,
    detect::{Kind, detect},
    job::{Halt, Job, Part},
    readers,
};
use crate::{
    Error, cards,
    codes::Codes,
    convert::{Attachment, Source},
    documents,
    import::attachments,
    index::IndexEntry,
};

/// How much of an attachment is looked at to find out what it is.
const HEAD: usize = 64 << 10;
/// The kinds of resources whose attachments are looked into: those that carry documents.
const CARRIERS: [&str; 6] =
    ["Binary", "Communication", "DiagnosticReport", "DocumentReference", "Media", "QuestionnaireResponse"];

/// Fewer letters of base64 than this hold no document and no code.
const SMALLEST: usize = 64;
/// The most attachments of one record that are looked into.
const MOST: usize = 200;

/// Base64 as FHIR allows it, without its white space: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whether a record is of a kind that carries documents.
pub(super) fn may_carry(index: &IndexEntry) -> bool {
    CARRIERS.contains(&index.resource_type.as_str())
}

/// Reads what lies in a record; `path` says where in the part the record is. It comes before the record, which is as
/// sensitive as all of it.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, path: &str, carrier: &[u8]) -> Result<(), Halt> {
    if part.archives >= archive::NESTED {
        return Ok(());
    }
    for (number, inline) in attachments::inline(carrier, SMALLEST).take(MOST).enumerate() {
        if !may_be_read(inline) {
            continue;
        }
        let Some(bytes) = decoded(inline) else { continue };
        let shown = if number == 0 { path.to_owned() } else { format!("{path} ({})", number + 1) };
        one(job, &part.member(part.name, &shown), &bytes)?;
    }
    Ok(())
}

/// Reads a file that lies in a document, which is kept with all that is in it.
pub(super) fn file(job: &Job<'_>, part: &Part<'_>, name: &str, bytes: &[u8]) -> Result<(), Halt> {
    if part.archives >= archive::NESTED { Ok(()) } else { one(job, &part.member(name, name), bytes) }
}

/// Whether what is read here can begin so: notes in words, which are what most records carry, are passed over before they are
/// unpacked.
fn may_be_read(inline: &[u8]) -> bool {
    let Some(start) = inline.get(..SMALLEST).and_then(|start| BASE64.decode(start).ok()) else { return true };
    let first = start.trim_ascii_start().first().copied().unwrap_or_default();
    !first.is_ascii_alphanumeric() && first != b'#' || matches!(first, b's' | b'S' | b'h' | b'H' | b'e' | b'R')
}

/// The bytes, if they are base64, whose letters JSON may write as `\/` and `\n`.
fn decoded(inline: &[u8]) -> Option<Vec<u8>> {
    let mut bare = Vec::with_capacity(inline.len());
    let mut escaped = false;
    for byte in inline {
        match byte {
            b'\\' if !escaped => escaped = true,
            b'n' | b'r' | b't' if escaped => escaped = false,
            byte => {
                escaped = false;
                if !byte.is_ascii_whitespace() {
                    bare.push(*byte);
                }
            }
        }
    }
    BASE64.decode(bare).ok()
}

fn one(job: &Job<'_>, part: &Part<'_>, bytes: &[u8]) -> Result<(), Halt> {
    match detect(bytes.get(..bytes.len().min(HEAD)).unwrap_or_default()) {
        Kind::ClinicalDocument | Kind::Json | Kind::FhirXml | Kind::HealthCard | Kind::Hcert => {
            match readers::read(job, part, &mut &*bytes) {
                // It is kept in its record, as all is that is nothing to read.
                Err(Halt::Refused { .. } | Halt::Failed(Error::NotFhir { .. })) => Ok(()),
                outcome => archive::or_skip(job, part, outcome),
            }
        }
        Kind::Pdf | Kind::Picture => codes(job, part, bytes),
        _ => Ok(()),
    }
}

/// The cards whose codes are in a document, which itself the record keeps.
fn codes(job: &Job<'_>, part: &Part<'_>, bytes: &[u8]) -> Result<(), Halt> {
    let Some(inside) = Inside::of(bytes) else { return Ok(()) };
    if inside.codes.has_records() {
        let Inside { sha256, media_type, .. } = inside;
        job.emit(Event::Attachment(Attachment { sha256, media_type, bytes }))?;
    }
    inside.read(job, part)
}

/// The codes in a PDF or a picture that lies in something else.
pub(super) struct Inside {
    codes: Codes,
    media_type: &'static str,
    sha256: [u8; 32],
}

impl Inside {
    /// None where there are no codes, or it is no such file.
    pub(super) fn of(bytes: &[u8]) -> Option<Inside> {
        let (codes, media_type) = documents::codes_in(bytes);
        (!codes.is_empty()).then(|| Inside { codes, media_type, sha256: Sha256::digest(bytes).into() })
    }

    /// Reads the cards; their documents refer to the file that the codes are in, which is kept already.
    pub(super) fn read(self, job: &Job<'_>, part: &Part<'_>) -> Result<(), Halt> {
        let Inside { codes, media_type, sha256 } = self;
        let source = Source { name: part.name, sha256, ..job.source() };
        let mut said = Vec::new();
        converted::hand_over(job, part, |sink| {
            let outcome = codes.read(media_type, &source, job.cards(), sink)?;
            cards::keep_chunks(&outcome, media_type, &source, sink);
            said = codes.said(outcome.notes);
            Ok(())
        })?;
        readers::say(job, part, said)
    }
}
