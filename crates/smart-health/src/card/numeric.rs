//! QR codes of cards: `shc:/` and two digits for each character, whole or (deprecated) in chunks.
//!
//! Specification: SMART Health Cards and Links 1.0.0, "Health Cards as QR Codes", "Encoding QRs".

use std::collections::BTreeMap;

use super::{Finding, Reason};

/// What each code begins with.
pub const SCHEME: &str = "shc:/";

/// The longest card that fits a single code of version 22 (with error correction L).
pub const MAX_SINGLE: usize = 1195;

/// The longest part of a card that was split.
pub const MAX_CHUNK: usize = 1191;

/// The most parts of a card that are put together here.
pub const MAX_CHUNKS: usize = 100;

/// What one code holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its characters of the card.
    pub text: String,
    /// Its number, from 1, and the number of all, if it is a part.
    pub chunk: Option<(usize, usize)>,
}

/// Reads one code: `shc:/<digits>` or `shc:/<number>/<total>/<digits>`.
///
/// # Errors
/// [`Reason::NotACard`], [`Reason::ChunkNumber`], [`Reason::ChunkTooLong`], [`Reason::NumericNotDigits`],
/// [`Reason::NumericOdd`], [`Reason::NumericOutOfRange`].
pub fn decode(code: &str) -> Result<Code, Reason> {
    let scheme = code.get(..SCHEME.len()).filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
    let rest = scheme.and_then(|scheme| code.get(scheme.len()..)).ok_or(Reason::NotACard)?;
    let mut parts = rest.split('/');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let (digits, chunk) = match (second, third, parts.next()) {
        (None, ..) => (first, None),
        (Some(total), Some(digits), None) => {
            let (number, total) = (chunk_number(first)?, chunk_number(total)?);
            if number > total {
                return Err(Reason::ChunkNumber);
            }
            (digits, Some((number, total)))
        }
        _ => return Err(Reason::NumericNotDigits),
    };
    let text = to_text(digits)?;
    if chunk.is_some_and(|(_, total)| total > 1) && text.len() > MAX_CHUNK {
        return Err(Reason::ChunkTooLong { length: text.len() });
    }
    Ok(Code { text, chunk })
}

/// The digits of a card, two for each character.
///
/// # Errors
/// [`Reason::NotBase64Url`] for a character that no card has.
pub fn to_digits(jws: &str) -> Result<String, Reason> {
    let mut digits = String::with_capacity(jws.len() * 2);
    for byte in jws.bytes() {
        let value = byte.checked_sub(FIRST).filter(|value| *value <= LAST - FIRST).ok_or(Reason::NotBase64Url)?;
        for digit in [value / 10, value % 10] {
            digits.push(char::from(b'0' + digit));
        }
    }
    Ok(digits)
}

/// The character that becomes `00`, and the last one that a card can have.
const FIRST: u8 = b'-';
const LAST: u8 = b'z';

fn chunk_number(text: &str) -> Result<usize, Reason> {
    if text.is_empty() || text.len() > 3 || text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::ChunkNumber);
    }
    text.parse().ok().filter(|number| *number <= MAX_CHUNKS).ok_or(Reason::ChunkNumber)
}

fn to_text(digits: &str) -> Result<String, Reason> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::NumericNotDigits);
    }
    if !digits.len().is_multiple_of(2) {
        return Err(Reason::NumericOdd);
    }
    let mut text = String::with_capacity(digits.len() / 2);
    for pair in digits.as_bytes().chunks_exact(2) {
        let value = pair.iter().fold(0, |value, digit| value * 10 + (digit - b'0'));
        if value > LAST - FIRST {
            return Err(Reason::NumericOutOfRange);
        }
        text.push(char::from(FIRST + value));
    }
    Ok(text)
}

/// The codes of one card, as they are scanned, in any order.
#[derive(Debug, Clone, Default)]
pub struct Chunks {
    total: Option<usize>,
    parts: BTreeMap<usize, String>,
}

/// How far a card is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// More codes are needed.
    More {
        /// How many are there.
        have: usize,
        /// Of how many.
        total: usize,
    },
    /// It is whole.
    Complete(Assembled),
}

/// A card put together from its codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    /// The card.
    pub jws: String,
    /// What is to be said of the way in which it was split.
    pub findings: Vec<Finding>,
}

impl Chunks {
    /// Takes the next code. The same code again changes nothing: a camera sees it many times.
    ///
    /// # Errors
    /// Those of [`decode`]; [`Reason::ChunkTotals`]; [`Reason::ChunkRepeated`] for another content under a number that
    /// is there. What was taken before stays.
    pub fn add(&mut self, code: &str) -> Result<Progress, Reason> {
        self.take(decode(code)?, false)
    }

    fn take(&mut self, code: Code, only_once: bool) -> Result<Progress, Reason> {
        let (number, total) = code.chunk.unwrap_or((1, 1));
        if self.total.is_some_and(|known| known != total) {
            return Err(Reason::ChunkTotals);
        }
        if self.parts.get(&number).is_some_and(|part| only_once || *part != code.text) {
            return Err(Reason::ChunkRepeated { number });
        }
        self.total = Some(total);
        let marked = code.chunk.is_some();
        self.parts.insert(number, code.text);
        if self.parts.len() < total {
            return Ok(Progress::More { have: self.parts.len(), total });
        }
        Ok(Progress::Complete(self.assembled(total, marked)))
    }

    fn assembled(&self, total: usize, marked: bool) -> Assembled {
        let jws: String = self.parts.values().map(String::as_str).collect();
        let mut findings = Vec::new();
        if total == 1 {
            if marked {
                findings.push(Finding::noted("code", Reason::ChunkOfOne));
            }
            return Assembled { jws, findings };
        }
        if jws.len() <= MAX_SINGLE {
            findings.push(Finding::refused("code", Reason::ChunkTooSmall));
        }
        findings.push(Finding::noted("code", Reason::ChunksDeprecated));
        let lengths = || self.parts.values().map(String::len);
        if lengths().max().unwrap_or(0) > 2 * lengths().min().unwrap_or(0) {
            findings.push(Finding::noted("code", Reason::ChunksUnbalanced));
        }
        Assembled { jws, findings }
    }
}

/// Puts a card together from all its codes, in any order.
///
/// # Errors
/// Those of [`Chunks::add`], [`Reason::ChunkMissing`], and [`Reason::ChunkRepeated`] for any code that is there twice.
pub fn assemble<'a>(codes: impl IntoIterator<Item = &'a str>) -> Result<Assembled, Reason> {
    let mut chunks = Chunks::default();
    let mut progress = Progress::More { have: 0, total: 1 };
    for code in codes {
        progress = chunks.take(decode(code)?, true)?;
    }
    match progress {
        Progress::Complete(assembled) => Ok(assembled),
        Progress::More { have, total } => Err(Reason::ChunkMissing { missing: total.saturating_sub(have), total }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(number: usize, total: usize, text: &str) -> String {
        format!("shc:/{number}/{total}/{}", to_digits(text).unwrap())
    }

    #[test]
    fn the_specifications_example_of_a_character() {
        assert_eq!(to_digits("X").unwrap(), "43");
        assert_eq!(decode("shc:/43").unwrap(), Code { text: "X".into(), chunk: None });
        assert_eq!(decode("SHC:/4300").unwrap().text, "X-");
    }

    #[test]
    fn what_is_no_code_says_why() {
        for (text, reason) in [
            ("hc:/43", Reason::NotACard),
            ("shc:/", Reason::NumericNotDigits),
            ("shc:/4", Reason::NumericOdd),
            ("shc:/78", Reason::NumericOutOfRange),
            ("shc:/4a", Reason::NumericNotDigits),
            ("shc:/0/2/43", Reason::ChunkNumber),
            ("shc:/3/2/43", Reason::ChunkNumber),
            ("shc:/1/999/43", Reason::ChunkNumber),
            ("shc:/x/2/43", Reason::ChunkNumber),
            ("shc:/1/2/3/43", Reason::NumericNotDigits),
            ("shc:/1/43", Reason::NumericNotDigits),
            ("shc:/é", Reason::NumericNotDigits),
        ] {
            assert_eq!(decode(text), Err(reason), "{text}");
        }
        assert_eq!(decode(&code(1, 2, &"a".repeat(1192))), Err(Reason::ChunkTooLong { length: 1192 }));
    }

    #[test]
    fn chunks_come_in_any_order() {
        let parts = ["a".repeat(600), "b".repeat(500), "c".repeat(400)];
        let codes: Vec<String> = parts.iter().enumerate().map(|(at, part)| code(at + 1, 3, part)).collect();
        let whole = assemble([codes[2].as_str(), &codes[0], &codes[1]]).unwrap();
        assert_eq!(whole.jws, parts.concat());
        assert!(super::super::refusal(&whole.findings).is_none());
        assert_eq!(assemble([codes[2].as_str(), &codes[0]]), Err(Reason::ChunkMissing { missing: 1, total: 3 }));
        assert_eq!(assemble([codes[2].as_str(), &codes[0], &codes[2]]), Err(Reason::ChunkRepeated { number: 3 }));
        assert_eq!(assemble([codes[2].as_str(), &code(1, 2, "x")]), Err(Reason::ChunkTotals));
        let mut scanned = Chunks::default();
        assert_eq!(scanned.add(&codes[1]), Ok(Progress::More { have: 1, total: 3 }));
        assert_eq!(scanned.add(&codes[1]), Ok(Progress::More { have: 1, total: 3 }));
        assert_eq!(scanned.add(&code(2, 3, "other")), Err(Reason::ChunkRepeated { number: 2 }));
        scanned.add(&codes[0]).unwrap();
        assert!(matches!(scanned.add(&codes[2]), Ok(Progress::Complete(_))));
    }

    #[test]
    fn a_card_that_fits_one_code_is_not_split() {
        let small = assemble([code(1, 2, "aa").as_str(), &code(2, 2, "bb")]).unwrap();
        assert_eq!(super::super::refusal(&small.findings).unwrap().reason, Reason::ChunkTooSmall);
        let one = assemble([code(1, 1, "aa").as_str()]).unwrap();
        assert_eq!(one.findings, [Finding::noted("code", Reason::ChunkOfOne)]);
    }

    proptest! {
        #[test]
        fn what_is_split_comes_together_in_any_order(
            parts in proptest::collection::vec("[-.A-Z_a-z0-9]{1,60}", 1..12), start in any::<usize>(), turned in any::<bool>(),
        ) {
            let mut codes: Vec<String> =
                parts.iter().enumerate().map(|(at, part)| code(at + 1, parts.len(), part)).collect();
            let start = start % codes.len();
            codes.rotate_left(start);
            if turned {
                codes.reverse();
            }
            prop_assert_eq!(assemble(codes.iter().map(String::as_str)).unwrap().jws, parts.concat());
        }

        #[test]
        fn no_codes_panic(codes in proptest::collection::vec("(shc:/)?[0-9/]{0,20}.{0,3}", 0..8)) {
            let mut chunks = Chunks::default();
            for code in &codes {
                let _ = chunks.add(code);
            }
            let _ = assemble(codes.iter().map(String::as_str));
        }
    }
}
