//! Finds links in what was scanned, pasted or received: alone, behind a viewer's address, in the middle of a letter.

use crate::{Error, Result, percent_decoded};
use std::borrow::Cow;

const SCHEMES: [&str; 2] = ["shlink:/", "vhlink:/"];

/// The most lines over which a mail program may have broken a link.
const MAX_LINES: usize = 64;

/// The characters behind the first scheme in the text.
pub(super) fn first(text: &str) -> Result<Payload<'_>> {
    Payloads::new(text).next().ok_or(Error::NotALink)
}

/// The characters behind each scheme in a text.
pub(super) struct Payloads<'a> {
    rest: &'a str,
}

impl<'a> Payloads<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Payloads<'a> {
    type Item = Payload<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = SCHEMES.into_iter().filter_map(|scheme| position(self.rest, scheme)).min()?;
        let behind = self.rest.get(start + SCHEMES[0].len()..)?.trim_start_matches('/');
        // The next link starts behind this one, not behind the lines that may go on with it.
        self.rest = behind.get(payload_len(behind)..).unwrap_or_default();
        Some(Payload { behind })
    }
}

/// Everything that stands behind a scheme.
pub(super) struct Payload<'a> {
    behind: &'a str,
}

impl<'a> Payload<'a> {
    /// What may be the payload: to the first character that cannot be in one, and then, line by line, with what stands
    /// on the following lines: mail programs break long words.
    pub(super) fn candidates(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let first = self.behind.get(..payload_len(self.behind)).unwrap_or_default();
        let mut joined = first.to_owned();
        let mut rest = self.behind.get(first.len()..).unwrap_or_default();
        let longer = std::iter::from_fn(move || {
            rest = line_break(rest)?;
            let line = rest.get(..payload_len(rest)).filter(|line| !line.is_empty())?;
            rest = rest.get(line.len()..).unwrap_or_default();
            joined.push_str(line);
            Some(Cow::Owned(joined.clone()))
        });
        std::iter::once(Cow::Borrowed(first)).chain(longer.take(MAX_LINES))
    }
}

/// What stands behind one line break, without the marks that a reply puts before each line.
fn line_break(text: &str) -> Option<&str> {
    // RFC 2045, section 6.7: `=` at the end of a line breaks it softly. As padding it is part of the payload already.
    let behind = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n'))?;
    Some(behind.trim_start_matches([' ', '\t', '>']))
}

fn payload_len(text: &str) -> usize {
    let in_payload = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '=');
    text.find(|c| !in_payload(c)).unwrap_or(text.len())
}

/// Where a scheme stands, in letters of any case (RFC 3986, section 3.1; QR codes in capitals occur).
fn position(text: &str, scheme: &str) -> Option<usize> {
    text.as_bytes().windows(scheme.len()).position(|window| window.eq_ignore_ascii_case(scheme.as_bytes()))
}

/// The text with its percent-encoding undone, where a link stands in it that way: programs encode the part behind `#`.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    let encoded = ["shlink%3A", "vhlink%3A"].into_iter().any(|scheme| position(text, scheme).is_some());
    if !encoded {
        return Cow::Borrowed(text);
    }
    Cow::Owned(percent_decoded(text))
}
