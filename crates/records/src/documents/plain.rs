//! Plain text and RTF letters: kept, and found by their words.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{
    DocumentKind,
    limits::TEXT_BYTES,
    reference::{Draft, tidy},
};

/// Bytes that are looked at to tell text from other things.
const SNIFFED: usize = 4096;
/// Bytes that are decoded.
const DECODED: usize = 4 * TEXT_BYTES;

/// Whether it is text that a person could have written: UTF-8 or a single-byte encoding without control characters, or
/// UTF-16 that says so.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return bytes.len() > 2;
    }
    let head = bytes.get(..bytes.len().min(SNIFFED)).unwrap_or_default();
    let odd = head.iter().any(|byte| matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F));
    !odd && head.iter().any(|byte| !byte.is_ascii_whitespace())
}

pub(super) fn draft(bytes: &[u8], kind: DocumentKind) -> Draft {
    let mut draft = Draft::new(kind.media_type());
    draft.text = if kind == DocumentKind::Rtf { rtf(bytes) } else { decode(bytes) };
    draft.title = draft.text.lines().map(tidy).find(|line| !line.is_empty()).filter(|line| line.len() <= 120);
    if draft.text.trim().is_empty() {
        draft.facts.push("No text could be read from it.".to_owned());
    }
    draft
}

/// The text, by its byte order mark, else UTF-8, else Windows-1252.
fn decode(bytes: &[u8]) -> String {
    let head = bytes.get(..bytes.len().min(DECODED)).unwrap_or_default();
    let encoding = match Encoding::for_bom(head) {
        Some((encoding, _)) if [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) => encoding,
        _ if is_utf8(head) => UTF_8,
        _ => WINDOWS_1252,
    };
    crate::index::clip(&encoding.decode(head).0, TEXT_BYTES).to_owned()
}

/// Whether it is UTF-8; a last character that the limit cut may be incomplete.
fn is_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && bytes.len() - error.valid_up_to() < 4,
    }
}

/// The words of an RTF file: control words passed over, groups that hold no text left out. Reads Windows-1252, which RTF
/// assumes, and `\u`.
fn rtf(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut at = bytes.iter().copied().take(16 << 20).peekable();
    // The depth at which a group without text began; what is deeper is not text either.
    let (mut depth, mut silent) = (0_u32, None::<u32>);
    let mut group_begins = false;
    let mut swallow = 0_u32;
    while let Some(byte) = at.next() {
        if out.len() >= TEXT_BYTES {
            break;
        }
        match byte {
            b'{' => {
                depth = depth.saturating_add(1);
                group_begins = true;
                continue;
            }
            b'}' => {
                if silent.is_some_and(|from| depth <= from) {
                    silent = None;
                }
                depth = depth.saturating_sub(1);
            }
            b'\\' => match at.next() {
                Some(b'\'') => {
                    let digits = [at.next(), at.next()].map(|digit| char::from(digit.unwrap_or(b'0')).to_digit(16));
                    let [Some(high), Some(low)] = digits else { continue };
                    let code = u8::try_from(high * 16 + low).unwrap_or(b' ');
                    if swallow > 0 {
                        swallow -= 1;
                    } else if silent.is_none() {
                        out.push_str(&WINDOWS_1252.decode_without_bom_handling(&[code]).0);
                    }
                }
                Some(b'*') => silent = silent.or(Some(depth)),
                Some(letter @ (b'{' | b'}' | b'\\')) if silent.is_none() => out.push(char::from(letter)),
                Some(b'~') if silent.is_none() => out.push(' '),
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let mut word = vec![letter];
                    while let Some(next) = at.next_if(u8::is_ascii_alphabetic) {
                        if word.len() < 32 {
                            word.push(next);
                        }
                    }
                    let negative = at.next_if_eq(&b'-').is_some();
                    let mut number = 0_i64;
                    while let Some(digit) = at.next_if(u8::is_ascii_digit) {
                        number = (number * 10 + i64::from(digit - b'0')).min(1 << 32);
                    }
                    at.next_if_eq(&b' ');
                    let number = if negative { -number } else { number };
                    match word.as_slice() {
                        b"fonttbl" | b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"header"
                        | b"footer" | b"themedata" | b"datastore" | b"listtable" | b"listoverridetable"
                        | b"rsidtbl" | b"generator"
                            if group_begins =>
                        {
                            silent = silent.or(Some(depth));
                        }
                        b"par" | b"line" | b"row" | b"page" | b"sect" if silent.is_none() => out.push('\n'),
                        b"tab" | b"cell" if silent.is_none() => out.push(' '),
                        b"u" => {
                            let code = u32::try_from(number.rem_euclid(1 << 16)).ok();
                            if silent.is_none()
                                && let Some(letter) = code.and_then(char::from_u32)
                            {
                                out.push(letter);
                            }
                            swallow = 1;
                        }
                        _ => {}
                    }
                }
                _ => {}
            },
            b'\r' | b'\n' => {}
            _ if silent.is_some() => {}
            _ if swallow > 0 => swallow -= 1,
            byte if byte.is_ascii() && !byte.is_ascii_control() => out.push(char::from(byte)),
            byte => out.push_str(&WINDOWS_1252.decode_without_bom_handling(&[byte]).0),
        }
        group_begins = false;
    }
    out
}
