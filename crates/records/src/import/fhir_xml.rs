//! FHIR in XML to FHIR in JSON, entry by entry (<https://hl7.org/fhir/R4/xml.html>, <https://hl7.org/fhir/R4/json.html>).
//!
//! What comes out is the JSON of each resource, one after another, and the places of its entries: the core for JSON in
//! memory reads on from there. Numbers keep their text and narratives their bytes; elements that R4 does not have are
//! kept as they are guessed to be, and a file in DSTU2 or STU3 is read by the elements of that and said in R4. Nothing is
//! expanded but the five entities of XML and character references.

mod build;
mod elements;

use std::ops::Range;

use quick_xml::{Reader, events::Event};
use serde_json::Value;

use super::{
    Format, Import, Limits, SkipReason, older,
    split::{self, Page, Slot, Split, history::Told},
};
use crate::{Error, Result, datetime, older::Version};
use build::Builder;
use elements::Table;

/// A file of XML turned to JSON: what [`FhirXml::import`] borrows from.
#[derive(Debug)]
pub(super) struct FhirXml {
    json: Vec<u8>,
    split: Split,
    /// The version of a file of which something was converted.
    older: Option<Version>,
}

impl FhirXml {
    /// The version before R4 of a file of which something was converted.
    pub(super) fn older(&self) -> Option<Version> {
        self.older
    }

    /// Its entries, not yet read.
    ///
    /// # Errors
    /// More entries than the limit.
    pub(super) fn import(&self, limits: &Limits) -> Result<Import<'_>> {
        Import::of_split(&self.json, self.split.clone(), limits)
    }
}

/// Reads a file; one in a version before R4 is converted where R4 can say it.
///
/// # Errors
/// The file as a whole is no use: not XML, not FHIR, cut short, too deep, too large, too many entries. Within a Bundle
/// what is wrong with an entry costs the entry.
pub(super) fn read(text: &str, limits: &Limits) -> Result<FhirXml> {
    let read = read_by(Table::r4(), text, limits)?;
    let Some(version) = older::version(&read.json, &read.split) else { return Ok(read) };
    let mut read = read_by(Table::of(version), text, limits)?;
    read.older = older::to_r4(version, &mut read.json, &mut read.split, limits).then_some(version);
    Ok(read)
}

fn read_by(table: &'static Table, text: &str, limits: &Limits) -> Result<FhirXml> {
    let split = Split::new(Format::XmlBundle { bundle_type: String::new() }, Vec::new());
    let out = FhirXml { json: Vec::new(), split, older: None };
    let mut reading = Reading { table, text, limits, at: 0, total: None, out };
    reading.document()?;
    Ok(reading.out)
}

struct Reading<'a> {
    table: &'static Table,
    text: &'a str,
    limits: &'a Limits,
    /// Where the reader's own text begins in the whole.
    at: usize,
    /// `Bundle.total`.
    total: Option<u64>,
    out: FhirXml,
}

/// Why an element could not be read.
enum Fault {
    /// XML that makes no sense from there on; the place in the whole text.
    Xml(usize),
    /// The end is missing.
    CutShort,
    /// The whole file is refused.
    Whole(Error),
}

impl<'a> Reading<'a> {
    fn reader(&self) -> Reader<&'a [u8]> {
        let mut reader = Reader::from_str(self.text.get(self.at..).unwrap_or_default());
        reader.config_mut().expand_empty_elements = true;
        // After an entry that made no sense the rest is read without its beginning.
        reader.config_mut().allow_unmatched_ends = self.at > 0;
        reader
    }

    /// The roots one after the other: programs that save each record as XML put several into one file.
    fn document(&mut self) -> Result<()> {
        let mut reader = self.reader();
        let mut roots = 0;
        loop {
            let root = match reader.read_event() {
                Ok(Event::Start(start)) => start,
                Ok(Event::Eof) if roots > 0 => return Ok(()),
                Ok(Event::Eof) => return Err(Error::CutShort),
                Ok(_) => continue,
                // Nothing more can be told apart behind it.
                Err(_) if roots > 0 => return self.entry(Err(SkipReason::NotXml)),
                Err(_) => return Err(Error::NotXml { at: place(&reader) }),
            };
            let name = root.local_name().into_inner().to_owned();
            if !super::is_type_name(&name) {
                if roots > 0 {
                    self.out.split.format = Format::Sequence;
                    return self.entry(Err(SkipReason::NoResourceType));
                }
                return Err(Error::NotFhir { what: "XML, but without the name of a kind of FHIR record" });
            }
            roots += 1;
            let is_bundle = name == "Bundle";
            if roots == 1 && !is_bundle {
                self.out.split.format = Format::XmlResource { resource_type: name.clone() };
            } else if roots > 1 && !(is_bundle && matches!(self.out.split.format, Format::XmlBundle { .. })) {
                self.out.split.format = Format::Sequence;
            }
            if self.out.split.slots.len() >= self.limits.entries {
                return Err(Error::TooManyEntries { limit: self.limits.entries });
            }
            if is_bundle {
                match self.bundle(reader)? {
                    Some(rest) => reader = rest,
                    None => return Ok(()),
                }
                continue;
            }
            let mut builder = Builder::resource(self.table, &name, &root, self.limits);
            let fault = match self.fill(&mut reader, &mut builder) {
                Ok(()) => None,
                Err(Fault::Whole(error)) => return Err(error),
                Err(Fault::Xml(at)) => Some((Error::NotXml { at }, SkipReason::NotXml)),
                Err(Fault::CutShort) => Some((Error::CutShort, SkipReason::CutShort)),
            };
            match fault {
                Some((error, _)) if roots == 1 => return Err(error),
                Some((_, reason)) => return self.entry(Err(reason)),
                None => {}
            }
            let slot = match builder.finish() {
                Ok(resource) => self.slot(&resource)?,
                Err(SkipReason::TooDeep { limit }) if roots == 1 => return Err(Error::TooDeep { limit }),
                Err(reason) => Slot { fault: Some(reason), ..Slot::default() },
            };
            self.out.split.slots.push(slot);
        }
    }

    /// What stands in the Bundle's own element. An entry that makes no sense ends where the next begins. Gives what comes
    /// behind it, if that can be found.
    fn bundle(&mut self, mut reader: Reader<&'a [u8]>) -> Result<Option<Reader<&'a [u8]>>> {
        let before_it = self.out.split.slots.len();
        loop {
            let before = self.at + place(&reader);
            match reader.read_event() {
                Ok(Event::Start(start)) => {
                    let name = start.local_name().into_inner().to_owned();
                    let is_entry = name == "entry";
                    if is_entry && self.out.split.slots.len() >= self.limits.entries {
                        return Err(Error::TooManyEntries { limit: self.limits.entries });
                    }
                    let mut builder = Builder::element(self.table, ("Bundle", &name), &start, self.limits);
                    match self.fill(&mut reader, &mut builder) {
                        Ok(()) if is_entry => self.entry(builder.finish())?,
                        Ok(()) => self.member(&name, builder.finish()),
                        Err(Fault::Whole(error)) => return Err(error),
                        Err(Fault::CutShort) => return self.cut_short(before_it),
                        Err(Fault::Xml(at)) => match self.next_entry(at.max(before + 1)) {
                            Some(next) => {
                                self.entry(Err(SkipReason::NotXml))?;
                                self.at = next;
                                reader = self.reader();
                            }
                            None if self.has_end() => {
                                self.entry(Err(SkipReason::NotXml))?;
                                return Ok(None);
                            }
                            None => return self.cut_short(before_it),
                        },
                    }
                }
                Ok(Event::End(_)) => return Ok(Some(reader)),
                Ok(Event::Eof) => return self.cut_short(before_it),
                Ok(_) => {}
                Err(_) => match self.next_entry(before + 1) {
                    Some(next) => {
                        self.at = next;
                        reader = self.reader();
                    }
                    None => return Err(Error::NotXml { at: before }),
                },
            }
        }
    }

    /// The file ends within a Bundle: what came before is taken, where there is any.
    fn cut_short<T>(&mut self, before: usize) -> Result<Option<T>> {
        if self.out.split.slots.len() == before {
            return Err(Error::CutShort);
        }
        self.entry(Err(SkipReason::CutShort))?;
        Ok(None)
    }

    /// Reads to the end of the element whose start was read last.
    fn fill(&self, reader: &mut Reader<&'a [u8]>, builder: &mut Builder) -> Result<(), Fault> {
        let hopeless = self.limits.depth.saturating_mul(10);
        while builder.depth() > 0 {
            let before = self.at + place(reader);
            match reader.read_event() {
                Ok(Event::Start(start)) => {
                    if builder.depth() > hopeless {
                        return Err(Fault::Whole(Error::TooDeep { limit: self.limits.depth }));
                    }
                    if builder.wants_text(&start) {
                        let range = self.verbatim(reader, before, hopeless)?;
                        builder.text(&start, self.text.get(range).unwrap_or_default());
                    } else {
                        builder.start(&start);
                    }
                }
                Ok(Event::End(_)) => builder.end(),
                Ok(Event::Eof) => return Err(Fault::CutShort),
                Ok(_) => {}
                Err(_) => return Err(Fault::Xml(self.at + usize::try_from(reader.error_position()).unwrap_or(before))),
            }
        }
        Ok(())
    }

    /// Where the element lies whose start was read last: from before its start to after its end.
    fn verbatim(&self, reader: &mut Reader<&'a [u8]>, from: usize, hopeless: usize) -> Result<Range<usize>, Fault> {
        let mut depth = 1_usize;
        while depth > 0 {
            match reader.read_event() {
                Ok(Event::Start(_)) => depth += 1,
                Ok(Event::End(_)) => depth -= 1,
                Ok(Event::Eof) => return Err(Fault::CutShort),
                Ok(_) => {}
                Err(_) => return Err(Fault::Xml(self.at + place(reader))),
            }
            if depth > hopeless {
                return Err(Fault::Whole(Error::TooDeep { limit: self.limits.depth }));
            }
        }
        Ok(from..self.at + place(reader))
    }

    /// Enters an entry of the Bundle.
    fn entry(&mut self, entry: Result<Value, SkipReason>) -> Result<()> {
        let mut slot = Slot::default();
        match entry {
            Err(reason) => slot.fault = Some(reason),
            Ok(entry) => {
                if let Some(resource) = entry.get("resource") {
                    slot = self.slot(resource)?;
                }
                if let Some(url @ Value::String(_)) = entry.get("fullUrl") {
                    slot.full_url = Some(self.write(url)?);
                }
                slot.told = Told::of(entry.get("request"), entry.get("response"));
            }
        }
        self.out.split.slots.push(slot);
        Ok(())
    }

    /// Enters what the Bundle says of itself.
    fn member(&mut self, name: &str, value: Result<Value, SkipReason>) {
        match (name, value) {
            ("type", Ok(Value::String(text))) if text.len() <= 32 => {
                self.out.split.format = Format::XmlBundle { bundle_type: text };
            }
            ("timestamp", Ok(Value::String(text))) => self.out.split.as_of = datetime::unix_seconds(&text),
            // R4 has `total` before `link`.
            ("total", Ok(total)) => self.total = total.as_u64().or_else(|| total.as_str()?.parse().ok()),
            ("link", Ok(link)) => self.out.split.page = self.out.split.page.or(Page::of(&[link], self.total)),
            _ => {}
        }
    }

    fn slot(&mut self, resource: &Value) -> Result<Slot> {
        let range = self.write(resource)?;
        let depth = split::depth_of(self.out.json.get(range.clone()).unwrap_or_default());
        Ok(Slot { resource: Some(range), depth, ..Slot::default() })
    }

    fn write(&mut self, value: &Value) -> Result<Range<usize>> {
        let from = self.out.json.len();
        serde_json::to_writer(&mut self.out.json, value).map_err(std::io::Error::from)?;
        let limit = self.limits.inflated_bytes;
        if self.out.json.len() as u64 > limit {
            return Err(Error::TooLarge { limit_mib: limit >> 20 });
        }
        Ok(from..self.out.json.len())
    }

    /// Where the next `<entry>` begins.
    fn next_entry(&self, from: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        loop {
            at += bytes.get(at..)?.iter().position(|byte| *byte == b'<')?;
            let tag = bytes.get(at + 1..)?;
            let end = tag.iter().take(64).position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
            let name = tag.get(..end.unwrap_or_default()).unwrap_or_default();
            if name.rsplit(|byte| *byte == b':').next() == Some(b"entry") {
                return Some(at);
            }
            at += 1;
        }
    }

    /// Whether the text ends with the end of the Bundle.
    fn has_end(&self) -> bool {
        let tail = self.text.trim_end().strip_suffix('>').unwrap_or_default();
        tail.ends_with("Bundle") && tail.rfind("</").is_some_and(|at| tail.len() - at < 64)
    }
}

fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
