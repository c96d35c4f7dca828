//! Which reader reads which kind of file. One line wires a reader.

use std::{cell::Cell, io::Read};

use flate2::read::MultiGzDecoder;

use super::{
    archive,
    bounded::{self, Bounded, Counted},
    detect::{self, Kind},
    job::{Halt, Job, Part},
    json,
};
use crate::{Error, import::SkipReason};

/// How often a file may be packed with gzip in one another.
const GZIPS: usize = 2;

/// Reads a file from its start to its end.
pub(super) fn read(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let head = bounded::head(reader)?;
    let kind = detect::detect(&head);
    let mut whole = head.as_slice().chain(reader);
    match kind {
        Kind::Json => json::read(job, part, &mut whole),
        Kind::Gzip if part.unpacked < GZIPS => gzip(job, part, &mut whole),
        // White space as far as was looked; a file that goes on with it is not read to its end.
        Kind::Empty => Err(Error::Empty.into()),
        #[cfg(feature = "formats")]
        Kind::FhirXml => super::xml::read(job, part, &mut whole),
        #[cfg(feature = "formats")]
        Kind::Zip if part.archives < archive::NESTED => super::zip::read_nested(job, part, &mut whole),
        #[cfg(feature = "formats")]
        Kind::Tar if part.archives < archive::NESTED => super::tar::read(job, part, &mut whole),
        _ => Err(refused(kind, part)),
    }
}

/// Says of a file that is not read why not.
fn refused(kind: Kind, part: &Part<'_>) -> Halt {
    let what = match kind {
        Kind::Empty | Kind::Json => "another kind of file",
        Kind::FhirXml => "FHIR in XML",
        Kind::ClinicalDocument => "a clinical document (C-CDA) in XML",
        Kind::AppleHealth => "an Apple Health export",
        Kind::Zip => "a zip archive",
        Kind::Gzip => "a file that was packed again and again",
        Kind::Tar => "a tar archive",
        Kind::HealthCard => "a SMART Health Card",
        Kind::Hcert => "a health certificate (HC1)",
        Kind::Table => "a table (CSV)",
        Kind::Pdf => "a PDF",
        Kind::Picture => "a picture",
        Kind::Dicom => "a DICOM image",
        Kind::Encrypted => "an encrypted file",
        Kind::NoRecords(what) | Kind::Other(what) => what,
    };
    let quiet = matches!(kind, Kind::Table | Kind::Other(_)) && archive::is_quiet(part.name, false);
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
fn gzip(job: &Job<'_>, part: &Part<'_>, reader: &mut dyn Read) -> Result<(), Halt> {
    let packed = Cell::new(0);
    let decoder = MultiGzDecoder::new(Counted { inner: reader, count: &packed });
    let mut unpacked = Bounded::unpacked(decoder, job, &packed, job.limits().streamed_bytes);
    read(job, &part.inside(), &mut unpacked)
}
