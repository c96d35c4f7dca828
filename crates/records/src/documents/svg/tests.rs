//! Codes as programs draw them, what is not drawn, and drawings that would cost too much.

use smart_health::QrCode;

use super::{add_to, is_svg};
use crate::documents::{DocumentKind, looks_like, reference::Draft};

const TEXT: &str = "shc:/5676290952432060346029243740446031222959532654603460292540";

/// Where each dark module lies.
fn modules(code: &QrCode) -> impl Iterator<Item = (usize, usize)> {
    let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    all.filter(|(x, y)| code.is_dark(*x, *y))
}

fn each(code: &QrCode, draw: impl Fn(usize, usize) -> String) -> String {
    modules(code).map(|(x, y)| draw(x + 4, y + 4)).collect()
}

fn drawing(inside: &str) -> String {
    let size = QrCode::encode(TEXT).unwrap().size() + 8;
    format!(
        r#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">{inside}</svg>"#
    )
}

fn read(svg: &str) -> Draft {
    assert_eq!(looks_like(svg.as_bytes()), Some(DocumentKind::Svg), "{svg}");
    let mut draft = Draft::default();
    add_to(&mut draft, svg.as_bytes());
    draft
}

fn said(svg: &str) -> Vec<String> {
    read(svg).codes.into_iter().map(|code| code.text).collect()
}

#[test]
fn codes_are_read_however_they_are_drawn() {
    let code = QrCode::encode(TEXT).unwrap();
    let white = r##"<path fill="#ffffff" d="M0 0h99v99H0z"/>"##;
    let lines = each(&code, |x, y| format!("M{x} {y}.5h1"));
    let outlines = each(&code, |x, y| format!("M{x},{y}l1,0 0,1 -1,0 0,-1z"));
    let relative = each(&code, |x, y| format!("M{x} {y}h1v1h-1z"));
    let squares = each(&code, |x, y| format!(r#"<rect x="{x}" y="{y}" width="1" height="1"/>"#));
    let used = each(&code, |x, y| format!(r##"<use x="{x}" y="{y}" xlink:href="#m"/>"##));
    let dots = each(&code, |x, y| format!(r#"<circle cx="{x}.5" cy="{y}.5" r=".5"/>"#));
    let corners = each(&code, |x, y| format!(r#"<polygon points="{x},{y} {0},{y} {0},{1} {x},{1}"/>"#, x + 1, y + 1));
    let strokes = each(&code, |x, y| format!(r#"<line x1="{x}" y1="{y}.5" x2="{}" y2="{y}.5"/>"#, x + 1));
    let round = each(&code, |x, y| format!("M{x} {y}h1a.1.1 0 01.0.1v.9c0 0 0 0-.0 0h-1q0-.5 0-1"));
    for inside in [
        format!(r##"{white}<path stroke="#000" d="{lines}"/>"##),
        format!(r#"<g transform="scale(10)"><path d="{relative}" style="fill: rgb(0, 0, 0); fill-rule:evenodd"/></g>"#),
        format!(
            r##"<style>.light {{ fill: #fff }} .dark, path {{fill:#112}}</style><rect class="light" width="100%" height="100%"/><path class="big dark" d="{outlines}"/>"##
        ),
        format!(r#"<rect fill="Beige" width="99" height="99"/>{squares}"#),
        format!(
            r##"<defs><rect id="m" width="1" height="1" fill="#000"/></defs><g xmlns:xlink="http://www.w3.org/1999/xlink">{used}</g>"##
        ),
        format!(r#"<g fill="black" transform="translate(3 4) rotate(90)">{dots}</g>"#),
        format!(r#"<g fill="navy">{corners}</g>"#),
        format!(r#"<g stroke="rgb(0%,0%,0%)" stroke-width="1.0">{strokes}</g>"#),
        format!(
            r#"<rect fill-opacity="0" width="99" height="99"/><svg x="1" width="20" height="20" viewBox="0 0 99 99"><path d="{round}"/></svg>"#
        ),
    ] {
        assert_eq!(said(&drawing(&inside)), [TEXT], "{inside}");
    }
    // Light on dark, and as we write them ourselves.
    let light = each(&code, |x, y| format!("M{x} {y}h1v1h-1z"));
    assert_eq!(said(&drawing(&format!(r#"<rect width="99" height="99"/><path fill="white" d="{light}"/>"#))), [TEXT]);
    assert_eq!(said(&code.to_svg()), [TEXT]);
}

#[test]
fn pictures_in_a_drawing_and_its_words_are_read() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let photograph = STANDARD.encode(include_bytes!("../qr/photograph.jpg"));
    let draft = read(&drawing(&format!(
        "<title>My\n card</title><image href=\"data:image/jpeg;base64,{photograph}\"/><text>Scan <tspan>{TEXT}</tspan></text>"
    )));
    assert_eq!(draft.title.as_deref(), Some("My card"));
    assert!(draft.text.contains(TEXT), "{}", draft.text);
    assert!(draft.codes[0].text.starts_with("shlink:/"), "{:?}", draft.codes);
}

#[test]
fn what_is_not_drawn_is_not_read() {
    let code = QrCode::encode(TEXT).unwrap();
    let squares = each(&code, |x, y| format!(r#"<rect x="{x}" y="{y}" width="1" height="1"/>"#));
    for inside in [
        format!("<defs>{squares}</defs>"),
        format!(r#"<g style="display:none">{squares}</g>"#),
        format!(r#"<g opacity="0">{squares}</g>"#),
        format!(r#"<g fill="none">{squares}</g>"#),
        "<path d='M1 1 L'/><rect/><use href='#x'/><image href='https://example.org/a.png'/>".to_owned(),
    ] {
        assert!(said(&drawing(&inside)).is_empty(), "{inside}");
    }
}

#[test]
fn a_drawing_is_told_by_its_first_element() {
    for svg in
        ["<svg/>", "\u{feff}<?xml version='1.0'?><!-- a --><!DOCTYPE svg [<!ENTITY a 'b'>]>\n<s:svg xmlns:s='x'>"]
    {
        assert!(is_svg(svg.as_bytes()), "{svg}");
    }
    let wide: Vec<u8> = "<svg/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(is_svg(&[b"\xff\xfe".as_slice(), &wide].concat()));
    for other in ["", "<", "svg", "<html><svg/></html>", "<svgs/>"] {
        assert!(!is_svg(other.as_bytes()), "{other}");
    }
}

#[test]
fn hostile_drawings_come_to_an_end() {
    let large = "<rect width='1e300' height='1e300'/>".repeat(50_000);
    let used = format!("<path id='p' d='{}'/>{}", "h1 v1 h-1z m1 1".repeat(20_000), "<use href='#p'/>".repeat(50_000));
    let rules = format!("<style>{}</style>{}", ".a{fill:red}".repeat(1_000), "<g class='a b c d'/>".repeat(90_000));
    let deep = "<g transform='scale(2)'>".repeat(5_000);
    for inside in [large, used, rules, deep, "<use id='u' href='#u'/>".repeat(9)] {
        assert!(said(&drawing(&inside)).is_empty());
    }
}
