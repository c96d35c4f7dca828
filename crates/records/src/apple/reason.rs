//! Why something of an Apple Health export was not taken, each with a sentence for people.

use std::fmt;

/// Why something of an Apple Health export was not taken. Things that come in thousands are counted in one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppleReason {
    /// Routes of workouts, in files or in references to them.
    Location {
        /// How many.
        count: u64,
    },
    /// `export_cda.xml`, which Apple makes from the same samples, often malformed.
    SameAsExport,
    /// A second `export.xml` beside one that was read.
    SecondExport,
    /// An archive without a readable `export.xml`.
    NoExport,
    /// A file without content.
    Empty,
    /// An XML file whose root is not `HealthData`.
    NotHealthData,
    /// XML that breaks its own rules; reading went on behind it.
    Damaged {
        /// How many places.
        count: u64,
    },
    /// So many damaged places that reading was given up.
    TooDamaged,
    /// The end of the file is missing.
    CutShort,
    /// A member of the archive could not be unpacked to its end.
    Unreadable,
    /// Samples without a readable date or value.
    BadSample {
        /// How many.
        count: u64,
    },
    /// Samples that stand twice, or that an app copied from another.
    Repeated {
        /// How many.
        count: u64,
    },
    /// Groups of food samples; the samples themselves are in the day's sums.
    Food {
        /// How many.
        count: u64,
    },
    /// Lists of single heart beats inside heart rate variability samples.
    BeatLists {
        /// How many.
        count: u64,
    },
    /// Activity summaries of days without anything.
    EmptySummary {
        /// How many.
        count: u64,
    },
    /// Elements that Apple added after this reader was written.
    UnknownElement {
        /// How many.
        count: u64,
    },
    /// More single measurements or days than the limit.
    TooMany {
        /// How many were left out.
        count: u64,
        /// The limit.
        limit: usize,
    },
    /// Readings beyond the limit, the oldest, of which there are only the figures of their days.
    InDaysOnly {
        /// How many.
        count: u64,
        /// The limit.
        limit: usize,
    },
    /// Clinical records named by an `export.xml` that came without its archive.
    FilesApart {
        /// How many.
        count: u64,
    },
    /// A clinical record whose file is not in the archive.
    FileMissing,
    /// A clinical record's file that is not FHIR JSON.
    NotFhir,
    /// An electrocardiogram's file that was not understood.
    BadElectrocardiogram,
    /// A member of the archive that is larger than the limit.
    TooLarge {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// A file that holds no health data this program knows.
    Unrelated,
}

impl AppleReason {
    /// A stable name for it.
    pub fn code(&self) -> &'static str {
        match self {
            AppleReason::Location { .. } => "apple_location",
            AppleReason::SameAsExport => "apple_same_as_export",
            AppleReason::SecondExport => "apple_second_export",
            AppleReason::NoExport => "apple_no_export",
            AppleReason::Empty => "apple_empty",
            AppleReason::NotHealthData => "apple_not_health_data",
            AppleReason::Damaged { .. } => "apple_damaged",
            AppleReason::TooDamaged => "apple_too_damaged",
            AppleReason::CutShort => "apple_cut_short",
            AppleReason::Unreadable => "apple_unreadable",
            AppleReason::BadSample { .. } => "apple_bad_sample",
            AppleReason::Repeated { .. } => "apple_repeated",
            AppleReason::Food { .. } => "apple_food",
            AppleReason::BeatLists { .. } => "apple_beat_lists",
            AppleReason::EmptySummary { .. } => "apple_empty_summary",
            AppleReason::UnknownElement { .. } => "apple_unknown_element",
            AppleReason::TooMany { .. } => "apple_too_many",
            AppleReason::InDaysOnly { .. } => "apple_in_days_only",
            AppleReason::FilesApart { .. } => "apple_files_apart",
            AppleReason::FileMissing => "apple_file_missing",
            AppleReason::NotFhir => "apple_not_fhir",
            AppleReason::BadElectrocardiogram => "apple_bad_electrocardiogram",
            AppleReason::TooLarge { .. } => "apple_too_large",
            AppleReason::Unrelated => "apple_unrelated",
        }
    }
}

impl fmt::Display for AppleReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppleReason::Location { count } => write!(
                out,
                "Routes of workouts ({count}) were left out: they show where you live and go, and no clinician needs them."
            ),
            AppleReason::SameAsExport => {
                out.write_str("Apple's clinical document holds the same data as export.xml, which was read instead.")
            }
            AppleReason::SecondExport => {
                out.write_str("A second export in the same archive was left out, so that nothing counts twice.")
            }
            AppleReason::NoExport => out.write_str("The archive has no export.xml that could be read."),
            AppleReason::Empty => out.write_str("The file is empty."),
            AppleReason::NotHealthData => out.write_str("This XML file is not an Apple Health export."),
            AppleReason::Damaged { count } => {
                write!(out, "The file is damaged in {count} places; what stands there could not be read, the rest was.")
            }
            AppleReason::TooDamaged => {
                out.write_str("The file is damaged in too many places; what came before was kept. Export it again.")
            }
            AppleReason::CutShort => out
                .write_str("The file ends before its end; what came before was kept. Export it again to get the rest."),
            AppleReason::Unreadable => {
                out.write_str("This part of the archive is damaged and could not be unpacked. Export it again.")
            }
            AppleReason::BadSample { count } => {
                write!(out, "Samples ({count}) without a readable date or value were left out.")
            }
            AppleReason::Repeated { count } => {
                write!(out, "Samples ({count}) that say the same as another one were counted once.")
            }
            AppleReason::Food { count } => {
                write!(
                    out,
                    "Meals ({count}) as groups were left out; what they contained is in the sums of their days."
                )
            }
            AppleReason::BeatLists { count } => write!(
                out,
                "Lists of single heart beats ({count}) were left out; the variability measured from them was kept."
            ),
            AppleReason::EmptySummary { count } => {
                write!(out, "Activity summaries ({count}) of days without any activity were left out.")
            }
            AppleReason::UnknownElement { count } => {
                write!(out, "Entries ({count}) of a kind that this version does not know were left out.")
            }
            AppleReason::TooMany { count, limit } => {
                write!(out, "The file has more than {limit} entries to keep; {count} samples were left out.")
            }
            AppleReason::InDaysOnly { count, limit } => write!(
                out,
                "The file has more than {limit} single measurements. The oldest readings ({count}) are kept as the average, lowest and highest of their day."
            ),
            AppleReason::FilesApart { count } => write!(
                out,
                "Clinical records ({count}) are in files of their own beside this one; import the whole export.zip, or its whole folder, to get them."
            ),
            AppleReason::FileMissing => out.write_str("The file of this clinical record is not in the archive."),
            AppleReason::NotFhir => out.write_str("The file of this clinical record is not FHIR JSON."),
            AppleReason::BadElectrocardiogram => out.write_str("This electrocardiogram could not be understood."),
            AppleReason::TooLarge { limit_mib } => {
                write!(out, "This file is larger than {limit_mib} MiB, which files of its kind are not.")
            }
            AppleReason::Unrelated => out.write_str("This file holds no health data that is known here."),
        }
    }
}
