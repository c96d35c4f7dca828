//! Objects of PDF (ISO 32000-2, 7.2 and 7.3) from bytes, within bounds on their nesting and number.

use crate::documents::limits::Budget;

/// The deepest nesting that is read.
const DEPTH: usize = 40;
/// The most values in one object.
const VALUES: usize = 300_000;

/// A PDF object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Number(f64),
    Name(Vec<u8>),
    String(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    /// A reference to the object of that number.
    Reference(u32),
    /// A dictionary and where its stream's bytes begin in the file.
    Stream(Dict, usize),
}

/// A dictionary.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dict(pub(super) Vec<(Vec<u8>, Object)>);

impl Dict {
    pub(super) fn get(&self, key: &[u8]) -> Option<&Object> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn name(&self, key: &[u8]) -> Option<&[u8]> {
        match self.get(key)? {
            Object::Name(name) => Some(name),
            _ => None,
        }
    }
}

impl Object {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Object::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A number that is a whole one not below 0.
    pub(super) fn index(&self) -> Option<usize> {
        let number = self.number()?;
        // Far below where f64 stops being exact.
        ((0.0..=4e9).contains(&number) && number.fract() == 0.0).then_some(number as usize)
    }
}

/// What stands next in the bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    Name(Vec<u8>),
    String(Vec<u8>),
    ArrayBegin,
    ArrayEnd,
    DictBegin,
    DictEnd,
    /// `obj`, `R`, `true`, an operator.
    Word(&'a [u8]),
}

/// Reads on from a place.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Lexer<'a> {
        Lexer { bytes, at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                    self.at += 1;
                }
            } else if is_blank(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    pub(super) fn token(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let byte = self.peek()?;
        Some(match byte {
            b'[' | b']' | b'{' | b'}' => {
                self.at += 1;
                match byte {
                    b'[' => Token::ArrayBegin,
                    b']' => Token::ArrayEnd,
                    _ => Token::Word(self.bytes.get(self.at - 1..self.at)?),
                }
            }
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                Token::DictBegin
            }
            b'>' if self.bytes.get(self.at + 1) == Some(&b'>') => {
                self.at += 2;
                Token::DictEnd
            }
            b'<' => Token::String(self.hexadecimal()),
            b'(' => Token::String(self.literal()),
            b'/' => {
                self.at += 1;
                Token::Name(self.name())
            }
            b')' | b'>' => {
                self.at += 1;
                Token::Word(self.bytes.get(self.at - 1..self.at)?)
            }
            _ => {
                let start = self.at;
                while self.peek().is_some_and(is_regular) {
                    self.at += 1;
                }
                let word = self.bytes.get(start..self.at)?;
                number(word).map_or(Token::Word(word), Token::Number)
            }
        })
    }

    /// The object that begins here; `None` where there is none or it breaks the bounds.
    pub(super) fn object(&mut self, budget: &mut Budget) -> Option<Object> {
        let start = self.at;
        let mut values = VALUES;
        let object = self.token().and_then(|token| self.value(token, 0, &mut values));
        // What led nowhere is paid for too: a comment may reach to the end of the file.
        budget.spend((self.at - start) as u64 + 1)?;
        object
    }

    fn value(&mut self, token: Token<'a>, depth: usize, values: &mut usize) -> Option<Object> {
        *values = values.checked_sub(1)?;
        if depth > DEPTH {
            return None;
        }
        Some(match token {
            Token::Number(number) => self.reference(number).map_or(Object::Number(number), Object::Reference),
            Token::Name(name) => Object::Name(name),
            Token::String(bytes) => Object::String(bytes),
            Token::Word(b"true") => Object::Bool(true),
            Token::Word(b"false") => Object::Bool(false),
            Token::Word(b"null") => Object::Null,
            Token::ArrayBegin => {
                let mut items = Vec::new();
                loop {
                    match self.token()? {
                        Token::ArrayEnd => break,
                        // What does not belong here is passed over, but not what ends the object around it.
                        Token::Word(b"endobj" | b"endstream") => return None,
                        token => items.extend(self.inner(token, depth, values)?),
                    }
                }
                Object::Array(items)
            }
            Token::DictBegin => {
                let mut members = Vec::new();
                loop {
                    match self.token()? {
                        Token::DictEnd => break,
                        Token::Name(name) => {
                            let before = self.at;
                            let token = self.token()?;
                            if token == Token::DictEnd {
                                break;
                            }
                            if let Some(value) = self.inner(token, depth, values)? {
                                members.push((name, value));
                            } else {
                                // A word where a value should be: the next name goes on.
                                self.at = self.at.max(before + 1);
                            }
                        }
                        Token::Word(b"endobj" | b"stream" | b"endstream") => return None,
                        _ => *values = values.checked_sub(1)?,
                    }
                }
                Object::Dict(Dict(members))
            }
            Token::ArrayEnd | Token::DictEnd | Token::Word(_) => return None,
        })
    }

    /// A value inside another: a stray word is none, but breaking the bounds ends everything.
    fn inner(&mut self, token: Token<'a>, depth: usize, values: &mut usize) -> Option<Option<Object>> {
        match token {
            Token::Word(b"true" | b"false" | b"null")
            | Token::Number(_)
            | Token::Name(_)
            | Token::String(_)
            | Token::ArrayBegin
            | Token::DictBegin => self.value(token, depth + 1, values).map(Some),
            _ => {
                *values = values.checked_sub(1)?;
                Some(None)
            }
        }
    }

    /// `12 0 R` after its 12.
    fn reference(&mut self, number: f64) -> Option<u32> {
        if !(0.0..=4e9).contains(&number) || number.fract() != 0.0 {
            return None;
        }
        let mut ahead = self.clone();
        // Only digits and blanks can be in between, and few of them.
        ahead.bytes = self.bytes.get(..self.bytes.len().min(self.at + 24))?;
        let Token::Number(generation) = ahead.token()? else { return None };
        if ahead.token()? != Token::Word(b"R") || generation < 0.0 {
            return None;
        }
        self.at = ahead.at;
        Some(number as u32)
    }

    fn name(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_regular(*byte)) {
            self.at += 1;
            let escaped = (byte == b'#').then(|| self.bytes.get(self.at..self.at + 2)).flatten().and_then(|two| {
                let [high, low] = two else { return None };
                Some(digit(*high)? * 16 + digit(*low)?)
            });
            if escaped.is_some() {
                self.at += 2;
            }
            if out.len() < 256 {
                out.push(escaped.unwrap_or(byte));
            }
        }
        out
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut out = Vec::new();
        let mut high = None;
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(low) = digit(byte) else { continue };
            match high.take() {
                None => high = Some(low),
                Some(high) => out.push(high * 16 + low),
            }
        }
        out.extend(high.map(|high| high * 16));
        out
    }

    fn literal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut out = Vec::new();
        let mut depth = 0_u32;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => {
                    depth += 1;
                    out.push(byte);
                }
                b')' if depth == 0 => break,
                b')' => {
                    depth -= 1;
                    out.push(byte);
                }
                b'\\' => {
                    let Some(escape) = self.peek() else { break };
                    self.at += 1;
                    match escape {
                        b'n' => out.push(b'\n'),
                        b'r' => out.push(b'\r'),
                        b't' => out.push(b'\t'),
                        b'b' => out.push(8),
                        b'f' => out.push(12),
                        b'\r' => {
                            if self.peek() == Some(b'\n') {
                                self.at += 1;
                            }
                        }
                        b'\n' => {}
                        b'0'..=b'7' => {
                            let mut code = u32::from(escape - b'0');
                            for _ in 0..2 {
                                let Some(next @ b'0'..=b'7') = self.peek() else { break };
                                code = code * 8 + u32::from(next - b'0');
                                self.at += 1;
                            }
                            out.push((code & 0xFF) as u8);
                        }
                        other => out.push(other),
                    }
                }
                _ => out.push(byte),
            }
        }
        out
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A number as PDF writes it; what other writers make of it (`--5`, `1.2.3`) is read up to where it makes sense.
fn number(word: &[u8]) -> Option<f64> {
    let first = *word.first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) || word.len() > 64 {
        return None;
    }
    let digits =
        word.iter().position(|byte| !matches!(byte, b'+' | b'-')).map(|at| word.get(at..).unwrap_or_default())?;
    let end = digits.iter().enumerate().position(|(at, byte)| {
        !(byte.is_ascii_digit() || *byte == b'.' && !digits.get(..at).is_some_and(|before| before.contains(&b'.')))
    });
    let digits = digits.get(..end.unwrap_or(digits.len()))?;
    if !digits.iter().any(u8::is_ascii_digit) {
        return None;
    }
    if let Some(end) = end
        && !matches!(word.get(end..)?.first(), Some(b'+' | b'-' | b'.' | b'0'..=b'9'))
    {
        return None;
    }
    let value: f64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(if first == b'-' { -value } else { value })
}
