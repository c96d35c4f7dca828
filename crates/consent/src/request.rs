//! A request: what a clinician or a study asks for, what the patient makes of it, and where the two differ.
//!
//! Asking and giving are two things. A request may be signed by whoever asks, and then its key is told; a grant names the
//! request that it answers by hash. The patient may give less without a word. Giving more than was asked is possible and
//! never happens unseen: [`Request::compare`] names each difference, and [`Request::answer`] refuses one that is wider
//! unless it was allowed.

use crate::cbor::{self, Map, Members, Value};
use crate::grant::claims::{self, scope, scope_value, set, word};
use crate::grant::{
    GrantDraft, GrantKey, Member, Modes, Name, Obligation, Purpose, RecipientClass, RequestRef, Scope, Set,
};
use crate::narrowing::Terms;
use crate::{Error, Result, cose, time};
use sha2::{Digest, Sha256};

/// The most bytes of a request.
pub const MAX_BYTES: usize = 16 * 1024;
/// The longest time that can be asked for, in seconds: ten years, as a study may run.
pub const MAX_SECONDS: u32 = 3_653 * 86_400;

const VERSION: u8 = 1;

/// What is asked.
///
/// Written as deterministic CBOR (RFC 8949 section 4.2.1), a map of 1 version, 2 who asks, 3 kind of recipient
/// ([`RecipientClass`]), 4 purpose ([`Purpose`]), 5 what (as in a grant), 6 and 7 access and formats, 8 for how many seconds,
/// 9 most openings (optional), 10 obligations (optional), 11 when it was asked, 12 nonce (16 bytes). Signed, it is the
/// payload of a COSE_Sign1 of the same shape as a grant's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks, in their own words.
    pub by: Name,
    /// What kind of recipient they are; not [`RecipientClass::Anyone`].
    pub class: RecipientClass,
    /// What for.
    pub purpose: Purpose,
    /// Which records.
    pub what: Scope,
    /// In which ways.
    pub how: Modes,
    /// For how long, in seconds.
    pub seconds: u32,
    /// How often; none: no limit.
    pub max_openings: Option<u32>,
    /// What they bind themselves to.
    pub obligations: Set<Obligation>,
    /// When it was asked, Unix seconds.
    pub asked_at: i64,
    /// 16 random bytes, so that two requests are never the same.
    pub nonce: [u8; 16],
}

/// A request that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What it says.
    pub request: Request,
    /// The Ed25519 key that signed it; none: nobody did, and the name is only a claim.
    pub signed_by: Option<[u8; 32]>,
    /// SHA-256 of it as it came, by which a grant names it.
    pub sha256: [u8; 32],
}

/// A part in which a grant may differ from its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What for.
    Purpose,
    /// For how long.
    Time,
    /// How often.
    Openings,
    /// The categories.
    Categories,
    /// The codes.
    Codes,
    /// The earliest date of a record.
    Since,
    /// The latest date of a record.
    Until,
    /// The records named one by one.
    Pinned,
    /// The sensitive labels that are left out.
    Sensitive,
    /// Later changes: live is wider than a snapshot.
    Content,
    /// Looking, keeping a copy.
    Access,
    /// The forms.
    Formats,
    /// What the recipient is bound to.
    Obligations,
}

/// How it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Less than was asked.
    Narrower,
    /// Something that was not asked.
    Wider,
}

/// One difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// In what.
    pub part: Part,
    /// How.
    pub direction: Direction,
}

impl Request {
    /// Reads a request, signed or not.
    ///
    /// # Errors
    /// Every form but the documented one is refused with the reason; [`Error::Signature`] if it was altered.
    pub fn read(bytes: &[u8]) -> Result<Received> {
        let sha256 = Sha256::digest(bytes).into();
        // Tag 18: a COSE_Sign1.
        let (request, signed_by) = if bytes.first() == Some(&0xd2) {
            let verified = cose::verify(bytes, AAD, "request", MAX_BYTES)?;
            (Self::from_bytes(&verified.payload)?, Some(verified.key))
        } else {
            (Self::from_bytes(bytes)?, None)
        };
        Ok(Received { request, signed_by, sha256 })
    }

    /// Writes it, signed by `key` or not.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::TooLarge`] naming the part.
    pub fn write(&self, key: Option<&GrantKey>) -> Result<Vec<u8>> {
        self.check()?;
        let bytes = self.to_bytes()?;
        let bytes = match key {
            None => bytes,
            Some(key) => cose::sign(bytes, AAD, key)?,
        };
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLarge { what: "request", limit: MAX_BYTES as u64 });
        }
        Ok(bytes)
    }

    /// Where a grant that is about to be given differs from what was asked.
    pub fn compare(&self, given: &GrantDraft) -> Vec<Change> {
        let asked = self.terms();
        let given_terms = terms(&given.what, given.how, given.expires.saturating_sub(given.not_before))
            .with(given.max_openings, given.obligations);
        let mut changes = Vec::new();
        if given.purpose != self.purpose {
            changes.push(Change { part: Part::Purpose, direction: Direction::Wider });
        }
        for (part, take) in PARTS {
            // What was asked, but for this one part.
            let mut one = asked.clone();
            take(&mut one, &given_terms);
            if !one.is_within(&asked) {
                changes.push(Change { part, direction: Direction::Wider });
            } else if one != asked {
                changes.push(Change { part, direction: Direction::Narrower });
            }
        }
        changes
    }

    /// What the signed request or its hash makes of a draft: the grant that answers it. `may_widen`: the patient was shown
    /// each part in which it gives more than was asked, and wants that.
    ///
    /// # Errors
    /// [`Error::Wider`] if it gives more and may not.
    pub fn answer(&self, sha256: [u8; 32], draft: GrantDraft, may_widen: bool) -> Result<GrantDraft> {
        let wider = self.compare(&draft).iter().any(|change| change.direction == Direction::Wider);
        if wider && !may_widen {
            return Err(Error::Wider);
        }
        Ok(GrantDraft { request: Some(RequestRef { by: self.by.clone(), sha256 }), ..draft })
    }

    fn terms(&self) -> Terms {
        terms(&self.what, self.how, self.seconds.into()).with(self.max_openings, self.obligations)
    }

    fn check(&self) -> Result<()> {
        time::check(self.asked_at, "time of the request")?;
        if self.class == RecipientClass::Anyone {
            return Err(Error::Invalid("kind of recipient"));
        }
        if !(1..=MAX_SECONDS).contains(&self.seconds) {
            return Err(Error::Invalid("time asked for"));
        }
        if self.max_openings == Some(0) {
            return Err(Error::Invalid("number of openings"));
        }
        if self.how.access.is_empty() || self.how.formats.is_empty() {
            return Err(Error::Invalid("way of sharing"));
        }
        self.what.check()
    }

    fn to_bytes(&self) -> Result<Vec<u8>> {
        let map = Map::new()
            .put(1, VERSION)
            .put(2, self.by.as_str())
            .put(3, self.class.number())
            .put(4, self.purpose.number())
            .put(5, scope_value(&self.what))
            .put(6, self.how.access.bits())
            .put(7, self.how.formats.bits())
            .put(8, self.seconds)
            .put_some(9, self.max_openings)
            .put_some(10, claims::some_set(self.obligations))
            .put(11, self.asked_at)
            .put(12, Value::Bytes(self.nonce.to_vec()));
        cbor::encode(&map.into_value())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut map = Members::new(cbor::decode(bytes, "request", MAX_BYTES)?)?;
        if cbor::integer::<u8>(&map.need(1, "version")?, "version of the request")? != VERSION {
            return Err(Error::UnknownClaim);
        }
        let request = Self {
            by: Name::new(cbor::text(&map.need(2, "name of who asks")?, "name of who asks")?)?,
            class: word(&map.need(3, "kind of recipient")?)?,
            purpose: word(&map.need(4, "purpose")?)?,
            what: scope(map.need(5, "choice of records")?)?,
            how: Modes { access: set(&map.need(6, "access")?)?, formats: set(&map.need(7, "format")?)? },
            seconds: cbor::integer(&map.need(8, "time asked for")?, "time asked for")?,
            max_openings: map.take(9).map(|value| cbor::integer(&value, "number of openings")).transpose()?,
            obligations: map.take(10).map(|value| claims::non_empty_set(&value)).transpose()?.unwrap_or_default(),
            asked_at: cbor::integer(&map.need(11, "time of the request")?, "time of the request")?,
            nonce: cbor::array(&map.need(12, "nonce")?, "nonce")?,
        };
        map.finish()?;
        request.check()?;
        Ok(request)
    }
}

/// Bound into a request's signature, so that it can never be taken for a grant's.
const AAD: &[u8] = b"carnet/request/v1\0";

type Take = fn(&mut Terms, &Terms);

/// Each part, and how it is taken from other terms.
const PARTS: [(Part, Take); 12] = [
    (Part::Time, |to, from| (to.not_before, to.expires) = (from.not_before, from.expires)),
    (Part::Openings, |to, from| to.max_openings = from.max_openings),
    (Part::Categories, |to, from| to.categories = from.categories),
    (Part::Codes, |to, from| to.codes.clone_from(&from.codes)),
    (Part::Since, |to, from| to.since.clone_from(&from.since)),
    (Part::Until, |to, from| to.until.clone_from(&from.until)),
    (Part::Pinned, |to, from| to.pinned.clone_from(&from.pinned)),
    (Part::Sensitive, |to, from| to.leaves_out = from.leaves_out),
    (Part::Content, |to, from| to.content = from.content),
    (Part::Access, |to, from| to.access = from.access),
    (Part::Formats, |to, from| to.formats = from.formats),
    (Part::Obligations, |to, from| to.obligations = from.obligations),
];

/// A length of time counts, not when it starts.
fn terms(what: &Scope, how: Modes, seconds: i64) -> Terms {
    Terms {
        not_before: 0,
        expires: seconds,
        max_openings: None,
        categories: what.categories,
        codes: (!what.codes.is_empty()).then(|| what.codes.clone()),
        since: what.since.clone(),
        until: what.until.clone(),
        pinned: what.pinned.clone(),
        leaves_out: what.leaves_out,
        content: what.content,
        access: how.access,
        formats: how.formats,
        obligations: Set::default(),
    }
}

impl Terms {
    fn with(self, max_openings: Option<u32>, obligations: Set<Obligation>) -> Self {
        Self { max_openings, obligations, ..self }
    }
}

#[cfg(test)]
mod tests;
