//! Reads the links that are out there, not only those that should be.

use super::{ContentKey, Flags, LAST_SECOND, Label, ManifestUrl, Preview, SmartHealthLink, find};
use crate::{Error, Result, base64url};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// The longest text looked at: a link in the largest QR code has 2,331 characters at error correction M.
const MAX_TEXT: usize = 16 * 1024;

pub(super) fn parse(text: &str) -> Result<SmartHealthLink> {
    if text.len() > MAX_TEXT {
        return Err(Error::LinkTooLong);
    }
    read_payload(&members(&find::first(&find::decoded(text))?)?)
}

pub(super) fn preview(text: &str) -> Result<Preview> {
    if text.len() > MAX_TEXT {
        return Err(Error::LinkTooLong);
    }
    let payload = members(&find::first(&find::decoded(text))?)?;
    Ok(Preview {
        label: read_label(&payload)?,
        exp: read_expiry(payload.get("exp"))?,
        flags: read_flags(&payload)?,
        version: read_version(&payload)?,
    })
}

pub(super) fn find_all(text: &str) -> Result<Vec<Result<SmartHealthLink>>> {
    if text.len() > SmartHealthLink::MAX_LETTER {
        return Err(Error::LinkTooLong);
    }
    let text = find::decoded(text);
    let read = |payload: find::Payload<'_>| read_payload(&members(&payload)?);
    Ok(find::Payloads::new(&text).take(SmartHealthLink::MAX_LINKS).map(read).collect())
}

/// The members of a payload, from the shortest run of lines that holds one.
fn members(payload: &find::Payload<'_>) -> Result<Map<String, Value>> {
    payload
        .candidates()
        .take_while(|candidate| candidate.len() <= MAX_TEXT)
        .find_map(|candidate| {
            let encoded = Zeroizing::new(base64url::to_url_alphabet(&candidate));
            let json = Zeroizing::new(base64url::decode(&encoded, Error::LinkDamaged).ok()?);
            serde_json::from_slice(&json).ok()
        })
        .ok_or(Error::LinkDamaged)
}

fn read_payload(payload: &Map<String, Value>) -> Result<SmartHealthLink> {
    // The version first: the other members of a later one may mean something else.
    match read_version(payload)? {
        1 => {}
        version => return Err(Error::LinkVersion { version }),
    }
    let url = text_member(payload, "url")?.ok_or(Error::LinkField { field: "url" })?;
    let key = text_member(payload, "key")?.ok_or(Error::LinkField { field: "key" })?;
    let key = base64url::decode_32(key.trim(), Error::LinkField { field: "key" })?;
    Ok(SmartHealthLink {
        url: ManifestUrl::from_stranger(url.trim())?,
        key: ContentKey::from_bytes(key),
        exp: read_expiry(payload.get("exp"))?,
        flags: read_flags(payload)?,
        label: read_label(payload)?,
        // A stranger's `_g` may be anything; it is ours only if it is 32 bytes.
        grant_hash: payload
            .get("_g")
            .and_then(Value::as_str)
            .and_then(|text| base64url::decode_32(text, Error::LinkDamaged).ok()),
    })
}

fn read_version(payload: &Map<String, Value>) -> Result<u64> {
    match payload.get("v") {
        None | Some(Value::Null) => Ok(1),
        Some(value) => {
            let version = as_integer(value).ok_or(Error::LinkField { field: "v" })?;
            Ok(u64::try_from(version).unwrap_or(0))
        }
    }
}

fn read_flags(payload: &Map<String, Value>) -> Result<Flags> {
    Ok(text_member(payload, "flag")?.map(Flags::parse).transpose()?.unwrap_or_default())
}

fn read_label(payload: &Map<String, Value>) -> Result<Option<Label>> {
    Ok(text_member(payload, "label")?.map(Label::from_stranger).filter(|label| !label.as_str().is_empty()))
}

/// A member that is text if it is there at all.
fn text_member<'a>(payload: &'a Map<String, Value>, field: &'static str) -> Result<Option<&'a str>> {
    match payload.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::LinkField { field }),
    }
}

/// Seconds, milliseconds, with a fraction, as a number or as text: all of these are in use.
fn read_expiry(value: Option<&Value>) -> Result<Option<i64>> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    let number = as_integer(value).ok_or(Error::LinkField { field: "exp" })?;
    let seconds = if number > LAST_SECOND { number / 1000 } else { number };
    if (0..=LAST_SECOND).contains(&seconds) { Ok(Some(seconds)) } else { Err(Error::LinkField { field: "exp" }) }
}

/// A whole number; a fraction is cut off.
fn as_integer(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole);
    }
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && number.abs() < 9.0e15)?;
    #[allow(clippy::cast_possible_truncation)] // within 2^53, checked above
    Some(number.trunc() as i64)
}
