//! Finds the entries of a file without parsing them: one pass over the bytes, no recursion, no memory but the list.
//!
//! What lies inside an entry is only balanced here; `serde_json` is its judge when it is read. So a broken entry costs
//! itself and not the file.

mod containers;
pub(super) mod history;
mod wrapped;

use std::{borrow::Cow, ops::Range};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Format, Limits, SkipReason};
use crate::{Error, Result, datetime, index::peek_type};

/// Where one entry lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// The resource's bytes.
    pub(super) resource: Option<Range<usize>>,
    /// The JSON string that is the entry's `fullUrl`.
    pub(super) full_url: Option<Range<usize>>,
    /// How deep the resource is nested.
    pub(super) depth: usize,
    /// The line it stands on, from 1 (NDJSON only).
    pub(super) line: usize,
    /// Which of the file's entries it is in, from 0.
    pub(super) position: usize,
    /// Whether that entry has a resource.
    pub(super) has_resource: bool,
    /// Where in that entry's resource it is, if that is a Bundle or Parameters: `.entry[2].resource`.
    pub(super) within: Option<Box<str>>,
    /// As of when the Bundle tells it that it lies in, where that is another than the file's.
    pub(super) as_of: Option<i64>,
    /// What its entry says of the version that it is.
    pub(super) told: Option<Box<history::Told>>,
    /// Why it cannot be taken, where that is known already.
    pub(super) fault: Option<SkipReason>,
}

/// A file whose entries are found.
#[derive(Debug, Clone)]
pub(super) struct Split {
    pub(super) format: Format,
    pub(super) slots: Vec<Slot>,
    /// As of when the file tells it, Unix seconds: see [`dated`].
    pub(super) as_of: Option<i64>,
    /// Of what it is only a part.
    pub(super) page: Option<Page>,
}

impl Split {
    /// Of a file that is not dated, and whole.
    pub(super) fn new(format: Format, slots: Vec<Slot>) -> Self {
        Self { format, slots, as_of: None, page: None }
    }
}

/// One page of an answer that goes on elsewhere: `Bundle.link` with the relation `next` (R4, 3.1.0.6 Paging).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many matches there are on all pages, where the server says so (`Bundle.total`).
    pub total: Option<u64>,
}

impl Page {
    /// By what the Bundle says of itself.
    pub(super) fn of(links: &[Value], total: Option<u64>) -> Option<Page> {
        let next = |link: &Value| link.get("relation").and_then(Value::as_str) == Some("next");
        links.iter().any(next).then_some(Page { total })
    }
}

/// What JSON is that is not FHIR.
const NO_TYPE: &str = "JSON, but without the resourceType that every FHIR file has";

const TYPE: &[u8] = b"\"resourceType\"";

/// Beyond this many times the limit on depth nothing in the file is looked at.
const HOPELESS: usize = 10;

/// Refuses what opens with more brackets than any document has.
pub(super) fn refuse_hopeless_depth(bytes: &[u8], limit: usize) -> Result<()> {
    let mut scan = Scan { bytes, at: 0, limit };
    scan.blank();
    match scan.value() {
        Err(Fault::TooDeep) => Err(Error::TooDeep { limit }),
        _ => Ok(()),
    }
}

/// How deep a value is nested.
#[cfg(feature = "formats")]
pub(super) fn depth_of(bytes: &[u8]) -> usize {
    Scan { bytes, at: 0, limit: usize::MAX / HOPELESS }.value().unwrap_or(usize::MAX)
}

/// Opens the containers among entries; of such that were found otherwise, too.
pub(super) fn opened(bytes: &[u8], split: Split, limits: &Limits) -> Result<Split> {
    let slots = numbered(split.slots);
    let as_of = match split.format {
        Format::Bundle { .. } | Format::XmlBundle { .. } => split.as_of.or_else(|| composed(bytes, slots.first())),
        _ => split.as_of,
    };
    let is_history = match &split.format {
        Format::Bundle { bundle_type } | Format::XmlBundle { bundle_type } => bundle_type == "history",
        _ => false,
    };
    let slots = if is_history { history::in_order(bytes, slots) } else { slots };
    let slots = containers::open(bytes, slots, limits)?;
    Ok(Split { slots, as_of, ..split })
}

/// As of when a Bundle tells what is in it: its `timestamp`, else, where it is a document, the `date` of its Composition.
fn dated(bytes: &[u8], timestamp: Option<Range<usize>>, first: Option<&Slot>) -> Option<i64> {
    let written = timestamp.and_then(|range| string(bytes, range));
    written.as_deref().and_then(datetime::unix_seconds).or_else(|| composed(bytes, first))
}

/// `Composition.date`, if the first entry is one: then the Bundle is a document (R4, bdl-11).
fn composed(bytes: &[u8], first: Option<&Slot>) -> Option<i64> {
    let resource = bytes.get(first?.resource.clone()?)?;
    if peek_type(resource).is_some_and(|name| name != "Composition") {
        return None;
    }
    let mut scan = Scan { bytes: resource, at: 0, limit: usize::MAX / HOPELESS };
    let (mut resource_type, mut date) = (None, None);
    let whole = scan.object(|scan, name| {
        let from = scan.at;
        scan.value()?;
        match name {
            TYPE => resource_type = string(resource, from..scan.at),
            b"\"date\"" => date = string(resource, from..scan.at),
            _ => {}
        }
        Ok(())
    });
    (whole.is_ok() && resource_type? == "Composition").then(|| datetime::unix_seconds(&date?)).flatten()
}

/// The type of a resource; `None` of what is no object or names none.
fn type_of(resource: &[u8]) -> Option<String> {
    if let Some(name) = peek_type(resource) {
        return Some(name.to_owned());
    }
    let mut found = None;
    let mut scan = Scan { bytes: resource, at: 0, limit: usize::MAX / HOPELESS };
    let whole = scan.object(|scan, name| {
        let from = scan.at;
        scan.value()?;
        if name == TYPE {
            found = string(resource, from..scan.at);
        }
        Ok(())
    });
    whole.ok().and(found)
}

fn string(bytes: &[u8], range: Range<usize>) -> Option<String> {
    json(bytes, range)
}

fn json<T: DeserializeOwned>(bytes: &[u8], range: Range<usize>) -> Option<T> {
    serde_json::from_slice(bytes.get(range)?).ok()
}

fn numbered(mut slots: Vec<Slot>) -> Vec<Slot> {
    for (position, slot) in slots.iter_mut().enumerate() {
        slot.position = position;
        slot.has_resource = slot.resource.is_some();
        slot.as_of = slot.as_of.or_else(|| slot.told.as_ref()?.modified);
    }
    slots
}

/// Finds all entries.
pub(super) fn split(bytes: &[u8], limits: &Limits) -> Result<Split> {
    opened(bytes, outermost(bytes, limits)?, limits)
}

fn outermost(bytes: &[u8], limits: &Limits) -> Result<Split> {
    let mut scan = Scan { bytes, at: 0, limit: limits.depth };
    scan.blank();
    let document = scan.document(limits.entries);
    scan.blank();
    match document {
        Ok(found) if scan.at == bytes.len() => found.finish(bytes, limits),
        Err(Fault::TooDeep) => Err(Error::TooDeep { limit: limits.depth }),
        Err(Fault::TooMany) => Err(Error::TooManyEntries { limit: limits.entries }),
        other => {
            if let Some(lines) = ndjson(bytes, limits)? {
                return Ok(Split::new(Format::Ndjson, lines));
            }
            if let Ok(first) = &other
                && first.is_resource(bytes)
                && bytes.get(scan.at) == Some(&b'{')
            {
                return Ok(Split::new(Format::Sequence, sequence(bytes, limits)?));
            }
            Err(match other {
                Err(Fault::CutShort) => Error::CutShort,
                Ok(Document { resource_type: None, array: false, .. }) => Error::NotFhir { what: NO_TYPE },
                _ => Error::NotJson { at: scan.at },
            })
        }
    }
}

/// Lines as entries, if the file is NDJSON: more than one line, and one of the first is a resource by itself. A pretty
/// Bundle never has such a line, nor has one with an entry a line: its entries are no resources.
fn ndjson(bytes: &[u8], limits: &Limits) -> Result<Option<Vec<Slot>>> {
    let is_resource = |line: &&[u8]| {
        let mut scan = Scan { bytes: line, at: 0, limit: limits.depth };
        matches!(scan.document(limits.entries), Ok(Document { resource_type: Some(_), cut: false, .. }))
            && scan.at == line.trim_ascii_end().len()
    };
    let mut lines = bytes.split(|byte| *byte == b'\n').map(without_mark).filter(|line| !line.is_empty());
    if !lines.by_ref().take(16).any(|line| is_resource(&line)) {
        return Ok(None);
    }
    let mut slots = Vec::new();
    let mut start = 0;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let text = without_mark(line).trim_ascii_end();
        if !text.is_empty() {
            if slots.len() == limits.entries {
                return Err(Error::TooManyEntries { limit: limits.entries });
            }
            let from = start + (line.len() - without_mark(line).len());
            let mut scan = Scan { bytes: text, at: 0, limit: usize::MAX / HOPELESS };
            let depth = scan.value().unwrap_or_default();
            slots.push(Slot { resource: Some(from..from + text.len()), depth, line: number + 1, ..Slot::default() });
        }
        start += line.len() + 1;
    }
    Ok(Some(slots))
}

/// A line from its first letter on: files that were put together from several have a byte order mark in their midst.
fn without_mark(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_start();
    line.strip_prefix(b"\xEF\xBB\xBF").map_or(line, <[u8]>::trim_ascii_start)
}

/// Values one after another as entries. Where one breaks off making sense, the next is looked for at a line's start.
fn sequence(bytes: &[u8], limits: &Limits) -> Result<Vec<Slot>> {
    let mut slots = Vec::new();
    let mut scan = Scan { bytes, at: 0, limit: usize::MAX / HOPELESS };
    while scan.peek().is_ok() {
        if slots.len() == limits.entries {
            return Err(Error::TooManyEntries { limit: limits.entries });
        }
        let from = scan.at;
        let mut slot = Slot::default();
        match (scan.peek(), scan.value()) {
            (Ok(b'{'), Ok(depth)) => (slot.resource, slot.depth) = (Some(from..scan.at), depth),
            (_, Err(Fault::CutShort)) => slot.fault = Some(SkipReason::CutShort),
            _ => {
                slot.fault = Some(SkipReason::NotJson);
                let rest = bytes.get(scan.at..).unwrap_or_default();
                scan.at += rest.windows(2).position(|pair| pair == b"\n{").map_or(rest.len(), |at| at + 1);
            }
        }
        slots.push(slot);
    }
    Ok(slots)
}

/// The outermost value of a file.
#[derive(Debug, Default)]
struct Document {
    whole: Range<usize>,
    depth: usize,
    array: bool,
    resource_type: Option<Range<usize>>,
    bundle_type: Option<Range<usize>>,
    timestamp: Option<Range<usize>>,
    links: Option<Range<usize>>,
    total: Option<Range<usize>>,
    entries: Vec<Slot>,
    /// The file ends among the entries.
    cut: bool,
}

impl Document {
    fn is_resource(&self, bytes: &[u8]) -> bool {
        let name = self.resource_type.clone().and_then(|range| string(bytes, range));
        name.is_some_and(|name| super::is_type_name(&name))
    }

    /// The scan of it came to this end. Where the file is cut, the entries before are taken, if it said what it is.
    fn end(&mut self, scan: &mut Scan<'_>, whole: Result<(), Fault>) -> Result<(), Fault> {
        match whole {
            Err(Fault::CutShort) if !self.entries.is_empty() && (self.array || self.resource_type.is_some()) => {
                scan.at = scan.bytes.len();
                self.cut = true;
                self.entries.push(Slot { fault: Some(SkipReason::CutShort), ..Slot::default() });
                Ok(())
            }
            other => other,
        }
    }

    fn finish(self, bytes: &[u8], limits: &Limits) -> Result<Split> {
        let text = |range: Option<Range<usize>>| range.and_then(|range| string(bytes, range)).unwrap_or_default();
        if self.array {
            let slots = &self.entries;
            let items = slots.iter().filter_map(|slot| bytes.get(slot.resource.clone()?));
            if !slots.is_empty() && !items.clone().any(|item| item.windows(TYPE.len()).any(|window| window == TYPE)) {
                return Err(Error::NotFhir { what: NO_TYPE });
            }
            let found = if items.clone().any(|item| type_of(item).is_some()) {
                None
            } else {
                wrapped_in(bytes, self.whole.clone(), limits)?
            };
            return Ok(found.unwrap_or_else(|| Split::new(Format::Array, self.entries)));
        }
        let resource_type = text(self.resource_type);
        if !super::is_type_name(&resource_type) {
            return wrapped_in(bytes, self.whole, limits)?.ok_or(Error::NotFhir { what: NO_TYPE });
        }
        if resource_type == "Bundle" {
            let bundle_type = text(self.bundle_type);
            let bundle_type = if bundle_type.len() <= 32 { bundle_type } else { String::new() };
            let as_of = datetime::unix_seconds(&text(self.timestamp));
            let links: Vec<Value> = self.links.and_then(|range| json(bytes, range)).unwrap_or_default();
            let page = Page::of(&links, self.total.and_then(|range| json(bytes, range)));
            return Ok(Split { as_of, page, ..Split::new(Format::Bundle { bundle_type }, self.entries) });
        }
        if self.depth > limits.depth {
            return Err(Error::TooDeep { limit: limits.depth });
        }
        let slot = Slot { resource: Some(self.whole), depth: self.depth, ..Slot::default() };
        Ok(Split::new(Format::Resource { resource_type }, vec![slot]))
    }
}

/// The resources within JSON that is none; `None` where there are none.
fn wrapped_in(bytes: &[u8], whole: Range<usize>, limits: &Limits) -> Result<Option<Split>> {
    match wrapped::resources(bytes, whole, limits.entries) {
        Ok(found) => Ok((!found.is_empty()).then(|| Split::new(Format::Wrapped, found))),
        Err(Fault::TooMany) => Err(Error::TooManyEntries { limit: limits.entries }),
        // All of it was passed over before without one.
        Err(_) => Ok(None),
    }
}

/// Why a scan stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    CutShort,
    Unexpected,
    TooDeep,
    TooMany,
}

/// A member's name as it is compared: `"\u0065ntry"` is `"entry"`.
fn plain_name(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.contains(&b'\\') {
        return Cow::Borrowed(name);
    }
    let plain = serde_json::from_slice::<String>(name).map(|plain| format!("\"{plain}\"").into_bytes());
    plain.map_or(Cow::Borrowed(name), Cow::Owned)
}

#[derive(Debug)]
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    limit: usize,
}

impl Scan<'_> {
    fn document(&mut self, most_entries: usize) -> Result<Document, Fault> {
        let start = self.at;
        let mut document = Document::default();
        if self.peek()? == b'[' {
            document.array = true;
            let whole = self.elements(most_entries, &mut document.entries, |scan| {
                let from = scan.at;
                let depth = scan.value()?;
                Ok(Slot { resource: Some(from..scan.at), depth, ..Slot::default() })
            });
            document.end(self, whole)?;
        } else {
            let whole = self.object(|scan, name| {
                let from = scan.at;
                match (name, scan.peek()?) {
                    (b"\"entry\"", b'[') => scan.elements(most_entries, &mut document.entries, Scan::entry)?,
                    // Programs that make JSON out of XML write a single entry without its array.
                    (b"\"entry\"", b'{') => document.entries.push(scan.entry()?),
                    _ => document.depth = document.depth.max(scan.value()?),
                }
                match name {
                    b"\"resourceType\"" => document.resource_type = Some(from..scan.at),
                    b"\"type\"" => document.bundle_type = Some(from..scan.at),
                    b"\"timestamp\"" => document.timestamp = Some(from..scan.at),
                    b"\"link\"" => document.links = Some(from..scan.at),
                    b"\"total\"" => document.total = Some(from..scan.at),
                    _ => {}
                }
                Ok(())
            });
            document.end(self, whole)?;
        }
        document.depth += 1;
        document.whole = start..self.at;
        Ok(document)
    }

    /// One element of `Bundle.entry`.
    fn entry(&mut self) -> Result<Slot, Fault> {
        let start = self.at;
        let mut slot = Slot::default();
        if self.peek()? == b'{' {
            let (mut request, mut response) = (None, None);
            let parsed = self.object(|scan, name| {
                let from = scan.at;
                let depth = scan.value()?;
                match name {
                    b"\"resource\"" => (slot.resource, slot.depth) = (Some(from..scan.at), depth),
                    b"\"fullUrl\"" => slot.full_url = Some(from..scan.at),
                    b"\"request\"" => request = Some(from..scan.at),
                    b"\"response\"" => response = Some(from..scan.at),
                    _ => {}
                }
                Ok(())
            });
            if parsed != Err(Fault::Unexpected) {
                slot.told = history::Told::at(self.bytes, request, response);
                return parsed.map(|()| slot);
            }
            self.at = start;
        }
        self.value()?;
        Ok(Slot { fault: Some(SkipReason::NotJson), ..Slot::default() })
    }

    /// Adds the elements of an array, as far as they go.
    fn elements(
        &mut self,
        most: usize,
        found: &mut Vec<Slot>,
        mut each: impl FnMut(&mut Self) -> Result<Slot, Fault>,
    ) -> Result<(), Fault> {
        self.array(most.saturating_sub(found.len()), |scan| {
            found.push(each(scan)?);
            Ok(())
        })
        .map(drop)
    }

    /// Calls `each` at the start of every element; it must move past it. A comma after the last, which some programs
    /// write, is passed over.
    fn array<T>(&mut self, most: usize, mut each: impl FnMut(&mut Self) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        let mut found = Vec::new();
        self.expect(b'[')?;
        loop {
            if self.peek()? == b']' {
                self.at += 1;
                return Ok(found);
            }
            if found.len() == most {
                return Err(Fault::TooMany);
            }
            found.push(each(self)?);
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {}
                _ => return Err(Fault::Unexpected),
            }
        }
    }

    /// Calls `each` with the name, quotes and all, at the start of every member's value; it must move past it. A comma
    /// after the last is passed over.
    fn object(&mut self, mut each: impl FnMut(&mut Self, &[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
        self.expect(b'{')?;
        loop {
            match self.peek()? {
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                b'"' => {}
                _ => return Err(Fault::Unexpected),
            }
            let from = self.at;
            self.string()?;
            let bytes = self.bytes;
            let name = plain_name(bytes.get(from..self.at).unwrap_or_default());
            self.expect(b':')?;
            self.peek()?;
            each(self, &name)?;
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {}
                _ => return Err(Fault::Unexpected),
            }
        }
    }

    /// Moves past one value and answers how deep it is nested (a number: 0).
    fn value(&mut self) -> Result<usize, Fault> {
        match self.peek()? {
            b'"' => self.string().map(|()| 0),
            b'{' | b'[' => self.nested(),
            _ => {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let length =
                    rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
                let length = length.unwrap_or(rest.len());
                self.at += length;
                if length == 0 { Err(Fault::Unexpected) } else { Ok(0) }
            }
        }
    }

    /// Moves past an object or array by counting brackets outside strings.
    fn nested(&mut self) -> Result<usize, Fault> {
        let hopeless = self.limit.saturating_mul(HOPELESS);
        let (mut open, mut deepest) = (0_usize, 0);
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let step = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'));
            let Some(step) = step else {
                self.at = self.bytes.len();
                return Err(Fault::CutShort);
            };
            self.at += step;
            match rest.get(step) {
                Some(b'"') => self.string()?,
                Some(b'{' | b'[') => {
                    self.at += 1;
                    open += 1;
                    deepest = deepest.max(open);
                    if open > hopeless {
                        return Err(Fault::TooDeep);
                    }
                }
                _ => {
                    self.at += 1;
                    open -= 1;
                    if open == 0 {
                        return Ok(deepest);
                    }
                }
            }
        }
    }

    /// Moves past a string. JSON allows no line break in one, so a string with its closing quote lost ends with its
    /// line, and the entries after it are found again.
    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(step) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')) else {
                self.at = self.bytes.len();
                return Err(Fault::CutShort);
            };
            match rest.get(step) {
                Some(b'\\') => self.at += step + 2,
                Some(b'\n') => {
                    self.at += step;
                    return Ok(());
                }
                _ => {
                    self.at += step + 1;
                    return Ok(());
                }
            }
        }
    }

    /// The next byte that is not blank, which stays unread.
    fn peek(&mut self) -> Result<u8, Fault> {
        self.blank();
        self.bytes.get(self.at).copied().ok_or(Fault::CutShort)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Fault> {
        if self.peek()? != wanted {
            return Err(Fault::Unexpected);
        }
        self.at += 1;
        Ok(())
    }

    fn blank(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(rest.len());
    }
}
