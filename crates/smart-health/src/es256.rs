//! ES256: ECDSA on P-256 with SHA-256, its signatures as the 64 bytes of RFC 7518 section 3.4 and RFC 9053 section 2.1.

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey(VerifyingKey);

/// Why bytes are no such signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// ASN.1 DER; `negative` if one of its numbers is negative, or would be without the zero that is put before it.
    Der { negative: bool },
    /// Some other length.
    Length(usize),
}

impl PublicKey {
    /// From the coordinates, 32 bytes each. None where they are no point of the curve.
    pub(crate) fn from_coordinates(x: &[u8], y: &[u8]) -> Option<Self> {
        if x.len() != 32 || y.len() != 32 {
            return None;
        }
        let mut point = Vec::with_capacity(65);
        point.push(4);
        point.extend_from_slice(x);
        point.extend_from_slice(y);
        Self::from_sec1(&point)
    }

    /// From a point as SEC 1 writes it, compressed or not.
    pub(crate) fn from_sec1(point: &[u8]) -> Option<Self> {
        VerifyingKey::from_sec1_bytes(point).ok().map(Self)
    }

    /// The point, uncompressed: 65 bytes.
    pub(crate) fn to_sec1(&self) -> Vec<u8> {
        self.0.to_sec1_point(false).as_bytes().to_vec()
    }

    /// Whether `signature` is this key's over `message`.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// The 64 bytes, or what they are instead.
pub(crate) fn signature(bytes: &[u8]) -> Result<[u8; 64], Malformed> {
    if let Ok(signature) = bytes.try_into() {
        return Ok(signature);
    }
    // SEQUENCE { INTEGER r, INTEGER s }
    if let [0x30, length, rest @ ..] = bytes
        && usize::from(*length) == rest.len()
        && let Some((r, rest)) = der_integer(rest)
        && let Some((s, [])) = der_integer(rest)
    {
        let high = |byte: &u8| byte & 0x80 != 0;
        let negative = [r, s].iter().any(|number| match number {
            [0, first, ..] => high(first),
            [first, ..] => high(first),
            [] => false,
        });
        return Err(Malformed::Der { negative });
    }
    Err(Malformed::Length(bytes.len()))
}

fn der_integer(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [2, length, rest @ ..] = bytes else { return None };
    rest.split_at_checked(usize::from(*length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_der_from_another_length() {
        let mut der = vec![0x30, 0x44, 2, 32];
        der.extend([0x7F; 32]);
        der.extend([2, 32]);
        der.extend([0x11; 32]);
        assert_eq!(signature(&der), Err(Malformed::Der { negative: false }));
        der[4] = 0x80;
        assert_eq!(signature(&der), Err(Malformed::Der { negative: true }));
        (der[4], der[5]) = (0, 0x80);
        assert_eq!(signature(&der), Err(Malformed::Der { negative: true }));
        der.push(0);
        assert_eq!(signature(&der), Err(Malformed::Length(71)));
        assert_eq!(signature(&[]), Err(Malformed::Length(0)));
        assert_eq!(signature(&[9; 64]), Ok([9; 64]));
    }

    #[test]
    fn coordinates_must_be_a_point() {
        assert!(PublicKey::from_coordinates(&[1; 32], &[1; 32]).is_none());
        assert!(PublicKey::from_coordinates(&[1; 31], &[1; 32]).is_none());
    }
}
