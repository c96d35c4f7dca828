//! A small tree of an XML document that people's programs wrote, not always well.
//!
//! [`decode`] brings the bytes to text, [`Document::parse`] the text to a tree. The tree is an arena in document order,
//! so neither building nor walking nor dropping it recurses, and all of it takes linear time. What is wrong with a
//! document is noted in [`Faults`] and what could be read is there: the caller decides. A DTD is skipped and nothing of
//! it is ever expanded, so an entity that it declares stays as written (`&name;`).

mod decode;
mod names;
mod parse;
mod root;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt::Write as _, ops::Range};

pub(crate) use decode::{decode, is_misdeclared};
pub(crate) use root::root_tag;

/// `xsi:`
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// The namespace of the `xml:` prefix.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// What a document may cost; each is checked before memory is spent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct XmlLimits {
    /// Levels of nested elements. What lies deeper is left out ([`Faults::too_deep`]).
    pub(crate) depth: usize,
    /// Elements, pieces of text and attributes together, of about 100 bytes each. Reading stops there
    /// ([`Faults::too_large`]).
    pub(crate) nodes: usize,
    /// Bytes of the decoded document. Reading stops there ([`Faults::too_large`]).
    pub(crate) bytes: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        XmlLimits { depth: 100, nodes: 2_000_000, bytes: 256 << 20 }
    }
}

/// What was wrong with a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The end of the text came before the end of the root element, or markup made no more sense from there on: the
    /// byte offset in the decoded text.
    pub(crate) cut_short_at: Option<usize>,
    /// How many tags were not closed by their own name, and attributes that could not be read.
    pub(crate) malformed: usize,
    /// Text or elements stand before or after the root element.
    pub(crate) junk: bool,
    /// Elements nested too deep, which were left out.
    pub(crate) too_deep: usize,
    /// The document has more nodes or bytes than the limit; what comes after was left out.
    pub(crate) too_large: bool,
}

/// A document in memory, borrowing from its text.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    nodes: Vec<Item<'a>>,
    attributes: Vec<Attribute<'a>>,
    /// Namespace URIs; the first is the empty one.
    namespaces: Vec<Cow<'a, str>>,
    faults: Faults,
}

/// One node; `nodes[at + 1..end]` are its descendants.
#[derive(Debug)]
struct Item<'a> {
    parent: u32,
    end: u32,
    content: Content<'a>,
}

#[derive(Debug)]
enum Content<'a> {
    Element {
        prefix: &'a str,
        local: &'a str,
        namespace: u32,
        attributes: Range<u32>,
        /// Which of its name among its siblings, from 1.
        ordinal: u32,
        /// Whether there is another of its name.
        twin: bool,
    },
    Text(Cow<'a, str>),
}

#[derive(Debug)]
struct Attribute<'a> {
    prefix: &'a str,
    local: &'a str,
    namespace: u32,
    value: Cow<'a, str>,
}

/// An element of a [`Document`]. Copied freely.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'d> {
    document: &'d Document<'d>,
    at: u32,
}

/// What stands inside an element.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Child<'d> {
    /// An element.
    Element(Node<'d>),
    /// Text, entities resolved, white space as written.
    Text(&'d str),
}

/// One step of a walk through everything below an element, in document order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'d> {
    /// An element begins.
    Open(Node<'d>),
    /// Text.
    Text(&'d str),
    /// An element ends.
    Close(Node<'d>),
}

impl<'a> Document<'a> {
    /// Reads a document; `None` where there is no element in it.
    pub(crate) fn parse(text: &'a str, limits: &XmlLimits) -> Option<Document<'a>> {
        parse::parse(text, limits)
    }

    /// The first element.
    pub(crate) fn root(&self) -> Option<Node<'_>> {
        self.roots().next()
    }

    /// The elements at the top: one in a well-formed document.
    pub(crate) fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        let whole = Siblings { document: self, at: 0, end: self.nodes.len() as u32 };
        whole.filter_map(Child::element)
    }

    /// What was wrong with it.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    fn item(&self, at: u32) -> Option<&Item<'_>> {
        self.nodes.get(at as usize)
    }

    fn namespace(&self, at: u32) -> &str {
        self.namespaces.get(at as usize).map_or("", |uri| uri.as_ref())
    }
}

impl<'d> Child<'d> {
    /// The element, if it is one.
    pub(crate) fn element(self) -> Option<Node<'d>> {
        match self {
            Child::Element(node) => Some(node),
            Child::Text(_) => None,
        }
    }
}

impl<'d> Node<'d> {
    /// The name without its prefix.
    pub(crate) fn name(self) -> &'d str {
        match self.content() {
            Some(Content::Element { local, .. }) => local,
            _ => "",
        }
    }

    /// The namespace's URI; empty where it has none or its prefix was not declared.
    pub(crate) fn namespace(self) -> &'d str {
        match self.content() {
            Some(Content::Element { namespace, .. }) => self.document.namespace(*namespace),
            _ => "",
        }
    }

    /// The value of the attribute of this name without a prefix.
    pub(crate) fn attribute(self, name: &str) -> Option<&'d str> {
        let found = self.items().iter().find(|attribute| attribute.prefix.is_empty() && attribute.local == name)?;
        Some(&found.value)
    }

    /// The value of an attribute in a namespace, e.g. `xsi:type`.
    pub(crate) fn attribute_in(self, namespace: &str, name: &str) -> Option<&'d str> {
        let mut found = self.items().iter().filter(|attribute| attribute.local == name);
        let found = found.find(|attribute| {
            !attribute.prefix.is_empty() && self.document.namespace(attribute.namespace) == namespace
        })?;
        Some(&found.value)
    }

    /// All attributes but namespace declarations: prefix, name, value.
    pub(crate) fn attributes(self) -> impl Iterator<Item = (&'d str, &'d str, &'d str)> {
        self.items().iter().map(|attribute| (attribute.prefix, attribute.local, attribute.value.as_ref()))
    }

    /// The element it stands in.
    pub(crate) fn parent(self) -> Option<Node<'d>> {
        let parent = self.item()?.parent;
        (parent != NONE).then_some(Node { document: self.document, at: parent })
    }

    /// Elements and texts in it, in order.
    pub(crate) fn content_nodes(self) -> impl Iterator<Item = Child<'d>> {
        let end = self.item().map_or(0, |item| item.end);
        Siblings { document: self.document, at: self.at + 1, end }
    }

    /// The elements in it.
    pub(crate) fn children(self) -> impl Iterator<Item = Node<'d>> {
        self.content_nodes().filter_map(Child::element)
    }

    /// The first element of this name in it, whatever its namespace.
    pub(crate) fn child(self, name: &str) -> Option<Node<'d>> {
        self.children().find(|child| child.name() == name)
    }

    /// The elements of this name in it.
    pub(crate) fn all(self, name: &str) -> impl Iterator<Item = Node<'d>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The element itself and everything below it, in document order.
    pub(crate) fn walk(self) -> Walk<'d> {
        let end = self.item().map_or(0, |item| item.end);
        Walk { document: self.document, at: self.at, end, open: Vec::new() }
    }

    /// It and the elements below it, in document order.
    pub(crate) fn descendants(self) -> impl Iterator<Item = Node<'d>> {
        let end = self.item().map_or(0, |item| item.end);
        let document = self.document;
        (self.at..end).map(move |at| Node { document, at }).filter(|node| node.is_element())
    }

    /// All text in it, as written.
    pub(crate) fn text(self) -> Cow<'d, str> {
        let end = self.item().map_or(0, |item| item.end);
        let mut texts = (self.at + 1..end).filter_map(|at| match &self.document.item(at)?.content {
            Content::Text(text) => Some(text.as_ref()),
            Content::Element { .. } => None,
        });
        let Some(first) = texts.next() else { return Cow::Borrowed("") };
        let Some(second) = texts.next() else { return Cow::Borrowed(first) };
        let mut out = String::from(first);
        out.push_str(second);
        texts.for_each(|text| out.push_str(text));
        Cow::Owned(out)
    }

    /// A number that no other node of the document has; grows in document order.
    pub(crate) fn id(self) -> usize {
        self.at as usize
    }

    /// Where it stands: `/ClinicalDocument/component/structuredBody/component[2]/section`. A step has a number where
    /// there are several of its name. Prefixes other than `sdtc:` are left out.
    pub(crate) fn path(self) -> String {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(node) = at {
            steps.push(node);
            at = node.parent();
        }
        let mut out = String::new();
        for node in steps.iter().rev() {
            let Some(Content::Element { local, ordinal, twin, prefix, .. }) = node.content() else { continue };
            let prefix = if *prefix == "sdtc" { "sdtc:" } else { "" };
            let _ = write!(out, "/{prefix}{local}");
            if *twin {
                let _ = write!(out, "[{ordinal}]");
            }
        }
        out
    }

    fn is_element(self) -> bool {
        matches!(self.content(), Some(Content::Element { .. }))
    }

    fn item(self) -> Option<&'d Item<'d>> {
        self.document.nodes.get(self.at as usize)
    }

    fn content(self) -> Option<&'d Content<'d>> {
        self.item().map(|item| &item.content)
    }

    fn items(self) -> &'d [Attribute<'d>] {
        match self.content() {
            Some(Content::Element { attributes, .. }) => {
                self.document.attributes.get(attributes.start as usize..attributes.end as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }
}

/// The parent of an element at the top.
const NONE: u32 = u32::MAX;

struct Siblings<'d> {
    document: &'d Document<'d>,
    at: u32,
    end: u32,
}

impl<'d> Iterator for Siblings<'d> {
    type Item = Child<'d>;

    fn next(&mut self) -> Option<Child<'d>> {
        if self.at >= self.end {
            return None;
        }
        let item = self.document.item(self.at)?;
        let node = Node { document: self.document, at: self.at };
        self.at = item.end.max(self.at + 1);
        Some(match &item.content {
            Content::Element { .. } => Child::Element(node),
            Content::Text(text) => Child::Text(text),
        })
    }
}

/// The walk of [`Node::walk`].
pub(crate) struct Walk<'d> {
    document: &'d Document<'d>,
    at: u32,
    end: u32,
    /// Elements that are open and where each ends.
    open: Vec<(Node<'d>, u32)>,
}

impl<'d> Walk<'d> {
    /// Goes past what is in the element that was opened last, to its end.
    pub(crate) fn step_over(&mut self) {
        if let Some((_, end)) = self.open.last() {
            self.at = *end;
        }
    }
}

impl<'d> Iterator for Walk<'d> {
    type Item = Step<'d>;

    fn next(&mut self) -> Option<Step<'d>> {
        if let Some((node, end)) = self.open.last()
            && self.at >= *end
        {
            let node = *node;
            self.open.pop();
            return Some(Step::Close(node));
        }
        if self.at >= self.end {
            return None;
        }
        let item = self.document.item(self.at)?;
        let node = Node { document: self.document, at: self.at };
        self.at += 1;
        Some(match &item.content {
            Content::Element { .. } => {
                self.open.push((node, item.end));
                Step::Open(node)
            }
            Content::Text(text) => Step::Text(text),
        })
    }
}
