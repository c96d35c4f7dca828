//! Passing on less than one was given: a chain of steps, each signed by the holder named before it.
//!
//! A grant may name a holder's key. That holder signs a step that takes something away and may name the next holder,
//! and so on. A step is a COSE_Sign1 message like a grant, signed by the key named before it, with SHA-256 of the
//! message before it as external data, so it fits behind that one message only. What a chain allows is the
//! intersection of all its parts: a step has no way to say "more".

mod claims;
mod terms;

pub use terms::Terms;

use crate::cbor::{self, Value};
use crate::grant::{
    Access, Category, Code, FhirDate, Format, Grant, GrantKey, MAX_SIGNED_BYTES, Name, Obligation, Sensitivity, Set,
    SignedGrant,
};
use crate::{Error, Result, cose};
use sha2::{Digest, Sha256};

/// The most steps behind one grant.
pub const MAX_STEPS: usize = 8;
/// The most bytes of one step.
pub const MAX_STEP_BYTES: usize = 8 * 1024;
/// The most bytes of a chain.
pub const MAX_CHAIN_BYTES: usize = MAX_SIGNED_BYTES + MAX_STEPS * MAX_STEP_BYTES + 64;

/// What one step takes away. A part that is not there takes nothing away.
///
/// Its claims are those of a grant with the same keys, in the same form: 3 the next holder's name, 4 and 5 the time, 8
/// the next holder's key, and under -65537 a map of 1 version, 7 what, 8 and 9 access and formats, 10 most openings,
/// 12 obligations. Version and the map are always there, everything else is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// To whom it is passed on.
    pub recipient: Option<Name>,
    /// The key that may pass it on again; none: the chain ends here.
    pub holder: Option<[u8; 32]>,
    /// Not before, Unix seconds.
    pub not_before: Option<i64>,
    /// Only until, Unix seconds.
    pub expires: Option<i64>,
    /// Only so many openings.
    pub max_openings: Option<u32>,
    /// Only these categories.
    pub categories: Option<Set<Category>>,
    /// Only these codes; empty: all.
    pub codes: Vec<Code>,
    /// Only records of this date or later.
    pub since: Option<FhirDate>,
    /// Only records of this date or earlier.
    pub until: Option<FhirDate>,
    /// Of the pinned records only these; none: all of them.
    pub pinned: Option<Vec<[u8; 32]>>,
    /// Leave these labels out too.
    pub leaves_out: Set<Sensitivity>,
    /// Only this access.
    pub access: Option<Set<Access>>,
    /// Only these formats.
    pub formats: Option<Set<Format>>,
    /// These obligations too.
    pub obligations: Set<Obligation>,
}

/// A grant and the steps behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    grant: SignedGrant,
    steps: Vec<Vec<u8>>,
}

/// What a chain allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The grant in front, as signed.
    pub grant: Grant,
    /// What is left of it.
    pub terms: Terms,
    /// To whom it was passed on last; none: to nobody.
    pub recipient: Option<Name>,
    /// The key that may pass it on; none: nobody may.
    pub holder: Option<[u8; 32]>,
}

impl Chain {
    /// A chain of a grant alone.
    pub fn new(grant: SignedGrant) -> Self {
        Self { grant, steps: Vec::new() }
    }

    /// Adds a step, signed by the holder that the last part names.
    ///
    /// # Errors
    /// [`Error::BrokenChain`] if this is not that holder's key, or nobody may pass it on; [`Error::TooLarge`] beyond
    /// [`MAX_STEPS`] or [`MAX_STEP_BYTES`]; [`Error::Invalid`] if the step's values are out of range.
    pub fn narrow(&self, step: &Narrowing, key: &GrantKey) -> Result<Self> {
        if self.verify()?.holder != Some(key.public()) {
            return Err(Error::BrokenChain);
        }
        if self.steps.len() >= MAX_STEPS {
            return Err(Error::TooLarge { what: "number of steps", limit: MAX_STEPS as u64 });
        }
        step.check()?;
        let bytes = cose::sign(claims::to_bytes(step)?, &Sha256::digest(self.last()), key)?;
        if bytes.len() > MAX_STEP_BYTES {
            return Err(Error::TooLarge { what: "step", limit: MAX_STEP_BYTES as u64 });
        }
        let mut longer = self.clone();
        longer.steps.push(bytes);
        Ok(longer)
    }

    /// Checks every signature, that each step was made by the holder named before it and for just this place, and gives
    /// what is left.
    ///
    /// # Errors
    /// [`Error::BrokenChain`] if a step was signed by another key than the one named; [`Error::Signature`] if it was
    /// altered or belongs elsewhere; what [`SignedGrant::verify`] refuses.
    pub fn verify(&self) -> Result<Effective> {
        let grant = SignedGrant::verify(self.grant.as_bytes())?;
        let mut effective = Effective { terms: Terms::of(&grant), recipient: None, holder: grant.recipient.key, grant };
        let mut before = self.grant.as_bytes();
        for bytes in &self.steps {
            let step = cose::verify(bytes, &Sha256::digest(before), "step", MAX_STEP_BYTES)?;
            if effective.holder != Some(step.key) {
                return Err(Error::BrokenChain);
            }
            let step = claims::from_bytes(&step.payload)?;
            effective.terms.narrow(&step);
            effective.holder = step.holder;
            effective.recipient = step.recipient.or(effective.recipient);
            before = bytes;
        }
        Ok(effective)
    }

    /// The chain as a CBOR array of byte strings, the grant first.
    ///
    /// # Errors
    /// None that a chain made here can have.
    pub fn to_cbor(&self) -> Result<Vec<u8>> {
        let parts = std::iter::once(self.grant.as_bytes()).chain(self.steps.iter().map(Vec::as_slice));
        cbor::encode(&Value::Array(parts.map(cbor::bytes).collect()))
    }

    /// Reads a chain and checks it as [`Chain::verify`] does.
    ///
    /// # Errors
    /// As [`Chain::verify`], and [`Error::TooLarge`] beyond the limits.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self> {
        let Value::Array(parts) = cbor::decode(bytes, "chain", MAX_CHAIN_BYTES)? else {
            return Err(Error::Invalid("chain"));
        };
        let mut parts = parts.into_iter().map(|part| part.into_bytes().map_err(|_| Error::Invalid("chain")));
        let grant = SignedGrant::from_bytes(parts.next().ok_or(Error::Invalid("chain"))??)?;
        if parts.len() > MAX_STEPS {
            return Err(Error::TooLarge { what: "number of steps", limit: MAX_STEPS as u64 });
        }
        let chain = Self { grant, steps: parts.collect::<Result<_>>()? };
        chain.verify()?;
        Ok(chain)
    }

    /// How many steps there are.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    fn last(&self) -> &[u8] {
        self.steps.last().map_or(self.grant.as_bytes(), Vec::as_slice)
    }
}

#[cfg(test)]
mod tests;
