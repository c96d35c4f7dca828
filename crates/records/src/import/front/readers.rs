//! Which reader reads which kind of file. One line wires a reader.

use std::{cell::Cell, io::Read};

use flate2::read::MultiGzDecoder;

use super::{
    ReadSeek,
    bounded::{self, Bounded, Counted},
    detect::{self, Kind},
    job::{Halt, Job, Part},
    json,
};
use crate::Error;

/// How often a file may be packed with gzip in one another.
const GZIPS: usize = 2;

/// Reads a file from its start to its end.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let head = bounded::head(reader)?;
    let kind = detect::detect(&head);
    let mut whole = head.as_slice().chain(reader);
    let unsupported = |what: &'static str| Err(Error::NotFhir { what }.into());
    match kind {
        Kind::Json => json::read(job, part, &mut whole),
        Kind::Gzip if part.unpacked < GZIPS => gzip(job, part, &mut whole),
        Kind::Gzip => unsupported("a file that was packed again and again"),
        // White space as far as was looked; a file that goes on with it is not read to its end.
        Kind::Empty => Err(Error::Empty.into()),
        Kind::Encrypted => unsupported("an encrypted file"),
        Kind::Zip => unsupported("a zip archive"),
        Kind::Tar => unsupported("a tar archive"),
        #[cfg(feature = "formats")]
        Kind::FhirXml => super::xml::read(job, part, &mut whole),
        Kind::ClinicalDocument => unsupported("a clinical document (C-CDA) in XML"),
        Kind::AppleHealth => unsupported("an Apple Health export"),
        Kind::HealthCard => unsupported("a SMART Health Card"),
        Kind::Hcert => unsupported("a health certificate (HC1)"),
        Kind::Table => unsupported("a table (CSV)"),
        Kind::Pdf => unsupported("a PDF"),
        Kind::Picture => unsupported("a picture"),
        Kind::Dicom => unsupported("a DICOM image"),
        #[cfg(not(feature = "formats"))]
        Kind::FhirXml => unsupported("FHIR in XML"),
        Kind::NoRecords(what) | Kind::Other(what) => unsupported(what),
    }
}

/// Reads a zip archive.
pub(super) fn zip(_: &Job<'_>, _: &Part<'_>, _: &mut dyn ReadSeek) -> Result<(), Halt> {
    Err(Error::NotFhir { what: "a zip archive" }.into())
}

/// Unpacks gzip of anything on the spot.
fn gzip(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let packed = Cell::new(0);
    let decoder = MultiGzDecoder::new(Counted { inner: reader, count: &packed });
    let mut unpacked = Bounded::unpacked(decoder, job, &packed, job.limits().streamed_bytes);
    read(job, &part.inside(), &mut unpacked)
}
