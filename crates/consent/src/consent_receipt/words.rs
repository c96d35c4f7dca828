//! A consent receipt in words, for a page. English, as the Consent's own narrative is.

use super::{ConsentReceipt, Standing, WHOEVER, terms};
use crate::grant::{Access, Content, FhirDate, Format, Granter, IdentifiedBy, LeftOut, Member, Name, RecipientClass};
use crate::{encoding, time};

/// A part of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What stands there, in order.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub label: &'static str,
    /// What it says. Names in it are the patient's or a stranger's words: text, never markup.
    pub value: String,
}

impl ConsentReceipt {
    /// The title of the page.
    pub const TITLE: &'static str = "Consent receipt";

    /// All that the receipt says, in words.
    pub fn sections(&self) -> Vec<Section> {
        vec![self.consent(), self.what(), self.terms(), self.evidence()]
    }

    fn consent(&self) -> Section {
        let grant = &self.grant;
        let recipient = grant.recipient.name.as_ref().map_or(WHOEVER, Name::as_str);
        let mut lines = Lines::default();
        lines.push(
            "State",
            match (&self.known.withdrawn, self.standing()) {
                (Some(withdrawal), _) => format!("Withdrawn on {}", moment(withdrawal.at)),
                (None, Standing::Expired) => format!("Over since {}", moment(grant.expires)),
                (None, _) => "Given".to_owned(),
            },
        );
        lines.push_some("Person", self.known.subject.as_ref().map(Name::to_string));
        lines.push(
            "Given by",
            match grant.granter {
                Granter::Patient => "the person",
                Granter::Parent => "a parent",
                Granter::Guardian => "the legal guardian",
                Granter::Attorney => "somebody with power of attorney",
            },
        );
        lines.push("Given on", moment(grant.issued_at));
        lines.push(
            "Shared with",
            match grant.recipient.class {
                RecipientClass::Anyone => WHOEVER.to_owned(),
                RecipientClass::Person => recipient.to_owned(),
                RecipientClass::Organization => format!("{recipient} (organisation)"),
                RecipientClass::Role => format!("{recipient} (role)"),
            },
        );
        lines.push(
            "Known by",
            match grant.recipient.identified_by {
                IdentifiedBy::Nothing => "nothing",
                IdentifiedBy::Patient => "what the person says",
                IdentifiedBy::Request => "a signed request",
                IdentifiedBy::Directory => "a directory",
            },
        );
        lines.push_some("Asked for by", grant.request.as_ref().map(|request| request.by.to_string()));
        lines.push("Responsible for the records there", self.controller());
        if let Some(controller) = &self.known.controller {
            lines.push_some("How to reach them", controller.contact.as_ref().map(Name::to_string));
            lines.push_some("Where they are", controller.address.as_ref().map(Name::to_string));
        }
        lines.push("Purpose", format!("{} ({})", grant.purpose.display(), grant.purpose.as_str()));
        lines.under("Consent")
    }

    fn what(&self) -> Section {
        let what = &self.grant.what;
        let list = |words: Vec<&str>| words.join(", ");
        let mut lines = Lines::default();
        lines.push(
            "Kinds of records",
            match &what.categories {
                None => "all".to_owned(),
                Some(categories) => list(categories.iter().map(Member::as_str).collect()).replace('_', " "),
            },
        );
        let codes = what.codes.iter().map(|code| format!("{} {}", code.system, code.code)).collect::<Vec<_>>();
        lines.push_some("Only with these codes", (!codes.is_empty()).then(|| codes.join(", ")));
        lines.push_some("From", what.since.as_ref().map(FhirDate::as_str));
        lines.push_some("Until", what.until.as_ref().map(FhirDate::as_str));
        lines.push_some("Chosen one by one", (!what.pinned.is_empty()).then(|| what.pinned.len().to_string()));
        let left_out: Vec<&str> = what.leaves_out.iter().map(terms::sensitivity).collect();
        lines.push_some("Left out if there is any", (!left_out.is_empty()).then(|| left_out.join("; ")));
        lines.push(
            "The reader is told",
            match what.left_out {
                LeftOut::NotStated => "not whether something was left out",
                LeftOut::Something => "that something was left out",
                LeftOut::Nothing => "that nothing was left out",
            },
        );
        lines.push(
            "Later changes",
            match what.content {
                Content::Snapshot => "not shared",
                Content::Live => "shared through the same link",
            },
        );
        let formats = self.grant.how.formats.iter().map(|format| match format {
            Format::Ips => "International Patient Summary",
            Format::Ktc => "patient-shared records",
            Format::Pdf => "PDF",
        });
        lines.push("Form", list(formats.collect()));
        lines.push("Entries signed", self.grant.entries.to_string());
        lines.under("What is shared")
    }

    fn terms(&self) -> Section {
        let grant = &self.grant;
        let mut lines = Lines::default();
        lines.push("Can be opened from", moment(grant.not_before));
        lines.push("Can be opened until", moment(grant.expires));
        lines.push_some("Openings at the most", grant.max_openings.map(|most| most.to_string()));
        let access = grant.how.access.iter().map(|access| match access {
            Access::View => "look at the records",
            Access::Download => "keep a copy",
        });
        lines.push("The reader may", access.collect::<Vec<_>>().join(", "));
        for obligation in grant.obligations.iter() {
            lines.push("The recipient's duty", terms::rule(obligation).1);
        }
        lines.push_some("Copies to be erased by", grant.erase_by.map(moment));
        lines.push("Kept at", format!("{} (encrypted)", self.known.relay));
        lines.push("Where the recipient keeps copies", super::NOT_STATED);
        let country = self.known.jurisdiction.map(|letters| String::from_utf8_lossy(&letters).into_owned());
        lines.push("Applicable law", country.unwrap_or_else(|| "Not determined by the patient".to_owned()));
        lines.push("Withdrawal", "At any time, in the wallet that gave it or with its printed withdrawal code");
        lines.push(
            "Notice shown",
            format!("version {}, language {}", grant.notice.version, grant.notice.language.as_str()),
        );
        lines.under("Terms")
    }

    fn evidence(&self) -> Section {
        let mut lines = Lines::default();
        lines.push("Consent", self.grant.id.to_string());
        lines.push("SHA-256 of the signed consent", encoding::to_base64url(&self.signed.sha256()));
        lines.push("Signing key", encoding::to_base64url(&self.grant.key));
        lines.push_some(
            "Takes the place of",
            self.grant.supersedes.as_ref().map(|earlier| encoding::to_base64url(earlier)),
        );
        if let Some(place) = &self.known.ledger {
            lines.push("Public log", place.log.as_str());
            lines.push("Entry", place.index.to_string());
            lines.push("Nonce", encoding::to_base64url(&place.nonce));
        }
        lines.push_some(
            "Published to withdraw",
            self.known.withdrawn.as_ref().map(|withdrawal| encoding::to_base64url(withdrawal.preimage.expose_bytes())),
        );
        lines.push("Receipt made on", moment(self.created));
        lines.under("Evidence")
    }
}

#[derive(Default)]
struct Lines(Vec<Line>);

impl Lines {
    fn push(&mut self, label: &'static str, value: impl Into<String>) {
        self.0.push(Line { label, value: value.into() });
    }

    fn push_some(&mut self, label: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.push(label, value);
        }
    }

    fn under(self, title: &'static str) -> Section {
        Section { title, lines: self.0 }
    }
}

/// `2026-05-03 14:00 UTC`.
fn moment(seconds: i64) -> String {
    let instant = time::instant(seconds);
    format!("{} {} UTC", instant.get(..10).unwrap_or_default(), instant.get(11..16).unwrap_or_default())
}
