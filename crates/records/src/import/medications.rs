//! Names for records that only point to their medicine (`medicationReference`) elsewhere in the file: what the medicine
//! is called, how it is coded, and whether it is sensitive, are the pointing record's too.

use std::collections::HashMap;

use super::Record;
use crate::{
    index::{Coding3, TEXT_BYTES, clip, keep_member, kind_of, peek_type},
    json::{Json, parse_members},
    sensitivity::Sensitivity,
    view::{self, Subject},
};

/// The Medications of a file, by all names they are pointed to with.
#[derive(Debug, Default)]
pub(super) struct Medications {
    known: Vec<Known>,
    names: HashMap<String, usize>,
}

#[derive(Debug)]
struct Known {
    title: String,
    code: Option<Coding3>,
    sensitivity: Vec<Sensitivity>,
    subject: Option<Subject>,
}

impl Medications {
    pub(super) fn add(&mut self, record: Record<'_>) {
        if record.index.resource_type != "Medication" {
            return;
        }
        let position = self.known.len();
        let text = std::str::from_utf8(record.original).unwrap_or_default();
        let resource = parse_members(text, |name| matches!(name, "id" | "code")).ok();
        if let Some(id) = resource.as_ref().and_then(|resource| resource.text_at(&["id"])) {
            self.names.insert(format!("Medication/{id}"), position);
            self.names.insert(format!("urn:uuid:{id}"), position);
        }
        if let Some(url) = record.full_url {
            self.names.insert(url, position);
        }
        let index = record.index;
        let subject = resource.as_ref().and_then(view::subject_of);
        self.known.push(Known { title: index.title, code: index.code, sensitivity: index.sensitivity, subject });
    }

    /// Gives the record what is known of the medicine it points to.
    pub(super) fn name(&self, reference: &str, record: &mut Record<'_>) {
        let index = &mut record.index;
        let Some(known) = self.names.get(reference).and_then(|position| self.known.get(*position)) else { return };
        if index.title == kind_of(&index.resource_type).label {
            index.title.clone_from(&known.title);
        }
        if !index.text.contains(&known.title) {
            let text = format!("{} {}", known.title, index.text);
            index.text = clip(text.trim_end(), TEXT_BYTES).to_owned();
        }
        if index.code.is_none() {
            index.code.clone_from(&known.code);
        }
        index.sensitivity.extend(&known.sensitivity);
        index.sensitivity.sort_unstable();
        index.sensitivity.dedup();
        if index.fact_key.is_none()
            && let Some(subject) = &known.subject
            && let Ok(resource) = parse_members(std::str::from_utf8(record.original).unwrap_or_default(), keep_member)
        {
            index.fact_key = view::fact_key_of(&resource, subject);
        }
    }
}

/// Where a medicine record points, if it has no code of its own.
pub(super) fn unnamed_reference(record: &Record<'_>) -> Option<String> {
    if !record.index.resource_type.starts_with("Medication") || record.index.code.is_some() {
        return None;
    }
    let text = std::str::from_utf8(record.original).ok()?;
    let resource = parse_members(text, |name| name == "medicationReference").ok()?;
    let reference = resource.text_at(&["medicationReference", "reference"])?;
    (!reference.starts_with('#')).then(|| reference.to_owned())
}

/// A quick look that spares parsing everything else: by the type where it stands first, else by its mere occurrence.
pub(super) fn may_be_medication(original: &[u8]) -> bool {
    const NAME: &[u8] = b"\"Medication\"";
    match peek_type(original) {
        Some(resource_type) => resource_type == "Medication",
        None => original.windows(NAME.len()).any(|window| window == NAME),
    }
}
