//! From bytes to text: byte order mark, then the XML declaration (XML 1.0, appendix F), else UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a document its declaration is looked for.
const DECLARATION: usize = 1024;

/// The document as text, without a byte order mark. Bytes that are not of the encoding do not fail it: in what says it
/// is UTF-8 each is read as Windows-1252, which is what they are in practice; elsewhere they become U+FFFD.
///
/// At most three times as large as the bytes.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    // First, for the mark of UTF-16 is how that of UTF-32 begins.
    match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => return utf32(rest, u32::from_le_bytes).into(),
        [0, 0, 0xFE, 0xFF, rest @ ..] => return utf32(rest, u32::from_be_bytes).into(),
        [b'<', 0, 0, 0, ..] => return utf32(bytes, u32::from_le_bytes).into(),
        [0, 0, 0, b'<', ..] => return utf32(bytes, u32::from_be_bytes).into(),
        _ => {}
    }
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None => (without_mark(bytes), bytes),
    };
    if encoding != UTF_8 {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut out = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                out.push_str(chunk.valid());
                out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
            }
            Cow::Owned(out)
        }
    }
}

/// Whether [`decode`] had to read letters as Windows-1252 although the document says, or means by saying nothing, that it is in
/// UTF-8.
pub(crate) fn is_misdeclared(bytes: &[u8]) -> bool {
    let says_utf8 = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding == UTF_8,
        None => without_mark(bytes) == UTF_8,
    };
    says_utf8 && !matches!(bytes, [0, 0, ..] | [_, 0, ..]) && std::str::from_utf8(bytes).is_err()
}

/// `encoding_rs` has no UTF-32, and documents in it are met.
fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> String {
    let (units, _) = bytes.as_chunks::<4>();
    units.iter().map(|bytes| char::from_u32(unit(*bytes)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn without_mark(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let head = bytes.get(..DECLARATION.min(bytes.len())).unwrap_or_default();
    declared(head).and_then(Encoding::for_label).filter(|encoding| encoding.is_ascii_compatible()).unwrap_or(UTF_8)
}

/// The value of `encoding="…"` in `<?xml …?>`.
fn declared(head: &[u8]) -> Option<&[u8]> {
    let start = find(head, b"<?xml")?;
    let head = head.get(start..)?;
    let head = head.get(..find(head, b"?>")?)?;
    let rest = head.get(find(head, b"encoding")? + 8..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    rest.split(|byte| byte == quote).next()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
