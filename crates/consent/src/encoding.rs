//! Bytes as text: lower-case hexadecimal and base64url without padding, and how serde writes them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}

/// Exactly `2 * N` lower-case hexadecimal digits as bytes.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    Some(bytes)
}

/// base64url without padding (RFC 4648 section 5).
pub(crate) fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// base64url without padding; the text's length must be within `max` characters.
pub(crate) fn from_base64url(text: &str, max: usize) -> Option<Vec<u8>> {
    if text.len() > max { None } else { URL_SAFE_NO_PAD.decode(text).ok() }
}

/// base64url without padding of exactly `N` bytes.
pub(crate) fn array_from_base64url<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_base64url(text, N.div_ceil(3) * 4)?.try_into().ok()
}

/// Arrays of bytes as base64url text, for `#[serde(with = …)]`.
pub(crate) mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::to_base64url(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(d: D) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(d)?;
        super::array_from_base64url(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("not base64url of {N} bytes without padding")))
    }
}

/// Bytes of any length as base64url text, for `#[serde(with = …)]`.
pub(crate) mod blob {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::to_base64url(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(d)?;
        super::from_base64url(&text, text.len())
            .ok_or_else(|| serde::de::Error::custom("not base64url without padding"))
    }
}

/// Lists of 32-byte values as base64url text, for `#[serde(serialize_with = …)]`.
pub(crate) fn serialize_list<S: serde::Serializer>(list: &[[u8; 32]], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(list.iter().map(|bytes| to_base64url(bytes)))
}
