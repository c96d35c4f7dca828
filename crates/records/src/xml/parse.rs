//! From text to the tree, forgiving: what quick-xml finds is put where it belongs, what it cannot read is stepped over.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

use quick_xml::{
    Reader,
    escape::resolve_html5_entity,
    events::{BytesStart, Event},
};

use super::{Attribute, Content, Document, Faults, Item, NONE, XmlLimits, names::Namespaces};

/// The longest name of an entity that is looked up; a longer one is text.
const ENTITY: usize = 32;

pub(super) fn parse<'a>(text: &'a str, limits: &XmlLimits) -> Option<Document<'a>> {
    let most = limits.bytes.min(u32::MAX as usize - 1);
    let too_large = text.len() > most;
    let text = text.get(..floor(text, most)).unwrap_or_default();
    let start = first_markup(text)?;
    let mut builder = Builder {
        text,
        limits: *limits,
        document: Document {
            nodes: Vec::new(),
            attributes: Vec::new(),
            namespaces: Vec::new(),
            faults: Faults {
                too_large,
                junk: !text.get(..start).unwrap_or_default().trim_matches(is_blank).is_empty(),
                ..Faults::default()
            },
        },
        names: Namespaces::new(),
        open: Vec::new(),
        ignored: 0,
        siblings: HashMap::new(),
        rooted: false,
    };
    builder.read(start);
    builder.finish()
}

/// The start of the first tag, declaration or comment.
fn first_markup(text: &str) -> Option<usize> {
    text.match_indices('<')
        .map(|(at, _)| at)
        .find(|at| text.as_bytes().get(at + 1).is_some_and(|next| starts_name(*next) || matches!(next, b'?' | b'!')))
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}

fn floor(text: &str, most: usize) -> usize {
    if text.len() <= most {
        return text.len();
    }
    (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

struct Builder<'a> {
    text: &'a str,
    limits: XmlLimits,
    document: Document<'a>,
    names: Namespaces<'a>,
    /// The open elements: each its place and its name with the prefix.
    open: Vec<(u32, &'a str)>,
    /// How many elements too deep to be kept are open.
    ignored: usize,
    /// For each parent and name: how many there are, and the first.
    siblings: HashMap<(u32, &'a str), (u32, u32)>,
    /// Whether the first root element has ended.
    rooted: bool,
}

impl<'a> Builder<'a> {
    fn read(&mut self, start: usize) {
        let mut base = start;
        // Text with bare `<` in it is gone over again from there; all of that together no more than twice its length.
        let mut again = self.text.len().saturating_mul(2);
        let mut reader = reader(self.text, base);
        loop {
            let at = base.saturating_add(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
            if self.document.nodes.len() + self.document.attributes.len() >= self.limits.nodes {
                self.document.faults.too_large = true;
                return;
            }
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(quick_xml::Error::IllFormed(_)) => {
                    self.document.faults.malformed += 1;
                    continue;
                }
                Err(_) => {
                    if !self.rooted || !self.open.is_empty() {
                        self.document.faults.cut_short_at.get_or_insert(at);
                    }
                    return;
                }
            };
            match event {
                Event::Start(tag) | Event::Empty(tag)
                    if !tag.name().as_ref().bytes().next().is_some_and(starts_name) =>
                {
                    self.document.faults.malformed += 1;
                    let end = base.saturating_add(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
                    let raw = self.text.get(at..end).unwrap_or_default();
                    let next = raw.char_indices().skip(1).find(|(_, letter)| *letter == '<').map(|(next, _)| next);
                    match next {
                        Some(next) if again >= raw.len() => {
                            again -= raw.len();
                            self.push_raw(at, at + next);
                            base = at + next;
                            reader = self::reader(self.text, base);
                        }
                        _ => self.push_raw(at, end),
                    }
                }
                Event::Start(tag) => self.start(&tag, false),
                Event::Empty(tag) => self.start(&tag, true),
                Event::End(tag) => self.end(tag.name().as_ref()),
                Event::Text(text) => self.push_text(&text, clean),
                Event::CData(text) => self.push_text(&text, clean),
                Event::GeneralRef(name) => self.reference(at, &name),
                Event::Eof => {
                    if !self.open.is_empty() {
                        self.document.faults.cut_short_at.get_or_insert(self.text.len());
                    }
                    return;
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) {
        if self.ignored > 0 || self.open.len() >= self.limits.depth {
            self.document.faults.too_deep += 1;
            self.ignored += usize::from(!empty);
            return;
        }
        let Some(name) = self.own(tag.name().as_ref()) else { return };
        let depth = self.open.len();
        let first = self.document.attributes.len();
        for attribute in tag.html_attributes().with_checks(false) {
            let Ok(attribute) = attribute else {
                self.document.faults.malformed += 1;
                continue;
            };
            let (Some(key), Some(value)) = (self.own(attribute.key.as_ref()), self.own(&attribute.value)) else {
                continue;
            };
            let (prefix, local) = split(key);
            let value = unescape(value);
            let declares = match (prefix, local) {
                ("", "xmlns") => Some(""),
                ("xmlns", prefix) => Some(prefix),
                _ => None,
            };
            if let Some(prefix) = declares {
                self.document.faults.malformed += usize::from(!self.names.declare(prefix, value, depth));
            } else if self.document.nodes.len() + self.document.attributes.len() < self.limits.nodes {
                self.document.attributes.push(Attribute { prefix, local, namespace: 0, value });
            }
        }
        for attribute in self.document.attributes.iter_mut().skip(first) {
            if !attribute.prefix.is_empty() {
                attribute.namespace = self.names.resolve(attribute.prefix);
            }
        }
        let (prefix, local) = split(name);
        let namespace = self.names.resolve(prefix);
        let place = self.document.nodes.len() as u32;
        let parent = self.open.last().map_or(NONE, |(at, _)| *at);
        let (ordinal, twin) = self.ordinal(parent, local, place);
        let attributes = first as u32..self.document.attributes.len() as u32;
        let content = Content::Element { prefix, local, namespace, attributes, ordinal, twin };
        self.document.nodes.push(Item { parent, end: place + 1, content });
        if parent == NONE {
            self.document.faults.junk |= self.rooted;
        }
        if empty {
            self.names.leave(depth);
            self.rooted |= parent == NONE;
        } else {
            self.open.push((place, name));
        }
    }

    fn ordinal(&mut self, parent: u32, local: &'a str, place: u32) -> (u32, bool) {
        match self.siblings.entry((parent, local)) {
            Entry::Vacant(vacant) => {
                vacant.insert((1, place));
                (1, false)
            }
            Entry::Occupied(mut occupied) => {
                let (count, first) = occupied.get_mut();
                *count += 1;
                let (count, first) = (*count, *first);
                if let Some(Item { content: Content::Element { twin, .. }, .. }) =
                    self.document.nodes.get_mut(first as usize)
                {
                    *twin = true;
                }
                (count, true)
            }
        }
    }

    /// Closes the innermost open element of this name and those in it; an end that nothing began is stepped over.
    fn end(&mut self, name: &str) {
        if self.ignored > 0 {
            self.ignored -= 1;
            return;
        }
        let name = name.trim_ascii();
        let Some(at) = self.open.iter().rposition(|(_, open)| *open == name) else {
            self.document.faults.malformed += 1;
            return;
        };
        self.document.faults.malformed += self.open.len() - at - 1;
        self.close(at);
    }

    /// Closes all open elements from this depth on.
    fn close(&mut self, depth: usize) {
        let end = self.document.nodes.len() as u32;
        for (place, _) in self.open.drain(depth..) {
            if let Some(item) = self.document.nodes.get_mut(place as usize) {
                item.end = end;
            }
        }
        self.names.leave(depth);
        self.rooted |= depth == 0;
    }

    fn reference(&mut self, at: usize, name: &str) {
        if let Some(text) = resolve(name) {
            self.push(text);
        } else if let Some(raw) = self.text.get(at..at + name.len() + 2) {
            self.push(clean(raw));
        }
    }

    fn push_raw(&mut self, from: usize, to: usize) {
        if let Some(raw) = self.text.get(from..to) {
            self.push(unescape(raw));
        }
    }

    fn push_text(&mut self, text: &str, read: fn(&'a str) -> Cow<'a, str>) {
        if let Some(text) = self.own(text) {
            self.push(read(text));
        }
    }

    /// Adds text to the open element, joined to text before it.
    fn push(&mut self, text: Cow<'a, str>) {
        if text.is_empty() || self.ignored > 0 {
            return;
        }
        let Some((parent, _)) = self.open.last().copied() else {
            self.document.faults.junk |= !text.trim().is_empty();
            return;
        };
        let place = self.document.nodes.len() as u32;
        if let Some(Item { parent: before, content: Content::Text(already), .. }) = self.document.nodes.last_mut()
            && *before == parent
        {
            already.to_mut().push_str(&text);
            return;
        }
        self.document.nodes.push(Item { parent, end: place + 1, content: Content::Text(text) });
    }

    /// The same piece of text, borrowed from the document and not from an event.
    fn own(&self, part: &str) -> Option<&'a str> {
        let at = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        self.text.get(at..at.checked_add(part.len())?).filter(|own| *own == part)
    }

    fn finish(mut self) -> Option<Document<'a>> {
        self.close(0);
        self.document.namespaces = self.names.into_uris();
        let has_element = self.document.nodes.iter().any(|item| matches!(item.content, Content::Element { .. }));
        has_element.then_some(self.document)
    }
}

fn reader(text: &str, from: usize) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text.get(from..).unwrap_or_default());
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    reader
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// What an entity stands for: characters by number and the names of XML and HTML. `None` for any other, which stays as
/// it was written.
fn resolve(name: &str) -> Option<Cow<'static, str>> {
    let Some(number) = name.strip_prefix('#') else {
        return if name.len() <= ENTITY { resolve_html5_entity(name).map(Cow::Borrowed) } else { None };
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    let letter = char::from_u32(code.ok()?)?;
    Some(if is_stray(letter) { Cow::Borrowed("") } else { Cow::Owned(letter.to_string()) })
}

/// An attribute's value with its entities resolved; a bare ampersand is one.
fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return clean(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut parts = raw.split('&');
    out.push_str(&clean(parts.next().unwrap_or_default()));
    for part in parts {
        let name = part.split_once(';').filter(|(name, _)| name.len() <= ENTITY);
        if let Some((name, rest)) = name
            && let Some(text) = resolve(name)
        {
            out.push_str(&text);
            out.push_str(&clean(rest));
        } else {
            out.push('&');
            out.push_str(&clean(part));
        }
    }
    Cow::Owned(out)
}

/// Characters that XML does not allow and programs write.
fn is_stray(letter: char) -> bool {
    matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}')
}

fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_stray) {
        return Cow::Owned(text.chars().filter(|letter| !is_stray(*letter)).collect());
    }
    Cow::Borrowed(text)
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter == '\u{feff}'
}
