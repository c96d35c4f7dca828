//! base64url: exactly as RFC 4648 section 5 without padding when writing, forgiving when reading.

use crate::{Error, Result};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding and stray low bits in the last character are passed over: both occur in the field and change no byte.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Writes without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the URL-safe alphabet with or without padding. `error` is what a failure means to the caller.
pub(crate) fn decode(text: &str, error: Error) -> Result<Vec<u8>> {
    FORGIVING.decode(text).map_err(|_| error)
}

/// Reads 32 bytes in either alphabet, padded or not.
pub(crate) fn decode_32(text: &str, error: Error) -> Result<[u8; 32]> {
    // 32 bytes are 43 characters, 44 with padding; anything much longer is not worth copying.
    if text.len() > 64 {
        return Err(error);
    }
    let mut bytes = [0; 32];
    let decoded = zeroize::Zeroizing::new(to_url_alphabet(text));
    let decoded = zeroize::Zeroizing::new(FORGIVING.decode(decoded.as_bytes()).map_err(|_| error.clone())?);
    if decoded.len() != bytes.len() {
        return Err(error);
    }
    bytes.copy_from_slice(&decoded);
    Ok(bytes)
}

/// The same text with the two characters of plain base64 (RFC 4648 section 4) replaced.
pub(crate) fn to_url_alphabet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect()
}
