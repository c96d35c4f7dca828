//! Text as it is met: with a byte order mark, in UTF-16 or UTF-32, in the alphabet of older programs, or JSON wrapped into a
//! JSON string.

use encoding_rs::WINDOWS_1252;

use super::{
    Event,
    job::{Halt, Job, Part},
};
use crate::{Error, Result, import::Limits};

/// How text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

/// The encoding by the byte order mark, or by which of the first bytes are zero, and how long the mark is.
pub(super) fn encoding(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding::Utf32Le, 4),
        [0, 0, 0xFE, 0xFF, ..] => (Encoding::Utf32Be, 4),
        [first, 0, 0, 0, ..] if is_start(*first) => (Encoding::Utf32Le, 0),
        [0, 0, 0, first, ..] if is_start(*first) => (Encoding::Utf32Be, 0),
        [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
        [first, 0, _, 0, ..] if is_start(*first) => (Encoding::Utf16Le, 0),
        [0, first, 0, _, ..] if is_start(*first) => (Encoding::Utf16Be, 0),
        _ => (Encoding::Utf8, 0),
    }
}

fn is_start(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'<' | b' ' | b'\r' | b'\n' | b'\t')
}

/// Text in UTF-8 without a mark. What is no letter in UTF-16 or UTF-32, half a surrogate pair above all, becomes a byte that
/// is no UTF-8, so that it costs its entry and is not silently another character.
///
/// # Errors
/// It is larger than `limit` in UTF-8.
pub(super) fn to_utf8(mut bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>> {
    let (encoding, mark) = encoding(&bytes);
    let text = bytes.get(mark..).unwrap_or_default();
    match encoding {
        Encoding::Utf8 => {
            bytes.drain(..mark);
            Ok(bytes)
        }
        Encoding::Utf16Le => utf16(text, u16::from_le_bytes, limit),
        Encoding::Utf16Be => utf16(text, u16::from_be_bytes, limit),
        Encoding::Utf32Le => utf32(text, u32::from_le_bytes, limit),
        Encoding::Utf32Be => utf32(text, u32::from_be_bytes, limit),
    }
}

fn utf16(text: &[u8], unit: fn([u8; 2]) -> u16, limit: u64) -> Result<Vec<u8>> {
    let (units, odd) = text.as_chunks::<2>();
    let letters = char::decode_utf16(units.iter().map(|bytes| unit(*bytes))).map(std::result::Result::ok);
    gathered(letters, units.len(), odd, limit)
}

fn utf32(text: &[u8], unit: fn([u8; 4]) -> u32, limit: u64) -> Result<Vec<u8>> {
    let (units, odd) = text.as_chunks::<4>();
    gathered(units.iter().map(|bytes| char::from_u32(unit(*bytes))), units.len(), odd, limit)
}

/// Letters in UTF-8; `odd` is what was left over of the last.
fn gathered(letters: impl Iterator<Item = Option<char>>, about: usize, odd: &[u8], limit: u64) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(about);
    let mut buffer = [0; 4];
    for letter in letters {
        match letter {
            Some(letter) => out.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes()),
            None => out.push(0xFF),
        }
        if out.len() as u64 > limit {
            return Err(Error::TooLarge { limit_mib: limit >> 20 });
        }
    }
    if !odd.is_empty() {
        out.push(0xFF);
    }
    Ok(out)
}

/// Says of a file that letters of it were read as what they are not said to be.
pub(super) fn say_from_windows(job: &Job<'_>, part: &Part<'_>) -> Result<(), Halt> {
    const SENTENCE: &str = "Some letters of this file are not UTF-8, as they should be. They were read as older Windows \
        programs write them (Windows-1252); please look at names with accents.";
    job.emit(Event::Note { path: part.path("text"), text: SENTENCE.to_owned() })
}

/// Text that was not UTF-8 to begin with: each byte that is no part of a letter as Windows-1252, which is also Latin-1 for
/// every letter that Latin-1 has. `None` where all of it is UTF-8, if perhaps cut short in the middle of a letter.
///
/// # Errors
/// It is larger than `limit` in UTF-8.
pub(super) fn from_windows(bytes: &[u8], limit: u64) -> Result<Option<Vec<u8>>> {
    if std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true) {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        out.extend_from_slice(WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0.as_bytes());
        if out.len() as u64 > limit {
            return Err(Error::TooLarge { limit_mib: limit >> 20 });
        }
    }
    Ok(Some(out))
}

/// Puts `\ufffd` in the place of every `\u` escape in JSON that is half of a surrogate pair (RFC 8259, section 8.2: such
/// texts are JSON, and no program can say what they mean); how many there were. Nothing else is moved or changed.
pub(super) fn mend_half_letters(json: &mut [u8]) -> usize {
    let unit = |json: &[u8], at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let (mut at, mut mended) = (0, 0);
    while let Some(step) = json.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += step;
        match (unit(json, at), unit(json, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(0xD800..=0xDFFF), _) => {
                if let Some(half) = json.get_mut(at..at + 6) {
                    half.copy_from_slice(b"\\ufffd");
                }
                (at, mended) = (at + 6, mended + 1);
            }
            _ => at += 2,
        }
    }
    mended
}

/// The start of a text in UTF-8, for looking at.
pub(super) fn start_of(head: &[u8]) -> Vec<u8> {
    to_utf8(head.to_vec(), u64::MAX).unwrap_or_default()
}

/// Whether a JSON string starts here that holds JSON.
pub(super) fn is_wrapped_json(text: &[u8]) -> bool {
    let Some(mut rest) = text.trim_ascii_start().strip_prefix(b"\"") else { return false };
    loop {
        rest = rest.trim_ascii_start();
        rest = match rest {
            [b'\\', b'n' | b'r' | b't', rest @ ..] => rest,
            [b'{' | b'[', ..] | [b'\\', b'"', ..] => return true,
            _ => return false,
        };
    }
}

/// JSON out of the JSON strings around it, of which there are at most two.
///
/// # Errors
/// The string is not a JSON string, or is cut short.
pub(super) fn unwrap_json(mut text: Vec<u8>, limits: &Limits) -> Result<Vec<u8>> {
    for _ in 0..2 {
        if !is_wrapped_json(&text) {
            break;
        }
        let inner: String = serde_json::from_slice(text.trim_ascii()).map_err(|error| match error.is_eof() {
            true => Error::CutShort,
            false => Error::NotJson { at: error.column() },
        })?;
        text = inner.into_bytes();
        crate::import::split::refuse_hopeless_depth(&text, limits.depth)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_older_programs_are_told_from_a_letter_that_was_cut() {
        let read = |bytes: &[u8]| from_windows(bytes, 100).unwrap().map(|text| String::from_utf8(text).unwrap());
        assert_eq!(read("Lefèvre".as_bytes()), None);
        assert_eq!(read(b"{\"Lef\xC3"), None, "the rest of the letter is missing, as is the rest of the file");
        assert_eq!(read(b"Lef\xE8vre \x80").as_deref(), Some("Lefèvre €"));
        let mixed = ["Nîmes, ".as_bytes(), b"\xE9t\xE9."].concat();
        assert_eq!(read(&mixed).as_deref(), Some("Nîmes, été."));
        assert!(from_windows(&[0xE8; 60], 100).is_err());
    }
}
