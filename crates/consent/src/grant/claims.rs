//! The closed table of claims, and the grant as a CWT claims set in deterministic CBOR.

use super::tables::{Member, Set};
use super::{
    Code, DEFAULT_MAX_STALE, FhirDate, Grant, Language, LedgerRef, Modes, Name, Notice, Recipient, RequestRef, Scope,
};
use crate::cbor::{self, Map, Members, Value};
use crate::{Error, GrantId, Result};

// Registered CWT claims (RFC 8392; `cnf` is RFC 8747).
pub(crate) const AUD: i64 = 3;
pub(crate) const EXP: i64 = 4;
pub(crate) const NBF: i64 = 5;
const IAT: i64 = 6;
const CTI: i64 = 7;
pub(crate) const CNF: i64 = 8;
/// The grant's own claims, as one map under one private-use key (RFC 8392 section 9.1: below -65536).
pub(crate) const GRANT: i64 = -65_537;

// Keys within that map.
pub(crate) const VERSION: i64 = 1;
const GRANTER: i64 = 2;
const CLASS: i64 = 3;
const IDENTIFIED_BY: i64 = 4;
const REQUEST: i64 = 5;
const PURPOSE: i64 = 6;
pub(crate) const WHAT: i64 = 7;
pub(crate) const ACCESS: i64 = 8;
pub(crate) const FORMATS: i64 = 9;
pub(crate) const MAX_OPENINGS: i64 = 10;
const ERASE_BY: i64 = 11;
pub(crate) const OBLIGATIONS: i64 = 12;
const NOTICE: i64 = 13;
const WITHDRAWAL_TAG: i64 = 14;
const POLICY: i64 = 15;
const MAX_STALE: i64 = 16;
const ENTRIES_ROOT: i64 = 17;
const ENTRIES: i64 = 18;
const SUPERSEDES: i64 = 19;

// Keys within `what`.
pub(crate) const CATEGORIES: i64 = 1;
pub(crate) const CODES: i64 = 2;
pub(crate) const SINCE: i64 = 3;
pub(crate) const UNTIL: i64 = 4;
pub(crate) const PINNED: i64 = 5;
pub(crate) const LEAVES_OUT: i64 = 6;
const LEFT_OUT: i64 = 7;
const CONTENT: i64 = 8;

/// The version of this table.
pub(crate) const TABLE_VERSION: u8 = 1;

/// The claims set of a grant. The key is not among them: it stands in the signed header.
pub(super) fn to_bytes(grant: &Grant) -> Result<Vec<u8>> {
    let own = Map::new()
        .put(VERSION, TABLE_VERSION)
        .put(GRANTER, grant.granter.number())
        .put(CLASS, grant.recipient.class.number())
        .put(IDENTIFIED_BY, grant.recipient.identified_by.number())
        .put_some(
            REQUEST,
            grant
                .request
                .as_ref()
                .map(|request| Value::Array(vec![Value::from(request.by.as_str()), cbor::bytes(&request.sha256)])),
        )
        .put(PURPOSE, grant.purpose.number())
        .put(WHAT, scope_value(&grant.what))
        .put(ACCESS, grant.how.access.bits())
        .put(FORMATS, grant.how.formats.bits())
        .put_some(MAX_OPENINGS, grant.max_openings)
        .put_some(ERASE_BY, grant.erase_by)
        .put_some(OBLIGATIONS, some_set(grant.obligations))
        .put(NOTICE, Value::Array(vec![Value::from(grant.notice.language.as_str()), Value::from(grant.notice.version)]))
        .put(WITHDRAWAL_TAG, cbor::bytes(&grant.withdrawal_tag))
        .put(POLICY, cbor::bytes(&grant.ledger.policy_sha256))
        .put_some(MAX_STALE, (grant.max_stale != DEFAULT_MAX_STALE).then_some(grant.max_stale))
        .put(ENTRIES_ROOT, cbor::bytes(&grant.entries_root))
        .put(ENTRIES, grant.entries)
        .put_some(SUPERSEDES, grant.supersedes.as_ref().map(|sha256| cbor::bytes(sha256)));
    let claims = Map::new()
        .put_some(AUD, grant.recipient.name.as_ref().map(Name::as_str))
        .put(EXP, grant.expires)
        .put(NBF, grant.not_before)
        .put(IAT, grant.issued_at)
        .put(CTI, cbor::bytes(grant.id.as_bytes()))
        .put_some(CNF, grant.recipient.key.as_ref().map(holder_key_value))
        .put(GRANT, own.into_value());
    cbor::encode(&claims.into_value())
}

/// Reads a claims set signed by `key`. Whatever is default must be left out, so that a grant has one encoding.
pub(super) fn from_bytes(bytes: &[u8], key: [u8; 32]) -> Result<Grant> {
    let mut claims = Members::new(cbor::decode(bytes, "grant", super::MAX_SIGNED_BYTES)?)?;
    let name = claims.take(AUD).map(|value| Name::new(cbor::text(&value, "name of the recipient")?)).transpose()?;
    let expires = cbor::integer(&claims.need(EXP, "end")?, "end of the grant")?;
    let not_before = cbor::integer(&claims.need(NBF, "start")?, "start of the grant")?;
    let issued_at = cbor::integer(&claims.need(IAT, "time of signing")?, "time of signing")?;
    let id = GrantId::from_bytes(cbor::array(&claims.need(CTI, "name")?, "name of the grant")?);
    let holder = claims.take(CNF).map(holder_key_from_value).transpose()?;
    let mut own = Members::new(claims.need(GRANT, "terms")?)?;
    claims.finish()?;

    if cbor::integer::<u8>(&own.need(VERSION, "version")?, "version of the grant")? != TABLE_VERSION {
        return Err(Error::UnknownClaim);
    }
    let grant = Grant {
        id,
        key,
        granter: word(&own.need(GRANTER, "granter")?)?,
        recipient: Recipient {
            class: word(&own.need(CLASS, "kind of recipient")?)?,
            name,
            identified_by: word(&own.need(IDENTIFIED_BY, "way the recipient is known")?)?,
            key: holder,
        },
        request: own.take(REQUEST).map(request).transpose()?,
        purpose: word(&own.need(PURPOSE, "purpose")?)?,
        what: scope(own.need(WHAT, "choice of records")?)?,
        how: Modes { access: set(&own.need(ACCESS, "access")?)?, formats: set(&own.need(FORMATS, "format")?)? },
        issued_at,
        not_before,
        expires,
        max_openings: own.take(MAX_OPENINGS).map(|value| cbor::integer(&value, "number of openings")).transpose()?,
        erase_by: own.take(ERASE_BY).map(|value| cbor::integer(&value, "time of erasure")).transpose()?,
        obligations: own.take(OBLIGATIONS).map(|value| non_empty_set(&value)).transpose()?.unwrap_or_default(),
        notice: notice(&own.need(NOTICE, "notice")?)?,
        withdrawal_tag: cbor::array(&own.need(WITHDRAWAL_TAG, "withdrawal tag")?, "withdrawal tag")?,
        ledger: LedgerRef { policy_sha256: cbor::array(&own.need(POLICY, "ledger")?, "ledger")? },
        max_stale: match own.take(MAX_STALE) {
            None => DEFAULT_MAX_STALE,
            Some(value) => match cbor::integer(&value, "longest age of a check")? {
                DEFAULT_MAX_STALE => return Err(Error::NotDeterministic),
                seconds => seconds,
            },
        },
        entries_root: cbor::array(&own.need(ENTRIES_ROOT, "root of entries")?, "root of entries")?,
        entries: cbor::integer(&own.need(ENTRIES, "number of entries")?, "number of entries")?,
        supersedes: own.take(SUPERSEDES).map(|value| cbor::array(&value, "earlier grant")).transpose()?,
    };
    own.finish()?;
    grant.check()?;
    Ok(grant)
}

/// A holder's key as `cnf` (RFC 8747): `{1: COSE_Key}` with kty OKP and crv Ed25519.
pub(crate) fn holder_key_value(key: &[u8; 32]) -> Value {
    let cose_key = Map::new().put(1, 1).put(-1, 6).put(-2, cbor::bytes(key)).into_value();
    Map::new().put(1, cose_key).into_value()
}

/// Reads what [`holder_key_value`] writes.
pub(crate) fn holder_key_from_value(value: Value) -> Result<[u8; 32]> {
    let mut cnf = Members::new(value)?;
    let mut key = Members::new(cnf.need(1, "holder's key")?)?;
    cnf.finish()?;
    let kind: u8 = cbor::integer(&key.need(1, "holder's key")?, "holder's key")?;
    let curve: u8 = cbor::integer(&key.need(-1, "holder's key")?, "holder's key")?;
    let x = cbor::array(&key.need(-2, "holder's key")?, "holder's key")?;
    key.finish()?;
    if (kind, curve) == (1, 6) { Ok(x) } else { Err(Error::Algorithm) }
}

pub(crate) fn scope_value(scope: &Scope) -> Value {
    Map::new()
        .put_some(CATEGORIES, scope.categories.map(|categories| categories.bits()))
        .put_some(CODES, (!scope.codes.is_empty()).then(|| codes_value(&scope.codes)))
        .put_some(SINCE, scope.since.as_ref().map(FhirDate::as_str))
        .put_some(UNTIL, scope.until.as_ref().map(FhirDate::as_str))
        .put_some(PINNED, (!scope.pinned.is_empty()).then(|| pinned_value(&scope.pinned)))
        .put_some(LEAVES_OUT, some_set(scope.leaves_out))
        .put(LEFT_OUT, scope.left_out.number())
        .put(CONTENT, scope.content.number())
        .into_value()
}

pub(crate) fn codes_value(codes: &[Code]) -> Value {
    let pair = |Code { system, code }: &Code| vec![Value::from(system.as_str()), Value::from(code.as_str())];
    Value::Array(codes.iter().map(|code| Value::Array(pair(code))).collect())
}

pub(crate) fn pinned_value(pinned: &[[u8; 32]]) -> Value {
    Value::Array(pinned.iter().map(|id| cbor::bytes(id)).collect())
}

pub(crate) fn codes(value: Value) -> Result<Vec<Code>> {
    list(value, Scope::MAX_CODES, code)
}

pub(crate) fn pinned(value: Value) -> Result<Vec<[u8; 32]>> {
    list(value, Scope::MAX_PINNED, |item| cbor::array(&item, "pinned record"))
}

pub(crate) fn date(value: Value) -> Result<FhirDate> {
    FhirDate::new(cbor::text(&value, "date")?)
}

pub(crate) fn scope(value: Value) -> Result<Scope> {
    let mut scope = Members::new(value)?;
    let read = Scope {
        categories: scope.take(CATEGORIES).map(|value| non_empty_set(&value)).transpose()?,
        codes: scope.take(CODES).map(codes).transpose()?.unwrap_or_default(),
        since: scope.take(SINCE).map(date).transpose()?,
        until: scope.take(UNTIL).map(date).transpose()?,
        pinned: scope.take(PINNED).map(pinned).transpose()?.unwrap_or_default(),
        leaves_out: scope.take(LEAVES_OUT).map(|value| non_empty_set(&value)).transpose()?.unwrap_or_default(),
        left_out: word(&scope.need(LEFT_OUT, "note on what was left out")?)?,
        content: word(&scope.need(CONTENT, "kind of content")?)?,
    };
    scope.finish()?;
    Ok(read)
}

/// A list of 1 to `max` items; an empty one is left out, not written.
fn list<T>(value: Value, max: usize, item: impl FnMut(Value) -> Result<T>) -> Result<Vec<T>> {
    let Value::Array(items) = value else { return Err(Error::Invalid("list")) };
    match items.len() {
        0 => Err(Error::NotDeterministic),
        len if len > max => Err(Error::TooLarge { what: "list", limit: max as u64 }),
        _ => items.into_iter().map(item).collect(),
    }
}

fn code(value: Value) -> Result<Code> {
    match value.as_array().map(Vec::as_slice) {
        Some([system, code]) => {
            Ok(Code { system: cbor::text(system, "code")?.to_owned(), code: cbor::text(code, "code")?.to_owned() })
        }
        _ => Err(Error::Invalid("code")),
    }
}

fn request(value: Value) -> Result<RequestRef> {
    match value.as_array().map(Vec::as_slice) {
        Some([by, sha256]) => {
            Ok(RequestRef { by: Name::new(cbor::text(by, "request")?)?, sha256: cbor::array(sha256, "request")? })
        }
        _ => Err(Error::Invalid("request")),
    }
}

fn notice(value: &Value) -> Result<Notice> {
    match value.as_array().map(Vec::as_slice) {
        Some([language, version]) => Ok(Notice {
            language: Language::new(cbor::text(language, "notice")?)?,
            version: cbor::integer(version, "notice")?,
        }),
        _ => Err(Error::Invalid("notice")),
    }
}

pub(crate) fn word<T: Member>(value: &Value) -> Result<T> {
    T::from_number(cbor::integer(value, "word of a closed table")?).ok_or(Error::UnknownClaim)
}

pub(crate) fn set<T: Member>(value: &Value) -> Result<Set<T>> {
    Set::from_bits(cbor::integer(value, "set of a closed table")?).ok_or(Error::UnknownClaim)
}

/// A set that is left out when empty.
pub(crate) fn non_empty_set<T: Member>(value: &Value) -> Result<Set<T>> {
    let set = set(value)?;
    if set.is_empty() { Err(Error::NotDeterministic) } else { Ok(set) }
}

pub(crate) fn some_set<T: Member>(set: Set<T>) -> Option<u32> {
    (!set.is_empty()).then(|| set.bits())
}
