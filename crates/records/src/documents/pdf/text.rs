//! The text of a page: where each string stands, and the strings in reading order.

use std::{cmp::Ordering, collections::HashMap, rc::Rc};

use super::{
    content::{self, after_inline_image, next_operator, six},
    encoding::text_string,
    file::{File, STREAM_BYTES},
    font::Font,
    lexer::{Dict, Lexer, Object},
    order::logical,
    pages::Page,
};
use crate::documents::{
    drawing::{IDENTITY, Matrix, product},
    limits::Budget,
};

/// The deepest nesting of forms.
const FORM_DEPTH: usize = 6;
/// The most forms drawn on one page.
const FORMS: usize = 2_000;
/// The most strings on one page.
const RUNS: usize = 60_000;
/// The most bytes of text of one page.
const PAGE_BYTES: usize = 256 << 10;
/// The most fonts held at once.
const FONTS: usize = 400;
/// The most saved graphics states.
const STATES: usize = 64;
/// The most operands of one operator.
const OPERANDS: usize = 4_096;
/// The most code mappings of all fonts together.
const MAPPINGS: usize = 400_000;

/// Reads page after page; fonts are loaded once.
pub(super) struct Reader<'f, 'a> {
    file: &'f File<'a>,
    fonts: HashMap<u32, Rc<Font>>,
    room: usize,
    /// Letters whose fonts do not say what they are.
    pub(super) unreadable: usize,
}

/// A string on the page.
#[derive(Debug)]
struct Run {
    /// Its direction in quarter turns.
    turn: u8,
    /// Along and across its direction.
    x: f64,
    y: f64,
    end: f64,
    size: f64,
    text: String,
}

#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

impl<'f, 'a> Reader<'f, 'a> {
    pub(super) fn new(file: &'f File<'a>) -> Reader<'f, 'a> {
        Reader { file, fonts: HashMap::new(), room: MAPPINGS, unreadable: 0 }
    }

    /// The text of a page in reading order, its lines parted by line breaks.
    pub(super) fn page(&mut self, page: &Page, budget: &mut Budget) -> String {
        let content = content::of_page(self.file, page, budget);
        let resources = self.file.dict(&page.resources, budget).unwrap_or_default();
        let mut walk = Walk { runs: Vec::new(), bytes: 0, forms: 0 };
        let state = State {
            ctm: IDENTITY,
            font: None,
            size: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        self.content(&content, &resources, state, 0, &mut walk, budget);
        lines(walk.runs)
    }

    fn content(
        &mut self,
        content: &[u8],
        resources: &Dict,
        mut state: State,
        depth: usize,
        walk: &mut Walk,
        budget: &mut Budget,
    ) {
        let mut lexer = Lexer::new(content, 0);
        let mut operands: Vec<Object> = Vec::new();
        let mut saved: Vec<State> = Vec::new();
        let (mut matrix, mut line) = (IDENTITY, IDENTITY);
        let mut marked = Marked::default();
        let mut names: HashMap<Vec<u8>, Option<Rc<Font>>> = HashMap::new();
        loop {
            let Some(operator) = next_operator(&mut lexer, &mut operands, OPERANDS, budget) else { return };
            if walk.is_full() {
                return;
            }
            let number = |at: usize| operands.get(at).and_then(Object::number).unwrap_or(0.0);
            match operator {
                b"q" if saved.len() < STATES => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => state.ctm = product(&six(&operands), &state.ctm),
                b"BT" => (matrix, line) = (IDENTITY, IDENTITY),
                b"Tf" => {
                    state.size = number(1);
                    if let Some(Object::Name(name)) = operands.first() {
                        let known = names.get(name).cloned();
                        state.font = known.unwrap_or_else(|| {
                            let font = self.font(name, resources, budget);
                            names.insert(name.clone(), font.clone());
                            font
                        });
                    }
                }
                b"Tc" => state.letter_space = number(0),
                b"Tw" => state.word_space = number(0),
                b"Tz" => state.scale = number(0) / 100.0,
                b"TL" => state.leading = number(0),
                b"Ts" => state.rise = number(0),
                b"Td" | b"TD" => {
                    if operator == b"TD" {
                        state.leading = -number(1);
                    }
                    line = product(&[1.0, 0.0, 0.0, 1.0, number(0), number(1)], &line);
                    matrix = line;
                }
                b"Tm" => {
                    line = six(&operands);
                    matrix = line;
                }
                b"T*" => {
                    line = product(&[1.0, 0.0, 0.0, 1.0, 0.0, -state.leading], &line);
                    matrix = line;
                }
                b"Tj" => self.show(operands.first(), &state, &mut matrix, &mut marked, walk),
                b"BMC" => marked.begin(None),
                b"BDC" => {
                    let said = operands.get(1).and_then(|properties| self.actual_text(properties, resources, budget));
                    marked.begin(said);
                }
                b"EMC" => marked.end(),
                b"'" | b"\"" => {
                    if operator == b"\"" {
                        (state.word_space, state.letter_space) = (number(0), number(1));
                    }
                    line = product(&[1.0, 0.0, 0.0, 1.0, 0.0, -state.leading], &line);
                    matrix = line;
                    self.show(operands.last(), &state, &mut matrix, &mut marked, walk);
                }
                b"TJ" => self.show(operands.first(), &state, &mut matrix, &mut marked, walk),
                b"Do" => {
                    if let Some(Object::Name(name)) = operands.first()
                        && depth < FORM_DEPTH
                        && walk.forms < FORMS
                    {
                        walk.forms += 1;
                        self.form(name, resources, &state, depth, walk, budget);
                    }
                }
                b"ID" => lexer.at = after_inline_image(content, lexer.at),
                _ => {}
            }
            operands.clear();
        }
    }

    fn form(
        &mut self,
        name: &[u8],
        resources: &Dict,
        state: &State,
        depth: usize,
        walk: &mut Walk,
        budget: &mut Budget,
    ) {
        let file = self.file;
        let Some(objects) = resources.get(b"XObject").and_then(|objects| file.dict(objects, budget)) else { return };
        let Some(object) = objects.get(name) else { return };
        let Some(dict) = file.dict(object, budget).filter(|dict| dict.name(b"Subtype") == Some(b"Form")) else {
            return;
        };
        let Some(content) = file.stream(object, STREAM_BYTES, budget) else { return };
        let mut inner = state.clone();
        if let Some(Object::Array(matrix)) = dict.get(b"Matrix").and_then(|matrix| file.resolve(matrix, budget)) {
            inner.ctm = product(&six(&matrix), &state.ctm);
        }
        let own = dict.get(b"Resources").and_then(|resources| file.dict(resources, budget));
        self.content(&content, own.as_ref().unwrap_or(resources), inner, depth + 1, walk, budget);
    }

    fn font(&mut self, name: &[u8], resources: &Dict, budget: &mut Budget) -> Option<Rc<Font>> {
        let fonts = resources.get(b"Font").and_then(|fonts| self.file.dict(fonts, budget))?;
        let object = fonts.get(name)?;
        let number = match object {
            Object::Reference(number) => Some(*number),
            _ => None,
        };
        if let Some(font) = number.and_then(|number| self.fonts.get(&number)) {
            return Some(Rc::clone(font));
        }
        let dict = self.file.dict(object, budget)?;
        let font = Rc::new(Font::load(&dict, self.file, &mut self.room, budget));
        if self.fonts.len() >= FONTS {
            self.fonts.clear();
            self.room = MAPPINGS;
        }
        if let Some(number) = number {
            self.fonts.insert(number, Rc::clone(&font));
        }
        Some(font)
    }

    /// What a marked stretch of the content says it reads as (ISO 32000-2, 14.9.4): its properties stand there or are named.
    fn actual_text(&self, properties: &Object, resources: &Dict, budget: &mut Budget) -> Option<String> {
        let properties = match properties {
            Object::Name(name) => {
                let all = resources.get(b"Properties").and_then(|all| self.file.dict(all, budget))?;
                self.file.dict(all.get(name)?, budget)?
            }
            other => self.file.dict(other, budget)?,
        };
        match self.file.resolve(properties.get(b"ActualText")?, budget)? {
            Object::String(bytes) => Some(text_string(&bytes)),
            _ => None,
        }
    }

    /// Shows a string, or the strings of an array with the gaps between them.
    fn show(
        &mut self,
        shown: Option<&Object>,
        state: &State,
        matrix: &mut Matrix,
        marked: &mut Marked,
        walk: &mut Walk,
    ) {
        let one;
        let items: &[Object] = match shown {
            Some(Object::Array(items)) => items,
            Some(string @ Object::String(_)) => {
                one = [string.clone()];
                &one
            }
            _ => return,
        };
        let Some(font) = &state.font else { return };
        let begin = place(matrix, state);
        let mut text = String::new();
        let mut glyph_width = 0.0_f64;
        for item in items {
            match item {
                Object::String(bytes) => {
                    for glyph in font.glyphs(bytes) {
                        match glyph.text {
                            Some(letters) => text.push_str(&letters),
                            None if marked.replaces() => {}
                            None => self.unreadable += 1,
                        }
                        if text.len() > PAGE_BYTES {
                            break;
                        }
                        let mut width = f64::from(glyph.width) / 1000.0 * state.size + state.letter_space;
                        if glyph.is_space {
                            width += state.word_space;
                        }
                        glyph_width = width;
                        advance(matrix, width * state.scale, font.is_vertical(), state.size);
                    }
                }
                Object::Number(gap) => {
                    let moved = -gap / 1000.0 * state.size * state.scale;
                    // Many writers set words apart by moving on instead of a blank.
                    if !font.is_vertical() && -gap > 180.0 && !text.ends_with(' ') && !text.is_empty() {
                        text.push(' ');
                    }
                    advance(matrix, moved, font.is_vertical(), 0.0);
                }
                _ => {}
            }
        }
        let _ = glyph_width;
        if marked.replaces() {
            // They are in the order of reading, and lines are put together as they are seen.
            text = logical(&marked.take());
        }
        walk.add(begin, place(matrix, state), text);
    }
}

/// The marked stretches of the content that are open, and the words that stand for the outermost one that has some.
#[derive(Default)]
struct Marked {
    open: usize,
    /// How many were open around it, and its words until something of it is shown.
    said: Option<(usize, String)>,
}

impl Marked {
    fn begin(&mut self, said: Option<String>) {
        if self.said.is_none() {
            self.said = said.map(|said| (self.open, said));
        }
        self.open += 1;
    }

    fn end(&mut self) {
        self.open = self.open.saturating_sub(1);
        self.said.take_if(|(around, _)| *around == self.open);
    }

    fn replaces(&self) -> bool {
        self.said.is_some()
    }

    /// The words, the first time.
    fn take(&mut self) -> String {
        self.said.as_mut().map(|(_, said)| std::mem::take(said)).unwrap_or_default()
    }
}

/// What was found on a page.
struct Walk {
    runs: Vec<Run>,
    bytes: usize,
    forms: usize,
}

impl Walk {
    fn is_full(&self) -> bool {
        self.runs.len() >= RUNS || self.bytes >= PAGE_BYTES
    }

    fn add(&mut self, begin: Matrix, end: Matrix, text: String) {
        if text.trim().is_empty() || self.is_full() {
            return;
        }
        // The quarter turn nearest to its direction.
        let (right, up) = (begin[0], begin[1]);
        let turn = match (right.abs() >= up.abs(), right >= 0.0, up >= 0.0) {
            (true, true, _) => 0,
            (false, _, true) => 1,
            (true, false, _) => 2,
            (false, _, false) => 3,
        };
        let turned = |matrix: &Matrix| match turn {
            0 => (matrix[4], matrix[5]),
            1 => (matrix[5], -matrix[4]),
            2 => (-matrix[4], -matrix[5]),
            _ => (-matrix[5], matrix[4]),
        };
        let ((x, y), (far, _)) = (turned(&begin), turned(&end));
        let size = begin[2].hypot(begin[3]);
        if [x, y, far, size].iter().all(|number| number.is_finite() && number.abs() < 1e9) {
            self.bytes += text.len();
            self.runs.push(Run { turn, x, y, end: far.max(x), size: size.clamp(0.1, 1e6), text });
        }
    }
}

/// The runs in lines from top to bottom, each line from left to right.
fn lines(mut runs: Vec<Run>) -> String {
    let by_place = |a: &Run, b: &Run| a.turn.cmp(&b.turn).then(b.y.total_cmp(&a.y)).then(a.x.total_cmp(&b.x));
    runs.sort_by(by_place);
    let mut out = String::new();
    let mut rest = runs.as_mut_slice();
    while let Some(first) = rest.first() {
        let (turn, top, size) = (first.turn, first.y, first.size);
        let same = |run: &Run| run.turn == turn && (top - run.y) <= 0.4 * size.max(run.size);
        let count = rest.iter().position(|run| !same(run)).unwrap_or(rest.len()).max(1);
        let (line, below) = rest.split_at_mut(count);
        line.sort_by(|a, b| a.x.total_cmp(&b.x).then(Ordering::Equal));
        if !out.is_empty() {
            out.push('\n');
        }
        let mut end = f64::NEG_INFINITY;
        let mut seen = String::new();
        for run in line.iter() {
            let blank = seen.ends_with(' ') || seen.is_empty() || run.text.starts_with(' ');
            if end.is_finite() && run.x - end > 0.15 * run.size && !blank {
                seen.push(' ');
            }
            seen.push_str(&run.text);
            end = end.max(run.end);
        }
        out.push_str(&logical(seen.trim_end_matches(' ')));
        rest = below;
    }
    out
}

fn place(matrix: &Matrix, state: &State) -> Matrix {
    let scaled = [state.size * state.scale, 0.0, 0.0, state.size, 0.0, state.rise];
    product(&product(&scaled, matrix), &state.ctm)
}

fn advance(matrix: &mut Matrix, by: f64, vertical: bool, size: f64) {
    let step = if vertical { [1.0, 0.0, 0.0, 1.0, 0.0, -size] } else { [1.0, 0.0, 0.0, 1.0, by, 0.0] };
    *matrix = product(&step, matrix);
}
