//! Why a part of a C-CDA document became no record of its own.

use std::fmt;

/// Why an entry of a document was not taken as a record. The narrative of its section is kept all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CcdaSkip {
    /// The entry says that there is nothing to say (`nullFlavor`).
    NoInformation {
        /// The flavour, e.g. `NI`, `UNK`.
        null_flavor: String,
    },
    /// The entry denies something of which FHIR has only records that it is there, a device.
    Denied,
    /// The entry has neither a code nor a value nor a text.
    Empty,
    /// The same statement stands in the document a second time.
    Repeated {
        /// Where it stood first.
        of: String,
    },
    /// The entry only points to another entry of the document.
    OnlyAReference,
    /// An entry for which FHIR has no place, or of a kind that is not known.
    UnknownEntry {
        /// The element's name.
        element: String,
    },
    /// A statement about the document or its sender, not about the person (e.g. a reference to another document).
    Administrative,
    /// A statement about somebody else: a relative, a fetus, a child (CDA's `subject`).
    AboutSomebodyElse,
    /// The document names a second patient; whose records these are is not said.
    SecondPatient,
    /// Entries nested deeper than the limit.
    TooDeep {
        /// How many elements.
        elements: usize,
    },
    /// The document's end is missing; what came before it was read.
    CutShort {
        /// Byte offset in the document's text.
        at: usize,
    },
    /// The document has more in it than the limit; what came before was read.
    TooLarge,
    /// The bytes of a part of the document could not be decoded.
    DamagedAttachment,
}

impl CcdaSkip {
    /// A stable name for it.
    pub fn code(&self) -> &'static str {
        match self {
            CcdaSkip::NoInformation { .. } => "ccda_no_information",
            CcdaSkip::Denied => "ccda_denied",
            CcdaSkip::Empty => "ccda_empty",
            CcdaSkip::Repeated { .. } => "ccda_repeated",
            CcdaSkip::OnlyAReference => "ccda_only_a_reference",
            CcdaSkip::UnknownEntry { .. } => "ccda_unknown_entry",
            CcdaSkip::Administrative => "ccda_administrative",
            CcdaSkip::AboutSomebodyElse => "ccda_about_somebody_else",
            CcdaSkip::SecondPatient => "ccda_second_patient",
            CcdaSkip::TooDeep { .. } => "ccda_too_deep",
            CcdaSkip::CutShort { .. } => "ccda_cut_short",
            CcdaSkip::TooLarge => "ccda_too_large",
            CcdaSkip::DamagedAttachment => "ccda_damaged_attachment",
        }
    }
}

impl fmt::Display for CcdaSkip {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CcdaSkip::NoInformation { null_flavor } => {
                write!(out, "The entry says that there is no information here ({null_flavor}).")
            }
            CcdaSkip::Denied => out.write_str(
                "The entry says that there is none of this, for which there is no kind of record; the section's text was kept.",
            ),
            CcdaSkip::Empty => out.write_str("The entry says nothing in codes or words."),
            CcdaSkip::Repeated { of } => write!(out, "The same statement stands in the document before, at {of}."),
            CcdaSkip::OnlyAReference => out.write_str("The entry only points to another entry of the document."),
            CcdaSkip::UnknownEntry { element } => {
                write!(out, "There is no kind of record for this entry ({element}); the section's text was kept.")
            }
            CcdaSkip::Administrative => out.write_str("This is about the document, not about the person."),
            CcdaSkip::AboutSomebodyElse => out.write_str(
                "This is about somebody else (a relative or an unborn child, say), not about the person whose document it is; \
                 the section's text was kept.",
            ),
            CcdaSkip::SecondPatient => out.write_str("The document names more than one patient; the first was taken."),
            CcdaSkip::TooDeep { elements } => {
                write!(out, "{elements} elements of the document are nested too deep and were left out.")
            }
            CcdaSkip::CutShort { at } => {
                write!(out, "The document is cut short or damaged at byte {at}; what came before was read.")
            }
            CcdaSkip::TooLarge => out.write_str("The document has more in it than is read; its beginning was read."),
            CcdaSkip::DamagedAttachment => out.write_str("A file inside the document is damaged and was left out."),
        }
    }
}
