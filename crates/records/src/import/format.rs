//! What a file turned out to be.

use std::fmt;

/// What the file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A Bundle, with its `type` as written (`transaction`, `searchset`, …; empty where missing).
    Bundle {
        /// `Bundle.type`.
        bundle_type: String,
    },
    /// One resource.
    Resource {
        /// `resourceType`.
        resource_type: String,
    },
    /// One resource a line.
    Ndjson,
    /// A JSON array of resources, which is not FHIR but is met.
    Array,
    /// Resources one after another with nothing between them, which is not FHIR but is met.
    Sequence,
    /// Other JSON with resources somewhere in it, which is not FHIR but is met.
    Wrapped,
    /// FHIR DSTU2, of any shape; what R4 can say of it was read as R4.
    Dstu2 {
        /// Whether it is XML, and not JSON.
        xml: bool,
    },
    /// The same in FHIR STU3.
    Stu3 {
        /// Whether it is XML, and not JSON.
        xml: bool,
    },
    /// A Bundle in XML, with its `type` as written.
    XmlBundle {
        /// `Bundle.type`.
        bundle_type: String,
    },
    /// One resource in XML.
    XmlResource {
        /// The name of the root element.
        resource_type: String,
    },
    /// A C-CDA document (HL7 CDA R2).
    ClinicalDocument,
    /// Apple Health's `export.xml`.
    AppleHealth,
    /// A SMART Health Card, as a file or as text.
    HealthCard,
    /// An electronic health certificate (`HC1:`).
    Hcert,
    /// A table (CSV).
    Table,
    /// A PDF.
    Pdf,
    /// A picture.
    Picture,
    /// A DICOM object.
    Dicom,
    /// A formatted text.
    Rtf,
    /// A plain text.
    Text,
    /// An archive of files, each read by what it is.
    Archive(Archive),
}

/// What an archive holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Archive {
    /// Apple Health's `export.zip`.
    AppleHealth,
    /// Documents as IHE XDM lays them out (`IHE_XDM/SUBSET01/…`).
    Xdm,
    /// FHIR bulk data: NDJSON files, one for each kind of resource.
    BulkFhir,
    /// A personal health record (`.phr`, `.sphr`).
    Phr,
    /// Anything else.
    Files,
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Format::Bundle { bundle_type } if bundle_type.is_empty() => out.write_str("FHIR R4 Bundle"),
            Format::Bundle { bundle_type } => write!(out, "FHIR R4 Bundle ({bundle_type})"),
            Format::Resource { resource_type } => write!(out, "FHIR R4 {resource_type}"),
            Format::Ndjson => out.write_str("FHIR R4 NDJSON"),
            Format::Array => out.write_str("FHIR R4 resources in a JSON array"),
            Format::Sequence => out.write_str("FHIR R4 resources one after another"),
            Format::Wrapped => out.write_str("FHIR R4 resources within other JSON"),
            Format::Dstu2 { xml: false } => out.write_str("FHIR DSTU2"),
            Format::Dstu2 { xml: true } => out.write_str("FHIR DSTU2 in XML"),
            Format::Stu3 { xml: false } => out.write_str("FHIR STU3"),
            Format::Stu3 { xml: true } => out.write_str("FHIR STU3 in XML"),
            Format::XmlBundle { bundle_type } if bundle_type.is_empty() => out.write_str("FHIR R4 Bundle in XML"),
            Format::XmlBundle { bundle_type } => write!(out, "FHIR R4 Bundle in XML ({bundle_type})"),
            Format::XmlResource { resource_type } => write!(out, "FHIR R4 {resource_type} in XML"),
            Format::ClinicalDocument => out.write_str("clinical document (C-CDA)"),
            Format::AppleHealth => out.write_str("Apple Health export"),
            Format::HealthCard => out.write_str("SMART Health Card"),
            Format::Hcert => out.write_str("health certificate (HC1)"),
            Format::Table => out.write_str("table (CSV)"),
            Format::Pdf => out.write_str("PDF"),
            Format::Picture => out.write_str("picture"),
            Format::Dicom => out.write_str("DICOM"),
            Format::Rtf => out.write_str("formatted text (RTF)"),
            Format::Text => out.write_str("text"),
            Format::Archive(Archive::AppleHealth) => out.write_str("Apple Health export (archive)"),
            Format::Archive(Archive::Xdm) => out.write_str("clinical documents (XDM archive)"),
            Format::Archive(Archive::BulkFhir) => out.write_str("FHIR R4 bulk data (archive)"),
            Format::Archive(Archive::Phr) => out.write_str("personal health record (archive)"),
            Format::Archive(Archive::Files) => out.write_str("archive of files"),
        }
    }
}
