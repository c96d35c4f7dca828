//! QR codes that are drawn: many programs write a code as hundreds of filled rectangles or thick lines. The shapes of a page,
//! and nothing else of it, become a picture, which is looked at as any other. So are the pictures that stand among them.

use super::{
    content::{self, IDENTITY, Matrix, after_inline_image, next_operator, product, six},
    file::{File, STREAM_BYTES},
    lexer::{Dict, Lexer, Object},
    pages::Page,
    pictures,
};
use crate::documents::{
    limits::Budget,
    qr::{self, Scanned},
};

/// The fewest lines around shapes that can be a code: the smallest code has more.
const FEWEST_EDGES: usize = 200;
/// The most corners of shapes on a page.
const MOST_CORNERS: usize = 400_000;
/// The longest side of the picture, in pixels, and the most pixels for a point of the page.
const SIDE: f64 = 2_400.0;
const FINEST: f64 = 8.0;
/// The most times that the outline of one shape crosses a row of pixels.
const MOST_CROSSINGS: usize = 1 << 20;
/// The deepest nesting of forms, the most forms on a page and the most saved graphics states.
const FORM_DEPTH: usize = 4;
const FORMS: usize = 200;
/// The most pictures in the content of a page that are looked at.
const INLINE_PICTURES: usize = 20;
const STATES: usize = 64;
/// The most operands of an operator that draws.
const OPERANDS: usize = 32;
/// From here on a shade is light.
const LIGHT: f64 = 0.5;

/// The codes drawn on a page.
pub(super) fn qr_codes(file: &File<'_>, page: &Page, budget: &mut Budget) -> Vec<Scanned> {
    let content = content::of_page(file, page, budget);
    let resources = file.dict(&page.resources, budget).unwrap_or_default();
    let mut drawing = Drawing { file, shapes: Vec::new(), corners: 0, forms: 0, inline: 0, found: Vec::new() };
    drawing.content(&content, &resources, State::default(), 0, budget);
    let mut found = drawing.found;
    if drawing.corners >= FEWEST_EDGES
        && let Some((width, height, pixels)) = picture(&drawing.shapes, budget)
    {
        found.extend(qr::codes_of_grey(width, height, pixels));
    }
    found
}

type Point = (f64, f64);

/// Something filled.
struct Shape {
    is_light: bool,
    /// The rule by which insides are told from outsides: even-odd, or not zero.
    even_odd: bool,
    /// Closed outlines.
    outlines: Vec<Vec<Point>>,
}

#[derive(Clone)]
struct State {
    ctm: Matrix,
    fill_is_light: bool,
    stroke_is_light: bool,
    /// Whether the most of a colour is the most ink of it, as in Separation spaces.
    fill_is_ink: bool,
    stroke_is_ink: bool,
    line: f64,
}

impl Default for State {
    fn default() -> Self {
        State {
            ctm: IDENTITY,
            fill_is_light: false,
            stroke_is_light: false,
            fill_is_ink: false,
            stroke_is_ink: false,
            line: 1.0,
        }
    }
}

/// The shapes of a page, as they are drawn over one another.
struct Drawing<'f, 'a> {
    file: &'f File<'a>,
    shapes: Vec<Shape>,
    corners: usize,
    forms: usize,
    /// Pictures that stand in the content itself, and what their codes say.
    inline: usize,
    found: Vec<Scanned>,
}

impl Drawing<'_, '_> {
    fn content(&mut self, content: &[u8], resources: &Dict, mut state: State, depth: usize, budget: &mut Budget) {
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Object> = Vec::new();
        let mut saved: Vec<State> = Vec::new();
        let mut path: Vec<Vec<Point>> = Vec::new();
        loop {
            let Some(operator) = next_operator(&mut lexer, &mut operands, OPERANDS, budget) else { return };
            if self.corners >= MOST_CORNERS {
                return;
            }
            let number = |at: usize| operands.get(at).and_then(Object::number).unwrap_or(0.0);
            let at = |x: f64, y: f64| apply(&state.ctm, (x, y));
            match operator {
                b"q" if saved.len() < STATES => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => state.ctm = product(&six(&operands), &state.ctm),
                b"w" => state.line = number(0),
                b"cs" => {
                    (state.fill_is_light, state.fill_is_ink) = (false, self.is_ink(&operands, resources, budget));
                }
                b"CS" => {
                    (state.stroke_is_light, state.stroke_is_ink) = (false, self.is_ink(&operands, resources, budget));
                }
                b"g" | b"rg" | b"k" => state.fill_is_light = is_light(&operands, false),
                b"G" | b"RG" | b"K" => state.stroke_is_light = is_light(&operands, false),
                b"sc" | b"scn" => state.fill_is_light = is_light(&operands, state.fill_is_ink),
                b"SC" | b"SCN" => state.stroke_is_light = is_light(&operands, state.stroke_is_ink),
                b"m" => path.push(vec![at(number(0), number(1))]),
                // Of a curve its end is enough: codes with round corners are read all the same.
                b"l" | b"c" | b"v" | b"y" => {
                    let end = operands.len().saturating_sub(2);
                    if let Some(outline) = path.last_mut() {
                        outline.push(at(number(end), number(end + 1)));
                        self.corners += 1;
                    }
                }
                b"re" => {
                    let (x, y, width, height) = (number(0), number(1), number(2), number(3));
                    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)];
                    path.push(corners.iter().map(|(x, y)| at(*x, *y)).collect());
                    self.corners += 4;
                }
                b"h" => close(&mut path),
                b"f" | b"F" | b"f*" => self.fill(std::mem::take(&mut path), operator == b"f*", &state),
                b"S" => self.stroke(&std::mem::take(&mut path), &state),
                b"s" | b"B" | b"B*" | b"b" | b"b*" => {
                    if operator != b"B" && operator != b"B*" {
                        close(&mut path);
                    }
                    if operator != b"s" {
                        self.fill(path.clone(), operator.ends_with(b"*"), &state);
                    }
                    self.stroke(&std::mem::take(&mut path), &state);
                }
                b"n" => path.clear(),
                b"Do" => {
                    if let Some(Object::Name(name)) = operands.first()
                        && depth < FORM_DEPTH
                        && self.forms < FORMS
                    {
                        self.forms += 1;
                        self.form(name, resources, &state, depth, budget);
                    }
                }
                b"ID" => {
                    // One blank stands between.
                    let start = lexer.at + 1;
                    lexer.at = after_inline_image(content, lexer.at);
                    let end = lexer.at.saturating_sub(2).max(start);
                    if self.inline < INLINE_PICTURES {
                        self.inline += 1;
                        let data = content.get(start..end).unwrap_or_default();
                        self.found.extend(
                            pictures::inline(self.file, &operands, data, resources, budget).unwrap_or_default(),
                        );
                    }
                }
                _ => {}
            }
            operands.clear();
        }
    }

    fn form(&mut self, name: &[u8], resources: &Dict, state: &State, depth: usize, budget: &mut Budget) {
        let file = self.file;
        let Some(objects) = resources.get(b"XObject").and_then(|objects| file.dict(objects, budget)) else { return };
        let Some(object) = objects.get(name) else { return };
        let form = file.dict(object, budget).filter(|dict| dict.name(b"Subtype") == Some(b"Form"));
        let Some(form) = form else { return };
        let Some(content) = file.stream(object, STREAM_BYTES, budget) else { return };
        let mut inner = state.clone();
        if let Some(Object::Array(matrix)) = form.get(b"Matrix").and_then(|matrix| file.resolve(matrix, budget)) {
            inner.ctm = product(&six(&matrix), &state.ctm);
        }
        let own = form.get(b"Resources").and_then(|resources| file.dict(resources, budget));
        self.content(&content, own.as_ref().unwrap_or(resources), inner, depth + 1, budget);
    }

    /// Whether a colour space is one of inks: Separation and DeviceN.
    fn is_ink(&self, operands: &[Object], resources: &Dict, budget: &mut Budget) -> bool {
        let Some(Object::Name(name)) = operands.first() else { return false };
        let spaces = resources.get(b"ColorSpace").and_then(|spaces| self.file.dict(spaces, budget));
        let space = spaces.and_then(|spaces| self.file.resolve(spaces.get(name)?, budget));
        let Some(Object::Array(space)) = space else { return false };
        matches!(space.first(), Some(Object::Name(kind)) if kind == b"Separation" || kind == b"DeviceN")
    }

    fn fill(&mut self, outlines: Vec<Vec<Point>>, even_odd: bool, state: &State) {
        self.shapes.push(Shape { is_light: state.fill_is_light, even_odd, outlines });
    }

    /// A line is a rectangle along it.
    fn stroke(&mut self, path: &[Vec<Point>], state: &State) {
        let [a, b, c, d, ..] = state.ctm;
        let half = state.line * (a * d - b * c).abs().sqrt() / 2.0;
        let mut outlines = Vec::new();
        for (from, to) in path.iter().flat_map(|outline| outline.iter().zip(outline.iter().skip(1))) {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length > 0.0 && half > 0.0 {
                let (x, y) = ((to.1 - from.1) / length * half, (from.0 - to.0) / length * half);
                let corners = [(from.0 + x, from.1 + y), (to.0 + x, to.1 + y), (to.0 - x, to.1 - y)];
                outlines.push(corners.into_iter().chain([(from.0 - x, from.1 - y)]).collect());
                self.corners += 4;
            }
        }
        self.shapes.push(Shape { is_light: state.stroke_is_light, even_odd: false, outlines });
    }
}

fn apply([a, b, c, d, e, f]: &Matrix, (x, y): Point) -> Point {
    (a * x + c * y + e, b * x + d * y + f)
}

/// Goes back to where the last outline began.
fn close(path: &mut [Vec<Point>]) {
    if let Some(outline) = path.last_mut()
        && let Some(first) = outline.first().copied()
    {
        outline.push(first);
    }
}

/// Whether a colour of one (grey), three (RGB) or four (CMYK) numbers is light. A pattern is dark.
fn is_light(operands: &[Object], is_ink: bool) -> bool {
    let numbers: Vec<f64> = operands.iter().filter_map(Object::number).collect();
    match numbers.as_slice() {
        [tint, ..] if is_ink => *tint < LIGHT,
        [grey] => *grey >= LIGHT,
        [red, green, blue] => 0.299 * red + 0.587 * green + 0.114 * blue >= LIGHT,
        [cyan, magenta, yellow, key] => 1.0 - (0.299 * cyan + 0.587 * magenta + 0.114 * yellow + key) >= LIGHT,
        _ => false,
    }
}

/// The shapes as a picture in shades of grey: its width, its height and its pixels from the top.
fn picture(shapes: &[Shape], budget: &mut Budget) -> Option<(usize, usize, Vec<u8>)> {
    let points = || {
        let dark = shapes.iter().filter(|shape| !shape.is_light);
        dark.flat_map(|shape| shape.outlines.iter().flatten()).filter(|(x, y)| x.is_finite() && y.is_finite())
    };
    let (left, right) = points().fold((f64::MAX, f64::MIN), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
    let (bottom, top) = points().fold((f64::MAX, f64::MIN), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
    let scale = (SIDE / (right - left).max(top - bottom)).min(FINEST);
    if !scale.is_finite() || scale <= 0.0 {
        return None;
    }
    // A code needs some white around it.
    let quiet = 4.0 * FINEST;
    let size = |span: f64| (span * scale + 2.0 * quiet).ceil() as usize;
    let (width, height) = (size(right - left), size(top - bottom));
    budget.spend((width * height) as u64)?;
    let mut pixels = vec![255; width * height];
    for shape in shapes {
        let to_pixel = |(x, y): &Point| ((x - left) * scale + quiet, (top - y) * scale + quiet);
        let crossings = crossings(shape, &to_pixel, height, budget)?;
        let shade = if shape.is_light { 255 } else { 0 };
        paint(&mut pixels, width, &crossings, shape.even_odd, shade, budget)?;
    }
    Some((width, height, pixels))
}

/// Where an outline crosses the middle of a row of pixels, and whether upwards or downwards.
type Crossing = (usize, f32, i8);

fn crossings(
    shape: &Shape,
    to_pixel: &dyn Fn(&Point) -> Point,
    height: usize,
    budget: &mut Budget,
) -> Option<Vec<Crossing>> {
    let mut out = Vec::new();
    for outline in &shape.outlines {
        for (from, to) in outline.iter().zip(outline.iter().cycle().skip(1)) {
            let (from, to) = (to_pixel(from), to_pixel(to));
            let (upper, lower, way) = if from.1 <= to.1 { (from, to, 1) } else { (to, from, -1) };
            if ![upper.0, upper.1, lower.0, lower.1].iter().all(|number| number.is_finite()) {
                continue;
            }
            // Rows whose middle lies between the ends.
            let row = |y: f64| (y - 0.5).ceil().clamp(0.0, height as f64) as usize;
            let rows = row(upper.1)..row(lower.1);
            budget.spend(rows.len() as u64 + 1)?;
            if out.len() + rows.len() > MOST_CROSSINGS {
                return Some(out);
            }
            let slope = (lower.0 - upper.0) / (lower.1 - upper.1);
            out.extend(rows.map(|row| (row, (upper.0 + (row as f64 + 0.5 - upper.1) * slope) as f32, way)));
        }
    }
    out.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    Some(out)
}

fn paint(
    pixels: &mut [u8],
    width: usize,
    crossings: &[Crossing],
    even_odd: bool,
    shade: u8,
    budget: &mut Budget,
) -> Option<()> {
    let mut winding = 0_i64;
    for ((row, from, way), (next_row, to, _)) in crossings.iter().zip(crossings.iter().skip(1)) {
        winding += i64::from(*way);
        if row != next_row {
            winding = 0;
            continue;
        }
        let inside = if even_odd { winding % 2 != 0 } else { winding != 0 };
        if inside {
            let pixel = |x: f32| (x - 0.5).ceil().clamp(0.0, width as f32) as usize;
            let (from, to) = (row * width + pixel(*from), row * width + pixel(*to));
            budget.spend((to.saturating_sub(from) / 8) as u64 + 1)?;
            if let Some(run) = pixels.get_mut(from..to) {
                run.fill(shade);
            }
        }
    }
    Some(())
}
