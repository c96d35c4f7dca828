//! The document as a whole, once its parts are known: as sensitive as they are, and no part carries all the others along.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    datatypes::attribute,
    reader::{Item, Reader},
};
use crate::{
    convert::{Converted, Resource, Source, binary_reference},
    display,
    json::Json,
    outgoing::is_supporting,
    sensitivity::{Parts, add_security},
    terminology::V3_CONFIDENTIALITY,
    xml::Node,
};

/// The most bytes of a section's text that stand in its own document.
const SECTION_BYTES: usize = 1 << 20;

/// Labels the Composition and what refers to the document's own bytes by what is in the document; and where anything in it
/// is sensitive, gives the document of a section its own words in place of the whole.
pub(super) fn label(reader: &mut Reader<'_>, document: Node<'_>, source: &Source<'_>) {
    restrict(reader, document, 0);
    let mut parts = Parts::default();
    converted(reader).for_each(|converted| parts.add(&mut converted.resource));
    if parts.is_empty() {
        return;
    }
    let file = binary_reference(&source.sha256);
    for converted in converted(reader) {
        let is_section = converted.narrative_only.is_some();
        let resource = &mut converted.resource;
        match resource.get("resourceType").and_then(Value::as_str) {
            Some("Composition") => parts.label(resource),
            Some("DocumentReference") if is_section => keep_to_itself(resource, &file),
            Some("DocumentReference") if files(resource).any(|url| url == file) => parts.label(resource),
            _ => {}
        }
    }
}

/// Labels what was made since there were `from` items, if the document or section restricts it: what its author restricts is
/// restricted in all its parts (CDA R2, 4.1: context is passed on).
pub(super) fn restrict(reader: &mut Reader<'_>, by: Node<'_>, from: usize) {
    let code = by.child("confidentialityCode").and_then(|code| attribute(code, "code"));
    let Some(code) = code.filter(|code| matches!(*code, "R" | "V")) else { return };
    let label = json!({"system": V3_CONFIDENTIALITY, "code": code});
    let made = reader.items.iter_mut().skip(from).filter_map(Item::converted);
    for converted in made.filter(|converted| !is_about_nobody(&converted.resource)) {
        add_security(&mut converted.resource, vec![label.clone()]);
    }
}

fn converted<'r>(reader: &'r mut Reader<'_>) -> impl Iterator<Item = &'r mut Converted> {
    reader.items.iter_mut().filter_map(Item::converted)
}

/// The patient, and what says little by itself.
fn is_about_nobody(resource: &Resource) -> bool {
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    kind == "Patient" || is_supporting(kind)
}

fn files(resource: &Resource) -> impl Iterator<Item = &str> {
    let contents = resource.get("content").into_iter().flat_map(|contents| contents.items());
    contents.filter_map(|content| content.text_at(&["attachment", "url"]))
}

/// Puts the section's words where the address of the whole document was.
fn keep_to_itself(resource: &mut Resource, file: &str) {
    let div = resource.get("text").and_then(|text| text.text_at(&["div"])).unwrap_or_default();
    let words = STANDARD.encode(display::narrative_text(div, SECTION_BYTES));
    let contents = resource.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten();
    for attachment in contents.filter_map(|content| content.get_mut("attachment")?.as_object_mut()) {
        if attachment.get("url").and_then(Value::as_str) == Some(file) {
            attachment.shift_remove("url");
            attachment.insert("contentType".to_owned(), json!("text/plain; charset=utf-8"));
            attachment.insert("data".to_owned(), json!(words));
        }
    }
}
