//! Saving a choice of records as a file of the person's own, as the interface sees it.

use crate::{ShareChoice, SharePreset};
use serde::{Deserialize, Serialize};

/// The forms in which records are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Pages for people.
    Pdf,
    /// International Patient Summary 2.0.1: a document Bundle.
    Ips,
    /// Patient-shared health documents: a collection Bundle with its PDF.
    Ktc,
    /// One resource a line.
    Ndjson,
    /// The same with a cover and a list of contents, in an archive.
    Sphr,
}

impl ExportFormat {
    /// Every form.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Ips, Self::Ktc, Self::Ndjson, Self::Sphr];

    /// Its name, on the command line, in the journal and in translation keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Ips => "ips",
            Self::Ktc => "ktc",
            Self::Ndjson => "ndjson",
            Self::Sphr => "sphr",
        }
    }

    /// How the name of its file ends.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Ips | Self::Ktc => "json",
            Self::Pdf | Self::Ndjson | Self::Sphr => self.as_str(),
        }
    }
}

/// A file that the person is putting together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportDraft {
    /// The form of the file.
    pub format: ExportFormat,
    /// The occasion whose choice is begun with.
    pub preset: SharePreset,
    /// What of that choice the person changed.
    pub choice: ShareChoice,
}

/// What a file that was written holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportAccount {
    /// How many of the chosen records are in it.
    pub records: u64,
    /// How many of the chosen records its form has no place for.
    pub left_out: u64,
    /// How many characters the pages could not show, for want of a font; boxes stand in their place.
    pub missing_characters: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_its_own_name_and_survives_json() -> Result<(), serde_json::Error> {
        for format in ExportFormat::ALL {
            let json = serde_json::to_string(&format)?;
            assert_eq!(json, format!("\"{}\"", format.as_str()));
            assert_eq!(serde_json::from_str::<ExportFormat>(&json)?, format);
        }
        Ok(())
    }
}
