//! FHIR narrative (XHTML) to plain text: no markup survives, whatever it says, and the work is bounded.

/// The plain text of a Narrative's `div`, at most `limit` bytes: tags taken off, blocks and table rows on lines of their
/// own, cells parted by ` | `, scripts, styles and comments left out with all they hold, character references resolved.
///
/// What comes out is text to be escaped again wherever it is shown; it is never markup.
pub fn narrative_text(div: &str, limit: usize) -> String {
    let mut out = Plain { text: String::new(), limit, gap: Gap::None };
    let mut rest = div;
    while !rest.is_empty() && out.text.len() < limit {
        let Some(at) = rest.find('<') else {
            out.push(rest);
            break;
        };
        let (text, tag) = rest.split_at(at);
        out.push(text);
        rest = skip_tag(tag, &mut out);
    }
    out.text
}

/// Adds plain text to XHTML: what would be markup is escaped, what XML 1.0 forbids is left out.
pub(crate) fn escape_xhtml(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control.is_control() && !matches!(control, '\n' | '\r' | '\t') => {}
            letter => out.push(letter),
        }
    }
}

/// Passes over the markup at the start of `tag` and notes what it means for the layout.
fn skip_tag<'a>(tag: &'a str, out: &mut Plain) -> &'a str {
    for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")] {
        if let Some(inside) = tag.strip_prefix(open) {
            return inside.find(close).and_then(|end| inside.get(end + close.len()..)).unwrap_or_default();
        }
    }
    let Some(end) = tag_end(tag) else { return "" };
    let (inside, rest) = (tag.get(1..end).unwrap_or_default(), tag.get(end + 1..).unwrap_or_default());
    let name: String = inside
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(16)
        .collect::<String>()
        .to_ascii_lowercase();
    match name.as_str() {
        "script" | "style" | "head" | "title" | "template" if !inside.starts_with('/') && !inside.ends_with('/') => {
            return after_closing(rest, &name);
        }
        "td" | "th" if !inside.starts_with('/') => out.gap = out.gap.max(Gap::Cell),
        "br" | "p" | "div" | "tr" | "table" | "thead" | "tbody" | "li" | "ul" | "ol" | "dl" | "dt" | "dd" | "h1"
        | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" | "blockquote" | "caption" | "hr" => out.gap = Gap::Line,
        _ => {}
    }
    rest
}

/// Where the tag at the start of the text ends; a `>` inside a quoted attribute does not end it.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The text after `</name …>`; nothing where it is never closed.
fn after_closing<'a>(mut rest: &'a str, name: &str) -> &'a str {
    while let Some(at) = rest.find("</") {
        let after = rest.get(at + 2..).unwrap_or_default();
        if after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return after.find('>').and_then(|end| after.get(end + 1..)).unwrap_or_default();
        }
        rest = after;
    }
    ""
}

/// What separates the next words from those before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Cell,
    Line,
}

struct Plain {
    text: String,
    limit: usize,
    gap: Gap,
}

impl Plain {
    fn push(&mut self, mut raw: &str) {
        while let Some(next) = raw.chars().next() {
            let (letter, used) = if next == '&' { reference(raw) } else { (next, next.len_utf8()) };
            raw = raw.get(used..).unwrap_or_default();
            if letter.is_whitespace() || letter == '\u{a0}' {
                self.gap = self.gap.max(Gap::Space);
            } else if !is_invisible(letter) {
                self.letter(letter);
            }
            if self.text.len() >= self.limit {
                return;
            }
        }
    }

    fn letter(&mut self, letter: char) {
        let gap = if self.text.is_empty() { Gap::None } else { self.gap };
        let between = match gap {
            Gap::None => "",
            Gap::Space => " ",
            Gap::Cell if self.text.ends_with('\n') => "",
            Gap::Cell => " | ",
            Gap::Line => "\n",
        };
        self.gap = Gap::None;
        if self.text.len() + between.len() + letter.len_utf8() <= self.limit {
            self.text.push_str(between);
            self.text.push(letter);
        } else {
            self.limit = self.text.len();
        }
    }
}

/// Control characters, and those that turn the direction of the text around them.
fn is_invisible(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The character that the reference at the start of the text stands for, and its length; a lone `&` stands for itself.
fn reference(text: &str) -> (char, usize) {
    let name = text
        .get(1..)
        .and_then(|rest| rest.bytes().take(12).position(|byte| byte == b';'))
        .and_then(|end| text.get(1..=end));
    let Some(name) = name else { return ('&', 1) };
    let letter = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        "deg" => Some('°'),
        "micro" => Some('µ'),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "le" => Some('≤'),
        "ge" => Some('≥'),
        _ => name.strip_prefix('#').and_then(|number| {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }),
    };
    letter.map_or(('&', 1), |letter| (letter, name.len() + 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_table_becomes_lines() {
        let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><table><tr><th>What</th><th>When</th></tr>\n<tr><td>Asthma</td><td>2019</td></tr></table><p>5&#160;mg &lt; 7</p></div>";
        assert_eq!(narrative_text(div, 1000), "What | When\nAsthma | 2019\n5 mg < 7");
    }

    #[test]
    fn no_markup_and_no_script_survives() {
        let cases = [
            ("<div>a<script>alert('</div>')</script>b</div>", "ab"),
            ("<div>a<SCRIPT>x</ScRiPt >b", "ab"),
            ("<img src=x onerror=\"a>b\">c", "c"),
            ("a<!-- <b> -->c", "ac"),
            ("a<script>never closed", "a"),
            ("a<b", "a"),
            ("&lt;script&gt;", "<script>"),
            ("x &amp;lt; y", "x &lt; y"),
            ("&bogus; & &#xD800; &#0;", "&bogus; & &#xD800;"),
            ("a\u{202e}b", "ab"),
        ];
        for (div, plain) in cases {
            assert_eq!(narrative_text(div, 1000), plain, "{div}");
        }
    }

    #[test]
    fn the_limit_holds_and_no_character_is_cut() {
        assert_eq!(narrative_text("ééé", 3), "é");
        assert_eq!(narrative_text(&"<p>word</p>".repeat(10_000), 100).len(), 99);
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_within(text in "(\\PC|<|>|&|;|\"|/|!|-|script|td){0,200}", limit in 0_usize..200) {
            prop_assert!(narrative_text(&text, limit).len() <= limit);
        }
    }
}
