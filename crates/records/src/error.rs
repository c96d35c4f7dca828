//! What can go wrong with a whole file or a whole summary; what goes wrong with one entry is a
//! [`Skip`](crate::import::Skip) in the account.

/// The result of an operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file or a summary could not be had at all. Nothing was kept and nothing was lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be read from where it is.
    #[error(
        "The file could not be read ({0}). Nothing was imported; try again, or copy the file to this device first."
    )]
    Io(#[from] std::io::Error),
    /// The file, packed or unpacked, is larger than the limit.
    #[error("The file is larger than {limit_mib} MiB. Nothing was imported; ask the source for several smaller files.")]
    TooLarge {
        /// The limit that was passed, in MiB.
        limit_mib: u64,
    },
    /// The compressed file unpacks to far more than health records ever do.
    #[error("The file unpacks to more than {ratio} times its size, which health records do not. Nothing was imported.")]
    Inflates {
        /// The limit that was passed.
        ratio: u64,
    },
    /// Everything that the file unpacks to is larger than the limit.
    #[error("The file unpacks to more than {limit_mib} MiB in all. Nothing was imported; import its parts one by one.")]
    TooMuch {
        /// The limit that was passed, in MiB.
        limit_mib: u64,
    },
    /// The gzip data are damaged.
    #[error("The compressed file is damaged or cut short. Nothing was imported; download it again.")]
    Gzip,
    /// The zip archive is damaged.
    #[error("The archive is damaged or cut short. Nothing was imported; download it again.")]
    Zip,
    /// One of several files that make an archive together.
    #[error("This is one part of an archive in several parts. Nothing was imported; unpack it first.")]
    ZipPart,
    /// More files in an archive than the limit.
    #[error("The archive has more than {limit} files, or says so. Nothing was imported; unpack it first.")]
    TooManyFiles {
        /// The limit that was passed.
        limit: usize,
    },
    /// Files in an archive share their bytes.
    #[error("The files in this archive lie in one another, which no honest program writes. Nothing was imported.")]
    Overlaps,
    /// Nothing but white space.
    #[error("The file is empty. Nothing was imported.")]
    Empty,
    /// Some other kind of file.
    #[error(
        "This is {what}, not a health record that can be read here. Nothing was imported; ask the source for a FHIR or C-CDA export, or for a PDF."
    )]
    NotFhir {
        /// What it seems to be, with its article: "an XML file".
        what: &'static str,
    },
    /// A SMART Health Link and nothing else.
    #[error("This holds a SMART Health Link, and no records of its own. A link is not opened by itself.")]
    OnlyLink,
    /// The file is no CDA document, nor a part of one.
    #[error(
        "This is not a clinical document (C-CDA). Nothing was imported; ask the source for a C-CDA or FHIR export."
    )]
    NotCda,
    /// A file given to a reader of another format.
    #[error("This is not {what}. Nothing was imported; choose another kind of file, or ask where it came from.")]
    NotRecognised {
        /// What the reader reads, with its article: "an Apple Health export".
        what: &'static str,
    },
    /// A table whose columns, dates or numbers can be understood in more than one way.
    #[error("This table can be understood in more than one way. Nothing was imported; say what its columns hold.")]
    TableUnclear,
    /// Nothing that is kept as a document.
    #[error("This is not a document that can be kept: no PDF, picture, text or DICOM. Nothing was imported.")]
    NotADocument,
    /// The text is not JSON.
    #[error("The file is not valid JSON: it breaks off making sense at byte {at}. Nothing was imported.")]
    NotJson {
        /// Offset from the start of the (unpacked) file.
        at: usize,
    },
    /// The text is not well-formed XML.
    #[error("The file is not valid XML: it breaks off making sense at byte {at}. Nothing was imported.")]
    NotXml {
        /// Offset from the start of the (unpacked, decoded) file.
        at: usize,
    },
    /// The end of the file comes before the end of its JSON or XML.
    #[error("The file is cut short: its end is missing. Nothing was imported; download it again.")]
    CutShort,
    /// Brackets nested beyond anything FHIR has.
    #[error("The file is nested more than {limit} levels deep, which health records are not. Nothing was imported.")]
    TooDeep {
        /// The limit that was passed.
        limit: usize,
    },
    /// More entries than the limit.
    #[error("The file has more than {limit} entries. Nothing was imported; ask the source for several smaller files.")]
    TooManyEntries {
        /// The limit that was passed.
        limit: usize,
    },
    /// The patient given for a summary is not a FHIR Patient.
    #[error("The summary could not be made: the record chosen as the patient is not one. Choose whose summary it is.")]
    NotAPatient,
    /// A record given for a summary is not JSON; it was altered after import.
    #[error(
        "The summary could not be made: record {position} of the selection is damaged. Leave it out and try again."
    )]
    DamagedRecord {
        /// Its place in the request, from 0.
        position: usize,
    },
    /// The time given is outside the years 1 to 9999.
    #[error("The summary could not be made: this device's clock is wrong. Set it and try again.")]
    Clock,
}
