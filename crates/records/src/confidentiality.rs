//! How confidential a whole is: as its most confidential part (HL7 v3 Confidentiality, the "high water mark").

use serde_json::Value;

use crate::{json::Json, terminology};

/// The levels that a wallet meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidentiality {
    /// Health data as such.
    Normal,
    /// Something in it is about a sensitive subject.
    Restricted,
    /// A source said so.
    VeryRestricted,
}

impl Confidentiality {
    /// Of a resource, given whether it has a label of sensitivity.
    pub(crate) fn of(resource: &Value, labelled: bool) -> Confidentiality {
        let security = resource.member("meta").into_iter().flat_map(|meta| meta.each("security"));
        let very = security.filter_map(|label| label.text_at(&["code"])).any(|code| code == "V");
        match (very, labelled) {
            (true, _) => Confidentiality::VeryRestricted,
            (false, true) => Confidentiality::Restricted,
            (false, false) => Confidentiality::Normal,
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Confidentiality::Normal => "N",
            Confidentiality::Restricted => "R",
            Confidentiality::VeryRestricted => "V",
        }
    }

    fn display(self) -> &'static str {
        match self {
            Confidentiality::Normal => "normal",
            Confidentiality::Restricted => "restricted",
            Confidentiality::VeryRestricted => "very restricted",
        }
    }

    /// The security label for `Bundle.meta`.
    pub(crate) fn coding(self) -> Value {
        serde_json::json!({
            "system": terminology::V3_CONFIDENTIALITY, "code": self.code(), "display": self.display(),
        })
    }
}
