//! Names for records that only point to their medicine (`medicationReference`): what the medicine is called, how it is
//! coded, and whether it is sensitive, are the pointing record's too. The medicine may be elsewhere in the file, in
//! another file of an archive, or in a file that comes another day.

use std::collections::HashMap;

use super::Record;
use crate::{
    index::{Coding3, IndexEntry, TEXT_BYTES, clip, keep_member, kind_of, peek_type},
    json::{Json, parse_members},
    sensitivity::Sensitivity,
    view::{self, Subject},
};

/// Medications, by all names they are pointed to with.
#[derive(Debug, Default)]
pub struct Medications {
    known: Vec<Known>,
    names: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Known {
    title: String,
    code: Option<Coding3>,
    sensitivity: Vec<Sensitivity>,
    subject: Option<Subject>,
}

impl Medications {
    /// Adds a Medication: its exact bytes, what the index says of it and the address it came with. Gives its number, from
    /// 0 on; none for anything else than a Medication.
    pub fn add(&mut self, original: &[u8], index: &IndexEntry, full_url: Option<&str>) -> Option<usize> {
        if index.resource_type != "Medication" {
            return None;
        }
        let position = self.known.len();
        let text = std::str::from_utf8(original).unwrap_or_default();
        let resource = parse_members(text, |name| matches!(name, "id" | "code" | "form" | "ingredient")).ok();
        let mut names = Vec::new();
        if let Some(id) = resource.as_ref().and_then(|resource| resource.text_at(&["id"])) {
            names.extend([format!("Medication/{id}"), format!("urn:uuid:{id}")]);
        }
        names.extend(full_url.map(str::to_owned));
        for name in names {
            let known = self.names.entry(name).or_default();
            if !known.contains(&position) {
                known.push(position);
            }
        }
        self.known.push(Known {
            title: index.title.clone(),
            code: index.code.clone(),
            sensitivity: index.sensitivity.clone(),
            subject: resource.as_ref().and_then(view::subject_of),
        });
        Some(position)
    }

    /// The numbers of the Medications that a reference may mean: more than one where sources use the same name.
    pub fn named(&self, reference: &str) -> &[usize] {
        self.names.get(reference).map_or(&[], Vec::as_slice)
    }

    /// Gives a record what is known of the Medications that it may mean: all their sensitivity labels, and, where they
    /// are one medicine, its name and code.
    pub fn give(&self, positions: &[usize], index: &mut IndexEntry, original: &[u8]) {
        let meant: Vec<&Known> = positions.iter().filter_map(|position| self.known.get(*position)).collect();
        index.sensitivity.extend(meant.iter().flat_map(|known| &known.sensitivity));
        index.sensitivity.sort_unstable();
        index.sensitivity.dedup();
        if let Some((first, rest)) = meant.split_first()
            && rest
                .iter()
                .all(|known| (&known.title, &known.code, &known.subject) == (&first.title, &first.code, &first.subject))
        {
            first.name(index, original);
        }
    }

    /// The same for a record as it was found.
    pub(super) fn name(&self, reference: &str, record: &mut Record<'_>) {
        self.give(self.named(reference), &mut record.index, record.original);
    }
}

impl Known {
    fn name(&self, index: &mut IndexEntry, original: &[u8]) {
        if index.title == kind_of(&index.resource_type).label {
            index.title.clone_from(&self.title);
        }
        if !index.text.contains(&self.title) {
            let text = format!("{} {}", self.title, index.text);
            index.text = clip(text.trim_end(), TEXT_BYTES).to_owned();
        }
        if index.code.is_none() {
            index.code.clone_from(&self.code);
        }
        if index.fact_key.is_none()
            && let Some(subject) = &self.subject
            && let Ok(resource) = parse_members(std::str::from_utf8(original).unwrap_or_default(), keep_member)
        {
            index.fact_key = view::fact_key_of(&resource, subject);
        }
    }
}

/// Where a record of this type points for its medicine, if it has no code of its own: a reference to a Medication that
/// is not inside it. `original` is its exact bytes or their slim form.
pub fn reference(resource_type: &str, original: &[u8]) -> Option<String> {
    if !may_point(resource_type) {
        return None;
    }
    let text = std::str::from_utf8(original).ok()?;
    let resource = parse_members(text, |name| name.starts_with("medication")).ok()?;
    let codings = resource.at(&["medicationCodeableConcept"]).into_iter().flat_map(|concept| concept.each("coding"));
    if codings.filter_map(|coding| coding.text_at(&["code"])).next().is_some() {
        return None;
    }
    let reference = resource.text_at(&["medicationReference", "reference"])?;
    (!reference.starts_with('#')).then(|| reference.to_owned())
}

/// Whether records of this type have a medicine that may be elsewhere.
pub fn may_point(resource_type: &str) -> bool {
    resource_type.starts_with("Medication") && resource_type != "Medication"
}

/// Where a record points that was found and has no code.
pub(super) fn unnamed_reference(record: &Record<'_>) -> Option<String> {
    if record.index.code.is_some() {
        return None;
    }
    reference(&record.index.resource_type, record.original)
}

/// A quick look that spares parsing everything else: by the type where it stands first, else by its mere occurrence.
pub(super) fn may_be_medication(original: &[u8]) -> bool {
    const NAME: &[u8] = b"\"Medication\"";
    match peek_type(original) {
        Some(resource_type) => resource_type == "Medication",
        None => original.windows(NAME.len()).any(|window| window == NAME),
    }
}
