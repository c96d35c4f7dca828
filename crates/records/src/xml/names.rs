//! Prefixes and the namespaces they stand for (Namespaces in XML 1.0).

use std::{borrow::Cow, collections::HashMap};

/// Declarations that are in force at once; more are not looked at.
const MOST: usize = 256;

/// Prefixes that documents use without declaring them.
const WELL_KNOWN: [(&str, &str); 3] = [("xml", super::XML), ("xsi", super::XSI), ("sdtc", "urn:hl7-org:sdtc")];

/// The declarations in force, and every namespace that was met.
pub(super) struct Namespaces<'a> {
    /// Prefix, place in `uris`, and the depth of the element that declared it.
    declared: Vec<(&'a str, u32, usize)>,
    uris: Vec<Cow<'a, str>>,
    places: HashMap<String, u32>,
}

impl<'a> Namespaces<'a> {
    pub(super) fn new() -> Self {
        Namespaces { declared: Vec::new(), uris: vec![Cow::Borrowed("")], places: HashMap::new() }
    }

    /// An element at this depth declares a prefix (the empty one for its default). Whether it was taken.
    pub(super) fn declare(&mut self, prefix: &'a str, uri: Cow<'a, str>, depth: usize) -> bool {
        if self.declared.len() >= MOST {
            return false;
        }
        let place = self.place(uri);
        self.declared.push((prefix, place, depth));
        true
    }

    /// The element at this depth ends.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.declared.last().is_some_and(|(_, _, declared)| *declared >= depth) {
            self.declared.pop();
        }
    }

    /// The namespace of an element with this prefix; 0 where there is none.
    pub(super) fn resolve(&mut self, prefix: &str) -> u32 {
        if let Some((_, place, _)) = self.declared.iter().rev().find(|(declared, _, _)| *declared == prefix) {
            return *place;
        }
        match WELL_KNOWN.iter().find(|(known, _)| *known == prefix) {
            Some((_, uri)) => self.place(Cow::Borrowed(*uri)),
            None => 0,
        }
    }

    pub(super) fn into_uris(self) -> Vec<Cow<'a, str>> {
        self.uris
    }

    fn place(&mut self, uri: Cow<'a, str>) -> u32 {
        if uri.is_empty() {
            return 0;
        }
        if let Some(place) = self.places.get(uri.as_ref()) {
            return *place;
        }
        let place = u32::try_from(self.uris.len()).unwrap_or(0);
        self.places.insert(uri.as_ref().to_owned(), place);
        self.uris.push(uri);
        place
    }
}
