//! Text as it is met: with a byte order mark, in UTF-16, or JSON wrapped into a JSON string.

use crate::{Error, Result, import::Limits};

/// How text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// The encoding by the byte order mark, or by which of the first two bytes is zero, and how long the mark is.
pub(super) fn encoding(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
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

/// Text in UTF-8 without a mark. Half a surrogate pair becomes a byte that is no UTF-8, so that it costs its entry and is
/// not silently another character.
///
/// # Errors
/// It is larger than `limit` in UTF-8.
pub(super) fn to_utf8(mut bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>> {
    let (encoding, mark) = encoding(&bytes);
    let unit: fn([u8; 2]) -> u16 = match encoding {
        Encoding::Utf8 => {
            bytes.drain(..mark);
            return Ok(bytes);
        }
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let (pairs, odd) = bytes.get(mark..).unwrap_or_default().as_chunks::<2>();
    let mut out = Vec::with_capacity(pairs.len());
    let mut buffer = [0; 4];
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(letter) => out.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes()),
            Err(_) => out.push(0xFF),
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
