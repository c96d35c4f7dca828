//! The history of a server (R4, 3.1.0.17): each entry a version of a record, with what was done and when, the newest first. A
//! record that was deleted at the end is not given as if it still stood.

use std::{collections::HashMap, ops::Range};

use serde_json::Value;

use super::{Scan, Slot, json, type_of};
use crate::{datetime, import::SkipReason, references::without_version};

/// What an entry says of the version that it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::import) struct Told {
    /// `entry.request.method` is DELETE.
    deletes: bool,
    /// `entry.request.url`.
    url: Option<Box<str>>,
    /// `entry.response.lastModified`, Unix seconds.
    pub(in crate::import) modified: Option<i64>,
    /// The number in `entry.response.etag`.
    version: Option<u64>,
}

impl Told {
    /// By `Bundle.entry.request` and `response`; none where they say nothing.
    pub(in crate::import) fn of(request: Option<&Value>, response: Option<&Value>) -> Option<Box<Told>> {
        let text = |of: Option<&Value>, name: &str| of?.get(name)?.as_str().map(str::to_owned);
        let told = Told {
            deletes: text(request, "method").is_some_and(|method| method.eq_ignore_ascii_case("DELETE")),
            url: text(request, "url").map(Into::into),
            modified: text(response, "lastModified").as_deref().and_then(datetime::unix_seconds),
            version: text(response, "etag").and_then(|tag| number(&tag)),
        };
        (told != Told::default()).then(|| Box::new(told))
    }

    /// The same by where they stand.
    pub(super) fn at(bytes: &[u8], request: Option<Range<usize>>, response: Option<Range<usize>>) -> Option<Box<Told>> {
        let value = |range: Option<Range<usize>>| range.and_then(|range| json::<Value>(bytes, range));
        Told::of(value(request).as_ref(), value(response).as_ref())
    }
}

/// The digits of `W/"3"`.
fn number(tag: &str) -> Option<u64> {
    tag.trim_start_matches("W/").trim_matches('"').parse().ok()
}

/// Puts the versions of a history in the order in which they came to be, and leaves out what was deleted at the end.
pub(super) fn in_order(bytes: &[u8], mut slots: Vec<Slot>) -> Vec<Slot> {
    slots.reverse();
    let mut records: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, slot) in slots.iter().enumerate() {
        if let Some(name) = name(bytes, slot) {
            records.entry(name).or_default().push(at);
        }
    }
    for places in records.into_values() {
        arrange(bytes, &mut slots, &places);
        let deletes = |at: &usize| slots.get(*at).and_then(|slot| slot.told.as_ref()).is_some_and(|told| told.deletes);
        let Some(last) = places.iter().rposition(deletes) else { continue };
        // What was made anew afterwards stands, with what it was before.
        let is_record = |at: &usize| slots.get(*at).is_some_and(|slot| slot.resource.is_some());
        if !places.iter().skip(last + 1).any(is_record) {
            for at in places {
                if let Some(slot) = slots.get_mut(at) {
                    slot.fault.get_or_insert(SkipReason::Deleted);
                }
            }
        }
    }
    slots
}

/// Sorts the versions of one record by their dates, or by their numbers, where all have them.
fn arrange(bytes: &[u8], slots: &mut [Slot], places: &[usize]) {
    let told = |at: &usize| slots.get(*at).map(|slot| order(bytes, slot)).unwrap_or_default();
    let keys: Vec<(Option<i64>, Option<u64>)> = places.iter().map(told).collect();
    let mut order: Vec<usize> = (0..places.len()).collect();
    let key = |at: usize| keys.get(at).copied().unwrap_or_default();
    if keys.iter().all(|(date, _)| date.is_some()) {
        order.sort_by_key(|at| key(*at));
    } else if keys.iter().all(|(_, version)| version.is_some()) {
        order.sort_by_key(|at| key(*at).1);
    } else {
        return;
    }
    let sorted: Vec<Slot> = order.iter().filter_map(|at| slots.get(*places.get(*at)?).cloned()).collect();
    for (place, slot) in places.iter().zip(sorted) {
        if let Some(into) = slots.get_mut(*place) {
            *into = slot;
        }
    }
}

/// When a version came to be, and its number.
fn order(bytes: &[u8], slot: &Slot) -> (Option<i64>, Option<u64>) {
    let meta = slot.resource.clone().and_then(|range| member(bytes, range, b"\"meta\""));
    let meta: Value = meta.and_then(|range| json(bytes, range)).unwrap_or_default();
    let text = |name: &str| meta.get(name).and_then(Value::as_str);
    let told = slot.told.as_deref();
    let date = told.and_then(|told| told.modified).or_else(|| text("lastUpdated").and_then(datetime::unix_seconds));
    (date, text("versionId").and_then(number).or_else(|| told.and_then(|told| told.version)))
}

/// What a version is of: `Condition/y`, or the UUID that stands in the place of an address.
fn name(bytes: &[u8], slot: &Slot) -> Option<String> {
    let url = slot.full_url.clone().and_then(|range| json::<String>(bytes, range));
    let of_resource = || {
        let range = slot.resource.clone()?;
        let id: String = json(bytes, member(bytes, range.clone(), b"\"id\"")?)?;
        Some(format!("{}/{id}", type_of(bytes.get(range)?)?))
    };
    let told = || slot.told.as_ref().and_then(|told| told.url.as_deref().map(str::to_owned));
    let name = url.or_else(of_resource).or_else(told)?;
    let name = without_version(&name);
    if name.starts_with("urn:") {
        return Some(name.to_owned());
    }
    let mut ends = name.rsplit('/');
    let (id, kind) = (ends.next()?, ends.next()?);
    Some(format!("{kind}/{id}"))
}

/// Where a member of an object stands.
fn member(bytes: &[u8], object: Range<usize>, wanted: &[u8]) -> Option<Range<usize>> {
    let mut scan = Scan { bytes: bytes.get(..object.end)?, at: object.start, limit: usize::MAX / super::HOPELESS };
    let mut found = None;
    let whole = scan.object(|scan, name| {
        let from = scan.at;
        scan.value()?;
        if name == wanted {
            found = Some(from..scan.at);
        }
        Ok(())
    });
    whole.ok().and(found)
}
