//! Clinical documents: C-CDA R1.1 and R2.1, CCD and C32, and unstructured documents, to FHIR R4.
//!
//! [`read`] follows HL7's "C-CDA on FHIR" (<https://hl7.org/fhir/us/ccda/>), whose maps stand in [`codes`] and whose
//! templates in [`sections`] as data. A document gives its Patient, a resource for each entry, those who are named in it,
//! a Composition that holds the narrative of every section, and a DocumentReference to the document itself. No document
//! fails for what is in it: an entry that cannot be read is a [`CcdaSkip`], a section without usable entries is kept with
//! its text.

mod codes;
mod contact;
mod datatypes;
mod document;
mod entries;
mod header;
mod people;
mod reader;
mod sections;
mod skip;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod whole;

pub use skip::CcdaSkip;

use crate::{
    Error, Result,
    convert::{Attachment, Converted, Found, Resource, Sink, Source},
    datetime,
    import::{Skip, SkipReason},
    xml::{self, Document, Node, XmlLimits},
};
use reader::{Item, Reader};

/// The namespace of CDA.
const HL7: &str = "urn:hl7-org:v3";
const XSL: &str = "http://www.w3.org/1999/XSL/Transform";
/// The most entries of a document that are read: some ten times what the largest hold. All that is made of a document is in
/// memory until its end, because its parts refer to one another.
const MOST_ENTRIES: usize = 20_000;
/// How far into a file its root element is looked for.
const HEAD: usize = 64 << 10;

/// Whether the bytes look like a clinical document, or a section or entry of one.
pub fn looks_like(bytes: &[u8]) -> bool {
    let head = xml::decode(bytes.get(..HEAD.min(bytes.len())).unwrap_or_default());
    let limits = XmlLimits { nodes: 2000, ..XmlLimits::default() };
    Document::parse(&head, &limits).is_some_and(|document| !parts(&document).is_empty())
}

/// Reads one clinical document.
///
/// A document's ids become the ids of its resources ([`derive_id`](crate::convert::derive_id)): the same act in another
/// document of the same source is the same record.
///
/// # Errors
/// Only where it is no CDA at all, or larger than the limit.
pub fn read(bytes: &[u8], source: &Source<'_>, sink: &mut Sink<'_>) -> Result<()> {
    if bytes.len() as u64 > source.limits.inflated_bytes {
        return Err(Error::TooLarge { limit_mib: source.limits.inflated_bytes >> 20 });
    }
    let text = xml::decode(bytes);
    let limits = XmlLimits { depth: source.limits.depth.min(XmlLimits::default().depth), ..XmlLimits::default() };
    let document = Document::parse(&text, &limits).ok_or(Error::NotCda)?;
    let parts = parts(&document);
    if parts.is_empty() {
        return Err(Error::NotCda);
    }
    for part in parts {
        let mut reader = Reader::new(part, source, source.limits.entries.min(MOST_ENTRIES));
        document::read(&mut reader, part, source);
        if reader.is_full() {
            reader.skip(part, CcdaSkip::TooLarge);
        }
        for (sha256, media_type, bytes) in &reader.attachments {
            let attachment = Attachment { sha256: *sha256, media_type, bytes };
            if sink(Found::Attachment(attachment)).is_break() {
                return Ok(());
            }
        }
        whole::label(&mut reader, part, source);
        let as_of = reader.document_time.as_deref().and_then(datetime::unix_seconds);
        let people = reader.people.resources.into_iter();
        let people = people.map(|(resource, node)| Item::Resource(Converted::new(resource, node.path())));
        for item in reader.items.into_iter().chain(people) {
            let found = match item {
                Item::Resource(converted) => Found::Resource(Box::new(Converted { as_of, ..converted })),
                Item::Skipped(skip) => Found::Skipped(skip),
            };
            if sink(found).is_break() {
                return Ok(());
            }
        }
    }
    for reason in faults(&document) {
        let root = document.root().map(Node::path).unwrap_or_default();
        if sink(Found::Skipped(Skip { path: root, reason: SkipReason::Ccda(reason) })).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// The documents in a file, wherever they stand in it; else the sections, entries or acts at its top.
fn parts<'d>(document: &'d Document<'d>) -> Vec<Node<'d>> {
    let found: Vec<Node<'d>> = document
        .roots()
        .flat_map(Node::descendants)
        .filter(|node| node.name() == "ClinicalDocument" && !is_of_a_style_sheet(*node))
        .take(64)
        .collect();
    if !found.is_empty() {
        return found;
    }
    let is_part = |node: &Node<'d>| {
        let is_clinical =
            || node.descendants().any(|inner| inner.name() == "templateId" || inner.attribute("moodCode").is_some());
        (node.namespace() == HL7 || node.namespace().is_empty())
            && match node.name() {
                "recordTarget" => node.child("patientRole").is_some(),
                "documentationOf" => node.child("serviceEvent").is_some(),
                "section" | "entry" | "component" | "structuredBody" => is_clinical(),
                _ => entries::is_act(*node) && is_clinical(),
            }
    };
    document.roots().filter(is_part).collect()
}

/// Whether an element is what a style sheet would make. One that shows itself carries its document beside its templates.
fn is_of_a_style_sheet(node: Node<'_>) -> bool {
    let mut around = std::iter::successors(node.parent(), |node| node.parent());
    around.any(|node| node.name() == "template" && node.namespace() == XSL)
}

fn faults(document: &Document<'_>) -> Vec<CcdaSkip> {
    let faults = document.faults();
    let mut out = Vec::new();
    if let Some(at) = faults.cut_short_at {
        out.push(CcdaSkip::CutShort { at });
    }
    if faults.too_deep > 0 {
        out.push(CcdaSkip::TooDeep { elements: faults.too_deep });
    }
    if faults.too_large {
        out.push(CcdaSkip::TooLarge);
    }
    out
}
