//! HCERT: electronic health certificates in a QR code, as of the EU Digital COVID Certificate and the WHO.
//!
//! Specification: EU eHealth Network, Electronic Health Certificate 1.0.5; WHO SMART Trust, HCERT 1.1.1; RFC 9285 (base45),
//! RFC 1950 (zlib), RFC 8949 (CBOR), RFC 9052 (COSE), RFC 8392 (CWT).
//!
//! ```
//! use smart_health::hcert::{self, Context, Signature};
//!
//! let (private, kid) = ([7; 32], [1, 2, 3, 4, 5, 6, 7, 8]);
//! let content = serde_json::json!({
//!     "ver": "1.3.0", "dob": "1970-01-01", "nam": { "fnt": "EXAMPLE" },
//!     "r": [{ "tg": "840539006", "fr": "2021-02-20", "co": "AT", "is": "Ministry", "df": "2021-03-20", "du": "2021-08-20",
//!             "ci": "URN:UVCI:01:AT:1" }],
//! });
//! let text = hcert::issue(private, kid, "AT", 1_620_000_000, 1_900_000_000, &content).unwrap();
//! let keys = [hcert::public_key(private, kid).unwrap()];
//! let certificate = hcert::check(&text, &Context::new(1_800_000_000), &keys[..]);
//! assert!(certificate.refusal().is_none());
//! assert!(matches!(certificate.signature, Signature::Verified { .. }));
//! ```

pub mod base45;
mod cose;
mod dcc;
mod issue;
mod keys;
mod reason;
mod revocation;
#[cfg(test)]
mod tests;

pub use cose::{Algorithm, Claims, Signed};
pub use dcc::{MAX_STATEMENTS, check_certificate, statements};
pub use issue::{issue, public_key, wrap};
pub use keys::DocumentKey;
pub use reason::{Finding, Reason};
pub use revocation::RevocationHashes;

#[cfg(feature = "trust")]
pub(crate) use keys::base64;

pub use crate::finding::{Severity, refusal};
use crate::inflate::{Broken, inflate};
use serde_json::{Map, Value};

/// What the text begins with.
pub const PREFIX: &str = "HC1:";

/// What a certificate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// That somebody was vaccinated.
    Vaccination,
    /// That somebody was tested.
    Test,
    /// That somebody has recovered.
    Recovery,
}

/// What reading a certificate may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Characters of its text. Default 16 Ki (a QR code holds less than 4300).
    pub text_bytes: usize,
    /// Bytes, unpacked. Default 128 KiB.
    pub message_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_bytes: 16 << 10, message_bytes: 128 << 10 }
    }
}

/// What a certificate is held against.
#[derive(Debug, Clone)]
pub struct Context {
    /// The time, Unix seconds.
    pub now: i64,
    /// What it may cost.
    pub limits: Limits,
}

impl Context {
    /// The default limits at this time.
    pub fn new(now: i64) -> Self {
        Self { now, limits: Limits::default() }
    }
}

/// Where the keys of document signers are looked up.
pub trait DocumentKeys {
    /// All keys with this identifier: it is short enough for two to have the same.
    fn keys(&self, kid: &[u8; 8]) -> Vec<&DocumentKey>;

    /// Whether a list of revoked certificates has one of these hashes.
    fn is_revoked(&self, hashes: &RevocationHashes) -> bool {
        let _ = hashes;
        false
    }
}

impl DocumentKeys for [DocumentKey] {
    fn keys(&self, kid: &[u8; 8]) -> Vec<&DocumentKey> {
        self.iter().filter(|key| key.kid == *kid).collect()
    }
}

/// What is known of a certificate's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// It is by a key of the list.
    Verified {
        /// The country of the key, if the list says so.
        country: Option<String>,
    },
    /// No list has the key: neither right nor wrong.
    NotChecked,
    /// It is not valid, or cannot be read: see the findings.
    Bad,
}

/// A certificate that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// Its key's identifier, if it names one.
    pub kid: Option<[u8; 8]>,
    /// What it claims, if that can be read. Not to be used when there is a [`refusal`](Certificate::refusal).
    pub claims: Option<Claims>,
    /// Its signature.
    pub signature: Signature,
    /// All that was found, in the order in which a certificate is taken apart.
    pub findings: Vec<Finding>,
}

impl Certificate {
    /// Why it is to be refused; none if it is good.
    pub fn refusal(&self) -> Option<&Finding> {
        refusal(&self.findings)
    }
}

/// Whether a text looks like a certificate.
pub fn looks_like_hcert(text: &str) -> bool {
    text.trim_start().starts_with(PREFIX)
}

/// Takes the wrapping off: the prefix, base45, zlib. White space before it and one line break at the end are passed over; a
/// blank at the end is a character of the code.
///
/// # Errors
/// [`Reason::NotHcert`], [`Reason::ContextUnknown`], [`Reason::TooLarge`], those of [`base45::decode`],
/// [`Reason::NotCompressed`], [`Reason::InflateFailed`], [`Reason::InflateTrailing`].
pub fn unwrap(text: &str, limits: &Limits) -> Result<Vec<u8>, Reason> {
    if text.len() > limits.text_bytes {
        return Err(Reason::TooLarge { limit: limits.text_bytes });
    }
    let text = text.trim_start();
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    let packed = base45::decode(without_prefix(text)?)?;
    // zlib's two bytes: DEFLATE in the low half of the first, and a checksum over both (RFC 1950 section 2.2).
    let is_zlib = |first: u8, second: u8| first & 15 == 8 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0;
    match packed.as_slice() {
        [first, second, ..] if is_zlib(*first, *second) => {}
        // A COSE message as it is: tag 18, tag 61 or an array of four.
        [0xD2 | 0xD8 | 0x84 | 0x9F, ..] => return Err(Reason::NotCompressed),
        _ => return Err(Reason::InflateFailed),
    }
    inflate(&packed, true, limits.message_bytes).map_err(|broken| match broken {
        Broken::TooLarge => Reason::TooLarge { limit: limits.message_bytes },
        Broken::Failed => Reason::InflateFailed,
        Broken::Trailing => Reason::InflateTrailing,
    })
}

/// Looks at a certificate: its wrapping, envelope, signature, claims, content, and whether it may say what it says. Goes on
/// after what is wrong as far as it can, so that the findings name all of it.
pub fn check<K: DocumentKeys + ?Sized>(text: &str, context: &Context, keys: &K) -> Certificate {
    let mut out = Certificate { kid: None, claims: None, signature: Signature::Bad, findings: Vec::new() };
    let message = match unwrap(text, &context.limits) {
        Ok(message) => message,
        Err(reason) => {
            out.findings.push(Finding::refused("text", reason));
            return out;
        }
    };
    check_message(&message, context, keys, &mut out);
    out
}

/// The same for the signed message without its wrapping.
fn check_message<K: DocumentKeys + ?Sized>(message: &[u8], context: &Context, keys: &K, out: &mut Certificate) {
    let signed = match cose::read(message, &mut out.findings) {
        Ok(signed) => signed,
        Err(reason) => return out.findings.push(Finding::refused("message", reason)),
    };
    out.kid = signed.kid.as_deref().and_then(|kid| kid.try_into().ok());
    let by = match verify(&signed, out.kid, keys) {
        Ok(Some(key)) => {
            out.signature = Signature::Verified { country: key.country.clone() };
            Some(key)
        }
        Ok(None) => {
            out.signature = Signature::NotChecked;
            out.findings.push(Finding::noted("header.kid", Reason::KeyUnknown));
            None
        }
        Err(Some(reason)) => {
            out.findings.push(Finding::refused("signature", reason));
            None
        }
        // The findings have it already.
        Err(None) => None,
    };
    let claims = match cose::read_claims(&signed.payload, &mut out.findings) {
        Ok(claims) => claims,
        Err(reason) => return out.findings.push(Finding::refused("claims", reason)),
    };
    check_times(&claims, by, context.now, &mut out.findings);
    check_issuer(&claims, by, &mut out.findings);
    match &claims.certificate {
        Some(certificate) => {
            out.findings.extend(check_certificate(certificate));
            if claims.issued.is_some_and(|issued| dcc::is_born_after(certificate, issued)) {
                out.findings.push(Finding::refused("dob", Reason::BornLater));
            }
            let statements = statements(certificate);
            if by.is_some_and(|key| statements.iter().any(|(kind, _)| !key.may_sign(*kind))) {
                out.findings.push(Finding::refused("header.kid", Reason::KeyUsage));
            }
            let is_revoked = |statement: Option<&Map<String, Value>>| {
                let text = |name: &str| statement.and_then(|statement| statement.get(name)?.as_str());
                let country = claims.issuer.as_deref().or(text("co"));
                let hashes = |algorithm| RevocationHashes::new(text("ci"), country, algorithm, &signed.signature);
                signed.algorithm.is_some_and(|algorithm| keys.is_revoked(&hashes(algorithm)))
            };
            // By its signature even where it says nothing.
            let none = statements.is_empty().then_some(None);
            if statements.iter().map(|(_, statement)| Some(*statement)).chain(none).any(is_revoked) {
                out.findings.push(Finding::refused("certificate.ci", Reason::Revoked));
            }
        }
        None if !claims.links.is_empty() => {}
        // As good as its signature, and about something that is not read here (WHO DDCC).
        None if !claims.others.is_empty() => out.findings.push(Finding::noted("claims", Reason::ContentUnknown)),
        None => out.findings.push(Finding::refused("claims", Reason::ContentMissing)),
    }
    out.claims = Some(claims);
}

/// The key that signed it; none if none is known.
fn verify<'k, K: DocumentKeys + ?Sized>(
    signed: &Signed,
    kid: Option<[u8; 8]>,
    keys: &'k K,
) -> Result<Option<&'k DocumentKey>, Option<Reason>> {
    let (Some(algorithm), Some(kid)) = (signed.algorithm, kid) else { return Err(None) };
    let length = signed.signature.len();
    match algorithm {
        Algorithm::Es256 => match crate::es256::signature(&signed.signature) {
            Ok(_) => {}
            Err(crate::es256::Malformed::Der { .. }) => return Err(Some(Reason::SignatureDer)),
            Err(crate::es256::Malformed::Length(length)) => return Err(Some(Reason::SignatureLength { length })),
        },
        Algorithm::Ps256 if !(256..=512).contains(&length) => return Err(Some(Reason::SignatureLength { length })),
        Algorithm::Ps256 => {}
    }
    let known = keys.keys(&kid);
    if known.is_empty() {
        return Ok(None);
    }
    if known.iter().all(|key| key.algorithm() != algorithm) {
        return Err(Some(Reason::KeyAlgorithm));
    }
    let fits = |key: &&DocumentKey| key.algorithm() == algorithm && key.verify(&signed.message, &signed.signature);
    known.into_iter().find(fits).map(Some).ok_or(Some(Reason::SignatureInvalid))
}

fn check_times(claims: &Claims, key: Option<&DocumentKey>, now: i64, findings: &mut Vec<Finding>) {
    match claims.expires {
        None => findings.push(Finding::refused("claims.exp", Reason::ExpiryMissing)),
        Some(expires) if expires < now => findings.push(Finding::refused("claims.exp", Reason::Expired)),
        Some(_) => {}
    }
    match claims.issued {
        None => findings.push(Finding::noted("claims.iat", Reason::IssuedMissing)),
        Some(issued) if issued > now => findings.push(Finding::refused("claims.iat", Reason::NotYetValid)),
        Some(issued) => {
            // Being on the list is what makes a key valid (WHO HCERT, "Revocation"); this is only told.
            if key.and_then(|key| key.validity).is_some_and(|(from, until)| issued < from || issued > until) {
                findings.push(Finding::noted("claims.iat", Reason::KeyNotValidThen));
            }
        }
    }
}

fn check_issuer(claims: &Claims, key: Option<&DocumentKey>, findings: &mut Vec<Finding>) {
    let Some(issuer) = &claims.issuer else { return };
    if issuer.len() != 2 || !issuer.bytes().all(|byte| byte.is_ascii_uppercase()) {
        findings.push(Finding::noted("claims.iss", Reason::IssuerNotCountry));
    } else if key.and_then(|key| key.country.as_ref()).is_some_and(|country| country != issuer) {
        findings.push(Finding::noted("claims.iss", Reason::IssuerOtherCountry));
    }
}

fn without_prefix(text: &str) -> Result<&str, Reason> {
    if let Some(rest) = text.strip_prefix(PREFIX) {
        return Ok(rest);
    }
    let is_context = |head: &str| {
        let bytes = head.as_bytes();
        matches!(bytes, [b'H', b'C' | b'L', version, b':'] if version.is_ascii_alphanumeric())
    };
    Err(if text.get(..4).is_some_and(is_context) { Reason::ContextUnknown } else { Reason::NotHcert })
}
