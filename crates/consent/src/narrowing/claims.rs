//! A step as a CWT claims set, with the keys and forms of a grant.

use super::Narrowing;
use crate::cbor::{self, Map, Members};
use crate::grant::claims::{
    ACCESS, AUD, CATEGORIES, CNF, CODES, EXP, FORMATS, GRANT, LEAVES_OUT, MAX_OPENINGS, NBF, OBLIGATIONS, PINNED,
    SINCE, TABLE_VERSION, UNTIL, VERSION, WHAT, codes, codes_value, date, holder_key_from_value, holder_key_value,
    non_empty_set, pinned, pinned_value, some_set,
};
use crate::grant::{Code, FhirDate, Name, Scope};
use crate::{Error, Result, time};

impl Narrowing {
    pub(super) fn check(&self) -> Result<()> {
        for (seconds, name) in [(self.not_before, "start of the step"), (self.expires, "end of the step")] {
            seconds.map(|seconds| time::check(seconds, name)).transpose()?;
        }
        let empty = self.categories.is_some_and(|set| set.is_empty())
            || self.access.is_some_and(|set| set.is_empty())
            || self.formats.is_some_and(|set| set.is_empty())
            || self.pinned.as_ref().is_some_and(Vec::is_empty);
        if empty || self.max_openings == Some(0) {
            return Err(Error::Invalid("step: it would leave nothing"));
        }
        let long = self.codes.len() > Scope::MAX_CODES
            || self.pinned.as_ref().is_some_and(|pinned| pinned.len() > Scope::MAX_PINNED);
        if long {
            return Err(Error::TooLarge { what: "list", limit: Scope::MAX_CODES as u64 });
        }
        self.codes.iter().try_for_each(Code::check)?;
        self.holder.as_ref().map(crate::cose::verifying_key).transpose()?;
        Ok(())
    }
}

pub(super) fn to_bytes(step: &Narrowing) -> Result<Vec<u8>> {
    let what = Map::new()
        .put_some(CATEGORIES, step.categories.map(|set| set.bits()))
        .put_some(CODES, (!step.codes.is_empty()).then(|| codes_value(&step.codes)))
        .put_some(SINCE, step.since.as_ref().map(FhirDate::as_str))
        .put_some(UNTIL, step.until.as_ref().map(FhirDate::as_str))
        .put_some(PINNED, step.pinned.as_ref().map(|pinned| pinned_value(pinned)))
        .put_some(LEAVES_OUT, some_set(step.leaves_out))
        .into_value();
    let own = Map::new()
        .put(VERSION, TABLE_VERSION)
        .put_some(WHAT, what.as_map().is_some_and(|members| !members.is_empty()).then_some(what))
        .put_some(ACCESS, step.access.map(|set| set.bits()))
        .put_some(FORMATS, step.formats.map(|set| set.bits()))
        .put_some(MAX_OPENINGS, step.max_openings)
        .put_some(OBLIGATIONS, some_set(step.obligations));
    let claims = Map::new()
        .put_some(AUD, step.recipient.as_ref().map(Name::as_str))
        .put_some(EXP, step.expires)
        .put_some(NBF, step.not_before)
        .put_some(CNF, step.holder.as_ref().map(holder_key_value))
        .put(GRANT, own.into_value());
    cbor::encode(&claims.into_value())
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Narrowing> {
    let mut claims = Members::new(cbor::decode(bytes, "step", super::MAX_STEP_BYTES)?)?;
    let mut own = Members::new(claims.need(GRANT, "terms")?)?;
    if cbor::integer::<u8>(&own.need(VERSION, "version")?, "version of the step")? != TABLE_VERSION {
        return Err(Error::UnknownClaim);
    }
    let what = own.take(WHAT);
    if what.as_ref().and_then(|what| what.as_map()).is_some_and(Vec::is_empty) {
        return Err(Error::NotDeterministic);
    }
    let mut what = Members::new(what.unwrap_or_else(|| Map::new().into_value()))?;
    let step = Narrowing {
        recipient: claims.take(AUD).map(|value| Name::new(cbor::text(&value, "recipient of the step")?)).transpose()?,
        holder: claims.take(CNF).map(holder_key_from_value).transpose()?,
        not_before: claims.take(NBF).map(|value| cbor::integer(&value, "start of the step")).transpose()?,
        expires: claims.take(EXP).map(|value| cbor::integer(&value, "end of the step")).transpose()?,
        max_openings: own.take(MAX_OPENINGS).map(|value| cbor::integer(&value, "number of openings")).transpose()?,
        categories: what.take(CATEGORIES).map(|value| non_empty_set(&value)).transpose()?,
        codes: what.take(CODES).map(codes).transpose()?.unwrap_or_default(),
        since: what.take(SINCE).map(date).transpose()?,
        until: what.take(UNTIL).map(date).transpose()?,
        pinned: what.take(PINNED).map(pinned).transpose()?,
        leaves_out: what.take(LEAVES_OUT).map(|value| non_empty_set(&value)).transpose()?.unwrap_or_default(),
        access: own.take(ACCESS).map(|value| non_empty_set(&value)).transpose()?,
        formats: own.take(FORMATS).map(|value| non_empty_set(&value)).transpose()?,
        obligations: own.take(OBLIGATIONS).map(|value| non_empty_set(&value)).transpose()?.unwrap_or_default(),
    };
    what.finish()?;
    own.finish()?;
    claims.finish()?;
    step.check()?;
    Ok(step)
}
