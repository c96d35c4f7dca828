//! What a link held, sorted for reading: the patient, the records in a clinician's order, attached files.

use super::signers::{self, Card};
use crate::format;
use base64::{Engine, engine::general_purpose::STANDARD};
use carnet_consent::bundle;
use carnet_consent::verify::{self, Verification};
use carnet_records::display::{Banner, Description, describe, is_past_problem, patient_banner};
use carnet_records::ktc;
use serde_json::Value;
use smart_health::manifest::Status;
use smart_health::{Opened, manifest};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The order in which a clinician looks, by category; the first four are always shown.
pub const ORDER: [&str; 17] = [
    "allergy",
    "problem",
    "medicine",
    "alert",
    PAST,
    "immunization",
    "result",
    "vital",
    "procedure",
    "device",
    "report",
    "care_plan",
    "visit",
    "document",
    "social",
    "insurance",
    "other",
];

/// The health problems that are over. They stand apart, as in the PDF, so that those of today are seen first.
pub const PAST: &str = "past-problem";

/// How many of [`ORDER`] are shown even when they are empty.
pub const ALWAYS: usize = 4;

/// The most records that are shown; a page with more is of no use to anybody.
const MOST_ITEMS: usize = 5_000;

/// Kinds that carry the document and are not records of their own.
const FRAME: [&str; 10] = [
    "Composition",
    "Patient",
    "Consent",
    "Provenance",
    "Organization",
    "Practitioner",
    "PractitionerRole",
    "Location",
    "Medication",
    "RelatedPerson",
];

/// One link's content.
pub struct Document {
    /// Who the patient is, if the files say so.
    pub patient: Option<Banner>,
    /// The records by category, each in the document's order. Categories are those of [`ORDER`].
    pub sections: BTreeMap<&'static str, Vec<Item>>,
    /// Signed cards, with whose they are.
    pub cards: Vec<Card>,
    /// Files to open: PDFs and pictures, and what is not FHIR.
    pub attachments: Vec<Attachment>,
    /// What can be said about the grant, if any file has one.
    pub verification: Option<Verification>,
    /// When the link ends, as it says itself.
    pub link_expires: Option<i64>,
    /// The FHIR files as they came, for keeping.
    pub files: Vec<Rc<Vec<u8>>>,
    /// Records beyond what is shown.
    pub not_shown: usize,
    /// Whether it follows the patient's records; none: it stays as it is.
    pub live: Option<Live>,
}

/// A document behind a link that can be opened again, and then may hold something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// When it last changed, Unix seconds, as the server or else the document says.
    pub updated: Option<i64>,
    /// The server says that it will not change any more.
    pub finished: bool,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it says.
    pub description: Description,
}

/// What kind of file: told by its first bytes, never by what is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Pages.
    Pdf,
    /// A picture.
    Png,
    /// A picture.
    Jpeg,
    /// Anything else; never opened, only kept.
    Other,
}

impl FileKind {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [b'%', b'P', b'D', b'F', ..] => Self::Pdf,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            _ => Self::Other,
        }
    }

    /// The type under which the page hands it out.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Other => "application/octet-stream",
        }
    }
}

/// A file inside.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// What it is called.
    pub title: String,
    /// Its content type, as it says.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Rc<Vec<u8>>,
    /// What it is.
    pub kind: FileKind,
    /// It is the rest of this document as pages to read.
    pub rendered: bool,
}

impl Attachment {
    fn new(title: &str, content_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            title: title.chars().take(200).collect(),
            content_type: content_type.chars().take(100).collect(),
            kind: FileKind::of(&bytes),
            bytes: Rc::new(bytes),
            rendered: false,
        }
    }
}

impl Document {
    /// Sorts what a link held. `None`: there is nothing in it that could be shown.
    /// `cards` are those among its files, looked at.
    pub fn new(opened: Opened, cards: Vec<Card>, now: i64) -> Option<Self> {
        let mut document = Self {
            patient: None,
            sections: BTreeMap::new(),
            cards,
            attachments: Vec::new(),
            verification: None,
            link_expires: opened.exp,
            files: Vec::new(),
            not_shown: 0,
            live: None,
        };
        let can_change = opened.flags.long_term || opened.status == Some(Status::CanChange);
        let updated = opened.files.iter().filter_map(|file| format::instant(file.last_updated.as_deref()?)).max();
        for file in opened.files {
            if manifest::media_type(&file.content_type) == manifest::FHIR_JSON {
                let Ok(content) = bundle::parse(&file.bytes, bundle::DEFAULT_MAX_BYTES) else { continue };
                document.check(&content, opened.grant_hash.as_ref(), now);
                document.take(&content);
                document.files.push(Rc::new(file.bytes));
            } else if !signers::is_card(&file.content_type) {
                document.attachments.push(Attachment::new("", &file.content_type, file.bytes));
            }
        }
        let bundles: Vec<Value> = document.cards.iter().filter_map(|card| card.bundle.clone()).collect();
        bundles.iter().for_each(|bundle| document.take(bundle));
        // Pages of the whole come before single files.
        document.attachments.sort_by_key(|file| !file.rendered);
        if can_change {
            let grant = document.verification.as_ref().and_then(|checked| checked.grant.as_ref());
            document.live = Some(Live {
                updated: updated.or(grant.map(|grant| grant.issued_at)),
                finished: opened.status == Some(Status::Finalized),
            });
        }
        let nothing = document.patient.is_none()
            && document.sections.is_empty()
            && document.attachments.is_empty()
            && document.cards.is_empty();
        (!nothing).then_some(document)
    }

    /// Checks the first file that carries a grant; a second one would need a second seal.
    fn check(&mut self, content: &Value, grant_hash: Option<&[u8; 32]>, now: i64) {
        if self.verification.as_ref().is_some_and(|checked| checked.signature.is_checked()) {
            return;
        }
        let mut verification = verify::verify(content, now);
        verify::check_link(&mut verification, grant_hash);
        self.verification = Some(verification);
    }

    fn take(&mut self, content: &Value) {
        let entries = content.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let by_url: BTreeMap<&str, &Value> = entries
            .iter()
            .filter_map(|entry| Some((entry.get("fullUrl")?.as_str()?, entry.get("resource")?)))
            .collect();
        if entries.is_empty() {
            self.take_resource(content, &by_url);
        }
        let authors = authors(entries);
        for entry in entries {
            let made_it = entry.get("fullUrl").and_then(Value::as_str).is_some_and(|url| authors.contains(&url));
            let Some(resource) = entry.get("resource") else { continue };
            // The author of a document can be the patient, too, and that one is to be seen.
            let program = resource.get("resourceType").and_then(Value::as_str) == Some("Device");
            if !(made_it && program) {
                self.take_resource(resource, &by_url);
            }
        }
    }

    fn take_resource(&mut self, resource: &Value, by_url: &BTreeMap<&str, &Value>) {
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        if kind == "Patient" && self.patient.is_none() {
            self.patient = Some(patient_banner(resource));
        }
        // The pages of everything else are no record of their own.
        if kind == "DocumentReference" && self.take_attachments(resource) {
            return;
        }
        if kind.is_empty() || kind == "Bundle" || FRAME.contains(&kind) {
            return;
        }
        if self.sections.values().map(Vec::len).sum::<usize>() >= MOST_ITEMS {
            self.not_shown += 1;
            return;
        }
        let description = match with_medicine(resource, by_url) {
            Some(resource) => describe(&resource),
            None => describe(resource),
        };
        let category = match kind {
            "Flag" => "alert",
            "Condition" if is_past_problem(resource) => PAST,
            _ => description.category.as_str(),
        };
        let category = ORDER.into_iter().find(|known| *known == category).unwrap_or("other");
        self.sections.entry(category).or_default().push(Item { description });
    }

    /// Files inside a DocumentReference; one that lies elsewhere is not fetched. Gives whether they are this document's
    /// own pages.
    fn take_attachments(&mut self, resource: &Value) -> bool {
        let says_pages = coded(resource, ktc::RENDERED);
        let mut pages = false;
        let contents = resource.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for attachment in contents.iter().filter_map(|content| content.get("attachment")) {
            let text = |name: &str| attachment.get(name).and_then(Value::as_str);
            let Some(bytes) = text("data").and_then(base64) else { continue };
            let title =
                text("title").or_else(|| resource.get("description").and_then(Value::as_str)).unwrap_or_default();
            let mut file = Attachment::new(title, text("contentType").unwrap_or_default(), bytes);
            file.rendered = says_pages && file.kind == FileKind::Pdf;
            pages |= file.rendered;
            self.attachments.push(file);
        }
        pages
    }

    /// How many records there are.
    pub fn records(&self) -> usize {
        self.sections.values().map(Vec::len).sum::<usize>() + self.not_shown
    }
}

/// Who or what made the document, as its Composition says: a program there is no device of the patient's.
fn authors(entries: &[Value]) -> Vec<&str> {
    let compositions = entries
        .iter()
        .filter_map(|entry| entry.get("resource"))
        .filter(|resource| resource.get("resourceType").and_then(Value::as_str) == Some("Composition"));
    let authors = compositions.filter_map(|composition| composition.get("author")?.as_array()).flatten();
    authors.filter_map(|author| author.get("reference")?.as_str()).collect()
}

/// A medicine that only refers to its substance, with the substance's name put where it is read.
fn with_medicine(resource: &Value, by_url: &BTreeMap<&str, &Value>) -> Option<Value> {
    let reference = resource.pointer("/medicationReference/reference")?.as_str()?;
    let code = by_url.get(reference)?.get("code")?;
    let mut named = resource.clone();
    let members = named.as_object_mut()?;
    members.remove("medicationReference");
    members.insert("medicationCodeableConcept".to_owned(), code.clone());
    Some(named)
}

/// Whether a resource's type has this LOINC code.
fn coded(resource: &Value, loinc: &str) -> bool {
    let codings = resource.pointer("/type/coding").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    codings.iter().any(|coding| {
        let text = |name: &str| coding.get(name).and_then(Value::as_str);
        text("system") == Some("http://loinc.org") && text("code") == Some(loinc)
    })
}

/// FHIR's base64Binary: the standard alphabet, white space allowed.
fn base64(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(compact).ok()
}

#[cfg(test)]
mod tests;
