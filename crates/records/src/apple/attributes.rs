//! The attributes of an element, as they stand in the event's buffer.

use std::borrow::Cow;

use quick_xml::events::BytesStart;

/// What the elements of samples say; empty where they do not.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sample<'x> {
    pub(super) kind: &'x str,
    pub(super) source: &'x str,
    pub(super) device: &'x str,
    pub(super) unit: &'x str,
    pub(super) value: &'x str,
    pub(super) start: &'x str,
    pub(super) end: &'x str,
}

impl<'x> Sample<'x> {
    /// Of a `Record`, `Correlation` or `Audiogram`. The scan knows what quick-xml has made sure of: that quotes are closed.
    pub(super) fn read(element: &'x BytesStart<'_>) -> Sample<'x> {
        let mut sample = Sample::default();
        for (name, value) in Scan::new(element) {
            match name {
                "type" => sample.kind = value,
                "sourceName" => sample.source = value,
                "device" => sample.device = value,
                "unit" => sample.unit = value,
                "value" => sample.value = value,
                "startDate" => sample.start = value,
                "endDate" => sample.end = value,
                _ => {}
            }
        }
        sample
    }
}

/// One attribute of an element, without references resolved.
pub(super) fn attribute<'x>(element: &'x BytesStart<'_>, name: &str) -> Option<&'x str> {
    Scan::new(element).find_map(|(key, value)| (key == name).then_some(value))
}

/// Names and values in a tag, in order: `name="value"`, with any white space, in either kind of quotes. What is not of
/// this shape ends the scan.
struct Scan<'x> {
    rest: &'x str,
}

impl<'x> Scan<'x> {
    fn new(element: &'x BytesStart<'_>) -> Self {
        let all: &'x str = element;
        Scan { rest: all.get(element.name().as_ref().len()..).unwrap_or_default() }
    }
}

impl<'x> Iterator for Scan<'x> {
    type Item = (&'x str, &'x str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_ascii_start();
        let equals = rest.as_bytes().iter().position(|byte| *byte == b'=')?;
        let (name, rest) = rest.split_at_checked(equals)?;
        let rest = rest.get(1..)?.trim_ascii_start();
        let quote = *rest.as_bytes().first()?;
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let rest = rest.get(1..)?;
        let end = rest.as_bytes().iter().position(|byte| *byte == quote)?;
        let (value, rest) = rest.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        Some((name.trim_ascii_end(), value))
    }
}

/// A value with XML's own references and those by number resolved; others stay as they are written.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    quick_xml::escape::unescape(raw).unwrap_or(Cow::Borrowed(raw))
}
