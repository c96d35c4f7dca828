//! What a document is, by its first bytes.

/// The name of the root element, and its tag: past declarations, comments and a document type with its internal subset.
pub(crate) fn root_tag(mut rest: &[u8]) -> Option<(&[u8], &[u8])> {
    loop {
        rest = rest.trim_ascii_start();
        rest = match rest {
            [b'<', b'?', ..] => after(rest, b"?>")?,
            [b'<', b'!', b'-', b'-', ..] => after(rest, b"-->")?,
            [b'<', b'!', ..] => {
                let end = rest.iter().position(|byte| *byte == b'>')?;
                match rest.get(..end)?.contains(&b'[') {
                    false => rest.get(end + 1..)?,
                    true => after(rest, b"]>").or_else(|| after(rest, b"] >"))?,
                }
            }
            [b'<', tag @ ..] => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
                let name = tag.get(..tag.iter().position(ends)?)?;
                let end = tag.iter().position(|byte| *byte == b'>').unwrap_or(tag.len());
                return Some((name, tag.get(..end)?));
            }
            _ => return None,
        };
    }
}

fn after<'a>(text: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(end.len()).position(|window| window == end)?;
    text.get(at + end.len()..)
}
