//! Bytes to text: UTF-8 and UTF-16 with or without a byte order mark, else Windows-1252, which older meters write.

use std::borrow::Cow;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How much is looked at to tell UTF-16 without a mark.
const LOOK: usize = 4096;

/// The text of a table's file; always succeeds, as Windows-1252 has a letter for each byte.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let encoding = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => UTF_8,
        [0xFF, 0xFE, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] => UTF_16BE,
        _ => match zeros(bytes) {
            // Text in Latin letters has a zero in every other byte.
            (even, odd, pairs) if pairs > 0 && odd * 2 > pairs && even * 8 < pairs => UTF_16LE,
            (even, odd, pairs) if pairs > 0 && even * 2 > pairs && odd * 8 < pairs => UTF_16BE,
            _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
            _ => WINDOWS_1252,
        },
    };
    encoding.decode_with_bom_removal(bytes).0
}

fn zeros(bytes: &[u8]) -> (usize, usize, usize) {
    let (mut even, mut odd, mut pairs) = (0, 0, 0);
    for pair in bytes.get(..bytes.len().min(LOOK)).unwrap_or_default().chunks_exact(2) {
        pairs += 1;
        even += usize::from(pair.first() == Some(&0));
        odd += usize::from(pair.last() == Some(&0));
    }
    (even, odd, pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_meters_is_read() {
        let text = "Gerät;Größe\r\n1;2";
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            with(b"\xEF\xBB\xBF", text.as_bytes()),
            with(b"\xFF\xFE", &little),
            with(b"\xFE\xFF", &big),
            little,
            big,
            b"Ger\xE4t;Gr\xF6\xDFe\r\n1;2".to_vec(),
        ] {
            assert_eq!(decode(&bytes), text);
        }
        assert_eq!(decode(b""), "");
    }
}
