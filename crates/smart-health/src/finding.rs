//! What is found when a signed document is looked at: where, what, and whether it refuses the document.

use std::fmt;

/// One thing that was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding<R> {
    /// Where: `header`, `payload.nbf`, `signature`, `fhirBundle.entry[1].resource.meta`, `keys[0].x5c`.
    pub path: String,
    /// What.
    pub reason: R,
    /// Whether it makes the document, the key or the list useless.
    pub severity: Severity,
}

impl<R> Finding<R> {
    /// A finding that refuses what it is about.
    pub fn refused(path: impl Into<String>, reason: R) -> Self {
        Self { path: path.into(), reason, severity: Severity::Refused }
    }

    /// A finding that is only noted.
    pub fn noted(path: impl Into<String>, reason: R) -> Self {
        Self { path: path.into(), reason, severity: Severity::Noted }
    }
}

impl<R: fmt::Display> fmt::Display for Finding<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.path, self.reason)
    }
}

/// What a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The specification forbids it, or nothing can be read or believed.
    Refused,
    /// Odd, advised against or deprecated; nothing is lost by it.
    Noted,
}

/// The first finding that refuses.
pub fn refusal<R>(findings: &[Finding<R>]) -> Option<&Finding<R>> {
    findings.iter().find(|finding| finding.severity == Severity::Refused)
}

/// An enum of reasons, each with its stable code and its sentence.
macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident $({ $($(#[$inner:meta])* $field:ident: $type:ty),+ })? = $code:literal, $text:literal;)+) => {
        /// What was found. Shows as a sentence for people; holds no value of a record.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$meta])* #[error($text)] $name $({ $($(#[$inner])* $field: $type),+ })?,)+
        }

        impl Reason {
            /// A stable name for it.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Reason::$name $({ $($field: _),+ })? => $code,)+
                }
            }
        }
    };
}

pub(crate) use reasons;
