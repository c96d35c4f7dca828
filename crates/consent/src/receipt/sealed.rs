//! Receipts encrypted with age to a key that only the patient has.

use super::{MAX_BYTES, Receipt};
use crate::cbor::{self, Map, Members};
use crate::{Error, Result};
use std::io::{Read, Write};

/// The most bytes of an encrypted receipt: its own limit and what age adds.
pub const MAX_SEALED_BYTES: usize = MAX_BYTES + 1024;

/// The most bytes inside: the receipt, the nonce, and the map around them.
const MAX_INNER_BYTES: usize = MAX_BYTES + 64;

/// Encrypts a receipt and the nonce `r` of its commitment to an age X25519 recipient (`age1…`). Inside the age file is
/// the map `{1: receipt as a byte string, 2: r}` in deterministic CBOR.
///
/// # Errors
/// [`Error::Invalid`] if the recipient is none; those of [`Receipt::to_cbor`].
pub fn encrypt(receipt: &Receipt, r: &[u8; 32], recipient: &str) -> Result<Vec<u8>> {
    let recipient: age::x25519::Recipient = recipient.parse().map_err(|_| Error::Invalid("recipient of receipts"))?;
    let inner = Map::new().put(1, cbor::bytes(&receipt.to_cbor()?)).put(2, cbor::bytes(r));
    let inner = cbor::encode(&inner.into_value())?;
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(|_| Error::ReceiptSealed)?;
    let mut sealed = Vec::with_capacity(inner.len() + 256);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|_| Error::ReceiptSealed)?;
    writer.write_all(&inner).and_then(|()| writer.finish().map(drop)).map_err(|_| Error::ReceiptSealed)?;
    Ok(sealed)
}

/// Opens what [`encrypt`] made, and gives the receipt and the nonce of its commitment.
///
/// # Errors
/// [`Error::ReceiptSealed`] if it was made for another key or altered; [`Error::TooLarge`]; those of
/// [`Receipt::from_cbor`].
pub fn decrypt(identity: &age::x25519::Identity, sealed: &[u8]) -> Result<(Receipt, [u8; 32])> {
    if sealed.len() > MAX_SEALED_BYTES {
        return Err(Error::TooLarge { what: "encrypted receipt", limit: MAX_SEALED_BYTES as u64 });
    }
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|_| Error::ReceiptSealed)?;
    let reader =
        decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)).map_err(|_| Error::ReceiptSealed)?;
    let mut inner = Vec::new();
    reader.take(MAX_INNER_BYTES as u64 + 1).read_to_end(&mut inner).map_err(|_| Error::ReceiptSealed)?;
    let mut map = Members::new(cbor::decode(&inner, "receipt", MAX_INNER_BYTES)?)?;
    let receipt = map.need(1, "receipt")?;
    let r = cbor::array(&map.need(2, "nonce")?, "nonce of the receipt")?;
    map.finish()?;
    Ok((Receipt::from_cbor(receipt.as_bytes().ok_or(Error::Invalid("receipt"))?)?, r))
}
