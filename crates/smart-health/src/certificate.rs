//! What is needed of an X.509 certificate (RFC 5280): its key, its validity, whose it is and what it may sign.
//!
//! No path to a root is built: who is to be believed is said by a list of issuers, not by a certificate.

#[cfg(feature = "cards")]
use p256::ecdsa::signature::hazmat::PrehashVerifier;
#[cfg(feature = "cards")]
use sha2::Digest;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
#[cfg(feature = "hcert")]
use x509_cert::ext::pkix::ExtendedKeyUsage;
#[cfg(feature = "cards")]
use x509_cert::ext::pkix::{SubjectAltName, name::GeneralName};

/// The largest certificate looked at, in bytes.
const MAX_DER: usize = 32 * 1024;

const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
#[cfg(feature = "hcert")]
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
#[cfg(feature = "hcert")]
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
#[cfg(feature = "cards")]
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
#[cfg(feature = "cards")]
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
#[cfg(feature = "cards")]
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
#[cfg(feature = "cards")]
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
#[cfg(feature = "cards")]
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

/// A certificate, read.
pub(crate) struct Certificate {
    inner: CertificateInner<Raw>,
    #[cfg(feature = "cards")]
    der: Vec<u8>,
}

/// A subject's public key.
pub(crate) enum Key {
    /// A point as SEC 1 writes it, on P-256.
    P256(Vec<u8>),
    /// PKCS #1 `RSAPublicKey`.
    #[cfg(feature = "hcert")]
    Rsa(Vec<u8>),
}

impl Certificate {
    /// Reads DER.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        if der.len() > MAX_DER {
            return None;
        }
        let inner = CertificateInner::<Raw>::from_der(der).ok()?;
        Some(Self {
            inner,
            #[cfg(feature = "cards")]
            der: der.to_vec(),
        })
    }

    /// The subject's key; none if it is of a kind that is not used here.
    #[cfg(feature = "cards")]
    pub(crate) fn key(&self) -> Option<Key> {
        key(&self.spki()?)
    }

    /// The subject's key as `SubjectPublicKeyInfo`, DER.
    pub(crate) fn spki(&self) -> Option<Vec<u8>> {
        self.inner.tbs_certificate().subject_public_key_info().to_der().ok()
    }

    /// From when and until when it is valid, Unix seconds.
    pub(crate) fn validity(&self) -> (i64, i64) {
        let validity = self.inner.tbs_certificate().validity();
        let seconds =
            |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        (seconds(validity.not_before), seconds(validity.not_after))
    }

    /// The purposes it may be used for, dotted; none if it does not restrict them.
    #[cfg(feature = "hcert")]
    pub(crate) fn purposes(&self) -> Option<Vec<String>> {
        let (_, usages) = self.inner.tbs_certificate().get_extension::<ExtendedKeyUsage>().ok()??;
        Some(usages.0.iter().map(ToString::to_string).collect())
    }

    /// The subject's country, as its name says.
    #[cfg(feature = "hcert")]
    pub(crate) fn country(&self) -> Option<String> {
        let subject = self.inner.tbs_certificate().subject().to_string();
        let country = subject.split([',', '+']).find_map(|part| part.trim().strip_prefix("C="))?;
        (country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .then(|| country.to_ascii_uppercase())
    }

    /// Its subject alternative names: the URIs, and whether there are any of another kind. None: it has no such names.
    #[cfg(feature = "cards")]
    pub(crate) fn alternative_names(&self) -> Option<(Vec<String>, bool)> {
        let (_, names) = self.inner.tbs_certificate().get_extension::<SubjectAltName>().ok()??;
        let mut uris = Vec::new();
        let mut others = false;
        for name in &names.0 {
            match name {
                GeneralName::UniformResourceIdentifier(uri) => uris.push(uri.as_str().to_owned()),
                _ => others = true,
            }
        }
        Some((uris, others))
    }

    /// Whether `self` can have been issued by `issuer`: the names fit, and the signature too where it is ECDSA (of RSA only
    /// the names are looked at).
    #[cfg(feature = "cards")]
    pub(crate) fn issued_by(&self, issuer: &Certificate) -> bool {
        self.inner.tbs_certificate().issuer() == issuer.inner.tbs_certificate().subject()
            && self.signed_by(issuer).unwrap_or(false)
    }

    /// None where something is missing.
    #[cfg(feature = "cards")]
    fn signed_by(&self, issuer: &Certificate) -> Option<bool> {
        let signed = signed_part(&self.der)?;
        let hash = match self.inner.signature_algorithm().oid {
            ECDSA_WITH_SHA256 => sha2::Sha256::digest(signed).to_vec(),
            ECDSA_WITH_SHA384 => sha2::Sha384::digest(signed).to_vec(),
            ECDSA_WITH_SHA512 => sha2::Sha512::digest(signed).to_vec(),
            _ => return Some(true),
        };
        let signature = self.inner.signature().as_bytes()?;
        let spki = issuer.inner.tbs_certificate().subject_public_key_info();
        let point = spki.subject_public_key.as_bytes()?;
        let curve = spki.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()?;
        Some(match curve {
            PRIME256V1 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
                key.verify_prehash(&hash, &p256::ecdsa::Signature::from_der(signature).ok()?).is_ok()
            }
            SECP384R1 => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
                key.verify_prehash(&hash, &p384::ecdsa::Signature::from_der(signature).ok()?).is_ok()
            }
            SECP521R1 => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
                key.verify_prehash(&hash, &p521::ecdsa::Signature::from_der(signature).ok()?).is_ok()
            }
            _ => false,
        })
    }
}

/// The key in a `SubjectPublicKeyInfo`.
pub(crate) fn key(spki: &[u8]) -> Option<Key> {
    if spki.len() > MAX_DER {
        return None;
    }
    let spki = x509_cert::spki::SubjectPublicKeyInfoOwned::from_der(spki).ok()?;
    let bits = spki.subject_public_key.as_bytes()?.to_vec();
    if spki.algorithm.oid == ID_EC_PUBLIC_KEY {
        let curve = spki.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()?;
        return (curve == PRIME256V1).then_some(Key::P256(bits));
    }
    #[cfg(feature = "hcert")]
    if spki.algorithm.oid == RSA_ENCRYPTION || spki.algorithm.oid == RSASSA_PSS {
        return Some(Key::Rsa(bits));
    }
    None
}

/// The bytes of the first element of the outer SEQUENCE, header included: what a certificate's signature is over.
#[cfg(feature = "cards")]
fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let (header, _) = der_header(der)?;
    let inner = der.get(header..)?;
    let (header, length) = der_header(inner)?;
    inner.get(..header.checked_add(length)?)
}

/// The length of a DER header, and of what follows it.
#[cfg(feature = "cards")]
fn der_header(der: &[u8]) -> Option<(usize, usize)> {
    let first = *der.get(1)?;
    if first < 0x80 {
        return Some((2, usize::from(first)));
    }
    let count = usize::from(first & 0x7F);
    if count == 0 || count > 4 {
        return None;
    }
    let length = der.get(2..2 + count)?.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    Some((2 + count, length))
}
