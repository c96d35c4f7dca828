//! Receipts encrypted with age to a key that only the patient has.

use super::{MAX_BYTES, Receipt};
use crate::cbor::{self, Map, Members};
use crate::{Error, Result};
use age::stream::StreamWriter;
use std::io::{Read, Write};

/// The most bytes of an encrypted receipt: its own limit and what age adds.
pub const MAX_SEALED_BYTES: usize = MAX_BYTES + 1024;

/// The most bytes inside: the receipt, the nonce, and the map around them.
const MAX_INNER_BYTES: usize = MAX_BYTES + 64;

/// Room for age's header with one recipient.
const HEADER_BYTES: usize = 256;

/// An age file for one receipt, begun before it is known what the receipt will say: the keys are agreed, which is most of
/// the work.
pub struct Envelope {
    recipient: String,
    file: StreamWriter<Vec<u8>>,
}

impl Envelope {
    /// For an age X25519 recipient (`age1…`).
    ///
    /// # Errors
    /// [`Error::Invalid`] if the recipient is none.
    pub fn to(recipient: &str) -> Result<Self> {
        let key: age::x25519::Recipient = recipient.parse().map_err(|_| Error::Invalid("recipient of receipts"))?;
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&key as &dyn age::Recipient))
            .map_err(|_| Error::ReceiptSealed)?;
        let file = encryptor.wrap_output(Vec::with_capacity(HEADER_BYTES)).map_err(|_| Error::ReceiptSealed)?;
        Ok(Self { recipient: recipient.to_owned(), file })
    }

    /// Who can open it.
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    /// The age file with a receipt and the nonce `r` of its commitment: the map `{1: receipt as a byte string, 2: r}` in
    /// deterministic CBOR.
    ///
    /// # Errors
    /// Those of [`Receipt::to_cbor`].
    pub fn seal(mut self, receipt: &Receipt, r: &[u8; 32]) -> Result<Vec<u8>> {
        let inner = Map::new().put(1, cbor::bytes(&receipt.to_cbor()?)).put(2, cbor::bytes(r));
        let inner = cbor::encode(&inner.into_value())?;
        self.file.write_all(&inner).and_then(|()| self.file.finish()).map_err(|_| Error::ReceiptSealed)
    }
}

/// Opens what [`Envelope::seal`] made, and gives the receipt and the nonce of its commitment.
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
