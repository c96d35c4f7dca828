//! Why an entry was not taken, or only for its text: a stable name and a sentence for people for each.

use std::fmt;

/// Why only a record's text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NarrativeReason {
    /// The element that says what it is about (`code`, `vaccineCode`, `medication…`) is missing.
    NoCode,
    /// A section of a document whose text says something and whose entries, if any, do not.
    SectionText,
    /// A record in a version of FHIR before R4, kept as a document.
    OlderFhir,
}

impl NarrativeReason {
    /// A stable name for it.
    pub fn code(self) -> &'static str {
        match self {
            NarrativeReason::NoCode => "no_code",
            NarrativeReason::SectionText => "section_text",
            NarrativeReason::OlderFhir => "older_fhir",
        }
    }
}

impl fmt::Display for NarrativeReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NarrativeReason::NoCode => out.write_str("It has no code or name, only a text; it was kept with its text."),
            NarrativeReason::SectionText => {
                out.write_str("This part of the document has only text, no entries; it was kept with its text.")
            }
            NarrativeReason::OlderFhir => out.write_str(
                "It is in a version of FHIR before R4; it was kept whole, as a document, and not converted.",
            ),
        }
    }
}

/// An entry that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Where in the file, FHIRPath-like: `Bundle.entry[17].resource`, `line 3`.
    pub path: String,
    /// Why; shows as a sentence.
    pub reason: SkipReason,
}

/// Why an entry was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// The entry carries no resource (a deletion, or a bare answer of a server).
    NoResource,
    /// The server's history says that it was deleted: the deletion, or a version from before it.
    Deleted,
    /// Something other than a JSON object stands where a resource should.
    NotAnObject,
    /// The entry is not valid JSON.
    NotJson,
    /// The entry is not UTF-8 text.
    NotText,
    /// `resourceType` is missing or not the name of one.
    NoResourceType,
    /// A server's remark about the search (OperationOutcome), not a record.
    ServerMessage,
    /// Nested deeper than the limit.
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Larger than the limit.
    TooLarge {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// The entry is not well-formed XML.
    NotXml,
    /// Its end is missing.
    CutShort,
    /// A file of an archive that holds no health records by its nature: a style sheet, a system's own file.
    NotARecordFile,
    /// A file of an archive that is empty.
    Empty,
    /// A file of an archive of a kind that is not read.
    Unsupported {
        /// What it is, with its article: "a SMART Health Link".
        what: &'static str,
    },
    /// A file of an archive that is locked with a password.
    Encrypted,
    /// A file of an archive that is packed in a way that is not read.
    Packing {
        /// The number of the method (APPNOTE 4.4.5).
        method: u16,
    },
    /// A file of an archive whose bytes are not those that were packed.
    Damaged,
    /// A file of an archive that unpacks to far more than health records do.
    Inflates {
        /// The limit that was passed.
        ratio: u64,
    },
    /// A file of an archive whose name leads out of it.
    UnsafePath,
    /// A file of an archive that only points to another.
    Link,
    /// A file of an archive that holds a SMART Health Link and nothing else.
    OnlyLink,
    /// A second file of the same name.
    DuplicateName,
    /// A file of an archive that the archive describes in two ways.
    Contradicts,
    /// A file of an archive with more entries or files than the limit.
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// An archive in an archive in an archive.
    NestedTooDeep,
    /// A part of a C-CDA document.
    #[cfg(feature = "formats")]
    Ccda(crate::ccda::CcdaSkip),
    /// A row of a table.
    #[cfg(feature = "formats")]
    Table(crate::csv::TableReason),
    /// Something of an Apple Health export.
    #[cfg(feature = "formats")]
    Apple(crate::apple::AppleReason),
    /// A signed card or certificate.
    #[cfg(feature = "formats")]
    Card(crate::cards::CardReason),
}

impl SkipReason {
    /// Whether nobody misses it: the account may count it without showing it.
    pub fn is_quiet(&self) -> bool {
        matches!(self, SkipReason::NotARecordFile)
    }

    /// A stable name for it.
    pub fn code(&self) -> &'static str {
        match self {
            SkipReason::NoResource => "no_resource",
            SkipReason::Deleted => "deleted",
            SkipReason::NotAnObject => "not_an_object",
            SkipReason::NotJson => "not_json",
            SkipReason::NotText => "not_text",
            SkipReason::NoResourceType => "no_resource_type",
            SkipReason::ServerMessage => "server_message",
            SkipReason::TooDeep { .. } => "too_deep",
            SkipReason::TooLarge { .. } => "too_large",
            SkipReason::NotXml => "not_xml",
            SkipReason::CutShort => "cut_short",
            SkipReason::NotARecordFile => "not_a_record_file",
            SkipReason::Empty => "empty",
            SkipReason::Unsupported { .. } => "unsupported",
            SkipReason::Encrypted => "encrypted",
            SkipReason::Packing { .. } => "packing",
            SkipReason::Damaged => "damaged",
            SkipReason::Inflates { .. } => "inflates",
            SkipReason::UnsafePath => "unsafe_path",
            SkipReason::Link => "link",
            SkipReason::OnlyLink => "only_link",
            SkipReason::DuplicateName => "duplicate_name",
            SkipReason::Contradicts => "contradicts",
            SkipReason::TooMany { .. } => "too_many",
            SkipReason::NestedTooDeep => "nested_too_deep",
            #[cfg(feature = "formats")]
            SkipReason::Ccda(reason) => reason.code(),
            #[cfg(feature = "formats")]
            SkipReason::Table(reason) => reason.code(),
            #[cfg(feature = "formats")]
            SkipReason::Apple(reason) => reason.code(),
            #[cfg(feature = "formats")]
            SkipReason::Card(reason) => reason.code(),
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::NoResource => {
                out.write_str("The entry holds no record (a deletion, or a server's bare answer).")
            }
            SkipReason::Deleted => out.write_str(
                "The server says that this record was deleted, so it was left out. A copy that came in another file stays.",
            ),
            SkipReason::NotAnObject => out.write_str("Something other than a record stands here."),
            SkipReason::NotJson => out.write_str("The entry is not valid JSON."),
            SkipReason::NotText => out.write_str("The entry is not UTF-8 text."),
            SkipReason::NoResourceType => {
                out.write_str("The entry does not say what kind of record it is (resourceType).")
            }
            SkipReason::ServerMessage => {
                out.write_str("This is a remark of the server about the download, not a record.")
            }
            SkipReason::TooDeep { limit } => write!(out, "The entry is nested more than {limit} levels deep."),
            SkipReason::TooLarge { limit_mib } => write!(out, "The entry is larger than {limit_mib} MiB."),
            SkipReason::NotXml => out.write_str("The entry is not well-formed XML."),
            SkipReason::CutShort => out.write_str("It is cut short: its end is missing."),
            SkipReason::NotARecordFile => out.write_str("This is not a health record file."),
            SkipReason::Empty => out.write_str("The file is empty."),
            SkipReason::Unsupported { what } => write!(out, "This is {what}, which is not read here."),
            SkipReason::Encrypted => {
                out.write_str("The file is locked with a password. Unpack it first, then import what it holds.")
            }
            SkipReason::Packing { method } => {
                write!(out, "The file is packed in a way that is not read (method {method}). Unpack it first.")
            }
            SkipReason::Damaged => out.write_str("The file is damaged: it does not unpack to what was packed."),
            SkipReason::Inflates { ratio } => {
                write!(out, "The file unpacks to more than {ratio} times its size, which health records do not.")
            }
            SkipReason::UnsafePath => out.write_str("The file's name leads out of the archive."),
            SkipReason::Link => out.write_str("This only points to another file."),
            SkipReason::OnlyLink => out.write_str(
                "This holds a SMART Health Link, and no records of its own. A link is not opened by itself.",
            ),
            SkipReason::DuplicateName => out.write_str("The archive holds another file of the same name."),
            SkipReason::Contradicts => out.write_str("The archive describes this file in two ways that disagree."),
            SkipReason::TooMany { limit } => write!(out, "The file has more than {limit} entries."),
            SkipReason::NestedTooDeep => {
                out.write_str("This is an archive inside an archive inside an archive. Unpack the outer one first.")
            }
            #[cfg(feature = "formats")]
            SkipReason::Ccda(reason) => reason.fmt(out),
            #[cfg(feature = "formats")]
            SkipReason::Table(reason) => reason.fmt(out),
            #[cfg(feature = "formats")]
            SkipReason::Apple(reason) => reason.fmt(out),
            #[cfg(feature = "formats")]
            SkipReason::Card(reason) => reason.fmt(out),
        }
    }
}
