//! Tests of the tree: tolerance, limits, encodings, and documents that mean harm.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Document<'_> {
    Document::parse(text, &XmlLimits::default()).unwrap()
}

#[test]
fn elements_attributes_texts_and_namespaces() {
    let document = parse(concat!(
        "\u{feff}<?xml version=\"1.0\"?><!-- c --><a xmlns='urn:hl7-org:v3' xmlns:s=\"urn:s\" xmlns:xsi=\"",
        "http://www.w3.org/2001/XMLSchema-instance\"><b xsi:type='PQ' v=\"1 &lt; 2\"/>x<s:c>y &amp; z<![CDATA[<&>]]></s:c><b/></a>"
    ));
    let root = document.root().unwrap();
    assert_eq!((root.name(), root.namespace()), ("a", "urn:hl7-org:v3"));
    let b = root.child("b").unwrap();
    assert_eq!(b.attribute_in(XSI, "type"), Some("PQ"));
    assert_eq!(b.attribute("type"), None);
    assert_eq!(b.attribute("v"), Some("1 < 2"));
    assert_eq!(b.attributes().count(), 2);
    let c = root.child("c").unwrap();
    assert_eq!((c.namespace(), c.text().as_ref()), ("urn:s", "y & z<&>"));
    assert_eq!(c.path(), "/a/c");
    assert_eq!(root.all("b").nth(1).unwrap().path(), "/a/b[2]");
    assert_eq!(b.path(), "/a/b[1]");
    assert_eq!(root.text(), "xy & z<&>");
    assert_eq!(b.parent().unwrap().id(), root.id());
    assert_eq!(root.descendants().map(Node::name).collect::<Vec<_>>(), ["a", "b", "c", "b"]);
    assert_eq!(*document.faults(), Faults::default());
}

#[test]
fn a_walk_opens_and_closes_in_order() {
    let document = parse("<a>1<b>2<c/></b><d>3</d>4</a>");
    let mut out = String::new();
    let mut walk = document.root().unwrap().walk();
    while let Some(step) = walk.next() {
        match step {
            Step::Open(node) => {
                out.push_str(&format!("<{}>", node.name()));
                if node.name() == "d" {
                    walk.step_over();
                }
            }
            Step::Text(text) => out.push_str(text),
            Step::Close(node) => out.push_str(&format!("</{}>", node.name())),
        }
    }
    assert_eq!(out, "<a>1<b>2<c></c></b><d></d>4</a>");
}

#[test]
fn encodings_by_mark_and_by_declaration() {
    assert_eq!(decode(b"\xEF\xBB\xBF<a/>"), "<a/>");
    assert_eq!(decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9\x80</a>").split('>').nth(1), Some("<a"));
    assert!(decode(b"<?xml version=\"1.0\" encoding = \"windows-1252\" ?><a>\xE9</a>").contains("é"));
    assert!(decode(b"<?xml version='1.0' encoding='utf-8'?><a>\xC3\xA9 \xE9</a>").contains("é é"));
    let wide: Vec<u8> = "\u{feff}<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&wide), "<a>é</a>");
    let unmarked: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(decode(&unmarked), "<a>é</a>");
}

#[test]
fn what_a_dtd_declares_is_never_expanded() {
    let document = parse(concat!(
        "<!DOCTYPE a [<!ENTITY x \"boom\"><!ENTITY f SYSTEM \"file:///etc/passwd\"><!ENTITY y \"&x;&x;&x;\">]>",
        "<a v='&y;'>&y;&f;&eacute;&#233;&#xE9;&nbsp;&#0;</a>"
    ));
    let root = document.root().unwrap();
    assert_eq!(root.text(), "&y;&f;ééé\u{a0}");
    assert_eq!(root.attribute("v"), Some("&y;"));
}

#[test]
fn what_is_wrong_is_noted_and_what_is_right_is_read() {
    let document = parse("junk \u{1}<a><b>x & y &z; <i>1</b><c q v=1>\u{2}2</c></a> after <d/>");
    let root = document.root().unwrap();
    assert_eq!(root.child("b").unwrap().text(), "x & y &z; 1");
    assert_eq!(root.child("c").unwrap().text(), "2");
    assert_eq!(root.child("c").unwrap().attribute("v"), Some("1"));
    assert!(document.faults().junk);
    assert_eq!(document.faults().malformed, 1);
    assert_eq!(document.faults().cut_short_at, None);
    assert_eq!(document.roots().count(), 2);
    let undeclared = parse("<a><sdtc:b/><q:c/></a>");
    let root = undeclared.root().unwrap();
    assert_eq!(root.child("b").unwrap().namespace(), "urn:hl7-org:sdtc");
    assert_eq!(root.child("c").unwrap().namespace(), "");
}

#[test]
fn a_bare_less_than_is_text() {
    let document = parse("<a><b>BP < 140 <i>x</i></b><c>1 <2</c></a>");
    let root = document.root().unwrap();
    assert_eq!(root.child("b").unwrap().text(), "BP < 140 x");
    assert_eq!(root.child("b").unwrap().child("i").unwrap().text(), "x");
    assert_eq!(root.child("c").unwrap().text(), "1 <2");
}

#[test]
fn a_document_cut_anywhere_yields_its_beginning() {
    let whole = "<a><b v='1'>one</b><b>two &amp; three</b></a>";
    for cut in 3..whole.len() {
        let text = whole.get(..cut).unwrap();
        let document = parse(text);
        assert_eq!(document.root().unwrap().name(), "a");
        assert!(document.faults().cut_short_at.is_some(), "{text}");
    }
    let document = parse("<a><b>one</b><b>tw");
    assert_eq!(document.root().unwrap().all("b").map(|b| b.text().into_owned()).collect::<Vec<_>>(), ["one", "tw"]);
    assert!(Document::parse("no markup", &XmlLimits::default()).is_none());
    assert!(Document::parse("", &XmlLimits::default()).is_none());
    assert!(Document::parse("<!-- only -->", &XmlLimits::default()).is_none());
}

#[test]
fn limits_hold() {
    let deep = format!("{}x{}<z/>", "<a>".repeat(200_000), "</a>".repeat(200_000));
    let document = parse(&deep);
    assert_eq!(document.faults().too_deep, 199_900);
    assert_eq!(document.root().unwrap().descendants().count(), 100);
    let many = format!("<a>{}</a>", "<b/>".repeat(1000));
    let document = Document::parse(&many, &XmlLimits { nodes: 10, ..XmlLimits::default() }).unwrap();
    assert!(document.faults().too_large);
    assert_eq!(document.root().unwrap().children().count(), 9);
    let document = Document::parse(&many, &XmlLimits { bytes: 21, ..XmlLimits::default() }).unwrap();
    assert!(document.faults().too_large);
}

#[test]
fn hostile_input_takes_linear_time() {
    let size = 300_000;
    for text in [
        "<a>".to_owned() + &"< ".repeat(size),
        "<a>".to_owned() + &"<a \"".repeat(size),
        "<a>".to_owned() + &"&".repeat(size),
        "<a>".to_owned() + &"&amp".repeat(size) + ";",
        "<a ".to_owned() + &"x='1' ".repeat(size) + ">",
        "<a ".to_owned() + &"xmlns:x='1' ".repeat(size) + ">",
        "<a>".to_owned() + &"<b xmlns:q='1'>".repeat(size),
        "<a>".to_owned() + &"</b>".repeat(size),
        "<a>".to_owned() + &"<1>".repeat(size),
        "<a>".to_owned() + &"<!".repeat(size),
        "<a>".to_owned() + &"x<![CDATA[y]]>".repeat(size),
    ] {
        let start = std::time::Instant::now();
        let _ = Document::parse(&text, &XmlLimits::default());
        assert!(start.elapsed().as_secs() < 20, "{}", text.get(..20).unwrap());
    }
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = decode(&bytes);
        if let Some(document) = Document::parse(&text, &XmlLimits::default()) {
            walk_all(&document);
        }
    }

    #[test]
    fn never_panics_on_markup(text in "[<>/ab&;!\\[\\]='\"? é\\-CDATA]{0,200}") {
        if let Some(document) = Document::parse(&text, &XmlLimits { depth: 5, ..XmlLimits::default() }) {
            walk_all(&document);
        }
    }
}

fn walk_all(document: &Document<'_>) {
    for root in document.roots() {
        let (mut opened, mut closed) = (0, 0);
        for step in root.walk() {
            match step {
                Step::Open(node) => {
                    opened += 1;
                    let _ = (node.path(), node.text());
                }
                Step::Close(_) => closed += 1,
                Step::Text(_) => {}
            }
        }
        assert_eq!(opened, closed);
        assert_eq!(opened, root.descendants().count());
    }
}
