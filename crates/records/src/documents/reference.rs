//! The DocumentReference of a file that is kept.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{
    Scanned,
    limits::{NAME_BYTES, TEXT_BYTES},
};
use crate::{
    convert::{Resource, Source, binary_reference, derive_id},
    display::escape_xhtml,
    index::clip,
};

/// What is said of a document.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) media_type: &'static str,
    /// What it calls itself; the file's name stands in.
    pub(super) title: Option<String>,
    /// When what it shows or says was made, as a FHIR dateTime.
    pub(super) created: Option<String>,
    /// Its kind: system, code, display.
    pub(super) kind: Option<(&'static str, &'static str, &'static str)>,
    /// Who wrote it, as it says itself.
    pub(super) author: Option<String>,
    /// Whose it is, as it says itself: a Reference.
    pub(super) subject: Option<Value>,
    /// Numbers it is known by elsewhere: system, value.
    pub(super) identifiers: Vec<(String, String)>,
    /// Sentences on what was found, for people.
    pub(super) facts: Vec<String>,
    /// Its text, to find it by.
    pub(super) text: String,
    /// The QR codes in it.
    pub(super) codes: Vec<Scanned>,
    /// Files that lie in it, by their names.
    pub(super) inside: Vec<(String, Vec<u8>)>,
    /// Other bytes made of it: a preview, what was inside.
    pub(super) more: Vec<Kept>,
    /// References to resources made of the same file.
    pub(super) related: Vec<String>,
    /// Whether the kept bytes are not the file's own.
    pub(super) altered: bool,
}

/// Bytes that were handed over, as an attachment refers to them.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) sha256: [u8; 32],
    pub(super) sha1: [u8; 20],
    pub(super) size: usize,
    pub(super) media_type: &'static str,
    pub(super) title: String,
}

impl Kept {
    pub(super) fn new(bytes: &[u8], sha256: [u8; 32], media_type: &'static str, title: &str) -> Kept {
        Kept { sha256, sha1: Sha1::digest(bytes).into(), size: bytes.len(), media_type, title: tidy(title) }
    }

    fn attachment(&self, created: Option<&str>) -> Value {
        let mut out = Map::new();
        out.insert("contentType".to_owned(), json!(self.media_type));
        out.insert("url".to_owned(), json!(binary_reference(&self.sha256)));
        // FHIR R4 holds sizes as unsignedInt, 31 bits.
        if let Ok(size) = i32::try_from(self.size) {
            out.insert("size".to_owned(), json!(size));
        }
        out.insert("hash".to_owned(), json!(STANDARD.encode(self.sha1)));
        if !self.title.is_empty() {
            out.insert("title".to_owned(), json!(self.title));
        }
        if let Some(created) = created {
            out.insert("creation".to_owned(), json!(created));
        }
        json!({ "attachment": out })
    }
}

impl Draft {
    pub(super) fn new(media_type: &'static str) -> Draft {
        Draft { media_type, ..Draft::default() }
    }

    /// The resource, for a file of that name whose bytes were kept under that hash.
    pub(super) fn into_resource(self, id: &str, kept: &[u8], sha256: &[u8; 32], file_name: &str) -> Resource {
        let title = self.title.as_deref().map(tidy).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| tidy(stem(file_name)));
        let mut out = Map::new();
        out.insert("resourceType".to_owned(), json!("DocumentReference"));
        out.insert("id".to_owned(), json!(id));
        out.insert(
            "text".to_owned(),
            json!({ "status": "generated", "div": narrative(&title, &self.facts, &self.text) }),
        );
        if !self.identifiers.is_empty() {
            let all: Vec<Value> =
                self.identifiers.iter().map(|(system, value)| json!({ "system": system, "value": value })).collect();
            out.insert("identifier".to_owned(), Value::Array(all));
        }
        out.insert("status".to_owned(), json!("current"));
        if let Some((system, code, display)) = self.kind {
            out.insert(
                "type".to_owned(),
                json!({ "coding": [{ "system": system, "code": code, "display": display }] }),
            );
        }
        if let Some(subject) = self.subject {
            out.insert("subject".to_owned(), subject);
        }
        if let Some(author) = self.author.as_deref().map(tidy).filter(|author| !author.is_empty()) {
            out.insert("author".to_owned(), json!([{ "display": author }]));
        }
        if !title.is_empty() {
            out.insert("description".to_owned(), json!(title));
        }
        let main = Kept::new(kept, *sha256, self.media_type, file_name);
        let created = self.created.as_deref();
        let content: Vec<Value> = std::iter::once(main.attachment(created))
            .chain(self.more.iter().map(|kept| kept.attachment(None)))
            .collect();
        out.insert("content".to_owned(), Value::Array(content));
        if !self.related.is_empty() {
            let related: Vec<Value> = self.related.iter().map(|reference| json!({ "reference": reference })).collect();
            out.insert("context".to_owned(), json!({ "related": related }));
        }
        out
    }
}

/// The id of the DocumentReference of a file: the same for the same bytes.
pub(super) fn document_id(source: &Source<'_>) -> String {
    derive_id(&["DocumentReference", &binary_reference(&source.sha256)])
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// One line of text without control characters, clipped.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()).filter(|word| !word.is_empty())
    {
        if out.len() >= NAME_BYTES {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    clip(&out, NAME_BYTES).trim_end().to_owned()
}

/// XHTML with the title, what was found, and the text line by line.
pub(super) fn narrative(title: &str, facts: &[String], text: &str) -> String {
    let mut out = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    let mut paragraph = |text: &str| {
        let text = text.trim();
        if !text.is_empty() {
            out.push_str("<p>");
            escape_xhtml(text, &mut out);
            out.push_str("</p>");
        }
    };
    paragraph(title);
    facts.iter().for_each(|fact| paragraph(fact));
    clip(text, TEXT_BYTES).lines().for_each(&mut paragraph);
    if title.trim().is_empty() && facts.iter().all(|fact| fact.trim().is_empty()) && text.trim().is_empty() {
        paragraph("Document");
    }
    out.push_str("</div>");
    out
}

/// The file's name without its ending.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.trim().is_empty() && ending.len() <= 5 => stem,
        _ => name,
    }
}
