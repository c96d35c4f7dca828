//! What leaves the reader: resources with their subject and place, skips, and when to stop.

use std::{collections::HashSet, ops::ControlFlow};

use serde_json::{Value, json};

use super::{AppleReason, tables::APPLE};
use crate::{
    build::{self, coding, loinc, object, put},
    convert::{Attachment, Converted, Found, Resource, Sink, derive_id},
    import::{NarrativeReason, Skip, SkipReason},
};

/// Whose the export is.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    /// What tells this person's records from those of another person's phone: the date of birth, the only thing in an
    /// export that stays. Empty where the phone does not know it.
    key: String,
    /// The Patient's id, where the export has one.
    patient: Option<String>,
}

impl Person {
    pub(super) fn born(date: &str) -> Person {
        Person { key: date.to_owned(), patient: Some(derive_id(&["apple-health", "patient", date])) }
    }

    /// One whose day of birth is known and whose export is not there.
    pub(super) fn known_by(date: &str) -> Person {
        Person { key: date.to_owned(), patient: None }
    }

    /// An id from what is the person's and `parts`.
    pub(super) fn id(&self, parts: &[&str]) -> String {
        let mut all = vec!["apple-health", self.key.as_str()];
        all.extend_from_slice(parts);
        derive_id(&all)
    }

    pub(super) fn patient_id(&self) -> Option<&str> {
        self.patient.as_deref()
    }

    /// A reference to the Patient.
    pub(super) fn reference(&self) -> Option<Value> {
        self.patient.as_ref().map(|id| json!({"reference": format!("urn:uuid:{id}")}))
    }
}

/// The way out.
pub(super) struct Out<'o, 's> {
    pub(super) sink: &'o mut Sink<'s>,
    /// Set once the taker has had enough.
    pub(super) stopped: &'o mut bool,
    /// The member of the archive that places are in; empty for a file by itself and where the place names it.
    pub(super) member: &'o str,
    /// When the phone wrote the export, Unix seconds: as of then it tells what days came to.
    pub(super) as_of: Option<i64>,
}

impl Out<'_, '_> {
    fn send(&mut self, found: Found<'_>) {
        if !*self.stopped && (self.sink)(found) == ControlFlow::Break(()) {
            *self.stopped = true;
        }
    }

    pub(super) fn resource(&mut self, resource: Resource, place: String) {
        let place = if self.member.is_empty() { place } else { format!("{}: {place}", self.member) };
        let as_of = self.as_of;
        self.send(Found::Resource(Box::new(Converted { as_of, ..Converted::new(resource, place) })));
    }

    pub(super) fn document(&mut self, resource: Resource, place: String, reason: NarrativeReason) {
        let (narrative_only, as_of) = (Some(reason), self.as_of);
        self.send(Found::Resource(Box::new(Converted { narrative_only, as_of, ..Converted::new(resource, place) })));
    }

    pub(super) fn attachment(&mut self, attachment: Attachment<'_>) {
        self.send(Found::Attachment(attachment));
    }

    pub(super) fn skip(&mut self, path: &str, reason: AppleReason) {
        self.send(Found::Skipped(Skip { path: path.to_owned(), reason: SkipReason::Apple(reason) }));
    }
}

/// An observation without its value: what it is of, whose, when.
pub(super) struct Frame<'f> {
    pub(super) id: String,
    pub(super) category: &'static str,
    pub(super) loinc: Option<(&'f str, &'f str)>,
    /// Apple's identifier and words for it.
    pub(super) apple: (&'f str, &'f str),
    /// `effectiveDateTime`.
    pub(super) when: &'f str,
}

impl Frame<'_> {
    pub(super) fn observation(self, person: &Person) -> Resource {
        let mut codings: Vec<Value> = self.loinc.iter().map(|(code, display)| loinc(code, display)).collect();
        let (identifier, words) = self.apple;
        codings.push(coding(APPLE, identifier, words));
        let mut out = object(json!({
            "resourceType": "Observation",
            "id": self.id,
            "status": "final",
            "category": build::category(self.category),
            "code": {"coding": codings, "text": words},
        }));
        put(&mut out, "subject", person.reference());
        out.insert("effectiveDateTime".to_owned(), self.when.into());
        out
    }
}

/// Sets that say whether an id was handed out before.
#[derive(Debug, Default)]
pub(super) struct Given(HashSet<u128>);

impl Given {
    /// Whether this is the first time.
    pub(super) fn first(&mut self, id: &str) -> bool {
        uuid::Uuid::try_parse(id).is_ok_and(|id| self.0.insert(id.as_u128()))
    }
}
