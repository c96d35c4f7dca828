//! Paths and transformations: lists of numbers behind letters and words.

use crate::documents::drawing::{Drawing, IDENTITY, Matrix, Point, apply, product};

/// The numbers of a list, up to something that is none. Commas and blanks may stand between them, and need not where a sign or a
/// second point begins the next.
pub(super) struct Numbers<'t> {
    rest: &'t [u8],
}

impl<'t> Numbers<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Numbers { rest: text.as_bytes() }
    }

    fn skip_separators(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n' | b'\x0c' | b',', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// A letter, if one comes next.
    fn letter(&mut self) -> Option<u8> {
        self.skip_separators();
        let (letter, rest) = self.rest.split_first().filter(|(letter, _)| letter.is_ascii_alphabetic())?;
        self.rest = rest;
        Some(*letter)
    }

    /// A flag of an arc, behind which nothing need stand.
    fn flag(&mut self) -> Option<()> {
        self.skip_separators();
        let (_, rest) = self.rest.split_first().filter(|(flag, _)| matches!(flag, b'0' | b'1'))?;
        self.rest = rest;
        Some(())
    }
}

impl Iterator for Numbers<'_> {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.skip_separators();
        let digits = |from: usize| self.rest.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let is = |at: usize, what: &[u8]| self.rest.get(at).is_some_and(|byte| what.contains(byte));
        let mut end = usize::from(is(0, b"+-"));
        end += digits(end);
        if is(end, b".") {
            end += 1 + digits(end + 1);
        }
        if is(end, b"eE") {
            let sign = usize::from(is(end + 1, b"+-"));
            let exponent = digits(end + 1 + sign);
            end += if exponent > 0 { 1 + sign + exponent } else { 0 };
        }
        let (number, rest) = self.rest.split_at_checked(end)?;
        let number = std::str::from_utf8(number).ok()?.parse().ok()?;
        self.rest = rest;
        Some(number)
    }
}

/// Draws the path (SVG 2, 9.3). Of a curve its end is enough: codes with round corners are read all the same. A path ends at the
/// first thing that is wrong in it.
pub(super) fn draw(data: &str, ctm: &Matrix, drawing: &mut Drawing) {
    let mut pen = Pen { at: (0.0, 0.0), start: (0.0, 0.0), is_down: false, ctm, drawing };
    let mut numbers = Numbers::new(data);
    let mut command = None;
    while !pen.drawing.is_full() {
        match (numbers.letter(), command) {
            (Some(letter), _) => command = Some(letter),
            (None, Some(_)) if !numbers.rest.is_empty() => {}
            (None, _) => return,
        }
        let Some(letter) = command else { return };
        let Some(next) = step(letter, &mut numbers, &mut pen) else { return };
        command = next;
    }
}

/// Does one command, and gives the one that further numbers are for, if they may follow.
fn step(letter: u8, numbers: &mut Numbers<'_>, pen: &mut Pen<'_>) -> Option<Option<u8>> {
    let from = if letter.is_ascii_lowercase() { pen.at } else { (0.0, 0.0) };
    let mut pass = |count: usize| (0..count).try_for_each(|_| numbers.next().map(|_| ()));
    match letter.to_ascii_uppercase() {
        b'M' | b'L' | b'T' => {}
        b'C' => pass(4)?,
        b'S' | b'Q' => pass(2)?,
        b'A' => {
            pass(3)?;
            numbers.flag()?;
            numbers.flag()?;
        }
        b'H' => {
            pen.line_to((from.0 + numbers.next()?, pen.at.1));
            return Some(Some(letter));
        }
        b'V' => {
            pen.line_to((pen.at.0, from.1 + numbers.next()?));
            return Some(Some(letter));
        }
        b'Z' => {
            pen.close();
            return Some(None);
        }
        _ => return None,
    }
    let to = (from.0 + numbers.next()?, from.1 + numbers.next()?);
    match letter {
        b'M' | b'm' => pen.move_to(to),
        _ => pen.line_to(to),
    }
    // More numbers behind a move are lines.
    Some(Some(match letter {
        b'M' => b'L',
        b'm' => b'l',
        letter => letter,
    }))
}

struct Pen<'p> {
    at: Point,
    /// Where the outline began.
    start: Point,
    /// Whether an outline was begun.
    is_down: bool,
    ctm: &'p Matrix,
    drawing: &'p mut Drawing,
}

impl Pen<'_> {
    fn move_to(&mut self, to: Point) {
        (self.at, self.start, self.is_down) = (to, to, true);
        self.drawing.move_to(apply(self.ctm, to));
    }

    fn line_to(&mut self, to: Point) {
        if !self.is_down {
            // What follows an outline that was closed begins where that began.
            self.move_to(self.at);
        }
        self.at = to;
        self.drawing.line_to(apply(self.ctm, to));
    }

    fn close(&mut self) {
        if self.is_down {
            self.drawing.close();
        }
        (self.at, self.is_down) = (self.start, false);
    }
}

/// The matrix of a `transform` (CSS Transforms 1): what is written last is done first. What is not known is passed over.
pub(super) fn transform(text: &str) -> Matrix {
    const MOST: usize = 32;
    let mut out = IDENTITY;
    for function in text.split(')').take(MOST) {
        let Some((name, arguments)) = function.split_once('(') else { continue };
        let numbers: Vec<f64> = Numbers::new(arguments).take(6).collect();
        let matrix = match (name.trim_matches([' ', ',', '\n', '\r', '\t']), numbers.as_slice()) {
            ("translate", [x]) => [1.0, 0.0, 0.0, 1.0, *x, 0.0],
            ("translate", [x, y]) => [1.0, 0.0, 0.0, 1.0, *x, *y],
            ("scale", [both]) => [*both, 0.0, 0.0, *both, 0.0, 0.0],
            ("scale", [x, y]) => [*x, 0.0, 0.0, *y, 0.0, 0.0],
            ("matrix", [a, b, c, d, e, f]) => [*a, *b, *c, *d, *e, *f],
            ("rotate", [degrees]) => rotation(*degrees),
            ("rotate", [degrees, x, y]) => {
                let back = product(&rotation(*degrees), &[1.0, 0.0, 0.0, 1.0, *x, *y]);
                product(&[1.0, 0.0, 0.0, 1.0, -x, -y], &back)
            }
            _ => continue,
        };
        out = product(&matrix, &out);
    }
    out
}

fn rotation(degrees: f64) -> Matrix {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    [cosine, sine, -sine, cosine, 0.0, 0.0]
}
