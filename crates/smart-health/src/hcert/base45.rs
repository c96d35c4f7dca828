//! Base45 (RFC 9285), to the letter.

use super::Reason;

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Decodes.
///
/// # Errors
/// [`Reason::Base45Character`], [`Reason::Base45Length`], [`Reason::Base45Overflow`].
pub fn decode(text: &str) -> Result<Vec<u8>, Reason> {
    let mut out = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        let mut value: u32 = 0;
        for byte in group.iter().rev() {
            let digit = ALPHABET.iter().position(|known| known == byte).ok_or(Reason::Base45Character)?;
            value = value * 45 + u32::try_from(digit).unwrap_or_default();
        }
        match group.len() {
            3 => out.extend(u16::try_from(value).map_err(|_| Reason::Base45Overflow)?.to_be_bytes()),
            2 => out.push(u8::try_from(value).map_err(|_| Reason::Base45Overflow)?),
            _ => return Err(Reason::Base45Length),
        }
    }
    Ok(out)
}

/// Encodes.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() / 2 * 3 + 2);
    for group in bytes.chunks(2) {
        let mut value = group.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=group.len() {
            out.push(ALPHABET.get(value % 45).map_or(' ', |byte| char::from(*byte)));
            value /= 45;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_rfcs_examples() {
        for (bytes, text) in [
            (b"AB".as_slice(), "BB8"),
            (b"Hello!!", "%69 VD92EX0"),
            (b"base-45", "UJCLQE7W581"),
            (b"ietf!", "QED8WEX0"),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).unwrap(), bytes);
        }
        assert_eq!(decode("GGW"), Err(Reason::Base45Overflow));
        assert_eq!(decode("::"), Err(Reason::Base45Overflow));
        assert_eq!(decode("BB8B"), Err(Reason::Base45Length));
        assert_eq!(decode("bb8"), Err(Reason::Base45Character));
        assert_eq!(decode(""), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn all_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }
    }
}
