//! Notes and files inside a document: DocumentReference (CF-notes).

use std::io::Read;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::subject::inside;
use crate::{
    ccda::{
        Resource,
        datatypes::{attribute, codeable, concept, one_line, put, put_list},
        people::WhoKind,
        reader::{Reader, status},
        skip::CcdaSkip,
        text::{plain, section_div},
        time,
    },
    convert::binary_reference,
    terminology::LOINC,
    xml::Node,
};

/// The most bytes of a packed file within a document.
const MOST_UNPACKED: u64 = 64 << 20;
/// Base64 as documents have it: with or without padding, with bits left over.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl<'d> Reader<'d> {
    /// A Note Activity, or a comment that stands alone.
    pub(super) fn note(&mut self, act: Node<'d>) -> Vec<String> {
        let Some(attachment) = act.child("text").and_then(|text| self.attachment(act, text)) else {
            let inner: Vec<String> = self.inner(act).into_iter().map(|(_, reference)| reference).collect();
            if inner.is_empty() {
                self.skip(act, CcdaSkip::Empty);
            }
            return inner;
        };
        let code = act.child("code");
        let specific = code.and_then(|code| code.child("translation")).and_then(|code| codeable(code, &self.texts));
        let kind = specific
            .or_else(|| code.and_then(|code| codeable(code, &self.texts)))
            .unwrap_or_else(|| concept(LOINC, "34109-9", "Note"));
        let mut out = self.start("DocumentReference", act);
        let void = status(act).as_deref() == Some("nullified");
        out.insert("status".to_owned(), json!(if void { "entered-in-error" } else { "current" }));
        out.insert("type".to_owned(), kind);
        let category = concept(
            "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
            "clinical-note",
            "Clinical Note",
        );
        out.insert("category".to_owned(), json!([category]));
        self.put_subject(&mut out, "subject");
        let author =
            act.all("author").filter_map(|author| author.child("time")).find(|time| time::start_of(*time).is_some());
        if let Some(time) = author {
            time::put_instant(&mut out, "date", time);
        }
        const AUTHORS: &[WhoKind] =
            &[WhoKind::Practitioner, WhoKind::Organization, WhoKind::Device, WhoKind::Patient, WhoKind::RelatedPerson];
        let authors = self.whos(act, "author", AUTHORS);
        put_list(&mut out, "author", authors);
        out.insert("content".to_owned(), json!([{"attachment": attachment}]));
        let mut context = Resource::new();
        put(&mut context, "period", act.child("effectiveTime").and_then(time::period));
        let visit =
            act.all("entryRelationship").filter_map(|link| link.child("encounter")).find_map(|visit| self.act(visit));
        put_list(&mut context, "encounter", visit.or_else(|| self.encounter.clone()).into_iter().collect());
        put(&mut out, "context", (!context.is_empty()).then_some(Value::Object(context)));
        let reference = self.add(act, out);
        for inner in inside(act).filter(|inner| inner.name() != "encounter") {
            self.act_record(inner, Some(act));
        }
        vec![reference]
    }

    /// An observationMedia: a picture or other file of the narrative.
    pub(super) fn media(&mut self, act: Node<'d>) -> Vec<String> {
        match act.child("value").and_then(|value| self.embedded(act, value)) {
            Some(reference) => vec![reference],
            None => {
                self.skip(act, CcdaSkip::Empty);
                Vec::new()
            }
        }
    }

    /// The DocumentReference of a file inside the document; `None` where there is none, with a skip where it is damaged.
    pub(in crate::ccda) fn embedded(&mut self, act: Node<'d>, value: Node<'d>) -> Option<String> {
        let attachment = self.attachment(act, value)?;
        let mut out = Resource::new();
        out.insert("resourceType".to_owned(), json!("DocumentReference"));
        out.insert("id".to_owned(), json!(""));
        out.insert("status".to_owned(), json!("current"));
        put(&mut out, "type", act.child("code").and_then(|code| codeable(code, &self.texts)));
        self.put_subject(&mut out, "subject");
        out.insert("content".to_owned(), json!([{"attachment": attachment}]));
        Some(self.add_part(act, "file", out))
    }

    /// An Attachment of an ED: its bytes go beside the records; words stay inside it (guidance, "CDA ED → FHIR
    /// Attachment").
    pub(in crate::ccda) fn attachment(&mut self, act: Node<'d>, value: Node<'d>) -> Option<Value> {
        let media_type = attribute(value, "mediaType").map(one_line);
        let mut out = Resource::new();
        if attribute(value, "representation") == Some("B64") || is_unmarked_file(value) {
            let text = value.text();
            let mut bare = Vec::with_capacity(text.len());
            bare.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
            if bare.is_empty() {
                return None;
            }
            let decoded = BASE64.decode(&bare).ok().and_then(|bytes| unpacked(bytes, attribute(value, "compression")));
            let Some(bytes) = decoded else {
                self.skip(act, CcdaSkip::DamagedAttachment);
                return None;
            };
            let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            let sha256: [u8; 32] = Sha256::digest(&bytes).into();
            out.insert("contentType".to_owned(), json!(media_type));
            put(&mut out, "language", attribute(value, "language").map(Value::from));
            out.insert("url".to_owned(), json!(binary_reference(&sha256)));
            if let Ok(size) = u32::try_from(bytes.len()) {
                out.insert("size".to_owned(), json!(size));
            }
            if !self.attachments.iter().any(|(known, ..)| *known == sha256) {
                self.attachments.push((sha256, media_type, bytes));
            }
            return Some(Value::Object(out));
        }
        if let Some(words) = self.texts.words(value) {
            // Structure is kept where there is some; the whole of it, which a phrase is not.
            let target = self.texts.target(value).unwrap_or(value);
            let (kind, content) = match section_div(target)
                .filter(|_| target.children().next().is_some() && target.id() != value.id())
            {
                Some(div) => ("application/xhtml+xml", div),
                None => {
                    ("text/plain", if plain(target, usize::MAX).is_empty() { words } else { plain(target, usize::MAX) })
                }
            };
            out.insert("contentType".to_owned(), json!(kind));
            out.insert("data".to_owned(), json!(base64::engine::general_purpose::STANDARD.encode(content)));
            return Some(Value::Object(out));
        }
        let link = value
            .child("reference")
            .and_then(|reference| attribute(reference, "value"))
            .filter(|link| !link.starts_with('#'))?;
        put(&mut out, "contentType", media_type.map(Value::String));
        out.insert("url".to_owned(), json!(one_line(link).replace(' ', "%20")));
        Some(Value::Object(out))
    }
}

/// Whether what an ED holds is a file in base64 though it does not say so: of a kind that is never text, and nothing but
/// base64.
fn is_unmarked_file(value: Node<'_>) -> bool {
    let kind = attribute(value, "mediaType").unwrap_or_default();
    let is_file = kind == "application/pdf" || kind.starts_with("image/") || kind.starts_with("application/vnd.");
    is_file && value.children().next().is_none() && {
        let text = value.text();
        let mut letters = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).peekable();
        letters.peek().is_some()
            && letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    }
}

/// The bytes of a file that was packed (`compression`: DF deflate, ZL zlib, GZ gzip); `None` where they are damaged, packed in
/// another way, or more than is read.
fn unpacked(bytes: Vec<u8>, compression: Option<&str>) -> Option<Vec<u8>> {
    fn read(packed: impl Read) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        packed.take(MOST_UNPACKED + 1).read_to_end(&mut out).ok()?;
        (!out.is_empty() && out.len() as u64 <= MOST_UNPACKED).then_some(out)
    }
    match compression {
        None => Some(bytes),
        Some("DF") => read(DeflateDecoder::new(bytes.as_slice())).or_else(|| read(ZlibDecoder::new(bytes.as_slice()))),
        Some("ZL") => read(ZlibDecoder::new(bytes.as_slice())),
        Some("GZ") => read(GzDecoder::new(bytes.as_slice())),
        Some(_) => None,
    }
}
