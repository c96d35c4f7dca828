//! Why a command of xtask could not do its work, in words for whoever typed it.

use std::fmt;
use std::io;
use std::path::Path;

/// What stops a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line was not understood.
    Usage(String),
    /// Something could not be done; the text says what, and what to do about it.
    Said(String),
}

impl Failure {
    /// A failure with these words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self::Said(words.into())
    }

    /// A file operation that failed, with the file's name.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::Said(format!("could not {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(words) | Self::Said(words) => f.write_str(words),
        }
    }
}
