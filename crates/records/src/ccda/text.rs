//! Narrative blocks: to plain text, to the safe XHTML that FHIR allows, and by the `ID`s that entries point to.

use std::collections::HashMap;

use crate::{
    index::clip,
    xml::{Node, Step, Walk},
};

/// The most bytes of a text that an entry points to; the whole of it stays in its section.
pub(super) const PHRASE: usize = 4096;
/// The most nodes of the narrative that an entry takes for its own, and the most bytes of text: many entries may point to one
/// paragraph, and each would have it.
const OWN_NARRATIVE: usize = 400;
const OWN_NARRATIVE_BYTES: usize = 16 << 10;

/// The elements of the narratives by their `ID`.
#[derive(Debug, Default)]
pub(super) struct Texts<'d> {
    by_id: HashMap<&'d str, Node<'d>>,
}

impl<'d> Texts<'d> {
    /// Finds every `ID` in the document.
    pub(super) fn of(root: Node<'d>) -> Texts<'d> {
        let mut by_id = HashMap::new();
        for node in root.descendants() {
            if let Some(id) = node.attribute("ID") {
                by_id.entry(id).or_insert(node);
            }
        }
        Texts { by_id }
    }

    /// What an ED or ST says in plain words: its own, then those it refers to. At most [`PHRASE`] bytes.
    pub(super) fn words(&self, node: Node<'d>) -> Option<String> {
        let own = plain(node, PHRASE);
        let referred = self.target(node).map(|target| plain(target, PHRASE)).unwrap_or_default();
        let words = match (own.is_empty(), referred.is_empty()) {
            (true, true) => return None,
            (false, true) => own,
            (true, false) => referred,
            (false, false) if own.contains(&referred) => own,
            (false, false) => format!("{own} {referred}"),
        };
        Some(words)
    }

    /// The narrative of an entry's `text`, as a `div`: of a row its table and head too, so that it can be read alone.
    /// `None` where it has none, or so much that it stays in its section only.
    pub(super) fn div(&self, text: Node<'d>) -> Option<String> {
        let target = self.target(text).unwrap_or(text);
        if !is_short(target) {
            return None;
        }
        let mut out = Xhtml::new();
        match target.name() {
            "tr" => {
                out.raw("<table>");
                if let Some(head) = table_head(target) {
                    out.walk(head.walk());
                }
                out.raw("<tbody>");
                out.walk(target.walk());
                out.raw("</tbody></table>");
            }
            "td" | "th" | "item" | "text" | "caption" => out.inner(target),
            "thead" | "tbody" | "tfoot" => {
                out.raw("<table>");
                out.walk(target.walk());
                out.raw("</table>");
            }
            _ => out.walk(target.walk()),
        }
        out.finish()
    }

    pub(super) fn target(&self, node: Node<'d>) -> Option<Node<'d>> {
        let reference = node.child("reference")?.attribute("value")?.trim();
        self.by_id.get(reference.strip_prefix('#').unwrap_or(reference)).copied()
    }
}

/// The head of the table that a row stands in.
fn table_head(row: Node<'_>) -> Option<Node<'_>> {
    let mut at = row.parent()?;
    while at.name() != "table" {
        if at.name() == "thead" {
            return None;
        }
        at = at.parent()?;
    }
    at.child("thead").filter(|head| is_short(*head))
}

/// Whether an entry may take a part of the narrative for its own. Looks no further than it takes to know.
fn is_short(node: Node<'_>) -> bool {
    let (mut nodes, mut bytes) = (0, 0);
    for step in node.walk() {
        match step {
            Step::Open(_) => nodes += 1,
            Step::Close(_) => {}
            Step::Text(text) => bytes += text.len(),
        }
        if nodes >= OWN_NARRATIVE || bytes > OWN_NARRATIVE_BYTES {
            return false;
        }
    }
    true
}

/// A section's narrative as a `div`; `None` where nothing is in it.
pub(super) fn section_div(text: Node<'_>) -> Option<String> {
    let mut out = Xhtml::new();
    out.inner(text);
    out.finish()
}

/// Words without markup: white space drawn together, a space between blocks. At most `limit` bytes.
pub(super) fn plain(node: Node<'_>, limit: usize) -> String {
    let mut out = String::new();
    let mut pending = false;
    let mut walk = node.walk();
    while let Some(step) = walk.next() {
        match step {
            Step::Open(node) | Step::Close(node) => {
                if matches!(node.name(), "script" | "style") && matches!(step, Step::Open(_)) {
                    walk.step_over();
                }
                pending |= !matches!(node.name(), "content" | "sub" | "sup" | "span" | "b" | "i" | "linkHtml");
            }
            Step::Text(text) => {
                for word in text.split_inclusive(char::is_whitespace) {
                    let trimmed = word.trim_end();
                    if !trimmed.is_empty() {
                        if pending && !out.is_empty() {
                            out.push(' ');
                        }
                        pending = false;
                        out.push_str(trimmed);
                    }
                    pending |= trimmed.len() < word.len();
                    if out.len() >= limit {
                        break;
                    }
                }
                if out.len() >= limit {
                    let length = clip(&out, limit).len();
                    out.truncate(length);
                    break;
                }
            }
        }
    }
    out
}

/// What becomes of an element of a narrative block: its XHTML, of those that FHIR allows
/// (<https://hl7.org/fhir/R4/narrative.html#xhtml>). Elements of neither keep their content only.
const ELEMENTS: &[(&str, &str)] = &[
    ("content", "span"),
    ("paragraph", "p"),
    ("item", "li"),
    ("table", "table"),
    ("thead", "thead"),
    ("tbody", "tbody"),
    ("tfoot", "tfoot"),
    ("tr", "tr"),
    ("th", "th"),
    ("td", "td"),
    ("sub", "sub"),
    ("sup", "sup"),
    ("footnote", "span"),
    ("p", "p"),
    ("div", "div"),
    ("span", "span"),
    ("b", "b"),
    ("strong", "b"),
    ("i", "i"),
    ("em", "i"),
    ("ul", "ul"),
    ("ol", "ol"),
    ("li", "li"),
    ("h1", "h1"),
    ("h2", "h2"),
    ("h3", "h3"),
    ("h4", "h4"),
    ("h5", "h5"),
    ("h6", "h6"),
    ("pre", "pre"),
    ("blockquote", "blockquote"),
];

/// Elements whose content is no text for people.
const DROPPED: &[&str] = &["script", "style", "object", "iframe", "reference", "colgroup", "col", "head"];

/// XHTML under construction.
struct Xhtml {
    out: String,
    has_text: bool,
}

impl Xhtml {
    fn new() -> Xhtml {
        Xhtml { out: String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\">"), has_text: false }
    }

    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// What is in an element, without the element itself.
    fn inner(&mut self, node: Node<'_>) {
        let mut walk = node.walk();
        walk.next();
        self.walk(walk);
    }

    fn walk(&mut self, mut walk: Walk<'_>) {
        // Of each open element what closes it.
        let mut open: Vec<&'static str> = Vec::new();
        while let Some(step) = walk.next() {
            match step {
                Step::Open(node) if DROPPED.contains(&node.name()) => {
                    open.push("");
                    walk.step_over();
                }
                Step::Open(node) => open.push(self.open(node)),
                Step::Close(_) => self.raw(open.pop().unwrap_or_default()),
                Step::Text(text) => self.text(text),
            }
        }
    }

    fn open(&mut self, node: Node<'_>) -> &'static str {
        let name = node.name();
        if name == "br" || name == "hr" {
            self.raw(if name == "br" { "<br/>" } else { "<hr/>" });
            return "";
        }
        if name == "list" {
            let ordered = node.attribute("listType") == Some("ordered");
            self.raw(if ordered { "<ol>" } else { "<ul>" });
            return if ordered { "</ol>" } else { "</ul>" };
        }
        if name == "caption" {
            let in_table = node.parent().is_some_and(|parent| parent.name() == "table");
            let in_list = node.parent().is_some_and(|parent| parent.name() == "list");
            let (start, end) = match (in_table, in_list) {
                (true, _) => ("<caption>", "</caption>"),
                (_, true) => ("<li><b>", "</b></li>"),
                _ => ("<b>", "</b> "),
            };
            self.raw(start);
            return end;
        }
        let style = node.attribute("styleCode").unwrap_or_default();
        if name == "content" && style.split_whitespace().any(|style| style.eq_ignore_ascii_case("bold")) {
            self.raw("<b>");
            return "</b>";
        }
        if name == "content" && style.split_whitespace().any(|style| style.eq_ignore_ascii_case("italics")) {
            self.raw("<i>");
            return "</i>";
        }
        let Some((_, tag)) = ELEMENTS.iter().find(|(from, _)| *from == name) else { return "" };
        self.out.push('<');
        self.raw(tag);
        if matches!(*tag, "td" | "th") {
            for span in ["colspan", "rowspan"] {
                if let Some(count) = node.attribute(span).and_then(|count| count.trim().parse::<u16>().ok()) {
                    self.raw(&format!(" {span}=\"{count}\""));
                }
            }
        }
        self.out.push('>');
        close(tag)
    }

    fn text(&mut self, text: &str) {
        self.has_text |= text.contains(|letter: char| !letter.is_whitespace());
        // Indentation is most of many documents: white space is drawn together, which changes nothing in XHTML.
        let mut blank = false;
        for letter in text.chars() {
            if letter.is_ascii_whitespace() {
                blank = true;
                continue;
            }
            if blank {
                self.out.push(' ');
                blank = false;
            }
            match letter {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                _ => self.out.push(letter),
            }
        }
        if blank {
            self.out.push(' ');
        }
    }

    fn finish(mut self) -> Option<String> {
        self.raw("</div>");
        self.has_text.then_some(self.out)
    }
}

/// The end tag of each tag of [`ELEMENTS`].
fn close(tag: &str) -> &'static str {
    match tag {
        "span" => "</span>",
        "p" => "</p>",
        "li" => "</li>",
        "table" => "</table>",
        "thead" => "</thead>",
        "tbody" => "</tbody>",
        "tfoot" => "</tfoot>",
        "tr" => "</tr>",
        "th" => "</th>",
        "td" => "</td>",
        "sub" => "</sub>",
        "sup" => "</sup>",
        "div" => "</div>",
        "b" => "</b>",
        "i" => "</i>",
        "ul" => "</ul>",
        "ol" => "</ol>",
        "h1" => "</h1>",
        "h2" => "</h2>",
        "h3" => "</h3>",
        "h4" => "</h4>",
        "h5" => "</h5>",
        "h6" => "</h6>",
        "pre" => "</pre>",
        "blockquote" => "</blockquote>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, XmlLimits};

    fn section(text: &str) -> Option<String> {
        let document = Document::parse(text, &XmlLimits::default()).unwrap();
        section_div(document.root().unwrap())
    }

    #[test]
    fn narrative_becomes_safe_xhtml() {
        let div = section(concat!(
            "<text><paragraph styleCode='x' onclick='evil()'>A &lt; <content styleCode='Bold'>B</content></paragraph>",
            "<script>alert(1)</script><list listType='ordered'><caption>C</caption><item ID='i'>D<br/></item></list>",
            "<table border='1'><caption>T</caption><tr><td colspan='2' width='1'>E</td><td colspan='x'>F</td></tr></table>",
            "<linkHtml href='javascript:x'>L</linkHtml><unknown>U</unknown></text>"
        ));
        assert_eq!(
            div.unwrap(),
            concat!(
                "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A &lt; <b>B</b></p>",
                "<ol><li><b>C</b></li><li>D<br/></li></ol>",
                "<table><caption>T</caption><tr><td colspan=\"2\">E</td><td>F</td></tr></table>LU</div>"
            )
        );
        assert_eq!(section("<text> <br/> </text>"), None);
    }

    #[test]
    fn references_are_followed() {
        let document = Document::parse(
            concat!(
                "<a><text><table><thead><tr><th>H</th></tr></thead><tbody><tr ID='r'><td ID='c'>one  two</td><td>3</td>",
                "</tr></tbody></table></text><text><reference value='#r'/></text><code>own<reference value='#c'/></code>",
                "<none><reference value='#x'/></none></a>"
            ),
            &XmlLimits::default(),
        )
        .unwrap();
        let root = document.root().unwrap();
        let texts = Texts::of(root);
        let entry = root.all("text").nth(1).unwrap();
        assert_eq!(texts.words(entry).unwrap(), "one two 3");
        assert_eq!(texts.words(root.child("code").unwrap()).unwrap(), "own one two");
        assert_eq!(texts.words(root.child("none").unwrap()), None);
        assert!(texts.div(entry).unwrap().contains(
            "<table><thead><tr><th>H</th></tr></thead><tbody><tr><td>one two</td><td>3</td></tr></tbody></table>"
        ));
    }

    #[test]
    fn a_long_paragraph_is_nobodys_own() {
        let of = |words: usize| {
            let text = format!(
                "<a><text><p ID='p'>{}</p></text><text><reference value='#p'/></text></a>",
                "word ".repeat(words)
            );
            let document = Document::parse(&text, &XmlLimits::default()).unwrap();
            let root = document.root().unwrap();
            let (texts, entry) = (Texts::of(root), root.all("text").nth(1).unwrap());
            (texts.div(entry).is_some(), texts.words(entry).unwrap().len())
        };
        assert_eq!(of(100), (true, 499));
        assert_eq!(of(40_000), (false, PHRASE));
    }

    #[test]
    fn every_tag_has_its_end() {
        for (_, tag) in ELEMENTS {
            assert_eq!(close(tag), format!("</{tag}>"));
        }
    }
}
