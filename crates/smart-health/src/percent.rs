//! Percent-encoding undone (RFC 3986, 2.1): links carry cards and certificates that way.

/// A text with each `%` and two hexadecimal digits as the byte they stand for. Anything else stays as it is; bytes that are no
/// UTF-8 become U+FFFD.
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair = [ahead.next(), ahead.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        match (byte, pair) {
            (b'%', [Some(high), Some(low)]) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(percent_decoded("shc%3A%2f567"), "shc:/567");
        assert_eq!(percent_decoded("100% %zz %4"), "100% %zz %4");
        assert_eq!(percent_decoded("%C3%A4%FF"), "ä\u{FFFD}");
    }
}
