//! A Bundle opened for checking: its entries by address, and what its references lead to.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::path::Found;
use crate::{json::Json, references::base_of};

/// A Bundle and its resources by address.
pub(super) struct Opened<'v> {
    pub(super) bundle: Found<'v>,
    pub(super) entries: Vec<Found<'v>>,
    by_url: HashMap<&'v str, &'v Value>,
    by_type_and_id: HashMap<String, &'v Value>,
    /// `fullUrl` of the entry that each resource (by its address in memory) stands in.
    urls: HashMap<*const Value, &'v str>,
    /// Sections' codes by the resources (by their address in memory) they point to.
    sections: HashMap<*const Value, Vec<&'v str>>,
}

impl<'v> Opened<'v> {
    pub(super) fn new(bundle: &'v Value) -> Self {
        let bundle = Found::new("Bundle", bundle);
        let mut opened = Opened {
            entries: bundle.select("entry"),
            bundle,
            by_url: HashMap::new(),
            by_type_and_id: HashMap::new(),
            urls: HashMap::new(),
            sections: HashMap::new(),
        };
        for entry in &opened.entries {
            if let (Some(url), Some(resource)) = (entry.value.text_at(&["fullUrl"]), entry.value.member("resource")) {
                opened.by_url.entry(url).or_insert(resource);
                opened.urls.insert(std::ptr::from_ref(resource), url);
            }
        }
        for resource in opened.entries.iter().filter_map(|entry| entry.value.member("resource")) {
            if let (Some(kind), Some(id)) = (resource.text_at(&["resourceType"]), resource.text_at(&["id"])) {
                opened.by_type_and_id.entry(format!("{kind}/{id}")).or_insert(resource);
            }
        }
        let mut sections: HashMap<*const Value, Vec<&'v str>> = HashMap::new();
        if let Some(composition) = opened.composition() {
            for section in composition.select("section") {
                let Some(code) = section.value.text_at(&["code", "coding", "code"]) else { continue };
                for pointer in section.select("entry") {
                    if let Some(resource) = opened.resolve(pointer.value, composition.value) {
                        sections.entry(std::ptr::from_ref(resource)).or_default().push(code);
                    }
                }
            }
        }
        opened.sections = sections;
        opened
    }

    /// The first entry's resource, if it is a Composition.
    pub(super) fn composition(&self) -> Option<Found<'v>> {
        let first = self.entries.first()?.select("resource").into_iter().next()?;
        (first.value.text_at(&["resourceType"]) == Some("Composition")).then_some(first)
    }

    /// Every entry's resource.
    pub(super) fn resources(&self) -> impl Iterator<Item = Found<'v>> + '_ {
        self.entries.iter().flat_map(|entry| entry.select("resource"))
    }

    /// The resources of a kind.
    pub(super) fn of_type<'s>(&'s self, resource_type: &'s str) -> impl Iterator<Item = Found<'v>> + 's {
        self.resources().filter(move |found| found.value.text_at(&["resourceType"]) == Some(resource_type))
    }

    /// Whether a section of that code points to the resource.
    pub(super) fn is_in_section(&self, resource: &Value, code: &str) -> bool {
        self.sections.get(&std::ptr::from_ref(resource)).is_some_and(|codes| codes.contains(&code))
    }

    /// What a Reference leads to: by its address, or for a relative one that no `fullUrl` answers, the entry of that type
    /// and id, which is surely meant.
    pub(super) fn resolve(&self, reference: &'v Value, holder: &'v Value) -> Option<&'v Value> {
        self.resolve_address(reference, holder).or_else(|| {
            let written = crate::references::without_version(reference.text_at(&["reference"])?);
            self.by_type_and_id.get(written).copied()
        })
    }

    /// What a Reference leads to by its address: a contained resource, or an entry by its `fullUrl`; a relative one is
    /// looked for at the base of the entry that holds it (<https://hl7.org/fhir/R4/bundle.html#references>).
    pub(super) fn resolve_address(&self, reference: &'v Value, holder: &'v Value) -> Option<&'v Value> {
        let written = reference.text_at(&["reference"])?;
        if let Some(id) = written.strip_prefix('#') {
            let mut contained = holder.each("contained").iter();
            return if id.is_empty() {
                Some(holder)
            } else {
                contained.find(|inner| inner.text_at(&["id"]) == Some(id))
            };
        }
        let written = crate::references::without_version(written);
        if let Some(found) = self.by_url.get(written) {
            return Some(found);
        }
        if written.contains(':') {
            return None;
        }
        let base = self.urls.get(&std::ptr::from_ref(holder)).and_then(|url| base_of(url))?;
        self.by_url.get(format!("{base}{written}").as_str()).copied()
    }

    /// Every Reference with an address below an element.
    pub(super) fn references(from: &Found<'v>, out: &mut Vec<Found<'v>>) {
        match from.value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    Self::references(&Found::new(format!("{}[{at}]", from.path), item), out);
                }
            }
            Value::Object(members) => {
                if members.get("reference").is_some_and(Value::is_string) {
                    out.push(from.clone());
                }
                for (name, member) in members {
                    Self::references(&Found::new(format!("{}.{name}", from.path), member), out);
                }
            }
            _ => {}
        }
    }

    /// Paths of entries whose `fullUrl` another before them has, in the same version of the resource.
    pub(super) fn repeated(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let url = |entry: &Found<'v>| {
            let version = entry.value.text_at(&["resource", "meta", "versionId"]).unwrap_or_default();
            entry.value.text_at(&["fullUrl"]).map(|url| (url, version))
        };
        let again = self.entries.iter().filter(|entry| url(entry).is_some_and(|url| !seen.insert(url)));
        again.map(|entry| format!("{}.fullUrl", entry.path)).collect()
    }
}
