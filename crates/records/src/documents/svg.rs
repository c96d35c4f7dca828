//! Drawings in SVG (<https://www.w3.org/TR/SVG2/>): the QR codes drawn in them, as programs that make codes for printing write
//! them, and their words. Nothing in one is run, and nothing that it refers to elsewhere is fetched.

mod path;
mod style;

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    drawing::{Drawing, Fill, Matrix, apply, product, widening},
    limits::{Budget, TEXT_BYTES},
    looks_like,
    qr::{self, Scanned},
    reference::{Draft, tidy},
};
use crate::{
    index::clip,
    xml::{Document, Node, Step, XmlLimits, decode, root_tag},
};
use path::Numbers;
use style::{Paint, Sheet, Style};

/// The most bytes of a drawing that is looked into, and so many bytes tell what it is.
const BYTES: usize = 16 << 20;
const HEAD: usize = 4096;
const LIMITS: XmlLimits = XmlLimits { depth: 64, nodes: 400_000, bytes: BYTES };
/// What looking for codes may cost.
const WORK: u64 = 200_000_000;
/// The longer side of a drawing, whatever its own units are.
const SIDE: f64 = 300.0;
/// The most pictures in a drawing that are looked at.
const PICTURES: usize = 8;
const XLINK: &str = "http://www.w3.org/1999/xlink";

/// Whether it is SVG.
pub(super) fn is_svg(bytes: &[u8]) -> bool {
    let head = decode(bytes.get(..HEAD).unwrap_or(bytes));
    let name = root_tag(head.as_bytes()).map(|(name, _)| name);
    name.is_some_and(|name| name.rsplit(|byte| *byte == b':').next() == Some(b"svg"))
}

/// Adds what a drawing says: its codes, its title, its words.
pub(super) fn add_to(draft: &mut Draft, bytes: &[u8]) {
    if bytes.len() > BYTES {
        return;
    }
    let text = decode(bytes);
    let Some(document) = Document::parse(&text, &LIMITS) else { return };
    let Some(root) = document.root() else { return };
    draft.title = root.child("title").map(|title| tidy(&title.text())).filter(|title| !title.is_empty());
    draft.text = words(root);
    draft.codes = qr_codes(root);
}

fn words(root: Node<'_>) -> String {
    let mut out = String::new();
    for node in root.descendants().filter(|node| matches!(node.name(), "text" | "title" | "desc")) {
        if out.len() >= TEXT_BYTES {
            break;
        }
        out.push_str(node.text().trim());
        out.push('\n');
    }
    clip(out.trim_end(), TEXT_BYTES).to_owned()
}

/// What holds for an element and those in it.
#[derive(Clone, Copy)]
struct State {
    ctm: Matrix,
    style: Style,
}

fn qr_codes(root: Node<'_>) -> Vec<Scanned> {
    let sheet = Sheet::of(root);
    let named = root.descendants().filter_map(|node| Some((node.attribute("id")?, node)));
    let mut reader = Reader {
        sheet: &sheet,
        named: named.collect(),
        drawing: Drawing::default(),
        pictures: 0,
        found: Vec::new(),
        budget: Budget::new(WORK),
    };
    reader.read(root);
    let mut found = reader.found;
    found.extend(reader.drawing.qr_codes(&mut reader.budget));
    found
}

struct Reader<'d> {
    sheet: &'d Sheet<'d>,
    /// Elements by their ids, which others use.
    named: HashMap<&'d str, Node<'d>>,
    drawing: Drawing,
    /// Pictures in the drawing, and what their codes say.
    pictures: usize,
    found: Vec<Scanned>,
    budget: Budget,
}

impl<'d> Reader<'d> {
    fn read(&mut self, root: Node<'d>) {
        let mut states = vec![State { ctm: page(root), style: Style::default() }];
        let mut walk = root.walk();
        while let Some(step) = walk.next() {
            match step {
                Step::Open(node) => {
                    let Some(outer) = states.last().copied() else { return };
                    let state = self.inside(node, outer);
                    states.push(state);
                    if is_drawn(node, self.sheet) {
                        self.draw(node, &state);
                    } else {
                        walk.step_over();
                    }
                }
                Step::Close(_) => {
                    states.pop();
                }
                Step::Text(_) => {}
            }
            if self.drawing.is_full() || self.budget.left(1) == 0 {
                return;
            }
        }
    }

    /// What holds in an element. Nothing of it counts once the budget is spent.
    fn inside(&mut self, node: Node<'d>, outer: State) -> State {
        if self.budget.spend(self.sheet.work(node)).is_none() {
            return outer;
        }
        let mut ctm = match node.attribute("transform") {
            Some(transform) => product(&path::transform(transform), &outer.ctm),
            None => outer.ctm,
        };
        if node.name() == "svg" && node.parent().is_some() {
            ctm = product(&nested(node), &ctm);
        }
        State { ctm, style: self.sheet.style(node, outer.style) }
    }

    fn draw(&mut self, node: Node<'d>, state: &State) {
        match node.name() {
            "use" => {
                let target = link(node).and_then(|link| self.named.get(link.strip_prefix('#')?).copied());
                if let Some(target) = target {
                    let at = [1.0, 0.0, 0.0, 1.0, number(node, "x"), number(node, "y")];
                    let state = self.inside(target, State { ctm: product(&at, &state.ctm), ..*state });
                    self.shape(target, &state);
                }
            }
            "image" => self.picture(node),
            _ => self.shape(node, state),
        }
    }

    fn shape(&mut self, node: Node<'d>, state: &State) {
        let number = |name: &str| number(node, name);
        let at = |x: f64, y: f64| apply(&state.ctm, (x, y));
        let text = |name: &str| node.attribute(name).unwrap_or_default();
        match node.name() {
            "rect" => {
                let (x, y, width, height) = (number("x"), number("y"), number("width"), number("height"));
                self.drawing.rectangle(&state.ctm, (x, y), (x + width, y + height));
            }
            // Of a round module the square around it is enough.
            "circle" | "ellipse" => {
                let (x, y, r) = (number("cx"), number("cy"), number("r"));
                let (rx, ry) = if node.name() == "circle" { (r, r) } else { (number("rx"), number("ry")) };
                self.drawing.rectangle(&state.ctm, (x - rx, y - ry), (x + rx, y + ry));
            }
            "line" => {
                self.drawing.move_to(at(number("x1"), number("y1")));
                self.drawing.line_to(at(number("x2"), number("y2")));
            }
            name @ ("polygon" | "polyline") => {
                let points = text("points");
                if self.budget.spend(points.len() as u64).is_none() {
                    return;
                }
                let mut numbers = Numbers::new(points);
                let points = std::iter::from_fn(|| Some(at(numbers.next()?, numbers.next()?)));
                if name == "polygon" {
                    self.drawing.polygon(points);
                } else {
                    for (place, point) in points.enumerate() {
                        if place == 0 { self.drawing.move_to(point) } else { self.drawing.line_to(point) }
                    }
                }
            }
            "path" => {
                let data = text("d");
                if self.budget.spend(data.len() as u64).is_none() {
                    return;
                }
                path::draw(data, &state.ctm, &mut self.drawing);
            }
            _ => return,
        }
        let Style { fill, stroke, stroke_width, even_odd } = state.style;
        if let Paint::Shade { is_light } = fill {
            self.drawing.fill(Fill { is_light, even_odd });
        }
        if let Paint::Shade { is_light } = stroke {
            self.drawing.stroke(stroke_width * widening(&state.ctm), is_light);
        }
        self.drawing.clear_path();
    }

    /// A picture that stands in the drawing as data.
    fn picture(&mut self, node: Node<'d>) {
        let data = link(node).and_then(|link| link.strip_prefix("data:")?.split_once(";base64,"));
        let Some((_, data)) = data.filter(|_| self.pictures < PICTURES) else { return };
        self.pictures += 1;
        let data: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if let Ok(bytes) = STANDARD.decode(data)
            && let Some(kind) = looks_like(&bytes)
        {
            self.found.extend(qr::codes(&bytes, kind));
        }
    }
}

/// What an element refers to.
fn link(node: Node<'_>) -> Option<&str> {
    node.attribute("href").or_else(|| node.attribute_in(XLINK, "href"))
}

/// Whether an element is drawn where it stands.
fn is_drawn(node: Node<'_>, sheet: &Sheet<'_>) -> bool {
    const NOT_DRAWN: [&str; 12] = [
        "clipPath",
        "defs",
        "desc",
        "foreignObject",
        "marker",
        "mask",
        "metadata",
        "pattern",
        "script",
        "style",
        "symbol",
        "title",
    ];
    !NOT_DRAWN.contains(&node.name()) && sheet.property(node, "display") != Some("none")
}

/// A length. Its unit is passed over: a drawing has the same one throughout.
fn number(node: Node<'_>, name: &str) -> f64 {
    node.attribute(name).and_then(|text| Numbers::new(text).next()).unwrap_or(0.0)
}

/// The four numbers of a `viewBox`.
fn view_box(node: Node<'_>) -> Option<[f64; 4]> {
    let mut numbers = Numbers::new(node.attribute("viewBox")?);
    let [x, y, width, height] = [numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?];
    (width > 0.0 && height > 0.0).then_some([x, y, width, height])
}

/// Where the whole drawing lies: the vertical axis of SVG points down.
fn page(root: Node<'_>) -> Matrix {
    let longer = match view_box(root) {
        Some([_, _, width, height]) => width.max(height),
        None => number(root, "width").max(number(root, "height")),
    };
    let scale = if longer > 0.0 && longer.is_finite() { SIDE / longer } else { 1.0 };
    [scale, 0.0, 0.0, -scale, 0.0, 0.0]
}

/// Where a drawing inside another lies.
fn nested(node: Node<'_>) -> Matrix {
    let place = [1.0, 0.0, 0.0, 1.0, number(node, "x"), number(node, "y")];
    let Some([x, y, width, height]) = view_box(node) else { return place };
    let scale = match (number(node, "width") / width, number(node, "height") / height) {
        (across, down) if across > 0.0 && down > 0.0 => across.min(down),
        (across, down) if across.max(down) > 0.0 => across.max(down),
        _ => 1.0,
    };
    product(&[scale, 0.0, 0.0, scale, -x * scale, -y * scale], &place)
}

#[cfg(test)]
mod tests;
