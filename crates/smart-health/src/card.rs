//! SMART Health Cards: health records that their issuer signed, in a file, a link or a QR code.
//!
//! Specification: HL7 SMART Health Cards and Links 1.0.0 (STU 1), Health Cards; formerly spec.smarthealth.cards.
//!
//! [`find`] finds the cards in whatever carries them; [`check`] looks at one of them, all of it, and says what was found
//! and whether the signature is the issuer's. Nothing is fetched: who the issuers are and what their keys are is given
//! ([`Issuers`]; the feature `trust` has a store of them).
//!
//! ```
//! use smart_health::card::{self, Context, Issuer, Limits, Signature, SigningKey};
//!
//! let key = SigningKey::from_bytes([7; 32]).unwrap();
//! let jws = key.sign(&serde_json::json!({
//!     "iss": "https://clinic.example", "nbf": 1_700_000_000,
//!     "vc": {
//!         "type": ["https://smarthealth.cards#health-card"],
//!         "credentialSubject": { "fhirVersion": "4.0.1", "fhirBundle": {
//!             "resourceType": "Bundle", "type": "collection",
//!             "entry": [{ "fullUrl": "resource:0", "resource": { "resourceType": "Patient", "birthDate": "1970-01-01" } }],
//!         } },
//!     },
//! }));
//!
//! let issuer = Issuer { url: "https://clinic.example".into(), keys: Some(vec![key.public()]), ..Issuer::default() };
//! let found = card::find(&jws, &Limits::default()).unwrap();
//! let candidate = found[0].as_ref().unwrap();
//! let card = card::check(candidate, &Context::new(1_800_000_000), &[issuer][..]);
//! assert!(card.refusal().is_none());
//! assert_eq!(card.signature, Signature::Verified { name: None, listed: false });
//! ```

mod bundle;
mod issue;
mod jws;
mod keys;
pub mod numeric;
mod operation;
mod payload;
mod reason;
mod revocation;
mod symbol;
#[cfg(test)]
mod tests;
mod text;

pub use crate::finding::Severity;
pub use bundle::{MAX_ENTRIES, check_bundle};
pub use issue::{SigningKey, to_file, to_segments};
pub use keys::{IssuerKey, MAX_KEYS, check_key_set};
pub use numeric::{Chunks, Progress};
pub use operation::{IssueRequest, IssueResponse, ResourceLink};
pub use payload::{HEALTH_CARD, Payload, check_payload};
pub use reason::{Finding, Reason, refusal};
pub use revocation::{MAX_REVOKED, RevocationList, check_revocation_list};
pub use symbol::{MAX_VERSION, Symbol};
pub use text::{Candidate, Carrier, Unreadable, find, is_headless, looks_like_cards};

#[cfg(feature = "trust")]
pub(crate) use {
    keys::check_keys, keys::spares_key, payload::check_issuer, revocation::check_value as check_revocation_value,
};

/// What reading cards may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text that carries them. Default 8 MiB.
    pub text_bytes: usize,
    /// Cards in it. Default 200.
    pub cards: usize,
    /// Bytes of one card, packed. Default 1 MiB.
    pub card_bytes: usize,
    /// Bytes of one card's content, unpacked. Default 4 MiB.
    pub payload_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { text_bytes: 8 << 20, cards: 200, card_bytes: 1 << 20, payload_bytes: 4 << 20 }
    }
}

/// What a card is held against.
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

/// Who issues cards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issuer {
    /// The address, as cards name it (`iss`).
    pub url: String,
    /// The name, as a list of issuers gives it.
    pub name: Option<String>,
    /// Whether a list of issuers vouches for it.
    pub listed: bool,
    /// Its published keys; none if they were never fetched.
    pub keys: Option<Vec<IssuerKey>>,
    /// What it revoked.
    pub revocations: Vec<RevocationList>,
}

/// Where issuers are looked up.
pub trait Issuers {
    /// The issuer with this address.
    fn issuer(&self, url: &str) -> Option<&Issuer>;
}

impl Issuers for [Issuer] {
    fn issuer(&self, url: &str) -> Option<&Issuer> {
        self.iter().find(|issuer| issuer.url == url)
    }
}

/// What is known of a card's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// It is the issuer's, by a key that the issuer publishes.
    Verified {
        /// The issuer's name, if a list gives one.
        name: Option<String>,
        /// Whether a list of issuers vouches for it.
        listed: bool,
    },
    /// The issuer's keys are not known here: neither right nor wrong.
    NotChecked,
    /// It is not, or cannot be read: see the findings.
    Bad,
}

/// A card that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Its key's name, if the header has one.
    pub kid: Option<String>,
    /// Its content, if it could be read whole. Not to be used when there is a [`refusal`](Card::refusal).
    pub payload: Option<Payload>,
    /// Its signature.
    pub signature: Signature,
    /// All that was found, in the order in which a card is taken apart.
    pub findings: Vec<Finding>,
}

impl Card {
    /// Why the card is to be refused; none if it is good.
    pub fn refusal(&self) -> Option<&Finding> {
        refusal(&self.findings)
    }
}

/// Whether `signature` is an ES256 signature in 64 bytes (RFC 7518 section 3.4) over `message` by the key at `point` of
/// P-256, as SEC 1 writes it.
pub fn verify_es256(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = crate::es256::PublicKey::from_sec1(point);
    let signature = crate::es256::signature(signature);
    key.zip(signature.ok()).is_some_and(|(key, signature)| key.verify(message, &signature))
}

/// Looks at a card: its size, envelope, content, Bundle, signature and revocation. Goes on after what is wrong as far as
/// it can, so that the findings name all of it.
pub fn check<I: Issuers + ?Sized>(candidate: &Candidate, context: &Context, issuers: &I) -> Card {
    let mut card = Card { kid: None, payload: None, signature: Signature::Bad, findings: candidate.findings.clone() };
    if candidate.jws.len() > context.limits.card_bytes {
        card.findings.push(Finding::refused("card", Reason::TooLarge { limit: context.limits.card_bytes }));
        return card;
    }
    let (jws, trailing) = text::without_surroundings(&candidate.jws);
    if trailing {
        card.findings.push(Finding::refused("card", Reason::TrailingCharacters));
    }
    let long = jws.len() > numeric::MAX_SINGLE;
    match candidate.carrier {
        Carrier::Code if long => {
            card.findings.push(Finding::refused("card", Reason::JwsTooLong { length: jws.len() }));
        }
        Carrier::Text | Carrier::File if long => {
            card.findings.push(Finding::noted("card", Reason::JwsTooLong { length: jws.len() }));
        }
        _ => {}
    }
    // What came in a file, or is too long for a QR code, is not bound by what QR codes ask for.
    let minified = match candidate.carrier {
        Carrier::Code => true,
        Carrier::Codes | Carrier::Text => !long,
        Carrier::File => false,
    };
    let Some(parts) = jws::split(jws, context.limits.payload_bytes, &mut card.findings) else { return card };
    card.kid = parts.kid;
    if let Some(json) = &parts.payload {
        let (payload, findings) = check_payload(json, context.now, minified);
        card.payload = payload;
        card.findings.extend(findings);
        if jws::has_white_space(json) {
            card.findings.push(Finding::noted("payload", Reason::NotMinified));
        }
    }
    if let (Some(payload), Some(kid), Some(signature)) = (&card.payload, &card.kid, &parts.signature) {
        let (outcome, findings) = verify(payload, kid, parts.signed.as_bytes(), signature, issuers);
        card.signature = outcome;
        card.findings.extend(findings);
    }
    card
}

fn verify<I: Issuers + ?Sized>(
    payload: &Payload,
    kid: &str,
    signed: &[u8],
    signature: &[u8; 64],
    issuers: &I,
) -> (Signature, Vec<Finding>) {
    let issuer = issuers.issuer(&payload.issuer);
    let Some((issuer, keys)) = issuer.and_then(|issuer| Some((issuer, issuer.keys.as_ref()?))) else {
        return (Signature::NotChecked, vec![Finding::noted("payload.iss", Reason::IssuerUnknown)]);
    };
    let Some(key) = keys.iter().find(|key| key.kid() == kid) else {
        return (Signature::Bad, vec![Finding::refused("header.kid", Reason::KeyNotPublished)]);
    };
    if !key.key.verify(signed, signature) {
        return (Signature::Bad, vec![Finding::refused("signature", Reason::SignatureInvalid)]);
    }
    let mut findings = Vec::new();
    let list = issuer.revocations.iter().find(|list| list.kid() == kid);
    if let (Some(list), Some(rid)) = (list, &payload.rid)
        && list.revokes(rid, payload.issued)
    {
        findings.push(Finding::refused("payload.vc.rid", Reason::Revoked));
    } else if payload.rid.is_some()
        && key.crl_version().is_some_and(|version| list.is_none_or(|list| list.version() < version))
    {
        findings.push(Finding::noted("payload.vc.rid", Reason::RevocationUnchecked));
    }
    (Signature::Verified { name: issuer.name.clone(), listed: issuer.listed }, findings)
}
