//! QR codes that are drawn on a page: its shapes, and nothing else of it. The pictures that stand among them are looked at too.

use super::{
    content::{self, after_inline_image, next_operator, six},
    file::{File, STREAM_BYTES},
    lexer::{Dict, Lexer, Object},
    pages::Page,
    pictures,
};
use crate::documents::{
    drawing::{self, Drawing, Fill, IDENTITY, LIGHT, Matrix, apply, product, widening},
    limits::Budget,
    qr::Scanned,
};

/// The deepest nesting of forms, the most forms on a page and the most saved graphics states.
const FORM_DEPTH: usize = 4;
const FORMS: usize = 200;
/// The most pictures in the content of a page that are looked at.
const INLINE_PICTURES: usize = 20;
const STATES: usize = 64;
/// The most operands of an operator that draws.
const OPERANDS: usize = 32;

/// The codes drawn on a page.
pub(super) fn qr_codes(file: &File<'_>, page: &Page, budget: &mut Budget) -> Vec<Scanned> {
    let content = content::of_page(file, page, budget);
    let resources = file.dict(&page.resources, budget).unwrap_or_default();
    let mut drawn = Drawn { file, drawing: Drawing::default(), forms: 0, inline: 0, found: Vec::new() };
    drawn.content(&content, &resources, State::default(), 0, budget);
    let mut found = drawn.found;
    found.extend(drawn.drawing.qr_codes(budget));
    found
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

/// What is drawn on a page.
struct Drawn<'f, 'a> {
    file: &'f File<'a>,
    drawing: Drawing,
    forms: usize,
    /// Pictures that stand in the content itself, and what their codes say.
    inline: usize,
    found: Vec<Scanned>,
}

impl Drawn<'_, '_> {
    fn content(&mut self, content: &[u8], resources: &Dict, mut state: State, depth: usize, budget: &mut Budget) {
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Object> = Vec::new();
        let mut saved: Vec<State> = Vec::new();
        loop {
            let Some(operator) = next_operator(&mut lexer, &mut operands, OPERANDS, budget) else { return };
            if self.drawing.is_full() {
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
                b"m" => self.drawing.move_to(at(number(0), number(1))),
                // Of a curve its end is enough: codes with round corners are read all the same.
                b"l" | b"c" | b"v" | b"y" => {
                    let end = operands.len().saturating_sub(2);
                    self.drawing.line_to(at(number(end), number(end + 1)));
                }
                b"re" => {
                    let (x, y, width, height) = (number(0), number(1), number(2), number(3));
                    self.drawing.rectangle(&state.ctm, (x, y), (x + width, y + height));
                }
                b"h" => self.drawing.close(),
                b"f" | b"F" | b"f*" | b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" | b"n" => self.paint(operator, &state),
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

    /// Fills the path, or draws along it, or both, and ends it.
    fn paint(&mut self, operator: &[u8], state: &State) {
        if matches!(operator, b"s" | b"b" | b"b*") {
            self.drawing.close();
        }
        if matches!(operator, b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*") {
            self.drawing.fill(Fill { is_light: state.fill_is_light, even_odd: operator.ends_with(b"*") });
        }
        if matches!(operator, b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*") {
            self.drawing.stroke(state.line * widening(&state.ctm), state.stroke_is_light);
        }
        self.drawing.clear_path();
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
}

/// Whether a colour of one (grey), three (RGB) or four (CMYK) numbers is light. A pattern is dark.
fn is_light(operands: &[Object], is_ink: bool) -> bool {
    let numbers: Vec<f64> = operands.iter().filter_map(Object::number).collect();
    match numbers.as_slice() {
        [tint, ..] if is_ink => *tint < LIGHT,
        [grey] => *grey >= LIGHT,
        [red, green, blue] => drawing::is_light(*red, *green, *blue),
        [cyan, magenta, yellow, key] => 1.0 - (0.299 * cyan + 0.587 * magenta + 0.114 * yellow + key) >= LIGHT,
        _ => false,
    }
}
